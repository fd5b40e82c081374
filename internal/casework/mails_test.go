package casework_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// TestMailsGoOutOnceAfterTheServerWasDown: nothing fails, nothing is lost, nothing comes twice.
func TestMailsGoOutOnceAfterTheServerWasDown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Letters.Fail(portaltest.MailDown)
		r := d.file(t, dsr.Access)
		for range 5 {
			d.post(t)
			d.b.Clock.Advance(15 * time.Minute)
		}
		if err := d.Message(t.Context(), d.officer, r.PublicID, "hei", false, ""); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		if n := len(d.b.Letters.All()); n != 0 || d.b.Letters.Attempts() < 10 {
			t.Errorf("%d letters after %d attempts", n, d.b.Letters.Attempts())
		}
		d.b.Letters.Fail(nil)
		for range 3 {
			d.b.Clock.Advance(15 * time.Minute)
			d.post(t)
		}
		ids := map[string]bool{}
		for _, m := range d.b.Letters.All() {
			if ids[m.MessageID] || m.MessageID == "" {
				t.Errorf("message id %q came twice", m.MessageID)
			}
			ids[m.MessageID] = true
		}
		for address, want := range map[string]int{kari: 2, officer: 1, standIn: 1} {
			if n := len(d.b.Letters.To(address)); n != want {
				t.Errorf("%s got %d mails, want %d", address, n, want)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM job WHERE state <> 'done' AND kind <> 'collect'"); n != 0 {
			t.Errorf("%d mails wait: %s", n, d.b.Dump(t, "job"))
		}
	})
}

// TestRefusedMailIsNoted: the office hears of it, once, and can put it aside.
func TestRefusedMailIsNoted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Letters.Fail(portaltest.MailRefused)
		r := d.file(t, dsr.Access)
		attempts := d.b.Letters.Attempts()
		d.post(t)
		if n := d.b.Letters.Attempts() - attempts; n != 3 {
			t.Errorf("%d attempts, want one for each mail", n)
		}
		var j job.Job
		row := d.b.SQL(t).QueryRow("SELECT id, kind, object, fence FROM job WHERE kind = 'mail_person' AND state = 'needs_human' AND last_code = 'mail_refused'")
		if err := row.Scan(&j.ID, &j.Kind, &j.Object, &j.Fence); err != nil {
			t.Fatalf("%v: %s", err, d.b.Dump(t, "job"))
		}
		for range 2 { // the runner may say so twice
			if err := d.GaveUp(t.Context(), j, "mail_refused"); err != nil {
				t.Fatal(err)
			}
		}
		d.b.Letters.Fail(nil)
		d.post(t)
		if m := d.b.Letters.Last(t, officer); !strings.Contains(m.Text, "En e-post kunne ikke leveres") {
			t.Error(m.Text)
		}
		if n := len(d.b.Letters.To(officer)); n != 1 {
			t.Errorf("%d mails, want 1", n)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.EN, false)
		if err != nil || v.Request.P.State != dsr.Received || v.Stopped == "" {
			t.Errorf("%s, stopped %q, %v", v.Request.P.State, v.Stopped, err)
		}
		if err := d.Resume(t.Context(), d.officer, r.PublicID); err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, r.PublicID); got.NeedsHuman != "" || got.P.State != dsr.Received {
			t.Errorf("%s, %q", got.P.State, got.NeedsHuman)
		}
		// Taken up again, the mail that was given up goes out, once.
		before := len(d.b.Letters.To(kari))
		d.post(t)
		d.post(t)
		if n := len(d.b.Letters.To(kari)) - before; n != 1 {
			t.Errorf("%d mails to the person after the case was taken up again, want 1: %s", n, d.b.Dump(t, "job"))
		}
	})
}

// TestUncertainMailIsSentTwiceAtMost: when the line was cut after the content nobody knows.
func TestUncertainMailIsSentTwiceAtMost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Letters.Fail(&mail.SendError{Code: mail.CodeUnknown, Temporary: true, Uncertain: true})
		cases, err := d.Register(t.Context(), d.officer, casework.Registration{
			Rights: []string{"access"}, Channel: "email", ReceivedAt: d.b.Clock.Now(), Locale: locale.NB, Email: kari})
		if err != nil {
			t.Fatal(err)
		}
		work := map[string]job.Work{store.JobMailPerson: d.Work()[store.JobMailPerson]}
		for range 5 {
			d.b.RunJobs(t, work)
			d.b.Clock.Advance(15 * time.Minute)
		}
		if n := d.b.Letters.Attempts(); n != 2 {
			t.Errorf("%d attempts, want 2", n)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM job WHERE state = 'needs_human' AND last_code = 'mail_uncertain' AND object = $1", "receipt_of_request:"+cases[0].PublicID); n != 1 {
			t.Error(d.b.Dump(t, "job"))
		}
	})
}

