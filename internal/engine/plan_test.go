package engine_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/source"
)

func TestThePlansDigestStaysTheSame(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		first := prepareErase(t, s, email("customer-1@example.com"))
		second := prepareErase(t, s, email("customer-1@example.com"))
		same(t, "digest", second.Summary.Digest, first.Summary.Digest)
		c.exec("UPDATE customers SET name = 'Karin' WHERE id = 1")
		third := prepareErase(t, s, email("customer-1@example.com"))
		if third.Summary.Digest == first.Summary.Digest {
			t.Error("a changed row has the same digest")
		}
		if _, err := third.Execute(context.Background(), first.Summary.Digest); !errors.Is(err, engine.ErrDigest) {
			t.Errorf("executed another plan than asked for: %v", err)
		}
		before := c.dump()
		var drift *engine.DriftError
		if _, err := first.Execute(context.Background(), first.Summary.Digest); !errors.As(err, &drift) || drift.Rows != 1 {
			t.Errorf("executed over a changed row: %v", err)
		}
		if d := cmp.Diff(before, c.dump()); d != "" {
			t.Errorf("wrote something: %s", d)
		}
	})
}

func TestPlanRoundTripAndTreeHead(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		var stored bytes.Buffer
		w := engine.NewPlanWriter(&stored)
		var want []*engine.Step
		for i := range n {
			s := &engine.Step{Source: "s", Dataset: "d", Collection: "c", Action: engine.Anonymise, Seen: []byte{byte(i)}, Reason: "erasure",
				Key:     []engine.KeyPart{{Column: "id", Value: source.IntOf(int64(i))}, {Column: "b", Value: source.BytesOf([]byte{0xff, 0})}},
				Columns: []engine.ColumnChange{{Name: "x", Strategy: "set", Value: source.TextOf("a<b>\"\n\xff")}, {Name: "y", Strategy: "r", Random: 3, Suffix: "@"}}}
			want = append(want, s)
			if err := w.Write(s); err != nil {
				t.Fatal(err)
			}
		}
		summary, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		var got []*engine.Step
		if err := engine.ReadPlan(bytes.NewReader(stored.Bytes()), func(s *engine.Step) error { got = append(got, s); return nil }); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("round trip: %s", d)
		}
		again, err := engine.PlanDigest(bytes.NewReader(stored.Bytes()))
		if err != nil || again.Digest != summary.Digest {
			t.Errorf("recomputed %v, %v", again, err)
		}
		if n > 0 {
			same(t, fmt.Sprint("tree head of ", n), summary.Digest, treeHead(t, stored.Bytes()))
		}
	}
}

// treeHead computes RFC 6962 with the library's own storage form.
func treeHead(t *testing.T, stored []byte) string {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = hashes[x]
		}
		return out, nil
	})
	lines := strings.Split(strings.TrimSuffix(string(stored), "\n"), "\n")
	for i, line := range lines {
		add, err := tlog.StoredHashes(int64(i), []byte(line), reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, add...)
	}
	root, err := tlog.TreeHash(int64(len(lines)), reader)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(root[:])
}

func TestFindingsRoundTrip(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	c.exec("UPDATE customers SET phone = CAST(x'ff4100' AS TEXT) WHERE id = 1")
	s := connect(t, "shop", c, shopDataset)
	var want, got []*engine.Finding
	spool := engine.NewSpool(t.TempDir())
	defer spool.Close()
	w := engine.NewFindingWriter(spool)
	_, err := engine.Walk(context.Background(), s.Connected, email("customer-1@example.com"), engine.Options{KeepForeign: true, DigestKey: []byte("k")}, func(f *engine.Finding) error {
		want = append(want, f.Clone())
		return w.Write(f)
	})
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = engine.FindingsFunc(spool.Open).Each(context.Background(), func(f *engine.Finding) error { got = append(got, f.Clone()); return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestSpoolReadsWhatWasWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := engine.NewSpool(dir)
	var want bytes.Buffer
	for i := range 60000 {
		line := fmt.Sprintf("line %d of a canary text that must not reach the disk\n", i)
		want.WriteString(line)
		if _, err := io.WriteString(s, line); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		r, err := s.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("read %d of %d bytes: %v", len(got), want.Len(), err)
		}
	}
	for name, content := range files(t, dir) {
		if strings.Contains(content, "canary") {
			t.Errorf("%s holds plain text", name)
		}
	}
	s.Close()
	same(t, "left", len(files(t, dir)), 0)
}

func TestASourceThatIsDoneStaysDone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		p := prepareErase(t, s, email("employee-7@example.com"))
		execute(t, p)
		before := c.dump()
		out, err := p.Execute(context.Background(), p.Summary.Digest)
		if err != nil || !out.Results[0].AlreadyDone {
			t.Errorf("second time: %+v, %v", out.Results, err)
		}
		if d := cmp.Diff(before, c.dump()); d != "" {
			t.Error(d)
		}
	})
}

