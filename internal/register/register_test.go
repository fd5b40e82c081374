package register_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

var seedIDs = []string{"web_logs", "blocked_addresses", "contact_form", "customers", "company_contacts", "suppliers",
	"open_sources", "invoices", "order_documents", "partner_disclosure", "authority_disclosure", "job_applications",
	"employees", "payroll", "newsletter", "cookies", "dsr_cases",
	"payment_details", "dunning", "site_behavior", "mailboxes", "staff_page", "timesheets", "ban_list", "backups"}

func TestSeedHasEveryActivityOfTheNotice(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, a := range register.Seed().Activities {
		ids = append(ids, a.ID)
	}
	if d := cmp.Diff(seedIDs, ids); d != "" {
		t.Errorf("activities differ:\n%s", d)
	}
}

// TestSeedIsUsable: the first start may warn, but no decision may wait for what ships with it.
func TestSeedIsUsable(t *testing.T) {
	t.Parallel()
	unconfirmed := map[string]bool{}
	for _, g := range register.Seed().Gaps() {
		if g.Severity != register.Warn {
			t.Errorf("%s blocks at %s: %s", g.Activity, g.Field, g.Text.EN)
		}
		if strings.Contains(g.Text.EN, "missing in Bokmål") {
			t.Errorf("%s: %s is not in all languages", g.Activity, g.Field)
		}
		if g.Field == "retention.default" {
			unconfirmed[g.Activity] = true
		}
	}
	for _, id := range []string{"web_logs", "blocked_addresses", "contact_form", "customers", "job_applications", "cookies", "dsr_cases"} {
		if !unconfirmed[id] {
			t.Errorf("%s: retention from practice passes for law", id)
		}
	}
	for _, id := range []string{"invoices", "order_documents", "payroll", "newsletter"} {
		if unconfirmed[id] {
			t.Errorf("%s: retention from law passes for practice", id)
		}
	}
}

func TestSeedIsANewOneEachTime(t *testing.T) {
	t.Parallel()
	register.Seed().Activities[0].ID = "changed"
	if id := register.Seed().Activities[0].ID; id != "web_logs" {
		t.Errorf("a change to one seed is in the next: %s", id)
	}
}

