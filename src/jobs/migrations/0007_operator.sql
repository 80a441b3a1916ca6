-- What operators do: look at failed work, try it again, or give it up.
ALTER TABLE job ADD COLUMN claim BIGINT NOT NULL DEFAULT 0;          -- how often it was claimed: the fencing token
ALTER TABLE job ADD COLUMN discard_asked INTEGER NOT NULL DEFAULT 0; -- 1: once it has stopped running, it is discarded
UPDATE job SET claim = attempts;
CREATE INDEX job_failed ON job (finished_at) WHERE state = 'failed';

ALTER TABLE delivery ADD COLUMN retried_at BIGINT;                   -- an operator asked for it after it had failed
CREATE INDEX delivery_failed ON delivery (finished_at) WHERE state = 'failed';

-- Channels that take no posts: archived, without the bot, not permitted.
CREATE TABLE disabled_channel (
  workspace_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  reason TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel)
);
