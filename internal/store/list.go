package store

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// View is a tab of the inbox.
type View string

// The tabs.
const (
	ViewOpen    View = "open"
	ViewNew     View = "new"
	ViewMine    View = "mine"
	ViewWaiting View = "waiting"
	ViewWeek    View = "due_this_week"
	ViewOverdue View = "overdue"
	ViewDone    View = "done"
	ViewAll     View = "all"
)

// Views lists the tabs.
var Views = []View{ViewOpen, ViewNew, ViewMine, ViewWaiting, ViewWeek, ViewOverdue, ViewDone, ViewAll}

// Filter narrows the inbox.
type Filter struct {
	View   View
	Right  dsr.Right
	Query  string // reference, name or address as typed
	Member int64  // whose, for ViewMine
	Today  dsr.Date
	After  *Position
	Limit  int
}

// Position is where a page of the inbox ended.
type Position struct {
	Calm  int64  `json:"c"` // 0 among those that are owed something at once, which stand first
	DueOn string `json:"d"`
	ID    int64  `json:"i"`
}

// openStates stands word for word in the partial index request_open.
const openStates = "state IN ('received', 'collecting', 'awaiting_person', 'review', 'approved', 'executing', 'needs_human')"

func (f Filter) apply(db *gorm.DB, view View) *gorm.DB {
	switch view {
	case ViewNew:
		return db.Where(openStates).Where("state IN ('received', 'collecting', 'review') AND assigned_to IS NULL")
	case ViewMine:
		return db.Where(openStates).Where("assigned_to = ?", f.Member)
	case ViewWaiting:
		return db.Where(openStates).Where("state = 'awaiting_person'")
	case ViewWeek:
		return db.Where(openStates).Where("due_on >= ? AND due_on <= ?", f.Today.String(), f.Today.AddDays(7).String())
	case ViewOverdue:
		return db.Where(openStates).Where("due_on < ? AND paused = ?", f.Today.String(), false)
	case ViewDone:
		return db.Where("state IN ('answered', 'withdrawn', 'purged')")
	case ViewAll:
		return db
	}
	return db.Where(openStates)
}

// List reads a page of the inbox: what is owed at once, then due first (newest first among those that
// are done), and where the next page begins.
func (tx *Tx) List(f Filter) ([]*Request, *Position, error) {
	q := f.apply(tx.db.Model(&requestRow{}), f.View)
	if f.Right != "" {
		q = q.Where("asked_right = ?", string(f.Right))
	}
	if f.Query != "" {
		q = tx.match(q, f.Query)
	}
	down := f.View == ViewDone || f.View == ViewAll
	switch {
	case f.After != nil && down:
		q = q.Where("(due_on, id) < (?, ?)", f.After.DueOn, f.After.ID)
	case f.After != nil:
		q = q.Where("(calm, due_on, id) > (?, ?, ?)", f.After.Calm, f.After.DueOn, f.After.ID)
	}
	order := "calm, due_on, id"
	if down {
		order = "due_on DESC, id DESC"
	}
	var rows []requestRow
	if err := q.Order(order).Limit(f.Limit + 1).Find(&rows).Error; err != nil {
		return nil, nil, fmt.Errorf("reading the inbox: %w", err)
	}
	var next *Position
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[len(rows)-1]
		next = &Position{Calm: last.Calm, DueOn: last.DueOn, ID: last.ID}
	}
	requests, err := tx.requests(rows)
	return requests, next, err
}

// Counts gives the number of cases in each tab.
func (tx *Tx) Counts(f Filter) (map[View]int64, error) {
	counts := map[View]int64{}
	for _, view := range Views {
		if view == ViewAll || view == ViewDone {
			continue
		}
		var n int64
		if err := f.apply(tx.db.Model(&requestRow{}), view).Count(&n).Error; err != nil {
			return nil, fmt.Errorf("counting the inbox: %w", err)
		}
		counts[view] = n
	}
	return counts, nil
}