func TestGaps(t *testing.T) {
	t.Parallel()
	erasure, access := []dsr.Right{dsr.Erasure}, []dsr.Right{dsr.Access}
	for _, c := range []struct {
		name     string
		spoil    func(r *register.Register, a *register.Activity)
		activity string
		field    string
		severity register.Severity
		rights   []dsr.Right
	}{
		{"no controller", func(r *register.Register, _ *register.Activity) { r.Controller.Email = "" }, "", "controller.email", register.Warn, nil},
		{"country without a calendar", func(r *register.Register, _ *register.Activity) { r.Controller.Country = "JP" }, "", "controller.country", register.Warn, nil},
		{"no purpose", func(_ *register.Register, a *register.Activity) { a.Purpose = locale.Text{} }, "invoices", "purpose", register.BlocksDecision, access},
		{"no basis", func(_ *register.Register, a *register.Activity) { a.Bases = nil; a.Erasure.Law = "x" }, "invoices", "bases", register.BlocksDecision, []dsr.Right{dsr.Erasure, dsr.Objection}},
		{"6(1)(c) without law", func(_ *register.Register, a *register.Activity) { a.Bases[0].Law = ""; a.Erasure.Law = "x" }, "invoices", "bases[0].law", register.Warn, nil},
		{"keep by duty without law", func(_ *register.Register, a *register.Activity) { a.Bases[0].Law = "" }, "invoices", "erasure.law", register.BlocksDecision, erasure},
		{"6(1)(f) without interest", func(_ *register.Register, a *register.Activity) {
			a.Bases = append(a.Bases, register.Basis{Article: "6(1)(f)"})
		}, "invoices", "bases[1].why", register.Warn, nil},
		{"overriding grounds without interest", func(_ *register.Register, a *register.Activity) {
			a.Bases = []register.Basis{{Article: "6(1)(f)"}}
			a.Erasure.Exception = "17(1)(c)"
		}, "invoices", "bases[0].why", register.BlocksDecision, []dsr.Right{dsr.Erasure, dsr.Objection}},
		{"health data without 9(2)", func(_ *register.Register, a *register.Activity) {
			a.Categories = append(a.Categories, "user.health_and_medical")
		}, "invoices", "bases", register.Contradiction, nil},
		{"no persons", func(_ *register.Register, a *register.Activity) { a.Persons = nil }, "invoices", "persons", register.Warn, nil},
		{"no categories", func(_ *register.Register, a *register.Activity) { a.Categories = nil }, "invoices", "categories", register.Warn, nil},
		{"no source", func(_ *register.Register, a *register.Activity) { a.Sources = nil }, "invoices", "sources", register.BlocksDecision, access},
		{"source without name", func(_ *register.Register, a *register.Activity) { a.Sources[0].Name = locale.Text{} }, "invoices", "sources[0].name", register.BlocksDecision, access},
		{"recipient without name", func(_ *register.Register, a *register.Activity) { a.Recipients[0].Name = "" }, "invoices", "recipients[0].name", register.Warn, nil},
		{"recipient without reason", func(_ *register.Register, a *register.Activity) { a.Recipients[0].Why = locale.Text{} }, "invoices", "recipients[0].why", register.Warn, nil},
		{"transfer without safeguard", func(_ *register.Register, a *register.Activity) { a.Recipients[0].Country = "US" }, "invoices", "recipients[0].safeguard", register.Contradiction, access},
		{"stored outside the EEA", func(_ *register.Register, a *register.Activity) { a.Storage.Country = "US" }, "invoices", "storage.country", register.Contradiction, access},
		{"no system", func(_ *register.Register, a *register.Activity) { a.Storage.System = "" }, "invoices", "storage.system", register.Warn, nil},
		{"nothing said of recipients", func(_ *register.Register, a *register.Activity) { a.Recipients = nil }, "invoices", "recipients", register.Warn, nil},
		{"no retention", func(_ *register.Register, a *register.Activity) { a.Retention = register.Retention{} }, "invoices", "retention.rule", register.BlocksDecision, []dsr.Right{dsr.Access, dsr.Erasure}},
		{"retention without words", func(_ *register.Register, a *register.Activity) { a.Retention.Text = locale.Text{} }, "invoices", "retention", register.BlocksDecision, access},
		{"unconfirmed default", func(_ *register.Register, a *register.Activity) { a.Retention.Default = true }, "invoices", "retention.default", register.Warn, nil},
		{"no rule", func(_ *register.Register, a *register.Activity) { a.Erasure = register.ErasureRule{} }, "invoices", "erasure.kind", register.BlocksDecision, erasure},
		{"keep without exception", func(_ *register.Register, a *register.Activity) { a.Erasure.Exception = "" }, "invoices", "erasure.exception", register.BlocksDecision, erasure},
		{"keep without code", func(_ *register.Register, a *register.Activity) { a.Erasure.Code = "" }, "invoices", "erasure.code", register.BlocksDecision, erasure},
		{"keep without sentence", func(_ *register.Register, a *register.Activity) { a.Erasure.Text = locale.Text{} }, "invoices", "erasure.text", register.BlocksDecision, erasure},
		{"no data protection officer", func(r *register.Register, _ *register.Activity) { r.Controller.NoDPO = "" }, "", "controller.dpo", register.Warn, nil},
		{"abroad without representative", func(r *register.Register, _ *register.Activity) { r.Controller.Country = "US" }, "", "controller.representative", register.Warn, nil},
		{"promise to companies without check", func(r *register.Register, _ *register.Activity) { r.Companies = &register.Companies{} }, "", "companies", register.Warn, nil},
		{"another notice is published", func(r *register.Register, _ *register.Activity) { r.Published = &register.Published{} }, "", "published", register.Warn, nil},
		{"a notice names no right", func(r *register.Register, _ *register.Activity) { r.Published = &register.Published{} }, "", "published.rights", register.Warn, nil},
		{"a notice narrows a right", func(r *register.Register, _ *register.Activity) {
			r.Published = &register.Published{Narrowed: []string{"erasure"}}
		}, "", "published.narrowed[0]", register.Warn, nil},
		{"a notice calls crime a special category", func(r *register.Register, _ *register.Activity) {
			r.Published = &register.Published{Special: []string{"user.criminal_history"}}
		}, "", "published.special_categories[0]", register.Warn, nil},
		{"a notice calls a name sensitive", func(r *register.Register, _ *register.Activity) {
			r.Published = &register.Published{Special: []string{"user.name"}}
		}, "", "published.special_categories[0]", register.Warn, nil},
		{"criminal data without Article 10", func(_ *register.Register, a *register.Activity) {
			a.Categories = append(a.Categories, "user.criminal_history")
			a.Bases = append(a.Bases, register.Basis{Article: "9(2)(f)"})
		}, "invoices", "bases", register.Contradiction, nil},
		{"Article 10 without law", func(_ *register.Register, a *register.Activity) {
			a.Bases = append(a.Bases, register.Basis{Article: "10"})
		}, "invoices", "bases[1].law", register.Warn, nil},
		{"Article 9 without Article 6", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation.Kind = []register.Basis{{Article: "9(2)(f)"}}, register.Voluntary
			a.Erasure.Law, a.Retention.Rule = "x", register.RuleReview
		}, "invoices", "bases", register.BlocksDecision, []dsr.Right{dsr.Erasure, dsr.Objection}},
		{"contract with visitors", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Persons, a.Obligation.Kind = []register.Basis{{Article: "6(1)(b)"}}, []string{"visitor"}, register.Voluntary
			a.Erasure.Law, a.Retention.Rule = "x", register.RuleReview
		}, "invoices", "bases", register.Warn, nil},
		{"consent to what strangers tell", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation = []register.Basis{{Article: "6(1)(a)"}}, nil
			a.Sources = []register.Source{{Name: locale.Text{NB: "brreg.no", NN: "brreg.no", EN: "brreg.no"}, Public: true}}
			a.Informed = a.Purpose
			a.Erasure.Law, a.Retention.Rule = "x", register.RuleReview
		}, "invoices", "bases", register.Warn, nil},
		{"consent of employees", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Persons, a.Obligation.Kind = []register.Basis{{Article: "6(1)(a)"}}, []string{"employee"}, register.Voluntary
			a.Erasure.Law, a.Retention.Rule = "x", register.RuleReview
		}, "invoices", "bases", register.Warn, nil},
		{"cookies without consent", func(_ *register.Register, a *register.Activity) {
			a.Categories = append(a.Categories, "user.device.cookie_id")
		}, "invoices", "bases", register.Warn, nil},
		{"source that is no name", func(_ *register.Register, a *register.Activity) {
			a.Sources = append(a.Sources, register.Source{Name: locale.Text{NB: "Åpne kilder", NN: "Opne kjelder", EN: "Open sources"}})
			a.Informed = a.Purpose
		}, "invoices", "sources[1].name", register.Warn, nil},
		{"others tell and nobody says when one is told", func(_ *register.Register, a *register.Activity) {
			a.Sources[0].FromPerson = false
		}, "invoices", "informed", register.Warn, nil},
		{"no obligation", func(_ *register.Register, a *register.Activity) { a.Obligation = nil }, "invoices", "obligation", register.Warn, nil},
		{"obligation without consequence", func(_ *register.Register, a *register.Activity) { a.Obligation.Text = locale.Text{} }, "invoices", "obligation.text", register.Warn, nil},
		{"obligation by a contract that is no basis", func(_ *register.Register, a *register.Activity) { a.Obligation.Kind = register.ByContract }, "invoices", "obligation.kind", register.Contradiction, nil},
		{"recipients that are no names", func(_ *register.Register, a *register.Activity) { a.Recipients[0].Name = "Underleverandører" }, "invoices", "recipients[0].name", register.Warn, nil},
		{"no protection", func(_ *register.Register, a *register.Activity) { a.Storage.Protection = locale.Text{} }, "invoices", "storage.protection", register.Warn, nil},
		{"as long as necessary", func(_ *register.Register, a *register.Activity) { a.Retention.Text.EN = "As long as necessary." }, "invoices", "retention.text", register.BlocksDecision, access},
		{"until a consent that nobody gave is withdrawn", func(_ *register.Register, a *register.Activity) { a.Retention.Rule = register.RuleWithdrawn }, "invoices", "retention.rule", register.Contradiction, []dsr.Right{dsr.Erasure}},
		{"while nobody is employed", func(_ *register.Register, a *register.Activity) { a.Retention.Rule = register.RuleEmployed }, "invoices", "retention.rule", register.Contradiction, nil},
		{"bookkeeping without duty", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation.Kind, a.Erasure.Law = []register.Basis{{Article: "6(1)(b)"}}, register.ByContract, "x"
		}, "invoices", "retention.rule", register.Contradiction, []dsr.Right{dsr.Erasure}},
		{"overriding grounds without interest or task", func(_ *register.Register, a *register.Activity) { a.Erasure.Exception = register.OverridingGrounds }, "invoices", "erasure.exception", register.Contradiction,
			[]dsr.Right{dsr.Erasure, dsr.Objection}},
		{"marketing on a duty", func(_ *register.Register, a *register.Activity) { a.Erasure.Marketing = true }, "invoices", "erasure.marketing", register.Contradiction, nil},
		{"keeps what it does not have", func(_ *register.Register, a *register.Activity) {
			a.Erasure.Kind, a.Erasure.KeepFields = register.KindMinimum, []string{"user.name", "user.payment"}
		}, "invoices", "erasure.keep_fields[1]", register.Contradiction, nil},
		{"automated decision on an interest", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation.Kind = []register.Basis{{Article: "6(1)(f)", Why: a.Purpose}}, register.Voluntary
			a.Automated, a.Erasure.Law, a.Retention.Rule = &a.Purpose, "x", register.RuleReview
		}, "invoices", "automated_decisions", register.Contradiction, nil},
		{"nothing said of automated decisions", func(_ *register.Register, a *register.Activity) { a.NoAutomated = false }, "invoices", "automated_decisions", register.Warn, nil},
		{"automated decision without its logic", func(_ *register.Register, a *register.Activity) { a.Automated = &locale.Text{} }, "invoices", "automated_decisions", register.Contradiction, access},
		{"consent kept until a review", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation.Kind = []register.Basis{{Article: "6(1)(a)"}}, register.Voluntary
			a.Erasure.Law, a.Retention.Rule = "x", register.RuleReview
		}, "invoices", "retention.rule", register.Contradiction, nil},
		{"consent that cannot be withdrawn", func(_ *register.Register, a *register.Activity) {
			a.Bases, a.Obligation.Kind = []register.Basis{{Article: "6(1)(a)"}}, register.Voluntary
			a.Erasure.Exception, a.Retention = register.StillNecessary, register.Retention{Rule: register.RuleMonths, Months: 6, Text: a.Retention.Text}
		}, "invoices", "erasure.exception", register.Contradiction, nil},
		{"members' data outside the body without consent", func(_ *register.Register, a *register.Activity) {
			a.Bases = append(a.Bases, register.Basis{Article: "9(2)(d)", Why: a.Purpose})
			a.Recipients[0].Role = "controller"
		}, "invoices", "bases[1].article", register.Contradiction, nil},
		{"made public by nobody", func(_ *register.Register, a *register.Activity) {
			a.Bases = append(a.Bases, register.Basis{Article: "9(2)(e)", Why: a.Purpose})
			a.Sources[0].FromPerson, a.Informed = false, a.Purpose
		}, "invoices", "bases[1].article", register.Contradiction, nil},
		{"no nynorsk", func(_ *register.Register, a *register.Activity) { a.Purpose.NN = "" }, "invoices", "purpose", register.Warn, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := register.Parse("good.yaml", []byte(good))
			if err != nil {
				t.Fatal(err)
			}
			if g := r.Gaps(); len(g) > 0 {
				t.Fatalf("the good register has gaps: %+v", g)
			}
			c.spoil(r, &r.Activities[0])
			gaps := r.Gaps()
			i := slices.IndexFunc(gaps, func(g register.Gap) bool { return g.Field == c.field })
			if i < 0 {
				t.Fatalf("no gap at %s: %+v", c.field, gaps)
			}
			g := gaps[i]
			if g.Activity != c.activity || g.Severity != c.severity || !slices.Equal(g.Rights, c.rights) || !g.Text.Complete() {
				t.Errorf("got %+v", g)
			}
			checkBlocks(t, r, gaps)
		})
	}
}

