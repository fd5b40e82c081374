package casework_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/letter"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

func plainPDF(t *testing.T, body []byte) string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.GetPlainText()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(text); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// newestLetter gives the last message of a case that is a letter.
func (d *desk) newestLetter(t *testing.T, id string) store.Message {
	t.Helper()
	v, err := d.Own(t.Context(), d.index(kari), id, "nb")
	if err != nil {
		t.Fatal(err)
	}
	m := v.Messages[len(v.Messages)-1]
	if m.Letter == nil {
		t.Fatalf("the last message is no letter: %q", m.Body.Reveal())
	}
	return m
}

// What is written to the person while the case goes on is a letter: on the page, as a PDF, and named by no mail.
func TestWhatIsWrittenUnderwayIsALetter(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		r := d.file(t, dsr.Access)
		id := r.PublicID
		due := r.P.Deadline.Due
		check := func(which string, kind letter.Kind, words ...string) {
			t.Helper()
			name, body, err := d.Letter(ctx, d.index(kari), id, which)
			if err != nil {
				t.Fatal(err)
			}
			_, staffs, err := d.SentLetter(ctx, d.officer, id, which)
			if err != nil || !bytes.Equal(body, staffs) || name != string(r.Reference)+".pdf" {
				t.Errorf("%s: the office has another letter: %v", kind, err)
			}
			said := plainPDF(t, body)
			for _, w := range append(words, string(r.Reference), "Fjordlys AS", "Kari Nordmann") {
				if !strings.Contains(strings.Join(strings.Fields(said), " "), w) {
					t.Errorf("%s lacks %q: %s", kind, w, said)
				}
			}
			if _, _, err := d.Letter(ctx, d.index("other@example.org"), id, which); !errors.Is(err, store.ErrNoRequest) {
				t.Errorf("somebody else: %v", err)
			}
		}
		check(casework.ReceiptLetter, letter.Receipt, "Alle opplysninger om meg", due.Format("nb"))
		if _, _, err := d.Letter(ctx, d.index(kari), id, casework.AnswerLetter); !errors.Is(err, letter.ErrNone) {
			t.Errorf("before the answer: %v", err)
		}
		if _, _, err := d.Letter(ctx, d.index(kari), id, strings.Repeat("a", 32)); !errors.Is(err, letter.ErrNone) {
			t.Errorf("no such message: %v", err)
		}

		if err := d.Question(ctx, d.officer, id, "identity", "Er det du som spør?", "To kunder har samme navn", false); err != nil {
			t.Fatal(err)
		}
		m := d.newestLetter(t, id)
		if m.Letter.Kind != letter.IdentityQuestion {
			t.Errorf("kind %s", m.Letter.Kind)
		}
		check(m.PublicID, letter.IdentityQuestion, "Er det du som spør?", "To kunder har samme navn", "stanset midlertidig fra 1. juni 2026")
		if _, err := d.Write(ctx, d.index(kari), id, "Ja, fra Lyngveien", nil, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.Question(ctx, d.officer, id, "clarification", "Hva gjelder det?", "Hun er ansatt også", false); err != nil {
			t.Fatal(err)
		}
		m = d.newestLetter(t, id)
		check(m.PublicID, letter.Clarification, "Hva gjelder det?", "Kunderegister", "be om alt", "Fristen går mens vi venter")
		if strings.Contains(m.Letter.Letter().Text(), "Hun er ansatt") {
			t.Error("the reason for the file is told to the person")
		}
		if _, err := d.Write(ctx, d.index(kari), id, "Alt", nil, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.Extend(ctx, d.officer, id, 2, []string{"volume"}, "Arkivet fra 2019 leses for hånd"); err != nil {
			t.Fatal(err)
		}
		m = d.newestLetter(t, id)
		now := d.read(t, id).P.Deadline.Due
		if !now.After(due) {
			t.Fatalf("due %v", now)
		}
		check(m.PublicID, letter.Extension, "Arkivet fra 2019", now.Format("nb"))
		// The receipt still says what it said.
		check(casework.ReceiptLetter, letter.Receipt, "Du får svar senest "+due.Format("nb"))

		if err := d.Refuse(ctx, d.officer, id, "not_identifiable", "Navnet passer på mange."); err != nil {
			t.Fatal(err)
		}
		check(casework.AnswerLetter, letter.CannotIdentify, "Navnet passer på mange.", "Vi har ikke kunnet lete")

		d.post(t)
		for _, mail := range d.b.Letters.To(kari) {
			for _, secret := range []string{"To kunder", "Lyngveien", "Arkivet fra 2019", "Navnet passer"} {
				if strings.Contains(mail.Text+mail.Subject, secret) {
					t.Errorf("a mail says %q: %s", secret, mail.Text)
				}
			}
		}
	})
}

