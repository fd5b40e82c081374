package governance_test

import (
	"errors"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
)

func TestPlaceHasAColleague(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		ctx := t.Context()
		o, by := office(t, b), member(t, b, "Ola", staff.PrivacyOfficer)
		mia := &governance.Colleague{Name: " Mia Arkiv ", Email: "Mia@Bücher.example", Locale: locale.NN}
		s, err := o.AddSource(ctx, by, governance.NewSource{Name: "Permen", Kind: "manual", Colleague: mia})
		if err != nil {
			t.Fatal(err)
		}
		read := func() governance.Source {
			t.Helper()
			got, err := o.Source(ctx, by, s.PublicID)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		c := read().Colleague
		if c == nil || c.Name.Reveal() != "Mia Arkiv" || c.Email.Reveal() != "Mia@xn--bcher-kva.example" || c.Locale != locale.NN {
			t.Fatalf("kept %+v", c)
		}
		// What is not said stays; an empty one means that the officer looks there.
		words := "Se i skapet."
		if _, err := o.ChangeSource(ctx, by, s.PublicID, governance.SourceChange{Instructions: &words}); err != nil {
			t.Fatal(err)
		}
		if read().Colleague == nil {
			t.Error("another change took the colleague away")
		}
		for name, bad := range map[string]struct {
			colleague governance.Colleague
			want      error
		}{
			"no name":    {governance.Colleague{Email: "mia@example.no"}, governance.ErrColleague},
			"line break": {governance.Colleague{Name: "Mia\nArkiv", Email: "mia@example.no"}, governance.ErrColleague},
			"no address": {governance.Colleague{Name: "Mia"}, dsr.ErrAddress},
			"two":        {governance.Colleague{Name: "Mia", Email: "mia@example.no, ola@example.no"}, dsr.ErrAddress},
		} {
			if _, err := o.ChangeSource(ctx, by, s.PublicID, governance.SourceChange{Colleague: &bad.colleague}); !errors.Is(err, bad.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := o.ChangeSource(ctx, by, s.PublicID, governance.SourceChange{Colleague: &governance.Colleague{}}); err != nil {
			t.Fatal(err)
		}
		if c := read().Colleague; c != nil {
			t.Errorf("still there: %+v", c)
		}
	})
}
