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
	"mininfo/internal/locale"
)

var (
	activityID = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	reasonCode = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)
	article    = regexp.MustCompile(`^(6\(1\)\([a-f]\)|9\(2\)\([a-j]\)|10)$`)
	// As for systems behind HTTP: without encryption only this machine's own address.
	recipientHook = regexp.MustCompile(`^(https://[^/@#\s]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?)(/[^#\s]*)?$`)
	nineDigits    = regexp.MustCompile(`^[0-9]{9}$`)
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

		"recipient_hook": recipientHook.MatchString,
		"notice_right":   func(s string) bool { return slices.Contains(noticeRights(), s) },
	} {
		if err := v.RegisterValidation(tag, func(fl validator.FieldLevel) bool { return holds(fl.Field().String()) }); err != nil {
			panic(err) // only for an empty tag
		}
	}
	v.RegisterStructValidation(checkRegister, Register{})
	v.RegisterStructValidation(checkController, Controller{})
	v.RegisterStructValidation(checkActivity, Activity{})
	v.RegisterStructValidation(checkSource, Source{})
	v.RegisterStructValidation(checkNotify, Notify{})
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
	for i, a := range r.Activities {
		for j, id := range a.Formerly {
			if seen[id] {
				sl.ReportError(id, fmt.Sprintf("activities[%d].formerly[%d]", i, j), "Formerly", "same_id", id)
			}
			seen[id] = true
		}
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
	if a.NoRecipients && len(a.Recipients) > 0 {
		sl.ReportError(a.NoRecipients, "no_recipients", "NoRecipients", "no_recipients", "")
	}
	if a.NoAutomated && a.Automated != nil {
		sl.ReportError(a.NoAutomated, "no_automated_decisions", "NoAutomated", "no_automated", "")
	}
}

func checkSource(sl validator.StructLevel) {
	s := sl.Current().Interface().(Source)
	if s.FromPerson && (s.Own || s.Public) || s.Own && s.Public {
		sl.ReportError(s.Public, "public", "Public", "one_origin", "")
	}
}

func checkNotify(sl validator.StructLevel) {
	n := sl.Current().Interface().(Notify)
	ways := 0
	for _, way := range []string{n.Mail, n.Webhook, n.Task} {
		if way != "" {
			ways++
		}
	}
	if ways != 1 {
		sl.ReportError(n.Task, "task", "Task", "one_channel", "")
	}
}

// noticeRights lists what a notice can name: the rights, withdrawing consent and complaining.
func noticeRights() []string {
	var all []string
	for _, row := range dsr.Rights() {
		// A notice names withdrawal by its own word, and human review with the automated decision.
		if row.Right != dsr.Withdrawal && row.Right != dsr.HumanReview {
			all = append(all, string(row.Right))
		}
	}
	return append(all, WithdrawConsent, LodgeComplaint)
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
	if implied := impliedFrom[r.Rule]; implied != "" && r.From != "" && r.From != implied {
		sl.ReportError(r.From, "from", "From", "from_rule", implied)
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
		problems[i] = Problem{Path: path, Text: message(e)}
	}
	return problems
}

