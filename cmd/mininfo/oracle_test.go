package main_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/api"
	"mininfo/internal/demo"
)

// testSeed gives the seed of this run: another one each time, printed, and settable to see a run again.
func testSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("MININFO_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("MININFO_TEST_SEED=%d", seed)
	return seed
}

// opaque gives names that say nothing, so that nothing can depend on the demo's own.
func opaque(seed uint64) demo.Rename {
	return func(table, column string) string {
		h := fnv.New64a()
		fmt.Fprintf(h, "%d/%s/%s", seed, table, column)
		return fmt.Sprintf("x%x", h.Sum64())
	}
}

// The demo made anew from a random seed under other names: what all three rights do to every row of
// the company is what the plan says and what the person is told, and nothing else.
func TestOracle(t *testing.T) {
	seed := testSeed(t)
	for name, s := range map[string]Setup{
		"sqlite":   {Seed: seed, Rename: opaque(seed)},
		"postgres": {Seed: seed, Rename: opaque(seed), Postgres: true, PostgresSources: true},
	} {
		t.Run(name, func(t *testing.T) {
			p, first, second := office(t, s)
			t.Run("access", func(t *testing.T) { accessOracle(t, p, first) })
			t.Run("rectification", func(t *testing.T) { rectificationOracle(t, p, first) })
			for _, who := range []demo.Person{demo.MostData, demo.Household, demo.Applicant, demo.Subscriber, demo.SoleProprietor} {
				t.Run("erasure of "+who.Last, func(t *testing.T) { erasureOracle(t, p, first, second, who) })
			}
		})
	}
}

func addressesOf(who demo.Person) []string { return append([]string{who.Email}, who.Held...) }

