package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
)

// The kinds of notices.
const (
	NoticeRecipient   = "recipient"   // somebody got data (Art. 19)
	NoticeRepublisher = "republisher" // data were public: search engines and whoever republished them (Art. 17(2))
)

// The channels of notices.
const (
	ChannelMail    = "mail"
	ChannelWebhook = "webhook"
	ChannelTask    = "task" // a member tells them
)

// The states of a notice.
const (
	NoticeWaiting    = "waiting"    // handed over to a channel, or to a member
	NoticeTold       = "told"       // it has reached the recipient
	NoticeConfirmed  = "confirmed"  // it is done there
	NoticeImpossible = "impossible" // telling, or doing, is impossible or out of proportion; the note says why
)

// ErrNoNotice says that the case has no such notice.
var ErrNoNotice = fault.Define(fault.NotFound, "notice_not_found",
	"Vi finner ikke denne mottakeren i saken.", "Vi finn ikkje denne mottakaren i saka.", "There is no such recipient in this case.")

// Notice is one recipient who is told what was done with a person's data, and how far that has come.
type Notice struct {
	ID          int64
	PublicID    string
	RequestID   int64
	Request     string // public id
	Kind        string
	Channel     string
	State       string
	Body        NoticeBody // empty, once the request was shredded
	Note        keyring.Private
	TokenHash   []byte // of the newest message; empty until one was minted
	EarlierHash []byte // of the message before it
	CreatedAt   time.Time
	ToldAt      *time.Time
	OpenedAt    *time.Time // first
	Reminders   int64
	RemindedAt  *time.Time
	FailedAt    *time.Time // the channel was given up
	SettledAt   *time.Time
	MemberID    *int64 // who settled it; nil: the recipient
}

// NoticeBody is who is told, how, and of what. It is kept sealed.
type NoticeBody struct {
	Name        string          `json:"name"`
	Activities  []NoticeSubject `json:"activities"`
	Mail        string          `json:"mail,omitempty"`
	Webhook     string          `json:"webhook,omitempty"`
	How         string          `json:"how,omitempty"`      // what the register says to the member who tells them
	Language    locale.Locale   `json:"language,omitempty"` // that they read, by the register; empty: the office's
	Corrections []NoticeChange  `json:"corrections,omitempty"`
}

// NoticeSubject is a processing activity that data were given from.
type NoticeSubject struct {
	ID   string      `json:"id"`
	Name locale.Text `json:"name"`
}