// OfAddress gives the requests filed with a verified address that its holder may still see: open
// ones, and those that closed after a time (mailboxes are recycled).
func (tx *Tx) OfAddress(index []byte, closedAfter time.Time) ([]*Request, error) {
	var rows []requestRow
	askers := tx.db.Model(&identifierRow{}).Select("request_id").Where("kind = ? AND certainty = ?", AskerEmail, Verified)
	err := tx.db.Where("address_index = ? AND state <> 'purged'", index).Where("verified_at IS NOT NULL OR id IN (?)", askers).
		Where("closed_at IS NULL OR closed_at > ?", Micros(closedAfter)).
		Order("filed_at DESC, id DESC").Limit(500).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading a person's requests: %w", err)
	}
	return tx.requests(rows)
}

// EarlierThan gives the requests before a request that are known by the same contacts: of the same person,
// as far as one can tell, the newest first.
func (tx *Tx) EarlierThan(r *Request) ([]*Request, error) {
	known := tx.db.Model(&identifierRow{}).Select("value_index").Where("request_id = ? AND kind <> ? AND certainty <> ?", r.ID, AskerEmail, Rejected)
	return tx.earlier(tx.db.Where("linked <> ? AND received_at <= ? AND id <> ?", r.Linked, Micros(r.ReceivedAt), r.ID), known)
}

// KnownBy gives the requests that are known by contacts, each a kind of identifier and its value, the
// newest first.
func (tx *Tx) KnownBy(contacts map[string]string) ([]*Request, error) {
	indexes := make([][]byte, 0, len(contacts))
	for kind, value := range contacts {
		indexes = append(indexes, tx.AddressIndex(kind+":"+value))
	}
	return tx.earlier(tx.db, indexes)
}

func (tx *Tx) earlier(among *gorm.DB, valueIndexes any) ([]*Request, error) {
	var rows []requestRow
	having := tx.db.Model(&identifierRow{}).Select("request_id").Where("certainty <> ? AND value_index IN (?)", Rejected, valueIndexes)
	err := among.Where("id IN (?) AND state <> 'purged'", having).Order("received_at DESC, id DESC").Limit(50).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading earlier requests: %w", err)
	}
	return tx.requests(rows)
}

// Unanswered gives the public ids of the requests that wait for the person.
func (tx *Tx) Unanswered() ([]string, error) {
	var ids []string
	if err := tx.db.Model(&requestRow{}).Where("state = 'awaiting_person'").Order("id").Pluck("public_id", &ids).Error; err != nil {
		return nil, fmt.Errorf("reading what waits for people: %w", err)
	}
	return ids, nil
}

// LinkedTo gives the requests that were asked together with this one, itself left out.
func (tx *Tx) LinkedTo(r *Request) ([]*Request, error) {
	var rows []requestRow
	err := tx.db.Where("linked = ? AND id <> ?", r.Linked, r.ID).Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading linked requests: %w", err)
	}
	return tx.requests(rows)
}

// ownContacts are the kinds of identifiers that tell one person from another: many have the same name, or
// use the same network.
var ownContacts = []string{"email", "phone_number", "external_id", "organisation_number"}

// CopiesOwed gives the open requests for a copy of the data that this request is about, the oldest first:
// those that were asked together with it, and those of the same person, whose identity is confirmed and who
// is known by a contact that is confirmed in both.
func (tx *Tx) CopiesOwed(r *Request) ([]*Request, error) {
	var rows []requestRow
	err := tx.db.Where(openStates).Where("id <> ?", r.ID).Where("linked = ? OR verified_at IS NOT NULL AND id IN (?)", r.Linked, tx.samePerson(r)).
		Order("id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading who waits for a copy: %w", err)
	}
	all, err := tx.requests(rows)
	return slices.DeleteFunc(all, func(other *Request) bool { return !other.Right.Row().Package }), err
}

// samePerson asks for the ids of the requests in which a contact is confirmed that is confirmed in this one too.
func (tx *Tx) samePerson(r *Request) *gorm.DB {
	confirmed := tx.db.Model(&identifierRow{}).Where("certainty = ? AND kind IN ?", Verified, ownContacts)
	return confirmed.Session(&gorm.Session{}).Select("request_id").
		Where("value_index IN (?)", confirmed.Session(&gorm.Session{}).Select("value_index").Where("request_id = ?", r.ID))
}