// TestTimesThatSayNothing: a time with a criterion is one, however it begins.
func TestTimesThatSayNothing(t *testing.T) {
	t.Parallel()
	for said, vague := range map[string]bool{
		"Så lenge det er nødvendig.":                                true,
		"Så lenge det er nødvendig ut fra formålet.":                true,
		"As long as it is necessary. As long as needed, that is.":   true,
		"Så lenge det er nødvendig. Behovet vurderes hvert halvår.": false,
		"I fem år.": false,
	} {
		r, err := register.Parse("good.yaml", []byte(good))
		if err != nil {
			t.Fatal(err)
		}
		r.Activities[0].Retention.Text = locale.Text{NB: said, NN: said, EN: said}
		got := slices.ContainsFunc(r.Gaps(), func(g register.Gap) bool { return g.Field == "retention.text" })
		if got != vague {
			t.Errorf("%q: taken for saying nothing %v, want %v", said, got, vague)
		}
	}
}

// TestLint: errors do not hide gaps, and both have their lines.
func TestLint(t *testing.T) {
	t.Parallel()
	data := strings.NewReplacer("6(1)(c)", "6(1)(ä)", "name: Regnskap AS", `name: ""`).Replace(good)
	found := register.Lint("r.yaml", []byte(data))
	var got []string
	for _, f := range found {
		got = append(got, string(f.Severity)+" "+f.String())
	}
	want := []string{
		"wrong r.yaml:14: activities[0].bases[0].article: this is not a legal basis; write 6(1)(a) to 6(1)(f), 9(2)(a) to 9(2)(j), or 10",
		"warn r.yaml:22: activities[0].recipients[0].name: Write the recipient's name. The person has a right to know who it is.",
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("not said: %s\nsaid: %s", line, strings.Join(got, "\n"))
		}
	}
	if all := register.Lint("r.yaml", []byte("controller: [")); len(all) != 1 || all[0].Severity != register.Wrong {
		t.Errorf("what is no YAML: %v", all)
	}
	if all := register.Lint("r.yaml", []byte(good)); len(all) != 0 {
		t.Errorf("the good register: %v", all)
	}
	for _, f := range found {
		if !f.Text.Complete() {
			t.Errorf("not in all languages: %s", f)
		}
	}
}

