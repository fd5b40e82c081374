package store

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/verification"
)

// Challenge is a mailed secret waiting to be redeemed. Of the secrets only digests lie here.
type Challenge struct {
	ID              int64
	PublicID        string
	Purpose         verification.Purpose
	Operation       string // of a step-up
	Object          string // what the operation is about; may be empty
	Right           dsr.Right
	Locale          locale.Locale
	AddressIndex    []byte
	FlowHash        []byte // of the browser or session that asked
	TokenHash       []byte // of the newest mail; empty until one was minted
	CodeMAC         []byte
	Attempts        int
	ForeignAttempts int
	Sends           int // mails asked for
	CreatedAt       time.Time
	SentAt          *time.Time // when a mail was last asked for again or went out; nil until the first went out
	ExpiresAt       time.Time
	UsedAt          *time.Time
	VoidAt          *time.Time

	sealedAddress []byte
}

// Open tells whether the challenge can still be redeemed at an instant.
func (c *Challenge) Open(at time.Time) bool {
	return c.UsedAt == nil && c.VoidAt == nil && at.Before(c.ExpiresAt)
}

// Digests are what is kept of the secrets of one mail.
type Digests struct{ TokenHash, CodeMAC []byte }

type challengeRow struct {
	ID              int64
	PublicID        string
	Purpose         string
	Object          string
	Operation       string
	AskedRight      string
	Locale          string
	SealedAddress   []byte
	AddressIndex    []byte
	FlowHash        []byte
	TokenHash       []byte
	CodeMac         []byte
	Attempts        int
	ForeignAttempts int
	Sends           int
	CreatedAt       int64
	SentAt          *int64
	ExpiresAt       int64
	UsedAt          *int64
	VoidAt          *int64
}

func (challengeRow) TableName() string { return "challenge" }

func (r challengeRow) domain() *Challenge {
	return &Challenge{
		ID: r.ID, PublicID: r.PublicID, Purpose: verification.Purpose(r.Purpose), Operation: r.Operation, Object: r.Object,
		Right: dsr.Right(r.AskedRight), Locale: locale.Locale(r.Locale), AddressIndex: r.AddressIndex, FlowHash: r.FlowHash,
		TokenHash: r.TokenHash, CodeMAC: r.CodeMac, Attempts: r.Attempts, ForeignAttempts: r.ForeignAttempts, Sends: r.Sends,
		CreatedAt: Instant(r.CreatedAt), SentAt: instantOrNil(r.SentAt), ExpiresAt: Instant(r.ExpiresAt),
		UsedAt: instantOrNil(r.UsedAt), VoidAt: instantOrNil(r.VoidAt), sealedAddress: r.SealedAddress,
	}
}

// NewChallenge is what a challenge begins with.
type NewChallenge struct {
	Purpose   verification.Purpose
	Operation string
	Object    string
	Right     dsr.Right
	Locale    locale.Locale
	Address   dsr.Address
	FlowHash  []byte
	ExpiresAt time.Time
	Void      bool // nothing will be sent and nothing can be redeemed; for whoever asked it looks the same
}

// doorstep is the owner of what is sealed about people who have not filed anything yet: one key a
// day, so that it can be shredded with the day.
func doorstep(at time.Time) string { return "doorstep-" + at.UTC().Format(time.DateOnly) }

// AddChallenge keeps a new challenge.
func (tx *Tx) AddChallenge(n NewChallenge) (*Challenge, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	sealed, err := tx.seal(doorstep(tx.Now), ClassCore, "challenge", "sealed_address", id, []byte(n.Address.Typed))
	if err != nil {
		return nil, err
	}
	row := challengeRow{
		PublicID: id, Purpose: string(n.Purpose), Object: n.Object, Operation: n.Operation, AskedRight: string(n.Right),
		Locale: string(n.Locale), SealedAddress: sealed, AddressIndex: tx.AddressIndex(n.Address.Canonical),
		FlowHash: n.FlowHash, Sends: 1, CreatedAt: Micros(tx.Now), ExpiresAt: Micros(n.ExpiresAt),
	}
	if n.Void {
		now := Micros(tx.Now)
		row.VoidAt = &now
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return nil, fmt.Errorf("keeping a challenge: %w", err)
	}
	return row.domain(), nil
}

// Challenge gives a challenge by its public id; nil when there is none.
func (tx *Tx) Challenge(publicID string) (*Challenge, error) {
	list, err := tx.challenges(1, "public_id = ?", publicID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// OpenChallenges gives the open challenges of a purpose that one browser or session asked for on an
// object, newest first.
func (tx *Tx) OpenChallenges(flowHash []byte, p verification.Purpose, object string, limit int) ([]*Challenge, error) {
	return tx.challenges(limit, "flow_hash = ? AND purpose = ? AND object = ? AND used_at IS NULL AND void_at IS NULL AND expires_at > ?",
		flowHash, string(p), object, Micros(tx.Now))
}

func (tx *Tx) challenges(limit int, where string, args ...any) ([]*Challenge, error) {
	var rows []challengeRow
	if err := tx.db.Where(where, args...).Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading challenges: %w", err)
	}
	list := make([]*Challenge, len(rows))
	for i, r := range rows {
		list[i] = r.domain()
	}
	return list, nil
}

// CountOpen counts the open, unconfirmed challenges of an address.
func (tx *Tx) CountOpen(addressIndex []byte, p verification.Purpose) (int, error) {
	var n int64
	err := tx.db.Model(&challengeRow{}).
		Where("address_index = ? AND purpose = ? AND used_at IS NULL AND void_at IS NULL AND expires_at > ?", addressIndex, string(p), Micros(tx.Now)).
		Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("counting challenges: %w", err)
	}
	return int(n), nil
}

