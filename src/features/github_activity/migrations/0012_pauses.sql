-- When members wanted nothing shown about them: what they did then is never shown. All such times,
-- not just the last one.
CREATE TABLE pause (
  workspace_id TEXT NOT NULL,
  member TEXT NOT NULL,             -- user id; of somebody who disconnected, an HMAC of it
  began_at BIGINT NOT NULL,
  ended_at BIGINT,                  -- NULL: since a disconnect, until the next connect
  PRIMARY KEY (workspace_id, member, began_at)
);
INSERT INTO pause (workspace_id, member, began_at, ended_at)
  SELECT workspace_id, user_id, pause_began_at, pause_ended_at FROM github_account
  WHERE pause_ended_at > pause_began_at;
ALTER TABLE github_account DROP COLUMN pause_began_at;
ALTER TABLE github_account DROP COLUMN pause_ended_at;

ALTER TABLE digest_member ADD COLUMN message BIGINT NOT NULL DEFAULT 0;  -- which one shows the member; 0: none

-- Late activity is found by when it came in.
CREATE INDEX activity_late ON activity (github_id, stored_at, created_at);
