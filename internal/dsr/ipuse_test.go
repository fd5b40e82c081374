package dsr_test

import (
	"errors"
	"strings"
	"testing"

	"mininfo/internal/dsr"
)

func TestParseIPUse(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"203.0.113.7 2026-10-01/2026-10-31":        "203.0.113.7 2026-10-01/2026-10-31",
		" 203.0.113.7\t2026-10-01 ":                "203.0.113.7 2026-10-01/2026-10-01",
		"::ffff:203.0.113.7 2026-10-01/2026-10-02": "203.0.113.7 2026-10-01/2026-10-02",
		"2001:DB8:0:0:0::1 2026-10-01/2027-10-01":  "2001:db8::1 2026-10-01/2027-10-01",
		"[fe80::1%eth0] 2026-10-01/2026-10-01":     "fe80::1 2026-10-01/2026-10-01",
		"203.0.113.7/32 2026-10-01/2026-10-01":     "203.0.113.7 2026-10-01/2026-10-01",
		"2001:db8::1/128 2026-10-01/2026-10-01":    "2001:db8::1 2026-10-01/2026-10-01",
	} {
		use, err := dsr.ParseIPUse(typed)
		if err != nil || use.String() != want {
			t.Errorf("%q: got %q, %v; want %q", typed, use, err, want)
		}
		if again, err := dsr.ParseIPUse(use.String()); err != nil || again != use {
			t.Errorf("%q does not read back", use)
		}
	}
	for _, typed := range []string{"", "198.51.100.9", "2026-10-01", "198.51.100.9 ", "198.51.100.9 2026-10-31/2026-10-01",
		"198.51.100.9 2026-10-01/2027-10-02", "203.0.113.0/24 2026-10-01/2026-10-02", "198.51.100.9 2026-13-01/2026-13-02",
		"198.51.100.9 2026-10-01/", "198.51.100.9 /2026-10-01", "198.51.100.9 2026-10-01 2026-10-02", "kari 2026-10-01/2026-10-02",
		"203.0.113.256 2026-10-01/2026-10-02"} {
		if _, err := dsr.ParseIPUse(typed); !errors.Is(err, dsr.ErrIPUse) || len(typed) > 12 && strings.Contains(err.Error(), typed) {
			t.Errorf("%q: got %v", typed, err)
		}
	}
}
