-- A digest that is made anew before it was posted tells times as the first one did.
ALTER TABLE digest ADD COLUMN zone TEXT NOT NULL DEFAULT 'UTC';
