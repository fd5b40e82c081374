package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/portaltest"
	"mininfo/migrations"
)

func TestBothDialectsHaveTheSameFiles(t *testing.T) {
	t.Parallel()
	names := map[migrations.Dialect][]string{}
	for _, d := range []migrations.Dialect{migrations.SQLite, migrations.Postgres} {
		entries, err := os.ReadDir(string(d))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names[d] = append(names[d], e.Name())
		}
		slices.Sort(names[d])
	}
	if len(names[migrations.SQLite]) == 0 {
		t.Fatal("no migrations")
	}
	if diff := cmp.Diff(names[migrations.SQLite], names[migrations.Postgres]); diff != "" {
		t.Error(diff)
	}
}

// fresh gives the driver and address of an empty database.
func fresh(t *testing.T, d migrations.Dialect) (driver, dsn string) {
	t.Helper()
	if d == migrations.Postgres {
		return "pgx", portaltest.Postgres(t)
	}
	path := filepath.Join(t.TempDir(), "fresh.db")
	return "sqlite3", "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)"
}

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func each(t *testing.T, test func(t *testing.T, d migrations.Dialect)) {
	t.Helper()
	for _, d := range []migrations.Dialect{migrations.SQLite, migrations.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			t.Parallel()
			test(t, d)
		})
	}
}

func TestManyAtOnceApplyOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d migrations.Dialect) {
		driver, dsn := fresh(t, d)
		var all sync.WaitGroup
		errs := make([]error, 3)
		for i := range errs {
			db := open(t, driver, dsn)
			all.Go(func() { errs[i] = migrations.Apply(context.Background(), db, d) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		var applied int
		db := open(t, driver, dsn)
		if err := db.QueryRow("SELECT count(*) FROM goose_db_version WHERE version_id > 0").Scan(&applied); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(string(d))
		if err != nil {
			t.Fatal(err)
		}
		if applied != len(files) {
			t.Errorf("%d migrations are noted, want %d", applied, len(files))
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d migrations.Dialect) {
		driver, dsn := fresh(t, d)
		db := open(t, driver, dsn)
		if err := migrations.Apply(t.Context(), db, d); err != nil {
			t.Fatal(err)
		}
		if err := migrations.Apply(t.Context(), db, d); err != nil {
			t.Errorf("a second start: %v", err)
		}
		if _, err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
			t.Fatal(err)
		}
		if err := migrations.Apply(t.Context(), db, d); !errors.Is(err, migrations.ErrNewer) {
			t.Errorf("got %v, want ErrNewer", err)
		}
	})
}
