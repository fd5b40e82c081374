-- +goose Up
-- The mailbox of a rehearsal: the mails that a real case would have sent, to the person or to the office. They
-- are sent to nobody, and go with the case's key.
CREATE TABLE drill_mail (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  request_id  BIGINT NOT NULL REFERENCES request (id),
  message_id  TEXT NOT NULL UNIQUE,
  to_office   BOOLEAN NOT NULL,
  sealed_mail BLOB NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX drill_mail_request ON drill_mail (request_id, id);
