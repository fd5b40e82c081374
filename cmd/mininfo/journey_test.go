package main_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// onBoth runs a test on both of the portal's databases.
func onBoth(t *testing.T, test func(t *testing.T, s Setup)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Setup{}) })
	t.Run("postgres", func(t *testing.T) { test(t, Setup{Postgres: true}) })
}

// The three rights, each from the first click to the answer, through the program as it is served.
func TestJourneys(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		p, first, second := office(t, s)
		t.Run("access", func(t *testing.T) { accessJourney(t, p, first) })
		t.Run("rectification", func(t *testing.T) { rectificationJourney(t, p, first) })
		t.Run("erasure", func(t *testing.T) { erasureJourney(t, p, first, second) })
		t.Run("nothing held", func(t *testing.T) { nothingJourney(t, p, first) })
		t.Run("the house is in order", func(t *testing.T) { inOrder(t, p) })
	})
}

func accessJourney(t *testing.T, p *Portal, o *Officer) {
	person := newPerson(t, p, demo.MostData.Email)
	person.Prove(api.RightAccess)
	filed := person.File(api.NewRequest{Right: api.RightAccess})
	if filed.Reference == "" || filed.DueOn.IsZero() {
		t.Fatalf("filed %+v", filed)
	}
	receipt := p.Mail.Wait(t, person.Email, 0, "the receipt", func(l Letter) bool { return strings.Contains(l.Subject, filed.Reference) })
	if !strings.Contains(receipt.Text, filed.DueOn.Format("2006")) {
		t.Errorf("the receipt does not tell the due date: %s", receipt.Text)
	}
	p.Mail.Wait(t, o.Email, 0, "the office is told", func(l Letter) bool { return strings.Contains(l.Text+l.Subject, filed.Reference) })
	c := o.Settle(filed.Id, api.DecisionActionDisclose)
	if len(c.Groups) < 8 {
		t.Errorf("%d groups of findings for the person with most data", len(c.Groups))
	}
	o.Approve(filed.Id)
	o.Await(filed.Id, "the package is ready", func(c api.Case) bool { return c.Package != nil && c.Package.State == api.PackageStateReady })
	o.act(filed.Id, "answer", map[string]any{})
	o.State(filed.Id, api.StateAnswered)
	p.Mail.Wait(t, person.Email, 0, "the answer is ready", func(l Letter) bool { return strings.Contains(l.Subject, "Svaret ditt er klart") })
	get := func() Reply { return person.Do(http.MethodGet, "/requests/"+filed.Id+"/package", nil) }
	refused(t, get(), http.StatusForbidden, "step_up_required")
	content := person.Download(filed.Id)
	refused(t, get(), http.StatusForbidden, "step_up_required") // each download has a code of its own
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(archive.File) < 3 {
		t.Fatalf("the package is no archive of page, JSON and CSV: %v", err)
	}
	complete(t, p, archive)
	if r := person.See(filed.Id); r.Answer == nil || r.Package == nil || r.Package.DownloadsLeft == nil || *r.Package.DownloadsLeft != 4 {
		t.Errorf("after one download the person sees %+v", r.Package)
	}
}

// complete holds the copy against the company's databases: where a value is stored, one is handed
// over or its absence is explained.
func complete(t *testing.T, p *Portal, archive *zip.Reader) {
	t.Helper()
	file, err := archive.Open("data.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var data struct {
		Purposes []struct {
			Tables []struct {
				Source, Collection string
				Rows               []struct {
					Key      string
					Values   map[string]any
					Withheld map[string]string
				}
			}
		}
	}
	if err := json.NewDecoder(file).Decode(&data); err != nil {
		t.Fatal(err)
	}
	stored, compared := p.Company.State(), 0
	for _, purpose := range data.Purposes {
		for _, table := range purpose.Tables {
			for _, row := range table.Rows {
				held, ok := stored[table.Source+"."+table.Collection][keyOf(row.Key)]
				if !ok {
					t.Fatalf("%s.%s %q is in the copy and not in the company's database", table.Source, table.Collection, row.Key)
				}
				for column, value := range row.Values {
					compared++
					if (value == nil) != (held[column] == null) {
						t.Errorf("%s.%s %s: %s is %v in the copy, and stored is %q", table.Source, table.Collection, row.Key, column, value, held[column])
					}
				}
			}
		}
	}
	if compared < 1000 {
		t.Errorf("only %d values were compared", compared)
	}
}

// keyOf gives the value of a key of one column: "id=17" is 17.
func keyOf(key string) string {
	_, value, found := strings.Cut(key, "=")
	if !found {
		return key
	}
	return value
}