func accessOracle(t *testing.T, p *Portal, o *Officer) {
	before := p.Company.State()
	person := newPerson(t, p, demo.MostData.Email)
	person.Prove(api.RightAccess)
	id := person.File(api.NewRequest{Right: api.RightAccess}).Id
	o.Settle(id, api.DecisionActionDisclose)
	o.Approve(id)
	o.Await(id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
	o.act(id, "answer", map[string]any{})
	if d := difference(before, p.Company.State()); len(d) > 0 {
		t.Errorf("an access request changed the company: %v", d)
	}
}

func rectificationOracle(t *testing.T, p *Portal, o *Officer) {
	who := demo.MostData
	person := newPerson(t, p, who.Email)
	person.Prove(api.RightRectification)
	before := p.Company.State()
	mine := before.owned(addressesOf(who)...)
	var ref string
	for _, f := range person.Fields().Fields {
		if f.Value == who.Last && f.Label == "Etternavn" {
			ref = f.Ref
			break
		}
	}
	if ref == "" {
		t.Fatal("the person is not shown the own last name")
	}
	filed := person.File(api.NewRequest{Right: api.RightRectification, Corrections: &[]api.Correction{{Ref: ref, NewValue: "Nordmann-Øie"}}})
	o.Settle(filed.Id, api.DecisionActionAnnotate)
	plan := planOf(t, p.Company, o, filed.Id)
	o.Approve(filed.Id)
	o.State(filed.Id, api.StateAnswered)
	after := p.Company.State()
	d := difference(before, after)
	if diff := cmp.Diff(plan, d); diff != "" {
		t.Errorf("the plan is not what was done (-plan +done):\n%s", diff)
	}
	gone, changed := d.count()
	if gone != 0 || changed != 1 {
		t.Errorf("%d rows gone, %d changed: one value was to be corrected: %v", gone, changed, d)
	}
	for at := range d {
		table, key, _ := strings.Cut(at, " ")
		if !mine[at] || after[table][key]["last_name"] != "Nordmann-Øie" {
			t.Errorf("%s says %q now", at, after[table][key]["last_name"])
		}
	}
	toldTheTruth(t, p, person, filed, map[api.AnswerGroupAction]int64{api.AnswerGroupActionCorrected: changed})
}

func erasureOracle(t *testing.T, p *Portal, first, second *Officer, who demo.Person) {
	person := newPerson(t, p, who.Email)
	person.Prove(api.RightErasure)
	before := p.Company.State()
	mine := before.owned(addressesOf(who)...)
	filed := person.File(api.NewRequest{Right: api.RightErasure})
	settled := first.Settle(filed.Id, api.DecisionActionKeep)
	t.Logf("decided: %s", decided(settled))
	first.act(filed.Id, "plan", nil)
	first.Await(filed.Id, "the plan is up to date", planned)
	plan := planOf(t, p.Company, first, filed.Id)
	second.Approve(filed.Id)
	first.State(filed.Id, api.StateAnswered)
	after := p.Company.State()
	d := difference(before, after)
	if diff := cmp.Diff(plan, d); diff != "" {
		t.Errorf("the plan is not what was done (-plan +done):\n%s", diff)
	}
	for at, e := range d {
		if !mine[at] {
			t.Errorf("%s is not this person's and was touched: %+v", at, e)
		}
	}
	gone, changed := d.count()
	if gone+changed == 0 {
		t.Error("nothing was erased")
	}
	marked, alone := d.marked()
	if marked == 0 && who.Email == demo.MostData.Email {
		t.Error("nothing was marked as restricted: this test shows less than it says")
	}
	toldTheTruth(t, p, person, filed, map[api.AnswerGroupAction]int64{api.AnswerGroupActionDeleted: gone, api.AnswerGroupActionAnonymised: changed - alone,
		api.AnswerGroupActionRestricted: marked})
	lawKept(t, before, after, d, mine, who)
}

// lawKept holds the outcome against the hard cases of the demo.
func lawKept(t *testing.T, before, after State, d Difference, mine map[string]bool, who demo.Person) {
	t.Helper()
	young := 0
	for key, r := range before["office.invoices"] {
		if mine["office.invoices "+key] && r["issued_on"] > fmt.Sprint(thisYear()-5) {
			young++
			if e, touched := d["office.invoices "+key]; touched {
				t.Errorf("invoice of %s, which bookkeeping law keeps, was touched: %+v", r["issued_on"], e)
			}
		}
	}
	if who.Email == demo.MostData.Email && young == 0 {
		t.Error("the person with most data has no invoice that must be kept")
	}
	for _, table := range []string{"webshop.newsletter_subscribers", "webshop.consents", "webshop.cookie_profiles"} {
		for key := range before[table] {
			if _, left := after[table][key]; left && mine[table+" "+key] {
				t.Errorf("%s %s is still there: %v, was %v; %+v", table, key, after[table][key], before[table][key], d[table+" "+key])
			}
		}
	}
	for at := range d {
		if table, key, _ := strings.Cut(at, " "); table == "webshop.addresses" && !mine[at] {
			t.Errorf("the shared address %s was touched", key)
		}
	}
	for key, r := range before["office.notes"] {
		names := slices.ContainsFunc(addressesOf(who), func(a string) bool { return strings.Contains(strings.ToLower(r["body"]), strings.ToLower(a)) })
		if !mine["office.notes "+key] && names {
			if diff := cmp.Diff(r, after["office.notes"][key]); diff != "" {
				t.Errorf("the other person's note was touched:\n%s", diff)
			}
		}
	}
}

// toldTheTruth holds the numbers in the person's answer and mail against what really happened.
func toldTheTruth(t *testing.T, p *Portal, person *Person, filed api.RequestCreated, real map[api.AnswerGroupAction]int64) {
	t.Helper()
	r := person.See(filed.Id)
	if r.Answer == nil {
		t.Fatal("there is no answer")
	}
	letter := p.Mail.Wait(t, person.Email, 0, "the answer", func(l Letter) bool {
		return strings.Contains(l.Subject, "behandlet") && strings.Contains(l.Subject, filed.Reference)
	})
	words := map[api.AnswerGroupAction]string{
		api.AnswerGroupActionDeleted: "Slettet", api.AnswerGroupActionAnonymised: "Anonymisert", api.AnswerGroupActionCorrected: "Rettet",
		api.AnswerGroupActionRestricted: "Begrenset",
	}
	for action, want := range real {
		if got := told(r.Answer, action); got != want {
			t.Errorf("the answer tells %d %s, really %d", got, action, want)
		}
		if got := inMail(letter, words[action]); got != want {
			t.Errorf("the mail tells %d %s, really %d:\n%s", got, action, want, letter.Text)
		}
	}
}

// unfolded joins lines that a mail has broken.
func unfolded(text string) string {
	return regexp.MustCompile(`\n {2,}`).ReplaceAllString(text, " ")
}

// inMail adds up what the lines of a mail say of an action.
func inMail(l Letter, word string) int64 {
	var n int64
	for _, m := range regexp.MustCompile(`(?m)^\W*`+word+`: (\d+)`).FindAllStringSubmatch(unfolded(l.Text), -1) {
		one, _ := strconv.ParseInt(m[1], 10, 64)
		n += one
	}
	return n
}

// planOf reads all steps of the plan in force as the difference that they promise.
func planOf(t *testing.T, c *Company, o *Officer, id string) Difference {
	t.Helper()
	out := Difference{}
	cursor := ""
	for {
		var page api.PlanPage
		o.must("GET", "/staff/cases/"+id+"/plan?limit=200&cursor="+url.QueryEscape(cursor), nil, &page)
		for _, s := range page.Steps {
			at, e, writes := c.promised(s)
			if writes {
				out[at] = e
			}
		}
		if page.Next == nil || *page.Next == "" {
			return out
		}
		cursor = *page.Next
	}
}

// promised says what a step of a plan will do, in the demo's own names.
func (c *Company) promised(s api.PlanStep) (at string, e Effect, writes bool) {
	c.t.Helper()
	n := c.names(s.Source)
	_, collection, qualified := strings.Cut(s.Collection, ".")
	if !qualified {
		collection = s.Collection
	}
	own, known := n.table[collection]
	if !known {
		c.t.Fatalf("the plan names a collection %s that the company does not have", s.Collection)
	}
	_, key, _ := strings.Cut(s.Key, "=")
	at = s.Source + "." + own + " " + key
	switch s.Action {
	case "delete":
		return at, Effect{Gone: true}, true
	case "update", "mask", "set", "anonymise", "mark":
		for _, change := range s.Changes {
			e.Columns = append(e.Columns, n.column[own][change.Field])
		}
		slices.Sort(e.Columns)
		return at, e, true
	}
	return at, e, false
}

// thisYear is the financial year that the company is in.
func thisYear() int { return time.Now().UTC().Year() }

// decided tells what is decided for each group, for who reads a failure.
func decided(c api.Case) string {
	var b strings.Builder
	for _, g := range c.Groups {
		fmt.Fprintf(&b, "\n  %s %s: %s (%s)", g.Source, g.Activity, g.Decision.Action, g.Decision.Text)
		if g.Decision.Counts != nil {
			fmt.Fprintf(&b, " %v", *g.Decision.Counts)
		}
	}
	return b.String()
}
