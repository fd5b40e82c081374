package api

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

// What is taken in as JSON is one value to Go's own decoder as well, and means the same when it is
// written and read again.
func FuzzStrictJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1,"b":[true,null,"æ"]}`, `{"a":1,"A":2}`, `"\ud83d\ude00"`, `"\ud83d"`, "\xff", `{"a":"\u0000"}`, `[[[[]]]]`, `{} {}`, `1e400`, "\ufeff{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if strictJSON(body) != nil {
			return
		}
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("taken in and not read: %v", err)
		}
		if _, err := d.Token(); err != io.EOF {
			t.Fatal("more than one value is taken in")
		}
		written, err := json.Marshal(v)
		if err != nil || strictJSON(written) != nil || strings.Contains(string(written), `\u0000`) || strings.Contains(string(written), "\ufffd") && !bytes.Contains(body, []byte("\ufffd")) && !bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
			t.Errorf("%q is written as %q, %v", body, written, err)
		}
	})
}

// A language header of any sort gives few languages, in order, and never fails.
func FuzzAcceptLanguage(f *testing.F) {
	for _, seed := range []string{"nb, en;q=0.5", "", ",,,;q=", "en;q=-1, nn;q=NaN", strings.Repeat("a,", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if n := len(acceptLanguages(header)); n > 20 {
			t.Errorf("%d languages", n)
		}
	})
}
