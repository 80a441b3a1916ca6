-- What has to wait: a workspace whose token is refused, and methods that the platform asked to leave alone.
ALTER TABLE workspace ADD COLUMN paused_at BIGINT;
ALTER TABLE workspace ADD COLUMN pause_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX workspace_paused ON workspace (paused_at) WHERE paused_at IS NOT NULL;

CREATE TABLE rate_limit (
  workspace_id TEXT NOT NULL,
  method TEXT NOT NULL,             -- the platform's name of it
  until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, method)
);
