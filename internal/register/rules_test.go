package register_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// refusal gives the ground of refusing with a code.
func refusal(t *testing.T, code string) register.Reason {
	t.Helper()
	r, ok := register.FindReason(register.RefusalGrounds, code)
	if !ok {
		t.Fatalf("there is no ground %s", code)
	}
	return r
}

// gapAt gives the gap that a spoilt register has at a field, or nil.
func gapAt(t *testing.T, field string, spoil func(*register.Activity)) *register.Gap {
	t.Helper()
	r, err := register.Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	spoil(&r.Activities[0])
	for _, g := range r.Gaps() {
		if g.Field == field {
			return &g
		}
	}
	return nil
}

func blocks(g *register.Gap, right dsr.Right) bool {
	return g != nil && slices.Contains(g.Rights, right)
}

// What nobody can link to the person is not refused: it is said so, and what would help is asked for.
func TestID07WhatCannotBeLinkedIsAskedAbout(t *testing.T) {
	t.Parallel()
	p := register.ProposeErasure(register.Facts{Activity: seeded(t, "web_logs"), Categories: []string{"user.device.ip_address"}, Today: today, NotLinkable: true})
	if p.Action != register.Review || p.Code != "ART11_NOT_IDENTIFIABLE" || !strings.Contains(p.Text.NB, "Oppgir du IP-adresse og tidspunkt, leter vi videre") {
		t.Errorf("%+v", p)
	}
	r := refusal(t, "not_identifiable")
	if r.Article != "11(2)" || !r.For(dsr.Access) || r.For(dsr.Objection) == false || !strings.Contains(r.Text.EN, "we will look again") {
		t.Errorf("%+v", r)
	}
}

// An undertaking has no rights under the GDPR; the person behind a sole proprietorship has them all.
func TestREP03UndertakingsAndSoleProprietors(t *testing.T) {
	t.Parallel()
	r := refusal(t, "not_natural_person")
	if r.Article != "4(1)" || len(r.Rights) != 0 || !strings.Contains(r.Text.NB, "enkeltpersonforetak") {
		t.Errorf("%+v", r)
	}
	customers := seeded(t, "customers")
	f := register.Facts{Activity: customers, Categories: []string{"user.contact.organization"}, Today: today, Relation: register.Ended}
	if p := register.ProposeDisclosure(f); p.Action != register.Disclose {
		t.Errorf("a sole proprietor does not get to see the firm's data: %+v", p)
	}
	if p := register.ProposeErasure(f); p.Action != register.Erase {
		t.Errorf("a sole proprietor's firm stays: %+v", p)
	}
}

func TestREP04TheDead(t *testing.T) {
	t.Parallel()
	r := refusal(t, "deceased")
	if r.Article != "recital 27" || len(r.Rights) != 0 || !strings.Contains(r.Text.NB, "gjelder ikke for døde") {
		t.Errorf("%+v", r)
	}
}

// Every ground names its provision, and the closed list of the Norwegian act is whole.
func TestREF03NAT01ExceptionsNameTheirProvision(t *testing.T) {
	t.Parallel()
	letters := ""
	for _, r := range register.WithholdGrounds {
		if !r.For(dsr.Access) || r.For(dsr.Erasure) {
			t.Errorf("%s is about %v", r.Code, r.Rights)
		}
		if letter, ok := strings.CutPrefix(r.Article, "pol. § 16 "); ok {
			letters += letter
			if want := "personopplysningsloven § 16 første ledd bokstav " + letter; register.ArticleText(r.Article).NB != want {
				t.Errorf("%s is written %q", r.Code, register.ArticleText(r.Article).NB)
			}
		}
	}
	if letters != "abcdef" {
		t.Errorf("the letters of § 16 are %q", letters)
	}
	e, _ := register.FindReason(register.WithholdGrounds, "pol_16_1_e")
	c, _ := register.FindReason(register.WithholdGrounds, "pol_16_1_c")
	if !strings.Contains(e.Text.NB, "fordi det er nødvendig") || !strings.Contains(c.Text.NB, "representant") {
		t.Errorf("(e) holds only as far as necessary, and (c) lets a representative see: %q, %q", e.Text.NB, c.Text.NB)
	}
}

