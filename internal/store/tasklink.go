package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"mininfo/internal/keyring"
	"mininfo/internal/locale"
)

// Colleague is who looks in a place for the office. They have no account.
type Colleague struct {
	Name   keyring.Private
	Email  keyring.Private // as it is written to
	Locale locale.Locale
}

type colleagueBody struct {
	Name   string        `json:"name"`
	Email  string        `json:"email"`
	Locale locale.Locale `json:"locale"`
}

func (c Colleague) plain() ([]byte, error) {
	b, err := json.Marshal(colleagueBody{Name: c.Name.Reveal(), Email: c.Email.Reveal(), Locale: c.Locale})
	if err != nil {
		return nil, errors.New("writing a colleague")
	}
	return b, nil
}

func readColleague(plain []byte) (Colleague, error) {
	var b colleagueBody
	if err := json.Unmarshal(plain, &b); err != nil {
		return Colleague{}, errors.New("reading a colleague")
	}
	return Colleague{Name: keyring.NewPrivate(b.Name), Email: keyring.NewPrivate(b.Email), Locale: b.Locale}, nil
}

// SourceColleague gives who looks in a place; nil when that is the officer.
func (tx *Tx) SourceColleague(s Source) (*Colleague, error) {
	plain, err := tx.open(s.PublicID, ClassSource, "source", "sealed_colleague", s.PublicID, s.sealedColleague)
	if err != nil || len(plain) == 0 {
		return nil, err
	}
	c, err := readColleague(plain)
	return &c, err
}

// SetSourceColleague writes who looks in a place; nil for the officer. It belongs in the transaction
// that makes the source or a new version of it.
func (tx *Tx) SetSourceColleague(s *Source, c *Colleague) error {
	var sealed []byte
	if c != nil {
		plain, err := c.plain()
		if err != nil {
			return err
		}
		if sealed, err = tx.seal(s.PublicID, ClassSource, "source", "sealed_colleague", s.PublicID, plain); err != nil {
			return err
		}
	}
	if err := tx.db.Model(&sourceRow{}).Where("id = ?", s.ID).Update("sealed_colleague", sealed).Error; err != nil {
		return fmt.Errorf("writing who looks in a place: %w", err)
	}
	s.sealedColleague = sealed
	return nil
}

// TaskLink is a mailed way to one task. Of its secret only digests are kept.
type TaskLink struct {
	ID           int64
	PublicID     string
	RequestID    int64
	Request      string // public id
	TaskID       int64
	Colleague    Colleague // nobody, once the request was shredded
	AddressIndex []byte
	TokenHash    []byte // of the newest mail; empty until one was minted
	EarlierHash  []byte // of the mail before it
	CreatedAt    time.Time
	WantedAt     *time.Time // a mail is to go out
	Urgent       bool       // at once, and not with the day's mail
	SentAt       *time.Time // the last mail
	Sends        int64
	Reminders    int64
	FailedAt     *time.Time // the last mail could not be delivered
	OpenedAt     *time.Time // first
	VoidAt       *time.Time
}

type taskLinkRow struct {
	ID              int64
	PublicID        string
	RequestID       int64
	TaskID          int64
	AddressIndex    []byte
	SealedColleague []byte
	TokenHash       []byte
	EarlierHash     []byte
	CreatedAt       int64
	WantedAt        *int64
	Urgent          bool
	ClaimedBy       *int64
	SentAt          *int64
	Sends           int64
	Reminders       int64
	FailedAt        *int64
	OpenedAt        *int64
	VoidAt          *int64
}

func (taskLinkRow) TableName() string { return "task_link" }

