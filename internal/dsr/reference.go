package dsr

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"mininfo/internal/fault"
)

// Reference is what a person can read on the phone, such as MI-2026-7F3K-2Q: the year, five
// random characters and a check character. It names a case and never authenticates anybody.
type Reference string

// ErrReference: the text is no reference, or a character of it is wrong.
var ErrReference = fault.Define(fault.Invalid, "bad_reference",
	"Referansen stemmer ikke. Den ser slik ut: MI-2026-7F3K-2Q. Se etter om et tegn er feil.",
	"Referansen stemmer ikkje. Han ser slik ut: MI-2026-7F3K-2Q. Sjå etter om eit teikn er feil.",
	"The reference is not right. It looks like this: MI-2026-7F3K-2Q. Check whether a character is wrong.")

// referenceAlphabet is the 32 digits and letters without I, L, O and U.
const referenceAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	referenceRandom  = 5
	referenceSymbols = 4 + referenceRandom + 1 // year, random, check
	// referenceOffset makes the reference that stands in every explanation, MI-2026-7F3K-2Q, right.
	referenceOffset = 15
)

// NewReference draws a reference for a year of four digits from random bytes. Two cases can draw the
// same one; the caller's table must refuse the second and draw again.
func NewReference(random io.Reader, year int) (Reference, error) {
	if year < 1000 || year > 9999 {
		return "", fmt.Errorf("a reference cannot hold the year %d", year)
	}
	bytes := make([]byte, referenceRandom)
	if _, err := io.ReadFull(random, bytes); err != nil {
		return "", fmt.Errorf("drawing a reference: %w", err)
	}
	symbols := fmt.Sprintf("%04d", year)
	for _, b := range bytes {
		symbols += string(referenceAlphabet[b&31])
	}
	return written(symbols + string(referenceAlphabet[check(symbols)])), nil
}

// ParseReference reads a reference as people type it: small letters, blanks, missing dashes,
// O for 0, I and L for 1, the leading MI left out. Any single wrong character, and any two
// neighbours swapped, are noticed.
func ParseReference(typed string) (Reference, error) {
	var b strings.Builder
	for _, r := range typed {
		switch r = unicode.ToUpper(r); {
		case unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '\u2212':
		case r == 'O':
			b.WriteByte('0')
		case r == 'I' || r == 'L':
			b.WriteByte('1')
		default:
			b.WriteRune(r)
		}
	}
	symbols := strings.TrimPrefix(b.String(), "M1")
	if len(symbols) != referenceSymbols {
		return "", ErrReference
	}
	for i := range len(symbols) {
		at := strings.IndexByte(referenceAlphabet, symbols[i])
		if at < 0 || i < 4 && at > 9 {
			return "", ErrReference
		}
	}
	if referenceAlphabet[check(symbols[:referenceSymbols-1])] != symbols[referenceSymbols-1] {
		return "", ErrReference
	}
	return written(symbols), nil
}

func written(symbols string) Reference {
	return Reference("MI-" + symbols[:4] + "-" + symbols[4:8] + "-" + symbols[8:])
}

// check sums the symbols in the field of 32 elements, each times another power of its generator.
// Nonzero weights catch every wrong symbol, different weights every swap; the check symbol itself
// weighs one. A sum modulo 32 could not do both.
func check(symbols string) int {
	sum, weight := referenceOffset, 1
	for i := range len(symbols) {
		weight = times(weight, 2)
		sum ^= times(weight, strings.IndexByte(referenceAlphabet, symbols[i]))
	}
	return sum
}

// times multiplies in GF(2^5) modulo x^5 + x^2 + 1.
func times(a, b int) int {
	product := 0
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			product ^= a
		}
		if a <<= 1; a&32 != 0 {
			a ^= 0b100101
		}
	}
	return product
}
