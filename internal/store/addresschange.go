package store

import (
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/verification"
)

// How a change of address stands.
const (
	ChangeWaiting = "waiting" // until it is due
	ChangeDone    = "done"
	ChangeStopped = "stopped" // by the old address, the person or a member
	ChangeDropped = "dropped" // no case was left to follow, or the new address was never proved
)

// ErrAddressChanging: an address is replaced once at a time.
var ErrAddressChanging = fault.Define(fault.Conflict, "address_changing",
	"Det er alt bestilt et bytte av denne e-postadressen. Vent til det er gjort, eller stopp det først.",
	"Det er alt tinga eit byte av denne e-postadressa. Vent til det er gjort, eller stopp det først.",
	"A change of this e-mail address is under way already. Wait until it is done, or stop it first.")

// AddressChange is an e-mail address that is to be replaced by another in the cases that follow it.
type AddressChange struct {
	ID          int64
	PublicID    string
	RequestID   *int64 // a member began it, for this case alone
	Locale      locale.Locale
	State       string
	OldIndex    []byte
	Old, New    keyring.Private // canonical
	TokenHash   []byte          // of the newest mail to the old address; empty until one was minted
	EarlierHash []byte          // of the mail before it
	CreatedAt   time.Time
	DueAt       time.Time
	ProvedAt    *time.Time // when the new address was proved
}

type addressChangeRow struct {
	ID          int64
	PublicID    string
	RequestID   *int64
	Locale      string
	State       string
	OldIndex    []byte
	SealedOld   []byte
	SealedNew   []byte
	TokenHash   []byte
	EarlierHash []byte
	CreatedAt   int64
	DueAt       int64
	ProvedAt    *int64
	EndedAt     *int64
}

func (addressChangeRow) TableName() string { return "address_change" }

// AddAddressChange keeps a change that waits; ErrAddressChanging when one of the same old address does
// already. PublicID, State, OldIndex and CreatedAt are filled in.
func (tx *Tx) AddAddressChange(c AddressChange) (*AddressChange, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	c.PublicID, c.State, c.OldIndex, c.CreatedAt = id, ChangeWaiting, tx.AddressIndex(c.Old.Reveal()), tx.Now
	row := addressChangeRow{PublicID: id, RequestID: c.RequestID, Locale: string(c.Locale), State: c.State, OldIndex: c.OldIndex,
		CreatedAt: Micros(tx.Now), DueAt: Micros(c.DueAt), ProvedAt: microsOrNil(c.ProvedAt)}
	// The key of the day goes after forty days, and with it both addresses: a change waits fourteen at most.
	if row.SealedOld, err = tx.seal(doorstep(tx.Now), ClassCore, "address_change", "sealed_old", id, []byte(c.Old.Reveal())); err != nil {
		return nil, err
	}
	if row.SealedNew, err = tx.seal(doorstep(tx.Now), ClassCore, "address_change", "sealed_new", id, []byte(c.New.Reveal())); err != nil {
		return nil, err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return nil, ErrAddressChanging
		}
		return nil, fmt.Errorf("keeping a change of address: %w", err)
	}
	c.ID = row.ID
	return &c, nil
}

// AddressChange gives a change by its public id; nil when there is none.
func (tx *Tx) AddressChange(publicID string) (*AddressChange, error) {
	return tx.addressChange("public_id = ?", publicID)
}

// AddressChanging gives the change that waits for an address, by its index; nil when none does.
func (tx *Tx) AddressChanging(oldIndex []byte) (*AddressChange, error) {
	if len(oldIndex) == 0 {
		return nil, nil
	}
	return tx.addressChange("old_index = ? AND state = ?", oldIndex, ChangeWaiting)
}

func (tx *Tx) addressChange(where string, args ...any) (*AddressChange, error) {
	var rows []addressChangeRow
	if err := tx.db.Where(where, args...).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a change of address: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	r := rows[0]
	c := &AddressChange{ID: r.ID, PublicID: r.PublicID, RequestID: r.RequestID, Locale: locale.Locale(r.Locale), State: r.State,
		OldIndex: r.OldIndex, TokenHash: r.TokenHash, EarlierHash: r.EarlierHash,
		CreatedAt: Instant(r.CreatedAt), DueAt: Instant(r.DueAt), ProvedAt: instantOrNil(r.ProvedAt)}
	for _, column := range []struct {
		name   string
		sealed []byte
		into   *keyring.Private
	}{{"sealed_old", r.SealedOld, &c.Old}, {"sealed_new", r.SealedNew, &c.New}} {
		plain, err := tx.open(doorstep(c.CreatedAt), ClassCore, "address_change", column.name, r.PublicID, column.sealed)
		if err != nil {
			return nil, err
		}
		*column.into = privateOf(plain)
	}
	return c, nil
}