// Whatever is left out of an answer, or not corrected as asked, is a refusal in part: it names its
// provision and says why, in all languages.
func TestREF02EachPartHasItsProvision(t *testing.T) {
	t.Parallel()
	customers, log := seeded(t, "customers"), seeded(t, "web_logs")
	secret := *customers
	secret.Withhold = &register.Withhold{Ground: "pol_16_1_d", Categories: []string{"user.content"}}
	for name, p := range map[string]register.Proposal{
		"credential":   register.ProposeDisclosure(register.Facts{Activity: customers, Categories: []string{"user.account"}, Credential: true}),
		"staff name":   register.ProposeDisclosure(register.Facts{Activity: customers, Categories: []string{"system.operations"}, StaffName: true}),
		"secrecy":      register.ProposeDisclosure(register.Facts{Activity: &secret, Categories: []string{"user.content"}}),
		"accurate":     register.ProposeCorrection(register.Facts{Activity: customers, Categories: []string{"user.name"}, Accurate: true}),
		"an opinion":   register.ProposeCorrection(register.Facts{Activity: customers, Categories: []string{"user.content"}, Opinion: true}),
		"a log":        register.ProposeCorrection(register.Facts{Activity: log, Categories: []string{"user.device.ip_address"}}),
		"a voucher":    register.ProposeCorrection(register.Facts{Activity: seeded(t, "invoices"), Categories: []string{"user.name"}}),
		"kept by duty": register.ProposeErasure(register.Facts{Activity: seeded(t, "invoices"), Today: today, RetentionFrom: day(t, "2025-01-01")}),
	} {
		if p.Law == "" || p.Ground == "" && p.Exception == "" || !p.Text.Complete() || p.Action == register.Review {
			t.Errorf("%s: %+v", name, p)
		}
		for _, l := range locale.All {
			if said := register.LawText(p.Law, l); said == "" || strings.Contains(said, "GDPR art.") {
				t.Errorf("%s, %s: the provision is written %q", name, l, said)
			}
		}
	}
}

func TestNAT03ResearchLimitsThreeRights(t *testing.T) {
	t.Parallel()
	r := refusal(t, "research")
	for right, want := range map[dsr.Right]bool{dsr.Access: true, dsr.Rectification: true, dsr.Restriction: true,
		dsr.Erasure: false, dsr.Portability: false, dsr.Objection: false} {
		if r.For(right) != want {
			t.Errorf("%s: %v", right, !want)
		}
	}
	if r.Article != "pol. § 17" || !strings.Contains(r.Text.EN, "disproportionate effort or defeat the aim") {
		t.Errorf("%+v", r)
	}
}

func TestNAT04Expression(t *testing.T) {
	t.Parallel()
	if r := refusal(t, "expression"); r.Article != "pol. § 3" || !strings.Contains(r.Text.NB, "bare til journalistikk, kunst eller akademiske ytringer") {
		t.Errorf("%+v", r)
	}
}

func TestNAT06ComplaintAndAppeal(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		c := register.Complaint(l)
		for _, part := range []string{"Datatilsynet", "458 Sentrum, 0105 Oslo", "datatilsynet.no", c.Court} {
			if part == "" || !strings.Contains(c.Paragraph, part) {
				t.Errorf("%s lacks %q: %s", l, part, c.Paragraph)
			}
		}
	}
	no, err := dsr.CalendarFor("NO")
	if err != nil {
		t.Fatal(err)
	}
	// Three weeks from 13 March are Good Friday.
	if got := dsr.AppealDue(*day(t, "2026-03-13"), no); got != *day(t, "2026-04-07") {
		t.Errorf("appeal by %v", got)
	}
}

// A recipient without a name is a gap, and whoever is named is named to the person.
func TestACC04RecipientsAreNamed(t *testing.T) {
	t.Parallel()
	if gapAt(t, "recipients[0].name", func(a *register.Activity) { a.Recipients[0].Name = "" }) == nil {
		t.Error("a recipient without a name is no gap")
	}
	for _, s := range register.NewNotice(register.Seed(), locale.NB, 1, today).Sections {
		a := seeded(t, s.Activity)
		for i, r := range s.Recipients {
			if r.Name != a.Recipients[i].Name || r.Why != a.Recipients[i].Why.NB {
				t.Errorf("%s: %+v", s.Activity, r)
			}
		}
	}
}

