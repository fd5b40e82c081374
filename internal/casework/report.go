package casework

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// StatisticsFrom is how many answers a median says something of. Of fewer each is listed instead.
const StatisticsFrom = 20

// Report is how the office did in a period: requests that came in, and those answered. It holds no
// personal data, and counts purged cases as before (Art. 5(2)).
type Report struct {
	From, To   dsr.Date
	Received   int
	Answered   int
	InTime     int
	OnPause    int // of those in time: only because the clock was paused, which is guidance and not the law's text
	Late       int
	Open       int
	Extended   int
	Paused     int // requests whose clock stood for a while, or stands
	PausedDays int // of pauses that ended
	InParts    int // requests of which a part was answered before the rest
	Corrected  int // requests whose answer was corrected after it was sent
	// Statistics is nil below StatisticsFrom answers; then Answers has each of them.
	Statistics *Statistics
	Answers    []AnsweredCase
	ByRight    map[string]int
	ByChannel  map[string]int
	ByOutcome  map[string]int
	Outcomes   map[string]map[string]int // of each right: how those that were answered ended
	ByGround   map[string]int            // refusals
	ByNotice   map[string]int            // recipients who are told (Art. 19), by how far it has come
	Months     []Month
	Due        []DueWeek // all that is open now, of whatever period
}

// Statistics is how many whole days the answers took, from receipt.
type Statistics struct{ Median, Mean, P90 float64 }

// AnsweredCase is one answer; the reference names the case and nobody in it.
type AnsweredCase struct {
	Reference dsr.Reference
	Right     dsr.Right
	Days      int
	Timing    dsr.Timing
}

// Month counts the requests received in a month, and how those were answered.
type Month struct {
	Key              string // 2026-03
	Received         int
	InTime, OverTime int
}

// DueWeek counts the open requests that are due in a week, such as 2026-W48.
type DueWeek struct {
	Key   string // or DueOverdue, DuePaused
	Count int
}

// The weeks that are none.
const (
	DueOverdue = "overdue"
	DuePaused  = "paused"
)

// ErrPeriod says that a period ends before it begins.
var ErrPeriod = fault.Define(fault.Invalid, "period",
	"Perioden slutter før den begynner.", "Perioden sluttar før han byrjar.", "The period ends before it begins.")

// Report counts the requests received from one civil date to another, both included; zero dates
// mean the last twelve months.
func (d *Desk) Report(ctx context.Context, by By, from, to dsr.Date) (Report, error) {
	var report Report
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.ReadReports, staff.Facts{}); err != nil {
			return err
		}
		today, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		if to.IsZero() {
			to = today
		}
		if from.IsZero() {
			from = to.AddMonths(-12).AddDays(1)
		}
		if to.Before(from) {
			return ErrPeriod.At("/to")
		}
		report, err = count(tx, from, to, today, zone)
		return err
	})
	return report, err
}

func count(tx *store.Tx, from, to, today dsr.Date, zone *time.Location) (Report, error) {
	c := counter{zone: zone, days: map[int]int{}, timings: map[int64]dsr.Timing{}, months: map[string]*Month{}, report: Report{From: from, To: to,
		ByRight: map[string]int{}, ByChannel: map[string]int{}, ByOutcome: map[string]int{}, Outcomes: map[string]map[string]int{}}}
	begin, end := from.Start(zone), to.AddDays(1).Start(zone)
	if err := tx.EachMoved(begin, end, c.moved); err != nil {
		return Report{}, err
	}
	if err := tx.EachReported(begin, end, c.add); err != nil {
		return Report{}, err
	}
	r := c.result()
	var err error
	if r.ByGround, err = tx.RefusalGrounds(begin, end); err != nil {
		return Report{}, err
	}
	if r.InParts, err = tx.Happened(dsr.EventPartSent, begin, end); err != nil {
		return Report{}, err
	}
	if r.Corrected, err = tx.Happened(dsr.EventAnswerCorrected, begin, end); err != nil {
		return Report{}, err
	}
	if r.ByNotice, err = tx.RecipientNotices(begin, end); err != nil {
		return Report{}, err
	}
	due, err := tx.OpenByDue()
	if err != nil {
		return Report{}, err
	}
	r.Due = weeks(due, today)
	return r, nil
}

// counter adds up a report while its rows go by: it holds as much for a million requests as for ten.
type counter struct {
	zone   *time.Location
	report Report
	days   map[int]int // how many answers took so many days
	months map[string]*Month
	// timings are those of the answers that were not plainly in time although the clock was moved for them.
	timings map[int64]dsr.Timing
}

