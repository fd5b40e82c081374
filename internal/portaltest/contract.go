package portaltest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/source"
)

// SourceKind is one kind of source under the contract suite: what every kind must do for the
// engine to be able to trust it.
type SourceKind struct {
	Name string
	// Load makes tables with these rows and connects them. Kinds that know only texts hold the
	// values as texts.
	Load func(t *testing.T, tables ...Sample) source.Source
	// OneTable: a source of this kind is one table, under a name of the kind's own.
	OneTable bool
	// Texts: all columns are texts, and an empty one is null.
	Texts bool
	// Open: a table has every column (source.Table.Open), and each row a key of the system's own.
	Open bool
	// Small: the system of the tests is too slow for thousands of rows, so that it gets hundreds.
	Small bool
	// Holds tells whether the system can have a name at all; nil: any.
	Holds func(name string) bool
	// SQL is what the rest of the suite needs; nil: this kind is no database.
	SQL *SQLKind
}

// Sample is a table with rows.
type Sample struct {
	Name    string
	Columns []SampleColumn
	Key     []string
	Rows    [][]source.Value
}

// SampleColumn is one column of it.
type SampleColumn struct {
	Name    string
	Class   source.Class
	Length  int // of texts that are part of a key or of a rule
	NotNull bool
}

// SQLKind is how the suite speaks to a database itself.
type SQLKind struct {
	// Fresh makes an empty database and gives its DSN and a connection for the test itself, which
	// takes several statements at once.
	Fresh func(t *testing.T) (dsn string, db *sql.DB)
	Open  source.Opener
	Quote func(name string) string
	Param func(n int) string
	Types map[source.Class]string
	// Trigger makes one that runs body for each row; the row's old state is OLD. Nil: they do not run by row.
	Trigger func(name, table, event, body string) string
	// Slow is a query with one column i that lasts longer than any test.
	Slow string
	// Cut ends every connection of the portal to the database; nil: there are none.
	Cut func(t *testing.T, db *sql.DB)
	// Reader gives the DSN of an account that may read table and nothing else; nil: there are no accounts.
	Reader func(t *testing.T, dsn string, db *sql.DB, table string) string
	// Loose: the database does not hold values to the types and lengths of columns.
	Loose bool
	// NoCircles: a table cannot refer to itself with a rule that acts.
	NoCircles bool
}

// gone is the code for what the catalogue had when it was read. SQLite has one number for all errors in statements.
func (k *SQLKind) gone() source.Code {
	if k != nil && k.Loose {
		return source.FailedSystem
	}
	return source.Missing
}

// Load makes a SourceKind's Load of a database.
func (k *SQLKind) Load(t *testing.T, tables ...Sample) source.Source {
	s, _ := k.load(t, tables...)
	return s
}

func (k *SQLKind) load(t *testing.T, tables ...Sample) (source.Source, *sql.DB) {
	t.Helper()
	dsn, db := k.Fresh(t)
	for _, table := range tables {
		k.create(t, db, table)
	}
	return k.open(t, dsn), db
}

