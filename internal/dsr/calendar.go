package dsr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/se"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// CalendarVersion names the holiday rules in force. A request stores it, so that a later change
// of the rules can be told from a wrong date. Raise it when a holiday is added or moved.
const CalendarVersion = "2026-2"

// Calendar knows the public holidays of one country. The holidays that count are those of the
// state where the controller must act (Regulation 1182/71 art. 2(1)).
type Calendar struct {
	country  string
	zone     string // IANA name
	holidays []holiday
	mu       sync.RWMutex
	years    map[int]map[Date]locale.Text
}

type holiday struct {
	rule   *cal.Holiday
	offset int // days from what the rule gives
	until  int // the last year in which it is one; 0: it still is
	name   locale.Text
}

func named(rule *cal.Holiday, offset int, nb, nn, en string) holiday {
	return holiday{rule: rule, offset: offset, name: locale.Text{NB: nb, NN: nn, EN: en}}
}

// Norway's holidays: helligdagsfredloven and the law on 1 and 17 May. The library leaves out
// Easter Sunday and Whit Sunday; they are here so that the list is the law's own.
var norway = newCalendar("NO", "Europe/Oslo", []holiday{
	named(no.FoersteNyttaarsdag, 0, "første nyttårsdag", "første nyttårsdag", "New Year's Day"),
	named(no.Skjaertorsdag, 0, "skjærtorsdag", "skjertorsdag", "Maundy Thursday"),
	named(no.Langfredag, 0, "langfredag", "langfredag", "Good Friday"),
	named(no.AndrePaaskedag, -1, "første påskedag", "første påskedag", "Easter Sunday"),
	named(no.AndrePaaskedag, 0, "andre påskedag", "andre påskedag", "Easter Monday"),
	named(no.Arbeiderenesdag, 0, "1. mai", "1. mai", "Labour Day, 1 May"),
	named(no.Grunnlovsdag, 0, "17. mai", "17. mai", "Constitution Day, 17 May"),
	named(no.Kristihimmelfartsdag, 0, "Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"),
	named(no.AndrePinsedag, -1, "første pinsedag", "første pinsedag", "Whit Sunday"),
	named(no.AndrePinsedag, 0, "andre pinsedag", "andre pinsedag", "Whit Monday"),
	named(no.FoersteJuledag, 0, "første juledag", "første juledag", "Christmas Day"),
	named(no.AndreJuledag, 0, "andre juledag", "andre juledag", "Boxing Day"),
})

// Sweden's: the law on public holidays, and the eves that the law on counting time puts beside them
// (lag 1930:173 § 2).
var sweden = newCalendar("SE", "Europe/Stockholm", []holiday{
	named(se.Nyarsdagen, 0, "første nyttårsdag", "første nyttårsdag", "New Year's Day"),
	named(se.TrettondedagJul, 0, "helligtrekongersdag", "heilagtrekongarsdag", "Epiphany"),
	named(se.Langfredagen, 0, "langfredag", "langfredag", "Good Friday"),
	named(se.Paskdagen, 0, "første påskedag", "første påskedag", "Easter Sunday"),
	named(se.AnnandagPask, 0, "andre påskedag", "andre påskedag", "Easter Monday"),
	named(se.ForstaMaj, 0, "1. mai", "1. mai", "1 May"),
	named(se.KristiHimmelfardsdag, 0, "Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"),
	named(se.Pingstdagen, 0, "første pinsedag", "første pinsedag", "Whit Sunday"),
	named(se.Nationaldagen, 0, "Sveriges nasjonaldag", "nasjonaldagen til Sverige", "the National Day of Sweden"),
	named(se.Midsommarafton, 0, "midtsommeraften", "midtsommarkveld", "Midsummer's Eve"),
	named(se.Midsommardagen, 0, "midtsommerdagen", "midtsommardagen", "Midsummer's Day"),
	named(se.AllaHelgonsDag, 0, "allehelgensdag", "allehelgensdag", "All Saints' Day"),
	named(se.Julafton, 0, "julaften", "julaftan", "Christmas Eve"),
	named(se.Juldagen, 0, "første juledag", "første juledag", "Christmas Day"),
	named(se.AnnandagJul, 0, "andre juledag", "andre juledag", "Boxing Day"),
	named(se.Nyarsafton, 0, "nyttårsaften", "nyttårsaftan", "New Year's Eve"),
})