func rectificationJourney(t *testing.T, p *Portal, o *Officer) {
	person := newPerson(t, p, demo.Blocked.Email)
	person.Prove(api.RightRectification)
	var ref string
	for _, f := range person.Fields().Fields {
		if f.Value == demo.Blocked.Last {
			ref = f.Ref
			break
		}
	}
	if ref == "" {
		t.Fatal("the person does not see the own last name")
	}
	filed := person.File(api.NewRequest{Right: api.RightRectification, Corrections: &[]api.Correction{{Ref: ref, NewValue: "Stormoen"}}})
	o.Settle(filed.Id, api.DecisionActionAnnotate)
	o.Approve(filed.Id)
	o.State(filed.Id, api.StateAnswered)
	r := person.See(filed.Id)
	if r.Answer == nil || told(r.Answer, api.AnswerGroupActionCorrected) != 1 {
		t.Errorf("the person is told %+v", r.Answer)
	}
	p.Mail.Wait(t, person.Email, 0, "the answer", func(l Letter) bool {
		return strings.Contains(l.Subject, "behandlet") && strings.Contains(l.Subject, filed.Reference)
	})
}

func erasureJourney(t *testing.T, p *Portal, first, second *Officer) {
	person := newPerson(t, p, demo.Household.Email)
	person.Prove(api.RightErasure)
	filed := person.File(api.NewRequest{Right: api.RightErasure})
	first.Settle(filed.Id, api.DecisionActionKeep)
	first.act(filed.Id, "plan", nil)
	c := first.Await(filed.Id, "the plan is up to date", planned)
	refused := first.Do("POST", "/staff/cases/"+filed.Id+"/approve", map[string]any{"digest": c.Plan.Digest, "confirmed": true})
	if refused.Status != 403 && refused.Status != 409 {
		t.Errorf("the member who prepared the erasure approved it: %v", refused)
	}
	second.Approve(filed.Id)
	first.State(filed.Id, api.StateAnswered)
	r := person.See(filed.Id)
	if r.Answer == nil || told(r.Answer, api.AnswerGroupActionDeleted)+told(r.Answer, api.AnswerGroupActionAnonymised) == 0 {
		t.Errorf("the person is told %+v", r.Answer)
	}
	p.Mail.Wait(t, person.Email, 0, "the answer", func(l Letter) bool {
		return strings.Contains(l.Subject, "behandlet") && strings.Contains(l.Subject, filed.Reference)
	})
}

// nothingJourney: who is held nowhere is asked once for an older address before that is said.
func nothingJourney(t *testing.T, p *Portal, o *Officer) {
	person := newPerson(t, p, demo.Nobody.Email)
	person.Prove(api.RightAccess)
	filed := person.File(api.NewRequest{Right: api.RightAccess})
	o.Await(filed.Id, "the sources are read", func(c api.Case) bool { return c.State == api.StateReview })
	early := o.Do("POST", "/staff/cases/"+filed.Id+"/answer", map[string]any{"outcome": "nothing_found"})
	if early.Status != 409 && early.Status != 422 {
		t.Errorf("nothing held was said before the person was asked for an older address: %v", early)
	}
	o.act(filed.Id, "pause", map[string]any{"kind": "older_contact", "text": "Har du brukt en annen adresse hos oss?", "reason": "Ingen treff på adressen."})
	if r := person.See(filed.Id); r.Question == nil || r.Question.Kind != "older_contact" {
		t.Fatalf("the person sees the question %+v", r.Question)
	}
	person.must("POST", "/requests/"+filed.Id+"/messages", map[string]any{"text": "Nei, bare denne."}, nil)
	o.Await(filed.Id, "the case goes on", func(c api.Case) bool { return c.State == api.StateReview })
	o.act(filed.Id, "answer", map[string]any{"outcome": "nothing_found"})
	o.State(filed.Id, api.StateAnswered)
	r := person.See(filed.Id)
	if r.Answer == nil || r.Answer.Outcome != api.OutcomeNothingFound || r.Answer.Searched == nil || len(*r.Answer.Searched) < 3 {
		t.Errorf("the person is told %+v", r.Answer)
	}
}

// told gives how many rows the person is told of for an action.
func told(a *api.AnswerView, action api.AnswerGroupAction) int64 {
	var n int64
	for _, g := range a.Groups {
		if g.Action == action {
			n += g.Count
		}
	}
	return n
}

