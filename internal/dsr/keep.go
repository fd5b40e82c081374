package dsr

import (
	"time"

	"mininfo/internal/fault"
)

// KeepAnswered is for how long after its end a person may still open a case with the address that filed it.
// Mailboxes are recycled: older cases open through the office only.
const KeepAnswered = 90 * 24 * time.Hour

// Keep is for how long the portal keeps what it has of a case. No act gives the times: Art. 5(1)(e)
// bounds them by what they are needed for, and the office chooses within the limits below.
type Keep struct {
	EvidenceDays int `json:"evidence_days"` // what was found, after the case closed
	CopyDays     int `json:"copy_days"`     // the person's copy, after the answer
	CaseYears    int `json:"case_years"`    // request, messages, decisions and answer, after the case closed
}

// The limits. A copy can be fetched for seven days, which the person is told, and nobody needs it, or what it
// was made from, after ninety. After five years no fine can be imposed any more (personopplysningsloven § 28).
const (
	LeastDays, MostDays           = 1, 90
	LeastCopyDays, MostCopyDays   = 7, 90
	LeastCaseYears, MostCaseYears = 1, 5
)

// DefaultKeep is what an office has that has chosen nothing: three years is the general period of limitation
// (foreldelsesloven § 2).
func DefaultKeep() Keep { return Keep{EvidenceDays: MostDays, CopyDays: MostCopyDays, CaseYears: 3} }

// Faults of the times.
var (
	ErrKeepEvidence = fault.Define(fault.Invalid, "keep_evidence",
		"Funnene kan du ta vare på fra 1 til 90 dager etter at saken er avsluttet. Skriv et helt tall mellom dem.",
		"Funna kan du ta vare på frå 1 til 90 dagar etter at saka er avslutta. Skriv eit heilt tal mellom dei.",
		"The findings can be kept from 1 to 90 days after the case ended. Write a whole number in between.")
	ErrKeepCopy = fault.Define(fault.Invalid, "keep_copy",
		"Kopien må personen kunne hente i minst 7 dager, og den må slettes innen 90. Skriv et helt tall fra 7 til 90.",
		"Kopien må personen kunne hente i minst 7 dagar, og han må slettast innan 90. Skriv eit heilt tal frå 7 til 90.",
		"The person must be able to fetch the copy for at least 7 days, and it must be erased within 90. Write a whole number from 7 to 90.")
	ErrKeepCase = fault.Define(fault.Invalid, "keep_case",
		"Saken kan du ta vare på fra 1 til 5 år etter at den er avsluttet. Skriv et helt tall mellom dem.",
		"Saka kan du ta vare på frå 1 til 5 år etter at ho er avslutta. Skriv eit heilt tal mellom dei.",
		"The case can be kept from 1 to 5 years after it ended. Write a whole number in between.")
)

// Check holds the times against the limits; the fault names the field of the settings.
func (k Keep) Check() error {
	switch {
	case k.EvidenceDays < LeastDays || k.EvidenceDays > MostDays:
		return ErrKeepEvidence.At("/keep/evidence_days")
	case k.CopyDays < LeastCopyDays || k.CopyDays > MostCopyDays:
		return ErrKeepCopy.At("/keep/copy_days")
	case k.CaseYears < LeastCaseYears || k.CaseYears > MostCaseYears:
		return ErrKeepCase.At("/keep/case_years")
	}
	return nil
}
