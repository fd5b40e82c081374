-- +goose Up
-- Whom somebody else got data about and what became of telling them (Art. 19), and those who republish what
-- was made public (Art. 17(2)). Who they are, how they are reached and what was answered is sealed; the index
-- tells two notices of a case apart. Of the secret in a link only digests lie here: of the newest message
-- and of the one before.
CREATE TABLE recipient_notice (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id       TEXT NOT NULL UNIQUE,
  request_id      BIGINT NOT NULL REFERENCES request (id),
  recipient_index BLOB NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('recipient', 'republisher')),
  channel         TEXT NOT NULL CHECK (channel IN ('mail', 'webhook', 'task')),
  state           TEXT NOT NULL CHECK (state IN ('waiting', 'told', 'confirmed', 'impossible')),
  sealed_body     BLOB NOT NULL,
  sealed_note     BLOB,
  token_hash      BLOB,
  earlier_hash    BLOB,
  created_at      BIGINT NOT NULL,
  told_at         BIGINT,
  opened_at       BIGINT,
  reminders       BIGINT NOT NULL DEFAULT 0,
  reminded_at     BIGINT,
  failed_at       BIGINT,
  settled_at      BIGINT,
  member_id       BIGINT REFERENCES member (id)
);
CREATE UNIQUE INDEX recipient_notice_one ON recipient_notice (request_id, recipient_index);
CREATE INDEX recipient_notice_open ON recipient_notice (id) WHERE state IN ('waiting', 'told');

-- What the log of disclosures says of the person, as it was when the plan was made; and when the recipients
-- of the plan were written down: nothing of it is carried out before.
ALTER TABLE plan ADD COLUMN sealed_disclosures BLOB;
ALTER TABLE plan ADD COLUMN told_at BIGINT;

-- People whose data came from others and who are to be informed of it (Art. 14): how many rows came in, of
-- which activity, in which days, and how a member informed them. Whom the rows are about is kept nowhere.
CREATE TABLE inform_task (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  controller_id BIGINT NOT NULL REFERENCES controller (id),
  activity      TEXT NOT NULL,
  first_on      TEXT NOT NULL,
  last_on       TEXT NOT NULL,
  due_on        TEXT NOT NULL,
  people        BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  done_at       BIGINT,
  member_id     BIGINT REFERENCES member (id),
  sealed_how    BLOB
);
CREATE UNIQUE INDEX inform_task_open ON inform_task (controller_id, activity) WHERE done_at IS NULL;
CREATE INDEX inform_task_last ON inform_task (controller_id, activity, last_on);
