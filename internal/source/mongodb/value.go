package mongodb

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"

	"mininfo/internal/source"
)

// instant is how a date is written. BSON keeps milliseconds since 1970 in UTC.
const instant = "2006-01-02T15:04:05.999Z"

// uuidBinary is the subtype of binary data that is a UUID in the order of bytes that everybody uses.
const uuidBinary = 4

// decode gives the value that a BSON value is; what is missing is null. Numbers that JavaScript
// wrote as doubles are whole numbers where they are whole.
func decode(v bson.RawValue) source.Value {
	switch v.Type {
	case bson.TypeString:
		return source.TextOf(v.StringValue())
	case bson.TypeInt32:
		return source.IntOf(int64(v.Int32()))
	case bson.TypeInt64:
		return source.IntOf(v.Int64())
	case bson.TypeDouble:
		if f := v.Double(); f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
			return source.FloatOf(f)
		}
		return source.IntOf(int64(v.Double()))
	case bson.TypeDecimal128:
		return source.Value{Kind: source.Decimal, Str: v.Decimal128().String()}
	case bson.TypeBoolean:
		return source.BoolOf(v.Boolean())
	case bson.TypeDateTime:
		return source.Value{Kind: source.Time, Str: time.UnixMilli(v.DateTime()).UTC().Format(instant)}
	case bson.TypeObjectID:
		return source.TextOf(v.ObjectID().Hex())
	case bson.TypeBinary:
		subtype, data := v.Binary()
		if id, err := uuid.FromBytes(data); subtype == uuidBinary && err == nil {
			return source.TextOf(id.String())
		}
		return source.BytesOf(data)
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		return source.Value{Kind: source.JSON, Str: string(appendJSON(nil, v))}
	case bson.TypeRegex:
		pattern, options := v.Regex()
		return source.TextOf("/" + pattern + "/" + options)
	case bson.TypeJavaScript:
		return source.TextOf(v.JavaScript())
	case bson.TypeSymbol:
		return source.TextOf(v.Symbol())
	case bson.TypeCodeWithScope:
		code, _ := v.CodeWithScope()
		return source.TextOf(code)
	case bson.TypeTimestamp:
		t, i := v.Timestamp()
		return source.TextOf(strconv.FormatUint(uint64(t), 10) + ":" + strconv.FormatUint(uint64(i), 10))
	case bson.TypeDBPointer:
		collection, id := v.DBPointer()
		return source.TextOf(collection + ":" + id.Hex())
	case bson.TypeMinKey:
		return source.TextOf("MinKey")
	case bson.TypeMaxKey:
		return source.TextOf("MaxKey")
	}
	return source.Value{}
}

// appendJSON writes a value as people and packages read it. The types of BSON are not in it: what is
// written back is held against the old value (encode).
func appendJSON(b []byte, v bson.RawValue) []byte {
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		b = append(b, '{')
		for i, e := range elements(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(source.AppendJSONString(b, e.Key()), ':')
			b = appendJSON(b, e.Value())
		}
		return append(b, '}')
	case bson.TypeArray:
		b = append(b, '[')
		for i, e := range members(v) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, e)
		}
		return append(b, ']')
	}
	return decode(v).AppendJSON(b)
}

// elements gives what a document holds. One that is broken holds what could be read.
func elements(v bson.RawValue) []bson.RawElement {
	doc, ok := v.DocumentOK()
	if !ok {
		return nil
	}
	list, _ := doc.Elements()
	return list
}

// members gives what an array holds.
func members(v bson.RawValue) []bson.RawValue {
	array, ok := v.ArrayOK()
	if !ok {
		return nil
	}
	list, _ := array.Values()
	return list
}

// member gives what stands under a name; the zero value, which is null, where nothing does.
func member(v bson.RawValue, name string) bson.RawValue {
	for _, e := range elements(v) {
		if e.Key() == name {
			return e.Value()
		}
	}
	return bson.RawValue{}
}

// place gives what stands at a place inside a column. Lists on the way are looked into, as the server
// itself does when it compares: the value is then the list of all that was there, even where the
// dataset file describes no list.
func place(v bson.RawValue, f source.Field) source.Value {
	if len(f.Path) == 0 {
		return decode(v)
	}
	var found []bson.RawValue
	through := inside(v, f.Path, &found)
	switch {
	case len(found) == 0:
		return source.Value{}
	case !through && len(f.Each) == 0:
		return decode(found[0])
	}
	b := []byte{'['}
	for _, v := range found {
		list := []bson.RawValue{v}
		if v.Type == bson.TypeArray {
			list = members(v)
		}
		for _, each := range list {
			if len(b) > 1 {
				b = append(b, ',')
			}
			b = appendJSON(b, each)
		}
	}
	return source.Value{Kind: source.JSON, Str: string(append(b, ']'))}
}

