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

const knownPeople = `
CREATE TABLE customers (id INTEGER PRIMARY KEY, no TEXT UNIQUE, email TEXT UNIQUE, first TEXT, last TEXT, phone TEXT);
CREATE TABLE staff (id INTEGER PRIMARY KEY, member INTEGER UNIQUE, mail TEXT, name TEXT, national TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT, receiver TEXT, total TEXT);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, email TEXT, body TEXT, place TEXT, doc TEXT);
INSERT INTO customers VALUES (1, 'K-1001', 'me@example.com', 'Kari', 'Ødegård', '+47 911 11 111'),
	(2, 'K-1002', 'two@example.com', 'Anne Marie', 'Bråten', '0047 922 22 222'), (3, 'K-1003', 'three@example.com', 'ÅSE', 'ØSTBØ-ÅS', '93333333'),
	(4, 'K-1004', 'four@example.com', 'Kari', 'Ødegård', '+46 70 123 45 67'), (5, 'K-1005', 'five@example.com', 'Ludvig', 'van Beethoven', '911 11 111'),
	(6, 'K-1006', 'six@example.com', 'ola', 'berg', NULL);
INSERT INTO staff VALUES (1, 700001, 'siv@work.example', 'Siv Lund', '01017000027'), (2, 700002, 'me@example.com', 'Kari Ødegård', '15076500050');
INSERT INTO orders VALUES (1, 'me@example.com', 'Ola Berg', '100'), (2, 'two@example.com', 'Kari Ødegård', '200');
`

const knownPeopleDataset = `
dataset:
- fides_key: s
  collections:
  - name: customers
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: no, data_categories: [user.unique_id], fides_meta: {identity: external_id}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: first, data_categories: [user.name.first]}
    - {name: last, data_categories: [user.name.last]}
    - {name: phone, data_categories: [user.contact.phone_number], fides_meta: {identity: phone_number}}
  - name: staff
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: member, data_categories: [user.unique_id], fides_meta: {identity: member_number}}
    - {name: mail, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: national, data_categories: [user.government_id], mininfo: {national_id: true}}
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: receiver, data_categories: [user.name]}
    - {name: total, data_categories: [user.financial]}
  - name: tickets
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: body, data_categories: [user.content]}
    - {name: place, data_categories: [user.contact.address.city]}
    - {name: doc, data_categories: [user.content], fides_meta: {data_type: object}}
`

// Each kind of identifier by which a table of people knows somebody else is seen in free text, in the ways
// that people write it; the person's own, and what is nobody's, is not.
func TestOthersAreKnownByEachOfTheirIdentifiers(t *testing.T) {
	t.Parallel()
	texts := []struct{ text, want string }{
		{"Ring 922 22 222 før fredag", "body phone_number 922 22 222"},
		{"tlf +47 92 22 22 22, takk", "body phone_number +47 92 22 22 22"},
		{"(0047)93333333.", "body phone_number 0047)93333333"},
		{"svensk: +46 70-123 45 67", "body phone_number +46 70-123 45 67"},
		{"070-1234567 eller 94444444", ""},
		{"Mitt er 91111111, eller +47 911 11 111", ""},
		{"Faktura 92222222A og ref. X92222222", ""},
		{"Fødselsnummer 010170 00027 er hans", "body national_id 010170 00027"},
		{"01017000028 og 15076500050", ""},
		{"Gjelder k-1002, ikke K-1001 eller K-9999", "body external_id k-1002"},
		{"medlem nr. 700001", "body member_number 700001"},
		{"Det kostet 700001 kroner", ""},
		{"Snakket med Anne Marie Bråten i går", "body name Anne Marie Bråten"},
		{"Snakket med Anne Bråtens mann", "body name Anne Bråten"},
		{"Anne, Marie og Bråten", ""},
		{"Hei. Åse Østbø-Ås hilser", "body name Åse Østbø-Ås"},
		{"åse østbø-ås hilser", "body name åse østbø-ås"},
		{"ANNE MARIE BRÅTEN", "body name ANNE MARIE BRÅTEN"},
		{"Bråten, Anne Marie (mor)", "body name Bråten, Anne Marie"},
		{"av Ludvig van Beethoven", "body name Ludvig van Beethoven"},
		{"Siv Lund svarte Kari Ødegård", "body name Siv Lund"},
		{"Ola Berg bor i Berg", "body name Ola Berg"},
		{"Per Hansen er ingen kunde", ""},
		{"Siv\nLund", ""},
		{"two@example.com / Anne Marie Bråten", "body email two@example.com body name Anne Marie Bråten"},
	}
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, knownPeople)
		for i, x := range texts {
			c.exec(fmt.Sprintf("INSERT INTO tickets VALUES (%d, 'me@example.com', '%s', 'Anne Marie Bråten', NULL)", i, x.text))
		}
		c.exec(`INSERT INTO tickets VALUES (100, 'me@example.com', 'x', 'y', '{"ringt":92222222,"av":["Siv Lund","m\u00e5 h\u00f8re med \u00c5se \u00d8stb\u00f8-\u00c5s"],"total":94444444}')`)
		s := connect(t, "s", c, knownPeopleDataset)
		got := marked(t, s, email("me@example.com"))
		for i, x := range texts {
			same(t, x.text, strings.Join(got[fmt.Sprintf("tickets/%d", i)], " "), x.want)
		}
		same(t, "document", strings.Join(got["tickets/100"], "|"), `doc phone_number 92222222|doc name Siv Lund|doc name \u00c5se \u00d8stb\u00f8-\u00c5s`)
		for _, own := range []string{"customers/1", "staff/2", "orders/1"} {
			same(t, own, got[own], "[]")
		}
	})
}
