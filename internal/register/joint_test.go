package register_test

import (
	"slices"
	"strings"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// TestINT09JointControllersInTheNotice: the notice names each joint controller, says the essence of what was
// agreed, and that the person may use any of them; what is left out is a gap.
func TestINT09JointControllersInTheNotice(t *testing.T) {
	t.Parallel()
	r := register.Seed()
	r.Controller.Name = "Fjordlys AS"
	bare := len(r.Gaps())
	r.Joint = []register.Joint{{
		Name: "Fjordvarme AS", Contact: "personvern@fjordvarme.example", Activities: []string{"customers"},
		Essence: locale.Text{NB: "Vi svarer på krav om innsyn, de på krav om retting.", NN: "Vi svarer på krav om innsyn, dei på krav om retting.", EN: "We answer access requests, they answer rectification."},
	}}
	if n := len(r.Gaps()); n != bare {
		t.Errorf("a whole arrangement makes %d gaps", n-bare)
	}
	for _, l := range locale.All {
		n := register.NewNotice(r, l, 1, dsr.Date{})
		i := slices.IndexFunc(n.Rest, func(p register.Part) bool { return p.ID == "joint_controllers" })
		if i < 0 {
			t.Fatalf("%s: the notice says nothing of joint controllers", l)
		}
		p := n.Rest[i]
		if len(p.Facts) != 1 || p.Facts[0].Label != "Fjordvarme AS" || !slices.Contains(p.Facts[0].Values, r.Joint[0].Essence.In(l)) ||
			!slices.Contains(p.Facts[0].Values, "personvern@fjordvarme.example") || !strings.Contains(p.Paragraphs[0], "26") {
			t.Errorf("%s: it says %+v", l, p)
		}
	}
	if register.SameNotice(register.Seed(), r) {
		t.Error("a joint controller does not change the notice")
	}
	linked := register.LinkedData(r, 1, dsr.Date{}, 0, "https://x.example/notice")
	if linked["dpv:hasJointDataControllers"] == nil {
		t.Error("the linked data name no joint controller")
	}
	r.Joint[0] = register.Joint{Activities: []string{"gone"}}
	fields := map[string]bool{}
	for _, g := range r.Gaps() {
		fields[g.Field] = true
	}
	for _, f := range []string{"name", "contact", "essence", "activities[0]"} {
		if !fields["joint_controllers[0]."+f] {
			t.Errorf("nothing is said of a missing %s", f)
		}
	}
}

// TestProcessorsHaveAgreements: whoever gets data as a processor stands in the list with its agreement.
func TestProcessorsHaveAgreements(t *testing.T) {
	t.Parallel()
	r := &register.Register{Activities: []register.Activity{{ID: "a", Recipients: []register.Recipient{
		{Name: "Drift AS", Role: "processor", Country: "NO"}, {Name: "Posten", Role: "controller", Country: "NO"}, {Role: "processor"},
	}}, {ID: "b", Recipients: []register.Recipient{{Name: "drift as", Role: "processor", Country: "NO"}}}}}
	gaps := func() (found []string) {
		for _, g := range r.Gaps() {
			if strings.HasPrefix(g.Field, "processors") {
				found = append(found, g.Field+" "+g.Text.EN)
			}
		}
		return found
	}
	if got := gaps(); len(got) != 1 || !strings.Contains(got[0], "Drift AS") {
		t.Errorf("not listed: %q", got)
	}
	r.Processors = []register.Processor{{Name: "Drift AS", Country: "NO"}}
	if got := gaps(); len(got) != 1 || !strings.HasPrefix(got[0], "processors[0].agreement") {
		t.Errorf("without an agreement: %q", got)
	}
	r.Processors[0].Agreement = "Avtale av 1. mai 2024"
	if got := gaps(); len(got) != 0 {
		t.Errorf("with an agreement: %q", got)
	}
}

// TestCAT01EachConditionIsHeld: each condition of Art. 9(2), and of Art. 10 with personopplysningsloven § 11,
// says for itself what it needs.
func TestCAT01EachConditionIsHeld(t *testing.T) {
	t.Parallel()
	said := locale.Text{NB: "Slik er det.", NN: "Slik er det.", EN: "So it is."}
	person := []register.Source{{Name: said, FromPerson: true}}
	for _, c := range []struct {
		name  string
		basis register.Basis
		more  func(*register.Activity)
		field string // of the gap; empty: none
	}{
		{"consent without how", register.Basis{Article: "9(2)(a)"}, nil, "bases[1].why"},
		{"consent", register.Basis{Article: "9(2)(a)", Why: said}, nil, ""},
		{"employment without law", register.Basis{Article: "9(2)(b)"}, nil, "bases[1].law"},
		{"employment", register.Basis{Article: "9(2)(b)", Law: "personopplysningsloven § 6"}, nil, ""},
		{"vital interests without which", register.Basis{Article: "9(2)(c)"}, nil, "bases[1].why"},
		{"vital interests", register.Basis{Article: "9(2)(c)", Why: said}, nil, ""},
		{"non-profit without aim", register.Basis{Article: "9(2)(d)"}, nil, "bases[1].why"},
		{"non-profit gives it out", register.Basis{Article: "9(2)(d)", Why: said}, func(a *register.Activity) {
			a.Recipients = []register.Recipient{{Name: "Avisen", Role: "controller", Country: "NO", Why: said}}
		}, "bases[1].article"},
		{"non-profit that the law has give it out", register.Basis{Article: "9(2)(d)", Why: said}, func(a *register.Activity) {
			a.Recipients = []register.Recipient{{Name: "Staten", Role: "controller", Country: "NO", Why: said}}
			a.Bases = append(a.Bases, register.Basis{Article: "9(2)(g)", Law: "loven § 2"})
		}, ""},
		{"non-profit", register.Basis{Article: "9(2)(d)", Why: said}, nil, ""},
		{"made public without where", register.Basis{Article: "9(2)(e)"}, nil, "bases[1].why"},
		{"made public by others", register.Basis{Article: "9(2)(e)", Why: said}, func(a *register.Activity) {
			a.Sources = []register.Source{{Name: said}}
		}, "bases[1].article"},
		{"made public", register.Basis{Article: "9(2)(e)", Why: said}, nil, ""},
		{"claims without which", register.Basis{Article: "9(2)(f)"}, nil, "bases[1].why"},
		{"claims", register.Basis{Article: "9(2)(f)", Why: said}, nil, ""},
		{"public interest without law", register.Basis{Article: "9(2)(g)"}, nil, "bases[1].law"},
		{"health care without law", register.Basis{Article: "9(2)(h)"}, nil, "bases[1].law"},
		{"public health without law", register.Basis{Article: "9(2)(i)"}, nil, "bases[1].law"},
		{"research without law", register.Basis{Article: "9(2)(j)"}, nil, "bases[1].law"},
		{"research", register.Basis{Article: "9(2)(j)", Law: "personopplysningsloven § 9"}, nil, ""},
		{"convictions without law", register.Basis{Article: "10"}, nil, "bases[1].law"},
		{"convictions by § 11 alone", register.Basis{Article: "10", Law: "personopplysningsloven § 11"}, nil, "bases[1].law"},
		{"convictions by § 11 and § 6", register.Basis{Article: "10", Law: "personopplysningsloven §§ 6 og 11"}, nil, ""},
		{"convictions by § 11 for a claim", register.Basis{Article: "10", Law: "personopplysningsloven § 11"}, func(a *register.Activity) {
			a.Bases = append(a.Bases, register.Basis{Article: "9(2)(f)", Why: said})
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := register.Activity{ID: "a", Bases: []register.Basis{{Article: "6(1)(c)", Law: "loven § 1"}, c.basis},
				Categories: []string{"user.health_and_medical"}, Sources: person}
			if c.basis.Article == "10" {
				a.Categories = []string{"user.criminal_history"}
			}
			if c.more != nil {
				c.more(&a)
			}
			found := ""
			for _, g := range a.Gaps() {
				if strings.HasPrefix(g.Field, "bases") {
					found += g.Field
					if !g.Text.Complete() {
						t.Errorf("the text lacks a language: %+v", g.Text)
					}
				}
			}
			if found != c.field {
				t.Errorf("gaps at %q, want %q", found, c.field)
			}
		})
	}
}
