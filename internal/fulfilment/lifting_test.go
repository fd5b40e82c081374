package fulfilment_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// week is past the time that the person is given to object to a lifting.
const week = 9 * 24 * time.Hour

// lifted tells whether nothing is restricted any more, in the portal and in the shop.
func (o *office) lifted(id string) bool {
	o.t.Helper()
	return len(o.restrictions(id)) == 0 && o.marked("webshop", "customers") == 0
}

// However a case ends in which disputed data were restricted, the person is told before that is lifted:
// also when it is refused, withdrawn or closed for want of a reply.
func TestRES03LiftingBeginsHoweverTheCaseEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*office, string) error{
		"refused": func(o *office, id string) error {
			return o.desk().Refuse(o.t.Context(), o.asker(), id, "accurate", "Navnet er det som står i folkeregisteret.")
		},
		"withdrawn": func(o *office, id string) error {
			return o.desk().RecordWithdrawal(o.t.Context(), o.asker(), id, "På telefon")
		},
		"silence": func(o *office, id string) error {
			o.must(o.desk().Question(o.t.Context(), o.asker(), id, "identity", "Hvem er du?", "To med samme navn", false))
			o.b.Clock.Advance(61 * 24 * time.Hour)
			return o.desk().ChaseSilence(o.t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				id := o.disputed()
				o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
				o.work()
				o.must(end(o, id))
				o.work()
				r := o.request(id)
				if dsr.Open(r.P.State) || r.P.LiftAt.IsZero() || o.posted(mail.RestrictionLifting, id) != 1 || !o.says(id, "oppheves tidligst") {
					t.Fatalf("%s: the person was not told: lift at %v", r.P.State, r.P.LiftAt)
				}
				b.Clock.Advance(6 * 24 * time.Hour)
				o.work()
				if o.marked("webshop", "customers") != 1 {
					t.Fatal("lifted before the time that the person was given")
				}
				b.Clock.Advance(3 * 24 * time.Hour)
				o.work()
				if !o.lifted(id) {
					t.Error("not lifted")
				}
			})
		})
	}
}

// A reply that opens a silent case again calls its lifting off: what is in dispute stays restricted.
func TestRES03ReopenedCaseKeepsWhatIsInDispute(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.must(o.desk().Question(t.Context(), o.asker(), id, "identity", "Hvem er du?", "To med samme navn", false))
		b.Clock.Advance(61 * 24 * time.Hour)
		o.must(o.desk().ChaseSilence(t.Context()))
		o.work()
		if o.request(id).P.LiftAt.IsZero() {
			t.Fatal("the person was not told")
		}
		b.Clock.Advance(2 * 24 * time.Hour)
		o.must(o.desk().Reply(t.Context(), o.asker(), id, "Det er meg.", b.Clock.Now(), true))
		if r := o.request(id); !dsr.Open(r.P.State) || !r.P.LiftAt.IsZero() || !o.says(id, "blir ikke opphevet") {
			t.Fatalf("%s, and the lifting is still to come at %v", r.P.State, r.P.LiftAt)
		}
		b.Clock.Advance(week)
		o.work()
		if o.marked("webshop", "customers") != 1 || len(o.restrictions(id)) != 1 {
			t.Error("lifted while it is in dispute")
		}
	})
}

// Nobody is told by a mail that cannot reach them: the office is asked to send a letter.
func TestRES03OfficeTellsWhomNoMailReaches(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		if _, err := b.SQL(t).ExecContext(t.Context(), "UPDATE identifier SET certainty = 'candidate'"); err != nil {
			t.Fatal(err)
		}
		before := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_office' AND object LIKE '"+string(mail.StaffMarks)+"%'")
		o.must(o.desk().RecordWithdrawal(t.Context(), o.asker(), id, "På telefon"))
		o.work()
		if r := o.request(id); !r.P.LiftAt.IsZero() || len(o.restrictions(id)) != 1 {
			t.Fatalf("lifted in silence at %v", r.P.LiftAt)
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_office' AND object LIKE '"+string(mail.StaffMarks)+"%'"); n != before+1 {
			t.Errorf("the office was told %d times", n-before)
		}
	})
}

