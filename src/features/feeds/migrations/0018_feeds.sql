-- Feeds that are posted to channels, and what has become of their items.
CREATE TABLE feed (
  id TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL,
  channel TEXT NOT NULL,            -- the chat platform's id
  channel_name TEXT NOT NULL,
  source TEXT NOT NULL,             -- x, mastodon, ...
  address TEXT NOT NULL,            -- in its normal form, as of today
  account TEXT NOT NULL,            -- the network's id, '' where it has none
  name TEXT NOT NULL,
  link TEXT NOT NULL,
  etag TEXT NOT NULL,
  last_modified TEXT NOT NULL,
  newest TEXT NOT NULL,             -- the remote side's, up to which it has been read
  settings TEXT NOT NULL,           -- those that differ from the defaults: delay=1h burst=2
  state TEXT NOT NULL,              -- active, paused, gone
  backlog BIGINT,                   -- how many of what the next answer lists are new; NULL: all
  added_by TEXT NOT NULL,           -- a chat user; '' for the command line and the environment
  variable TEXT NOT NULL,           -- the value of the variable that set it, '' for people's
  added_at BIGINT NOT NULL,
  next_poll_at BIGINT NOT NULL,
  allowed_at BIGINT NOT NULL,       -- not before: the source wants to be left alone
  next_post_at BIGINT NOT NULL,
  polled_at BIGINT,                 -- of the last good answer
  listed_at BIGINT,                 -- of the last one that listed items
  posted_at BIGINT,
  failures BIGINT NOT NULL,
  failing_since BIGINT,
  told_at BIGINT,                   -- when who added it was told of this failure
  error TEXT NOT NULL,
  recovered_at BIGINT,
  moved_at BIGINT,
  UNIQUE (workspace_id, channel, source, address)
);
CREATE INDEX feed_polls ON feed (next_poll_at) WHERE state = 'active';

CREATE TABLE feed_item (
  feed_id TEXT NOT NULL,
  item_id TEXT NOT NULL,            -- the source's, or its hash where that is long
  state TEXT NOT NULL,              -- waiting, posted, duplicate, deleted, left_out
  reason TEXT NOT NULL,             -- why it was not posted
  item TEXT NOT NULL,               -- JSON; emptied once it is decided what becomes of it
  fingerprint TEXT NOT NULL,        -- of the text of a short post, '' for none
  published_at BIGINT NOT NULL,     -- when it was first seen, where the source does not tell
  due_at BIGINT NOT NULL,
  listed_at BIGINT NOT NULL,        -- about when the source listed it last
  PRIMARY KEY (feed_id, item_id)
);
CREATE INDEX feed_item_due ON feed_item (due_at) WHERE state = 'waiting';
CREATE INDEX feed_item_waiting ON feed_item (feed_id, published_at) WHERE state = 'waiting';
CREATE INDEX feed_item_same_text ON feed_item (fingerprint) WHERE fingerprint <> '';
CREATE INDEX feed_item_listed ON feed_item (feed_id, listed_at);