func TestACC05TheSourceIsTold(t *testing.T) {
	t.Parallel()
	for _, spoil := range []func(*register.Activity){
		func(a *register.Activity) { a.Sources = nil },
		func(a *register.Activity) { a.Sources[0].Name = locale.Text{} },
	} {
		if g := gapAt(t, "sources", spoil); !blocks(g, dsr.Access) && !blocks(gapAt(t, "sources[0].name", spoil), dsr.Access) {
			t.Error("an answer can be given that does not say where the data come from")
		}
	}
	n := register.NewNotice(register.Seed(), locale.NB, 1, today)
	open := n.Sections[slices.Index(seedIDs, "open_sources")].Sources
	if all := strings.Join(open, " "); !strings.Contains(all, "proff.no") || !strings.Contains(all, "1881.no") {
		t.Errorf("the open sources are told as %v", open)
	}
}

func TestACC07SafeguardsOfTransfers(t *testing.T) {
	t.Parallel()
	abroad := func(a *register.Activity) { a.Recipients[0].Country = "US" }
	if !blocks(gapAt(t, "recipients[0].safeguard", abroad), dsr.Access) {
		t.Error("an answer can be given that does not say what protects a transfer")
	}
	if !blocks(gapAt(t, "storage.country", func(a *register.Activity) { a.Storage.Country = "US" }), dsr.Access) {
		t.Error("data stored outside the EEA need no safeguard")
	}
}

// Others' data in a record are a matter for redaction by a person, never for refusing the record.
func TestACC08OthersAreProtectedItemByItem(t *testing.T) {
	t.Parallel()
	customers := seeded(t, "customers")
	for name, f := range map[string]register.Facts{
		"shared":      {Activity: customers, Categories: []string{"user.contact"}, Shared: true},
		"third party": {Activity: customers, Categories: []string{"user.content"}, ThirdParty: true},
	} {
		if p := register.ProposeDisclosure(f); p.Action != register.Review || p.Ground != "art_15_4" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := register.ProposeDisclosure(register.Facts{Activity: customers, Categories: []string{"user.name"}}); p.Action != register.Disclose {
		t.Errorf("the person's own name in the same record: %+v", p)
	}
}

func TestREC06VouchersAreNotOverwritten(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"invoices", "order_documents", "payroll"} {
		p := register.ProposeCorrection(register.Facts{Activity: seeded(t, id), Categories: []string{"user.name"}})
		if p.Action != register.Annotate || p.Code != register.CodeVoucher || !strings.Contains(p.Text.NB, "ny føring") || p.Law == "" {
			t.Errorf("%s: %+v", id, p)
		}
	}
}

