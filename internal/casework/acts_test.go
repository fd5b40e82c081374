package casework_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

func TestMessagesBothWays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.post(t)
		if err := d.Message(t.Context(), d.handler, r.PublicID, "Vi er i gang", false, "k"); err != nil {
			t.Fatal(err)
		}
		if err := d.Message(t.Context(), d.handler, r.PublicID, "Vi er i gang", false, "k"); err != nil {
			t.Fatal(err)
		}
		if err := d.Message(t.Context(), d.handler, r.PublicID, "Husk å spørre Jonas", true, ""); err != nil {
			t.Fatal(err)
		}
		m, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Takk, når kommer svaret?", nil, "k2")
		if err != nil {
			t.Fatal(err)
		}
		again, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Takk, når kommer svaret?", nil, "k2")
		if err != nil || again.PublicID != m.PublicID {
			t.Errorf("repeated: %v", err)
		}
		own, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
		if err != nil || len(own.Messages) != 2 || own.Request.UnreadPerson != 1 || own.Messages[1].Body.Reveal() != "Takk, når kommer svaret?" {
			t.Fatalf("%d messages, %d unread, %v", len(own.Messages), own.Request.UnreadPerson, err)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, true)
		if err != nil || len(v.Messages) != 3 || v.Request.UnreadOffice != 1 || v.Authors[d.handler.ID] != "Siri" {
			t.Fatalf("%d messages, %d unread, authors %v, %v", len(v.Messages), v.Request.UnreadOffice, v.Authors, err)
		}
		if got := d.read(t, r.PublicID); got.UnreadPerson != 0 || got.UnreadOffice != 0 {
			t.Errorf("after reading %d and %d are unread", got.UnreadPerson, got.UnreadOffice)
		}
		d.post(t)
		if n := len(d.b.Letters.To(kari)); n != 2 {
			t.Errorf("%d mails to the person, want receipt and message", n)
		}
		if n := len(d.b.Letters.To(standIn)); n != 2 {
			t.Errorf("%d mails to the stand-in, want the new request and the reply", n)
		}
		for _, m := range d.b.Letters.All() {
			if strings.Contains(m.Text+m.HTML+m.Subject, "svaret?") || strings.Contains(m.Text+m.HTML+m.Subject, "i gang") {
				t.Error("a message's words are in a mail")
			}
		}
		for _, line := range own.Timeline {
			if strings.Contains(line.Text, "Intern") || line.Who != "" {
				t.Errorf("the person sees %+v", line)
			}
		}
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, " ", nil, ""); !errors.Is(err, casework.ErrEmptyMessage) {
			t.Errorf("an empty message: %v", err)
		}
	})
}

// TestQuestions: identity and clarification stop the clock under the law's conditions, a question
// for an older address never does.
func TestQuestions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		day := 24 * time.Hour
		for name, c := range map[string]struct {
			kind, reason string
			large        bool
			asked        time.Duration // after receipt
			paused       bool
			due          string // after a reply 10 days later
		}{
			"identity":               {"identity", "Navnet stemmer ikke", false, 2 * day, true, "2026-07-13"}, // 10 days: 11 July is a Saturday
			"identity after 8 days":  {"identity", "Navnet stemmer ikke", false, 8 * day, false, "2026-07-01"},
			"clarification, large":   {"clarification", "40 000 dokumenter", true, 2 * day, true, "2026-07-13"},
			"clarification, little":  {"clarification", "Uklart", false, 2 * day, false, "2026-07-01"},
			"older contact, at once": {"older_contact", "Fant ingenting", true, day, false, "2026-07-01"},
		} {
			d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
			r := d.file(t, dsr.Access)
			d.act(t, r.PublicID, collected...)
			d.b.Clock.Advance(c.asked)
			if err := d.Question(t.Context(), d.handler, r.PublicID, c.kind, "Hvem er du?", c.reason, c.large); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			asked := d.read(t, r.PublicID)
			if asked.P.State != dsr.AwaitingPerson || asked.P.Deadline.Open != c.paused {
				t.Errorf("%s: %s, paused %v", name, asked.P.State, asked.P.Deadline.Open)
			}
			v, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
			if err != nil || v.Question == nil || v.Question.Kind != c.kind || v.Question.Text != "Hvem er du?" || v.Question.Paused != c.paused {
				t.Errorf("%s: the person sees %+v, %v", name, v.Question, err)
			}
			d.b.Clock.Advance(10 * day)
			if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Det er meg", nil, ""); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			after := d.read(t, r.PublicID)
			if after.P.State != dsr.Review || after.P.Deadline.Due.String() != c.due {
				t.Errorf("%s: %s, due %s, want %s", name, after.P.State, after.P.Deadline.Due, c.due)
			}
		}
		r := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.handler, r.PublicID, "weather", "?", "", false); !errors.Is(err, casework.ErrUnknownGround) {
			t.Errorf("unknown kind: %v", err)
		}
		if err := d.Question(t.Context(), d.handler, r.PublicID, "identity", "", "x", false); !errors.Is(err, casework.ErrEmptyMessage) {
			t.Errorf("no words: %v", err)
		}
	})
}

