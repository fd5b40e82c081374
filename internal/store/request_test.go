package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

func TestRequestComesBackAsItWasOpened(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		var want *store.Request
		inTx(t, b.Store, func(tx *store.Tx) (err error) {
			n := newRequest(t, tx, dsr.Access, "Kari@EXAMPLE.org")
			n.Postal = keyring.NewPrivate("Storgata 1, 5003 Bergen")
			n.Detail = store.Detail{Text: "alt", Activities: []string{"newsletter"}, Corrections: []store.Correction{{Field: "name", Old: "a", New: "b", Key: []byte("[1]")}}}
			want, err = tx.OpenRequest(n)
			return err
		})
		var got *store.Request
		if err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { got, err = tx.ReadRequest(want.PublicID); return err }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Detail, got.Detail); diff != "" {
			t.Error(diff)
		}
		if got.Name.Reveal() != "Kari Nordmann" || got.Address.Reveal() != "kari@example.org" || got.Postal.Reveal() != "Storgata 1, 5003 Bergen" {
			t.Errorf("%q %q %q", got.Name.Reveal(), got.Address.Reveal(), got.Postal.Reveal())
		}
		if got.P.Deadline.Due.String() != "2026-07-01" || got.P.State != dsr.Received || got.P.Verified || got.Linked != got.PublicID {
			t.Errorf("due %s, %s, verified %v, linked %s", got.P.Deadline.Due, got.P.State, got.P.Verified, got.Linked)
		}
		if len(got.Events) != 1 || len(got.Events[0].LeafHash) != 32 || !got.ReceivedAt.Equal(b.Clock.Now()) {
			t.Errorf("events %+v", got.Events)
		}
		dump := b.Dump(t, "request", "event", "audit_leaf", "data_key", "job")
		for _, canary := range []string{"Kari", "kari@", "Storgata", "alt"} {
			if strings.Contains(dump, canary) {
				t.Errorf("%q lies in the clear", canary)
			}
		}
	})
}

func TestUnknownRequest(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error {
			_, err := tx.Request("0")
			_, second := tx.RequestByID(17)
			_, third := tx.CheckProjection("0")
			found, fourth := tx.ByReference("MI-2026-0000-00")
			if !errors.Is(err, store.ErrNoRequest) || !errors.Is(second, store.ErrNoRequest) || !errors.Is(third, store.ErrNoRequest) || found != nil || fourth != nil {
				t.Errorf("%v, %v, %v, %v, %v", err, second, third, found, fourth)
			}
			return nil
		})
	})
}

func TestTakenReferenceIsDrawnAnew(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		taken := open(t, b, dsr.Access, "a@example.org").Reference
		runs := 0
		inTx(t, b.Store, func(tx *store.Tx) error {
			n := newRequest(t, tx, dsr.Access, "b@example.org")
			if runs++; runs == 1 {
				n.Reference = taken
			}
			_, err := tx.OpenRequest(n)
			return err
		})
		if runs != 2 || b.Count(t, "SELECT count(*) FROM request") != 2 {
			t.Errorf("%d runs", runs)
		}
	})
}

// TestManyActsAtOnce: each event gets its number once, whoever loses is told so.
func TestManyActsAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		for name, lock := range map[string]bool{"locked": true, "read before": false} {
			r := open(t, b, dsr.Access, "kari@example.org")
			stores := []*store.Store{b.Store, b.Open(t)}
			const n = 16
			var all, read sync.WaitGroup
			read.Add(n)
			errs := make([]error, n)
			for i := range n {
				all.Go(func() {
					mine, err := r, error(nil)
					if !lock {
						err = stores[i%2].Read(t.Context(), func(tx *store.Tx) (err error) { mine, err = tx.ReadRequest(r.PublicID); return err })
					}
					read.Done()
					read.Wait() // all have seen the same
					errs[i] = errors.Join(err, stores[i%2].InTx(t.Context(), func(tx *store.Tx) error {
						if lock {
							if mine, err = tx.Request(r.PublicID); err != nil {
								return err
							}
						}
						return tx.Act(mine, dsr.Event{Kind: dsr.EventCollectStarted, Actor: system}, store.Change{})
					}))
				})
			}
			all.Wait()
			won := 0
			for _, err := range errs {
				switch {
				case err == nil:
					won++
				case lock && errors.Is(err, dsr.ErrTransition), !lock && errors.Is(err, store.ErrMoved):
				default:
					t.Errorf("%s: lost with %v", name, err)
				}
			}
			after := act(t, b, r.PublicID)
			if won != 1 || len(after.Events) != 3 || after.P.State != dsr.Collecting {
				t.Errorf("%s: %d won, %d events, %s", name, won, len(after.Events), after.P.State)
			}
		}
	})
}