// checkBlocks holds that a decision waits exactly when a gap about it says so.
func checkBlocks(t *testing.T, r *register.Register, gaps []register.Gap) {
	t.Helper()
	from := today.AddMonths(-6)
	f := register.Facts{Activity: &r.Activities[0], Categories: []string{"user.name"}, Today: today, RetentionFrom: &from}
	for right, p := range map[dsr.Right]register.Proposal{
		dsr.Erasure: register.ProposeErasure(f), dsr.Access: register.ProposeDisclosure(f),
	} {
		want := slices.ContainsFunc(gaps, func(g register.Gap) bool { return slices.Contains(g.Rights, right) })
		if (p.Blocked != nil) != want || want && p.Action != register.Review {
			t.Errorf("%s: blocked %+v, action %s; want blocked %v", right, p.Blocked, p.Action, want)
		}
	}
}

func TestACC09ProposeDisclosure(t *testing.T) {
	t.Parallel()
	customers, police := seeded(t, "customers"), seeded(t, "authority_disclosure")
	staff := seeded(t, "employees")
	secret := *customers
	secret.Withhold = &register.Withhold{Ground: "pol_16_1_d", Categories: []string{"user.content"}}
	for _, c := range []struct {
		name string
		in   register.Facts
		want verdict
	}{
		{"ordinary data", register.Facts{Activity: customers, Categories: []string{"user.name"}}, verdict{Action: register.Disclose, Code: "DISCLOSE"}},
		{"free text about oneself", register.Facts{Activity: customers, Categories: []string{"user.content"}, FreeText: true}, verdict{Action: register.Disclose, Code: "DISCLOSE"}},
		{"unknown activity", register.Facts{Categories: []string{"user.name"}}, verdict{Action: register.Review, Code: "UNKNOWN_ACTIVITY"}},
		{"shared", register.Facts{Activity: customers, Categories: []string{"user.name"}, Shared: true}, verdict{Action: register.Review, Ground: "art_15_4", Code: "SHARED_RECORD"}},
		{"third party", register.Facts{Activity: customers, Categories: []string{"user.content"}, ThirdParty: true}, verdict{Action: register.Review, Ground: "art_15_4", Code: "THIRD_PARTY"}},
		{"password", register.Facts{Activity: customers, Categories: []string{"user.authorization.password"}}, verdict{Action: register.Mask, Ground: "pol_16_1_f", Code: "CREDENTIAL", Law: "personopplysningsloven § 16 f"}},
		{"token", register.Facts{Activity: customers, Categories: []string{"user.account"}, Credential: true}, verdict{Action: register.Mask, Ground: "pol_16_1_f", Code: "CREDENTIAL", Law: "personopplysningsloven § 16 f"}},
		{"who looked", register.Facts{Activity: customers, Categories: []string{"system.operations"}, StaffName: true}, verdict{Action: register.Mask, Ground: "art_15_4", Code: "STAFF_NAME", Law: "GDPR art. 15(4)"}},
		{"disclosed to the police", register.Facts{Activity: police, Categories: []string{"user.name"}}, verdict{Action: register.Review, Ground: "pol_16_1_b", Code: "POL_16_1_B", Law: "personopplysningsloven § 16 b"}},
		{"internal assessment", register.Facts{Activity: staff, Categories: []string{"user.content.private"}}, verdict{Action: register.Review, Ground: "pol_16_1_e", Code: "POL_16_1_E", Law: "personopplysningsloven § 16 e"}},
		{"the rest of the personnel file", register.Facts{Activity: staff, Categories: []string{"user.content.self_image"}}, verdict{Action: register.Disclose, Code: "DISCLOSE"}},
		{"secrecy", register.Facts{Activity: &secret, Categories: []string{"user.content"}}, verdict{Action: register.Withheld, Ground: "pol_16_1_d", Code: "POL_16_1_D", Law: "personopplysningsloven § 16 d"}},
	} {
		p := register.ProposeDisclosure(c.in)
		if d := cmp.Diff(c.want, verdictOf(p)); d != "" {
			t.Errorf("%s:\n%s", c.name, d)
		}
		if !p.Text.Complete() {
			t.Errorf("%s: no sentence", c.name)
		}
		if _, ok := register.FindReason(register.WithholdGrounds, p.Ground); p.Ground != "" && !ok {
			t.Errorf("%s: %s is not on the closed list", c.name, p.Ground)
		}
	}
}

