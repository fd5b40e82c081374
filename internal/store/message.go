package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
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
	Question string // the kind of question that it asks, or that the person answers with it, or empty
	Body     keyring.Private
	At       time.Time
	Erased   bool           // it told who the person is, and that is decided (ForgetReplies)
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

// OnIdentity tells whether the person says in it who they are. That is for one decision only.
func (m Message) OnIdentity() bool {
	return m.Author == FromPerson && m.Question == string(dsr.PauseIdentity)
}

// key names the key that the message is sealed under.
func (m Message) key(r *Request) (owner, class string) {
	if m.OnIdentity() {
		return m.PublicID, ClassIdentity
	}
	return r.PublicID, ClassCore
}

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

// Note leaves the office a note in a case, in the language that it reads.
func (tx *Tx) Note(r *Request, said locale.Text) error {
	s, _, err := tx.Settings(r.Controller)
	if err != nil {
		return err
	}
	_, err = tx.AddMessage(r, Message{Author: FromNote, Body: keyring.NewPrivate(said.In(s.Speaks()))})
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
	owner, class := m.key(r)
	sealed, err := tx.seal(owner, class, "message", "sealed_body", id, []byte(m.Body.Reveal()))
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
		m := Message{PublicID: row.PublicID, Author: row.Author, MemberID: row.MemberID, Question: row.Question, At: Instant(row.At)}
		owner, class := m.key(r)
		body, err := tx.open(owner, class, "message", "sealed_body", row.PublicID, row.SealedBody)
		switch m.Erased = errors.Is(err, ErrShredded); {
		case m.Erased && !m.OnIdentity():
			return nil, nil
		case err != nil && !m.Erased:
			return nil, err
		}
		m.Body = keyring.NewPrivate(string(body))
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

// NoteReplyErased is the code of the event that replies about identity were erased.
const NoteReplyErased = "identity_reply_erased"

// ForgetReplies erases what the person said, up to a time, of who they are (Art. 5(1)(b), (c) and (e)), and tells
// how many replies that was. The key of each is destroyed; that it came, and was erased, stays in the history.
func (tx *Tx) ForgetReplies(r *Request, until time.Time) (int, error) {
	var ids []string
	err := tx.db.Model(&messageRow{}).Where("request_id = ? AND public_id IN (?)", r.ID, tx.identityKeys(until)).Order("id").Pluck("public_id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("reading replies about identity: %w", err)
	}
	for _, id := range ids {
		if err := tx.Shred(id, ClassIdentity); err != nil {
			return 0, err
		}
		// The bare hash of the call that brought it would tell whether a guess at its words is right.
		if err := tx.db.Model(&idempotencyRow{}).Where("object = ?", id).Update("body_hash", []byte{}).Error; err != nil {
			return 0, fmt.Errorf("forgetting a reply about identity: %w", err)
		}
	}
	if len(ids) == 0 || r.Shredded() {
		return len(ids), nil
	}
	e := dsr.Event{Kind: dsr.EventNoted, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: NoteReplyErased, Count: len(ids)}}
	return len(ids), tx.Act(r, e, Change{})
}

// RepliesKept gives the public ids of requests that keep replies about identity from before a time.
func (tx *Tx) RepliesKept(until time.Time) ([]string, error) {
	var ids []string
	of := tx.db.Model(&messageRow{}).Select("request_id").Where("public_id IN (?)", tx.identityKeys(until))
	if err := tx.db.Model(&requestRow{}).Where("id IN (?)", of).Order("id").Pluck("public_id", &ids).Error; err != nil {
		return nil, fmt.Errorf("reading whose replies about identity are kept: %w", err)
	}
	return ids, nil
}

// identityKeys asks for the messages whose own key is there still, and was made up to a time.
func (tx *Tx) identityKeys(until time.Time) *gorm.DB {
	return tx.db.Model(&dataKeyRow{}).Select("owner").Where("class = ? AND shredded_at IS NULL AND created_at <= ?", ClassIdentity, Micros(until))
}
