package register

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/validator/v10"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
)

var (
	activityID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	reasonCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)
	article    = regexp.MustCompile(`^(6\(1\)\([a-f]\)|9\(2\)\([a-j]\)|10)$`)
	nineDigits = regexp.MustCompile(`^[0-9]{9}$`)
)

// rules is the validator with the register's own words. It keeps a cache of struct layouts and is
// safe for use by many at once.
var rules = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		return name
	})
	for tag, holds := range map[string]func(string) bool{
		"activity_id": activityID.MatchString,
		"reason_code": reasonCode.MatchString,
		"article":     article.MatchString,
		"category":    knownCategory,
		"subject":     func(s string) bool { return slices.Contains(keys(dataset.Subjects()), s) },
		"fyend":       func(s string) bool { _, ok := yearEnd(s); return ok },
	} {
		if err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return holds(fl.Field().String()) }); err != nil {
			panic(err) // only for an empty tag
		}
	}
	v.RegisterStructValidation(checkRegister, Register{})
	v.RegisterStructValidation(checkController, Controller{})
	v.RegisterStructValidation(checkActivity, Activity{})
	v.RegisterStructValidation(checkRetention, Retention{})
	v.RegisterStructValidation(checkErasure, ErasureRule{})
	return v
})

func checkRegister(sl validator.StructLevel) {
	r := sl.Current().Interface().(Register)
	seen := map[string]bool{}
	for i, a := range r.Activities {
		if a.ID != "" && seen[a.ID] {
			sl.ReportError(a.ID, fmt.Sprintf("activities[%d].id", i), "ID", "same_id", a.ID)
		}
		seen[a.ID] = true
	}
}

func checkController(sl validator.StructLevel) {
	c := sl.Current().Interface().(Controller)
	if c.OrganisationNo != "" && (c.Country == "NO" || c.Country == "") && !nineDigits.MatchString(c.OrganisationNo) {
		sl.ReportError(c.OrganisationNo, "organisation_number", "OrganisationNo", "orgno", "")
	}
}

func checkActivity(sl validator.StructLevel) {
	a := sl.Current().Interface().(Activity)
	if a.Name.NB == "" {
		sl.ReportError(a.Name, "name.nb", "Name", "required", "")
	}
}

// checkRetention holds what the law does not leave to the controller: bookkeeping material may be
// kept longer than bokføringsloven § 13 says, never shorter.
func checkRetention(sl validator.StructLevel) {
	r := sl.Current().Interface().(Retention)
	if least := bookkeepingMonths(r.Rule); least > 0 && r.Months != 0 && r.Months < least {
		sl.ReportError(r.Months, "months", "Months", "bookkeeping", fmt.Sprint(least))
	}
	if r.Rule == RuleMonths && r.Months == 0 {
		sl.ReportError(r.Months, "months", "Months", "months", "")
	}
}

func checkErasure(sl validator.StructLevel) {
	e := sl.Current().Interface().(ErasureRule)
	if len(e.KeepFields) > 0 && e.Kind != KindMinimum {
		sl.ReportError(e.KeepFields, "keep_fields", "KeepFields", "only_minimum", "")
	}
	if e.Kind == KindMinimum && len(e.KeepFields) == 0 {
		sl.ReportError(e.KeepFields, "keep_fields", "KeepFields", "minimum", "")
	}
	if e.Exception != "" && !e.holds() {
		sl.ReportError(e.Exception, "exception", "Exception", "only_holds", "")
	}
}

// holds tells whether the rule keeps anything, so that it needs an exception and its reason.
func (e ErasureRule) holds() bool {
	return e.Kind == KindKeep || e.Kind == KindMinimum || e.Kind == KindRestrict
}

// Validate checks a register that did not come from a file by the same rules. The error is *Errors.
func (r *Register) Validate() error {
	if p := r.problems(); len(p) > 0 {
		return &Errors{Problems: p}
	}
	return nil
}

