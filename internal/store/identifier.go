package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// How sure an identifier is.
const (
	Verified  = "verified"  // the walk may start here
	Candidate = "candidate" // for the officer only, until confirmed
	Rejected  = "rejected"
)

// AskerEmail is the kind of the address of somebody who asks for another person or for a company. The case
// is followed from it; nothing is ever searched by it, as it is not the person's.
const AskerEmail = "asker_email"

// Identifier is something that points at the person, for one request.
type Identifier struct {
	PublicID   string
	Kind       string // email, phone_number, external_id, name, ip_address, organisation_number, AskerEmail
	Value      keyring.Private
	Certainty  string
	VerifiedAt *time.Time
	Note       string // a code: where it came from, or how it was confirmed
}

type identifierRow struct {
	ID          int64
	PublicID    string
	RequestID   int64
	Kind        string
	SealedValue []byte
	ValueIndex  []byte
	Certainty   string
	VerifiedAt  *int64
	Note        string
	CreatedAt   int64
}

func (identifierRow) TableName() string { return "identifier" }

// AddIdentifier keeps an identifier; one that is there already stays as it is.
func (tx *Tx) AddIdentifier(r *Request, kind string, value keyring.Private, certainty, note string) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	sealed, err := tx.seal(r.PublicID, ClassCore, "identifier", "sealed_value", id, []byte(value.Reveal()))
	if err != nil {
		return err
	}
	row := identifierRow{PublicID: id, RequestID: r.ID, Kind: kind, SealedValue: sealed, ValueIndex: tx.AddressIndex(kind + ":" + value.Reveal()),
		Certainty: certainty, Note: note, CreatedAt: Micros(tx.Now)}
	if certainty == Verified {
		at := Micros(tx.Now)
		row.VerifiedAt = &at
	}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keeping an identifier: %w", err)
	}
	return nil
}

// Identifiers gives a request's identifiers, oldest first.
func (tx *Tx) Identifiers(r *Request) ([]Identifier, error) {
	var rows []identifierRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	found := make([]Identifier, 0, len(rows))
	for _, row := range rows {
		value, err := tx.open(r.PublicID, ClassCore, "identifier", "sealed_value", row.PublicID, row.SealedValue)
		if errors.Is(err, ErrShredded) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, Identifier{PublicID: row.PublicID, Kind: row.Kind, Value: keyring.NewPrivate(string(value)),
			Certainty: row.Certainty, VerifiedAt: instantOrNil(row.VerifiedAt), Note: row.Note})
	}
	return found, nil
}

// ErrIdentifierDecided: the identifier is no candidate any more.
var ErrIdentifierDecided = fault.Define(fault.Conflict, "identifier_decided",
	"Dette er allerede avgjort.", "Dette er alt avgjort.", "This has been decided already.")

// Opens tells whether whoever has proved that a mailbox is theirs may read a request in the portal:
// all of it, its messages, its answer and its package.
//
// The rule: the mailbox is the request's own address, and that address is a verified identifier of
// this very request. To prove a mailbox shows who reads it, and nothing of whose case an address was
// written into. A case that a member typed in carries the address that was heard on the phone or read
// in a letter; if it is wrong by one letter, a stranger can prove that mailbox at any time, and must
// still see nothing. Such an address becomes the request's when the way in which the identity was
// established proves it (the request came from it, or a code was sent to it as it is on file), when
// its holder confirms it by a code to a contact on file, or when a member writes down how it was
// confirmed. Until then the answer goes on paper. It also needs an established identity, and ends a
// while after the case has: mailboxes are recycled. An older address that was confirmed for the case
// is searched by, and opens nothing.
func (tx *Tx) Opens(r *Request, address []byte, keep time.Duration) (bool, error) {
	old := r.ClosedAt != nil && tx.Now.Sub(*r.ClosedAt) > keep
	if len(address) == 0 || !slices.Equal(r.AddressIndex, address) || old || r.Shredded() {
		return false, nil
	}
	// Who asks for another is known by the mailbox; who the other is, the office has yet to establish. Until
	// then the case holds nothing but what the one who asks wrote and was asked.
	if !r.P.Verified && !r.P.Standing.ForOther() && r.P.Standing != dsr.AsCompany {
		return false, nil
	}
	return tx.AddressProved(r)
}

// PersonAddresses gives the indexes of addresses that are the person's own: the case's, or, where somebody else
// asks and the case's is theirs, those that are confirmed to be the person's.
func (tx *Tx) PersonAddresses(r *Request) ([][]byte, error) {
	if !r.P.Standing.Apart() {
		if len(r.AddressIndex) == 0 {
			return nil, nil
		}
		return [][]byte{r.AddressIndex}, nil
	}
	known, err := tx.Identifiers(r)
	if err != nil {
		return nil, err
	}
	var own [][]byte
	for _, i := range known {
		if i.Kind == "email" && i.Certainty == Verified {
			own = append(own, tx.AddressIndex(i.Value.Reveal()))
		}
	}
	return own, nil
}

// AddressProved tells whether the request's own address is a verified identifier of it.
func (tx *Tx) AddressProved(r *Request) (bool, error) {
	if r.Address.IsZero() {
		return false, nil
	}
	var n int64
	err := tx.db.Model(&identifierRow{}).
		Where("request_id = ? AND certainty = ?", r.ID, Verified).
		Where("kind = 'email' AND value_index = ? OR kind = ? AND value_index = ?", tx.AddressIndex("email:"+r.Address.Reveal()),
			AskerEmail, tx.AddressIndex(AskerEmail+":"+r.Address.Reveal())).
		Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("reading identifiers: %w", err)
	}
	return n > 0, nil
}

// DropIdentifiers removes a request's identifiers and with them the indexes they were found by.
func (tx *Tx) DropIdentifiers(r *Request) error {
	if err := tx.db.Where("request_id = ?", r.ID).Delete(&identifierRow{}).Error; err != nil {
		return fmt.Errorf("dropping identifiers: %w", err)
	}
	return nil
}

// DecideIdentifier confirms or rejects a candidate, once. How is a code from a fixed list, never
// words that somebody wrote: it is kept in the clear.
func (tx *Tx) DecideIdentifier(r *Request, publicID string, confirmed bool, how string) error {
	set := map[string]any{"certainty": Rejected, "note": how}
	if confirmed {
		set = map[string]any{"certainty": Verified, "note": how, "verified_at": Micros(tx.Now)}
	}
	ok, err := changed(tx.db.Model(&identifierRow{}).
		Where("request_id = ? AND public_id = ? AND certainty = ?", r.ID, publicID, Candidate).Updates(set))
	if err != nil {
		return fmt.Errorf("deciding an identifier: %w", err)
	}
	if !ok {
		return ErrIdentifierDecided
	}
	return nil
}
