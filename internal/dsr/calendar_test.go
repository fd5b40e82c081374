package dsr_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/dsr"
)

func calendar(t testing.TB, country string) *dsr.Calendar {
	t.Helper()
	c, err := dsr.CalendarFor(country)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The days of Norway's moving holidays, and the weekdays of the fixed ones, as an authority's
// almanac prints them.
const almanac = `
2025 17Apr 18Apr 20Apr 21Apr 29May 8Jun 9Jun Thu Sat Thu Wed
2026 2Apr 3Apr 5Apr 6Apr 14May 24May 25May Fri Sun Fri Thu
2027 25Mar 26Mar 28Mar 29Mar 6May 16May 17May Sat Mon Sat Fri
2028 13Apr 14Apr 16Apr 17Apr 25May 4Jun 5Jun Mon Wed Mon Sat
2029 29Mar 30Mar 1Apr 2Apr 10May 20May 21May Tue Thu Tue Mon
2030 18Apr 19Apr 21Apr 22Apr 30May 9Jun 10Jun Wed Fri Wed Tue
2031 10Apr 11Apr 13Apr 14Apr 22May 1Jun 2Jun Thu Sat Thu Wed
2032 25Mar 26Mar 28Mar 29Mar 6May 16May 17May Sat Mon Sat Thu
2033 14Apr 15Apr 17Apr 18Apr 26May 5Jun 6Jun Sun Tue Sun Sat
2034 6Apr 7Apr 9Apr 10Apr 18May 28May 29May Mon Wed Mon Sun
2035 22Mar 23Mar 25Mar 26Mar 3May 13May 14May Tue Thu Tue Mon`

func TestNorwegianAlmanac(t *testing.T) {
	t.Parallel()
	no := calendar(t, "NO")
	moving := []string{"skjærtorsdag", "langfredag", "første påskedag", "andre påskedag",
		"Kristi himmelfartsdag", "første pinsedag", "andre pinsedag"}
	fixed := []struct {
		month time.Month
		day   int
		name  string
	}{{5, 1, "1. mai"}, {5, 17, "17. mai"}, {12, 25, "første juledag"}, {1, 1, "første nyttårsdag"}}
	rows := strings.Split(strings.TrimSpace(almanac), "\n")
	for _, row := range rows {
		f := strings.Fields(row)
		var year int
		if _, err := fmt.Sscan(f[0], &year); err != nil {
			t.Fatal(err)
		}
		want := map[dsr.Date]bool{dsr.NewDate(year, 12, 26): true}
		for i, name := range moving {
			at, err := time.Parse("2Jan2006", f[1+i]+f[0])
			if err != nil {
				t.Fatal(err)
			}
			d := dsr.DateOf(at, time.UTC)
			want[d] = true
			if got, ok := no.Holiday(d); !ok || !strings.Contains(got.NB, name) {
				t.Errorf("%v is %q, want %s", d, got.NB, name)
			}
		}
		for i, h := range fixed {
			d := dsr.NewDate(year, h.month, h.day)
			want[d] = true
			if got := d.Weekday().String()[:3]; got != f[8+i] {
				t.Errorf("%v is a %s, want %s", d, got, f[8+i])
			}
			if got, ok := no.Holiday(d); !ok || !strings.Contains(got.NB, h.name) {
				t.Errorf("%v is %q, want %s", d, got.NB, h.name)
			}
		}
		if got := no.Holidays(year); len(got) != len(want) {
			t.Errorf("%d has %d holidays, want %d", year, len(got), len(want))
		}
	}
	if len(rows) != 11 {
		t.Fatalf("read %d years, want 11", len(rows))
	}
}

// easter is Gauss's rule with the Gregorian corrections: another way than the library's.
func easter(year int) dsr.Date {
	a, b, c := year%19, year%4, year%7
	k := year / 100
	p := (13 + 8*k) / 25
	m := (15 - p + k - k/4) % 30
	n := (4 + k - k/4) % 7
	d := (19*a + m) % 30
	e := (2*b + 4*c + 6*d + n) % 7
	march := 22 + d + e
	if d == 29 && e == 6 {
		march = 50
	}
	if d == 28 && e == 6 && (11*m+11)%30 < 19 {
		march = 49
	}
	return dsr.NewDate(year, 3, march)
}

func TestNorwegianHolidaysByBruteForce(t *testing.T) {
	t.Parallel()
	no := calendar(t, "NO")
	for year := 1970; year <= 2099; year++ {
		e := easter(year)
		want := map[dsr.Date]bool{}
		for _, off := range []int{-3, -2, 0, 1, 39, 49, 50} {
			want[e.AddDays(off)] = true
		}
		for _, md := range [][2]int{{1, 1}, {5, 1}, {5, 17}, {12, 25}, {12, 26}} {
			want[dsr.NewDate(year, time.Month(md[0]), md[1])] = true
		}
		for d := dsr.NewDate(year, 1, 1); d.Year == year; d = d.AddDays(1) {
			name, got := no.Holiday(d)
			if got != want[d] || got != name.Complete() {
				t.Errorf("%v: holiday = %v (%q), want %v", d, got, name.NB, want[d])
			}
			weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
			if working := !weekend && !want[d]; no.Working(d) != working {
				t.Errorf("%v: working = %v, want %v", d, !working, working)
			}
		}
	}
}

func TestTwoHolidaysOnOneDayAreNamedBoth(t *testing.T) {
	t.Parallel()
	name, _ := calendar(t, "NO").Holiday(day(t, "2027-05-17"))
	if name.NB != "17. mai og andre pinsedag" || name.EN != "Constitution Day, 17 May and Whit Monday" {
		t.Errorf("17 May 2027 is %+v", name)
	}
}

func TestBritishBankHolidays(t *testing.T) {
	t.Parallel()
	gb := calendar(t, "GB")
	for _, d := range []string{"2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25",
		"2026-08-31", "2026-12-25", "2026-12-28", "2027-12-27", "2027-12-28", "2028-01-03"} {
		if gb.Working(day(t, d)) {
			t.Errorf("%s is a working day", d)
		}
	}
	for _, d := range []string{"2026-04-02", "2026-05-14", "2026-12-24", "2026-12-29"} {
		if !gb.Working(day(t, d)) {
			t.Errorf("%s is no working day", d)
		}
	}
}

// The holidays of two neighbours that fall on working days, as their almanacs print them.
func TestSwedishAndDanishHolidays(t *testing.T) {
	t.Parallel()
	for country, days := range map[string][2][]string{
		"SE": {{"2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-06-19", "2026-12-24", "2026-12-25", "2026-12-31", "2027-06-25"},
			{"2026-04-02", "2026-05-25", "2026-06-05", "2026-06-18", "2026-10-30", "2026-12-23"}},
		"DK": {{"2026-01-01", "2026-04-02", "2026-04-03", "2026-04-06", "2026-05-14", "2026-05-25", "2026-06-05", "2026-12-25", "2023-05-05"},
			{"2026-01-06", "2026-05-01", "2024-04-26", "2026-12-24"}},
	} {
		c := calendar(t, country)
		for _, d := range days[0] {
			if name, _ := c.Holiday(day(t, d)); c.Working(day(t, d)) || !name.Complete() {
				t.Errorf("%s is a working day in %s, or has no name: %+v", d, country, name)
			}
		}
		for _, d := range days[1] {
			if !c.Working(day(t, d)) {
				t.Errorf("%s is no working day in %s", d, country)
			}
		}
	}
}

// Each country that can be chosen: New Year's Day and Christmas Day are holidays, no year has fewer than the
// fewest or more than the most that there are, each holiday has a name in three languages, and its zone exists.
func TestCLK05EachCountryHasPlausibleHolidays(t *testing.T) {
	t.Parallel()
	want := []string{"AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO",
		"PL", "PT", "RO", "SE", "SI", "SK"}
	if got := dsr.Countries(); !slices.Equal(got, want) {
		t.Errorf("one can choose %v, want %v", got, want)
	}
	for _, country := range dsr.Countries() {
		c := calendar(t, country)
		if _, err := time.LoadLocation(c.Zone()); err != nil || c.Country() != country {
			t.Errorf("%s: %v, %v", country, c.Country(), err)
		}
		for year := 2020; year <= 2099; year++ {
			days := c.Holidays(year)
			if n := len(days); n < 4 || n > 22 {
				t.Errorf("%s has %d holidays in %d: %v", country, n, year, days)
			}
			for _, always := range []dsr.Date{dsr.NewDate(year, 1, 1), dsr.NewDate(year, 12, 25)} {
				if _, ok := days[always]; !ok {
					t.Errorf("%v is no holiday in %s", always, country)
				}
			}
			// Nowhere are there holidays on more than five weekdays of one week: else a rule has slipped.
			for d, name := range days {
				if !name.Complete() || d.Year != year {
					t.Errorf("%s, %v: %+v", country, d, name)
				}
				if back := dsr.DaysBetween(d, c.Roll(d)); back > 6 {
					t.Errorf("%s, %v: %d days to the next working day", country, d, back)
				}
			}
		}
	}
}

// Of each country that came with the list one day that is its own, and days that are holidays next door only.
func TestCLK05HolidaysAreTheCountrysOwn(t *testing.T) {
	t.Parallel()
	for country, days := range map[string][2]string{ // a holiday; a working day
		"AT": {"2026-10-26", "2026-10-27"}, "BE": {"2026-07-21", "2026-12-28"}, "BG": {"2026-03-03", "2026-04-06"}, // Orthodox Easter
		"CH": {"2025-08-01", "2026-05-01"}, "CZ": {"2026-10-28", "2026-05-14"}, "DE": {"2028-10-03", "2026-01-06"},
		"ES": {"2026-10-12", "2026-04-06"}, "FR": {"2026-07-14", "2026-04-03"}, "GR": {"2026-03-25", "2026-04-06"},
		"HR": {"2026-06-22", "2026-04-03"}, "IE": {"2026-03-17", "2026-05-01"}, "IT": {"2026-06-02", "2026-04-03"},
		"LT": {"2026-02-16", "2026-04-03"}, "LV": {"2026-11-18", "2026-05-14"}, "NL": {"2026-04-27", "2026-05-01"},
		"PL": {"2027-05-03", "2026-04-03"}, "RO": {"2026-12-01", "2026-04-03"}, "SI": {"2027-02-08", "2026-05-14"},
		"SK": {"2022-09-01", "2026-09-01"},
	} {
		c := calendar(t, country)
		if _, is := c.Holiday(day(t, days[0])); !is || c.Working(day(t, days[0])) {
			t.Errorf("%s is a working day in %s", days[0], country)
		}
		if name, is := c.Holiday(day(t, days[1])); is || !c.Working(day(t, days[1])) {
			t.Errorf("%s is no working day in %s: %v", days[1], country, name.EN)
		}
	}
	for _, on := range []string{"2026-05-08", "2026-09-15", "2026-11-17"} { // days off no more in Slovakia; each was one in 2023
		slovak := calendar(t, "SK")
		if !slovak.Working(day(t, on)) || slovak.Working(day(t, "2023"+on[4:])) {
			t.Errorf("%s: a working day now and a day off in 2023", on)
		}
	}
	for country, want := range map[string]string{"DE": "langfredag", "GB": "andre juledag", "BG": "helligdagen «Великден»"} {
		at := map[string]string{"DE": "2026-04-03", "GB": "2025-12-26", "BG": "2026-04-13"}[country]
		if name, _ := calendar(t, country).Holiday(day(t, at)); name.NB != want {
			t.Errorf("%s in %s is called %q, want %q", at, country, name.NB, want)
		}
	}
}

// Whole years of the calendars that we put together ourselves, written down by hand from the countries' almanacs. Whatever is
// missing or too much is a fault.
func TestCLK05ComposedCalendarsAreTheAlmanacs(t *testing.T) {
	t.Parallel()
	for country, years := range map[string]map[int]string{
		"FI": {2026: "1Jan 6Jan 3Apr 5Apr 6Apr 1May 14May 24May 19Jun 20Jun 31Oct 6Dec 24Dec 25Dec 26Dec",
			2027: "1Jan 6Jan 26Mar 28Mar 29Mar 1May 6May 16May 25Jun 26Jun 6Nov 6Dec 24Dec 25Dec 26Dec"},
		"IS": {2026: "1Jan 2Apr 3Apr 5Apr 6Apr 23Apr 1May 14May 24May 25May 17Jun 3Aug 25Dec 26Dec",
			2027: "1Jan 25Mar 26Mar 28Mar 29Mar 22Apr 1May 6May 16May 17May 17Jun 2Aug 25Dec 26Dec"},
		"LI": {2026: "1Jan 6Jan 2Feb 5Apr 6Apr 1May 14May 24May 25May 4Jun 15Aug 8Sep 1Nov 8Dec 25Dec 26Dec",
			2027: "1Jan 6Jan 2Feb 28Mar 29Mar 1May 6May 16May 17May 27May 15Aug 8Sep 1Nov 8Dec 25Dec 26Dec"},
		"EE": {2026: "1Jan 24Feb 3Apr 5Apr 1May 24May 23Jun 24Jun 20Aug 24Dec 25Dec 26Dec",
			2027: "1Jan 24Feb 26Mar 28Mar 1May 16May 23Jun 24Jun 20Aug 24Dec 25Dec 26Dec"},
		"LU": {2026: "1Jan 6Apr 1May 9May 14May 25May 23Jun 15Aug 1Nov 25Dec 26Dec",
			2027: "1Jan 29Mar 1May 6May 9May 17May 23Jun 15Aug 1Nov 25Dec 26Dec"},
		"HU": {2026: "1Jan 15Mar 3Apr 5Apr 6Apr 1May 24May 25May 20Aug 23Oct 1Nov 25Dec 26Dec",
			2027: "1Jan 15Mar 26Mar 28Mar 29Mar 1May 16May 17May 20Aug 23Oct 1Nov 25Dec 26Dec"},
		"MT": {2026: "1Jan 10Feb 19Mar 31Mar 3Apr 1May 7Jun 29Jun 15Aug 8Sep 21Sep 8Dec 13Dec 25Dec",
			2027: "1Jan 10Feb 19Mar 26Mar 31Mar 1May 7Jun 29Jun 15Aug 8Sep 21Sep 8Dec 13Dec 25Dec"},
		"PT": {2026: "1Jan 3Apr 5Apr 25Apr 1May 4Jun 10Jun 15Aug 5Oct 1Nov 1Dec 8Dec 25Dec",
			2027: "1Jan 26Mar 28Mar 25Apr 1May 27May 10Jun 15Aug 5Oct 1Nov 1Dec 8Dec 25Dec"},
		"CY": {2026: "1Jan 6Jan 23Feb 25Mar 1Apr 10Apr 12Apr 13Apr 1May 1Jun 15Aug 1Oct 28Oct 25Dec 26Dec",
			2027: "1Jan 6Jan 15Mar 25Mar 1Apr 30Apr 2May 3May 1May 21Jun 15Aug 1Oct 28Oct 25Dec 26Dec"},
	} {
		for year, line := range years {
			want := map[dsr.Date]bool{}
			for _, f := range strings.Fields(line) {
				at, err := time.Parse("2Jan2006", fmt.Sprint(f, year))
				if err != nil {
					t.Fatal(err)
				}
				want[dsr.DateOf(at, time.UTC)] = true
			}
			got := calendar(t, country).Holidays(year)
			for d := range want {
				if _, is := got[d]; !is {
					t.Errorf("%s: %v is no holiday", country, d)
				}
			}
			for d, name := range got {
				if !want[d] {
					t.Errorf("%s: %v is a holiday: %s", country, d, name.EN)
				}
			}
		}
	}
}

// What became a holiday lately is one from its year on, and not before.
func TestCLK05HolidaysBeginInTheirYear(t *testing.T) {
	t.Parallel()
	for country, days := range map[string][2]string{
		"PL": {"2025-12-24", "2024-12-24"}, "IT": {"2027-10-04", "2025-10-04"}, "LU": {"2019-05-09", "2018-05-09"}, "HU": {"2017-04-14", "2016-03-25"},
	} {
		c := calendar(t, country)
		if _, is := c.Holiday(day(t, days[0])); !is {
			t.Errorf("%s is no holiday in %s", days[0], country)
		}
		if _, is := c.Holiday(day(t, days[1])); is {
			t.Errorf("%s was a holiday in %s", days[1], country)
		}
	}
	romania := calendar(t, "RO")
	for d, want := range map[string]string{"2024-01-06": "Epiphany", "2025-01-07": "Ioan", "2023-01-06": "", "2023-01-07": ""} {
		if name, is := romania.Holiday(day(t, d)); is != (want != "") || !strings.Contains(name.EN, want) {
			t.Errorf("Romania on %s: %v %q", d, is, name.EN)
		}
	}
	if name, _ := romania.Holiday(day(t, "2026-01-06")); name.NB != "helligtrekongersdag" {
		t.Errorf("Epiphany of Romania is called %q", name.NB)
	}
}

func TestUnknownCountry(t *testing.T) {
	t.Parallel()
	if _, err := dsr.CalendarFor("XX"); err == nil {
		t.Error("a country without a calendar was accepted")
	}
}
