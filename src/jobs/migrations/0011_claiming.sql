-- Each look for the next job is at the first entry of a range, however many wait or are finished.
DROP INDEX job_ready;
DROP INDEX job_due;
DROP INDEX job_subject;
CREATE INDEX job_next ON job (priority, run_at, id) WHERE state = 'ready';
CREATE INDEX job_subject ON job (workspace_id, subject, created_at) WHERE subject <> '';
