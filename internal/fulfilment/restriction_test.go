package fulfilment_test

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// marked counts the rows of a table that bear the mark.
func (o *office) marked(source, table string) int {
	o.t.Helper()
	db := o.sql(source)
	defer db.Close()
	var n int
	o.must(db.QueryRow("SELECT count(*) FROM " + table + " WHERE restricted").Scan(&n))
	return n
}

func (o *office) restrictions(id string) []store.Restriction {
	o.t.Helper()
	var list []store.Restriction
	o.tx(func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		list, err = tx.Restrictions(r)
		return err
	})
	return list
}

// disputed is a case in which a person says that the name in the shop's customer register is wrong.
func (o *office) disputed() string {
	o.t.Helper()
	mine, err := o.works.MyFields(o.t.Context(), keyring.NewPrivate(demo.MostData.Email), locale.NB)
	o.must(err)
	var wrong store.Correction
	for _, f := range mine.Fields {
		if f.Label == "Etternavn" {
			wrong, err = o.works.OpenRef(f.Ref, o.b.Store.AddressIndex(demo.MostData.Email))
			o.must(err)
		}
	}
	wrong.New = "Nordmann-Test"
	id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{wrong}})
	o.work()
	return id
}

// What an erasure decides to be only stored is marked in the system, and known to the portal.
func TestRES01WhatIsRestrictedIsMarked(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		list := o.restrictions(id)
		n := counted(o.answer(id), "restricted")
		given, agreed := o.marked("office", "disclosures"), o.marked("webshop", "cookie_consents")
		if len(list) != n || given == 0 || agreed == 0 || given+agreed != n {
			t.Fatalf("%d told, %d known, %d and %d marked", n, len(list), given, agreed)
		}
		for _, x := range list {
			if x.State != store.RestrictionMarked || x.Activity == "" || x.Ground == "" || strings.Contains(fmt.Sprint(x), "party") {
				t.Errorf("%+v", x)
			}
		}
	})
}

// While something is disputed it is restricted at a member's word; when it is answered the person is
// told that this ends, and has a week. Before that nothing is lifted, however often it is tried.
func TestREC05RES03DisputedIsRestrictedAndLiftedAfterTheNotice(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.state(id, dsr.Review)
		if o.marked("webshop", "customers") != 0 {
			t.Fatal("marked before anybody said so")
		}
		// Many at once restrict once.
		var wg sync.WaitGroup
		if v := o.view(id).Restriction; v == nil || !v.Restrict || v.Lift || len(v.Places) != 0 {
			t.Errorf("not offered: %+v", v)
		}
		for range 8 {
			wg.Go(func() { _ = o.works.RestrictMeanwhile(t.Context(), o.first, id) })
		}
		wg.Wait()
		o.work()
		if list := o.restrictions(id); len(list) != 1 || list[0].State != store.RestrictionMarked || list[0].Ground != "18(1)(a)" || o.marked("webshop", "customers") != 1 {
			t.Fatalf("%+v, %d marked", list, o.marked("webshop", "customers"))
		}
		if v := o.view(id).Restriction; v == nil || v.Restrict || !v.Lift || v.Mark || len(v.Places) != 1 || v.Places[0].Rows != 1 {
			t.Errorf("not shown: %+v", v)
		}
		told := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventRestricted {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%d events of restriction", told)
		}

		// A lifting that nobody was told of writes nothing.
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			o.is(tx.Act(r, dsr.Event{Kind: dsr.EventLifted, Actor: dsr.Actor{Kind: dsr.System}}, store.Change{}), dsr.ErrLiftUntold)
			return nil
		})

		// The mark that stands in the row since does not stand in the way of the correction.
		o.settle(id, "set")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		r := o.request(id)
		if r.P.LiftAt.IsZero() || o.posted(mail.RestrictionLifting, id) != 1 || !o.says(id, "oppheves tidligst") {
			t.Fatalf("the person was not told: lift at %v", r.P.LiftAt)
		}
		o.is(o.works.BeginLifting(t.Context(), o.first, id, "Ferdig", false), dsr.ErrLiftingTold)
		if left := r.P.LiftAt.Sub(b.Clock.Now()); left < 7*24*time.Hour {
			t.Errorf("only %v to object", left)
		}
		b.Clock.Advance(6 * 24 * time.Hour)
		o.work()
		if o.marked("webshop", "customers") != 1 || len(o.restrictions(id)) != 1 {
			t.Fatal("lifted before the time that the person was given")
		}
		b.Clock.Advance(2*24*time.Hour + time.Hour)
		for range 4 { // as if several workers had the job
			wg.Go(func() {
				_ = o.works.Work()[fulfilment.JobLift].Handle(t.Context(), job.Job{Kind: fulfilment.JobLift, Object: id})
			})
		}
		wg.Wait()
		o.work()
		if o.marked("webshop", "customers") != 0 || len(o.restrictions(id)) != 0 {
			t.Errorf("not lifted: %d marked, %d known", o.marked("webshop", "customers"), len(o.restrictions(id)))
		}
		lifted := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventLifted {
				lifted++
			}
		}
		if lifted != 1 {
			t.Errorf("lifted %d times", lifted)
		}
	})
}

