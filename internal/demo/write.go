package demo

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
)

// rows holds the rows of each table, by its name as in the dataset files.
type rows map[string][][]any

// dialect is how a database wants its types, its names of tables and its parameters written.
type dialect struct {
	types  map[kind]string
	schema func(source string) string
	param  func(n int) string
	batch  int // parameters in one statement at most
}

var sqlite = dialect{
	types:  map[kind]string{integer: "INTEGER", text: "TEXT", short: "VARCHAR(40)", boolean: "BOOLEAN", date: "DATE", datetime: "DATETIME"},
	schema: func(string) string { return "" },
	param:  func(int) string { return "?" },
	batch:  300, // larger statements are slower here
}

var postgres = dialect{
	types:  map[kind]string{integer: "INTEGER", text: "TEXT", short: "VARCHAR(40)", boolean: "BOOLEAN", date: "DATE", datetime: "TIMESTAMPTZ"},
	schema: func(source string) string { return quote(source) + "." },
	param:  func(n int) string { return fmt.Sprintf("$%d", n) },
	batch:  10000,
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// called gives the name that a table or column has in the database.
func (f Rename) called(table, column string) string {
	switch {
	case f != nil:
		return f(table, column)
	case column != "":
		return column
	}
	return table
}

// create gives the statements that make a table and the indexes on its references.
func (d dialect) create(t table, f Rename) (table string, indexes []string) {
	name := f.called(t.name, "")
	var parts []string
	for _, c := range t.columns {
		col := quote(f.called(t.name, c.name))
		def := col + " " + d.types[c.kind]
		if c.required {
			def += " NOT NULL"
		}
		if c.unique {
			def += " UNIQUE"
		}
		if c.key {
			def += " PRIMARY KEY"
		}
		if c.refTable != "" {
			def += fmt.Sprintf(" REFERENCES %s%s (%s)", d.schema(t.source), quote(f.called(c.refTable, "")), quote(f.called(c.refTable, keyOf(c.refTable))))
			indexes = append(indexes, fmt.Sprintf("CREATE INDEX %s ON %s%s (%s)", quote(name+"_"+f.called(t.name, c.name)),
				d.schema(t.source), quote(name), col))
		}
		parts = append(parts, def)
	}
	return fmt.Sprintf("CREATE TABLE %s%s (%s)", d.schema(t.source), quote(name), strings.Join(parts, ", ")), indexes
}

func keyOf(name string) string {
	for _, t := range tables {
		if t.name != name {
			continue
		}
		for _, c := range t.columns {
			if c.key {
				return c.name
			}
		}
	}
	return ""
}

// write makes the tables of one source and fills them; indexes come last, which is faster.
func (d dialect) write(ctx context.Context, tx *sql.Tx, source string, data rows, f Rename) error {
	var indexes []string
	for _, t := range tables {
		if t.source != source {
			continue
		}
		create, more := d.create(t, f)
		if _, err := tx.ExecContext(ctx, create); err != nil {
			return fmt.Errorf("making table %s: %w", t.name, err)
		}
		indexes = append(indexes, more...)
		if err := d.insert(ctx, tx, t, data[t.name], f); err != nil {
			return fmt.Errorf("filling table %s: %w", t.name, err)
		}
	}
	for _, stmt := range indexes {
		if _, err := tx.ExecContext(ctx, stmt); err != nil {
			return fmt.Errorf("making an index of %s: %w", source, err)
		}
	}
	return nil
}

func (d dialect) insert(ctx context.Context, tx *sql.Tx, t table, all [][]any, f Rename) error {
	size := max(1, d.batch/len(t.columns))
	var full *sql.Stmt
	for len(all) > 0 {
		part := all[:min(size, len(all))]
		all = all[len(part):]
		args := make([]any, 0, len(part)*len(t.columns))
		for _, row := range part {
			if len(row) != len(t.columns) {
				return fmt.Errorf("a row has %d values for %d columns", len(row), len(t.columns))
			}
			args = append(args, row...)
		}
		if len(part) < size {
			_, err := tx.ExecContext(ctx, d.insertInto(t, len(part), f), args...)
			return err
		}
		if full == nil {
			stmt, err := tx.PrepareContext(ctx, d.insertInto(t, size, f))
			if err != nil {
				return err
			}
			defer stmt.Close()
			full = stmt
		}
		if _, err := full.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (d dialect) insertInto(t table, count int, f Rename) string {
	var names []string
	for _, c := range t.columns {
		names = append(names, quote(f.called(t.name, c.name)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "INSERT INTO %s%s (%s) VALUES ", d.schema(t.source), quote(f.called(t.name, "")), strings.Join(names, ", "))
	n := 0
	for i := range count {
		sep := "("
		if i > 0 {
			sep = ", ("
		}
		for range t.columns {
			n++
			b.WriteString(sep + d.param(n))
			sep = ", "
		}
		b.WriteString(")")
	}
	return b.String()
}

// writeSQLite makes the file of a source under another name first, so that a run that is cut short
// leaves no file that looks whole; such a file needs no journal either.
func writeSQLite(ctx context.Context, dir, source string, data rows, f Rename) (err error) {
	path := Path(dir, source)
	unfinished := path + ".unfinished"
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing an unfinished demo database: %w", err)
	}
	db, err := sql.Open("sqlite3", "file:"+escaped(unfinished)+"?_pragma=journal_mode(off)&_pragma=synchronous(off)")
	if err != nil {
		return fmt.Errorf("opening the demo database %s: %w", source, err)
	}
	err = inTx(ctx, db, func(tx *sql.Tx) error { return sqlite.write(ctx, tx, source, data, f) })
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("making the demo database %s: %w", source, errors.Join(err, os.Remove(unfinished)))
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("finishing the demo database %s: %w", source, err)
	}
	return nil
}

func writePostgres(ctx context.Context, db *sql.DB, data rows, f Rename) error {
	return inTx(ctx, db, func(tx *sql.Tx) error {
		for _, s := range Sources {
			if _, err := tx.ExecContext(ctx, "CREATE SCHEMA "+quote(s)); err != nil {
				return fmt.Errorf("making the demo schema %s: %w", s, err)
			}
			if err := postgres.write(ctx, tx, s, data, f); err != nil {
				return fmt.Errorf("making the demo schema %s: %w", s, err)
			}
		}
		return nil
	})
}

func inTx(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
