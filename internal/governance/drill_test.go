package governance_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// A rehearsal's lists are made once however many make them, are the only ones that it is searched for in,
// and are gone, bytes and all, a month after its end.
func TestDrillIsFurnishedOnceAndCleared(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		desk := &casework.Desk{Store: b.Store, Now: b.Clock.Now, Rand: rand.Reader}
		err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			if _, err := tx.AddVersion(c.ID, store.VersionSettings, 0, `{"name":"Fjordlys AS","email":"personvern@fjordlys.example","postal_address":"Storgata 1"}`, "test"); err != nil {
				return err
			}
			v, err := tx.Newest(c.ID, store.VersionRegister)
			if err != nil {
				return err
			}
			_, err = tx.AddVersion(c.ID, store.VersionRegister, v.Number, string(demo.Register()), "test")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := desk.StartDrill(t.Context(), casework.By{ID: by.ID, Roles: by.Roles}, string(dsr.Erasure), locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		j := job.Job{Object: r.PublicID}
		if _, err := o.Connections(t.Context(), j); err == nil {
			t.Error("a rehearsal without lists was searched: it would pass for nothing found")
		}
		furnish := o.Work()[store.JobFurnishDrill].Handle
		var all sync.WaitGroup
		errs := make([]error, 16)
		for i := range errs {
			all.Go(func() { errs[i] = furnish(context.Background(), j) })
		}
		all.Wait()
		for _, err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		drill, err := o.Connections(t.Context(), j)
		if err != nil || len(drill.Connected) != 2 || len(drill.Places)+len(drill.Failures) != 0 {
			t.Fatalf("%d lists, %d places, %v, %v", len(drill.Connected), len(drill.Places), drill.Failures, err)
		}
		defer drill.Close()
		found := 0
		seed := []engine.Seed{{Kind: "email", Value: r.Address.Reveal()}}
		_, err = engine.Walk(t.Context(), drill.Connected, seed, engine.Options{TempDir: t.TempDir()}, func(*engine.Finding) error { found++; return nil })
		if err != nil || found != 2 {
			t.Errorf("%d rows of the invented person, %v", found, err)
		}
		for _, other := range []job.Job{{}, {Object: "0123456789abcdef0123456789abcdef"}} {
			c, err := o.Connections(t.Context(), other)
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range c.Connected {
				if each.Source.Name() == drill.Connected[0].Source.Name() {
					t.Errorf("%q is searched for others", each.Source.Name())
				}
			}
		}

		if err := desk.RecordWithdrawal(t.Context(), casework.By{ID: by.ID, Roles: by.Roles}, r.PublicID, "Øvelsen er slutt"); err != nil {
			t.Fatal(err)
		}
		b.Clock.Advance(casework.KeepDrill - time.Hour)
		if err := desk.PurgeOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM source WHERE drill_of IS NOT NULL"); n != 2 {
			t.Errorf("%d lists before their time", n)
		}
		b.Clock.Advance(2 * time.Hour)
		if err := desk.PurgeOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.RunJobs(t, o.Work())
		if n := b.Count(t, "SELECT count(*) FROM source WHERE drill_of IS NOT NULL"); n != 0 {
			t.Errorf("%d lists are left", n)
		}
		drills, err := desk.Drills(t.Context(), casework.By{ID: by.ID, Roles: by.Roles}, locale.NB)
		if err != nil || len(drills) != 1 || !drills[0].Request.Shredded() {
			t.Errorf("%+v, %v", drills, err)
		}
	})
}

// A rehearsal has a mailbox of its own, with the office's warnings as well as the person's mails, and sends none.
// An office that had neither a case nor a rehearsal for a year is reminded, once a year.
func TestARehearsalsMailboxAndTheYearlyReminder(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		o.Sender = b.Letters
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		member(t, b, "saksbehandler", staff.CaseHandler)
		c := organisation()
		c.Done = true
		if _, err := o.PutSettings(t.Context(), governance.By{Roles: []staff.Role{staff.Admin}}, c); err != nil {
			t.Fatal(err)
		}
		watch := func() {
			t.Helper()
			if err := o.WatchDrills(t.Context()); err != nil {
				t.Fatal(err)
			}
			b.RunJobs(t, o.Work())
		}
		day := 24 * time.Hour
		sent := 0
		for _, at := range []struct {
			after time.Duration
			more  int
		}{{364 * day, 0}, {day, 1}, {day, 0}, {8 * day, 0}, {356 * day, 1}} {
			b.Clock.Advance(at.after)
			watch()
			watch()
			if sent += at.more; len(b.Letters.All()) != sent {
				t.Fatalf("%d reminders after %s, want %d", len(b.Letters.All()), at.after, sent)
			}
		}
		if l := b.Letters.All()[0]; l.Subject != "Ta en øvelse" || !strings.Contains(l.Text, "/staff/drill") {
			t.Errorf("reminded with %q", l.Subject)
		}

		desk := &casework.Desk{Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: rand.Reader}
		r, err := desk.StartDrill(t.Context(), casework.By{ID: by.ID, Roles: by.Roles}, string(dsr.Access), locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		b.RunJobs(t, desk.Work())
		b.Clock.Advance(20 * day)
		if err := desk.Work()[casework.JobDeadlines].Handle(t.Context(), job.Job{}); err != nil {
			t.Fatal(err)
		}
		b.RunJobs(t, desk.Work())
		mails, err := desk.DrillMails(t.Context(), casework.By{ID: by.ID, Roles: by.Roles}, r.PublicID)
		if err != nil {
			t.Fatal(err)
		}
		person, warned := 0, 0
		for _, m := range mails {
			if !m.ToOffice {
				person++
			} else if strings.Contains(m.Subject, "rist") {
				warned++
			}
		}
		if person == 0 || warned == 0 {
			t.Errorf("%d mails to the person, %d warnings: %+v", person, warned, mails)
		}
		watch()
		if len(b.Letters.All()) != sent {
			t.Errorf("%d mails were sent of a rehearsal", len(b.Letters.All())-sent)
		}
	})
}
