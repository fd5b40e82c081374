package dsr_test

import (
	"errors"
	"testing"
	"time"

	"mininfo/internal/dsr"
)

// due is the last day of answering what came on a day or at an instant.
func due(t *testing.T, received, events string) string {
	t.Helper()
	return compute(t, "EDPB", received, events).Due.String()
}

func TestCLK01OneMonthIsTheCeiling(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-09-08", "")
	if d.Due.String() != "2026-10-08" || d.InternalTarget.String() != "2026-10-06" {
		t.Errorf("due %v, to be done by %v", d.Due, d.InternalTarget)
	}
}

// The day on which it came is the day of the office's zone, and is never moved: an evening, a
// Saturday and a holiday count.
func TestCLK02AnyDayCounts(t *testing.T) {
	t.Parallel()
	for received, want := range map[string]string{
		"2026-08-31T21:59:59Z": "2026-08-31", // a second before midnight in Oslo
		"2026-08-31T22:00:00Z": "2026-09-01",
		"2026-06-06":           "2026-06-06", // a Saturday
		"2026-05-17":           "2026-05-17",
	} {
		d := compute(t, "EDPB", received, "")
		if d.Received.String() != want || d.VirtualReceipt != d.Received {
			t.Errorf("%s: received %v, counted from %v, want %s", received, d.Received, d.VirtualReceipt, want)
		}
	}
	if got := due(t, "2026-06-06", ""); got != "2026-07-06" {
		t.Errorf("received on a Saturday, due %s: the month counts from the Saturday", got)
	}
}

func TestCLK03SameNumberOrLastDay(t *testing.T) {
	t.Parallel()
	for received, want := range map[string]string{
		"2026-09-08": "2026-10-08", "2026-05-31": "2026-06-30", "2028-01-31": "2028-02-29", "2028-02-29": "2028-03-29",
	} {
		if got := due(t, received, ""); got != want {
			t.Errorf("%s: due %s, want %s", received, got, want)
		}
	}
}

func TestCLK04NextWorkingDay(t *testing.T) {
	t.Parallel()
	for received, want := range map[string]string{
		"2026-05-06": "2026-06-08", // a Saturday
		"2026-05-07": "2026-06-08", // a Sunday
		"2026-03-02": "2026-04-07", // Maundy Thursday, and the days after it
		"2026-11-24": "2026-12-24", // Christmas Eve is a working day
	} {
		if got := due(t, received, ""); got != want {
			t.Errorf("%s: due %s, want %s", received, got, want)
		}
	}
}

func TestCLK05HolidaysOfTheControllersCountry(t *testing.T) {
	t.Parallel()
	// Whit Monday and 17 May is a holiday in Norway alone; the last Monday of August in England.
	for _, c := range [][3]string{{"EDPB", "2027-04-17", "2027-05-18"}, {"UK", "2027-04-17", "2027-05-17"},
		{"EDPB", "2026-07-31", "2026-08-31"}, {"UK", "2026-07-31", "2026-09-01"}} {
		if got := compute(t, c[0], c[1], "").Due.String(); got != c[2] {
			t.Errorf("%s, %s: due %s, want %s", c[0], c[1], got, c[2])
		}
	}
	// The office's country and zone, whatever the profile says: Midsummer's Eve is a holiday in Sweden,
	// Constitution Day in Denmark, Maundy Thursday not in Sweden.
	for _, c := range [][3]string{{"SE", "2026-05-19", "2026-06-22"}, {"NO", "2026-05-19", "2026-06-19"}, {"DK", "2026-05-05", "2026-06-08"},
		{"SE", "2026-05-05", "2026-06-05"}, {"SE", "2026-03-02", "2026-04-02"}, {"", "2026-03-02", "2026-04-07"}} {
		d, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB, Country: c[0], Received: day(t, c[1])})
		if err != nil || d.Due.String() != c[2] {
			t.Errorf("%s, %s: due %s, want %s, %v", c[0], c[1], d.Due, c[2], err)
		}
		p, err := dsr.Project([]dsr.Event{{At: day(t, c[1]).Start(zone(t, "Europe/Oslo")), Kind: dsr.EventReceived, Actor: dsr.Actor{Kind: dsr.Person},
			Data: dsr.EventData{Right: dsr.Access, Channel: dsr.Web, Country: c[0]}}})
		if err != nil || p.Deadline.Due.String() != c[2] {
			t.Errorf("%s, %s: the case is due %s, %v", c[0], c[1], p.Deadline.Due, err)
		}
	}
	if _, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB, Country: "XX", Received: day(t, "2026-03-02")}); !errors.Is(err, dsr.ErrCountry) {
		t.Errorf("a country without a calendar: %v", err)
	}
}

