-- +goose Up

-- The organisation's sign-in of a member who got a new one: it opens nothing, and makes nobody anew of who holds it.
ALTER TABLE identity ADD COLUMN ended_at BIGINT;

-- The link of the try before: its mail may have been taken, though the answer was lost.
ALTER TABLE invitation ADD COLUMN earlier_hash BLOB;

-- Nobody can tell who was invited once it is over.
UPDATE invitation SET address_index = CAST(public_id AS BLOB) WHERE used_at IS NOT NULL OR void_at IS NOT NULL;
