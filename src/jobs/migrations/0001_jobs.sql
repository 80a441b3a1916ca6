-- Work to be done, and messages to be posted. Times are UTC milliseconds.
CREATE TABLE job (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,            -- JSON; emptied when the job is done
  unique_key TEXT UNIQUE,           -- a second job with the same key is not enqueued
  workspace_id TEXT NOT NULL,       -- '' for work of the whole installation
  subject TEXT NOT NULL,            -- the chat user whom the payload is about, '' for none
  request_id TEXT NOT NULL,         -- of the request that caused it
  priority INTEGER NOT NULL,        -- smaller runs first
  state TEXT NOT NULL,              -- ready, running, done, failed
  run_at BIGINT NOT NULL,
  lease_until BIGINT,               -- while running: past it, another worker may take over
  attempts INTEGER NOT NULL,
  progress TEXT NOT NULL,
  error TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
-- Claiming reads only unfinished rows, so its cost does not grow with history.
CREATE INDEX job_ready ON job (priority, run_at) WHERE state = 'ready';
CREATE INDEX job_due ON job (run_at) WHERE state = 'ready';
CREATE INDEX job_running ON job (lease_until) WHERE state = 'running';
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX job_subject ON job (workspace_id, subject) WHERE subject <> '';

CREATE TABLE delivery (
  id TEXT PRIMARY KEY,              -- travels in the message's metadata
  idempotency_key TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL,
  channel TEXT NOT NULL,
  sequence BIGINT NOT NULL,         -- the order of posting within the channel
  subject TEXT NOT NULL,            -- the chat user it is about, '' for none
  message TEXT NOT NULL,            -- rendered for the platform, sealed; emptied when sent
  audience TEXT NOT NULL,           -- channel, person
  state TEXT NOT NULL,              -- pending, sending, sent, failed
  attempted_at BIGINT,              -- of the last call: reconciliation looks from here on
  unclear INTEGER NOT NULL,         -- calls after which nobody could tell whether it was posted
  platform_timestamp TEXT,          -- the platform's id of the posted message
  error TEXT NOT NULL,              -- of the last call
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX delivery_order ON delivery (workspace_id, channel, sequence);
CREATE INDEX delivery_open ON delivery (workspace_id, channel, sequence)
  WHERE state IN ('pending', 'sending');
CREATE INDEX delivery_pace ON delivery (workspace_id, channel, finished_at);
CREATE INDEX delivery_finished ON delivery (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX delivery_subject ON delivery (workspace_id, subject) WHERE subject <> '';
