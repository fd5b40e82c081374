package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

func openMaria(t *testing.T, script string) (source.Source, *sql.DB, string) {
	t.Helper()
	dsn, db := mariaKind.Fresh(t)
	if script != "" {
		if _, err := db.Exec(script); err != nil {
			t.Fatal(err)
		}
	}
	s, err := kinds.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	return s, db, dsn
}

// read gives the rows of a query as text.
func read(t *testing.T, s source.Source, q source.Query) []string {
	t.Helper()
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	out := []string{}
	err = snap.Find(t.Context(), q, func(row []source.Value) error {
		var line []string
		for _, v := range row {
			line = append(line, v.Typed())
		}
		out = append(out, strings.Join(line, " "))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func named(names ...string) (out []source.Field) {
	for _, n := range names {
		out = append(out, source.Field{Column: n})
	}
	return out
}

func TestMariaDBTypes(t *testing.T) {
	t.Parallel()
	s, _, _ := openMaria(t, `CREATE TABLE t (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, big BIGINT UNSIGNED, tiny TINYINT, yes TINYINT(1), bits BIT(12), one BIT(1), y YEAR,
			f FLOAT, d DOUBLE NOT NULL DEFAULT 1, dec_ DECIMAL(30,10), at TIMESTAMP(3) NULL, local DATETIME NULL, clock TIME(2), zero DATE, fixed CHAR(6), bin BINARY(4), mood ENUM('glad','tri''st'), tags SET('a','b','c'),
			js JSON, uid UUID, ip INET6, place POINT, twice INT GENERATED ALWAYS AS (tiny * 2) STORED, half INT AS (tiny / 2) VIRTUAL, note TEXT, latin VARCHAR(9) CHARACTER SET latin1);
		INSERT INTO t (id, big, tiny, yes, bits, one, y, f, d, dec_, at, local, clock, zero, fixed, bin, mood, tags, js, uid, ip, place, note, latin)
		VALUES (4000000000, 18446744073709551615, -7, 1, 2748, 1, 2026, 0.1, 0.1, 12345678901234567890.0123456789, '2026-07-01 12:00:00.25', '2026-07-01 12:00:00', '-12:30:00.5', '0000-00-00', 'ab', 'ab',
			'tri''st', 'a,c', '{"a": 1}', '0b0e5e1a-0000-4000-8000-000000000001', '::1', POINT(1, 2), 'x', 'Ærlig')`)
	table := tableOf(t, s, "t")
	want := map[string]string{"id": "i4000000000", "big": "d18446744073709551615", "tiny": "i-7", "yes": "b1", "bits": "i2748", "one": "b1", "y": "i2026", "f": "f0.1", "d": "f0.1",
		"dec_": "d12345678901234567890.0123456789", "at": "T2026-07-01T12:00:00.25Z", "local": "T2026-07-01T12:00:00", "clock": "T-12:30:00.5", "zero": "D0000-00-00", "fixed": "tab", "bin": "yYWIAAA==",
		"mood": "ttri'st", "tags": "ta,c", "js": `j{"a": 1}`, "uid": "t0b0e5e1a-0000-4000-8000-000000000001", "ip": "t::1", "place": "tPOINT(1 2)", "twice": "i-14", "half": "i-4", "note": "tx", "latin": "tÆrlig"}
	var names []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	got := map[string]string{}
	rows := read(t, s, source.Query{Table: table, Fields: named("id")})
	if len(rows) != 1 {
		t.Fatal(rows)
	}
	for _, name := range names {
		got[name] = read(t, s, source.Query{Table: table, Fields: named(name)})[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Each value finds its row, also where a row is named by all that it holds.
	for _, name := range names {
		v, err := source.ParseTyped(want[name])
		if err != nil {
			t.Fatal(err)
		}
		for _, nullSafe := range []bool{false, true} {
			if !nullSafe && (name == "js" || name == "big" || name == "zero") {
				continue // a document is compared by what is in it; the others are no values that another system can have
			}
			m := &source.Match{Fields: named(name), Tuples: [][]source.Value{{v}}, NullSafe: nullSafe}
			if found := read(t, s, source.Query{Table: table, Fields: named("id"), Match: m}); len(found) != 1 {
				t.Errorf("%s = %s (null-safe %v) finds %d rows", name, want[name], nullSafe, len(found))
			}
		}
	}
	column := func(name string) source.Column { c, _ := table.Column(name); return *c }
	if c := column("id"); !c.Identity || c.Nullable || c.Class != source.ClassInt {
		t.Errorf("%+v", c)
	}
	if c := column("mood"); !slices.Equal(c.Enum, []string{"glad", "tri'st"}) {
		t.Errorf("%+v", c)
	}
	if !column("twice").Generated || !column("half").Generated || column("d").Generated || !column("d").Default || column("d").Nullable {
		t.Error("generated columns and defaults")
	}
	if c := column("latin"); c.MaxLength != 9 || !strings.HasPrefix(c.Collation, "latin1") || column("note").MaxLength == 0 || column("js").Class != source.ClassJSON || !column("at").HasZone || column("local").HasZone {
		t.Errorf("%+v", c)
	}
}

// Collations find more than was asked for; none may find less, and none may end the walk.
func TestMariaDBCollations(t *testing.T) {
	t.Parallel()
	collations := []string{"utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_unicode_ci", "utf8mb4_danish_ci", "utf8mb4_turkish_ci", "utf8mb3_general_ci", "latin1_swedish_ci", "latin1_general_cs", "latin1_bin", "ascii_general_ci"}
	script := ""
	for i, c := range collations {
		set, _, _ := strings.Cut(c, "_")
		script += fmt.Sprintf("CREATE TABLE t%d (id INT PRIMARY KEY, mail VARCHAR(60) CHARACTER SET %s COLLATE %s, KEY (mail)); INSERT INTO t%d VALUES (1, 'KARI.NORDMANN@Example.NO'), (2, 'kari.nordmann@example.no'), (3, 'per@example.no');", i, set, c, i)
		if set != "ascii" {
			script += fmt.Sprintf("INSERT INTO t%d VALUES (4, 'kåri.nordmann@example.no');", i)
		}
	}
	s, _, _ := openMaria(t, script)
	for i, c := range collations {
		table := tableOf(t, s, fmt.Sprintf("t%d", i))
		for _, fold := range []source.Fold{source.Exact, source.FoldASCII} {
			m := &source.Match{Fields: named("mail"), Fold: fold, Tuples: [][]source.Value{{source.TextOf("kari.nordmann@example.no")}, {source.TextOf("漢字👍@example.no")}}}
			got := map[string]bool{}
			for _, line := range read(t, s, source.Query{Table: table, Fields: named("id", "mail"), Match: m}) {
				id, mail, _ := strings.Cut(line, " ")
				if fold == source.Exact && mail != "tkari.nordmann@example.no" || strings.ToLower(mail) != "tkari.nordmann@example.no" {
					continue
				}
				got[id] = true
			}
			want := map[string]bool{"i2": true}
			if fold == source.FoldASCII {
				want["i1"] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, fold %d: %s", c, fold, diff)
			}
		}
	}
}

// Rows without a key, in a table whose collation takes different texts for equal ones.
func TestMariaDBRowsWithoutAKey(t *testing.T) {
	t.Parallel()
	s, db, _ := openMaria(t, `CREATE TABLE log (who VARCHAR(20), n INT, at DATETIME(6), x DECIMAL(6,2)); INSERT INTO log VALUES ('Ase', 1, NULL, 1.5), ('ase', 1, NULL, 1.5), ('åse', 1, NULL, 1.5), ('ase ', 1, NULL, 1.5), ('ase', 1, NULL, 1.5), (NULL, 1, '2026-01-01', NULL)`)
	table := tableOf(t, s, "log")
	tx, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	keys := source.Match{Fields: named("who", "n", "at", "x"), NullSafe: true, Tuples: [][]source.Value{
		{source.TextOf("ase"), source.IntOf(1), {}, {Kind: source.Decimal, Str: "1.50"}}, {{}, source.IntOf(1), {Kind: source.Time, Str: "2026-01-01T00:00:00"}, {}}}}
	// A change of what names the row, with a value of its own for each.
	n, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: "who"}, Each: []source.Value{source.TextOf("gone"), source.TextOf("new")}}, {Field: source.Field{Column: "n"}, Each: []source.Value{source.IntOf(2), source.IntOf(3)}}})
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.QueryRow("SELECT GROUP_CONCAT(CONCAT('<', who, n, '>') ORDER BY who COLLATE utf8mb4_bin, n SEPARATOR '') FROM log").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "<Ase1><ase 1><gone2><gone2><new3><åse1>"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What an engine without transactions does in a trial cannot be taken back, and a table that
// keeps its history keeps what is erased: neither is written.
func TestMariaDBTablesThatCannotBeTried(t *testing.T) {
	t.Parallel()
	s, db, _ := openMaria(t, "CREATE TABLE old (id INT PRIMARY KEY) ENGINE = MyISAM; INSERT INTO old VALUES (1); CREATE TABLE kept (id INT PRIMARY KEY) WITH SYSTEM VERSIONING; INSERT INTO kept VALUES (1)")
	for _, name := range []string{"old", "kept"} {
		table := tableOf(t, s, name)
		if table.CanDelete || table.CanUpdate || !table.CanSelect || table.View {
			t.Errorf("%+v", table)
		}
		tx, err := s.(source.Changer).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = tx.Delete(t.Context(), table, source.Match{Fields: named("id"), Tuples: [][]source.Value{{source.IntOf(1)}}})
		if !errors.Is(err, &source.Error{Code: source.Denied}) {
			t.Errorf("%s: %v", name, err)
		}
		_ = tx.Rollback(t.Context())
		var n int
		if err := db.QueryRow("SELECT count(*) FROM " + name).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
}

// A rule of another database that takes rows along is seen.
func TestMariaDBRulesOfOtherDatabases(t *testing.T) {
	t.Parallel()
	s, db, dsn := openMaria(t, "CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1), (2)")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Trim(u.Path, "/")
	if _, err := db.Exec("CREATE DATABASE " + own + "_x; CREATE TABLE " + own + "_x.c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES " + own + ".p (id) ON DELETE CASCADE); INSERT INTO " + own + "_x.c VALUES (7, 1)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + own + "_x"); err != nil {
			t.Error(err)
		}
	})
	tx, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if n, err := tx.Delete(t.Context(), tableOf(t, s, "p"), source.Match{Fields: named("id"), Tuples: [][]source.Value{{source.IntOf(1)}}}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	effects, err := tx.Effects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	along := slices.ContainsFunc(effects, func(e source.Effect) bool {
		return e.Table == source.TableName{Schema: own + "_x", Name: "c"} && e.Deleted == 1
	})
	if !along {
		t.Errorf("%+v", effects)
	}
}

func TestMariaDBConnectionStrings(t *testing.T) {
	t.Parallel()
	_, db, dsn := openMaria(t, "CREATE TABLE t (id INT PRIMARY KEY)")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "s" + strings.Trim(u.Path, "/")
	account := name + "@'127.0.0.1'"
	if _, err := db.Exec("CREATE USER " + account + " IDENTIFIED BY 'p@ss/w?rd' REQUIRE SSL; GRANT SELECT ON t TO " + account); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP USER " + account); err != nil {
			t.Error(err)
		}
	})
	ca := u.Query().Get("tls-ca")
	base := "://" + url.UserPassword(name, "p@ss/w?rd").String() + "@" + u.Host + u.Path
	for dsn, want := range map[string]source.Code{
		"mysql" + base: "", "mariadb" + base: "", "mariadb" + base + "?tls=skip-verify": "", "mysql" + base + "?tls-ca=" + url.QueryEscape(ca): "",
		"mysql" + base + "?tls=false": source.Denied, "mysql" + base + "?tls=true": source.Unreachable, // nobody the system knows signed it
		"mysql://" + name + ":wrong@" + u.Host + u.Path: source.Denied,
		"mysql" + base + "_none":                        source.Denied,
		"mysql" + base + "?tls=perhaps":                 source.BadConfig, "mysql" + base + "?tls-ca=/none": source.BadConfig, "mysql" + base + "?autocommit=0": source.BadConfig,
		"mysql://" + u.Host + u.Path: source.BadConfig, "mysql://x@" + u.Host: source.BadConfig, "mysql://x@/db": source.BadConfig, "mysql://x@host:port/db": source.BadConfig,
		"mysql://x@/db?socket=" + url.QueryEscape(t.TempDir()+"/none"): source.Unreachable,
	} {
		s, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
		if err == nil {
			if s.Kind() != "mysql" {
				t.Errorf("kind %s", s.Kind())
			}
			_, err = s.Inspect(t.Context())
		}
		var got *source.Error
		if errors.As(err, &got) != (want != "") || got != nil && got.Code != want {
			t.Errorf("%s: %v, want %q", strings.ReplaceAll(dsn, base, "…"), err, want)
		}
	}
}

