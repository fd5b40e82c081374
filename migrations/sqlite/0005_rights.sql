-- +goose Up
-- What members told the portal about a case: what no system holds and the rules need.
CREATE TABLE fact (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id    BIGINT NOT NULL REFERENCES request (id),
  activity      TEXT NOT NULL DEFAULT '',
  kind          TEXT NOT NULL,
  value         TEXT NOT NULL,
  sealed_reason BLOB,
  member_id     BIGINT NOT NULL REFERENCES member (id),
  at            BIGINT NOT NULL
);
CREATE INDEX fact_request ON fact (request_id, id);

-- 0 while the office owes the case something at once, else 1: such cases stand first in the inbox.
ALTER TABLE request ADD COLUMN calm BIGINT NOT NULL DEFAULT 1;
CREATE INDEX request_open_calm ON request (calm, due_on, id)
  WHERE state IN ('received', 'collecting', 'awaiting_person', 'review', 'approved', 'executing', 'needs_human');
