package casework_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/letter"
)

// An answer that was wrong is corrected by a letter beside it: what was wrong, what is right and why, with the way to complain.
// The answer itself stays, the mail says nothing of it, and a copy made anew comes in a case that came in when the first did.
func TestREF01AnAnswerIsCorrectedBesideIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ctx := t.Context()
		r := d.file(t, dsr.Access)
		id := r.PublicID
		in := casework.AnswerCorrection{Wrong: "Kundeklubben var ikke med.", Right: "Vi har deg i kundeklubben også.", Reason: "Systemet var ikke koblet til."}
		if _, err := d.CorrectAnswer(ctx, d.officer, id, in, ""); !errors.Is(err, casework.ErrNotAnswered) {
			t.Errorf("while the case is open: %v", err)
		}
		if err := d.Refuse(ctx, d.officer, id, "not_identifiable", "Navnet passer på mange."); err != nil {
			t.Fatal(err)
		}
		before := d.read(t, id)
		for _, c := range []struct {
			change func(*casework.AnswerCorrection)
			want   error
		}{
			{func(c *casework.AnswerCorrection) { c.Wrong = " " }, casework.ErrWhatWrong},
			{func(c *casework.AnswerCorrection) { c.Right = "" }, casework.ErrWhatRight},
			{func(c *casework.AnswerCorrection) { c.Reason = "" }, casework.ErrReason},
		} {
			bad := in
			c.change(&bad)
			if _, err := d.CorrectAnswer(ctx, d.officer, id, bad, ""); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		}
		in.Again = true
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := d.CorrectAnswer(ctx, d.officer, id, in, "the-same-call"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()

		after := d.read(t, id)
		if after.P.State != dsr.Answered || string(after.Answer) != string(before.Answer) || after.P.Outcome != before.P.Outcome || after.P.AnsweredAt != before.P.AnsweredAt {
			t.Error("the answer itself was changed")
		}
		m := d.newestLetter(t, id)
		said := m.Letter.Letter().Text()
		v, err := d.Own(ctx, d.index(kari), id, "nb")
		if err != nil {
			t.Fatal(err)
		}
		letters := 0
		for _, message := range v.Messages {
			if message.Letter != nil && message.Letter.Kind == letter.AnswerCorrection {
				letters++
			}
		}
		if letters != 1 || m.Letter.Kind != letter.AnswerCorrection {
			t.Fatalf("%d corrections, the last letter is %s", letters, m.Letter.Kind)
		}
		own, err := d.Mine(ctx, d.index(kari), "nb")
		if err != nil {
			t.Fatal(err)
		}
		if len(own) != 2 {
			t.Fatalf("%d cases", len(own))
		}
		other := own[0].Request
		if other.PublicID == id {
			other = own[1].Request
		}
		anew := d.read(t, other.PublicID)
		if !anew.P.Verified || anew.P.Deadline.Received != after.P.Deadline.Received || anew.P.Deadline.Due != after.P.Deadline.Due || anew.Right != dsr.Access || anew.Linked != after.Linked {
			t.Errorf("the new case: verified %v, received %s, due %s", anew.P.Verified, anew.P.Deadline.Received, anew.P.Deadline.Due)
		}
		for _, want := range []string{"Kundeklubben var ikke med.", "kundeklubben også", "ikke koblet til", string(anew.Reference), "klage til Datatilsynet", "domstolene"} {
			if !strings.Contains(said, want) {
				t.Errorf("the letter lacks %q: %s", want, said)
			}
		}
		if _, body, err := d.Letter(ctx, d.index(kari), id, m.PublicID); err != nil || !strings.Contains(plainPDF(t, body), "Kundeklubben") {
			t.Errorf("the letter as a file: %v", err)
		}
		d.post(t)
		mails := d.b.Letters.To(kari)
		if last := mails[len(mails)-1]; !strings.Contains(last.Subject, string(r.Reference)) || strings.Contains(last.Text, "kundeklubb") {
			t.Errorf("the mail: %s %s", last.Subject, last.Text)
		}

		// After so long the mailbox may be somebody else's: nothing is mailed there, no case is opened by it.
		d.b.Clock.Advance(dsr.KeepAnswered + 24*time.Hour)
		if _, err := d.CorrectAnswer(ctx, d.officer, id, in, ""); !errors.Is(err, casework.ErrAnswerLong) {
			t.Errorf("a new case long after: %v", err)
		}
		in.Again = false
		if _, err := d.CorrectAnswer(ctx, d.officer, id, in, ""); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		if later := d.b.Letters.To(kari); len(later) != len(mails) {
			t.Errorf("%d mails to an old mailbox", len(later)-len(mails))
		}
	})
}
