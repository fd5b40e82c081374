package mongodb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/source/mongodb"
)

func raw(t *testing.T, v any) bson.RawValue {
	t.Helper()
	if v == nil {
		return bson.RawValue{Type: bson.TypeNull}
	}
	typ, data, err := bson.MarshalValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return bson.RawValue{Type: typ, Value: data}
}

func id(hex string) bson.ObjectID {
	out, err := bson.ObjectIDFromHex(hex)
	if err != nil {
		panic(err)
	}
	return out
}

func decimal(s string) bson.Decimal128 {
	out, err := bson.ParseDecimal128(s)
	if err != nil {
		panic(err)
	}
	return out
}

var (
	someID   = id("65a0bb68b430cac2c64dd029")
	someUUID = bson.Binary{Subtype: 4, Data: []byte{0x0b, 0x0e, 0x5e, 0x1a, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}}
	someTime = bson.NewDateTimeFromTime(time.Date(2026, 2, 28, 23, 59, 59, 5e6, time.UTC))
)

// Every type is read as what it is, and a value that is written back as it was read is the same byte
// for byte, also inside documents and lists.
func TestTypes(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]any{
		"text ø": "ø", "int 7": int32(7), "int 9223372036854775807": int64(9223372036854775807), "int 3": 3.0, "float 2.5": 2.5, "float 1e+300": 1e300,
		"decimal 12.50": decimal("12.50"), "decimal -0.000001": decimal("-0.000001"), "bool true": true,
		"time 2026-02-28T23:59:59.005Z": someTime, "text 65a0bb68b430cac2c64dd029": someID, "text 0b0e5e1a-0000-4000-8000-000000000001": someUUID,
		"bytes AP8=": bson.Binary{Subtype: 5, Data: []byte{0, 255}}, "null ": nil, "text /^a/i": bson.Regex{Pattern: "^a", Options: "i"}, "text 7:9": bson.Timestamp{T: 7, I: 9},
		"text MinKey": bson.MinKey{}, "text function() {}": bson.JavaScript("function() {}"),
		`json {"a.b":{"$c":[1,2.5,"x",null,true,"65a0bb68b430cac2c64dd029","2026-02-28T23:59:59.005Z",12.50,"AP8="]}}`: bson.D{{Key: "a.b", Value: bson.D{{Key: "$c",
			Value: bson.A{int32(1), 2.5, "x", nil, true, someID, someTime, decimal("12.50"), bson.Binary{Data: []byte{0, 255}}}}}}},
	} {
		old := raw(t, v)
		got := mongodb.Decode(old)
		if said := kindNames[got.Kind] + " " + got.Text(); said != want {
			t.Errorf("%T: %s, want %s", v, said, want)
		}
		parsed, err := source.ParseTyped(got.Typed())
		if err != nil {
			t.Fatal(err)
		}
		if back, ok := mongodb.Put(old, nil, parsed, nil); !ok || !back.Equal(old) {
			t.Errorf("%s is written back as %s", want, back)
		}
	}
}

var kindNames = map[source.Kind]string{source.Null: "null", source.Bool: "bool", source.Int: "int", source.Float: "float", source.Decimal: "decimal",
	source.Text: "text", source.Bytes: "bytes", source.Date: "date", source.Time: "time", source.JSON: "json"}

