-- What happens by itself in a channel at a local time. Times are UTC milliseconds, days are dates in
-- the schedule's zone.
CREATE TABLE schedule (
  workspace_id TEXT NOT NULL,
  what TEXT NOT NULL,               -- digest
  channel TEXT NOT NULL,            -- the platform's id
  channel_name TEXT NOT NULL,       -- when it was set
  time_of_day TEXT NOT NULL,        -- 19:00
  weekdays TEXT NOT NULL,           -- every day, mon-fri
  zone TEXT NOT NULL,               -- IANA
  enabled INTEGER NOT NULL,
  configured_by TEXT NOT NULL,      -- the chat user, '' for the command line and the environment
  variable TEXT NOT NULL,           -- where the environment set it: the value of DIGEST_CHANNEL, '' elsewhere
  settled_until BIGINT NOT NULL,    -- slots up to here are dealt with, or from before it was set
  settled_day TEXT NOT NULL,        -- the day of the last slot that was dealt with, '' for none
  next_at BIGINT NOT NULL,          -- when the scheduler looks at it again
  revision BIGINT NOT NULL,         -- raised by each change: who read an older one changes nothing
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, what, channel)
);
CREATE INDEX schedule_next ON schedule (what, next_at) WHERE enabled = 1;

-- What became of the slots of the last weeks. They stay when their schedule is removed, so that one
-- that is set again does not come twice on a day.
CREATE TABLE schedule_slot (
  workspace_id TEXT NOT NULL,
  what TEXT NOT NULL,
  channel TEXT NOT NULL,
  day TEXT NOT NULL,
  at BIGINT NOT NULL,
  job_id TEXT NOT NULL,             -- '' if none was enqueued
  skipped TEXT NOT NULL,            -- why nothing happened, '' if it did
  PRIMARY KEY (workspace_id, what, channel, day)
);
CREATE INDEX schedule_slot_at ON schedule_slot (at);