// A row that is restricted for one case is not changed for another without one of the four uses.
func TestRES02AnotherCaseSeesTheRestriction(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		disputed := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, disputed))
		o.work()
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		found := false
		for _, g := range o.view(id).Groups {
			if !strings.Contains(g.Title, "bare lagret") {
				continue
			}
			found = true
			if !g.NeedsLook || g.Proposal.Action != "review" {
				t.Errorf("nobody has to look: %+v", g)
			}
			o.is(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: g.ID, Action: "erase", Ground: "excessive", Reason: "x"}}), fulfilment.ErrGroundMissing)
			o.must(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: g.ID, Action: "erase", Ground: "consent", Reason: "Ba om det"}}))
		}
		if !found {
			t.Fatal("the restriction is not seen")
		}
		// Access is the person's own wish; what is restricted is shown.
		seeing := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		for _, g := range o.view(seeing).Groups {
			if strings.Contains(g.Title, "bare lagret") {
				t.Errorf("held back from the person: %+v", g)
			}
		}
	})
}

// What was restricted after the search stops a plan that would change it.
func TestRES02RestrictedAfterTheSearch(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		disputed := o.disputed()
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		b.Clock.Advance(time.Second)
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, disputed))
		o.work()
		if s := o.request(id).P.State; s == dsr.Answered || s == dsr.Executing {
			t.Fatalf("carried out over the restriction: %s", s)
		}
		db := o.sql("webshop")
		var name string
		if err := db.QueryRow("SELECT first_name FROM customers WHERE lower(email) = lower(?)", demo.MostData.Email).Scan(&name); err != nil || err == sql.ErrNoRows {
			t.Errorf("the row was touched: %v", err)
		}
	})
}

// Whom no mail can tell is told by a letter first; without words nobody is told anything.
func TestRES03NobodyIsLiftedInSilence(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.is(o.works.BeginLifting(t.Context(), o.first, id, "Ferdig", false), fulfilment.ErrNothingRestricted)
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.is(o.works.BeginLifting(t.Context(), o.first, id, "  ", false), fulfilment.ErrLiftReason)
		var wg sync.WaitGroup
		won := make(chan struct{}, 8)
		for range 8 {
			wg.Go(func() {
				if o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false) == nil {
					won <- struct{}{}
				}
			})
		}
		wg.Wait()
		if len(won) != 1 {
			t.Errorf("%d liftings were begun at once", len(won))
		}
	})
}

// posted tells how many mails of a kind lie in the queue for a case, or have been sent.
func (o *office) posted(kind mail.Kind, id string) int {
	o.t.Helper()
	return o.b.Count(o.t, "SELECT count(*) FROM job WHERE kind = 'mail_person' AND object = '"+string(kind)+":"+id+"'")
}

