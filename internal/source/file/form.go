package file

import (
	"regexp"
	"strings"
	"time"

	"mininfo/internal/source"
)

// form is how a column writes what it holds. A column in which every value is a date, or every value a
// decimal number with a comma, is read as such and written back in its own spelling; all else is text.
type form struct {
	class source.Class
	// thousands is what groups of three digits are parted by in some value of the column, or "".
	thousands string
}

var (
	norwegianDate = regexp.MustCompile(`^(\d{1,2})([./-])(\d{1,2})([./-])(\d{4})$`)
	decimalComma  = regexp.MustCompile(`^-?(\d+|\d{1,3}(([ .\x{00a0}\x{202f}])\d{3})+),\d+$`)
	wholeNumber   = regexp.MustCompile(`^-?(\d+|\d{1,3}([ .\x{00a0}\x{202f}]\d{3})+)$`)
	grouping      = regexp.MustCompile(`\d([ .\x{00a0}\x{202f}])\d{3}`)
)

// formOf looks at all values of a column. A leading zero is no number's: "0150,5" is left as it is.
func formOf(each func(func(cell string) bool)) form {
	dates, numbers, commas, any := true, true, false, false
	f := form{}
	each(func(cell string) bool {
		any = true
		if dates {
			_, _, dates = readDate(cell)
		}
		if numbers {
			comma := decimalComma.MatchString(cell)
			numbers = (comma || wholeNumber.MatchString(cell)) && !padded(cell)
			commas = commas || comma
			if g := grouping.FindStringSubmatch(cell); g != nil && f.thousands == "" {
				f.thousands = g[1]
			}
		}
		return dates || numbers
	})
	switch {
	case any && dates:
		return form{class: source.ClassDate}
	case any && numbers && commas:
		f.class = source.ClassDecimal
		return f
	}
	return form{class: source.ClassText}
}

func padded(cell string) bool {
	cell = strings.TrimPrefix(cell, "-")
	return len(cell) > 1 && cell[0] == '0' && cell[1] != ','
}

// readDate reads 31.12.2026, with any of the separators that people use and with or without zeros.
func readDate(cell string) (iso, layout string, ok bool) {
	m := norwegianDate.FindStringSubmatch(cell)
	if m == nil || m[2] != m[4] {
		return "", "", false
	}
	layout = "2" + m[2] + "1" + m[2] + "2006"
	at, err := time.Parse(layout, cell)
	if err != nil {
		return "", "", false
	}
	// A column writes its zeros the same way in every value: one digit anywhere tells that there are none.
	if len(m[1]) == 2 && len(m[3]) == 2 {
		layout = "02" + m[2] + "01" + m[2] + "2006"
	}
	return at.Format(time.DateOnly), layout, true
}

// read gives the value of a cell that is not empty.
func (f form) read(cell string) source.Value {
	switch f.class {
	case source.ClassDate:
		iso, _, _ := readDate(cell)
		return source.Value{Kind: source.Date, Str: iso}
	case source.ClassDecimal:
		return source.Value{Kind: source.Decimal, Str: plainNumber(cell)}
	}
	return source.TextOf(cell)
}

// plainNumber takes the grouping out and puts a point for the comma.
func plainNumber(cell string) string {
	cell = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '.', '\u00a0', '\u202f':
			return -1
		case ',':
			return '.'
		}
		return r
	}, cell)
	return cell
}

// write gives the cell for a value in the spelling of the cell that it replaces, or of the column.
// False: the column cannot hold it.
func (f form) write(v source.Value, old string) (string, bool) {
	if v.IsNull() {
		return "", true
	}
	cast, ok := source.Cast(v, f.class)
	if !ok {
		return "", false
	}
	switch f.class {
	case source.ClassDate:
		at, err := time.Parse(time.DateOnly, cast.Text())
		if err != nil {
			return "", false
		}
		layout := "02.01.2006"
		if _, own, ok := readDate(old); ok {
			layout = own
		}
		return at.Format(layout), true
	case source.ClassDecimal:
		return f.number(cast.Text())
	}
	text := cast.Text()
	return strings.TrimSpace(text), len(text) <= maxCell
}

// number writes 1234.5 as 1 234,5 where the column groups its digits.
func (f form) number(s string) (string, bool) {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, part, _ := strings.Cut(s, ".")
	if whole == "" || strings.Trim(whole+part, "0123456789") != "" {
		return "", false
	}
	if f.thousands != "" {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + f.thousands + whole[i:]
		}
	}
	if part != "" {
		whole += "," + part
	}
	return sign + whole, true
}