// TestManyMessagesAtOnce: acts that do not exclude each other all come through when they lock.
func TestManyMessagesAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Access, "kari@example.org")
		var all sync.WaitGroup
		errs := make([]error, 16)
		for i := range errs {
			all.Go(func() {
				errs[i] = b.Store.InTx(t.Context(), func(tx *store.Tx) error {
					mine, err := tx.Request(r.PublicID)
					if err != nil {
						return err
					}
					return tx.Act(mine, dsr.Event{Kind: dsr.EventMessage, Actor: person}, store.Change{})
				})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(DISTINCT number) FROM event WHERE request_id = $1", r.ID); n != 18 {
			t.Errorf("%d events, want 18", n)
		}
	})
}

func TestImpossibleActWritesNothing(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Erasure, "kari@example.org")
		before := b.Dump(t, "request", "event", "audit_leaf")
		for _, e := range []dsr.Event{
			{Kind: dsr.EventApproved, Actor: member(1)}, {Kind: dsr.EventAnswered, Actor: system}, {Kind: dsr.EventPurged, Actor: system},
			{Kind: dsr.EventQuestionAnswered, Actor: person}, {Kind: dsr.EventReceived, Actor: person}, {Kind: dsr.EventExtended, Actor: member(1), Data: dsr.EventData{Months: 3, Reasoned: true}},
		} {
			err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				mine, err := tx.Request(r.PublicID)
				if err != nil {
					return err
				}
				return tx.Act(mine, e, store.Change{})
			})
			if err == nil {
				t.Errorf("%s was possible", e.Kind)
			}
		}
		if diff := cmp.Diff(before, b.Dump(t, "request", "event", "audit_leaf")); diff != "" {
			t.Error(diff)
		}
	})
}

// TestFactsOfTheAct: what the events do not say can forbid an act.
func TestFactsOfTheAct(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		first, second := office(t, b)
		r := reviewed(t, b, first)
		approve := func(by int64, digest string) error {
			return b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				mine, err := tx.Request(r.PublicID)
				if err != nil {
					return err
				}
				e := dsr.Event{Kind: dsr.EventApproved, Actor: member(by), Data: dsr.EventData{Digest: digest, Approvers: 2}}
				return tx.Act(mine, e, store.Change{Role: "privacy_officer", Facts: func(f *dsr.Facts) {
					f.ApprovedDigest, f.ApprovedBy, f.ApproversInOffice = digest, by, 2
				}})
			})
		}
		if err := approve(first, digest); !errors.Is(err, dsr.ErrFourEyes) {
			t.Errorf("the same member approved: %v", err)
		}
		if err := approve(second, strings.Repeat("b", 64)); !errors.Is(err, dsr.ErrPlanNotApproved) {
			t.Errorf("another plan was approved: %v", err)
		}
		if err := approve(second, digest); err != nil {
			t.Fatal(err)
		}
		after := act(t, b, r.PublicID)
		if after.P.State != dsr.Approved || after.P.ApprovedBy != second || after.P.PreparedBy != first {
			t.Errorf("%+v", after.P)
		}
	})
}

var digest = strings.Repeat("a", 64)