// A letter lies sealed, and is gone with its case.
func TestLettersAreSealedAndPurged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.officer, r.PublicID, "identity", "Er det du?", "To kunder har samme navn", false); err != nil {
			t.Fatal(err)
		}
		which := d.newestLetter(t, r.PublicID).PublicID
		if n := d.b.Count(t, "SELECT count(*) FROM message WHERE sealed_letter IS NOT NULL AND length(sealed_letter) > 100"); n != 1 {
			t.Fatalf("%d letters lie there", n)
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "Ingen svarte."); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Set(portaltest.Start.AddDate(dsr.DefaultKeep().CaseYears, 2, 0))
		if err := d.PurgeOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, one := range []string{which, casework.ReceiptLetter, casework.AnswerLetter} {
			if _, _, err := d.SentLetter(t.Context(), d.officer, r.PublicID, one); !errors.Is(err, store.ErrShredded) {
				t.Errorf("%s after the purge: %v", one, err)
			}
			if _, _, err := d.Letter(t.Context(), d.index(kari), r.PublicID, one); err == nil {
				t.Errorf("%s is still given to the person", one)
			}
		}
	})
}

// What an office might ask of the program that the rules do not allow: each is refused, says why in three languages, and
// leaves the case as it was.
func TestBadInputIsRefusedWithTheRule(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		r := d.file(t, dsr.Access)
		id := r.PublicID
		refused := func(name string, err, want error, says string) {
			t.Helper()
			f := fault.From(err)
			if !errors.Is(err, want) || !f.Text.Complete() || !strings.Contains(f.Text.NB, says) {
				t.Errorf("%s: %v (%s)", name, err, f.Text.NB)
			}
		}
		before := d.read(t, id)
		refused("a pause without reason", d.Question(ctx, d.officer, id, "identity", "Hvem er du?", " ", false), casework.ErrPauseReason, "Uten en grunn stanser ikke fristen")
		refused("a clarification without reason", d.Question(ctx, d.officer, id, "clarification", "Hva?", "", true), casework.ErrPauseReason, "Uten en grunn stanser ikke fristen")
		refused("a refusal without provision", d.Refuse(ctx, d.officer, id, "", "Vi vil ikke."), casework.ErrNoProvision, "en bestemmelse i loven")
		refused("a refusal of no known provision", d.Refuse(ctx, d.officer, id, "bad_mood", "Vi vil ikke."), casework.ErrNoProvision, "en bestemmelse i loven")
		refused("a refusal without reasons", d.Refuse(ctx, d.officer, id, "not_identifiable", " "), casework.ErrRefusalReason, "krav på en begrunnelse")
		refused("an extension without reasons", d.Extend(ctx, d.officer, id, 1, []string{"volume"}, ""), casework.ErrExtensionReason, "med en konkret grunn")
		refused("an extension without grounds", d.Extend(ctx, d.officer, id, 1, nil, "x"), casework.ErrUnknownGround, "Velg en grunn")
		refused("three further months", d.Extend(ctx, d.officer, id, 3, []string{"volume"}, "x"), dsr.ErrExtensionMonths, "én eller to måneder")
		if after := d.read(t, id); len(after.Events) != len(before.Events) || after.P.State != before.P.State {
			t.Errorf("what was refused left a trace: %d events, %s", len(after.Events), after.P.State)
		}

		if err := d.Extend(ctx, d.officer, id, 1, []string{"volume"}, "Arkivet fra 2019 leses for hånd"); err != nil {
			t.Fatal(err)
		}
		refused("a second extension", d.Extend(ctx, d.officer, id, 1, []string{"volume"}, "igjen"), dsr.ErrSecondExtension, "bare én forlengelse")
		late := filing(dsr.Erasure)
		late.Proof = strings.Repeat("b", 32)
		second, err := d.File(ctx, late)
		if err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Set(second.P.Deadline.Due.AddDays(1).Start(time.UTC).Add(9 * time.Hour))
		refused("an extension after the month", d.Extend(ctx, d.officer, second.PublicID, 1, []string{"volume"}, "for sent"), casework.ErrExtendLate, "før den første fristen er ute")

		if err := d.Refuse(ctx, d.officer, id, "not_identifiable", "Ingen svarte."); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Set(d.b.Clock.Now().AddDate(dsr.DefaultKeep().CaseYears, 2, 0))
		if err := d.PurgeOld(ctx); err != nil {
			t.Fatal(err)
		}
		refused("a message after purge", d.Message(ctx, d.officer, id, "Hei", false, ""), store.ErrShredded, "slettet")
		refused("a reply after purge", d.Reply(ctx, d.officer, id, "Hun ringte", d.b.Clock.Now(), true), store.ErrShredded, "slettet")
		if _, err := d.Write(ctx, d.index(kari), id, "Hei", nil, ""); !errors.Is(err, store.ErrNoRequest) {
			t.Errorf("the person writes after the purge: %v", err)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM message WHERE request_id = $1 AND author = 'person'", r.ID); n != 0 {
			t.Errorf("%d messages were kept after the purge", n)
		}
	})
}
