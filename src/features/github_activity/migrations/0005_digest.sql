-- What members want shown, what a digest remembers, and what polling learns about an account.
ALTER TABLE github_account ADD COLUMN paused_at BIGINT;
ALTER TABLE github_account ADD COLUMN pause_began_at BIGINT NOT NULL DEFAULT 0;  -- the last one
ALTER TABLE github_account ADD COLUMN pause_ended_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE github_account ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}';  -- JSON

ALTER TABLE activity ADD COLUMN stored_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX activity_stored ON activity (stored_at);

ALTER TABLE poll_state ADD COLUMN poll_interval BIGINT NOT NULL DEFAULT 300000;  -- milliseconds
ALTER TABLE poll_state ADD COLUMN observed_since BIGINT;   -- the first poll that GitHub answered
ALTER TABLE poll_state ADD COLUMN gone_since BIGINT;       -- GitHub has not known the account since
ALTER TABLE poll_state ADD COLUMN gone_told_at BIGINT;     -- its member was told
ALTER TABLE poll_state ADD COLUMN first_pull_request TEXT NOT NULL DEFAULT '';  -- event id
ALTER TABLE poll_state ADD COLUMN first_pull_request_at BIGINT;
-- Whoever opened some before is not to have a first one now.
UPDATE poll_state SET first_pull_request_at = 0 WHERE EXISTS (SELECT 1 FROM activity WHERE
  activity.github_id = poll_state.github_id AND activity.type = 'PullRequestEvent');

-- What payloads leave out and GitHub was asked for once.
CREATE TABLE enrichment (
  subject TEXT PRIMARY KEY,         -- pull:owner/repo#7, push:BEFORE...HEAD, releases:owner/repo
  answer TEXT NOT NULL,             -- '' where GitHub has none
  fetched_at BIGINT NOT NULL
);
CREATE INDEX enrichment_fetched ON enrichment (fetched_at);

CREATE TABLE digest_config (
  workspace_id TEXT PRIMARY KEY,
  kinds TEXT NOT NULL               -- JSON: {"comments": true, "stars": false}, others by default
);

-- One row per digest that was decided on; its messages are deliveries.
CREATE TABLE digest (
  id TEXT PRIMARY KEY,              -- of the job that made it
  workspace_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE INDEX digest_channel ON digest (workspace_id, channel, until);
CREATE INDEX digest_until ON digest (until);

CREATE TABLE digest_member (
  digest_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  login TEXT NOT NULL,
  outcome TEXT NOT NULL,            -- shown, paused, not_in_channel, ...
  detail TEXT NOT NULL,             -- for people: what was left out and why
  PRIMARY KEY (digest_id, user_id)
);
CREATE INDEX digest_member_user ON digest_member (user_id);

-- Events stored just before a digest was made: shown in it, so not late for the next one.
CREATE TABLE digest_event (
  digest_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  PRIMARY KEY (digest_id, event_id)
);

CREATE TABLE export_link (
  token_hash TEXT PRIMARY KEY,      -- SHA-256; the token itself is only in the link
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX export_link_expires ON export_link (expires_at);
