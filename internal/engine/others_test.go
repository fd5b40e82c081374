package engine_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/engine"
)

// marked gives the passages of others in the fields of findings, as "field kind text", in the order of the
// fields, after they were written and read again.
func marked(t *testing.T, s *engine.Sources, seeds []engine.Seed) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for name, f := range findings(t, s, seeds) {
		var b bytes.Buffer
		w := engine.NewFindingWriter(&b)
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		err := engine.ReadFindings(&b, func(f *engine.Finding) error {
			for _, v := range f.Fields {
				if v.Foreign != (len(v.Others) > 0) {
					t.Errorf("%s.%s: foreign %v, with %d passages", name, v.Name, v.Foreign, len(v.Others))
				}
				for _, o := range v.Others {
					passage := string([]rune(v.Value.Text())[o.From:o.To])
					out[name] = append(out[name], strings.Join([]string{v.Name, o.Kind, passage}, " "))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Where another known person's address stands is told to the character: in a text with letters of
// several bytes, and in a document whose texts have escapes.
func TestOthersAreMarkedWhereTheyStand(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		document := map[string]string{"sqlite": "TEXT", "postgres": "JSON"}[kind]
		c := newCompany(t, kind, fmt.Sprintf(`
			CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT);
			CREATE TABLE tickets (id INTEGER PRIMARY KEY, email TEXT, body TEXT, doc %s);
			INSERT INTO people VALUES (1, 'me@example.com'), (2, 'Åse.Ola@example.com'), (3, 'ola@example.com');
			INSERT INTO tickets VALUES (1, 'me@example.com', 'Blåbær på øya: ''ola@example.com'', og Me@example.com. nobody@example.com OLA@example.com', NULL),
				(2, 'me@example.com', 'takk', '{"svar\u00e5":"Hei \u00c5\ud83d\ude00\nola@example.com\u2026","n":[17,"me@example.com"]}');`, document))
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
  - name: tickets
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: body, data_categories: [user.content]}
    - {name: doc, data_categories: [user.content], fides_meta: {data_type: object}}
`)
		got := marked(t, s, email("me@example.com"))
		same(t, "body", got["tickets/1"], "[body email ola@example.com body email OLA@example.com]")
		same(t, "document", got["tickets/2"], "[doc email ola@example.com]")
		same(t, "own row", got["people/1"], "[]")
	})
}