// A portable copy has what the person gave by consent or contract, and nothing that access would not show.
func TestPOR01OnlyWhatThePersonGave(t *testing.T) {
	t.Parallel()
	elsewhere := *seeded(t, "customers")
	elsewhere.Sources = []register.Source{{Name: locale.Text{NB: "proff.no", NN: "proff.no", EN: "proff.no"}}}
	mixed := *seeded(t, "newsletter")
	mixed.Sources = append(slices.Clone(mixed.Sources), elsewhere.Sources...)
	named := mixed
	named.Sources = slices.Clone(mixed.Sources)
	named.Sources[0].Categories = []string{"user.name"}
	split := *seeded(t, "customers")
	split.Bases = slices.Clone(split.Bases)
	for i := range split.Bases {
		split.Bases[i].Categories = []string{"user.financial"}
	}
	both := named
	both.Sources = slices.Clone(named.Sources)
	both.Sources[len(both.Sources)-1].Categories = []string{"user.name"}
	noted := *seeded(t, "customers")
	noted.Sources = append(slices.Clone(noted.Sources), register.Source{Name: locale.Text{NB: "Notater", NN: "Notat", EN: "Notes"}, Own: true, Categories: []string{"user.name"}})
	for name, c := range map[string]struct {
		activity *register.Activity
		want     register.Action
	}{
		"contract, from the person":    {seeded(t, "customers"), register.Disclose},
		"consent, from the person":     {seeded(t, "newsletter"), register.Disclose},
		"contract, from somebody else": {&elsewhere, register.Withheld},
		"an interest":                  {seeded(t, "web_logs"), register.Withheld},
		"one of two sources":           {&mixed, register.Review},
		"named as the person's":        {&named, register.Disclose},
		"another basis for the field":  {&split, register.Withheld},
		"a legal duty":                 {seeded(t, "payroll"), register.Withheld},
		"both name the field":          {&both, register.Review},
		"noted by the office":          {&noted, register.Withheld},
	} {
		p := register.ProposePortability(register.Facts{Activity: c.activity, Categories: []string{"user.name"}})
		if p.Action != c.want {
			t.Errorf("%s: %+v", name, p)
		}
		if p.Action == register.Withheld && (p.Code != register.CodeNotPortable || p.Law != "GDPR art. 20(1)" || !strings.Contains(p.Text.NB, "be om innsyn i stedet")) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	for category, want := range map[string]register.Action{"user.behavior.browsing_history": register.Disclose, "user.demographic.profile": register.Withheld, "system.operations": register.Withheld} {
		p := register.ProposePortability(register.Facts{Activity: seeded(t, "newsletter"), Categories: []string{category}})
		if p.Action != want || want == register.Withheld && (p.Code != register.CodeNotPortable || !strings.Contains(p.Text.NB, "fra oss selv")) {
			t.Errorf("%s: %+v", category, p)
		}
	}
	for a, want := range map[*register.Activity]bool{seeded(t, "customers"): true, &mixed: true, &elsewhere: false} {
		if slices.Contains(a.Rights(), dsr.Portability) != want {
			t.Errorf("%s, from %+v: portability offered: %v", a.ID, a.Sources, !want)
		}
	}
	shared := register.Facts{Activity: seeded(t, "customers"), Categories: []string{"user.contact"}, Shared: true}
	if p := register.ProposePortability(shared); p.Action != register.Review {
		t.Errorf("what others share: %+v", p)
	}
}

// Nothing that hashes or masks is an answer to erasure: the actions are a closed list.
func TestERA05MaskingIsNoErasure(t *testing.T) {
	t.Parallel()
	for kind, ok := range map[string]bool{"erase": true, "anonymise": true, "mask": false, "hash": false, "pseudonymise": false} {
		body := spoil(t, "kind: keep_until_retention\n      exception: 17(3)(b)", "kind: "+kind)
		if _, err := register.Parse("good.yaml", body); (err == nil) != ok {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// A person who wants restriction instead, or whose objection is not weighed yet, has the data
// restricted and not erased.
func TestRES01RestrictedFirst(t *testing.T) {
	t.Parallel()
	p := register.ProposeErasure(register.Facts{Activity: seeded(t, "customers"), Categories: []string{"user.content"}, Today: today, Unlawful: true, PrefersRestriction: true})
	if p.Action != register.Restrict || p.Exception != "18(1)(b)" || !strings.Contains(p.Text.NB, "Du får beskjed før det endres") {
		t.Errorf("unlawful, restriction wanted: %+v", p)
	}
	p = register.ProposeErasure(register.Facts{Activity: seeded(t, "blocked_addresses"), Categories: []string{"user.device.ip_address"}, Today: today, Objection: true})
	if p.Action != register.Restrict || p.Exception != "18(1)(d)" {
		t.Errorf("objection pending: %+v", p)
	}
}

func TestOBJ01StopUnlessGroundsAreShown(t *testing.T) {
	t.Parallel()
	f := register.Facts{Activity: seeded(t, "blocked_addresses"), Categories: []string{"user.device.ip_address"}, Today: today,
		RetentionFrom: day(t, "2026-09-30"), Objection: true}
	for weighing, want := range map[register.Weighing]register.Action{
		"": register.Restrict, register.Compelling: register.Keep, register.NotCompelling: register.Erase,
	} {
		f.Weighing = weighing
		if p := register.ProposeErasure(f); p.Action != want {
			t.Errorf("weighing %q: %s, want %s", weighing, p.Action, want)
		}
	}
	if !blocks(gapAt(t, "bases[0].why", func(a *register.Activity) {
		a.Bases = []register.Basis{{Article: "6(1)(f)"}}
		a.Erasure.Exception = "17(1)(c)"
	}), dsr.Objection) {
		t.Error("an interest that nobody wrote down can be weighed")
	}
}

// Marketing stops at an objection, whatever is claimed and whatever else is weighed.
func TestOBJ02MarketingStops(t *testing.T) {
	t.Parallel()
	for _, claim := range []bool{false, true} {
		for _, w := range []register.Weighing{"", register.Compelling} {
			f := register.Facts{Activity: seeded(t, "newsletter"), Categories: []string{"user.contact.email"}, Today: today, Objection: true, Claim: claim, Weighing: w}
			if p := register.ProposeErasure(f); p.Action != register.Suppress || !strings.Contains(p.Text.NB, "ikke mer markedsføring") {
				t.Errorf("claim %v, weighing %q: %+v", claim, w, p)
			}
		}
	}
}

// Where there is no right to object, the refusal says which way is open.
func TestOBJ03TheRightRoute(t *testing.T) {
	t.Parallel()
	r := refusal(t, "objection_not_available")
	if !slices.Equal(r.Rights, []dsr.Right{dsr.Objection}) || !strings.Contains(r.Text.NB, "trekke samtykket eller be om sletting") {
		t.Errorf("%+v", r)
	}
	for id, want := range map[string]bool{"invoices": false, "payroll": false, "web_logs": true, "open_sources": true, "newsletter": true} {
		if got := slices.Contains(seeded(t, id).Rights(), dsr.Objection); got != want {
			t.Errorf("%s: an objection is offered: %v", id, got)
		}
	}
}

// What rests on consent goes when that is withdrawn; another basis counts only if it was declared.
func TestWDR01WithdrawnConsent(t *testing.T) {
	t.Parallel()
	news := seeded(t, "newsletter")
	if p := register.ProposeErasure(register.Facts{Activity: news, Categories: []string{"user.contact.email"}, Today: today, ConsentWithdrawn: true}); p.Action != register.Suppress || p.Ground != "17(1)(b)" {
		t.Errorf("%+v", p)
	}
	if !news.Consent() || !register.NewNotice(register.Seed(), locale.NB, 1, today).Sections[slices.Index(seedIDs, "newsletter")].Withdraw {
		t.Error("the notice does not say that consent can be withdrawn")
	}
	both := anActivity(register.ErasureRule{Kind: "keep_until_retention", Exception: "17(1)(a)", Code: "X"}, register.Retention{Rule: "months", Months: 36}, "6(1)(a)", "6(1)(b)")
	f := register.Facts{Activity: both, Categories: []string{"user.name"}, Today: today, RetentionFrom: day(t, "2026-10-01"), ConsentWithdrawn: true}
	if p := register.ProposeErasure(f); p.Action != register.Keep {
		t.Errorf("a contract that was declared from the start: %+v", p)
	}
	both.Bases = both.Bases[:1]
	if p := register.ProposeErasure(f); p.Action != register.Erase || p.Ground != "17(1)(b)" {
		t.Errorf("consent alone: %+v", p)
	}
}

// The notice names what Articles 13 and 14 ask for, and of the rights those that exist for the data.
func TestINF01TheNoticeIsWhole(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		n := register.NewNotice(register.Seed(), l, 1, today)
		if len(n.Rights) != 6 || n.Complaint.Paragraph == "" {
			t.Errorf("%s: rights %v, complaint %q", l, n.Rights, n.Complaint.Paragraph)
		}
		for _, s := range n.Sections {
			if s.Purpose == "" || len(s.Bases) == 0 || len(s.Sources) == 0 || s.Retention == "" || len(s.Categories) == 0 || len(s.Persons) == 0 {
				t.Errorf("%s %s: %+v", l, s.Activity, s)
			}
			a := seeded(t, s.Activity)
			if !slices.Equal(s.Rights, a.Rights()) || slices.Contains(s.Rights, dsr.Portability) != ((a.Consent() || hasContract(a)) && slices.ContainsFunc(a.Sources, func(s register.Source) bool { return s.FromPerson })) {
				t.Errorf("%s %s: rights %v", l, s.Activity, s.Rights)
			}
		}
	}
}

func hasContract(a *register.Activity) bool {
	return slices.ContainsFunc(a.Bases, func(b register.Basis) bool { return b.Article == "6(1)(b)" })
}

func TestCAT01SpecialCategoriesNeedTheirBasis(t *testing.T) {
	t.Parallel()
	for category, article := range map[string]string{"user.health_and_medical": "9(2)(f)", "user.criminal_history": "10", "user.biometric": "9(2)(f)"} {
		add := func(a *register.Activity) { a.Categories = append(a.Categories, category) }
		if gapAt(t, "bases", add) == nil {
			t.Errorf("%s needs no basis of its own", category)
		}
		if gapAt(t, "bases", func(a *register.Activity) {
			add(a)
			a.Bases = append(a.Bases, register.Basis{Article: article, Why: locale.Text{NB: "x", NN: "x", EN: "x"}})
		}) != nil {
			t.Errorf("%s has a basis of its own and a gap", category)
		}
		f := register.Facts{Activity: seeded(t, "customers"), Categories: []string{"user.contact.email"}, Matches: 1, Special: true}
		if register.MayShow(f) {
			t.Error("a special category is shown before anybody looked")
		}
	}
}

func TestACY02EveryClassIsInTheRegister(t *testing.T) {
	t.Parallel()
	if p := register.ProposeErasure(register.Facts{Categories: []string{"user.name"}, Today: today}); p.Action != register.Review || p.Code != register.CodeUnknownActivity {
		t.Errorf("data of no activity are decided about: %+v", p)
	}
	for field, spoil := range map[string]func(*register.Activity){
		"purpose": func(a *register.Activity) { a.Purpose = locale.Text{} }, "categories": func(a *register.Activity) { a.Categories = nil },
		"persons": func(a *register.Activity) { a.Persons = nil }, "storage.system": func(a *register.Activity) { a.Storage.System = "" },
		"retention.rule": func(a *register.Activity) { a.Retention = register.Retention{} },
	} {
		if gapAt(t, field, spoil) == nil {
			t.Errorf("%s may be left out", field)
		}
	}
}

// What the portal itself keeps stands in the register that ships with it.
func TestACY03ThePortalsOwnEntry(t *testing.T) {
	t.Parallel()
	a := seeded(t, "dsr_cases")
	if !slices.ContainsFunc(a.Bases, func(b register.Basis) bool { return b.Article == "6(1)(c)" && b.Law != "" }) || a.Retention.Months != 36 || !a.Retention.Text.Complete() {
		t.Errorf("%+v", a)
	}
}

// The decision, the notice and the sentences are read out of the register, not out of what an
// activity is called: with other names all rows of the table are decided the same.
func TestActivitiesRenamedAreDecidedTheSame(t *testing.T) {
	t.Parallel()
	plain, renamed := register.Seed(), register.Seed()
	for i := range renamed.Activities {
		renamed.Activities[i].ID = fmt.Sprintf("z%d", i)
		renamed.Activities[i].Name = locale.Text{NB: "Noe", NN: "Noko", EN: "Something"}
	}
	named := categoryRows(t, plain.Activity)
	other := categoryRows(t, func(id string) *register.Activity {
		return renamed.Activity(fmt.Sprintf("z%d", slices.Index(seedIDs, id)))
	})
	if len(named) < 50 || len(other) != len(named) {
		t.Fatalf("%d and %d rows", len(named), len(other))
	}
	for i, c := range named {
		o := other[i].in
		if c.with != nil {
			c.with(&c.in)
			other[i].with(&o)
		}
		if diff := cmp.Diff(register.ProposeErasure(c.in), register.ProposeErasure(o)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
		if diff := cmp.Diff(register.ProposeDisclosure(c.in), register.ProposeDisclosure(o)); diff != "" {
			t.Errorf("%s, access:\n%s", c.name, diff)
		}
		if diff := cmp.Diff(register.ProposeCorrection(c.in), register.ProposeCorrection(o)); diff != "" {
			t.Errorf("%s, correction:\n%s", c.name, diff)
		}
		c.in.Matches, o.Matches = 1, 1
		if register.MayShow(c.in) != register.MayShow(o) {
			t.Errorf("%s: what may be shown hangs on the name", c.name)
		}
	}
}

// Restricted data are stored; whatever else is done with them needs one of four uses.
func TestRES02OnlyStored(t *testing.T) {
	t.Parallel()
	for use, want := range map[string]bool{"consent": true, "claims": true, "others_rights": true, "public_interest": true,
		"marketing": false, "statistics": false, "legitimate_interest": false, "": false} {
		if _, ok := register.FindReason(register.RestrictedUses, use); ok != want {
			t.Errorf("%q: %v", use, ok)
		}
	}
	a := seeded(t, "newsletter")
	stored := register.ProposeRestriction(register.Facts{Activity: a, Categories: []string{"user.contact.email"}, Today: today, Restricted: true})
	if stored.Action != register.Restrict {
		t.Errorf("what is restricted may not be stored: %+v", stored)
	}
	for _, p := range []register.Proposal{
		register.ProposeErasure(register.Facts{Activity: a, Categories: []string{"user.contact.email"}, Today: today, Restricted: true, Objection: true}),
		register.ProposeCorrection(register.Facts{Activity: a, Categories: []string{"user.contact.email"}, Today: today, Restricted: true}),
	} {
		if p.Action != register.Review || p.Code != "RESTRICTED" || p.Text.NN == "" {
			t.Errorf("restricted data are used without anybody having looked: %+v", p)
		}
	}
}
