-- +goose Up
-- A plan of what has passed its time in the connected systems. Its steps lie sealed in blob storage
-- under a key of its own, which dies with the plan; counts hold no personal data. One plan at a time
-- waits or is carried out, and two members stand behind it where there are two.
CREATE TABLE retention_plan (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT NOT NULL UNIQUE,
  controller_id    BIGINT NOT NULL REFERENCES controller (id),
  state            TEXT NOT NULL CHECK (state IN ('empty', 'ready', 'approved', 'done', 'void')),
  digest           TEXT NOT NULL,
  steps            BIGINT NOT NULL,
  report           TEXT NOT NULL,
  blob             TEXT NOT NULL,
  register_version BIGINT NOT NULL,
  looked_by        BIGINT REFERENCES member (id),
  approved_by      BIGINT REFERENCES member (id),
  approved_at      BIGINT,
  alone            BOOLEAN NOT NULL DEFAULT FALSE,
  code             TEXT NOT NULL DEFAULT '',
  made_at          BIGINT NOT NULL,
  ended_at         BIGINT,
  CHECK (state NOT IN ('approved', 'done') OR (approved_by IS NOT NULL AND (alone OR coalesce(approved_by <> looked_by, FALSE))))
);
CREATE UNIQUE INDEX retention_plan_live ON retention_plan (controller_id) WHERE state IN ('ready', 'approved');

-- How far one system of a plan is.
CREATE TABLE retention_source (
  plan_id BIGINT NOT NULL REFERENCES retention_plan (id),
  source  TEXT NOT NULL,
  state   TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'left')),
  deleted BIGINT NOT NULL DEFAULT 0,
  changed BIGINT NOT NULL DEFAULT 0,
  code    TEXT NOT NULL DEFAULT '',
  done_at BIGINT,
  PRIMARY KEY (plan_id, source)
);

-- When what the portal itself keeps was last looked through, and how much was erased then.
CREATE TABLE purge_run (
  what TEXT PRIMARY KEY,
  at   BIGINT NOT NULL,
  gone BIGINT NOT NULL
);
