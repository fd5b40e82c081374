package register_test

import (
	"testing"

	"mininfo/internal/register"
)

// TestEveryLookSaysWhy: whatever row of the law's table a person has to look at, the office is told why, in
// words of its own or those of the register.
func TestEveryLookSaysWhy(t *testing.T) {
	t.Parallel()
	told := map[string]bool{}
	for _, c := range categoryRows(t, register.Seed().Activity) {
		if c.with != nil {
			c.with(&c.in)
		}
		p := register.ProposeErasure(c.in)
		if p.Action != register.Review {
			continue
		}
		why, ok := register.WhyLook(p.Code)
		if !ok && p.Text != c.in.Activity.Erasure.Text {
			t.Errorf("%s: nothing says why to look (%s)", c.name, p.Code)
		}
		if ok && (!why.Complete() || why == p.Text) {
			t.Errorf("%s: %+v", c.name, why)
		}
		told[p.Code] = ok
	}
	for _, code := range []string{register.CodeNoDate, register.CodeOngoing, register.CodeNotIdentifiable} {
		if !told[code] {
			t.Errorf("%s is not told", code)
		}
	}
}
