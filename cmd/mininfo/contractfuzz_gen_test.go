package main_test

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"

	"mininfo/internal/demo"
)

// What the contract takes in, and what it does not, drawn from its schemas.

// known is what was seen in answers and may be sent back.
type known func(t *rapid.T, family string) string

// draw gives a value that a schema takes in.
func draw(t *rapid.T, name string, s *openapi3.Schema, ids known) any {
	switch {
	case len(s.AllOf) == 1:
		return draw(t, name, s.AllOf[0].Value, ids)
	case len(s.Enum) > 0:
		return rapid.SampledFrom(s.Enum).Draw(t, name)
	case s.Type.Is("object") || len(s.Properties) > 0 || len(s.AllOf) > 0:
		return drawObject(t, s, ids)
	case s.Type.Is("array"):
		n := rapid.IntRange(int(s.MinItems), int(s.MinItems)+2).Draw(t, "items")
		list := []any{}
		for range n {
			v := draw(t, name, s.Items.Value, ids)
			if !s.UniqueItems || !slices.ContainsFunc(list, func(o any) bool { return same(o, v) }) {
				list = append(list, v)
			}
		}
		return list
	case s.Type.Is("boolean"):
		return rapid.Bool().Draw(t, name)
	case s.Type.Is("integer"), s.Type.Is("number"):
		low, high := -1e6, 1e6
		if s.Min != nil {
			low = *s.Min
		}
		if s.Max != nil {
			high = *s.Max
		}
		return rapid.OneOf(rapid.Just(int(low)), rapid.Just(int(high)), rapid.IntRange(int(low), int(min(high, low+5)))).Draw(t, name)
	}
	return drawString(t, name, s, ids)
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

func drawObject(t *rapid.T, s *openapi3.Schema, ids known) map[string]any {
	out := map[string]any{}
	for _, part := range s.AllOf {
		maps.Copy(out, drawObject(t, part.Value, ids))
	}
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, field) || rapid.IntRange(0, 2).Draw(t, "with "+field) == 0 {
			out[field] = draw(t, field, s.Properties[field].Value, ids)
		}
	}
	if s.MaxProps != nil {
		for _, field := range slices.Sorted(maps.Keys(out)) {
			if uint64(len(out)) > *s.MaxProps {
				delete(out, field)
			}
		}
	}
	if uint64(len(out)) < s.MinProps {
		field := rapid.SampledFrom(slices.Sorted(maps.Keys(s.Properties))).Draw(t, "field")
		out[field] = draw(t, field, s.Properties[field].Value, ids)
	}
	return out
}

// freeText is the pattern of texts that may hold anything but NUL.
const freeText = `^[^\x00]*$`

var oddTexts = []string{
	"<script>alert(1)</script>", "=cmd|' /C calc'!A0", "'; DROP TABLE request; --", "../../etc/passwd", "{{7*7}}", "%s%n%x", "\u202egnp.exe",
	"e\u0301\u200b\u200d", "😀", "\ufeff", "\u2028", "æøå ÆØÅ", "-1", "9223372036854775808", "1e309", "null", "  ", "\r\nBcc: a@example.com", "Kari Nordmann", "1", "\ufffd", "\U0010ffff", "ﬀ\u212a\u017f",
}

func drawString(t *rapid.T, name string, s *openapi3.Schema, ids known) string {
	most := 60
	if s.MaxLength != nil {
		most = int(min(*s.MaxLength, 400))
	}
	switch {
	case s.Format == "date":
		day := rapid.IntRange(-400, 400).Draw(t, "day")
		return rapid.SampledFrom([]string{"0001-01-01", "9999-12-31", time.Now().UTC().Format("2006-01-02"), time.Now().AddDate(0, 0, day).Format("2006-01-02")}).Draw(t, name)
	case s.Format == "date-time":
		back := rapid.IntRange(-100, 40000).Draw(t, "minutes")
		return rapid.SampledFrom([]string{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-28T23:59:59.999999999+14:00",
			time.Now().Add(-time.Duration(back) * time.Minute).UTC().Format(time.RFC3339), time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)}).Draw(t, name)
	case s.Format == "byte", s.Format == "binary":
		return "RnJhOiBLYXJpIDxrYXJpQGV4YW1wbGUuY29tPg0KDQpIZWk="
	case strings.Contains(s.Pattern, "0-9a-f]{32}"):
		return ids(t, name)
	case name == "email" || name == "addresses":
		return rapid.SampledFrom([]string{demo.Neighbour.Email, demo.MostData.Email, demo.Contact.Email, "ny.kunde@example.com", "a.b+c@example.co.uk"}).Draw(t, name)
	case name == "yaml":
		return string(demo.Register())
	case s.Pattern != "" && s.Pattern != freeText:
		return rapid.StringMatching(s.Pattern).Filter(func(v string) bool { return len([]rune(v)) <= most && len([]rune(v)) >= int(s.MinLength) }).Draw(t, name)
	}
	text := rapid.OneOf(rapid.SampledFrom(oddTexts), rapid.StringN(int(s.MinLength), min(most, 40), -1), rapid.Just(strings.Repeat("å", most))).Draw(t, name)
	text = strings.ReplaceAll(text, "\x00", "x")
	for len([]rune(text)) < int(s.MinLength) {
		text += "x"
	}
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	return text
}

