package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Faults of acting on a case.
var (
	ErrUnknownGround = fault.Define(fault.Invalid, "unknown_ground",
		"Velg en grunn fra listen.", "Vel ein grunn frå lista.", "Choose a ground from the list.")
	ErrExtendLate = fault.Define(fault.Conflict, "extension_late",
		"Fristen kan bare forlenges før den første fristen er ute. Svar så fort du kan.",
		"Fristen kan berre lengjast før den første fristen er ute. Svar så fort du kan.",
		"The time limit can only be extended before the first one has run out. Answer as soon as you can.")
	ErrUnknownMember = fault.Define(fault.Invalid, "unknown_member",
		"Vi finner ikke denne medarbeideren.", "Vi finn ikkje denne medarbeidaren.", "There is no such member.")
	ErrIdentifierValue = fault.Define(fault.Invalid, "identifier_invalid",
		"Dette kan ikke være en slik opplysning. Se over det du skrev.",
		"Dette kan ikkje vere ei slik opplysning. Sjå over det du skreiv.",
		"This cannot be such a contact. Look over what you wrote.")
	ErrEmptyMessage = fault.Define(fault.Invalid, "message_empty",
		"Skriv en melding først.", "Skriv ei melding først.", "Write a message first.")
	ErrReason = fault.Define(fault.Invalid, "reason_missing",
		"Skriv hvorfor.", "Skriv kvifor.", "Write why.")
	ErrPauseReason = fault.Define(fault.Invalid, "pause_reason_missing",
		"Skriv hvorfor dere må spørre: den konkrete tvilen, eller hva det er så mye av. Uten en grunn stanser ikke fristen.",
		"Skriv kvifor de må spørje: den konkrete tvilen, eller kva det er så mykje av. Utan ein grunn stansar ikkje fristen.",
		"Write why you have to ask: the concrete doubt, or what there is so much of. Without a reason the clock does not pause.")
	ErrExtensionReason = fault.Define(fault.Invalid, "extension_reason_missing",
		"Skriv hvorfor i denne saken. Fristen kan bare forlenges med en konkret grunn.",
		"Skriv kvifor i denne saka. Fristen kan berre lengjast med ein konkret grunn.",
		"Write why in this case. The time limit can only be extended for a concrete reason.")
	ErrNoProvision = fault.Define(fault.Invalid, "no_provision",
		"Et avslag må bygge på en bestemmelse i loven. Velg den fra listen.",
		"Eit avslag må byggje på ei føresegn i lova. Vel ho frå lista.",
		"A refusal must rest on a provision of the law. Choose it from the list.")
	ErrRefusalReason = fault.Define(fault.Invalid, "refusal_reason_missing",
		"Skriv hvorfor. Personen har krav på en begrunnelse når svaret er nei.",
		"Skriv kvifor. Personen har krav på ei grunngiving når svaret er nei.",
		"Write why. The person is entitled to the reasons when the answer is no.")
)

// act runs one use case of a member on a case. The permission is decided on what the transaction
// itself has read.
func (d *Desk) act(ctx context.Context, by By, id string, permission staff.Permission, fn func(*store.Tx, *store.Request) error) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		if err := by.may(permission, r); err != nil {
			return err
		}
		return fn(tx, r)
	})
}

// actOpen is act for what makes sense only while the person is owed an answer.
func (d *Desk) actOpen(ctx context.Context, by By, id string, permission staff.Permission, fn func(*store.Tx, *store.Request) error) error {
	return d.act(ctx, by, id, permission, func(tx *store.Tx, r *store.Request) error {
		if !dsr.Open(r.P.State) {
			return dsr.ErrTransition
		}
		return fn(tx, r)
	})
}

// may asks the table of roles.
func (b By) may(permission staff.Permission, r *store.Request) error {
	assigned := r.P.AssignedTo == 0 || r.P.AssignedTo == b.ID
	return staff.May(staff.Member{ID: b.ID, Roles: b.Roles}, permission, staff.Facts{Assigned: assigned, FactorFresh: b.Fresh})
}

