package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/migrations"
)

// ErrNoRequest says that there is no such request, or that it is not the caller's to see.
var ErrNoRequest = fault.Define(fault.NotFound, "request_not_found",
	"Vi finner ikke saken. Den kan være avsluttet, eller tilhøre en annen e-postadresse.",
	"Vi finn ikkje saka. Ho kan vere avslutta, eller høyre til ei anna e-postadresse.",
	"We cannot find the case. It may be closed, or belong to another e-mail address.")

// Delivery is how the answer reaches the person.
const (
	DeliveryPortal = "portal"
	DeliveryPaper  = "paper"
)

// Detail is what was asked, in the person's own words and choices. It is sealed.
type Detail struct {
	Text           string       `json:"text,omitempty"`
	Activities     []string     `json:"activities,omitempty"` // empty = everything
	Corrections    []Correction `json:"corrections,omitempty"`
	Phone          string       `json:"phone,omitempty"`
	CustomerNumber string       `json:"customer_number,omitempty"`
	IdentityNote   string       `json:"identity_note,omitempty"`
	Received       string       `json:"received,omitempty"`  // when and how it came, as it was written down
	Asker          *Asker       `json:"asker,omitempty"`     // nil: the person asks for themselves
	Marketing      bool         `json:"marketing,omitempty"` // an objection to direct marketing
	Meanwhile      bool         `json:"meanwhile,omitempty"` // of a rectification: not to be used while it is looked into
	Ground         string       `json:"ground,omitempty"`    // of a restriction: accuracy, unlawful, claims or objection
	Recipient      string       `json:"recipient,omitempty"` // who is to get a portable copy directly, and how to reach them
}

// Asker is who asks when it is not the person for themselves; the standing is in the request's events.
type Asker struct {
	Name         string `json:"name,omitempty"`
	Organisation string `json:"organisation,omitempty"` // number in the register of companies
	Authority    string `json:"authority,omitempty"`    // why they may, in their words
}

// Correction is one field that the person says is wrong.
type Correction struct {
	Source     string          `json:"source"`
	Collection string          `json:"collection"`
	Field      string          `json:"field"`
	Key        json.RawMessage `json:"key"` // the row's primary key as the engine writes it
	Label      string          `json:"label"`
	Old        string          `json:"old"`
	New        string          `json:"new"`
	Remove     bool            `json:"remove,omitempty"` // nothing is to stand there; New is empty
	Office     bool            `json:"office,omitempty"` // the office found the field that the person's words are about
}

// Request is a case: one person, one right, one life. What is personal opens only inside a Tx.
type Request struct {
	ID              int64
	PublicID        string
	Controller      int64
	Reference       dsr.Reference
	Linked          string // the same for requests that were asked at once
	Right           dsr.Right
	Channel         dsr.Channel
	ClientID        *int64
	Locale          locale.Locale
	Delivery        string
	Name            keyring.Private
	Address         keyring.Private // the e-mail address, canonical; empty for a person without
	AddressIndex    []byte
	Postal          keyring.Private
	Detail          Detail
	Answer          []byte // what was answered, as JSON of the use case that wrote it
	ReceivedAt      time.Time
	FiledAt         time.Time
	VerifiedMethod  string
	VerifiedProof   string // public id of the challenge, if a mail proved it
	RegisterVersion int64
	CalendarVersion string
	RunID           *int64
	PlanID          *int64
	NeedsHuman      string // code of why the case stopped
	AssignedTo      *int64
	ClosedAt        *time.Time
	UnreadOffice    int64
	UnreadPerson    int64
	Warned          string
	Drill           bool // a rehearsal: nobody is mailed or told, nothing is counted, no real source is touched

	// P is what the events add up to.
	P      dsr.Projection
	Events []Event

	shredded bool
}

// Shredded tells that the personal data of the request are gone.
func (r *Request) Shredded() bool { return r.shredded }

// Event is an event with the note that belongs to it and its leaf in the log.
type Event struct {
	dsr.Event
	Note     string
	LeafHash []byte
}