// inside collects what stands at the end of a path, and tells whether a list stood on the way.
func inside(v bson.RawValue, path []string, found *[]bson.RawValue) (through bool) {
	switch {
	case len(path) == 0:
		*found = append(*found, v)
	case v.Type == bson.TypeArray:
		for _, each := range members(v) {
			inside(each, path, found)
		}
		return true
	case v.Type == bson.TypeEmbeddedDocument:
		if next := member(v, path[0]); next.Type != 0 {
			return inside(next, path[1:], found)
		}
	}
	return false
}

func absent(v bson.RawValue) bool {
	return v.Type == 0 || v.Type == bson.TypeNull || v.Type == bson.TypeUndefined
}

func raw(v any) (bson.RawValue, bool) {
	if v == nil {
		return bson.RawValue{Type: bson.TypeNull}, true
	}
	t, data, err := bson.MarshalValue(v)
	return bson.RawValue{Type: t, Value: data}, err == nil
}

// encode gives the BSON value that is written for a value: of the type that stood there before, so
// that programs that read it find what they expect. Where nothing did it is the column's type, else
// what the value itself is. False: it does not fit.
func encode(v source.Value, old bson.RawValue, column *source.Column) (bson.RawValue, bool) {
	switch {
	case v.IsNull():
		return raw(nil)
	case absent(old):
		return byColumn(v, column)
	case decode(old).Equal(v):
		return old, true
	}
	switch old.Type {
	case bson.TypeString:
		return raw(v.Text())
	case bson.TypeInt32:
		return number(v, true)
	case bson.TypeInt64:
		return number(v, false)
	case bson.TypeDouble:
		f, ok := source.Cast(v, source.ClassFloat)
		if !ok {
			return bson.RawValue{}, false
		}
		return raw(f.Float)
	case bson.TypeDecimal128:
		return decimal(v)
	case bson.TypeBoolean:
		b, ok := source.Cast(v, source.ClassBool)
		if !ok {
			return bson.RawValue{}, false
		}
		return raw(b.Int != 0)
	case bson.TypeDateTime:
		return date(v)
	case bson.TypeObjectID:
		id, err := bson.ObjectIDFromHex(v.Text())
		if err != nil {
			return bson.RawValue{}, false
		}
		return raw(id)
	case bson.TypeBinary:
		subtype, _ := old.Binary()
		return binary(v, subtype)
	case bson.TypeEmbeddedDocument, bson.TypeArray:
		if v.Kind == source.JSON {
			return document(v.Str, old)
		}
		return raw(v.Text())
	}
	return bson.RawValue{}, false
}

// byColumn writes a value where none was.
func byColumn(v source.Value, column *source.Column) (bson.RawValue, bool) {
	if column == nil {
		return natural(v)
	}
	switch column.Class {
	case source.ClassText:
		if column.Type == "string" {
			return raw(v.Text())
		}
	case source.ClassInt:
		return number(v, column.Type == "int")
	case source.ClassFloat:
		f, ok := source.Cast(v, source.ClassFloat)
		if !ok {
			return bson.RawValue{}, false
		}
		return raw(f.Float)
	case source.ClassDecimal:
		return decimal(v)
	case source.ClassBool:
		b, ok := source.Cast(v, source.ClassBool)
		if !ok {
			return bson.RawValue{}, false
		}
		return raw(b.Int != 0)
	case source.ClassTime:
		return date(v)
	case source.ClassBytes:
		return binary(v, 0)
	case source.ClassUUID:
		return binary(v, uuidBinary)
	case source.ClassJSON, source.ClassArray:
		if v.Kind != source.JSON && json.Valid([]byte(v.Str)) {
			v.Kind = source.JSON
		}
	case source.ClassOther:
		if id, err := bson.ObjectIDFromHex(v.Text()); column.Type == "objectId" && err == nil {
			return raw(id)
		}
	}
	return natural(v)
}

// natural writes a value as what it is.
func natural(v source.Value) (bson.RawValue, bool) {
	switch v.Kind {
	case source.Null:
		return raw(nil)
	case source.Bool:
		return raw(v.Int != 0)
	case source.Int:
		return number(v, true)
	case source.Float:
		return raw(v.Float)
	case source.Decimal:
		if f, err := strconv.ParseFloat(v.Str, 64); err == nil && plainDecimal(v.Str) == strconv.FormatFloat(f, 'f', -1, 64) {
			return raw(f)
		}
		return decimal(v)
	case source.Bytes:
		return binary(v, 0)
	case source.Time:
		if d, ok := date(v); ok && strings.HasSuffix(v.Str, "Z") {
			return d, true
		}
	case source.JSON:
		return document(v.Str, bson.RawValue{})
	}
	return raw(v.Text())
}