func (k *SQLKind) open(t *testing.T, dsn string) source.Source {
	t.Helper()
	s, err := k.Open(context.Background(), source.Config{Name: "s", DSN: source.NewSecret(dsn)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (k *SQLKind) typeOf(c SampleColumn) string {
	if c.Class == source.ClassText && c.Length > 0 {
		return "VARCHAR(" + strconv.Itoa(c.Length) + ")"
	}
	return k.Types[c.Class]
}

func (k *SQLKind) create(t *testing.T, db *sql.DB, table Sample) {
	t.Helper()
	var parts []string
	for _, c := range table.Columns {
		part := k.Quote(c.Name) + " " + k.typeOf(c)
		if c.NotNull || slices.Contains(table.Key, c.Name) {
			part += " NOT NULL"
		}
		parts = append(parts, part)
	}
	if len(table.Key) > 0 {
		var key []string
		for _, name := range table.Key {
			key = append(key, k.Quote(name))
		}
		parts = append(parts, "PRIMARY KEY ("+strings.Join(key, ", ")+")")
	}
	mustExec(t, db, "CREATE TABLE "+k.Quote(table.Name)+" ("+strings.Join(parts, ", ")+")")
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	params := make([]string, len(table.Columns))
	for i := range params {
		params[i] = k.Param(i + 1)
	}
	insert, err := tx.Prepare("INSERT INTO " + k.Quote(table.Name) + " VALUES (" + strings.Join(params, ", ") + ")")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table.Rows {
		args := make([]any, len(row))
		for i, v := range row {
			args[i] = plain(v)
		}
		if _, err := insert.Exec(args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func plain(v source.Value) any {
	switch v.Kind {
	case source.Null:
		return nil
	case source.Bool:
		return v.Int != 0
	case source.Int:
		return v.Int
	case source.Float:
		return v.Float
	case source.Bytes:
		return []byte(v.Str)
	}
	return v.Str
}

func mustExec(t *testing.T, db *sql.DB, script string) {
	t.Helper()
	if _, err := db.Exec(script); err != nil {
		t.Fatalf("%.200s: %v", script, err)
	}
}

// CheckSource runs the suite.
func CheckSource(t *testing.T, k SourceKind) {
	each := func(name string, test func(t *testing.T, k SourceKind)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, k)
		})
	}
	each("types", checkTypes)
	each("exact matches", checkExact)
	each("folded matches", checkFolds)
	each("several fields", checkTuples)
	each("rows without a key", checkKeyless)
	each("many keys and a limit", checkMany)
	each("counts", checkCounts)
	each("hostile names", checkNames)
	each("a context that ends", checkCancel)
	each("what is not there", checkMissing)
	each("written types", checkWrites)
	each("correct", checkCorrect)
	each("erase", checkErase)
	if k.SQL == nil {
		return
	}
	for name, test := range map[string]func(t *testing.T, k *SQLKind){
		"documents": checkDocuments, "cascades": checkCascades, "circles": checkCircles, "triggers": checkTriggers, "constraints": checkConstraints,
		"too long": checkLengths, "drift": checkDrift, "one moment": checkMoment, "cut connections": checkCuts,
		"statements end": checkTimeouts, "cancelled statements": checkCancelledStatements, "accounts": checkAccounts,
		"1,000 tables": checkThousand, "views": checkViews, "connection strings": checkUnreachable,
	} {
		each(name, func(t *testing.T, k SourceKind) { test(t, k.SQL) })
	}
}

// rows gives how many rows stand for many.
func (k SourceKind) rows(many int) int {
	if k.Small {
		return many / 10
	}
	return many
}

// table finds a sample's table in the live schema.
func (k SourceKind) table(t *testing.T, s source.Source, name string) *source.Table {
	t.Helper()
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if k.OneTable && len(schema.Tables) == 1 {
		return &schema.Tables[0]
	}
	table, ok := schema.Table(source.TableName{Name: name})
	if !ok {
		t.Fatalf("no table %q", name)
	}
	return table
}

func (k *SQLKind) table(t *testing.T, s source.Source, name string) *source.Table {
	t.Helper()
	return SourceKind{SQL: k}.table(t, s, name)
}

func fields(names ...string) []source.Field {
	out := make([]source.Field, len(names))
	for i, name := range names {
		out[i] = source.Field{Column: name}
	}
	return out
}

func one(values ...source.Value) [][]source.Value {
	out := make([][]source.Value, len(values))
	for i, v := range values {
		out[i] = []source.Value{v}
	}
	return out
}

func texts(list ...string) [][]source.Value {
	var out [][]source.Value
	for _, s := range list {
		out = append(out, []source.Value{source.TextOf(s)})
	}
	return out
}

// ask gives the rows that a query finds.
func ask(t *testing.T, s source.Source, q source.Query) [][]source.Value {
	t.Helper()
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var out [][]source.Value
	if err := snap.Find(t.Context(), q, func(row []source.Value) error { out = append(out, source.CloneRow(row)); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// firsts gives the first value of each row as text, sorted.
func firsts(rows [][]source.Value) []string {
	out := []string{}
	for _, row := range rows {
		out = append(out, row[0].Text())
	}
	slices.Sort(out)
	return out
}

// all reads a whole table as text that tells every byte, by the column id, else by the first.
func all(t *testing.T, s source.Source, table *source.Table) map[string]string {
	t.Helper()
	var names []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
	}
	out := map[string]string{}
	id := max(slices.Index(names, "id"), 0)
	for _, row := range ask(t, s, source.Query{Table: table, Fields: fields(names...)}) {
		var b strings.Builder
		for _, v := range row {
			b.WriteString(strconv.Quote(v.Typed()) + " ")
		}
		out[row[id].Text()] = b.String()
	}
	return out
}

func begin(t *testing.T, s source.Source) source.Change {
	t.Helper()
	tx, err := s.(source.Changer).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
	return tx
}

// failsWith checks the code of an error, and that it tells nothing that rows hold.
func failsWith(t *testing.T, what string, err error, code source.Code) {
	t.Helper()
	if !errors.Is(err, &source.Error{Code: code}) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
	if err != nil && strings.Contains(strings.ToLower(err.Error()), canary) {
		t.Errorf("%s: the error quotes a row: %v", what, err)
	}
}

// canary stands in rows and in passwords, and must not stand in errors.
const canary = "kanarifugl"

// typed is one column of every class with the values that must come back as they are.
var typed = []struct {
	column SampleColumn
	values []source.Value
}{
	{SampleColumn{Name: "txt", Class: source.ClassText}, []source.Value{source.TextOf("plain"), source.TextOf("Åse Ødegård 👩‍👩‍👧 é ﷽ \t\n'\"\\%_"), source.TextOf(" blanks around "), source.TextOf(strings.Repeat("lang ø ", 200_000))}},
	{SampleColumn{Name: "num", Class: source.ClassInt}, []source.Value{source.IntOf(0), source.IntOf(9223372036854775807), source.IntOf(-9223372036854775808), source.IntOf(42)}},
	{SampleColumn{Name: "dec", Class: source.ClassDecimal}, []source.Value{{Kind: source.Decimal, Str: "12.50"}, {Kind: source.Decimal, Str: "-0.07"}, {Kind: source.Decimal, Str: "99999999.99"}, {Kind: source.Decimal, Str: "0.00"}}},
	{SampleColumn{Name: "flt", Class: source.ClassFloat}, []source.Value{source.FloatOf(0.1), source.FloatOf(1e300), source.FloatOf(-2.5), source.FloatOf(3)}},
	{SampleColumn{Name: "yes", Class: source.ClassBool}, []source.Value{source.BoolOf(true), source.BoolOf(false), source.BoolOf(true), source.BoolOf(false)}},
	{SampleColumn{Name: "day", Class: source.ClassDate}, []source.Value{{Kind: source.Date, Str: "2026-02-28"}, {Kind: source.Date, Str: "1899-12-31"}, {Kind: source.Date, Str: "9999-12-31"}, {Kind: source.Date, Str: "1970-01-01"}}},
	{SampleColumn{Name: "clock", Class: source.ClassTime}, []source.Value{{Kind: source.Time, Str: "2026-02-28T23:59:59"}, {Kind: source.Time, Str: "1999-12-31T00:00:00.5"}, {Kind: source.Time, Str: "2038-01-20T10:11:12.123456"}, {Kind: source.Time, Str: "2026-03-29T02:30:00"}}},
	{SampleColumn{Name: "raw", Class: source.ClassBytes}, []source.Value{source.BytesOf([]byte{0, 1, 2, 255, 254, 0}), source.BytesOf([]byte(strings.Repeat("\x00\xff", 500_000))), source.BytesOf([]byte("text")), source.BytesOf([]byte("'\\"))}},
	{SampleColumn{Name: "doc", Class: source.ClassJSON}, []source.Value{{Kind: source.JSON, Str: `{"a":"ø","b":[1,2.50,null,true]}`}, {Kind: source.JSON, Str: `[]`}, {Kind: source.JSON, Str: `{}`}, {Kind: source.JSON, Str: `{"quote":"\"\\"}`}}},
}

// typedSample holds the values, and a row of nulls. The first column numbers the rows.
func typedSample() Sample {
	out := Sample{Name: "typed", Key: []string{"id"}, Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}}}
	for _, x := range typed {
		out.Columns = append(out.Columns, x.column)
	}
	for i := 0; i <= len(typed[0].values); i++ {
		row := []source.Value{source.IntOf(int64(i))}
		for _, x := range typed {
			var v source.Value
			if i < len(x.values) {
				v = x.values[i]
			}
			row = append(row, v)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// equivalent brings two writings of one value to the same text: kinds differ in the digits of a
// number, the blanks of a document, the T of a time; none may lose anything.
func equivalent(v source.Value, class source.Class) string {
	s := v.Text()
	if v.IsNull() {
		return "null"
	}
	switch class {
	case source.ClassDecimal, source.ClassFloat, source.ClassInt:
		if f, err := strconv.ParseFloat(s, 64); err == nil && class != source.ClassInt {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	case source.ClassBool:
		if s == "1" || s == "0" {
			return strconv.FormatBool(s == "1")
		}
	case source.ClassTime:
		return strings.Replace(s, " ", "T", 1)
	case source.ClassJSON:
		return fraction.ReplaceAllString(string(source.Value{Kind: source.JSON, Str: s}.AppendJSON(nil)), "$1")
	}
	if len(s) > 1000 {
		return fmt.Sprintf("%d bytes, %x", len(s), hash(s))
	}
	return s
}

// fraction is a number with zeros after its last digit.
var fraction = regexp.MustCompile(`(\.\d*[1-9])0+\b`)

func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func checkTypes(t *testing.T, k SourceKind) {
	sample := typedSample()
	if k.Texts {
		sample = textSample(sample)
	}
	s := k.Load(t, sample)
	table := k.table(t, s, sample.Name)
	got, want := map[string]string{}, map[string]string{}
	var names []string
	for _, c := range sample.Columns {
		names = append(names, c.Name)
	}
	for _, row := range ask(t, s, source.Query{Table: table, Fields: fields(names...)}) {
		for i, c := range sample.Columns {
			got[row[0].Text()+" "+c.Name] = equivalent(row[i], c.Class)
		}
	}
	for _, row := range sample.Rows {
		for i, c := range sample.Columns {
			want[row[0].Text()+" "+c.Name] = equivalent(row[i], c.Class)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// textSample keeps what a table of texts can hold: no bytes, and blanks around trimmed.
func textSample(in Sample) Sample {
	out := Sample{Name: in.Name}
	for _, c := range in.Columns {
		out.Columns = append(out.Columns, SampleColumn{Name: c.Name})
	}
	for _, row := range in.Rows {
		var texts []source.Value
		for i, v := range row {
			s := strings.TrimSpace(v.Text())
			if in.Columns[i].Class == source.ClassBytes || len(s) > 1<<20 {
				s = "x"
			}
			cell := source.TextOf(s)
			if s == "" {
				cell = source.Value{}
			}
			texts = append(texts, cell)
		}
		out.Rows = append(out.Rows, texts)
	}
	return out
}

// Every value finds the row that holds it, whatever else a collation finds; as text too.
func checkExact(t *testing.T, k SourceKind) {
	sample := typedSample()
	if k.Texts {
		sample = textSample(sample)
	}
	s := k.Load(t, sample)
	table := k.table(t, s, sample.Name)
	for at, c := range sample.Columns {
		if c.Class == source.ClassJSON {
			continue // documents are compared by what is in them
		}
		for _, row := range sample.Rows {
			v := row[at]
			if v.IsNull() || len(v.Str) > 1000 {
				continue
			}
			var want []string
			for _, other := range sample.Rows {
				if other[at].Equal(v) {
					want = append(want, other[0].Text())
				}
			}
			for _, as := range []source.Value{v, source.TextOf(v.Text())} {
				if as.Kind == source.Text && c.Class == source.ClassBytes {
					continue // the text form of bytes is one of packages only
				}
				got := firsts(ask(t, s, source.Query{Table: table, Fields: fields("id"), Match: &source.Match{Fields: fields(c.Name), Tuples: one(as)}}))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s = %.80q as kind %d: %s", c.Name, v.Text(), as.Kind, diff)
				}
			}
		}
		null := ask(t, s, source.Query{Table: table, Fields: fields("id"), Match: &source.Match{Fields: fields(c.Name), Tuples: one(source.Value{})}})
		if len(null) > 0 {
			t.Errorf("%s: null finds %d rows", c.Name, len(null))
		}
	}
	if k.Texts {
		return
	}
	for _, nonsense := range []string{"42x", "", "2026-02-30"} {
		for _, name := range []string{"id", "num"} {
			if rows := ask(t, s, source.Query{Table: table, Fields: fields("id"), Match: &source.Match{Fields: fields(name), Tuples: texts(nonsense)}}); len(rows) > 0 {
				t.Errorf("%q finds %d numbers", nonsense, len(rows))
			}
		}
	}
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// A source may find more than was asked for, as its collations do; what it must not do is to miss
// a row. Compared again by the caller, just the right ones are left.
func checkFolds(t *testing.T, k SourceKind) {
	sample := Sample{Name: "people", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "mail", Class: source.ClassText}, {Name: "phone", Class: source.ClassText}}, Key: []string{"id"}}
	for i, mail := range []string{"Kari@Example.NO", "kari@example.no", "kári@example.no", "\u212aari@example.no", "KARI@EXAMPLE.NO", "kari@example.no.evil", "xkari@example.no", "ÅSE@example.no", "åse@example.no", "ase@example.no"} {
		phone := []string{"+47 922 33 445", "4792233445", "0047-92233445", "(+47) 92.23.34.45", "92233445", "47922334450"}[i%6]
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.TextOf(mail), source.TextOf(phone)})
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "people")
	for _, c := range []struct {
		column string
		fold   source.Fold
		norm   func(string) string
		asked  []string
	}{
		{"mail", source.FoldASCII, lowerASCII, []string{"kari@example.no"}}, {"mail", source.FoldASCII, lowerASCII, []string{"åse@example.no", "nobody"}},
		{"mail", source.Exact, func(s string) string { return s }, []string{"Kari@Example.NO", "ase@example.no"}},
		{"phone", source.FoldDigits, onlyDigits, []string{"4792233445"}}, {"phone", source.FoldDigits, onlyDigits, []string{"004792233445", "92233445"}},
	} {
		at := map[string]int{"mail": 1, "phone": 2}[c.column]
		want, got := []string{}, [][]source.Value{}
		for _, row := range sample.Rows {
			if slices.Contains(c.asked, c.norm(row[at].Text())) {
				want = append(want, row[0].Text())
			}
		}
		for _, row := range ask(t, s, source.Query{Table: table, Fields: fields("id", c.column), Match: &source.Match{Fields: fields(c.column), Tuples: texts(c.asked...), Fold: c.fold}}) {
			if slices.Contains(c.asked, c.norm(row[1].Text())) {
				got = append(got, row)
			}
		}
		if diff := cmp.Diff(want, firsts(got)); diff != "" {
			t.Errorf("%v: %s", c.asked, diff)
		}
	}
}

func checkTuples(t *testing.T, k SourceKind) {
	sample := Sample{Name: "pairs", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "a", Class: source.ClassInt}, {Name: "b", Class: source.ClassText, Length: 40}}, Key: []string{"id"}}
	for i := range 30 {
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.IntOf(int64(i % 5)), source.TextOf("b" + strconv.Itoa(i%3))})
	}
	s := k.Load(t, sample)
	m := &source.Match{Fields: fields("a", "b"), Tuples: [][]source.Value{{source.IntOf(1), source.TextOf("b0")}, {source.IntOf(4), source.TextOf("b2")}, {source.IntOf(4), {}}, {source.TextOf("x"), source.TextOf("b1")}}}
	got := firsts(ask(t, s, source.Query{Table: k.table(t, s, "pairs"), Fields: fields("id"), Match: m}))
	want := []string{}
	for i := range 30 {
		if i%5 == 1 && i%3 == 0 || i%5 == 4 && i%3 == 2 {
			want = append(want, strconv.Itoa(i))
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A row without a key is named by all that it holds, to the byte; equal rows are told apart by
// the hidden number, where there is one. Where no row has a key, each of the equal ones is changed.
func checkKeyless(t *testing.T, k SourceKind) {
	null := source.Value{}
	sample := Sample{Name: "keyless", Columns: []SampleColumn{{Name: "n", Class: source.ClassInt}, {Name: "a", Class: source.ClassText, Length: 40}, {Name: "b", Class: source.ClassText, Length: 40}}}
	for i, ab := range [][2]source.Value{{source.TextOf("x"), source.TextOf("y")}, {source.TextOf("X"), source.TextOf("y")}, {source.TextOf("x "), source.TextOf("y")}, {source.TextOf("x"), null}, {source.TextOf("x"), source.TextOf("")}, {source.TextOf("ø"), source.TextOf("y")}, {source.TextOf("o"), source.TextOf("y")}} {
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), ab[0], ab[1]})
	}
	sample.Rows = append(sample.Rows, sample.Rows[0], sample.Rows[3])
	if k.Texts {
		sample = textSample(sample)
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "keyless")
	for i, row := range sample.Rows {
		m := &source.Match{Fields: fields("a", "b"), Tuples: [][]source.Value{row[1:]}, NullSafe: true}
		var want [][]source.Value
		for _, other := range sample.Rows {
			if other[1].Equal(row[1]) && other[2].Equal(row[2]) {
				want = append(want, other)
			}
		}
		if diff := cmp.Diff(firsts(want), firsts(ask(t, s, source.Query{Table: table, Fields: fields("n"), Match: m}))); diff != "" {
			t.Errorf("row %d: %s", i, diff)
		}
	}
	if k.Open {
		if len(table.PrimaryKey) == 0 {
			t.Error("rows have no key")
		}
		return
	}
	if table.RowID == "" {
		t.Fatal("equal rows cannot be told apart")
	}
	number := func() []string {
		var out []string
		for _, row := range ask(t, s, source.Query{Table: table, Fields: fields("n"), RowID: true}) {
			out = append(out, row[1].Text())
		}
		slices.Sort(out)
		return out
	}
	first := number()
	if len(slices.Compact(slices.Clone(first))) != len(sample.Rows) || !slices.Equal(first, number()) {
		t.Errorf("numbers of rows: %q", first)
	}
	if !table.Keyless {
		return
	}
	tx := begin(t, s)
	twice := source.Match{Fields: fields("n", "a", "b"), Tuples: [][]source.Value{sample.Rows[0], sample.Rows[0]}, NullSafe: true}
	each := []source.Value{source.TextOf("one"), source.TextOf("two")}
	if n, err := tx.Update(t.Context(), table, twice, []source.Set{{Field: source.Field{Column: "a"}, Each: each}}); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	twice.Tuples = [][]source.Value{sample.Rows[3], sample.Rows[3]}
	if n, err := tx.Delete(t.Context(), table, twice); err != nil || n != 2 {
		t.Fatal(n, err)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"X", "o", "one", "two", "x", "x", "ø"}, firsts(ask(t, s, source.Query{Table: table, Fields: fields("a")}))); diff != "" {
		t.Errorf("equal rows that were changed: %s", diff)
	}
}

func checkMany(t *testing.T, k SourceKind) {
	sample := Sample{Name: "many", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "code", Class: source.ClassText, Length: 20}}, Key: []string{"id"}}
	rows := k.rows(2500)
	for i := range rows {
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.TextOf("c" + strconv.Itoa(i))})
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "many")
	for _, name := range []string{"id", "code"} {
		var tuples [][]source.Value
		for i := range rows * 2 {
			v := source.IntOf(int64(i))
			if name == "code" {
				v = source.TextOf("c" + strconv.Itoa(i))
			}
			tuples = append(tuples, []source.Value{v})
		}
		q := source.Query{Table: table, Fields: fields("id"), Match: &source.Match{Fields: fields(name), Tuples: tuples}}
		if got := firsts(ask(t, s, q)); len(got) != rows || len(slices.Compact(got)) != rows {
			t.Errorf("%s: %d rows", name, len(got))
		}
		q.Limit = k.rows(1230) + 4
		if got := ask(t, s, q); len(got) != q.Limit {
			t.Errorf("%s: %d rows with a limit", name, len(got))
		}
	}
	if got := ask(t, s, source.Query{Table: table, Fields: fields("id"), Limit: 7}); len(got) != 7 {
		t.Errorf("%d rows with a limit and no condition", len(got))
	}
}

