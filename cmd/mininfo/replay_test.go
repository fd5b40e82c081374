package main_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/api"
	"mininfo/internal/demo"
)

// backup keeps all of the company's databases as they are, and gives what brings them back while the
// portal is connected: past every rule, as a restore does.
func (c *Company) backup() (restore func()) {
	c.t.Helper()
	dir := c.t.TempDir()
	var undo []func()
	for _, source := range demo.Sources {
		db := c.open(source)
		tables := c.tables(db, source)
		file, kept := filepath.Join(dir, source+".db"), "kept_"+source
		if c.DSN == "" {
			c.all(db, "VACUUM INTO '"+file+"'")
			undo = append(undo, func() {
				db := c.open(source)
				defer db.Close()
				c.all(db, "PRAGMA foreign_keys = OFF", "ATTACH '"+file+"' AS kept")
				back(c, db, "", tables, `main."%s"`, `SELECT * FROM kept."%s"`)
			})
		} else {
			c.all(db, "CREATE SCHEMA "+kept)
			for _, t := range tables {
				c.all(db, fmt.Sprintf(`CREATE TABLE %s."%s" AS TABLE "%s"."%s"`, kept, t, source, t))
			}
			undo = append(undo, func() {
				db := c.open(source)
				defer db.Close()
				back(c, db, "SET LOCAL session_replication_role = replica", tables, `"`+source+`"."%s"`, "OVERRIDING SYSTEM VALUE TABLE "+kept+`."%s"`)
			})
		}
		if err := db.Close(); err != nil {
			c.t.Fatal(err)
		}
	}
	return func() {
		for _, u := range undo {
			u()
		}
	}
}

func (c *Company) all(db interface {
	Exec(string, ...any) (sql.Result, error)
}, statements ...string) {
	c.t.Helper()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			c.t.Fatalf("%s: %v", s, err)
		}
	}
}

// back fills tables from what was kept of them.
func back(c *Company, db *sql.DB, first string, tables []string, into, from string) {
	c.t.Helper()
	tx, err := db.Begin()
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if first != "" {
		c.all(tx, first)
	}
	for _, t := range tables {
		into, from := fmt.Sprintf(into, t), fmt.Sprintf(from, t)
		c.all(tx, "DELETE FROM "+into, "INSERT INTO "+into+" "+from)
	}
	if err := tx.Commit(); err != nil {
		c.t.Fatal(err)
	}
}

// stalls has the next end of a replay never be written down, until release: the program hangs between
// a system's commit and the portal's own.
func (p *Portal) stalls(t *testing.T) (release func()) {
	t.Helper()
	db := p.SQL(t)
	do := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if !p.Postgres {
		do(`CREATE TRIGGER stall BEFORE UPDATE ON replay BEGIN
			SELECT count(*) FROM (WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000000) SELECT x FROM c); END`)
		_ = db.Close() // and with it the lock on the file
		return func() {
			db = p.SQL(t)
			defer db.Close()
			do("DROP TRIGGER stall")
		}
	}
	do("CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NEW; END'")
	do("CREATE TRIGGER stall BEFORE UPDATE ON replay FOR EACH ROW EXECUTE FUNCTION stall()")
	do("SELECT pg_advisory_lock(4711)")
	return func() {
		defer db.Close()
		do("SELECT pg_advisory_unlock(4711)")
		do("DROP TRIGGER stall ON replay") // waits for the dead one's statement
	}
}

// eraseAll erases what the company holds about somebody.
func eraseAll(t *testing.T, p *Portal, first, second *Officer, who demo.Person) {
	t.Helper()
	person := newPerson(t, p, who.Email)
	person.Prove(api.RightErasure)
	filed := person.File(api.NewRequest{Right: api.RightErasure})
	first.Settle(filed.Id, api.DecisionActionKeep)
	first.act(filed.Id, "plan", nil)
	first.Await(filed.Id, "the plan is up to date", planned)
	second.Approve(filed.Id)
	first.State(filed.Id, api.StateAnswered)
}

// onCompanies runs a test with the portal and the company on SQLite, and with both on PostgreSQL.
func onCompanies(t *testing.T, test func(t *testing.T, s Setup)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Setup{}) })
	t.Run("postgres", func(t *testing.T) { test(t, Setup{Postgres: true, PostgresSources: true}) })
}

