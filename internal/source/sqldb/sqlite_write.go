package sqldb

import (
	"context"
	"strings"

	"github.com/huandu/go-sqlbuilder"
	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/source"
)

// liteWriter is the one transaction of a plan. It holds the file's write lock from the start.
type liteWriter struct {
	liteReader
	before int64                 // changes of the connection when the transaction began
	hooked map[string]*liteTable // what the engine told row by row
	told   int64                 // how many changes that were
	direct map[string]int64      // own changes of tables whose rows have no number
}

// liteTable is what happened to the rows of one table.
type liteTable struct {
	inserted, deleted int64
	updated           rowNumbers
}

// rowNumbers is a set of numbers that often come one after the other: a bit for each.
type rowNumbers struct {
	count int64
	words map[int64]uint64
	at    int64 // which word is open
	word  uint64
}

func (r *rowNumbers) add(n int64) {
	if at := n >> 6; at != r.at {
		if r.words == nil {
			r.words = map[int64]uint64{}
		}
		r.words[r.at] = r.word
		r.at, r.word = at, r.words[at]
	}
	if bit := uint64(1) << (n & 63); r.word&bit == 0 {
		r.word |= bit
		r.count++
	}
}

// watch has the engine tell every row that is changed, by whomever: it does so for cascades and
// triggers too, and for all tables but those WITHOUT ROWID.
func (w *liteWriter) watch() error {
	w.hooked, w.direct = map[string]*liteTable{}, map[string]int64{}
	return w.conn.Raw(func(c any) error {
		raw, ok := c.(sqlitedriver.Conn)
		if !ok {
			return &source.Error{Source: w.s.name, Code: source.Unsupported}
		}
		raw.Raw().UpdateHook(func(op sqlite3.AuthorizerActionCode, _, table string, rowid int64) {
			t := w.hooked[table]
			if t == nil {
				t = &liteTable{}
				w.hooked[table] = t
			}
			w.told++
			switch op {
			case sqlite3.AUTH_INSERT:
				t.inserted++
			case sqlite3.AUTH_DELETE:
				t.deleted++
			default:
				t.updated.add(rowid)
			}
		})
		return nil
	})
}

func (s *sqlite) Begin(ctx context.Context) (source.Change, error) {
	// secure_delete overwrites what is erased: a row that is only unlinked can be read from the file.
	l, err := s.open(ctx, "rw", "foreign_keys(1)", "secure_delete(1)", "recursive_triggers(0)")
	if err != nil {
		return nil, err
	}
	w := &liteWriter{liteReader: liteReader{liteConn: l}}
	if err := w.start(ctx); err != nil {
		_ = l.Close()
		return nil, err
	}
	return w, nil
}

func (w *liteWriter) start(ctx context.Context) error {
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	// Rules between tables are looked at when everything is written: rows that refer to each
	// other in a circle can only go together.
	if _, err := w.exec(ctx, "PRAGMA defer_foreign_keys = ON"); err != nil {
		return err
	}
	var err error
	if w.before, err = w.number(ctx, "SELECT total_changes()"); err != nil {
		return err
	}
	return w.watch()
}

// Lock reads the rows: nobody else can write while the transaction is open.
func (w *liteWriter) Lock(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return w.Find(ctx, q, fn)
}

// keyWhere writes the condition for one key, and how its parameters are added for a key.
func keyWhere(m *source.Match, cols []*source.Column) (string, func(args []any, key []source.Value) []any) {
	var s liteStatement
	var before []int // how many parameters stand before each value
	for i, c := range cols {
		if i > 0 {
			s.WriteString(" AND ")
		}
		op := " = "
		if m.NullSafe {
			op = " IS "
		}
		s.WriteString(s.left(c, m.Fields[i], source.Exact) + op + "?")
		before = append(before, len(s.args))
	}
	return s.String(), func(args []any, key []source.Value) []any {
		at := 0
		for i, v := range key {
			args = append(append(args, s.args[at:before[i]]...), liteKey(m.Fields[i], v))
			at = before[i]
		}
		return args
	}
}