// TestEveryMailOfACase renders each in each language and looks for what no mail may hold.
func TestEveryMailOfACase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		canaries := []string{"Kanarifugl", "kanari@", "Fuglegata", "hemmelig", "98765432", "K-4711"}
		person := []mail.Kind{mail.ReceiptOfRequest, mail.QuestionIdentity, mail.QuestionClarification, mail.ClarificationClosed, mail.QuestionOlderAddress, mail.NewMessage,
			mail.Extension, mail.AnswerReady, mail.AnswerPart, mail.AnswerCorrected, mail.AnswerDone, mail.Refused, mail.NothingFound, mail.Withdrawn, mail.PackageDownloaded}
		office := []mail.Kind{mail.StaffNewRequest, mail.StaffReply, mail.StaffNeedsHuman, mail.StaffApproval, mail.StaffDeadlineWarning, mail.StaffRefusalDue, mail.StaffRecipients}
		for _, l := range locale.All {
			cases, err := d.Register(t.Context(), d.officer, casework.Registration{
				Rights: []string{"access"}, Channel: "letter", ReceivedAt: d.b.Clock.Now(), Locale: l, Name: "Kanarifugl", Email: "kanari@example.org",
				Postal: "Fuglegata 3", Text: "hemmelig", Phone: "98765432", CustomerNumber: "K-4711", Method: "known_facts", MethodNote: "hemmelig",
			})
			if err != nil {
				t.Fatal(err)
			}
			r := cases[0]
			d.furnish(t, r.PublicID)
			d.in(t, func(tx *store.Tx) error {
				mine, err := tx.Request(r.PublicID)
				for _, k := range person {
					err = errors.Join(err, tx.MailPerson(mine, k))
				}
				for _, k := range office {
					err = errors.Join(err, tx.MailOffice(mine, k))
				}
				return err
			})
		}
		d.post(t)
		if waiting := d.b.Count(t, "SELECT count(*) FROM job WHERE state = 'ready' AND kind IN ('mail_person', 'mail_office')"); waiting != 0 {
			t.Fatalf("%d mails could not be written: %s", waiting, d.b.Dump(t, "job"))
		}
		perLanguage := map[locale.Locale]int{}
		for _, m := range d.b.Letters.All() {
			if m.To.Reveal() == "kanari@example.org" {
				perLanguage[m.Locale]++
			}
			for _, canary := range canaries {
				if strings.Contains(m.Subject+m.Text+m.HTML, canary) {
					t.Errorf("%q is in a mail: %s", canary, m.Subject)
				}
			}
			for _, word := range strings.Fields(m.Text) {
				if u, err := url.Parse(word); err == nil && u.Scheme == "https" && u.Host != "portal.example" {
					t.Errorf("a link to %s", u.Host)
				}
			}
		}
		for _, l := range locale.All {
			if perLanguage[l] != len(person)+1 { // its registration sent one
				t.Errorf("%d mails in %s, want %d", perLanguage[l], l, len(person)+1)
			}
		}
	})
}

// The office is mailed, and noted to in a case, in the language that it has chosen; bokmål where it has chosen none.
func TestTheOfficeIsWrittenToInItsLanguage(t *testing.T) {
	t.Parallel()
	subject := map[locale.Locale]string{locale.NB: "Nytt krav: ", locale.NN: "Nytt krav: ", locale.EN: "New request: "}
	said := map[locale.Locale]string{"": "Det har kommet et nytt krav.", locale.NB: "Det har kommet et nytt krav.", locale.NN: "Det har kome eit nytt krav.", locale.EN: "A new request has come in."}
	note := map[locale.Locale]string{"": "Send kravet videre", locale.NB: "Send kravet videre", locale.NN: "Send kravet vidare", locale.EN: "Pass the request on"}
	each(t, func(t *testing.T, d *desk) {
		for _, l := range append([]locale.Locale{""}, locale.All...) {
			d.settings(t, func(s *store.Settings) { s.Language = l })
			before := len(d.b.Letters.All())
			r := d.file(t, dsr.Access)
			d.post(t)
			told := 0
			for _, m := range d.b.Letters.All()[before:] {
				if m.To.Reveal() != officer {
					continue
				}
				told++
				if !strings.Contains(m.Text, said[l]) || l != "" && (m.Locale != l || !strings.HasPrefix(m.Subject, subject[l])) {
					t.Errorf("%q: the office is told %s: %s\n%s", l, m.Locale, m.Subject, m.Text)
				}
			}
			if told != 1 {
				t.Errorf("%q: %d mails to the office", l, told)
			}
			if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_controller", "Vi behandler bare for andre."); err != nil {
				t.Fatal(err)
			}
			v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
			if err != nil || !slices.ContainsFunc(v.Messages, func(m store.Message) bool {
				return m.Author == store.FromNote && strings.Contains(m.Body.Reveal(), note[l])
			}) {
				t.Errorf("%q: not noted, %v: %v", l, err, v.Messages)
			}
		}
	})
}

