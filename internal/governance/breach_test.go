package governance_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/governance"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// TestBRE01Record: a breach is written down, the privacy officers are told, and told again 24 hours before the
// 72 are over, unless Datatilsynet is told or ruled out. What it says lies sealed, and in no log, job or mail.
func TestBRE01Record(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		officer := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		handler := member(t, b, "behandler", staff.CaseHandler)
		if _, err := o.PutSettings(t.Context(), governance.System(), organisation()); err != nil {
			t.Fatal(err)
		}
		noticed := b.Clock.Now().Add(-30 * time.Hour)
		open := func(what string) string {
			t.Helper()
			id, err := o.OpenBreach(t.Context(), handler, governance.NewBreach{NoticedAt: noticed, What: what, Concerned: 2})
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		id, unlikely := open("Kanarifugl fikk feil brev"), open("Kanarifugl så en skjerm")
		mails := func(when time.Time, want int) {
			t.Helper()
			b.Clock.Set(when)
			if err := o.WatchBreaches(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := len(b.Letters.All())
			b.RunJobs(t, o.Work())
			if n := len(b.Letters.All()) - before; n != want {
				t.Errorf("%s after it was noticed: %d mails, want %d", when.Sub(noticed), n, want)
			}
		}
		mails(noticed.Add(31*time.Hour), 2)
		if err := o.AssessBreach(t.Context(), officer, unlikely, governance.BreachChange{What: "Kanarifugl så en skjerm", Risk: "unlikely", Reason: "Kanarifugl så ingenting", Close: true}); err != nil {
			t.Fatal(err)
		}
		mails(noticed.Add(48*time.Hour-time.Minute), 0)
		mails(noticed.Add(48*time.Hour), 1)
		mails(noticed.Add(49*time.Hour), 0)
		list, err := o.Breaches(t.Context(), officer)
		if err != nil || len(list) != 2 || !strings.Contains(list[0].What+list[1].What, "Kanarifugl fikk") {
			t.Errorf("%+v, %v", list, err)
		}
		if _, err := o.Breaches(t.Context(), handler); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a case handler reads the record: %v", err)
		}
		for _, m := range b.Letters.All() {
			if strings.Contains(m.Subject+m.Text, "Kanarifugl") {
				t.Error("a mail holds what happened")
			}
		}
		if strings.Contains(b.Dump(t, "breach", "audit_leaf", "job"), "Kanarifugl") {
			t.Error("what happened lies in the clear")
		}
		log := b.Dump(t, "audit_leaf")
		for action, want := range map[string]int{"breach_opened": 2, "breach_closed": 1} {
			if n := strings.Count(log, action); n != want {
				t.Errorf("%d leaves of %s, want %d", n, action, want)
			}
		}
		told := b.Clock.Now()
		if err := o.AssessBreach(t.Context(), officer, id, governance.BreachChange{What: "x", Risk: "risk", Reason: "y", AuthorityAt: &told, Close: true}); err != nil {
			t.Fatal(err)
		}
		mails(told.AddDate(dsr.MostCaseYears, 0, 1), 0)
		if n := b.Count(t, "SELECT count(*) FROM breach"); n != 0 {
			t.Errorf("%d breaches are left after five years", n)
		}
		if n := b.Count(t, "SELECT count(*) FROM data_key WHERE owner = $1 AND wrapped IS NOT NULL", id); n != 0 {
			t.Error("the key of a breach is left")
		}
	})
}

// TestBRE01ManyAtOnce: of many who close a breach at once, on what they all read, one goes through; nothing is
// changed after it.
func TestBRE01ManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		officer := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		id, err := o.OpenBreach(t.Context(), officer, governance.NewBreach{NoticedAt: b.Clock.Now(), What: "Feil mottaker"})
		if err != nil {
			t.Fatal(err)
		}
		change := governance.BreachChange{What: "Feil mottaker", Risk: "unlikely", Reason: "Brevet kom uåpnet tilbake", Close: true}
		var mu sync.Mutex
		var wg sync.WaitGroup
		through := 0
		for range 8 {
			wg.Go(func() {
				err := o.AssessBreach(t.Context(), officer, id, change)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					through++
				} else if !errors.Is(err, store.ErrVersion) {
					t.Errorf("closing: %v", err)
				}
			})
		}
		wg.Wait()
		if n := strings.Count(b.Dump(t, "audit_leaf"), "breach_closed"); through != 1 || n != 1 {
			t.Errorf("closed %d times, %d leaves", through, n)
		}
		change.Base = 1
		if err := o.AssessBreach(t.Context(), officer, id, change); !errors.Is(err, store.ErrVersion) {
			t.Errorf("a closed breach was changed: %v", err)
		}
	})
}