// Message writes to the person, or keeps a note of the office.
func (d *Desk) Message(ctx context.Context, by By, id, body string, internal bool, key string) error {
	if strings.TrimSpace(body) == "" {
		return ErrEmptyMessage.At("/text")
	}
	return d.act(ctx, by, id, staff.Message, func(tx *store.Tx, r *store.Request) error {
		if r.Shredded() {
			return store.ErrShredded
		}
		done, err := tx.Once("message/"+id, key, []byte(body))
		if err != nil || done != "" {
			return err
		}
		author, kind := store.FromOffice, dsr.EventMessage
		if internal {
			author, kind = store.FromNote, dsr.EventNoted
		}
		m, err := tx.AddMessage(r, store.Message{Author: author, MemberID: &by.ID, Body: keyring.NewPrivate(body)})
		if err != nil {
			return err
		}
		if err := tx.Remember("message/"+id, key, []byte(body), m.PublicID); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: kind, Actor: by.actor()}, store.Change{Role: by.role()}); err != nil || internal {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.NewMessage)
	})
}

// Question asks the person something that the case cannot go on without. Whether the clock pauses
// is the clock's to say (dsr.Compute); a question for an older address never pauses it. A question that
// may pause it needs its reason in the file: the doubt in this case, or why there is so much (Art. 12(6)).
func (d *Desk) Question(ctx context.Context, by By, id string, kind, body, reason string, largeVolume bool) error {
	asks := map[string]struct {
		pause dsr.PauseKind
		mail  mail.Kind
	}{
		"identity":      {dsr.PauseIdentity, mail.QuestionIdentity},
		"clarification": {dsr.PauseClarification, mail.QuestionClarification},
		"older_contact": {dsr.QuestionOther, mail.QuestionOlderAddress},
	}
	ask, ok := asks[kind]
	if !ok {
		return ErrUnknownGround.At("/kind")
	}
	if strings.TrimSpace(body) == "" {
		return ErrEmptyMessage.At("/text")
	}
	if ask.pause != dsr.QuestionOther && strings.TrimSpace(reason) == "" {
		return ErrPauseReason.At("/reason")
	}
	return d.act(ctx, by, id, staff.Ask, func(tx *store.Tx, r *store.Request) error {
		data := dsr.EventData{Asks: ask.pause, Reasoned: strings.TrimSpace(reason) != "", LargeVolume: largeVolume, Code: kind}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventQuestionAsked, Actor: by.actor(), Data: data}, store.Change{Role: by.role(), Note: reason}); err != nil {
			return err
		}
		said := store.Message{Author: store.FromOffice, MemberID: &by.ID, Question: kind, Body: keyring.NewPrivate(body)}
		if err := d.ask(tx, r, ask.pause, body, reason, said); err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
			return err
		}
		return tx.MailPerson(r, ask.mail)
	})
}

// ask keeps a question with its case; one that may pause the clock is a letter.
func (d *Desk) ask(tx *store.Tx, r *store.Request, kind dsr.PauseKind, body, reason string, said store.Message) error {
	today, _, err := d.today(tx)
	if err != nil {
		return err
	}
	if !r.P.Deadline.Open {
		today = dsr.Date{}
	}
	switch kind {
	case dsr.PauseIdentity:
		return tx.Notify(r, letter.IdentityQuestion, letter.NewIdentityQuestion(r.Locale, body, reason, today), said)
	case dsr.PauseClarification:
		reg, err := registerOf(tx, r.Controller, r.RegisterVersion)
		if err != nil {
			return err
		}
		return tx.Notify(r, letter.Clarification, letter.NewClarification(r.Locale, body, processing(reg, r.Locale), today), said)
	}
	_, err = tx.AddMessage(r, said)
	return err
}

// processing names what the controller uses personal data for.
func processing(reg *register.Register, l locale.Locale) []string {
	var names []string
	for i := range reg.Activities {
		names = append(names, reg.Activities[i].Name.In(l))
	}
	return names
}

// Contact is an older address, a phone, a customer number, a name or an IP address with the days of
// its use (dsr.IPUse) that may lead to the person.
type Contact struct {
	Kind  string `validate:"required,oneof=email phone_number external_id name ip_address"`
	Value string `validate:"required,max=254"`
}

func (c Contact) canonical() (keyring.Private, error) {
	switch c.Kind {
	case "email":
		a, err := dsr.ParseAddress(c.Value)
		return keyring.NewPrivate(a.Canonical), err
	case "phone_number":
		p, err := dsr.CanonicalPhone(c.Value)
		return keyring.NewPrivate(p), err
	case "ip_address":
		use, err := dsr.ParseIPUse(c.Value)
		if err != nil {
			return keyring.Private{}, err
		}
		return keyring.NewPrivate(use.String()), nil
	}
	v := strings.TrimSpace(c.Value)
	if v == "" {
		return keyring.Private{}, ErrIdentifierValue
	}
	return keyring.NewPrivate(v), nil
}