func (o *office) says(id, words string) bool {
	o.t.Helper()
	found := false
	o.tx(func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		list, err := tx.Messages(r, false)
		for _, m := range list {
			found = found || m.Author == store.FromOffice && strings.Contains(m.Body.Reveal(), words)
		}
		return err
	})
	return found
}

// A request for restriction marks exactly the rows of what it asks for, tells so, and what it marked is
// lifted by a member's word alone, after the notice.
func TestRES01RES03RequestMarksExactlyTheRows(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Restriction, func(f *casework.Filing) { f.Ground, f.Activities = "unlawful", []string{"customers"} })[0].PublicID
		o.work()
		o.relieve(id)
		o.settle(id, "keep")
		before := o.dump()
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		gone, changed := difference(before, o.dump())
		if total(gone) != 0 || total(changed) != 1 || changed["webshop.customers"] != 1 || o.marked("webshop", "customers") != 1 {
			t.Fatalf("gone %v, changed %v, %d marked", gone, changed, o.marked("webshop", "customers"))
		}
		list, marked, places := o.restrictions(id), 0, map[string]bool{}
		for _, x := range list {
			places[x.Source] = places[x.Source] || x.State == store.RestrictionByHand
			if x.State == store.RestrictionMarked {
				marked++
			}
			if x.Ground != "18(1)(b)" || x.Activity != "customers" {
				t.Errorf("%+v", x)
			}
		}
		a := o.answer(id)
		if a.From != "Begrensningen gjelder fra 1. juni 2026." || !strings.Contains(a.Letter().Text(), a.From) {
			t.Errorf("since when: %q", a.From)
		}
		if marked != 1 || counted(a, "restricted") != len(list) {
			t.Errorf("%d marked of %d, told %d", marked, len(list), counted(a, "restricted"))
		}
		byHand := false
		for _, g := range a.Groups {
			byHand = byHand || strings.Contains(g.Text, "for hånd")
		}
		if byHand != (len(list) > 1) {
			t.Errorf("marks by hand are told %v, of %d rows", byHand, len(list))
		}
		for source, open := range places {
			if open {
				o.must(o.works.MarkedByHand(t.Context(), o.first, id, source))
				o.is(o.works.MarkedByHand(t.Context(), o.first, id, source), fulfilment.ErrNothingRestricted)
			}
		}
		if o.posted(mail.RestrictionLifting, id) != 0 || !o.request(id).P.LiftAt.IsZero() {
			t.Fatal("a restriction that was asked for ends by itself")
		}
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har lov til å bruke dem likevel", false))
		if o.posted(mail.RestrictionLifting, id) != 1 {
			t.Error("the person was not told")
		}
		o.work()
		if o.marked("webshop", "customers") != 1 {
			t.Fatal("lifted before the time that the person was given")
		}
		b.Clock.Advance(8*24*time.Hour + time.Hour)
		o.work()
		if o.marked("webshop", "customers") != 0 || len(o.restrictions(id)) != 0 {
			t.Errorf("not lifted: %d marked, %d known", o.marked("webshop", "customers"), len(o.restrictions(id)))
		}
	})
}

// While an objection is weighed the rows are marked at a member's word (Art. 18(1)(d)). What is then
// erased needs no lifting; what is kept is used again after the notice alone.
func TestRES01OBJ01RestrictedWhileItIsWeighed(t *testing.T) {
	t.Parallel()
	for value, kept := range map[string]bool{"compelling": true, "not_compelling": false} {
		t.Run(value, func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) { o := newOffice(t, b); o.weighs(value, kept) })
		})
	}
}

