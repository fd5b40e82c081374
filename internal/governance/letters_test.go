package governance_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/letter"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

const wording = `refusal:
  nb:
    title: Svar i sak {reference}
    parts:
      - part: summary
      - part: reasons
      - part: disagree
        heading: Slik klager du
      - part: words
`

// The controller words letters in its own way; a duty cannot be left out, of members who save at
// the same time one wins, and whoever may not change settings cannot.
func TestLettersAreWordedByTheController(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		admin := governance.By{Roles: []staff.Role{staff.Admin}}
		bad := strings.Replace(wording, "      - part: reasons\n", "", 1)
		err := o.PutLetters(t.Context(), admin, bad, 0)
		if f := fault.From(err); !errors.Is(err, letter.ErrTemplate) || !strings.Contains(f.Text.NB, "Linje 2: delen «reasons» mangler") {
			t.Errorf("a duty left out gave %v", err)
		}
		if err := o.PutLetters(t.Context(), governance.By{Roles: []staff.Role{staff.CaseHandler}}, wording, 0); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a case handler got %v", err)
		}
		var wg sync.WaitGroup
		saved := make(chan error, 8)
		for range cap(saved) {
			wg.Go(func() { saved <- o.PutLetters(t.Context(), admin, wording, 0) })
		}
		wg.Wait()
		close(saved)
		won := 0
		for err := range saved {
			if err == nil {
				won++
			} else if !errors.Is(err, store.ErrVersion) {
				t.Errorf("saving at once gave %v", err)
			}
		}
		if v, err := o.Letters(t.Context(), admin); won != 1 || err != nil || v.Version != 1 || v.Body != wording {
			t.Errorf("%d saved, %+v, %v", won, v, err)
		}
		if _, err := o.PutSettings(t.Context(), admin, organisation()); err != nil {
			t.Fatal(err)
		}
		if v, err := o.Letters(t.Context(), admin); err != nil || v.Version != 2 || v.Body != wording {
			t.Errorf("other settings took the wording away: %+v, %v", v, err)
		}
		if !strings.Contains(b.Dump(t, "audit_leaf"), "settings_changed") {
			t.Error("the log lacks the change")
		}
	})
}
