package dsr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"mininfo/internal/fault"
)

// Address is an e-mail address that passed the portal's own grammar. Typed is for showing and
// sending; Canonical is for finding. Both are personal data.
type Address struct {
	Typed     string
	Canonical string // lower-case local part, "@", domain in lower-case A-labels
}

// ErrAddress: the text is not an address that the portal accepts.
var ErrAddress = fault.Define(fault.Invalid, "bad_email",
	"Skriv en e-postadresse, for eksempel navn@example.no.",
	"Skriv ei e-postadresse, til dømes namn@example.no.",
	"Write an e-mail address, for example name@example.com.")

// ErrPhone: the text is not a phone number.
var ErrPhone = fault.Define(fault.Invalid, "bad_phone",
	"Skriv et telefonnummer med åtte siffer, eller med landkode, for eksempel +46 70 123 45 67.",
	"Skriv eit telefonnummer med åtte siffer, eller med landkode, til dømes +46 70 123 45 67.",
	"Write a phone number of eight digits, or with a country code, for example +46 70 123 45 67.")

// Lengths of an address in bytes (RFC 5321 § 4.5.3.1, and what a mailbox can hold).
const (
	addressMin = 6
	addressMax = 254
	localMax   = 64
	labelMax   = 63
)

// localPunctuation is what a local part may hold beside letters and digits. Backtick and quotes
// are left out on purpose: they carry shell and header tricks and hardly any real address.
const localPunctuation = ".!#$%&'*+/=?^_{|}~-"

// ParseAddress reads an e-mail address under a grammar narrower than RFC 5321, so that an address
// has one reading everywhere. There is no folding of plus signs or dots: those are other mailboxes.
// What surrounds the address, blanks too, is not stripped. The error never repeats the input.
func ParseAddress(typed string) (Address, error) {
	if len(typed) < addressMin || len(typed) > addressMax || !utf8.ValidString(typed) {
		return Address{}, ErrAddress
	}
	local, domain, found := strings.Cut(typed, "@")
	if !found || strings.Contains(domain, "@") || !validLocal(local) {
		return Address{}, ErrAddress
	}
	ascii, ok := canonicalDomain(domain)
	if !ok {
		return Address{}, ErrAddress
	}
	canonical := lowerASCII(local) + "@" + ascii
	if len(canonical) > addressMax {
		return Address{}, ErrAddress
	}
	return Address{Typed: typed, Canonical: canonical}, nil
}

// SameAddress tells whether two texts are the same mailbox by the portal's reading. Text that is
// no address is the same as nothing.
func SameAddress(a, b string) bool {
	x, errX := ParseAddress(a)
	y, errY := ParseAddress(b)
	return errX == nil && errY == nil && x.Canonical == y.Canonical
}

func validLocal(local string) bool {
	if local == "" || len(local) > localMax || strings.Contains(local, "..") || strings.Contains(local, "=?") ||
		local[0] == '.' || local[len(local)-1] == '.' {
		return false
	}
	for i := range len(local) {
		b := local[i]
		letter := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
		if !letter && strings.IndexByte(localPunctuation, b) < 0 {
			return false
		}
	}
	return true
}

// canonicalDomain gives the domain's lower-case A-labels. It refuses domains that IDNA would map
// to something other than their lower-case selves (full-width letters, the Kelvin sign, ideographic
// stops): two texts that look alike must not become one mailbox behind the person's back.
func canonicalDomain(domain string) (string, bool) {
	if disguised(domain) {
		return "", false
	}
	lower := strings.Map(unicode.ToLower, norm.NFC.String(domain))
	ascii, err := idna.Lookup.ToASCII(lower)
	if err != nil {
		return "", false
	}
	back, err := idna.Lookup.ToUnicode(ascii)
	if err != nil || (back != lower && ascii != lower) {
		return "", false
	}
	labels := strings.Split(ascii, ".")
	if len(labels) < 2 || len(ascii) > 253 {
		return "", false
	}
	for _, label := range labels {
		if label == "" || len(label) > labelMax {
			return "", false
		}
	}
	return ascii, !numeric(labels[len(labels)-1])
}

// numeric tells a last label that makes the domain an IP address to some readers.
func numeric(label string) bool {
	return strings.Trim(label, "0123456789") == "" || strings.HasPrefix(label, "0x")
}

// disguised tells whether a letter beyond ASCII would become an ASCII one by folding or composing.
func disguised(s string) bool {
	for _, r := range s {
		if r < utf8.RuneSelf {
			continue
		}
		composed, _ := utf8.DecodeRuneInString(norm.NFC.String(string(r)))
		if unicode.ToLower(r) < utf8.RuneSelf || composed < utf8.RuneSelf {
			return true
		}
	}
	return false
}

// lowerASCII folds A–Z only. strings.ToLower would fold the Kelvin sign to k.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// CanonicalPhone writes a phone number in the form of E.164, such as +4722334455. Eight digits
// without a country code are Norwegian. Other numbers need their country code.
func CanonicalPhone(typed string) (string, error) {
	s := strings.ReplaceAll(strings.TrimSpace(typed), "(0)", "")
	var digits strings.Builder
	plus := false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits.WriteRune(r)
		case r == '+' && digits.Len() == 0 && !plus:
			plus = true
		case !strings.ContainsRune(" -.()/\u00a0\u2011\u2013\u202f", r):
			return "", ErrPhone
		}
	}
	number := digits.String()
	switch {
	case plus:
	case strings.HasPrefix(number, "00"):
		number = number[2:]
	case len(number) == 8:
		number = "47" + number
	case len(number) == 10 && strings.HasPrefix(number, "47"):
	default:
		return "", ErrPhone
	}
	norwegian := strings.HasPrefix(number, "47")
	if len(number) < 8 || len(number) > 15 || number[0] == '0' || norwegian && len(number) != 10 && len(number) != 14 {
		return "", ErrPhone
	}
	return "+" + number, nil
}
