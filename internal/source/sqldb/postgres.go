package sqldb

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/huandu/go-sqlbuilder"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"mininfo/internal/source"
)

// postgres is a PostgreSQL database, or one that speaks its protocol and has its catalogue.
// Rows are read in the text format of the protocol, which is exact for every type.
type postgres struct {
	name    string
	config  *pgx.ConnConfig
	timeout time.Duration
}

const defaultTimeout = 5 * time.Minute

// OpenPostgres connects a PostgreSQL database. The connection is made when it is first used.
func OpenPostgres(_ context.Context, c source.Config) (source.Source, error) {
	config, err := pgx.ParseConfig(c.DSN.Reveal())
	if err != nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	p := &postgres{name: c.Name, config: config, timeout: c.Timeout}
	if p.timeout == 0 {
		p.timeout = defaultTimeout
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 15 * time.Second
	}
	// Pinned, so that values read the same whatever the account's own settings are.
	for key, value := range map[string]string{"DateStyle": "ISO, YMD", "IntervalStyle": "iso_8601", "TimeZone": "UTC",
		"bytea_output": "hex", "extra_float_digits": "1", "application_name": "mininfo", "standard_conforming_strings": "on",
		"statement_timeout":                   strconv.FormatInt(p.timeout.Milliseconds(), 10),
		"idle_in_transaction_session_timeout": "0"} {
		config.RuntimeParams[key] = value
	}
	// One round trip for each question: most are asked once.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return p, nil
}

func (p *postgres) Name() string { return p.name }
func (p *postgres) Kind() string { return "postgres" }
func (p *postgres) Close() error { return nil }

// Overheard is source.Remote.
func (p *postgres) Overheard() bool { return PostgresOverheard(p.config) }

// PostgresOverheard tells whether a connection could go without TLS, or with a certificate that is not
// checked against the host's name, to another machine. The driver's default (sslmode=prefer) is such.
func PostgresOverheard(c *pgx.ConnConfig) bool {
	unsafe := func(host string, t *tls.Config) bool { return !nearby(host) && (t == nil || t.InsecureSkipVerify) }
	return unsafe(c.Host, c.TLSConfig) ||
		slices.ContainsFunc(c.Fallbacks, func(f *pgconn.FallbackConfig) bool { return unsafe(f.Host, f.TLSConfig) })
}

// nearby tells whether a host is this machine: a socket or the loopback.
func nearby(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback()
}

func (p *postgres) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return nil, p.fail(ctx, err)
	}
	// Questions to the catalogue look dear to the planner, and compiling them takes longer than
	// answering. A system that knows no such setting does not compile.
	_, _ = conn.Exec(ctx, "SET jit = off")
	return conn, nil
}

// fail turns a driver's error into one that may be logged.
func (p *postgres) fail(ctx context.Context, err error) error {
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
	out := &source.Error{Source: p.name, Code: source.Unreachable}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return out
	}
	out.State, out.Constraint, out.Table = pg.Code, pg.ConstraintName, pg.TableName
	out.Code = pgCode(pg.Code)
	return out
}

func pgCode(state string) source.Code {
	switch state {
	case "42501", "28000", "28P01":
		return source.Denied
	case "57014":
		return source.TimedOut
	case "42P01", "42703", "3F000", "3D000":
		return source.Missing
	case "55P03", "40001", "40P01":
		return source.Locked
	}
	switch {
	case strings.HasPrefix(state, "23"):
		return source.Constraint
	case strings.HasPrefix(state, "22"):
		return source.BadType
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57"), strings.HasPrefix(state, "53"):
		return source.Unreachable
	}
	return source.FailedSystem
}

// noHiddenRows makes a table whose rules of row-level security would hide rows from the account
// an error: hidden rows would pass for rows that are not there.
const noHiddenRows = "SET LOCAL row_security = off"