func TestMailOfAQuestionSaysThatTheClockStands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.handler, r.PublicID, "identity", "Hvem?", "Navnet stemmer ikke", false); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "står stille fra 1. juni 2026") {
			t.Error(m.Text)
		}
	})
}

// TestID07OlderContacts: what the person adds is a candidate, and searched by once more.
func TestID07OlderContacts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.act(t, r.PublicID, collected...)
		if err := d.Question(t.Context(), d.officer, r.PublicID, "older_contact", "Har du brukt en annen adresse?", "", false); err != nil {
			t.Fatal(err)
		}
		bad := []casework.Contact{{Kind: "email", Value: "gammel@example.org"}, {Kind: "email", Value: "@"}}
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Ja", bad, ""); fault.From(err) == nil || fault.From(err).Field != "/older_contacts/1/value" {
			t.Errorf("a bad contact: %v", err)
		}
		bad = []casework.Contact{{Kind: "ip_address", Value: "203.0.113.7"}}
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Ja", bad, ""); !errors.Is(err, dsr.ErrIPUse) || fault.From(err).Field != "/older_contacts/0/value" {
			t.Errorf("an IP address without its days: %v", err)
		}
		contacts := []casework.Contact{{Kind: "email", Value: "Gammel@example.org"}, {Kind: "phone_number", Value: "912 34 567"}, {Kind: "external_id", Value: " K-7 "},
			{Kind: "ip_address", Value: "::ffff:203.0.113.7 2026-10-01/2026-10-31"}}
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Ja", contacts, ""); err != nil {
			t.Fatal(err)
		}
		if state := d.read(t, r.PublicID).P.State; state != dsr.Collecting {
			t.Errorf("the case is in %s: what is looked over there is about to change", state)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil || len(v.Identifiers) != 5 {
			t.Fatalf("%d identifiers, %v", len(v.Identifiers), err)
		}
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 2 {
			t.Errorf("%d searches, want a second", n)
		}
		for i, want := range []string{kari, "gammel@example.org", "+4791234567", "K-7", "203.0.113.7 2026-10-01/2026-10-31"} {
			got := v.Identifiers[i]
			if got.Value.Reveal() != want || i > 0 && got.Certainty != store.Candidate {
				t.Errorf("identifier %+v, want %s", got, want)
			}
		}
		if err := d.DecideIdentifier(t.Context(), d.officer, r.PublicID, v.Identifiers[1].PublicID, true, "svarte fra gammel adresse"); err != nil {
			t.Fatal(err)
		}
		if err := d.DecideIdentifier(t.Context(), d.officer, r.PublicID, v.Identifiers[2].PublicID, false, "en annens telefon"); err != nil {
			t.Fatal(err)
		}
		if err := d.AddIdentifier(t.Context(), d.officer, r.PublicID, casework.Contact{Kind: "name", Value: "Kari Hansen"}); err != nil {
			t.Fatal(err)
		}
		if v, err = d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false); err != nil {
			t.Fatal(err)
		}
		if v.Identifiers[1].Certainty != store.Verified || v.Identifiers[2].Certainty != store.Rejected || len(v.Identifiers) != 6 {
			t.Errorf("identifiers %+v", v.Identifiers)
		}
		if strings.Contains(d.b.Dump(t, "identifier", "event", "job", "audit_leaf", "message"), "telefon") {
			t.Error("an officer's words lie in the clear")
		}
		if n := d.jobs(t, casework.JobCollect, r.PublicID); n != 5 {
			t.Errorf("%d searches, want one for each change", n)
		}
	})
}

