package register_test

import (
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/register"
)

// The last day of keeping, and the day after it on which the data may go, for the law's own cases.
func TestTermOfBookkeeping(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule, yearTo, from, last string
	}{
		"a voucher of a calendar year":               {register.RulePrimary, "12-31", "2021-06-15", "2026-12-31"},
		"secondary documentation of a calendar year": {register.RuleSecondary, "12-31", "2022-03-01", "2026-06-30"},
		"a financial year that ends in June":         {register.RulePrimary, "06-30", "2022-06-30", "2027-06-30"},
		"42 months that end in February":             {register.RuleSecondary, "08-31", "2023-08-31", "2027-02-28"},
		"a leap day":                                 {register.RulePrimary, "02-28", "2024-02-29", "2029-02-28"},
	} {
		a := &register.Activity{Retention: register.Retention{Rule: c.rule}, Erasure: register.ErasureRule{Kind: register.KindKeep}}
		from, last := date(t, c.from), date(t, c.last)
		if got := a.Term(&from, c.yearTo, last); got.Over || got.End != last {
			t.Errorf("%s: on %s it is %+v", name, c.last, got)
		}
		if got := a.Term(&from, c.yearTo, last.AddDays(1)); !got.Over {
			t.Errorf("%s: on the day after %s it is kept still", name, c.last)
		}
	}
}

// Only a date makes data pass by themselves; what depends on more is for a person to look at.
func TestTermNeedsMoreThanADate(t *testing.T) {
	t.Parallel()
	from, today := date(t, "2020-01-31"), date(t, "2026-11-29")
	for _, c := range []struct {
		rule, kind string
		months     int
		from       *dsr.Date
		want       register.Term
	}{
		{register.RuleMonths, register.KindErase, 12, &from, register.Term{Over: true, End: date(t, "2021-01-31")}},
		{register.RuleMonths, register.KindErase, 12, nil, register.Term{Undated: true}},
		{register.RuleMonths, register.KindReview, 12, &from, register.Term{Look: true, End: date(t, "2021-01-31")}},
		{register.RuleMonths, register.KindErase, 120, &from, register.Term{End: date(t, "2030-01-31")}},
		{register.RuleWithdrawn, register.KindErase, 36, &from, register.Term{Look: true, End: date(t, "2023-01-31")}},
		{register.RuleEmployed, register.KindErase, 6, &from, register.Term{Look: true, End: date(t, "2020-07-31")}},
		{register.RuleEmployed, register.KindErase, 6, nil, register.Term{}},
		{register.RuleReview, register.KindErase, 6, &from, register.Term{Look: true, End: date(t, "2020-07-31")}},
		{"", register.KindErase, 6, &from, register.Term{}},
	} {
		a := &register.Activity{Retention: register.Retention{Rule: c.rule, Months: c.months}, Erasure: register.ErasureRule{Kind: c.kind}}
		if got := a.Term(c.from, "12-31", today); got != c.want {
			t.Errorf("%s %s %d: %+v, want %+v", c.rule, c.kind, c.months, got, c.want)
		}
	}
}

func date(t *testing.T, text string) dsr.Date {
	t.Helper()
	d, err := dsr.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
