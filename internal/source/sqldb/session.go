package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"mininfo/internal/source"
)

// server is a database that is reached by a driver of database/sql, under one dialect.
type server struct {
	*dialect
	name      string
	timeout   time.Duration
	connector driver.Connector
	overheard bool // see source.Remote
	// greet pins the settings of a new session, so that values read the same whatever the
	// account's own settings are. It gives the way to end what the session does, or nil.
	greet   func(ctx context.Context, l *session) (kill string, err error)
	inspect func(ctx context.Context, l *session) (*source.Schema, error)
	// snapshot and begin start the two sorts of transactions.
	snapshot, begin func(ctx context.Context, l *session) error
	rollback        string // "": ROLLBACK
	// written counts rows that a session wrote, triggers included; nil: the system does not tell.
	written func(ctx context.Context, l *session) (source.Effect, error)
}

// Overheard is source.Remote.
func (s *server) Overheard() bool { return s.overheard }

func (s *server) Name() string { return s.name }
func (s *server) Kind() string { return s.kind }
func (s *server) Close() error { return nil }

// fail turns a driver's error into one that may be logged.
func (s *server) fail(ctx context.Context, err error) error {
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
	out, ok := s.diagnose(err)
	if !ok {
		out.Code = source.Unreachable
	}
	out.Source = s.name
	return &out
}

// session is one connection with its prepared statements, used by one goroutine. It stands right
// on the driver: rows come as the driver reads them, without a copy.
type session struct {
	s     *server
	conn  driver.Conn
	stmts map[string]driver.Stmt
	kill  string
	cut   bool // ended in the middle of a statement
}

// keptStatements bounds what a session keeps prepared.
const keptStatements = 50

func (s *server) connect(ctx context.Context) (*session, error) {
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, err := s.connector.Connect(limited)
	if err != nil {
		if ctx.Err() == nil && limited.Err() != nil {
			return nil, &source.Error{Source: s.name, Code: source.Unreachable}
		}
		return nil, s.fail(ctx, err)
	}
	l := &session{s: s, conn: conn}
	if l.kill, err = s.greet(ctx, l); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// Close ends the session. A statement that was given up goes on in some systems, and holds its
// locks, until it is ended by name.
func (l *session) Close() error {
	l.forget()
	err := l.conn.Close()
	if l.cut && l.kill != "" {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if conn, err := l.s.connector.Connect(ctx); err == nil {
			other := &session{s: l.s, conn: conn}
			_ = other.do(ctx, l.kill)
			_ = conn.Close()
		}
	}
	return err
}

func (l *session) forget() {
	for text, stmt := range l.stmts {
		_ = stmt.Close()
		delete(l.stmts, text)
	}
}

// limit bounds the time of one statement. The systems that can do so themselves do it earlier.
func (l *session) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, l.s.timeout+2*time.Second, &source.Error{Source: l.s.name, Code: source.TimedOut})
}

// ended notes a failure of a statement.
func (l *session) ended(ctx context.Context, err error) error {
	l.cut = l.cut || ctx.Err() != nil
	return l.s.fail(ctx, err)
}

// do runs statements that have no parameters and no answer.
func (l *session) do(ctx context.Context, texts ...string) error {
	ctx, cancel := l.limit(ctx)
	defer cancel()
	for _, text := range texts {
		var err error
		if x, ok := l.conn.(driver.ExecerContext); ok {
			_, err = x.ExecContext(ctx, text, nil)
		} else {
			_, err = l.run(ctx, text, nil)
		}
		if err != nil {
			return l.ended(ctx, err)
		}
	}
	return nil
}

