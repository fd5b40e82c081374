package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"
	mssql "github.com/microsoft/go-mssqldb"

	"mininfo/internal/source"
)

// sqlServerDialect is that of Microsoft SQL Server, from 2016. Times, numbers with digits behind
// the point and identifiers are read as texts, which are exact.
var sqlServerDialect = dialect{
	kind:   "sqlserver",
	flavor: sqlbuilder.SQLServer,
	param:  func(n int) string { return "@p" + strconv.Itoa(n) },
	keys:   500,
	params: 2_000,
	top:    true,
	hint:   " WITH (UPDLOCK, ROWLOCK)",
	from:   true,
	found:  true,
	own:    "; SELECT CAST(@@ROWCOUNT AS bigint)",

	read: msRead, left: msLeft, right: msRight, same: msSame,
	list: msList, listed: func(fold source.Fold) string { return msFold("j.e COLLATE Latin1_General_BIN2", fold) },
	grouped: msGrouped, assign: msAssign, place: msPlace,
	decode: msDecode, diagnose: msDiagnose,
}

// OpenSQLServer connects a database of a Microsoft SQL Server:
// sqlserver://user:password@host:1433?database=name, with ?encrypt=, ?trustservercertificate=,
// ?certificate= and ?hostnameincertificate= as its other programs have them. The connection is
// made when it is first used.
func OpenSQLServer(_ context.Context, c source.Config) (source.Source, error) {
	dsn, ok := msAddress(c.DSN.Reveal())
	if !ok {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	connector, err := mssql.NewConnector(dsn)
	if err != nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	s := newSQLServer(c, connector)
	s.overheard = msOverheard(dsn)
	return s, nil
}

func msOverheard(dsn string) bool {
	u, err := url.Parse(dsn)
	if err != nil {
		return true
	}
	trusting, _ := strconv.ParseBool(u.Query().Get("trustservercertificate"))
	encrypt := strings.ToLower(u.Query().Get("encrypt"))
	return !nearby(u.Hostname()) && (trusting || encrypt != "true" && encrypt != "strict" && encrypt != "mandatory" && encrypt != "yes" && encrypt != "1")
}

func newSQLServer(c source.Config, connector driver.Connector) *server {
	s := &server{dialect: &sqlServerDialect, name: c.Name, timeout: c.Timeout, connector: connector, inspect: msInspect, greet: msGreet,
		snapshot: msSnapshot,
		begin: func(ctx context.Context, l *session) error {
			return l.do(ctx, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "BEGIN TRANSACTION")
		},
		// A statement that failed has ended the transaction already.
		rollback: "IF @@TRANCOUNT > 0 ROLLBACK"}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	return s
}

// msAddress looks over a connection string. Other settings than these could have the driver
// write what it sends and gets into a log.
func msAddress(dsn string) (string, bool) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "sqlserver" && u.Scheme != "mssql" || u.User == nil || u.Hostname() == "" {
		return "", false
	}
	q, known := u.Query(), url.Values{}
	for name, values := range q {
		switch strings.ToLower(name) {
		case "database", "encrypt", "trustservercertificate", "certificate", "hostnameincertificate":
			known.Set(strings.ToLower(name), values[0])
		default:
			return "", false
		}
	}
	if known.Get("encrypt") == "" {
		known.Set("encrypt", "true")
	}
	known.Set("app name", "mininfo")
	known.Set("dial timeout", "15")
	u.Scheme, u.RawQuery = "sqlserver", known.Encode()
	return u.String(), known.Get("database") != "" && u.User.Username() != ""
}

// msGreet pins what statements mean. An error ends the whole transaction. A statement that waits
// for somebody else's lock gives up before people do.
func msGreet(ctx context.Context, l *session) (string, error) {
	return "", l.do(ctx, "SET ANSI_NULLS, ANSI_WARNINGS, ANSI_PADDING, QUOTED_IDENTIFIER, ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT, NOCOUNT ON; "+
		"SET DATEFORMAT ymd; SET LOCK_TIMEOUT 30000; SET TEXTSIZE 2147483647")
}