// NoticeChange is a field that was corrected.
type NoticeChange struct {
	Label string `json:"label"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// Settled tells whether nothing is waited for any more.
func (n Notice) Settled() bool { return n.State == NoticeConfirmed || n.State == NoticeImpossible }

type noticeRow struct {
	ID             int64
	PublicID       string
	RequestID      int64
	RecipientIndex []byte
	Kind           string
	Channel        string
	State          string
	SealedBody     []byte
	SealedNote     []byte
	TokenHash      []byte
	EarlierHash    []byte
	CreatedAt      int64
	ToldAt         *int64
	OpenedAt       *int64
	Reminders      int64
	RemindedAt     *int64
	FailedAt       *int64
	SettledAt      *int64
	MemberID       *int64
}

func (noticeRow) TableName() string { return "recipient_notice" }

const noticeOpen = "state IN ('waiting', 'told')"

// PutNotice writes down that a recipient is to be told. One who was told before in the same case is told
// anew if there is more to tell; false: there is not.
func (tx *Tx) PutNotice(r *Request, kind, channel string, b NoticeBody) (Notice, bool, error) {
	at := tx.Ring().Index(keyring.LabelRecipient, r.PublicID+" "+kind+" "+b.Name)
	known, err := tx.noticesWhere("request_id = ? AND recipient_index = ?", r.ID, at)
	if err != nil {
		return Notice{}, false, err
	}
	if len(known) == 1 {
		return tx.addToNotice(r, known[0], channel, b)
	}
	id, err := tx.NewID()
	if err != nil {
		return Notice{}, false, err
	}
	sealed, err := tx.sealNotice(r.PublicID, id, b)
	if err != nil {
		return Notice{}, false, err
	}
	row := noticeRow{PublicID: id, RequestID: r.ID, RecipientIndex: at, Kind: kind, Channel: channel, State: NoticeWaiting, SealedBody: sealed, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		return Notice{}, false, fmt.Errorf("writing a recipient down: %w", err)
	}
	n, err := tx.notice(row, r.PublicID)
	return n, true, err
}

func (tx *Tx) sealNotice(owner, id string, b NoticeBody) ([]byte, error) {
	plain, err := json.Marshal(b)
	if err != nil {
		return nil, errors.New("writing a notice")
	}
	return tx.seal(owner, ClassCore, "recipient_notice", "sealed_body", id, plain)
}

func (tx *Tx) addToNotice(r *Request, n Notice, channel string, b NoticeBody) (Notice, bool, error) {
	known := map[string]bool{}
	for _, a := range n.Body.Activities {
		known[a.ID] = true
	}
	more := false
	body := b
	body.Activities, body.Corrections = n.Body.Activities, slices.Clone(n.Body.Corrections)
	for _, c := range b.Corrections {
		if slices.Contains(body.Corrections, c) {
			continue
		}
		more = true
		i := slices.IndexFunc(body.Corrections, func(old NoticeChange) bool { return old.Label == c.Label && old.Old == c.Old })
		if i < 0 {
			body.Corrections = append(body.Corrections, c)
		} else {
			body.Corrections[i] = c
		}
	}
	for _, a := range b.Activities {
		if !known[a.ID] {
			body.Activities = append(body.Activities, a)
			more = true
		}
	}
	if !more {
		return n, false, nil
	}
	sealed, err := tx.sealNotice(r.PublicID, n.PublicID, body)
	if err != nil {
		return n, false, err
	}
	err = tx.db.Model(&noticeRow{}).Where("id = ?", n.ID).Updates(map[string]any{"sealed_body": sealed, "channel": channel, "state": NoticeWaiting,
		"settled_at": nil, "member_id": nil, "sealed_note": nil, "failed_at": nil, "reminders": 0, "reminded_at": nil, "told_at": nil, "created_at": Micros(tx.Now)}).Error
	if err != nil {
		return n, false, fmt.Errorf("telling a recipient anew: %w", err)
	}
	list, err := tx.noticesWhere("id = ?", n.ID)
	if err != nil || len(list) != 1 {
		return n, false, errors.Join(ErrNoNotice, err)
	}
	return list[0], true, nil
}

func (tx *Tx) notice(row noticeRow, request string) (Notice, error) {
	n := Notice{ID: row.ID, PublicID: row.PublicID, RequestID: row.RequestID, Request: request, Kind: row.Kind, Channel: row.Channel, State: row.State,
		TokenHash: row.TokenHash, EarlierHash: row.EarlierHash, CreatedAt: Instant(row.CreatedAt), ToldAt: instantOrNil(row.ToldAt),
		OpenedAt: instantOrNil(row.OpenedAt), Reminders: row.Reminders, RemindedAt: instantOrNil(row.RemindedAt), FailedAt: instantOrNil(row.FailedAt),
		SettledAt: instantOrNil(row.SettledAt), MemberID: row.MemberID}
	plain, err := tx.open(request, ClassCore, "recipient_notice", "sealed_body", row.PublicID, row.SealedBody)
	if errors.Is(err, ErrShredded) {
		return n, nil
	}
	if err != nil {
		return n, err
	}
	if err := json.Unmarshal(plain, &n.Body); err != nil {
		return n, errors.New("reading a notice")
	}
	note, err := tx.open(request, ClassCore, "recipient_notice", "sealed_note", row.PublicID, row.SealedNote)
	n.Note = keyring.NewPrivate(string(note))
	return n, err
}

func (tx *Tx) noticesWhere(where string, args ...any) ([]Notice, error) {
	var rows []noticeRow
	if err := tx.db.Where(where, args...).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading notices to recipients: %w", err)
	}
	return tx.notices(rows)
}

func (tx *Tx) notices(rows []noticeRow) ([]Notice, error) {
	owners := map[int64]string{}
	list := make([]Notice, len(rows))
	for i, row := range rows {
		if _, known := owners[row.RequestID]; !known {
			var owner string
			if err := tx.db.Raw("SELECT public_id FROM request WHERE id = ?", row.RequestID).Scan(&owner).Error; err != nil {
				return nil, fmt.Errorf("reading a notice's request: %w", err)
			}
			owners[row.RequestID] = owner
		}
		var err error
		if list[i], err = tx.notice(row, owners[row.RequestID]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// NoticeByID gives a notice by its public id; nil when there is none.
func (tx *Tx) NoticeByID(publicID string) (*Notice, error) {
	if !isID(publicID) {
		return nil, nil
	}
	list, err := tx.noticesWhere("public_id = ?", publicID)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Notices gives those of a request, in the order in which they were written down.
func (tx *Tx) Notices(r *Request) ([]Notice, error) { return tx.noticesWhere("request_id = ?", r.ID) }

// OpenNotices gives notices that something is waited for, oldest first, after one with an id.
func (tx *Tx) OpenNotices(after int64, limit int) ([]Notice, error) {
	var rows []noticeRow
	if err := tx.db.Where(noticeOpen+" AND id > ?", after).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading notices to recipients: %w", err)
	}
	return tx.notices(rows)
}

func (tx *Tx) moveNotice(id int64, from string, set map[string]any) (bool, error) {
	ok, err := changed(tx.db.Model(&noticeRow{}).Where("id = ? AND "+from, id).Updates(set))
	if err != nil {
		return false, fmt.Errorf("writing a notice to a recipient: %w", err)
	}
	return ok, nil
}

// MintNotice keeps the digest of a new secret for a message; the one before stays good beside it. False:
// nothing is waited for any more.
func (tx *Tx) MintNotice(n Notice, tokenHash []byte) (bool, error) {
	return tx.moveNotice(n.ID, noticeOpen, map[string]any{"earlier_hash": n.TokenHash, "token_hash": tokenHash})
}

// NoticeTold notes that a message reached the recipient, or that a member told them and how. False: they
// were told before.
func (tx *Tx) NoticeTold(n Notice, note string, member *int64) (bool, error) {
	sealed, err := tx.seal(n.Request, ClassCore, "recipient_notice", "sealed_note", n.PublicID, []byte(note))
	if err != nil {
		return false, err
	}
	return tx.moveNotice(n.ID, "state = 'waiting'", map[string]any{"state": NoticeTold, "told_at": Micros(tx.Now), "sealed_note": sealed, "member_id": member})
}

// SettleNotice ends a notice: it is done there, or it is impossible, which the note explains. False: it was
// settled before.
func (tx *Tx) SettleNotice(n Notice, state, note string, member *int64) (bool, error) {
	sealed, err := tx.seal(n.Request, ClassCore, "recipient_notice", "sealed_note", n.PublicID, []byte(note))
	if err != nil {
		return false, err
	}
	set := map[string]any{"state": state, "sealed_note": sealed, "settled_at": Micros(tx.Now), "member_id": member}
	if n.ToldAt == nil && state == NoticeConfirmed {
		set["told_at"] = Micros(tx.Now)
	}
	return tx.moveNotice(n.ID, noticeOpen, set)
}

// NoticeByHand makes a notice whose channel was given up the office's to tell.
func (tx *Tx) NoticeByHand(id int64) (bool, error) {
	return tx.moveNotice(id, noticeOpen+" AND channel <> 'task'", map[string]any{"channel": ChannelTask, "failed_at": Micros(tx.Now)})
}

// RemindNotice counts a reminder; false when somebody else did, or nothing is waited for any more.
func (tx *Tx) RemindNotice(n Notice) (bool, error) {
	ok, err := changed(tx.db.Model(&noticeRow{}).Where("id = ? AND reminders = ? AND "+noticeOpen, n.ID, n.Reminders).
		Updates(map[string]any{"reminders": n.Reminders + 1, "reminded_at": Micros(tx.Now)}))
	if err != nil {
		return false, fmt.Errorf("reminding a recipient: %w", err)
	}
	return ok, nil
}

// NoticeOpened notes that the recipient has looked; true the first time.
func (tx *Tx) NoticeOpened(id int64) (bool, error) {
	return tx.moveNotice(id, "opened_at IS NULL", map[string]any{"opened_at": Micros(tx.Now)})
}

// CloseNotices takes the secrets of a request's links away: what a purged request leaves must lead to nobody.
// That so many were told stays, for the reports.
func (tx *Tx) CloseNotices(r *Request) error {
	err := tx.db.Exec("UPDATE recipient_notice SET token_hash = NULL, earlier_hash = NULL WHERE request_id = ?", r.ID).Error
	if err != nil {
		return fmt.Errorf("closing notices to recipients: %w", err)
	}
	return nil
}

// Disclosure is one entry of a log of disclosures about the person: who got what, when and why
// (Art. 15(1)(c)).
type Disclosure struct {
	Activity  string `json:"activity"`
	Recipient string `json:"recipient"`
	At        string `json:"at,omitempty"` // civil date, or as the log writes it
	What      string `json:"what,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// SetDisclosures keeps what the log of disclosures said when a plan was made.
func (tx *Tx) SetDisclosures(r *Request, p Plan, list []Disclosure) error {
	if len(list) == 0 {
		return nil
	}
	plain, err := json.Marshal(list)
	if err != nil {
		return errors.New("writing disclosures")
	}
	sealed, err := tx.seal(r.PublicID, ClassEvidence, "plan", "sealed_disclosures", p.PublicID, plain)
	if err != nil {
		return err
	}
	if err := tx.db.Model(&planRow{}).Where("id = ?", p.ID).Update("sealed_disclosures", sealed).Error; err != nil {
		return fmt.Errorf("keeping disclosures: %w", err)
	}
	return nil
}

// Disclosures gives what the log of disclosures said when a plan was made; nothing, once that was shredded.
func (tx *Tx) Disclosures(r *Request, p *Plan) ([]Disclosure, error) {
	if p == nil {
		return nil, nil
	}
	var row planRow
	if err := tx.db.Select("sealed_disclosures").Where("id = ?", p.ID).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("reading disclosures: %w", err)
	}
	plain, err := tx.open(r.PublicID, ClassEvidence, "plan", "sealed_disclosures", p.PublicID, row.SealedDisclosures)
	if errors.Is(err, ErrShredded) || err == nil && len(plain) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Disclosure
	if err := json.Unmarshal(plain, &list); err != nil {
		return nil, errors.New("reading disclosures")
	}
	return list, nil
}

// PlanTold notes that the recipients of a plan were written down and handed to their channels.
func (tx *Tx) PlanTold(p *Plan) error {
	if err := tx.db.Model(&planRow{}).Where("id = ? AND told_at IS NULL", p.ID).Update("told_at", Micros(tx.Now)).Error; err != nil {
		return fmt.Errorf("noting that recipients are told: %w", err)
	}
	return nil
}

// ToldOf tells whether PlanTold has been said of a plan.
func (tx *Tx) ToldOf(p *Plan) (bool, error) {
	var told int64
	if err := tx.db.Raw("SELECT count(*) FROM plan WHERE id = ? AND told_at IS NOT NULL", p.ID).Scan(&told).Error; err != nil {
		return false, fmt.Errorf("reading whether recipients are told: %w", err)
	}
	return told == 1, nil
}