// reviewed is an erasure whose plan a member has made.
func reviewed(t *testing.T, b *portaltest.Bundle, by int64) *store.Request {
	t.Helper()
	r := open(t, b, dsr.Erasure, "kari@example.org")
	return act(t, b, r.PublicID, dsr.Event{Kind: dsr.EventCollectStarted, Actor: system}, dsr.Event{Kind: dsr.EventCollected, Actor: system},
		dsr.Event{Kind: dsr.EventPlanned, Actor: member(by), Data: dsr.EventData{Digest: digest}})
}

// TestDatabaseRefusesForbiddenStates writes past the code.
func TestDatabaseRefusesForbiddenStates(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		first, second := office(t, b)
		r := reviewed(t, b, first)
		db := b.SQL(t)
		reset := fmt.Sprintf("UPDATE request SET state = 'review', asked_right = 'erasure', verified_at = 1, plan_digest = 'a', approved_digest = 'a', prepared_by = %d, approved_by = %d, alone = FALSE, outcome = '', answered_at = NULL WHERE id = %d", first, second, r.ID)
		for name, c := range map[string]struct {
			set string
			ok  bool
		}{
			"collecting unverified":    {"state = 'collecting', verified_at = NULL", false},
			"executing unverified":     {"state = 'executing', verified_at = NULL", false},
			"granted unverified":       {"state = 'answered', answered_at = 1, outcome = 'granted', verified_at = NULL", false},
			"refused unverified":       {"state = 'answered', answered_at = 1, outcome = 'refused', verified_at = NULL", true},
			"approved":                 {"state = 'approved'", true},
			"another digest":           {"state = 'approved', approved_digest = 'b'", false},
			"no digest":                {"state = 'executing', plan_digest = '', approved_digest = ''", false},
			"approved by nobody":       {"state = 'approved', approved_by = NULL", false},
			"the same member":          {"state = 'approved', approved_by = prepared_by", false},
			"prepared by nobody":       {"state = 'executing', prepared_by = NULL", false},
			"the only member":          {"state = 'executing', approved_by = prepared_by, alone = TRUE", true},
			"same member, no erasure":  {"state = 'executing', approved_by = prepared_by, asked_right = 'access'", true},
			"answered without outcome": {"state = 'answered', answered_at = 1", false},
			"answered without time":    {"state = 'answered', outcome = 'granted'", false},
			"unknown state":            {"state = 'elsewhere'", false},
			"three months":             {"extended_months = 3", false},
		} {
			if _, err := db.Exec(reset); err != nil {
				t.Fatal(err)
			}
			_, err := db.Exec(fmt.Sprintf("UPDATE request SET %s WHERE id = %d", c.set, r.ID))
			if (err == nil) != c.ok {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestCheckProjectionFindsPlantedDifferences(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		first, _ := office(t, b)
		r := reviewed(t, b, first)
		check := func() []string {
			var wrong []string
			if err := b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { wrong, err = tx.CheckProjection(r.PublicID); return err }); err != nil {
				t.Fatal(err)
			}
			return wrong
		}
		if wrong := check(); len(wrong) != 0 {
			t.Fatalf("a sound row: %v", wrong)
		}
		for column, value := range map[string]string{
			"state": "'received'", "outcome": "'refused'", "due_on": "'2030-01-01'", "target_on": "'2030-01-01'", "due_unsuspended": "'2030-01-01'",
			"paused": "TRUE", "extended_months": "1", "verified_at": "17", "assigned_to": fmt.Sprint(first), "plan_digest": "'x'", "approved_digest": "'x'",
			"prepared_by": "NULL", "approved_by": fmt.Sprint(first), "alone": "TRUE", "executes_at": "5", "plan_done": "TRUE", "answered_at": "5", "events": "99", "closed_at": "5",
		} {
			db := b.SQL(t)
			if _, err := db.Exec(fmt.Sprintf("CREATE TABLE saved AS SELECT id, %s AS old FROM request", column)); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(fmt.Sprintf("UPDATE request SET %s = %s", column, value)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{column}, check()); diff != "" {
				t.Errorf("%s: %s", column, diff)
			}
			if _, err := db.Exec(fmt.Sprintf("UPDATE request SET %s = (SELECT old FROM saved WHERE saved.id = request.id)", column)); err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec("DROP TABLE saved"); err != nil {
				t.Fatal(err)
			}
		}
		if wrong := check(); len(wrong) != 0 {
			t.Errorf("restored: %v", wrong)
		}
	})
}