// A new value takes the type of the old one, or is refused; without an old one it takes the column's.
func TestWrittenTypes(t *testing.T) {
	t.Parallel()
	text := source.TextOf
	for _, c := range []struct {
		old    any
		path   string
		v      source.Value
		column source.Column
		want   any // nil: it does not fit
	}{
		{old: int32(1), v: text("2"), want: int32(2)}, {old: int32(1), v: text("3000000000"), want: int64(3000000000)}, {old: int32(1), v: text("x")},
		{old: int64(1), v: source.IntOf(2), want: int64(2)}, {old: 1.5, v: text("2"), want: 2.0}, {old: decimal("1.50"), v: text("2.250"), want: decimal("2.250")},
		{old: true, v: text("false"), want: false}, {old: true, v: text("perhaps")}, {old: someID, v: text("65a0bb68b430cac2c64dd02a"), want: id("65a0bb68b430cac2c64dd02a")},
		{old: someID, v: text("slettet")}, {old: someUUID, v: text("nothing")}, {old: someTime, v: text("2026-03-01"), want: bson.NewDateTimeFromTime(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))},
		{old: someTime, v: text("2026-03-01T10:00:00.000001Z")}, {old: "x", v: source.IntOf(7), want: "7"},
		{v: text("7"), column: source.Column{Class: source.ClassInt, Type: "int"}, want: int32(7)}, {v: text("7"), column: source.Column{Class: source.ClassInt, Type: "long"}, want: int64(7)},
		{v: text("12.50"), column: source.Column{Class: source.ClassDecimal}, want: decimal("12.50")}, {v: text(someID.Hex()), column: source.Column{Class: source.ClassOther, Type: "objectId"}, want: someID},
		{v: source.Value{Kind: source.Decimal, Str: "0.1"}, want: 0.1}, {v: source.Value{Kind: source.Decimal, Str: "0.12345678901234567890123"}, want: decimal("0.12345678901234567890123")},
		// A list of which one element is changed keeps the types of the others.
		{old: bson.A{someID, "x", someTime, decimal("1.0")}, v: source.Value{Kind: source.JSON, Str: `["65a0bb68b430cac2c64dd029",null,"2026-02-28T23:59:59.005Z",1.0]`}, want: bson.A{someID, nil, someTime, decimal("1.0")}},
		{old: bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: int32(1)}, {Key: "c", Value: someID}}}, {Key: "z", Value: 1.0}}, path: "a b", v: text("5"), want: bson.D{{Key: "a", Value: bson.D{{Key: "b", Value: int32(5)}, {Key: "c", Value: someID}}}, {Key: "z", Value: 1.0}}},
		{old: bson.D{{Key: "a.b", Value: bson.D{{Key: "$c", Value: "x"}}}}, path: "a.b $c", v: text("y"), want: bson.D{{Key: "a.b", Value: bson.D{{Key: "$c", Value: "y"}}}}},
		{old: bson.D{{Key: "z", Value: 1.0}}, path: "a b", v: text("y"), want: bson.D{{Key: "z", Value: 1.0}, {Key: "a", Value: bson.D{{Key: "b", Value: "y"}}}}},
		{old: bson.D{{Key: "z", Value: 1.0}}, path: "a b", v: source.Value{}, want: bson.D{{Key: "z", Value: 1.0}}},
		{old: bson.A{bson.D{{Key: "b", Value: 1.0}}}, path: "b", v: text("y")}, {old: "x", path: "b", v: text("y")},
	} {
		old := bson.RawValue{}
		if c.old != nil {
			old = raw(t, c.old)
		}
		got, ok := mongodb.Put(old, strings.Fields(c.path), c.v, &c.column)
		switch {
		case c.want == nil && ok:
			t.Errorf("%v to %s: %s was written", c.old, c.v.Text(), got)
		case c.want != nil && (!ok || !got.Equal(raw(t, c.want))):
			t.Errorf("%v to %s: %s, want %v", c.old, c.v.Text(), got, c.want)
		}
	}
}

func TestPlacesInDocuments(t *testing.T) {
	t.Parallel()
	doc := raw(t, bson.D{{Key: "a", Value: bson.A{bson.D{{Key: "b", Value: int32(1)}}, bson.D{{Key: "b", Value: bson.A{"x", "y"}}}, bson.D{}, "z"}}, {Key: "c", Value: bson.D{{Key: "d.e", Value: true}}}})
	for place, want := range map[string]string{"a b": `[1,"x","y"]`, "c d.e": "true", "c d": "", "a b c": "", "x": ""} {
		for _, each := range [][]int{nil, {1}} {
			f := source.Field{Column: "x", Path: strings.Fields(place), Each: each}
			if each != nil && place != "a b" {
				continue
			}
			if got := mongodb.Place(doc, f).Text(); got != want {
				t.Errorf("%s: %s", place, got)
			}
		}
	}
}

func extJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := bson.MarshalExtJSON(bson.D{{Key: "v", Value: v}}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(string(text), `{"v":`), "}")
}

