package store

import (
	"cmp"
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
)

// The kinds of sessions.
const (
	SessionPerson = "person"
	SessionMember = "member"
)

// Session is a browser that is signed in. Of its cookie only the digest lies here.
type Session struct {
	ID           int64
	PublicID     string
	Kind         string
	MemberID     int64           // of a member
	Address      keyring.Private // canonical; of a person
	AddressIndex []byte
	Locale       locale.Locale
	Right        dsr.Right
	Challenge    string // public id of the challenge that proved the address
	ProvedAt     time.Time
	SteppedUpAt  *time.Time
	Device       string // browser and system, in words
	Method       string // how a member signed in: one of the Method constants
	CreatedAt    time.Time
	SeenAt       time.Time
	IdleUntil    time.Time
	ExpiresAt    time.Time
}

// How a member signs in.
const (
	MethodPassword = "password" // and one-time code
	MethodPasskey  = "passkey"
	MethodOIDC     = "oidc"
)

type sessionRow struct {
	ID            int64
	PublicID      string
	Kind          string
	SecretHash    []byte
	MemberID      *int64
	SealedAddress []byte
	AddressIndex  []byte
	Locale        string
	AskedRight    string
	Challenge     string
	Device        string
	Method        string
	ProvedAt      int64
	SteppedUpAt   *int64
	CreatedAt     int64
	SeenAt        int64
	IdleUntil     int64
	ExpiresAt     int64
	EndedAt       *int64
}

func (sessionRow) TableName() string { return "session" }

// AddSession keeps a new session under the digest of its cookie. ID, PublicID, CreatedAt, SeenAt and ProvedAt
// are filled in: it is proved now.
func (tx *Tx) AddSession(s Session, secretHash []byte) (*Session, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	s.PublicID, s.CreatedAt, s.SeenAt, s.ProvedAt, s.Method = id, tx.Now, tx.Now, tx.Now, cmp.Or(s.Method, MethodPassword)
	row := sessionRow{
		PublicID: id, Kind: s.Kind, SecretHash: secretHash, MemberID: idOrNil(s.MemberID), AddressIndex: s.AddressIndex,
		Locale: string(s.Locale), AskedRight: string(s.Right), Challenge: s.Challenge, Device: s.Device, Method: s.Method, ProvedAt: Micros(tx.Now),
		SteppedUpAt: microsOrNil(s.SteppedUpAt), CreatedAt: Micros(tx.Now), SeenAt: Micros(tx.Now),
		IdleUntil: Micros(s.IdleUntil), ExpiresAt: Micros(s.ExpiresAt),
	}
	if row.Locale == "" {
		row.Locale = string(locale.NB)
	}
	row.SealedAddress, err = tx.seal(doorstep(tx.Now), ClassCore, "session", "sealed_address", id, []byte(s.Address.Reveal()))
	if err != nil {
		return nil, err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return nil, fmt.Errorf("keeping a session: %w", err)
	}
	s.ID = row.ID
	return &s, nil
}

const liveSession = "ended_at IS NULL AND expires_at > ? AND idle_until > ?"

// SessionBySecret gives the live session of a kind with a cookie's digest; nil when there is none.
func (tx *Tx) SessionBySecret(kind string, secretHash []byte) (*Session, error) {
	now := Micros(tx.Now)
	var rows []sessionRow
	err := tx.db.Where("secret_hash = ? AND kind = ? AND "+liveSession, secretHash, kind, now, now).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading a session: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return tx.session(rows[0])
}

func (tx *Tx) session(r sessionRow) (*Session, error) {
	address, err := tx.open(doorstep(Instant(r.CreatedAt)), ClassCore, "session", "sealed_address", r.PublicID, r.SealedAddress)
	if err != nil {
		return nil, err
	}
	s := &Session{
		ID: r.ID, PublicID: r.PublicID, Kind: r.Kind, Address: privateOf(address), AddressIndex: r.AddressIndex,
		Locale: locale.Locale(r.Locale), Right: dsr.Right(r.AskedRight), Challenge: r.Challenge, ProvedAt: Instant(r.ProvedAt),
		Device: r.Device, Method: r.Method, CreatedAt: Instant(r.CreatedAt), SteppedUpAt: instantOrNil(r.SteppedUpAt), SeenAt: Instant(r.SeenAt), IdleUntil: Instant(r.IdleUntil), ExpiresAt: Instant(r.ExpiresAt),
	}
	if r.MemberID != nil {
		s.MemberID = *r.MemberID
	}
	return s, nil
}

// TouchSession moves the end of a live session's idle time.
func (tx *Tx) TouchSession(id int64, idleUntil time.Time) error {
	now := Micros(tx.Now)
	err := tx.db.Exec("UPDATE session SET seen_at = ?, idle_until = ? WHERE id = ? AND "+liveSession, now, Micros(idleUntil), id, now, now).Error
	if err != nil {
		return fmt.Errorf("touching a session: %w", err)
	}
	return nil
}

// ProveSession notes that a live session's person proved the address once more; false when the
// session has ended.
func (tx *Tx) ProveSession(id int64) (bool, error) {
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE session SET proved_at = ? WHERE id = ? AND "+liveSession, now, id, now, now))
	if err != nil {
		return false, fmt.Errorf("proving a session: %w", err)
	}
	return ok, nil
}

