package demo

import (
	"fmt"
	"strings"
	"time"
)

// phone gives the n-th telephone number. No country code begins with 0 and no Norwegian subscriber
// number does with 8 digits, so that +47 000 xxxxx reaches nobody, dialled with the prefix or without.
func phone(n int) string { return fmt.Sprintf("+47000%05d", n%100000) }

// mod11 gives the check digit of digits under the weights; false when there is none (remainder 10).
func mod11(digits string, weights ...int) (int, bool) {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	k := (11 - sum%11) % 11
	return k, k < 10
}

// organisationNo gives the n-th valid organisation number that begins with 31: those of real
// companies begin with 8 or 9.
func organisationNo(n int) string {
	for i := n * 11; ; i++ { // of 11 in a row at least one has a check digit
		base := fmt.Sprintf("31%06d", i%1000000)
		if k, ok := mod11(base, 3, 2, 7, 6, 5, 4, 3, 2); ok {
			return fmt.Sprintf("%s%d", base, k)
		}
	}
}

// ValidOrganisationNo tells whether a number has nine digits and the right check digit.
func ValidOrganisationNo(no string) bool {
	if len(no) != 9 || strings.Trim(no, "0123456789") != "" {
		return false
	}
	k, ok := mod11(no, 3, 2, 7, 6, 5, 4, 3, 2)
	return ok && int(no[8]-'0') == k
}

// bankAccount gives the n-th valid account number of the register number 0000, which no bank has.
func bankAccount(n int) string {
	for i := n * 11; ; i++ {
		base := fmt.Sprintf("0000%06d", i%1000000)
		if k, ok := mod11(base, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2); ok {
			return fmt.Sprintf("%s%d", base, k)
		}
	}
}

// nationalID gives a synthetic national identity number: the check digits are right, and 80 is added
// to the month, as in the authorities' own test population, so that it belongs to nobody.
func nationalID(born time.Time, n int) string {
	for i := n; ; i++ {
		base := fmt.Sprintf("%02d%02d%02d%03d", born.Day(), int(born.Month())+80, born.Year()%100, i%500)
		k1, ok := mod11(base, 3, 7, 6, 1, 8, 9, 4, 5, 2)
		if !ok {
			continue
		}
		base += fmt.Sprint(k1)
		if k2, ok := mod11(base, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2); ok {
			return base + fmt.Sprint(k2)
		}
	}
}

// networkAddress gives the n-th address of the documentation range of IPv6 (RFC 3849).
func networkAddress(n int) string { return fmt.Sprintf("2001:db8:%x:%x::1", n/65536+1, n%65536) }

// strangerAddress gives an address of the documentation ranges of IPv4 (RFC 5737).
func strangerAddress(r *random) string {
	return fmt.Sprintf("%s.%d", pick(r, []string{"192.0.2", "198.51.100", "203.0.113"}), r.between(1, 254))
}
