package fulfilment

import (
	"time"

	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// OwnClass is something that the portal itself keeps, for how long, and when it was last looked through
// (Art. 5(1)(e); the time of the case file is a choice, and docs/retention.md says why).
type OwnClass struct {
	Code string
	Name locale.Text
	Keep locale.Text
	Run  *store.PurgeRun // nil: not yet
	Next *time.Time
}

// Own lists all that the portal keeps, in the order in which it goes.
func Own() []OwnClass {
	return []OwnClass{
		{Code: "verification", Name: text("Engangskoder og innlogginger", "Eingongskodar og innloggingar", "One-time codes and sign-ins"),
			Keep: text("Koder 30 minutter, slettet innen et døgn; innlogginger til de er over", "Kodar 30 minutt, sletta innan eit døgn; innloggingar til dei er over", "Codes 30 minutes, erased within a day; sign-ins until they end")},
		{Code: "evidence", Name: text("Funn, og kopien til personen", "Funn, og kopien til personen", "Findings, and the copy for the person"),
			Keep: text("90 dager etter at saken er avsluttet", "90 dagar etter at saka er avslutta", "90 days after the case ended")},
		{Code: "core", Name: text("Saken: krav, meldinger, vedlegg, avgjørelser og svar", "Saka: krav, meldingar, vedlegg, avgjerder og svar", "The case: request, messages, attachments, decisions and answer"),
			Keep: text("3 år etter at saken er avsluttet", "3 år etter at saka er avslutta", "3 years after the case ended")},
		{Code: "traces", Name: text("Spor av utført arbeid og gjentatte kall", "Spor av utført arbeid og gjentekne kall", "Traces of work done and of repeated calls"),
			Keep: text("30 dager", "30 dagar", "30 days")},
		{Code: "statistics", Name: text("Tall og logg uten personopplysninger", "Tal og logg utan personopplysningar", "Figures and log without personal data"),
			Keep: text("Beholdes, for rapporter og bevis", "Blir tatt vare på, for rapportar og bevis", "Kept, for reports and as proof")},
	}
}

// purgeEvery is how often a class is looked through.
var purgeEvery = map[string]time.Duration{"verification": time.Hour, "evidence": 6 * time.Hour, "core": 24 * time.Hour, "traces": 24 * time.Hour}

func ownClasses(tx *store.Tx) ([]OwnClass, error) {
	runs, err := tx.Purges()
	if err != nil {
		return nil, err
	}
	list := Own()
	for i, c := range list {
		if run, ok := runs[c.Code]; ok {
			next := run.At.Add(purgeEvery[c.Code])
			list[i].Run, list[i].Next = &run, &next
		}
	}
	return list, nil
}