type requestRow struct {
	ID              int64
	PublicID        string
	ControllerID    int64
	Reference       string
	Linked          string
	AskedRight      string
	Channel         string
	ClientID        *int64
	Locale          string
	Delivery        string
	State           string
	Outcome         string
	NeedsHuman      string
	AddressIndex    []byte
	SealedName      []byte
	SealedAddress   []byte
	SealedPostal    []byte
	SealedDetail    []byte
	SealedAnswer    []byte
	ReceivedAt      int64
	ReceivedText    string
	FiledAt         int64
	VerifiedAt      *int64
	VerifiedMethod  string
	VerifiedProof   string
	DueOn           string
	TargetOn        string
	DueUnsuspended  string
	Paused          bool
	ExtendedMonths  int64
	AssignedTo      *int64
	RegisterVersion int64
	CalendarVersion string
	RunID           *int64
	PlanID          *int64
	PlanDigest      string
	ApprovedDigest  string
	PreparedBy      *int64
	ApprovedBy      *int64
	ApprovedAt      *int64
	Alone           bool
	ExecutesAt      *int64
	PlanDone        bool
	AnsweredAt      *int64
	ClosedAt        *int64
	UnreadOffice    int64
	UnreadPerson    int64
	Warned          string
	Calm            int64
	Events          int64
	Drill           bool
}

func (requestRow) TableName() string { return "request" }

type eventRow struct {
	ID         int64
	RequestID  int64
	Number     int64
	At         int64
	Kind       string
	Actor      string
	MemberID   *int64
	Facts      string
	SealedNote []byte
	LeafHash   []byte
}

func (eventRow) TableName() string { return "event" }

// Request reads a request to change it: on PostgreSQL its row is locked, so that two acts on the
// same case come one after the other. Whoever looks at the case is told that it changed.
func (tx *Tx) Request(publicID string) (*Request, error) {
	return tx.requestToChange("public_id", publicID)
}

// HeldRequest reads a request and holds off those who would change it meanwhile.
func (tx *Tx) HeldRequest(publicID string) (*Request, error) {
	return tx.loadRequest("public_id", publicID, true)
}

// ReadRequest reads a request without locking it.
func (tx *Tx) ReadRequest(publicID string) (*Request, error) {
	return tx.loadRequest("public_id", publicID, false)
}

// RequestByID reads a request by its inside id to change it.
func (tx *Tx) RequestByID(id int64) (*Request, error) { return tx.requestToChange("id", id) }

func (tx *Tx) requestToChange(column string, value any) (*Request, error) {
	r, err := tx.loadRequest(column, value, true)
	if err == nil {
		tx.changes(r.ID)
	}
	return r, err
}

