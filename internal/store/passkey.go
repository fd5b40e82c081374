package store

import (
	"fmt"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// Passkey is a key that a member signs in with.
type Passkey struct {
	ID         int64
	PublicID   string
	MemberID   int64
	Name       keyring.Private // as the member calls it
	Credential keyring.Private // what was registered, as the library writes it; its counter is SignCount
	SignCount  uint32
	CreatedAt  time.Time
	UsedAt     *time.Time
}

type passkeyRow struct {
	ID               int64
	PublicID         string
	MemberID         int64
	CredentialIndex  []byte
	SealedName       []byte
	SealedCredential []byte
	SignCount        int64
	CreatedAt        int64
	UsedAt           *int64
}

func (passkeyRow) TableName() string { return "passkey" }

// ErrPasskeyExists says that the key is registered already, here or with another member.
var ErrPasskeyExists = fault.Define(fault.Conflict, "passkey_exists",
	"Denne passnøkkelen er allerede lagt til.", "Denne passnøkkelen er alt lagd til.", "This passkey has been added already.")

func (tx *Tx) credentialIndex(credential []byte) []byte {
	return tx.s.opt.Ring.Index(keyring.LabelPasskey, string(credential))
}

// AddPasskey keeps a new passkey of a member; credential is its id, as browsers show it.
func (tx *Tx) AddPasskey(m *Member, credential []byte, k Passkey) (*Passkey, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	row := passkeyRow{PublicID: id, MemberID: m.ID, CredentialIndex: tx.credentialIndex(credential), SignCount: int64(k.SignCount), CreatedAt: Micros(tx.Now)}
	if row.SealedName, err = tx.seal(m.PublicID, ClassStaff, "passkey", "sealed_name", id, []byte(k.Name.Reveal())); err != nil {
		return nil, err
	}
	if row.SealedCredential, err = tx.seal(m.PublicID, ClassStaff, "passkey", "sealed_credential", id, []byte(k.Credential.Reveal())); err != nil {
		return nil, err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return nil, ErrPasskeyExists
		}
		return nil, fmt.Errorf("keeping a passkey: %w", err)
	}
	k.ID, k.PublicID, k.MemberID, k.CreatedAt = row.ID, id, m.ID, tx.Now
	return &k, nil
}

// Passkeys gives a member's passkeys, oldest first.
func (tx *Tx) Passkeys(m *Member) ([]Passkey, error) {
	var rows []passkeyRow
	if err := tx.db.Where("member_id = ?", m.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	list := make([]Passkey, 0, len(rows))
	for _, r := range rows {
		name, err := tx.open(m.PublicID, ClassStaff, "passkey", "sealed_name", r.PublicID, r.SealedName)
		if err != nil {
			return nil, err
		}
		credential, err := tx.open(m.PublicID, ClassStaff, "passkey", "sealed_credential", r.PublicID, r.SealedCredential)
		if err != nil {
			return nil, err
		}
		list = append(list, Passkey{ID: r.ID, PublicID: r.PublicID, MemberID: r.MemberID, Name: privateOf(name), Credential: privateOf(credential),
			SignCount: uint32(r.SignCount), CreatedAt: Instant(r.CreatedAt), UsedAt: instantOrNil(r.UsedAt)})
	}
	return list, nil
}

// MemberByPasskey gives the member whose passkey has an id; nil when there is none.
func (tx *Tx) MemberByPasskey(credential []byte) (*Member, error) {
	var rows []passkeyRow
	if err := tx.db.Where("credential_index = ?", tx.credentialIndex(credential)).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a passkey: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return tx.Member(rows[0].MemberID)
}

// UsePasskey notes that a passkey signed, and its counter. False: the key is gone, its member disabled, or
// the counter has not risen, so that there may be two of the key. Keys without a counter say zero always.
func (tx *Tx) UsePasskey(id int64, count uint32) (bool, error) {
	ok, err := changed(tx.db.Exec(`UPDATE passkey SET sign_count = ?, used_at = ? WHERE id = ? AND (sign_count < ? OR sign_count = 0 AND 0 = ?)
		AND member_id IN (SELECT id FROM member WHERE disabled_at IS NULL)`, int64(count), Micros(tx.Now), id, int64(count), int64(count)))
	if err != nil {
		return false, fmt.Errorf("noting a passkey's use: %w", err)
	}
	return ok, nil
}

// RemovePasskey takes a member's passkey away; false when there is none with that id.
func (tx *Tx) RemovePasskey(member int64, publicID string) (bool, error) {
	ok, err := changed(tx.db.Exec("DELETE FROM passkey WHERE member_id = ? AND public_id = ?", member, publicID))
	if err != nil {
		return false, fmt.Errorf("removing a passkey: %w", err)
	}
	return ok, nil
}

type identityRow struct {
	ID           int64
	MemberID     int64
	SubjectIndex []byte
	CreatedAt    int64
	EndedAt      *int64
}

func (identityRow) TableName() string { return "identity" }

// ErrIdentityTaken says that the organisation's sign-in belongs to another member, or the member has one.
var ErrIdentityTaken = fault.Define(fault.Conflict, "identity_taken",
	"Innloggingen er allerede koblet til en medarbeider.", "Innlogginga er alt kopla til ein medarbeidar.",
	"That sign-in is connected to a member of staff already.")

func (tx *Tx) subjectIndex(issuer, subject string) []byte {
	return tx.s.opt.Ring.Index(keyring.LabelSubject, fmt.Sprintf("%d %s %s", len(issuer), issuer, subject))
}

// MemberBySubject gives the member whom an issuer knows as a subject; nil when there is none, or a new sign-in took its place.
func (tx *Tx) MemberBySubject(issuer, subject string) (*Member, error) {
	var rows []identityRow
	if err := tx.db.Where("subject_index = ? AND ended_at IS NULL", tx.subjectIndex(issuer, subject)).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading an identity: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return tx.Member(rows[0].MemberID)
}

// HasIdentity tells whether a member can sign in with the organisation's own sign-in.
func (tx *Tx) HasIdentity(member int64) (bool, error) {
	var n int64
	if err := tx.db.Model(&identityRow{}).Where("member_id = ? AND ended_at IS NULL", member).Count(&n).Error; err != nil {
		return false, fmt.Errorf("reading an identity: %w", err)
	}
	return n > 0, nil
}

// AddIdentity notes whom an issuer knows as a subject; ErrIdentityTaken when either has another. One of the member's that
// has ended gives way.
func (tx *Tx) AddIdentity(member int64, issuer, subject string) error {
	if err := tx.db.Exec("DELETE FROM identity WHERE member_id = ? AND ended_at IS NOT NULL", member).Error; err != nil {
		return fmt.Errorf("removing an identity that has ended: %w", err)
	}
	row := identityRow{MemberID: member, SubjectIndex: tx.subjectIndex(issuer, subject), CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return ErrIdentityTaken
		}
		return fmt.Errorf("keeping an identity: %w", err)
	}
	return nil
}

