package dsr_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"mininfo/internal/dsr"
)

// The walker counts the clock a second time and another way: it steps through the days one by one and
// asks of each whether it is the one. It shares nothing with the product but the type of a date.
type walker struct{ holidays map[dsr.Date]bool }

// norwegianWalker knows Norway's holidays of 2019 to 2101 by Gauss's rule for Easter.
func norwegianWalker() walker {
	return easterWalker([]int{-3, -2, 0, 1, 39, 49, 50}, [][2]int{{1, 1}, {5, 1}, {5, 17}, {12, 25}, {12, 26}})
}

func easterWalker(offsets []int, fixed [][2]int) walker {
	w := walker{map[dsr.Date]bool{}}
	for year := 2019; year <= 2101; year++ {
		for _, off := range offsets {
			w.holidays[easter(year).AddDays(off)] = true
		}
		for _, md := range fixed {
			w.holidays[dsr.NewDate(year, time.Month(md[0]), md[1])] = true
		}
	}
	return w
}

func (w walker) working(d dsr.Date) bool {
	wd := d.Weekday()
	return wd != time.Saturday && wd != time.Sunday && !w.holidays[d]
}

// ends walks from a day into the month that is n further, to the day of the same number or the
// month's last.
func (w walker) ends(d dsr.Date, n int) dsr.Date {
	number, crossed := d.Day, 0
	for {
		next := d.AddDays(1)
		if crossed == n && (d.Day == number || next.Day == 1) {
			return d
		}
		if next.Day == 1 {
			crossed++
		}
		d = next
	}
}

// rolled walks on to a working day.
func (w walker) rolled(d dsr.Date) dsr.Date {
	for !w.working(d) {
		d = d.AddDays(1)
	}
	return d
}

// target walks n days and back to a working day.
func (w walker) target(d dsr.Date, n int) dsr.Date {
	for range n {
		d = d.AddDays(1)
	}
	for !w.working(d) {
		d = d.AddDays(-1)
	}
	return d
}

// walkerOf knows a country's holidays from the calendar itself: of such countries the walk shows how it
// is counted, and TestCLK05 which days they have.
func walkerOf(c *dsr.Calendar) walker {
	w := walker{map[dsr.Date]bool{}}
	for year := 2019; year <= 2101; year++ {
		for d := range c.Holidays(year) {
			w.holidays[d] = true
		}
	}
	return w
}

// germanWalker and frenchWalker know the holidays by the law and Gauss's rule.
func germanWalker() walker {
	return easterWalker([]int{-2, 1, 39, 50}, [][2]int{{1, 1}, {5, 1}, {10, 3}, {12, 25}, {12, 26}})
}

func frenchWalker() walker {
	return easterWalker([]int{1, 39, 50}, [][2]int{{1, 1}, {5, 1}, {5, 8}, {7, 14}, {8, 15}, {11, 1}, {11, 11}, {12, 25}})
}

// Every day of eighty years, by each profile in two countries and by the default one in more; every fifth is extended
// too, by one month or two in turn.
func TestCLK01CLK03CLK04CLK05EveryDayOfEightyYears(t *testing.T) {
	t.Parallel()
	walkers := map[string]walker{"NO": norwegianWalker(), "DE": germanWalker(), "FR": frenchWalker(),
		"SE": walkerOf(calendar(t, "SE")), "GB": walkerOf(calendar(t, "GB")), "BG": walkerOf(calendar(t, "BG")), "CH": walkerOf(calendar(t, "CH"))}
	for _, p := range dsr.Profiles() {
		for country, w := range walkers {
			if p.Name != "EDPB" && country != "NO" && country != "GB" {
				continue
			}
			t.Run(p.Name+" in "+country, func(t *testing.T) {
				t.Parallel()
				w.eightyYears(t, p, country)
			})
		}
	}
}

