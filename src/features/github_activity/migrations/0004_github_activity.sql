-- Linked GitHub accounts and what they did in public.
CREATE TABLE github_account (
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,            -- the chat platform's
  dm_channel TEXT NOT NULL,         -- where the member talks with the bot
  github_id BIGINT NOT NULL,        -- stable, unlike the login
  login TEXT NOT NULL,
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX github_account_github_id ON github_account (github_id);

CREATE TABLE oauth_state (
  state_hash TEXT PRIMARY KEY,      -- SHA-256; the state itself is only in the link
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  dm_channel TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX oauth_state_expires ON oauth_state (expires_at);

CREATE TABLE activity (
  event_id TEXT PRIMARY KEY,        -- GitHub's
  github_id BIGINT NOT NULL,        -- of the actor
  type TEXT NOT NULL,               -- PushEvent, WatchEvent, ...
  repo TEXT NOT NULL,               -- owner/name
  facts TEXT NOT NULL,              -- JSON: what the catalog reads
  created_at BIGINT NOT NULL
);
CREATE INDEX activity_actor ON activity (github_id, created_at);
CREATE INDEX activity_created ON activity (created_at);

CREATE TABLE poll_state (
  github_id BIGINT PRIMARY KEY,
  etag TEXT NOT NULL,
  next_poll_at BIGINT NOT NULL,
  allowed_at BIGINT NOT NULL,       -- not before: X-Poll-Interval
  polled_at BIGINT,
  failures INTEGER NOT NULL,
  error TEXT NOT NULL
);
CREATE INDEX poll_state_next ON poll_state (next_poll_at);
