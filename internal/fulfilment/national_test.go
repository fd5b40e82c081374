package fulfilment_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// Personopplysningsloven § 17 limits access, rectification and restriction alone: in a case about erasure a member
// cannot keep rows for research by it, but can by the exception of Art. 17(3) that has conditions of its own.
func TestNAT03ResearchKeepsNothingFromErasure(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	var erased fulfilment.Group
	for _, g := range o.view(id).Groups {
		if g.Proposal.Action == "erase" {
			erased = g
			break
		}
	}
	keep := func(ground string) error {
		return o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{{Group: erased.ID, Action: "keep", Ground: ground, Reason: "Inngår i en studie"}})
	}
	o.is(keep("research"), fulfilment.ErrGroundMissing)
	o.is(keep("pol_16_1_e"), fulfilment.ErrGroundMissing)
	o.must(keep("art_17_3_d"))
	a, err := o.works.Preview(t.Context(), o.first, id)
	o.must(err)
	law := false
	for _, g := range a.Groups {
		law = law || g.Action == "kept" && bytes.Contains([]byte(g.Law+g.Text), []byte("17"))
	}
	if !law || a.Outcome != dsr.PartlyGranted {
		t.Errorf("%s, kept by Art. 17(3)(d): %+v", a.Outcome, a.Groups)
	}
	// The other exception is of expression: it reaches every right.
	o.must(keep("expression"))
}

// A copy lies sealed, opens for a fresh proof alone, each download is in the case's history and the log, and it is
// locked when its days are over.
func TestSEC01ACopyIsSealedLockedAndLogged(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.Subscriber.Email)
		o.approve(id)
		o.work()
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
		name := ""
		o.must(b.Store.Read(t.Context(), func(tx *store.Tx) error {
			p, err := tx.PackageOf(o.request(id))
			name = p.Blob
			return err
		}))
		content := o.download(id)
		raw, err := o.blobs.Open(t.Context(), name)
		o.must(err)
		stored, err := io.ReadAll(raw)
		o.must(errors.Join(err, raw.Close()))
		if bytes.Contains(stored, content[:200]) || bytes.HasPrefix(stored, []byte("PK")) {
			t.Error("the copy lies in clear")
		}
		unproved := errors.New("no code")
		_, err = o.works.OpenPackage(t.Context(), o.request(id).AddressIndex, id, 0, func(*store.Tx) error { return unproved })
		o.is(err, unproved)
		downloads := 0
		for _, e := range o.request(id).Events {
			if e.Kind == dsr.EventDownloaded && e.Actor.Kind == dsr.Person {
				downloads++
			}
		}
		if logged := b.Dump(t, "audit_leaf"); downloads != 1 || !strings.Contains(logged, string(dsr.EventDownloaded)) {
			t.Errorf("one download is %d events, or is not in the log", downloads)
		}
		if p := o.person(id, locale.NB).Package; p.State != store.PackageReady || p.DownloadsLeft != fulfilment.PackageDownloads-1 {
			t.Errorf("on the first day: %+v", p)
		}
		b.Clock.Advance(fulfilment.PackageOpen + time.Minute)
		if p := o.person(id, locale.NB).Package; p.State != "locked" {
			t.Errorf("after seven days: %+v", p)
		}
	})
}
