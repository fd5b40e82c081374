package store

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/engine"
	"mininfo/internal/keyring"
)

// ClassRestriction seals the keys of restricted rows. They outlive the findings: the mark has to be
// found again to be taken away.
const ClassRestriction = "restriction"

// labelRestriction keys the indexes of restricted rows.
const labelRestriction = "restricted-row"

// The states of a restriction.
const (
	RestrictionWaiting    = "waiting"     // the portal has to mark the row
	RestrictionMarked     = "marked"      // the mark stands in the system
	RestrictionByHand     = "by_hand"     // somebody has to mark it where it lies
	RestrictionHandMarked = "hand_marked" // somebody says that it is marked
)

// Restriction is a row that is only stored, for one case (Art. 18).
type Restriction struct {
	ID         int64
	Source     string
	Dataset    string
	Collection string
	Key        keyring.Private // the row's key as JSON; empty once it is lifted
	Activity   string
	Ground     string // 18(1)(a)–(d), or the exception of Art. 17(3) that it rests on
	State      string
	Since      time.Time
	Told       bool // the person was told that it ends
	LiftedAt   *time.Time
}

type restrictionRow struct {
	ID           int64
	PublicID     string
	RequestID    int64
	Source       string
	Dataset      string
	Collection   string
	RowIndex     []byte
	AddressIndex []byte
	SealedKey    []byte
	Activity     string
	Ground       string
	State        string
	Since        int64
	LiftedAt     *int64
	ToldAt       *int64
	JobID        *int64
	Ending       bool
}

func (restrictionRow) TableName() string { return "restriction" }

// RestrictedRow is the keyed index under which a row is restricted.
func (s *Store) RestrictedRow(source, dataset, collection string, key []engine.KeyPart) []byte {
	return engine.RowIndex(s.opt.Ring.Derive(labelRestriction), engine.RowName{Source: source, Dataset: dataset, Collection: collection, Key: key})
}

// NewRestriction is a row to be restricted, with its index.
type NewRestriction struct {
	Restriction
	Row []byte
}

// Restrict notes rows that are only stored from now on, and tells how many were not there: a row is
// restricted once for a case.
func (tx *Tx) Restrict(r *Request, list []NewRestriction) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	own, err := tx.PersonAddresses(r)
	if err != nil {
		return 0, err
	}
	var address []byte
	if len(own) > 0 {
		address = own[0]
	}
	rows := make([]restrictionRow, len(list))
	for i, n := range list {
		id, err := tx.NewID()
		if err != nil {
			return 0, err
		}
		sealed, err := tx.seal(r.PublicID, ClassRestriction, "restriction", "sealed_key", id, []byte(n.Key.Reveal()))
		if err != nil {
			return 0, err
		}
		rows[i] = restrictionRow{PublicID: id, RequestID: r.ID, Source: n.Source, Dataset: n.Dataset, Collection: n.Collection, RowIndex: n.Row,
			AddressIndex: address, SealedKey: sealed, Activity: n.Activity, Ground: n.Ground, State: n.State, Since: Micros(tx.Now)}
	}
	result := tx.db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, rowsAtOnce)
	if result.Error != nil {
		return 0, fmt.Errorf("keeping restrictions: %w", result.Error)
	}
	return int(result.RowsAffected), nil
}