// weighs restricts at once what is objected to, weighs it and looks at what then becomes of the rows.
func (o *office) weighs(value string, kept bool) {
	t, b := o.t, o.b
	t.Helper()

	id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities = []string{"customers"} })[0].PublicID
	o.work()
	if v := o.view(id).Restriction; v == nil || !v.Restrict {
		t.Fatalf("not offered: %+v", v)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { _ = o.works.RestrictMeanwhile(t.Context(), o.first, id) })
	}
	wg.Wait()
	o.work()
	list := o.restrictions(id)
	if len(list) == 0 || o.marked("webshop", "customers") != 1 {
		t.Fatalf("%d rows known, %d marked", len(list), o.marked("webshop", "customers"))
	}
	for _, x := range list {
		if x.Ground != "18(1)(d)" || x.Activity != "customers" {
			t.Errorf("%+v", x)
		}
	}
	o.relieve(id)
	o.must(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{{Activity: "customers", Kind: fulfilment.FactWeighing, Value: value, Reason: "Slik veier det."}}))
	o.work()
	o.settle(id, "keep")
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
	open := o.restrictions(id)
	if told := o.posted(mail.RestrictionLifting, id) == 1; told != (len(open) > 0) || kept && len(open) != len(list) || !kept && len(open) == len(list) {
		t.Errorf("%d of %d are still restricted, told %v", len(open), len(list), told)
	}
	b.Clock.Advance(9 * 24 * time.Hour)
	o.work()
	if len(o.restrictions(id)) != 0 || kept && o.marked("webshop", "customers") != 0 {
		t.Errorf("%d still restricted, %d marked", len(o.restrictions(id)), o.marked("webshop", "customers"))
	}
}

// A wish that disputed data are not used meanwhile is owed at once, before anything is approved.
func TestREC05WishIsOwedAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		for wish, want := range map[bool]int{true: 1, false: 0} {
			r := o.ask(dsr.Rectification, func(f *casework.Filing) { f.Text, f.Meanwhile = "Etternavnet er feil", wish })[0]
			if p := o.request(r.PublicID).P; len(p.Duties) != want || p.Urgent() != wish {
				t.Errorf("wish %v: owed %v", wish, p.Duties)
			}
		}
		_, err := o.desk().File(t.Context(), casework.Filing{Address: keyring.NewPrivate(demo.MostData.Email), ProvedAt: b.Clock.Now(), Proof: strings.Repeat("a", 32), Right: string(dsr.Access), Locale: locale.NB, Meanwhile: true})
		o.is(err, casework.ErrUnfitDetail)
	})
}

// Whom the lifting is to be told stands in the case, so it is kept until nothing is restricted for it.
func TestRES03CaseIsKeptWhileSomethingIsRestricted(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.ask(dsr.Restriction, func(f *casework.Filing) { f.Ground, f.Activities = "claims", []string{"customers"} })[0].PublicID
		o.work()
		o.relieve(id)
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		b.Clock.Set(portaltest.Start.AddDate(dsr.DefaultKeep().CaseYears, 1, 0))
		o.must(o.desk().PurgeOld(t.Context()))
		if o.request(id).Shredded() {
			t.Fatal("nobody can be told any more that the restriction ends")
		}
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Tvisten er over", true))
		b.Clock.Advance(9 * 24 * time.Hour)
		o.work()
		o.must(o.desk().PurgeOld(t.Context()))
		if !o.request(id).Shredded() || len(o.restrictions(id)) != 0 {
			t.Error("the case outlives its restriction")
		}
	})
}

// A person who objects in time is heard: the lifting is stopped, they are told, and it can be begun anew.
func TestRES03LiftingIsStopped(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.is(o.works.KeepRestricted(t.Context(), o.first, id), dsr.ErrNotLifting)
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		if v := o.view(id).Restriction; v == nil || !v.Keep || v.Lift {
			t.Errorf("not offered: %+v", v)
		}
		var wg sync.WaitGroup
		stopped := make(chan struct{}, 6)
		for range 6 {
			wg.Go(func() {
				if o.works.KeepRestricted(t.Context(), o.first, id) == nil {
					stopped <- struct{}{}
				}
			})
		}
		wg.Wait()
		if len(stopped) != 1 || !o.says(id, "ikke opphevet likevel") || o.posted(mail.NewMessage, id) != 1 {
			t.Errorf("stopped %d times, %d mails", len(stopped), o.posted(mail.NewMessage, id))
		}
		b.Clock.Advance(30 * 24 * time.Hour)
		o.work()
		if o.marked("webshop", "customers") != 1 || len(o.restrictions(id)) != 1 {
			t.Fatal("lifted after it was stopped")
		}
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Nå er det sjekket", false))
		b.Clock.Advance(9 * 24 * time.Hour)
		o.work()
		if o.marked("webshop", "customers") != 0 || len(o.restrictions(id)) != 0 {
			t.Error("a lifting that was begun anew does not come")
		}
	})
}

