package sqldb

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/huandu/go-sqlbuilder"
	"github.com/jackc/pgx/v5"

	"mininfo/internal/source"
)

// pgWriter is the one transaction of a plan. Read committed: Lock sees what is there now and
// holds it, which is what the comparison with the plan needs.
type pgWriter struct {
	pgReader
	before map[source.TableName]source.Effect
	shares int // of the time for one statement, that one has now
}

// pgShare is how many rows one statement may take its time for.
const pgShare = 5000

// allow gives a statement about many rows as much time as several about few would have.
func (w *pgWriter) allow(ctx context.Context, rows int) error {
	shares := 1 + (rows-1)/pgShare
	if shares <= w.shares {
		return nil
	}
	w.shares = shares
	_, err := w.conn.Exec(ctx, "SET LOCAL statement_timeout = "+strconv.FormatInt(w.p.timeout.Milliseconds()*int64(shares), 10))
	return w.p.fail(ctx, err)
}

func (p *postgres) Begin(ctx context.Context) (source.Change, error) {
	// Statements with long lists are sent again and again: their form is asked for once, and the
	// lists go as bytes.
	binary := *p
	binary.config = p.config.Copy()
	binary.config.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	conn, err := binary.connect(ctx)
	if err != nil {
		return nil, err
	}
	w := &pgWriter{pgReader: pgReader{p: p, conn: conn}, shares: 1}
	// A statement that waits for somebody else's lock gives up before people do.
	// Rules that may wait are looked at when everything is written (Settle).
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '30s'; "+
		"SET CONSTRAINTS ALL DEFERRED; "+noHiddenRows); err != nil {
		_ = w.Close()
		return nil, p.fail(ctx, err)
	}
	if w.before, err = w.counters(ctx); err != nil {
		_ = w.Close()
		return nil, err
	}
	return w, nil
}

// Lock reads rows and locks them, in the order of the statement's plan.
func (w *pgWriter) Lock(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	if q.Match != nil {
		if err := w.allow(ctx, len(q.Match.Tuples)); err != nil {
			return err
		}
	}
	return w.find(ctx, q, " FOR UPDATE OF t", fn)
}

