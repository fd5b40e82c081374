-- +goose Up
-- An address that cases follow is to be replaced by another: both are proved, the old one is told and may
-- stop it until due_at. request_id: a member began it for one case. What is sealed goes with the day's key.
CREATE TABLE address_change (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  request_id   BIGINT REFERENCES request (id),
  locale       TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'stopped', 'dropped')),
  old_index    BLOB NOT NULL,
  sealed_old   BLOB NOT NULL,
  sealed_new   BLOB NOT NULL,
  token_hash   BLOB,
  earlier_hash BLOB,
  created_at   BIGINT NOT NULL,
  due_at       BIGINT NOT NULL,
  proved_at    BIGINT,
  ended_at     BIGINT,
  CHECK ((state = 'waiting') = (ended_at IS NULL)),
  CHECK (state <> 'done' OR proved_at IS NOT NULL)
);
-- One change of an address at a time.
CREATE UNIQUE INDEX address_change_waiting ON address_change (old_index) WHERE state = 'waiting';
CREATE INDEX address_change_request ON address_change (request_id) WHERE request_id IS NOT NULL;
