package store

import (
	"errors"
	"fmt"

	"gorm.io/gorm/clause"

	"mininfo/internal/engine"
	"mininfo/internal/keyring"
)

// ClassStatement seals what people state beside rows. Each statement has a key of its own: it outlives
// the case, and ends with its row.
const ClassStatement = "statement"

type statementRow struct {
	ID         int64
	PublicID   string
	RequestID  int64
	RowIndex   []byte
	SealedText []byte
	MadeAt     int64
}

func (statementRow) TableName() string { return "statement" }

// StatedRow is the keyed index under which a statement stands: the row's name in the ledger.
func (s *Store) StatedRow(r engine.RowName) []byte { return engine.RowIndex(s.LedgerKey(), r) }

// State keeps what a person states beside a row (Art. 16); once for a row and a case.
func (tx *Tx) State(r *Request, row []byte, words keyring.Private) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	sealed, err := tx.seal(id, ClassStatement, "statement", "sealed_text", id, []byte(words.Reveal()))
	if err != nil {
		return err
	}
	kept := statementRow{PublicID: id, RequestID: r.ID, RowIndex: row, SealedText: sealed, MadeAt: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&kept).Error; err != nil {
		return fmt.Errorf("keeping a statement: %w", err)
	}
	return nil
}

// StatedRows gives the indexes of all rows that something is stated beside.
func (tx *Tx) StatedRows() (map[string]bool, error) {
	var rows [][]byte
	if err := tx.db.Model(&statementRow{}).Distinct().Pluck("row_index", &rows).Error; err != nil {
		return nil, fmt.Errorf("reading what has statements: %w", err)
	}
	set := make(map[string]bool, len(rows))
	for _, row := range rows {
		set[string(row)] = true
	}
	return set, nil
}

// Statements gives what is stated beside a row, oldest first.
func (tx *Tx) Statements(row []byte) ([]keyring.Private, error) {
	var rows []statementRow
	if err := tx.db.Where("row_index = ?", row).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading statements: %w", err)
	}
	var list []keyring.Private
	for _, r := range rows {
		plain, err := tx.open(r.PublicID, ClassStatement, "statement", "sealed_text", r.PublicID, r.SealedText)
		switch {
		case errors.Is(err, ErrShredded):
		case err != nil:
			return nil, err
		default:
			list = append(list, keyring.NewPrivate(string(plain)))
		}
	}
	return list, nil
}

// dropStatements destroys what is stated beside rows that were erased.
func (tx *Tx) dropStatements(erased []engine.Erased) error {
	for len(erased) > 0 {
		part := erased[:min(len(erased), rowsAtOnce)]
		erased = erased[len(part):]
		indexes := make([][]byte, len(part))
		for i, e := range part {
			indexes[i] = e.Row
		}
		var rows []statementRow
		if err := tx.db.Where("row_index IN ?", indexes).Find(&rows).Error; err != nil {
			return fmt.Errorf("reading statements: %w", err)
		}
		for _, r := range rows {
			if err := tx.Shred(r.PublicID, ClassStatement); err != nil {
				return err
			}
			if err := tx.db.Delete(&statementRow{}, r.ID).Error; err != nil {
				return fmt.Errorf("dropping a statement: %w", err)
			}
		}
	}
	return nil
}
