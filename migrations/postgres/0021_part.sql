-- +goose Up
-- Besides the copy that an answer goes with (number 0) a case may have copies that went before it, each with a part of the
-- answer. They lie under the same key, and go with it.
ALTER TABLE package ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE package DROP CONSTRAINT package_request_id_key;
ALTER TABLE package ADD CONSTRAINT package_request_number UNIQUE (request_id, number);
