package fulfilment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// Searched tells in an answer where was looked for the person, with what and when; nothing: no search has ended.
func (w *Works) Searched(tx *store.Tx, r *store.Request, a *store.Answer) error {
	m, err := w.gather(tx, r)
	if err != nil || m.run == nil {
		return err
	}
	m.tellSearched(a)
	return nil
}

// tellSearched tells what the search covered: the places and when each was read, the kinds of identifiers, and
// how far back in time it went.
func (m *material) tellSearched(a *store.Answer) {
	l := m.request.Locale
	a.Searched, a.Undated = m.searched(l)
	a.SearchedWith, a.Period, a.Processors = m.searchedWith(l), m.period(l), m.processors(l)
}

// processors says which of the register's processors were asked: those that a place which was searched is called after.
// Of those that handle data in what was searched it says where, and of the rest that they were not asked.
func (m *material) processors(l locale.Locale) []string {
	if m.judge == nil { // nothing was searched: somebody decided anew
		return nil
	}
	reached := m.reached()
	var asked, within, not []string
	for _, p := range m.judge.reg.Handling() {
		var in []string
		for _, place := range reached {
			if p.In(place) {
				in = append(in, locale.Named(place, l))
			}
		}
		switch {
		case slices.ContainsFunc(reached, p.Named):
			asked = append(asked, p.Name)
		case len(in) > 0:
			within = append(within, fmt.Sprintf("%s (%s)", p.Name, strings.Join(in, ", ")))
		default:
			not = append(not, p.Name)
		}
	}
	var said []string
	for _, s := range []struct {
		text  locale.Text
		names []string
	}{{textAsked, asked}, {textWithin, within}, {textNotAskedAtAll, not}} {
		if len(s.names) > 0 {
			said = append(said, fmt.Sprintf(s.text.In(l), strings.Join(s.names, "; ")))
		}
	}
	if len(said) == 0 {
		return []string{textNoProcessors.In(l)}
	}
	return said
}

// reached names the places that were searched, in the office's own words.
func (m *material) reached() []string {
	var names []string
	for _, s := range m.report.Sources {
		if !unreachable(m.report, s.Name) {
			names = append(names, m.system(s.Name, locale.NB))
		}
	}
	for _, t := range m.tasks {
		if t.State != store.TaskOpen && t.State != store.TaskException {
			names = append(names, m.place(t).Name)
		}
	}
	return names
}

// searchedWith names the kinds of identifiers that the person was searched for by.
func (m *material) searchedWith(l locale.Locale) []string {
	var kinds []string
	for _, k := range m.report.Kinds {
		kinds = append(kinds, kindNames[k].In(l))
	}
	return kinds
}

// searched says where was looked, and when. undated names the places of which nobody knows when: no answer is sent that
// rests on one.
func (m *material) searched(l locale.Locale) (lines, undated []string) {
	for _, s := range m.report.Sources {
		name := m.system(s.Name, l)
		when, known := m.readAt(s, l)
		switch {
		case unreachable(m.report, s.Name):
			lines = append(lines, name+textNotReached.In(l))
		case known:
			lines = append(lines, name+fmt.Sprintf(textRead.In(l), when))
		default:
			lines, undated = append(lines, name), append(undated, name)
		}
	}
	for _, t := range m.tasks {
		name := locale.Named(m.place(t).Name, l)
		switch {
		case t.State == store.TaskException:
			lines = append(lines, name+text(" (ikke gjennomsøkt: ", " (ikkje gjennomsøkt: ", " (not searched: ").In(l)+t.Note.Reveal()+")")
		case t.State != store.TaskOpen && t.FinishedAt != nil:
			lines = append(lines, name+fmt.Sprintf(textLooked.In(l), dsr.DateOf(*t.FinishedAt, m.zone).Format(l)))
		default:
			lines, undated = append(lines, name), append(undated, name)
		}
	}
	if len(lines) == 0 {
		lines = []string{text("Ingen systemer er koblet til portalen.", "Ingen system er kopla til portalen.", "No systems are connected to the portal.").In(l)}
	}
	return lines, undated
}

