package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"
)

// tool is the command line over a small company in a folder of its own.
type tool struct {
	*testing.T
	dir string
	db  *sql.DB
}

func newTool(t *testing.T) *tool {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c := &tool{T: t, dir: dir, db: db}
	c.exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
		INSERT INTO people VALUES (1, 'kari@example.com', 'Kari'), (2, 'ola@example.com', 'Ola')`)
	for name, text := range map[string]string{"sources.yaml": "sources: [{name: shop, dsn: 'file:shop.db', dataset: shop.yaml}]\n", "shop.yaml": `
dataset:
- fides_key: shop
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *tool) exec(script string) {
	c.Helper()
	if _, err := c.db.Exec(script); err != nil {
		c.Fatal(err)
	}
}

// run runs "source …" on the sources and gives the exit code and what was written.
func (c *tool) run(command string, args ...string) (code int, out, told string) {
	c.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"source", command, "--sources", filepath.Join(c.dir, "sources.yaml")}, args...)
	code = run(args, strings.NewReader(""), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func (c *tool) plan(command string, args ...string) (digest, words string) {
	c.Helper()
	code, out, told := c.run(command, append(args, "--plan", "--json")...)
	var shown struct{ Digest, Words string }
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != exitDone {
		c.Fatalf("%d %v %s %s", code, err, out, told)
	}
	return shown.Digest, shown.Words
}

func TestSourceRefusesWhatWouldFindNothingInSilence(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	kari := "--identity=email=kari@example.com"
	for _, each := range []struct {
		args []string
		want string
	}{
		{[]string{"collect", kari, "--limit-category", "user.contact.emial"}, "user.contact.email"},
		{[]string{"erase", kari, "--plan", "--category", "user.nam"}, "user.name"},
		{[]string{"erase", kari, "--plan", "--category", "user.name", "--strategy", "nul_rewrite"}, "null_rewrite"},
		{[]string{"erase", kari, "--plan", "--category", "user.name", "--strategy", "hash=MD5"}, "setting"},
		{[]string{"erase", kari}, "--plan"},
		{[]string{"collect", "--identity=email=nobody"}, "as it is stored"},
		{[]string{"collect", "--identity=kari"}, "kind=value"},
		{[]string{"correct", kari, "--plan", "--set", "people.nme=x"}, "collection.field=value"},
	} {
		code, out, told := c.run(each.args[0], each.args[1:]...)
		if code != exitUsage || out != "" || !strings.Contains(told, each.want) {
			t.Errorf("%v: exit %d, %q, %q", each.args, code, out, told)
		}
	}
	code, out, told := c.run("collect", "--identity=customer_no=7")
	if code != exitDone || out != "{}\n" || !strings.Contains(told, `no field has the identity "customer_no"`) || !strings.Contains(told, "shop.people: not_reachable") {
		t.Errorf("an identity that no dataset has: %d %q %q", code, out, told)
	}
}

func TestSourceErasesAndReplays(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	kari := "--identity=email=KARI@example.com"
	digest, words := c.plan("erase", kari, "--category", "user.name", "--strategy", "string_rewrite=someone")
	if words != "1 row in 1 table: 1 anonymised." {
		t.Error(words)
	}
	ledger := filepath.Join(c.dir, "ledger")
	if code, _, told := c.run("erase", kari, "--category", "user.name", "--strategy", "string_rewrite=someone", "--execute", digest[:60]+"0000"); code != exitFailed || !strings.Contains(told, "--plan again") {
		t.Errorf("another digest: %d %s", code, told)
	}
	if code, _, told := c.run("erase", kari, "--category", "user.name", "--strategy", "string_rewrite=someone", "--execute", digest, "--ledger", ledger); code != exitDone {
		t.Fatal(told)
	}
	digest, words = c.plan("erase", kari)
	if words != "1 row in 1 table: 1 deleted." {
		t.Error(words)
	}
	if code, _, told := c.run("erase", kari, "--execute", digest, "--ledger", ledger); code != exitDone {
		t.Fatal(told)
	}
	for _, name := range []string{ledger, ledger + ".key"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	if data, _ := os.ReadFile(ledger); bytes.Contains(bytes.ToLower(data), []byte("kari")) {
		t.Error("the ledger holds personal data")
	}
	c.exec("INSERT INTO people VALUES (1, 'kari@example.com', 'Kari')") // an old backup
	if _, words = c.plan("replay-erasures", "--ledger", ledger); words != "1 row in 1 table: 1 kept (may have come anew: say of when the backup is)." {
		t.Error(words)
	}
	since := []string{"--ledger", ledger, "--backup-of", "2020-01-01T12:00"}
	digest, words = c.plan("replay-erasures", since...)
	if words != "1 row in 1 table: 1 deleted." {
		t.Error(words)
	}
	if code, out, told := c.run("replay-erasures", append(since, "--rows")...); code != exitUsage || out != "" || !strings.Contains(told, "shop.people id=1: delete erasure\n1 row in 1 table: 1 deleted.") ||
		!strings.Contains(told, "say --yes") {
		t.Errorf("nobody said yes: %d %q %s", code, out, told)
	}
	for _, each := range [][]string{{"--backup-of", "yesterday"}, {"--source", "shop"}} {
		if code, _, told := c.run("replay-erasures", append([]string{"--ledger", ledger, "--yes"}, each...)...); code != exitUsage {
			t.Errorf("%v: %d %s", each, code, told)
		}
	}
	left := func() (sum int) {
		if err := c.db.QueryRow("SELECT sum(id) FROM people").Scan(&sum); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	if left() != 3 {
		t.Fatal("something was erased before anybody said yes")
	}
	if code, _, told := c.run("replay-erasures", append(since, "--execute", digest)...); code != exitDone || left() != 2 {
		t.Fatal(left(), told)
	}
	// The replay stands in the ledger as well: a backup of the time between holds the row again.
	c.exec("INSERT INTO people VALUES (1, 'kari@example.com', 'Kari')")
	if code, _, told := c.run("replay-erasures", append(since, "--yes")...); code != exitDone || left() != 2 || !strings.Contains(told, "1 row in 1 table: 1 deleted.") {
		t.Fatal(left(), told)
	}
	if data, _ := os.ReadFile(ledger); bytes.Count(data, []byte(`"done"`)) != 4 {
		t.Errorf("the ledger does not hold what was erased again:\n%s", data)
	}
	if code, _, told := c.run("replay-erasures", append(since, "--yes")...); code != exitDone || !strings.Contains(told, "Nothing to do.") {
		t.Error(code, told)
	}
	if err := os.WriteFile(ledger+".key", []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, told := c.run("replay-erasures", "--ledger", ledger, "--plan"); code != exitFailed || !strings.Contains(told, "another key") {
		t.Errorf("another key: %d %s", code, told)
	}
}

func TestSourceCheckHoldsStrategiesAgainstTheLiveColumns(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	c.exec("DROP TABLE people; CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT NOT NULL, age INTEGER)")
	text := "dataset:\n- fides_key: shop\n  collections:\n  - name: people\n    fields:\n    - {name: id, fides_meta: {primary_key: True}}\n" +
		"    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n" +
		"    - {name: name, data_categories: [user.name], fides_meta: {masking_strategy_override: {strategy: null_rewrite}}}\n" +
		"    - {name: age, data_categories: [user.demographic], fides_meta: {length: 3}}\n"
	if err := os.WriteFile(filepath.Join(c.dir, "shop.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := c.run("check")
	for _, want := range []string{"shop.yaml, line 8: people.name cannot be empty", "shop.yaml, line 9: \"length\" is for texts only, and the column people.age is INTEGER"} {
		if code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, out)
		}
	}
}

// With a register at hand, the check tells of a special category that its activity has no basis for, and of a
// register that cannot be read.
func TestCAT01SourceCheckHoldsFieldsAgainstARegister(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	c.exec("DROP TABLE people; CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, dues INTEGER)")
	text := "dataset:\n- fides_key: shop\n  mininfo: {activity: payroll}\n  collections:\n  - name: people\n    fields:\n    - {name: id, fides_meta: {primary_key: True}}\n" +
		"    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}\n" +
		"    - {name: dues, data_categories: [user.financial], mininfo: {special: union}}\n"
	if err := os.WriteFile(filepath.Join(c.dir, "shop.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const condition = "  bases: [{article: 6(1)(b)}, {article: 9(2)(b), law: personopplysningsloven § 6}]\n"
	for _, r := range []struct {
		name, register string
		code           int
		says           bool
	}{
		{"none.yaml", "activities:\n- id: payroll\n  name: {nb: Lønn}\n  bases: [{article: 6(1)(b)}]\n", exitDone, true},
		{"whole.yaml", "activities:\n- id: payroll\n  name: {nb: Lønn}\n" + condition + "  categories: [user.demographic.trade_union_membership]\n", exitDone, false},
		{"wrong.yaml", "activites: []\n", exitFailed, false},
	} {
		path := filepath.Join(c.dir, r.name)
		if err := os.WriteFile(path, []byte(r.register), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, told := c.run("check", "--register", path)
		if said := strings.Contains(out, "shop.yaml:9: people.dues: the field holds a special category"); code != r.code || said != r.says {
			t.Errorf("%s: exit %d, said %v\n%s%s", r.name, code, said, out, told)
		}
	}
}

// A correction leaves the person's other rows alone, and says of none of them that it is a surprise.
func TestSourceCorrectsAndIsSureOfTheRest(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	c.exec("CREATE TABLE letters (id INTEGER PRIMARY KEY, person INTEGER, text TEXT); INSERT INTO letters VALUES (1, 1, 'Hei')")
	dataset, err := os.ReadFile(filepath.Join(c.dir, "shop.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dataset = append(dataset, `  - name: letters
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: shop, field: people.id, direction: from}]}}
    - {name: text, data_categories: [user.content]}
`...)
	if err := os.WriteFile(filepath.Join(c.dir, "shop.yaml"), dataset, 0o600); err != nil {
		t.Fatal(err)
	}
	kari, set := "--identity=email=kari@example.com", "--set=people.name=Kari Nordmann"
	digest, _ := c.plan("correct", kari, set)
	code, out, told := c.run("correct", kari, set, "--execute", digest)
	if code != exitDone || strings.Contains(out, `"unexpected": 1`) || !strings.Contains(out, `"collection": "letters"`) {
		t.Errorf("%d %s %s", code, out, told)
	}
	var name string
	if err := c.db.QueryRow("SELECT name FROM people WHERE id = 1").Scan(&name); err != nil || name != "Kari Nordmann" {
		t.Errorf("%q, %v", name, err)
	}
}

// TestSourceTellsOfWhatATriggerKept: a trigger that writes down the old value of a field keeps what is
// erased. That must not pass for done.
func TestSourceTellsOfWhatATriggerKept(t *testing.T) {
	t.Parallel()
	c := newTool(t)
	c.exec(`CREATE TABLE former (id INTEGER PRIMARY KEY, email TEXT);
		CREATE TRIGGER keep AFTER DELETE ON people BEGIN INSERT INTO former (email) VALUES (old.email); END`)
	file := filepath.Join(c.dir, "shop.yaml")
	dataset, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dataset = append(dataset, `  - name: former
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`...)
	if err := os.WriteFile(file, dataset, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{exitFailed, exitDone} {
		digest, _ := c.plan("erase", "--identity=email=kari@example.com")
		code, out, told := c.run("erase", "--identity=email=kari@example.com", "--execute", digest)
		if code != want || strings.Contains(told, "shop.former: 1 rows that were not in the plan") != (want == exitFailed) {
			t.Errorf("%d, want %d: %s %s", code, want, out, told)
		}
	}
}

// TestSourceSaysWhyARowStays: a row of which the dataset preserves everything does not stay because of
// the system.
func TestSourceSaysWhyARowStays(t *testing.T) {
	t.Parallel()
	for override, want := range map[string]string{
		"fides_meta: {masking_strategy_override: {strategy: preserve}}": "to be preserved",
		"fides_meta: {read_only: true}":                                 "the system needs them",
	} {
		c := newTool(t)
		c.exec("CREATE TABLE loans (id INTEGER PRIMARY KEY, person INTEGER, due TEXT); INSERT INTO loans VALUES (1, 1, '2026-01-31')")
		file := filepath.Join(c.dir, "shop.yaml")
		dataset, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dataset = append(dataset, `  - name: loans
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: person, fides_meta: {references: [{dataset: shop, field: people.id, direction: from}]}}
    - {name: due, data_categories: [user], `+override+`}
`...)
		if err := os.WriteFile(file, dataset, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, words := c.plan("erase", "--identity=email=kari@example.com"); !strings.Contains(words, "kept ("+want+")") {
			t.Errorf("%s: %s", override, words)
		}
	}
}