// furnish gives a case all that its mails speak of: a question, an answer, a package, a download.
func (d *desk) furnish(t *testing.T, id string) {
	t.Helper()
	d.in(t, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		answer, err := json.Marshal(store.Answer{Outcome: dsr.PartlyGranted, Paragraphs: []string{"hemmelig"}, Searched: []string{"Nettbutikken"},
			Groups: []store.AnswerGroup{{Action: "deleted", Activity: "Nyhetsbrev", Count: 12}, {Action: "kept", Activity: "Faktura", Count: 3, Law: "bokføringsloven § 13", Until: "2026-12-31"}}})
		if err != nil {
			return err
		}
		columns, err := tx.SealAnswer(r, answer)
		if err != nil {
			return err
		}
		if err := tx.Touch(r, columns); err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"needs_human": "source_failed"}); err != nil {
			return err
		}
		p, err := tx.ExpectPackage(r)
		if err != nil {
			return err
		}
		if err := tx.PackageIsReady(p, "b", "s", "m", 1); err != nil {
			return err
		}
		if err := tx.OpenPackage(p, tx.Now.AddDate(0, 0, 7), tx.Now.AddDate(0, 0, 90)); err != nil {
			return err
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventDownloaded, Actor: dsr.Actor{Kind: dsr.Person}}, store.Change{})
	})
}

func TestNumbersInTheMail(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Erasure)
		d.furnish(t, r.PublicID)
		d.in(t, func(tx *store.Tx) error {
			mine, err := tx.Request(r.PublicID)
			return errors.Join(err, tx.MailPerson(mine, mail.AnswerDone), tx.MailPerson(mine, mail.AnswerReady))
		})
		d.post(t)
		var texts []string
		for _, m := range d.b.Letters.To(kari) {
			texts = append(texts, m.Text)
		}
		all := strings.Join(texts, "\n")
		for _, want := range []string{"Slettet: 12", "Beholdt: 3", "8. juni 2026 10:00"} {
			if !strings.Contains(all, want) {
				t.Errorf("the mails lack %q:\n%s", want, all)
			}
		}
		// That somebody has an invoice or a job application is personal data.
		for _, never := range []string{"Nyhetsbrev", "Faktura", "bokføringsloven"} {
			if strings.Contains(all, never) {
				t.Errorf("the mails say %q:\n%s", never, all)
			}
		}
	})
}

// TestMailThatIsNoLongerTrueStaysUnsent: no last call for an erasure that is not approved.
func TestMailThatIsNoLongerTrueStaysUnsent(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Erasure)
		d.post(t)
		d.in(t, func(tx *store.Tx) error {
			mine, err := tx.Request(r.PublicID)
			return errors.Join(err, tx.MailPerson(mine, mail.EraseLastCall))
		})
		before := len(d.b.Letters.All())
		d.post(t)
		if len(d.b.Letters.All()) != before {
			t.Error("the person was told of an erasure that is not approved")
		}
	})
}

// TestBrokenMailJobsEnd: a job that names nothing does not come again and again.
func TestBrokenMailJobsEnd(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.in(t, func(tx *store.Tx) error {
			var err error
			for i, object := range []string{"nonsense", "receipt_of_request:" + strings.Repeat("0", 32), "staff_reply:" + strings.Repeat("0", 32) + "#7"} {
				kind := store.JobMailPerson
				if i == 2 {
					kind = store.JobMailOffice
				}
				err = errors.Join(err, tx.Enqueue(job.Spec{Kind: kind, Key: fmt.Sprint(i), Object: object}))
			}
			return err
		})
		d.post(t)
		if n := d.b.Count(t, "SELECT count(*) FROM job WHERE state = 'needs_human' AND attempts = 1"); n != 3 {
			t.Error(d.b.Dump(t, "job"))
		}
		for _, object := range []string{"nonsense", "receipt_of_request:" + strings.Repeat("0", 32)} {
			if err := d.GaveUp(t.Context(), job.Job{Kind: store.JobMailPerson, Object: object}, "x"); err != nil {
				t.Errorf("%s: %v", object, err)
			}
		}
	})
}

// cutOff fails after the mail was taken, as a crash between sending and noting it would.
type cutOff struct{ mail.Sender }

func (c cutOff) Send(ctx context.Context, m mail.Message) error {
	_ = c.Sender.Send(ctx, m)
	return errors.New("crashed")
}

// TestRepeatedMailKeepsItsMessageID: mail programs can tell that it is the same.
func TestRepeatedMailKeepsItsMessageID(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.file(t, dsr.Access)
		d.Sender = cutOff{d.b.Letters}
		work := map[string]job.Work{store.JobMailPerson: d.Work()[store.JobMailPerson]}
		d.b.RunJobs(t, work)
		d.Sender = d.b.Letters
		d.b.Clock.Advance(15 * time.Minute)
		d.b.RunJobs(t, map[string]job.Work{store.JobMailPerson: d.Work()[store.JobMailPerson]})
		list := d.b.Letters.To(kari)
		if len(list) != 2 || list[0].MessageID != list[1].MessageID {
			t.Errorf("%d mails", len(list))
		}
	})
}