// What the server is asked: every type that a value may be kept in, never a pattern or an operator out
// of a value, and nothing of a name that it would take for a path.
func TestQuestions(t *testing.T) {
	t.Parallel()
	table := &source.Table{Name: source.TableName{Name: "c"}, Open: true, Columns: []source.Column{{Name: "n", Class: source.ClassInt}, {Name: "d", Class: source.ClassDecimal}}}
	match := func(fold source.Fold, column string, values ...source.Value) *source.Match {
		m := &source.Match{Fields: []source.Field{{Column: column}}, Fold: fold}
		for _, v := range values {
			m.Tuples = append(m.Tuples, []source.Value{v})
		}
		return m
	}
	for _, c := range []struct {
		match *source.Match
		want  string
	}{
		{match(source.Exact, "n", source.TextOf("007")), `{"n":{"$in":["007",7]}}`},
		{match(source.Exact, "x", source.TextOf("007")), `{"x":{"$in":["007"]}}`},
		{match(source.Exact, "x", source.TextOf("7")), `{"x":{"$in":["7",7]}}`},
		{match(source.Exact, "d", source.Value{Kind: source.Decimal, Str: "0.10"}), `{"d":{"$in":["0.10",0.1,{"$numberDecimal":"0.10"}]}}`},
		{match(source.Exact, "x", source.TextOf(someID.Hex())), `{"x":{"$in":["65a0bb68b430cac2c64dd029",{"$oid":"65a0bb68b430cac2c64dd029"}]}}`},
		{match(source.Exact, "x", source.TextOf(`{"$ne": 1}`)), `{"x":{"$in":["{\"$ne\": 1}"]}}`},
		{match(source.Exact, "_id", source.Value{Kind: source.JSON, Str: `{"a":"65a0bb68b430cac2c64dd029","b":1}`}), `{"_id":{"$in":[{"a":"65a0bb68b430cac2c64dd029","b":1},{"a":{"$oid":"65a0bb68b430cac2c64dd029"},"b":1}]}}`},
		{match(source.Exact, "x", source.Value{Kind: source.JSON, Str: `{"a":{"$ne":1}}`}), `{"x":{"$in":[{"a":{"$ne":1}}]}}`},
		{match(source.Exact, "x", source.Value{Kind: source.JSON, Str: `{"$ref":"c","$id":1}`}), `{"x":{"$in":[{"$ref":"c","$id":1}]}}`},
		{match(source.Exact, "x", source.TextOf("a"), source.Value{Kind: source.JSON, Str: `{"$gt":""}`}), `{}`},
		{match(source.Exact, "a.b", source.TextOf("x")), `{}`},
		{match(source.Exact, "$where", source.TextOf("x")), `{}`},
		{match(source.FoldASCII, "m", source.TextOf("a.b@x.no"), source.TextOf("C@x")), `{"m":{"$in":[{"$regularExpression":{"pattern":"^(?:a\\.b@x\\.no|c@x)$","options":"i"}}]}}`},
		{match(source.FoldDigits, "m", source.TextOf("47")), `{"m":{"$in":[47,{"$regularExpression":{"pattern":"^(?:\\D*4\\D*7\\D*)$","options":""}}]}}`},
	} {
		filters := mongodb.Filters(table, c.match)
		if len(filters) != 1 || extJSON(t, filters[0]) != c.want {
			t.Errorf("%s\nwant %s", extJSON(t, filters), c.want)
		}
	}
}

