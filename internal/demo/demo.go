// Package demo holds Fjordlys AS, a fictional Norwegian installer of lighting with a webshop: its
// register of processing activities, its databases and the people in them.
//
// Generate makes the company's databases from a seed: three SQLite files, or three schemas in one
// PostgreSQL database. The same seed and the same day always give the same rows. The people in
// People are the hard cases that a portal for data-subject requests has to get right; they are the
// same whatever the seed. Nobody and nothing here is real: e-mail addresses stand under the domains
// that RFC 2606 reserves, network addresses under those of RFC 5737 and RFC 3849, telephone numbers
// under +47 000 and national identity numbers in the synthetic series, none of which can belong to anyone.
package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver" // registers "sqlite3"
)

// The company's systems. Each is a source of its own: one dataset file, and one SQLite file or one
// PostgreSQL schema of that name.
const (
	Webshop = "webshop" // customers, orders, cards, newsletter, cookies, contact form, web log
	Office  = "office"  // customer and supplier register, invoices, reminders, notes, disclosures, bans
	People  = "people"  // applicants, employees, payroll, time sheets, mailboxes, the page about the staff
)

// Sources lists the company's systems in the order they are made.
var Sources = []string{Webshop, Office, People}

// DefaultSeed is the seed of the demo that people try out.
const DefaultSeed = 20260217

// Rename gives another name to a table, or to a column of it when column is not empty. It must be a
// pure function that keeps the names of one database distinct.
type Rename func(table, column string) string

// Options says what to generate and where: either Dir or Postgres is set.
type Options struct {
	Seed uint64
	// Now decides the dates: they lie relative to this day (UTC), so that what is past its time of
	// keeping is so whenever the demo is made.
	Now time.Time
	// Dir is the directory that gets webshop.db, office.db and people.db (plain SQLite files).
	Dir string
	// Postgres is the database that gets the schemas webshop, office and people.
	Postgres *sql.DB
	// Rename is nil for the names as they are written in the dataset files.
	Rename Rename
}

// ErrExists says that the company's databases are there already; they are never overwritten.
var ErrExists = errors.New("the demo company's databases exist already")

// Path gives the SQLite file of a source in a directory.
func Path(dir, source string) string { return filepath.Join(dir, source+".db") }

// Exists tells whether all of the company's SQLite files are in a directory.
func Exists(dir string) bool {
	for _, s := range Sources {
		if _, err := os.Stat(Path(dir, s)); err != nil {
			return false
		}
	}
	return true
}

// Generate makes the company's databases. On SQLite each file appears whole or not at all, and files
// of an interrupted run are made again; on PostgreSQL everything is one transaction, which fails when
// one of the schemas exists.
func Generate(ctx context.Context, opt Options) error {
	if opt.Now.IsZero() {
		return errors.New("making the demo company: no date given")
	}
	if (opt.Dir == "") == (opt.Postgres == nil) {
		return errors.New("making the demo company: either a directory or a PostgreSQL database is needed")
	}
	// A server that made its demo goes on in the same process: the rows are given back at once.
	defer debug.FreeOSMemory()
	data := fill(opt.Seed, opt.Now)
	if opt.Postgres != nil {
		return writePostgres(ctx, opt.Postgres, data, opt.Rename)
	}
	if Exists(opt.Dir) {
		return ErrExists
	}
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return fmt.Errorf("making the demo company's directory: %w", err)
	}
	for _, s := range Sources {
		if err := writeSQLite(ctx, opt.Dir, s, data, opt.Rename); err != nil {
			return err
		}
	}
	return nil
}

// SQLiteDSN gives the address of a source's file as lists of sources write it.
func SQLiteDSN(dir, source string) string {
	path := Path(dir, source)
	if filepath.IsAbs(path) {
		return "sqlite://" + escaped(path)
	}
	return "sqlite:" + escaped(path)
}

// escaped writes a path as a URL does: a directory may have a question mark in its name.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
