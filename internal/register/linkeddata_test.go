package register_test

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"

	"mininfo/internal/locale"
	"mininfo/internal/register"
)

// everything is a register in which each thing that can be said is said.
func everything(t *testing.T) *register.Register {
	t.Helper()
	r := register.Seed()
	r.Controller = register.Controller{Name: "Fjordlys AS", OrganisationNo: "310000019", PostalAddress: "Strandgata 12", Email: "a@example.no",
		Phone: "70 00 00 00", DPO: "ombud@example.no", Representative: "Oslo AS", Country: "NO"}
	a := &r.Activities[0]
	a.Recipients = append(a.Recipients, register.Recipient{Name: "Lettermill Inc.", Role: "controller", Country: "US", Safeguard: "SCC", Why: a.Purpose})
	a.Automated = &locale.Text{NB: "Regel", NN: "Regel", EN: "Rule"}
	a.Categories = append(a.Categories, "user.health_and_medical")
	for _, article := range []string{"6(1)(a)", "6(1)(d)", "6(1)(e)", "9(2)(a)", "9(2)(j)", "10"} {
		a.Bases = append(a.Bases, register.Basis{Article: article, Law: "GDPR art. 9(2)"})
	}
	return r
}

// linked gives the notice as other programs get it.
func linked(t *testing.T, r *register.Register) map[string]any {
	t.Helper()
	body, err := json.Marshal(register.LinkedData(r, 7, today, 4, "https://example.no/notice"))
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func dpvTerms(t *testing.T) map[string][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/dpv-terms.txt")
	if err != nil {
		t.Fatal(err)
	}
	terms := map[string][]string{}
	for line := range strings.Lines(string(data)) {
		if kind, iri, ok := strings.Cut(strings.TrimSpace(line), " "); ok && kind != "#" {
			terms[kind] = append(terms[kind], iri)
		}
	}
	return terms
}

var countryTerm = regexp.MustCompile(`^https://w3id\.org/dpv/loc#[A-Z]{2}$`)

// TestLinkedDataIsJSONLD reads the notice as a JSON-LD processor does: nothing is lost on the way, and
// every term of the vocabulary exists and stands where its kind may stand.
func TestLinkedDataIsJSONLD(t *testing.T) {
	t.Parallel()
	terms := dpvTerms(t)
	options := ld.NewJsonLdOptions("")
	options.SafeMode = true // a key or a type that the context does not define is an error
	expanded, err := ld.NewJsonLdProcessor().Expand(linked(t, everything(t)), options)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	check := func(kind, iri string) {
		if !strings.HasPrefix(iri, "https://w3id.org/dpv") || countryTerm.MatchString(iri) {
			return
		}
		used[iri] = true
		if !slices.Contains(terms[kind], iri) {
			t.Errorf("%s is no %s of the vocabulary", iri, kind)
		}
	}
	var walk func(node any)
	walk = func(node any) {
		switch n := node.(type) {
		case []any:
			for _, item := range n {
				walk(item)
			}
		case map[string]any:
			for key, value := range n {
				switch {
				case key == "@type":
					if types, ok := value.([]any); ok {
						for _, kind := range types {
							check("class", kind.(string))
						}
					}
				case key == "@id":
					check("value", value.(string))
				case !strings.HasPrefix(key, "@"):
					if !strings.Contains(key, "://") {
						t.Errorf("%q is no address of a property", key)
					}
					check("property", key)
					walk(value)
				}
			}
		}
	}
	walk(expanded)
	if len(used) < 55 {
		t.Errorf("only %d terms are used: something is not said", len(used))
	}
}

// TestLinkedDataSaysWhatTheNoticeSays: each thing that the notice must tell has its statement.
func TestLinkedDataSaysWhatTheNoticeSays(t *testing.T) {
	t.Parallel()
	r := everything(t)
	doc := linked(t, r)
	processes := doc["dpv:hasProcess"].([]any)
	if len(processes) != len(r.Activities) {
		t.Fatalf("%d activities, %d processes", len(r.Activities), len(processes))
	}
	if doc["@id"] != "https://example.no/notice?version=7" || doc["dcat:version"] != "7" ||
		!reflect.DeepEqual(doc["dct:replaces"], map[string]any{"@id": "https://example.no/notice?version=4"}) {
		t.Errorf("which version: %v %v %v", doc["@id"], doc["dcat:version"], doc["dct:replaces"])
	}
	first := processes[0].(map[string]any)
	for _, key := range []string{"dpv:hasPurpose", "dpv:hasLegalBasis", "dpv:hasPersonalData", "dpv:hasDataSubject", "dpv:hasDataSource",
		"dpv:hasRecipient", "dpv:hasStorageCondition", "dpv:hasRight", "dpv:hasNecessity", "dpv:hasConsequence", "dpv:hasContext",
		"dpv:hasTechnicalOrganisationalMeasure"} {
		if first[key] == nil {
			t.Errorf("%s is not said of %s", key, first["@id"])
		}
	}
	for _, said := range []string{"eu-gdpr:A6-1-f", "eu-gdpr:A77", "eu-gdpr:A7-3", "eu-gdpr:A22", "loc:US", "dpv:hasThirdCountry", "Lettermill Inc.",
		"P3M", "Besøkslogg", "Visitor log", "personvernforordninga artikkel 9 nr. 2"} {
		body, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(body), `"`+said) {
			t.Errorf("%q is not said", said)
		}
	}
}
