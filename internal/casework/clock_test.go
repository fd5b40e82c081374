package casework_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// TestCLK01DeadlineWarnings: one mail for each step that is reached, however often it is looked.
func TestCLK01DeadlineWarnings(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.post(t)
		warned := func() int { return len(d.b.Letters.To(standIn)) - 1 }
		for _, c := range []struct {
			day  string
			want int
		}{
			{"2026-06-16", 0}, {"2026-06-17", 1}, {"2026-06-20", 1}, {"2026-06-24", 2}, {"2026-06-28", 2}, {"2026-06-29", 3}, {"2026-07-01", 3},
			{"2026-07-02", 4}, {"2026-07-10", 4},
		} {
			at, err := time.Parse(time.DateOnly, c.day)
			if err != nil {
				t.Fatal(err)
			}
			d.b.Clock.Set(at.Add(9 * time.Hour))
			for range 2 {
				if err := d.WarnOfDeadlines(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			d.post(t)
			if warned() != c.want {
				t.Errorf("%s: %d warnings, want %d", c.day, warned(), c.want)
			}
		}
		if m := d.b.Letters.Last(t, standIn); !strings.Contains(m.Text, string(r.Reference)) || !strings.Contains(m.Text, "1. juli 2026") {
			t.Error(m.Text)
		}
		// A case that comes late to the clock gets the step that it has reached, and no older one.
		d.b.Clock.Set(time.Date(2026, 7, 10, 9, 0, 0, 0, time.UTC))
		n := registration()
		n.ReceivedAt = time.Date(2026, 6, 15, 9, 0, 0, 0, time.UTC) // due on 15 July
		late, err := d.Register(t.Context(), d.officer, n)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.WarnOfDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, late[0].PublicID); got.Warned != "2026-07-15:7" {
			t.Errorf("warned %q", got.Warned)
		}
		// An answered case is warned of no more; a paused one by the limit that holds without the pause.
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"); err != nil {
			t.Fatal(err)
		}
		paused := d.file(t, dsr.Access)
		if err := d.Question(t.Context(), d.officer, paused.PublicID, "identity", "Hvem?", "Tvil", false); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Advance(60 * 24 * time.Hour)
		if err := d.WarnOfDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		if a, b := d.read(t, r.PublicID), d.read(t, paused.PublicID); strings.Count(a.Warned, ":") != 4 || b.Warned != "2026-08-10:-1" {
			t.Errorf("warned %q and %q", a.Warned, b.Warned)
		}
	})
}

// TestOneBadCaseKeepsNoOther: a case that cannot be read is reported, and the others get their warning
// and their end.
func TestOneBadCaseKeepsNoOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		bad, good := d.file(t, dsr.Access), d.file(t, dsr.Access)
		db := d.b.SQL(t)
		spoil := func(statement string) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), statement, bad.ID); err != nil {
				t.Fatal(err)
			}
		}
		spoil("UPDATE request SET sealed_address = sealed_detail WHERE id = $1")
		d.b.Clock.Set(time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC))
		if err := d.WarnOfDeadlines(t.Context()); err == nil {
			t.Error("the case that failed is not reported")
		}
		if got := d.read(t, good.PublicID); got.Warned == "" {
			t.Error("the good case is not warned of")
		}
		if err := d.Refuse(t.Context(), d.officer, good.PublicID, "not_identifiable", "x"); err != nil {
			t.Fatal(err)
		}
		spoil("UPDATE request SET state = 'withdrawn', closed_at = 1 WHERE id = $1")
		d.b.Clock.Advance(20 * 365 * 24 * time.Hour)
		if err := d.PurgeOld(t.Context()); err == nil {
			t.Error("the case that was not purged is not reported")
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request WHERE id = $1 AND state = 'purged'", good.ID); n != 1 {
			t.Error("the good case was not purged")
		}
	})
}

// TestNewDueDateWarnsAnew: an extension begins the steps again.
func TestNewDueDateWarnsAnew(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		d.b.Clock.Set(time.Date(2026, 6, 30, 9, 0, 0, 0, time.UTC))
		if err := d.WarnOfDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Extend(t.Context(), d.officer, r.PublicID, 1, []string{"volume"}, "x"); err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Set(time.Date(2026, 7, 30, 9, 0, 0, 0, time.UTC)) // due on 3 August
		if err := d.WarnOfDeadlines(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, r.PublicID); got.Warned != "2026-07-01:2,2026-07-01:-1,2026-08-03:7" { // in between, the day for refusing has passed
			t.Errorf("warned %q", got.Warned)
		}
	})
}