// Write keeps what a person writes about their own request. It answers an open question, if there
// is one; contacts in it are candidates for the office until confirmed.
func (d *Desk) Write(ctx context.Context, address []byte, id, body string, contacts []Contact, key string) (store.Message, error) {
	if strings.TrimSpace(body) == "" {
		return store.Message{}, ErrEmptyMessage.At("/text")
	}
	var written store.Message
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := d.own(tx, address, id)
		if err != nil {
			return err
		}
		done, err := tx.Once("write/"+id, key, []byte(body))
		if err != nil {
			return err
		}
		if done != "" {
			written, err = messageOf(tx, r, done)
			return err
		}
		if written, err = tx.AddMessage(r, store.Message{Author: store.FromPerson, Question: replyTo(r), Body: keyring.NewPrivate(body)}); err != nil {
			return err
		}
		if err := tx.Remember("write/"+id, key, []byte(body), written.PublicID); err != nil {
			return err
		}
		if err := addCandidates(tx, r, contacts); err != nil {
			return err
		}
		if err := heard(tx, r, dsr.EventData{}, "", true, len(contacts) > 0); err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_office": r.UnreadOffice + 1}); err != nil {
			return err
		}
		return tx.MailOffice(r, mail.StaffReply)
	})
	return written, err
}

func messageOf(tx *store.Tx, r *store.Request, id string) (store.Message, error) {
	all, err := tx.Messages(r, false)
	if err != nil {
		return store.Message{}, err
	}
	i := slices.IndexFunc(all, func(m store.Message) bool { return m.PublicID == id })
	if i < 0 {
		return store.Message{}, store.ErrNoRequest
	}
	return all[i], nil
}

// replyTo gives what a reply of the person's is about, as far as that decides how long it is kept: who they
// are. So it is when the question waits, though the reply comes late; and whatever they add before they
// are known is about it still.
func replyTo(r *store.Request) string {
	q, i := openQuestion(r)
	waits := i >= 0 && q.kind == dsr.PauseIdentity && (dsr.Open(r.P.State) || r.P.Silent)
	if waits || r.P.Doubted && !r.P.Verified {
		return string(dsr.PauseIdentity)
	}
	return ""
}

func addCandidates(tx *store.Tx, r *store.Request, contacts []Contact) error {
	for i, c := range contacts {
		if err := check(c); err != nil {
			return err
		}
		value, err := c.canonical()
		if err != nil {
			return at(err, fmt.Sprintf("/older_contacts/%d/value", i))
		}
		if err := tx.AddIdentifier(r, c.Kind, value, store.Candidate, "person"); err != nil {
			return err
		}
	}
	return nil
}

// heard writes down that the person wrote: as the answer to an open question, if that is what it
// is, or as a message. It is the person who wrote, whoever took it down (Data.Member).
func heard(tx *store.Tx, r *store.Request, data dsr.EventData, role string, answers, newContacts bool) error {
	e := dsr.Event{Kind: dsr.EventMessage, Actor: dsr.Actor{Kind: dsr.Person}, Data: data}
	late := r.P.Silent && r.ClosedAt != nil && tx.Now.Sub(*r.ClosedAt) <= dsr.KeepAnswered
	if answers && (r.P.State == dsr.AwaitingPerson || late) {
		e.Kind = dsr.EventQuestionAnswered
	}
	if late && e.Kind == dsr.EventQuestionAnswered && !r.P.LiftAt.IsZero() {
		if err := keepRestricted(tx, r, e, role); err != nil {
			return err
		}
	}
	if err := tx.Act(r, e, store.Change{Role: role}); err != nil {
		return err
	}
	// A case whose identity was confirmed while its question was open has not been searched for.
	unsearched := e.Kind == dsr.EventQuestionAnswered && r.P.State == dsr.Received
	if r.P.Verified && (newContacts || unsearched) {
		return again(tx, r)
	}
	return nil
}

// again searches once more when that can be done from where the case stands.
func again(tx *store.Tx, r *store.Request) error {
	switch r.P.State {
	case dsr.Received, dsr.Collecting, dsr.Review, dsr.AwaitingPerson:
		return search(tx, r)
	}
	return nil
}

