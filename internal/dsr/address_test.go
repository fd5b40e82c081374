package dsr_test

import (
	"errors"
	"strings"
	"testing"

	"mininfo/internal/dsr"
)

// Addresses that other checkers accept, or read in two ways.
var evil = []string{
	"",
	"a@b.c",                           // shorter than any real address
	`"victim@corp.com"@evil.com`,      // quoted local part; net/mail unquotes it
	"victim@corp.com@evil.com",        // two @
	"=?utf-8?q?=41?=@b.com",           // encoded word
	"a=?b@example.com",                // part of one
	"mi\u212Ae@corp.com",              // Kelvin sign folds to k
	"mi\u017Fs@corp.com",              // long s folds to s
	"míke@example.com",                // accent: some collations call it mike
	"mike@\uFF45vil.com",              // full-width letter in the domain
	"mike@corp\u3002com",              // ideographic full stop
	"mike@corp.\u212Aom.com",          // Kelvin sign in the domain
	"a(comment)@b.com",                // comment
	"a@b.com(comment)",                // comment
	"victim@corp.com\n",               // header injection
	"victim@corp.com\r\nBcc: x@y.com", // header injection
	"a\x00b@corp.com",                 // NUL
	" victim@corp.com",                // leading blank
	"victim@corp.com ",                // trailing blank
	".victim@corp.com", "victim.@corp.com", "vic..tim@corp.com",
	"victim@[127.0.0.1]", "victim@127.0.0.1", "victim@[IPv6:::1]", "victim@1.0x7f", // addresses of machines
	"victim@corp.com.", "victim@corp..com", "victim@.corp.com", "victim@localhost",
	"victim@-corp.com", "victim@corp-.com", "victim@co_rp.com",
	"a`id`@corp.com",               // backtick
	"a,b@corp.com", "a;b@corp.com", // lists
	"<victim@corp.com>", "Victim <victim@corp.com>",
	"@corp.com", "victim@", "victim", "victim%corp.com",
	"victim@xn--a.com",                               // no valid A-label
	"vic\u200dtim@corp.com", "victim@co\u200brp.com", // invisible characters
	"victim@\u202ecorp.com", // writing direction
	"\xff\xfe@corp.com",     // not UTF-8
	strings.Repeat("a", 65) + "@corp.com",
	"a@" + strings.Repeat("b", 64) + ".com",
	"a@" + strings.Repeat("b.", 126) + "com",
}

func TestEvilAddresses(t *testing.T) {
	t.Parallel()
	for _, typed := range evil {
		got, err := dsr.ParseAddress(typed)
		if !errors.Is(err, dsr.ErrAddress) {
			t.Errorf("ParseAddress(%q) = %+v, %v", typed, got, err)
		}
		if err != nil && len(typed) > 3 && strings.Contains(err.Error(), typed) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

func TestCanonicalAddress(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"kari@example.no":                       "kari@example.no",
		"Kari.Nordmann@Example.NO":              "kari.nordmann@example.no",
		"kari+nyhet@example.no":                 "kari+nyhet@example.no", // another mailbox
		"o'brien@example.ie":                    "o'brien@example.ie",
		"kari@blåbær.no":                        "kari@xn--blbr-roah.no",
		"kari@BLÅBÆR.no":                        "kari@xn--blbr-roah.no",
		"kari@bla\u030abær.no":                  "kari@xn--blbr-roah.no",
		"kari@xn--blbr-roah.no":                 "kari@xn--blbr-roah.no",
		"kari@XN--BLBR-ROAH.no":                 "kari@xn--blbr-roah.no",
		"a!#$%&'*+/?=^_{|}~-b@example.co":       "a!#$%&'*+/?=^_{|}~-b@example.co",
		"x@a.co":                                "x@a.co",
		strings.Repeat("a", 64) + "@example.no": strings.Repeat("a", 64) + "@example.no",
		"kari@sub.domain.example.no":            "kari@sub.domain.example.no",
		"k@" + strings.Repeat("b", 63) + ".no":  "k@" + strings.Repeat("b", 63) + ".no",
	} {
		got, err := dsr.ParseAddress(typed)
		if err != nil || got.Canonical != want || got.Typed != typed {
			t.Errorf("ParseAddress(%q) = %+v, %v, want %q", typed, got, err, want)
		}
	}
}

func TestSameAddress(t *testing.T) {
	t.Parallel()
	if !dsr.SameAddress("Kari@Example.no", "kari@example.NO") {
		t.Error("case made two mailboxes of one")
	}
	for _, pair := range [][2]string{{"mike@x.no", "míke@x.no"}, {"a.b@x.no", "ab@x.no"}, {"a@x.no", "a+b@x.no"}, {"", ""}, {"x", "x"}} {
		if dsr.SameAddress(pair[0], pair[1]) {
			t.Errorf("%q and %q are one", pair[0], pair[1])
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range evil {
		f.Add(s)
	}
	f.Add("Kari.Nordmann@Blåbær.no")
	f.Add("kari@xn--blbr-roah.no")
	f.Fuzz(func(t *testing.T, typed string) {
		a, err := dsr.ParseAddress(typed)
		if err != nil {
			return
		}
		c := a.Canonical
		again, err := dsr.ParseAddress(c)
		if err != nil || again.Canonical != c {
			t.Fatalf("canonical %q of %q reads back as %+v, %v", c, typed, again, err)
		}
		if strings.Count(c, "@") != 1 || strings.ContainsAny(c, " \t\r\n\x00\"<>(),;:\\[]`") || len(c) > 254 {
			t.Fatalf("canonical %q of %q is unsafe", c, typed)
		}
		for _, b := range []byte(c) {
			if b >= 0x80 || b >= 'A' && b <= 'Z' {
				t.Fatalf("canonical %q is not lower-case ASCII", c)
			}
		}
		local, _, _ := strings.Cut(typed, "@")
		if got, _, _ := strings.Cut(c, "@"); !strings.EqualFold(local, got) || len(got) != len(local) {
			t.Fatalf("local part %q became %q", local, got)
		}
	})
}

func TestCanonicalPhone(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"22 33 44 55": "+4722334455", "+47 22 33 44 55": "+4722334455", "0047 22334455": "+4722334455",
		"4722334455": "+4722334455", "(+47) 223 34 455": "+4722334455", "223-34-455": "+4722334455",
		"+46 (0)70 123 45 67": "+46701234567", "0046701234567": "+46701234567", "47\u00a022334455": "+4722334455",
		"47223344": "+4747223344",
	} {
		if got, err := dsr.CanonicalPhone(typed); err != nil || got != want {
			t.Errorf("CanonicalPhone(%q) = %q, %v, want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{"", "1234567", "0701234567", "+4712345", "22 33 44 5x", "++4722334455", "22+334455",
		"+0122334455", "+1234567890123456", "２２３３４４５５", "00"} {
		if got, err := dsr.CanonicalPhone(typed); !errors.Is(err, dsr.ErrPhone) {
			t.Errorf("CanonicalPhone(%q) = %q, %v", typed, got, err)
		}
	}
}
