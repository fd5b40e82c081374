-- +goose Up
-- Besides the copy that an answer goes with (number 0) a case may have copies that went before it, each with a part of the
-- answer. They lie under the same key, and go with it.
CREATE TABLE package_of (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  request_id  BIGINT NOT NULL REFERENCES request (id),
  number      BIGINT NOT NULL DEFAULT 0,
  state       TEXT NOT NULL CHECK (state IN ('building', 'ready', 'purged')),
  blob        TEXT NOT NULL DEFAULT '',
  sha256      TEXT NOT NULL DEFAULT '',
  manifest    TEXT NOT NULL DEFAULT '',
  size        BIGINT NOT NULL DEFAULT 0,
  ready_at    BIGINT,
  open_until  BIGINT,
  downloads   BIGINT NOT NULL DEFAULT 0,
  opened      BIGINT NOT NULL DEFAULT 0,
  purge_at    BIGINT,
  UNIQUE (request_id, number),
  CHECK (state <> 'ready' OR (blob <> '' AND sha256 <> '' AND ready_at IS NOT NULL))
);
INSERT INTO package_of (id, public_id, request_id, state, blob, sha256, manifest, size, ready_at, open_until, downloads, opened, purge_at)
  SELECT id, public_id, request_id, state, blob, sha256, manifest, size, ready_at, open_until, downloads, opened, purge_at FROM package;
DROP TABLE package;
ALTER TABLE package_of RENAME TO package;