// messages says what to write instead, for each rule that needs more than a list of words.
var messages = map[string]locale.Text{
	"required": text("dette mangler; skriv det", "dette manglar; skriv det", "this is missing; write it"),
	"activity_id": text("skriv et kort navn av små bokstaver, sifre og _ som begynner med en bokstav, for eksempel contact_form",
		"skriv eit kort namn av små bokstavar, siffer og _ som byrjar med ein bokstav, til dømes contact_form",
		"write a short name of small letters, digits and _ that begins with a letter, such as contact_form"),
	"reason_code": text("skriv en kode av store bokstaver, sifre og _, for eksempel BOOKKEEPING_13",
		"skriv ein kode av store bokstavar, siffer og _, til dømes BOOKKEEPING_13",
		"write a code of capital letters, digits and _, such as BOOKKEEPING_13"),
	"article": text("dette er ikke et behandlingsgrunnlag; skriv 6(1)(a) til 6(1)(f), 9(2)(a) til 9(2)(j), eller 10",
		"dette er ikkje eit behandlingsgrunnlag; skriv 6(1)(a) til 6(1)(f), 9(2)(a) til 9(2)(j), eller 10",
		"this is not a legal basis; write 6(1)(a) to 6(1)(f), 9(2)(a) to 9(2)(j), or 10"),
	"fyend": text("skriv måned og dag for den siste dagen i en måned, for eksempel 12-31",
		"skriv månad og dag for den siste dagen i ein månad, til dømes 12-31",
		"write month and day of the last day of a month, such as 12-31"),
	"iso3166_1_alpha2": text("skriv et land med to store bokstaver, for eksempel NO",
		"skriv eit land med to store bokstavar, til dømes NO",
		"write a country of two capital letters, such as NO"),
	"email": text("skriv en e-postadresse", "skriv ei e-postadresse", "write an e-mail address"),
	"orgno": text("skriv de ni sifrene i organisasjonsnummeret, uten mellomrom",
		"skriv dei ni siffera i organisasjonsnummeret, utan mellomrom",
		"write the nine digits of the organisation number, without spaces"),
	"unique": text("en verdi står her to ganger; behold den ene", "ein verdi står her to gonger; ta vare på den eine",
		"a value stands here twice; keep one of them"),
	"min":    text("skriv et antall måneder, 0 eller mer", "skriv eit tal på månader, 0 eller meir", "write a number of months, 0 or more"),
	"max":    text("skriv et antall måneder, høyst 1200", "skriv eit tal på månader, høgst 1200", "write a number of months, at most 1200"),
	"months": text("skriv hvor mange måneder, 1 eller mer", "skriv kor mange månader, 1 eller meir", "write how many months, 1 or more"),
	"from_rule": text("regelen sier selv fra når tiden regnes; fjern from, eller velg en annen regel",
		"regelen seier sjølv frå når tida blir rekna; fjern from, eller vel ein annan regel",
		"the rule itself says from when the time counts; remove from, or choose another rule"),
	"only_minimum": text("keep_fields leses bare med kind keep_minimum; skriv det, eller fjern keep_fields",
		"keep_fields blir berre lese med kind keep_minimum; skriv det, eller fjern keep_fields",
		"keep_fields are read only with kind keep_minimum; write that kind, or remove keep_fields"),
	"minimum": text("skriv de kategoriene som må beholdes, eller bruk kind keep_until_retention for alle",
		"skriv dei kategoriane som det må takast vare på, eller bruk kind keep_until_retention for alle",
		"write the data categories that must be kept, or use kind keep_until_retention for all"),
	"only_holds": text("exception leses bare med kind keep_until_retention, keep_minimum eller restrict; skriv en av dem, eller fjern exception",
		"exception blir berre lese med kind keep_until_retention, keep_minimum eller restrict; skriv ein av dei, eller fjern exception",
		"an exception is read only with kind keep_until_retention, keep_minimum or restrict; write one of them, or remove the exception"),
	"one_channel": text("en mottaker får vite det på én måte; behold ett av mail, webhook og task",
		"ein mottakar får vite det på éin måte; ta vare på eitt av mail, webhook og task",
		"a recipient is told in one way; keep one of mail, webhook and task"),
	"recipient_hook": text("skriv en adresse som begynner med https://, uten brukernavn og uten #",
		"skriv ei adresse som byrjar med https://, utan brukarnamn og utan #",
		"write an address that begins with https://, without a user name and without #"),
	"no_recipients": text("her står det mottakere; fjern dem, eller fjern no_recipients", "her står det mottakarar; fjern dei, eller fjern no_recipients",
		"there are recipients here; remove them, or remove no_recipients"),
	"no_automated": text("her står det hvordan avgjørelser tas automatisk; fjern det, eller fjern no_automated_decisions",
		"her står det korleis avgjerder blir tekne automatisk; fjern det, eller fjern no_automated_decisions",
		"here it says how decisions are made by automated means; remove that, or remove no_automated_decisions"),
	"one_origin": text("en kilde er enten personen, virksomheten selv eller noen andre; behold ett av from_person, own og public",
		"ei kjelde er anten personen, verksemda sjølv eller nokon annan; ta vare på eitt av from_person, own og public",
		"a source is the person, the organisation itself or somebody else; keep one of from_person, own and public"),
}

func message(e validator.FieldError) locale.Text {
	word := fmt.Sprint(e.Value())
	switch e.Tag() {
	case "oneof":
		return wrong(word, text("kan ikke stå her", "kan ikkje stå her", "cannot stand here"), instead(word, strings.Fields(e.Param())))
	case "notice_right":
		return wrong(word, text("er ikke en rettighet", "er ikkje ein rett", "is not a right"), instead(word, noticeRights()))
	case "subject":
		return wrong(word, text("er ikke en type person", "er ikkje ein type person", "is not a kind of person"), instead(word, keys(dataset.Subjects())))
	case "category":
		return wrong(word, text("er ikke en kategori av opplysninger", "er ikkje ein kategori av opplysningar", "is not a data category"), nearCategory(word))
	case "same_id":
		return text(fmt.Sprintf("det finnes alt en aktivitet %q; skriv en annen id", e.Param()),
			fmt.Sprintf("det finst alt ein aktivitet %q; skriv ein annan id", e.Param()),
			fmt.Sprintf("there is already an activity %q; write another id", e.Param()))
	case "bookkeeping":
		return text("loven krever minst "+e.Param()+" måneder; fjern months, eller skriv et høyere tall",
			"lova krev minst "+e.Param()+" månader; fjern months, eller skriv eit høgare tal",
			"the law requires at least "+e.Param()+" months; remove months, or write a higher number")
	}
	return messages[e.Tag()]
}

// wrong says that a word cannot stand, and what to write instead.
func wrong(word string, why, write locale.Text) locale.Text {
	join := func(l locale.Locale) string { return quote(word, l) + " " + why.In(l) + "; " + write.In(l) }
	return text(join(locale.NB), join(locale.NN), join(locale.EN))
}

// nearCategory does not list all 86 keys: it names the nearest, or an example.
func nearCategory(word string) locale.Text {
	if near := nearest(word, keys(dataset.Categories())); near != "" {
		return write(near)
	}
	return text("skriv en nøkkel fra taksonomien, for eksempel user.contact.email",
		"skriv ein nøkkel frå taksonomien, til dømes user.contact.email",
		"write a key of the taxonomy, such as user.contact.email")
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