// locking makes a question hold the rows that it finds until the transaction ends. On SQLite there is one writer at a time.
func (tx *Tx) locking(q *gorm.DB) *gorm.DB {
	if tx.s.dialect == migrations.Postgres {
		return q.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	return q
}

func (tx *Tx) loadRequest(column string, value any, lock bool) (*Request, error) {
	q := tx.db
	if lock {
		q = tx.locking(q)
	}
	var row requestRow
	err := q.Where(column+" = ?", value).Take(&row).Error
	if missing(err) {
		return nil, ErrNoRequest
	}
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	return tx.request(row)
}

// request gives one row as a request.
func (tx *Tx) request(row requestRow) (*Request, error) {
	all, err := tx.requests([]requestRow{row})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// requests gives rows as requests. Keys and events of all of them are read at once: a page of the
// inbox costs three queries, however long it is.
func (tx *Tx) requests(rows []requestRow) ([]*Request, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	ids, owners := make([]int64, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		ids[i], owners[i] = row.ID, row.PublicID
	}
	if err := tx.loadKeys(owners, ClassCore); err != nil {
		return nil, err
	}
	var events []eventRow
	if err := tx.db.Where("request_id IN ?", ids).Order("request_id, number").Find(&events).Error; err != nil {
		return nil, fmt.Errorf("reading events: %w", err)
	}
	of := map[int64][]eventRow{}
	for _, e := range events {
		of[e.RequestID] = append(of[e.RequestID], e)
	}
	requests := make([]*Request, len(rows))
	for i, row := range rows {
		r, err := tx.openRow(row, of[row.ID])
		if err != nil {
			return nil, err
		}
		requests[i] = r
	}
	return requests, nil
}

// openRow opens a row's sealed values and folds its events.
func (tx *Tx) openRow(row requestRow, events []eventRow) (*Request, error) {
	r := &Request{
		ID: row.ID, PublicID: row.PublicID, Controller: row.ControllerID, Reference: dsr.Reference(row.Reference),
		Linked: row.Linked, Right: dsr.Right(row.AskedRight), Channel: dsr.Channel(row.Channel), ClientID: row.ClientID,
		Locale: locale.Locale(row.Locale), Delivery: row.Delivery, AddressIndex: row.AddressIndex,
		ReceivedAt: Instant(row.ReceivedAt), FiledAt: Instant(row.FiledAt),
		VerifiedMethod: row.VerifiedMethod, VerifiedProof: row.VerifiedProof,
		RegisterVersion: row.RegisterVersion, CalendarVersion: row.CalendarVersion,
		RunID: row.RunID, PlanID: row.PlanID, NeedsHuman: row.NeedsHuman, AssignedTo: row.AssignedTo,
		ClosedAt: instantOrNil(row.ClosedAt), UnreadOffice: row.UnreadOffice, UnreadPerson: row.UnreadPerson, Warned: row.Warned, Drill: row.Drill,
	}
	if err := tx.openRequest(r, row); err != nil {
		return nil, err
	}
	if err := tx.fold(r, events); err != nil {
		return nil, err
	}
	return r, nil
}

// openRequest opens the sealed columns; a shredded key leaves them empty.
func (tx *Tx) openRequest(r *Request, row requestRow) error {
	var opened [5][]byte
	for i, c := range []struct {
		name   string
		sealed []byte
	}{
		{"sealed_name", row.SealedName}, {"sealed_address", row.SealedAddress}, {"sealed_postal", row.SealedPostal},
		{"sealed_detail", row.SealedDetail}, {"sealed_answer", row.SealedAnswer},
	} {
		plain, err := tx.open(row.PublicID, ClassCore, "request", c.name, row.PublicID, c.sealed)
		if errors.Is(err, ErrShredded) {
			r.shredded = true
			return nil
		}
		if err != nil {
			return err
		}
		opened[i] = plain
	}
	r.Name = keyring.NewPrivate(string(opened[0]))
	r.Address = keyring.NewPrivate(string(opened[1]))
	r.Postal = keyring.NewPrivate(string(opened[2]))
	r.Answer = opened[4]
	if opened[3] != nil {
		if err := json.Unmarshal(opened[3], &r.Detail); err != nil {
			return fmt.Errorf("reading what was asked: %w", err)
		}
	}
	return nil
}

func (tx *Tx) fold(r *Request, rows []eventRow) error {
	r.Events = make([]Event, len(rows))
	history := make([]dsr.Event, len(rows))
	for i, row := range rows {
		e := dsr.Event{At: Instant(row.At), Kind: dsr.EventKind(row.Kind), Actor: dsr.Actor{Kind: dsr.ActorKind(row.Actor)}}
		if row.MemberID != nil {
			e.Actor.Member = *row.MemberID
		}
		if err := json.Unmarshal([]byte(row.Facts), &e.Data); err != nil {
			return fmt.Errorf("reading an event: %w", err)
		}
		note, err := tx.open(r.PublicID, ClassCore, "event", "sealed_note", noteRow(r.PublicID, row.Number), row.SealedNote)
		if err != nil && !errors.Is(err, ErrShredded) {
			return err
		}
		r.Events[i] = Event{Event: e, Note: string(note), LeafHash: row.LeafHash}
		history[i] = e
	}
	p, err := dsr.Project(history)
	if err != nil {
		return fmt.Errorf("folding the events of a request: %w", err)
	}
	r.P = p
	return nil
}

func noteRow(publicID string, number int64) string { return fmt.Sprintf("%s/%d", publicID, number) }

// NewRequest is what a request begins with.
type NewRequest struct {
	Controller      int64
	Reference       dsr.Reference
	Linked          string // empty = on its own
	Right           dsr.Right
	Channel         dsr.Channel
	ClientID        *int64
	Locale          locale.Locale
	Delivery        string
	Name            keyring.Private
	Address         *dsr.Address
	Postal          keyring.Private
	Detail          Detail
	ReceivedAt      time.Time
	RegisterVersion int64
	CalendarVersion string
	Drill           bool
	Actor           dsr.Actor
	Role            string        // the member's role as the log shows it
	Received        dsr.EventData // Right, Channel and Calendar are filled in
}

// OpenRequest writes a new request with its first event and leaf.
func (tx *Tx) OpenRequest(n NewRequest) (*Request, error) {
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	row := requestRow{
		PublicID: id, ControllerID: n.Controller, Reference: string(n.Reference), Linked: n.Linked,
		AskedRight: string(n.Right), Channel: string(n.Channel), ClientID: n.ClientID, Locale: string(n.Locale),
		Delivery: n.Delivery, State: string(dsr.Received), ReceivedAt: Micros(n.ReceivedAt),
		FiledAt: Micros(tx.Now), RegisterVersion: n.RegisterVersion, CalendarVersion: n.CalendarVersion, Drill: n.Drill,
	}
	if row.Linked == "" {
		row.Linked = id
	}
	if err := tx.sealRequest(&row, n); err != nil {
		return nil, err
	}
	n.Received.Right, n.Received.Channel, n.Received.Calendar = n.Right, n.Channel, n.CalendarVersion
	first := dsr.Event{At: n.ReceivedAt, Kind: dsr.EventReceived, Actor: n.Actor, Data: n.Received}
	p, err := dsr.Project([]dsr.Event{first})
	if err != nil {
		return nil, err
	}
	project(&row, p)
	row.Events = 1
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) { // the reference is taken: another one is drawn
			err = errors.Join(errAgain, err)
		}
		return nil, fmt.Errorf("writing a request: %w", err)
	}
	said := map[string]any{
		"reference": n.Reference, "right": n.Right, "channel": n.Channel, "received_at": n.ReceivedAt.UTC(), "asked": n.Detail,
	}
	if _, err := tx.writeEvent(row.ID, row.PublicID, 1, first, Change{Role: n.Role}, said); err != nil {
		return nil, err
	}
	return tx.RequestByID(row.ID)
}