// What an account may do is read from its grants: patterns, single tables, single columns, roles.
func TestMariaDBRights(t *testing.T) {
	t.Parallel()
	_, db, dsn := openMaria(t, "CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY, n INT)")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Trim(u.Path, "/")
	for i, c := range []struct {
		grant string
		want  string // what may be done with a and b
	}{
		{"GRANT SELECT ON " + own + ".* TO %s", "r r"},
		{"GRANT SELECT, UPDATE, DELETE ON `" + strings.ReplaceAll(own, "_", `\_`) + "`.* TO %s", "rud rud"},
		{"GRANT SELECT, DELETE ON `t%%`.* TO %s", "rd rd"},
		{"GRANT SELECT ON " + own + ".* TO %[1]s; GRANT UPDATE ON " + own + ".a TO %[1]s", "ru r"},
		{"GRANT SELECT ON " + own + ".* TO %[1]s; GRANT UPDATE (n) ON " + own + ".b TO %[1]s", "r ru"},
		{"CREATE ROLE r_" + own + "; GRANT SELECT, UPDATE ON " + own + ".* TO r_" + own + "; GRANT r_" + own + " TO %[1]s; SET DEFAULT ROLE r_" + own + " FOR %[1]s", "rud rud"},
	} {
		name := fmt.Sprintf("%d@%s", i, own)
		account := "`" + name + "`@'127.0.0.1'"
		if _, err := db.Exec("CREATE USER " + account + "; " + fmt.Sprintf(c.grant, account)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = db.Exec("DROP USER " + account) })
		u.User = url.User(name)
		s, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(u.String())})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, table := range []string{"a", "b"} {
			live, can := tableOf(t, s, table), ""
			for letter, allowed := range map[string]bool{"r": live.CanSelect, "u": live.CanUpdate, "d": live.CanDelete} {
				if allowed {
					can += letter
				}
			}
			b := []byte(can)
			slices.SortFunc(b, func(x, y byte) int { return strings.IndexByte("rud", x) - strings.IndexByte("rud", y) })
			got = append(got, string(b))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.grant, got, c.want)
		}
	}
	if _, err := db.Exec("DROP ROLE r_" + own); err != nil {
		t.Error(err)
	}
}

