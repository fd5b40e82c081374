package fulfilment_test

import (
	"strconv"
	"strings"
	"testing"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/portaltest"
	"mininfo/migrations"
)

// The case page has the whole plan in one line: how many rows go, how many stay, why and until when.
func TestAPlanIsToldInOneLine(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	p := o.view(id).Plan
	if p == nil || !strings.HasPrefix(p.Words, strconv.FormatInt(p.Steps, 10)+" rader i ") {
		t.Fatalf("plan %+v", p)
	}
	said := map[string]string{"delete": "slettes", "anonymise": "anonymiseres", "keep": "beholdes"}
	sums := map[string]int64{}
	for _, c := range p.Counts {
		sums[c.Action] += c.Count
	}
	for action, n := range sums {
		if want := strconv.FormatInt(n, 10) + " " + said[action]; !strings.Contains(p.Words, want) {
			t.Errorf("no %q in %q", want, p.Words)
		}
	}
	if sums["keep"] == 0 || !strings.Contains(p.Words, " til 31.12.") {
		t.Errorf("nothing of what is kept, and until when: %q", p.Words)
	}
	if large := sums["delete"]+sums["anonymise"] > engine.DefaultSecondLook; large != (len(p.Warnings) == 1) {
		t.Errorf("%d rows change, and the warnings are %q", sums["delete"]+sums["anonymise"], p.Warnings)
	}
}
