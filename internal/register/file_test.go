package register_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/fault"
	"mininfo/internal/register"
)

// good is a register with one activity; tests spoil one line of it.
const good = `controller:
  name: Fjordlys AS
  organisation_number: "999888777"
  postal_address: Storgata 1, 5003 Bergen
  email: personvern@example.no
  country: NO
  financial_year_end: 12-31
  no_dpo: Twenty customers, no monitoring.
activities:
  - id: invoices
    name: {nb: Fakturaer, nn: Fakturaer, en: Invoices}
    purpose: {nb: Ta betalt., nn: Ta betalt., en: To be paid.}
    bases:
      - article: 6(1)(c)
        law: bokføringsloven § 13
    persons: [customer]
    categories: [user.name, user.contact]
    sources:
      - name: {nb: Deg selv, nn: Deg sjølv, en: You}
        from_person: true
    recipients:
      - name: Regnskap AS
        role: processor
        country: NO
        why: {nb: Fører regnskap, nn: Fører rekneskap, en: Keeps accounts}
    storage:
      system: Regnskapssystem
      country: NO
      protection: {nb: Kryptert., nn: Kryptert., en: Encrypted.}
    retention:
      rule: bookkeeping_primary
      text: {nb: Fem år., nn: Fem år., en: Five years.}
    erasure:
      kind: keep_until_retention
      exception: 17(3)(b)
      code: BOOKKEEPING_13
      text: {nb: Loven krever det., nn: Lova krev det., en: The law requires it.}
    obligation:
      kind: law
      text: {nb: Da får du ingen faktura., nn: Då får du ingen faktura., en: You then get no invoice.}
    no_automated_decisions: true
processors:
  - {name: "Regnskap AS", country: "NO", agreement: "Avtale av 1. mai 2024"}
`

func spoil(t *testing.T, old, new string) []byte {
	t.Helper()
	if strings.Count(good, old) != 1 {
		t.Fatalf("%q stands %d times in the register", old, strings.Count(good, old))
	}
	return []byte(strings.Replace(good, old, new, 1))
}

func TestParseReadsAndWritesTheSame(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"good": []byte(good), "seed": seedFile(t)} {
		first, err := register.Parse(name, data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written, err := first.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		second, err := register.Parse(name, written)
		if err != nil {
			t.Fatalf("%s: what was written cannot be read: %v", name, err)
		}
		if d := cmp.Diff(first, second); d != "" {
			t.Errorf("%s changed on its way through YAML:\n%s", name, d)
		}
		again, err := second.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(written), string(again)); d != "" {
			t.Errorf("%s is not written the same twice:\n%s", name, d)
		}
	}
}