// Reply records what the person answered another way, with the day it came.
func (d *Desk) Reply(ctx context.Context, by By, id, body string, received time.Time, answersQuestion bool) error {
	if strings.TrimSpace(body) == "" {
		return ErrEmptyMessage.At("/text")
	}
	return d.act(ctx, by, id, staff.Message, func(tx *store.Tx, r *store.Request) error {
		if err := d.plausible(tx, received); err != nil {
			return err
		}
		_, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		said := store.Message{Author: store.FromPerson, Body: keyring.NewPrivate(body), At: received}
		if answersQuestion {
			said.Question = replyTo(r)
		}
		if _, err = tx.AddMessage(r, said); err != nil {
			return err
		}
		data := dsr.EventData{On: dsr.DateOf(received, zone), Member: by.ID}
		return heard(tx, r, data, by.role(), answersQuestion, false)
	})
}

// Extend extends the time limit once, while that is still lawful, and tells the person why
// (Art. 12(3)).
func (d *Desk) Extend(ctx context.Context, by By, id string, months int, grounds []string, reason string) error {
	if len(grounds) == 0 {
		return ErrUnknownGround.At("/grounds")
	}
	if strings.TrimSpace(reason) == "" {
		return ErrExtensionReason.At("/reason")
	}
	for _, g := range grounds {
		if _, ok := register.FindReason(register.ExtensionReasons, g); !ok {
			return ErrUnknownGround.At("/grounds")
		}
	}
	return d.actOpen(ctx, by, id, staff.Extend, func(tx *store.Tx, r *store.Request) error {
		today, _, err := d.today(tx)
		if err != nil {
			return err
		}
		if r.P.ExtendedMonths() == 0 && !r.P.Deadline.CanExtend(today) {
			return ErrExtendLate
		}
		before := r.P.Deadline.Due
		data := dsr.EventData{Months: months, Reasoned: true, Code: strings.Join(grounds, ",")}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventExtended, Actor: by.actor(), Data: data}, store.Change{Role: by.role(), Note: reason}); err != nil {
			return err
		}
		until := r.P.Deadline.Due
		if r.P.Deadline.Open {
			until = r.P.Deadline.DueUnsuspended
		}
		said := store.Message{MemberID: &by.ID, Body: keyring.NewPrivate(extensionText(r, grounds, reason))}
		if err := tx.Notify(r, letter.Extension, letter.NewExtension(r.Locale, extensionGrounds(grounds, r.Locale), reason, before, until), said); err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.Extension)
	})
}

func extensionText(r *store.Request, grounds []string, reason string) string {
	due := dueText(r, r.Locale)
	lines := []string{text(
		"Vi trenger lengre tid på å svare deg. Ny frist er "+due+".",
		"Vi treng lengre tid på å svare deg. Ny frist er "+due+".",
		"We need more time to answer you. The new time limit is "+due+".").In(r.Locale), ""}
	return strings.Join(append(append(lines, extensionGrounds(grounds, r.Locale)...), "", reason), "\n")
}

func extensionGrounds(grounds []string, l locale.Locale) []string {
	var lines []string
	for _, g := range grounds {
		if known, ok := register.FindReason(register.ExtensionReasons, g); ok {
			lines = append(lines, known.Text.In(l))
		}
	}
	return lines
}

// Assign gives the case to a member.
func (d *Desk) Assign(ctx context.Context, by By, id string, member int64) error {
	return d.actOpen(ctx, by, id, staff.Assign, func(tx *store.Tx, r *store.Request) error {
		if err := assignable(tx, member); err != nil {
			return err
		}
		return assign(tx, by, r, member)
	})
}

// Assigned is how many of some cases a member was given: those that were the member's already, or that nothing
// is owed in any more, stay as they are.
type Assigned struct{ Given, Already, Closed int }

// AssignAll gives several cases to a member, all of them or, where one may not be given, none.
func (d *Desk) AssignAll(ctx context.Context, by By, ids []string, member int64) (Assigned, error) {
	var done Assigned
	ids = slices.Clone(ids)
	slices.Sort(ids) // two who give the same cases away take them in one order
	ids = slices.Compact(ids)
	err := d.Store.InTx(ctx, func(tx *store.Tx) error {
		done = Assigned{}
		if err := assignable(tx, member); err != nil {
			return err
		}
		for _, id := range ids {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			if err := by.may(staff.Assign, r); err != nil {
				return err
			}
			switch {
			case !dsr.Open(r.P.State):
				done.Closed++
				continue
			case r.P.AssignedTo == member:
				done.Already++
				continue
			}
			if err := assign(tx, by, r, member); err != nil {
				return err
			}
			done.Given++
		}
		return nil
	})
	return done, err
}

