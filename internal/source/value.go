package source

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Kind says how a value is typed.
type Kind uint8

// The kinds of values. Everything that a connected system holds is one of them.
const (
	Null    Kind = iota
	Bool         // Int is 0 or 1
	Int          // Int
	Float        // Float
	Decimal      // Str, digits as the system wrote them, never rounded
	Text         // Str
	Bytes        // Str holds the raw bytes
	Date         // Str, ISO 8601: 2006-01-02
	Time         // Str, ISO 8601: instants end in Z, local times carry no zone
	JSON         // Str, a JSON document; arrays and nested objects are this too
)

// Value is one typed value of one field. It is personal data more often than not: it is never
// logged, and its String form says nothing about the content.
type Value struct {
	Kind  Kind
	Int   int64
	Float float64
	Str   string
}

// TextOf makes a text value.
func TextOf(s string) Value { return Value{Kind: Text, Str: s} }

// IntOf makes a whole number.
func IntOf(i int64) Value { return Value{Kind: Int, Int: i} }

// BoolOf makes a truth value.
func BoolOf(b bool) Value {
	if b {
		return Value{Kind: Bool, Int: 1}
	}
	return Value{Kind: Bool}
}

// FloatOf makes a floating point number.
func FloatOf(f float64) Value { return Value{Kind: Float, Float: f} }

// BytesOf makes a binary value.
func BytesOf(b []byte) Value { return Value{Kind: Bytes, Str: string(b)} }

// Clone gives a value that stays valid when the row it came from does not.
func (v Value) Clone() Value {
	v.Str = strings.Clone(v.Str)
	return v
}

// CloneRow clones all values of a row.
func CloneRow(row []Value) []Value {
	out := make([]Value, len(row))
	for i, v := range row {
		out[i] = v.Clone()
	}
	return out
}

// IsNull tells whether there is no value.
func (v Value) IsNull() bool { return v.Kind == Null }

// String keeps values out of logs and error texts.
func (v Value) String() string { return "[value]" }

// GoString keeps values out of %#v.
func (v Value) GoString() string { return "[value]" }

// Text gives the value as people and text columns write it; null gives "".
func (v Value) Text() string {
	switch v.Kind {
	case Null:
		return ""
	case Bool:
		return strconv.FormatBool(v.Int != 0)
	case Int:
		return strconv.FormatInt(v.Int, 10)
	case Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	case Bytes:
		return base64.StdEncoding.EncodeToString([]byte(v.Str))
	}
	return v.Str
}

// Equal compares kind and content. 1 and "1" are not equal; NaN equals NaN.
func (v Value) Equal(w Value) bool {
	return v.Kind == w.Kind && v.Int == w.Int && v.Str == w.Str &&
		(v.Float == w.Float || math.IsNaN(v.Float) && math.IsNaN(w.Float))
}

// Compare orders values: null first, numbers by size, everything else by bytes.
func (v Value) Compare(w Value) int {
	if v.Kind == Int && w.Kind == Int {
		return cmp.Compare(v.Int, w.Int)
	}
	vn, vok := v.number()
	wn, wok := w.number()
	switch {
	case vok && wok:
		return cmp.Or(cmp.Compare(vn, wn), strings.Compare(v.Str, w.Str))
	case v.rank() != w.rank():
		return cmp.Compare(v.rank(), w.rank())
	}
	return strings.Compare(v.Str, w.Str)
}

func (v Value) number() (float64, bool) {
	switch v.Kind {
	case Bool, Int:
		return float64(v.Int), true
	case Float:
		return v.Float, true
	case Decimal:
		f, err := strconv.ParseFloat(v.Str, 64)
		return f, err == nil
	}
	return 0, false
}

func (v Value) rank() int {
	switch v.Kind {
	case Null:
		return 0
	case Bool, Int, Float, Decimal:
		return 1
	}
	return int(v.Kind)
}