// Snapshot opens a repeatable-read, read-only transaction on a connection of its own.
func (p *postgres) Snapshot(ctx context.Context) (source.Snapshot, error) {
	conn, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	r := &pgReader{p: p, conn: conn}
	// The view is taken by the first statement that reads.
	if r.exported, err = r.begin(ctx, "SELECT pg_export_snapshot()"); err != nil {
		// Not every system that speaks the protocol has that, nor every account.
		r.exported = ""
		_, err = r.begin(ctx, "SELECT 1")
	}
	if err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, p.fail(ctx, err)
	}
	return r, nil
}

// begin starts the transaction, anew if it has begun already, with a statement whose answer it gives.
func (r *pgReader) begin(ctx context.Context, first string) (string, error) {
	text := "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; " + first + "; " + noHiddenRows
	if r.conn.PgConn().TxStatus() != 'I' {
		text = "ROLLBACK; " + text
	}
	results, err := r.conn.PgConn().Exec(ctx, text).ReadAll()
	if err != nil {
		return "", err
	}
	for _, result := range results {
		if len(result.Rows) > 0 {
			return string(result.Rows[0][0]), nil
		}
	}
	return "", nil
}

type pgReader struct {
	p        *postgres
	conn     *pgx.Conn
	exported string // the name of the moment; "": it has none
}

// Beside opens a transaction that sees the same moment.
func (r *pgReader) Beside(ctx context.Context) (source.Snapshot, error) {
	if r.exported == "" {
		return nil, &source.Error{Source: r.p.name, Code: source.Unsupported}
	}
	conn, err := r.p.connect(ctx)
	if err != nil {
		return nil, err
	}
	other := &pgReader{p: r.p, conn: conn}
	if _, err := other.begin(ctx, "SET TRANSACTION SNAPSHOT '"+strings.ReplaceAll(r.exported, "'", "''")+"'"); err != nil {
		_ = conn.Close(context.WithoutCancel(ctx))
		return nil, r.p.fail(ctx, err)
	}
	return other, nil
}

func (r *pgReader) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return r.conn.Close(ctx)
}

// pgStatement collects a statement and its parameters.
type pgStatement struct {
	strings.Builder
	args []any
}

func (s *pgStatement) arg(v any) string {
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

func pgColumn(c *source.Column) string { return "t." + quote(sqlbuilder.PostgreSQL, c.Name) }

// pgPath writes the place inside a document as a text array parameter.
func (s *pgStatement) path(c *source.Column, f source.Field, op string) string {
	return "(" + pgColumn(c) + "::jsonb " + op + " " + s.arg(f.Path) + "::text[])"
}

// all writes the list of what stands at a place inside every document of a list. A path in "lax"
// mode looks into the elements of a list wherever it meets one.
func (s *pgStatement) all(c *source.Column, f source.Field) string {
	path := []byte("lax $")
	for _, p := range f.Path {
		path = source.AppendJSONString(append(path, '.'), p)
	}
	return "jsonb_path_query_array(" + pgColumn(c) + "::jsonb, (" + s.arg(string(path)+"[*]") + "::text)::jsonpath)"
}

// read writes the expression that a field is selected by.
func (s *pgStatement) read(c *source.Column, f source.Field) string {
	switch {
	case len(f.Each) > 0:
		return s.all(c, f) + "::text"
	case len(f.Path) > 0:
		return s.path(c, f, "#>") + "::text"
	case c.Class == source.ClassArray:
		return "to_json(" + pgColumn(c) + ")::text"
	case c.Class == source.ClassOther:
		return pgColumn(c) + "::text"
	}
	return pgColumn(c)
}

// cut bounds what is read of one value.
func (s *pgStatement) cut(expression string, c *source.Column, most int) string {
	switch {
	case most == 0:
		return expression
	case c.Class == source.ClassText || c.Class == source.ClassOther || c.Class == source.ClassJSON || c.Class == source.ClassArray:
		return "left((" + expression + ")::text, " + strconv.Itoa(most) + ")"
	}
	return expression
}

// pgDecode reads the text format of a column. The text of the value lies in raw, which the
// connection uses again for the next row: see Snapshot.Find.
func pgDecode(raw []byte, c *source.Column, f source.Field) source.Value {
	if raw == nil {
		return source.Value{}
	}
	if c.Class == source.ClassTime && len(f.Path) == 0 {
		raw = isoTime(raw, c.HasZone)
	}
	s := unsafe.String(unsafe.SliceData(raw), len(raw))
	if len(f.Path) > 0 {
		return source.FromJSON(s)
	}
	if len(s) == 0 {
		return emptyOf(c)
	}
	switch c.Class {
	case source.ClassInt:
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return source.IntOf(i)
		}
	case source.ClassFloat:
		if x, err := strconv.ParseFloat(s, 64); err == nil {
			return source.FloatOf(x)
		}
	case source.ClassDecimal:
		return source.Value{Kind: source.Decimal, Str: s}
	case source.ClassBool:
		return source.BoolOf(s == "t" || s == "true")
	case source.ClassBytes:
		return source.Value{Kind: source.Bytes, Str: unhex(s)}
	case source.ClassDate:
		return source.Value{Kind: source.Date, Str: s}
	case source.ClassTime:
		return source.Value{Kind: source.Time, Str: s}
	case source.ClassJSON, source.ClassArray:
		return source.Value{Kind: source.JSON, Str: s}
	}
	return source.TextOf(s)
}

