package export

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// shown is a cell as the page shows it: Plain, or one of the other three with Text.
type shown struct {
	Text     string
	Plain    bool
	Withheld bool   // Text is the reason
	Instant  string // the exact form of a date or time, for <time>; otherwise Text is code
}

// none stands where there is no value.
const none = "–"

func plainText(s string) shown {
	if s == "" {
		return shown{Text: none, Plain: true}
	}
	return shown{Text: visible(s), Plain: true}
}

// shower turns values into what people read. The exact values are in the JSON.
type shower struct {
	locale locale.Locale
	zone   *time.Location
}

// plainBytes is how much of a binary value the page shows as base64.
const plainBytes = 64

func (s shower) cell(c *Cell) shown {
	if c.Withheld != "" {
		return shown{Text: fmt.Sprintf(texts["withheld_cell"].In(s.locale), visible(c.Withheld)), Withheld: true}
	}
	v := c.Value
	switch v.Kind {
	case source.Bool:
		if v.Int != 0 {
			return plainText(texts["yes"].In(s.locale))
		}
		return plainText(texts["no"].In(s.locale))
	case source.Date:
		return s.date(v)
	case source.Time:
		return s.instant(v)
	case source.JSON:
		return shown{Text: visible(v.Str)}
	case source.Bytes:
		return s.bytes(v)
	}
	return plainText(v.Text())
}

func (s shower) date(v source.Value) shown {
	d, err := dsr.ParseDate(v.Str)
	if err != nil {
		return plainText(v.Str)
	}
	return shown{Text: d.Format(s.locale), Instant: v.Str}
}

// instant shows a point in time in the page's zone; a time without a zone stays as it is.
func (s shower) instant(v source.Value) shown {
	zoned := true
	at, err := time.Parse(time.RFC3339Nano, v.Str)
	if err != nil {
		zoned = false
		if at, err = time.Parse("2006-01-02T15:04:05.999999999", v.Str); err != nil {
			return plainText(v.Str)
		}
	}
	suffix := ""
	if zoned {
		if s.zone != nil {
			at = at.In(s.zone)
		} else {
			at, suffix = at.UTC(), " UTC"
		}
	}
	clock := at.Format("15.04")
	if at.Second() != 0 {
		clock = at.Format("15.04.05")
	}
	day := dsr.NewDate(at.Year(), at.Month(), at.Day()).Format(s.locale)
	if s.locale == locale.EN {
		return shown{Text: day + ", " + strings.ReplaceAll(clock, ".", ":") + suffix, Instant: v.Str}
	}
	return shown{Text: day + " kl. " + clock + suffix, Instant: v.Str}
}

func (s shower) bytes(v source.Value) shown {
	if utf8.ValidString(v.Str) && !strings.ContainsFunc(v.Str, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
		return plainText(v.Str)
	}
	if len(v.Str) <= plainBytes {
		return shown{Text: v.Text()}
	}
	return shown{Plain: true, Text: fmt.Sprintf(texts["binary"].In(s.locale), byteSize(int64(len(v.Str)), s.locale))}
}

// visible makes a text safe to look at: what cannot be seen, or what turns the order of letters
// around, is written out. Joiners stay; emoji and some languages need them.
func visible(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('\u2400' + r)
		case r == 0x7f:
			b.WriteRune('\u2421')
		case hidden(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

func hidden(r rune) bool {
	switch {
	case r >= 0x80 && r <= 0x9f, r == 0xad, r == 0x61c, r == 0x180e, r == 0x200b, r == 0x2060, r == 0xfeff,
		r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// byteSize writes a size for people.
func byteSize(n int64, l locale.Locale) string {
	unit, f := "byte", float64(n)
	for _, bigger := range []string{"kB", "MB", "GB", "TB"} {
		if f < 1000 {
			break
		}
		unit, f = bigger, f/1000
	}
	s := fmt.Sprintf("%.1f", f)
	s = strings.TrimSuffix(s, ".0")
	if l != locale.EN {
		s = strings.ReplaceAll(s, ".", ",")
	}
	return s + "\u00a0" + unit
}
