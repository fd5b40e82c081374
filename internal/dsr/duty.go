package dsr

import (
	"slices"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Duty is something that the office owes a case beside its plan: at once, because the right takes
// effect when it is used, or before the answer.
type Duty string

// The duties.
const (
	StopMarketing Duty = "stop_marketing" // Art. 21(3): no more direct marketing
	StopConsent   Duty = "stop_consent"   // Art. 7(3): nothing more on the consent
	HoldUse       Duty = "hold_use"       // Art. 18(1): storage only until it is decided
	Transfer      Duty = "transfer"       // Art. 20(2): send the copy to another controller
)

// ErrNoDuty: the case owes no such thing, or it is done.
var ErrNoDuty = fault.Define(fault.Conflict, "no_duty",
	"Dette er alt gjort. Last siden på nytt.", "Dette er alt gjort. Last sida på nytt.",
	"This has been done already. Reload the page.")

// AtOnce tells whether the duty waits for nothing, whatever the time limit is (CLK-08).
func (d Duty) AtOnce() bool { return d == StopMarketing || d == StopConsent || d == HoldUse }

// Text says to the office what is to be done.
func (d Duty) Text() locale.Text {
	switch d {
	case StopMarketing:
		return locale.Text{NB: "Stans all direkte markedsføring til personen nå, også profilering til slik bruk.",
			NN: "Stans all direkte marknadsføring til personen no, også profilering til slik bruk.",
			EN: "Stop all direct marketing to the person now, profiling for it included."}
	case StopConsent:
		return locale.Text{NB: "Stans nå det som bygger på samtykket som er trukket.",
			NN: "Stans no det som byggjer på samtykket som er trekt.",
			EN: "Stop now what rests on the consent that was withdrawn."}
	case HoldUse:
		return locale.Text{NB: "Bruk ikke opplysningene kravet gjelder, til noe annet enn å lagre dem, før det er avgjort.",
			NN: "Bruk ikkje opplysningane kravet gjeld, til noko anna enn å lagre dei, før det er avgjort.",
			EN: "Do not use the data that the request is about for anything but storage until it is decided."}
	case Transfer:
		return locale.Text{NB: "Send kopien direkte til den mottakeren personen har bedt om, hvis det er teknisk mulig.",
			NN: "Send kopien direkte til den mottakaren personen har bede om, dersom det er teknisk mogleg.",
			EN: "Send the copy directly to the recipient that the person named, where technically feasible."}
	}
	return locale.Text{}
}

// Duties lists all duties.
func Duties() []Duty { return []Duty{StopMarketing, StopConsent, HoldUse, Transfer} }

// Urgent tells whether something is owed at once.
func (p Projection) Urgent() bool { return Open(p.State) && slices.ContainsFunc(p.Duties, Duty.AtOnce) }

// relieve takes away a duty that was done; a case that does not owe it has no such history.
func (p *Projection) relieve(d Duty) error {
	i := slices.Index(p.Duties, d)
	if i < 0 {
		return ErrNoDuty
	}
	p.Duties = slices.Delete(slices.Clone(p.Duties), i, i+1)
	return nil
}