// assignable refuses a member who cannot take cases.
func assignable(tx *store.Tx, member int64) error {
	m, err := tx.Member(member)
	if err != nil {
		return err
	}
	if m == nil || m.Disabled {
		return ErrUnknownMember.At("/member")
	}
	return nil
}

func assign(tx *store.Tx, by By, r *store.Request, member int64) error {
	e := dsr.Event{Kind: dsr.EventAssigned, Actor: by.actor(), Data: dsr.EventData{Member: member}}
	return tx.Act(r, e, store.Change{Role: by.role()})
}

// ConfirmIdentity records how the person's identity was established; the search starts.
func (d *Desk) ConfirmIdentity(ctx context.Context, by By, id, method, note string) error {
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if method == "mailbox" || method == "client" || method == "signatory" { // only the portal itself knows these
			return errRules.At("/method")
		}
		if r.P.Verified {
			return dsr.ErrTransition
		}
		if err := confirmIdentity(tx, r, by.actor(), by.role(), method, note); err != nil {
			return err
		}
		known, err := tx.Identifiers(r)
		if err != nil {
			return err
		}
		for _, i := range known {
			if i.Certainty == store.Candidate && i.Note == "registered" && proves(method, i.Kind) {
				if err := tx.DecideIdentifier(r, i.PublicID, true, method); err != nil {
					return err
				}
			}
		}
		return again(tx, r)
	})
}

// AddIdentifier keeps an older address, a phone or a number as a candidate, and searches by it.
func (d *Desk) AddIdentifier(ctx context.Context, by By, id string, c Contact) error {
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if err := addCandidates(tx, r, []Contact{c}); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "identifier_" + c.Kind}}
		if err := tx.Act(r, e, store.Change{Role: by.role()}); err != nil {
			return err
		}
		if !r.P.Verified {
			return nil
		}
		return again(tx, r)
	})
}

// DecideIdentifier confirms a candidate through a contact already on file, or rejects it. How is
// the officer's own words; they are sealed with the event.
func (d *Desk) DecideIdentifier(ctx context.Context, by By, id, identifier string, confirmed bool, how string) error {
	return d.actOpen(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		code := "identifier_rejected"
		if confirmed {
			code = "identifier_confirmed"
		}
		if err := tx.DecideIdentifier(r, identifier, confirmed, code); err != nil {
			return err
		}
		if err := tx.VoidObject(verification.ConfirmContact, store.ContactObject(id, identifier)); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: code}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: how}); err != nil {
			return err
		}
		if !r.P.Verified {
			return nil
		}
		return again(tx, r)
	})
}

// ContactProved is the holder of a contact on file saying, by the code that was mailed there, that
// the case is theirs: the identifier that led to the contact is from now on the person's, and the
// sources are searched anew. It is the end of that candidate whoever else is deciding it.
func (d *Desk) ContactProved(tx *store.Tx, object string) error {
	id, identifier := store.OfContactObject(object)
	r, err := tx.Request(id)
	if err != nil {
		return err
	}
	if !dsr.Open(r.P.State) || !r.P.Verified {
		return dsr.ErrTransition
	}
	if c, err := tx.AddressChange(identifier); err != nil || c != nil {
		return errors.Join(err, proveNewAddress(tx, r, c))
	}
	if err := tx.DecideIdentifier(r, identifier, true, noteContactOnFile); err != nil {
		return err
	}
	e := dsr.Event{Kind: dsr.EventNoted, Actor: dsr.Actor{Kind: dsr.Person}, Data: dsr.EventData{Code: noteContactOnFile}}
	if err := tx.Act(r, e, store.Change{}); err != nil {
		return err
	}
	if err := again(tx, r); err != nil {
		return err
	}
	return tx.MailOffice(r, mail.StaffReply)
}