// notes counts the notes in a case that say some words.
func (o *office) notes(id, words string) int {
	o.t.Helper()
	n := 0
	o.tx(func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		list, err := tx.Messages(r, true)
		for _, m := range list {
			if m.Author == store.FromNote && strings.Contains(m.Body.Reveal(), words) {
				n++
			}
		}
		return err
	})
	return n
}

// A lifting that gives up is not the end of it: the office is told once, the row is marked again for as long
// as it is restricted, and the portal tries anew a day later, however often it gave up.
func TestRES03LiftingThatGaveUpIsTriedAgain(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		b.GaveUp = o.works.GaveUp
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
		open := o.works.Open
		o.works.Open = func(ctx context.Context, j job.Job) (*fulfilment.Connections, error) {
			o.breaks("webshop", j.Kind == fulfilment.JobLift)
			return open(ctx, j)
		}
		b.Clock.Advance(week)
		gaveUp := func() int {
			return b.Count(t, "SELECT count(*) FROM job WHERE kind = 'lift' AND state = 'needs_human'")
		}
		for round := 1; round <= 2; round++ {
			for range 20 {
				if gaveUp() == round {
					break
				}
				o.work()
				b.Clock.Advance(3 * time.Hour)
			}
			o.work()
			list := o.restrictions(id)
			if gaveUp() != round || len(list) != 1 || list[0].State != store.RestrictionMarked {
				t.Fatalf("round %d: gave up %d times, %+v", round, gaveUp(), list)
			}
			if n, mailed := o.notes(id, "fikk ikke merket"), b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_office' AND object LIKE '"+string(mail.StaffMarks)+"%'"); n != 1 || mailed != 1 {
				t.Fatalf("round %d: told %d times, mailed %d", round, n, mailed)
			}
			b.Clock.Advance(24 * time.Hour)
		}
		// Stopped and begun anew, it is another lifting: when that one gives up, the office hears of it.
		o.must(o.works.KeepRestricted(t.Context(), o.first, id))
		o.work()
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket en gang til", false))
		b.Clock.Advance(week)
		for range 20 {
			if o.notes(id, "fikk ikke merket") == 2 {
				break
			}
			o.work()
			b.Clock.Advance(3 * time.Hour)
		}
		o.work()
		if n := o.notes(id, "fikk ikke merket"); n != 2 {
			t.Fatalf("told %d times of two liftings", n)
		}
		b.Clock.Advance(24 * time.Hour)
		o.works.Open = open
		o.breaks("webshop", false)
		o.work()
		if !o.lifted(id) {
			t.Errorf("never lifted: %d restricted, %d marked", len(o.restrictions(id)), o.marked("webshop", "customers"))
		}
	})
}