// RotateSession gives a live session another cookie and notes the fresh factor; false when the
// session has ended or somebody else rotated it.
func (tx *Tx) RotateSession(id int64, oldHash, newHash []byte) (bool, error) {
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE session SET secret_hash = ?, stepped_up_at = ?, proved_at = ? WHERE id = ? AND secret_hash = ? AND "+liveSession,
		newHash, now, now, id, oldHash, now, now))
	if err != nil {
		return false, fmt.Errorf("rotating a session: %w", err)
	}
	return ok, nil
}

// EndSession ends a session.
func (tx *Tx) EndSession(id int64) error { return tx.endSessions("id = ?", id) }

// EndSessionsOfAddress ends all sessions of a person's address.
func (tx *Tx) EndSessionsOfAddress(index []byte) error {
	return tx.endSessions("address_index = ?", index)
}

// EndSessionsOfMember ends all sessions of a member but the newest few.
func (tx *Tx) EndSessionsOfMember(member int64, keep int) error {
	return tx.endSessions(`member_id = ? AND id NOT IN (SELECT id FROM session WHERE member_id = ? AND ended_at IS NULL
		ORDER BY id DESC LIMIT ?)`, member, member, keep)
}

// SessionsOfMember gives the live sessions of a member, the newest first.
func (tx *Tx) SessionsOfMember(member int64) ([]Session, error) {
	now := Micros(tx.Now)
	var rows []sessionRow
	if err := tx.db.Where("member_id = ? AND "+liveSession, member, now, now).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading sessions: %w", err)
	}
	list := make([]Session, 0, len(rows))
	for _, r := range rows {
		s, err := tx.session(r)
		if err != nil {
			return nil, err
		}
		list = append(list, *s)
	}
	return list, nil
}

// EndSessionOfMember ends one session of a member by its public id; false when there is none that lives.
func (tx *Tx) EndSessionOfMember(member int64, publicID string) (bool, error) {
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE session SET ended_at = ? WHERE member_id = ? AND public_id = ? AND "+liveSession, now, member, publicID, now, now))
	if err != nil {
		return false, fmt.Errorf("ending a session: %w", err)
	}
	return ok, nil
}

// EndOtherSessions ends all sessions of a member but one.
func (tx *Tx) EndOtherSessions(member, but int64) error {
	return tx.endSessions("member_id = ? AND id <> ?", member, but)
}

// EndAllSessions ends every session and voids what waits to be redeemed: after a restore, secrets
// that were used or revoked since the backup must not open anything again.
func (tx *Tx) EndAllSessions() error {
	if err := tx.endSessions("1 = 1"); err != nil {
		return err
	}
	if err := tx.db.Exec("UPDATE challenge SET void_at = ? WHERE void_at IS NULL AND used_at IS NULL", Micros(tx.Now)).Error; err != nil {
		return fmt.Errorf("voiding challenges: %w", err)
	}
	if err := tx.db.Exec("UPDATE ceremony SET used_at = ? WHERE used_at IS NULL", Micros(tx.Now)).Error; err != nil {
		return fmt.Errorf("voiding ceremonies: %w", err)
	}
	return nil
}

func (tx *Tx) endSessions(where string, args ...any) error {
	err := tx.db.Exec("UPDATE session SET ended_at = ? WHERE ended_at IS NULL AND "+where, append([]any{Micros(tx.Now)}, args...)...).Error
	if err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	return nil
}

type stepUpRow struct {
	ID        int64
	SessionID int64
	Operation string
	Object    string
	ProvedAt  int64
	ExpiresAt int64
	UsedAt    *int64
}

func (stepUpRow) TableName() string { return "step_up" }

// AddStepUp keeps a proof for one operation on one object.
func (tx *Tx) AddStepUp(session int64, operation, object string, until time.Time) error {
	row := stepUpRow{SessionID: session, Operation: operation, Object: object, ProvedAt: Micros(tx.Now), ExpiresAt: Micros(until)}
	if err := tx.db.Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a proof: %w", err)
	}
	return nil
}

const freshStepUp = `used_at IS NULL AND expires_at > ? AND id = (SELECT max(u.id) FROM step_up u JOIN session s ON s.id = u.session_id
	WHERE u.session_id = ? AND u.operation = ? AND u.object = ? AND u.used_at IS NULL AND s.ended_at IS NULL AND s.expires_at > ?)`

// UseStepUp consumes the newest unused proof; false when there is none.
func (tx *Tx) UseStepUp(session int64, operation, object string) (bool, error) {
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE step_up SET used_at = ? WHERE "+freshStepUp, now, now, session, operation, object, now))
	if err != nil {
		return false, fmt.Errorf("using a proof: %w", err)
	}
	return ok, nil
}

// HasStepUp tells whether there is an unused proof.
func (tx *Tx) HasStepUp(session int64, operation, object string) (bool, error) {
	now := Micros(tx.Now)
	var n int64
	err := tx.db.Raw("SELECT count(*) FROM step_up WHERE "+freshStepUp, now, session, operation, object, now).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("reading a proof: %w", err)
	}
	return n == 1, nil
}