// ProveAddressChange notes that the new address was proved; false when the change is over, or it was
// proved before.
func (tx *Tx) ProveAddressChange(c *AddressChange) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE address_change SET proved_at = ? WHERE id = ? AND state = ? AND proved_at IS NULL",
		Micros(tx.Now), c.ID, ChangeWaiting))
	if err != nil {
		return false, fmt.Errorf("noting a proved address: %w", err)
	}
	return ok, nil
}

// EndAddressChange ends a change that waits, once: false when somebody else was first.
func (tx *Tx) EndAddressChange(c *AddressChange, state string) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE address_change SET state = ?, ended_at = ? WHERE id = ? AND state = ?",
		state, Micros(tx.Now), c.ID, ChangeWaiting))
	if err != nil {
		return false, fmt.Errorf("ending a change of address: %w", err)
	}
	if ok {
		c.State = state
	}
	return ok, nil
}

// SetStopToken makes a mailed secret the newest that stops a change; the one before it stays good, as
// its mail may be late. False when the change is over.
func (tx *Tx) SetStopToken(c *AddressChange, hash []byte) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE address_change SET earlier_hash = token_hash, token_hash = ? WHERE id = ? AND state = ?",
		hash, c.ID, ChangeWaiting))
	if err != nil {
		return false, fmt.Errorf("keeping a digest: %w", err)
	}
	return ok, nil
}

// Followers gives the cases that a change is about, locked, in the order of their ids: all that the old
// address opens, or the one that a member began it for, while it follows that address.
func (tx *Tx) Followers(c *AddressChange, keep time.Duration) ([]*Request, error) {
	if c.RequestID != nil {
		r, err := tx.RequestByID(*c.RequestID)
		if err != nil || r.Shredded() || string(r.AddressIndex) != string(c.OldIndex) {
			return nil, err
		}
		return []*Request{r}, nil
	}
	return tx.OpenedBy(c.OldIndex, keep)
}

// OpenedBy gives the cases that the holder of an address may see, locked, in the order of their ids, so that
// two who lock several never wait in a circle.
func (tx *Tx) OpenedBy(address []byte, keep time.Duration) ([]*Request, error) {
	var ids []int64
	if err := tx.db.Model(&requestRow{}).Where("address_index = ? AND state <> 'purged'", address).Order("id").Limit(500).Pluck("id", &ids).Error; err != nil {
		return nil, fmt.Errorf("reading the cases of an address: %w", err)
	}
	var out []*Request
	for _, id := range ids {
		r, err := tx.RequestByID(id)
		if err != nil {
			return nil, err
		}
		opens, err := tx.Opens(r, address, keep)
		if err != nil {
			return nil, err
		}
		if opens {
			out = append(out, r)
		}
	}
	return out, nil
}

// FollowAddress has a case follow a proved address from now on: a verified identifier in the place of the
// old one, which stays and is searched by as before; and found by the office under both. The columns are
// for Change.Columns.
func (tx *Tx) FollowAddress(r *Request, to dsr.Address) (map[string]any, error) {
	kind := "email"
	if (r.P.Standing.ForOther() || r.P.Standing == dsr.AsCompany) && !r.P.Directed {
		kind = AskerEmail
	}
	if err := tx.proveIdentifier(r, kind, keyring.NewPrivate(to.Canonical), NoteAddressChanged); err != nil {
		return nil, err
	}
	if err := tx.IndexWords(r, to.Canonical); err != nil {
		return nil, err
	}
	return tx.MoveAddress(r, to)
}

// NoteAddressChanged is the note of an identifier that the person changed their address to.
const NoteAddressChanged = "address_changed"

// proveIdentifier makes an identifier a verified one, whatever was thought of it before.
func (tx *Tx) proveIdentifier(r *Request, kind string, value keyring.Private, how string) error {
	if err := tx.AddIdentifier(r, kind, value, Verified, how); err != nil {
		return err
	}
	err := tx.db.Model(&identifierRow{}).
		Where("request_id = ? AND kind = ? AND value_index = ? AND certainty <> ?", r.ID, kind, tx.AddressIndex(kind+":"+value.Reveal()), Verified).
		Updates(map[string]any{"certainty": Verified, "note": how, "verified_at": Micros(tx.Now)}).Error
	if err != nil {
		return fmt.Errorf("verifying an identifier: %w", err)
	}
	return nil
}

// VoidAddressCode ends the code that was mailed to the new address of a change that a member began.
func (tx *Tx) VoidAddressCode(r *Request, c *AddressChange) error {
	return tx.VoidObject(verification.ConfirmContact, ContactObject(r.PublicID, c.PublicID))
}
