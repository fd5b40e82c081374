-- +goose Up
ALTER TABLE api_client ADD COLUMN earlier_hash BLOB;
ALTER TABLE api_client ADD COLUMN earlier_until BIGINT;