const peopleDataset = `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
`

const peopleSchema = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, updated INTEGER DEFAULT 0);
	INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 0), (2, 'ola@example.com', 'Ola', 0);`

func TestCascadesToRowsOutsideThePlanAreSeenBefore(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, peopleSchema+`
			CREATE TABLE diary (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id) ON DELETE CASCADE, page TEXT);
			CREATE TABLE fan (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people(id) ON DELETE SET NULL);
			INSERT INTO diary VALUES (1, 1, 'dear'), (2, 2, 'dear'); INSERT INTO fan VALUES (1, 2);`)
		s := connect(t, "s", c, peopleDataset)
		p := prepareErase(t, s, email("kari@example.com"))
		same(t, "kari", steps(t, p)["people/1"].Action, "anonymise")
		same(t, "ola", steps(t, prepareErase(t, s, email("ola@example.com")))["people/2"].Action, "anonymise")
		execute(t, p)
		same(t, "diary", c.rows("SELECT * FROM diary"), "[[1|1|dear] [2|2|dear]]")
		same(t, "people", c.rows("SELECT name FROM people"), "[[<nil>] [Ola]]")
	})
}

// Rows of tables that refer to each other in a circle, and to their own table, go together.
func TestCirclesOfForeignKeys(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, home INTEGER, mentor INTEGER REFERENCES people(id));
			CREATE TABLE homes (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES people(id), street TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', NULL, NULL), (2, 'kari@example.com', NULL, 1), (3, 'ola@example.com', NULL, NULL);
			INSERT INTO homes VALUES (1, 1, 'a'), (2, 3, 'b');`)
		if kind == "postgres" {
			c.exec("ALTER TABLE people ADD FOREIGN KEY (home) REFERENCES homes(id)")
		}
		c.exec("UPDATE people SET home = 1 WHERE id < 3; UPDATE people SET home = 2 WHERE id = 3")
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: home, fides_meta: {references: [{dataset: s, field: homes.id, direction: to}]}}
    - {name: mentor}
  - name: homes
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: owner, fides_meta: {references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: street, data_categories: [user.contact.address.street]}
`)
		out := execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "deleted", out.Results[0].Deleted, 3)
		same(t, "left", []any{c.rows("SELECT * FROM people"), c.rows("SELECT * FROM homes")}, "[[[3|ola@example.com|2|<nil>]] [[2|3|b]]]")
	})
}

// trigger writes a trigger for either system.
func trigger(kind, table, when, body string) string {
	if kind == "postgres" {
		return fmt.Sprintf(`CREATE FUNCTION f_%[1]s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN %[3]s; RETURN NULL; END $$;
			CREATE TRIGGER t_%[1]s AFTER %[2]s ON %[1]s FOR EACH ROW EXECUTE FUNCTION f_%[1]s();`, table, when, body)
	}
	return fmt.Sprintf("CREATE TRIGGER t_%s AFTER %s ON %s BEGIN %s; END;", table, when, table, body)
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, when, body, code string }{
		{"changes somebody else", "DELETE", "UPDATE people SET name = 'x' WHERE id = 2", "side_effects"},
		{"deletes somebody else", "DELETE", "DELETE FROM other WHERE id = 5", "side_effects"},
		{"keeps a history", "DELETE", "INSERT INTO history VALUES (OLD.name)", "warning"},
		{"stamps the row", "UPDATE OF name", "UPDATE people SET updated = updated + 1 WHERE id = NEW.id", ""},
		{"stamps another row", "UPDATE OF name", "UPDATE people SET updated = updated + 1 WHERE id = 2", "side_effects"},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, kind string) {
				c := newCompany(t, kind, peopleSchema+"CREATE TABLE other (id INTEGER); INSERT INTO other VALUES (5); CREATE TABLE history (name TEXT);"+trigger(kind, "people", each.when, each.body))
				var rules []engine.CategoryRule
				if strings.HasPrefix(each.when, "UPDATE") {
					rules = append(rules, engine.CategoryRule{Category: "user.name"})
				}
				before := c.dump()
				p := prepareErase(t, connect(t, "s", c, peopleDataset), email("kari@example.com"), rules...)
				got := ""
				for _, x := range p.Problems {
					got = x.Code
					if x.Warning {
						got = "warning"
					}
				}
				same(t, "problem", got, each.code)
				if d := cmp.Diff(before, c.dump()); d != "" {
					t.Errorf("the trial run left traces: %s", d)
				}
				if each.code != "side_effects" {
					execute(t, p)
					same(t, "ola", c.rows("SELECT * FROM people WHERE id = 2"), "[[2|ola@example.com|Ola|0]]")
				}
			})
		})
	}
}

// A trigger that came after the plan was made stops it: somebody else's rows are as they were.
func TestTriggerThatCameAfterThePlan(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"changes": "UPDATE people SET name = 'x' WHERE id = 2", "deletes": "DELETE FROM other WHERE id = 5"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, kind string) {
				c := newCompany(t, kind, peopleSchema+"CREATE TABLE other (id INTEGER); INSERT INTO other VALUES (5);")
				p := prepareErase(t, connect(t, "s", c, peopleDataset), email("kari@example.com"))
				c.exec(trigger(kind, "people", "DELETE", body))
				before := c.dump()
				if _, err := p.Execute(t.Context(), p.Summary.Digest); err == nil {
					t.Error("carried out all the same")
				}
				if d := cmp.Diff(before, c.dump()); d != "" {
					t.Errorf("rows changed: %s", d)
				}
			})
		})
	}
}

func TestERA05Strategies(t *testing.T) {
	t.Parallel()
	word := "REDACTED"
	onBoth(t, func(t *testing.T, kind string) {
		schema := `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, short VARCHAR(4) NOT NULL, plain TEXT NOT NULL, fixed TEXT, born DATE, zip TEXT, n INTEGER, ro TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', 'abcd', 'plain', 'fixed', '1980-07-09', '5003', 47, 'ro'), (2, 'ola@example.com', 'x', 'y', 'z', '1990-01-01', '1', 1, 'w');`
		yaml := `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: short, data_categories: [user.name], fides_meta: {data_type: string}}
    - {name: plain, data_categories: [user.name], fides_meta: {data_type: string, length: 5}}
    - {name: fixed, data_categories: [user.name], fides_meta: {masking_strategy_override: {strategy: preserve}}}
    - {name: born, data_categories: [user.demographic.date_of_birth], fides_meta: {masking_strategy_override: {strategy: truncate_date}}}
    - {name: zip, data_categories: [user.contact.address.postal_code], fides_meta: {masking_strategy_override: {strategy: generalise, configuration: {keep: 1}}}}
    - {name: n, data_categories: [user.demographic.age_range], fides_meta: {masking_strategy_override: {strategy: generalise, configuration: {step: 10}}}}
    - {name: ro, data_categories: [user.name], fides_meta: {read_only: True}}
`
		run := func(rule engine.CategoryRule, want string) {
			t.Helper()
			c := newCompany(t, kind, schema)
			execute(t, prepareErase(t, connect(t, "s", c, yaml), email("kari@example.com"), rule))
			same(t, rule.Strategy, c.rows("SELECT short, plain, fixed, ro FROM people WHERE id = 1"), want)
			same(t, "other", c.rows("SELECT * FROM people WHERE id = 2")[0][:24], "[2|ola@example.com|x|y|z")
		}
		run(engine.CategoryRule{Category: "user.name", Strategy: dataset.StringRewrite, Config: dataset.MaskingConfig{RewriteValue: &word}}, "[[REDA|REDAC|fixed|ro]]")
		c := newCompany(t, kind, schema)
		s := connect(t, "s", c, yaml)
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.name", Strategy: dataset.RandomStringRewrite, Config: dataset.MaskingConfig{Suffix: "@x"}}))
		row := c.rows("SELECT short, plain FROM people WHERE id = 1")[0]
		if len(row) != len("[ab@x|abc@x]") || !strings.HasSuffix(row, "@x]") || strings.Contains(row, "abcd") {
			t.Errorf("random: %s", row)
		}
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.demographic"}, engine.CategoryRule{Category: "user.contact.address"}))
		same(t, "coarser", c.rows("SELECT CAST(born AS TEXT), zip, n FROM people WHERE id = 1"), "[[1980-01-01|5***|40]]")
		for _, rule := range []engine.CategoryRule{{Category: "user.name"}, {Category: "user.name", Strategy: dataset.Hash}, {Category: "user.contact.email", Strategy: dataset.HMAC}} {
			if p := prepareErase(t, s, email("kari@example.com"), rule); !p.Blocked() {
				t.Errorf("%+v was offered", rule)
			}
		}
		p, err := engine.PrepareErase(context.Background(), s, email("kari@example.com"), []engine.CategoryRule{{Category: "user.contact.email", Strategy: dataset.Hash}}, engine.RunOptions{Override: "needed for a court"})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		execute(t, p)
		same(t, "hash", len(c.rows("SELECT email FROM people WHERE id = 1")[0]), 66)
	})
}

