-- By which a process finds out whether its SECRET_KEY is the one that this database was begun with.
CREATE TABLE secret_key_check (
  name TEXT PRIMARY KEY,            -- 'check', the only row
  sealed TEXT NOT NULL
);
