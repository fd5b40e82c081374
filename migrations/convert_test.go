package migrations_test

import (
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"mininfo/migrations"
)

// before gives a database as the migrations before one left it, with a controller, a member and cases, whose
// ids are 1, 2, 3 …
func before(t *testing.T, d migrations.Dialect, version int64, cases int) *sql.DB {
	t.Helper()
	driver, dsn := fresh(t, d)
	db := open(t, driver, dsn)
	dialect := map[migrations.Dialect]goose.Dialect{migrations.SQLite: goose.DialectSQLite3, migrations.Postgres: goose.DialectPostgres}[d]
	p, err := goose.NewProvider(dialect, db, os.DirFS(string(d)), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version-1); err != nil {
		t.Fatal(err)
	}
	write(t, db, "INSERT INTO controller (id, public_id, country, zone, key_fingerprint, created_at) VALUES (1, 'c', 'NO', 'Europe/Oslo', 'f', 0)")
	write(t, db, "INSERT INTO member (id, public_id, controller_id, email_index, sealed_email, sealed_name, password_hash, sealed_totp, roles, created_at) VALUES (1, 'm', 1, $1, $1, $1, '', $1, '', 0)", []byte("m"))
	for id := 1; id <= cases; id++ {
		write(t, db, `INSERT INTO request (id, public_id, controller_id, reference, linked, asked_right, channel, locale, delivery, state,
  received_at, received_text, filed_at, due_on, target_on, due_unsuspended, register_version, calendar_version)
  VALUES ($1, $2, 1, $2, $2, 'restriction', 'portal', 'nb', 'portal', 'review', 0, '', 0, '', '', '', 1, '')`, id, fmt.Sprint("case ", id))
	}
	return db
}

func write(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// happens writes the events of a case, each as "kind at"; the leaf of the log names the case and the event's number.
func happens(t *testing.T, db *sql.DB, id int, events ...string) {
	t.Helper()
	for i, e := range events {
		var kind string
		var at int64
		if _, err := fmt.Sscan(e, &kind, &at); err != nil {
			t.Fatal(err)
		}
		write(t, db, "INSERT INTO event (request_id, number, at, kind, actor, facts, leaf_hash) VALUES ($1, $2, $3, $4, 'system', '{}', $5)",
			id, i+1, at, kind, fmt.Appendf(nil, "%d/%d", id, i+1))
	}
}

// lines gives what a query finds, a line for each row.
func lines(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for rows.Next() {
		cells, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		words := make([]string, len(cells))
		for i, c := range cells {
			if words[i] = "none"; c.Valid {
				words[i] = c.String
			}
		}
		found = append(found, strings.Join(words, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRES03LiftingThatWasToldOfGoesOnAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d migrations.Dialect) {
		db := before(t, d, 18, 6)
		happens(t, db, 1, "restricted 100", "lifting_told 200", "message 300")
		happens(t, db, 2, "restricted 100")
		happens(t, db, 3, "restricted 100", "lifting_told 200", "lifting_kept 300")
		happens(t, db, 4, "restricted 100", "lifting_told 200", "lifting_kept 300", "lifting_told 400")
		happens(t, db, 5, "restricted 100", "lifting_told 200", "lifted 300")
		for _, r := range []struct {
			name   string
			of     int
			since  int64
			lifted any
		}{
			{"told", 1, 100, nil},
			{"told-at-once", 1, 200, nil},    // restricted in the moment of the notice
			{"after-notice", 1, 250, nil},    // the notice did not name it
			{"ended-before", 1, 50, 90},      // its key is gone, nobody is told of it again
			{"never-told", 2, 100, nil},      // there is no notice at all
			{"kept", 3, 100, nil},            // what the notice said was taken back
			{"told-again", 4, 100, nil},      // and said again
			{"between-notices", 4, 350, nil}, // the second notice named it, the first did not
			{"anew", 5, 100, nil},            // left by a lifting that ended
			{"no-events", 6, 100, nil},
		} {
			write(t, db, `INSERT INTO restriction (public_id, request_id, source, dataset, collection, row_index, activity, ground, state, since, lifted_at)
  VALUES ($1, $2, 's', 'd', 'c', $3, 'a', '18(1)(a)', 'marked', $4, $5)`, r.name, r.of, []byte(r.name), r.since, r.lifted)
		}
		if err := migrations.Apply(t.Context(), db, d); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"told 200", "told-at-once 200", "after-notice none", "ended-before none", "never-told none", "kept none", "told-again 400",
			"between-notices 400", "anew none", "no-events none",
		}
		if diff := cmp.Diff(want, lines(t, db, "SELECT public_id, told_at FROM restriction ORDER BY id")); diff != "" {
			t.Errorf("what people were told of (-want +got):\n%s", diff)
		}
		// No job of before has a row in hand: the first that comes may take it.
		if diff := cmp.Diff([]string{"10"}, lines(t, db, "SELECT count(*) FROM restriction WHERE job_id IS NULL AND NOT ending")); diff != "" {
			t.Errorf("rows that no job has in hand (-want +got):\n%s", diff)
		}
	})
}

func TestACY01WhatWasToldBeforeIsProvedAfterTheUpgrade(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d migrations.Dialect) {
		db := before(t, d, 19, 3)
		// Two cases, told of in turn, with other events between; a third of which nobody told anything.
		happens(t, db, 2, "filed 1", "learned 2", "message 3", "learned 5", "learned 6")
		happens(t, db, 1, "filed 1", "message 2", "learned 4")
		happens(t, db, 3, "filed 1")
		for i, of := range []int{2, 1, 2, 2} {
			write(t, db, "INSERT INTO fact (request_id, activity, kind, value, sealed_reason, member_id, at) VALUES ($1, 'orders', 'contract', 'ended', $2, 1, $3)",
				of, fmt.Appendf(nil, "sealed %d", i), i)
		}
		if err := migrations.Apply(t.Context(), db, d); err != nil {
			t.Fatal(err)
		}
		// Each has the leaf of its own event. What is sealed stays as it was: without a name of its own, the
		// row is opened as it was sealed, for what it is about.
		want := []string{"2 2/2 none sealed 0", "1 1/3 none sealed 1", "2 2/4 none sealed 2", "2 2/5 none sealed 3"}
		if diff := cmp.Diff(want, lines(t, db, "SELECT request_id, leaf_hash, public_id, sealed_reason FROM fact ORDER BY id")); diff != "" {
			t.Errorf("what members told, with its leaf (-want +got):\n%s", diff)
		}
	})
}
