package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// The jobs of a change of address.
const (
	JobMailAddress   = "mail_address"   // object: "<mail kind>:<change's public id>:<old or new>"
	JobChangeAddress = "change_address" // object: the change's public id
	jobSendChallenge = "send_challenge" // package access works it
)

// The codes of a change of address in a case's log.
const (
	noteAddressAsked   = "address_asked"
	noteAddressProved  = "address_proved"
	noteAddressStopped = "address_stopped"
	noteAddressDropped = "address_dropped"
)

const (
	oldAddress = "old"
	newAddress = "new"
)

// leastHours is how long the old address can stop what a member began, whatever the setting says: nobody
// proved there that they want it.
const leastHours = 24

// Faults of changing an address.
var (
	ErrNothingFollows = fault.Define(fault.Conflict, "nothing_follows",
		"Ingen sak følger denne e-postadressen, så det er ikke noe å bytte.",
		"Inga sak følgjer denne e-postadressa, så det er ikkje noko å byte.",
		"No case follows this e-mail address, so there is nothing to change.")
	ErrAddressOver = fault.Define(fault.Gone, "address_change_over",
		"Byttet er alt gjort, eller det er stoppet. Ta kontakt med virksomheten hvis noe er feil.",
		"Bytet er alt gjort, eller det er stoppa. Ta kontakt med verksemda dersom noko er feil.",
		"The change has been made already, or it was stopped. Contact the organisation if something is wrong.")
	ErrAddressAsIs = fault.Define(fault.Invalid, "same_address",
		"Saken følger denne e-postadressen fra før. Skriv en annen.",
		"Saka følgjer denne e-postadressa frå før. Skriv ei anna.",
		"The case follows this e-mail address already. Write another one.")
	ErrNoOldAddress = fault.Define(fault.Conflict, "no_old_address",
		"Saken følger ingen e-postadresse. Legg til adressen som en ny kontaktopplysning i stedet.",
		"Saka følgjer inga e-postadresse. Legg til adressa som ei ny kontaktopplysning i staden.",
		"The case follows no e-mail address. Add the address as another contact instead.")
)

// AddressFree refuses when the cases of an address cannot follow another one now: a change waits already, or
// nothing follows it.
func (d *Desk) AddressFree(tx *store.Tx, old []byte) error {
	c, err := tx.AddressChanging(old)
	if err != nil {
		return err
	}
	if c != nil {
		return store.ErrAddressChanging
	}
	seen, err := tx.OfAddress(old, tx.Now.Add(-dsr.KeepAnswered))
	if err != nil {
		return err
	}
	for _, r := range seen {
		if opens, err := tx.Opens(r, old, dsr.KeepAnswered); err != nil || opens {
			return err
		}
	}
	return ErrNothingFollows
}

// BeginAddressChange has all cases that an address opens follow another one, when the time has passed in
// which the old address can stop it. Both addresses are proved: the new one in this very transaction. It
// gives when it is due.
func (d *Desk) BeginAddressChange(tx *store.Tx, old keyring.Private, to dsr.Address, l locale.Locale) (time.Time, error) {
	followers, err := tx.OpenedBy(tx.AddressIndex(old.Reveal()), dsr.KeepAnswered)
	if err != nil {
		return time.Time{}, err
	}
	if len(followers) == 0 {
		return time.Time{}, ErrNothingFollows
	}
	hours, err := addressHours(tx, followers[0])
	if err != nil {
		return time.Time{}, err
	}
	due := tx.Now.Add(time.Duration(hours) * time.Hour)
	c, err := tx.AddAddressChange(store.AddressChange{Locale: l, Old: old, New: keyring.NewPrivate(to.Canonical), DueAt: due, ProvedAt: &tx.Now})
	if err != nil {
		return time.Time{}, err
	}
	for _, r := range followers {
		if err := noteAddress(tx, r, dsr.Actor{Kind: dsr.Person}, noteAddressAsked, store.Change{}); err != nil {
			return time.Time{}, err
		}
	}
	return due, d.addressLater(tx, c)
}

// addressHours is the setting, within its limits.
func addressHours(tx *store.Tx, r *store.Request) (int, error) {
	s, _, err := tx.Settings(r.Controller)
	return min(max(0, s.AddressHours), store.MaxAddressHours), err
}

func noteAddress(tx *store.Tx, r *store.Request, actor dsr.Actor, code string, c store.Change) error {
	return tx.Act(r, dsr.Event{Kind: dsr.EventNoted, Actor: actor, Data: dsr.EventData{Code: code}}, c)
}