// Unconfirmed counts the addresses that were given since an instant and never confirmed in time.
func (tx *Tx) Unconfirmed(since time.Time) (int, error) {
	var n int64
	err := tx.db.Model(&challengeRow{}).
		Where("purpose = ? AND used_at IS NULL AND created_at >= ? AND expires_at <= ?", string(verification.File), Micros(since), Micros(tx.Now)).
		Distinct("address_index").Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("counting challenges: %w", err)
	}
	return int(n), nil
}

// ChallengeAddress opens the address that a challenge was made for.
func (tx *Tx) ChallengeAddress(c *Challenge) (dsr.Address, error) {
	typed, err := tx.open(doorstep(c.CreatedAt), ClassCore, "challenge", "sealed_address", c.PublicID, c.sealedAddress)
	if err != nil {
		return dsr.Address{}, err
	}
	return dsr.ParseAddress(string(typed))
}

// ContactObject names what a code to a contact on file is about: an identifier of a request.
func ContactObject(request, identifier string) string { return request + "/" + identifier }

// OfContactObject takes the name apart again.
func OfContactObject(object string) (request, identifier string) {
	request, identifier, _ = strings.Cut(object, "/")
	return request, identifier
}

// ContactFlow stands where the other challenges have the browser that asked: these have none.
func ContactFlow() []byte { return verification.HashToken("contact on file") }

// VoidObject ends all open challenges of a purpose about one object.
func (tx *Tx) VoidObject(p verification.Purpose, object string) error {
	err := tx.db.Exec("UPDATE challenge SET void_at = ? WHERE purpose = ? AND object = ? AND used_at IS NULL AND void_at IS NULL",
		Micros(tx.Now), string(p), object).Error
	if err != nil {
		return fmt.Errorf("voiding challenges: %w", err)
	}
	return nil
}

const openChallenge = "used_at IS NULL AND void_at IS NULL AND expires_at > ?"

// CountAttempt counts an attempt before it is looked at; false when none is left or the challenge
// is over. Commit it before the comparison.
func (tx *Tx) CountAttempt(id int64, most int) (bool, error) {
	return tx.count("attempts", id, most)
}

// CountForeign counts an attempt from another browser than the one that asked.
func (tx *Tx) CountForeign(id int64, most int) (bool, error) {
	return tx.count("foreign_attempts", id, most)
}

func (tx *Tx) count(column string, id int64, most int) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE challenge SET "+column+" = "+column+" + 1 WHERE id = ? AND "+column+" < ? AND "+openChallenge,
		id, most, Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("counting an attempt: %w", err)
	}
	return ok, nil
}

// UseChallenge consumes a challenge; false when somebody else was first, or it is over.
func (tx *Tx) UseChallenge(id int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE challenge SET used_at = ? WHERE id = ? AND "+openChallenge, Micros(tx.Now), id, Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("using a challenge: %w", err)
	}
	return ok, nil
}

// VoidChallenges ends all open challenges of an address.
func (tx *Tx) VoidChallenges(addressIndex []byte) error {
	err := tx.db.Exec("UPDATE challenge SET void_at = ? WHERE address_index = ? AND used_at IS NULL AND void_at IS NULL",
		Micros(tx.Now), addressIndex).Error
	if err != nil {
		return fmt.Errorf("voiding challenges: %w", err)
	}
	return nil
}

// AskAgain notes that another mail was asked for; false when the last is too fresh, has not gone
// out yet, or the challenge is over.
func (tx *Tx) AskAgain(c *Challenge, every time.Duration) (bool, error) {
	now := Micros(tx.Now)
	ok, err := changed(tx.db.Exec("UPDATE challenge SET sends = sends + 1, sent_at = ? WHERE id = ? AND sends = ? AND sent_at <= ? AND "+openChallenge,
		now, c.ID, c.Sends, Micros(tx.Now.Add(-every)), now))
	if err != nil {
		return false, fmt.Errorf("asking for another mail: %w", err)
	}
	return ok, nil
}

type digestsRow struct {
	ID          int64
	ChallengeID int64
	TokenHash   []byte
	CodeMac     []byte
	CreatedAt   int64
}

func (digestsRow) TableName() string { return "challenge_secret" }