// TestRET01Purge: three years after its end a case opens nowhere, and the proof still stands.
func TestRET01Purge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Name, n.Text, n.Method, n.MethodNote, n.ReceivedText = "Kanarifugl", "hemmelig tekst", "known_facts", "hemmelig note", "3. juni, Kanarifugl ringte"
		n.CustomerNumber = "K-4711"
		cases, err := d.Register(t.Context(), d.officer, n)
		if err != nil {
			t.Fatal(err)
		}
		r := cases[0]
		open := d.file(t, dsr.Access)
		if err := d.Message(t.Context(), d.officer, r.PublicID, "hemmelig melding", false, "key"); err != nil {
			t.Fatal(err)
		}
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "hemmelig grunn"); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		if _, err := d.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		work := map[string]job.Work{casework.JobPurge: d.Work()[casework.JobPurge]}
		purge := func() {
			if err := d.b.Store.Queue().Enqueue(t.Context(), job.Spec{Kind: casework.JobPurge}); err != nil {
				t.Fatal(err)
			}
			d.b.RunJobs(t, work)
		}
		d.b.Clock.Set(time.Date(2029, 6, 1, 8, 0, 0, 0, time.UTC)) // three years to the instant
		purge()
		if got := d.read(t, r.PublicID); got.P.State != dsr.Answered || got.Shredded() {
			t.Fatalf("a moment early: %s", got.P.State)
		}
		d.b.Clock.Advance(time.Microsecond)
		purge()
		got := d.read(t, r.PublicID)
		if got.P.State != dsr.Purged || !got.Shredded() || !got.Name.IsZero() || got.Detail.Text != "" || got.Answer != nil || got.AddressIndex != nil {
			t.Errorf("%+v", got)
		}
		for _, e := range got.Events {
			if e.Note != "" {
				t.Errorf("a note opens: %q", e.Note)
			}
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, true)
		if err != nil || len(v.Messages)+len(v.Identifiers) != 0 || v.Answer != nil {
			t.Errorf("the office sees %d messages, %d identifiers, %v", len(v.Messages), len(v.Identifiers), err)
		}
		for _, query := range []string{"kanarifugl", kari, "K-4711"} {
			page, err := d.Inbox(t.Context(), d.officer, store.Filter{View: store.ViewDone, Query: query, Limit: 5}, locale.NB)
			if err != nil || len(page.Cases) != 0 {
				t.Errorf("%q finds %d, %v", query, len(page.Cases), err)
			}
		}
		if err := d.Message(t.Context(), d.officer, r.PublicID, "hei", false, ""); !errors.Is(err, store.ErrShredded) {
			t.Errorf("a message to nobody: %v", err)
		}
		dump := d.b.Dump(t, "request", "event", "message", "identifier", "request_word", "audit_leaf", "data_key", "job", "idempotency")
		for _, canary := range []string{"anarifugl", "hemmelig", "K-4711"} {
			if strings.Contains(dump, canary) {
				t.Errorf("%q lies in the database", canary)
			}
		}
		if n := d.b.Count(t, "SELECT count(*) FROM request_word WHERE request_id = $1", r.ID) + d.b.Count(t, "SELECT count(*) FROM identifier WHERE request_id = $1", r.ID); n != 0 {
			t.Errorf("%d indexes are left", n)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM job WHERE state = 'done' AND kind LIKE 'mail%'") + d.b.Count(t, "SELECT count(*) FROM idempotency"); n != 0 {
			t.Errorf("%d old jobs and keys are left", n)
		}
		if other := d.read(t, open.PublicID); other.Shredded() || other.P.State != dsr.Received {
			t.Error("an open case was purged")
		}
		if err := d.b.Store.Read(t.Context(), func(tx *store.Tx) error {
			wrong, err := tx.CheckProjection(r.PublicID)
			if len(wrong) != 0 {
				t.Errorf("differs in %v", wrong)
			}
			if _, err := tx.Receipt(r.ID, r.PublicID, "received"); err != nil {
				t.Errorf("the receipt died with the case: %v", err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}
