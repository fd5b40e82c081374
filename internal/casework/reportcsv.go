package casework

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// GroundText is a refusal's ground in words, with its article.
func GroundText(code string, l locale.Locale) string {
	ground, ok := register.FindReason(append([]register.Reason{register.Unclarified()}, register.RefusalGrounds...), code)
	if !ok {
		return code
	}
	return fmt.Sprintf("%s (%s)", ground.Label.In(l), register.ArticleText(ground.Article).In(l))
}

var noticeStates = map[string]locale.Text{
	store.NoticeWaiting: text("Venter", "Ventar", "Waiting"), store.NoticeTold: text("Varslet", "Varsla", "Told"),
	store.NoticeConfirmed: text("Bekreftet", "Stadfesta", "Confirmed"), store.NoticeImpossible: text("Ikke mulig", "Ikkje mogleg", "Impossible"),
}

// NoticeStateText is how far telling a recipient has come, in words.
func NoticeStateText(state string, l locale.Locale) string {
	if t, ok := noticeStates[state]; ok {
		return t.In(l)
	}
	return state
}

// CSV writes the report as one table for a spreadsheet: what is counted, of what, how many.
func (r Report) CSV(w io.Writer, l locale.Locale) error {
	t := reportTable{l: l}
	t.row(text("Del", "Del", "Part"), text("Navn", "Namn", "Name").In(l), text("Verdi", "Verdi", "Value").In(l))
	period := text("Periode", "Periode", "Period")
	t.row(period, text("Fra", "Frå", "From").In(l), r.From.String())
	t.row(period, text("Til", "Til", "To").In(l), r.To.String())
	t.totals(r)
	t.counts(text("Krav om", "Krav om", "Request for"), r.ByRight, func(key string) string { return dsr.Right(key).Name().In(l) })
	t.counts(text("Kanal", "Kanal", "Channel"), r.ByChannel, func(key string) string { return dsr.Channel(key).Text().In(l) })
	t.counts(text("Utfall", "Utfall", "Outcome"), r.ByOutcome, func(key string) string { return dsr.Outcome(key).Text().In(l) })
	for _, right := range slices.Sorted(maps.Keys(r.Outcomes)) {
		name := dsr.Right(right).Name().In(l)
		t.counts(text("Utfall etter krav", "Utfall etter krav", "Outcome by request"), r.Outcomes[right],
			func(key string) string { return name + ": " + dsr.Outcome(key).Text().In(l) })
	}
	t.counts(text("Avslag etter grunn", "Avslag etter grunn", "Refused by ground"), r.ByGround, func(key string) string { return GroundText(key, l) })
	t.counts(text("Mottakere varslet", "Mottakarar varsla", "Recipients told"), r.ByNotice, func(key string) string { return NoticeStateText(key, l) })
	for _, m := range r.Months {
		t.number(text("Mottatt per måned", "Motteke per månad", "Received by month"), m.Key, m.Received)
	}
	for _, m := range r.Months {
		t.number(text("Besvart i tide, etter måned mottatt", "Svara på i tide, etter månad motteke", "Answered in time, by month received"), m.Key, m.InTime)
	}
	for _, m := range r.Months {
		t.number(text("Besvart for sent, etter måned mottatt", "Svara på for seint, etter månad motteke", "Answered late, by month received"), m.Key, m.OverTime)
	}
	for _, d := range r.Due {
		t.number(text("Åpne nå, etter uke for fristen", "Opne no, etter veke for fristen", "Open now, by week due"), dueWeekText(d.Key, l), d.Count)
	}
	return export.CSV(w, t.rows)
}

func dueWeekText(key string, l locale.Locale) string {
	switch key {
	case DueOverdue:
		return text("Over fristen", "Over fristen", "Overdue").In(l)
	case DuePaused:
		return text("Fristen er stanset", "Fristen er stansa", "The clock is paused").In(l)
	}
	return key
}

type reportTable struct {
	l    locale.Locale
	rows [][]string
}

func (t *reportTable) row(part locale.Text, cells ...string) {
	t.rows = append(t.rows, append([]string{part.In(t.l)}, cells...))
}

func (t *reportTable) number(part locale.Text, name string, n int) {
	t.row(part, name, strconv.Itoa(n))
}

// decimal has one decimal, behind the mark of the language: a point would make a date of it in a
// Norwegian spreadsheet.
func (t *reportTable) decimal(part locale.Text, name string, n float64) {
	written := strconv.FormatFloat(n, 'f', 1, 64)
	if t.l != locale.EN {
		written = strings.Replace(written, ".", ",", 1)
	}
	t.row(part, name, written)
}

func (t *reportTable) totals(r Report) {
	all := text("Antall krav", "Talet på krav", "Requests")
	for _, total := range []struct {
		name locale.Text
		n    int
	}{
		{text("Mottatt", "Motteke", "Received"), r.Received}, {text("Besvart", "Svara på", "Answered"), r.Answered},
		{text("I tide", "I tide", "In time"), r.InTime},
		{text("I tide bare fordi fristen var stanset", "I tide berre fordi fristen var stansa", "In time only because the clock was paused"), r.OnPause}, {text("For sent", "For seint", "Late"), r.Late},
		{text("Åpne", "Opne", "Open"), r.Open}, {text("Forlenget", "Lengde", "Extended"), r.Extended},
		{text("Fristen stanset en tid", "Fristen stansa ei tid", "Clock paused for a while"), r.Paused},
		{text("Dager stanset i alt", "Dagar stansa i alt", "Days paused in all"), r.PausedDays},
		{text("Besvart i deler", "Svara på i delar", "Answered in parts"), r.InParts},
		{text("Rettet etter at svaret var sendt", "Retta etter at svaret var sendt", "Corrected after the answer was sent"), r.Corrected},
	} {
		t.number(all, total.name.In(t.l), total.n)
	}
	days := text("Dager til svar", "Dagar til svar", "Days to answer")
	if s := r.Statistics; s != nil {
		t.decimal(days, text("Median", "Median", "Median").In(t.l), s.Median)
		t.decimal(days, text("Gjennomsnitt", "Gjennomsnitt", "Mean").In(t.l), s.Mean)
		t.decimal(days, text("90-persentil", "90-persentil", "90th percentile").In(t.l), s.P90)
	}
	late := text("Dager til svar, for sent", "Dagar til svar, for seint", "Days to answer, late")
	onPause := text("Dager til svar, i tide bare fordi fristen var stanset", "Dagar til svar, i tide berre fordi fristen var stansa",
		"Days to answer, in time only because the clock was paused")
	for _, a := range r.Answers {
		part := days
		switch a.Timing {
		case dsr.TooLate:
			part = late
		case dsr.OnPause:
			part = onPause
		}
		t.number(part, string(a.Reference), a.Days)
	}
}

func (t *reportTable) counts(part locale.Text, byKey map[string]int, name func(key string) string) {
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		t.number(part, name(key), byKey[key])
	}
}