// msSnapshot reads from one moment where the database keeps versions of rows. Where it does not,
// what was read is kept from changing until the end.
func msSnapshot(ctx context.Context, l *session) error {
	level := "REPEATABLE READ"
	err := l.query(ctx, "SELECT CAST(snapshot_isolation_state AS int) FROM sys.databases WHERE database_id = DB_ID()", nil, func(row []driver.Value) error {
		if asText(row[0]) == "1" {
			level = "SNAPSHOT"
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := l.do(ctx, "SET TRANSACTION ISOLATION LEVEL "+level, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	// The moment is that of the first statement that reads.
	return l.query(ctx, "SELECT TOP (1) object_id FROM sys.objects", nil, func([]driver.Value) error { return nil })
}

// base is the name of a type without its length.
func base(c *source.Column) string {
	name, _, _ := strings.Cut(c.Type, "(")
	return name
}

// msRead selects a field.
func msRead(s *statement, c *source.Column, f source.Field) string {
	column := s.column(c)
	if len(f.Path) > 0 {
		return msExtract(s, c, f.Path)
	}
	switch base(c) {
	case "char", "nchar":
		// The blanks that fill a text of fixed length are no part of it.
		return "RTRIM(" + column + ")"
	case "text", "ntext", "xml":
		return "CONVERT(nvarchar(max), " + column + ")"
	case "sql_variant":
		return "CONVERT(nvarchar(4000), " + column + ")"
	case "geography", "geometry", "hierarchyid":
		return column + ".ToString()"
	case "image":
		return "CONVERT(varbinary(max), " + column + ")"
	case "uniqueidentifier":
		return "LOWER(CONVERT(char(36), " + column + "))"
	case "decimal", "numeric":
		return "CONVERT(varchar(50), " + column + ")"
	case "money", "smallmoney":
		return "CONVERT(varchar(50), " + column + ", 2)"
	case "date":
		return "CONVERT(char(10), " + column + ", 23)"
	case "time":
		return "CONVERT(varchar(16), " + column + ")"
	case "datetime", "smalldatetime", "datetime2":
		return "CONVERT(varchar(33), CONVERT(datetime2, " + column + "), 126)"
	case "datetimeoffset":
		return "CONVERT(varchar(33), CONVERT(datetime2, SWITCHOFFSET(" + column + ", '+00:00')), 126)"
	}
	return column
}

// msExtract takes what is at a place of a document, as text.
func msExtract(s *statement, c *source.Column, path []string) string {
	column, at := s.column(c), s.arg(jsonPath(path))
	return "CASE WHEN ISJSON(" + column + ") = 1 THEN COALESCE(JSON_QUERY(" + column + ", " + at + "), JSON_VALUE(" + column + ", " + at + ")) END"
}

func msText(c *source.Column, f source.Field) bool {
	return len(f.Path) > 0 || c.Class == source.ClassOther || c.Class == source.ClassJSON || c.Class == source.ClassUUID
}

func msLeft(s *statement, c *source.Column, f source.Field, fold source.Fold) string {
	switch {
	case fold == source.FoldASCII && len(f.Path) == 0 && c.Class == source.ClassText && foldsCase(c.Collation) && base(c) != "text" && base(c) != "ntext":
		// The collation finds more than these letters, and an index helps. What comes back is
		// compared again.
		return s.column(c)
	case fold != source.Exact:
		return msFold("CONVERT(nvarchar(4000), "+msRead(s, c, f)+") COLLATE Latin1_General_BIN2", fold)
	case c.Class == source.ClassUUID && len(f.Path) == 0:
		return s.column(c)
	case msText(c, f), base(c) == "text", base(c) == "ntext", base(c) == "image":
		return msRead(s, c, f)
	}
	return s.column(c)
}

// foldsCase tells whether A and a are one letter under a collation. In Turkish they are not always.
func foldsCase(collation string) bool {
	return strings.Contains(collation, "_CI_") && !strings.HasPrefix(collation, "Turkish") && !strings.HasPrefix(collation, "Azeri")
}

// msFold folds A–Z alone, or keeps digits alone as far as people write telephone numbers.
func msFold(text string, fold source.Fold) string {
	switch fold {
	case source.FoldASCII:
		return "LOWER(" + text + ")"
	case source.FoldDigits:
		for _, c := range []string{" ", "-", "(", ")", "+", ".", "/", "\u00a0"} {
			text = "REPLACE(" + text + ", N'" + c + "', N'')"
		}
	}
	return text
}

func msRight(s *statement, c *source.Column, f source.Field, fold source.Fold, v source.Value) string {
	kind := base(c)
	switch {
	case fold != source.Exact, msText(c, f):
		return s.arg(v.Text())
	case kind == "varchar" || kind == "char":
		// In the column's own kind of text an index helps.
		return "CONVERT(varchar(8000), " + s.arg(v.Text()) + ")"
	case v.Kind == source.Decimal:
		return msDecimal(s, v.Str)
	case kind == "real":
		return "CONVERT(real, " + s.arg(msValue(c, v)) + ")"
	case c.Class == source.ClassDate:
		return "CONVERT(date, " + s.arg(msValue(c, v)) + ", 23)"
	case kind == "time":
		return "CONVERT(time, " + s.arg(msValue(c, v)) + ")"
	case kind == "datetimeoffset":
		return "CONVERT(datetimeoffset, " + s.arg(msValue(c, v)) + ", 126)"
	case c.Class == source.ClassTime:
		return "CONVERT(datetime2, " + s.arg(msValue(c, v)) + ", 126)"
	}
	return s.arg(msValue(c, v))
}

// msDecimal writes a number with all its digits.
func msDecimal(s *statement, digits string) string {
	_, behind, _ := strings.Cut(digits, ".")
	if strings.ContainsAny(digits, "eE") {
		return "CONVERT(float, " + s.arg(digits) + ")"
	}
	return "CONVERT(decimal(38, " + strconv.Itoa(min(len(behind), 38)) + "), " + s.arg(digits) + ")"
}

// msSame compares texts by their bytes: a row that has no key is named by all that it holds.
func msSame(s *statement, c *source.Column, f source.Field, v source.Value) string {
	switch {
	case v.IsNull() && len(f.Path) > 0:
		return "(" + msExtract(s, c, f.Path) + ") IS NULL"
	case v.IsNull():
		return s.column(c) + " IS NULL"
	case msText(c, f), c.Class == source.ClassText:
		left := msRead(s, c, f)
		return "CONVERT(varbinary(max), CONVERT(nvarchar(max), " + left + ")) = CONVERT(varbinary(max), CONVERT(nvarchar(max), " + s.arg(v.Text()) + "))"
	}
	left := msLeft(s, c, f, source.Exact)
	return left + " = " + msRight(s, c, f, source.Exact, v)
}

// msList: one value that is no list is a list of one.
func msList(s *statement, c *source.Column, f source.Field) string {
	column, at := s.column(c), s.arg(jsonPath(f.Path))
	value := "JSON_VALUE(" + column + ", " + at + ")"
	return "(SELECT [value] AS e FROM OPENJSON(CASE WHEN ISJSON(" + column + ") = 1 THEN COALESCE(JSON_QUERY(" + column + ", " + at +
		"), CASE WHEN " + value + " IS NOT NULL THEN CONCAT('[\"', STRING_ESCAPE(" + value + ", 'json'), '\"]') END) END)) AS j"
}

func msGrouped(c *source.Column, expression string) string {
	if c.Class == source.ClassText {
		return "CONVERT(nvarchar(4000), " + expression + ") COLLATE Latin1_General_BIN2"
	}
	return expression
}

// msAssign writes a new value. Null has no type of its own in a parameter of this driver's.
func msAssign(s *statement, c *source.Column, v source.Value) string {
	v = castTo(c, v)
	switch {
	case v.IsNull():
		return "NULL"
	case c.Class == source.ClassText, c.Class == source.ClassJSON, c.Class == source.ClassOther, c.Class == source.ClassUUID:
		return s.arg(v.Text())
	}
	return msRight(s, c, source.Field{}, source.Exact, v)
}

func msPlace(s *statement, c *source.Column, sets []placed) string {
	column := s.column(c)
	out := column
	for _, set := range sets {
		path := jsonPath(set.path)
		at, strict := s.arg(path), s.arg("strict "+path)
		there := "(JSON_VALUE(" + column + ", " + at + ") IS NOT NULL OR JSON_QUERY(" + column + ", " + at + ") IS NOT NULL)"
		out = "CASE WHEN " + there + " THEN JSON_MODIFY(" + out + ", " + strict + ", " + set.value(s, func(v source.Value) string { return msJSON(s, v) }) + ") ELSE " + out + " END"
	}
	return out
}

// msJSON writes a value so that it becomes the same kind of value in a document.
func msJSON(s *statement, v source.Value) string {
	switch v.Kind {
	case source.Null:
		return "NULL"
	case source.Bool:
		return "CONVERT(bit, " + s.arg(v.Int) + ")"
	case source.Int:
		return s.arg(v.Int)
	case source.Float:
		return s.arg(v.Float)
	case source.Decimal:
		return msDecimal(s, v.Str)
	case source.JSON:
		return "JSON_QUERY(" + s.arg(v.Str) + ")"
	}
	return s.arg(v.Text())
}

// msValue gives a parameter.
func msValue(c *source.Column, v source.Value) driver.Value {
	switch v.Kind {
	case source.Bool, source.Int:
		return v.Int
	case source.Float:
		return v.Float
	case source.Bytes:
		return []byte(v.Str)
	case source.Time:
		if base(c) == "time" {
			return v.Str
		}
		return strings.Replace(plainTime(v.Str, c.HasZone), " ", "T", 1)
	}
	return v.Str
}

func msDecode(raw driver.Value, c *source.Column, f source.Field) source.Value {
	switch v := raw.(type) {
	case nil:
		return source.Value{}
	case int64:
		return source.IntOf(v)
	case bool:
		return source.BoolOf(v)
	case float64:
		if base(c) == "real" {
			return myDecode(float32(v), c, f)
		}
		return source.FloatOf(v)
	}
	s := asText(raw)
	if len(f.Path) > 0 {
		if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
			return source.FromJSON(s)
		}
		return source.TextOf(s)
	}
	switch c.Class {
	case source.ClassDecimal:
		return source.Value{Kind: source.Decimal, Str: s}
	case source.ClassBytes:
		return source.Value{Kind: source.Bytes, Str: s}
	case source.ClassDate:
		return source.Value{Kind: source.Date, Str: s}
	case source.ClassTime:
		return source.Value{Kind: source.Time, Str: isoClock(s, c.HasZone)}
	case source.ClassJSON:
		return source.Value{Kind: source.JSON, Str: s}
	}
	return source.TextOf(s)
}

// The places in messages where a rule's name stands. What else such a message says quotes rows.
var msConstraints = map[int32]*regexp.Regexp{
	547:  regexp.MustCompile(`^The [A-Z]+ statement conflicted with the [A-Z ]+ constraint "([^"]*)"`),
	515:  regexp.MustCompile(`^Cannot insert the value NULL into column '([^']*)'`),
	2601: regexp.MustCompile(`^Cannot insert duplicate key row in object '[^']*' with unique index '([^']*)'`),
	2627: regexp.MustCompile(`^Violation of [A-Z ]+ constraint '([^']*)'`),
}

func msDiagnose(err error) (source.Error, bool) {
	var e mssql.Error
	if !errors.As(err, &e) {
		return source.Error{}, false
	}
	// What follows the first error is only that the statement was ended.
	if len(e.All) > 0 {
		e = e.All[0]
	}
	out := source.Error{Code: msCode(e.Number), State: "mssql " + strconv.Itoa(int(e.Number))}
	if where := msConstraints[e.Number]; where != nil {
		if m := where.FindStringSubmatch(e.Message); m != nil {
			out.Constraint = m[1]
		}
	}
	return out, true
}

func msCode(number int32) source.Code {
	switch number {
	case 229, 230, 262, 297, 300, 916, 3906, 4060, 18452, 18456, 18470, 18486, 18487, 18488:
		return source.Denied
	case 207, 208, 4104, 4902:
		return source.Missing
	case 515, 547, 2601, 2627:
		return source.Constraint
	case 220, 241, 242, 244, 245, 248, 257, 295, 517, 2628, 8114, 8115, 8152, 8169, 13609:
		return source.BadType
	case 1205, 1222, 3960, 3961:
		return source.Locked
	case 3617:
		return source.TimedOut
	case 233, 596, 921, 922, 924, 927, 6005, 10053, 10054, 10060, 17142, 40197, 40501, 40613:
		return source.Unreachable
	}
	return source.FailedSystem
}
