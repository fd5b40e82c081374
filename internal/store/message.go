package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/keyring"
	"mininfo/internal/letter"
)

// The authors of messages.
const (
	FromPerson = "person"
	FromOffice = "office"
	FromNote   = "note" // the office to itself
)

// Message is a message between the person and the office, or a note of the office.
type Message struct {
	PublicID string
	Author   string
	MemberID *int64
	Question string // the kind of question that it asks, or empty
	Body     keyring.Private
	At       time.Time
	Letter   *letter.Answer // the message as a letter, where the law says what it must tell
}

type messageRow struct {
	ID         int64
	PublicID   string
	RequestID  int64
	Author     string
	MemberID   *int64
	Question   string
	SealedBody []byte
	At         int64

	SealedLetter []byte
}

func (messageRow) TableName() string { return "message" }

// Notify writes a letter that ends nothing to the person, as a message with these words. What it
// lacks by law holds it back (letter.ErrIncomplete).
func (tx *Tx) Notify(r *Request, kind letter.Kind, a letter.Answer, m Message) error {
	if err := tx.Address(r, kind, &a); err != nil {
		return err
	}
	if err := a.Check(); err != nil {
		return err
	}
	m.Author, m.Letter = FromOffice, &a
	_, err := tx.AddMessage(r, m)
	return err
}

// AddMessage keeps a message with its request.
func (tx *Tx) AddMessage(r *Request, m Message) (Message, error) {
	id, err := tx.NewID()
	if err != nil {
		return Message{}, err
	}
	m.PublicID = id
	if m.At.IsZero() {
		m.At = tx.Now
	}
	sealed, err := tx.seal(r.PublicID, ClassCore, "message", "sealed_body", id, []byte(m.Body.Reveal()))
	if err != nil {
		return Message{}, err
	}
	row := messageRow{PublicID: id, RequestID: r.ID, Author: m.Author, MemberID: m.MemberID, Question: m.Question, SealedBody: sealed, At: Micros(m.At)}
	if m.Letter != nil {
		body, err := json.Marshal(m.Letter)
		if err != nil {
			return Message{}, fmt.Errorf("writing a letter: %w", err)
		}
		if row.SealedLetter, err = tx.seal(r.PublicID, ClassCore, "message", "sealed_letter", id, body); err != nil {
			return Message{}, err
		}
	}
	if err := tx.db.Create(&row).Error; err != nil {
		return Message{}, fmt.Errorf("keeping a message: %w", err)
	}
	return m, nil
}

// Messages gives a request's messages, oldest first; notes only for the office.
func (tx *Tx) Messages(r *Request, notes bool) ([]Message, error) {
	q := tx.db.Where("request_id = ?", r.ID)
	if !notes {
		q = q.Where("author <> ?", FromNote)
	}
	var rows []messageRow
	if err := q.Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading messages: %w", err)
	}
	messages := make([]Message, 0, len(rows))
	for _, row := range rows {
		body, err := tx.open(r.PublicID, ClassCore, "message", "sealed_body", row.PublicID, row.SealedBody)
		if errors.Is(err, ErrShredded) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		m := Message{PublicID: row.PublicID, Author: row.Author, MemberID: row.MemberID,
			Question: row.Question, Body: keyring.NewPrivate(string(body)), At: Instant(row.At)}
		if len(row.SealedLetter) > 0 {
			written, err := tx.open(r.PublicID, ClassCore, "message", "sealed_letter", row.PublicID, row.SealedLetter)
			if err != nil {
				return nil, err
			}
			if err := json.Unmarshal(written, &m.Letter); err != nil {
				return nil, fmt.Errorf("reading a letter: %w", err)
			}
		}
		messages = append(messages, m)
	}
	return messages, nil
}
