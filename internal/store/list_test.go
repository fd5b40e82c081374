package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

func date(t *testing.T, s string) dsr.Date {
	t.Helper()
	d, err := dsr.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pagesOf reads all pages of a filter.
func pagesOf(t *testing.T, b *portaltest.Bundle, f store.Filter) [][]string {
	t.Helper()
	var all [][]string
	for {
		var page []string
		var next *store.Position
		err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
			requests, n, err := tx.List(f)
			for _, r := range requests {
				page = append(page, r.PublicID)
			}
			next = n
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page)
		if next == nil {
			return all
		}
		f.After = next
	}
}

func TestInboxPagesAndTabs(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		first, _ := office(t, b)
		var ids []string
		for i := range 7 {
			right := dsr.Access
			if i == 6 {
				right = dsr.Erasure
			}
			ids = append(ids, open(t, b, right, fmt.Sprintf("p%d@example.org", i)).PublicID)
			if i%2 == 1 {
				b.Clock.Advance(24 * time.Hour)
			}
		}
		act(t, b, ids[1], dsr.Event{Kind: dsr.EventAssigned, Actor: member(first), Data: dsr.EventData{Member: first}})
		act(t, b, ids[2], dsr.Event{Kind: dsr.EventQuestionAsked, Actor: member(first), Data: dsr.EventData{Asks: dsr.PauseIdentity, Reasoned: true}})
		act(t, b, ids[3], dsr.Event{Kind: dsr.EventWithdrawn, Actor: person})
		act(t, b, ids[4], dsr.Event{Kind: dsr.EventRefused, Actor: member(first)})
		// Received 1, 1, 2, 2, 3, 3 and 4 June 2026: due 1, 1, 2, 2, 3, 3 July and 6 July (a Monday).
		f := store.Filter{Member: first, Today: date(t, "2026-07-02"), Limit: 2}
		open := []string{ids[0], ids[1], ids[2], ids[5], ids[6]}
		for _, c := range []struct {
			view store.View
			want []string
		}{
			{store.ViewOpen, open}, {"", open}, {store.ViewNew, []string{ids[0], ids[5], ids[6]}}, {store.ViewMine, ids[1:2]},
			{store.ViewWaiting, ids[2:3]}, {store.ViewWeek, []string{ids[2], ids[5], ids[6]}}, {store.ViewOverdue, ids[:2]},
			{store.ViewDone, []string{ids[4], ids[3]}}, {store.ViewAll, []string{ids[6], ids[5], ids[4], ids[3], ids[2], ids[1], ids[0]}},
		} {
			f.View = c.view
			got := pagesOf(t, b, f)
			if diff := cmp.Diff(c.want, slices.Concat(got...)); diff != "" {
				t.Errorf("%s: %s", c.view, diff)
			}
			for i, page := range got {
				if len(page) > 2 || i < len(got)-1 && len(page) != 2 {
					t.Errorf("%s: page %d has %d rows", c.view, i, len(page))
				}
			}
		}
		f.View, f.Right = store.ViewAll, dsr.Erasure
		if diff := cmp.Diff([]string{ids[6]}, slices.Concat(pagesOf(t, b, f)...)); diff != "" {
			t.Errorf("one right: %s", diff)
		}
		var counts map[store.View]int64
		if err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { counts, err = tx.Counts(f); return err }); err != nil {
			t.Fatal(err)
		}
		want := map[store.View]int64{store.ViewOpen: 5, store.ViewNew: 3, store.ViewMine: 1, store.ViewWaiting: 1, store.ViewWeek: 3, store.ViewOverdue: 2}
		if diff := cmp.Diff(want, counts); diff != "" {
			t.Error(diff)
		}
		var census store.Census
		if err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { census, err = tx.Census(f.Today); return err }); err != nil {
			t.Fatal(err)
		}
		if census.CasesOpen != 5 || census.CasesOverdue != 2 || census.CasesAwaiting != 1 || census.CasesStopped != 0 || census.JobsStopped != 0 {
			t.Errorf("the census: %+v", census)
		}
	})
}