func checkCounts(t *testing.T, k SourceKind) {
	sample := Sample{Name: "orders", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "owner", Class: source.ClassInt}, {Name: "mail", Class: source.ClassText, Length: 40}}, Key: []string{"id"}}
	for i := range 60 {
		mail := []string{"a@example.no", "A@example.no", "å@example.no"}[i%3]
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.IntOf(int64(i % 4)), source.TextOf(mail)})
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "orders")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	for name, c := range map[string]struct {
		values []source.Value
		want   map[string]int64
	}{
		"owner": {[]source.Value{source.IntOf(1), source.TextOf("3"), source.IntOf(99), source.TextOf("x")}, map[string]int64{"1": 15, "3": 15}},
		"mail":  {[]source.Value{source.TextOf("a@example.no"), source.TextOf("å@example.no")}, map[string]int64{"a@example.no": 20, "å@example.no": 20}},
	} {
		got := map[string]int64{}
		err := snap.Count(t.Context(), table, source.Field{Column: name}, c.values, func(v source.Value, rows int64) error {
			if _, asked := c.want[v.Text()]; asked { // a collation may find more
				got[strings.Clone(v.Text())] += rows
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// hostile names break out of every way of quoting, of parameters and of patterns.
var hostile = []string{`a"b`, "a`b", "a]b[", "a'b", "x; DROP TABLE victims; --", "?", "$1", "@p1", ":n", "%s", "Æ ø €", "select", "a.b", `back\slash`, "a/*b", "{}"}

func checkNames(t *testing.T, k SourceKind) {
	if k.OneTable {
		sample := Sample{Name: "rows"}
		var row []source.Value
		for i, name := range hostile {
			sample.Columns = append(sample.Columns, SampleColumn{Name: name})
			row = append(row, source.TextOf("v"+strconv.Itoa(i)))
		}
		sample.Rows = [][]source.Value{row}
		s := k.Load(t, sample)
		for i, name := range hostile {
			got := ask(t, s, source.Query{Table: k.table(t, s, "rows"), Fields: fields(name), Match: &source.Match{Fields: fields(name), Tuples: texts("v" + strconv.Itoa(i))}})
			if len(got) != 1 {
				t.Errorf("%q: %d rows", name, len(got))
			}
		}
		tx := begin(t, s)
		for i, name := range hostile {
			key := source.Match{Fields: fields(name), Tuples: texts("v" + strconv.Itoa(i))}
			if n, err := tx.Update(t.Context(), k.table(t, s, "rows"), key, []source.Set{{Field: source.Field{Column: name}, Value: source.TextOf(name)}}); err != nil || n != 1 {
				t.Errorf("%q: %d changed, %v", name, n, err)
			}
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := ask(t, s, source.Query{Table: k.table(t, s, "rows"), Fields: fields(hostile...)})
		for i, name := range hostile {
			if len(got) != 1 || got[0][i].Text() != name {
				t.Errorf("%q was not written", name)
			}
		}
		return
	}
	hostile := slices.DeleteFunc(slices.Clone(hostile), func(name string) bool { return k.Holds != nil && !k.Holds(name) })
	var tables []Sample
	for _, name := range hostile {
		tables = append(tables, Sample{Name: "t " + name, Key: []string{"k" + name}, Columns: []SampleColumn{{Name: "k" + name, Class: source.ClassInt}, {Name: name, Class: source.ClassText, Length: 60}},
			Rows: [][]source.Value{{source.IntOf(1), source.TextOf("one")}, {source.IntOf(2), source.TextOf("two")}, {source.IntOf(3), source.TextOf("three")}}})
	}
	tables = append(tables, Sample{Name: "victims", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}}, Rows: [][]source.Value{{source.IntOf(1)}}})
	s := k.Load(t, tables...)
	for _, name := range hostile {
		table := k.table(t, s, "t "+name)
		if got := ask(t, s, source.Query{Table: table, Fields: fields(name), Match: &source.Match{Fields: fields(name), Tuples: texts("two")}}); len(got) != 1 || got[0][0].Text() != "two" {
			t.Errorf("%q: found %d rows", name, len(got))
		}
		tx := begin(t, s)
		keys := source.Match{Fields: fields("k" + name), Tuples: one(source.IntOf(1), source.IntOf(2))}
		each := []source.Value{source.TextOf("eins"), source.TextOf("zwei")}
		if n, err := tx.Update(t.Context(), table, keys, []source.Set{{Field: source.Field{Column: name}, Each: each}}); err != nil || n != 2 {
			t.Errorf("%q: %d changed, %v", name, n, err)
		}
		if n, err := tx.Delete(t.Context(), table, source.Match{Fields: fields("k" + name), Tuples: one(source.IntOf(1))}); err != nil || n != 1 {
			t.Errorf("%q: %d deleted, %v", name, n, err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"three", "zwei"}, firsts(ask(t, s, source.Query{Table: table, Fields: fields(name)}))); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
	}
	if got := ask(t, s, source.Query{Table: k.table(t, s, "victims"), Fields: fields("id")}); len(got) != 1 {
		t.Error("a name was carried out")
	}
}

// A context that ends is the caller's business and no failure of the source.
func checkCancel(t *testing.T, k SourceKind) {
	sample := Sample{Name: "many", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "pad", Class: source.ClassText}}, Key: []string{"id"}}
	for i := range k.rows(9000) {
		sample.Rows = append(sample.Rows, []source.Value{source.IntOf(int64(i)), source.TextOf(strings.Repeat("x", 300))})
	}
	s := k.Load(t, sample)
	table := k.table(t, s, "many")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	own := errors.New("enough")
	if err := snap.Find(t.Context(), source.Query{Table: table, Fields: fields("id", "pad")}, func([]source.Value) error { return own }); !errors.Is(err, own) {
		t.Errorf("the caller's own error: %v", err)
	}
	if err := snap.Find(t.Context(), source.Query{Table: table, Fields: fields("id"), Limit: 1}, func([]source.Value) error { return nil }); err != nil {
		t.Errorf("after it: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = snap.Find(ctx, source.Query{Table: table, Fields: fields("id", "pad")}, func([]source.Value) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while rows come: %v", err)
	}
}

func checkMissing(t *testing.T, k SourceKind) {
	s := k.Load(t, Sample{Name: "some", Columns: []SampleColumn{{Name: "id", Class: source.ClassInt}, {Name: "name", Class: source.ClassText}}, Key: []string{"id"}, Rows: [][]source.Value{{source.IntOf(1), source.TextOf(canary)}}})
	live := k.table(t, s, "some")
	snap, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	nothing := func([]source.Value) error { return nil }
	if k.Open {
		if got := ask(t, s, source.Query{Table: live, Fields: fields("absent")}); len(got) != 1 || !got[0][0].IsNull() {
			t.Errorf("a field that no row has: %d", len(got))
		}
		if got := ask(t, s, source.Query{Table: live, Fields: fields("id"), Match: &source.Match{Fields: fields("absent"), Tuples: texts("x")}}); len(got) != 0 {
			t.Errorf("a condition on one finds %d rows", len(got))
		}
	} else {
		failsWith(t, "a column that the catalogue lacks", snap.Find(t.Context(), source.Query{Table: live, Fields: fields("absent")}, nothing), source.Missing)
		failsWith(t, "a condition on one", snap.Find(t.Context(), source.Query{Table: live, Fields: fields("id"), Match: &source.Match{Fields: fields("absent"), Tuples: texts("x")}}, nothing), source.Missing)
	}
	// What the catalogue had when it was read, and is gone.
	stale := *live
	stale.Columns = append(slices.Clone(live.Columns), source.Column{Name: "went", Type: live.Columns[1].Type})
	if k.SQL != nil {
		failsWith(t, "a column that went", snap.Find(t.Context(), source.Query{Table: &stale, Fields: fields("went")}, nothing), k.SQL.gone())
	}
	gone := source.Table{Name: source.TableName{Schema: live.Name.Schema, Name: "gone"}, Columns: live.Columns}
	other, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	failsWith(t, "a table that went", other.Find(t.Context(), source.Query{Table: &gone, Fields: fields("id")}, nothing), k.SQL.gone())
}

// patience is how long a test waits for another goroutine or a server.
const patience = 2 * time.Minute