// A system that is down holds up the marks of its own rows and no others, when they are set and when they are
// taken away; it is tried again.
func TestRES01SystemThatIsDownHoldsUpItsOwnMarksAlone(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{demo.Webshop, demo.Office} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				id := o.disputed()
				stands := func(when string, webshop, office int) {
					t.Helper()
					states := map[string]string{}
					for _, x := range o.restrictions(id) {
						states[x.Source] = x.State
					}
					state := map[int]string{0: store.RestrictionWaiting, 1: store.RestrictionMarked}
					if got := [2]int{o.marked(demo.Webshop, "customers"), o.marked(demo.Office, "disclosures")}; got != [2]int{webshop, office} {
						t.Fatalf("%s: %v are marked, want %d and %d", when, got, webshop, office)
					}
					if when != "lifting" && (states[demo.Webshop] != state[webshop] || states[demo.Office] != state[office]) {
						t.Fatalf("%s: written down as %v", when, states)
					}
				}
				up := map[string]int{demo.Webshop: 0, demo.Office: 1}
				o.breaks(broken, true)
				o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
				o.alsoInTheOffice(id)
				o.work()
				stands("marking", up[broken], 1-up[broken])
				o.breaks(broken, false)
				b.Clock.Advance(15 * time.Minute)
				o.work()
				stands("marked", 1, 1)
				o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
				o.breaks(broken, true)
				b.Clock.Advance(week)
				o.work()
				stands("lifting", 1-up[broken], up[broken])
				if len(o.restrictions(id)) != 2 {
					t.Fatal("lifted although a mark still stands")
				}
				o.breaks(broken, false)
				b.Clock.Advance(15 * time.Minute)
				o.work()
				if !o.lifted(id) || o.marked(demo.Office, "disclosures") != 0 {
					t.Errorf("%d restricted, %d marked in the office", len(o.restrictions(id)), o.marked(demo.Office, "disclosures"))
				}
			})
		})
	}
}

// alsoInTheOffice restricts a row of another system for a case.
func (o *office) alsoInTheOffice(id string) {
	o.t.Helper()
	var row int64
	db := o.sql(demo.Office)
	o.must(db.QueryRow("SELECT min(id) FROM disclosures WHERE NOT restricted").Scan(&row))
	db.Close()
	key := []engine.KeyPart{{Column: "id", Value: source.IntOf(row)}}
	x := o.restrictions(id)[0]
	x.Source, x.Dataset, x.Collection, x.State = demo.Office, "office", "disclosures", store.RestrictionWaiting
	x.Key = keyring.NewPrivate(fmt.Sprintf(`[["id",%q]]`, key[0].Value.Typed()))
	o.tx(func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		_, err = tx.Restrict(r, []store.NewRestriction{{Restriction: x, Row: o.b.Store.RestrictedRow(x.Source, x.Dataset, x.Collection, key)}})
		return err
	})
}

// describedMark is the line of a description that tells how a row is marked.
var describedMark = regexp.MustCompile(`(?m)^ *restriction: .*\n`)

// A mark that the portal set and cannot reach any more, as when the system was disconnected, is for people
// to take away: they are told where it stands.
func TestRES03MarkOutOfReachIsForPeopleToTakeAway(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*office){
		"disconnected": func(o *office) { o.bare = true },
		"mark undescribed": func(o *office) {
			o.edit = func(file []byte) []byte { return describedMark.ReplaceAll(file, nil) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				id := o.disputed()
				o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
				o.work()
				o.must(o.works.BeginLifting(t.Context(), o.first, id, "Vi har sjekket", false))
				lose(o)
				b.Clock.Advance(week)
				o.work()
				if len(o.restrictions(id)) != 0 || o.marked("webshop", "customers") != 1 {
					t.Fatalf("%d restricted, %d marked", len(o.restrictions(id)), o.marked("webshop", "customers"))
				}
				if n := o.notes(id, "Ta bort merket for hånd her: webshop"); n != 1 {
					t.Errorf("the office was told %d times", n)
				}
			})
		})
	}
}

// Who let a question lie is told that this is why the case ended, and not that they were answered.
func TestRES03SilenceIsNotToldAsAnAnswer(t *testing.T) {
	t.Parallel()
	for in, words := range map[locale.Locale]string{locale.NB: "ikke fikk svar", locale.NN: "ikkje fekk svar", locale.EN: "we had no reply"} {
		t.Run(string(in), func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				o.speaks = in
				id := o.disputed()
				o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
				o.work()
				o.must(o.desk().Question(t.Context(), o.asker(), id, "identity", "Hvem er du?", "To med samme navn", false))
				b.Clock.Advance(61 * 24 * time.Hour)
				o.must(o.desk().ChaseSilence(t.Context()))
				o.work()
				if o.request(id).P.LiftAt.IsZero() || !o.says(id, words) {
					t.Error("the person is not told why the restriction ends")
				}
			})
		})
	}
}