// Denmark's: the holidays of its church and Constitution Day. General Prayer Day ended with 2023.
var denmark = newCalendar("DK", "Europe/Copenhagen", []holiday{
	named(dk.Nytaarsdag, 0, "første nyttårsdag", "første nyttårsdag", "New Year's Day"),
	named(dk.Skaertorsdag, 0, "skjærtorsdag", "skjertorsdag", "Maundy Thursday"),
	named(dk.Langfredag, 0, "langfredag", "langfredag", "Good Friday"),
	named(dk.AndenPaaskedag, -1, "første påskedag", "første påskedag", "Easter Sunday"),
	named(dk.AndenPaaskedag, 0, "andre påskedag", "andre påskedag", "Easter Monday"),
	named(dk.StoreBededag, 0, "store bededag", "store bededag", "General Prayer Day"),
	named(dk.KristiHimmelfartsdag, 0, "Kristi himmelfartsdag", "Kristi himmelfartsdag", "Ascension Day"),
	named(dk.AndenPinsedag, -1, "første pinsedag", "første pinsedag", "Whit Sunday"),
	named(dk.AndenPinsedag, 0, "andre pinsedag", "andre pinsedag", "Whit Monday"),
	named(dk.Grundlovsdag, 0, "Danmarks grunnlovsdag", "grunnlovsdagen til Danmark", "the Constitution Day of Denmark"),
	named(dk.Juledag, 0, "første juledag", "første juledag", "Christmas Day"),
	named(dk.AndenJuledag, 0, "andre juledag", "andre juledag", "Boxing Day"),
})

func newCalendar(country, zone string, holidays []holiday) *Calendar {
	return &Calendar{country: country, zone: zone, holidays: holidays, years: map[int]map[Date]locale.Text{}}
}

// ErrCountry: there is no calendar of that country.
var ErrCountry = fault.Define(fault.Invalid, "unknown_country",
	"Vi kjenner ikke helligdagene i det landet. Bruk "+strings.Join(Countries(), ", ")+".",
	"Vi kjenner ikkje heilagdagane i det landet. Bruk "+strings.Join(Countries(), ", ")+".",
	"We do not know the public holidays of that country. Use "+strings.Join(Countries(), ", ")+".")

// CalendarFor gives the calendar of a country by its ISO code, which Countries lists.
func CalendarFor(country string) (*Calendar, error) {
	if c, ok := calendars[strings.ToUpper(strings.TrimSpace(country))]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("no holiday calendar for country %q: %w", country, ErrCountry)
}

// Countries gives the codes of the countries whose holidays are known, sorted.
func Countries() []string { return slices.Sorted(maps.Keys(calendars)) }

// Country is the ISO code of the calendar's country.
func (c *Calendar) Country() string { return c.country }

// Zone is the IANA name of the zone in which an office of the country counts its days.
func (c *Calendar) Zone() string { return c.zone }

// Holiday gives the name of the public holiday on a date, if it is one.
func (c *Calendar) Holiday(d Date) (locale.Text, bool) {
	name, ok := c.year(d.Year)[d]
	return name, ok
}

// Holidays gives the public holidays of a year. Two that fall on one day are one entry.
func (c *Calendar) Holidays(year int) map[Date]locale.Text {
	days := map[Date]locale.Text{}
	for d, name := range c.year(year) {
		days[d] = name
	}
	return days
}

func (c *Calendar) year(year int) map[Date]locale.Text {
	c.mu.RLock()
	days, ok := c.years[year]
	c.mu.RUnlock()
	if ok {
		return days
	}
	days = c.compute(year)
	c.mu.Lock()
	c.years[year] = days
	c.mu.Unlock()
	return days
}

func (c *Calendar) compute(year int) map[Date]locale.Text {
	days := map[Date]locale.Text{}
	for _, h := range c.holidays {
		if h.until != 0 && year > h.until {
			continue
		}
		actual, observed := h.rule.Calc(year)
		dates := []time.Time{actual}
		if !observed.Equal(actual) {
			dates = append(dates, observed)
		}
		for _, t := range dates {
			if t.IsZero() {
				continue
			}
			d := civil(t).AddDays(h.offset)
			if first, twice := days[d]; twice {
				days[d] = joinNames(first, h.name)
				continue
			}
			days[d] = h.name
		}
	}
	return days
}

func joinNames(a, b locale.Text) locale.Text {
	return locale.Text{NB: a.NB + " og " + b.NB, NN: a.NN + " og " + b.NN, EN: a.EN + " and " + b.EN}
}

// Working tells whether the date is no Saturday, Sunday or public holiday (1182/71 art. 2(2)).
func (c *Calendar) Working(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	_, holiday := c.Holiday(d)
	return !holiday
}

// Roll gives the first working day on or after d (1182/71 art. 3(4)).
func (c *Calendar) Roll(d Date) Date {
	for !c.Working(d) {
		d = d.AddDays(1)
	}
	return d
}

// RollBack gives the last working day on or before d.
func (c *Calendar) RollBack(d Date) Date {
	for !c.Working(d) {
		d = d.AddDays(-1)
	}
	return d
}