// spoil changes one place of a value so that it most likely breaks its schema.
func spoil(t *rapid.T, v any, s *openapi3.Schema) any {
	if len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	switch held := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(held))
		switch rapid.IntRange(0, 5).Draw(t, "spoil") {
		case 0:
			return []any{held}
		case 1:
			held["no_such_field"] = rapid.SampledFrom([]any{1, "x", nil, map[string]any{}}).Draw(t, "unknown")
		case 2:
			if len(s.Required) > 0 {
				delete(held, rapid.SampledFrom(s.Required).Draw(t, "without"))
			}
		default:
			if len(keys) > 0 {
				k := rapid.SampledFrom(keys).Draw(t, "in")
				if p := s.Properties[k]; p != nil {
					held[k] = spoil(t, held[k], p.Value)
				}
			}
		}
		return held
	case []any:
		switch rapid.IntRange(0, 3).Draw(t, "spoil") {
		case 0:
			return map[string]any{"0": held}
		case 1:
			return "x"
		case 2:
			if len(held) > 0 {
				return append(held, held[0])
			}
			return []any{nil}
		}
		if len(held) > 0 && s.Items != nil {
			held[0] = spoil(t, held[0], s.Items.Value)
			return held
		}
		return []any{map[string]any{}, 1}
	case string:
		long := 30000
		if s.MaxLength != nil && *s.MaxLength < 30000 {
			long = int(*s.MaxLength) + 1
		}
		return rapid.SampledFrom([]any{strings.Repeat("a", long), "", 1, nil, true, []any{}, map[string]any{}, "2026-13-40", strings.Repeat("å", long), " ", "\n"}).Draw(t, "spoil")
	case bool:
		return rapid.SampledFrom([]any{"true", 1, nil, []any{}}).Draw(t, "spoil")
	}
	return rapid.SampledFrom([]any{"1", 1.5, nil, true, json.Number("9223372036854775807"), json.Number("-9223372036854775808"), json.Number("9223372036854775808"),
		json.Number("1e400"), json.Number("99999999999999999999999999"), -1, math.MaxInt32, []any{}}).Draw(t, "spoil")
}

// tear breaks a JSON text itself.
func tear(t *rapid.T, body string) string {
	first := regexp.MustCompile(`"[a-z_]+":`).FindString(body)
	return rapid.SampledFrom([]string{
		"", "{", "null", "[]", `""`, "1", body + body, body + "x", body[:len(body)/2], "\ufeff" + body, "\xff" + body, strings.Replace(body, "{", "{\"a\xc0\xaf\":1,", 1),
		strings.Replace(body, "{", `{"a":"\u0000",`, 1), strings.Replace(body, "{", `{"a":"\ud800",`, 1), strings.Replace(body, "{", "{"+first+"1,", 1),
		strings.Replace(body, "{", "{"+strings.ToUpper(first)+"1,", 1), strings.Repeat("[", 5000) + strings.Repeat("]", 5000), strings.Repeat(`{"a":`, 2000), `{"a":NaN}`, "{'a':1}", "{\"a\":1,}", "/*x*/" + body,
		"\x00" + body, strings.Replace(body, ":", ":-", 1), "a=b&c=d", "<a/>",
	}).Draw(t, "torn")
}

// oddSegments stand in a path where an id belongs.
var oddSegments = []string{
	"0", "-1", "x", "%00", "%0a", "%2e%2e", "%2f", "..%2f..%2fetc%2fpasswd", "%ff", "%c0%af", "%F0%9F%98%80", "%25", "%20", "'", "%22", "%3Cscript%3E", ";a=b", "*", "null", "undefined", "%5c", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	strings.Repeat("a", 31), strings.Repeat("a", 33), strings.Repeat("a", 3000), strings.Repeat("%C3%A5", 32), "9223372036854775808", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%00", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%0A",
}

// oddQueries are no value of any parameter, or no query at all.
var oddQueries = []string{"%zz", "limit=0", "limit=-1", "limit=9223372036854775808", "limit=1e3", "limit=", "cursor=x", "cursor=%00", "a=%00", "locale=xx", "version=0", "version=99999999999999999999", "from=2026-02-30", "to=x",
	"form=exe", "view=%ff", "q=%C3%28", "right=x", "limit=1&limit=2", "limit[]=1", ";", "=", "&&&", "finding=x"}