func TestREC03ProposeCorrection(t *testing.T) {
	t.Parallel()
	customers, invoices := seeded(t, "customers"), seeded(t, "invoices")
	for _, c := range []struct {
		name string
		in   register.Facts
		want register.Action
		code string
	}{
		{"own address", register.Facts{Activity: customers, Categories: []string{"user.contact.address"}}, register.Set, "CORRECT"},
		{"name on a voucher", register.Facts{Activity: invoices, Categories: []string{"user.name"}}, register.Annotate, "VOUCHER"},
		{"name in a contract", register.Facts{Activity: seeded(t, "order_documents"), Categories: []string{"user.name"}}, register.Annotate, "VOUCHER"},
		{"an opinion", register.Facts{Activity: customers, Categories: []string{"user.content"}, Opinion: true}, register.Annotate, "OPINION"},
		{"a note", register.Facts{Activity: customers, Categories: []string{"user.content"}, FreeText: true}, register.Annotate, "OPINION"},
		{"a log", register.Facts{Activity: seeded(t, "web_logs"), Categories: []string{"user.device.ip_address"}}, register.Annotate, "LOG"},
		{"shared", register.Facts{Activity: customers, Categories: []string{"user.contact"}, Shared: true}, register.Review, "SHARED_RECORD"},
		{"about another", register.Facts{Activity: customers, Categories: []string{"user.contact"}, ThirdParty: true}, register.Review, "THIRD_PARTY"},
		{"source that cannot be written", register.Facts{Activity: customers, Categories: []string{"user.contact"}, ReadOnly: true}, register.Review, "READ_ONLY"},
		{"shown to be right", register.Facts{Activity: customers, Categories: []string{"user.contact"}, Accurate: true}, register.Refuse, "ACCURATE"},
		{"unknown", register.Facts{Categories: []string{"user.contact"}}, register.Review, "UNKNOWN_ACTIVITY"},
	} {
		p := register.ProposeCorrection(c.in)
		if p.Action != c.want || p.Code != c.code || !p.Text.Complete() {
			t.Errorf("%s: %+v", c.name, p)
		}
		if p.Action == register.Refuse && !strings.Contains(p.Text.NB, "Datatilsynet") {
			t.Errorf("%s: refused without the right to complain", c.name)
		}
	}
	if !register.ConfirmsNew([]string{"user.contact.email"}) || register.ConfirmsNew([]string{"user.contact.address.city"}) {
		t.Error("a new e-mail address is to be confirmed, a new town is not")
	}
}

func TestMayShow(t *testing.T) {
	t.Parallel()
	customers := seeded(t, "customers")
	own := register.Facts{Activity: customers, Categories: []string{"user.contact.email"}, Matches: 1}
	if !register.MayShow(own) {
		t.Fatal("a person's own address is not shown")
	}
	health := *customers
	health.Categories = append(slices.Clone(health.Categories), "user.health_and_medical")
	for name, change := range map[string]func(*register.Facts){
		"several people":      func(f *register.Facts) { f.Matches = 2 },
		"nobody":              func(f *register.Facts) { f.Matches = 0 },
		"shared":              func(f *register.Facts) { f.Shared = true },
		"third party":         func(f *register.Facts) { f.ThirdParty = true },
		"free text":           func(f *register.Facts) { f.FreeText = true },
		"special":             func(f *register.Facts) { f.Special = true },
		"national id":         func(f *register.Facts) { f.NationalID = true },
		"credential":          func(f *register.Facts) { f.Credential = true },
		"staff name":          func(f *register.Facts) { f.StaffName = true },
		"unknown activity":    func(f *register.Facts) { f.Activity = nil },
		"no category":         func(f *register.Facts) { f.Categories = nil },
		"other category":      func(f *register.Facts) { f.Categories = []string{"user.financial"} },
		"one of two":          func(f *register.Facts) { f.Categories = append(f.Categories, "user.content") },
		"looks like contact":  func(f *register.Facts) { f.Categories = []string{"user.contacts"} },
		"any contact":         func(f *register.Facts) { f.Categories = []string{"user.contact"} },
		"organisation":        func(f *register.Facts) { f.Categories = []string{"user.contact.organization"} },
		"all of user":         func(f *register.Facts) { f.Categories = []string{"user"} },
		"employees":           func(f *register.Facts) { f.Activity = seeded(t, "employees") },
		"payroll":             func(f *register.Facts) { f.Activity = seeded(t, "payroll") },
		"applicants":          func(f *register.Facts) { f.Activity = seeded(t, "job_applications") },
		"given to the police": func(f *register.Facts) { f.Activity = seeded(t, "authority_disclosure") },
		"among health data":   func(f *register.Facts) { f.Activity = &health },
	} {
		f := own
		f.Categories = slices.Clone(own.Categories)
		change(&f)
		if register.MayShow(f) {
			t.Errorf("%s: shown before anybody looked", name)
		}
	}
}

func TestRulesSayWhatMustBeKept(t *testing.T) {
	t.Parallel()
	r := register.Seed()
	for _, l := range locale.All {
		rules := r.Rules(l)
		if len(rules) != len(r.Activities) {
			t.Fatalf("%d rules for %d activities", len(rules), len(r.Activities))
		}
		for _, rule := range rules {
			if rule.Name == "" || rule.Outcome == "" || rule.Why == "" {
				t.Errorf("%s %s is not told in words: %+v", l, rule.Activity, rule)
			}
			if rule.Kept != (rule.Law != "" && rule.HowLong != "") {
				t.Errorf("%s %s: kept %v with law %q and time %q", l, rule.Activity, rule.Kept, rule.Law, rule.HowLong)
			}
		}
	}
	want := register.Rule{Activity: "invoices", Name: "Fakturaer og bilag", Kind: "keep_until_retention", Kept: true,
		Purpose: "Ta betalt for varer og tjenester og føre regnskap.",
		Outcome: "Beholdes så lenge det må, og slettes deretter",
		Why:     "Loven krever at vi tar vare på fakturaer og bilag. Vi bruker dem ikke til salg.",
		Law:     "bokføringsloven § 13", HowLong: "I fem år etter regnskapsårets slutt.",
		Rights: []dsr.Right{dsr.Access, dsr.Rectification, dsr.Erasure, dsr.Restriction}}
	got := r.Rules(locale.NB)[slices.Index(seedIDs, "invoices")]
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("the rule for invoices differs:\n%s", d)
	}
	r.Activities[0].Erasure = register.ErasureRule{}
	if got := r.Rules(locale.NB)[0]; got.Kept || got.Outcome != "Vurderes av en saksbehandler" {
		t.Errorf("an open rule promises something: %+v", got)
	}
}