func seedFile(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("seed.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestParseSaysWhereAndWhatToWriteInstead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"slip in a key", "    purpose:", "    purpos:", `r.yaml:12: activities[0].purpos: "purpos" is not a key here; write purpose`},
		{"unknown key", "    persons: [customer]", "    colour: red\n    persons: [customer]",
			`r.yaml:16: activities[0].colour: "colour" is not a key here; write one of id, formerly, name, purpose, bases`},
		{"key twice", "      code: BOOKKEEPING_13", "      code: A1\n      code: BOOKKEEPING_13",
			`r.yaml:37: activities[0].erasure.code: "code" is already written on line 36; keep one of them`},
		{"bad article", "article: 6(1)(c)", "article: 6(1)(ä)",
			"r.yaml:14: activities[0].bases[0].article: this is not a legal basis; write 6(1)(a) to 6(1)(f)"},
		{"no article", "article: 6(1)(c)", "why: {nb: x}", "r.yaml:14: activities[0].bases[0].article: this is missing"},
		{"kind outside the list", "kind: keep_until_retention", "kind: keep_until_retentoin",
			`r.yaml:34: activities[0].erasure.kind: "keep_until_retentoin" cannot stand here; write keep_until_retention`},
		{"role outside the list", "role: processor", "role: friend",
			`r.yaml:23: activities[0].recipients[0].role: "friend" cannot stand here; write one of processor, controller, authority`},
		{"automated decisions and none", "    no_automated_decisions: true", "    no_automated_decisions: true\n    automated_decisions: {nb: Kreditt, nn: Kreditt, en: Credit}",
			"r.yaml:41: activities[0].no_automated_decisions: here it says how decisions are made by automated means; remove that, or remove no_automated_decisions"},
		{"recipients and none", "    storage:", "    no_recipients: true\n    storage:", "r.yaml:26: activities[0].no_recipients: there are recipients here; remove them, or remove no_recipients"},
		{"exception outside the list", "exception: 17(3)(b)", "exception: 17(4)(b)",
			`r.yaml:35: activities[0].erasure.exception: "17(4)(b)" cannot stand here; write 17(3)(b)`},
		{"category", "categories: [user.name, user.contact]", "categories: [user.name, user.contact.emial]",
			`r.yaml:17: activities[0].categories[1]: "user.contact.emial" is not a data category; write user.contact.email`},
		{"category twice", "categories: [user.name, user.contact]", "categories: [user.name, user.name]",
			"r.yaml:17: activities[0].categories: a value stands here twice"},
		{"person", "persons: [customer]", "persons: [costumer]",
			`r.yaml:16: activities[0].persons[0]: "costumer" is not a kind of person; write customer`},
		{"id", "- id: invoices", "- id: Invoices!", "r.yaml:10: activities[0].id: write a short name of small letters"},
		{"no name", "name: {nb: Fakturaer, nn: Fakturaer, en: Invoices}", "name: {en: Invoices}",
			"r.yaml:11: activities[0].name.nb: this is missing"},
		{"country", "      country: NO\n      protection", "      country: Norge\n      protection",
			"r.yaml:28: activities[0].storage.country: write a country of two capital letters"},
		{"year end", "financial_year_end: 12-31", "financial_year_end: 12-30",
			"r.yaml:7: controller.financial_year_end: write month and day of the last day of a month"},
		{"organisation number", `"999888777"`, `"999 888 777"`, "r.yaml:3: controller.organisation_number: write the nine digits"},
		{"shorter than bookkeeping law", "rule: bookkeeping_primary", "rule: bookkeeping_primary\n      months: 36",
			"r.yaml:32: activities[0].retention.months: the law requires at least 60 months"},
		{"months without number", "rule: bookkeeping_primary", "rule: months", "r.yaml:30: activities[0].retention.months: write how many months"},
		{"negative months", "rule: bookkeeping_primary", "rule: review\n      months: -1", "r.yaml:32: activities[0].retention.months: write a number of months, 0 or more"},
		{"not a number", "rule: bookkeeping_primary", "rule: months\n      months: many", "r.yaml:32: activities[0].retention.months: write a whole number"},
		{"not a bool", "from_person: true", "from_person: yes please", "r.yaml:20: activities[0].sources[0].from_person: write true or false"},
		{"not a list", "persons: [customer]", "persons: customer", "r.yaml:16: activities[0].persons: a list is expected"},
		{"not keys", "name: {nb: Fakturaer, nn: Fakturaer, en: Invoices}", "name: Fakturaer",
			"r.yaml:11: activities[0].name: keys are expected; write nb, nn, en"},
		{"not a value", "system: Regnskapssystem", "system: [a, b]", "r.yaml:27: activities[0].storage.system: a single value is expected"},
		{"keep_fields with the wrong kind", "code: BOOKKEEPING_13", "keep_fields: [user.name]",
			"r.yaml:36: activities[0].erasure.keep_fields: keep_fields are read only with kind keep_minimum"},
		{"minimum of nothing", "kind: keep_until_retention", "kind: keep_minimum", "r.yaml:33: activities[0].erasure.keep_fields: write the data categories that must be kept"},
		{"exception that keeps nothing", "kind: keep_until_retention", "kind: erase", "r.yaml:35: activities[0].erasure.exception: an exception is read only with kind"},
		{"code", "code: BOOKKEEPING_13", "code: the law", "r.yaml:36: activities[0].erasure.code: write a code of capital letters"},
		{"anchor", "system: Regnskapssystem", "system: &a Regnskapssystem", "r.yaml:27: activities[0].storage.system: anchors and aliases"},
		{"not YAML", "    persons: [customer]", "    persons: [customer", "this is not YAML"},
		{"two documents", "controller:", "---\ncontroller: {}\n---\ncontroller:", "a second document begins here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := register.Parse("r.yaml", spoil(t, c.old, c.new))
			if r != nil || err == nil {
				t.Fatal("was read as if nothing were wrong")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got\n%v\nwant it to say\n%s", err, c.want)
			}
			var list *register.Errors
			if !errors.As(err, &list) || !errors.Is(err, register.ErrInvalid) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("the error is not a list that may reach a person: %#v", err)
			}
		})
	}
}

func TestParseSaysEverythingAtOnce(t *testing.T) {
	t.Parallel()
	data := strings.NewReplacer("role: processor", "role: friend", "6(1)(c)", "6").Replace(good)
	_, err := register.Parse("r.yaml", []byte(data))
	var list *register.Errors
	if !errors.As(err, &list) || len(list.Problems) != 2 {
		t.Fatalf("want two problems, got %v", err)
	}
	if list.Problems[0].Line != 14 || list.Problems[1].Line != 23 {
		t.Errorf("not in the order of the file: %v", err)
	}
}

func TestParseRefusesEmptyAndHuge(t *testing.T) {
	t.Parallel()
	for name, data := range map[string][]byte{"empty": nil, "huge": make([]byte, 3<<20), "a list": []byte("- a\n")} {
		if _, err := register.Parse("r.yaml", data); !errors.Is(err, register.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateHoldsTwoActivitiesApart(t *testing.T) {
	t.Parallel()
	r := register.Seed()
	if err := r.Validate(); err != nil {
		t.Fatalf("the seed is refused: %v", err)
	}
	r.Activities = append(r.Activities, r.Activities[0])
	err := r.Validate()
	want := fmt.Sprintf(`activities[%d].id: there is already an activity "web_logs"; write another id`, len(r.Activities)-1)
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("activities: [{id: a, erasure: {kind: *x}}]"))
	f.Add([]byte("{? [a]: b}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := register.Parse("f", data)
		if (r == nil) == (err == nil) {
			t.Fatalf("register %v with error %v", r, err)
		}
		if err == nil {
			r.Gaps()
		}
	})
}

// TestKept reads a text once, and gives the gaps that reading it again gives.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, text := range []string{good, strings.Replace(good, "no_recipients: true\n", "", 1), string(must(register.Seed().Marshal()))} {
		read, err := register.Parse("register.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		first, second := must(register.Kept(text)), must(register.Kept(text))
		if first != second {
			t.Error("the same text was read twice")
		}
		if d := cmp.Diff(read.Gaps(), first.Gaps(), cmp.AllowUnexported(register.Gap{})); d != "" {
			t.Errorf("what is kept has other gaps:\n%s", d)
		}
	}
	if _, err := register.Kept("activities: 7"); !errors.Is(err, register.ErrInvalid) {
		t.Errorf("what cannot be read: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