// What is written on a server without transactions: under the condition that the document holds what
// was seen, to the type; and names with dots and dollar signs as words.
func TestConditions(t *testing.T) {
	t.Parallel()
	table := &source.Table{Name: source.TableName{Name: "c"}, Open: true}
	doc, err := bson.Marshal(bson.D{{Key: "_id", Value: 1}, {Key: "a", Value: "x"}, {Key: "n", Value: nil}, {Key: "l", Value: bson.A{"x"}}, {Key: "a.b", Value: "y"}})
	if err != nil {
		t.Fatal(err)
	}
	const guards = `"a":{"$type":2,"$not":{"$type":4},"$eq":"x"},"l":{"$eq":["x"]},"n":{"$type":10,"$not":{"$type":4}},"z":{"$exists":false}`
	const named = `"a.b":{"$type":2`
	plain := mongodb.Model(table, doc, []string{"a", "l", "n", "z"}, map[string]bson.RawValue{"a": raw(t, "neu")}, false).(*mongo.UpdateOneModel)
	if got, want := extJSON(t, plain.Filter), `{"_id":{"$eq":1},`+guards+`}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := extJSON(t, plain.Update); got != `{"$set":{"a":"neu"}}` {
		t.Error(got)
	}
	hostile := mongodb.Model(table, doc, []string{"a.b"}, map[string]bson.RawValue{"a.b": raw(t, "$neu")}, false).(*mongo.UpdateOneModel)
	if got := extJSON(t, hostile.Filter); strings.Contains(got, named) || got != `{"_id":{"$eq":1},"$expr":{"$and":[{"$eq":[{"$getField":{"field":{"$literal":"a.b"},"input":"$$ROOT"}},{"$literal":"y"}]}]}}` {
		t.Error(got)
	}
	if got := extJSON(t, hostile.Update); got != `[{"$replaceWith":{"$setField":{"field":{"$literal":"a.b"},"input":"$$ROOT","value":{"$literal":"$neu"}}}}]` {
		t.Error(got)
	}
	gone := mongodb.Model(table, doc, []string{"a"}, nil, true).(*mongo.DeleteOneModel)
	if got := extJSON(t, gone.Filter); got != `{"_id":{"$eq":1},"a":{"$type":2,"$not":{"$type":4},"$eq":"x"}}` {
		t.Error(got)
	}
}

func table(t *testing.T, s source.Source, name string) *source.Table {
	t.Helper()
	schema, err := s.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found, ok := schema.Table(source.TableName{Name: name})
	if !ok {
		t.Fatalf("no %s", name)
	}
	return found
}

// What a sample shows is what the collection's columns are; what it does not show may be there.
func TestInspect(t *testing.T) {
	t.Parallel()
	s, db := database(t)
	c := db.Collection("people")
	_, err := c.InsertMany(t.Context(), []any{
		bson.D{{Key: "mail", Value: "a@example.no"}, {Key: "n", Value: int32(1)}, {Key: "m", Value: int32(1)}, {Key: "f", Value: 1.5}, {Key: "at", Value: someTime}, {Key: "ref", Value: someID}, {Key: "doc", Value: bson.D{}}, {Key: "l", Value: bson.A{"a"}}, {Key: "dl", Value: bson.A{bson.D{}}}, {Key: "one", Value: "x"}},
		bson.D{{Key: "mail", Value: "b@example.no"}, {Key: "n", Value: int64(2)}, {Key: "m", Value: "x"}, {Key: "f", Value: int32(1)}, {Key: "u", Value: someUUID}, {Key: "b", Value: []byte{1}}, {Key: "one", Value: bson.A{"x"}}, {Key: "none", Value: nil}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "mail", Value: 1}}, Options: options.Index().SetUnique(true)}); err != nil {
		t.Fatal(err)
	}
	live := table(t, s, "people")
	got := map[string]string{}
	for _, c := range live.Columns {
		got[c.Name] = fmt.Sprintf("%d %s %v", c.Class, c.Type, c.Nullable)
	}
	want := map[string]string{"_id": fmt.Sprintf("%d objectId false", source.ClassOther), "mail": fmt.Sprintf("%d string false", source.ClassText), "n": fmt.Sprintf("%d long true", source.ClassInt),
		"m": fmt.Sprintf("%d mixed true", source.ClassText), "f": fmt.Sprintf("%d number true", source.ClassDecimal), "at": fmt.Sprintf("%d date true", source.ClassTime),
		"ref": fmt.Sprintf("%d objectId true", source.ClassOther), "doc": fmt.Sprintf("%d object true", source.ClassJSON), "l": fmt.Sprintf("%d array true", source.ClassArray),
		"dl": fmt.Sprintf("%d array true", source.ClassJSON), "one": fmt.Sprintf("%d array true", source.ClassArray), "u": fmt.Sprintf("%d uuid true", source.ClassUUID), "b": fmt.Sprintf("%d binData true", source.ClassBytes), "none": fmt.Sprintf("%d  true", source.ClassOther)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !live.Open || !live.IsUnique("mail") || !slices.Equal(live.PrimaryKey, []string{"_id"}) || !live.CanUpdate || !live.CanDelete {
		t.Errorf("%+v", live)
	}
	if _, ok := live.Column("later"); !ok || live.Shows("later") || !live.Shows("mail") {
		t.Error("a field that no sampled document has")
	}
}

func find(t *testing.T, s source.Source, q source.Query) [][]source.Value {
	t.Helper()
	v, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var out [][]source.Value
	if err := v.Find(t.Context(), q, func(row []source.Value) error { out = append(out, source.CloneRow(row)); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// A document near the server's limit is read, corrected and erased like any other.
func TestHugeDocuments(t *testing.T) {
	t.Parallel()
	s, db := database(t)
	pad := strings.Repeat("lang ø ", 1_400_000) // 11 MB
	if _, err := db.Collection("letters").InsertMany(t.Context(), []any{bson.D{{Key: "_id", Value: "big"}, {Key: "who", Value: "kari"}, {Key: "text", Value: pad}}, bson.D{{Key: "_id", Value: "small"}, {Key: "who", Value: "kari"}}}); err != nil {
		t.Fatal(err)
	}
	letters := table(t, s, "letters")
	key := source.Match{Fields: []source.Field{{Column: "_id"}}, Tuples: [][]source.Value{{source.TextOf("big")}}}
	fields := []source.Field{{Column: "_id"}, {Column: "who"}, {Column: "text"}}
	if got := find(t, s, source.Query{Table: letters, Fields: fields, Match: &key}); len(got) != 1 || got[0][2].Str != pad {
		t.Fatal("not read")
	}
	if got := find(t, s, source.Query{Table: letters, Fields: fields, Match: &key, Cut: 6}); got[0][2].Str != "lang ø" {
		t.Errorf("cut to %q", got[0][2].Str)
	}
	for _, gone := range []bool{false, true} {
		c, err := s.(source.Changer).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Lock(t.Context(), source.Query{Table: letters, Fields: fields, Match: &key}, func([]source.Value) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if gone {
			_, err = c.Delete(t.Context(), letters, key)
		} else {
			_, err = c.Update(t.Context(), letters, key, []source.Set{{Field: source.Field{Column: "who"}, Value: source.TextOf("ola")}})
		}
		if err = errors.Join(err, c.Settle(t.Context()), c.Commit(t.Context())); err != nil {
			t.Fatal(err)
		}
		got := find(t, s, source.Query{Table: letters, Fields: fields, Match: &key})
		if gone && len(got) != 0 || !gone && (len(got) != 1 || got[0][1].Str != "ola" || got[0][2].Str != pad) {
			t.Fatalf("gone %v: %d", gone, len(got))
		}
	}
}

// A document that somebody changes between the comparison and the writing is left alone; a value that
// another document has is refused before anything is written.
func TestSomebodyElseWrites(t *testing.T) {
	t.Parallel()
	s, db := database(t)
	c := db.Collection("people")
	if _, err := c.InsertMany(t.Context(), []any{bson.D{{Key: "_id", Value: 1}, {Key: "mail", Value: "kanarifugl@example.no"}, {Key: "l", Value: nil}}, bson.D{{Key: "_id", Value: 2}, {Key: "mail", Value: "b"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "mail", Value: 1}}, Options: options.Index().SetUnique(true)}); err != nil {
		t.Fatal(err)
	}
	people := table(t, s, "people")
	key := source.Match{Fields: []source.Field{{Column: "_id"}}, Tuples: [][]source.Value{{source.IntOf(1)}}}
	begin := func() source.Change {
		tx, err := s.(source.Changer).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback(context.Background()) })
		if err := tx.Lock(t.Context(), source.Query{Table: people, Fields: []source.Field{{Column: "mail"}, {Column: "l"}}, Match: &key}, func([]source.Value) error { return nil }); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	fails := func(err error, code source.Code) {
		t.Helper()
		if !errors.Is(err, &source.Error{Code: code}) || strings.Contains(err.Error(), "kanarifugl") {
			t.Errorf("%v, want %s", err, code)
		}
	}
	for _, to := range []any{bson.A{"kanarifugl@example.no"}, "other"} {
		tx := begin()
		if n, err := tx.Delete(t.Context(), people, key); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "$set", Value: bson.D{{Key: "mail", Value: to}}}}); err != nil {
			t.Fatal(err)
		}
		err := tx.Settle(t.Context())
		if err == nil {
			err = tx.Commit(t.Context())
		}
		fails(err, source.Locked)
		if n, _ := c.CountDocuments(t.Context(), bson.D{}); n != 2 {
			t.Fatalf("%d left", n)
		}
		if _, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "$set", Value: bson.D{{Key: "mail", Value: "kanarifugl@example.no"}}}}); err != nil {
			t.Fatal(err)
		}
	}
	tx := begin()
	if _, err := tx.Update(t.Context(), people, key, []source.Set{{Field: source.Field{Column: "mail"}, Value: source.TextOf("b")}}); err != nil {
		t.Fatal(err)
	}
	err := tx.Settle(t.Context())
	var own *source.Error
	if fails(err, source.Constraint); !errors.As(err, &own) || own.Constraint != "mail_1" {
		t.Errorf("%v", err)
	}
	// A null that is missing and one that is there are not the same to the one who compares.
	tx = begin()
	if _, err := tx.Delete(t.Context(), people, key); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: 1}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "l", Value: 1}}}}); err != nil {
		t.Fatal(err)
	}
	if err = tx.Settle(t.Context()); err == nil {
		err = tx.Commit(t.Context())
	}
	fails(err, source.Locked)
}

// wire stands between the portal and the server.
type wire struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func between(t *testing.T, dsn string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{Listener: l}
	to := u.Host
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, in, out)
			w.mu.Unlock()
			go func() { _, _ = io.Copy(out, in); out.Close() }()
			go func() { _, _ = io.Copy(in, out); in.Close() }()
		}
	}()
	t.Cleanup(func() { l.Close(); w.cut() })
	u.Host = l.Addr().String()
	return w, u.String()
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func TestCutConnections(t *testing.T) {
	t.Parallel()
	dsn := portaltest.MongoDB(t)
	db := portaltest.OpenMongoDB(t, dsn)
	var rows []any
	for i := range 900 {
		rows = append(rows, bson.D{{Key: "_id", Value: i}, {Key: "text", Value: strings.Repeat("kanarifugl ", 100)}})
	}
	if _, err := db.Collection("c").InsertMany(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	w, through := between(t, dsn)
	s := open(t, through)
	c := table(t, s, "c")
	v, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	q := source.Query{Table: c, Fields: []source.Field{{Column: "_id"}, {Column: "text"}}}
	seen := 0
	err = v.Find(t.Context(), q, func([]source.Value) error {
		if seen++; seen == 1 {
			w.cut()
		}
		return nil
	})
	if !errors.Is(err, &source.Error{Code: source.Unreachable}) || strings.Contains(err.Error(), "kanarifugl") {
		t.Errorf("after %d: %v", seen, err)
	}
	if got := find(t, s, q); len(got) != len(rows) {
		t.Errorf("%d after the connection came back", len(got))
	}
	w.Close()
	w.cut()
	short, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(through), Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer short.Close()
	if _, err := short.Inspect(t.Context()); !errors.Is(err, &source.Error{Code: source.Unreachable}) && !errors.Is(err, &source.Error{Code: source.TimedOut}) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestTimeoutsAndAccounts(t *testing.T) {
	t.Parallel()
	dsn := portaltest.MongoDB(t)
	fails := func(what, dsn string, timeout time.Duration, code source.Code) {
		t.Helper()
		s, err := kinds.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(dsn), Timeout: timeout})
		if err == nil {
			defer s.Close()
			_, err = s.Inspect(t.Context())
		}
		if !errors.Is(err, &source.Error{Code: code}) || strings.Contains(err.Error(), "kanarifugl") {
			t.Errorf("%s: %v, want %s", what, err, code)
		}
		for _, format := range []string{"%v", "%+v", "%#v"} {
			if said := fmt.Sprintf(format, s); strings.Contains(said, "kanarifugl") || strings.Contains(said, "passord") {
				t.Errorf("%s: the password is shown", what)
			}
		}
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	fails("a question that takes too long", dsn, time.Nanosecond, source.TimedOut)
	wrong := *u
	wrong.User = url.UserPassword(u.User.Username(), "kanarifugl")
	fails("a wrong password", wrong.String(), time.Minute, source.Unreachable)
	for _, bad := range []string{"mongodb://kanarifugl@host", "mongodb://host/", "mongodb://kanarifugl:x@host/db?tlsInsecure=true", "mongodb://h/db?readPreference=secondary", "mongodb://h/db?authMechanism=PLAIN",
		"mongodb://h/db?authMechanism=GSSAPI", "mongodb://h:kanarifugl/db", "mongodb:///db", "mongodb://h/a.b", "mongodb://%zz/db", "mongodb+srv://h:1/db?x=y", "mongodb://h/db?tls=true&tls=false",
		"mongodb://kanarifugl:x@h/db?AUTHMECHANISM=PLAIN&authMechanism=PLAIN&tls=true", "mongodb+srv://kanarifugl:x@h/db?ssl=true&tls=true"} {
		fails(bad, bad, time.Minute, source.BadConfig)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, dsn).Inspect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A value that looks like an order to the server is none: it finds what equals it, and does not keep the
// rest from being found.
func TestValuesAreNoOrders(t *testing.T) {
	t.Parallel()
	s, db := database(t)
	if _, err := db.Collection("people").InsertMany(t.Context(), []any{bson.D{{Key: "mail", Value: "a"}}, bson.D{{Key: "mail", Value: "b"}}}); err != nil {
		t.Fatal(err)
	}
	people := table(t, s, "people")
	view, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	for _, hostile := range []string{`{"$gt":""}`, `{"$regex":".*"}`, `{"$where":"true"}`, `{"$not":{"$type":4}}`} {
		var found []string
		m := source.Match{Fields: []source.Field{{Column: "mail"}}, Tuples: [][]source.Value{{{Kind: source.JSON, Str: hostile}}, {source.TextOf("b")}, {source.TextOf(hostile)}}}
		err := view.Find(t.Context(), source.Query{Table: people, Fields: m.Fields, Match: &m}, func(row []source.Value) error {
			found = append(found, row[0].Text())
			return nil
		})
		if err != nil || !slices.Equal(found, []string{"b"}) {
			t.Errorf("%s: %v, %v", hostile, found, err)
		}
		rows := int64(0)
		err = view.Count(t.Context(), people, m.Fields[0], []source.Value{m.Tuples[0][0], m.Tuples[1][0]}, func(v source.Value, n int64) error {
			rows += n
			return nil
		})
		if err != nil || rows != 1 {
			t.Errorf("%s: %d rows counted, %v", hostile, rows, err)
		}
	}
}

// More addresses than are written as patterns are compared here, and so are names that the server
// cannot be asked for.
func TestManyAddresses(t *testing.T) {
	t.Parallel()
	s, db := database(t)
	if _, err := db.Collection("c").InsertMany(t.Context(), []any{bson.D{{Key: "_id", Value: 1}, {Key: "l", Value: bson.A{bson.D{{Key: "mail", Value: "A7@Example.no"}}, bson.D{{Key: "mail", Value: "x"}}}}}, bson.D{{Key: "_id", Value: 2}, {Key: "l", Value: bson.D{{Key: "mail", Value: "b@example.no"}}}}}); err != nil {
		t.Fatal(err)
	}
	m := &source.Match{Fields: []source.Field{{Column: "l", Path: []string{"mail"}, List: true, Each: []int{0}}}, Fold: source.FoldASCII}
	for i := range 300 {
		m.Tuples = append(m.Tuples, []source.Value{source.TextOf(fmt.Sprintf("a%d@example.no", i))})
	}
	for _, size := range []int{300, 100} {
		m.Tuples = m.Tuples[:size]
		got := find(t, s, source.Query{Table: table(t, s, "c"), Fields: []source.Field{{Column: "_id"}}, Match: m})
		if len(got) != 1 || got[0][0].Int != 1 {
			t.Errorf("%d addresses: %d", size, len(got))
		}
	}
	counts := map[string]int64{}
	v, err := s.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	values := []source.Value{source.TextOf("x"), source.TextOf("b@example.no"), source.TextOf("nobody")}
	if err := v.Count(t.Context(), table(t, s, "c"), m.Fields[0], values, func(v source.Value, rows int64) error { counts[v.Text()] = rows; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"x": 1, "b@example.no": 1}, counts); diff != "" {
		t.Error(diff)
	}
}
