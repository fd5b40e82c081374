package source

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Describer is a system whose tables are fixed by its kind. It brings its own dataset file, so
// that nobody has to write one.
type Describer interface {
	// Describe gives a complete dataset file.
	Describe(n Naming) []byte
}

// Naming is what a dataset file that a kind brings is made under.
type Naming struct {
	Key  string // fides_key, unique in the installation
	Name string
}

// NamingOf makes the naming of the source of a name. Names are unique, what is left of them in a
// key may not be.
func NamingOf(name string) Naming {
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(name))
	sum := sha256.Sum256([]byte(name))
	return Naming{Key: strings.Trim(slug, "_") + "_" + hex.EncodeToString(sum[:4]), Name: name}
}

// Fill puts the naming into the dataset file that a kind ships, where KEY and NAME stand.
func (n Naming) Fill(file string) []byte {
	return []byte(strings.NewReplacer(": KEY", ": "+strconv.Quote(n.Key), ": NAME", ": "+strconv.Quote(n.Name)).Replace(file))
}
