package dsr

import "time"

var (
	firstNationalWeights  = [...]int{3, 7, 6, 1, 8, 9, 4, 5, 2, 1}
	secondNationalWeights = [...]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1}
)

// IsNationalNumber tells whether eleven digits are a Norwegian national identity number: a day of the
// calendar and two control digits (modulus 11). A D-number has 40 added to its day; a number of the made-up
// persons of test registers has 40 or 80 added to its month. From 2032 on the first control digit may leave
// a rest of up to 3.
func IsNationalNumber(digits string) bool {
	if len(digits) != 11 {
		return false
	}
	var d [11]int
	for i := range d {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
		d[i] = int(digits[i] - '0')
	}
	day, month := d[0]*10+d[1], d[2]*10+d[3]
	if day > 40 {
		day -= 40
	}
	for month > 40 {
		month -= 40
	}
	// The century is not told by the two digits of the year alone: any 29 February will do.
	if month < 1 || month > 12 || day < 1 || NewDate(2000, time.Month(month), day).Day != day {
		return false
	}
	return rest(d[:], firstNationalWeights[:]) <= 3 && rest(d[:], secondNationalWeights[:]) == 0
}

func rest(digits, weights []int) int {
	sum := 0
	for i, w := range weights {
		sum += w * digits[i]
	}
	return sum % 11
}
