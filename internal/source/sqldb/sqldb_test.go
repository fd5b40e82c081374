package sqldb_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

func open(t *testing.T, kind, script string) (source.Source, *sql.DB) {
	t.Helper()
	driver, dsn := "pgx", ""
	if kind == "sqlite" {
		driver, dsn = "sqlite3", "file:"+filepath.Join(t.TempDir(), "x.db")
	} else {
		dsn = portaltest.Postgres(t)
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(script); err != nil {
		t.Fatal(err)
	}
	s, err := kinds.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn), Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s, db
}

func onBoth(t *testing.T, test func(t *testing.T, kind string)) {
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

const schema = `CREATE TABLE parents (a INTEGER, b TEXT, name VARCHAR(7) NOT NULL, PRIMARY KEY (a, b), UNIQUE (name));
	CREATE TABLE children (id INTEGER PRIMARY KEY, a INTEGER, b TEXT, at DATE, CHECK (id > 0), FOREIGN KEY (a, b) REFERENCES parents (a, b) ON DELETE CASCADE);
	CREATE VIEW both_of_them AS SELECT a FROM parents;
	INSERT INTO parents VALUES (1, 'x', 'one'), (2, 'y', 'two'); INSERT INTO children VALUES (1, 1, 'x', '2026-01-02'), (2, 2, 'y', NULL);`

func TestInspect(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		s, _ := open(t, kind, schema)
		got, err := s.Inspect(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		parents, ok := got.Table(source.TableName{Name: "PARENTS"})
		if !ok {
			t.Fatal("a name in other letters is not found")
		}
		name, _ := parents.Column("name")
		if len(parents.PrimaryKey) != 2 || parents.PrimaryKey[1] != "b" || name.Nullable || name.MaxLength != 7 || name.Class != source.ClassText || !parents.IsUnique("name") || parents.IsUnique("a") || !parents.InUnique("a") {
			t.Errorf("%+v", parents)
		}
		if len(got.ForeignKeys) != 1 || got.ForeignKeys[0].OnDelete != "cascade" || len(got.ForeignKeys[0].Columns) != 2 || got.ForeignKeys[0].RefColumns[1] != "b" {
			t.Errorf("%+v", got.ForeignKeys)
		}
		view, ok := got.Table(source.TableName{Name: "both_of_them"})
		if !ok || !view.View {
			t.Errorf("%+v", view)
		}
		children, _ := got.Table(source.TableName{Name: "children"})
		if len(children.Checks) != 1 || len(got.Tables) != 3 {
			t.Errorf("%+v", children)
		}
	})
}

func tableOf(t *testing.T, s source.Source, name string) *source.Table {
	t.Helper()
	schema, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, ok := schema.Table(source.TableName{Name: name})
	if !ok {
		t.Fatalf("no table %s", name)
	}
	return table
}

func TestEffectsCountCascades(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		s, db := open(t, kind, schema)
		ctx := context.Background()
		tx, err := s.(source.Changer).Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		keys := source.Match{Fields: []source.Field{{Column: "a"}, {Column: "b"}}, Tuples: [][]source.Value{{source.IntOf(1), source.TextOf("x")}}}
		if n, err := tx.Delete(ctx, tableOf(t, s, "parents"), keys); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		effects, err := tx.Effects(ctx)
		if err != nil {
			t.Fatal(err)
		}
		deleted := map[string]int64{}
		for _, e := range effects {
			deleted[e.Table.Name] = e.Deleted
		}
		if len(deleted) != 2 || deleted["parents"] != 1 || deleted["children"] != 1 {
			t.Errorf("%+v", effects)
		}
		if err := tx.Rollback(ctx); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM children").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d rows after the rollback: %v", n, err)
		}
	})
}