// A notice is of what was restricted when it was given. What is restricted after it is not lifted with
// it, but after a notice of its own.
func TestRES03OnlyWhatThePersonWasToldOfIsLifted(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		later := o.alsoRestricted(id)
		o.work()
		if o.marked("webshop", "customers") != 2 {
			t.Fatalf("%d marked", o.marked("webshop", "customers"))
		}
		b.Clock.Advance(week)
		o.work()
		if list := o.restrictions(id); len(list) != 1 || list[0].ID != later || o.marked("webshop", "customers") != 1 {
			t.Fatalf("lifted without a notice: %+v, %d marked", list, o.marked("webshop", "customers"))
		}
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket det andre òg", false))
		b.Clock.Advance(week)
		o.work()
		if !o.lifted(id) {
			t.Error("the second notice lifts nothing")
		}
	})
}

// What was restricted after a notice is told of when the case has ended.
func TestRES03WhatWasAddedGetsItsOwnNotice(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		o.alsoRestricted(id)
		o.work()
		o.must(o.desk().RecordWithdrawal(t.Context(), o.asker(), id, "På telefon"))
		b.Clock.Advance(week)
		o.work()
		if len(o.restrictions(id)) != 1 || o.request(id).P.LiftAt.IsZero() || o.posted(mail.RestrictionLifting, id) != 2 {
			t.Fatalf("%d are left, to be lifted at %v", len(o.restrictions(id)), o.request(id).P.LiftAt)
		}
		b.Clock.Advance(week)
		o.work()
		if !o.lifted(id) {
			t.Error("not lifted")
		}
	})
}

// alsoRestricted restricts one more customer's row for a case, as a search after the first one would
// find it, and gives the restriction's id.
func (o *office) alsoRestricted(id string) int64 {
	o.t.Helper()
	known := map[int64]bool{}
	for _, x := range o.restrictions(id) {
		known[x.ID] = true
	}
	first := o.restrictions(id)[0]
	var other int64
	db := o.sql("webshop")
	o.must(db.QueryRow("SELECT max(id) FROM customers WHERE lower(email) <> lower(?)", demo.MostData.Email).Scan(&other))
	key := []engine.KeyPart{{Column: "id", Value: source.IntOf(other)}}
	first.Key = keyring.NewPrivate(fmt.Sprintf(`[["id",%q]]`, key[0].Value.Typed()))
	first.State = store.RestrictionWaiting
	o.tx(func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		row := store.NewRestriction{Restriction: first, Row: o.b.Store.RestrictedRow(first.Source, first.Dataset, first.Collection, key)}
		if _, err := tx.Restrict(r, []store.NewRestriction{row}); err != nil {
			return err
		}
		return tx.Enqueue(job.Spec{Kind: fulfilment.JobMark, Object: id})
	})
	for _, x := range o.restrictions(id) {
		if !known[x.ID] {
			return x.ID
		}
	}
	o.t.Fatal("nothing more was restricted")
	return 0
}

// A mark that is being set while the lifting runs does not outlive it.
func TestRES03MarkBeingSetDoesNotOutliveTheLifting(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		b.Clock.Advance(week)
		// The mark is planned; before it is written, the time of the lifting comes.
		o.between(fulfilment.JobMark, id, func() { _ = o.run(fulfilment.JobLift, id) })
		for range 3 {
			b.Clock.Advance(5 * time.Minute)
			o.work()
		}
		if !o.lifted(id) {
			t.Errorf("%d restricted, %d marked", len(o.restrictions(id)), o.marked("webshop", "customers"))
		}
	})
}