// addressLater tells the old address, while there is something to stop, and carries the change out when it is due.
func (d *Desk) addressLater(tx *store.Tx, c *store.AddressChange) error {
	if c.DueAt.After(tx.Now) {
		if err := mailAddress(tx, c, mail.AddressChanging, oldAddress); err != nil {
			return err
		}
	}
	return tx.Enqueue(job.Spec{Kind: JobChangeAddress, Key: JobChangeAddress + "/" + c.PublicID, Object: c.PublicID, RunAt: c.DueAt})
}

func mailAddress(tx *store.Tx, c *store.AddressChange, kind mail.Kind, to string) error {
	object := strings.Join([]string{string(kind), c.PublicID, to}, ":")
	return tx.Enqueue(job.Spec{Kind: JobMailAddress, Key: JobMailAddress + "/" + object, Object: object})
}

// NewAddress is what a member writes down to have a case follow another address whose owner cannot read
// the old one any more.
type NewAddress struct {
	Email  string `validate:"required,max=254"`
	Method string `validate:"required,oneof=known_facts eid in_person"` // how the identity was confirmed now
	Reason string `validate:"required,max=2000"`
}

// ChangeAddress begins, for one case, a change of address whose old mailbox is lost. The member has
// confirmed who the person is in a way that needs no mailbox. The new address proves itself by a mailed
// code; the old one is told, and can stop it, for a day at least.
func (d *Desk) ChangeAddress(ctx context.Context, by By, id string, n NewAddress) error {
	n.Reason = strings.TrimSpace(n.Reason)
	if err := check(n); err != nil {
		return err
	}
	to, err := dsr.ParseAddress(n.Email)
	if err != nil {
		return dsr.ErrAddress.At("/email")
	}
	return d.actOpen(ctx, by, id, staff.ChangeAddress, func(tx *store.Tx, r *store.Request) error {
		switch {
		case !r.P.Verified || r.Drill:
			return dsr.ErrNotVerified
		case r.Address.IsZero():
			return ErrNoOldAddress
		case r.Address.Reveal() == to.Canonical:
			return ErrAddressAsIs.At("/email")
		}
		hours, err := addressHours(tx, r)
		if err != nil {
			return err
		}
		if !d.Demo {
			hours = max(hours, leastHours)
		}
		c, err := tx.AddAddressChange(store.AddressChange{RequestID: &r.ID, Locale: r.Locale, Old: r.Address, New: keyring.NewPrivate(to.Canonical),
			DueAt: tx.Now.Add(time.Duration(hours) * time.Hour)})
		if err != nil {
			return err
		}
		if err := mailAddressCode(tx, r, c, to); err != nil {
			return err
		}
		said := map[string]string{"code": noteAddressAsked, "method": n.Method}
		note := methods[n.Method].In(locale.NB) + ". " + n.Reason
		if err := noteAddress(tx, r, by.actor(), noteAddressAsked, store.Change{Role: by.role(), Note: note, Statement: said}); err != nil {
			return err
		}
		return d.addressLater(tx, c)
	})
}

// mailAddressCode mails the code that proves a new address that a member wrote. Whoever reads it is in
// another place than the member, as a contact on file is.
func mailAddressCode(tx *store.Tx, r *store.Request, c *store.AddressChange, to dsr.Address) error {
	code, err := tx.AddChallenge(store.NewChallenge{Purpose: verification.ConfirmContact, Object: store.ContactObject(r.PublicID, c.PublicID), Locale: r.Locale,
		Address: to, FlowHash: store.ContactFlow(), ExpiresAt: tx.Now.Add(verification.ConfirmContact.Spec().TTL)})
	if err != nil {
		return err
	}
	return tx.Enqueue(job.Spec{Kind: jobSendChallenge, Key: fmt.Sprintf("%s/%s/%d", jobSendChallenge, code.PublicID, code.Sends), Object: code.PublicID})
}

// proveNewAddress is the reader of the new mailbox saying, by the mailed code, that it is theirs.
func proveNewAddress(tx *store.Tx, r *store.Request, c *store.AddressChange) error {
	proved, err := tx.ProveAddressChange(c)
	if err != nil {
		return err
	}
	if !proved {
		return ErrAddressOver
	}
	return noteAddress(tx, r, dsr.Actor{Kind: dsr.Person}, noteAddressProved, store.Change{})
}

// unprovedEvery is how often a change that is due looks whether the new address has proved itself.
const unprovedEvery = 15 * time.Minute

