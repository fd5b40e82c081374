package register_test

import (
	"testing"

	"mininfo/internal/register"
)

// A name is found as words: a letter must not say that somebody was asked because of some letters in another name.
func TestProcessorsAreFoundByTheWordsOfTheirNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, place string
		want        bool
	}{
		{"IT", "Kreditt", false}, {"Posten", "Postenheten", false}, {"Visma", "Visma eAccounting", true}, {"visma eaccounting", "Regnskapet (Visma eAccounting)", true},
		{"Nordisk Drift AS", "Drift", false}, {"", "Kreditt", false}, {"Øst-Data", "øst data, arkivet", true},
	} {
		if got := (register.Handler{Name: c.name}).Named(c.place); got != c.want {
			t.Errorf("%q named after %q: %v", c.place, c.name, got)
		}
	}
	h := register.Handler{Name: "Drift AS", Systems: []string{"Scrmbled archive", "Nettbutikken, og kontorets system"}}
	if h.In("CRM") || h.In("") || !h.In("nettbutikken") || !h.In("Kontoret") {
		t.Error("in the wrong systems")
	}
}