func TestFieldsThatStayKeepTheirRow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, about TEXT, note TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 'Ola is her son', 'call ola@example.com'), (2, 'ola@example.com', 'Ola', '', '');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: about, data_categories: [user.content], mininfo: {third_party: True}}
    - {name: note, data_categories: [user.content]}
`)
		p := prepareErase(t, s, email("kari@example.com"))
		same(t, "kept", steps(t, p)["people/1"].Kept, "[about note]")
		execute(t, p)
		same(t, "people", c.rows("SELECT * FROM people"), "[[1|<nil>|<nil>|Ola is her son|call ola@example.com] [2|ola@example.com|Ola||]]")
	})
}

func TestRectification(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		set := func(list ...string) *engine.Prepared {
			t.Helper()
			var sets []engine.Correction
			for _, text := range list {
				x, err := engine.ParseSet(text, s.Connected)
				if err != nil {
					t.Fatal(err)
				}
				sets = append(sets, x)
			}
			p, err := engine.PrepareCorrect(context.Background(), s, email("customer-1@example.com"), sets, engine.RunOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			return p
		}
		before := c.dump()
		out := execute(t, set("customers.name=Kari = Nordmann", "shop.customers.birth=1981-02-03", "addresses.street=Nyveien 9"))
		same(t, "changed", out.Results[0].Changed, 2)
		after := c.dump()
		same(t, "name", c.rows("SELECT name, CAST(birth AS TEXT) FROM customers WHERE id = 1"), "[[Kari = Nordmann|1981-02-03]]")
		same(t, "only the own address", c.rows("SELECT id, street FROM addresses"), "[[1|Nyveien 9] [2|Bakken 2] [3|Kaia 3]]")
		for _, table := range []string{"orders", "lines", "tickets", "visits", "employees"} {
			if d := cmp.Diff(before[table], after[table]); d != "" {
				t.Error(d)
			}
		}
		same(t, "nothing left to do", set("customers.name=Kari = Nordmann").Summary.Steps, 0)
		for text, code := range map[string]string{
			"customers.name=" + strings.Repeat("x", 41):   "too_long",
			"customers.birth=yesterday":                   map[string]string{"postgres": "type", "sqlite": ""}[kind],
			"customers.id=5":                              "key",
			"customers.email=customer-2@example.com":      "constraint",
			"orders.customer_id=999":                      "constraint",
			"visits.customer_id=many":                     map[string]string{"postgres": "type", "sqlite": "type"}[kind],
			"customers.phone=" + strings.Repeat("1", 100): "",
		} {
			got := ""
			for _, x := range set(text).Problems {
				got = x.Code
			}
			same(t, text, got, code)
		}
		for _, wrong := range []string{"customers.nme=x", "people.name=x", "no equals sign"} {
			if _, err := engine.ParseSet(wrong, s.Connected); err == nil {
				t.Errorf("%q was taken", wrong)
			}
		}
	})
}

func TestCeiling(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	p, err := engine.PrepareErase(context.Background(), s, email("customer-1@example.com"), nil, engine.RunOptions{Execute: engine.ExecuteOptions{Ceiling: 10}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !p.Blocked() || p.Problems[len(p.Problems)-1].Code != "ceiling" {
		t.Errorf("eleven rows over a ceiling of ten: %+v", p.Problems)
	}
}

func TestErasedTextIsGoneFromTheFile(t *testing.T) {
	t.Parallel()
	for _, journal := range []string{"delete", "wal"} {
		c := newCompany(t, "sqlite", `PRAGMA journal_mode = `+journal+`; CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT);`)
		for i := range 200 {
			c.exec("INSERT INTO people VALUES (?, ?, ?)", i, "kari@example.com", fmt.Sprintf("CANARY-%d-%s", i, strings.Repeat("x", 200)))
		}
		execute(t, prepareErase(t, connect(t, "s", c, peopleDataset), email("kari@example.com")))
		c.db.Close()
		for name, content := range files(t, dirOf(c)) {
			if n := strings.Count(content, "CANARY-"); n > 0 {
				t.Errorf("%s: %s still holds %d erased texts", journal, name, n)
			}
		}
	}
}

func TestUnkeyedRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `CREATE TABLE log (email TEXT, what TEXT, n NUMERIC);
			INSERT INTO log VALUES ('kari@example.com', 'in', 1.5), ('kari@example.com', 'in', 1.5), ('kari@example.com', NULL, NULL), ('ola@example.com', 'in', 1.5), ('ola@example.com', NULL, NULL);`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: log
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: what, data_categories: [user.behavior]}
    - {name: n, data_categories: [user.behavior]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "rows", len(got["s"]["log"]), 3)
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.behavior"}))
		same(t, "ola", c.rows("SELECT what FROM log WHERE email = 'ola@example.com'"), "[[<nil>] [in]]")
		same(t, "kari", c.rows("SELECT what, n FROM log WHERE email = 'kari@example.com'"), "[[<nil>|<nil>] [<nil>|<nil>] [<nil>|<nil>]]")
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", len(c.rows("SELECT * FROM log")), 2)
	})
}

func TestDocumentsAndLists(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		doc := map[string]string{"postgres": "JSONB", "sqlite": "TEXT"}[kind]
		list := map[string]string{"postgres": "TEXT[]", "sqlite": "TEXT"}[kind]
		mails := map[string]string{"postgres": `'{"Kari@example.com","k2@example.com"}'`, "sqlite": `'["Kari@example.com","k2@example.com"]'`}[kind]
		c := newCompany(t, kind, `CREATE TABLE people (id INTEGER PRIMARY KEY, profile `+doc+`, mails `+list+`);
			CREATE TABLE likes (id INTEGER PRIMARY KEY, who TEXT, what TEXT);
			INSERT INTO people VALUES (1, '{"contact": {"mail": "KARI@example.com", "tel": "1"}, "nick": "kk", "age": 5}', NULL), (2, '{"contact": {"mail": "ola@example.com"}, "nick": "oo"}', NULL), (3, '{}', `+mails+`);
			INSERT INTO likes VALUES (1, 'kk', 'lamps'), (2, 'oo', 'bulbs');`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - name: profile
      fides_meta: {data_type: object}
      fields:
      - name: contact
        fields:
        - {name: mail, data_categories: [user.contact.email], fides_meta: {identity: email}}
        - {name: tel, data_categories: [user.contact.phone_number]}
      - {name: nick, data_categories: [user.account.username]}
    - {name: mails, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: "string[]"}}
  - name: likes
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: who, fides_meta: {references: [{dataset: s, field: people.profile.nick, direction: from}]}}
    - {name: what, data_categories: [user.behavior]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "people", got.values("s", "people", "id"), "[1 3]")
		same(t, "likes", got.values("s", "likes", "what"), "[lamps]")
		same(t, "nested", got["s"]["people"][0]["profile"], "map[contact:map[mail:KARI@example.com tel:1] nick:kk]")
		same(t, "list", got["s"]["people"][1]["mails"], "[Kari@example.com]")
		execute(t, prepareErase(t, s, email("kari@example.com"), engine.CategoryRule{Category: "user.contact"}))
		tel := map[string]string{"postgres": "profile->>'nick', profile#>>'{contact,tel}', profile->>'age'", "sqlite": "profile->>'$.nick', profile->>'$.contact.tel', profile->>'$.age'"}[kind]
		same(t, "document", c.rows("SELECT "+tel+" FROM people WHERE id = 1"), "[[kk|<nil>|5]]")
		same(t, "what others may have stays in the list", c.rows("SELECT mails FROM people WHERE id = 3"), map[string]string{"postgres": "[[{NULL,k2@example.com}]]", "sqlite": "[[[null,\"k2@example.com\"]]]"}[kind])
	})
}
