package fulfilment_test

import (
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

func (o *office) holds() (n int) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		known, err := tx.Holds()
		n = len(known)
		return err
	})
	return n
}

// What is restricted is left alone by retention, whatever became of the case that it is restricted for.
func TestRES02RetentionLeavesWhatIsRestrictedAlone(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.disputed()
		o.must(o.works.RestrictMeanwhile(t.Context(), o.first, id))
		o.work()
		o.must(o.desk().RecordWithdrawal(t.Context(), casework.By{ID: o.first.ID, Roles: o.first.Roles}, id, "På telefon"))
		o.state(id, dsr.Withdrawn)
		if len(o.restrictions(id)) != 1 {
			t.Fatalf("%+v", o.restrictions(id))
		}
		o.must(o.works.PlanRetention(t.Context()))
		held := 0
		for _, g := range o.retention(o.first).Groups {
			held += g.Held
		}
		if held == 0 || o.holds() == 0 {
			t.Errorf("%d rows are held of somebody whose data are restricted", held)
		}
		// Until the person is told and it is lifted.
		o.work()
		b.Clock.Advance(30 * 24 * time.Hour)
		o.work()
		if len(o.restrictions(id)) != 0 || o.holds() != 0 {
			t.Errorf("lifted, and %d are restricted, %d held", len(o.restrictions(id)), o.holds())
		}
	})
}

// A case is kept for as long as something is restricted for it: the person must be told before that ends
// (Art. 18(3)). When it goes, the keys of the rows go as well.
func TestRET01RestrictedCaseIsKeptUntilItIsLifted(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.keep(dsr.Keep{EvidenceDays: 10, CopyDays: 7, CaseYears: 1})
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		if len(o.restrictions(id)) == 0 {
			t.Fatal("nothing is restricted")
		}
		purge := func() {
			o.must(o.works.PurgeEvidence(t.Context()))
			o.must(o.desk().PurgeOld(t.Context()))
		}
		b.Clock.Advance(2 * 366 * 24 * time.Hour)
		purge()
		o.state(id, dsr.Answered)
		o.must(o.works.BeginLifting(t.Context(), o.first, id, "Kravet er foreldet", false))
		b.Clock.Advance(30 * 24 * time.Hour)
		o.work()
		if n := len(o.restrictions(id)); n != 0 {
			t.Fatalf("%d are still restricted", n)
		}
		purge()
		o.state(id, dsr.Purged)
		if n := b.Count(t, "SELECT count(*) FROM data_key WHERE owner = $1 AND wrapped IS NOT NULL", id); n != 0 {
			t.Errorf("%d keys of a purged case are left", n)
		}
		if n := b.Count(t, "SELECT count(*) FROM restriction"); n != 0 {
			t.Errorf("%d restricted rows still lead to the person", n)
		}
	})
}

// Who answers a question of identity late goes on where the case ended, however short the office keeps what
// was found.
func TestID10LateReplyIsSearchedAnew(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, ctx := newOffice(t, b), t.Context()
		d := o.desk()
		o.keep(dsr.Keep{EvidenceDays: 1, CopyDays: 7, CaseYears: 1})
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.state(id, dsr.Review)
		o.must(d.Question(ctx, casework.By{ID: o.first.ID, Roles: o.first.Roles}, id, "identity", "Hvem er du?", "To med samme navn", false))
		b.Clock.Advance(61 * 24 * time.Hour)
		o.must(d.ChaseSilence(ctx))
		o.state(id, dsr.Answered)
		b.Clock.Advance(80 * 24 * time.Hour)
		o.must(o.works.PurgeEvidence(ctx))
		o.must(d.PurgeOld(ctx))
		_, err := d.Write(ctx, o.request(id).AddressIndex, id, "Det er meg", nil, "")
		o.must(err)
		o.work()
		o.state(id, dsr.Review)

		// Who stays silent has nothing kept longer than that.
		silent := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		o.must(d.Question(ctx, casework.By{ID: o.first.ID, Roles: o.first.Roles}, silent, "identity", "Hvem er du?", "To med samme navn", false))
		b.Clock.Advance(61 * 24 * time.Hour)
		o.must(d.ChaseSilence(ctx))
		b.Clock.Advance(91 * 24 * time.Hour)
		o.must(o.works.PurgeEvidence(ctx))
		if n := b.Count(t, "SELECT count(*) FROM data_key WHERE owner = $1 AND class = $2 AND wrapped IS NOT NULL", silent, store.ClassEvidence); n != 0 {
			t.Error("what was found is kept for good")
		}
	})
}

// A recipient who was told of one correction is told of another one too.
func TestNOT01AnotherCorrectionIsTold(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Rectification, demo.MostData.Email, store.Detail{})
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			for i, step := range []struct {
				change store.NoticeChange
				fresh  bool
			}{
				{store.NoticeChange{Label: "Navn", Old: "A", New: "B"}, true}, {store.NoticeChange{Label: "Navn", Old: "A", New: "B"}, false},
				{store.NoticeChange{Label: "Telefon", Old: "1", New: "2"}, true},
			} {
				n, fresh, err := tx.PutNotice(r, store.NoticeRecipient, store.ChannelTask, store.NoticeBody{Name: "Lettermill Inc.",
					Activities: []store.NoticeSubject{{ID: "orders", Name: locale.Text{NB: "Ordre"}}}, Corrections: []store.NoticeChange{step.change}})
				if err != nil {
					return err
				}
				if fresh != step.fresh || i == 2 && len(n.Body.Corrections) != 2 {
					t.Errorf("step %d: told anew %v, %+v", i, fresh, n.Body.Corrections)
				}
			}
			return nil
		})
	})
}

// What is erased and restricted for somebody whom another asks for holds for them, and not for the one who asks.
func TestREP01WhatHoldsAfterwardsHoldsForThePerson(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		agent, err := dsr.ParseAddress("agent@lawyers.example")
		o.must(err)
		o.asks = dsr.EventData{Standing: dsr.AsAgent}
		id := o.fileWith(dsr.Erasure, func(tx *store.Tx, r *store.Request) error {
			columns, err := tx.MoveAddress(r, agent)
			if err != nil {
				return err
			}
			if err := tx.Touch(r, columns); err != nil {
				return err
			}
			seen := dsr.Event{Kind: dsr.EventAuthority, Actor: dsr.Actor{Kind: dsr.Member, Member: o.first.ID},
				Data: dsr.EventData{Code: string(dsr.EvidenceFor(dsr.AsAgent, "")[0]), Rights: []dsr.Right{dsr.Erasure}}}
			return tx.Act(r, seen, store.Change{})
		})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		if len(o.restrictions(id)) == 0 {
			t.Fatal("nothing is restricted")
		}
		theirs, others := b.Store.AddressIndex(demo.MostData.Email), b.Store.AddressIndex(agent.Canonical)
		for _, table := range []string{"restriction", "suppression"} {
			if n := b.Count(t, "SELECT count(*) FROM "+table+" WHERE address_index = $1", theirs); n == 0 {
				t.Errorf("no %s holds for the person", table)
			}
			if n := b.Count(t, "SELECT count(*) FROM "+table+" WHERE address_index = $1", others); n != 0 {
				t.Errorf("%d of %s hold for the one who asks", n, table)
			}
		}
	})
}