// inOrder: what the program's own doctor and auditor say.
func inOrder(t *testing.T, p *Portal) {
	if out, err := p.Run("doctor", "--json"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	type report struct {
		Size int    `json:"size"`
		Key  string `json:"verifier_key"`
	}
	var log, taken report
	until(t, "all leaves of the log have their place", func() bool {
		out, err := p.Run("audit", "verify", "--json")
		return err == nil && json.Unmarshal([]byte(out), &log) == nil && log.Size > 0
	})
	file := filepath.Join(t.TempDir(), "log.jsonl")
	if out, err := p.Run("audit", "export", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// The auditor has the file and the key, and no portal.
	if out, err := p.Run("audit", "verify", "--export", file, "--key", log.Key, "--data", t.TempDir(), "--json"); err != nil ||
		json.Unmarshal([]byte(out), &taken) != nil || taken.Size < log.Size {
		t.Errorf("the log that was taken out: %v\n%s", err, out)
	}
	if out, err := p.Run("audit", "export", file); err == nil {
		t.Errorf("the file was written over\n%s", out)
	}
	if out, err := p.Run("audit", "verify", "--public-url", "https://moved.example.no"); err != nil {
		t.Errorf("at another address the log is another: %v\n%s", err, out)
	}
}

// TestCorrectionFromWords: a person says in words what is wrong; the officer finds the field and says
// what is to stand there; it is carried out in the company's own database, and the person is told.
func TestCorrectionFromWords(t *testing.T) {
	for name, s := range map[string]Setup{"sqlite": {}, "postgres": {Postgres: true, PostgresSources: true}} {
		t.Run(name, func(t *testing.T) {
			p, o, _ := office(t, s)
			person := newPerson(t, p, demo.Household.Email)
			person.Prove(api.RightRectification)
			words := "Etternavnet er feil, og telefonnummeret skal bort."
			filed := person.File(api.NewRequest{Right: api.RightRectification, Text: &words})
			o.Await(filed.Id, "the findings are there", planned)
			point := func(field string, change map[string]any) api.Case {
				t.Helper()
				change["field"] = field
				for _, g := range o.Case(filed.Id).Groups {
					var page struct{ Findings []api.FindingRow }
					o.must("GET", "/staff/cases/"+filed.Id+"/findings?group="+g.Id, nil, &page)
					for _, row := range page.Findings {
						if g.Collection == "customers" && slices.ContainsFunc(row.Fields, func(f api.FindingField) bool { return f.Name == field && slices.Contains(*f.Marks, "correctable") }) {
							change["group"], change["key"] = g.Id, row.Key
						}
					}
				}
				return o.act(filed.Id, "corrections", change)
			}
			point("last_name", map[string]any{"value": "Nordman-Berg"})
			o.Await(filed.Id, "the correction is among the findings", func(c api.Case) bool { return planned(c) && pointedAt(c) == 1 })
			point("phone", map[string]any{"remove": true})
			o.Await(filed.Id, "both corrections are among the findings", func(c api.Case) bool { return planned(c) && pointedAt(c) == 2 })
			o.Settle(filed.Id, api.DecisionActionAnnotate)
			o.Approve(filed.Id)
			o.State(filed.Id, api.StateAnswered)
			var last string
			var phone sql.NullString
			query := `SELECT last_name, phone FROM ` + p.Company.at("webshop", "customers") + ` WHERE customer_no = '` + demo.Household.CustomerNo + `'`
			company := p.Company.open("webshop")
			defer company.Close()
			if err := company.QueryRow(query).Scan(&last, &phone); err != nil || last != "Nordman-Berg" || phone.Valid {
				t.Errorf("the row says %q, %v: %v", last, phone, err)
			}
			r := person.See(filed.Id)
			if r.Answer == nil || told(r.Answer, api.AnswerGroupActionCorrected) != 2 {
				t.Fatalf("the person is told %+v", r.Answer)
			}
			if said := strings.Join(r.Answer.Paragraphs, "\n"); !strings.Contains(said, "Nordman-Berg") || !strings.Contains(said, "tømt") || strings.Contains(said, demo.Household.Phone) {
				t.Errorf("the answer: %s", said)
			}
			mailed := p.Mail.Wait(t, person.Email, 0, "the answer", func(l Letter) bool { return strings.Contains(l.Subject, "behandlet") })
			if strings.Contains(mailed.Text, "Nordman-Berg") {
				t.Error("the mail has a value of the person")
			}
		})
	}
}

// pointedAt counts the corrections that a group of the findings is about.
func pointedAt(c api.Case) int {
	n := 0
	for _, k := range *c.Corrections {
		if k.Group != nil {
			n++
		}
	}
	return n
}