func (tx *Tx) sealRequest(row *requestRow, n NewRequest) error {
	detail, err := json.Marshal(n.Detail)
	if err != nil {
		return fmt.Errorf("writing what was asked: %w", err)
	}
	address := ""
	if n.Address != nil {
		address = n.Address.Canonical
		row.AddressIndex = tx.AddressIndex(address)
	}
	for _, c := range []struct {
		name  string
		plain string
		into  *[]byte
	}{
		{"sealed_name", n.Name.Reveal(), &row.SealedName}, {"sealed_address", address, &row.SealedAddress},
		{"sealed_postal", n.Postal.Reveal(), &row.SealedPostal}, {"sealed_detail", string(detail), &row.SealedDetail},
	} {
		if *c.into, err = tx.seal(row.PublicID, ClassCore, "request", c.name, row.PublicID, []byte(c.plain)); err != nil {
			return err
		}
	}
	return nil
}

// Change is what an act does to a request besides its event. Fields that are nil stay.
type Change struct {
	// Facts completes what the guards of the state machine see with what the events do not say.
	Facts func(*dsr.Facts)
	// Note is the words that belong to the event; they are sealed.
	Note string
	// Role is the member's role as the log shows it.
	Role string
	// Statement is what the leaf commits to; nil = the event's data.
	Statement any
	// Columns are further columns of the request's row.
	Columns map[string]any
}

// ErrMoved says that somebody else acted on the case a moment before.
var ErrMoved = fault.Define(fault.Conflict, "case_moved",
	"Noen andre gjorde noe i saken samtidig. Last siden på nytt og prøv igjen.",
	"Nokon andre gjorde noko i saka samstundes. Last sida på nytt og prøv igjen.",
	"Somebody else acted on the case at the same moment. Reload the page and try again.")

// Act appends an event to a request: the event, its leaf and the row that follows from them are
// one write. It is the only way in which a request changes. The event must be possible: otherwise
// the state machine's fault comes back and nothing is written. With the event that decides who the
// person is, what they said of it goes.
func (tx *Tx) Act(r *Request, e dsr.Event, c Change) error {
	if e.At.IsZero() {
		e.At = tx.Now
	}
	e.At = e.At.UTC().Truncate(time.Microsecond)
	if action, moves := dsr.ActionOf(e.Kind); moves && c.Facts != nil {
		facts := r.P.Facts(e.At)
		c.Facts(&facts)
		if _, err := dsr.Next(r.P.State, facts, action, e.Actor.Kind); err != nil {
			return err
		}
	}
	history := make([]dsr.Event, 0, len(r.Events)+1)
	for _, have := range r.Events {
		history = append(history, have.Event)
	}
	p, err := dsr.Project(append(history, e))
	if err != nil {
		return err
	}
	if err := tx.guardedUpdate(r, p, c.Columns); err != nil {
		return err
	}
	said := c.Statement
	if said == nil {
		said = e.Data
	}
	hash, err := tx.writeEvent(r.ID, r.PublicID, int64(len(r.Events)+1), e, c, said)
	if err != nil {
		return err
	}
	r.Events = append(r.Events, Event{Event: e, Note: c.Note, LeafHash: hash})
	decided := r.P.Doubted && !p.Doubted
	r.P = p
	if decided {
		_, err = tx.ForgetReplies(r, tx.Now)
	}
	return err
}