// SetDigests makes new digests the newest. What was the newest before stays good beside it, as it may
// lie in a mail that is late; of such only the last few are kept. False when the challenge is over. What the
// newest is, is read anew under a lock: a worker that stood still since it read the challenge would write
// over the digests of the mail that another one has sent meanwhile.
func (tx *Tx) SetDigests(c *Challenge, d Digests, earlier int) (bool, error) {
	now := Micros(tx.Now)
	var newest challengeRow
	if err := tx.locking(tx.db).Where("id = ?", c.ID).Take(&newest).Error; err != nil {
		return false, fmt.Errorf("locking a challenge: %w", err)
	}
	if len(newest.CodeMac) > 0 {
		row := digestsRow{ChallengeID: c.ID, TokenHash: orEmpty(newest.TokenHash), CodeMac: newest.CodeMac, CreatedAt: now}
		if err := tx.db.Create(&row).Error; err != nil {
			return false, fmt.Errorf("keeping earlier digests: %w", err)
		}
		err := tx.db.Exec(`DELETE FROM challenge_secret WHERE challenge_id = ? AND id NOT IN
			(SELECT id FROM challenge_secret WHERE challenge_id = ? ORDER BY id DESC LIMIT ?)`, c.ID, c.ID, earlier).Error
		if err != nil {
			return false, fmt.Errorf("dropping the oldest digests: %w", err)
		}
	}
	ok, err := changed(tx.db.Exec("UPDATE challenge SET token_hash = ?, code_mac = ? WHERE id = ? AND "+openChallenge, d.TokenHash, d.CodeMAC, c.ID, now))
	if err != nil {
		return false, fmt.Errorf("keeping digests: %w", err)
	}
	return ok, nil
}

func orEmpty(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// DropDigests takes back the newest digests, of a mail that certainly did not go out.
func (tx *Tx) DropDigests(id int64, d Digests) error {
	err := tx.db.Exec("UPDATE challenge SET token_hash = NULL, code_mac = NULL WHERE id = ? AND code_mac = ?", id, d.CodeMAC).Error
	if err != nil {
		return fmt.Errorf("dropping digests: %w", err)
	}
	return nil
}

// AllDigests gives the newest digests of a challenge and those of earlier mails.
func (tx *Tx) AllDigests(c *Challenge) ([]Digests, error) {
	var rows []digestsRow
	if err := tx.db.Where("challenge_id = ?", c.ID).Order("id DESC").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading digests: %w", err)
	}
	list := []Digests{{c.TokenHash, c.CodeMAC}}
	for _, r := range rows {
		list = append(list, Digests{r.TokenHash, r.CodeMac})
	}
	return list, nil
}

// ChallengeSent notes that a mail went out.
func (tx *Tx) ChallengeSent(id int64) error {
	if err := tx.db.Exec("UPDATE challenge SET sent_at = ? WHERE id = ?", Micros(tx.Now), id).Error; err != nil {
		return fmt.Errorf("noting a sent mail: %w", err)
	}
	return nil
}

// How long the doorstep keeps what is over: unconfirmed addresses stay countable for 30 days.
const (
	keepChallenges = 30 * 24 * time.Hour
	keepSessions   = 24 * time.Hour
	keepCounters   = 3 * 24 * time.Hour
	keepDoorstep   = 40 * 24 * time.Hour // longer than any row under its key
)

// SweepDoorstep deletes challenges, sessions, counters, blocks and tellings of changes that are over, and shreds the keys
// of days that nothing is left of.
func (tx *Tx) SweepDoorstep() error {
	before := func(d time.Duration) int64 { return Micros(tx.Now.Add(-d)) }
	for _, sweep := range []struct {
		statement string
		before    int64
	}{
		{"DELETE FROM challenge_secret WHERE challenge_id IN (SELECT id FROM challenge WHERE expires_at < ?)", before(0)},
		{"DELETE FROM challenge WHERE expires_at < ?", before(keepChallenges)},
		{"DELETE FROM step_up WHERE expires_at < ?", before(keepSessions)},
		{"DELETE FROM ceremony WHERE expires_at < ?", before(0)},
		{"DELETE FROM session WHERE expires_at < ?", before(keepSessions)},
		{"DELETE FROM counter WHERE slot < ?", before(keepCounters)},
		{"DELETE FROM blocked_address WHERE until < ?", before(0)},
		{"DELETE FROM address_change WHERE created_at < ?", before(keepChallenges)},
		{"DELETE FROM case_change WHERE at < ?", before(keepChanges)},
	} {
		if err := tx.db.Exec(sweep.statement, sweep.before).Error; err != nil {
			return fmt.Errorf("sweeping the doorstep: %w", err)
		}
	}
	var owners []string
	err := tx.db.Model(&dataKeyRow{}).Where("owner LIKE 'doorstep-%' AND owner < ? AND shredded_at IS NULL", doorstep(tx.Now.Add(-keepDoorstep))).
		Pluck("owner", &owners).Error
	if err != nil {
		return fmt.Errorf("reading old keys: %w", err)
	}
	for _, owner := range owners {
		err = errors.Join(err, tx.Shred(owner, ClassCore))
	}
	return err
}

func privateOf(plain []byte) keyring.Private { return keyring.NewPrivate(string(plain)) }