// When data are only stored while a case is looked into, the person is told at once: which, on what ground, from when,
// what it means, that they are told before it ends, and how to complain. The mail says nothing of it but the case's
// number; whom no mail is sure to reach gets the letter on paper, and the office reads so in the case.
func TestRES01RES03PersonIsToldWhenRestrictionBegins(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		begin  func(*office) string
		unsure bool
		says   []string
	}{
		"a correction":            {(*office).disputed, false, []string{"Du mener at opplysningene er feil", "artikkel 18 nr. 1 bokstav a", "Kunderegister (antall oppføringer: 1)"}},
		"a correction, on paper":  {(*office).disputed, true, []string{"Du mener at opplysningene er feil"}},
		"an objection is weighed": {(*office).objects, false, []string{"Du har protestert mot bruken", "artikkel 18 nr. 1 bokstav d"}},
	} {
		t.Run(name, func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				id := c.begin(o)
				if c.unsure {
					if _, err := b.SQL(t).ExecContext(t.Context(), "UPDATE identifier SET certainty = 'candidate'"); err != nil {
						t.Fatal(err)
					}
				}
				if letters, _ := o.toldRestricted(id); len(letters) != 0 {
					t.Fatal("told before it began")
				}
				var wg sync.WaitGroup
				for range 6 {
					wg.Go(func() { _ = o.works.RestrictMeanwhile(t.Context(), o.first, id) })
				}
				wg.Wait()
				letters, onPaper := o.toldRestricted(id)
				if len(letters) != 1 || onPaper != c.unsure || o.posted(mail.RestrictionBegun, id) != 1 || o.request(id).UnreadPerson == 0 {
					t.Fatalf("%d letters, on paper %v, %d mails", len(letters), onPaper, o.posted(mail.RestrictionBegun, id))
				}
				a := letters[0]
				if err := a.Check(); err != nil {
					t.Error(err)
				}
				said := a.Letter().Text()
				for _, want := range append(c.says, string(o.request(id).Reference), "gjelder fra "+a.Case.Answered.Format(locale.NB), "bare med samtykke fra deg",
					"Du får beskjed før begrensningen oppheves", register.Complaint(locale.NB).Complain, register.Complaint(locale.NB).Court) {
					if !strings.Contains(said, want) {
						t.Errorf("the letter lacks %q:\n%s", want, said)
					}
				}
				if body, err := a.PDF(); err != nil || len(body) == 0 {
					t.Errorf("no PDF: %v", err)
				}
				b.RunJobs(t, o.desk().Work())
				m := b.Letters.Last(t, demo.MostData.Email)
				if !strings.Contains(m.Text, "/cases/"+id) || !strings.Contains(m.Text, "før begrensningen oppheves") || !strings.Contains(m.Text, "klage til Datatilsynet") {
					t.Errorf("the mail says %s", m.Text)
				}
				for _, never := range []string{"Kunder", "etternavn", demo.MostData.Last, "artikkel 18"} {
					if strings.Contains(m.Text, never) {
						t.Errorf("the mail says %q", never)
					}
				}
			})
		})
	}
}

// objects is a case in which a person objects to the use of what the customer register holds.
func (o *office) objects() string {
	o.t.Helper()
	id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities = []string{"customers"} })[0].PublicID
	o.work()
	return id
}

// toldRestricted gives the letters that tell of a restriction's beginning, and whether the office is asked for paper.
func (o *office) toldRestricted(id string) (letters []*letter.Answer, onPaper bool) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		list, err := tx.Messages(r, true)
		for _, m := range list {
			if m.Letter != nil && m.Letter.Kind == letter.Restricting {
				letters = append(letters, m.Letter)
			}
			onPaper = onPaper || m.Author == store.FromNote && strings.Contains(m.Body.Reveal(), "på papir")
		}
		return err
	})
	return letters, onPaper
}