func TestART2301ClosedListsAreCompleteAndApart(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]register.Reason{
		"refusal": register.RefusalGrounds, "withhold": register.WithholdGrounds,
		"extension": register.ExtensionReasons, "pause": register.PauseReasons,
	} {
		seen := map[string]bool{}
		for _, r := range list {
			if seen[r.Code] || r.Code == "" || r.Article == "" || !r.Label.Complete() || !r.Text.Complete() {
				t.Errorf("%s: %+v", name, r)
			}
			seen[r.Code] = true
			if got, ok := register.FindReason(list, r.Code); !ok || !reflect.DeepEqual(got, r) {
				t.Errorf("%s: %s is not found", name, r.Code)
			}
		}
		if _, ok := register.FindReason(list, "company_policy"); ok {
			t.Errorf("%s: a company's policy limits a right", name)
		}
	}
	for _, code := range []string{"manifestly_unfounded", "excessive", "not_identifiable", "identity_not_confirmed", "not_natural_person",
		"deceased", "art_17_3_a", "art_17_3_b", "art_17_3_c", "art_17_3_d", "art_17_3_e", "art_15_4", "pol_16_1_a", "pol_16_1_b",
		"pol_16_1_c", "pol_16_1_d", "pol_16_1_e", "pol_16_1_f"} {
		if _, ok := register.FindReason(register.RefusalGrounds, code); !ok {
			t.Errorf("no refusal ground %s", code)
		}
	}
	keepDuty, _ := register.FindReason(register.RefusalGrounds, "art_17_3_b")
	if keepDuty.For(dsr.Access) || !keepDuty.For(dsr.Erasure) {
		t.Error("a duty to keep refuses erasure, not access")
	}
	for _, l := range locale.All {
		c := register.Complaint(l)
		for _, part := range []string{"Datatilsynet", "0105 Oslo", c.Web, c.Court} {
			if part == "" || !strings.Contains(c.Paragraph, part) {
				t.Errorf("%s: the complaint text lacks %q: %s", l, part, c.Paragraph)
			}
		}
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	r, err := register.Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	n := register.NewNotice(r, locale.NN, 3, today)
	if n.Version != 3 || n.Date != today || n.Title != "Personvernerklæring" {
		t.Errorf("%d %s %s", n.Version, n.Date, n.Title)
	}
	if d := cmp.Diff([]string{"Innsyn", "Retting", "Sletting", "Avgrensing av behandling"}, n.Rights); d != "" {
		t.Errorf("rights differ:\n%s", d)
	}
	s := n.Sections[0]
	want := []register.Fact{
		{Label: "Behandlingsgrunnlag", Values: []string{"Rettsleg plikt (artikkel 6 nr. 1 bokstav c), bokføringsloven § 13"}},
		{Label: "Kva opplysningar", Values: []string{"Namn, kontaktopplysningar"}}, {Label: "Om kven", Values: []string{"Kunde"}},
		{Label: "Kvar dei kjem frå", Values: []string{"Deg sjølv"}},
		{Label: "Må du gi dei?", Values: []string{"Ja, lova krev det. Då får du ingen faktura."}},
		{Label: "Kven som får dei", Values: []string{"Regnskap AS (Noreg, databehandlar): fører rekneskap"}},
		{Label: "Korleis dei blir lagra", Values: []string{"Regnskapssystem, Noreg", "Kryptert."}},
		{Label: "Kor lenge", Values: []string{"Fem år."}}, {Label: "Dersom du ber om sletting", Values: []string{"Lova krev det."}},
		{Label: "Kva du kan krevje", Values: []string{"Innsyn, retting, sletting, avgrensing av behandling"}},
	}
	if d := cmp.Diff(want, s.Facts); d != "" {
		t.Errorf("the section differs:\n%s", d)
	}
	for _, label := range slices.Concat(s.Categories, s.Persons) {
		if label == "" || strings.HasPrefix(label, "user.") || label == "customer" {
			t.Errorf("people read the key %q", label)
		}
	}
	if d := cmp.Diff([]string{"transfers", "automated_decisions", "rights", "complaint"}, partIDs(n.Rest)); d != "" {
		t.Errorf("parts differ:\n%s", d)
	}
}

func partIDs(parts []register.Part) []string {
	var ids []string
	for _, p := range parts {
		ids = append(ids, p.ID)
	}
	return ids
}