func (w *liteWriter) Update(ctx context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	cols, err := columns(w.s.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	tuples := castTuples(&keys, cols, true)
	var b strings.Builder
	b.WriteString("UPDATE " + quoteTable(sqlbuilder.SQLite, t.Name) + " AS t SET ")
	groups, err := byColumn(w.s.name, t, sets)
	if err != nil {
		return 0, err
	}
	for i, g := range groups {
		if i > 0 {
			b.WriteString(", ")
		}
		name := quote(sqlbuilder.SQLite, g.column.Name)
		if len(g.sets[0].Field.Path) > 0 {
			b.WriteString(name + " = json_replace(" + name + strings.Repeat(", ?, json(?)", len(g.sets)) + ")")
		} else {
			b.WriteString(name + " = ?")
		}
	}
	where, keyArgs := keyWhere(&keys, cols)
	b.WriteString(" WHERE " + where)
	return w.each(ctx, t, b.String(), len(tuples), func(args []any, i int) []any {
		for _, g := range groups {
			for _, set := range g.sets {
				args = setArgs(args, g.column, set, i)
			}
		}
		return keyArgs(args, tuples[i])
	})
}

// columnSets are the changes of one column: several only inside a document.
type columnSets struct {
	column *source.Column
	sets   []source.Set
}

func byColumn(name string, t *source.Table, sets []source.Set) ([]columnSets, error) {
	var out []columnSets
	at := map[string]int{}
	for _, set := range sets {
		c, ok := t.Column(set.Field.Column)
		if !ok {
			return nil, missing(name, t.Name)
		}
		i, seen := at[c.Name]
		if !seen {
			i = len(out)
			at[c.Name] = i
			out = append(out, columnSets{column: c})
		}
		out[i].sets = append(out[i].sets, set)
	}
	return out, nil
}

// setArgs adds the parameters of a change of one field in the row of a key.
func setArgs(args []any, c *source.Column, set source.Set, i int) []any {
	v := set.Value
	if set.Each != nil {
		v = set.Each[i]
	}
	if len(set.Field.Path) > 0 {
		return append(args, litePath(set.Field.Path), string(v.AppendJSON(nil)))
	}
	if cast, ok := source.Cast(v, c.Class); ok && c.Class != source.ClassOther {
		v = cast
	}
	return append(args, liteValue(v))
}

func (w *liteWriter) Delete(ctx context.Context, t *source.Table, keys source.Match) (int64, error) {
	cols, err := columns(w.s.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	where, keyArgs := keyWhere(&keys, cols)
	tuples := castTuples(&keys, cols, true)
	text := "DELETE FROM " + quoteTable(sqlbuilder.SQLite, t.Name) + " AS t WHERE " + where
	args := func(args []any, i int) []any { return keyArgs(args, tuples[i]) }
	// One of the rows may take others of them along, which its statement does not count.
	along, err := w.takesAlong(ctx, t)
	if err != nil {
		return 0, err
	}
	if !along {
		return w.each(ctx, t, text, len(tuples), args)
	}
	var there int64
	q := source.Query{Table: t, Fields: keys.Fields, Match: &keys}
	if err := w.Find(ctx, q, func([]source.Value) error { there++; return nil }); err != nil {
		return 0, err
	}
	_, err = w.each(ctx, t, text, len(tuples), args)
	return there, err
}

// takesAlong tells whether the rows of a table go with rows of the same table.
func (w *liteWriter) takesAlong(ctx context.Context, t *source.Table) (bool, error) {
	var n int64
	err := w.conn.QueryRowContext(ctx, `SELECT count(*) FROM pragma_foreign_key_list(?1) WHERE "table" = ?1 COLLATE NOCASE AND on_delete = 'CASCADE'`, t.Name.Name).Scan(&n)
	return n > 0, w.s.fail(ctx, err)
}

// each runs a prepared statement for every key, on the engine itself. The database is in this
// process: there is no round trip to save. Identical keys stand for as many rows, which one
// statement changes. args adds the parameters for a key.
func (w *liteWriter) each(ctx context.Context, t *source.Table, text string, keys int, args func(args []any, i int) []any) (int64, error) {
	var total int64
	var room []any
	err := w.conn.Raw(func(c any) error {
		driver, ok := c.(sqlitedriver.Conn)
		if !ok {
			return &source.Error{Source: w.s.name, Code: source.Unsupported}
		}
		raw := driver.Raw()
		defer raw.SetInterrupt(raw.SetInterrupt(ctx))
		stmt, _, err := raw.Prepare(text)
		if err != nil {
			return w.s.fail(ctx, err)
		}
		defer stmt.Close()
		for i := range keys {
			room = args(room[:0], i)
			if err := bindAll(stmt, room); err != nil {
				return w.s.fail(ctx, err)
			}
			if err := stmt.Exec(); err != nil {
				return w.s.fail(ctx, err)
			}
			total += raw.Changes()
		}
		return contextError(ctx)
	})
	if err != nil {
		return total, err
	}
	if t.RowID == "" {
		w.direct[t.Name.Name] += total
	}
	return total, nil
}

// Effects gives what the engine told, and as changes without a table what it counted beyond that.
func (w *liteWriter) Effects(ctx context.Context) ([]source.Effect, error) {
	n, err := w.number(ctx, "SELECT total_changes()")
	if err != nil {
		return nil, err
	}
	var out []source.Effect
	for name, t := range w.hooked {
		out = append(out, source.Effect{Table: source.TableName{Name: name}, Inserted: t.inserted, Deleted: t.deleted, Updated: t.updated.count})
	}
	rest := n - w.before - w.told
	for _, d := range w.direct {
		rest -= d
	}
	if rest != 0 {
		out = append(out, source.Effect{Updated: rest})
	}
	return out, nil
}

func (w *liteWriter) Touched(_ context.Context, t *source.Table) (int64, error) {
	if h := w.hooked[t.Name.Name]; h != nil {
		return h.updated.count + h.inserted, nil
	}
	return w.direct[t.Name.Name], nil
}

// Settle asks the engine whether rules between tables are broken, which it would refuse at the commit.
func (w *liteWriter) Settle(context.Context) error {
	broken := int64(0)
	err := w.conn.Raw(func(c any) error {
		raw, ok := c.(sqlitedriver.Conn)
		if !ok {
			return &source.Error{Source: w.s.name, Code: source.Unsupported}
		}
		var err error
		broken, _, err = raw.Raw().Status(sqlite3.DBSTATUS_DEFERRED_FKS, false)
		return err
	})
	if err != nil {
		return w.s.fail(context.Background(), err)
	}
	if broken != 0 {
		return &source.Error{Source: w.s.name, Code: source.Constraint, State: "sqlite 787"}
	}
	return nil
}

// Commit ends the transaction and empties the write-ahead log, where erased rows would stay.
func (w *liteWriter) Commit(ctx context.Context) error {
	_, err := w.exec(ctx, "COMMIT")
	if err == nil {
		_, _ = w.conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	} else {
		_, _ = w.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	_ = w.Close()
	return err
}

func (w *liteWriter) Rollback(ctx context.Context) error {
	_, _ = w.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	return w.Close()
}
