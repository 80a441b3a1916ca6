-- Tokens of the REST API. Only the SHA-256 of a token is kept: a token has 256 random bits.
CREATE TABLE api_user (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,               -- admin
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