// TestReplyOnPaper: the office writes down what the person said, with the day it came.
func TestReplyOnPaper(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.handler, r.PublicID, "identity", "Hvem er du?", "Tvil", false); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Advance(10 * 24 * time.Hour)
		came := d.b.Clock.Now().Add(-5 * 24 * time.Hour)
		for name, c := range map[string]struct {
			at   time.Time
			want *fault.Error
		}{
			"tomorrow":            {d.b.Clock.Now().Add(24 * time.Hour), casework.ErrFutureReceipt},
			"before the question": {d.b.Clock.Now().Add(-11 * 24 * time.Hour), dsr.ErrReplyBeforeAsk},
		} {
			if err := d.Reply(t.Context(), d.handler, r.PublicID, "Det er meg", c.at, true); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := d.Reply(t.Context(), d.handler, r.PublicID, "Ringte: lurer på tiden", came, false); err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, r.PublicID); got.P.State != dsr.AwaitingPerson {
			t.Errorf("a message that is no answer moved the case to %s", got.P.State)
		}
		if err := d.Reply(t.Context(), d.handler, r.PublicID, "Det er meg", came, true); err != nil {
			t.Fatal(err)
		}
		got := d.read(t, r.PublicID)
		if got.P.State != dsr.Received || got.P.Deadline.Due.String() != "2026-07-06" || got.P.Deadline.PausedDays != 5 {
			t.Errorf("%s, due %s, %d days paused", got.P.State, got.P.Deadline.Due, got.P.Deadline.PausedDays)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.EN, false)
		if err != nil {
			t.Fatal(err)
		}
		last := v.Timeline[len(v.Timeline)-1]
		if last.Text != "The person replied" || last.Who != "Siri" {
			t.Errorf("the log says %+v", last)
		}
		if v.Messages[len(v.Messages)-1].Author != store.FromPerson {
			t.Error("the message is not the person's")
		}
	})
}

// TestConfirmedWhileAsked: when the identity is confirmed while the question is open, the reply
// lets the search begin.
func TestConfirmedWhileAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		cases, err := d.Register(t.Context(), d.officer, registration())
		if err != nil {
			t.Fatal(err)
		}
		id := cases[0].PublicID
		if err := d.Question(t.Context(), d.officer, id, "identity", "Hvem?", "Tvil", false); err != nil {
			t.Fatal(err)
		}
		if err := d.ConfirmIdentity(t.Context(), d.officer, id, "known_facts", "svarte"); err != nil {
			t.Fatal(err)
		}
		if err := d.Reply(t.Context(), d.officer, id, "Det er meg", d.b.Clock.Now(), true); err != nil {
			t.Fatal(err)
		}
		r := d.read(t, id)
		last := d.b.Count(t, "SELECT count(*) FROM job WHERE kind = $1 AND key = $2", casework.JobCollect, "collect/"+id+"/4")
		if r.P.State != dsr.Received || !r.P.Verified || last != 1 {
			t.Errorf("%s, verified %v: %s", r.P.State, r.P.Verified, d.b.Dump(t, "job"))
		}
	})
}

