package dsr_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mininfo/internal/dsr"
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func TestReferenceRoundTrip(t *testing.T) {
	t.Parallel()
	for range 2000 {
		r, err := dsr.NewReference(rand.Reader, 2026)
		if err != nil {
			t.Fatal(err)
		}
		if len(r) != len("MI-2026-7F3K-2Q") || !strings.HasPrefix(string(r), "MI-2026-") || strings.ContainsAny(string(r[3:]), "ILOU") {
			t.Fatalf("reference %q", r)
		}
		if back, err := dsr.ParseReference(string(r)); err != nil || back != r {
			t.Fatalf("ParseReference(%q) = %q, %v", r, back, err)
		}
	}
}

func TestReferenceIsTolerant(t *testing.T) {
	t.Parallel()
	const want = "MI-2026-7F3K-2Q"
	for _, typed := range []string{want, "mi-2026-7f3k-2q", " MI 2026 7F3K 2Q ", "MI20267F3K2Q", "2026-7F3K-2Q",
		"MI–2026–7F3K–2Q", "ml-2o26-7f3k-2q", "M1-2026-7F3K-2Q"} {
		if got, err := dsr.ParseReference(typed); err != nil || got != want {
			t.Errorf("ParseReference(%q) = %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "MI", "MI-2026-7F3K-2", "MI-2026-7F3K-2QQ", "MI-2026-7F3K-2U", "XX-2026-7F3K-2Q",
		"MI-2O2A-7F3K-2Q", "MI-2026-7F3K-2Ø", "MI_2026_7F3K_2Q", "MI-2026-7F3K-R3"} {
		if got, err := dsr.ParseReference(typed); !errors.Is(err, dsr.ErrReference) {
			t.Errorf("ParseReference(%q) = %q, %v", typed, got, err)
		}
	}
}

func TestReferenceReadsOAndL(t *testing.T) {
	t.Parallel()
	for range 3000 {
		r, err := dsr.NewReference(rand.Reader, 2010)
		if err != nil {
			t.Fatal(err)
		}
		typed := strings.NewReplacer("0", "o", "1", "l").Replace(string(r))
		if got, err := dsr.ParseReference(typed); err != nil || got != r {
			t.Fatalf("ParseReference(%q) = %q, %v", typed, got, err)
		}
	}
}

// Every wrong character at every place, and every two neighbours swapped, in references that
// hold every pair of characters at every place.
func TestCheckCharacterCatchesTypingErrors(t *testing.T) {
	t.Parallel()
	for a := range 32 {
		for b := range 32 {
			random := []byte{byte(a), byte(b), byte(a), byte(b), byte(a)}
			r, err := dsr.NewReference(bytes.NewReader(random), 2026+a)
			if err != nil {
				t.Fatal(err)
			}
			mistype(t, string(r))
		}
	}
}

func mistype(t *testing.T, r string) {
	t.Helper()
	symbols := []byte(strings.ReplaceAll(strings.TrimPrefix(r, "MI-"), "-", ""))
	for i := range symbols {
		for _, wrong := range []byte(alphabet) {
			if wrong == symbols[i] {
				continue
			}
			typed := bytes.Clone(symbols)
			typed[i] = wrong
			if got, err := dsr.ParseReference(string(typed)); err == nil {
				t.Fatalf("%s typed as %s was taken for %s", r, typed, got)
			}
		}
		if i > 0 && symbols[i] != symbols[i-1] {
			typed := bytes.Clone(symbols)
			typed[i], typed[i-1] = typed[i-1], typed[i]
			if got, err := dsr.ParseReference(string(typed)); err == nil {
				t.Fatalf("%s swapped to %s was taken for %s", r, typed, got)
			}
		}
	}
}

func TestReferenceParseNeverPanics(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, err := dsr.ParseReference(rapid.String().Draw(t, "typed"))
		if err != nil {
			return
		}
		if again, err := dsr.ParseReference(string(r)); err != nil || again != r {
			t.Fatalf("%q does not read back", r)
		}
	})
}

func TestNewReferenceRefuses(t *testing.T) {
	t.Parallel()
	if _, err := dsr.NewReference(rand.Reader, 999); err == nil {
		t.Error("a year of three digits was accepted")
	}
	if _, err := dsr.NewReference(bytes.NewReader(nil), 2026); err == nil {
		t.Error("a reference was drawn without randomness")
	}
}
