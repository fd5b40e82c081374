package dsr

import (
	"slices"
	"strings"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Standing is as what somebody asks: for themselves, for somebody else, or for a company.
type Standing string

// The standings. The zero value is AsSelf: so every request that came before the question was asked.
const (
	AsSelf           Standing = ""
	AsRepresentative Standing = "representative" // has an authority in writing
	AsAgent          Standing = "agent"          // a service that asks for many; a representative like others
	AsGuardian       Standing = "guardian"       // verge
	AsParent         Standing = "parent"
	AsChild          Standing = "child"           // the child itself: the right is the child's
	AsHeir           Standing = "heir"            // of somebody who has died, or next of kin
	AsProprietor     Standing = "sole_proprietor" // enkeltpersonforetak: a person
	AsContact        Standing = "contact_person"  // of a company: a person
	AsCompany        Standing = "company"         // has no right (Art. 4(1)); answered where the notice promises it
)

// Text is the standing in words.
func (s Standing) Text() locale.Text { return standings[s] }

var standings = map[Standing]locale.Text{
	AsSelf:           {NB: "Spør for seg selv", NN: "Spør for seg sjølv", EN: "Asks for themselves"},
	AsRepresentative: {NB: "Har fullmakt", NN: "Har fullmakt", EN: "Has an authority in writing"},
	AsAgent:          {NB: "Tjeneste som spør for andre", NN: "Teneste som spør for andre", EN: "Service that asks for others"},
	AsGuardian:       {NB: "Verge", NN: "Verje", EN: "Guardian"},
	AsParent:         {NB: "Forelder til et barn", NN: "Forelder til eit barn", EN: "Parent of a child"},
	AsChild:          {NB: "Barnet selv", NN: "Barnet sjølv", EN: "The child itself"},
	AsHeir:           {NB: "Arving eller pårørende til en som er død", NN: "Arving eller pårørande til ein som er død", EN: "Heir or next of kin of somebody who has died"},
	AsProprietor:     {NB: "Driver enkeltpersonforetak", NN: "Driv enkeltpersonføretak", EN: "Sole proprietor"},
	AsContact:        {NB: "Kontaktperson i en bedrift", NN: "Kontaktperson i ei bedrift", EN: "Contact person of a company"},
	AsCompany:        {NB: "Spør for en bedrift", NN: "Spør for ei bedrift", EN: "Asks for a company"},
}

// ForOther tells whether the data are about somebody else than the one who asks.
func (s Standing) ForOther() bool {
	switch s {
	case AsRepresentative, AsAgent, AsGuardian, AsParent, AsHeir:
		return true
	}
	return false
}

// Apart tells whether the address of whoever asks is not the address of whom the data are about.
func (s Standing) Apart() bool { return s.ForOther() || s == AsCompany }

// ParseStanding reads a standing's stable name; "self" and nothing are AsSelf.
func ParseStanding(name string) (Standing, error) {
	if name == "self" {
		return AsSelf, nil
	}
	if s := Standing(name); !s.Text().IsZero() {
		return s, nil
	}
	return "", ErrStanding.At("/standing/kind")
}

// ChildAge is all that is asked about how old a child is: on which side of the country's age of
// consent (Art. 8(1)).
type ChildAge string

// The ages.
const (
	ChildUnder ChildAge = "under"
	ChildOver  ChildAge = "over"
)

// consentAges are the ages from which a child consents to online services itself (Art. 8(1)): 16, or
// what the country has chosen down to 13.
var consentAges = map[string]int{
	"NO": 13, "SE": 13, "FI": 13, "IS": 13, "DK": 15, "BE": 13, "EE": 13, "LV": 13, "MT": 13, "PT": 13, "GB": 13,
	"AT": 14, "BG": 14, "CY": 14, "ES": 14, "IT": 14, "LT": 14, "CZ": 15, "FR": 15, "GR": 15, "SI": 15,
}

// ConsentAge is the age from which a child in a country acts itself.
func ConsentAge(country string) int {
	if age, ok := consentAges[strings.ToUpper(country)]; ok {
		return age
	}
	return 16
}

// Evidence is what a member saw before somebody was allowed to act for somebody else.
type Evidence string

// The kinds of evidence.
const (
	WrittenAuthority  Evidence = "written_authority"
	Appointment       Evidence = "appointment"        // vergefullmakt, from the Statsforvalter
	Responsibility    Evidence = "responsibility"     // a parent's, from the population register or in writing
	ChildsAgreement   Evidence = "childs_agreement"   // of a child that is old enough to act itself
	ParentsAgreement  Evidence = "parents_agreement"  // for a child that is not
	SignatureRegister Evidence = "signature_register" // signatory or procuration in the register of companies
)

// Text is the evidence in words.
func (e Evidence) Text() locale.Text { return evidences[e] }

var evidences = map[Evidence]locale.Text{
	WrittenAuthority:  {NB: "Skriftlig fullmakt", NN: "Skriftleg fullmakt", EN: "Authority in writing"},
	Appointment:       {NB: "Vergefullmakt", NN: "Verjefullmakt", EN: "Appointment as guardian"},
	Responsibility:    {NB: "Foreldreansvar", NN: "Foreldreansvar", EN: "Parental responsibility"},
	ChildsAgreement:   {NB: "Barnet er enig", NN: "Barnet er samd", EN: "The child agrees"},
	ParentsAgreement:  {NB: "En forelder er enig", NN: "Ein forelder er samd", EN: "A parent agrees"},
	SignatureRegister: {NB: "Signatur eller prokura i Foretaksregisteret", NN: "Signatur eller prokura i Føretaksregisteret", EN: "Signatory or procuration in the register of companies"},
}

// EvidenceFor lists what can show that somebody may act in a standing; nothing when nothing is needed. An
// older child decides itself: its parent needs its agreement, as a young child needs a parent's.
func EvidenceFor(s Standing, age ChildAge) []Evidence {
	switch s {
	case AsRepresentative, AsAgent:
		return []Evidence{WrittenAuthority}
	case AsGuardian:
		return []Evidence{Appointment}
	case AsParent:
		if age == ChildOver {
			return []Evidence{ChildsAgreement}
		}
		return []Evidence{Responsibility}
	case AsChild:
		if age == ChildUnder {
			return []Evidence{ParentsAgreement}
		}
	case AsCompany:
		return []Evidence{SignatureRegister, WrittenAuthority}
	}
	return nil
}

// Grant is an authority that a member recorded.
type Grant struct {
	Evidence Evidence
	Rights   []Right // what it covers
	Until    Date    // its last day; zero: it has no end
}

// Faults of standing: each is the rule's sentence.
var (
	ErrStanding = fault.Define(fault.Invalid, "unknown_standing",
		"Velg hvem du spør for.", "Vel kven du spør for.", "Choose for whom you ask.")
	ErrNoAuthority = fault.Define(fault.Conflict, "authority_missing",
		"Den som spør, gjør det for en annen. Noter først hva dere har sett som viser at de kan det, eller svar personen direkte.",
		"Den som spør, gjer det for ein annan. Noter først kva de har sett som viser at dei kan det, eller svar personen direkte.",
		"Whoever asks does so for somebody else. First record what you have seen that shows they may, or answer the person directly.")
	ErrAuthorityExpired = fault.Define(fault.Conflict, "authority_expired",
		"Fullmakten gjelder ikke lenger. Be om en ny, eller svar personen direkte.",
		"Fullmakta gjeld ikkje lenger. Be om ei ny, eller svar personen direkte.",
		"The authority has expired. Ask for a new one, or answer the person directly.")
	ErrAuthorityNarrow = fault.Define(fault.Conflict, "authority_too_narrow",
		"Fullmakten dekker ikke dette kravet. Be om en som gjør det, eller svar personen direkte.",
		"Fullmakta dekkjer ikkje dette kravet. Be om ei som gjer det, eller svar personen direkte.",
		"The authority does not cover this request. Ask for one that does, or answer the person directly.")
	ErrChildUnder = fault.Define(fault.Conflict, "child_needs_parent",
		"Barnet er for ungt til å be om dette alene. Noter først at en forelder er enig.",
		"Barnet er for ungt til å be om dette åleine. Noter først at ein forelder er samd.",
		"The child is too young to ask for this alone. First record that a parent agrees.")
	ErrSignatory = fault.Define(fault.Conflict, "signatory_missing",
		"Noter først hva som viser at den som spør, kan signere for bedriften.",
		"Noter først kva som viser at den som spør, kan signere for bedrifta.",
		"First record what shows that whoever asks may sign for the company.")
	ErrDeceased = fault.Define(fault.Conflict, "about_deceased",
		"Kravet gjelder en som er død, og personvernforordningen gjelder ikke for døde. Avslå kravet vennlig; teksten er klar.",
		"Kravet gjeld ein som er død, og personvernforordninga gjeld ikkje for døde. Avslå kravet vennleg; teksten er klar.",
		"The request is about somebody who has died, and the GDPR does not apply to the deceased. Refuse it kindly; the text is ready.")
	ErrEvidence = fault.Define(fault.Invalid, "evidence_unfit",
		"Dette viser ikke at de kan spørre for personen. Velg noe fra listen.",
		"Dette viser ikkje at dei kan spørje for personen. Vel noko frå lista.",
		"This does not show that they may ask for the person. Choose from the list.")
)

// Unauthorised tells why whoever asks may not be answered at an instant, or nil when they may
// (REP-01 to REP-04).
func (p Projection) Unauthorised(at time.Time) *fault.Error {
	switch {
	case p.Standing == AsHeir:
		return ErrDeceased
	case len(EvidenceFor(p.Standing, p.ChildAge)) == 0:
		return nil
	case p.Directed && p.Right.Row().Package:
		return nil // what is only shown may go to the person; what changes data is for the person to ask
	case p.Grant == nil && p.Standing == AsCompany:
		return ErrSignatory
	case p.Grant == nil && p.Standing == AsChild:
		return ErrChildUnder
	case p.Grant == nil:
		return ErrNoAuthority
	case !slices.Contains(p.Grant.Rights, p.Right):
		return ErrAuthorityNarrow
	}
	zone, err := time.LoadLocation(p.zoneName)
	if err != nil || !p.Grant.Until.IsZero() && DateOf(at, zone).After(p.Grant.Until) {
		return ErrAuthorityExpired
	}
	return nil
}

// grant takes in what a member recorded.
func (p *Projection) grant(e Event) error {
	seen := Evidence(e.Data.Code)
	if !slices.Contains(EvidenceFor(p.Standing, p.ChildAge), seen) {
		return ErrEvidence.At("/evidence")
	}
	p.Grant = &Grant{Evidence: seen, Rights: e.Data.Rights, Until: e.Data.Until}
	return nil
}
