package sqldb_test

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

func doubled(quote string) func(string) string {
	return func(name string) string { return quote + strings.ReplaceAll(name, quote, quote+quote) + quote }
}

func question(int) string { return "?" }

var sqliteKind = &portaltest.SQLKind{
	Fresh: func(t *testing.T) (string, *sql.DB) {
		dsn := "file:" + filepath.Join(t.TempDir(), "x.db")
		db, err := sql.Open("sqlite3", dsn+"?_pragma=busy_timeout(60000)&_pragma=journal_mode(wal)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return dsn, db
	},
	Open: kinds.Open, Quote: doubled(`"`), Param: question, Loose: true,
	Types: map[source.Class]string{source.ClassText: "TEXT", source.ClassInt: "INTEGER", source.ClassDecimal: "DECIMAL(10,2)", source.ClassFloat: "DOUBLE", source.ClassBool: "BOOLEAN",
		source.ClassDate: "DATE", source.ClassTime: "DATETIME", source.ClassBytes: "BLOB", source.ClassJSON: "JSON"},
	Trigger: func(name, table, event, body string) string {
		return "CREATE TRIGGER " + name + " AFTER " + event + " ON " + table + " BEGIN " + body + "; END"
	},
	Slow: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(i) AS i FROM n",
}

var postgresKind = &portaltest.SQLKind{
	Fresh: func(t *testing.T) (string, *sql.DB) {
		dsn := portaltest.Postgres(t)
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return dsn, db
	},
	Open: kinds.Open, Quote: doubled(`"`), Param: func(n int) string { return "$" + strconv.Itoa(n) },
	Types: map[source.Class]string{source.ClassText: "TEXT", source.ClassInt: "BIGINT", source.ClassDecimal: "NUMERIC(10,2)", source.ClassFloat: "DOUBLE PRECISION", source.ClassBool: "BOOLEAN",
		source.ClassDate: "DATE", source.ClassTime: "TIMESTAMP", source.ClassBytes: "BYTEA", source.ClassJSON: "JSONB"},
	Trigger: func(name, table, event, body string) string {
		return "CREATE FUNCTION " + name + "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + body + "; RETURN NULL; END $$; " +
			"CREATE TRIGGER " + name + " AFTER " + event + " ON " + table + " FOR EACH ROW EXECUTE FUNCTION " + name + "()"
	},
	Slow: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(i) AS i FROM n",
	Cut: func(t *testing.T, db *sql.DB) {
		if _, err := db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mininfo'"); err != nil {
			t.Fatal(err)
		}
	},
	Reader: func(t *testing.T, dsn string, db *sql.DB, table string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		name := "r" + strings.Trim(u.Path, "/")
		if _, err := db.Exec("CREATE ROLE " + name + " LOGIN PASSWORD 'kanarifugl'; GRANT SELECT ON " + table + " TO " + name); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := db.Exec("DROP OWNED BY " + name + "; DROP ROLE " + name); err != nil {
				t.Error(err)
			}
		})
		u.User = url.UserPassword(name, "kanarifugl")
		return u.String()
	},
}

var mariaKind = &portaltest.SQLKind{
	Fresh: func(t *testing.T) (string, *sql.DB) {
		dsn := portaltest.MariaDB(t)
		return dsn, portaltest.OpenMariaDB(t, dsn)
	},
	Open: kinds.Open, Quote: doubled("`"), Param: question,
	Types: map[source.Class]string{source.ClassText: "LONGTEXT", source.ClassInt: "BIGINT", source.ClassDecimal: "DECIMAL(10,2)", source.ClassFloat: "DOUBLE", source.ClassBool: "BOOLEAN",
		source.ClassDate: "DATE", source.ClassTime: "DATETIME(6)", source.ClassBytes: "LONGBLOB", source.ClassJSON: "JSON"},
	Trigger: func(name, table, event, body string) string {
		return "CREATE TRIGGER " + name + " AFTER " + event + " ON " + table + " FOR EACH ROW " + body
	},
	Slow: "SELECT SLEEP(600) AS i",
	Cut: func(t *testing.T, db *sql.DB) {
		rows, err := db.Query("SELECT id FROM information_schema.PROCESSLIST WHERE db = DATABASE() AND id <> CONNECTION_ID()")
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		rows.Close()
		for _, id := range ids {
			_, _ = db.Exec("KILL " + id) // it may be gone already
		}
	},
	Reader: func(t *testing.T, dsn string, db *sql.DB, table string) string {
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		name := "r" + strings.Trim(u.Path, "/")
		account := name + "@'127.0.0.1'"
		if _, err := db.Exec("CREATE USER " + account + " IDENTIFIED BY 'kanarifugl'; GRANT SELECT ON " + table + " TO " + account); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if _, err := db.Exec("DROP USER " + account); err != nil {
				t.Error(err)
			}
		})
		u.User = url.UserPassword(name, "kanarifugl")
		return u.String()
	},
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]*portaltest.SQLKind{"sqlite": sqliteKind, "postgres": postgresKind, "mariadb": mariaKind} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.CheckSource(t, portaltest.SourceKind{Name: name, Load: k.Load, SQL: k})
		})
	}
}

// waitUntil waits generously for something that must come.
func waitUntil(t *testing.T, reached func() bool) {
	t.Helper()
	for range 6000 {
		if reached() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("it never came")
}
