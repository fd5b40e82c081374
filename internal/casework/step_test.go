package casework_test

import (
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// What has been carried out and checked waits for the officer, and what is still being carried out
// does not: the page says which of the two it is.
func TestStepAfterExecution(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		right      dsr.Right
		done       bool
		packaged   bool
		step, next string
	}{
		"under way":         {dsr.Erasure, false, false, "Utføres", "Gjennomføres av seg selv"},
		"copy not made yet": {dsr.Access, true, false, "Klar til å besvares", "Vent: kopien av opplysningene lages"},
		"copy made":         {dsr.Access, true, true, "Klar til å besvares", "Send svar"},
		"erased":            {dsr.Erasure, true, false, "Klar til å besvares", "Send svar"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &store.Request{Right: c.right}
			r.P.State, r.P.PlanDone, r.P.Packaged = dsr.Executing, c.done, c.packaged
			s := casework.Summarise(r, dsr.NewDate(2026, 6, 1), locale.NB, "")
			if s.Step != c.step || s.Next != c.next {
				t.Errorf("step %q, next %q; want %q, %q", s.Step, s.Next, c.step, c.next)
			}
		})
	}
}
