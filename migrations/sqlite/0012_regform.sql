-- +goose Up
-- Why a version was made, in the words of whoever made it.
ALTER TABLE version ADD COLUMN comment TEXT NOT NULL DEFAULT '';