func TestFailuresHaveCodes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		s, _ := open(t, kind, schema)
		ctx := context.Background()
		tx, err := s.(source.Changer).Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(ctx)
		keys := source.Match{Fields: []source.Field{{Column: "a"}, {Column: "b"}}, Tuples: [][]source.Value{{source.IntOf(1), source.TextOf("x")}}}
		_, err = tx.Update(ctx, tableOf(t, s, "parents"), keys, []source.Set{{Field: source.Field{Column: "name"}, Value: source.TextOf("two")}})
		if !errors.Is(err, &source.Error{Code: source.Constraint}) {
			t.Errorf("unique: %v", err)
		}
		_, err = tx.Update(ctx, tableOf(t, s, "parents"), keys, []source.Set{{Field: source.Field{Column: "no_such"}, Value: source.TextOf("two")}})
		if !errors.Is(err, &source.Error{Code: source.Missing}) {
			t.Errorf("missing: %v", err)
		}
	})
}

func TestSQLiteConnectionStrings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sql.Open("sqlite3", "file:"+dir+"/plain.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(schema); err != nil {
		t.Fatal(err)
	}
	copied, err := os.ReadFile(filepath.Join(dir, "plain.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "odd #name%20.db"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	for dsn, want := range map[string]source.Code{
		"file:plain.db": "", "file:odd%20%23name%2520.db": "", "sqlite:plain.db": "", "sqlite://" + dir + "/plain.db": "", "file:" + dir + "/plain.db": "", "file:" + dir + "/plain.db?mode=ro": "",
		"file:none.db": source.Unreachable, "file:": source.BadConfig, "file:plain.db?vfs=memdb": source.BadConfig, "file:plain.db?_pragma=query_only(0)": source.BadConfig,
		"file:.": source.Unreachable, "mysql://x": source.BadConfig, "": source.BadConfig, "sqlite:////etc/passwd": source.BadConfig,
	} {
		s, err := kinds.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn), Dir: dir})
		if err == nil {
			_, err = s.Inspect(context.Background())
		}
		var got *source.Error
		if errors.As(err, &got) != (want != "") || got != nil && got.Code != want {
			t.Errorf("%s: %v, want %q", dsn, err, want)
		}
	}
	plain := source.Config{Name: "s", Kind: "sqlite", DSN: source.NewSecret(filepath.Join(dir, "odd #name%20.db"))}
	if s, err := kinds.Open(context.Background(), plain); err != nil {
		t.Errorf("a path as people write it: %v", err)
	} else if _, err := s.Inspect(context.Background()); err != nil {
		t.Errorf("a path as people write it: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("made a file that was not there")
	}
}