// CorrectReceipt moves the time of receipt, for instance when the mail is found in another inbox. When
// the answer may come later for it, the person is told.
func (d *Desk) CorrectReceipt(ctx context.Context, by By, id string, received time.Time, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return ErrReason.At("/reason")
	}
	return d.actOpen(ctx, by, id, staff.Extend, func(tx *store.Tx, r *store.Request) error {
		if err := d.plausible(tx, received); err != nil {
			return err
		}
		_, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		before := r.P.Deadline.Received
		e := dsr.Event{Kind: dsr.EventReceiptCorrected, Actor: by.actor(), Data: dsr.EventData{On: dsr.DateOf(received, zone)}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: reason, Columns: map[string]any{"received_at": store.Micros(received)}}); err != nil {
			return err
		}
		if !r.P.Deadline.Received.After(before) {
			return nil // the person gets the answer sooner than was promised, and loses nothing
		}
		_, err = tx.AddMessage(r, store.Message{Author: store.FromOffice, MemberID: &by.ID, Body: keyring.NewPrivate(laterReceipt(r))})
		if err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.NewMessage)
	})
}

// laterReceipt tells the person that they get the answer later than the receipt promised, so that they
// can object.
func laterReceipt(r *store.Request) string {
	came, due := r.P.Deadline.Received.Text(), locale.Text{NB: dueText(r, locale.NB), NN: dueText(r, locale.NN), EN: dueText(r, locale.EN)}
	return text(
		fmt.Sprintf("Vi har rettet datoen da kravet ditt kom fram til oss. Det kom %s, og du får svar senest %s. Mener du at dette er feil, kan du skrive til oss her.", came.NB, due.NB),
		fmt.Sprintf("Vi har retta datoen då kravet ditt kom fram til oss. Det kom %s, og du får svar seinast %s. Meiner du at dette er feil, kan du skrive til oss her.", came.NN, due.NN),
		fmt.Sprintf("We have corrected the date on which your request reached us. It came on %s, and you will get an answer by %s. If you think this is wrong, you can write to us here.", came.EN, due.EN)).In(r.Locale)
}

// Refuse answers with a refusal: the ground with its article, the reasons, the way to complain
// (Art. 12(4)).
func (d *Desk) Refuse(ctx context.Context, by By, id, ground, reason string) error {
	known, ok := register.FindReason(register.RefusalGrounds, ground)
	if !ok {
		return ErrNoProvision.At("/ground")
	}
	if strings.TrimSpace(reason) == "" {
		return ErrRefusalReason.At("/reason")
	}
	return d.act(ctx, by, id, staff.Refuse, func(tx *store.Tx, r *store.Request) error {
		if !known.For(r.Right) || !known.Before(r.P.Standing) {
			return ErrNoProvision.At("/ground")
		}
		if err := notJoint(tx, r, ground); err != nil {
			return err
		}
		if abuse(ground) {
			if proposed, err := second(tx, r, by, ground, reason); err != nil || proposed {
				return err
			}
		}
		answer, err := d.refusal(tx, r, known, reason)
		if err != nil {
			return err
		}
		columns, err := sealAnswer(tx, r, answer)
		if err != nil {
			return err
		}
		if err := tx.NoteLateRefusal(r, by.actor(), by.role()); err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventRefused, Actor: by.actor(), Data: dsr.EventData{Code: ground}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: reason, Columns: columns}); err != nil {
			return err
		}
		if ground == groundNotController {
			if err := tx.Note(r, textForward); err != nil {
				return err
			}
		}
		if err := unrestrict(tx, r); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.Refused)
	})
}

// groundNotController is no end of the matter: a processor passes the request on at once (Art. 28(3)(e)),
// and the person was told so.
const groundNotController = "not_controller"

var textForward = text("Send kravet videre til den behandlingsansvarlige i dag. Personen har fått vite at dere gjør det.",
	"Send kravet vidare til den behandlingsansvarlege i dag. Personen har fått vite at de gjer det.",
	"Pass the request on to the controller today. The person has been told that you do.")

// Resume takes up a case that stopped for a human, or notes that a human has seen what went wrong
// beside it.
func (d *Desk) Resume(ctx context.Context, by By, id string) error {
	return d.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		e := dsr.Event{Kind: dsr.EventResumed, Actor: by.actor()}
		if r.P.State != dsr.NeedsHuman {
			if r.NeedsHuman == "" {
				return dsr.ErrTransition
			}
			if r.NeedsHuman == "mail_failed" {
				if err := tx.SendAgain(r); err != nil {
					return err
				}
			}
			e = dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "seen"}}
			return tx.Act(r, e, store.Change{Role: by.role(), Columns: map[string]any{"needs_human": ""}})
		}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Columns: map[string]any{"needs_human": ""}}); err != nil {
			return err
		}
		return goOn(tx, r)
	})
}

