package dsr

import (
	"strings"
	"unicode"

	"mininfo/internal/fault"
)

// OrganisationNumber is the kind of identifier that points at an undertaking: its number in
// Enhetsregisteret.
const OrganisationNumber = "organisation_number"

// ErrOrganisationNumber says what an organisation number looks like.
var ErrOrganisationNumber = fault.Define(fault.Invalid, "organisation_number_invalid",
	"Et organisasjonsnummer har ni sifre. Sjekk at du har skrevet alle, og i riktig rekkefølge.",
	"Eit organisasjonsnummer har ni siffer. Sjekk at du har skrive alle, og i rett rekkjefølgje.",
	"An organisation number has nine digits. Check that you have written all of them, in the right order.")

var organisationWeights = [8]int{3, 2, 7, 6, 5, 4, 3, 2}

// ParseOrganisationNumber reads a Norwegian organisation number: nine digits, the last of which checks
// the others (modulus 11). Blanks, «NO» before and «MVA» after do not matter.
func ParseOrganisationNumber(s string) (string, error) {
	s = strings.ToUpper(strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) {
			return -1
		}
		return c
	}, s))
	s = strings.TrimSuffix(strings.TrimPrefix(s, "NO"), "MVA")
	if len(s) != 9 || strings.Trim(s, "0123456789") != "" {
		return "", ErrOrganisationNumber
	}
	sum := 0
	for i, w := range organisationWeights {
		sum += int(s[i]-'0') * w
	}
	if (11-sum%11)%11 != int(s[8]-'0') {
		return "", ErrOrganisationNumber
	}
	return s, nil
}
