-- +goose Up
ALTER TABLE api_client ADD COLUMN earlier_hash BYTEA;
ALTER TABLE api_client ADD COLUMN earlier_until BIGINT;
