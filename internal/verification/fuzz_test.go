package verification_test

import (
	"strings"
	"testing"

	"mininfo/internal/verification"
)

// However a code is typed, it is read as one of the alphabet's own or not at all, and reading it again
// changes nothing.
func FuzzNormaliseCode(f *testing.F) {
	for _, seed := range []string{"ABCD-2345", " abcd 2345 ", "oO1lI", "\u212a", "ＡＢＣＤ２３４５", "", "\x00", strings.Repeat("A", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := verification.NormaliseCode(typed)
		if !ok {
			return
		}
		again, ok := verification.NormaliseCode(code.Reveal())
		if !ok || again != code || strings.Trim(code.Reveal(), "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ") != "" {
			t.Errorf("%q is read as %q, and that as %q", typed, code.Reveal(), again.Reveal())
		}
	})
}
