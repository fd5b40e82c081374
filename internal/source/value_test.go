package source_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mininfo/internal/source"
)

func TestValuesAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    source.Value
		want string
	}{
		{source.Value{}, "null"}, {source.BoolOf(true), "true"}, {source.IntOf(-5), "-5"}, {source.FloatOf(0.1), "0.1"}, {source.FloatOf(math.NaN()), `"NaN"`},
		{source.Value{Kind: source.Decimal, Str: "12.50"}, "12.50"}, {source.Value{Kind: source.Decimal, Str: "NaN"}, `"NaN"`},
		{source.TextOf("æ<\"\n\\"), `"æ<\"\n\\"`}, {source.TextOf("\xff"), `"�"`}, {source.BytesOf([]byte{0, 255}), `"AP8="`},
		{source.Value{Kind: source.JSON, Str: `{"a": [1, 2]}`}, `{"a":[1,2]}`}, {source.Value{Kind: source.JSON, Str: `{broken`}, `"{broken"`},
		{source.Value{Kind: source.Date, Str: "2026-01-02"}, `"2026-01-02"`},
	} {
		got, err := json.Marshal(c.v)
		if err != nil || string(got) != c.want && string(got) != strings.ReplaceAll(c.want, "<", `\u003c`) && !strings.Contains(c.want, "�") {
			t.Errorf("%s: got %s, %v", c.want, got, err)
		}
		if raw := string(c.v.AppendJSON(nil)); !json.Valid([]byte(raw)) {
			t.Errorf("%s: no JSON: %s", c.want, raw)
		}
	}
}

// Floating point numbers are written as encoding/json writes them, whatever their bits.
func TestFloatsAsJSON(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Errorf(string, ...any) }, f float64) {
		want, err := json.Marshal(f)
		if got := string(source.FloatOf(f).AppendJSON(nil)); err == nil && got != string(want) {
			t.Errorf("%g: %s, want %s", f, got, want)
		}
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1e-6, 9.9e-7, -1e-9, 1e-10, 1e20, 1e21, -1e21, 1e100, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		check(t, f)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, math.Float64frombits(rapid.Uint64().Draw(t, "bits"))) })
}

func TestCasts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    source.Value
		to   source.Class
		want string // "" for impossible
	}{
		{source.IntOf(1), source.ClassText, "1"}, {source.TextOf("1"), source.ClassInt, "1"}, {source.TextOf("01x"), source.ClassInt, ""},
		{source.FloatOf(2), source.ClassInt, "2"}, {source.FloatOf(2.5), source.ClassInt, ""}, {source.Value{Kind: source.Decimal, Str: "7.00"}, source.ClassInt, "7"},
		{source.TextOf("true"), source.ClassBool, "true"}, {source.TextOf("perhaps"), source.ClassBool, ""}, {source.IntOf(1), source.ClassBool, "true"},
		{source.TextOf("2026-02-30"), source.ClassDate, ""}, {source.TextOf("2026-02-28 10:00"), source.ClassDate, "2026-02-28"},
		{source.TextOf("{0B0E5E1A-0000-4000-8000-000000000001}"), source.ClassUUID, "0b0e5e1a-0000-4000-8000-000000000001"}, {source.TextOf("x"), source.ClassUUID, ""},
		{source.TextOf("x"), source.ClassFloat, ""}, {source.TextOf("1e3"), source.ClassFloat, "1000"}, {source.TextOf("yesterday"), source.ClassTime, ""},
	} {
		got, ok := source.Cast(c.v, c.to)
		if ok != (c.want != "") || ok && got.Text() != c.want {
			t.Errorf("%s to %d: %s, %v", c.v.Text(), c.to, got.Text(), ok)
		}
	}
}

func TestNothingPrintsWhatItHolds(t *testing.T) {
	t.Parallel()
	secret, value := source.NewSecret("canary"), source.TextOf("canary")
	config := source.Config{Name: "s", DSN: secret}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, x := range []any{secret, &secret, value, []source.Value{value}, config} {
			if text := fmt.Sprintf(format, x); strings.Contains(text, "canary") {
				t.Errorf("%s of %T: %s", format, x, text)
			}
		}
	}
	if b, _ := json.Marshal(config); strings.Contains(string(b), "canary") {
		t.Errorf("JSON: %s", b)
	}
}

func TestPlacesInDocuments(t *testing.T) {
	t.Parallel()
	doc := source.Value{Kind: source.JSON, Str: `{"a": {"b": "x", "n": 1.50, "l": ["p", 2, null, {"q": 1}]}}`}
	for path, want := range map[string]string{"a b": "x", "a n": "1.50", "a c": "", "a b c": ""} {
		if got := doc.At(strings.Fields(path)).Text(); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	var list []string
	for _, v := range doc.At([]string{"a", "l"}).Elements() {
		list = append(list, v.Text())
	}
	if fmt.Sprint(list) != "[p 2]" {
		t.Errorf("elements: %v", list)
	}
}

func FuzzTyped(f *testing.F) {
	for _, s := range []string{"n", "i1", "tx", "!t/w==", "b1", "yAA==", "!", "!!", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := source.ParseTyped(s)
		if err != nil {
			return
		}
		back, err := source.ParseTyped(v.Typed())
		if err != nil || !back.Equal(v) {
			t.Fatalf("%q: %v", s, err)
		}
	})
}