func (w *pgWriter) Update(ctx context.Context, t *source.Table, keys source.Match, sets []source.Set) (int64, error) {
	cols, err := columns(w.p.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	tuples := castTuples(&keys, cols, true)
	if err := w.allow(ctx, len(tuples)); err != nil {
		return 0, err
	}
	var s pgStatement
	s.WriteString("UPDATE " + quoteTable(sqlbuilder.PostgreSQL, t.Name) + " AS t SET ")
	var lists, names []string
	for i := range cols {
		names = append(names, "k"+strconv.Itoa(i))
	}
	targets := make([]*source.Column, len(sets))
	exprs := map[string]string{} // by column: several places inside one document are one assignment
	for i, set := range sets {
		c, ok := t.Column(set.Field.Column)
		if !ok {
			return 0, missing(w.p.name, t.Name)
		}
		targets[i] = c
		value, document := "", set.Value.Kind == source.JSON
		if set.Each != nil {
			document = set.Each[0].Kind == source.JSON
			name := "v" + strconv.Itoa(i)
			lists, names = append(lists, s.list(tuplesOf(set.Each), 0, "text")), append(names, name)
			value = "k." + name
		} else {
			value = s.arg(pgText(set.Value)) + "::text"
		}
		exprs[c.Name] = s.assigned(c, set.Field, value, exprs[c.Name], document)
	}
	for i, c := range targets {
		if text, open := exprs[c.Name]; open {
			if i > 0 {
				s.WriteString(", ")
			}
			s.WriteString(quote(sqlbuilder.PostgreSQL, c.Name) + " = (" + text + ")::" + c.Type)
			delete(exprs, c.Name)
		}
	}
	if len(lists) == 0 {
		if one := s.oneKey(cols, &keys, tuples); one != "" {
			s.WriteString(" WHERE " + one)
			return w.exec(ctx, &s)
		}
	}
	from := s.keyTable(cols, &keys, tuples)
	if len(lists) > 0 {
		inner := strings.TrimPrefix(from[:strings.LastIndex(from, ") AS k(")], "unnest(")
		from = "unnest(" + inner + ", " + strings.Join(lists, ", ") + ") AS k(" + strings.Join(names, ", ") + ")"
	}
	s.WriteString(" FROM " + from + " WHERE " + s.keyJoin(cols, &keys))
	return w.exec(ctx, &s)
}

// oneKey writes the condition for keys of one column, which an index answers without a join;
// "" where the key is another.
func (s *pgStatement) oneKey(cols []*source.Column, keys *source.Match, tuples [][]source.Value) string {
	if len(cols) != 1 || keys.NullSafe || len(keys.Fields[0].Path) > 0 || cols[0].Class == source.ClassArray {
		return ""
	}
	left, elem := s.compare(cols[0], keys.Fields[0], source.Exact)
	return left + " = ANY(" + s.list(tuples, 0, elem) + ")"
}

// assigned writes a new value, given as text, for a cast to the column's type. The type carries
// no length, so that a value that is too long is refused and never cut in silence. before is
// what other places of the same document are set to. document: the value is one itself.
func (s *pgStatement) assigned(c *source.Column, f source.Field, value, before string, document bool) string {
	switch {
	case len(f.Path) > 0:
		if document {
			value = "(" + value + ")::jsonb"
		}
		if before == "" {
			before = pgColumn(c) + "::jsonb"
		}
		return "jsonb_set(" + before + ", " + s.arg(f.Path) + "::text[], coalesce(to_jsonb(" + value + "), 'null'::jsonb), false)"
	case c.Class == source.ClassArray:
		return "CASE WHEN " + value + " IS NULL THEN NULL ELSE ARRAY(SELECT jsonb_array_elements_text((" + value + ")::jsonb)) END"
	}
	return value
}

func (w *pgWriter) Delete(ctx context.Context, t *source.Table, keys source.Match) (int64, error) {
	cols, err := columns(w.p.name, t, keys.Fields)
	if err != nil {
		return 0, err
	}
	tuples := castTuples(&keys, cols, true)
	if err := w.allow(ctx, len(tuples)); err != nil {
		return 0, err
	}
	var s pgStatement
	s.WriteString("DELETE FROM " + quoteTable(sqlbuilder.PostgreSQL, t.Name) + " AS t")
	if one := s.oneKey(cols, &keys, tuples); one != "" {
		s.WriteString(" WHERE " + one)
		return w.exec(ctx, &s)
	}
	s.WriteString(" USING " + s.keyTable(cols, &keys, tuples))
	s.WriteString(" WHERE " + s.keyJoin(cols, &keys))
	return w.exec(ctx, &s)
}

func (w *pgWriter) exec(ctx context.Context, s *pgStatement) (int64, error) {
	tag, err := w.conn.Exec(ctx, s.String(), s.args...)
	if err != nil {
		return 0, w.p.fail(ctx, err)
	}
	return tag.RowsAffected(), nil
}

// pgRoots gives for each table that inherits, partitions too, the table at the top. One that
// inherits from two is counted under the first.
const pgRoots = `up AS (SELECT inhrelid AS rel, inhparent AS top FROM pg_inherits WHERE inhseqno = 1
		UNION ALL SELECT up.rel, i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.top AND i.inhseqno = 1),
	root AS (SELECT rel, top FROM up WHERE NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = up.top))`

// counters reads what the session did to each table so far: transactions before this one, whose
// numbers are not yet published, count too, so that only differences mean anything.
func (w *pgWriter) counters(ctx context.Context) (map[source.TableName]source.Effect, error) {
	const query = `WITH RECURSIVE ` + pgRoots + `
		SELECT n.nspname, c.relname, sum(s.n_tup_ins)::bigint, sum(s.n_tup_upd)::bigint, sum(s.n_tup_del)::bigint
		FROM pg_stat_xact_user_tables s LEFT JOIN root r ON r.rel = s.relid
		JOIN pg_class c ON c.oid = coalesce(r.top, s.relid)
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 GROUP BY 1, 2`
	rows, err := w.conn.Query(ctx, query)
	if err != nil {
		return nil, w.p.fail(ctx, err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (source.Effect, error) {
		var e source.Effect
		err := row.Scan(&e.Table.Schema, &e.Table.Name, &e.Inserted, &e.Updated, &e.Deleted)
		return e, err
	})
	if err != nil {
		return nil, w.p.fail(ctx, err)
	}
	out := map[source.TableName]source.Effect{}
	for _, e := range list {
		out[e.Table] = e
	}
	return out, nil
}

func (w *pgWriter) Effects(ctx context.Context) ([]source.Effect, error) {
	now, err := w.counters(ctx)
	if err != nil {
		return nil, err
	}
	var out []source.Effect
	for name, e := range now {
		b := w.before[name]
		e.Inserted, e.Updated, e.Deleted = e.Inserted-b.Inserted, e.Updated-b.Updated, e.Deleted-b.Deleted
		if e.Inserted != 0 || e.Updated != 0 || e.Deleted != 0 {
			out = append(out, e)
		}
	}
	return out, nil
}

// Touched counts rows by the transaction that wrote them. Transactions inside this one (of
// functions with exception handlers) have later numbers, and so have strangers that committed
// meanwhile: the count errs on the side of too many.
func (w *pgWriter) Touched(ctx context.Context, t *source.Table) (n int64, err error) {
	err = w.conn.QueryRow(ctx, "SELECT count(*) FROM "+quoteTable(sqlbuilder.PostgreSQL, t.Name)+
		" AS t WHERE t.xmin::text::bigint >= (pg_current_xact_id()::text::numeric % 4294967296)::bigint").Scan(&n)
	return n, w.p.fail(ctx, err)
}

func (w *pgWriter) Settle(ctx context.Context) error {
	_, err := w.conn.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
	return w.p.fail(ctx, err)
}

func (w *pgWriter) Commit(ctx context.Context) error {
	_, err := w.conn.Exec(ctx, "COMMIT")
	failure := w.p.fail(ctx, err)
	_ = w.Close()
	return failure
}

func (w *pgWriter) Rollback(ctx context.Context) error {
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if !w.conn.IsClosed() {
		_, _ = w.conn.Exec(short, "ROLLBACK")
	}
	return w.Close()
}
