package store

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"mininfo/internal/keyring"
)

// Letter is a mail that the demo keeps instead of sending it.
type Letter struct {
	PublicID string    `json:"-"`
	To       string    `json:"to"`
	Subject  string    `json:"subject"`
	Text     string    `json:"text"`
	At       time.Time `json:"-"`
}

type demoMailRow struct {
	ID         int64
	PublicID   string
	MessageID  string
	SealedMail []byte
	At         int64
}

func (demoMailRow) TableName() string { return "demo_mail" }

func letterPlace(id string) keyring.Place {
	return keyring.Place{Table: "demo_mail", Column: "sealed_mail", Row: id}
}

// KeepLetter keeps a mail in the demo's letterbox; the same message id is kept once.
func (tx *Tx) KeepLetter(messageID string, l Letter) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("writing a letter: %w", err)
	}
	sealed, err := tx.Ring().SubKey("demo-mail").Seal(plain, letterPlace(id))
	if err != nil {
		return fmt.Errorf("sealing a letter: %w", err)
	}
	row := demoMailRow{PublicID: id, MessageID: messageID, SealedMail: sealed, At: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a letter: %w", err)
	}
	return nil
}

// Letters gives the newest letters of the demo's letterbox.
func (tx *Tx) Letters(limit int) ([]Letter, error) {
	var rows []demoMailRow
	if err := tx.db.Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the letterbox: %w", err)
	}
	letters := make([]Letter, 0, len(rows))
	for _, row := range rows {
		plain, err := tx.Ring().SubKey("demo-mail").Open(row.SealedMail, letterPlace(row.PublicID))
		if err != nil {
			return nil, fmt.Errorf("opening a letter: %w", err)
		}
		var l Letter
		if err := json.Unmarshal(plain, &l); err != nil {
			return nil, fmt.Errorf("reading a letter: %w", err)
		}
		l.PublicID, l.At = row.PublicID, Instant(row.At)
		letters = append(letters, l)
	}
	return letters, nil
}
