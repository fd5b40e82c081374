-- +goose Up
-- A message that is a letter: a question, an extension, that a restriction will be lifted.
ALTER TABLE message ADD COLUMN sealed_letter BLOB;
