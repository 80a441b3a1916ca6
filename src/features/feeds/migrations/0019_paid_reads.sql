-- Reads that a source charges for, by month.
CREATE TABLE paid_reads (
  source TEXT NOT NULL,
  month TEXT NOT NULL,              -- 2026-11, UTC
  reads BIGINT NOT NULL,
  PRIMARY KEY (source, month)
);