// planOfReplay is what "source replay-erasures --plan" would do.
func planOfReplay(t *testing.T, p *Portal, args ...string) (words, digest string) {
	t.Helper()
	out, err := p.Run(append([]string{"source", "replay-erasures", "--plan", "--json"}, args...)...)
	var shown struct{ Words, Digest string }
	if err != nil || json.Unmarshal([]byte(out), &shown) != nil {
		t.Fatal(out, err)
	}
	return shown.Words, shown.Digest
}

// Every system is restored from a backup of before an erasure. The replay is killed half way, while
// the portal serves; the next one goes on. In the end all is as the erasure left it.
func TestReplayAfterARestore(t *testing.T) {
	onCompanies(t, func(t *testing.T, s Setup) {
		p, first, second := office(t, s)
		before, restore := p.Company.State(), p.Company.backup()
		backupOf := time.Now()
		eraseAll(t, p, first, second, demo.MostData)
		done := difference(before, p.Company.State())
		since := []string{"--backup-of", backupOf.Format(time.RFC3339Nano)}
		if words, _ := planOfReplay(t, p, since...); words != "Nothing to do." {
			t.Errorf("nothing was restored: %s", words)
		}
		restore()
		if d := difference(before, p.Company.State()); len(d) != 0 {
			t.Fatalf("the restore did not bring everything back: %v", d)
		}
		marked := func(want bool) {
			t.Helper()
			var list api.ListSources200JSONResponse
			first.must("GET", "/staff/sources", nil, &list)
			for _, s := range list.Sources {
				if s.Name == "webshop" && (s.Restored == nil || *s.Restored != want) {
					t.Errorf("the sources page: restored is to be %v", want)
				}
			}
		}
		marked(false)
		if out, err := p.Run("doctor"); err != nil || !strings.Contains(out, `mininfo source replay-erasures --source "webshop"`) {
			t.Error(out, err)
		}
		marked(true)
		// Somebody else has been given the key of one of the rows, after the restore.
		stranger := p.Company.strangerUnder(t, done)
		told, err := p.Run(append([]string{"source", "replay-erasures"}, since...)...)
		if err == nil || !strings.Contains(err.Error(), "say --yes") || told != "" {
			t.Errorf("nobody said yes: %q %v", told, err)
		}

		release := p.stalls(t)
		cmd := exec.Command(program(t), append([]string{"source", "replay-erasures", "--yes"}, since...)...)
		cmd.Env = p.env
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		// Of the rows, one is changed already: the stranger's.
		until(t, "one system was erased again", func() bool {
			select {
			case <-ended:
				t.Fatalf("the replay ended: %s", said.String())
			default:
			}
			return len(difference(before, p.Company.State())) > 1
		})
		_ = cmd.Process.Kill()
		<-ended
		release()
		half := difference(before, p.Company.State())
		if len(half) <= 1 || len(half) >= len(done) {
			t.Fatalf("%d of %d rows: the replay was not killed half way", len(half), len(done))
		}
		if open := query(t, p, "SELECT source FROM replay WHERE ended_at IS NULL"); len(open) != 1 {
			t.Fatalf("one replay was to be cut off: %v", open)
		}

		if out, err := p.Run(append([]string{"source", "replay-erasures", "--yes"}, since...)...); err != nil {
			t.Fatal(out, err)
		}
		marked(false)
		var now Difference
		// What is only stored is marked again too: by the portal, after the replay.
		until(t, "the marks are set again", func() bool {
			now = difference(before, p.Company.State())
			return slices.Equal(columnsMarked(now), columnsMarked(done))
		})
		if effect := now[stranger]; !slices.Equal(effect.Columns, []string{"email"}) {
			t.Errorf("the other person's row: %+v", effect)
		}
		delete(done, stranger)
		delete(now, stranger)
		if diff := cmp.Diff(done, now); diff != "" {
			t.Errorf("(-the erasure +the replay):\n%s", diff)
		}
		words, digest := planOfReplay(t, p, since...)
		if words != "1 row in 1 table: 1 kept (somebody else's under the same key, or past recognising)." {
			t.Errorf("after the replay: %s", words)
		}
		if _, err := p.Run(append([]string{"source", "replay-erasures", "--execute", digest}, since...)...); err != nil {
			t.Error(err)
		}
		if open := query(t, p, "SELECT source FROM replay WHERE ended_at IS NULL"); len(open) != 0 {
			t.Errorf("replays without an end: %v", open)
		}
		if out, err := p.Run("audit", "verify"); err != nil {
			t.Error(out, err)
		}
	})
}

// columnsMarked lists the rows whose mark of storage alone has changed.
func columnsMarked(d Difference) []string {
	var list []string
	for at, e := range d {
		if slices.Contains(e.Columns, "restricted") {
			list = append(list, at)
		}
	}
	slices.Sort(list)
	return list
}

