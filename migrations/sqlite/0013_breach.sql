-- +goose Up
-- Personal data breaches (Art. 4(12)), all of them, with what was done (Art. 33(5)). What happened and why it
-- was judged so is sealed; "changes" tells two members apart who write at once.
CREATE TABLE breach (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  controller_id BIGINT NOT NULL REFERENCES controller (id),
  request_id    BIGINT REFERENCES request (id),
  noticed_at    BIGINT NOT NULL,
  concerned     BIGINT NOT NULL,
  risk          TEXT NOT NULL DEFAULT '' CHECK (risk IN ('', 'unlikely', 'risk', 'high')),
  sealed_body   BLOB NOT NULL,
  authority_at  BIGINT,
  persons_at    BIGINT,
  opened_at     BIGINT NOT NULL,
  opened_by     BIGINT NOT NULL REFERENCES member (id),
  closed_at     BIGINT,
  warned_at     BIGINT,
  changes       BIGINT NOT NULL DEFAULT 0,
  CHECK (closed_at IS NULL OR risk <> '')
);
CREATE INDEX breach_open ON breach (noticed_at) WHERE closed_at IS NULL;
