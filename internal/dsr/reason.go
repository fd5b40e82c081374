package dsr

import (
	"fmt"
	"strings"

	"mininfo/internal/locale"
)

// Reason is one step of why the due date is that date, in words for the case page.
type Reason struct {
	Code string      `json:"code"`
	Text locale.Text `json:"text"`
}

// say makes a reason; the arguments are texts, dates or numbers, put into each language.
func say(code, nb, nn, en string, args ...any) Reason {
	in := func(format string, l locale.Locale) string {
		words := make([]any, len(args))
		for i, a := range args {
			switch v := a.(type) {
			case Date:
				words[i] = WeekdayText(v.Weekday()).In(l) + " " + v.Format(l)
			case locale.Text:
				words[i] = v.In(l)
			default:
				words[i] = v
			}
		}
		return fmt.Sprintf(format, words...)
	}
	return Reason{Code: code, Text: locale.Text{
		NB: in(nb, locale.NB), NN: in(nn, locale.NN), EN: in(en, locale.EN)}}
}

func explain(c Clock, d Deadline, verdicts []verdict, calendar *Calendar, more int) []Reason {
	reasons := []Reason{say("received",
		"Kravet ble mottatt %s.", "Kravet vart motteke %s.", "The request was received on %s.", c.Received)}
	for i, p := range c.Pauses {
		reasons = append(reasons, explainPause(c, p, verdicts[i]).by(c.Profile.Questions.Source))
	}
	if d.Extension != ExtensionNone {
		reasons = append(reasons, explainExtension(c.Extensions[0], d.Extension).by(c.Profile.Extension.Source))
	}
	if d.Open {
		return append(reasons, say("open",
			"Vi venter på svar fra personen, og fristen løper ikke. Uten stansen ville fristen vært %s.",
			"Vi ventar på svar frå personen, og fristen går ikkje. Utan stansen ville fristen vore %s.",
			"We await the person's reply and the clock is paused. Without the pause the due date would be %s.",
			d.DueUnsuspended))
	}
	if d.PausedDays > 0 && !c.restarted(verdicts) {
		reasons = append(reasons, say("paused_days",
			"Fristen var stanset i %d dager, så måneden regnes fra %s.",
			"Fristen var stansa i %d dagar, så månaden blir rekna frå %s.",
			"The clock was paused for %d days, so the month counts from %s.", d.PausedDays, d.VirtualReceipt))
	}
	reasons = append(reasons, explainMonths(c.Profile, d, more))
	if c.Profile.Period.Counted == SameNumber && d.Unrolled.Day < d.VirtualReceipt.Day {
		reasons = append(reasons, say("clamped",
			"Måneden har ingen %d. dag, så siste dag i måneden gjelder.",
			"Månaden har ingen %d. dag, så siste dagen i månaden gjeld.",
			"The month has no day %d, so its last day counts.", d.VirtualReceipt.Day))
	}
	return append(reasons, explainRoll(c.Profile, d, calendar)...)
}

// by adds where a rule is from.
func (r Reason) by(source locale.Text) Reason {
	with := func(text, source string) string { return strings.TrimSuffix(text, ".") + " (" + source + ")." }
	r.Text = locale.Text{NB: with(r.Text.NB, source.NB), NN: with(r.Text.NN, source.NN), EN: with(r.Text.EN, source.EN)}
	return r
}

// restarted tells whether a question of the case started the clock anew.
func (c Clock) restarted(verdicts []verdict) bool {
	for i, p := range c.Pauses {
		if verdicts[i] == pauseCounts && c.Profile.restarts(p.Kind) {
			return true
		}
	}
	return false
}

var numbers = map[int]locale.Text{2: {NB: "To", NN: "To", EN: "Two"}, 3: {NB: "Tre", NN: "Tre", EN: "Three"}}

func explainMonths(p Profile, d Deadline, more int) Reason {
	months := p.Period.Months + more
	if p.Period.Counted == ThirtyDays {
		return say("days", "%d dager fra %s er %s.", "%d dagar frå %s er %s.",
			"%d days from %s is %s.", 30*months, d.VirtualReceipt, d.Unrolled).by(p.Period.Source)
	}
	if months == 1 {
		return say("month", "Én måned fra %s er %s.", "Éin månad frå %s er %s.",
			"One month from %s is %s.", d.VirtualReceipt, d.Unrolled).by(p.Period.Source)
	}
	var number any = months
	if word, ok := numbers[months]; ok {
		number = word
	}
	return say("months", "%v måneder fra %s er %s.", "%v månader frå %s er %s.",
		"%v months from %s is %s.", number, d.VirtualReceipt, d.Unrolled).by(p.Period.Source)
}