// AddTaskLink makes a task's link, in the place of an earlier one. Its first mail is wanted at once.
func (tx *Tx) AddTaskLink(r *Request, t Task, c Colleague, index []byte, urgent bool) (TaskLink, error) {
	if _, err := tx.VoidTaskLink(t.ID); err != nil {
		return TaskLink{}, err
	}
	id, err := tx.NewID()
	if err != nil {
		return TaskLink{}, err
	}
	plain, err := c.plain()
	if err != nil {
		return TaskLink{}, err
	}
	sealed, err := tx.seal(r.PublicID, ClassCore, "task_link", "sealed_colleague", id, plain)
	if err != nil {
		return TaskLink{}, err
	}
	now := Micros(tx.Now)
	row := taskLinkRow{PublicID: id, RequestID: r.ID, TaskID: t.ID, AddressIndex: index, SealedColleague: sealed, CreatedAt: now, WantedAt: &now, Urgent: urgent}
	if err := tx.db.Create(&row).Error; err != nil {
		return TaskLink{}, fmt.Errorf("making a link to a task: %w", err)
	}
	return tx.taskLink(row, r.PublicID)
}

func (tx *Tx) taskLink(row taskLinkRow, request string) (TaskLink, error) {
	l := TaskLink{ID: row.ID, PublicID: row.PublicID, RequestID: row.RequestID, Request: request, TaskID: row.TaskID,
		AddressIndex: row.AddressIndex, TokenHash: row.TokenHash, EarlierHash: row.EarlierHash, CreatedAt: Instant(row.CreatedAt),
		WantedAt: instantOrNil(row.WantedAt), Urgent: row.Urgent, SentAt: instantOrNil(row.SentAt), Sends: row.Sends, Reminders: row.Reminders,
		FailedAt: instantOrNil(row.FailedAt), OpenedAt: instantOrNil(row.OpenedAt), VoidAt: instantOrNil(row.VoidAt)}
	plain, err := tx.open(request, ClassCore, "task_link", "sealed_colleague", row.PublicID, row.SealedColleague)
	if errors.Is(err, ErrShredded) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	l.Colleague, err = readColleague(plain)
	return l, err
}