// wakeWaiting lets what waits for a copy go on when the request for the copy is closed, however it ends. An
// execution that sleeps for another reason looks and sleeps on.
func (tx *Tx) wakeWaiting(r *Request) error {
	if !r.Right.Row().Package {
		return nil
	}
	waiting := tx.db.Model(&requestRow{}).Select("public_id").Where("state = ? AND id <> ?", string(dsr.Approved), r.ID).
		Where("linked = ? OR id IN (?)", r.Linked, tx.samePerson(r))
	return tx.wakeJobs("kind = ? AND object IN (?)", JobExecute, waiting)
}

// ByReference finds a request by its reference; nil when there is none.
func (tx *Tx) ByReference(ref dsr.Reference) (*Request, error) {
	r, err := tx.loadRequest("reference", string(ref), false)
	if fault.KindOf(err) == fault.NotFound {
		return nil, nil
	}
	return r, err
}

// Due is an open request whose clock runs: when it is due and which warnings have gone out.
type Due struct {
	PublicID string
	DueOn    string
	Warned   string
}

// DueSoon gives the open requests whose time limit is at most days away: of a paused clock, the limit
// that holds without the pause.
func (tx *Tx) DueSoon(today dsr.Date, days int) ([]Due, error) {
	var due []Due
	err := tx.db.Model(&requestRow{}).Where(openStates).Where("due_on <= ?", today.AddDays(days).String()).
		Order("due_on, id").Find(&due).Error
	if err != nil {
		return nil, fmt.Errorf("reading what is due: %w", err)
	}
	return due, nil
}

// Extended gives the public ids of the open requests whose time limit was extended.
func (tx *Tx) Extended() ([]string, error) {
	var ids []string
	if err := tx.db.Model(&requestRow{}).Where(openStates).Where("extended_months > 0").Order("id").Pluck("public_id", &ids).Error; err != nil {
		return nil, fmt.Errorf("reading what was extended: %w", err)
	}
	return ids, nil
}

// ToPurge gives the public ids of closed requests whose core data's time is up. A case for which rows
// are still restricted is not among them: whom the lifting has to be told to stands in it (Art. 18(3)).
func (tx *Tx) ToPurge(closedBefore time.Time, limit int) ([]string, error) {
	return tx.toPurge(limit, "state IN ('answered', 'withdrawn') AND closed_at < ? AND NOT EXISTS (SELECT 1 FROM restriction WHERE restriction.request_id = request.id AND restriction.lifted_at IS NULL)", Micros(closedBefore))
}

// DrillsToPurge gives rehearsals that ended before a time.
func (tx *Tx) DrillsToPurge(closedBefore time.Time, limit int) ([]string, error) {
	return tx.toPurge(limit, "drill AND state IN ('answered', 'withdrawn') AND closed_at < ?", Micros(closedBefore))
}

func (tx *Tx) toPurge(limit int, where string, args ...any) ([]string, error) {
	var ids []string
	err := tx.db.Model(&requestRow{}).Where(where, args...).
		Order("id").Limit(limit).Pluck("public_id", &ids).Error
	if err != nil {
		return nil, fmt.Errorf("reading what is to be purged: %w", err)
	}
	return ids, nil
}

type wordRow struct {
	RequestID int64
	Word      []byte
}

func (wordRow) TableName() string { return "request_word" }

// IndexWords makes a request findable by the words of names and addresses, through keyed hashes.
func (tx *Tx) IndexWords(r *Request, texts ...string) error {
	seen := map[string]bool{}
	var rows []wordRow
	for _, text := range texts {
		for _, word := range words(text) {
			if !seen[word] {
				seen[word] = true
				rows = append(rows, wordRow{RequestID: r.ID, Word: tx.Ring().Index(keyring.LabelWordIndex, word)})
			}
		}
	}
	if len(rows) == 0 {
		return nil
	}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error; err != nil {
		return fmt.Errorf("indexing words: %w", err)
	}
	return nil
}

// DropWords makes a request unfindable by name and address.
func (tx *Tx) DropWords(r *Request) error {
	if err := tx.db.Where("request_id = ?", r.ID).Delete(&wordRow{}).Error; err != nil {
		return fmt.Errorf("dropping words: %w", err)
	}
	return nil
}

// SweepIdempotency forgets keys that came before a time: nobody repeats a call so late.
func (s *Store) SweepIdempotency(ctx context.Context, before time.Time) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.db.Where("created_at < ?", Micros(before)).Delete(&idempotencyRow{}).Error; err != nil {
			return fmt.Errorf("sweeping idempotency keys: %w", err)
		}
		return nil
	})
}

