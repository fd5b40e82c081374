-- +goose Up
-- A rehearsal: a request of an invented person, which no report counts, and the sources made for it, which
-- no other request is ever searched for in.
ALTER TABLE request ADD COLUMN drill BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE source ADD COLUMN drill_of BIGINT REFERENCES request (id);
CREATE INDEX request_drill ON request (id) WHERE drill;
CREATE INDEX source_drill ON source (drill_of) WHERE drill_of IS NOT NULL;

-- What a report reads of the history, which is long.
CREATE INDEX event_refused ON event (request_id) WHERE kind = 'refused';
CREATE INDEX event_question ON event (request_id) WHERE kind = 'question_asked';