func TestSearchByWords(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		find := func(query string) int {
			return len(slices.Concat(pagesOf(t, b, store.Filter{View: store.ViewAll, Query: query, Limit: 10})...))
		}
		named := func(name, address string) *store.Request {
			r := open(t, b, dsr.Access, address)
			inTx(t, b.Store, func(tx *store.Tx) error { return errors.Join(tx.IndexWords(r, name, address), tx.IndexWords(r, name)) })
			return r
		}
		r := named("Åse Bjørnsæter-Émil", "ase.b@example.org")
		named("Per Bjørnsæter", "per@example.org")
		for query, want := range map[string]int{
			"åse": 1, "ÅSE": 1, "A\u030ase": 1, "ase": 1, "bjørnsæter": 2, "BJØRNSÆTER": 2, "Bjørnsæter Åse": 1, "bjornsater": 0, "emil": 1, "Émil": 1,
			"ase.b@example.org": 1, "ASE.B@EXAMPLE.ORG": 1, "example": 2, "kari": 0, "?": 0, "a": 0, string(r.Reference): 1,
		} {
			if got := find(query); got != want {
				t.Errorf("%q: %d, want %d", query, got, want)
			}
		}
		inTx(t, b.Store, func(tx *store.Tx) error { return tx.DropWords(r) })
		if find("bjørnsæter") != 1 || find("åse") != 0 {
			t.Error("dropped words are found")
		}
	})
}

func TestRequestsOfAnAddress(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		mine := open(t, b, dsr.Access, "kari@example.org")
		closed := open(t, b, dsr.Access, "kari@example.org")
		open(t, b, dsr.Access, "ola@example.org")
		inTx(t, b.Store, func(tx *store.Tx) error { // not verified
			_, err := tx.OpenRequest(newRequest(t, tx, dsr.Access, "kari@example.org"))
			return err
		})
		act(t, b, closed.PublicID, dsr.Event{Kind: dsr.EventWithdrawn, Actor: person})
		for after, want := range map[time.Time]int{b.Clock.Now().Add(-time.Hour): 2, b.Clock.Now(): 1} {
			if err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
				found, err := tx.OfAddress(tx.AddressIndex("kari@example.org"), after)
				if len(found) != want || found[len(found)-1].PublicID != mine.PublicID {
					t.Errorf("%d requests, want %d", len(found), want)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		stores := []*store.Store{b.Store, b.Open(t)}
		var all sync.WaitGroup
		var mu sync.Mutex
		made := map[string]bool{}
		errs := make([]error, 16)
		for i := range errs {
			all.Go(func() {
				s := stores[i%2]
				var object string
				errs[i] = s.InTx(t.Context(), func(tx *store.Tx) (err error) {
					if object, err = tx.Once("scope", "key", []byte("body")); err != nil || object != "" {
						return err
					}
					if object, err = tx.NewID(); err != nil {
						return err
					}
					return tx.Remember("scope", "key", []byte("body"), object)
				})
				mu.Lock()
				made[object] = true
				mu.Unlock()
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if len(made) != 1 {
			t.Errorf("%d things were made", len(made))
		}
		inTx(t, b.Store, func(tx *store.Tx) error {
			if _, err := tx.Once("scope", "key", []byte("other")); !errors.Is(err, store.ErrIdempotencyKey) {
				t.Errorf("another body: %v", err)
			}
			if object, err := tx.Once("elsewhere", "key", []byte("other")); object != "" || err != nil {
				t.Errorf("another scope: %q, %v", object, err)
			}
			return nil
		})
		if err := b.Store.SweepIdempotency(t.Context(), b.Clock.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM idempotency"); n != 0 {
			t.Errorf("%d keys after the sweep", n)
		}
	})
}

func TestIdentifiersAndMessages(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Access, "kari@example.org")
		value := keyring.NewPrivate("gammel@example.org")
		inTx(t, b.Store, func(tx *store.Tx) error {
			return errors.Join(tx.AddIdentifier(r, "email", value, store.Candidate, "person"), tx.AddIdentifier(r, "email", value, store.Verified, "again"))
		})
		var found []store.Identifier
		read := func() {
			if err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { found, err = tx.Identifiers(r); return err }); err != nil {
				t.Fatal(err)
			}
		}
		read()
		if len(found) != 1 || found[0].Certainty != store.Candidate || !found[0].Value.Equal(value) {
			t.Fatalf("identifiers %+v", found)
		}
		other := open(t, b, dsr.Access, "ola@example.org")
		inTx(t, b.Store, func(tx *store.Tx) error {
			if err := tx.DecideIdentifier(other, found[0].PublicID, true, "x"); err == nil {
				t.Error("decided from another case")
			}
			return tx.DecideIdentifier(r, found[0].PublicID, true, "x")
		})
		inTx(t, b.Store, func(tx *store.Tx) error {
			if err := tx.DecideIdentifier(r, found[0].PublicID, false, "x"); err == nil {
				t.Error("decided twice")
			}
			return nil
		})
		if read(); found[0].Certainty != store.Verified || found[0].VerifiedAt == nil {
			t.Errorf("after the decision %+v", found)
		}
		inTx(t, b.Store, func(tx *store.Tx) error {
			for _, author := range []string{store.FromPerson, store.FromOffice, store.FromNote} {
				if _, err := tx.AddMessage(r, store.Message{Author: author, Body: keyring.NewPrivate("fra " + author)}); err != nil {
					return err
				}
			}
			all, err := tx.Messages(r, true)
			if err != nil {
				return err
			}
			shown, err := tx.Messages(r, false)
			if len(all) != 3 || len(shown) != 2 || all[2].Body.Reveal() != "fra note" {
				t.Errorf("%d and %d messages", len(all), len(shown))
			}
			return err
		})
		inTx(t, b.Store, func(tx *store.Tx) error {
			return errors.Join(tx.Shred(r.PublicID, store.ClassCore), tx.DropIdentifiers(r))
		})
		if read(); len(found) != 0 {
			t.Errorf("after shredding %+v", found)
		}
		after := act(t, b, r.PublicID)
		if !after.Shredded() || !after.Name.IsZero() || !after.Address.IsZero() {
			t.Error("a shredded request opens")
		}
	})
}

