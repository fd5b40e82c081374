package engine_test

import (
	"testing"
)

// A row without a key is named by everything in it, what lies inside its documents too; and a
// number in a document is found by the same number elsewhere.
func TestRowsWithoutAKeyAndNumbersInDocuments(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		doc := map[string]string{"postgres": "JSONB", "sqlite": "TEXT"}[kind]
		c := newCompany(t, kind, `CREATE TABLE logins (email TEXT, doc `+doc+`, n INTEGER);
			CREATE TABLE notes (id INTEGER PRIMARY KEY, doc `+doc+`);
			INSERT INTO logins VALUES ('kari@example.com', '{"a": {"no": 7}, "b": 1.5, "c": "x", "d": true, "e": null}', 1), ('ola@example.com', '{"a": {"no": 8}}', 1), ('kari@example.com', NULL, 2);
			INSERT INTO notes VALUES (1, '{"no": 7}'), (2, '{"no": "7"}'), (3, '{"no": 8}'), (4, '{"no": 70}');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: logins
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - name: doc
      fields:
      - {name: a, fields: [{name: no, data_categories: [user.unique_id]}]}
      - {name: b, data_categories: [user.behavior]}
      - {name: c, data_categories: [user.behavior]}
      - {name: d, data_categories: [user.behavior]}
      - {name: e, data_categories: [user.behavior]}
    - {name: n, data_categories: [user.behavior]}
  - name: notes
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: doc, fields: [{name: no, data_categories: [user.unique_id], fides_meta: {references: [{dataset: s, field: logins.doc.a.no, direction: from}]}}]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "notes", got.values("s", "notes", "id"), "[1 2]")
		same(t, "logins", got.values("s", "logins", "doc"), "[map[a:map[no:<nil>] b:<nil> c:<nil> d:<nil> e:<nil>] map[a:map[no:7] b:1.5 c:x d:true e:<nil>]]")
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", []any{c.rows("SELECT email FROM logins"), c.rows("SELECT id FROM notes")}, "[[[ola@example.com]] [[3] [4]]]")
	})
}
