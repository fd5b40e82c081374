package keyring

import (
	"crypto/subtle"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const (
	hiddenPrivate = "‹private›"
	hiddenKey     = "‹key›"
)

// Private is personal data that cannot be printed, logged, marshalled or stored by accident:
// every way out but Reveal gives "‹private›" or an error. The zero value is the empty string.
//
// It is not comparable with ==, which would compare places in memory: use Equal.
type Private struct {
	_ [0]func() // makes == a compile error
	// A pointer, because fmt walks into unexported fields of an enclosing struct without asking
	// for methods: it then prints an address and not the text.
	v *string
}

// NewPrivate wraps a string.
func NewPrivate(s string) Private {
	if s == "" {
		return Private{}
	}
	return Private{v: &s}
}

// Reveal gives the text. Every call is a place to look at in review.
func (p Private) Reveal() string {
	if p.v == nil {
		return ""
	}
	return *p.v
}

// IsZero tells whether the text is empty.
func (p Private) IsZero() bool { return p.v == nil }

// Equal compares without telling by its time where two texts of the same length differ.
func (p Private) Equal(o Private) bool {
	return subtle.ConstantTimeCompare([]byte(p.Reveal()), []byte(o.Reveal())) == 1
}

// String hides the text.
func (p Private) String() string { return hiddenPrivate }

// GoString hides the text from %#v.
func (p Private) GoString() string { return hiddenPrivate }

// Format hides the text from every verb.
func (p Private) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenPrivate) }

// LogValue hides the text from slog.
func (p Private) LogValue() slog.Value { return slog.StringValue(hiddenPrivate) }

// MarshalJSON hides the text.
func (p Private) MarshalJSON() ([]byte, error) { return []byte(`"` + hiddenPrivate + `"`), nil }

// MarshalText hides the text.
func (p Private) MarshalText() ([]byte, error) { return []byte(hiddenPrivate), nil }

var errPlainColumn = errors.New("private text must be sealed before it goes into a database")

// Value refuses: personal data goes into our own database only sealed.
func (p Private) Value() (driver.Value, error) { return nil, errPlainColumn }