// TestNoticeHasWhatTheLawAsks: everything of Arts. 13 and 14, in each language.
func TestNoticeHasWhatTheLawAsks(t *testing.T) {
	t.Parallel()
	r := everything(t)
	a := &r.Activities[slices.Index(seedIDs, "open_sources")]
	a.Erasure.Promise.Categories = []string{"user.name"}
	r.Companies = &register.Companies{Authority: locale.Text{NB: "Signatur.", NN: "Signatur.", EN: "Signatory."}}
	for _, l := range locale.All {
		n := register.NewNotice(r, l, 1, today)
		var all strings.Builder
		parts := append([]register.Part{n.Who}, n.Rest...)
		for _, s := range n.Sections {
			parts = append(parts, register.Part{Title: s.Title, Paragraphs: []string{s.Purpose}, Facts: s.Facts})
		}
		for _, p := range parts {
			all.WriteString(p.Title + "\n" + strings.Join(p.Paragraphs, "\n") + "\n")
			for _, f := range p.Facts {
				all.WriteString(f.Label + ": " + strings.Join(f.Values, "\n") + "\n")
			}
		}
		in := func(nb, nn, en string) string { return locale.Text{NB: nb, NN: nn, EN: en}.In(l) }
		for what, want := range map[string]string{
			"controller (13(1)(a))":      "Fjordlys AS",
			"representative (13(1)(a))":  "Oslo AS",
			"officer (13(1)(b))":         "ombud@example.no",
			"purpose (13(1)(c))":         in("Sikre nettsidene", "Sikre nettsidene", "To secure the website"),
			"basis (13(1)(c))":           in("Samtykke (artikkel 6 nr. 1 bokstav a)", "Samtykke (artikkel 6 nr. 1 bokstav a)", "Consent (Article 6(1)(a))"),
			"interest (13(1)(d))":        in("oppdage angrep", "oppdage åtak", "notice attacks"),
			"categories (14(1)(d))":      in("IP-adresse", "IP-adresse", "IP address"),
			"recipients (13(1)(e))":      "Lettermill Inc. (USA, ",
			"transfer (13(1)(f))":        in("Lettermill Inc. (USA): SCC", "Lettermill Inc. (USA): SCC", "Lettermill Inc. (the United States): SCC"),
			"copy of safeguards":         in("kopi av garantiene", "kopi av garantiane", "copy of the safeguards"),
			"time (13(2)(a))":            in("tre måneder", "tre månader", "three months"),
			"restriction (13(2)(b))":     in("Begrensning av behandling", "Avgrensing av behandling", "Restriction of processing"),
			"portability (13(2)(b))":     in("Dataportabilitet", "Dataportabilitet", "Data portability"),
			"objection apart (21(4))":    in("Retten til å protestere\n", "Retten til å protestere\n", "Your right to object\n"),
			"marketing (21(2))":          in("direkte markedsføring, stanser vi", "direkte marknadsføring, stansar vi", "direct marketing, we stop"),
			"consent (13(2)(c))":         in("trekke tilbake når som helst", "trekkje tilbake når som helst", "withdraw a consent at any time"),
			"complaint (13(2)(d))":       "0105 Oslo",
			"obligation (13(2)(e))":      in("Nei, det er frivillig.", "Nei, det er frivillig.", "No, it is voluntary."),
			"automated (13(2)(f))":       in("et menneske", "eit menneske", "a human"),
			"source (14(2)(f))":          in("proff.no (åpen kilde)", "proff.no (open kjelde)", "proff.no (open source)"),
			"when told (14(3))":          in("senest en måned etter", "seinast ein månad etter", "at the latest a month after"),
			"promise beyond the law":     in("Også der loven ikke krever det", "Også der lova ikkje krev det", "Also where the law does not require it"),
			"promise to companies":       in("Signatur.", "Signatur.", "Signatory."),
			"law cited as the text does": in("personvernforordningen artikkel 9 nr. 2", "personvernforordninga artikkel 9 nr. 2", "GDPR Article 9(2)"),
		} {
			if l == locale.EN && what == "recipients (13(1)(e))" {
				want = "Lettermill Inc. (the United States, "
			}
			if !strings.Contains(all.String(), want) {
				t.Errorf("%s: %s: %q is not said", l, what, want)
			}
		}
		if strings.Contains(all.String(), "GDPR art.") {
			t.Errorf("%s: a law is cited as the file writes it", l)
		}
	}
}

