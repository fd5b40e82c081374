-- +goose Up
-- Who looks in a place for the office: name, address and language, sealed.
ALTER TABLE source ADD COLUMN sealed_colleague BLOB;

-- A mailed way to one task, for a colleague without an account. Of the secret only digests lie here:
-- of the newest mail and of the one before, which may lie unread beside it. A task has one live link.
CREATE TABLE task_link (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT NOT NULL UNIQUE,
  request_id       BIGINT NOT NULL REFERENCES request (id),
  task_id          BIGINT NOT NULL REFERENCES task (id),
  address_index    BLOB NOT NULL,
  sealed_colleague BLOB NOT NULL,
  token_hash       BLOB,
  earlier_hash     BLOB,
  created_at       BIGINT NOT NULL,
  wanted_at        BIGINT,
  urgent           BOOLEAN NOT NULL DEFAULT FALSE,
  claimed_by       BIGINT,
  sent_at          BIGINT,
  sends            BIGINT NOT NULL DEFAULT 0,
  reminders        BIGINT NOT NULL DEFAULT 0,
  failed_at        BIGINT,
  opened_at        BIGINT,
  void_at          BIGINT
);
CREATE UNIQUE INDEX task_link_live ON task_link (task_id) WHERE void_at IS NULL;
CREATE INDEX task_link_request ON task_link (request_id);
CREATE INDEX task_link_address ON task_link (address_index, sent_at);
CREATE INDEX task_link_open ON task_link (id) WHERE void_at IS NULL;
