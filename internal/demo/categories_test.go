package demo_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// annotations are the company's register and datasets, as files that a test may change.
type annotations struct {
	t        *testing.T
	register *register.Register
	sets     []*dataset.Dataset
	called   func(id string) string // what an activity of the demo's register is called here
}

func annotate(t *testing.T, change func(text string) string, called func(string) string) annotations {
	t.Helper()
	a := annotations{t: t, called: called}
	var err error
	if a.register, err = register.Parse("register.yaml", []byte(change(string(demo.Register())))); err != nil {
		t.Fatal(err)
	}
	for _, s := range demo.Sources {
		text, err := demo.Dataset(s, demo.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sets, problems := dataset.Read(s+".yaml", []byte(change(string(text))))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		a.sets = append(a.sets, sets...)
	}
	return a
}

func asWritten(s string) string { return s }

// facts are what the company's own files say about a field, "source.collection.field". What stands in no
// dataset, because the portal or a copy of everything holds it, is named "activity:category".
func (a annotations) facts(field string) register.Facts {
	a.t.Helper()
	f := register.Facts{Today: dsr.DateOf(today, time.UTC), FinancialYearEnd: a.register.Controller.FinancialYearTo}
	if id, category, ok := strings.Cut(field, ":"); ok {
		f.Activity, f.Categories = a.register.Activity(a.called(id)), []string{category}
	} else {
		key, path, _ := strings.Cut(field, ".")
		i := slices.IndexFunc(a.sets, func(d *dataset.Dataset) bool { return d.Key == key })
		c, name, ok := a.sets[i].Resolve(path)
		if !ok {
			a.t.Fatalf("the demo has no %s", field)
		}
		v, _ := c.Field(name)
		f.Activity, f.Categories = a.register.Activity(a.sets[i].ActivityOf(c, v)), a.sets[i].CategoriesOf(c, v)
		f.ThirdParty, f.Special, f.NationalID = v.ThirdParty, v.Special != "", v.NationalID
	}
	if f.Activity == nil || len(f.Categories) == 0 {
		a.t.Fatalf("%s is of no activity", field)
	}
	return f
}

type verdict struct {
	Action                              register.Action
	Ground, Exception, Code, Law, Until string
}

func verdictOf(p register.Proposal) verdict {
	v := verdict{Action: p.Action, Ground: p.Ground, Exception: p.Exception, Code: p.Code, Law: p.Law}
	if p.Until != nil {
		v.Until = p.Until.String()
	}
	return v
}

// known is one thing that is known about a row beside what the files say of the field.
type known func(*register.Facts)

func from(day string) known {
	return func(f *register.Facts) {
		d, err := dsr.ParseDate(day)
		if err != nil {
			panic(err)
		}
		f.RetentionFrom = &d
	}
}

var (
	ended     known = func(f *register.Facts) { f.Relation = register.Ended }
	ongoing   known = func(f *register.Facts) { f.Relation = register.Ongoing }
	claim     known = func(f *register.Facts) { f.Claim = true }
	objection known = func(f *register.Facts) { f.Objection = true }
	withdrawn known = func(f *register.Facts) { f.ConsentWithdrawn = true }
	unlawful  known = func(f *register.Facts) { f.Unlawful = true }
	nobodys   known = func(f *register.Facts) { f.NotLinkable = true }
	threat    known = func(f *register.Facts) { f.Weighing = register.Compelling }
	noThreat  known = func(f *register.Facts) { f.Weighing = register.NotCompelling }
	looked    known = func(f *register.Facts) { f.ThirdParty = false } // somebody looked, and it speaks of nobody else who would keep it
)

// categoryCase is one thing that the law's row says.
type categoryCase struct {
	says  string
	field string
	known []known
	want  verdict
}

// categories are the rows of the law's table of categories, in its order, each with what it says.
func categories() []struct {
	row   string
	cases []categoryCase
} {
	const (
		duty, claims  = "17(3)(b)", "17(3)(e)"
		needed        = "17(1)(a)"
		interest      = "17(1)(c)"
		bookkeeping   = "bokføringsloven § 13"
		limitation    = "foreldelsesloven § 2"
		certificate   = "arbeidsmiljøloven § 15-15, lov om obligatorisk tjenestepensjon"
		customerKept  = "NECESSARY_CONTRACT"
		contractLaw   = "GDPR art. 6(1)(b)"
		lastMonths    = "2026-10-01"
		overForOrders = "2024-11-21"
	)
	erase := func(ground string) verdict { return verdict{Action: register.Erase, Ground: ground, Code: "ERASE"} }
	over := verdict{Action: register.Erase, Ground: needed, Code: "RETENTION_OVER"}
	promised := verdict{Action: register.Erase, Ground: "promise", Code: "NOTICE_PROMISE"}
	keep := func(exception, code, law, until string) verdict {
		return verdict{Action: register.Keep, Exception: exception, Code: code, Law: law, Until: until}
	}
	restrict := func(code, law, until string) verdict {
		return verdict{Action: register.Restrict, Exception: claims, Code: code, Law: law, Until: until}
	}
	dispute := func(until string) verdict { return restrict("LEGAL_CLAIM", limitation, until) }
	is := func(k ...known) []known { return k }
	ongoingReview := verdict{Action: register.Review, Code: "RELATION_ONGOING"}

	return []struct {
		row   string
		cases []categoryCase
	}{
		{"access log", []categoryCase{
			{"not linkable: the person is asked", "webshop.web_logs.ip", is(nobodys), verdict{Action: register.Review, Code: "ART11_NOT_IDENTIFIABLE"}},
			{"linkable", "webshop.web_logs.ip", is(from("2026-10-20")), erase(interest)},
			{"older than needed", "webshop.web_logs.path", is(from("2026-08-01")), over},
			{"incident under way", "webshop.web_logs.ip", is(claim), dispute("2029-11-22")},
		}},
		{"blocked addresses", []categoryCase{
			{"active threat", "office.blocked_addresses.ip", is(from("2026-09-30")), keep(interest, "OVERRIDING_SECURITY", "GDPR art. 6(1)(f)", "2027-03-30")},
			{"the reason and the date with it", "office.blocked_addresses.reason", is(from("2026-09-30")), keep(interest, "OVERRIDING_SECURITY", "GDPR art. 6(1)(f)", "2027-03-30")},
			{"objection, weighed: threat", "office.blocked_addresses.blocked_on", is(objection, threat, from("2026-09-30")), keep(interest, "OVERRIDING_SECURITY", "GDPR art. 6(1)(f)", "2027-03-30")},
			{"objection, not weighed yet", "office.blocked_addresses.ip", is(objection, from("2026-09-30")),
				verdict{Action: register.Restrict, Ground: interest, Exception: "18(1)(d)", Code: "WEIGHING_OBJECTION", Law: "GDPR art. 6(1)(f)"}},
			{"objection, weighed: no threat", "office.blocked_addresses.ip", is(objection, noThreat, from("2026-09-30")), erase(interest)},
			{"the rest", "office.blocked_addresses.last_path", is(from("2026-09-30")), erase(interest)},
		}},
		{"addresses bound to activity", []categoryCase{
			{"the link", "webshop.site_activity.ip", is(from("2026-10-20")), erase("17(1)(b)")},
			{"what was looked at", "webshop.site_activity.product", nil, erase("17(1)(b)")},
		}},
		{"contact form and mail", []categoryCase{
			{"solved", "webshop.contact_messages.body", is(ended, from(lastMonths)), erase(needed)},
			{"long ago", "webshop.contact_messages.email", is(from("2025-11-01")), over},
			{"dispute", "webshop.contact_messages.body", is(claim, from("2026-01-31")), dispute("2029-01-31")},
		}},
		{"customers", []categoryCase{
			{"running contract", "webshop.customers.email", is(ongoing), keep(needed, customerKept, contractLaw, "2028-11-22")},
			{"last order lately", "office.parties.name", is(from("2025-02-28")), keep(needed, customerKept, contractLaw, "2027-02-28")},
			{"its day is known as long as the rest", "webshop.customers.last_order_on", is(from("2025-02-28")), keep(needed, customerKept, contractLaw, "2027-02-28")},
			{"what the contract does not need", "webshop.customers.birth_date", is(from("2025-02-28")), promised},
			{"notes", "office.notes.body", is(looked, from("2026-09-01")), promised},
			{"notes, looked at for others first", "office.notes.body", is(from("2026-09-01")), verdict{Action: register.Review, Code: "THIRD_PARTY"}},
			{"ended", "webshop.customers.first_name", is(ended, from(lastMonths)), erase(needed)},
			{"24 months after the last order", "webshop.customers.first_name", is(from(overForOrders)), over},
			{"the vouchers stay", "office.invoices.billing_name", is(from("2025-02-28")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2030-12-31")},
			{"claims stay", "office.parties.name", is(claim, from(overForOrders)), dispute("2027-11-21")},
		}},
		{"contacts in companies", []categoryCase{
			{"left the job", "office.contact_persons.first_name", is(ended), erase(needed)},
			{"left long ago", "office.contact_persons.email", is(from("2025-11-01")), over},
			{"the voucher keeps the name", "office.invoices.billing_name", is(ended, from("2025-02-28")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2030-12-31")},
		}},
		{"sole proprietors", []categoryCase{
			{"a customer as any person", "office.parties.organisation_no", is(from("2026-01-01")), keep(needed, customerKept, contractLaw, "2028-01-01")},
			{"the business's name is personal data", "office.suppliers.name", is(ended), erase(needed)},
			{"and so is its number", "office.suppliers.organisation_no", is(from("2026-08-01")), over},
		}},
		{"suppliers", []categoryCase{
			{"open invoice", "office.suppliers.bank_account", is(from("2026-11-01")), keep(needed, customerKept, contractLaw, "2027-01-01")},
			{"no open invoice: the account", "office.suppliers.bank_account", is(from("2026-09-01")), over},
			{"no open invoice: the contact", "office.suppliers.email", is(ended, from("2026-11-01")), erase(needed)},
			{"what no invoice needs", "office.suppliers.supplier_since", is(from("2026-11-01")), erase(needed)},
			{"the vouchers stay", "office.invoices.amount_ore", is(from("2022-03-01")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2027-12-31")},
		}},
		{"open sources", []categoryCase{
			{"objection", "office.contact_persons.found_phone", is(objection), verdict{Action: register.Suppress, Ground: interest, Code: "SUPPRESS_REIMPORT"}},
			{"never told", "office.suppliers.found_details", is(unlawful), verdict{Action: register.Suppress, Ground: "17(1)(d)", Code: "SUPPRESS_REIMPORT"}},
		}},
		{"invoices and vouchers", []categoryCase{
			{"five years", "office.invoices.billing_name", is(from("2021-06-15")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2026-12-31")},
			{"and then not", "office.invoices.billing_name", is(from("2020-12-31")), over},
		}},
		{"secondary documentation", []categoryCase{
			{"three years and six months", "webshop.orders.delivery_name", is(from("2023-06-01")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2027-06-30")},
			{"and then not", "webshop.order_lines.product", is(from("2022-12-31")), over},
		}},
		{"cards and accounts", []categoryCase{
			{"settled", "webshop.payment_methods.card", is(ended), erase(needed)},
			{"settled long ago", "webshop.payment_methods.refund_account", is(from(lastMonths)), over},
			{"not settled", "webshop.payment_methods.card", is(ongoing), ongoingReview},
		}},
		{"dunning", []categoryCase{
			{"open claim", "office.reminders.amount_ore", is(from("2025-05-31")), dispute("2028-05-31")},
			{"time-barred", "office.reminders.amount_ore", is(from("2023-05-31")), over},
		}},
		{"disclosure log", []categoryCase{
			{"date", "office.disclosures.disclosed_on", is(from("2026-05-31")), restrict("ACCOUNTABILITY", limitation, "2029-05-31")},
			{"recipient", "office.disclosures.recipient", is(from("2026-05-31")), restrict("ACCOUNTABILITY", limitation, "2029-05-31")},
			{"category", "office.disclosures.what", is(from("2026-05-31")), restrict("ACCOUNTABILITY", limitation, "2029-05-31")},
			{"content", "office.disclosures.content", is(objection, from("2026-05-31")), erase(interest)},
			{"three years", "office.disclosures.recipient", is(from("2023-05-31")), over},
		}},
		{"disclosure to authorities", []categoryCase{
			{"the police", "office.police_disclosures.what", is(from("2026-05-31")), keep(duty, "ACCOUNTABILITY", "GDPR art. 5(2)", "2029-05-31")},
			{"tax and benefits", "people.payroll.report_reference", is(from("2026-02-28")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2031-12-31")},
		}},
		{"applicants", []categoryCase{
			{"process running: asked whether withdrawn", "people.applications.letter", is(ongoing), ongoingReview},
			{"finished", "people.applications.letter", is(ended), erase(needed)},
			{"past its time", "people.applications.first_name", is(from("2025-01-10")), over},
			{"discrimination claim", "people.applications.assessment", is(claim), dispute("2029-11-22")},
			{"pool, consent withdrawn", "people.applications.email", is(withdrawn), erase("17(1)(b)")},
		}},
		{"personnel files", []categoryCase{
			{"certificate", "people.employees.position", is(from("2025-08-31")), keep(duty, "EMPLOYMENT_RECORD", certificate, "2028-08-31")},
			{"pension", "people.employees.national_id", is(from("2025-08-31")), keep(duty, "EMPLOYMENT_RECORD", certificate, "2028-08-31")},
			{"assessments", "people.employees.appraisal", is(from("2025-08-31")), erase(needed)},
			{"photo", "people.employees.photo_url", is(from("2025-08-31")), erase(needed)},
			{"next of kin", "people.next_of_kin.name", is(looked, from("2025-08-31")), over},
			{"still here", "people.employees.position", nil, ongoingReview},
			{"still here: nothing goes by itself", "people.employees.bank_account", nil, ongoingReview},
		}},
		{"payroll", []categoryCase{
			{"pay", "people.payroll.gross_ore", is(from("2026-02-28")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2031-12-31")},
			{"time lists", "people.timesheets.hours", is(from("2023-02-28")), keep(duty, "BOOKKEEPING_13", bookkeeping, "2027-06-30")},
			{"time lists, time out", "people.timesheets.project", is(from("2022-02-28")), over},
		}},
		{"mailboxes", []categoryCase{
			{"left", "people.mailboxes.messages", is(ended), erase(needed)},
			{"after six months", "people.mailboxes.address", is(from("2026-05-01")), over},
			{"still here", "people.mailboxes.messages", nil, ongoingReview},
		}},
		{"published staff page", []categoryCase{
			{"consent withdrawn", "people.staff_page.photo_url", is(withdrawn), erase("17(1)(b)")},
			{"objection", "people.staff_page.name", is(objection), erase(interest)},
		}},
		{"cookies", []categoryCase{
			{"the profile's id", "webshop.cookie_profiles.cookie_id", is(from("2026-10-01")), erase("17(1)(b)")},
			{"what it learned", "webshop.cookie_profiles.interests", is(withdrawn), erase("17(1)(b)")},
			{"proof of consent", "webshop.cookie_consents.wording", nil, restrict("CONSENT_PROOF", "GDPR art. 7(1)", "2029-11-22")},
			{"proof, withdrawn before", "webshop.cookie_consents.given_at", is(from("2026-01-31")), restrict("CONSENT_PROOF", "GDPR art. 7(1)", "2029-01-31")},
			{"the id beside the proof", "webshop.cookie_consents.cookie_id", is(withdrawn), erase("17(1)(b)")},
		}},
		{"newsletter", []categoryCase{
			{"erased and not again", "webshop.newsletter_subscribers.email", nil, verdict{Action: register.Suppress, Ground: "17(1)(b)", Code: "SUPPRESSION"}},
			{"also during a dispute", "webshop.newsletter_subscribers.email", is(objection, claim), verdict{Action: register.Suppress, Ground: "17(1)(b)", Code: "SUPPRESSION"}},
		}},
		{"ban list", []categoryCase{
			{"the key", "office.bans.customer_no", is(from("2028-01-01")), keep(interest, "BAN", "GDPR art. 6(1)(f)", "2028-01-01")},
			{"when it ends", "office.bans.ends_on", is(from("2028-01-01")), keep(interest, "BAN", "GDPR art. 6(1)(f)", "2028-01-01")},
			{"the rest", "office.bans.incident", is(from("2028-01-01")), erase(interest)},
			{"over", "office.bans.customer_no", is(from("2026-11-21")), over},
		}},
		{"the case itself", []categoryCase{
			{"core record", "dsr_cases:user.name", is(from("2026-11-01")), keep(duty, "DSAR_ACCOUNTABILITY", "GDPR art. 5(2), 12", "2029-11-01")},
			{"package and evidence", "dsr_cases:user.content.private", nil, erase(needed)},
		}},
		{"backups", []categoryCase{
			{"replay list", "backups:user.name", nil, verdict{Action: register.Suppress, Ground: interest, Code: "SUPPRESSION"}},
		}},
	}
}

func (a annotations) decide(c categoryCase) register.Proposal {
	f := a.facts(c.field)
	for _, k := range c.known {
		k(&f)
	}
	return register.ProposeErasure(f)
}

// TestACY02DemoCompanyByCategory: the demo company, by its own register and datasets and nothing else, decides
// every row of the law's table of categories as the row is written.
func TestACY02DemoCompanyByCategory(t *testing.T) {
	t.Parallel()
	company := annotate(t, asWritten, asWritten)
	decided, cases := 0, 0
	rows := categories()
	if len(rows) != 25 { // one for each row of the law's table
		t.Fatalf("%d rows are held", len(rows))
	}
	for _, row := range rows {
		right := len(row.cases) > 0
		for _, c := range row.cases {
			cases++
			p := company.decide(c)
			if d := cmp.Diff(c.want, verdictOf(p)); d != "" || !p.Text.Complete() {
				right = false
				t.Errorf("%s, %s (%s) differs (-law +demo):\n%s", row.row, c.says, c.field, d)
			}
		}
		if right {
			decided++
		}
		t.Logf("%-28s as written: %v", row.row, right)
	}
	t.Logf("%d of %d category rows decided as written, %d cases", decided, len(rows), cases)
	// What was given to the police may be withheld, by a person's decision.
	if p := register.ProposeDisclosure(company.facts("office.police_disclosures.what")); p.Action != register.Review || p.Ground != "pol_16_1_b" {
		t.Errorf("access to what the police got: %+v", p)
	}
	// What was made public is asked of others too (Art. 17(2)).
	if !company.facts("people.staff_page.name").Activity.Published {
		t.Error("the page about the staff is not public")
	}
}

var (
	activityID   = regexp.MustCompile(`(?m)^- id: (\w+)$`)
	activityUse  = regexp.MustCompile(`(?m)(\bactivity: )(\w+)`)
	activityName = regexp.MustCompile(`(?m)^  name: \{.*\}$`)
)

// TestDemoCompanyByCategoryRenamed: what an activity is called decides nothing.
func TestDemoCompanyByCategoryRenamed(t *testing.T) {
	t.Parallel()
	numbers := map[string]string{}
	for i, m := range activityID.FindAllStringSubmatch(string(demo.Register()), -1) {
		numbers[m[1]] = fmt.Sprintf("a%d", len(numbers)+i)
	}
	called := func(id string) string { return numbers[id] }
	company := annotate(t, asWritten, asWritten)
	other := annotate(t, func(text string) string {
		text = activityID.ReplaceAllStringFunc(text, func(s string) string { return "- id: " + called(strings.TrimPrefix(s, "- id: ")) })
		text = activityName.ReplaceAllString(text, `  name: {nb: Noe, nn: Noko, en: Something}`)
		return activityUse.ReplaceAllStringFunc(text, func(s string) string { return "activity: " + called(strings.TrimPrefix(s, "activity: ")) })
	}, called)
	same := 0
	for _, row := range categories() {
		for _, c := range row.cases {
			was, is := company.facts(c.field).Activity, other.facts(c.field).Activity
			if was.ID == is.ID || was.Name == is.Name {
				t.Fatalf("%s is still called %s", was.ID, is.Name.NB)
			}
			if d := cmp.Diff(company.decide(c), other.decide(c)); d != "" {
				t.Errorf("%s, %s: decided otherwise under another name:\n%s", row.row, c.says, d)
				continue
			}
			same++
		}
	}
	if same < 25 {
		t.Errorf("only %d cases were decided under another name", same)
	}
}

// TestDemoCompanyByCategoryFollows: an activity whose time or basis is changed is decided otherwise, and the
// notice and the sentence in the letter say so, in all languages; the rest of the company stays as it was.
func TestDemoCompanyByCategoryFollows(t *testing.T) {
	t.Parallel()
	longer := 0
	company, other := annotate(t, asWritten, asWritten), annotate(t, asWritten, asWritten)
	for _, row := range categories() {
		for _, c := range row.cases {
			was, a := company.decide(c), other.facts(c.field).Activity
			before := *a
			if was.Until == nil || was.Code == register.CodeClaim && a.Erasure.Code != register.CodeClaim {
				continue // counts from the claim, not from the register
			}
			a.Retention.Months += 12
			if r := a.Retention.Rule; r == register.RulePrimary || r == register.RuleSecondary {
				a.Retention.Months = 120
			}
			a.Retention.Text = locale.Text{NB: "Lenger.", NN: "Lenger.", EN: "Longer."}
			now := other.decide(c)
			if now.Until == nil || !now.Until.After(*was.Until) || now.Action != was.Action {
				t.Errorf("%s, %s: a longer time, and %s until %v instead of %v", row.row, c.says, now.Action, now.Until, was.Until)
				continue
			}
			for _, l := range locale.All {
				if !strings.Contains(now.Text.In(l), now.Until.Format(l)) || strings.Contains(now.Text.In(l), was.Until.Format(l)) {
					t.Errorf("%s, %s: the letter says %q", row.row, c.says, now.Text.In(l))
				}
				notice := register.NewNotice(other.register, l, 2, dsr.Date{})
				i := slices.IndexFunc(notice.Sections, func(s register.Section) bool { return s.Activity == a.ID })
				if i < 0 || !strings.Contains(notice.Sections[i].Retention, a.Retention.Text.In(l)) {
					t.Errorf("%s: the notice does not say %q", row.row, a.Retention.Text.In(l))
				}
			}
			if register.SameNotice(company.register, other.register) {
				t.Errorf("%s: the notice is the same", row.row)
			}
			*a = before
			longer++
		}
	}
	if longer < 25 {
		t.Errorf("only %d decisions followed the time", longer)
	}
	// Without consent as its basis, asking for erasure withdraws none.
	for _, field := range []string{"webshop.site_activity.ip", "webshop.cookie_profiles.interests", "webshop.newsletter_subscribers.email"} {
		f := other.facts(field)
		before := *f.Activity
		f.Activity.Bases = []register.Basis{{Article: "6(1)(f)", Why: locale.Text{NB: "Interesse.", NN: "Interesse.", EN: "Interest."}}}
		if f.Activity.Retention.Rule == register.RuleWithdrawn { // nor does a consent say any more how long they are kept
			f.Activity.Retention.Rule, f.Activity.Retention.Months = register.RuleMonths, 24
		}
		was, now := register.ProposeErasure(company.facts(field)), register.ProposeErasure(f)
		if was.Ground != "17(1)(b)" || now.Ground != "17(1)(c)" || was.Text == now.Text || register.SameNotice(company.register, other.register) {
			t.Errorf("%s: ground %s became %s: %q", field, was.Ground, now.Ground, now.Text.NB)
		}
		*f.Activity = before
	}
}

// TestCAT01TheDemoCompanysSpecialCategoriesHaveTheirBasis is the control on a register and datasets that belong together.
func TestCAT01TheDemoCompanysSpecialCategoriesHaveTheirBasis(t *testing.T) {
	t.Parallel()
	reg, err := register.Parse("register.yaml", demo.Register())
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, s := range demo.Sources {
		data, err := demo.Dataset(s, demo.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sets, problems := dataset.Read(s, data)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, d := range sets {
			for _, c := range d.Collections {
				for _, leaf := range c.Leaves() {
					carried := d.CategoriesOf(c, leaf.Field)
					if meant, ok := dataset.MarkedCategory(leaf.Field.Special); ok {
						carried = append(slices.Clone(carried), meant)
					}
					if !register.Special(carried) {
						continue
					}
					seen++
					a := reg.Activity(d.ActivityOf(c, leaf.Field))
					if a == nil || len(a.Unfounded(carried)) > 0 || len(a.Unnamed(carried)) > 0 {
						t.Errorf("%s.%s: %v", c.Name, leaf.Path, carried)
					}
				}
			}
		}
	}
	if seen < 3 {
		t.Errorf("%d special fields were looked at", seen)
	}
}