// TestLifeOfARequest walks to the answer; the row follows the events all the way.
func TestLifeOfARequest(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		first, second := office(t, b)
		r := reviewed(t, b, first)
		cool := b.Clock.Now().Add(72 * time.Hour)
		act(t, b, r.PublicID, dsr.Event{Kind: dsr.EventApproved, Actor: member(second), Data: dsr.EventData{Digest: digest, Approvers: 2, CoolUntil: cool}})
		b.Clock.Advance(72 * time.Hour)
		act(t, b, r.PublicID, dsr.Event{Kind: dsr.EventExecutionStarted, Actor: system})
		act(t, b, r.PublicID, dsr.Event{Kind: dsr.EventExecuted, Actor: system})
		after := act(t, b, r.PublicID, dsr.Event{Kind: dsr.EventAnswered, Actor: system, Data: dsr.EventData{Outcome: dsr.PartlyGranted}})
		if after.ClosedAt == nil || !after.ClosedAt.Equal(b.Clock.Now()) || after.P.Outcome != dsr.PartlyGranted {
			t.Errorf("closed %v, %s", after.ClosedAt, after.P.Outcome)
		}
		if err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
			wrong, err := tx.CheckProjection(r.PublicID)
			if len(wrong) != 0 {
				t.Errorf("differs in %v", wrong)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if n := b.Count(t, "SELECT count(*) FROM request WHERE executes_at = $1 AND plan_done AND answered_at = $2", store.Micros(cool), store.Micros(b.Clock.Now())); n != 1 {
			t.Errorf("%s", b.Dump(t, "request"))
		}
	})
}

func TestNotesAreSealedAndComeBack(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		r := open(t, b, dsr.Access, "kari@example.org")
		inTx(t, b.Store, func(tx *store.Tx) error {
			mine, err := tx.Request(r.PublicID)
			if err != nil {
				return err
			}
			return tx.Act(mine, dsr.Event{Kind: dsr.EventNoted, Actor: system}, store.Change{Note: "ringte fra et kjent nummer"})
		})
		after := act(t, b, r.PublicID)
		if note := after.Events[2].Note; note != "ringte fra et kjent nummer" {
			t.Errorf("note %q", note)
		}
		if strings.Contains(b.Dump(t, "event", "audit_leaf"), "ringte") {
			t.Error("the note lies in the clear")
		}
	})
}

// What a stranger sends in the place of an id before anything else of it was looked at is nobody's, and no
// failure of the database: it may hold what is no text.
func TestStrangersIDs(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		known := ""
		inTx(t, b.Store, func(tx *store.Tx) error {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			made, err := tx.AddClient(c.ID, "intake", []string{"intake"}, []byte("hash"), "system")
			known = made.PublicID
			return err
		})
		for _, id := range []string{"", "0", "\x00", "\xff", strings.Repeat("\xff", 32), strings.Repeat("a", 31) + "\x00", strings.Repeat("a", 1<<16), strings.Repeat("a", 32), known} {
			err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				e, err := tx.Enquiry(id)
				link, second := tx.TaskLinkByID(id)
				client, _, third := tx.ClientByPublicID(id)
				if e != nil || link != nil || (client != nil) != (id == known) {
					t.Errorf("%q: %v %v %v", id, e, link, client)
				}
				return errors.Join(err, second, third)
			})
			if err != nil {
				t.Errorf("%.40q: %v", id, err)
			}
		}
	})
}
