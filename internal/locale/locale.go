// Package locale holds the three languages that every text of the portal exists in.
package locale

import (
	"fmt"
	"strings"
)

// Locale is a language that people can choose: bokmål, nynorsk or English.
type Locale string

// The languages of the portal. Bokmål is the default.
const (
	NB Locale = "nb"
	NN Locale = "nn"
	EN Locale = "en"
)

// All lists the languages in the order they are offered.
var All = []Locale{NB, NN, EN}

// Parse reads a language tag such as "nb", "nn-NO" or "en-GB". "no" means bokmål.
// The second value is false for a language that the portal does not speak.
func Parse(tag string) (Locale, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch primary {
	case "nb", "no":
		return NB, true
	case "nn":
		return NN, true
	case "en":
		return EN, true
	}
	return NB, false
}

// Text is a sentence in all languages of the portal.
type Text struct {
	NB string `json:"nb" yaml:"nb"`
	NN string `json:"nn" yaml:"nn"`
	EN string `json:"en" yaml:"en"`
}

// In gives the sentence in a language; a language that it lacks gives bokmål.
func (t Text) In(l Locale) string {
	switch {
	case l == NN && t.NN != "":
		return t.NN
	case l == EN && t.EN != "":
		return t.EN
	}
	return t.NB
}

// With fills in what a text has places for, in each language.
func (t Text) With(args ...any) Text {
	return Text{NB: fmt.Sprintf(t.NB, args...), NN: fmt.Sprintf(t.NN, args...), EN: fmt.Sprintf(t.EN, args...)}
}

// Complete tells whether no language is missing.
func (t Text) Complete() bool { return t.NB != "" && t.NN != "" && t.EN != "" }

// IsZero tells whether the text is empty in all languages.
func (t Text) IsZero() bool { return t == Text{} }