// emptyOf gives the value of a column that holds no characters.
func emptyOf(c *source.Column) source.Value {
	if c.Class == source.ClassBytes {
		return source.Value{Kind: source.Bytes}
	}
	return source.TextOf("")
}

// isoTime turns "2026-01-02 03:04:05.6+00" into "2026-01-02T03:04:05.6Z", in place.
func isoTime(raw []byte, zone bool) []byte {
	if at := bytes.IndexByte(raw, ' '); at >= 0 {
		raw[at] = 'T'
	}
	if n := len(raw); zone && n > 3 && string(raw[n-3:]) == "+00" {
		raw[n-3] = 'Z'
		raw = raw[:n-2]
	}
	return raw
}

func unhex(s string) string {
	s = strings.TrimPrefix(s, `\x`)
	out := make([]byte, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		b, err := strconv.ParseUint(s[i:i+2], 16, 8)
		if err != nil {
			return s
		}
		out = append(out, byte(b))
	}
	return string(out)
}

// pgText writes a value as PostgreSQL reads it from text.
func pgText(v source.Value) *string {
	if v.IsNull() {
		return nil
	}
	s := v.Text()
	if v.Kind == source.Bytes {
		s = fmt.Sprintf(`\x%x`, v.Str)
	}
	return &s
}

// listType is the element type that a list of values for a column is sent as.
func listType(c *source.Column) string {
	switch c.Class {
	case source.ClassInt:
		if c.Type == "integer" {
			return c.Type // of one type both sides can be looked up by their hashes
		}
		return "bigint"
	case source.ClassFloat:
		return "float8"
	case source.ClassDecimal:
		return "numeric"
	case source.ClassBool:
		return "boolean"
	case source.ClassBytes:
		return "bytea"
	case source.ClassDate:
		return "date"
	case source.ClassUUID:
		return "uuid"
	case source.ClassTime:
		return c.Type
	}
	return "text"
}

// list sends one column of tuples as an array.
func (s *pgStatement) list(tuples [][]source.Value, at int, elem string) string {
	if (elem == "bigint" || elem == "integer") && noNulls(tuples, at) {
		ints := make([]int64, len(tuples))
		for i, t := range tuples {
			ints[i] = t[at].Int
			if int64(int32(ints[i])) != ints[i] {
				elem = "bigint"
			}
		}
		return s.arg(ints) + "::" + elem + "[]"
	}
	texts := make([]*string, len(tuples))
	for i, t := range tuples {
		texts[i] = pgText(t[at])
	}
	if elem == "text" {
		return s.arg(texts) + "::text[]"
	}
	return s.arg(texts) + "::text[]::" + elem + "[]"
}

