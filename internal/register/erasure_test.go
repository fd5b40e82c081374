package register_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

var today = dsr.Date{Year: 2026, Month: 11, Day: 22}

func day(t *testing.T, s string) *dsr.Date {
	t.Helper()
	d, err := dsr.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

func seeded(t *testing.T, id string) *register.Activity {
	t.Helper()
	a := register.Seed().Activity(id)
	if a == nil {
		t.Fatalf("the seed has no activity %s", id)
	}
	return a
}

// anActivity makes an activity without gaps for categories of the law's table that the seed has
// no activity of its own for.
func anActivity(rule register.ErasureRule, retention register.Retention, bases ...string) *register.Activity {
	t := locale.Text{NB: "Fordi.", NN: "Fordi.", EN: "Because."}
	retention.Text, rule.Text = t, t
	a := &register.Activity{ID: "extra", Name: t, Purpose: t, Persons: []string{"customer"}, Categories: []string{"user"},
		Sources: []register.Source{{Name: t, FromPerson: true}}, Retention: retention, Erasure: rule,
		Storage: register.Storage{System: "x", Country: "NO", Protection: t}}
	for _, b := range bases {
		a.Bases = append(a.Bases, register.Basis{Article: b, Law: "loven § 1", Why: t})
	}
	return a
}

type verdict struct {
	Action    register.Action
	Ground    string
	Exception string
	Code      string
	Law       string
	Until     string
}

func verdictOf(p register.Proposal) verdict {
	v := verdict{Action: p.Action, Ground: p.Ground, Exception: p.Exception, Code: p.Code, Law: p.Law}
	if p.Until != nil {
		v.Until = p.Until.String()
	}
	return v
}

// categoryRow is a row of the table of the notice's categories: what is known, and what is decided.
type categoryRow struct {
	name string
	in   register.Facts
	with func(*register.Facts)
	want verdict
}

// categoryRows is the table of the notice's categories, with the activities of a register.
func categoryRows(t *testing.T, s func(id string) *register.Activity) []categoryRow {
	t.Helper()
	const (
		erase, restrict, keep = register.Erase, register.Restrict, register.Keep
		suppress, review      = register.Suppress, register.Review
		duty, claims          = "17(3)(b)", "17(3)(e)"
		bookkeeping           = "bokføringsloven § 13"
	)
	is := func(p *register.Activity, cats ...string) register.Facts {
		return register.Facts{Activity: p, Categories: cats, Today: today}
	}
	card, dunning, tracked, mailbox := s("payment_details"), s("dunning"), s("site_behavior"), s("mailboxes")
	photo, timesheet, banned, backup := s("staff_page"), s("timesheets"), s("ban_list"), s("backups")

	return []categoryRow{
		{"IP log, not linkable", is(s("web_logs"), "user.device.ip_address"), func(f *register.Facts) { f.NotLinkable = true },
			verdict{Action: review, Code: "ART11_NOT_IDENTIFIABLE"}},
		{"IP log, linkable", is(s("web_logs"), "user.device.ip_address"), nil, verdict{Action: erase, Ground: "17(1)(c)", Code: "ERASE"}},
		{"IP log, incident under way", is(s("web_logs"), "user.device.ip_address"), func(f *register.Facts) { f.Claim = true },
			verdict{Action: restrict, Exception: claims, Code: "LEGAL_CLAIM", Law: "foreldelsesloven § 2", Until: "2029-11-22"}},
		{"blocked address, threat", is(s("blocked_addresses"), "user.device.ip_address"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-09-30") },
			verdict{Action: keep, Exception: "17(1)(c)", Code: "OVERRIDING_SECURITY", Law: "GDPR art. 6(1)(f)", Until: "2027-03-30"}},
		{"blocked address, objection being weighed", is(s("blocked_addresses"), "user.device.ip_address"), func(f *register.Facts) { f.Objection = true; f.RetentionFrom = day(t, "2026-09-30") },
			verdict{Action: restrict, Ground: "17(1)(c)", Exception: "18(1)(d)", Code: "WEIGHING_OBJECTION", Law: "GDPR art. 6(1)(f)"}},
		{"blocked address, grounds shown", is(s("blocked_addresses"), "user.device.ip_address"), func(f *register.Facts) {
			f.Objection, f.Weighing, f.RetentionFrom = true, register.Compelling, day(t, "2026-09-30")
		}, verdict{Action: keep, Exception: "17(1)(c)", Code: "OVERRIDING_SECURITY", Law: "GDPR art. 6(1)(f)", Until: "2027-03-30"}},
		{"blocked address, no grounds", is(s("blocked_addresses"), "user.device.ip_address"), func(f *register.Facts) {
			f.Objection, f.Weighing, f.RetentionFrom = true, register.NotCompelling, day(t, "2026-09-30")
		}, verdict{Action: erase, Ground: "17(1)(c)", Code: "ERASE"}},
		{"blocked address, the rest", is(s("blocked_addresses"), "user.behavior"), nil, verdict{Action: erase, Ground: "17(1)(c)", Code: "ERASE"}},
		{"IP bound to activity by consent", is(tracked, "user.behavior"), nil, verdict{Action: erase, Ground: "17(1)(b)", Code: "ERASE"}},
		{"contact form, solved", is(s("contact_form"), "user.content"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"contact form, dispute", is(s("contact_form"), "user.content"), func(f *register.Facts) { f.Claim = true; f.RetentionFrom = day(t, "2026-01-31") },
			verdict{Action: restrict, Exception: claims, Code: "LEGAL_CLAIM", Law: "foreldelsesloven § 2", Until: "2029-01-31"}},
		{"customer, running contract", is(s("customers"), "user.contact.email"), func(f *register.Facts) { f.Relation = register.Ongoing },
			verdict{Action: keep, Exception: "17(1)(a)", Code: "NECESSARY_CONTRACT", Law: "GDPR art. 6(1)(b)", Until: "2028-11-22"}},
		{"customer, last order lately", is(s("customers"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2025-02-28") },
			verdict{Action: keep, Exception: "17(1)(a)", Code: "NECESSARY_CONTRACT", Law: "GDPR art. 6(1)(b)", Until: "2027-02-28"}},
		{"customer, last order long ago", is(s("customers"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2024-11-21") },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "RETENTION_OVER"}},
		{"customer, contract over", is(s("customers"), "user.name"), func(f *register.Facts) { f.Relation = register.Ended; f.RetentionFrom = day(t, "2026-10-01") },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"customer, notes that nobody needs", is(s("customers"), "user.content"), func(f *register.Facts) { f.Relation = register.Ongoing },
			verdict{Action: erase, Ground: "promise", Code: "NOTICE_PROMISE"}},
		{"customer, no date known", is(s("customers"), "user.name"), nil, verdict{Action: review, Code: "NO_RETENTION_DATE"}},
		{"contact in a company", is(s("company_contacts"), "user.name"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"sole proprietor: as any person", is(s("customers"), "user.contact.organization"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-01-01") },
			verdict{Action: keep, Exception: "17(1)(a)", Code: "NECESSARY_CONTRACT", Law: "GDPR art. 6(1)(b)", Until: "2028-01-01"}},
		{"supplier's account, open invoice", is(s("suppliers"), "user.financial.bank_account"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-10-01") },
			verdict{Action: keep, Exception: "17(1)(a)", Code: "NECESSARY_CONTRACT", Law: "GDPR art. 6(1)(b)", Until: "2028-10-01"}},
		{"supplier's account, settled", is(s("suppliers"), "user.financial.bank_account"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"open sources", is(s("open_sources"), "user.contact"), func(f *register.Facts) { f.Objection = true },
			verdict{Action: suppress, Ground: "17(1)(c)", Code: "SUPPRESS_REIMPORT"}},
		{"open sources, never informed", is(s("open_sources"), "user.contact"), func(f *register.Facts) { f.Unlawful = true },
			verdict{Action: suppress, Ground: "17(1)(d)", Code: "SUPPRESS_REIMPORT"}},
		{"invoice", is(s("invoices"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2021-06-15") },
			verdict{Action: keep, Exception: duty, Code: "BOOKKEEPING_13", Law: bookkeeping, Until: "2026-12-31"}},
		{"invoice, time out", is(s("invoices"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2020-12-31") },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "RETENTION_OVER"}},
		{"secondary documentation", is(s("order_documents"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2023-06-01") },
			verdict{Action: keep, Exception: duty, Code: "BOOKKEEPING_13", Law: bookkeeping, Until: "2027-06-30"}},
		{"payment card, settled", is(card, "user.financial.credit_card"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"payment card, not settled", is(card, "user.financial.credit_card"), func(f *register.Facts) { f.Relation = register.Ongoing },
			verdict{Action: review, Code: "RELATION_ONGOING"}},
		{"dunning", is(dunning, "user.financial"), func(f *register.Facts) { f.RetentionFrom = day(t, "2025-05-31") },
			verdict{Action: restrict, Exception: claims, Code: "LEGAL_CLAIM", Law: "foreldelsesloven § 2", Until: "2028-05-31"}},
		{"disclosure log, date and recipient", is(s("partner_disclosure"), "system.operations"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-05-31") },
			verdict{Action: restrict, Exception: claims, Code: "ACCOUNTABILITY", Law: "foreldelsesloven § 2", Until: "2029-05-31"}},
		{"disclosure log, content", is(s("partner_disclosure"), "user.contact"), nil, verdict{Action: erase, Ground: "17(1)(c)", Code: "ERASE"}},
		{"disclosure to the police", is(s("authority_disclosure"), "user.name"), nil, verdict{Action: review, Ground: "17(1)(c)", Code: "BY_HAND"}},
		{"applicant, process running", is(s("job_applications"), "user.name"), func(f *register.Facts) { f.Relation = register.Ongoing },
			verdict{Action: review, Code: "RELATION_ONGOING"}},
		{"applicant, process over", is(s("job_applications"), "user.name"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"applicant, past its time", is(s("job_applications"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2025-01-10") },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "RETENTION_OVER"}},
		{"applicant, past its time but in dispute", is(s("job_applications"), "user.name"), func(f *register.Facts) {
			f.RetentionFrom, f.Claim = day(t, "2025-01-10"), true
		}, verdict{Action: restrict, Exception: claims, Code: "LEGAL_CLAIM", Law: "foreldelsesloven § 2", Until: "2028-01-10"}},
		{"applicant, discrimination claim", is(s("job_applications"), "user.name"), func(f *register.Facts) { f.Claim = true },
			verdict{Action: restrict, Exception: claims, Code: "LEGAL_CLAIM", Law: "foreldelsesloven § 2", Until: "2029-11-22"}},
		{"applicant in the pool, consent withdrawn", is(s("job_applications"), "user.name"), func(f *register.Facts) { f.ConsentWithdrawn = true },
			verdict{Action: erase, Ground: "17(1)(b)", Code: "ERASE"}},
		{"former employee, what a certificate needs", is(s("employees"), "user.job_title"), func(f *register.Facts) { f.RetentionFrom = day(t, "2025-08-31") },
			verdict{Action: keep, Exception: duty, Code: "EMPLOYMENT_RECORD", Law: "arbeidsmiljøloven § 15-15", Until: "2028-08-31"}},
		{"former employee, warnings and photo", is(s("employees"), "user.content.self_image"), func(f *register.Facts) { f.RetentionFrom = day(t, "2025-08-31") },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"employee still here", is(s("employees"), "user.job_title"), nil, verdict{Action: review, Code: "RELATION_ONGOING"}},
		{"payroll", is(s("payroll"), "user.financial"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-02-28") },
			verdict{Action: keep, Exception: duty, Code: "BOOKKEEPING_13", Law: bookkeeping, Until: "2031-12-31"}},
		{"time list", is(timesheet, "user.workplace"), func(f *register.Facts) { f.RetentionFrom = day(t, "2023-02-28") },
			verdict{Action: keep, Exception: duty, Code: "BOOKKEEPING_13", Law: bookkeeping, Until: "2027-06-30"}},
		{"former employee's mailbox", is(mailbox, "user.content"), func(f *register.Facts) { f.Relation = register.Ended },
			verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"photo on the staff page", is(photo, "user.content.self_image"), func(f *register.Facts) { f.ConsentWithdrawn = true },
			verdict{Action: erase, Ground: "17(1)(b)", Code: "ERASE"}},
		{"cookie profile", is(s("cookies"), "user.device.cookie_id"), nil, verdict{Action: erase, Ground: "17(1)(b)", Code: "ERASE"}},
		{"cookie, proof of consent", is(s("cookies"), "user.privacy_preferences"), nil,
			verdict{Action: restrict, Exception: claims, Code: "CONSENT_PROOF", Law: "GDPR art. 7(1)", Until: "2029-11-22"}},
		{"newsletter", is(s("newsletter"), "user.contact.email"), nil, verdict{Action: suppress, Ground: "17(1)(b)", Code: "SUPPRESSION"}},
		{"newsletter, objection during a dispute", is(s("newsletter"), "user.contact.email"), func(f *register.Facts) { f.Objection, f.Claim = true, true },
			verdict{Action: suppress, Ground: "17(1)(b)", Code: "SUPPRESSION"}},
		{"ban list, key", is(banned, "user.unique_id"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-01-01") },
			verdict{Action: keep, Exception: "17(1)(c)", Code: "BAN", Law: "GDPR art. 6(1)(f)", Until: "2028-01-01"}},
		{"ban list, the rest", is(banned, "user.content"), nil, verdict{Action: erase, Ground: "17(1)(c)", Code: "ERASE"}},
		{"this case, core record", is(s("dsr_cases"), "user.name"), func(f *register.Facts) { f.RetentionFrom = day(t, "2026-11-01") },
			verdict{Action: keep, Exception: duty, Code: "DSAR_ACCOUNTABILITY", Law: "GDPR art. 5(2), 12", Until: "2029-11-01"}},
		{"this case, package", is(s("dsr_cases"), "user.content"), nil, verdict{Action: erase, Ground: "17(1)(a)", Code: "ERASE"}},
		{"backup: replay list", is(backup, "user.name"), nil, verdict{Action: suppress, Ground: "17(1)(c)", Code: "SUPPRESSION"}},
	}
}

// TestERA01ErasureByCategory decides every row of the table as the law does.
func TestERA01ErasureByCategory(t *testing.T) {
	t.Parallel()
	for _, c := range categoryRows(t, register.Seed().Activity) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.with != nil {
				c.with(&c.in)
			}
			p := register.ProposeErasure(c.in)
			if d := cmp.Diff(c.want, verdictOf(p)); d != "" {
				t.Errorf("proposal differs (-want +got):\n%s", d)
			}
			if !p.Text.Complete() {
				t.Errorf("no sentence for the person: %+v", p.Text)
			}
		})
	}
}

// lawsCategories are the rows of the law's table, each with the activity that answers for it.
var lawsCategories = map[string]string{
	"access log": "web_logs", "blocked addresses": "blocked_addresses", "addresses bound to activity": "site_behavior",
	"contact form and mail": "contact_form", "customers": "customers", "contacts in companies": "company_contacts",
	"sole proprietors": "customers", "suppliers": "suppliers", "open sources": "open_sources", "invoices and vouchers": "invoices",
	"secondary documentation": "order_documents", "cards and accounts": "payment_details", "dunning": "dunning",
	"disclosure log": "partner_disclosure", "disclosure to authorities": "authority_disclosure", "applicants": "job_applications",
	"personnel files": "employees", "payroll": "payroll", "time lists": "timesheets", "mailboxes": "mailboxes",
	"published staff page": "staff_page", "cookies": "cookies", "newsletter": "newsletter", "ban list": "ban_list",
	"the case itself": "dsr_cases", "backups": "backups",
}

// TestACY02EveryCategoryHasItsActivity: the register to start from has an activity for every category of the
// law's table, and none of them waits for a gap.
func TestACY02EveryCategoryHasItsActivity(t *testing.T) {
	t.Parallel()
	r := register.Seed()
	decided := 0
	for category, id := range lawsCategories {
		a := r.Activity(id)
		if a == nil {
			t.Errorf("there is no activity for %s", category)
			continue
		}
		p := register.ProposeErasure(register.Facts{Activity: a, Categories: a.Categories, Today: today, RetentionFrom: day(t, "2026-10-01")})
		if p.Blocked != nil || !p.Text.Complete() {
			t.Errorf("%s is not decided: %+v", category, p)
			continue
		}
		decided++
	}
	t.Logf("%d of %d categories", decided, len(lawsCategories))
}

// TestACY02BasisAndTimeDecide: a basis or a time that is changed changes the decision, the letter's sentence and
// the notice.
func TestACY02BasisAndTimeDecide(t *testing.T) {
	t.Parallel()
	for _, c := range categoryRows(t, register.Seed().Activity) {
		if c.with != nil {
			c.with(&c.in)
		}
		in := c.in
		was := register.ProposeErasure(c.in)
		if was.Until == nil || c.in.Activity.Retention.Rule != register.RuleMonths {
			continue
		}
		longer := *c.in.Activity
		longer.Retention.Months += 12
		longer.Retention.Text = locale.Text{NB: "Et år til.", NN: "Eit år til.", EN: "One more year."}
		in.Activity = &longer
		now := register.ProposeErasure(in)
		// A decision that counts from the claim or the day itself does not follow the activity's time.
		if c.in.RetentionFrom != nil && !c.in.Claim && (now.Until == nil || !now.Until.After(*was.Until)) {
			t.Errorf("%s: a year more, and still until %v", c.name, now.Until)
		}
		for _, l := range locale.All {
			if c.in.RetentionFrom != nil && !c.in.Claim && !strings.Contains(now.Text.In(l), now.Until.Format(l)) {
				t.Errorf("%s: the letter does not say until when: %q", c.name, now.Text.In(l))
			}
		}
		if register.SameNotice(&register.Register{Activities: []register.Activity{*c.in.Activity}}, &register.Register{Activities: []register.Activity{longer}}) {
			t.Errorf("%s: the notice does not say that the time is longer", c.name)
		}
	}
	// Without consent as its basis, a withdrawal is no ground.
	page := *seeded(t, "site_behavior")
	facts := register.Facts{Activity: &page, Categories: []string{"user.behavior"}, Today: today, ConsentWithdrawn: true}
	before := register.ProposeErasure(facts)
	bases := register.Register{Activities: []register.Activity{page}}
	page.Bases = []register.Basis{{Article: "6(1)(f)", Why: locale.Text{NB: "Interesse.", NN: "Interesse.", EN: "Interest."}}}
	after := register.ProposeErasure(facts)
	if before.Ground != "17(1)(b)" || after.Ground == "17(1)(b)" {
		t.Errorf("the ground was %s and is %s", before.Ground, after.Ground)
	}
	if register.SameNotice(&bases, &register.Register{Activities: []register.Activity{page}}) {
		t.Error("the notice does not say that the basis is another")
	}
}

func TestErasureGeneralRules(t *testing.T) {
	t.Parallel()
	invoice := seeded(t, "invoices")
	customers := seeded(t, "customers")
	issued := day(t, "2025-03-01")
	noBasis := seeded(t, "contact_form")
	noBasis.Bases = nil
	for _, c := range []struct {
		name string
		in   register.Facts
		want verdict
	}{
		{"unknown activity", register.Facts{Categories: []string{"user.name"}}, verdict{Action: register.Review, Code: "UNKNOWN_ACTIVITY"}},
		{"shared household address", register.Facts{Activity: customers, Categories: []string{"user.contact.address"}, Shared: true, Relation: register.Ended},
			verdict{Action: register.Review, Code: "SHARED_RECORD"}},
		{"another person's name in a note", register.Facts{Activity: customers, Categories: []string{"user.content"}, ThirdParty: true},
			verdict{Action: register.Review, Code: "THIRD_PARTY"}},
		{"no legal basis", register.Facts{Activity: noBasis, Categories: []string{"user.name"}}, verdict{Action: register.Review, Code: "REGISTER_GAP"}},
		{"duty holds against unlawful, objection, withdrawal and a child", register.Facts{Activity: invoice, RetentionFrom: issued, Unlawful: true, Objection: true, ConsentWithdrawn: true, Child: true},
			verdict{Action: register.Keep, Exception: "17(3)(b)", Code: "BOOKKEEPING_13", Law: "bokføringsloven § 13", Until: "2030-12-31"}},
		{"duty against duty", register.Facts{Activity: invoice, RetentionFrom: issued, DutyToErase: true}, verdict{Action: register.Review, Code: "CONFLICT_OF_DUTIES"}},
		{"duty without a date", register.Facts{Activity: invoice}, verdict{Action: register.Review, Code: "NO_RETENTION_DATE"}},
		{"unlawful beats a contract", register.Facts{Activity: customers, Categories: []string{"user.name"}, Relation: register.Ongoing, Unlawful: true},
			verdict{Action: register.Erase, Ground: "17(1)(d)", Code: "ERASE"}},
		{"person prefers restriction", register.Facts{Activity: customers, Categories: []string{"user.content"}, PrefersRestriction: true},
			verdict{Action: register.Restrict, Exception: "18(1)(b)", Code: "PERSON_PREFERS_RESTRICTION", Law: "GDPR art. 18"}},
		{"promise does not beat a duty to keep", register.Facts{Activity: promising(t, invoice), RetentionFrom: issued},
			verdict{Action: register.Keep, Exception: "17(3)(b)", Code: "BOOKKEEPING_13", Law: "bokføringsloven § 13", Until: "2030-12-31"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.in.Today = today
			p := register.ProposeErasure(c.in)
			if d := cmp.Diff(c.want, verdictOf(p)); d != "" {
				t.Errorf("proposal differs (-want +got):\n%s", d)
			}
			if (p.Code == "REGISTER_GAP") != (p.Blocked != nil) {
				t.Errorf("blocked by %+v", p.Blocked)
			}
		})
	}
}

func promising(t *testing.T, a *register.Activity) *register.Activity {
	t.Helper()
	c := *a
	c.Erasure.Promise = &register.Promise{Text: locale.Text{NB: "Lovet.", NN: "Lova.", EN: "Promised."}}
	return &c
}

// TestErasureByGroundAndException is the law's table of grounds against exceptions.
func TestERA01ERA02ErasureByGroundAndException(t *testing.T) {
	t.Parallel()
	make := func(exception string) *register.Activity {
		rule := register.ErasureRule{Kind: "erase"}
		if exception != "" {
			rule = register.ErasureRule{Kind: "keep_until_retention", Exception: exception, Code: "CODE", Law: "loven § 1"}
		}
		return anActivity(rule, register.Retention{Rule: "months", Months: 36}, "6(1)(a)", "6(1)(f)")
	}
	grounds := []struct {
		name string
		set  func(*register.Facts)
		want string // the ground, where nothing stands in the way
	}{
		{"not necessary", func(f *register.Facts) { f.Relation = register.Ended }, "17(1)(a)"},
		{"consent withdrawn", func(f *register.Facts) { f.ConsentWithdrawn = true }, "17(1)(b)"},
		{"objection", func(f *register.Facts) { f.Objection = true }, "17(1)(c)"},
		{"unlawful", func(f *register.Facts) { f.Unlawful = true }, "17(1)(d)"},
		{"child", func(f *register.Facts) { f.Child = true }, "17(1)(f)"},
	}
	for _, g := range grounds {
		for exception, want := range map[string]register.Action{
			"": register.Erase, "17(3)(b)": register.Keep, "17(3)(e)": register.Restrict,
			"17(3)(a)": register.Review, "17(3)(c)": register.Review, "17(3)(d)": register.Review,
		} {
			f := register.Facts{Activity: make(exception), Categories: []string{"user.name"}, Today: today, RetentionFrom: day(t, "2026-01-01")}
			g.set(&f)
			p := register.ProposeErasure(f)
			if p.Action != want {
				t.Errorf("%s × %q: %s, want %s", g.name, exception, p.Action, want)
			}
			if exception == "" && p.Ground != g.want {
				t.Errorf("%s: ground %s, want %s", g.name, p.Ground, g.want)
			}
		}
	}
	f := register.Facts{Activity: make("17(3)(e)"), Categories: []string{"user.name"}, Today: today, RetentionFrom: day(t, "2026-01-01"), DutyToErase: true}
	if p := register.ProposeErasure(f); p.Action != register.Review {
		t.Errorf("duty to erase × claims: %s, want a legal review", p.Action)
	}
}

// TestRetentionEnds holds the worked cases X14 to X18 and the months beside them.
func TestRetentionEnds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, rule string
		months     int
		from, year string
		last       string
	}{
		{"voucher, calendar year", "bookkeeping_primary", 0, "2021-06-15", "12-31", "2026-12-31"},
		{"secondary, calendar year", "bookkeeping_secondary", 0, "2022-05-01", "", "2026-06-30"},
		{"voucher, year to 30 June", "bookkeeping_primary", 0, "2022-06-30", "06-30", "2027-06-30"},
		{"voucher, day after the year", "bookkeeping_primary", 0, "2022-07-01", "06-30", "2028-06-30"},
		{"secondary, year to 31 August", "bookkeeping_secondary", 0, "2023-02-11", "08-31", "2027-02-28"},
		{"voucher, year to end of February, leap", "bookkeeping_primary", 0, "2024-02-29", "02-29", "2029-02-28"},
		{"voucher, year to end of February, written 28", "bookkeeping_primary", 0, "2024-02-29", "02-28", "2029-02-28"},
		{"building project: ten years", "bookkeeping_primary", 120, "2021-06-15", "12-31", "2031-12-31"},
		{"months", "months", 6, "2026-08-31", "", "2027-02-28"},
		{"after employment", "while_employed", 36, "2025-03-31", "", "2028-03-31"},
	} {
		r := register.Retention{Rule: c.rule, Months: c.months}
		last, ok := r.End(*day(t, c.from), c.year)
		if !ok || last.String() != c.last {
			t.Errorf("%s: kept to %v, want %s", c.name, last, c.last)
		}
	}
	if _, ok := (register.Retention{}).End(today, ""); ok {
		t.Error("no rule has an end")
	}
}

func TestKeepsLastDayAndErasesTheNext(t *testing.T) {
	t.Parallel()
	f := register.Facts{Activity: seeded(t, "invoices"), RetentionFrom: day(t, "2021-06-15"), Today: *day(t, "2026-12-31")}
	if p := register.ProposeErasure(f); p.Action != register.Keep {
		t.Errorf("on the last day: %s", p.Action)
	}
	f.Today = *day(t, "2027-01-01")
	p := register.ProposeErasure(f)
	if p.Action != register.Erase || p.Until != nil {
		t.Errorf("on the next day: %+v", p)
	}
	if want := "Vi sletter dette. Tiden vi kunne beholde det, gikk ut 31. desember 2026."; p.Text.NB != want {
		t.Errorf("%q, want %q", p.Text.NB, want)
	}
}

func TestKeepTellsWhyUntilWhenAndWhere(t *testing.T) {
	t.Parallel()
	p := register.ProposeErasure(register.Facts{Activity: seeded(t, "invoices"), RetentionFrom: day(t, "2025-06-15"), Today: today})
	want := locale.Text{
		NB: "Loven krever at vi tar vare på fakturaer og bilag. Vi bruker dem ikke til salg. Vi beholder dette til og med 31. desember 2030. Deretter sletter vi det. Det følger av personvernforordningen artikkel 17 nr. 3 bokstav b, jf. bokføringsloven § 13.",
		NN: "Lova krev at vi tek vare på fakturaer og bilag. Vi bruker dei ikkje til sal. Vi tek vare på dette til og med 31. desember 2030. Deretter slettar vi det. Det følgjer av personvernforordninga artikkel 17 nr. 3 bokstav b, jf. bokføringsloven § 13.",
		EN: "The law requires that we keep invoices and vouchers. We do not use them for sales. We keep this until and including 31 December 2030. After that we erase it. This follows from Article 17(3)(b) of the GDPR, cf. bokføringsloven § 13.",
	}
	if d := cmp.Diff(want, p.Text); d != "" {
		t.Errorf("sentence differs:\n%s", d)
	}
}

// TestNothingIsKeptWithoutItsReason draws facts at random over all activities.
func TestNothingIsKeptWithoutItsReason(t *testing.T) {
	t.Parallel()
	r := register.Seed()
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t, r)
		p := register.ProposeErasure(f)
		if !p.Text.Complete() || p.Code == "" {
			t.Fatalf("%s without code or sentence: %+v", p.Action, p)
		}
		switch p.Action {
		case register.Keep:
			if p.Exception == "" || p.Law == "" || p.Until == nil || p.Until.Before(f.Today) {
				t.Fatalf("kept without its reason: %+v", p)
			}
			if !strings.Contains(p.Text.NB, p.Until.Format(locale.NB)) {
				t.Fatalf("the person is not told until when: %s", p.Text.NB)
			}
		case register.Restrict:
			if p.Exception == "" || p.Law == "" || p.Until == nil && !strings.HasPrefix(p.Exception, "18") {
				t.Fatalf("restricted without its reason: %+v", p)
			}
		case register.Erase, register.Suppress, register.Anonymise:
			if p.Ground == "" || p.Until != nil || f.Shared || f.ThirdParty {
				t.Fatalf("erased without ground, or somebody else's: %+v", p)
			}
		case register.Review:
		default:
			t.Fatalf("%q is not an answer to an erasure request", p.Action)
		}
	})
}

func anyFacts(t *rapid.T, r *register.Register) register.Facts {
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	a := &r.Activities[rapid.IntRange(0, len(r.Activities)-1).Draw(t, "activity")]
	f := register.Facts{Activity: a, Today: today, Categories: []string{rapid.SampledFrom(a.Categories).Draw(t, "category")},
		Shared: yes("shared"), ThirdParty: yes("third"), ConsentWithdrawn: yes("withdrawn"), Objection: yes("objection"),
		Claim: yes("claim"), Unlawful: yes("unlawful"), DutyToErase: yes("duty"), Child: yes("child"),
		PrefersRestriction: yes("prefers"), NotLinkable: yes("notlinkable"),
		Relation: rapid.SampledFrom([]register.Relation{"", register.Ongoing, register.Ended}).Draw(t, "relation"),
		Weighing: rapid.SampledFrom([]register.Weighing{"", register.Compelling, register.NotCompelling}).Draw(t, "weighing")}
	if yes("dated") {
		d := today.AddDays(-rapid.IntRange(0, 4000).Draw(t, "days"))
		f.RetentionFrom = &d
	}
	return f
}

func TestERA03SplitKeepsOnlyWhatIsNecessary(t *testing.T) {
	t.Parallel()
	cats := []string{"user.name.first", "user.content", "user.contact.email", "user.unique_identity", "user.unique_id"}
	keep, rest := register.Split(seeded(t, "customers"), cats)
	if want := []string{"user.name.first", "user.contact.email", "user.unique_id"}; !slices.Equal(keep, want) {
		t.Errorf("keeps %v, want %v", keep, want)
	}
	if want := []string{"user.content", "user.unique_identity"}; !slices.Equal(rest, want) {
		t.Errorf("erases %v, want %v", rest, want)
	}
	if keep, rest := register.Split(nil, cats); len(keep) != 0 || len(rest) != len(cats) {
		t.Errorf("an unknown activity keeps %v", keep)
	}
}
