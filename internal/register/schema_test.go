package register_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"mininfo/internal/register"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(register.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(register.SchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(register.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t *testing.T, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

// TestSchemaTakesWhatParseTakes: what the schema accepts and refuses, Parse does too.
func TestSchemaTakesWhatParseTakes(t *testing.T) {
	t.Parallel()
	s := schema(t)
	written, err := register.Seed().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"good": []byte(good), "seed": seedFile(t), "written by us": written, "nothing but keys": []byte("controller:\nactivities:\n"),
		"all that is new": []byte(strings.Replace(good, "activities:", "companies: {authority: {nb: x}}\npublished: {rights: [access, complaint]}\nactivities:", 1)),
	} {
		if _, err := register.Parse(name, data); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := fits(t, s, data); err != nil {
			t.Errorf("%s: the schema refuses what Parse takes: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"unknown key":           {"    persons:", "    colour: red\n    persons:"},
		"basis":                 {"article: 6(1)(c)", "article: 6(1)(ä)"},
		"no basis":              {"article: 6(1)(c)", "why: {nb: x}"},
		"kind":                  {"kind: keep_until_retention", "kind: keep"},
		"retention's beginning": {"rule: bookkeeping_primary", "rule: months\n      months: 3\n      from: some day"},
		"role":                  {"role: processor", "role: friend"},
		"category":              {"user.name, user.contact", "user.name, user.contact.emial"},
		"category twice":        {"user.name, user.contact", "user.name, user.name"},
		"person":                {"persons: [customer]", "persons: [costumer]"},
		"id":                    {"- id: invoices", "- id: Invoices!"},
		"no name":               {"name: {nb: Fakturaer, nn: Fakturaer, en: Invoices}", "name: {en: Invoices}"},
		"country":               {"country: NO\n      protection", "country: Norge\n      protection"},
		"not a list":            {"persons: [customer]", "persons: customer"},
		"not keys":              {"name: {nb: Fakturaer, nn: Fakturaer, en: Invoices}", "name: Fakturaer"},
		"not a bool":            {"from_person: true", "from_person: yes please"},
		"not a number":          {"rule: bookkeeping_primary", "rule: months\n      months: many"},
		"too long":              {"rule: bookkeeping_primary", "rule: months\n      months: 1201"},
		"code":                  {"code: BOOKKEEPING_13", "code: the law"},
		"obligation":            {"kind: law", "kind: maybe"},
		"year end":              {"financial_year_end: 12-31", "financial_year_end: 13-31"},
		"right nobody can name": {"activities:", "published: {rights: [oblivion]}\nactivities:"},
	} {
		data := spoil(t, change[0], change[1])
		if _, err := register.Parse(name, data); err == nil {
			t.Fatalf("%s: Parse takes it", name)
		}
		if err := fits(t, s, data); err == nil {
			t.Errorf("%s: the schema takes what Parse refuses", name)
		}
	}
}