// goOn enqueues the work that a case which is taken up again was in the middle of.
func goOn(tx *store.Tx, r *store.Request) error {
	kind := ""
	switch r.P.State {
	case dsr.Received, dsr.Collecting:
		if !r.P.Verified {
			return nil
		}
		return search(tx, r)
	case dsr.Review:
		kind = JobPlan
	case dsr.Approved, dsr.Executing:
		kind = JobExecute
	default:
		return nil
	}
	return tx.Enqueue(job.Spec{Kind: kind, Key: fmt.Sprintf("%s/%s/%d", kind, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// Withdraw takes the person's own request back. prove, run in the same transaction, spends the
// fresh proof that this needs.
func (d *Desk) Withdraw(ctx context.Context, address []byte, id string, prove func(*store.Tx) error) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := d.own(tx, address, id)
		if err != nil {
			return err
		}
		if err := prove(tx); err != nil {
			return err
		}
		return withdraw(tx, r, 0, "", "")
	})
}

// RecordWithdrawal writes down that the person took the request back another way.
func (d *Desk) RecordWithdrawal(ctx context.Context, by By, id, how string) error {
	return d.act(ctx, by, id, staff.Message, func(tx *store.Tx, r *store.Request) error {
		return withdraw(tx, r, by.ID, by.role(), how)
	})
}

// withdraw: it is the person who withdraws, whoever wrote it down.
func withdraw(tx *store.Tx, r *store.Request, writtenBy int64, role, how string) error {
	e := dsr.Event{Kind: dsr.EventWithdrawn, Actor: dsr.Actor{Kind: dsr.Person}, Data: dsr.EventData{Member: writtenBy}}
	if err := tx.Act(r, e, store.Change{Role: role, Note: how}); err != nil {
		return err
	}
	if err := unrestrict(tx, r); err != nil {
		return err
	}
	if err := tx.MailOffice(r, mail.StaffReply); err != nil {
		return err
	}
	return tx.MailPerson(r, mail.Withdrawn)
}

// unrestrict sees to it that what was restricted while a case was looked into does not stay so because
// the case has ended without it: the person is told first (Art. 18(3)).
func unrestrict(tx *store.Tx, r *store.Request) error {
	open, err := tx.Restrictions(r)
	if err != nil || len(open) == 0 {
		return err
	}
	return tx.Enqueue(job.Spec{Kind: JobUnrestrict, Key: fmt.Sprintf("%s/%s/%d", JobUnrestrict, r.PublicID, len(r.Events)), Object: r.PublicID})
}

// keepRestricted calls a lifting off that the person was told of when their case was closed for want of
// a reply: now that they have replied, it is in dispute again.
func keepRestricted(tx *store.Tx, r *store.Request, e dsr.Event, role string) error {
	e.Kind = dsr.EventLiftingKept
	if err := tx.Act(r, e, store.Change{Role: role}); err != nil {
		return err
	}
	if err := tx.KeepRestrictions(r); err != nil {
		return err
	}
	if _, err := tx.AddMessage(r, store.Message{Author: store.FromOffice, Body: keyring.NewPrivate(textStillRestricted.In(r.Locale))}); err != nil {
		return err
	}
	return tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1})
}

var textStillRestricted = text("Saken er åpnet igjen. Begrensningen som vi skrev om, blir ikke opphevet nå: vi bare lagrer opplysningene mens vi vurderer saken.",
	"Saka er opna på nytt. Avgrensinga som vi skreiv om, blir ikkje oppheva no: vi berre lagrar opplysningane medan vi vurderer saka.",
	"The case is open again. The restriction that we wrote about is not lifted now: we only store the data while we look into the case.")

// own reads a request if its address is the one that was proved and it may still be seen that way.
func (d *Desk) own(tx *store.Tx, address []byte, id string) (*store.Request, error) {
	r, err := tx.Request(id)
	if err != nil {
		return nil, err
	}
	return r, visible(tx, r, address)
}

// visible refuses whoever may not read the request in the portal (store.Tx.Opens has the rule).
func visible(tx *store.Tx, r *store.Request, address []byte) error {
	opens, err := tx.Opens(r, address, dsr.KeepAnswered)
	if err == nil && !opens {
		err = store.ErrNoRequest
	}
	return err
}