func explainRoll(p Profile, d Deadline, calendar *Calendar) []Reason {
	var reasons []Reason
	for day := d.Unrolled; day.Before(d.Due); day = day.AddDays(1) {
		name, holiday := p.name(calendar, day)
		code := "weekend"
		if holiday {
			code = "holiday"
		}
		reasons = append(reasons, say(code, "%s er %s.", "%s er %s.", "%s is %s.", day.Text(), name))
	}
	if d.Due != d.Unrolled {
		return append(reasons, say("due_rolled",
			"Derfor er fristen neste virkedag, %s, hele dagen.",
			"Difor er fristen neste vyrkedag, %s, heile dagen.",
			"Therefore the due date is the next working day, %s, the whole day.", d.Due).by(p.Roll.Source))
	}
	return append(reasons, say("due", "Fristen er %s, hele dagen.", "Fristen er %s, heile dagen.",
		"The due date is %s, the whole day.", d.Due))
}

var pauseNames = map[PauseKind]locale.Text{
	PauseIdentity:      {NB: "identitet", NN: "identitet", EN: "identity"},
	PauseClarification: {NB: "presisering", NN: "presisering", EN: "clarification"},
}

func explainPause(c Clock, p Pause, v verdict) Reason {
	switch v {
	case pauseLate:
		return say("pause_late",
			"Spørsmålet %s ble stilt for sent til å stanse fristen.",
			"Spørsmålet %s vart stilt for seint til å stanse fristen.",
			"The question of %s was asked too late to pause the clock.", p.Asked)
	case pauseUnreasoned:
		return say("pause_unreasoned",
			"Spørsmålet %s stanser ikke fristen, for ingen begrunnelse er notert.",
			"Spørsmålet %s stansar ikkje fristen, for inga grunngiving er notert.",
			"The question of %s does not pause the clock, since no reason is recorded.", p.Asked)
	case pauseVolume:
		return say("pause_volume",
			"Spørsmålet %s stanser ikke fristen, for det gjelder ikke store mengder opplysninger.",
			"Spørsmålet %s stansar ikkje fristen, for det gjeld ikkje store mengder opplysningar.",
			"The question of %s does not pause the clock, since it is not about large volumes of data.", p.Asked)
	case pauseKind:
		return say("pause_kind",
			"Spørsmålet %s er ikke av et slag som stanser fristen.",
			"Spørsmålet %s er ikkje av eit slag som stansar fristen.",
			"The question of %s is not of a kind that pauses the clock.", p.Asked)
	}
	name := pauseNames[p.Kind]
	if p.Replied.IsZero() {
		return say("pause_open",
			"Vi spurte om %s %s og har ikke fått svar.", "Vi spurde om %s %s og har ikkje fått svar.",
			"We asked about %s on %s and have no reply.", name, p.Asked)
	}
	if c.Profile.restarts(p.Kind) {
		return say("pause_reset",
			"Identiteten ble bekreftet %s, og fristen løper fra den dagen.",
			"Identiteten vart stadfesta %s, og fristen går frå den dagen.",
			"The identity was confirmed on %s and the clock starts on that day.", p.Replied)
	}
	return say("pause_counted",
		"Vi spurte om %s %s og fikk svar %s. Fristen var stanset imens.",
		"Vi spurde om %s %s og fekk svar %s. Fristen var stansa i mellomtida.",
		"We asked about %s on %s and got the reply on %s. The clock was paused meanwhile.",
		name, p.Asked, p.Replied)
}

func explainExtension(e Extension, state ExtensionState) Reason {
	switch state {
	case ExtensionLate:
		return say("extension_late",
			"Forlengelsen %s gjelder ikke: beskjeden ble sendt etter den første fristen.",
			"Lenginga %s gjeld ikkje: meldinga vart send etter den første fristen.",
			"The extension of %s does not count: the notice was sent after the first due date.", e.Sent)
	case ExtensionUnreasoned:
		return say("extension_unreasoned",
			"Forlengelsen %s gjelder ikke: den mangler begrunnelse.",
			"Lenginga %s gjeld ikkje: ho manglar grunngiving.",
			"The extension of %s does not count: it has no reasons.", e.Sent)
	}
	if e.Months == 1 {
		return say("extension_counted",
			"Fristen ble forlenget med én måned, og beskjed ble sendt %s.",
			"Fristen vart lengd med éin månad, og melding vart send %s.",
			"The time limit was extended by one month; notice was sent on %s.", e.Sent)
	}
	return say("extension_counted",
		"Fristen ble forlenget med to måneder, og beskjed ble sendt %s.",
		"Fristen vart lengd med to månader, og melding vart send %s.",
		"The time limit was extended by two months; notice was sent on %s.", e.Sent)
}