// The name of a rule is told, and nothing of what a row holds.
func TestMariaDBErrorsNameTheRule(t *testing.T) {
	t.Parallel()
	s, _, _ := openMaria(t, `CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, mail VARCHAR(90) NOT NULL, p INT, n INT, CONSTRAINT one_mail UNIQUE (mail), CONSTRAINT has_p FOREIGN KEY (p) REFERENCES p (id), CONSTRAINT n_positive CHECK (n > 0));
		INSERT INTO c VALUES (1, 'a'' for key ''x', NULL, 1), (2, 'b', NULL, 1)`)
	table := tableOf(t, s, "c")
	for _, c := range []struct {
		column string
		v      source.Value
		code   source.Code
		rule   string
	}{
		{"mail", source.TextOf("a' for key 'x"), source.Constraint, "one_mail"}, {"mail", source.Value{}, source.Constraint, "mail"}, {"p", source.IntOf(5), source.Constraint, "has_p"},
		{"n", source.IntOf(0), source.Constraint, "n_positive"}, {"n", source.TextOf("many"), source.BadType, ""}, {"mail", source.TextOf(strings.Repeat("x", 91)), source.BadType, ""},
	} {
		tx, err := s.(source.Changer).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = tx.Update(t.Context(), table, source.Match{Fields: named("id"), Tuples: [][]source.Value{{source.IntOf(2)}}}, []source.Set{{Field: source.Field{Column: c.column}, Value: c.v}})
		var own *source.Error
		if !errors.As(err, &own) || own.Code != c.code || own.Constraint != c.rule {
			t.Errorf("%s: %v", c.column, err)
		}
		_ = tx.Rollback(t.Context())
	}
}

// Statements that were given up do not go on in the server.
func TestMariaDBEndsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	s, db, _ := openMaria(t, "CREATE VIEW slow AS SELECT SLEEP(600) AS i")
	table := tableOf(t, s, "slow")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- snap.Find(ctx, source.Query{Table: table, Fields: named("i")}, func([]source.Value) error { return nil })
	}()
	running := func() (n int) {
		if err := db.QueryRow("SELECT count(*) FROM information_schema.PROCESSLIST WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info LIKE '%slow%'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	waitUntil(t, func() bool { return running() == 1 })
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = snap.Close()
	waitUntil(t, func() bool { return running() == 0 })
}