func (w walker) eightyYears(t *testing.T, p dsr.Profile, country string) {
	t.Helper()
	last, days := w.rolled, 0
	if p.Name == "STRICT" {
		last = func(d dsr.Date) dsr.Date { return d }
	}
	for d := dsr.NewDate(2020, 1, 1); d.Year < 2100; d = d.AddDays(1) {
		days++
		for months, target := range []int{28, 59, 89} {
			if months > 0 && days%10 != 5*(months-1) {
				continue
			}
			c := dsr.Clock{Profile: p, Country: country, Received: d}
			if months > 0 {
				c.Extensions = []dsr.Extension{{Months: months, Sent: d, Reasoned: true}}
			}
			got, err := dsr.Compute(c)
			if err != nil {
				t.Fatal(err)
			}
			due, refusal := last(w.ends(d, 1+months)), last(w.ends(d, 1))
			if got.Due != due || got.DueRefusal != refusal || got.InternalTarget != w.target(d, target) {
				t.Fatalf("received %v, extended by %d: due %v, refusal %v, target %v; the walk says %v, %v, %v",
					d, months, got.Due, got.DueRefusal, got.InternalTarget, due, refusal, w.target(d, target))
			}
		}
	}
	if days != 29220 {
		t.Fatalf("walked %d days", days)
	}
}

// What else happens, by each profile and in two countries: questions that count or not, answered or open, and an
// extension in time or late.
func TestCLK06EXT02TheClockAgainstADayByDayWalk(t *testing.T) {
	t.Parallel()
	walkers := map[string]walker{"NO": norwegianWalker(), "DE": germanWalker()}
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(true).Draw(t, "clock")
		c.Country = rapid.SampledFrom([]string{"NO", "DE"}).Draw(t, "country")
		w := walkers[c.Country]
		last := func(d dsr.Date, months int) dsr.Date {
			if c.Profile.Name == "STRICT" {
				return w.ends(d, months)
			}
			return w.rolled(w.ends(d, months))
		}
		got, err := dsr.Compute(c)
		if err != nil {
			t.Fatal(err)
		}
		months := 1
		if len(c.Extensions) == 1 {
			sent := c.Extensions[0].Sent
			virtual, _ := w.virtual(c, sent) // an open question counts to the day of the notice
			if !sent.After(last(virtual, 1)) {
				months += c.Extensions[0].Months
			}
		}
		virtual, open := w.virtual(c, dsr.Date{})
		if due := last(c.Received, months); got.DueUnsuspended != due {
			t.Fatalf("without the pauses due %v, the walk says %v", got.DueUnsuspended, due)
		}
		if got.Open != open {
			t.Fatalf("open %v, the walk says %v", got.Open, open)
		}
		if open {
			return
		}
		paused := dsr.DaysBetween(c.Received, virtual)
		due, refusal := last(virtual, months), last(virtual, 1)
		if got.PausedDays != paused || got.Due != due || got.DueRefusal != refusal {
			t.Fatalf("%d days paused, due %v, refusal %v; the walk says %d, %v, %v", got.PausedDays, got.Due, got.DueRefusal, paused, due, refusal)
		}
	})
}

// virtual is the day of receipt, or where the profile says so the last proof of identity, and as many days more as a
// question that counts was open. An unanswered one reaches as far as a day, or nowhere.
func (w walker) virtual(c dsr.Clock, asOf dsr.Date) (start dsr.Date, open bool) {
	var counted []dsr.Pause
	start = c.Received
	for i, p := range c.Pauses {
		if !w.counts(c, i) {
			continue
		}
		if p.Replied.IsZero() {
			open = true
			if p.Replied = p.Asked; asOf.After(p.Asked) {
				p.Replied = asOf
			}
		}
		if c.Profile.Name != "UK" || p.Kind != dsr.PauseIdentity {
			counted = append(counted, p)
		} else if p.Replied.After(start) {
			start = p.Replied
		}
	}
	days := 0
	for d, n := start, 0; n < 400; d, n = d.AddDays(1), n+1 {
		for _, p := range counted {
			asking := c.Profile.Name == "UK" && d == p.Asked // the day of asking stands too
			if (asking || d.After(p.Asked)) && !d.After(p.Replied) {
				days++
				break
			}
		}
	}
	return start.AddDays(days), open
}

// counts: asked with a reason, of a kind that counts, within a week of receipt or of the last reply.
func (w walker) counts(c dsr.Clock, i int) bool {
	p := c.Pauses[i]
	needsVolume := c.Profile.Name == "EDPB" && p.Kind == dsr.PauseClarification
	if c.Profile.Name == "STRICT" || !p.Reasoned || needsVolume && !p.LargeVolume {
		return false
	}
	last := c.Received
	for j, q := range c.Pauses {
		if i != j && !q.Replied.IsZero() && !q.Replied.After(p.Asked) && q.Replied.After(last) {
			last = q.Replied
		}
	}
	for range 8 {
		if last == p.Asked {
			return true
		}
		last = last.AddDays(1)
	}
	return false
}