func (l *session) prepare(ctx context.Context, text string) (driver.Stmt, error) {
	if stmt := l.stmts[text]; stmt != nil {
		return stmt, nil
	}
	p, ok := l.conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, &source.Error{Source: l.s.name, Code: source.Unsupported}
	}
	stmt, err := p.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if l.stmts == nil {
		l.stmts = map[string]driver.Stmt{}
	}
	if len(l.stmts) >= keptStatements {
		l.forget()
	}
	l.stmts[text] = stmt
	return stmt, nil
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// query streams the rows of a statement. What is in a row is valid until fn returns.
func (l *session) query(ctx context.Context, text string, args []driver.Value, fn func(row []driver.Value) error) error {
	ctx, cancel := l.limit(ctx)
	defer cancel()
	stmt, err := l.prepare(ctx, text)
	if err != nil {
		return l.ended(ctx, err)
	}
	q, ok := stmt.(driver.StmtQueryContext)
	if !ok {
		return &source.Error{Source: l.s.name, Code: source.Unsupported}
	}
	rows, err := q.QueryContext(ctx, named(args))
	if err != nil {
		return l.ended(ctx, err)
	}
	row := make([]driver.Value, len(rows.Columns()))
	for {
		err := rows.Next(row)
		if err == io.EOF {
			break
		}
		if err != nil {
			_ = rows.Close()
			return l.ended(ctx, err)
		}
		if err := fn(row); err != nil {
			_ = rows.Close()
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return l.ended(ctx, err)
	}
	return l.ended(ctx, contextError(ctx))
}

// exec runs a statement and tells how many rows it wrote.
func (l *session) exec(ctx context.Context, text string, args []driver.Value) (n int64, err error) {
	if l.s.own != "" {
		err := l.query(ctx, text+l.s.own, args, func(row []driver.Value) error {
			n, _ = row[0].(int64)
			return nil
		})
		return n, err
	}
	ctx, cancel := l.limit(ctx)
	defer cancel()
	n, err = l.run(ctx, text, args)
	return n, l.ended(ctx, err)
}

func (l *session) run(ctx context.Context, text string, args []driver.Value) (int64, error) {
	stmt, err := l.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	x, ok := stmt.(driver.StmtExecContext)
	if !ok {
		return 0, &source.Error{Source: l.s.name, Code: source.Unsupported}
	}
	res, err := x.ExecContext(ctx, named(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Inspect reads the catalogue. Tables of the default schema come first.
func (s *server) Inspect(ctx context.Context) (*source.Schema, error) {
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return s.inspect(ctx, l)
}

// Snapshot opens one view of the whole system, on a connection of its own.
func (s *server) Snapshot(ctx context.Context) (source.Snapshot, error) {
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.snapshot(ctx, l); err != nil {
		_ = l.Close()
		return nil, err
	}
	return &reader{l}, nil
}

type reader struct{ *session }

func (r *reader) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return r.find(ctx, q, false, fn)
}

func (r *reader) find(ctx context.Context, q source.Query, lock bool, fn func([]source.Value) error) error {
	cols, err := columns(r.s.name, q.Table, q.Fields)
	if err != nil {
		return err
	}
	if q.Match == nil {
		return r.stream(ctx, r.s.find(q, cols, nil, nil, lock), cols, q, fn)
	}
	on, err := columns(r.s.name, q.Table, q.Match.Fields)
	if err != nil {
		return err
	}
	left := q.Limit
	for rest := castTuples(q.Match, on, lock || q.Match.NullSafe); len(rest) > 0; {
		n := min(len(rest), r.s.chunk(len(on)))
		seen := 0
		err := r.stream(ctx, r.s.find(q, cols, on, rest[:n], lock), cols, q, func(row []source.Value) error { seen++; return fn(row) })
		if err != nil {
			return err
		}
		if rest = rest[n:]; q.Limit > 0 {
			if left -= seen; left <= 0 {
				return nil
			}
			q.Limit = left
		}
	}
	return nil
}

// chunk tells how many keys go into one statement that has perKey parameters for each. Some are
// left for what else the statement has.
func (d *dialect) chunk(perKey int) int {
	if perKey == 1 {
		return min(d.keys, d.params-100)
	}
	return max(min(d.keys/2, (d.params-100)/perKey), 1)
}

func (r *reader) stream(ctx context.Context, s *statement, cols []*source.Column, q source.Query, fn func([]source.Value) error) error {
	n := len(cols)
	row := make([]source.Value, n, n+1)
	if q.RowID {
		row = row[:n+1]
	}
	return r.query(ctx, s.String(), s.args, func(raw []driver.Value) error {
		for i, c := range cols {
			row[i] = r.s.decode(raw[i], c, q.Fields[i])
		}
		if q.RowID {
			row[n] = r.s.decode(raw[n], &source.Column{}, source.Field{})
		}
		return fn(row)
	})
}

func (r *reader) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(source.Value, int64) error) error {
	m := &source.Match{Fields: []source.Field{f}, Tuples: tuplesOf(values)}
	cols, err := columns(r.s.name, t, m.Fields)
	if err != nil {
		return err
	}
	column := cols[0]
	if f.List {
		column = &source.Column{}
	}
	both := source.Query{Fields: []source.Field{{Path: f.Path}, {}}}
	if f.List {
		both.Fields[0].Path = nil
	}
	for rest := castTuples(m, cols, false); len(rest) > 0; {
		n := min(len(rest), r.s.chunk(1))
		err := r.stream(ctx, r.s.count(t, cols[0], m, rest[:n]), []*source.Column{column, {Class: source.ClassInt}}, both,
			func(row []source.Value) error { return fn(row[0], row[1].Int) })
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}
