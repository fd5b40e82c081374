package demo_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"mininfo/internal/demo"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

const published = "testdata/published-2018.yaml"

func lintPublished(t *testing.T) []register.Finding {
	t.Helper()
	data, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	return register.Lint("published-2018.yaml", data)
}

// TestPublishedNoticeShowsItsGaps: entered as it stands, the notice that the company had before shows
// everything that the law finds wrong with it. The comment is the section of that notice.
func TestPublishedNoticeShowsItsGaps(t *testing.T) {
	t.Parallel()
	found := lintPublished(t)
	for _, want := range []struct {
		section, activity, path string // path: the end of it
		severity                register.Severity
		says                    string
	}{
		{"2", "", "controller.name", register.Warn, "who the organisation is"},
		{"2", "", "controller.postal_address", register.Warn, "how to reach it"},
		{"end", "", "controller.dpo", register.Warn, "data protection officer"},
		{"end", "", "published", register.Warn, "a version and a date"},
		{"3", "", "published.special_categories[3]", register.Warn, "Article 10"},
		{"3", "", "published.special_categories", register.Warn, "lacks genetic"},
		{"3", "", "published.special_categories", register.Warn, "lacks biometric"},
		{"4.1.1", "web_logs", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"4.1.1", "web_logs", "bases", register.Warn, "Article 6(1)(f)"},
		{"4.1.1", "blocked_addresses", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"4.1.1", "blocked_addresses", "bases", register.Warn, "Article 6(1)(f)"},
		{"4.1.1", "blocked_addresses", "erasure.exception", register.Contradiction, "weighed only where"},
		{"4.1.1", "ip_activity", "purpose", register.BlocksDecision, "what the data are used for"},
		{"4.1.1", "ip_activity", "bases", register.Warn, "Article 6(1)(f)"},
		{"4.1.1", "ip_activity", "retention", register.BlocksDecision, "how long"},
		{"4.1.2", "contact_form", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"4.1.2", "contact_form", "storage.system", register.Warn, "which system"},
		{"4.2.1", "customers", "sources[1].name", register.Warn, "name of the source"},
		{"4.2.1", "customers", "informed", register.Warn, "Article 14(3)"},
		{"4.2.1", "customers", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"4.2.2", "invoices", "bases[0].law", register.Warn, "act and section"},
		{"4.2.2", "invoices", "retention.rule", register.BlocksDecision, "how long"},
		{"4.2.2", "invoices", "erasure.exception", register.BlocksDecision, "provision of Article 17"},
		{"4.2.3", "partner_disclosure", "recipients[0].name", register.Warn, "recipient's name"},
		{"4.2.3", "partner_disclosure", "recipients[0].country", register.Warn, "which country"},
		{"4.2.3", "authority_disclosure", "recipients[0].name", register.Warn, "recipient's name"},
		{"4.2.3", "authority_disclosure", "bases[0].law", register.Warn, "act and section"},
		{"4.3.1", "job_applications", "categories", register.Warn, "which categories"},
		{"4.3.1", "job_applications", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"4.3.2", "employees", "categories", register.Warn, "which categories"},
		{"4.3.2", "employees", "sources", register.BlocksDecision, "where the data come from"},
		{"4.3.2", "employees", "retention.text", register.BlocksDecision, "As long as necessary"},
		{"5", "", "activities[0].bases[0].article", register.Wrong, "not a legal basis"},
		{"5", "", "activities[10].bases[0].article", register.Wrong, "not a legal basis"},
		{"6", "open_sources", "bases", register.Warn, "Article 6(1)(f)"},
		{"6", "open_sources", "informed", register.Warn, "Article 14(3)"},
		{"6", "open_sources", "sources[4].name", register.Warn, "name of the source"},
		{"7", "customers", "storage.country", register.Warn, "which country"},
		{"8", "", "companies", register.Warn, "a company has no rights"},
		{"8", "", "published.narrowed[0]", register.Warn, "to fewer than the law"},
		{"8", "", "published.rights", register.Warn, "restriction of processing"},
		{"8", "", "published.rights", register.Warn, "data portability"},
		{"8", "", "published.rights", register.Warn, "right to object"},
		{"8", "", "published.rights", register.Warn, "consent can be withdrawn"},
		{"8", "", "published.rights", register.Warn, "complain to Datatilsynet"},
		{"8", "web_logs", "obligation", register.Warn, "have to give the data"},
		{"8", "web_logs", "erasure.kind", register.BlocksDecision, "asks for erasure"},
		{"11", "cookies", "bases", register.Warn, "ekomloven § 3-15"},
		{"11", "cookies", "bases", register.BlocksDecision, "legal basis is missing"},
		{"11", "cookies", "purpose", register.BlocksDecision, "what the data are used for"},
		{"all", "web_logs", "name", register.Warn, "missing in Bokmål"},
	} {
		i := slices.IndexFunc(found, func(f register.Finding) bool {
			return f.Activity == want.activity && (f.Path == want.path || want.activity != "" && strings.HasSuffix(f.Path, "]."+want.path)) &&
				f.Severity == want.severity && strings.Contains(f.Text.EN, want.says)
		})
		if i < 0 {
			t.Errorf("§ %s: nothing says %q at %s %s", want.section, want.says, want.activity, want.path)
			continue
		}
		if f := found[i]; f.Line == 0 || f.File == "" || !f.Text.Complete() {
			t.Errorf("§ %s: without place or language: %+v", want.section, f)
		}
	}
}

