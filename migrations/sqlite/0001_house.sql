-- +goose Up

-- Instants are whole microseconds UTC, civil dates are text, ids are inside only and public_id
-- (128 random bits, hex) is what leaves. Columns named sealed_* hold personal data under a data
-- key, bound to table, column and public_id of the row.

CREATE TABLE controller (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id       TEXT NOT NULL UNIQUE,
  country         TEXT NOT NULL,
  zone            TEXT NOT NULL,
  key_fingerprint TEXT NOT NULL,
  set_up_at       BIGINT,
  created_at      BIGINT NOT NULL
);

-- A version of what the office decides about itself: its organisation's settings, its register.
CREATE TABLE version (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  controller_id BIGINT NOT NULL REFERENCES controller (id),
  kind          TEXT NOT NULL CHECK (kind IN ('settings', 'register')),
  number        BIGINT NOT NULL,
  body          TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  created_by    TEXT NOT NULL,
  UNIQUE (controller_id, kind, number)
);

CREATE TABLE data_key (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  owner       TEXT NOT NULL,
  class       TEXT NOT NULL,
  wrapped     BLOB,
  created_at  BIGINT NOT NULL,
  shredded_at BIGINT,
  UNIQUE (owner, class),
  CHECK ((wrapped IS NULL) = (shredded_at IS NOT NULL))
);

CREATE TABLE member (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id      TEXT NOT NULL UNIQUE,
  controller_id  BIGINT NOT NULL REFERENCES controller (id),
  email_index    BLOB NOT NULL UNIQUE,
  sealed_email   BLOB NOT NULL,
  sealed_name    BLOB NOT NULL,
  password_hash  TEXT NOT NULL,
  sealed_totp    BLOB NOT NULL,
  totp_last_step BIGINT NOT NULL DEFAULT 0,
  roles          TEXT NOT NULL,
  disabled_at    BIGINT,
  created_at     BIGINT NOT NULL
);

CREATE TABLE challenge (
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id         TEXT NOT NULL UNIQUE,
  purpose           TEXT NOT NULL CHECK (purpose IN ('file', 'resume', 'step_up', 'erase_last_call', 'confirm_contact')),
  object            TEXT NOT NULL,
  operation         TEXT NOT NULL DEFAULT '',
  asked_right       TEXT NOT NULL DEFAULT '',
  locale            TEXT NOT NULL,
  sealed_address    BLOB NOT NULL,
  address_index     BLOB NOT NULL,
  flow_hash         BLOB NOT NULL,
  token_hash        BLOB,
  code_mac          BLOB,
  attempts          BIGINT NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  foreign_attempts  BIGINT NOT NULL DEFAULT 0,
  sends             BIGINT NOT NULL DEFAULT 0,
  created_at        BIGINT NOT NULL,
  sent_at           BIGINT,
  expires_at        BIGINT NOT NULL,
  used_at           BIGINT,
  void_at           BIGINT
);
CREATE INDEX challenge_address ON challenge (address_index, purpose);
CREATE INDEX challenge_expiry ON challenge (expires_at);

-- Tokens and codes of earlier mails of the same challenge that stay good until it ends (late mail).
CREATE TABLE challenge_secret (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  challenge_id BIGINT NOT NULL REFERENCES challenge (id) ON DELETE CASCADE,
  token_hash   BLOB NOT NULL,
  code_mac     BLOB NOT NULL,
  created_at   BIGINT NOT NULL
);
CREATE INDEX challenge_secret_challenge ON challenge_secret (challenge_id);

CREATE TABLE session (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id      TEXT NOT NULL UNIQUE,
  kind           TEXT NOT NULL CHECK (kind IN ('person', 'member')),
  secret_hash    BLOB NOT NULL UNIQUE,
  member_id      BIGINT REFERENCES member (id),
  sealed_address BLOB,
  address_index  BLOB,
  locale         TEXT NOT NULL DEFAULT 'nb',
  asked_right    TEXT NOT NULL DEFAULT '',
  challenge      TEXT NOT NULL DEFAULT '',
  proved_at      BIGINT NOT NULL,
  stepped_up_at  BIGINT,
  created_at     BIGINT NOT NULL,
  seen_at        BIGINT NOT NULL,
  idle_until     BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  ended_at       BIGINT,
  CHECK ((kind = 'member') = (member_id IS NOT NULL)),
  CHECK ((kind = 'person') = (address_index IS NOT NULL))
);
CREATE INDEX session_member ON session (member_id);
CREATE INDEX session_expiry ON session (expires_at);

