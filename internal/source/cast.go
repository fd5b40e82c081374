package source

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// Cast brings a value to the family of types of a column, the way that comparing across systems
// needs it: the number 1 becomes the text "1" and back. False: the column cannot hold it, so
// that nothing can be equal to it.
func Cast(v Value, to Class) (Value, bool) {
	if v.Kind == Null {
		return v, true
	}
	switch to {
	case ClassInt:
		return castInt(v)
	case ClassFloat:
		f, ok := v.number()
		if !ok {
			var err error
			if f, err = strconv.ParseFloat(strings.TrimSpace(v.Text()), 64); err != nil {
				return Value{}, false
			}
		}
		return FloatOf(f), true
	case ClassDecimal:
		s := strings.TrimSpace(v.Text())
		_, err := strconv.ParseFloat(s, 64)
		return Value{Kind: Decimal, Str: s}, err == nil
	case ClassBool:
		return castBool(v)
	case ClassBytes:
		if v.Kind == Bytes {
			return v, true
		}
		return Value{Kind: Bytes, Str: v.Text()}, v.Kind == Text
	case ClassDate:
		return castDate(v)
	case ClassTime:
		return castTime(v)
	case ClassJSON, ClassArray:
		return castJSON(v)
	case ClassOther:
		// A column without a type of its own holds bytes as they are.
		return otherwise(v), true
	case ClassUUID:
		s := strings.ToLower(strings.Trim(strings.TrimSpace(v.Text()), "{}"))
		return TextOf(s), isUUID(s)
	}
	return asText(v), true
}

func otherwise(v Value) Value {
	if v.Kind == Bytes {
		return v
	}
	return asText(v)
}

func asText(v Value) Value {
	if v.Kind == JSON {
		if plain, ok := v.scalar(); ok {
			v = plain
		}
	}
	return TextOf(v.Text())
}

func castInt(v Value) (Value, bool) {
	switch v.Kind {
	case Int, Bool:
		return IntOf(v.Int), true
	case Float:
		return IntOf(int64(v.Float)), v.Float == math.Trunc(v.Float) && math.Abs(v.Float) < 1<<53
	}
	s := strings.TrimSpace(v.Text())
	if v.Kind == Decimal && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	i, err := strconv.ParseInt(s, 10, 64)
	return IntOf(i), err == nil
}

func castBool(v Value) (Value, bool) {
	switch v.Kind {
	case Bool, Int:
		return BoolOf(v.Int != 0), v.Int == 0 || v.Int == 1
	}
	switch strings.ToLower(strings.TrimSpace(v.Text())) {
	case "true", "t", "1", "yes", "y":
		return BoolOf(true), true
	case "false", "f", "0", "no", "n":
		return BoolOf(false), true
	}
	return Value{}, false
}

func castDate(v Value) (Value, bool) {
	s := strings.TrimSpace(v.Text())
	if len(s) > 10 {
		s = s[:10]
	}
	_, err := time.Parse(time.DateOnly, s)
	return Value{Kind: Date, Str: s}, err == nil
}

func castTime(v Value) (Value, bool) {
	s := strings.TrimSpace(v.Text())
	if v.Kind == Time {
		return v, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05Z07:00", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly, "15:04:05.999999999", "15:04"} {
		if _, err := time.Parse(layout, s); err == nil {
			return Value{Kind: Time, Str: s}, true
		}
	}
	return Value{}, false
}

func castJSON(v Value) (Value, bool) {
	if v.Kind == JSON {
		return v, true
	}
	if v.Kind == Text && json.Valid([]byte(v.Str)) {
		return Value{Kind: JSON, Str: v.Str}, true
	}
	return Value{Kind: JSON, Str: string(v.AppendJSON(nil))}, true
}

func isUUID(s string) bool {
	hex := strings.ReplaceAll(s, "-", "")
	if len(hex) != 32 {
		return false
	}
	for _, c := range hex {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// FromJSON gives the value that a JSON document is: a scalar by its kind, anything else as the document.
func FromJSON(doc string) Value {
	v := Value{Kind: JSON, Str: doc}
	if plain, ok := v.scalar(); ok {
		return plain
	}
	return v
}

// scalar reads a JSON document that is one number, text, truth value or null.
func (v Value) scalar() (Value, bool) {
	s := strings.TrimSpace(v.Str)
	switch {
	case s == "null":
		return Value{}, true
	case s == "true", s == "false":
		return BoolOf(s == "true"), true
	case strings.HasPrefix(s, `"`):
		var text string
		if json.Unmarshal([]byte(s), &text) != nil {
			return v, false
		}
		return TextOf(text), true
	case s == "" || s[0] == '{' || s[0] == '[':
		return v, false
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return IntOf(i), true
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return Value{Kind: Decimal, Str: s}, true
	}
	return v, false
}

// Elements gives the scalars that a JSON array holds; a value that is no array is its only element.
func (v Value) Elements() []Value {
	if v.Kind == Null {
		return nil
	}
	text := v.Str
	if v.Kind != JSON && !(v.Kind == Text && strings.HasPrefix(strings.TrimSpace(text), "[")) {
		return []Value{v}
	}
	var parts []json.RawMessage
	if json.Unmarshal([]byte(text), &parts) != nil {
		return []Value{v}
	}
	var out []Value
	for _, p := range parts {
		if e := FromJSON(string(p)); e.Kind != Null && e.Kind != JSON {
			out = append(out, e)
		}
	}
	return out
}

// At gives the value at a place inside a JSON document; null when there is none.
func (v Value) At(path []string) Value {
	if len(path) == 0 {
		return v
	}
	doc := json.RawMessage(v.Str)
	if v.Kind != JSON && v.Kind != Text {
		return Value{}
	}
	for _, key := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal(doc, &object) != nil {
			return Value{}
		}
		next, ok := object[key]
		if !ok {
			return Value{}
		}
		doc = next
	}
	return FromJSON(string(doc))
}
