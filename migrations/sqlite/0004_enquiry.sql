-- +goose Up
-- A question to a system that answers later, by calling back. question and result_digest are keyed
-- digests; the result lies sealed until the job that asked has ended. A row is a mark that the result
-- came until its time is up.
CREATE TABLE enquiry (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  request_id    BIGINT NOT NULL REFERENCES request (id),
  source_id     BIGINT NOT NULL REFERENCES source (id),
  job_id        BIGINT NOT NULL,
  question      BLOB NOT NULL,
  moment        BIGINT NOT NULL,
  until_at      BIGINT NOT NULL,
  accepted_at   BIGINT,
  answered_at   BIGINT,
  result_digest BLOB,
  sealed_result BLOB,
  closed_at     BIGINT
);
CREATE UNIQUE INDEX enquiry_live ON enquiry (job_id, source_id, question) WHERE closed_at IS NULL;
CREATE INDEX enquiry_until ON enquiry (until_at);
CREATE INDEX enquiry_request ON enquiry (request_id);