func TestEXT01EXT02EXT03EXT04Extension(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		ctx, reasons := t.Context(), []string{"volume", "redaction"}
		for name, c := range map[string]struct {
			by      casework.By
			months  int
			grounds []string
			reason  string
			want    *fault.Error
		}{
			"unknown ground": {d.officer, 1, []string{"holidays"}, "x", casework.ErrUnknownGround},
			"no ground":      {d.officer, 1, nil, "x", casework.ErrUnknownGround},
			"no reason":      {d.officer, 1, reasons, " ", casework.ErrExtensionReason},
			"three months":   {d.officer, 3, reasons, "x", dsr.ErrExtensionMonths},
			"a handler":      {d.handler, 1, reasons, "x", staff.ErrForbidden},
		} {
			if err := d.Extend(ctx, c.by, r.PublicID, c.months, c.grounds, c.reason); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		d.b.Clock.Set(time.Date(2026, 7, 1, 21, 59, 0, 0, time.UTC)) // 23:59 on the last day
		if err := d.Extend(ctx, d.officer, r.PublicID, 2, reasons, "12 systemer må gjennomgås for hånd"); err != nil {
			t.Fatal(err)
		}
		got := d.read(t, r.PublicID)
		if got.P.ExtendedMonths() != 2 || got.P.Deadline.Due.String() != "2026-09-01" || got.P.Deadline.DueRefusal.String() != "2026-07-01" {
			t.Errorf("%d months, due %s, refusal %s", got.P.ExtendedMonths(), got.P.Deadline.Due, got.P.Deadline.DueRefusal)
		}
		v, err := d.Own(ctx, d.index(kari), r.PublicID, locale.NB)
		if err != nil || len(v.Messages) != 1 {
			t.Fatalf("%d messages, %v", len(v.Messages), err)
		}
		for _, want := range []string{"1. september 2026", "svært mange opplysninger", "12 systemer"} {
			if !strings.Contains(v.Messages[0].Body.Reveal(), want) {
				t.Errorf("the notice lacks %q: %s", want, v.Messages[0].Body.Reveal())
			}
		}
		d.post(t)
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "1. september 2026") || strings.Contains(m.Text, "12 systemer") {
			t.Errorf("the mail: %s", m.Text)
		}
		if err := d.Extend(ctx, d.officer, r.PublicID, 1, reasons, "igjen"); !errors.Is(err, dsr.ErrSecondExtension) {
			t.Errorf("a second extension: %v", err)
		}
		d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
		late := d.file(t, dsr.Access)
		d.b.Clock.Set(time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC)) // the next day in Oslo
		if err := d.Extend(ctx, d.officer, late.PublicID, 1, reasons, "for sent"); !errors.Is(err, casework.ErrExtendLate) {
			t.Errorf("too late: %v", err)
		}
	})
}

func TestREF01FEE01ART2301Refusal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "no_reason", "x"); !errors.Is(err, casework.ErrNoProvision) {
			t.Errorf("unknown ground: %v", err)
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "excessive", "\t"); !errors.Is(err, casework.ErrRefusalReason) {
			t.Errorf("no reason: %v", err)
		}
		if err := d.Refuse(t.Context(), d.handler, r.PublicID, "excessive", "x"); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a handler: %v", err)
		}
		for _, by := range []casework.By{d.officer, d.second} { // one proposes, the other approves
			if err := d.Refuse(t.Context(), by, r.PublicID, "excessive", "Kravet kom hver dag i mars"); err != nil {
				t.Fatal(err)
			}
		}
		v, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		a := v.Answer
		if v.Request.P.State != dsr.Answered || v.Request.P.Outcome != dsr.Refused || a == nil || a.Outcome != dsr.Refused || v.MayWithdraw {
			t.Fatalf("%+v", v)
		}
		all := strings.Join(append(slices.Concat(a.Paragraphs, a.Complaint), a.Title), "\n")
		for _, want := range []string{"artikkel 12", "hver dag i mars", "Datatilsynet", "domstol"} {
			if !strings.Contains(all, want) {
				t.Errorf("the answer lacks %q: %s", want, all)
			}
		}
		d.post(t)
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "Datatilsynet") || strings.Contains(m.Text, "i mars") {
			t.Errorf("the mail: %s", m.Text)
		}
		for name, err := range map[string]error{
			"refuse":   d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"),
			"extend":   d.Extend(t.Context(), d.officer, r.PublicID, 1, []string{"volume"}, "x"),
			"assign":   d.Assign(t.Context(), d.officer, r.PublicID, d.handler.ID),
			"receipt":  d.CorrectReceipt(t.Context(), d.officer, r.PublicID, d.b.Clock.Now(), "x"),
			"identity": d.ConfirmIdentity(t.Context(), d.officer, r.PublicID, "eid", ""),
			"contact":  d.AddIdentifier(t.Context(), d.officer, r.PublicID, casework.Contact{Kind: "name", Value: "K"}),
			"question": d.Question(t.Context(), d.officer, r.PublicID, "identity", "x", "x", false),
			"resume":   d.Resume(t.Context(), d.officer, r.PublicID),
			"withdraw": d.RecordWithdrawal(t.Context(), d.officer, r.PublicID, "x"),
		} {
			if !errors.Is(err, dsr.ErrTransition) {
				t.Errorf("%s after the answer: %v", name, err)
			}
		}
	})
}