// plainDecimal brings a number to one spelling: 41.00 is 41.
func plainDecimal(s string) string {
	if strings.Contains(s, ".") && !strings.ContainsAny(s, "eE") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// number writes a whole number; a fraction that is put in its place is one.
func number(v source.Value, short bool) (bson.RawValue, bool) {
	i, ok := source.Cast(v, source.ClassInt)
	switch {
	case ok && short && i.Int == int64(int32(i.Int)):
		return raw(int32(i.Int))
	case ok:
		return raw(i.Int)
	}
	f, ok := source.Cast(v, source.ClassFloat)
	if !ok {
		return bson.RawValue{}, false
	}
	return raw(f.Float)
}

func decimal(v source.Value) (bson.RawValue, bool) {
	d, err := bson.ParseDecimal128(strings.TrimSpace(v.Text()))
	if err != nil {
		return bson.RawValue{}, false
	}
	return raw(d)
}

func binary(v source.Value, subtype byte) (bson.RawValue, bool) {
	if subtype == uuidBinary {
		id, err := uuid.Parse(v.Text())
		if err != nil {
			return bson.RawValue{}, false
		}
		return raw(bson.Binary{Subtype: uuidBinary, Data: id[:]})
	}
	b, ok := source.Cast(v, source.ClassBytes)
	if !ok {
		return bson.RawValue{}, false
	}
	return raw(bson.Binary{Subtype: subtype, Data: []byte(b.Str)})
}

// date writes a moment. One without a zone is taken as UTC; one that milliseconds cannot hold does
// not fit.
func date(v source.Value) (bson.RawValue, bool) {
	at, ok := moment(v)
	if !ok {
		return bson.RawValue{}, false
	}
	return raw(bson.NewDateTimeFromTime(at))
}

func moment(v source.Value) (time.Time, bool) {
	s := strings.Replace(strings.TrimSpace(v.Text()), " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, at.Nanosecond()%int(time.Millisecond) == 0
		}
	}
	return time.Time{}, false
}

// document reads a JSON document. What stood in the old one at the same place gives the types.
func document(text string, old bson.RawValue) (bson.RawValue, bool) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, ok := next(d, old)
	return v, ok && !d.More()
}

func next(d *json.Decoder, old bson.RawValue) (bson.RawValue, bool) {
	token, err := d.Token()
	if err != nil {
		return bson.RawValue{}, false
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '{' {
			return object(d, old)
		}
		return array(d, old)
	case json.Number:
		return typed(source.FromJSON(token.String()), old)
	case string:
		return typed(source.TextOf(token), old)
	case bool:
		return typed(source.BoolOf(token), old)
	}
	return raw(nil)
}

// typed writes a value inside a document, in the old type where it can be.
func typed(v source.Value, old bson.RawValue) (bson.RawValue, bool) {
	if absent(old) {
		return natural(v)
	}
	// What is equal as JSON is what stood there: an ObjectId, a date.
	if string(appendJSON(nil, old)) == string(v.AppendJSON(nil)) {
		return old, true
	}
	if like, ok := encode(v, old, nil); ok {
		return like, true
	}
	return natural(v)
}

func object(d *json.Decoder, old bson.RawValue) (bson.RawValue, bool) {
	out := bson.D{}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return bson.RawValue{}, false
		}
		v, ok := next(d, member(old, name))
		if !ok {
			return v, false
		}
		out = append(out, bson.E{Key: name, Value: v})
	}
	if _, err := d.Token(); err != nil {
		return bson.RawValue{}, false
	}
	return raw(out)
}

func array(d *json.Decoder, old bson.RawValue) (bson.RawValue, bool) {
	out, before := bson.A{}, members(old)
	for d.More() {
		var was bson.RawValue
		if len(out) < len(before) {
			was = before[len(out)]
		}
		v, ok := next(d, was)
		if !ok {
			return v, false
		}
		out = append(out, v)
	}
	if _, err := d.Token(); err != nil {
		return bson.RawValue{}, false
	}
	return raw(out)
}

// put gives a column's value after what stands at a place inside it was set. A place that is not
// there is made, unless it is to be empty. False: the value does not fit, or the way leads through
// a list.
func put(old bson.RawValue, path []string, v source.Value, column *source.Column) (bson.RawValue, bool) {
	if len(path) == 0 {
		return encode(v, old, column)
	}
	if absent(old) && v.IsNull() {
		return old, true
	}
	if !absent(old) && old.Type != bson.TypeEmbeddedDocument {
		return bson.RawValue{}, false
	}
	out, found := bson.D{}, false
	for _, e := range elements(old) {
		was := e.Value()
		if e.Key() == path[0] && !found {
			found = true
			var ok bool
			if was, ok = put(was, path[1:], v, nil); !ok {
				return was, false
			}
		}
		out = append(out, bson.E{Key: e.Key(), Value: was})
	}
	if !found && !v.IsNull() {
		made, ok := put(bson.RawValue{}, path[1:], v, nil)
		if !ok {
			return made, false
		}
		out = append(out, bson.E{Key: path[0], Value: made})
	}
	return raw(out)
}