// changeAddress carries a change out: the cases follow the new address, and the old one opens them no more.
// Stopped meanwhile, it does nothing.
func (d *Desk) changeAddress(ctx context.Context, j job.Job) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.AddressChange(j.Object)
		if err != nil || c == nil || c.State != store.ChangeWaiting {
			return err
		}
		if wait := c.DueAt.Sub(tx.Now); wait > 0 {
			return job.Snooze(wait)
		}
		followers, err := tx.Followers(c, dsr.KeepAnswered)
		if err != nil {
			return err
		}
		// Read anew: the cases are locked now, and the code to the new address is redeemed under that lock.
		if c, err = tx.AddressChange(j.Object); err != nil || c == nil {
			return err
		}
		if c.ProvedAt == nil && len(followers) > 0 {
			waits, err := codeWaits(tx, followers[0], c)
			if err != nil {
				return err
			}
			if waits {
				return job.Snooze(unprovedEvery)
			}
		}
		if c.ProvedAt == nil || len(followers) == 0 {
			return dropAddress(tx, c, followers)
		}
		return followNew(tx, c, followers)
	})
}

// codeWaits tells whether the code to the new address can still be redeemed.
func codeWaits(tx *store.Tx, r *store.Request, c *store.AddressChange) (bool, error) {
	if !dsr.Open(r.P.State) {
		return false, nil // it is redeemed for open cases alone
	}
	open, err := tx.OpenChallenges(store.ContactFlow(), verification.ConfirmContact, store.ContactObject(r.PublicID, c.PublicID), 1)
	return len(open) > 0, err
}

func dropAddress(tx *store.Tx, c *store.AddressChange, followers []*store.Request) error {
	ended, err := tx.EndAddressChange(c, store.ChangeDropped)
	if err != nil || !ended {
		return err
	}
	for _, r := range followers {
		if err := noteAddress(tx, r, dsr.Actor{Kind: dsr.System}, noteAddressDropped, store.Change{}); err != nil {
			return err
		}
	}
	_, err = tx.Log(store.Act{Actor: "system", Role: "system", Action: "address_change_dropped", Statement: map[string]string{"change": c.PublicID}})
	return err
}

func followNew(tx *store.Tx, c *store.AddressChange, followers []*store.Request) error {
	to, err := dsr.ParseAddress(c.New.Reveal())
	if err != nil {
		return err
	}
	ended, err := tx.EndAddressChange(c, store.ChangeDone)
	if err != nil || !ended {
		return err
	}
	for _, r := range followers {
		columns, err := tx.FollowAddress(r, to)
		if err != nil {
			return err
		}
		if err := noteAddress(tx, r, dsr.Actor{Kind: dsr.System}, store.NoteAddressChanged, store.Change{Columns: columns}); err != nil {
			return err
		}
		if !r.P.Verified {
			continue
		}
		if err := again(tx, r); err != nil { // what lies under the new address is the person's too
			return err
		}
	}
	if err := tx.EndSessionsOfAddress(c.OldIndex); err != nil {
		return err
	}
	if err := mailAddress(tx, c, mail.AddressChanged, oldAddress); err != nil {
		return err
	}
	return mailAddress(tx, c, mail.AddressChanged, newAddress)
}

// AddressChanging tells when the cases of an address are to follow another one; nil when they are not.
func (d *Desk) AddressChanging(ctx context.Context, old []byte) (*time.Time, error) {
	var due *time.Time
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.AddressChanging(old)
		if c != nil {
			due = &c.DueAt
		}
		return err
	})
	return due, err
}

// StopAddressChange is the reader of the old mailbox saying that they did not ask: nothing changes, whoever is
// signed in with the old address is no more, and the office is to find out who asked.
func (d *Desk) StopAddressChange(ctx context.Context, change string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.AddressChange(change)
		if err != nil {
			return err
		}
		if err := d.stopAddress(tx, c, dsr.Actor{Kind: dsr.Person}, "", true); err != nil {
			return err
		}
		return tx.EndSessionsOfAddress(c.OldIndex)
	})
}

// CancelAddressChange is the person, signed in with the old address, taking it back.
func (d *Desk) CancelAddressChange(ctx context.Context, old []byte) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.AddressChanging(old)
		if err != nil {
			return err
		}
		return d.stopAddress(tx, c, dsr.Actor{Kind: dsr.Person}, "", false)
	})
}

// CancelAddressChangeOf is a member taking a case's change back.
func (d *Desk) CancelAddressChangeOf(ctx context.Context, by By, id string) error {
	return d.act(ctx, by, id, staff.ChangeAddress, func(tx *store.Tx, r *store.Request) error {
		c, err := tx.AddressChanging(r.AddressIndex)
		if err != nil {
			return err
		}
		if c != nil && c.RequestID == nil {
			return dsr.ErrTransition // the person's own, about all their cases
		}
		return d.stopAddress(tx, c, by.actor(), by.role(), false)
	})
}

