package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Report is how the office did in a period: requests that came in, and those answered.
type Report struct {
	From, To     dsr.Date
	Received     int
	Answered     int
	InTime, Late int
	Open         int
	Extended     int
	MedianDays   float64
	P90Days      float64
	ByRight      map[string]int
	ByOutcome    map[string]int
	ByMonth      map[string]int
}

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
		rows, err := tx.ReportRows(from.Start(zone), to.AddDays(1).Start(zone))
		if err != nil {
			return err
		}
		report = count(rows, from, to, zone)
		return nil
	})
	return report, err
}

func count(rows []store.ReportRow, from, to dsr.Date, zone *time.Location) Report {
	report := Report{From: from, To: to, ByRight: map[string]int{}, ByOutcome: map[string]int{}, ByMonth: map[string]int{}}
	var days []int
	for _, row := range rows {
		received := row.ReceivedOn(zone)
		report.Received++
		report.ByRight[row.Right]++
		report.ByMonth[fmt.Sprintf("%04d-%02d", received.Year, int(received.Month))]++
		if row.Extended {
			report.Extended++
		}
		if row.AnsweredAt == nil {
			if dsr.Open(dsr.State(row.State)) {
				report.Open++
			}
			continue
		}
		report.Answered++
		report.ByOutcome[row.Outcome]++
		answered := row.AnsweredOn(zone)
		days = append(days, dsr.DaysBetween(received, answered))
		if due, err := dsr.ParseDate(row.DueOn); err == nil && !row.Paused && answered.After(due) {
			report.Late++
		} else {
			report.InTime++
		}
	}
	slices.Sort(days)
	report.MedianDays, report.P90Days = quantile(days, 0.5), quantile(days, 0.9)
	return report
}

// quantile of sorted whole days, with linear interpolation between neighbours.
func quantile(sorted []int, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return float64(sorted[low])
	}
	return float64(sorted[low]) + (at-float64(low))*float64(sorted[low+1]-sorted[low])
}
