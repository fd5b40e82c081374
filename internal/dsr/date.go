package dsr

import (
	"fmt"
	"strconv"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Date is a civil date without time or zone. The law counts in dates, never in 24-hour steps.
// Dates are comparable with ==; the zero Date means "no date" and its text form is empty.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate: the text is not a date of the calendar in the form YYYY-MM-DD.
var ErrDate = fault.Define(fault.Invalid, "bad_date",
	"Skriv datoen som ÅÅÅÅ-MM-DD, for eksempel 2027-01-31.",
	"Skriv datoen som ÅÅÅÅ-MM-DD, til dømes 2027-01-31.",
	"Write the date as YYYY-MM-DD, for example 2027-01-31.")

// ErrFuture: the date has not come yet.
var ErrFuture = fault.Define(fault.Invalid, "date_in_future",
	"Datoen er fram i tid. Velg i dag eller tidligere.",
	"Datoen er fram i tid. Vel i dag eller tidlegare.",
	"The date is in the future. Choose today or earlier.")

// NewDate makes a date; days and months outside their range carry over, as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return civil(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf gives the date that people in the zone had at an instant.
func DateOf(instant time.Time, zone *time.Location) Date { return civil(instant.In(zone)) }

// ParseDate reads YYYY-MM-DD and refuses days that do not exist.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, ErrDate
	}
	return civil(t), nil
}

func civil(t time.Time) Date {
	y, m, d := t.Date()
	return Date{Year: y, Month: m, Day: d}
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// IsZero tells whether this is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD, or empty for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText writes the date as YYYY-MM-DD; no date is empty.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD; empty is no date.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(b))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// AddDays moves by calendar days; n may be negative.
func (d Date) AddDays(n int) Date { return NewDate(d.Year, d.Month, d.Day+n) }

// AddMonths moves by months and keeps the date number, or takes the month's last day when the
// number is missing (Regulation 1182/71 art. 3(2)(c)). It does not stick to month ends:
// 28 February plus one month is 28 March.
func (d Date) AddMonths(n int) Date {
	first := NewDate(d.Year, d.Month+time.Month(n), 1)
	first.Day = min(d.Day, first.lastOfMonth().Day)
	return first
}

func (d Date) lastOfMonth() Date { return NewDate(d.Year, d.Month+1, 0) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// Before tells whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.Compare(o) < 0 }

// After tells whether d is a later day than o.
func (d Date) After(o Date) bool { return d.Compare(o) > 0 }

// Compare is -1, 0 or 1 as d is before, the same as, or after o.
func (d Date) Compare(o Date) int { return d.utc().Compare(o.utc()) }

// Start is the first instant of the day in a zone.
func (d Date) Start(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// DaysBetween is the number of days from a to b; negative when b is earlier.
func DaysBetween(a, b Date) int { return int(b.utc().Sub(a.utc()) / (24 * time.Hour)) }

// NotFuture refuses a date later than today.
func NotFuture(d, today Date) error {
	if d.After(today) {
		return ErrFuture
	}
	return nil
}

var monthsNorwegian = [...]string{"januar", "februar", "mars", "april", "mai", "juni", "juli",
	"august", "september", "oktober", "november", "desember"}

// Format writes the date for people: "2. januar 2027" in Norwegian, "2 January 2027" in English.
func (d Date) Format(l locale.Locale) string {
	if d.IsZero() {
		return ""
	}
	if l == locale.EN {
		return strconv.Itoa(d.Day) + " " + d.Month.String() + " " + strconv.Itoa(d.Year)
	}
	return strconv.Itoa(d.Day) + ". " + monthsNorwegian[d.Month-1] + " " + strconv.Itoa(d.Year)
}

// Text is the date in all languages.
func (d Date) Text() locale.Text {
	return locale.Text{NB: d.Format(locale.NB), NN: d.Format(locale.NN), EN: d.Format(locale.EN)}
}

var weekdays = [...]locale.Text{
	{NB: "søndag", NN: "søndag", EN: "Sunday"},
	{NB: "mandag", NN: "måndag", EN: "Monday"},
	{NB: "tirsdag", NN: "tysdag", EN: "Tuesday"},
	{NB: "onsdag", NN: "onsdag", EN: "Wednesday"},
	{NB: "torsdag", NN: "torsdag", EN: "Thursday"},
	{NB: "fredag", NN: "fredag", EN: "Friday"},
	{NB: "lørdag", NN: "laurdag", EN: "Saturday"},
}

// WeekdayText is the name of a day of the week.
func WeekdayText(w time.Weekday) locale.Text { return weekdays[w] }
