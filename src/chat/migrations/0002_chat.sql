-- Workspaces that the bot is installed in, and the events that it has acknowledged.
CREATE TABLE workspace (
  id TEXT PRIMARY KEY,
  platform TEXT NOT NULL,           -- slack
  team_id TEXT NOT NULL,            -- the platform's
  name TEXT NOT NULL,
  bot_user TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (platform, team_id)
);

CREATE TABLE inbox (
  event_id TEXT PRIMARY KEY,
  message_key TEXT NOT NULL UNIQUE, -- SHA-256 of workspace, channel, timestamp and user: Slack has been
                                    -- seen to send one message under two event ids
  received_at BIGINT NOT NULL
);
CREATE INDEX inbox_received ON inbox (received_at);
