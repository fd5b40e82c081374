package dsr_test

import (
	"fmt"
	"testing"

	"mininfo/internal/dsr"
)

// national makes a number of a date's six digits and an individual number, with a first control digit that
// leaves a rest; empty when the digits have none.
func national(date string, individual, remainder int) string {
	s := fmt.Sprintf("%s%03d", date, individual)
	weigh := func(s string, weights ...int) (sum int) {
		for i := range s {
			sum += int(s[i]-'0') * weights[i]
		}
		return sum
	}
	first := ((remainder-weigh(s, 3, 7, 6, 1, 8, 9, 4, 5, 2))%11 + 11) % 11
	if first > 9 {
		return ""
	}
	s += fmt.Sprint(first)
	second := (11 - weigh(s, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
	if second > 9 {
		return ""
	}
	return s + fmt.Sprint(second)
}

func TestIsNationalNumber(t *testing.T) {
	t.Parallel()
	each := func(date string, remainder int, want bool) {
		tried := 0
		for individual := range 1000 {
			s := national(date, individual, remainder)
			if s == "" {
				continue
			}
			tried++
			if dsr.IsNationalNumber(s) != want {
				t.Fatalf("%s (%s, rest %d): %v, want %v", s, date, remainder, !want, want)
			}
		}
		if tried < 500 {
			t.Fatalf("%s: %d numbers tried", date, tried)
		}
	}
	for remainder := range 11 {
		each("010190", remainder, remainder <= 3) // from 2032 on the rest may be up to 3
	}
	for date, want := range map[string]bool{
		"310199": true, "290200": true, // days there are
		"710199": true, "690200": true, // D-numbers
		"014190": true, "018190": true, "314190": true, "319290": true, // made-up persons: month 1, 1, 1 and 12
		"418190": true,                                                     // a made-up person's D-number
		"310290": false, "300200": false, "310490": false, "710290": false, // days that there are not
		"000190": false, "400190": false, "010090": false, "011390": false, "015390": false, "014090": false, "018090": false, "019390": false,
		"720190": false,
	} {
		each(date, 0, want)
	}
	for _, s := range []string{"", "0101900000", "010190000000", "0101900000a", "０１０１９０"} {
		if dsr.IsNationalNumber(s) {
			t.Errorf("%q is one", s)
		}
	}
	good := national("010190", 123, 0)
	if good == "" {
		good = national("010190", 124, 0)
	}
	for i := range good {
		wrong := []byte(good)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		if i >= 9 && dsr.IsNationalNumber(string(wrong)) {
			t.Errorf("%s with another control digit is one: %s", good, wrong)
		}
	}
}