// guardedUpdate moves the row from the state that was read to the one that follows, if nobody
// has acted meanwhile.
func (tx *Tx) guardedUpdate(r *Request, p dsr.Projection, columns map[string]any) error {
	var row requestRow
	project(&row, p)
	set := projected(row)
	set["events"] = int64(len(r.Events) + 1)
	closed, opened := !dsr.Open(p.State) && r.ClosedAt == nil, dsr.Open(p.State) && r.ClosedAt != nil
	if closed {
		set["closed_at"] = Micros(tx.Now)
	}
	if opened { // what was answered is no answer any more
		set["closed_at"], set["sealed_answer"] = nil, nil
	}
	for name, value := range columns {
		set[name] = value
	}
	ok, err := changed(tx.db.Model(&requestRow{}).Where("id = ? AND state = ? AND events = ?", r.ID, string(r.P.State), len(r.Events)).Updates(set))
	if err != nil {
		return fmt.Errorf("moving a request: %w", err)
	}
	if !ok {
		return ErrMoved
	}
	if closed {
		at := tx.Now
		r.ClosedAt = &at
		if err := tx.wakeWaiting(r); err != nil {
			return err
		}
	}
	if opened {
		r.ClosedAt, r.Answer = nil, nil
	}
	return nil
}

// Touch changes columns that are no part of the history (counters of unread messages, which
// warnings went out).
func (tx *Tx) Touch(r *Request, columns map[string]any) error {
	if err := tx.db.Model(&requestRow{}).Where("id = ?", r.ID).Updates(columns).Error; err != nil {
		return fmt.Errorf("updating a request: %w", err)
	}
	tx.changes(r.ID)
	return nil
}

// SealAnswer gives the column that keeps what was answered, for Change.Columns.
func (tx *Tx) SealAnswer(r *Request, answer []byte) (map[string]any, error) {
	sealed, err := tx.seal(r.PublicID, ClassCore, "request", "sealed_answer", r.PublicID, answer)
	if err != nil {
		return nil, err
	}
	return map[string]any{"sealed_answer": sealed}, nil
}

// MoveAddress gives a case another e-mail address: mails go there, and it opens for whoever reads it once
// the address is a verified identifier of the case. The zero address leaves none. It is for
// Change.Columns.
func (tx *Tx) MoveAddress(r *Request, to dsr.Address) (map[string]any, error) {
	sealed, err := tx.seal(r.PublicID, ClassCore, "request", "sealed_address", r.PublicID, []byte(to.Canonical))
	if err != nil {
		return nil, err
	}
	var index []byte
	if to.Canonical != "" {
		index = tx.AddressIndex(to.Canonical)
	}
	r.Address, r.AddressIndex = keyring.NewPrivate(to.Canonical), index
	return map[string]any{"sealed_address": sealed, "address_index": index}, nil
}

// SealPostal gives the column of the postal address that an answer on paper goes to, for Change.Columns.
func (tx *Tx) SealPostal(r *Request, postal string) ([]byte, error) {
	r.Postal = keyring.NewPrivate(postal)
	return tx.seal(r.PublicID, ClassCore, "request", "sealed_postal", r.PublicID, []byte(postal))
}

// SetDetail changes what was asked, for instance with what a reply made clear.
func (tx *Tx) SetDetail(r *Request, d Detail) error {
	plain, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("writing what was asked: %w", err)
	}
	sealed, err := tx.seal(r.PublicID, ClassCore, "request", "sealed_detail", r.PublicID, plain)
	if err != nil {
		return err
	}
	r.Detail = d
	return tx.Touch(r, map[string]any{"sealed_detail": sealed})
}

