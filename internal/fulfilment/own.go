package fulfilment

import (
	"fmt"
	"time"

	"mininfo/internal/dsr"
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
func Own(k dsr.Keep) []OwnClass {
	return []OwnClass{
		{Code: "verification", Name: text("Engangskoder og innlogginger", "Eingongskodar og innloggingar", "One-time codes and sign-ins"),
			Keep: text("Koder 30 minutter, slettet innen et døgn; innlogginger til de er over", "Kodar 30 minutt, sletta innan eit døgn; innloggingar til dei er over", "Codes 30 minutes, erased within a day; sign-ins until they end")},
		{Code: store.ClassIdentity, Name: text("Svar på spørsmål om hvem personen er", "Svar på spørsmål om kven personen er", "Replies to the question who the person is"),
			Keep: text("Til det er avgjort; det som kommer senere, 24 timer", "Til det er avgjort; det som kjem seinare, 24 timar", "Until that is decided; what comes later, 24 hours")},
		{Code: "evidence", Name: text("Det som ble funnet i systemene", "Det som vart funne i systema", "What was found in the systems"),
			Keep: afterEnd(days(k.EvidenceDays))},
		{Code: "package", Name: text("Kopien til personen", "Kopien til personen", "The copy for the person"), Keep: afterAnswer(days(k.CopyDays))},
		{Code: "core", Name: text("Saken: krav, meldinger, vedlegg, avgjørelser og svar", "Saka: krav, meldingar, vedlegg, avgjerder og svar", "The case: request, messages, attachments, decisions and answer"),
			Keep: afterEnd(years(k.CaseYears))},
		{Code: "breach", Name: text("Avvik", "Avvik", "Personal data breaches"), Keep: text("5 år etter at avviket er lukket", "5 år etter at avviket er lukka", "5 years after the breach was closed")},
		{Code: "informing", Name: text("Hvordan noen ble informert", "Korleis nokon vart informert", "How people were informed"),
			Keep: text("5 år etter at det ble gjort", "5 år etter at det vart gjort", "5 years after it was done")},
		{Code: "member", Name: text("Medarbeidere som har sluttet: navn, adresse og innlogging", "Medarbeidarar som har slutta: namn, adresse og innlogging", "Members who left: name, address and sign-in"),
			Keep: text("5 år etter at tilgangen ble stengt", "5 år etter at tilgangen vart stengd", "5 years after the account was closed")},
		{Code: "traces", Name: text("Spor av utført arbeid og gjentatte kall", "Spor av utført arbeid og gjentekne kall", "Traces of work done and of repeated calls"),
			Keep: text("30 dager", "30 dagar", "30 days")},
		{Code: "statistics", Name: text("Tall og logg uten personopplysninger", "Tal og logg utan personopplysningar", "Figures and log without personal data"),
			Keep: text("Beholdes, for rapporter og bevis", "Blir tatt vare på, for rapportar og bevis", "Kept, for reports and as proof")},
	}
}

func afterEnd(t locale.Text) locale.Text {
	return text(t.NB+" etter at saken er avsluttet", t.NN+" etter at saka er avslutta", t.EN+" after the case ended")
}

func afterAnswer(t locale.Text) locale.Text {
	return text(t.NB+" etter svaret, eller når personen sier at den er lastet ned og lest", t.NN+" etter svaret, eller når personen seier at han er lasta ned og lesen",
		t.EN+" after the answer, or when the person says that it was downloaded and read")
}

func days(n int) locale.Text {
	if n == 1 {
		return text("1 dag", "1 dag", "1 day")
	}
	return text(fmt.Sprintf("%d dager", n), fmt.Sprintf("%d dagar", n), fmt.Sprintf("%d days", n))
}

func years(n int) locale.Text {
	if n == 1 {
		return text("1 år", "1 år", "1 year")
	}
	return text(fmt.Sprintf("%d år", n), fmt.Sprintf("%d år", n), fmt.Sprintf("%d years", n))
}

// purgeEvery is how often a class is looked through.
var purgeEvery = map[string]time.Duration{"verification": time.Hour, store.ClassIdentity: time.Hour, "evidence": 6 * time.Hour, "package": 6 * time.Hour, "core": 24 * time.Hour, "breach": time.Hour, "informing": 6 * time.Hour, "member": time.Hour, "traces": 24 * time.Hour}

func ownClasses(tx *store.Tx) ([]OwnClass, error) {
	runs, err := tx.Purges()
	if err != nil {
		return nil, err
	}
	k, err := keepOf(tx)
	if err != nil {
		return nil, err
	}
	list := Own(k)
	for i, c := range list {
		if run, ok := runs[c.Code]; ok {
			next := run.At.Add(purgeEvery[c.Code])
			list[i].Run, list[i].Next = &run, &next
		}
	}
	return list, nil
}