func TestWithdrawal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Erasure)
		noProof := errors.New("no proof")
		if err := d.Withdraw(t.Context(), d.index(kari), r.PublicID, func(*store.Tx) error { return noProof }); !errors.Is(err, noProof) {
			t.Errorf("without proof: %v", err)
		}
		if err := d.Withdraw(t.Context(), d.index("ola@example.org"), r.PublicID, func(*store.Tx) error { t.Error("proof was spent"); return nil }); !errors.Is(err, store.ErrNoRequest) {
			t.Errorf("somebody else: %v", err)
		}
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				errs[i] = d.Withdraw(t.Context(), d.index(kari), r.PublicID, func(*store.Tx) error { return nil })
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, dsr.ErrTransition) {
				t.Error(err)
			}
		}
		got := d.read(t, r.PublicID)
		if won != 1 || got.P.State != dsr.Withdrawn || got.ClosedAt == nil {
			t.Errorf("%d withdrew, %s", won, got.P.State)
		}
		d.post(t)
		if list := d.b.Letters.To(kari); len(list) != 2 || !strings.Contains(list[1].Subject, "trukket") {
			t.Errorf("%d mails", len(list))
		}

		second := d.file(t, dsr.Access)
		if err := d.RecordWithdrawal(t.Context(), d.handler, second.PublicID, "ringte og trakk kravet"); err != nil {
			t.Fatal(err)
		}
		v, err := d.Case(t.Context(), d.officer, second.PublicID, locale.NB, false)
		if err != nil {
			t.Fatal(err)
		}
		last := v.Timeline[len(v.Timeline)-1]
		if last.Who != "Siri" || last.Text != "Kravet er trukket: ringte og trakk kravet" || v.Request.P.State != dsr.Withdrawn {
			t.Errorf("the log says %+v", last)
		}
	})
}

// TestINT02ReceiptFoundInAnotherInbox: the due date moves with the receipt, and the log says why.
func TestINT02ReceiptFoundInAnotherInbox(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Clock.Set(time.Date(2026, 6, 3, 8, 0, 0, 0, time.UTC))
		r := d.file(t, dsr.Access)
		if due := d.read(t, r.PublicID).P.Deadline.Due.String(); due != "2026-07-03" {
			t.Fatalf("due %s", due)
		}
		came := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
		if err := d.CorrectReceipt(t.Context(), d.officer, r.PublicID, came, ""); !errors.Is(err, casework.ErrReason) {
			t.Errorf("without a reason: %v", err)
		}
		if err := d.CorrectReceipt(t.Context(), d.officer, r.PublicID, d.b.Clock.Now().Add(48*time.Hour), "x"); !errors.Is(err, casework.ErrFutureReceipt) {
			t.Errorf("in the future: %v", err)
		}
		if err := d.CorrectReceipt(t.Context(), d.officer, r.PublicID, came, "Lå i fellesinnboksen"); err != nil {
			t.Fatal(err)
		}
		got := d.read(t, r.PublicID)
		if got.P.Deadline.Due.String() != "2026-07-01" || !got.ReceivedAt.Equal(came) {
			t.Errorf("due %s, received %v", got.P.Deadline.Due, got.ReceivedAt)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil || !strings.Contains(v.Timeline[len(v.Timeline)-1].Text, "Lå i fellesinnboksen") {
			t.Errorf("the log: %+v, %v", v.Timeline, err)
		}
	})
}

