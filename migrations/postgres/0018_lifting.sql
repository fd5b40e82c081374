-- +goose Up
-- A notice that a restriction is lifted names what is restricted when it is given: told_at stands on
-- those lines alone (GDPR Art. 18(3)). job_id is the job that is setting or taking away the mark of the
-- row at this moment, ending says that it takes it away: two jobs never write the mark of one row.
ALTER TABLE restriction ADD COLUMN told_at BIGINT;
ALTER TABLE restriction ADD COLUMN job_id BIGINT;
ALTER TABLE restriction ADD COLUMN ending BOOLEAN NOT NULL DEFAULT FALSE;

-- Whoever was told before this was told of everything that was restricted then.
UPDATE restriction SET told_at = (SELECT max(event.at) FROM event WHERE event.request_id = restriction.request_id AND event.kind = 'lifting_told')
  WHERE lifted_at IS NULL;
UPDATE restriction SET told_at = NULL
  WHERE told_at < since OR EXISTS (SELECT 1 FROM event WHERE event.request_id = restriction.request_id
    AND event.kind IN ('lifted', 'lifting_kept') AND event.at >= restriction.told_at);
