package register_test

import (
	"testing"

	"mininfo/internal/register"
)

func TestOutsideEEA(t *testing.T) {
	t.Parallel()
	inside := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if !register.OutsideEEA(string([]rune{a, b})) {
				inside++
			}
		}
	}
	if inside != 30 {
		t.Errorf("%d countries in the EEA, want 30", inside)
	}
	for code, want := range map[string]bool{"NO": false, "se": false, "US": true, "BR": true, "": false} {
		if register.OutsideEEA(code) != want {
			t.Errorf("OutsideEEA(%q) = %v", code, !want)
		}
	}
}
