-- +goose Up
-- A member's passkeys. What is sealed goes with the member's key; credential_index finds the one that a
-- browser shows, and sign_count only ever rises.
CREATE TABLE passkey (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id         TEXT NOT NULL UNIQUE,
  member_id         BIGINT NOT NULL REFERENCES member (id),
  credential_index  BLOB NOT NULL UNIQUE,
  sealed_name       BLOB NOT NULL,
  sealed_credential BLOB NOT NULL,
  sign_count        BIGINT NOT NULL,
  created_at        BIGINT NOT NULL,
  used_at           BIGINT
);
CREATE INDEX passkey_member ON passkey (member_id);

-- Who a member is with the organisation's own sign-in: issuer and subject, as a keyed index.
CREATE TABLE identity (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  member_id     BIGINT NOT NULL UNIQUE REFERENCES member (id),
  subject_index BLOB NOT NULL UNIQUE,
  created_at    BIGINT NOT NULL
);

-- A challenge that a passkey signs or another sign-in answers: once, soon, in the browser (flow_hash) or the
-- session that began it.
CREATE TABLE ceremony (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  purpose      TEXT NOT NULL CHECK (purpose IN ('add_passkey', 'passkey', 'passkey_again', 'oidc', 'oidc_again', 'add_oidc')),
  session_id   BIGINT,
  flow_hash    BLOB,
  sealed_state BLOB NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  used_at      BIGINT,
  CHECK ((session_id IS NULL) <> (flow_hash IS NULL))
);
CREATE INDEX ceremony_expiry ON ceremony (expires_at);

-- device: browser and system in words, for the list of one's own sessions. method: how it began.
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN method TEXT NOT NULL DEFAULT 'password' CHECK (method IN ('password', 'passkey', 'oidc'));