// readAt tells when a system was read. Of searches from before that was kept the day alone is known.
func (m *material) readAt(s sourceInfo, l locale.Locale) (string, bool) {
	switch {
	case s.Read != nil:
		return clock(*s.Read, m.zone, l), true
	case !m.report.Date.IsZero():
		return m.report.Date.Format(l), true
	}
	return "", false
}

func clock(at time.Time, zone *time.Location, l locale.Locale) string {
	at = at.In(zone)
	return fmt.Sprintf(textClock.In(l), dsr.DateOf(at, zone).Format(l), at.Hour(), at.Minute())
}

// period says how far back the search went. No search of the portal stops at a time; only an IP address is somebody's
// for some days alone.
func (m *material) period(l locale.Locale) []string {
	if m.looking() != nil {
		return []string{textNothingSearched.In(l)}
	}
	all := []string{textPeriod.In(l)}
	if slices.Contains(m.report.Kinds, engine.IPAddress) {
		all = append(all, textPeriodIP.In(l))
	}
	return all
}

var (
	// textNotReached follows the name of a system that nothing known of the person leads into: it was not
	// searched, and no letter may say that it was.
	textNotReached = text(" (ikke gjennomsøkt: vi har ikke noe å lete etter deg med der)",
		" (ikkje gjennomsøkt: vi har ikkje noko å leite etter deg med der)",
		" (not searched: we have nothing to search for you by there)")
	textRead   = text(" (lest %s)", " (lese %s)", " (read %s)")
	textLooked = text(" (gjennomgått for hånd %s)", " (gjennomgått for hand %s)", " (looked through by hand %s)")
	textClock  = text("%s kl. %02d.%02d", "%s kl. %02d.%02d", "%s, %02d:%02d")
	textPeriod = text("Der det ikke står noe annet, lette vi i alt som var lagret da stedet ble lest, uten noen grense tilbake i tid.",
		"Der det ikkje står noko anna, leita vi i alt som var lagra då staden vart lesen, utan noka grense tilbake i tid.",
		"Where nothing else is said, we searched everything that was kept when the place was read, with no limit back in time.")
	textPeriodIP = text("Med IP-adresse lette vi bare i de dagene som adressen er oppgitt for.", "Med IP-adresse leita vi berre i dei dagane som adressa er oppgitt for.",
		"By IP address we searched only the days that the address is stated for.")
	textAsked  = text("Databehandlere vi har spurt: %s.", "Databehandlarar vi har spurt: %s.", "Processors that we have asked: %s.")
	textWithin = text("Disse databehandlerne behandler opplysninger for oss i det vi lette i, og er ikke spurt for seg: %s.",
		"Desse databehandlarane behandlar opplysningar for oss i det vi leita i, og er ikkje spurde for seg: %s.",
		"These processors handle data for us in what we searched, and were not asked separately: %s.")
	textNotAskedAtAll = text("Disse databehandlerne er ikke spurt: %s. Det de har for oss, er med så langt det ligger i stedene over.",
		"Desse databehandlarane er ikkje spurde: %s. Det dei har for oss, er med så langt det ligg i stadene over.",
		"These processors were not asked: %s. What they hold for us is included as far as it lies in the places above.")
	textNoProcessors = text("Vi har ikke ført opp noen databehandlere, så ingen er spurt.", "Vi har ikkje ført opp nokon databehandlarar, så ingen er spurde.",
		"We have no processors on record, so none was asked.")
	textNothingSearched = text("Ingen av stedene kunne søkes gjennom.", "Ingen av stadene kunne søkjast gjennom.", "None of the places could be searched.")
)

var kindNames = map[string]locale.Text{
	"email":                text("e-postadresse", "e-postadresse", "e-mail address"),
	"phone_number":         text("telefonnummer", "telefonnummer", "phone number"),
	"external_id":          text("kundenummer", "kundenummer", "customer number"),
	dsr.OrganisationNumber: text("organisasjonsnummer", "organisasjonsnummer", "organisation number"),
	"ip_address":           text("IP-adresse", "IP-adresse", "IP address"),
	"name":                 text("navn", "namn", "name"),
}