// Two cases restrict one row. While the mark is taken away for one, it is set for the other: the row
// stays marked until the other is lifted as well.
func TestRES03RowStaysMarkedWhileAnyCaseHoldsIt(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		one, two := o.disputed(), o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, one))
		o.work()
		o.must(o.works.BeginLifting(t.Context(), o.first, one, "Vi har sjekket", false))
		b.Clock.Advance(week)
		o.between(fulfilment.JobLift, one, func() {
			o.must(o.works.RestrictMeanwhile(t.Context(), o.first, two))
			_ = o.run(fulfilment.JobMark, two)
		})
		for range 3 {
			b.Clock.Advance(5 * time.Minute)
			o.work()
		}
		list := o.restrictions(two)
		if len(o.restrictions(one)) != 0 || len(list) != 1 || list[0].State != store.RestrictionMarked || o.marked("webshop", "customers") != 1 {
			t.Fatalf("%d and %+v restricted, %d marked", len(o.restrictions(one)), list, o.marked("webshop", "customers"))
		}
		o.must(o.works.BeginLifting(t.Context(), o.first, two, "Vi har sjekket", false))
		b.Clock.Advance(week)
		o.work()
		if !o.lifted(two) {
			t.Error("not lifted")
		}
	})
}

// Two cases that end at once take the mark away together, not each leaving it to the other.
func TestRES03CasesThatEndTogetherLeaveNoMark(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		one, two := o.disputed(), o.disputed()
		for _, id := range []string{one, two} {
			o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		}
		o.work()
		for _, id := range []string{one, two} {
			o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		}
		b.Clock.Advance(week)
		var wg sync.WaitGroup
		for _, id := range []string{one, two} {
			wg.Go(func() { _ = o.run(fulfilment.JobLift, id) })
		}
		wg.Wait()
		for range 3 {
			b.Clock.Advance(5 * time.Minute)
			o.work()
		}
		if !o.lifted(one) || !o.lifted(two) {
			t.Errorf("%d and %d restricted, %d marked", len(o.restrictions(one)), len(o.restrictions(two)), o.marked("webshop", "customers"))
		}
	})
}

// Many cases restrict, keep and lift the same row at once, with several workers. In the end the row
// bears the mark if and only if some case restricts it.
func TestRES03ManyAtOnceAgreeOnTheMark(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		ids := make([]string, 4)
		for i := range ids {
			ids[i] = o.disputed()
		}
		for round := range 3 {
			var wg sync.WaitGroup
			for i, id := range ids {
				wg.Go(func() {
					_ = o.works.RestrictMeanwhile(t.Context(), o.first, id)
					if (i+round)%2 == 0 {
						_ = o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false)
					}
					if (i+round)%3 == 0 {
						_ = o.works.KeepRestricted(t.Context(), o.first, id)
					}
				})
			}
			wg.Wait()
			b.Clock.Advance(week)
			for range 3 {
				for range 3 {
					wg.Go(o.work)
				}
				wg.Wait()
				b.Clock.Advance(5 * time.Minute)
			}
			held := 0
			for _, id := range ids {
				for _, x := range o.restrictions(id) {
					held++
					if x.State != store.RestrictionMarked {
						t.Errorf("round %d: %+v", round, x)
					}
				}
			}
			if marked := o.marked("webshop", "customers"); (marked == 1) != (held > 0) || marked > 1 {
				t.Fatalf("round %d: %d cases hold the row, %d marked", round, held, marked)
			}
		}
		for _, id := range ids {
			if len(o.restrictions(id)) > 0 {
				o.must(o.works.BeginLifting(t.Context(), o.first, id, "Ferdig", false))
			}
		}
		b.Clock.Advance(week)
		for range 3 {
			o.work()
			b.Clock.Advance(5 * time.Minute)
		}
		if o.marked("webshop", "customers") != 0 {
			t.Error("a mark is left that nobody holds")
		}
	})
}

// between runs a job of a case, and something else at the moment when it has planned what to write and
// has written nothing yet.
func (o *office) between(kind, id string, then func()) {
	o.t.Helper()
	var once sync.Once
	var done atomic.Bool
	open := o.works.Open
	o.works.Open = func(ctx context.Context, j job.Job) (*fulfilment.Connections, error) {
		if j.Kind == kind && j.Object == id {
			once.Do(func() { o.works.Open = open; then(); done.Store(true) })
		}
		return o.open(ctx, j)
	}
	_ = o.run(kind, id)
	if o.works.Open = open; !done.Load() {
		o.t.Fatalf("the job %s has written nothing", kind)
	}
}

// run has a worker of its own take up a job of a case.
func (o *office) run(kind, id string) error {
	return o.works.Work()[kind].Handle(o.t.Context(), job.Job{Kind: kind, Object: id})
}