// The driver would make times of texts, and what is stored would be lost or written otherwise.
func TestTimesAreReadAsTheyAreStored(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE visits (id INTEGER PRIMARY KEY, at DATETIME, day DATE, note TEXT, seen TIMESTAMP);
		INSERT INTO visits VALUES (1, '2026-09-09T18:29:58Z', '2026-09-09', '2026-09-09T18:29:58.123456789+02:00', 1757442598),
			(2, '2026-09-09 18:29:58', '2026-09-09T00:00:00Z', '2026-09-09T18:29:58.100Z', NULL)`)
	snap, err := s.(source.Finder).Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var got []string
	fields := []source.Field{{Column: "at"}, {Column: "day"}, {Column: "note"}, {Column: "seen"}}
	err = snap.Find(context.Background(), source.Query{Table: tableOf(t, s, "visits"), Fields: fields}, func(row []source.Value) error {
		for _, v := range row {
			got = append(got, v.Clone().Text())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"2026-09-09T18:29:58Z", "2026-09-09", "2026-09-09T18:29:58.123456789+02:00", "1757442598",
		"2026-09-09 18:29:58", "2026-09-09T00:00:00Z", "2026-09-09T18:29:58.100Z", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A program that died while it wrote leaves a journal that a connection which only reads cannot roll
// back. The file can be read all the same, as it was before the write began.
func TestSQLiteFileOfADeadWriter(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			dir, after := t.TempDir(), t.TempDir()
			db, err := sql.Open("sqlite3", "file:"+dir+"/x.db?_pragma=journal_mode("+mode+")&_pragma=cache_size(1)")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(`CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO people SELECT i, 'before' || i FROM n`); err != nil {
				t.Fatal(err)
			}
			tx, err := db.Begin()
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback()
			if _, err := tx.Exec("UPDATE people SET name = 'after' || id"); err != nil {
				t.Fatal(err)
			}
			// What a power cut leaves: the files as they lie there in the middle of the write.
			left, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range left {
				data, err := os.ReadFile(filepath.Join(dir, f.Name()))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(after, f.Name()), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret("file:" + after + "/x.db")})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if _, err := s.Inspect(t.Context()); err != nil {
					t.Fatal(err)
				}
				snap, err := s.(source.Finder).Snapshot(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				rows := 0
				err = snap.Find(t.Context(), source.Query{Table: tableOf(t, s, "people"), Fields: []source.Field{{Column: "name"}}}, func(row []source.Value) error {
					rows++
					if !strings.HasPrefix(row[0].Str, "before") {
						t.Fatalf("read %q, which was never committed", row[0].Str)
					}
					return nil
				})
				if err := errors.Join(err, snap.Close()); err != nil || rows != 2000 {
					t.Fatal(rows, err)
				}
			}
		})
	}
}

// A statement about many rows is no slower than several about few, which would have more time together.
func TestManyRowsHaveTheTimeOfMany(t *testing.T) {
	t.Parallel()
	s, db := open(t, "postgres", `CREATE TABLE things (id INTEGER PRIMARY KEY, v TEXT); CREATE TABLE limits (n SERIAL, v TEXT);
		CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO limits (v) VALUES (current_setting('statement_timeout')); RETURN NULL; END $$;
		CREATE TRIGGER note AFTER UPDATE OR DELETE ON things FOR EACH STATEMENT EXECUTE FUNCTION note()`)
	ctx := context.Background()
	table := tableOf(t, s, "things")
	tx, err := s.(source.Changer).Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	keys := source.Match{Fields: []source.Field{{Column: "id"}}}
	for i := range int64(10_001) {
		keys.Tuples = append(keys.Tuples, []source.Value{source.IntOf(i)})
	}
	few, more := keys, keys
	few.Tuples, more.Tuples = keys.Tuples[:5000], keys.Tuples[:5001]
	sets := []source.Set{{Field: source.Field{Column: "v"}}}
	for _, match := range []source.Match{few, more} {
		if _, err := tx.Update(ctx, table, match, sets); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.Delete(ctx, table, keys); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := db.QueryRow("SELECT string_agg(v, ' ' ORDER BY n) FROM limits").Scan(&got); err != nil || got != "2s 4s 6s" {
		t.Error(got, err)
	}
}

// A number that is too large for a column equals nothing in it, and keeps no other from being found.
func TestNumbersBeyondAColumnEqualNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		s, _ := open(t, kind, schema)
		ctx := context.Background()
		snap, err := s.(source.Finder).Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer snap.Close()
		id := []source.Field{{Column: "id"}}
		for _, list := range [][]int64{{2}, {2, 5_000_000_000}, {-5_000_000_000, 2, 9}} {
			m := &source.Match{Fields: id}
			for _, n := range list {
				m.Tuples = append(m.Tuples, []source.Value{source.IntOf(n)})
			}
			var got []int64
			err := snap.Find(ctx, source.Query{Table: tableOf(t, s, "children"), Fields: id, Match: m}, func(row []source.Value) error {
				got = append(got, row[0].Int)
				return nil
			})
			if err != nil || len(got) != 1 || got[0] != 2 {
				t.Errorf("%v: %v, %v", list, got, err)
			}
		}
	})
}

// A second view of a snapshot shows the same moment, also when it is opened later and outlives the first.
func TestBeside(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		s, db := open(t, kind, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
		ctx := t.Context()
		if db.SetMaxOpenConns(1); kind == "sqlite" {
			if _, err := db.Exec("PRAGMA busy_timeout = 0"); err != nil {
				t.Fatal(err)
			}
		}
		catalogue, err := s.Inspect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		q := source.Query{Table: &catalogue.Tables[0], Fields: []source.Field{{Column: "id"}}}
		first, err := s.(source.Finder).Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer first.Close()
		// SQLite keeps the writer out; PostgreSQL lets it write what nobody sees.
		_, err = db.Exec("INSERT INTO t VALUES (3)")
		if (err == nil) != (kind == "postgres") {
			t.Fatal(err)
		}
		rows := map[string]int{}
		var second source.Snapshot
		err = first.Find(ctx, q, func([]source.Value) error {
			if rows["first"]++; second == nil {
				var err error
				if second, err = first.(source.Shared).Beside(ctx); err != nil {
					return err
				}
			}
			return second.Find(ctx, q, func([]source.Value) error { rows["second"]++; return nil })
		})
		if second != nil {
			defer second.Close()
		}
		if err != nil || rows["first"] != 2 || rows["second"] != 4 {
			t.Error(rows, err)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		err = second.Find(ctx, q, func([]source.Value) error { rows["alone"]++; return nil })
		if err != nil || rows["alone"] != 2 {
			t.Error(rows, err)
		}
	})
}

// An account that may not name its moment reads over one connection.
func TestAnAccountThatMayNotShareItsMoment(t *testing.T) {
	t.Parallel()
	ctx, dsn := t.Context(), portaltest.Postgres(t)
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{"CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)", "REVOKE EXECUTE ON FUNCTION pg_export_snapshot() FROM PUBLIC"} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	s, err := kinds.Open(ctx, source.Config{Name: "s", DSN: source.NewSecret(postgresKind.Reader(t, dsn, db, "t"))})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := s.Inspect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	snap, err := s.(source.Finder).Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	if other, err := snap.(source.Shared).Beside(ctx); err == nil {
		other.Close()
		t.Error("it has a second view")
	}
	if _, err := db.Exec("INSERT INTO t VALUES (3)"); err != nil {
		t.Fatal(err)
	}
	n := 0
	err = snap.Find(ctx, source.Query{Table: &catalogue.Tables[0], Fields: []source.Field{{Column: "id"}}}, func([]source.Value) error { n++; return nil })
	if err != nil || n != 2 {
		t.Error(n, err)
	}
}

// A connection that could be overheard is known as such, whichever way its address says so.
func TestOverheard(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]bool{
		"postgres://u:p@db.example:5432/d":                                  true, // the driver's default goes on without TLS
		"postgres://u:p@db.example:5432/d?sslmode=require":                  true, // encrypted, to anybody
		"postgres://u:p@db.example:5432/d?sslmode=disable":                  true,
		"postgres://u:p@db.example:5432/d?sslmode=verify-full":              false,
		"postgres://u:p@db1.example,db2.example/d?sslmode=verify-full":      false,
		"postgres://u:p@127.0.0.1:5432/d":                                   false,
		"postgres://u:p@127.0.0.1,db.example/d":                             true,
		"postgres://u:p@localhost/d?sslmode=disable":                        false,
		"postgres://u:p@/d?host=/var/run/postgresql":                        false,
		"mysql://u:p@db.example/d":                                          true,
		"mysql://u:p@db.example/d?tls=skip-verify":                          true,
		"mysql://u:p@db.example/d?tls=true":                                 false,
		"mariadb://u:p@127.0.0.1/d":                                         false,
		"mysql://u:p@db.example/d?socket=/run/mysqld.sock":                  false,
		"sqlserver://u:p@db.example?database=d":                             false,
		"sqlserver://u:p@db.example?database=d&encrypt=disable":             true,
		"sqlserver://u:p@db.example?database=d&trustservercertificate=true": true,
		"sqlserver://u:p@127.0.0.1?database=d&encrypt=disable":              false,
	} {
		s, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		if got := s.(source.Remote).Overheard(); got != want {
			t.Errorf("%s: %v, want %v", dsn, got, want)
		}
		_ = s.Close()
	}
}