// Restrictions gives what is restricted for a case now, in the order in which it was.
func (tx *Tx) Restrictions(r *Request) ([]Restriction, error) {
	rows, err := tx.restrictions(r)
	if err != nil {
		return nil, err
	}
	list := make([]Restriction, len(rows))
	for i := range rows {
		if list[i], err = tx.restriction(r, &rows[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (tx *Tx) restrictions(r *Request) ([]restrictionRow, error) {
	var rows []restrictionRow
	if err := tx.db.Where("request_id = ? AND lifted_at IS NULL", r.ID).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading restrictions: %w", err)
	}
	return rows, nil
}

func (tx *Tx) restriction(r *Request, row *restrictionRow) (Restriction, error) {
	key, err := tx.open(r.PublicID, ClassRestriction, "restriction", "sealed_key", row.PublicID, row.SealedKey)
	if err != nil && !errors.Is(err, ErrShredded) {
		return Restriction{}, err
	}
	return Restriction{ID: row.ID, Source: row.Source, Dataset: row.Dataset, Collection: row.Collection, Key: keyring.NewPrivate(string(key)),
		Activity: row.Activity, Ground: row.Ground, State: row.State, Since: Instant(row.Since), Told: row.ToldAt != nil, LiftedAt: instantOrNil(row.LiftedAt)}, nil
}

// TellLifting notes that the person was told that everything ends which is restricted for a case now.
func (tx *Tx) TellLifting(r *Request) error { return tx.told(r, Micros(tx.Now)) }

// KeepRestrictions takes back what TellLifting noted.
func (tx *Tx) KeepRestrictions(r *Request) error { return tx.told(r, nil) }

func (tx *Tx) told(r *Request, at any) error {
	if err := tx.db.Model(&restrictionRow{}).Where("request_id = ? AND lifted_at IS NULL", r.ID).Update("told_at", at).Error; err != nil {
		return fmt.Errorf("noting what a person was told of: %w", err)
	}
	return nil
}

// Claim is what a job takes in hand of the restrictions of a case.
type Claim struct {
	Rows []Claimed
	// Busy: another job is at the mark of some row; there is more to take in hand when it has ended.
	Busy bool
}

// Claimed is a restriction that a job has in hand.
type Claimed struct {
	Restriction
	Held bool // another case restricts the row as well: its mark stays
}

// ClaimMarks takes in hand the rows of a case that wait for their mark. A row whose mark another job is
// taking away is left to a later run: what that job writes would undo this one's.
func (tx *Tx) ClaimMarks(r *Request, jobID int64) (Claim, error) {
	rows, err := tx.restrictions(r)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	var mine []restrictionRow
	for _, row := range rows {
		switch {
		case row.State != RestrictionWaiting || row.Ending:
		case row.JobID != nil && *row.JobID != jobID:
			c.Busy = true
		default:
			mine = append(mine, row)
		}
	}
	beside, err := tx.beside(r, mine)
	if err != nil {
		return Claim{}, err
	}
	err = tx.claim(r, &c, mine, jobID, false, func(row *restrictionRow) (take, held bool) {
		ending := beside[string(row.RowIndex)].ending
		c.Busy = c.Busy || ending
		return !ending, false
	})
	return c, err
}

// ClaimLifting takes in hand the rows of a case of which the person was told that they are lifted. From
// then on the case counts as no holder of a row's mark: of two cases that end at once, the later takes it
// away. Nothing is taken while a mark is still being set for the case.
func (tx *Tx) ClaimLifting(r *Request, jobID int64) (Claim, error) {
	rows, err := tx.restrictions(r)
	if err != nil {
		return Claim{}, err
	}
	var c Claim
	var mine []restrictionRow
	for _, row := range rows {
		if row.ToldAt == nil {
			continue
		}
		if row.JobID != nil && (!row.Ending || *row.JobID != jobID) {
			return Claim{Busy: true}, nil
		}
		mine = append(mine, row)
	}
	beside, err := tx.beside(r, mine)
	if err != nil {
		return Claim{}, err
	}
	err = tx.claim(r, &c, mine, jobID, true, func(row *restrictionRow) (take, held bool) {
		return true, beside[string(row.RowIndex)].held
	})
	return c, err
}

func (tx *Tx) claim(r *Request, c *Claim, rows []restrictionRow, jobID int64, ending bool, of func(*restrictionRow) (take, held bool)) error {
	var ids []int64
	for i := range rows {
		take, held := of(&rows[i])
		if !take {
			continue
		}
		one, err := tx.restriction(r, &rows[i])
		if err != nil {
			return err
		}
		c.Rows = append(c.Rows, Claimed{Restriction: one, Held: held})
		ids = append(ids, one.ID)
	}
	return tx.eachPart(ids, func(part []int64) error {
		err := tx.db.Model(&restrictionRow{}).Where("id IN ?", part).Updates(map[string]any{"job_id": jobID, "ending": ending}).Error
		if err != nil {
			return fmt.Errorf("taking restrictions in hand: %w", err)
		}
		return nil
	})
}

// besides is what other cases have to do with a row.
type besides struct{ held, ending bool }

// beside tells what other cases have to do with rows. It locks their restrictions until the transaction
// ends, so that of two jobs which take the same row in hand one sees the other.
func (tx *Tx) beside(r *Request, rows []restrictionRow) (map[string]besides, error) {
	out := map[string]besides{}
	for part := range slices.Chunk(rows, rowsAtOnce) {
		indexes := make([][]byte, len(part))
		for i, row := range part {
			indexes[i] = row.RowIndex
		}
		q := tx.locking(tx.db).Select("id", "request_id", "row_index", "ending").Where("row_index IN ? AND lifted_at IS NULL", indexes).Order("id")
		var found []restrictionRow
		if err := q.Find(&found).Error; err != nil {
			return nil, fmt.Errorf("reading who restricts rows: %w", err)
		}
		for _, row := range found {
			if row.RequestID == r.ID {
				continue
			}
			b := out[string(row.RowIndex)]
			b.ending, b.held = b.ending || row.Ending, b.held || !row.Ending
			out[string(row.RowIndex)] = b
		}
	}
	return out, nil
}

// MoveRestrictions gives restrictions another state, those alone that are in the one they were read in.
// No job has them in hand any more.
func (tx *Tx) MoveRestrictions(ids []int64, from, to string) error {
	return tx.eachPart(ids, func(part []int64) error {
		err := tx.db.Model(&restrictionRow{}).Where("id IN ? AND state = ? AND lifted_at IS NULL AND NOT ending", part, from).
			Updates(map[string]any{"state": to, "job_id": nil}).Error
		if err != nil {
			return fmt.Errorf("moving restrictions: %w", err)
		}
		return nil
	})
}

// DropClaim gives back what a job has in hand of a case and cannot end. What it was marking is left to
// people. The marks that it was taking away have to be set again, since the rows stay restricted: true,
// if there are any.
func (tx *Tx) DropClaim(r *Request, jobID int64) (bool, error) {
	mine := func(ending bool) *gorm.DB {
		return tx.db.Model(&restrictionRow{}).Where("request_id = ? AND job_id = ? AND ending = ? AND lifted_at IS NULL", r.ID, jobID, ending)
	}
	if err := mine(false).Updates(map[string]any{"state": RestrictionByHand, "job_id": nil}).Error; err != nil {
		return false, fmt.Errorf("giving restrictions back: %w", err)
	}
	again := mine(true).Where("state = ?", RestrictionMarked).Update("state", RestrictionWaiting)
	if again.Error != nil {
		return false, fmt.Errorf("marking restricted rows again: %w", again.Error)
	}
	if err := mine(true).Updates(map[string]any{"ending": false, "job_id": nil}).Error; err != nil {
		return false, fmt.Errorf("giving restrictions back: %w", err)
	}
	return again.RowsAffected > 0, nil
}

// MarkAgain lets rows of a system that bear their mark wait for it once more, and tells whose cases
// they are of: a restored backup may not have it.
func (tx *Tx) MarkAgain(source string) ([]string, error) {
	marked := func() *gorm.DB {
		return tx.db.Model(&restrictionRow{}).Where("source = ? AND state = ? AND lifted_at IS NULL AND NOT ending", source, RestrictionMarked)
	}
	var cases []string
	err := tx.db.Model(&requestRow{}).Where("id IN (?)", marked().Select("request_id")).Order("id").Pluck("public_id", &cases).Error
	if err == nil {
		err = marked().Update("state", RestrictionWaiting).Error
	}
	if err != nil {
		return nil, fmt.Errorf("marking restricted rows again: %w", err)
	}
	return cases, nil
}

// Lift ends restrictions and forgets the keys of their rows. It tells how many it ended.
func (tx *Tx) Lift(ids []int64) (int64, error) {
	lifted := int64(0)
	err := tx.eachPart(ids, func(part []int64) error {
		result := tx.db.Model(&restrictionRow{}).Where("id IN ? AND lifted_at IS NULL", part).
			Updates(map[string]any{"lifted_at": Micros(tx.Now), "sealed_key": nil, "job_id": nil, "ending": false})
		if result.Error != nil {
			return fmt.Errorf("lifting restrictions: %w", result.Error)
		}
		lifted += result.RowsAffected
		return nil
	})
	return lifted, err
}

// DropRestrictions removes the lifted restrictions of a request: what a purged one leaves must lead to nobody.
func (tx *Tx) DropRestrictions(r *Request) error {
	if err := tx.db.Where("request_id = ? AND lifted_at IS NOT NULL", r.ID).Delete(&restrictionRow{}).Error; err != nil {
		return fmt.Errorf("removing restrictions: %w", err)
	}
	return nil
}

// eachPart calls fn with as many ids as one statement takes.
func (tx *Tx) eachPart(ids []int64, fn func([]int64) error) error {
	for len(ids) > 0 {
		n := min(len(ids), rowsAtOnce)
		if err := fn(ids[:n]); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// RestrictedElsewhere gives the indexes of all rows that are restricted for other cases, since a moment.
func (tx *Tx) RestrictedElsewhere(r *Request, since time.Time) (map[string]bool, error) {
	var rows []restrictionRow
	err := tx.db.Select("row_index").Where("request_id <> ? AND lifted_at IS NULL AND since >= ?", r.ID, Micros(since)).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading restricted rows: %w", err)
	}
	set := make(map[string]bool, len(rows))
	for _, row := range rows {
		set[string(row.RowIndex)] = true
	}
	return set, nil
}

// RestrictedAt tells since when activities are restricted for addresses, by the index of the address.
func (tx *Tx) RestrictedAt(addresses [][]byte) (map[string]map[string]time.Time, error) {
	var rows []restrictionRow
	err := tx.db.Select("address_index", "activity", "MIN(since) AS since").Where("address_index IN ? AND lifted_at IS NULL", addresses).
		Group("address_index, activity").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading restrictions of addresses: %w", err)
	}
	out := map[string]map[string]time.Time{}
	for _, row := range rows {
		note(out, row.AddressIndex, row.Activity, row.Since)
	}
	return out, nil
}

// SuppressedAt tells since when activities are not wanted by addresses, by the index of the address.
func (tx *Tx) SuppressedAt(addresses [][]byte) (map[string]map[string]time.Time, error) {
	var rows []suppressionRow
	if err := tx.db.Where("address_index IN ?", addresses).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	out := map[string]map[string]time.Time{}
	for _, row := range rows {
		note(out, row.AddressIndex, row.Activity, row.Since)
	}
	return out, nil
}

func note(out map[string]map[string]time.Time, address []byte, activity string, since int64) {
	if out[string(address)] == nil {
		out[string(address)] = map[string]time.Time{}
	}
	out[string(address)][activity] = Instant(since)
}