// stopAddress ends a change that waits; alarm has the office look at its open cases.
func (d *Desk) stopAddress(tx *store.Tx, c *store.AddressChange, actor dsr.Actor, role string, alarm bool) error {
	if c == nil {
		return ErrAddressOver
	}
	followers, err := tx.Followers(c, dsr.KeepAnswered)
	if err != nil {
		return err
	}
	stopped, err := tx.EndAddressChange(c, store.ChangeStopped)
	if err != nil {
		return err
	}
	if !stopped {
		return ErrAddressOver
	}
	for _, r := range followers {
		if err := tx.VoidAddressCode(r, c); err != nil {
			return err
		}
		told := alarm && dsr.Open(r.P.State)
		change := store.Change{Role: role}
		if told && r.NeedsHuman == "" {
			change.Columns = map[string]any{"needs_human": noteAddressStopped}
		}
		if err := noteAddress(tx, r, actor, noteAddressStopped, change); err != nil {
			return err
		}
		if !told {
			continue
		}
		if err := tx.MailOffice(r, mail.StaffNeedsHuman); err != nil {
			return err
		}
	}
	return nil
}

// mailAddress writes to the old or the new address of a change, as they were when it was asked for: the
// cases may follow another by now. The secret of the stop link is minted here, and lies in the mail alone.
func (d *Desk) mailAddress(ctx context.Context, j job.Job) error {
	var m *mail.Message
	err := d.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		m, err = d.composeAddress(tx, j)
		return err
	})
	if err != nil || m == nil {
		return err
	}
	return d.send(ctx, j, *m)
}

func (d *Desk) composeAddress(tx *store.Tx, j job.Job) (*mail.Message, error) {
	kind, rest, _ := strings.Cut(j.Object, ":")
	id, to, _ := strings.Cut(rest, ":")
	c, err := tx.AddressChange(id)
	if err != nil || c == nil {
		return nil, err
	}
	controller, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	s, _, err := tx.Settings(controller.ID)
	if err != nil {
		return nil, err
	}
	_, zone, err := d.today(tx)
	if err != nil {
		return nil, err
	}
	when := instantText(c.DueAt, c.Locale, zone)
	data := mail.Data{Org: s.Name, Contact: contactLine(s), Postal: oneLine(s.PostalAddress), When: when, Until: when, Look: s.Look}
	if c.RequestID != nil {
		r, err := tx.RequestByID(*c.RequestID)
		if err != nil {
			return nil, err
		}
		data.Reference = string(r.Reference)
	}
	if mail.Kind(kind) == mail.AddressChanging {
		secret, err := verification.MintSecret(d.Rand)
		if err != nil {
			return nil, err
		}
		if waits, err := tx.SetStopToken(c, verification.HashToken(secret)); err != nil || !waits {
			return nil, err
		}
		data.URL = d.link("/stop-change") + "#" + c.PublicID + "." + secret.Reveal()
	}
	m, err := d.Mails.Render(mail.Kind(kind), c.Locale, data)
	if err != nil {
		return nil, fmt.Errorf("writing a mail: %w", err)
	}
	if m.To = c.Old; to == newAddress {
		m.To = c.New
	}
	m.From = mail.Mailbox{Name: s.Name, Address: s.Email}
	m.ReplyTo, m.MessageID = m.From, mail.MessageID(j.ID, d.PublicURL)
	return &m, nil
}

// AddressView is what the office sees of a change of a case's address.
type AddressView struct {
	DueAt   time.Time
	Proved  bool // the new address proved itself
	MayStop bool // a member began it, and a member may stop it
}

func addressView(tx *store.Tx, r *store.Request, by By) (*AddressView, error) {
	c, err := tx.AddressChanging(r.AddressIndex)
	if err != nil || c == nil || c.RequestID != nil && *c.RequestID != r.ID {
		return nil, err
	}
	by.Fresh = true // a second factor is asked for when the button is pressed
	return &AddressView{DueAt: c.DueAt, Proved: c.ProvedAt != nil, MayStop: c.RequestID != nil && by.may(staff.ChangeAddress, r) == nil}, nil
}

// correctsOwnAddress tells whether a person asks to correct, in the systems, the very address that the case
// follows: they may want the case to follow the new one too.
func correctsOwnAddress(r *store.Request) bool {
	for _, c := range r.Detail.Corrections {
		was, err := dsr.ParseAddress(strings.TrimSpace(c.Old))
		if err == nil && was.Canonical == r.Address.Reveal() {
			return true
		}
	}
	return false
}