func (r *Register) problems() []Problem {
	err := rules().Struct(r)
	var invalid validator.ValidationErrors
	if !errors.As(err, &invalid) {
		return nil // nothing else can come back for a struct
	}
	problems := make([]Problem, len(invalid))
	for i, e := range invalid {
		path := strings.TrimPrefix(e.Namespace(), "Register.")
		problems[i] = Problem{Path: path, Message: message(e)}
	}
	return problems
}

// messages says what to write instead, for each rule that needs more than a list of words.
var messages = map[string]string{
	"required":         "this is missing; write it",
	"activity_id":      "write a short name of small letters, digits and _ that begins with a letter, such as contact_form",
	"reason_code":      "write a code of capital letters, digits and _, such as BOOKKEEPING_13",
	"article":          "this is not a legal basis; write 6(1)(a) to 6(1)(f), 9(2)(a) to 9(2)(j), or 10",
	"fyend":            "write month and day of the last day of a month, such as 12-31",
	"iso3166_1_alpha2": "write a country of two capital letters, such as NO",
	"email":            "write an e-mail address",
	"orgno":            "write the nine digits of the organisation number, without spaces",
	"unique":           "a value stands here twice; keep one of them",
	"min":              "write a number of months, 0 or more",
	"max":              "write a number of months, at most 1200",
	"months":           "write how many months, 1 or more",
	"only_minimum":     "keep_fields are read only with kind keep_minimum; write that kind, or remove keep_fields",
	"minimum":          "write the data categories that must be kept, or use kind keep_until_retention for all",
	"only_holds":       "an exception is read only with kind keep_until_retention, keep_minimum or restrict; write one of them, or remove the exception",
}

func message(e validator.FieldError) string {
	word := fmt.Sprint(e.Value())
	switch e.Tag() {
	case "oneof":
		return fmt.Sprintf("%s cannot stand here; %s", quote(word), instead(word, strings.Fields(e.Param())))
	case "subject":
		return fmt.Sprintf("%s is not a kind of person; %s", quote(word), instead(word, keys(dataset.Subjects())))
	case "category":
		return fmt.Sprintf("%s is not a data category; %s", quote(word), nearCategory(word))
	case "same_id":
		return fmt.Sprintf("there is already an activity %q; write another id", e.Param())
	case "bookkeeping":
		return "the law requires at least " + e.Param() + " months; remove months, or write a higher number"
	}
	return messages[e.Tag()]
}

// nearCategory does not list all 85 keys: it names the nearest, or an example.
func nearCategory(word string) string {
	if near := nearest(word, keys(dataset.Categories())); near != "" {
		return "write " + near
	}
	return "write a key of the taxonomy, such as user.contact.email"
}

// bookkeepingMonths is the law's least time after the financial year's end, or 0 for other rules.
func bookkeepingMonths(rule string) int {
	switch rule {
	case RulePrimary:
		return primaryMonths
	case RuleSecondary:
		return secondaryMonths
	}
	return 0
}

// yearEnd reads MM-DD as the month that financial years end in. The day must be the month's last
// (in February either of its two).
func yearEnd(s string) (time.Month, bool) {
	if s == "" {
		return time.December, true // the calendar year, as regnskapsloven § 1-7 has it
	}
	d, err := dsr.ParseDate("2024-" + s)
	if err != nil {
		return 0, false
	}
	last := dsr.NewDate(d.Year, d.Month+1, 0).Day
	return d.Month, d.Day == last || (d.Month == time.February && d.Day == last-1)
}

// financialYearEnd is the last day of the financial year that a day lies in.
func financialYearEnd(day dsr.Date, yearTo string) dsr.Date {
	month, ok := yearEnd(yearTo)
	if !ok {
		month = time.December
	}
	end := dsr.NewDate(day.Year, month+1, 0)
	if day.After(end) {
		end = dsr.NewDate(day.Year+1, month+1, 0)
	}
	return end
}
