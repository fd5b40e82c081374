-- +goose Up

-- That something of a case changed, for the pages that show it. Nothing of what or who: rows are written
-- last in the transaction of the change, read by every process about once a second, and gone within the hour.
CREATE TABLE case_change (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL,
  at         BIGINT NOT NULL
);
