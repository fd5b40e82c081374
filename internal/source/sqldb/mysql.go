package sqldb

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"math"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/huandu/go-sqlbuilder"

	"mininfo/internal/source"
)

// mysqlDialect is that of MariaDB and MySQL. Rows are read in the binary format of prepared
// statements, which is exact for every type.
var mysqlDialect = dialect{
	kind:   "mysql",
	flavor: sqlbuilder.MySQL,
	param:  func(int) string { return "?" },
	keys:   500,
	params: 60_000,
	suffix: " FOR UPDATE",

	read: myRead, left: myLeft, right: myRight, same: mySame,
	list: myList, listed: func(fold source.Fold) string { return myFold("j.e", fold) },
	grouped: myGrouped, assign: myAssign, place: myPlace, differs: myDiffers,
	decode: myDecode, diagnose: myDiagnose,
}

// OpenMySQL connects a database of a MySQL or MariaDB server: mysql://user:password@host:3306/db or
// mariadb://…, with ?tls=true (verified), preferred (the default), skip-verify or false,
// ?tls-ca=FILE and ?socket=FILE. The connection is made when it is first used.
func OpenMySQL(_ context.Context, c source.Config) (source.Source, error) {
	config, ok := myConfig(c.DSN.Reveal(), c.Dir)
	if !ok {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	s := &server{dialect: &mysqlDialect, name: c.Name, timeout: c.Timeout, connector: connector, overheard: myOverheard(config),
		inspect: myInspect, written: myWritten,
		snapshot: func(ctx context.Context, l *session) error {
			return l.do(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
		},
		begin: func(ctx context.Context, l *session) error {
			// A statement that waits for somebody else's lock gives up before people do.
			return l.do(ctx, "SET innodb_lock_wait_timeout = 30, lock_wait_timeout = 30",
				"SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION READ WRITE")
		}}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	s.greet = s.myGreet
	return s, nil
}

// myConfig reads a connection string. What it does not know it refuses: the driver would send an
// unknown word to the server as a setting.
func myConfig(dsn, dir string) (*mysql.Config, bool) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "mysql" && u.Scheme != "mariadb" || u.User == nil {
		return nil, false
	}
	c := mysql.NewConfig()
	c.User, c.DBName = u.User.Username(), strings.TrimPrefix(u.Path, "/")
	c.Passwd, _ = u.User.Password()
	c.Net, c.Addr = "tcp", u.Host
	if u.Port() == "" {
		c.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	c.Logger = &mysql.NopLogger{} // it would write to the program's own output
	c.Timeout = 15 * time.Second
	c.MaxAllowedPacket = 0 // as the server has it
	c.TLSConfig = "preferred"
	pool := (*x509.CertPool)(nil)
	for name, values := range u.Query() {
		value := values[0]
		switch name {
		case "tls":
			if value != "true" && value != "false" && value != "preferred" && value != "skip-verify" {
				return nil, false
			}
			c.TLSConfig = value
		case "tls-ca":
			if pool = certificates(value, dir); pool == nil {
				return nil, false
			}
		case "socket":
			c.Net, c.Addr = "unix", value
		default:
			return nil, false
		}
	}
	if pool != nil {
		c.TLSConfig, c.TLS = "", &tls.Config{RootCAs: pool, ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return c, c.DBName != "" && c.User != "" && (u.Hostname() != "" || c.Net == "unix")
}

func myOverheard(c *mysql.Config) bool {
	host, _, err := net.SplitHostPort(c.Addr)
	return c.Net != "unix" && (err != nil || !nearby(host)) && c.TLS == nil && c.TLSConfig != "true"
}

// certificates reads the authorities that a server's certificate is checked against.
func certificates(path, dir string) *x509.CertPool {
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	pem, err := os.ReadFile(path)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(pem) {
		return nil
	}
	return pool
}

func (s *server) myGreet(ctx context.Context, l *session) (string, error) {
	var version string
	var id int64
	err := l.query(ctx, "SELECT VERSION(), CONNECTION_ID()", nil, func(row []driver.Value) error {
		version = strings.Clone(asText(row[0]))
		id = myDecode(row[1], &source.Column{Class: source.ClassInt}, source.Field{}).Int
		return nil
	})
	if err != nil {
		return "", err
	}
	limit := "max_execution_time = " + strconv.FormatInt(s.timeout.Milliseconds(), 10)
	if strings.Contains(version, "MariaDB") {
		limit = "max_statement_time = " + strconv.FormatFloat(s.timeout.Seconds(), 'f', 3, 64)
	}
	// Strict, so that a value that is too long is refused and never cut in silence. A reader that
	// has to wait for its own disk, or for another source, keeps its connection.
	kill := "KILL " + strconv.FormatInt(id, 10)
	return kill, l.do(ctx, "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', foreign_key_checks = 1, "+
		"unique_checks = 1, sql_select_limit = DEFAULT, wait_timeout = 28800, net_write_timeout = 3600, net_read_timeout = 3600, "+limit)
}

// myRead selects a field.
func myRead(s *statement, c *source.Column, f source.Field) string {
	column := s.column(c)
	switch {
	case len(f.Path) > 0:
		return myExtract(s, column, f.Path)
	case c.Class == source.ClassOther && isGeometry(c.Type):
		return "ST_AsText(" + column + ")"
	}
	return column
}

func isGeometry(kind string) bool {
	switch kind {
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return true
	}
	return false
}

// myExtract takes what is at a place of a document; a text that is none has nothing there.
func myExtract(s *statement, column string, path []string) string {
	return "IF(JSON_VALID(" + column + "), JSON_EXTRACT(" + column + ", " + s.arg(jsonPath(path)) + "), NULL)"
}

// myPlain is a field as text in the connection's character set.
func myPlain(s *statement, c *source.Column, f source.Field) string {
	if len(f.Path) > 0 {
		return "CONVERT(JSON_UNQUOTE(" + myExtract(s, s.column(c), f.Path) + ") USING utf8mb4)"
	}
	return "CONVERT(" + myRead(s, c, f) + " USING utf8mb4)"
}

func myText(c *source.Column, f source.Field) bool {
	return len(f.Path) > 0 || c.Class == source.ClassOther || c.Class == source.ClassJSON
}

func myLeft(s *statement, c *source.Column, f source.Field, fold source.Fold) string {
	switch {
	case fold == source.FoldASCII && len(f.Path) == 0 && c.Class == source.ClassText && ignoresCase(c.Collation):
		// The collation finds more than these letters, and an index helps. What comes back is
		// compared again.
		return s.column(c)
	case fold != source.Exact:
		return myFold(myPlain(s, c, f), fold)
	case myText(c, f) && len(c.Enum) == 0:
		return myPlain(s, c, f) + " COLLATE utf8mb4_bin"
	}
	return s.column(c)
}

// ignoresCase tells whether A and a are one letter under a collation. In Turkish they are not always.
func ignoresCase(collation string) bool {
	return strings.HasSuffix(collation, "_ci") && !strings.Contains(collation, "turkish") && !strings.Contains(collation, "_tr_")
}

func myFold(text string, fold source.Fold) string {
	switch fold {
	case source.FoldASCII:
		return "LOWER(" + text + " COLLATE utf8mb4_bin)"
	case source.FoldDigits:
		return "REGEXP_REPLACE(" + text + ", '[^0-9]', '')"
	}
	return text + " COLLATE utf8mb4_bin"
}

func myRight(s *statement, c *source.Column, f source.Field, fold source.Fold, v source.Value) string {
	switch {
	case fold == source.FoldASCII && len(f.Path) == 0 && c.Class == source.ClassText && ignoresCase(c.Collation):
		return inCharset(s, c, v)
	case fold != source.Exact, myText(c, f):
		return s.arg(v.Text())
	case c.Class == source.ClassDecimal:
		return "CAST(" + s.arg(v.Text()) + " AS DECIMAL(65,30))"
	case c.Class == source.ClassFloat && c.Type == "float":
		return "CAST(" + s.arg(myValue(c, v)) + " AS FLOAT)"
	case c.Class == source.ClassText && v.Kind != source.Null:
		return inCharset(s, c, v)
	}
	return s.arg(myValue(c, v))
}

// inCharset writes a text in the column's own character set, so that the two can be compared
// and an index helps. Letters that the set lacks turn into others: what comes back is compared again.
func inCharset(s *statement, c *source.Column, v source.Value) string {
	set, _, _ := strings.Cut(c.Collation, "_")
	if set == "utf8mb4" || set == "" || strings.Trim(c.Collation, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return s.arg(v.Text())
	}
	return "CONVERT(" + s.arg(v.Text()) + " USING " + set + ") COLLATE " + c.Collation
}

// mySame compares texts by their bytes: a row that has no key is named by all that it holds.
func mySame(s *statement, c *source.Column, f source.Field, v source.Value) string {
	switch {
	case v.IsNull() && len(f.Path) > 0:
		return "COALESCE(JSON_TYPE(" + myExtract(s, s.column(c), f.Path) + "), 'NULL') = 'NULL'"
	case v.IsNull():
		return s.column(c) + " IS NULL"
	case myText(c, f), c.Class == source.ClassText, len(c.Enum) > 0:
		return "CAST(" + myPlain(s, c, f) + " AS BINARY) = " + s.arg([]byte(v.Text()))
	}
	return s.column(c) + " = " + myRight(s, c, f, source.Exact, v)
}

func myList(s *statement, c *source.Column, f source.Field) string {
	// One value that is no list is a list of one.
	column, path := s.column(c), jsonPath(f.Path)
	list := "JSON_EXTRACT(" + column + ", "
	return "JSON_TABLE(IF(JSON_VALID(" + column + "), IF(JSON_TYPE(" + list + s.arg(path) + ")) = 'ARRAY', " + list + s.arg(path) + "), JSON_ARRAY(" +
		list + s.arg(path) + "))), '[]'), '$[*]' COLUMNS (e LONGTEXT PATH '$')) AS j"
}

func myGrouped(c *source.Column, expression string) string {
	if c.Class == source.ClassText {
		return "CAST(CONVERT(" + expression + " USING utf8mb4) AS BINARY)"
	}
	return expression
}

// myAssign writes a new value. Strict mode refuses what does not fit.
func myAssign(s *statement, c *source.Column, v source.Value) string {
	return s.arg(myValue(c, castTo(c, v)))
}

// myDiffers compares as exactly as the column's type does: a text by its bytes.
func myDiffers(s *statement, c *source.Column, expression string) string {
	column := s.column(c)
	switch c.Class {
	case source.ClassInt, source.ClassBool, source.ClassFloat, source.ClassDate, source.ClassTime:
	case source.ClassDecimal:
		expression = "CAST(" + expression + " AS DECIMAL(65,30))"
	default:
		column, expression = "CAST("+column+" AS BINARY)", "CAST("+expression+" AS BINARY)"
	}
	return "NOT (" + column + " <=> " + expression + ")"
}

func myPlace(s *statement, c *source.Column, sets []placed) string {
	write := func(v source.Value) string { return s.arg(string(v.AppendJSON(nil))) }
	out := "JSON_REPLACE(" + s.column(c)
	for _, set := range sets {
		out += ", " + s.arg(jsonPath(set.path))
		out += ", JSON_EXTRACT(" + set.value(s, write) + ", '$')"
	}
	return out + ")"
}

// myValue gives a parameter.
func myValue(c *source.Column, v source.Value) driver.Value {
	switch v.Kind {
	case source.Null:
		return nil
	case source.Bool, source.Int:
		return v.Int
	case source.Float:
		return v.Float
	case source.Bytes:
		return []byte(v.Str)
	case source.Time:
		return plainTime(v.Str, c.HasZone)
	}
	return v.Str
}

// plainTime writes a time without the T and the zone of ISO 8601: as UTC where the column holds
// instants, else as the clock on the wall.
func plainTime(s string, instant bool) string {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			if instant {
				t = t.UTC()
			}
			return t.Format("2006-01-02 15:04:05.9999999")
		}
	}
	if len(s) > 10 && s[10] == 'T' {
		return s[:10] + " " + s[11:]
	}
	return s
}

func myDecode(raw driver.Value, c *source.Column, f source.Field) source.Value {
	switch v := raw.(type) {
	case nil:
		return source.Value{}
	case int64:
		if c.Class == source.ClassBool && len(f.Path) == 0 && (v == 0 || v == 1) {
			return source.BoolOf(v == 1)
		}
		return source.IntOf(v)
	case float64:
		return source.FloatOf(v)
	case float32:
		// The shortest number that is this one, as the system prints it.
		x, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
		if err != nil {
			x = float64(v)
		}
		return source.FloatOf(x)
	case uint64:
		if v <= math.MaxInt64 {
			return source.IntOf(int64(v))
		}
		return source.Value{Kind: source.Decimal, Str: strconv.FormatUint(v, 10)}
	}
	return myDecodeText(asText(raw), c, f)
}

func myDecodeText(s string, c *source.Column, f source.Field) source.Value {
	if len(f.Path) > 0 {
		return source.FromJSON(s)
	}
	switch c.Class {
	case source.ClassInt, source.ClassBool:
		if strings.HasPrefix(c.Type, "bit") {
			return myBits(s, c.Class)
		}
		if i, err := strconv.ParseInt(s, 10, 64); err == nil {
			return source.IntOf(i)
		}
		return source.Value{Kind: source.Decimal, Str: s} // beyond 64 bits with a sign
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

// myBits reads the bytes of a BIT column.
func myBits(s string, class source.Class) source.Value {
	var n uint64
	for i := 0; i < len(s); i++ {
		n = n<<8 | uint64(s[i])
	}
	if class == source.ClassBool {
		return source.BoolOf(n != 0)
	}
	return source.IntOf(int64(n))
}

// isoClock turns "2026-01-02 03:04:05.600000" into "2026-01-02T03:04:05.6", and an instant into one.
func isoClock(s string, instant bool) string {
	if strings.IndexByte(s, '.') >= 0 {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	if instant {
		s += "Z"
	}
	return s
}

// myWritten reads how many rows the session wrote so far, by whatever table.
func myWritten(ctx context.Context, l *session) (source.Effect, error) {
	var e source.Effect
	err := l.query(ctx, "SHOW SESSION STATUS WHERE Variable_name IN ('Handler_write', 'Handler_update', 'Handler_delete')", nil, func(row []driver.Value) error {
		n, err := strconv.ParseInt(asText(row[1]), 10, 64)
		if err != nil {
			return err
		}
		switch strings.ToLower(asText(row[0])) {
		case "handler_write":
			e.Inserted = n
		case "handler_update":
			e.Updated = n
		case "handler_delete":
			e.Deleted = n
		}
		return nil
	})
	return e, err
}

// The places in messages where a rule's name stands. What else such a message says quotes rows.
var myConstraints = map[uint16]*regexp.Regexp{
	1062: regexp.MustCompile(` for key '([^']*)'$`),
	1451: regexp.MustCompile("CONSTRAINT `([^`]*)` FOREIGN KEY"),
	1452: regexp.MustCompile("CONSTRAINT `([^`]*)` FOREIGN KEY"),
	3819: regexp.MustCompile(`^Check constraint '([^']*)'`),
	4025: regexp.MustCompile("^CONSTRAINT `([^`]*)` failed"),
	1048: regexp.MustCompile(`^Column '([^']*)' cannot be null$`),
}

func myDiagnose(err error) (source.Error, bool) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return source.Error{}, false
	}
	out := source.Error{Code: myCode(e.Number), State: "mysql " + strconv.Itoa(int(e.Number))}
	if where := myConstraints[e.Number]; where != nil {
		if m := where.FindStringSubmatch(e.Message); m != nil {
			out.Constraint = m[1]
		}
	}
	return out, true
}

func myCode(number uint16) source.Code {
	switch number {
	case 1044, 1045, 1095, 1141, 1142, 1143, 1227, 1290, 1370, 1698, 1792, 1820, 1836, 1862, 3118, 4151:
		return source.Denied
	case 1049, 1051, 1054, 1109, 1146, 1356:
		return source.Missing
	case 1048, 1062, 1169, 1216, 1217, 1364, 1451, 1452, 1557, 1586, 1761, 1762, 3819, 4025:
		return source.Constraint
	case 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1525, 1690, 3140, 3141, 3156:
		return source.BadType
	case 1020, 1205, 1213, 1412, 1689, 3572:
		return source.Locked
	case 1317, 1969, 3024:
		return source.TimedOut
	case 1040, 1053, 1129, 1130, 1152, 1158, 1159, 1160, 1161, 1203, 1226, 1927, 4031:
		return source.Unreachable
	}
	return source.FailedSystem
}
