-- Activity is stored much more often than it is read, and read by account alone: one key and one
-- index instead of five. What came in and what is the newest is kept per account.
ALTER TABLE activity RENAME TO activity_before;
CREATE TABLE activity (
  github_id BIGINT NOT NULL,        -- of the actor
  event_id TEXT NOT NULL,           -- GitHub's
  type TEXT NOT NULL,               -- PushEvent, WatchEvent, ...
  repo TEXT NOT NULL,               -- owner/name
  facts TEXT NOT NULL,              -- JSON: what the catalog reads
  created_at BIGINT NOT NULL,
  stored_at BIGINT NOT NULL,        -- never before created_at, whatever the clocks say
  PRIMARY KEY (github_id, event_id)
) WITHOUT ROWID;
INSERT INTO activity (github_id, event_id, type, repo, facts, created_at, stored_at)
  SELECT github_id, event_id, type, repo, facts, created_at,
    CASE WHEN stored_at > created_at THEN stored_at ELSE created_at END
  FROM activity_before ORDER BY github_id, event_id;
DROP TABLE activity_before;
CREATE INDEX activity_stored ON activity (github_id, stored_at, created_at);

ALTER TABLE poll_state ADD COLUMN newest_event TEXT NOT NULL DEFAULT '';  -- that is or was stored
ALTER TABLE poll_state ADD COLUMN newest_event_at BIGINT;                 -- when it happened
ALTER TABLE poll_state ADD COLUMN activity_stored_at BIGINT;              -- the last that was new
CREATE INDEX poll_state_activity ON poll_state (activity_stored_at);
UPDATE poll_state SET
  newest_event_at = (SELECT max(created_at) FROM activity WHERE
    activity.github_id = poll_state.github_id),
  activity_stored_at = (SELECT max(stored_at) FROM activity WHERE
    activity.github_id = poll_state.github_id);
UPDATE poll_state SET newest_event = COALESCE((SELECT max(event_id) FROM activity WHERE
  activity.github_id = poll_state.github_id AND
  activity.created_at = poll_state.newest_event_at), '');