// The purposes of a ceremony.
const (
	CeremonyAddPasskey   = "add_passkey"
	CeremonyPasskey      = "passkey"
	CeremonyPasskeyAgain = "passkey_again"
	CeremonyOIDC         = "oidc"
	CeremonyOIDCAgain    = "oidc_again"
	CeremonyAddOIDC      = "add_oidc"
	CeremonyJoinPasskey  = "join_passkey" // of somebody who is invited
	CeremonyJoinPassword = "join_password"
)

// Ceremony is a challenge that waits to be signed, or a sign-in elsewhere that waits for its answer.
type Ceremony struct {
	PublicID  string
	Purpose   string
	Session   int64  // the session that it belongs to, or
	FlowHash  []byte // the digest of the cookie of the browser that began it
	State     keyring.Private
	ExpiresAt time.Time
}

type ceremonyRow struct {
	ID          int64
	PublicID    string
	Purpose     string
	SessionID   *int64
	FlowHash    []byte
	SealedState []byte
	CreatedAt   int64
	ExpiresAt   int64
	UsedAt      *int64
}

func (ceremonyRow) TableName() string { return "ceremony" }

// AddCeremony keeps a ceremony and gives its public id.
func (tx *Tx) AddCeremony(c Ceremony) (string, error) {
	id, err := tx.NewID()
	if err != nil {
		return "", err
	}
	row := ceremonyRow{PublicID: id, Purpose: c.Purpose, SessionID: idOrNil(c.Session), FlowHash: c.FlowHash, CreatedAt: Micros(tx.Now), ExpiresAt: Micros(c.ExpiresAt)}
	if row.SealedState, err = tx.seal(doorstep(tx.Now), ClassCore, "ceremony", "sealed_state", id, []byte(c.State.Reveal())); err != nil {
		return "", err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return "", fmt.Errorf("keeping a ceremony: %w", err)
	}
	return id, nil
}

// TakeCeremony consumes a ceremony in the session or the browser that began it; nil when there is none, it is
// used or over, or somebody else began it.
func (tx *Tx) TakeCeremony(id, purpose string, session int64, flowHash []byte) (*Ceremony, error) {
	owner, arg := "session_id = ?", any(session)
	if session == 0 {
		owner, arg = "flow_hash = ?", any(flowHash)
	}
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE ceremony SET used_at = ? WHERE public_id = ? AND purpose = ? AND used_at IS NULL AND expires_at > ? AND "+owner,
		now, id, purpose, now, arg))
	if err != nil {
		return nil, fmt.Errorf("using a ceremony: %w", err)
	}
	if !ok {
		return nil, nil
	}
	var r ceremonyRow
	if err := tx.db.Where("public_id = ?", id).Take(&r).Error; err != nil {
		return nil, fmt.Errorf("reading a ceremony: %w", err)
	}
	return tx.ceremony(r)
}

// Ceremony gives a ceremony that the browser with this secret began, without consuming it; nil when there is none.
func (tx *Tx) Ceremony(id, purpose string, flowHash []byte) (*Ceremony, error) {
	var rows []ceremonyRow
	err := tx.db.Where("public_id = ? AND purpose = ? AND flow_hash = ? AND used_at IS NULL AND expires_at > ?", id, purpose, flowHash, Micros(tx.Now)).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading a ceremony: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return tx.ceremony(rows[0])
}

func (tx *Tx) ceremony(r ceremonyRow) (*Ceremony, error) {
	state, err := tx.open(doorstep(Instant(r.CreatedAt)), ClassCore, "ceremony", "sealed_state", r.PublicID, r.SealedState)
	if err != nil {
		return nil, err
	}
	return &Ceremony{PublicID: r.PublicID, Purpose: r.Purpose, Session: idOrZero(r.SessionID), FlowHash: r.FlowHash, State: privateOf(state), ExpiresAt: Instant(r.ExpiresAt)}, nil
}
