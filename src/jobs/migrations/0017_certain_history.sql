-- What a search for a message of unknown fate has to know.
ALTER TABLE delivery ADD COLUMN unclear_since BIGINT;               -- of the first call whose fate nobody knows
ALTER TABLE delivery ADD COLUMN marked INTEGER NOT NULL DEFAULT 1;  -- 0: posted without its id, as the platform refused that
UPDATE delivery SET unclear_since = attempted_at WHERE state = 'sending';