// writeEvent writes an event and its leaf, whose hash it gives.
func (tx *Tx) writeEvent(id int64, publicID string, number int64, e dsr.Event, c Change, said any) ([]byte, error) {
	actor := string(e.Actor.Kind)
	var member *int64
	if e.Actor.Member != 0 {
		member = &e.Actor.Member
		actor = fmt.Sprintf("member.%d", e.Actor.Member)
	}
	if c.Note != "" {
		said = map[string]any{"data": said, "note": c.Note}
	}
	hash, err := tx.Log(Act{Actor: actor, Role: c.Role, Action: string(e.Kind), Request: publicID, RequestID: id, Statement: said})
	if err != nil {
		return nil, err
	}
	facts, err := json.Marshal(e.Data)
	if err != nil {
		return nil, fmt.Errorf("writing an event: %w", err)
	}
	row := eventRow{RequestID: id, Number: number, At: Micros(e.At), Kind: string(e.Kind), Actor: string(e.Actor.Kind),
		MemberID: member, Facts: string(facts), LeafHash: hash}
	row.SealedNote, err = tx.seal(publicID, ClassCore, "event", "sealed_note", noteRow(publicID, number), []byte(c.Note))
	if err != nil {
		return nil, err
	}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return nil, ErrMoved
		}
		return nil, fmt.Errorf("writing an event: %w", err)
	}
	return hash, nil
}

// project writes what the events add up to into the row's columns.
func project(row *requestRow, p dsr.Projection) {
	row.State, row.Outcome = string(p.State), string(p.Outcome)
	due := p.Deadline.Due
	if p.Deadline.Open {
		due = p.Deadline.DueUnsuspended
	}
	row.DueOn, row.DueUnsuspended, row.Paused = due.String(), p.Deadline.DueUnsuspended.String(), p.Deadline.Open
	if row.Calm = 1; p.Urgent() {
		row.Calm = 0
	}
	row.TargetOn = p.Deadline.InternalTarget.String()
	row.ExtendedMonths = int64(p.ExtendedMonths())
	if p.Verified {
		at := Micros(p.VerifiedAt)
		row.VerifiedAt = &at
	}
	row.AssignedTo, row.PreparedBy, row.ApprovedBy = idOrNil(p.AssignedTo), idOrNil(p.PreparedBy), idOrNil(p.ApprovedBy)
	row.PlanDigest, row.ApprovedDigest, row.Alone, row.PlanDone = p.Plan, p.Approval, p.Confirmed, p.PlanDone
	if !p.CoolUntil.IsZero() {
		at := Micros(p.CoolUntil)
		row.ExecutesAt = &at
	}
	if !p.AnsweredAt.IsZero() {
		at := Micros(p.AnsweredAt)
		row.AnsweredAt = &at
	}
}

// projected gives the columns that project writes.
func projected(row requestRow) map[string]any {
	return map[string]any{
		"state": row.State, "outcome": row.Outcome, "due_on": row.DueOn, "target_on": row.TargetOn,
		"due_unsuspended": row.DueUnsuspended, "paused": row.Paused, "extended_months": row.ExtendedMonths,
		"verified_at": row.VerifiedAt, "assigned_to": row.AssignedTo, "plan_digest": row.PlanDigest,
		"approved_digest": row.ApprovedDigest, "prepared_by": row.PreparedBy, "approved_by": row.ApprovedBy,
		"alone": row.Alone, "executes_at": row.ExecutesAt, "plan_done": row.PlanDone, "answered_at": row.AnsweredAt,
		"calm": row.Calm,
	}
}

func idOrNil(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// CheckProjection compares a request's row with what its events add up to; it gives the names of
// the columns that differ, sorted.
func (tx *Tx) CheckProjection(publicID string) ([]string, error) {
	var have requestRow
	err := tx.db.Where("public_id = ?", publicID).Take(&have).Error
	if missing(err) {
		return nil, ErrNoRequest
	}
	if err != nil {
		return nil, fmt.Errorf("reading a request: %w", err)
	}
	r, err := tx.request(have)
	if err != nil {
		return nil, err
	}
	var want requestRow
	project(&want, r.P)
	written, derived := projected(have), projected(want)
	written["events"], derived["events"] = have.Events, int64(len(r.Events))
	written["closed_at"], derived["closed_at"] = have.ClosedAt == nil, dsr.Open(r.P.State)
	var wrong []string
	for name := range derived {
		if !reflect.DeepEqual(written[name], derived[name]) {
			wrong = append(wrong, name)
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}