func (tx *Tx) taskLinks(rows []taskLinkRow) ([]TaskLink, error) {
	owners := map[int64]string{}
	list := make([]TaskLink, len(rows))
	for i, row := range rows {
		if _, known := owners[row.RequestID]; !known {
			var owner string
			if err := tx.db.Raw("SELECT public_id FROM request WHERE id = ?", row.RequestID).Scan(&owner).Error; err != nil {
				return nil, fmt.Errorf("reading a link's request: %w", err)
			}
			owners[row.RequestID] = owner
		}
		var err error
		if list[i], err = tx.taskLink(row, owners[row.RequestID]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// TaskLinkByID gives a link by its public id; nil when there is none.
func (tx *Tx) TaskLinkByID(publicID string) (*TaskLink, error) {
	if !isID(publicID) {
		return nil, nil
	}
	list, err := tx.taskLinksWhere("public_id = ?", publicID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// TaskLinks gives the newest link of each of a request's tasks that has one, by task.
func (tx *Tx) TaskLinks(r *Request) (map[int64]TaskLink, error) {
	list, err := tx.taskLinksWhere("request_id = ?", r.ID)
	newest := map[int64]TaskLink{}
	for _, l := range list {
		newest[l.TaskID] = l
	}
	return newest, err
}

// OpenTaskLinks gives links that are not void, oldest first, after one with an id.
func (tx *Tx) OpenTaskLinks(after int64, limit int) ([]TaskLink, error) {
	var rows []taskLinkRow
	if err := tx.db.Where("void_at IS NULL AND id > ?", after).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading links to tasks: %w", err)
	}
	return tx.taskLinks(rows)
}

func (tx *Tx) taskLinksWhere(where string, args ...any) ([]TaskLink, error) {
	var rows []taskLinkRow
	if err := tx.db.Where(where, args...).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading links to tasks: %w", err)
	}
	return tx.taskLinks(rows)
}

// VoidTaskLink ends a task's link; false when there is none.
func (tx *Tx) VoidTaskLink(task int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE task_link SET void_at = ?, wanted_at = NULL WHERE task_id = ? AND void_at IS NULL", Micros(tx.Now), task))
	if err != nil {
		return false, fmt.Errorf("ending a link to a task: %w", err)
	}
	return ok, nil
}

// WantTaskLink asks for a mail about a link; false when it is void. A reminder is counted as one.
func (tx *Tx) WantTaskLink(id int64, urgent, reminder bool) (bool, error) {
	reminders := "0"
	if reminder {
		reminders = "reminders + 1"
	}
	ok, err := changed(tx.db.Exec("UPDATE task_link SET wanted_at = ?, urgent = ?, failed_at = NULL, reminders = "+reminders+" WHERE id = ? AND void_at IS NULL",
		Micros(tx.Now), urgent, id))
	if err != nil {
		return false, fmt.Errorf("asking for a mail to a colleague: %w", err)
	}
	return ok, nil
}

// WantedTaskLinks gives the links of one colleague that a mail is wanted for and that no other job has
// taken, oldest first.
func (tx *Tx) WantedTaskLinks(address []byte, job int64) ([]TaskLink, error) {
	return tx.taskLinksWhere("address_index = ? AND void_at IS NULL AND wanted_at IS NOT NULL AND (claimed_by IS NULL OR claimed_by = ?)", address, job)
}

// ClaimTaskLink takes a link into a job's mail with the digest of a new secret; the one before stays
// good beside it. False when another job was first, or nothing is to be sent any more.
func (tx *Tx) ClaimTaskLink(id, job int64, tokenHash []byte) (bool, error) {
	ok, err := changed(tx.db.Exec(`UPDATE task_link SET earlier_hash = token_hash, token_hash = ?, claimed_by = ?
		WHERE id = ? AND void_at IS NULL AND wanted_at IS NOT NULL AND (claimed_by IS NULL OR claimed_by = ?)`, tokenHash, job, id, job))
	if err != nil {
		return false, fmt.Errorf("taking a link into a mail: %w", err)
	}
	return ok, nil
}

// TaskLinksSent notes that the mail of a job went out.
func (tx *Tx) TaskLinksSent(job int64) error {
	err := tx.db.Exec("UPDATE task_link SET wanted_at = NULL, urgent = FALSE, claimed_by = NULL, sent_at = ?, sends = sends + 1 WHERE claimed_by = ?",
		Micros(tx.Now), job).Error
	if err != nil {
		return fmt.Errorf("noting a mail to a colleague: %w", err)
	}
	return nil
}

// TaskLinksOf gives the links that a job has taken and not sent.
func (tx *Tx) TaskLinksOf(job int64) ([]TaskLink, error) {
	return tx.taskLinksWhere("claimed_by = ?", job)
}

// FailTaskLink notes that the mail about a link could not be delivered; false when none is wanted any more.
func (tx *Tx) FailTaskLink(id int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE task_link SET wanted_at = NULL, urgent = FALSE, claimed_by = NULL, failed_at = ? WHERE id = ? AND void_at IS NULL AND wanted_at IS NOT NULL",
		Micros(tx.Now), id))
	if err != nil {
		return false, fmt.Errorf("noting a mail that could not be delivered: %w", err)
	}
	return ok, nil
}

// LastMailTo gives when a colleague was last written to; nil for never.
func (tx *Tx) LastMailTo(address []byte) (*time.Time, error) {
	var at *int64
	if err := tx.db.Raw("SELECT max(sent_at) FROM task_link WHERE address_index = ?", address).Scan(&at).Error; err != nil {
		return nil, fmt.Errorf("reading when a colleague was written to: %w", err)
	}
	return instantOrNil(at), nil
}

// TaskLinkOpened notes that the colleague has looked; true the first time.
func (tx *Tx) TaskLinkOpened(id int64) (bool, error) {
	ok, err := changed(tx.db.Exec("UPDATE task_link SET opened_at = ? WHERE id = ? AND opened_at IS NULL", Micros(tx.Now), id))
	if err != nil {
		return false, fmt.Errorf("noting that a link was opened: %w", err)
	}
	return ok, nil
}

// DropTaskLinks removes a request's links: what a purged request leaves must lead to nobody.
func (tx *Tx) DropTaskLinks(r *Request) error {
	if err := tx.db.Exec("DELETE FROM task_link WHERE request_id = ?", r.ID).Error; err != nil {
		return fmt.Errorf("removing links to tasks: %w", err)
	}
	return nil
}
