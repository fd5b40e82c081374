-- +goose Up
-- Passages of a text that are taken out before it is given to the person (GDPR Art. 15(4)). A row is written
-- once; a later one that replaces it, or takes it back (no passages), names it. sealed_body says of which
-- finding and of which value, and goes with the findings. covers: nothing of other known persons that was
-- found in the value is left.
CREATE TABLE redaction (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  request_id    BIGINT NOT NULL REFERENCES request (id),
  run_id        BIGINT NOT NULL REFERENCES run (id),
  replaces      TEXT UNIQUE REFERENCES redaction (public_id),
  source        TEXT NOT NULL,
  collection    TEXT NOT NULL,
  activity      TEXT NOT NULL,
  part          TEXT NOT NULL,
  field         TEXT NOT NULL,
  passages      BIGINT NOT NULL,
  covers        BOOLEAN NOT NULL,
  ground        TEXT NOT NULL,
  sealed_body   BLOB NOT NULL,
  sealed_reason BLOB,
  member_id     BIGINT NOT NULL REFERENCES member (id),
  at            BIGINT NOT NULL,
  leaf_hash     BLOB NOT NULL
);
CREATE INDEX redaction_request ON redaction (request_id, id);
