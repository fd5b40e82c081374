-- +goose Up
-- What people state beside rows that are not changed (GDPR Art. 16), where the system that holds a row
-- has no place for it. row_index is the row's name in the ledger of erasures: the statement goes when the
-- row does. Its text lies sealed under a key of its own.
CREATE TABLE statement (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  request_id  BIGINT NOT NULL REFERENCES request (id),
  row_index   BLOB NOT NULL,
  sealed_text BLOB NOT NULL,
  made_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX statement_once ON statement (request_id, row_index);
CREATE INDEX statement_row ON statement (row_index);
