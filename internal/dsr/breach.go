package dsr

import (
	"time"

	"mininfo/internal/fault"
)

// BreachRisk is how likely a personal data breach is to harm the people it concerns.
type BreachRisk string

// The assessments of a breach.
const (
	RiskUnlikely BreachRisk = "unlikely" // Datatilsynet need not be told (Art. 33(1))
	RiskLikely   BreachRisk = "risk"     // Datatilsynet is told
	RiskHigh     BreachRisk = "high"     // the people are told as well (Art. 34(1))
)

// Breach is a personal data breach (Art. 4(12)) as it was assessed and acted on. Its texts are personal data.
type Breach struct {
	NoticedAt    time.Time // when the controller became aware of it
	Concerned    int       // how many people; 0: not known
	Risk         BreachRisk
	Reason       string     // of the assessment
	AuthorityAt  *time.Time // Datatilsynet was told
	AuthorityWhy string     // why not, or why so late (Art. 33(1))
	PersonsAt    *time.Time // the people were told
	PersonsWhy   string     // why not (Art. 34(3))
}

// Faults of a breach.
var (
	ErrBreachTime = fault.Define(fault.Invalid, "breach_time",
		"Tidspunktet kan ikke være i framtiden, og ikke før avviket ble oppdaget.",
		"Tidspunktet kan ikkje vere i framtida, og ikkje før avviket vart oppdaga.",
		"The time cannot be in the future, nor before the breach was noticed.")
	ErrBreachReason = fault.Define(fault.Invalid, "breach_reason",
		"Skriv hvorfor dere vurderer risikoen slik.", "Skriv kvifor de vurderer risikoen slik.", "Write why you assess the risk like this.")
	ErrBreachRisk = fault.Define(fault.Invalid, "breach_risk",
		"Vurder risikoen før avviket lukkes.", "Vurder risikoen før avviket blir lukka.", "Assess the risk before you close the breach.")
	ErrBreachLate = fault.Define(fault.Invalid, "breach_late",
		"Datatilsynet fikk beskjed etter 72 timer. Skriv hvorfor det tok så lang tid.",
		"Datatilsynet fekk beskjed etter 72 timar. Skriv kvifor det tok så lang tid.",
		"Datatilsynet was told after 72 hours. Write why it took that long.")
	ErrBreachAuthority = fault.Define(fault.Invalid, "breach_authority",
		"Når det er en risiko, skal Datatilsynet ha beskjed. Skriv når det fikk det, før avviket lukkes.",
		"Når det er ein risiko, skal Datatilsynet ha beskjed. Skriv når det fekk det, før avviket blir lukka.",
		"When there is a risk, Datatilsynet must be told. Write when it was, before you close the breach.")
	ErrBreachPersons = fault.Define(fault.Invalid, "breach_persons",
		"Når risikoen er høy, skal de som er berørt, ha beskjed. Skriv når de fikk det, eller hvorfor ikke.",
		"Når risikoen er høg, skal dei det gjeld, ha beskjed. Skriv når dei fekk det, eller kvifor ikkje.",
		"When the risk is high, the people concerned must be told. Write when they were, or why not.")
)

// Check holds what was written at an instant against the rules; the fault names the field.
func (b Breach) Check(now time.Time) error {
	switch {
	case b.NoticedAt.After(now):
		return ErrBreachTime.At("/noticed_at")
	case b.Risk != "" && b.Reason == "":
		return ErrBreachReason.At("/reason")
	case outside(b.AuthorityAt, b.NoticedAt, now):
		return ErrBreachTime.At("/authority_at")
	case outside(b.PersonsAt, b.NoticedAt, now):
		return ErrBreachTime.At("/persons_at")
	case b.AuthorityAt != nil && b.AuthorityAt.After(BreachDue(b.NoticedAt)) && b.AuthorityWhy == "":
		return ErrBreachLate.At("/authority_why")
	}
	return nil
}

func outside(at *time.Time, from, until time.Time) bool {
	return at != nil && (at.Before(from) || at.After(until))
}

// MayClose tells what is missing before the record is complete (Art. 33(1), 34(1), 33(5)); nil is nothing.
func (b Breach) MayClose() error {
	switch {
	case b.Risk == "":
		return ErrBreachRisk.At("/risk")
	case b.Risk != RiskUnlikely && b.AuthorityAt == nil:
		return ErrBreachAuthority.At("/authority_at")
	case b.Risk == RiskHigh && b.PersonsAt == nil && b.PersonsWhy == "":
		return ErrBreachPersons.At("/persons_at")
	}
	return nil
}

// Awaited tells whether Datatilsynet is neither told nor ruled out.
func (b Breach) Awaited() bool { return b.AuthorityAt == nil && b.Risk != RiskUnlikely }
