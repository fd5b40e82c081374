package engine

import (
	"fmt"
	"strings"
	"time"

	"mininfo/internal/locale"
)

// actionWords say what happens to rows, after their number.
var actionWords = map[Action]locale.Text{
	Disclose:  text("gis ut", "blir gjevne ut", "disclosed"),
	SetAction: text("rettes", "blir retta", "corrected"),
	Delete:    text("slettes", "blir sletta", "deleted"),
	Anonymise: text("anonymiseres", "blir anonymiserte", "anonymised"),
	Restrict:  text("begrenses", "blir avgrensa", "restricted"),
	Mark:      text("merkes som begrenset", "blir merkte som avgrensa", "marked as restricted"),
	Lift:      text("er ikke begrenset lenger", "er ikkje avgrensa lenger", "no longer restricted"),
	Keep:      text("beholdes", "blir verande", "kept"),
	Withhold:  text("unntas", "blir haldne unna", "withheld"),
}

// actionOrder is the order in which they are told.
var actionOrder = []Action{Delete, Anonymise, SetAction, Disclose, Mark, Lift, Restrict, Withhold, Keep}

// reasonWords say why a row stays.
var reasonWords = map[string]locale.Text{
	ReasonShared:      text("gjelder også andre", "gjeld òg andre", "others' as well"),
	ReasonThirdParty:  text("om andre personer", "om andre personar", "about other persons"),
	ReasonReadOnly:    text("kan ikke endres", "kan ikkje endrast", "cannot be changed"),
	ReasonReferenced:  text("andre rader viser til dem", "andre rader viser til dei", "other rows refer to them"),
	ReasonNotPersonal: text("ikke om personen", "ikkje om personen", "not about the person"),
	ReasonConstraint:  text("systemet trenger dem", "systemet treng dei", "the system needs them"),
	ReasonUndated: text("kan ha kommet på nytt: si fra hvilket tidspunkt sikkerhetskopien er", "kan ha kome på nytt: sei kva tidspunkt tryggingskopien er frå",
		"may have come anew: say of when the backup is"),
	ReasonChanged: text("ser annerledes ut enn da de ble slettet", "ser annleis ut enn då dei vart sletta", "look different from when they were erased"),
	ReasonAnother: text("noen andres under samme nøkkel, eller ikke til å kjenne igjen", "nokon andre sine under same nøkkel, eller ikkje til å kjenne att",
		"somebody else's under the same key, or past recognising"),
	ReasonListed:   text("lister som også andre står i", "lister som også andre står i", "lists that others stand in as well"),
	ReasonPreserve: text("skal bevares", "skal takast vare på", "to be preserved"),
}

// Words tells what a plan does, in one line: "312 rows in 9 tables: 41 deleted, 12 anonymised,
// 259 kept (others' as well)". name gives words for reasons of the caller's own; it may be nil.
func (p PlanSummary) Words(l locale.Locale, name func(reason string) string) string {
	if p.Steps == 0 {
		return text("Ingenting å gjøre.", "Ingenting å gjere.", "Nothing to do.").In(l)
	}
	var parts []string
	for _, a := range actionOrder {
		if p.Counts[a] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s", p.Counts[a], actionWords[a].In(l), p.why(a, l, name)))
		}
	}
	head := text("%d %s i %d %s: ", "%d %s i %d %s: ", "%d %s in %d %s: ").In(l)
	rows, tables := text("rader", "rader", "rows"), text("tabeller", "tabellar", "tables")
	if p.Steps == 1 {
		rows = text("rad", "rad", "row")
	}
	if len(p.Collections) == 1 {
		tables = text("tabell", "tabell", "table")
	}
	return fmt.Sprintf(head, p.Steps, rows.In(l), len(p.Collections), tables.In(l)) + strings.Join(parts, ", ") + "."
}

// why tells, for rows that stay or are held back, the reasons with their numbers.
func (p PlanSummary) why(a Action, l locale.Locale, name func(string) string) string {
	if a != Keep && a != Withhold && a != Restrict && a != Mark {
		return ""
	}
	var list []ReasonCount
	for _, r := range p.Reasons {
		if r.Action == a {
			list = append(list, r)
		}
	}
	var parts []string
	for _, r := range list {
		words := reasonWords[r.Reason].In(l)
		if name != nil {
			words = first(name(r.Reason), words)
		}
		words = first(words, r.Reason)
		if day, err := time.Parse(time.DateOnly, r.Until); err == nil {
			words = strings.TrimSpace(words + " " + text("til", "til", "until").In(l) + " " + day.Format("02.01.2006"))
		}
		if len(list) > 1 && words != "" {
			words = fmt.Sprintf("%d: %s", r.Steps, words)
		}
		if words != "" {
			parts = append(parts, words)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}
