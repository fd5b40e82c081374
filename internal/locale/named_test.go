package locale_test

import (
	"testing"

	"mininfo/internal/locale"
)

func TestNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		l          locale.Locale
		name, want string
	}{{locale.NB, "Nettbutikken", "Nettbutikken"}, {locale.NN, "Nettbutikken", "Nettbutikken"}, {locale.EN, "Nettbutikken", "“Nettbutikken”"}, {locale.EN, "", ""}} {
		if got := locale.Named(c.name, c.l); got != c.want {
			t.Errorf("%s %q: %q", c.l, c.name, got)
		}
	}
}