func noNulls(tuples [][]source.Value, at int) bool {
	for _, t := range tuples {
		if t[at].Kind != source.Int {
			return false
		}
	}
	return true
}

// compare writes the left side of a comparison and the element type of the right one.
func (s *pgStatement) compare(c *source.Column, f source.Field, fold source.Fold) (left, elem string) {
	text := pgColumn(c) + "::text"
	if len(f.Path) > 0 {
		text = s.path(c, f, "#>>")
	}
	switch {
	case fold == source.FoldASCII:
		// In the collation "C" only A–Z have another case: no letter of another alphabet is folded.
		return "lower(" + text + ` COLLATE "C")`, "text"
	case fold == source.FoldDigits:
		return "regexp_replace(" + text + ", '[^0-9]', '', 'g')", "text"
	case len(f.Path) > 0, c.Class == source.ClassOther, c.Class == source.ClassJSON, len(c.Enum) > 0:
		return text, "text"
	}
	return pgColumn(c), listType(c)
}

// where writes the condition of a match; tuples are cast already.
func (s *pgStatement) where(m *source.Match, cols []*source.Column, tuples [][]source.Value) {
	if len(m.Fields) == 1 && !m.NullSafe {
		c, f := cols[0], m.Fields[0]
		if c.Class == source.ClassArray && len(f.Path) == 0 || f.List {
			s.inArray(c, f, m.Fold, tuples)
			return
		}
		left, elem := s.compare(c, f, m.Fold)
		list := s.list(tuples, 0, elem)
		s.WriteString(" WHERE " + left + " = ANY(" + list + ")")
		if m.Fold == source.FoldASCII && len(f.Path) == 0 {
			s.narrow(c, list, tuples)
		}
		return
	}
	s.WriteString(" WHERE EXISTS (SELECT 1 FROM " + s.keyTable(cols, m, tuples) + " WHERE " + s.keyJoin(cols, m) + ")")
}

// narrow adds to a comparison without regard to case what an index can answer, or what costs
// less than folding every value: none of the spellings is lost by it.
func (s *pgStatement) narrow(c *source.Column, list string, tuples [][]source.Value) {
	switch {
	case c.Order == source.Folded:
		s.WriteString(" AND " + pgColumn(c) + " = ANY(" + list + "::" + c.Type + "[])")
	case c.Order == source.ByLetters && len(tuples) <= 10 && !slices.ContainsFunc(tuples, oneLetter):
		for i, t := range tuples {
			small, large := s.arg(t[0].Text())+"::text", s.arg(upperASCII(t[0].Text()))+"::text"
			s.WriteString([]string{" AND (", " OR "}[min(i, 1)])
			// Whichever of the two comes first in the column's order.
			s.WriteString(pgColumn(c) + " BETWEEN SYMMETRIC " + small + " AND " + large)
		}
		s.WriteString(")")
	default:
		lengths := make([]int32, len(tuples))
		for i, t := range tuples {
			lengths[i] = int32(len(t[0].Text()))
		}
		s.WriteString(" AND octet_length(" + pgColumn(c) + "::text) = ANY(" + s.arg(lengths) + "::int[])")
	}
}

// oneLetter tells whether a text has two letters that some languages take for one.
func oneLetter(t []source.Value) bool { return strings.Contains(t[0].Text(), "aa") }