// strangerUnder gives another person's address to a subscriber's row that was erased.
func (c *Company) strangerUnder(t *testing.T, done Difference) string {
	t.Helper()
	for at, e := range done {
		if table, key, _ := strings.Cut(at, " "); table == "webshop.newsletter_subscribers" && e.Gone {
			n := c.exec("webshop", "UPDATE "+c.at("webshop", "newsletter_subscribers")+" SET "+c.col("newsletter_subscribers", "email")+" = 'ny@example.no' WHERE "+
				c.col("newsletter_subscribers", "id")+" = "+key)
			if n == 1 {
				return at
			}
		}
	}
	t.Fatal("no subscriber was erased: this test shows nothing")
	return ""
}

// An older backup of the portal is restored, and so is an older one of the systems: the erasure is
// known to neither. An export of the ledger is, and with it the erasure is done again.
func TestLedgerOutlivesAnOlderBackup(t *testing.T) {
	p, first, second := office(t, Setup{})
	before, restore := p.Company.State(), p.Company.backup()
	file := filepath.Join(t.TempDir(), "mininfo.backup")
	if out, err := p.Run("backup", file); err != nil || !strings.Contains(out, "ledger export") {
		t.Fatal(out, err)
	}
	backupOf := time.Now()
	eraseAll(t, p, first, second, demo.Subscriber)
	done := difference(before, p.Company.State())
	ledger := filepath.Join(t.TempDir(), "erased.ledger")
	out, err := p.Run("source", "ledger", "export", "--json", ledger)
	if err != nil || !strings.Contains(out, fmt.Sprintf(`"rows": %d`, len(done))) {
		t.Fatal(out, err)
	}
	if _, err := p.Run("source", "ledger", "export", ledger); err == nil {
		t.Error("an export overwrote another")
	}
	content, err := os.ReadFile(ledger)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{demo.Subscriber.Email, demo.Subscriber.First, demo.Subscriber.Last} {
		if secret != "" && bytes.Contains(bytes.ToLower(content), []byte(strings.ToLower(secret))) {
			t.Errorf("%q stands in the export", secret)
		}
	}
	restore()

	dir := filepath.Join(t.TempDir(), "restored")
	out, err = p.Run(append([]string{"restore", file}, elsewhere(p, dir)...)...)
	if err != nil || !strings.Contains(out, "knows of no erasure in the connected systems") || !strings.Contains(out, "It knows of NO erasure after 20") ||
		!strings.Contains(out, "mininfo source ledger import FILE") || !strings.Contains(out, "mininfo source replay-erasures") {
		t.Fatal(out, err)
	}
	again := newPortal(t, Setup{NoCompany: true, Env: []string{
		"MININFO_DATA=" + dir, "MININFO_DATABASE=sqlite://" + filepath.Join(dir, "mininfo.db"), "MININFO_BLOBS=file://" + filepath.Join(dir, "blobs"),
		"MININFO_KEY_FILE=" + filepath.Join(p.Dir, "mininfo.key"),
	}})
	since := []string{"--backup-of", backupOf.Format(time.RFC3339Nano)}
	if words, _ := planOfReplay(t, again, since...); words != "Nothing to do." {
		t.Fatalf("the restored portal knows what it cannot know: %s", words)
	}
	damaged := filepath.Join(t.TempDir(), "damaged.ledger")
	if err := os.WriteFile(damaged, append(content[:len(content)/2:len(content)/2], "\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Run("source", "ledger", "import", damaged); err == nil {
		t.Error("half a ledger was taken in")
	}
	for _, fresh := range []int{len(done), 0} {
		if out, err := again.Run("source", "ledger", "import", "--json", ledger); err != nil || !strings.Contains(out, fmt.Sprintf(`"new": %d`, fresh)) {
			t.Errorf("want %d new: %s %v", fresh, out, err)
		}
	}
	other := newPortal(t, Setup{NoCompany: true})
	if _, err := other.Run("migrate"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Run("source", "ledger", "import", ledger); err == nil || !strings.Contains(err.Error(), "another key file") {
		t.Errorf("another portal took the ledger: %v", err)
	}
	if _, err := again.Run(append([]string{"source", "replay-erasures", "--yes"}, since...)...); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(done, difference(before, p.Company.State())); diff != "" {
		t.Errorf("(-the erasure +the replay):\n%s", diff)
	}
	if out, err := again.Run("audit", "verify"); err != nil {
		t.Error(out, err)
	}
}