func (c *counter) add(row store.ReportRow) error {
	r := &c.report
	received := row.ReceivedOn(c.zone)
	r.Received++
	r.ByRight[row.Right]++
	r.ByChannel[row.Channel]++
	key := fmt.Sprintf("%04d-%02d", received.Year, int(received.Month))
	month := c.months[key]
	if month == nil {
		month = &Month{Key: key}
		c.months[key] = month
	}
	month.Received++
	if row.Extended {
		r.Extended++
	}
	if row.AnsweredAt == nil {
		if dsr.Open(dsr.State(row.State)) {
			r.Open++
		}
		return nil
	}
	due, err := dsr.ParseDate(row.DueOn)
	if err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	answered := row.AnsweredOn(c.zone)
	timing, moved := c.timings[row.ID]
	if !moved {
		if timing = dsr.InTime; answered.After(due) {
			timing = dsr.TooLate
		}
	}
	if timing == dsr.TooLate {
		r.Late++
		month.OverTime++
	} else {
		r.InTime++
		month.InTime++
	}
	if timing == dsr.OnPause {
		r.OnPause++
	}
	r.Answered++
	r.ByOutcome[row.Outcome]++
	if r.Outcomes[row.Right] == nil {
		r.Outcomes[row.Right] = map[string]int{}
	}
	r.Outcomes[row.Right][row.Outcome]++
	took := dsr.DaysBetween(received, answered)
	c.days[took]++
	if r.Answered < StatisticsFrom {
		r.Answers = append(r.Answers, AnsweredCase{Reference: dsr.Reference(row.Reference), Right: dsr.Right(row.Right), Days: took, Timing: timing})
	} else {
		r.Answers = nil
	}
	return nil
}

// moved takes in a request whose clock stood or was extended: its due date alone does not say whether the answer
// was in time.
func (c *counter) moved(id int64, history []dsr.Event) error {
	p, err := dsr.Project(history)
	if err != nil {
		return fmt.Errorf("counting time limits: %w", err)
	}
	if t := p.Timing(); t == dsr.TooLate || t == dsr.OnPause {
		c.timings[id] = t
	}
	if p.Deadline.Open || p.Deadline.PausedDays > 0 {
		c.report.Paused++
	}
	c.report.PausedDays += p.Deadline.PausedDays
	return nil
}

func (c *counter) result() Report {
	for _, month := range c.months {
		c.report.Months = append(c.report.Months, *month)
	}
	slices.SortFunc(c.report.Months, func(a, b Month) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	if c.report.Answered >= StatisticsFrom {
		s := statistics(c.days, c.report.Answered)
		c.report.Statistics = &s
	}
	return c.report
}

// statistics of answers by the days they took, in tenths of a day; the quantiles are interpolated
// linearly between neighbours.
func statistics(byDays map[int]int, answers int) Statistics {
	days := make([]int, 0, len(byDays))
	sum := 0
	for d, n := range byDays {
		days = append(days, d)
		sum += d * n
	}
	slices.Sort(days)
	at := func(place int) float64 {
		for _, d := range days {
			if place -= byDays[d]; place < 0 {
				return float64(d)
			}
		}
		return float64(days[len(days)-1])
	}
	quantile := func(q float64) float64 {
		place := q * float64(answers-1)
		low := int(place)
		return at(low) + (place-float64(low))*(at(low+1)-at(low))
	}
	tenth := func(x float64) float64 { return math.Round(x*10) / 10 }
	return Statistics{Median: tenth(quantile(0.5)), Mean: tenth(float64(sum) / float64(answers)), P90: tenth(quantile(0.9))}
}

// weeks puts due dates together by ISO week: what is overdue first, what has no date yet last.
func weeks(due []store.DueCount, today dsr.Date) []DueWeek {
	var found []DueWeek
	add := func(key string, n int) {
		if last := len(found) - 1; last >= 0 && found[last].Key == key {
			found[last].Count += n
			return
		}
		found = append(found, DueWeek{Key: key, Count: n})
	}
	paused := 0
	for _, d := range due {
		on, err := dsr.ParseDate(d.DueOn)
		switch {
		case d.Paused || err != nil:
			paused += d.Count
		case on.Before(today):
			add(DueOverdue, d.Count)
		default:
			year, week := on.Start(time.UTC).ISOWeek()
			add(fmt.Sprintf("%04d-W%02d", year, week), d.Count)
		}
	}
	if paused > 0 {
		add(DuePaused, paused)
	}
	return found
}