// TestLaterReceiptIsTold: who gets the answer later than the receipt promised is told so; who gets it
// sooner is not bothered.
func TestLaterReceiptIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Clock.Set(time.Date(2026, 6, 3, 8, 0, 0, 0, time.UTC))
		r := d.file(t, dsr.Access)
		d.b.Clock.Set(time.Date(2026, 6, 9, 8, 0, 0, 0, time.UTC))
		told := func() int {
			return d.b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_person' AND object = $1", "new_message:"+r.PublicID)
		}
		if err := d.CorrectReceipt(t.Context(), d.officer, r.PublicID, time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC), "Lå i fellesinnboksen"); err != nil {
			t.Fatal(err)
		}
		if n := told(); n != 0 {
			t.Errorf("%d mails about an earlier date", n)
		}
		if err := d.CorrectReceipt(t.Context(), d.officer, r.PublicID, time.Date(2026, 6, 5, 10, 0, 0, 0, time.UTC), "Brevet kom fredag"); err != nil {
			t.Fatal(err)
		}
		v, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		if n := told(); n != 1 || v.Request.UnreadPerson != 1 || len(v.Messages) != 1 {
			t.Fatalf("%d mails, %d unread, %d messages", n, v.Request.UnreadPerson, len(v.Messages))
		}
		said := v.Messages[0].Body.Reveal()
		if !strings.Contains(said, "5. juni 2026") || !strings.Contains(said, "6. juli 2026") || strings.Contains(said, "fredag") {
			t.Errorf("the message: %q", said)
		}
	})
}

// Several cases at once: what can be given is given, with an event and a leaf each, or, where one may not be, none.
func TestAssigningSeveral(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		first, second, theirs, closed := d.file(t, dsr.Access), d.file(t, dsr.Access), d.file(t, dsr.Access), d.file(t, dsr.Access)
		if err := errors.Join(d.Assign(t.Context(), d.officer, theirs.PublicID, d.second.ID),
			d.RecordWithdrawal(t.Context(), d.officer, closed.PublicID, "på telefon")); err != nil {
			t.Fatal(err)
		}
		some := []string{first.PublicID, second.PublicID, theirs.PublicID, closed.PublicID, first.PublicID}
		leaves := func() int { return d.b.Count(t, "SELECT count(*) FROM audit_leaf WHERE request_id IS NOT NULL") }
		before := leaves()
		for what, refused := range map[string]struct {
			by     casework.By
			ids    []string
			member int64
			want   error
		}{
			"a case that is not there": {d.officer, append(slices.Clone(some), strings.Repeat("f", 32)), d.second.ID, store.ErrNoRequest},
			"nobody":                   {d.officer, some, 4711, casework.ErrUnknownMember},
			"by a case handler":        {d.handler, some, d.handler.ID, staff.ErrForbidden},
			"by an auditor":            {d.audit, some, d.second.ID, staff.ErrForbidden},
		} {
			if _, err := d.AssignAll(t.Context(), refused.by, refused.ids, refused.member); !errors.Is(err, refused.want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if now := leaves(); now != before {
			t.Fatalf("%d leaves of what was refused", now-before)
		}
		done, err := d.AssignAll(t.Context(), d.officer, some, d.second.ID)
		if want := (casework.Assigned{Given: 2, Already: 1, Closed: 1}); err != nil || done != want {
			t.Fatalf("%+v, %v; want %+v", done, err, want)
		}
		if now := leaves(); now != before+2 {
			t.Errorf("%d leaves, want one for each case that was given", now-before)
		}
		for _, r := range []*store.Request{first, second} {
			v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
			if err != nil || v.Request.P.AssignedTo != d.second.ID {
				t.Errorf("%+v, %v", v.Request.P.AssignedTo, err)
			}
		}
	})
}