// inArray finds rows one of whose elements equals a value.
func (s *pgStatement) inArray(c *source.Column, f source.Field, fold source.Fold, tuples [][]source.Value) {
	from := s.elements(c, f)
	elem := "e::text"
	switch fold {
	case source.FoldASCII:
		elem = `lower(e::text COLLATE "C")`
	case source.FoldDigits:
		elem = "regexp_replace(e::text, '[^0-9]', '', 'g')"
	}
	s.WriteString(" WHERE EXISTS (SELECT 1 FROM " + from + " AS e WHERE " + elem + " = ANY(" + s.list(tuples, 0, "text") + "))")
}

// elements writes the set of the elements of a list. One value of a document that is no list is a list of one.
func (s *pgStatement) elements(c *source.Column, f source.Field) string {
	from := "unnest(" + pgColumn(c) + ")"
	if f.List {
		doc := pgColumn(c) + "::jsonb"
		switch {
		case len(f.Each) > 0:
			doc = s.all(c, f)
		case len(f.Path) > 0:
			doc = s.path(c, f, "#>")
		}
		from = "jsonb_array_elements_text(CASE jsonb_typeof(" + doc + ") WHEN 'array' THEN " + doc + " ELSE jsonb_build_array(" + doc + ") END)"
	}
	return from
}

// keyTable makes a table k of the tuples: k0, k1, …
func (s *pgStatement) keyTable(cols []*source.Column, m *source.Match, tuples [][]source.Value) string {
	lists, names := make([]string, len(cols)), make([]string, len(cols))
	for i, c := range cols {
		elem := listType(c)
		if m.NullSafe || len(m.Fields[i].Path) > 0 || c.Class == source.ClassOther || len(c.Enum) > 0 {
			elem = "text"
		}
		lists[i], names[i] = s.list(tuples, i, elem), "k"+strconv.Itoa(i)
	}
	return "unnest(" + strings.Join(lists, ", ") + ") AS k(" + strings.Join(names, ", ") + ")"
}

// keyJoin compares the table's rows with k. Null-safe keys are compared by their text, in the
// system's own writing on both sides, so that types without equality work and a hash join does.
func (s *pgStatement) keyJoin(cols []*source.Column, m *source.Match) string {
	parts := make([]string, len(cols))
	for i, c := range cols {
		left, right := pgColumn(c), "k.k"+strconv.Itoa(i)
		if !m.NullSafe {
			if len(m.Fields[i].Path) > 0 || c.Class == source.ClassOther || len(c.Enum) > 0 {
				left, _ = s.compare(c, m.Fields[i], source.Exact)
			}
			parts[i] = left + " = " + right
			continue
		}
		text := left + "::text"
		canonical := "(" + right + "::" + c.Type + ")::text"
		switch {
		case len(m.Fields[i].Path) > 0:
			text, canonical = s.path(c, m.Fields[i], "#>>"), right
		case c.Class == source.ClassArray:
			text, canonical = "to_json("+left+")::text", right
		}
		parts[i] = "coalesce(" + text + ", '') = coalesce(" + canonical + ", '') AND (" + text + " IS NULL) = (" + right + " IS NULL)"
	}
	return strings.Join(parts, " AND ")
}

func (r *pgReader) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	return r.find(ctx, q, "", fn)
}

func (r *pgReader) find(ctx context.Context, q source.Query, suffix string, fn func([]source.Value) error) error {
	cols, err := columns(r.p.name, q.Table, q.Fields)
	if err != nil {
		return err
	}
	var s pgStatement
	s.WriteString("SELECT ")
	for i, c := range cols {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(s.cut(s.read(c, q.Fields[i]), c, q.Cut))
	}
	if q.RowID {
		if len(cols) > 0 {
			s.WriteString(", ")
		}
		s.WriteString(pgRowID(q.Table))
	}
	s.WriteString(" FROM " + quoteTable(sqlbuilder.PostgreSQL, q.Table.Name) + " AS t")
	if q.Match != nil {
		on, err := columns(r.p.name, q.Table, q.Match.Fields)
		if err != nil {
			return err
		}
		match, err := stored(q.Match, on[0], func(from string) (string, bool, error) { return r.seek(ctx, q.Table, on[0], from) })
		if err != nil {
			return err
		}
		tuples := castTuples(match, on, false)
		if len(tuples) == 0 {
			return nil
		}
		s.where(match, on, tuples)
	}
	if q.Limit > 0 {
		s.WriteString(" LIMIT " + strconv.Itoa(q.Limit))
	}
	s.WriteString(suffix)
	return r.stream(ctx, &s, cols, q, fn)
}

