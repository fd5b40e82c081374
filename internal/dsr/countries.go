package dsr

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"

	"mininfo/internal/locale"
)

// calendars are the countries of the EEA, with the United Kingdom and Switzerland. Where a holiday is one in parts of a country only, it is left out: a day that is wrongly taken as a
// working day makes the time limit shorter, never longer than the law's.
var calendars = byCountry(
	norway, sweden, denmark,
	finland, iceland, liechtenstein, estonia, luxembourg, hungary, malta, portugal, cyprus,
	nationwide("AT", "Europe/Vienna", at.Holidays),
	nationwide("BE", "Europe/Brussels", be.Holidays),
	nationwide("BG", "Europe/Sofia", bg.Holidays),
	// Of the cantons' holidays those that all of them have; the library lists what any of them has.
	nationwide("CH", "Europe/Zurich", []*cal.Holiday{ch.Neujahr, ch.Auffahrt, ch.Bundesfeiertag, ch.Weihnachtstag}),
	nationwide("CZ", "Europe/Prague", cz.Holidays),
	nationwide("DE", "Europe/Berlin", de.Holidays),
	nationwide("ES", "Europe/Madrid", es.Holidays),
	nationwide("FR", "Europe/Paris", fr.Holidays),
	nationwide("GB", "Europe/London", gb.Holidays), // England and Wales
	nationwide("GR", "Europe/Athens", gr.Holidays),
	nationwide("HR", "Europe/Zagreb", hr.Holidays),
	nationwide("IE", "Europe/Dublin", ie.Holidays),
	nationwide("IT", "Europe/Rome", italian),
	nationwide("LT", "Europe/Vilnius", lt.Holidays),
	nationwide("LV", "Europe/Riga", lv.Holidays),
	nationwide("NL", "Europe/Amsterdam", nl.Holidays),
	nationwide("PL", "Europe/Warsaw", polish),
	nationwide("RO", "Europe/Bucharest", romanian),
	nationwide("SI", "Europe/Ljubljana", si.Holidays),
	// The feasts of the constitution and of freedom are no days off any more. Two others were made working days for 2026 to save
	// money; whether they come back is not certain, so that they stay out.
	nationwide("SK", "Europe/Bratislava", sk.Holidays).without(sk.Constitution, 2023).without(sk.Freedom, 2024).
		without(sk.Liberation, 2025).without(sk.LadyOfSorrows, 2025),
)

func byCountry(list ...*Calendar) map[string]*Calendar {
	all := map[string]*Calendar{}
	for _, c := range list {
		all[c.country] = c
	}
	return all
}

// nationwide makes a calendar of what the library lists. Holidays that Norway has too, or that are known by
// a date, have names in our languages; the others keep their own.
func nationwide(country, zone string, rules []*cal.Holiday) *Calendar {
	list := make([]holiday, 0, len(rules))
	for _, rule := range rules {
		list = append(list, holiday{rule: rule, name: nameOf(rule)})
	}
	return newCalendar(country, zone, list)
}

// without ends a holiday: the year is the last in which it was one.
func (c *Calendar) without(rule *cal.Holiday, year int) *Calendar {
	i := slices.IndexFunc(c.holidays, func(h holiday) bool { return h.rule == rule })
	c.holidays[i].until = year
	return c
}

// common are the holidays that several countries have. The library makes each country's from the same
// rule, of which the day is left when the name is changed.
var common = []struct {
	rule *cal.Holiday
	name locale.Text
}{
	{aa.NewYear, locale.Text{NB: "første nyttårsdag", NN: "første nyttårsdag", EN: "New Year's Day"}},
	{aa.Epiphany, locale.Text{NB: "helligtrekongersdag", NN: "heilagtrekongarsdag", EN: "Epiphany"}},
	{aa.MaundyThursday, locale.Text{NB: "skjærtorsdag", NN: "skjertorsdag", EN: "Maundy Thursday"}},
	{aa.GoodFriday, locale.Text{NB: "langfredag", NN: "langfredag", EN: "Good Friday"}},
	{aa.Easter, locale.Text{NB: "første påskedag", NN: "første påskedag", EN: "Easter Sunday"}},
	{aa.EasterMonday, locale.Text{NB: "andre påskedag", NN: "andre påskedag", EN: "Easter Monday"}},
	{aa.WorkersDay, locale.Text{NB: "1. mai", NN: "1. mai", EN: "Labour Day, 1 May"}},
	{aa.AscensionDay, locale.Text{NB: "Kristi himmelfartsdag", NN: "Kristi himmelfartsdag", EN: "Ascension Day"}},
	{aa.Pentecost, locale.Text{NB: "første pinsedag", NN: "første pinsedag", EN: "Whit Sunday"}},
	{aa.PentecostMonday, locale.Text{NB: "andre pinsedag", NN: "andre pinsedag", EN: "Whit Monday"}},
	{aa.CorpusChristi, locale.Text{NB: "Kristi legemsfest", NN: "Kristi lekamsfest", EN: "Corpus Christi"}},
	{aa.AssumptionOfMary, locale.Text{NB: "Marias himmelfart", NN: "Marias himmelfart", EN: "the Assumption of Mary"}},
	{aa.AllSaintsDay, locale.Text{NB: "allehelgensdag", NN: "allehelgensdag", EN: "All Saints' Day"}},
	{aa.ArmisticeDay, locale.Text{NB: "11. november, en helligdag", NN: "11. november, ein heilagdag", EN: "11 November, a public holiday"}},
	{aa.ImmaculateConception, locale.Text{NB: "Marias uplettede unnfangelse", NN: "Marias uflekka unnfanging", EN: "the Immaculate Conception"}},
	{aa.ChristmasDay, locale.Text{NB: "første juledag", NN: "første juledag", EN: "Christmas Day"}},
	{aa.ChristmasDay2, locale.Text{NB: "andre juledag", NN: "andre juledag", EN: "Boxing Day"}},
}

// nameOf names a holiday in our languages: as what falls on the same days is called, or by its own name.
func nameOf(rule *cal.Holiday) locale.Text {
	for _, c := range common {
		if sameDays(rule, c.rule) {
			return c.name
		}
	}
	return locale.Text{NB: "helligdagen «" + rule.Name + "»", NN: "heilagdagen «" + rule.Name + "»", EN: "the public holiday “" + rule.Name + "”"}
}

// sameDays compares years enough that Easter has moved; the Orthodox one is another day in one of them.
func sameDays(a, b *cal.Holiday) bool {
	same := 0
	for year := 2023; year <= 2027; year++ {
		x, _ := a.Calc(year)
		y, _ := b.Calc(year)
		if x.IsZero() { // it was none yet
			continue
		}
		if !sameDay(x, y) {
			return false
		}
		same++
	}
	return same > 1
}

func sameDay(a, b time.Time) bool { return civil(a) == civil(b) }
