package register_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/demo"
	"mininfo/internal/register"
)

// TestDocumentIsTheRegister: a register that goes to the form and comes back is the same register, and
// its text keeps every comment.
func TestDocumentIsTheRegister(t *testing.T) {
	t.Parallel()
	seed, err := register.Seed().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"demo": demo.Register(), "seed": seed} {
		want, err := register.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := want.Document()
		if err != nil {
			t.Fatal(err)
		}
		// As it travels.
		wire, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		back := map[string]any{}
		if err := json.Unmarshal(wire, &back); err != nil {
			t.Fatal(err)
		}
		got, err := register.ParseDocument(back)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, got, equateEmpty); d != "" {
			t.Errorf("%s is another register (-want +got):\n%s", name, d)
		}
		over, err := got.MarshalOver(text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := register.Parse(name, over)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := cmp.Diff(want, again, equateEmpty); d != "" {
			t.Errorf("%s written over is another register (-want +got):\n%s", name, d)
		}
		for _, line := range strings.Split(string(text), "\n") {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") && !strings.Contains(string(over), line) {
				t.Errorf("%s lost the comment %q", name, line)
			}
		}
	}
}

// equateEmpty: a list that is left out and an empty one are the same to everybody who reads.
var equateEmpty = cmp.FilterValues(func(a, b []string) bool { return len(a) == 0 && len(b) == 0 }, cmp.Ignore())

// TestMarshalOverChangesOneLine: what was not changed is written as it was.
func TestMarshalOverChangesOneLine(t *testing.T) {
	t.Parallel()
	const text = `# Of the company.
controller:
  name: Fjordlys AS # as registered
  country: "NO"
activities:
  # Asked about often.
  - id: invoices
    name: {nb: Faktura, nn: Faktura, en: Invoices}
    categories: [user.name, user.contact]
  - id: letters
    # The shelf.
    name: {nb: Brev, nn: Brev, en: Letters}
`
	r, err := register.Parse("r.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Activities[0], r.Activities[1] = r.Activities[1], r.Activities[0]
	r.Activities[1].Retention.Rule = register.RulePrimary
	got, err := r.MarshalOver([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	const want = `# Of the company.
controller:
  name: Fjordlys AS # as registered
  country: "NO"
activities:
  - id: letters
    # The shelf.
    name: {nb: Brev, nn: Brev, en: Letters}
  # Asked about often.
  - id: invoices
    name: {nb: Faktura, nn: Faktura, en: Invoices}
    categories: [user.name, user.contact]
    retention:
      rule: bookkeeping_primary
`
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestDocumentProblemsHavePointers: what cannot stand in a form is told at its field.
func TestDocumentProblemsHavePointers(t *testing.T) {
	t.Parallel()
	doc, err := register.Seed().Document()
	if err != nil {
		t.Fatal(err)
	}
	first := doc["activities"].([]any)[0].(map[string]any)
	first["bases"] = []any{map[string]any{"article": "6(1)(x)"}}
	first["retention"] = map[string]any{"rule": "months", "months": 2.5}
	first["unheard"] = "of"
	var list *register.Errors
	if _, err := register.ParseDocument(doc); !errors.As(err, &list) || !errors.Is(err, register.ErrInvalid) {
		t.Fatalf("got %v", err)
	}
	got := map[string]bool{}
	for _, p := range list.Problems {
		got[p.Pointer()] = p.Text.Complete()
	}
	if d := cmp.Diff(map[string]bool{"/activities/0/retention/months": true, "/activities/0/unheard": true}, got); d != "" {
		t.Error(d)
	}
	delete(first, "unheard")
	first["retention"] = map[string]any{"rule": "months"}
	findings, err := register.LintDocument(doc)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]bool{}
	for _, f := range findings {
		if f.Severity == register.Wrong {
			wrong[f.Pointer()] = true
		}
	}
	if d := cmp.Diff(map[string]bool{"/activities/0/bases/0/article": true, "/activities/0/retention/months": true}, wrong); d != "" {
		t.Error(d)
	}
	if len(findings) <= len(wrong) {
		t.Error("what is wrong hides what is missing")
	}
}
