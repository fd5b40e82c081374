-- +goose Up
-- Rows of the connected systems that are only stored for the time being (GDPR Art. 18), one line for a
-- row and a case. row_index and address_index are keyed digests; the row's key lies sealed until the
-- restriction is lifted, since the mark must be found again to be taken away.
CREATE TABLE restriction (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  request_id    BIGINT NOT NULL REFERENCES request (id),
  source        TEXT NOT NULL,
  dataset       TEXT NOT NULL,
  collection    TEXT NOT NULL,
  row_index     BLOB NOT NULL,
  address_index BLOB,
  sealed_key    BLOB,
  activity      TEXT NOT NULL,
  ground        TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('waiting', 'marked', 'by_hand', 'hand_marked')),
  since         BIGINT NOT NULL,
  lifted_at     BIGINT
);
CREATE UNIQUE INDEX restriction_open ON restriction (request_id, row_index) WHERE lifted_at IS NULL;
CREATE INDEX restriction_row ON restriction (row_index) WHERE lifted_at IS NULL;
CREATE INDEX restriction_address ON restriction (address_index) WHERE lifted_at IS NULL;
