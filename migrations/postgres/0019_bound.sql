-- +goose Up
-- What a member tells of a case is sealed for its own row, by public_id; what was told before keeps its
-- place. leaf_hash is the leaf of the log that it is proved by: each was written with the event "learned".
ALTER TABLE fact ADD COLUMN public_id TEXT;
ALTER TABLE fact ADD COLUMN leaf_hash BYTEA;
CREATE UNIQUE INDEX fact_public ON fact (public_id);
UPDATE fact SET leaf_hash = (
  SELECT told.leaf_hash FROM (SELECT request_id, leaf_hash, row_number() OVER (PARTITION BY request_id ORDER BY number) AS n
      FROM event WHERE kind = 'learned') told
    JOIN (SELECT id, request_id, row_number() OVER (PARTITION BY request_id ORDER BY id) AS n FROM fact) known
      ON known.request_id = told.request_id AND known.n = told.n
    WHERE known.id = fact.id);
