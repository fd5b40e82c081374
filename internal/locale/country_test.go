package locale_test

import (
	"testing"

	"mininfo/internal/locale"
)

func TestCountry(t *testing.T) {
	for _, c := range []struct {
		code string
		l    locale.Locale
		want string
	}{
		{"NO", locale.NB, "Norge"}, {"NO", locale.NN, "Noreg"}, {"no", locale.EN, "Norway"},
		{"FO", locale.NB, "Færøyene"}, {"GB", locale.NB, "Storbritannia"},
		{"", locale.NB, ""}, {"Norge", locale.NB, "Norge"}, {"XX", locale.EN, "XX"},
	} {
		if got := locale.Country(c.code, c.l); got != c.want {
			t.Errorf("%q in %s: %q, not %q", c.code, c.l, got, c.want)
		}
	}
}