func (tx *Tx) match(q *gorm.DB, query string) *gorm.DB {
	if ref, err := dsr.ParseReference(query); err == nil {
		return q.Where("reference = ?", string(ref))
	}
	all, args := tx.matchAll(words(query))
	if phone, err := dsr.CanonicalPhone(query); err == nil {
		one, more := tx.matchAll(words(phone))
		all, args = "("+all+") OR ("+one+")", append(args, more...)
	}
	return q.Where("("+all+")", args...)
}

// matchAll is the condition that a request is found by every one of some words.
func (tx *Tx) matchAll(words []string) (string, []any) {
	if len(words) == 0 {
		return "1 = 0", nil
	}
	conditions, args := make([]string, len(words)), make([]any, len(words))
	for i, word := range words {
		conditions[i] = "id IN (SELECT request_id FROM request_word WHERE word = ?)"
		args[i] = tx.Ring().Index(keyring.LabelWordIndex, word)
	}
	return strings.Join(conditions, " AND "), args
}

// words splits a name or an address into the words that it is found by: lower case, without
// accents but for the å, plus the whole address.
func words(text string) []string {
	text = plain(strings.ToLower(strings.TrimSpace(text)))
	parts := strings.FieldsFunc(text, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if strings.Contains(text, "@") && !strings.ContainsAny(text, " \t") {
		parts = append(parts, text)
	}
	return slices.DeleteFunc(parts, func(p string) bool { return len([]rune(p)) < 2 })
}

// plain drops accents: é is found as e. The å is a letter of its own, as æ and ø are.
func plain(s string) string {
	var out strings.Builder
	for _, c := range norm.NFC.String(s) {
		if c == 'å' {
			out.WriteRune(c)
			continue
		}
		for _, part := range norm.NFD.String(string(c)) {
			if !unicode.Is(unicode.Mn, part) {
				out.WriteRune(part)
			}
		}
	}
	return out.String()
}

type idempotencyRow struct {
	ID        int64
	Scope     string
	KeyHash   []byte
	BodyHash  []byte
	Object    string
	CreatedAt int64
}

func (idempotencyRow) TableName() string { return "idempotency" }

// ErrIdempotencyKey says that the same key came with another body.
var ErrIdempotencyKey = fault.Define(fault.Conflict, "idempotency_key_reused",
	"Denne nøkkelen er brukt til en annen forespørsel.", "Denne nøkkelen er brukt til ein annan førespurnad.",
	"This key has been used for another request.")

// Once gives what an idempotency key did before ("" = nothing yet). The scope keeps keys of
// different callers apart; body is what was sent.
func (tx *Tx) Once(scope, key string, body []byte) (object string, err error) {
	if key == "" {
		return "", nil
	}
	hash, sum := sha256.Sum256([]byte(key)), sha256.Sum256(body)
	var rows []idempotencyRow
	if err := tx.db.Where("scope = ? AND key_hash = ?", scope, hash[:]).Limit(1).Find(&rows).Error; err != nil {
		return "", fmt.Errorf("reading an idempotency key: %w", err)
	}
	if len(rows) == 0 {
		return "", nil
	}
	if !slices.Equal(rows[0].BodyHash, sum[:]) {
		return "", ErrIdempotencyKey
	}
	return rows[0].Object, nil
}

// Remember keeps what an idempotency key did. When another transaction was first with the same
// key, this one is undone and run again, and Once then gives what the other did.
func (tx *Tx) Remember(scope, key string, body []byte, object string) error {
	if key == "" {
		return nil
	}
	hash, sum := sha256.Sum256([]byte(key)), sha256.Sum256(body)
	row := idempotencyRow{Scope: scope, KeyHash: hash[:], BodyHash: sum[:], Object: object, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			return ErrMoved.Because(errAgain)
		}
		return fmt.Errorf("keeping an idempotency key: %w", err)
	}
	return nil
}

func duplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }

// RequestIDs gives the public ids of all requests, oldest first.
func (tx *Tx) RequestIDs() ([]string, error) {
	var ids []string
	if err := tx.db.Raw("SELECT public_id FROM request ORDER BY id").Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("reading the requests: %w", err)
	}
	return ids, nil
}
