ALTER TABLE delivery ADD COLUMN perhaps_posted INTEGER NOT NULL DEFAULT 0;  -- 1: it failed, and nobody knows whether it is in the chat
UPDATE delivery SET perhaps_posted = 1 WHERE state = 'failed' AND unclear > 0;
