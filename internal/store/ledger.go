package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
)

// labelLedger keys the ledger of erased rows. It does not die with the request's keys: a restored
// backup must be erased again whenever it is restored.
const labelLedger = "erasure-ledger"

// LedgerKey keys the digests of the ledger. Only the holder of the key file can tell which rows they
// name.
func (s *Store) LedgerKey() []byte { return s.opt.Ring.Derive(labelLedger) }

type erasedRow struct {
	ID         int64
	Source     string
	Dataset    string
	Collection string
	RowIndex   []byte
	Trace      []byte
	Action     string
	Columns    string
	At         int64
}

func (erasedRow) TableName() string { return "erased" }

// AddErased writes rows into the ledger, and tells how many were not there: a row that was erased at
// one time stands in it once. What people stated beside the rows goes with them.
func (tx *Tx) AddErased(list []engine.Erased) (int64, error) {
	if len(list) == 0 {
		return 0, nil
	}
	rows := make([]erasedRow, len(list))
	for i, e := range list {
		rows[i] = erasedRow{Source: e.Source, Dataset: e.Dataset, Collection: e.Collection, RowIndex: e.Row,
			Trace: append([]byte{}, e.Trace...), Action: string(e.Action), Columns: e.Columns, At: Micros(e.At)}
	}
	result := tx.db.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, rowsAtOnce)
	if result.Error != nil {
		return 0, fmt.Errorf("keeping the ledger of erasures: %w", result.Error)
	}
	return result.RowsAffected, tx.dropStatements(list)
}

// erasedAtOnce is how many rows of the ledger are read at a time.
const erasedAtOnce = 5000

// EachErased reads the ledger in its order: all of it, or what it holds of one source.
func (tx *Tx) EachErased(source string, fn func(engine.Erased) error) error {
	for last := int64(0); ; {
		q := tx.db.Where("id > ?", last)
		if source != "" {
			q = q.Where("source = ?", source)
		}
		var rows []erasedRow
		if err := q.Order("id").Limit(erasedAtOnce).Find(&rows).Error; err != nil {
			return fmt.Errorf("reading the ledger of erasures: %w", err)
		}
		for _, r := range rows {
			last = r.ID
			e := engine.Erased{Source: r.Source, Dataset: r.Dataset, Collection: r.Collection, Row: r.RowIndex, Trace: r.Trace,
				Action: engine.Action(r.Action), Columns: r.Columns, At: Instant(r.At)}
			if err := fn(e); err != nil {
				return err
			}
		}
		if len(rows) < erasedAtOnce {
			return nil
		}
	}
}

// Ledger reads what the ledger holds of some sources.
func (tx *Tx) Ledger(sources ...string) (*engine.Ledger, error) {
	l := engine.NewLedger(tx.s.LedgerKey())
	for _, name := range sources {
		if err := tx.EachErased(name, l.Add); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// ErasedSource is what the ledger holds of one source.
type ErasedSource struct {
	Source string
	Rows   int64
	Newest time.Time
}

// ErasedSources tells of which sources the ledger holds rows, by name.
func (tx *Tx) ErasedSources() ([]ErasedSource, error) {
	var rows []struct {
		Source       string
		Rows, Newest int64
	}
	err := tx.db.Raw("SELECT source, count(*) AS rows, max(at) AS newest FROM erased GROUP BY source").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("looking over the ledger of erasures: %w", err)
	}
	list := make([]ErasedSource, len(rows))
	for i, r := range rows {
		list[i] = ErasedSource{Source: r.Source, Rows: r.Rows, Newest: Instant(r.Newest)}
	}
	slices.SortFunc(list, func(a, b ErasedSource) int { return strings.Compare(a.Source, b.Source) })
	return list, nil
}

// ForgetErased takes out of the ledger what was erased before a time: no backup is that old.
func (tx *Tx) ForgetErased(before time.Time) (int64, error) {
	result := tx.db.Where("at < ?", Micros(before)).Delete(&erasedRow{})
	if result.Error != nil {
		return 0, fmt.Errorf("clearing the ledger of erasures: %w", result.Error)
	}
	return result.RowsAffected, nil
}

// Replay is one run of erasing a source's rows again.
type Replay struct {
	ID     int64
	Source string
	Digest string // of its plan
	Rows   int64  // that it was going to erase
}

type replayRow struct {
	ID      int64
	Source  string
	Digest  string
	Rows    int64
	BegunAt int64
	EndedAt *int64
}

func (replayRow) TableName() string { return "replay" }

// BeginReplay notes a replay before it writes.
func (tx *Tx) BeginReplay(source, digest string, rows int) (Replay, error) {
	row := replayRow{Source: source, Digest: digest, Rows: int64(rows), BegunAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return Replay{}, fmt.Errorf("noting a replay: %w", err)
	}
	return Replay{ID: row.ID, Source: source, Digest: digest, Rows: row.Rows}, nil
}

// EndReplay notes that a replay has ended; false: that was known.
func (tx *Tx) EndReplay(r Replay) (bool, error) {
	ok, err := changed(tx.db.Model(&replayRow{}).Where("id = ? AND ended_at IS NULL", r.ID).Update("ended_at", Micros(tx.Now)))
	if err != nil {
		return false, fmt.Errorf("noting the end of a replay: %w", err)
	}
	return ok, nil
}

// OpenReplays gives the replays of a source that have no end: they go on, or they died.
func (tx *Tx) OpenReplays(source string) ([]Replay, error) {
	var rows []replayRow
	if err := tx.db.Where("source = ? AND ended_at IS NULL", source).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading replays: %w", err)
	}
	list := make([]Replay, len(rows))
	for i, r := range rows {
		list[i] = Replay{ID: r.ID, Source: r.Source, Digest: r.Digest, Rows: r.Rows}
	}
	return list, nil
}

type suppressionRow struct {
	ID           int64
	Activity     string
	AddressIndex []byte
	Since        int64
}

func (suppressionRow) TableName() string { return "suppression" }

// Suppress keeps that an address does not want an activity; once is enough.
func (tx *Tx) Suppress(activity string, address []byte) error {
	row := suppressionRow{Activity: activity, AddressIndex: address, Since: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a suppression: %w", err)
	}
	return nil
}

// AskedOlderContact tells whether the person was asked once for an older address, phone or number.
func (r *Request) AskedOlderContact() bool {
	for _, e := range r.Events {
		if e.Kind == dsr.EventQuestionAsked && e.Data.Code == "older_contact" {
			return true
		}
	}
	return false
}