func TestVersions(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.Controller(); return err })
		stores := []*store.Store{b.Store, b.Open(t)}
		var all sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			all.Go(func() {
				errs[i] = stores[i%2].InTx(t.Context(), func(tx *store.Tx) error {
					_, err := tx.AddVersion(1, store.VersionSettings, 0, fmt.Sprintf(`{"name":"n%d","email":"a@example.org"}`, i), "x")
					return err
				})
			})
		}
		all.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrVersion) {
				t.Errorf("lost with %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d saved on top of the same version", won)
		}
		inTx(t, b.Store, func(tx *store.Tx) error {
			if _, err := tx.AddVersion(1, store.VersionRegister, 0, "x", "x"); err != nil {
				t.Errorf("another kind: %v", err)
			}
			s, number, err := tx.Settings(1)
			if number != 1 || !s.Named() || s.CoolingOffHours != 72 || s.BackupDays != 365 {
				t.Errorf("%+v, version %d", s, number)
			}
			return err
		})
	})
}

// TestInboxCost: a page costs as many queries for twelve cases as for one.
func TestInboxCost(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		for i := range 12 {
			open(t, b, dsr.Access, fmt.Sprintf("p%d@example.org", i))
		}
		queries := func(limit int) int {
			n := 0
			if err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
				if err := tx.DB().Callback().Query().After("gorm:query").Register("count", func(db *gorm.DB) {
					if db.Statement.Context == tx.Context() {
						n++
					}
				}); err != nil {
					return err
				}
				defer func() { _ = tx.DB().Callback().Query().Remove("count") }()
				requests, _, err := tx.List(store.Filter{View: store.ViewOpen, Limit: limit})
				if len(requests) != limit {
					t.Errorf("%d requests", len(requests))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if one, all := queries(1), queries(12); one != 3 || all != 3 {
			t.Errorf("%d queries for one case, %d for twelve, want 3", one, all)
		}
	})
}

// TestInboxReadsItsIndex: open cases are found without passing over those that are done.
func TestInboxReadsItsIndex(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error {
			explain := "EXPLAIN QUERY PLAN "
			if b.Dialect == migrations.Postgres {
				explain = "EXPLAIN "
				if err := tx.DB().Exec("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off").Error; err != nil {
					return err
				}
			}
			for _, more := range []string{"", " AND (due_on, id) > ('2026-06-01', 17)", " AND state IN ('received', 'collecting', 'review') AND assigned_to IS NULL", " AND state = 'awaiting_person'"} {
				var plan []map[string]any
				query := "SELECT * FROM request WHERE " + store.OpenStates + more + " ORDER BY due_on, id LIMIT 51"
				if err := tx.DB().Raw(explain + query).Scan(&plan).Error; err != nil {
					return err
				}
				if text := fmt.Sprint(plan); !strings.Contains(text, "request_open") {
					t.Errorf("%s: %s", query, text)
				}
			}
			return nil
		})
	})
}