func TestCLK08OneClockForAllRights(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	if len(dsr.Rights()) != 8 {
		t.Fatalf("%d rights", len(dsr.Rights()))
	}
	for _, r := range dsr.Rights() {
		p, err := dsr.Project([]dsr.Event{{At: at, Kind: dsr.EventReceived, Actor: dsr.Actor{Kind: dsr.Person},
			Data: dsr.EventData{Right: r.Right, Channel: dsr.Web}}})
		if err != nil || p.Deadline.Due.String() != "2026-07-01" || p.Deadline.DueRefusal.String() != "2026-07-01" {
			t.Errorf("%s: due %v, refusal %v, %v", r.Right, p.Deadline.Due, p.Deadline.DueRefusal, err)
		}
	}
}

func TestEXT01ThreeMonthsFromReceiptInAll(t *testing.T) {
	t.Parallel()
	for events, want := range map[string]string{"ext=1@2026-09-10": "2026-11-09", "ext=2@2026-09-10": "2026-12-08"} {
		if got := due(t, "2026-09-08", events); got != want { // 8 November is a Sunday
			t.Errorf("%s: due %s, want %s", events, got, want)
		}
	}
	// It counts from receipt, not from a first due date that was moved or cut short.
	if got := due(t, "2026-01-31", "ext=2@2026-03-02"); got != "2026-04-30" {
		t.Errorf("due %s", got)
	}
	clock, err := dsr.ParseClock("EDPB", "", "2026-09-08", "ext=3@2026-09-10")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dsr.Compute(clock); !errors.Is(err, dsr.ErrExtensionMonths) {
		t.Errorf("three months more: %v", err)
	}
}

func TestEXT02ToldInTheFirstMonthWithReasons(t *testing.T) {
	t.Parallel()
	received := day(t, "2026-06-01")
	for name, c := range map[string]struct {
		sent     string
		reasoned bool
		state    dsr.ExtensionState
		due      string
	}{
		"on the last day":   {"2026-07-01", true, dsr.ExtensionValid, "2026-08-03"}, // 1 August is a Saturday
		"on the day after":  {"2026-07-02", true, dsr.ExtensionLate, "2026-07-01"},
		"without a reason":  {"2026-06-10", false, dsr.ExtensionUnreasoned, "2026-07-01"},
		"early, with words": {"2026-06-02", true, dsr.ExtensionValid, "2026-08-03"},
	} {
		d, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB, Received: received,
			Extensions: []dsr.Extension{{Months: 1, Sent: day(t, c.sent), Reasoned: c.reasoned}}})
		if err != nil || d.Extension != c.state || d.Due.String() != c.due {
			t.Errorf("%s: %s, due %v, %v", name, d.Extension, d.Due, err)
		}
	}
}

func TestEXT04OneExtension(t *testing.T) {
	t.Parallel()
	clock, err := dsr.ParseClock("EDPB", "", "2026-08-31", "ext=1@2026-09-10;ext=1@2026-09-20")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dsr.Compute(clock); !errors.Is(err, dsr.ErrSecondExtension) {
		t.Errorf("a second extension: %v", err)
	}
}

// The time for telling of a breach is hours: no weekend and no holiday moves it.
func TestBRE01SeventyTwoHours(t *testing.T) {
	t.Parallel()
	known := time.Date(2026, 4, 2, 7, 30, 0, 0, time.UTC) // Maundy Thursday
	if got := dsr.BreachDue(known); got != time.Date(2026, 4, 5, 7, 30, 0, 0, time.UTC) {
		t.Errorf("to be told by %v", got)
	}
}

// A portable copy takes nothing away: it is a package, and no plan that removes.
func TestPOR03PortabilityTakesNothing(t *testing.T) {
	t.Parallel()
	row := dsr.Portability.Row()
	if row.Removes || !row.Package || row.Article != "20" {
		t.Errorf("%+v", row)
	}
}