// TestRepairedRegisterHasNoGaps: the demo company has closed every one of them.
func TestRepairedRegisterHasNoGaps(t *testing.T) {
	t.Parallel()
	for _, f := range register.Lint("register.yaml", demo.Register()) {
		t.Errorf("%s: %s", f.Severity, f)
	}
}

var update = flag.Bool("update", false, "write docs/register.md anew")

// TestRegisterPage holds the page that sets the two side by side to what they say.
func TestRegisterPage(t *testing.T) {
	t.Parallel()
	const path = "../../docs/register.md"
	had, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "<!-- From here on made by: go test ./internal/demo -run TestRegisterPage -update -->\n"
	text, _, ok := strings.Cut(string(had), mark)
	if !ok {
		t.Fatalf("%s has no line %q", path, mark)
	}
	want := text + mark + sideBySide(t)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(want, string(had)); d != "" {
		t.Errorf("docs/register.md does not say what the registers say; run with -update:\n%s", d)
	}
}

// sideBySide sets each activity of the published notice beside the one it became.
func sideBySide(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	var before register.Register // it cannot be taken in, and so is read without its rules
	if err := yaml.Unmarshal(data, &before); err != nil {
		t.Fatal(err)
	}
	after, err := register.Parse("register.yaml", demo.Register())
	if err != nil {
		t.Fatal(err)
	}
	found := lintPublished(t)
	count := map[register.Severity]int{}
	for _, f := range found {
		count[f.Severity]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\nAs it stood: errors: %d, contradictions: %d, gaps that block decisions: %d, warnings: %d. Repaired: none.\n", count[register.Wrong],
		count[register.Contradiction], count[register.BlocksDecision], count[register.Warn])
	b.WriteString("\n## The notice as a whole\n\n| The check says |\n|---|\n")
	for _, f := range found {
		line := fmt.Sprintf("| %s |\n", f.Text.EN)
		if f.Activity == "" && f.Severity != register.Wrong && !strings.Contains(b.String(), line) {
			b.WriteString(line)
		}
	}
	became := map[string]string{"ip_activity": "site_behavior"} // comparing addresses with what was looked at needs consent
	for i := range before.Activities {
		old := &before.Activities[i]
		id := old.ID
		if other, ok := became[id]; ok {
			id = other
		}
		activityTable(&b, old, after.Activity(id), found, i)
	}
	return b.String()
}

func activityTable(b *strings.Builder, old, repaired *register.Activity, found []register.Finding, i int) {
	fmt.Fprintf(b, "\n## %s → %s\n\n| | as it stood | repaired |\n|---|---|---|\n", old.Name.NB, repaired.Name.In(locale.EN))
	was, is := cells(old), cells(repaired)
	for k, label := range []string{"purpose", "basis", "data", "from", "to", "kept", "erasure", "giving it"} {
		fmt.Fprintf(b, "| %s | %s | %s |\n", label, was[k], is[k])
	}
	b.WriteString("\n")
	seen := map[string]bool{}
	for _, f := range found {
		of := f.Activity == old.ID || strings.HasPrefix(f.Path, fmt.Sprintf("activities[%d].", i))
		line := fmt.Sprintf("- %s\n", f.Text.EN)
		if of && !seen[line] && !strings.Contains(line, "missing in Bokmål") {
			seen[line] = true
			b.WriteString(line)
		}
	}
}

// cells writes an activity in the rows of the table.
func cells(a *register.Activity) []string {
	var bases, sources, recipients []string
	for _, x := range a.Bases {
		bases = append(bases, strings.TrimSpace(x.Article+" "+x.Law))
	}
	for _, x := range a.Sources {
		sources = append(sources, x.Name.In(locale.EN))
	}
	for _, x := range a.Recipients {
		recipients = append(recipients, x.Name)
	}
	obligation := ""
	if a.Obligation != nil {
		obligation = a.Obligation.Kind
	}
	row := []string{a.Purpose.In(locale.EN), strings.Join(bases, ", "), strings.Join(a.Categories, ", "), strings.Join(sources, ", "),
		strings.Join(recipients, ", "), a.Retention.Text.In(locale.EN), a.Erasure.Kind, obligation}
	for i := range row {
		if row[i] == "" {
			row[i] = "–"
		}
	}
	return row
}
