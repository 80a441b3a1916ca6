-- What was published before is not new, whenever its feed lists it for the first time.
ALTER TABLE feed ADD COLUMN new_since BIGINT NOT NULL DEFAULT 0;  -- added or resumed
UPDATE feed SET new_since = added_at;
