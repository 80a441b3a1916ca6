-- A delivery may be a reply, and may be posted as plain text after its rich form was refused.
ALTER TABLE delivery ADD COLUMN thread_of TEXT NOT NULL DEFAULT '';  -- key of the delivery it replies to, '' for none
ALTER TABLE delivery ADD COLUMN thread TEXT NOT NULL DEFAULT '';     -- the platform's id of it, as of the last call
ALTER TABLE delivery ADD COLUMN form TEXT NOT NULL DEFAULT 'rich';   -- rich, plain