// Two officers who give the same cases away at the same moment, in whatever order: none fails, and what each is
// told adds up to what is written.
func TestAssigningSeveralManyAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		var ids []string
		for range 8 {
			ids = append(ids, d.file(t, dsr.Access).PublicID)
		}
		backwards := slices.Clone(ids)
		slices.Reverse(backwards)
		var given atomic.Int64
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				order, to := ids, d.second.ID
				if i%2 == 1 {
					order, to = backwards, d.handler.ID
				}
				done, err := d.AssignAll(t.Context(), d.officer, order, to)
				if err != nil {
					t.Error(err)
				}
				if done.Given+done.Already != len(ids) {
					t.Errorf("%+v of %d", done, len(ids))
				}
				given.Add(int64(done.Given))
			})
		}
		all.Wait()
		if n := d.b.Count(t, "SELECT count(*) FROM event WHERE kind = 'assigned'"); int64(n) != given.Load() {
			t.Errorf("%d events, and %d were told", n, given.Load())
		}
		if n := d.b.Count(t, "SELECT count(DISTINCT assigned_to) FROM request"); n != 1 {
			t.Errorf("the cases are %d members': one act was cut in two", n)
		}
	})
}

func TestAssignment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Assign(t.Context(), d.officer, r.PublicID, 4711); !errors.Is(err, casework.ErrUnknownMember) {
			t.Errorf("nobody: %v", err)
		}
		if err := d.Assign(t.Context(), d.handler, r.PublicID, d.handler.ID); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a handler: %v", err)
		}
		if err := d.Assign(t.Context(), d.officer, r.PublicID, d.second.ID); err != nil {
			t.Fatal(err)
		}
		if err := d.Message(t.Context(), d.handler, r.PublicID, "hei", false, ""); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a handler wrote in another's case: %v", err)
		}
		page, err := d.Inbox(t.Context(), d.second, store.Filter{View: store.ViewMine, Limit: 5}, locale.NB)
		if err != nil || len(page.Cases) != 1 || page.Cases[0].Assigned != "Jonas" {
			t.Errorf("%+v, %v", page.Cases, err)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil || v.Authors[v.Request.P.AssignedTo] != "Jonas" {
			t.Errorf("authors %v, %v", v.Authors, err)
		}
		if _, err := d.Case(t.Context(), d.handler, r.PublicID, locale.NB, false); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a handler reads another's case: %v", err)
		}
	})
}

func TestResume(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.in(t, func(tx *store.Tx) error {
			mine, err := tx.Request(r.PublicID)
			if err != nil {
				return err
			}
			e := dsr.Event{Kind: dsr.EventParked, Actor: system, Data: dsr.EventData{Code: "source_failed"}}
			return tx.Act(mine, e, store.Change{Columns: map[string]any{"needs_human": "source_failed"}})
		})
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil || v.Stopped == "" || !slices.ContainsFunc(v.May, func(m casework.May) bool { return m.Act == "resume" && m.Allowed }) {
			t.Errorf("stopped %q, may %+v, %v", v.Stopped, v.May, err)
		}
		if err := d.Resume(t.Context(), d.officer, r.PublicID); err != nil {
			t.Fatal(err)
		}
		got := d.read(t, r.PublicID)
		if got.P.State != dsr.Received || got.NeedsHuman != "" || d.jobs(t, casework.JobCollect, r.PublicID) != 2 {
			t.Errorf("%s, %q", got.P.State, got.NeedsHuman)
		}
	})
}
