package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/huandu/go-sqlbuilder"
	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/source"
)

// sqlite is a file of the company's own, opened for reading unless a plan is carried out.
type sqlite struct {
	name    string
	path    string
	timeout time.Duration
}

// OpenSQLite connects an SQLite file: file:PATH, sqlite:PATH, sqlite:///PATH or the whole path itself. The file must
// exist; options in the connection string are refused, since they could attach other files.
func OpenSQLite(_ context.Context, c source.Config) (source.Source, error) {
	path, ok := sqlitePath(c.DSN.Reveal())
	if !ok {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	if beside := filepath.Join(c.Dir, path); !filepath.IsAbs(path) && c.Dir != "" && (exists(beside) || !exists(path)) {
		path = beside
	}
	s := &sqlite{name: c.Name, path: path, timeout: c.Timeout}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	return s, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func sqlitePath(dsn string) (string, bool) {
	for _, scheme := range []string{"sqlite3:", "sqlite:", "file:"} {
		if rest, ok := strings.CutPrefix(dsn, scheme); ok {
			if strings.HasPrefix(rest, "///") {
				rest = rest[2:]
			}
			rest, query, _ := strings.Cut(rest, "?")
			path, err := url.PathUnescape(rest)
			return path, err == nil && path != "" && !strings.HasPrefix(path, "//") && (query == "" || query == "mode=ro" || query == "mode=rw")
		}
	}
	return dsn, filepath.IsAbs(dsn)
}

func (s *sqlite) Name() string { return s.name }
func (s *sqlite) Kind() string { return "sqlite" }
func (s *sqlite) Close() error { return nil }

// open gives one connection. SQLite makes a file that is not there, so that it is looked for first.
func (s *sqlite) open(ctx context.Context, mode string, pragmas ...string) (*liteConn, error) {
	if info, err := os.Stat(s.path); err != nil || info.IsDir() {
		return nil, &source.Error{Source: s.name, Code: source.Unreachable, State: "sqlite 14"} // as SQLite itself says of it
	}
	query := url.Values{"mode": {mode}}
	uri := "file:" + (&url.URL{Path: s.path}).EscapedPath() + "?" + query.Encode() + "&_pragma=busy_timeout(10000)"
	for _, p := range pragmas {
		uri += "&_pragma=" + url.QueryEscape(p)
	}
	db, err := sqlitedriver.Open(uri)
	if err != nil {
		return nil, &source.Error{Source: s.name, Code: source.BadConfig}
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		_ = db.Close()
		return nil, s.fail(ctx, err)
	}
	return &liteConn{s: s, db: db, conn: conn}, nil
}

func (s *sqlite) fail(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	var own *source.Error
	if errors.As(err, &own) {
		return own
	}
	out := &source.Error{Source: s.name, Code: source.FailedSystem}
	// While a file is opened there is only a code and no error of a statement.
	var lite sqlite3.ExtendedErrorCode
	if !errors.As(err, &lite) {
		if errors.Is(err, driver.ErrBadConn) {
			out.Code = source.Unreachable
		}
		return out
	}
	out.State = stateOf(lite)
	switch sqlite3.ErrorCode(lite) {
	case sqlite3.CONSTRAINT:
		out.Code = source.Constraint
	case sqlite3.BUSY, sqlite3.LOCKED:
		out.Code = source.Locked
	case sqlite3.READONLY, sqlite3.PERM, sqlite3.AUTH:
		out.Code = source.Denied
	case sqlite3.CANTOPEN, sqlite3.NOTADB, sqlite3.IOERR, sqlite3.CORRUPT:
		out.Code = source.Unreachable
	case sqlite3.MISMATCH, sqlite3.TOOBIG:
		out.Code = source.BadType
	case sqlite3.INTERRUPT:
		out.Code = source.TimedOut
	}
	return out
}

func stateOf(code sqlite3.ExtendedErrorCode) string { return "sqlite " + strconv.Itoa(int(code)) }

// liteConn is one connection.
type liteConn struct {
	s    *sqlite
	db   *sql.DB
	conn *sql.Conn
}

func (l *liteConn) Close() error {
	_ = l.conn.Close()
	return l.db.Close()
}

func (l *liteConn) exec(ctx context.Context, text string, args ...any) (int64, error) {
	res, err := l.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, l.s.fail(ctx, err)
	}
	n, err := res.RowsAffected()
	return n, l.s.fail(ctx, err)
}

func (l *liteConn) number(ctx context.Context, text string) (n int64, err error) {
	err = l.conn.QueryRowContext(ctx, text).Scan(&n)
	return n, l.s.fail(ctx, err)
}

// Snapshot reads from one moment: the transaction of a WAL file does not see later writes, and
// of another file keeps writers out until it is closed.
func (s *sqlite) Snapshot(ctx context.Context) (source.Snapshot, error) {
	r, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (s *sqlite) read(ctx context.Context, pragmas ...string) (*liteReader, error) {
	l, err := s.begin(ctx, append(pragmas, "cache_size(-4096)")...)
	if err != nil {
		return nil, err
	}
	return &liteReader{liteConn: l}, nil
}

// begin opens the file for reading alone, from one moment. What a program that died in the middle of
// writing has left behind cannot be put right by a connection that only reads: without recover the
// file would be out of reach until somebody else writes to it.
func (s *sqlite) begin(ctx context.Context, pragmas ...string) (*liteConn, error) {
	l, err := s.beginOnce(ctx, pragmas...)
	var own *source.Error
	if errors.As(err, &own) && (own.State == stateOf(sqlite3.READONLY_ROLLBACK) || own.State == stateOf(sqlite3.READONLY_RECOVERY)) {
		if s.recover(ctx) == nil {
			return s.beginOnce(ctx, pragmas...)
		}
	}
	return l, err
}

func (s *sqlite) beginOnce(ctx context.Context, pragmas ...string) (*liteConn, error) {
	l, err := s.open(ctx, "ro", append(pragmas, "query_only(1)")...)
	if err != nil {
		return nil, err
	}
	if _, err = l.exec(ctx, "BEGIN"); err == nil {
		_, err = l.number(ctx, "SELECT count(*) FROM sqlite_schema")
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// recover does what any program does that opens such a file: the first read rolls back what was not
// committed (https://www.sqlite.org/lockingv3.html#hot_journals). Nothing else is written.
func (s *sqlite) recover(ctx context.Context) error {
	l, err := s.open(ctx, "rw")
	if err != nil {
		return err
	}
	_, err = l.number(ctx, "SELECT count(*) FROM sqlite_schema")
	return errors.Join(err, l.Close())
}

// Beside opens a second transaction. While the first one is open nobody can commit, so that both
// read from the same moment, unless the file is in WAL mode: there it is not known what was
// committed in between. A writer that waits already keeps new readers out, and is not waited for.
func (l *liteReader) Beside(ctx context.Context) (source.Snapshot, error) {
	other, err := l.s.read(ctx, "busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	var mode string
	err = other.conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode)
	if err == nil && mode == "wal" {
		err = &source.Error{Source: l.s.name, Code: source.Unsupported}
	}
	if err != nil {
		_ = other.Close()
		return nil, l.s.fail(ctx, err)
	}
	return other, nil
}

type liteReader struct{ *liteConn }

func liteColumn(c *source.Column) string { return "t." + quote(sqlbuilder.SQLite, c.Name) }

// litePath writes the place inside a document in SQLite's own notation.
func litePath(path []string) string {
	var b strings.Builder
	b.WriteString("$")
	for _, p := range path {
		b.WriteString(`."` + strings.ReplaceAll(p, `"`, `\"`) + `"`)
	}
	return b.String()
}

type liteStatement struct {
	strings.Builder
	args []any
}

func (s *liteStatement) arg(v any) string {
	s.args = append(s.args, v)
	return "?"
}

// read selects a field.
func (s *liteStatement) read(c *source.Column, f source.Field) string {
	if len(f.Each) > 0 {
		return "(SELECT '[' || coalesce(group_concat(CASE WHEN e.type IN ('true', 'false', 'object', 'array') THEN " +
			"CASE e.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE e.value END ELSE json_quote(e.value) END, ','), '') || ']' FROM " +
			s.elements(c, f) + ")"
	}
	if len(f.Path) > 0 {
		// As JSON: json_extract makes 1 of true and rounds numbers.
		return "(" + liteColumn(c) + " -> " + s.arg(litePath(f.Path)) + ")"
	}
	return liteColumn(c)
}

// elements writes the set of the elements of a list, as e.
func (s *liteStatement) elements(c *source.Column, f source.Field) string {
	doc := liteColumn(c)
	doc = "CASE WHEN json_valid(" + doc + ") THEN " + doc + " END"
	var from []string
	at := 0
	for i, end := range f.Each {
		step, name := f.Path[at:end], "l"+strconv.Itoa(i)
		// One document where a list was described is a list of one.
		from = append(from, "json_each(CASE json_type("+doc+", "+s.arg(litePath(step))+") WHEN 'array' THEN json_extract("+doc+", "+s.arg(litePath(step))+
			") WHEN 'object' THEN json_array(json_extract("+doc+", "+s.arg(litePath(step))+")) END) AS "+name)
		doc, at = "CASE "+name+".type WHEN 'object' THEN "+name+".value END", end
	}
	return strings.Join(append(from, "json_each("+doc+", "+s.arg(litePath(f.Path[at:]))+") AS e"), ", ")
}

// cut bounds what is read of one value.
func (s *liteStatement) cut(expression string, most int) string {
	if most == 0 {
		return expression
	}
	return "CASE typeof(" + expression + ") WHEN 'text' THEN substr(" + expression + ", 1, " + strconv.Itoa(most) + ") WHEN 'blob' THEN NULL ELSE " + expression + " END"
}

// left writes the left side of a comparison.
func (s *liteStatement) left(c *source.Column, f source.Field, fold source.Fold) string {
	text := liteColumn(c)
	if len(f.Path) > 0 {
		text = "json_extract(" + text + ", " + s.arg(litePath(f.Path)) + ")"
	}
	return liteFold(text, fold)
}

func liteFold(text string, fold source.Fold) string {
	switch fold {
	case source.FoldASCII:
		return "lower(" + text + ")"
	case source.FoldDigits:
		for _, c := range []string{" ", "-", "(", ")", "+", ".", "/", "\u00a0"} {
			text = "replace(" + text + ", '" + c + "', '')"
		}
	}
	return text
}

func liteValue(v source.Value) any {
	switch v.Kind {
	case source.Null:
		return nil
	case source.Bool, source.Int:
		return v.Int
	case source.Float:
		return v.Float
	case source.Bytes:
		return []byte(v.Str)
	case source.Decimal:
		if f, err := strconv.ParseFloat(v.Str, 64); err == nil && strconv.FormatFloat(f, 'f', -1, 64) == v.Str {
			return f
		}
	}
	return v.Str
}

// liteKey gives a value as the field of a key is compared.
func liteKey(f source.Field, v source.Value) any {
	if len(f.Path) > 0 {
		return liteInside(v)
	}
	return liteValue(v)
}

// liteInside gives a value as json_extract gives it.
func liteInside(v source.Value) any {
	if x, err := strconv.ParseFloat(v.Str, 64); v.Kind == source.Decimal && err == nil {
		return x
	}
	return liteValue(v)
}

// liteColumnValue reads a value of the row that a statement stands on. Each is asked for by its own type:
// all at once would make an object of every one.
func liteColumnValue(stmt *sqlite3.Stmt, i int, c *source.Column, path bool) source.Value {
	switch stmt.ColumnType(i) {
	case sqlite3.INTEGER:
		v := stmt.ColumnInt64(i)
		if c.Class == source.ClassBool && !path && (v == 0 || v == 1) {
			return source.BoolOf(v == 1)
		}
		return source.IntOf(v)
	case sqlite3.FLOAT:
		return source.FloatOf(stmt.ColumnFloat(i))
	case sqlite3.BLOB:
		return source.BytesOf(stmt.ColumnRawBlob(i))
	case sqlite3.TEXT:
		raw := stmt.ColumnRawText(i)
		v := unsafe.String(unsafe.SliceData(raw), len(raw))
		if path {
			return source.FromJSON(strings.Clone(v))
		}
		if c.Class == source.ClassJSON && (strings.HasPrefix(v, "{") || strings.HasPrefix(v, "[")) && json.Valid(raw) {
			return source.Value{Kind: source.JSON, Str: v}
		}
		return source.TextOf(v)
	}
	return source.Value{}
}

// Rows of one statement's list. The engine's own limit is 32,766 parameters.
const liteChunk = 2000

func (l *liteReader) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	cols, err := columns(l.s.name, q.Table, q.Fields)
	if err != nil {
		return err
	}
	if q.Match == nil {
		return l.find(ctx, q, cols, nil, nil, fn)
	}
	on, err := columns(l.s.name, q.Table, q.Match.Fields)
	if err != nil {
		return err
	}
	match, err := stored(q.Match, on[0], func(from string) (string, bool, error) { return l.seek(ctx, q.Table, on[0], from) })
	if err != nil {
		return err
	}
	q.Match = match
	tuples := castTuples(q.Match, on, true)
	size := liteChunk
	if len(on) > 1 {
		size = max(100/len(on), 1)
	}
	left := q.Limit
	for len(tuples) > 0 {
		n := min(len(tuples), size)
		seen := 0
		err := l.find(ctx, q, cols, on, tuples[:n], func(row []source.Value) error { seen++; return fn(row) })
		if err != nil {
			return err
		}
		if tuples = tuples[n:]; q.Limit > 0 {
			if left -= seen; left <= 0 {
				return nil
			}
			q.Limit = left
		}
	}
	return nil
}

func (l *liteReader) find(ctx context.Context, q source.Query, cols, on []*source.Column, tuples [][]source.Value, fn func([]source.Value) error) error {
	var s liteStatement
	s.WriteString("SELECT ")
	for i, c := range cols {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(s.cut(s.read(c, q.Fields[i]), q.Cut))
	}
	if q.RowID {
		if len(cols) > 0 {
			s.WriteString(", ")
		}
		s.WriteString(liteRowID(q.Table))
	}
	s.WriteString(" FROM " + quoteTable(sqlbuilder.SQLite, q.Table.Name) + " AS t")
	if q.Match != nil {
		s.where(q.Match, on, tuples)
	}
	if q.Limit > 0 {
		s.WriteString(" LIMIT " + strconv.Itoa(q.Limit))
	}
	return l.stream(ctx, &s, cols, q, fn)
}

// seek gives the first text of a column that is not before a text.
func (l *liteReader) seek(ctx context.Context, t *source.Table, c *source.Column, from string) (found string, ok bool, err error) {
	var s liteStatement
	s.WriteString("SELECT " + liteColumn(c) + " FROM " + quoteTable(sqlbuilder.SQLite, t.Name) + " AS t WHERE " + liteColumn(c) + " COLLATE BINARY >= " + s.arg(from) +
		" ORDER BY " + liteColumn(c) + " COLLATE BINARY LIMIT 1")
	q := source.Query{Fields: []source.Field{{Column: c.Name}}}
	err = l.stream(ctx, &s, []*source.Column{c}, q, func(row []source.Value) error {
		found, ok = strings.Clone(row[0].Str), row[0].Kind == source.Text
		return nil
	})
	return found, ok, err
}

func liteRowID(t *source.Table) string {
	if t.RowID == "" {
		return "NULL"
	}
	return "t." + t.RowID
}

// where writes the condition of a match; tuples are cast already.
func (s *liteStatement) where(m *source.Match, cols []*source.Column, tuples [][]source.Value) {
	s.WriteString(" WHERE ")
	if len(cols) == 1 && !m.NullSafe {
		if m.Fields[0].List {
			s.WriteString("EXISTS (SELECT 1 FROM " + s.elements(cols[0], m.Fields[0]) + " WHERE " + liteFold("e.value", m.Fold) + " IN (")
			s.values(cols[0], m.Fields[0], tuples)
			s.WriteString("))")
			return
		}
		s.WriteString(s.left(cols[0], m.Fields[0], m.Fold) + " IN (")
		s.values(cols[0], m.Fields[0], tuples)
		s.WriteString(")")
		if m.Fold == source.FoldASCII && cols[0].Order == source.Folded && len(m.Fields[0].Path) == 0 {
			s.WriteString(" AND " + liteColumn(cols[0]) + " COLLATE NOCASE IN (")
			s.values(cols[0], m.Fields[0], tuples)
			s.WriteString(")")
		}
		return
	}
	op := " = "
	if m.NullSafe {
		op = " IS "
	}
	for i, tuple := range tuples {
		if i > 0 {
			s.WriteString(" OR ")
		}
		s.WriteString("(")
		for k, c := range cols {
			if k > 0 {
				s.WriteString(" AND ")
			}
			s.WriteString(s.left(c, m.Fields[k], source.Exact) + op + s.arg(liteKey(m.Fields[k], tuple[k])))
		}
		s.WriteString(")")
	}
}

// values lists the right side of IN. A column without a declared type compares numbers and
// texts as different things, and so does a document, so that both are asked for.
func (s *liteStatement) values(c *source.Column, f source.Field, tuples [][]source.Value) {
	loose := c.Class != source.ClassText && c.Class != source.ClassInt || len(f.Path) > 0 || f.List
	for i, tuple := range tuples {
		if i > 0 {
			s.WriteString(", ")
		}
		v := tuple[0]
		s.WriteString(s.arg(liteValue(v)))
		if n, err := strconv.ParseInt(v.Text(), 10, 64); loose && err == nil {
			s.WriteString(", " + s.arg(n))
		} else if x, err := strconv.ParseFloat(v.Text(), 64); loose && err == nil {
			s.WriteString(", " + s.arg(x))
		}
	}
}

// stream runs a question on the engine itself: a driver between would turn texts into times and
// numbers into truth values, and make an object of every value.
func (l *liteReader) stream(ctx context.Context, s *liteStatement, cols []*source.Column, q source.Query, fn func([]source.Value) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, l.s.timeout, &source.Error{Source: l.s.name, Code: source.TimedOut})
	defer cancel()
	return l.conn.Raw(func(c any) error {
		driver, ok := c.(sqlitedriver.Conn)
		if !ok {
			return &source.Error{Source: l.s.name, Code: source.Unsupported}
		}
		raw := driver.Raw()
		defer raw.SetInterrupt(raw.SetInterrupt(limited))
		stmt, _, err := raw.Prepare(s.String())
		if err != nil {
			return l.s.fail(limited, err)
		}
		defer stmt.Close()
		if err := bindAll(stmt, s.args); err != nil {
			return l.s.fail(limited, err)
		}
		return l.step(limited, stmt, cols, q, fn)
	})
}

func bindAll(stmt *sqlite3.Stmt, args []any) error {
	for i, a := range args {
		var err error
		switch v := a.(type) {
		case nil:
			err = stmt.BindNull(i + 1)
		case int64:
			err = stmt.BindInt64(i+1, v)
		case float64:
			err = stmt.BindFloat(i+1, v)
		case []byte:
			err = stmt.BindBlob(i+1, v)
		case string:
			err = stmt.BindText(i+1, v)
		default:
			err = fmt.Errorf("a parameter of type %T", a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// step gives the rows. The texts lie in the engine's memory until the next step.
func (l *liteReader) step(ctx context.Context, stmt *sqlite3.Stmt, cols []*source.Column, q source.Query, fn func([]source.Value) error) error {
	n := len(cols)
	if q.RowID {
		cols = append(slices.Clone(cols), &source.Column{})
		n++
	}
	row := make([]source.Value, n)
	for stmt.Step() {
		for i, c := range cols {
			row[i] = liteColumnValue(stmt, i, c, i < len(q.Fields) && len(q.Fields[i].Path) > 0)
		}
		// A value for which there was no room must not pass for an empty one.
		if err := stmt.Err(); err != nil {
			return l.s.fail(ctx, err)
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	if err := stmt.Err(); err != nil {
		return l.s.fail(ctx, err)
	}
	return contextError(ctx)
}

func (l *liteReader) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(source.Value, int64) error) error {
	m := &source.Match{Fields: []source.Field{f}, Tuples: tuplesOf(values)}
	cols, err := columns(l.s.name, t, m.Fields)
	if err != nil {
		return err
	}
	tuples := castTuples(m, cols, true)
	for len(tuples) > 0 {
		n := min(len(tuples), liteChunk)
		var s liteStatement
		if f.List {
			s.WriteString("SELECT e.value, count(*) FROM " + quoteTable(sqlbuilder.SQLite, t.Name) + " AS t, " + s.elements(cols[0], f) + " WHERE e.value IN (")
			s.values(cols[0], f, tuples[:n])
			s.WriteString(") GROUP BY 1")
		} else {
			s.WriteString("SELECT " + s.read(cols[0], f) + ", count(*) FROM " + quoteTable(sqlbuilder.SQLite, t.Name) + " AS t")
			s.where(m, cols, tuples[:n])
			s.WriteString(" GROUP BY 1")
		}
		both := source.Query{Fields: []source.Field{f, {}}}
		err := l.stream(ctx, &s, []*source.Column{cols[0], {}}, both, func(row []source.Value) error { return fn(row[0], row[1].Int) })
		if err != nil {
			return err
		}
		tuples = tuples[n:]
	}
	return nil
}
