package dsr

import (
	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Right is what a person asks for. One request is about one right.
type Right string

// The rights of the GDPR that can be asked for.
const (
	Access        Right = "access"        // Art. 15
	Rectification Right = "rectification" // Art. 16
	Erasure       Right = "erasure"       // Art. 17
	Restriction   Right = "restriction"   // Art. 18
	Portability   Right = "portability"   // Art. 20
	Objection     Right = "objection"     // Art. 21
	Withdrawal    Right = "withdrawal"    // of consent, Art. 7(3)
	HumanReview   Right = "human_review"  // of an automated decision, Art. 22(3)
)

// ErrRight: the word is not a right that the portal knows.
var ErrRight = fault.Define(fault.Invalid, "unknown_right",
	"Vi kjenner ikke den typen krav.",
	"Vi kjenner ikkje den typen krav.",
	"We do not know that kind of request.")

// RightRow describes a right. Adding a right is adding a row here.
type RightRow struct {
	Right   Right
	Name    locale.Text // what people see, such as «Innsyn»
	Ask     locale.Text // the verb on the button, such as «Be om innsyn»
	Article string      // the article of GDPR
	Package bool        // the answer carries a copy of the data
	Removes bool        // the plan takes data away: two people and a cooling-off guard it
	ByHand  bool        // a person decides it without a search: no plan is made
}

var rights = []RightRow{
	{Right: Access, Article: "15", Package: true,
		Name: locale.Text{NB: "Innsyn", NN: "Innsyn", EN: "Access"},
		Ask:  locale.Text{NB: "Be om innsyn", NN: "Be om innsyn", EN: "Ask to see your data"}},
	{Right: Rectification, Article: "16",
		Name: locale.Text{NB: "Retting", NN: "Retting", EN: "Rectification"},
		Ask:  locale.Text{NB: "Be om retting", NN: "Be om retting", EN: "Ask to have your data corrected"}},
	{Right: Erasure, Article: "17", Removes: true,
		Name: locale.Text{NB: "Sletting", NN: "Sletting", EN: "Erasure"},
		Ask:  locale.Text{NB: "Be om sletting", NN: "Be om sletting", EN: "Ask to have your data erased"}},
	{Right: Restriction, Article: "18",
		Name: locale.Text{NB: "Begrensning av behandling", NN: "Avgrensing av behandling", EN: "Restriction of processing"},
		Ask:  locale.Text{NB: "Be om begrensning", NN: "Be om avgrensing", EN: "Ask to have processing restricted"}},
	{Right: Portability, Article: "20", Package: true,
		Name: locale.Text{NB: "Dataportabilitet", NN: "Dataportabilitet", EN: "Data portability"},
		Ask:  locale.Text{NB: "Flytt opplysningene dine", NN: "Flytt opplysningane dine", EN: "Move your data"}},
	{Right: Objection, Article: "21", Removes: true,
		Name: locale.Text{NB: "Protest", NN: "Protest", EN: "Objection"},
		Ask:  locale.Text{NB: "Protester mot behandling", NN: "Protester mot behandling", EN: "Object to processing"}},
	{Right: Withdrawal, Article: "7(3)", Removes: true,
		Name: locale.Text{NB: "Trekke samtykke", NN: "Trekkje samtykke", EN: "Withdrawal of consent"},
		Ask:  locale.Text{NB: "Trekk samtykket ditt", NN: "Trekk samtykket ditt", EN: "Withdraw your consent"}},
	{Right: HumanReview, Article: "22(3)", ByHand: true,
		Name: locale.Text{NB: "Ny vurdering av en automatisk avgjørelse", NN: "Ny vurdering av ei automatisk avgjerd", EN: "Human review of an automated decision"},
		Ask:  locale.Text{NB: "Få et menneske til å vurdere", NN: "Få eit menneske til å vurdere", EN: "Have a person review it"}},
}

// Rights lists all rights in the order people see them.
func Rights() []RightRow { return append([]RightRow(nil), rights...) }

// ParseRight reads a right's stable name.
func ParseRight(s string) (Right, error) {
	for _, r := range rights {
		if string(r.Right) == s {
			return r.Right, nil
		}
	}
	return "", ErrRight.At("/right")
}

// Row gives the right's description; an unknown right gives the zero row.
func (r Right) Row() RightRow {
	for _, row := range rights {
		if row.Right == r {
			return row
		}
	}
	return RightRow{}
}

// Name is what people see.
func (r Right) Name() locale.Text { return r.Row().Name }

// Article is the right's article of GDPR.
func (r Right) Article() string { return r.Row().Article }

// Removes tells whether its plan takes data away.
func (r Right) Removes() bool { return r.Row().Removes }

// Writes tells whether its plan may change the sources.
func (r Right) Writes() bool { row := r.Row(); return !row.Package && !row.ByHand }