// MarshalJSON writes the value for people and programs that read a package: numbers as numbers,
// dates as ISO text, bytes as base64, documents as they are.
func (v Value) MarshalJSON() ([]byte, error) { return v.AppendJSON(nil), nil }

// AppendJSON is MarshalJSON without an allocation of its own.
func (v Value) AppendJSON(b []byte) []byte {
	switch v.Kind {
	case Null:
		return append(b, "null"...)
	case Bool:
		return strconv.AppendBool(b, v.Int != 0)
	case Int:
		return strconv.AppendInt(b, v.Int, 10)
	case Float:
		if math.IsNaN(v.Float) || math.IsInf(v.Float, 0) {
			return AppendJSONString(b, v.Text())
		}
		return appendJSONFloat(b, v.Float)
	case Decimal:
		if json.Valid([]byte(v.Str)) {
			return append(b, v.Str...)
		}
		return AppendJSONString(b, v.Str)
	case JSON:
		if json.Valid([]byte(v.Str)) {
			var compact bytes.Buffer
			if json.Compact(&compact, []byte(v.Str)) == nil {
				return append(b, compact.Bytes()...)
			}
		}
		return AppendJSONString(b, v.Str)
	case Bytes:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, []byte(v.Str))
		return append(b, '"')
	}
	return AppendJSONString(b, v.Str)
}

// appendJSONFloat writes a finite number as encoding/json does: as ECMAScript writes it.
func appendJSONFloat(b []byte, f float64) []byte {
	if abs := math.Abs(f); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); n >= 4 && b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' {
		b[n-2] = b[n-1] // e-09 is e-9
		b = b[:n-1]
	}
	return b
}

// AppendJSONString writes a JSON string; HTML characters stay as they are.
func AppendJSONString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x80 {
			return appendSlowString(b, s)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func appendSlowString(b []byte, s string) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return append(b, `""`...)
	}
	return append(b, bytes.TrimRight(buf.Bytes(), "\n")...)
}

// The tags of the lossless text form.
const tags = "nbifdtyDTj"

// Typed gives a lossless text form, which ParseTyped reads back: findings and plans are stored so.
func (v Value) Typed() string {
	tag := tags[v.Kind : v.Kind+1]
	switch v.Kind {
	case Null:
		return tag
	case Float:
		return tag + strconv.FormatFloat(v.Float, 'g', -1, 64)
	case Bool, Int:
		return tag + strconv.FormatInt(v.Int, 10)
	case Bytes:
		return tag + base64.StdEncoding.EncodeToString([]byte(v.Str))
	}
	if !utf8.ValidString(v.Str) {
		// Bytes that are no text would not survive being stored as JSON.
		return "!" + tag + base64.StdEncoding.EncodeToString([]byte(v.Str))
	}
	return tag + v.Str
}

var errTyped = errors.New("not a stored value")

// ParseTyped reads what Typed wrote.
func ParseTyped(s string) (Value, error) {
	if s == "" {
		return Value{}, errTyped
	}
	if raw, ok := strings.CutPrefix(s, "!"); ok && raw != "" {
		decoded, err := base64.StdEncoding.DecodeString(raw[1:])
		if err != nil {
			return Value{}, errTyped
		}
		s = raw[:1] + string(decoded)
	}
	k := strings.IndexByte(tags, s[0])
	if k < 0 {
		return Value{}, errTyped
	}
	v, rest := Value{Kind: Kind(k)}, s[1:]
	var err error
	switch v.Kind {
	case Null:
	case Bool, Int:
		v.Int, err = strconv.ParseInt(rest, 10, 64)
	case Float:
		v.Float, err = strconv.ParseFloat(rest, 64)
	case Bytes:
		var raw []byte
		raw, err = base64.StdEncoding.DecodeString(rest)
		v.Str = string(raw)
	default:
		v.Str = rest
	}
	if err != nil {
		return Value{}, errTyped
	}
	return v, nil
}
