package register_test

import (
	"strings"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// People read from which day a time counts, in each language, in the notice and in the answer alike; a language
// that the register does not have stays one that is read in another.
func TestACY02RetentionSaysFromWhichDay(t *testing.T) {
	t.Parallel()
	r := register.Retention{Rule: register.RuleMonths, Months: 24, From: register.FromActivity,
		Text: locale.Text{NB: "I to år.", EN: "For two years."}}
	want := locale.Text{NB: "I to år. Tiden regnes fra siste aktivitet.", EN: "For two years. The time counts from the last activity."}
	if got := r.HowLong(); got != want {
		t.Errorf("%+v", got)
	}
	seed := register.Seed()
	for _, l := range locale.All {
		notice := register.NewNotice(seed, l, 1, dsr.NewDate(2026, 6, 1))
		for i := range seed.Activities {
			a := &seed.Activities[i]
			if a.Retention.Rule != register.RuleMonths {
				continue
			}
			from := strings.TrimPrefix(a.Retention.HowLong().In(l), a.Retention.Text.In(l))
			if from == "" || !strings.Contains(notice.Sections[i].Retention, from) {
				t.Errorf("%s, %s: the notice says %q", a.ID, l, notice.Sections[i].Retention)
			}
		}
	}
}

// A number of months needs a beginning; the other rules have one, or none that is known beforehand.
func TestACY02RetentionWithoutABeginningIsAGap(t *testing.T) {
	t.Parallel()
	missing := func(r register.Retention) bool {
		reg := register.Seed()
		reg.Activities[0].Retention = r
		for _, g := range reg.Gaps() {
			if g.Activity == reg.Activities[0].ID && g.Field == "retention.from" {
				return true
			}
		}
		return false
	}
	words := locale.Text{NB: "Tre måneder.", NN: "Tre månader.", EN: "Three months."}
	if !missing(register.Retention{Rule: register.RuleMonths, Months: 3, Text: words}) {
		t.Error("three months from no day are no gap")
	}
	for _, r := range []register.Retention{
		{Rule: register.RuleMonths, Months: 3, From: register.FromCollected, Text: words}, {Rule: register.RulePrimary, Text: words},
		{Rule: register.RuleWithdrawn, Text: words}, {Rule: register.RuleEmployed, Months: 6, Text: words}, {Rule: register.RuleReview, Months: 6, Text: words},
	} {
		if missing(r) {
			t.Errorf("%+v is a gap", r)
		}
	}
	for rule, from := range map[string]string{register.RulePrimary: register.FromYearEnd, register.RuleEmployed: register.FromEmployed, register.RuleWithdrawn: register.FromWithdrawn, register.RuleMonths: ""} {
		if got := (register.Retention{Rule: rule}).StartsAt(); got != from {
			t.Errorf("%s counts from %q", rule, got)
		}
	}
	reg := register.Seed()
	reg.Activities[0].Retention = register.Retention{Rule: register.RulePrimary, From: register.FromCollected, Text: words}
	if err := reg.Validate(); err == nil {
		t.Error("bookkeeping material that is counted from another day than the financial year's end was taken")
	}
}

// A time of months can begin with the end of the financial year, as the time of bookkeeping does.
func TestRetentionFromTheFinancialYearsEnd(t *testing.T) {
	t.Parallel()
	r := register.Retention{Rule: register.RuleMonths, Months: 24, From: register.FromYearEnd}
	for yearTo, want := range map[string]string{"12-31": "2026-12-31", "06-30": "2027-06-30", "": "2026-12-31"} {
		if end, ok := r.End(dsr.NewDate(2024, 9, 15), yearTo); !ok || end.String() != want {
			t.Errorf("the year ends on %q: kept until %s, want %s", yearTo, end, want)
		}
	}
	r.From = register.FromActivity
	if end, _ := r.End(dsr.NewDate(2024, 9, 15), "12-31"); end.String() != "2026-09-15" {
		t.Errorf("kept until %s", end)
	}
}
