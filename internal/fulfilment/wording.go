package fulfilment

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// carriedOut has the sentences that a decision is proposed with and what they become in the answer,
// which is read when it is done.
var carriedOut = []struct{ before, after locale.Text }{
	{officeTexts[register.Erase], text("Vi har slettet dette.", "Vi har sletta dette.", "We have erased this.")},
	{officeTexts[register.Anonymise], text("Vi har fjernet alt som kan knytte dette til deg.", "Vi har fjerna alt som kan knyte dette til deg.",
		"We have removed everything that can link this to you.")},
	{textEmptied, text("Vi har fjernet det som peker på deg. Resten av oppføringen blir stående, fordi systemet eller noe annet som må stå, trenger den.",
		"Vi har fjerna det som peikar på deg. Resten av oppføringa blir ståande, fordi systemet eller noko anna som må stå, treng henne.",
		"We have removed what points at you. The rest of the entry stays, because the system or something else that must stay needs it.")},
	{officeTexts[register.Set], text("Vi har rettet dette.", "Vi har retta dette.", "We have corrected this.")},
	{officeTexts[register.Annotate], text("Vi har ikke endret det, men har lagret det du skrev, sammen med opplysningen.",
		"Vi har ikkje endra det, men har lagra det du skreiv, saman med opplysninga.", "We have not changed it, but have filed what you wrote with it.")},
	{officeTexts[register.Refuse], text("Vi har ikke rettet dette.", "Vi har ikkje retta dette.", "We have not corrected this.")},
}

// done says in an answer what a plan says beforehand.
func done(t locale.Text, l locale.Locale) string {
	s := t.In(l)
	for _, c := range carriedOut {
		s = strings.Replace(s, c.before.In(l), c.after.In(l), 1)
	}
	return s
}

var textOldestNewest = text("%s for det eldste og %s for det nyeste", "%s for det eldste og %s for det nyaste", "%s for the oldest and %s for the newest")

// datesTogether makes one group of those that differ in nothing but a day: the last one of keeping,
// or the one in their sentence on which the time for keeping ended. It has the latest day, and its
// sentence names the first and the latest. Without it a letter has a line for each day of a log.
func datesTogether(groups []store.AnswerGroup, l locale.Locale) []store.AnswerGroup {
	type merged struct {
		at          int    // in out
		words       string // the sentence, with a mark for the day
		first, last dsr.Date
	}
	var out []store.AnswerGroup
	var known []*merged
	for _, g := range groups {
		until, err := dsr.ParseDate(g.Until)
		if err != nil {
			until = dayIn(g.Text, l)
		}
		if until.IsZero() {
			out = append(out, g)
			continue
		}
		words := strings.Replace(g.Text, until.Format(l), "\x00", 1)
		i := slices.IndexFunc(known, func(m *merged) bool {
			have := out[m.at]
			return m.words == words && have.Action == g.Action && have.Activity == g.Activity && have.Law == g.Law && (have.Until == "") == (g.Until == "")
		})
		if i < 0 {
			known = append(known, &merged{at: len(out), words: words, first: until, last: until})
			out = append(out, g)
			continue
		}
		m := known[i]
		if until.Before(m.first) {
			m.first = until
		}
		if until.After(m.last) {
			m.last = until
		}
		it := &out[m.at]
		it.Count += g.Count
		if it.Until != "" {
			it.Until = m.last.String()
		}
		it.Text = strings.Replace(words, "\x00", fmt.Sprintf(textOldestNewest.In(l), m.first.Format(l), m.last.Format(l)), 1)
	}
	return out
}

var writtenDay = regexp.MustCompile(`(\d{1,2})\.? (\p{L}+) (\d{4})`)

// dayIn gives the first day that a sentence of ours names, or the zero date.
func dayIn(sentence string, l locale.Locale) dsr.Date {
	m := writtenDay.FindStringSubmatch(sentence)
	if m == nil {
		return dsr.Date{}
	}
	day, _ := strconv.Atoi(m[1])
	year, _ := strconv.Atoi(m[3])
	for month := time.January; month <= time.December; month++ {
		if d := dsr.NewDate(year, month, day); d.Format(l) == m[0] {
			return d
		}
	}
	return dsr.Date{}
}

// fix gives the group of a correction that was asked for, and what is decided about it: set, annotate, refuse, or ""
// while that is open.
func (m *material) fix(i int) (grouped, register.Action) {
	part := fmt.Sprintf("%s%d", partFix, i)
	for _, g := range m.groups {
		if g.Part != part {
			continue
		}
		action := g.Proposal.Action
		if g.decision != nil {
			action = register.Action(g.decision.Action)
		}
		if action == register.Review || g.open() {
			return g, ""
		}
		return g, action
	}
	return grouped{}, ""
}

func (m *material) fixed(i int) register.Action {
	_, action := m.fix(i)
	return action
}

var (
	textNowSays    = text("%s: Nå står det «%s».", "%s: No står det «%s».", "%s: It now says “%s”.")
	textNowEmpty   = text("%s: Feltet er tømt.", "%s: Feltet er tømt.", "%s: The field has been emptied.")
	textStillSays  = text("%s: Vi har ikke endret «%s» til «%s».", "%s: Vi har ikkje endra «%s» til «%s».", "%s: We have not changed “%s” to “%s”.")
	textNotEmptied = text("%s: Vi har ikke fjernet «%s».", "%s: Vi har ikkje fjerna «%s».", "%s: We have not removed “%s”.")
)

// eachCorrection tells of each field that was asked about what stands there now, or that it was not changed and why, in
// the office's words: the answer to the person alone has it, never a mail or a log. A value that stands in many
// places was asked about once.
func (m *material) eachCorrection(l locale.Locale) []string {
	if m.request.Right != dsr.Rectification {
		return nil
	}
	var lines []string
	for i, c := range m.request.Detail.Corrections {
		g, action := m.fix(i)
		line := ""
		switch {
		case action == register.Set && c.Remove:
			line = fmt.Sprintf(textNowEmpty.In(l), c.Label)
		case action == register.Set:
			line = fmt.Sprintf(textNowSays.In(l), c.Label, c.New)
		case action == "":
			continue
		case c.Remove:
			line = fmt.Sprintf(textNotEmptied.In(l), c.Label, c.Old)
		default:
			line = fmt.Sprintf(textStillSays.In(l), c.Label, c.Old, c.New)
		}
		if action != register.Set && g.decision != nil {
			if why := strings.TrimSpace(g.decision.Reason.Reveal()); why != "" {
				line += " " + why
			}
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}