// seek gives the first value of a column that is not before a text.
func (r *pgReader) seek(ctx context.Context, t *source.Table, c *source.Column, from string) (found string, ok bool, err error) {
	var s pgStatement
	s.WriteString("SELECT " + pgColumn(c) + " FROM " + quoteTable(sqlbuilder.PostgreSQL, t.Name) + " AS t WHERE " + pgColumn(c) + " >= " + s.arg(from) + "::text ORDER BY 1 LIMIT 1")
	q := source.Query{Fields: []source.Field{{Column: c.Name}}}
	err = r.stream(ctx, &s, []*source.Column{c}, q, func(row []source.Value) error {
		found, ok = strings.Clone(row[0].Str), true
		return nil
	})
	return found, ok, err
}

func pgRowID(t *source.Table) string {
	if t.RowID == "" {
		return "NULL::text"
	}
	return t.RowID
}

func (r *pgReader) stream(ctx context.Context, s *pgStatement, cols []*source.Column, q source.Query, fn func([]source.Value) error) error {
	args := append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, s.args...)
	rows, err := r.conn.Query(ctx, s.String(), args...)
	if err != nil {
		return r.p.fail(ctx, err)
	}
	defer rows.Close()
	n := len(cols)
	if q.RowID {
		n++
	}
	row := make([]source.Value, n)
	for rows.Next() {
		raw := rows.RawValues()
		for i, c := range cols {
			row[i] = pgDecode(raw[i], c, q.Fields[i])
		}
		if q.RowID {
			row[n-1] = pgDecode(raw[n-1], &source.Column{}, source.Field{})
		}
		if err := fn(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return r.p.fail(ctx, err)
	}
	return contextError(ctx)
}

func (r *pgReader) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(source.Value, int64) error) error {
	m := &source.Match{Fields: []source.Field{f}, Tuples: tuplesOf(values)}
	cols, err := columns(r.p.name, t, m.Fields)
	if err != nil {
		return err
	}
	tuples := castTuples(m, cols, false)
	if len(tuples) == 0 {
		return nil
	}
	var s pgStatement
	column := *cols[0]
	if column.Class == source.ClassArray && len(f.Path) == 0 || f.List {
		if column.Class = source.ClassText; !f.List {
			column.Class = column.Elem
		}
		s.WriteString("SELECT e::text, count(*) FROM " + quoteTable(sqlbuilder.PostgreSQL, t.Name) + " AS t, " + s.elements(cols[0], f) + " AS e")
		f.Path, f.Each = nil, nil // what comes back is an element
		s.WriteString(" WHERE e::text = ANY(" + s.list(tuples, 0, "text") + ") GROUP BY 1")
	} else {
		s.WriteString("SELECT " + s.read(cols[0], f) + ", count(*) FROM " + quoteTable(sqlbuilder.PostgreSQL, t.Name) + " AS t")
		s.where(m, cols, tuples)
		s.WriteString(" GROUP BY 1")
	}
	counter := &source.Column{Class: source.ClassInt}
	both := source.Query{Fields: []source.Field{f, {}}}
	return r.stream(ctx, &s, []*source.Column{&column, counter}, both, func(row []source.Value) error {
		return fn(row[0], row[1].Int)
	})
}

func tuplesOf(values []source.Value) [][]source.Value {
	out := make([][]source.Value, len(values))
	for i := range values {
		out[i] = values[i : i+1 : i+1]
	}
	return out
}
