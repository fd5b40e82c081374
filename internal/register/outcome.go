package register

import (
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Rule says what an erasure request does to an activity's data, from the register alone. It is
// shown before a request is sent, so it never depends on what is held about anybody: control of a
// mailbox is not yet the person.
type Rule struct {
	Activity string // id
	Name     string
	Purpose  string // what the data are used for
	Kind     string // the kind of the erasure rule
	Kept     bool   // something of it is kept or only restricted
	Outcome  string // what happens, in few words
	Why      string
	Law      string // the provision; empty when nothing is kept
	HowLong  string // empty when nothing is kept

	Rights    []dsr.Right // that exist for the activity
	Marketing bool        // direct marketing: an objection ends it without weighing
	Automated string      // how decisions are made by automated means alone; empty: none are
}

// Rules gives the erasure rule of every activity in a language, in the order of the register.
func (r *Register) Rules(l locale.Locale) []Rule {
	out := make([]Rule, 0, len(r.Activities))
	for i := range r.Activities {
		a := &r.Activities[i]
		rule := Rule{Activity: a.ID, Name: a.Name.In(l), Purpose: a.Purpose.In(l), Kind: a.Erasure.Kind, Kept: a.Erasure.holds(),
			Outcome: a.outcome().In(l), Why: a.Erasure.Text.In(l), Marketing: a.Erasure.Marketing}
		for _, row := range dsr.Rights() {
			if a.Has(row.Right) {
				rule.Rights = append(rule.Rights, row.Right)
			}
		}
		if a.Automated != nil {
			rule.Automated = a.Automated.In(l)
		}
		if rule.Kept {
			rule.Law = or(a.law(), join(gdpr, ArticleText(a.Erasure.Exception)).In(l))
			rule.HowLong = a.Retention.HowLong().In(l)
		}
		out = append(out, rule)
	}
	return out
}

var gdpr = text("personvernforordningen", "personvernforordninga", "GDPR")

// outcome puts the erasure rule in few words. A rule that a gap leaves open is for a person.
func (a *Activity) outcome() locale.Text {
	if t, ok := outcomes[a.Erasure.Kind]; ok {
		return t
	}
	return outcomes[KindReview]
}

var outcomes = map[string]locale.Text{
	KindErase:     text("Slettes", "Blir sletta", "Erased"),
	KindAnonymise: text("Gjøres anonymt", "Blir gjort anonymt", "Made anonymous"),
	KindKeep:      text("Beholdes så lenge det må, og slettes deretter", "Blir teke vare på så lenge det må, og deretter sletta", "Kept as long as it must be, then erased"),
	KindMinimum:   text("Det nødvendige beholdes, resten slettes", "Det nødvendige blir teke vare på, resten blir sletta", "What is necessary is kept, the rest is erased"),
	KindRestrict:  text("Lagres uten å bli brukt, og slettes deretter", "Blir lagra utan å bli brukt, og deretter sletta", "Stored without being used, then erased"),
	KindSuppress:  text("Slettes, og kommer ikke tilbake", "Blir sletta, og kjem ikkje tilbake", "Erased, and will not come back"),
	KindNoID:      text("Kan vanligvis ikke knyttes til deg; slettes hvis det kan", "Kan vanlegvis ikkje knytast til deg; blir sletta om det kan", "Usually cannot be linked to you; erased if it can"),
	KindReview:    text("Vurderes av en saksbehandler", "Blir vurdert av ein saksbehandlar", "Assessed by a case handler"),
}
