-- +goose Up
-- The rows that were erased in the connected systems, so that they can be erased again after an old
-- backup of a system was restored. Keyed digests and strategies alone. It names no case: it outlives
-- them, for as long as backups are kept. What lay in the ledger so far did not say what had been done
-- to a row, and cannot be replayed.
DROP TABLE erasure_ledger;
CREATE TABLE erased (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  source     TEXT NOT NULL,
  dataset    TEXT NOT NULL,
  collection TEXT NOT NULL,
  row_index  BLOB NOT NULL,
  trace      BLOB NOT NULL,
  action     TEXT NOT NULL,
  columns    TEXT NOT NULL,
  at         BIGINT NOT NULL,
  UNIQUE (row_index, at)
);
CREATE INDEX erased_source ON erased (source, id);
CREATE INDEX erased_at ON erased (at);

-- A replay of one system: begun before it writes, ended when it has. One without an end died, and the
-- next one finds out what became of it.
CREATE TABLE replay (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  source   TEXT NOT NULL,
  digest   TEXT NOT NULL,
  rows     BIGINT NOT NULL,
  begun_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE INDEX replay_open ON replay (source) WHERE ended_at IS NULL;