-- One proof, one operation: what a fresh code opened, and whether it was used.
CREATE TABLE step_up (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id BIGINT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  operation  TEXT NOT NULL,
  object     TEXT NOT NULL,
  proved_at  BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX step_up_session ON step_up (session_id);

CREATE TABLE counter (
  scope  TEXT NOT NULL,
  key    BLOB NOT NULL,
  slot   BIGINT NOT NULL,
  hits   BIGINT NOT NULL,
  PRIMARY KEY (scope, key, slot)
);

CREATE TABLE blocked_address (
  address_index BLOB PRIMARY KEY,
  until         BIGINT NOT NULL
);

CREATE TABLE api_client (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  controller_id BIGINT NOT NULL REFERENCES controller (id),
  name          TEXT NOT NULL,
  secret_hash   BLOB NOT NULL,
  scopes        TEXT NOT NULL,
  created_at    BIGINT NOT NULL,
  created_by    TEXT NOT NULL,
  revoked_at    BIGINT
);

CREATE TABLE request (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT NOT NULL UNIQUE,
  controller_id    BIGINT NOT NULL REFERENCES controller (id),
  reference        TEXT NOT NULL UNIQUE,
  linked           TEXT NOT NULL,
  asked_right      TEXT NOT NULL,
  channel          TEXT NOT NULL,
  client_id        BIGINT REFERENCES api_client (id),
  locale           TEXT NOT NULL,
  delivery         TEXT NOT NULL CHECK (delivery IN ('portal', 'paper')),
  state            TEXT NOT NULL CHECK (state IN ('received', 'collecting', 'awaiting_person', 'review', 'approved', 'executing', 'answered', 'withdrawn', 'needs_human', 'purged')),
  outcome          TEXT NOT NULL DEFAULT '',
  needs_human      TEXT NOT NULL DEFAULT '',
  address_index    BLOB,
  sealed_name      BLOB,
  sealed_address   BLOB,
  sealed_postal    BLOB,
  sealed_detail    BLOB,
  sealed_answer    BLOB,
  received_at      BIGINT NOT NULL,
  received_text    TEXT NOT NULL,
  filed_at         BIGINT NOT NULL,
  verified_at      BIGINT,
  verified_method  TEXT NOT NULL DEFAULT '',
  verified_proof   TEXT NOT NULL DEFAULT '',
  due_on           TEXT NOT NULL,
  target_on        TEXT NOT NULL,
  due_unsuspended  TEXT NOT NULL,
  paused           BOOLEAN NOT NULL DEFAULT FALSE,
  extended_months  BIGINT NOT NULL DEFAULT 0 CHECK (extended_months BETWEEN 0 AND 2),
  assigned_to      BIGINT REFERENCES member (id),
  register_version BIGINT NOT NULL,
  calendar_version TEXT NOT NULL,
  run_id           BIGINT,
  plan_id          BIGINT,
  plan_digest      TEXT NOT NULL DEFAULT '',
  approved_digest  TEXT NOT NULL DEFAULT '',
  prepared_by      BIGINT REFERENCES member (id),
  approved_by      BIGINT REFERENCES member (id),
  approved_at      BIGINT,
  alone            BOOLEAN NOT NULL DEFAULT FALSE,
  executes_at      BIGINT,
  plan_done        BOOLEAN NOT NULL DEFAULT FALSE,
  answered_at      BIGINT,
  closed_at        BIGINT,
  unread_office    BIGINT NOT NULL DEFAULT 0,
  unread_person    BIGINT NOT NULL DEFAULT 0,
  warned           TEXT NOT NULL DEFAULT '',
  events           BIGINT NOT NULL DEFAULT 0,
  CHECK (state NOT IN ('collecting', 'approved', 'executing') OR verified_at IS NOT NULL),
  CHECK (state NOT IN ('approved', 'executing') OR (plan_digest <> '' AND plan_digest = approved_digest AND approved_by IS NOT NULL)),
  CHECK (state NOT IN ('approved', 'executing') OR asked_right <> 'erasure' OR alone OR coalesce(approved_by <> prepared_by, FALSE)),
  CHECK (state <> 'answered' OR (outcome <> '' AND answered_at IS NOT NULL)),
  CHECK (outcome NOT IN ('granted', 'partly_granted') OR verified_at IS NOT NULL)
);
CREATE INDEX request_due ON request (due_on, id);
-- The inbox: what is open is few among many, and due first.
CREATE INDEX request_open ON request (due_on, id)
  WHERE state IN ('received', 'collecting', 'awaiting_person', 'review', 'approved', 'executing', 'needs_human');
CREATE INDEX request_address ON request (address_index);
CREATE INDEX request_linked ON request (linked);
CREATE INDEX request_closed ON request (closed_at);
CREATE INDEX request_filed ON request (filed_at);

-- What happened, in order. Facts hold no personal data; the row's state and due date are derived
-- from them. Nothing here is ever changed or removed.
CREATE TABLE event (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL REFERENCES request (id),
  number     BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  actor      TEXT NOT NULL,
  member_id  BIGINT REFERENCES member (id),
  facts      TEXT NOT NULL,
  sealed_note BLOB,
  leaf_hash  BLOB NOT NULL,
  UNIQUE (request_id, number)
);

CREATE TABLE request_word (
  request_id BIGINT NOT NULL REFERENCES request (id),
  word       BLOB NOT NULL,
  PRIMARY KEY (word, request_id)
);
CREATE INDEX request_word_request ON request_word (request_id);

CREATE TABLE identifier (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  request_id   BIGINT NOT NULL REFERENCES request (id),
  kind         TEXT NOT NULL,
  sealed_value BLOB NOT NULL,
  value_index  BLOB NOT NULL,
  certainty    TEXT NOT NULL CHECK (certainty IN ('verified', 'candidate', 'rejected')),
  verified_at  BIGINT,
  note         TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  UNIQUE (request_id, kind, value_index),
  CHECK (certainty <> 'verified' OR verified_at IS NOT NULL)
);

CREATE TABLE message (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  request_id  BIGINT NOT NULL REFERENCES request (id),
  author      TEXT NOT NULL CHECK (author IN ('person', 'office', 'note')),
  member_id   BIGINT REFERENCES member (id),
  question    TEXT NOT NULL DEFAULT '',
  sealed_body BLOB NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX message_request ON message (request_id, id);

CREATE TABLE source (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id     TEXT NOT NULL UNIQUE,
  controller_id BIGINT NOT NULL REFERENCES controller (id),
  name          TEXT NOT NULL,
  kind          TEXT NOT NULL,
  enabled       BOOLEAN NOT NULL,
  version       BIGINT NOT NULL,
  sealed_dsn    BLOB,
  location      TEXT NOT NULL DEFAULT '',
  activity      TEXT NOT NULL DEFAULT '',
  instructions  TEXT NOT NULL DEFAULT '',
  dataset       TEXT NOT NULL DEFAULT '',
  blob          TEXT NOT NULL DEFAULT '',
  state         TEXT NOT NULL DEFAULT 'unknown',
  state_code    TEXT NOT NULL DEFAULT '',
  checked_at    BIGINT,
  created_at    BIGINT NOT NULL,
  UNIQUE (controller_id, name)
);

CREATE TABLE source_version (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id  BIGINT NOT NULL REFERENCES source (id),
  number     BIGINT NOT NULL,
  dataset    TEXT NOT NULL,
  enabled    BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  UNIQUE (source_id, number)
);

CREATE TABLE task (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  request_id   BIGINT NOT NULL REFERENCES request (id),
  source_id    BIGINT NOT NULL REFERENCES source (id),
  state        TEXT NOT NULL CHECK (state IN ('open', 'found', 'nothing', 'exception', 'done')),
  sealed_note  BLOB,
  member_id    BIGINT REFERENCES member (id),
  created_at   BIGINT NOT NULL,
  finished_at  BIGINT,
  UNIQUE (request_id, source_id)
);

CREATE TABLE attachment (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  request_id   BIGINT NOT NULL REFERENCES request (id),
  message_id   BIGINT REFERENCES message (id),
  task_id      BIGINT REFERENCES task (id),
  sealed_name  BLOB NOT NULL,
  media_type   TEXT NOT NULL,
  size         BIGINT NOT NULL,
  blob         TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  created_at   BIGINT NOT NULL
);
CREATE INDEX attachment_request ON attachment (request_id);

-- One search of the sources for one request. Its findings lie sealed in blob storage as sorted
-- NDJSON chunks; here is only where they are and how many.
CREATE TABLE run (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT NOT NULL UNIQUE,
  request_id       BIGINT NOT NULL REFERENCES request (id),
  state            TEXT NOT NULL CHECK (state IN ('reading', 'complete', 'incomplete', 'superseded')),
  register_version BIGINT NOT NULL,
  report           TEXT NOT NULL DEFAULT '',
  started_at       BIGINT NOT NULL,
  finished_at      BIGINT
);
CREATE INDEX run_request ON run (request_id);

CREATE TABLE finding_group (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id    TEXT NOT NULL UNIQUE,
  run_id       BIGINT NOT NULL REFERENCES run (id),
  source       TEXT NOT NULL,
  collection   TEXT NOT NULL,
  activity     TEXT NOT NULL,
  part         TEXT NOT NULL DEFAULT '',
  count        BIGINT NOT NULL,
  shared       BIGINT NOT NULL,
  third_party  BIGINT NOT NULL,
  candidate    BOOLEAN NOT NULL DEFAULT FALSE,
  case_variant BOOLEAN NOT NULL DEFAULT FALSE,
  facts        TEXT NOT NULL,
  UNIQUE (run_id, source, collection, activity, part)
);

CREATE TABLE finding_chunk (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id     BIGINT NOT NULL REFERENCES run (id),
  source     TEXT NOT NULL,
  collection TEXT NOT NULL,
  number     BIGINT NOT NULL,
  blob       TEXT NOT NULL,
  findings   BIGINT NOT NULL,
  candidate  BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (run_id, source, collection, number)
);

-- What a member decided for a group of findings; the newest row of a group holds.
CREATE TABLE decision (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id    BIGINT NOT NULL REFERENCES request (id),
  run_id        BIGINT NOT NULL REFERENCES run (id),
  group_key     TEXT NOT NULL,
  action        TEXT NOT NULL,
  ground        TEXT NOT NULL DEFAULT '',
  sealed_reason BLOB,
  member_id     BIGINT NOT NULL REFERENCES member (id),
  at            BIGINT NOT NULL
);
CREATE INDEX decision_request ON decision (request_id, id);

CREATE TABLE plan (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id        TEXT NOT NULL UNIQUE,
  request_id       BIGINT NOT NULL REFERENCES request (id),
  run_id           BIGINT NOT NULL REFERENCES run (id),
  digest           TEXT NOT NULL,
  steps            BIGINT NOT NULL,
  counts           TEXT NOT NULL,
  problems         TEXT NOT NULL DEFAULT '',
  basis            TEXT NOT NULL DEFAULT '',
  blob             TEXT NOT NULL,
  register_version BIGINT NOT NULL,
  member_id        BIGINT REFERENCES member (id),
  created_at       BIGINT NOT NULL
);
CREATE INDEX plan_request ON plan (request_id);

CREATE TABLE approval (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL REFERENCES request (id),
  plan_id    BIGINT NOT NULL REFERENCES plan (id),
  digest     TEXT NOT NULL,
  member_id  BIGINT NOT NULL REFERENCES member (id),
  session    TEXT NOT NULL,
  proved_at  BIGINT NOT NULL,
  alone      BOOLEAN NOT NULL,
  at         BIGINT NOT NULL
);

CREATE TABLE execution (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id    BIGINT NOT NULL REFERENCES plan (id),
  source     TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
  deleted    BIGINT NOT NULL DEFAULT 0,
  changed    BIGINT NOT NULL DEFAULT 0,
  code       TEXT NOT NULL DEFAULT '',
  started_at BIGINT,
  done_at    BIGINT,
  UNIQUE (plan_id, source)
);

CREATE TABLE package (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  request_id  BIGINT NOT NULL UNIQUE REFERENCES request (id),
  state       TEXT NOT NULL CHECK (state IN ('building', 'ready', 'purged')),
  blob        TEXT NOT NULL DEFAULT '',
  sha256      TEXT NOT NULL DEFAULT '',
  manifest    TEXT NOT NULL DEFAULT '',
  size        BIGINT NOT NULL DEFAULT 0,
  ready_at    BIGINT,
  open_until  BIGINT,
  downloads   BIGINT NOT NULL DEFAULT 0,
  opened      BIGINT NOT NULL DEFAULT 0,
  purge_at    BIGINT,
  CHECK (state <> 'ready' OR (blob <> '' AND sha256 <> '' AND ready_at IS NOT NULL))
);

-- Keyed digests of rows that were erased, so that a restored backup can be erased again.
CREATE TABLE erasure_ledger (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id BIGINT NOT NULL REFERENCES request (id),
  source     TEXT NOT NULL,
  collection TEXT NOT NULL,
  row_index  BLOB NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX erasure_ledger_row ON erasure_ledger (source, collection, row_index);

CREATE TABLE suppression (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  activity      TEXT NOT NULL,
  address_index BLOB NOT NULL,
  since         BIGINT NOT NULL,
  UNIQUE (activity, address_index)
);

CREATE TABLE idempotency (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  scope      TEXT NOT NULL,
  key_hash   BLOB NOT NULL,
  body_hash  BLOB NOT NULL,
  object     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (scope, key_hash)
);

-- A leaf is written in the act's own transaction; the sequencer gives it its place in the tree.
CREATE TABLE audit_leaf (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  place        BIGINT UNIQUE,
  leaf         BLOB NOT NULL,
  leaf_hash    BLOB NOT NULL,
  request_id   BIGINT REFERENCES request (id),
  sealed_statement BLOB,
  public_id    TEXT NOT NULL UNIQUE
);
CREATE INDEX audit_leaf_request ON audit_leaf (request_id);
CREATE INDEX audit_leaf_hash ON audit_leaf (leaf_hash);
CREATE INDEX audit_leaf_waiting ON audit_leaf (id) WHERE place IS NULL;

CREATE TABLE audit_node (
  place BIGINT PRIMARY KEY,
  hash  BLOB NOT NULL
);

CREATE TABLE audit_checkpoint (
  size       BIGINT PRIMARY KEY,
  root       BLOB NOT NULL,
  note       BLOB NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE job (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,
  key          TEXT NOT NULL UNIQUE,
  object       TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('ready', 'done', 'needs_human')),
  run_at       BIGINT NOT NULL,
  attempts     BIGINT NOT NULL DEFAULT 0,
  max_attempts BIGINT NOT NULL DEFAULT 0,
  crashes      BIGINT NOT NULL DEFAULT 0,
  lease_owner  TEXT NOT NULL DEFAULT '',
  lease_until  BIGINT,
  fence        BIGINT NOT NULL DEFAULT 0,
  last_code    TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  done_at      BIGINT
);
CREATE INDEX job_ready ON job (run_at, id) WHERE state = 'ready';
CREATE INDEX job_done ON job (done_at) WHERE state = 'done';
CREATE INDEX job_object ON job (object);

CREATE TABLE demo_mail (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  public_id   TEXT NOT NULL UNIQUE,
  message_id  TEXT NOT NULL UNIQUE,
  sealed_mail BLOB NOT NULL,
  at          BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER event_no_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER event_no_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_leaf_no_delete BEFORE DELETE ON audit_leaf BEGIN SELECT RAISE(ABORT, 'the log is never shortened'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_leaf_no_update BEFORE UPDATE ON audit_leaf
WHEN OLD.place IS NOT NULL OR OLD.leaf <> NEW.leaf OR OLD.leaf_hash <> NEW.leaf_hash
  OR OLD.request_id IS NOT NEW.request_id OR OLD.sealed_statement IS NOT NEW.sealed_statement
BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER version_no_update BEFORE UPDATE ON version BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER version_no_delete BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'a version is never removed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_node_no_update BEFORE UPDATE ON audit_node BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_node_no_delete BEFORE DELETE ON audit_node BEGIN SELECT RAISE(ABORT, 'the log is never shortened'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoint_no_update BEFORE UPDATE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_checkpoint_no_delete BEFORE DELETE ON audit_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is never shortened'); END;
-- +goose StatementEnd