// TestChanges tells by activity what a version says otherwise than the one before.
func TestChanges(t *testing.T) {
	t.Parallel()
	parse := func(data string) *register.Register {
		r, err := register.Parse("good.yaml", []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before := parse(good)
	for _, same := range []string{good + "# a comment\n", strings.Replace(good, "no_dpo: Twenty", "no_dpo: Thirty", 1), strings.Replace(good, "BOOKKEEPING_13", "OTHER", 1)} {
		if !register.SameNotice(before, parse(same)) {
			t.Error("what nobody reads makes a version of the notice")
		}
	}
	if register.SameNotice(before, parse(strings.Replace(good, "nn: Fem år.", "nn: Fem år!", 1))) {
		t.Error("a change in nynorsk alone is none")
	}
	after := parse(strings.NewReplacer("nb: Fem år.", "nb: Seks år.", "name: Regnskap AS", "name: Bokhald AS", "name: Fjordlys AS", "name: Fjordlys ASA").Replace(good))
	logs := register.Seed().Activities[0]
	logs.NoAutomated = true
	after.Activities = append(after.Activities, logs)
	got := register.Changes(register.NewNotice(before, locale.NB, 1, today), register.NewNotice(after, locale.NB, 2, today))
	recipient := func(name string) []string { return []string{name + " (Norge, databehandler): fører regnskap"} }
	want := []register.Change{
		{ID: "controller", Title: "Hvem som svarer", Kind: register.Changed, Facts: []register.FactChange{{Label: "Behandlingsansvarlig",
			Before: []string{"Fjordlys AS", "Organisasjonsnummer 999888777", "Storgata 1, 5003 Bergen"},
			Now:    []string{"Fjordlys ASA", "Organisasjonsnummer 999888777", "Storgata 1, 5003 Bergen"}}}},
		{ID: "invoices", Title: "Fakturaer", Kind: register.Changed, Facts: []register.FactChange{
			{Label: "Hvem som får dem", Before: recipient("Regnskap AS"), Now: recipient("Bokhald AS")},
			{Label: "Hvor lenge", Before: []string{"Fem år."}, Now: []string{"Seks år."}}}},
		{ID: "web_logs", Title: "Besøkslogg", Kind: register.Added},
		{ID: "objection", Title: "Retten til å protestere", Kind: register.Added},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("changes differ:\n%s", d)
	}
	back := register.Changes(register.NewNotice(after, locale.NB, 2, today), register.NewNotice(before, locale.NB, 3, today))
	if last := back[len(back)-1]; last.Kind != register.Removed || last.ID != "objection" || len(back) != 4 {
		t.Errorf("the way back: %+v", back)
	}
}

// TestHistory: a version of the register that says nothing new is no version of the notice.
func TestHistory(t *testing.T) {
	t.Parallel()
	at := func(day int) time.Time { return time.Date(2026, 3, day, 12, 0, 0, 0, time.UTC) }
	changed := strings.Replace(good, "nb: Fem år.", "nb: Seks år.", 1)
	stored := []register.Stored{{Number: 1, Body: good, At: at(1)}, {Number: 2, Body: good + "# x\n", At: at(2)},
		{Number: 3, Body: changed, At: at(3)}, {Number: 4, Body: changed, At: at(4)}}
	var h register.History
	if _, ok := h.Applied(1); ok {
		t.Error("a version before there is any")
	}
	for range 2 { // what was followed is passed over
		if err := h.Follow(stored); err != nil {
			t.Fatal(err)
		}
	}
	want := []register.NoticeVersion{{Number: 1, At: at(1)}, {Number: 3, At: at(3)}}
	if d := cmp.Diff(want, h.Notices()); d != "" {
		t.Errorf("versions differ:\n%s", d)
	}
	for n, says := range map[int]string{0: "Fem år.", 1: "Seks år."} {
		r := h.Register(want[n])
		if r == nil || r.Activities[0].Retention.Text.NB != says || h.Register(want[n]) != r {
			t.Errorf("version %d is not made from what says %q, or is read anew each time", want[n].Number, says)
		}
	}
	if h.Register(register.NoticeVersion{Number: 2}) != nil {
		t.Error("a register that is no version of the notice is kept")
	}
	for version, applied := range map[int64]int64{0: 0, 1: 1, 2: 1, 3: 3, 4: 3, 5: 0} {
		if got, ok := h.Applied(version); ok != (applied != 0) || ok && got.Number != applied {
			t.Errorf("under version %d: %d %v, want %d", version, got.Number, ok, applied)
		}
	}
	if got := want[1].In(locale.NB, time.UTC); got != "versjon 3, 3. mars 2026" {
		t.Errorf("in words: %s", got)
	}
	unnamed := strings.Replace(good, "name: Fjordlys AS", `name: ""`, 1)
	var young register.History
	if err := young.Follow([]register.Stored{{Number: 1, Body: unnamed, At: at(1)}, {Number: 2, Body: good, At: at(2)}}); err != nil || len(young.Notices()) != 1 {
		t.Errorf("a register of nobody makes a notice: %v (%v)", young.Notices(), err)
	}
	if err := h.Follow([]register.Stored{{Number: 5, Body: "nonsense: ["}}); err == nil {
		t.Error("a version that nobody can read is passed over")
	}
}

// TestLawText cites the regulation as each language does, and leaves other laws as they are.
func TestLawText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		law  string
		l    locale.Locale
		want string
	}{
		{"GDPR art. 15(4)", locale.NB, "personvernforordningen artikkel 15 nr. 4"},
		{"GDPR art. 6(1)(f)", locale.NN, "personvernforordninga artikkel 6 nr. 1 bokstav f"},
		{"GDPR art. 15(4)", locale.EN, "GDPR Article 15(4)"},
		{"GDPR art. 5(2), 12", locale.NB, "personvernforordningen artikkel 5 nr. 2 og artikkel 12"},
		{"bokføringsloven § 13", locale.EN, "bokføringsloven § 13"},
		{"personopplysningsloven § 16 e", locale.NN, "personopplysningslova § 16 første ledd bokstav e"},
		{"personopplysningsloven § 16 e", locale.EN, "the Norwegian Personal Data Act section 16 first paragraph letter e"},
		{"personopplysningsloven § 28", locale.NN, "personopplysningslova § 28"},
		{"", locale.NB, ""},
	} {
		if got := register.LawText(c.law, c.l); got != c.want {
			t.Errorf("%q in %s: %q, not %q", c.law, c.l, got, c.want)
		}
	}
	if got := register.ArticleText("pol. § 16 e").NB; got != "personopplysningsloven § 16 første ledd bokstav e" {
		t.Errorf("the Norwegian act is cited as %q", got)
	}
	if got := register.ArticleText("recital 27"); got.NB != "fortalepunkt 27" || got.EN != "recital 27" {
		t.Errorf("a recital is cited as %+v", got)
	}
}

// TestArticleText writes provisions as each language does.
func TestArticleText(t *testing.T) {
	t.Parallel()
	for article, want := range map[string]string{"17(3)(b)": "artikkel 17 nr. 3 bokstav b", "6(1)(f)": "artikkel 6 nr. 1 bokstav f",
		"11(2)": "artikkel 11 nr. 2", "10": "artikkel 10"} {
		got := register.ArticleText(article)
		if got.NB != want || got.NN != want || got.EN != "Article "+article {
			t.Errorf("%s: %+v", article, got)
		}
	}
}

// An id that an activity had before points at one activity alone.
func TestFormerIDsPointAtOneActivity(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first, second []string
		ok            bool
	}{
		"of nobody now":     {[]string{"letters"}, nil, true},
		"of another now":    {[]string{"invoices"}, nil, false},
		"its own":           {[]string{"newsletter"}, nil, false},
		"of two":            {[]string{"letters"}, []string{"letters"}, false},
		"twice":             {[]string{"letters", "letters"}, nil, false},
		"no id":             {[]string{"Letters!"}, nil, false},
		"several, of each":  {[]string{"letters", "mailings"}, []string{"bills"}, true},
		"nothing is former": {nil, nil, true},
	} {
		reg := register.Seed()
		for i := range reg.Activities {
			switch a := &reg.Activities[i]; a.ID {
			case "newsletter":
				a.Formerly = c.first
			case "invoices":
				a.Formerly = c.second
			}
		}
		body, err := reg.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		read, err := register.Parse("register", body)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && len(c.first) > 0 && (read.Known("letters") == nil || read.Known("letters").ID != "newsletter") {
			t.Errorf("%s: not found by its old id", name)
		}
	}
}
