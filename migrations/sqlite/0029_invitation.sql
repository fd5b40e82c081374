-- +goose Up
-- A mailed way to set what one signs in with: for somebody who is to be a member, or (member_id) for a member who has
-- lost it. Who it is, is sealed under a key of its own, which is shredded when the invitation is used, taken back or over.
CREATE TABLE invitation (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  member_id     BIGINT REFERENCES member (id),
  address_index BLOB NOT NULL,
  sealed_who    BLOB NOT NULL,
  roles         TEXT NOT NULL,
  proposed_by   BIGINT REFERENCES member (id),
  confirmed_by  BIGINT REFERENCES member (id),
  alone         BOOLEAN NOT NULL DEFAULT FALSE,
  opens_at      BIGINT,
  token_hash    BLOB,
  created_at    BIGINT NOT NULL,
  sent_at       BIGINT,
  expires_at    BIGINT NOT NULL,
  used_at       BIGINT,
  void_at       BIGINT,
  CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by)
);
CREATE UNIQUE INDEX invitation_live ON invitation (address_index) WHERE used_at IS NULL AND void_at IS NULL;

-- Ceremonies last minutes, so that the table is made anew with two more purposes.
DROP TABLE ceremony;
CREATE TABLE ceremony (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  purpose      TEXT NOT NULL CHECK (purpose IN ('add_passkey', 'passkey', 'passkey_again', 'oidc', 'oidc_again', 'add_oidc', 'join_passkey', 'join_password')),
  session_id   BIGINT,
  flow_hash    BLOB,
  sealed_state BLOB NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  used_at      BIGINT,
  CHECK ((session_id IS NULL) <> (flow_hash IS NULL))
);
CREATE INDEX ceremony_expiry ON ceremony (expires_at);
