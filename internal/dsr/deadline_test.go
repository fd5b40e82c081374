package dsr_test

import (
	"encoding/csv"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mininfo/internal/dsr"
)

func readTable(t *testing.T) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/deadlines.csv")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	if len(rows) != 37 {
		t.Fatalf("the table has %d rows, want 37", len(rows))
	}
	return rows
}

func compute(t testing.TB, profile, received, events string) dsr.Deadline {
	t.Helper()
	clock, err := dsr.ParseClock(profile, "", received, events)
	if err != nil {
		t.Fatalf("ParseClock: %v", err)
	}
	d, err := dsr.Compute(clock)
	if err != nil {
		t.Fatalf("Compute: %v", err)
	}
	return d
}

func word(counts *bool) string {
	if counts == nil {
		return ""
	}
	return map[bool]string{true: "yes", false: "no"}[*counts]
}

func TestDeadlineTable(t *testing.T) {
	t.Parallel()
	for _, row := range readTable(t) {
		t.Run(row["id"], func(t *testing.T) {
			t.Parallel()
			d := compute(t, row["profile"], row["received"], row["events"])
			got := map[string]string{
				"received_local":       d.Received.String(),
				"paused_days":          strconv.Itoa(d.PausedDays),
				"unrolled":             d.Unrolled.String(),
				"due":                  d.Due.String(),
				"weekday":              d.Due.Weekday().String()[:3],
				"due_instant_excl_utc": d.DueInstant.Format("2006-01-02T15:04Z07:00"),
				"due_unsuspended":      d.DueUnsuspended.String(),
				"internal_target":      d.InternalTarget.String(),
				"ext_valid":            word(d.ExtensionCounts()),
			}
			want := map[string]string{}
			for name := range got {
				want[name] = row[name]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", row["note"], diff)
			}
		})
	}
}

// The decision that has real dates: IMY on SJ, received 9 February 2022.
func TestAuthorityDecisions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][4]string{
		"IMY, SJ":                  {"EDPB", "2022-02-09", "ask1=2022-02-15;reply1=2022-04-19", "2022-05-13"},
		"the same under the ICO":   {"ICO", "2022-02-09", "ask1=2022-02-15;reply1=2022-04-19", "2022-05-19"},
		"ICO, 3 September":         {"UK", "2019-09-03", "", "2019-10-03"},
		"ICO, 31 March":            {"UK", "2020-03-31", "", "2020-04-30"},
		"ICO, Christmas":           {"ICO", "2019-11-25", "", "2019-12-27"},
		"EDPB example 33":          {"", "2026-08-31", "", "2026-09-30"},
		"AT DSB, 10 September":     {"EDPB", "2026-09-10", "", "2026-10-12"},
		"Whit Monday, not in UK":   {"UK", "2027-04-17", "", "2027-05-17"},
		"UK, three months":         {"UK", "2026-05-05", "ext=2@2026-06-05", "2026-08-05"},
		"UK, notice counts pauses": {"UK", "2026-05-05", "ask1=2026-05-07;reply1=2026-05-20;ext=2@2026-06-19", "2026-08-20"},
	} {
		if got := compute(t, c[0], c[1], c[2]).Due.String(); got != c[3] {
			t.Errorf("%s: due %s, want %s", name, got, c[3])
		}
	}
}

func TestREF01RefusalIsNotMovedByAnExtension(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-05-05", "ext=2@2026-05-20")
	if d.Due.String() != "2026-08-05" || d.DueRefusal.String() != "2026-06-05" {
		t.Errorf("due %v, refusal due %v", d.Due, d.DueRefusal)
	}
}

func TestREF01LateRefusalToTheSecond(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time { return day(t, s).Start(zone(t, "Europe/Oslo")) }
	for _, c := range []struct {
		events, day    string
		answer, refuse dsr.Timing
	}{
		{"ext=2@2026-05-20", "2026-06-06", dsr.InTime, dsr.TooLate}, // X1: the refusal is due on 5 June
		{"ext=2@2026-05-20", "2026-08-06", dsr.TooLate, dsr.TooLate},
		{"", "2026-06-06", dsr.TooLate, dsr.TooLate},
		{"ask1=2026-05-07;reply1=2026-05-20;ext=2@2026-05-20", "2026-06-18", dsr.InTime, dsr.OnPause},
		{"ask1=2026-05-07;reply1=2026-05-20;ext=2@2026-05-20", "2026-06-19", dsr.InTime, dsr.TooLate},
		{"ask1=2026-05-07", "2026-06-06", dsr.OnPause, dsr.OnPause},
	} {
		d := compute(t, "EDPB", "2026-05-05", c.events)
		if got := d.Timing(at(c.day), false); got != c.answer {
			t.Errorf("%s on %s: an answer is %s, want %s", c.events, c.day, got, c.answer)
		}
		if got := d.Timing(at(c.day), true); got != c.refuse {
			t.Errorf("%s on %s: a refusal is %s, want %s", c.events, c.day, got, c.refuse)
		}
	}
	d := compute(t, "EDPB", "2026-05-05", "ext=2@2026-05-20")
	if d.LateRefusal(at("2026-06-06").Add(-time.Second)) || !d.LateRefusal(at("2026-06-06")) || d.RefusalDue().String() != "2026-06-05" {
		t.Errorf("a refusal is due on %v", d.RefusalDue())
	}
	if d := compute(t, "EDPB", "2026-05-05", "ask1=2026-05-07;ext=2@2026-05-20"); d.RefusalDue().String() != "2026-06-05" || !d.DueRefusal.IsZero() {
		t.Errorf("while the clock stands a refusal is due on %v", d.RefusalDue())
	}
}

func TestLateToTheSecond(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-08-31", "")
	if d.Due.String() != "2026-09-30" {
		t.Fatalf("due %v", d.Due)
	}
	if d.Late(time.Date(2026, 9, 30, 21, 59, 59, 0, time.UTC)) {
		t.Error("23:59:59 in Oslo is late")
	}
	if !d.Late(time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC)) {
		t.Error("24:00 in Oslo is in time")
	}
}

func TestClockFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		events string
		want   error
	}{
		"second extension":     {"ext=2@2026-09-30;ext=1@2026-09-30", dsr.ErrSecondExtension},
		"three months":         {"ext=3@2026-09-30", dsr.ErrExtensionMonths},
		"no months":            {"ext=0@2026-09-30", dsr.ErrExtensionMonths},
		"reply before ask":     {"ask1=2026-09-03;reply1=2026-09-02", dsr.ErrReplyBeforeAsk},
		"asked before receipt": {"ask1=2026-08-30", dsr.ErrBeforeReceipt},
	} {
		clock, err := dsr.ParseClock("EDPB", "", "2026-08-31", c.events)
		if err != nil {
			t.Fatalf("%s: ParseClock: %v", name, err)
		}
		if _, err := dsr.Compute(clock); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB}); !errors.Is(err, dsr.ErrNoReceipt) {
		t.Errorf("no receipt: %v", err)
	}
	if _, err := dsr.Compute(dsr.Clock{Received: day(t, "2026-08-31")}); !errors.Is(err, dsr.ErrProfile) {
		t.Errorf("no profile: %v", err)
	}
}

func TestReceiptCorrectedMovesTheDueDate(t *testing.T) {
	t.Parallel()
	if got := compute(t, "", "2026-06-03", "").Due.String(); got != "2026-07-03" {
		t.Errorf("before: %s", got)
	}
	if got := compute(t, "", "2026-06-01", "").Due.String(); got != "2026-07-01" {
		t.Errorf("after: %s", got)
	}
}

func TestCLK06PausesThatDoNotCount(t *testing.T) {
	t.Parallel()
	received := day(t, "2026-06-01")
	asked, replied := day(t, "2026-06-02"), day(t, "2026-06-12")
	for code, p := range map[string]dsr.Pause{
		"pause_counted":    {Kind: dsr.PauseIdentity, Asked: asked, Replied: replied, Reasoned: true},
		"pause_unreasoned": {Kind: dsr.PauseIdentity, Asked: asked, Replied: replied},
		"pause_volume":     {Kind: dsr.PauseClarification, Asked: asked, Replied: replied, Reasoned: true},
		"pause_kind":       {Kind: "fee", Asked: asked, Replied: replied, Reasoned: true},
		"pause_late":       {Kind: dsr.PauseIdentity, Asked: asked.AddDays(7), Replied: replied, Reasoned: true},
	} {
		d, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB, Received: received, Pauses: []dsr.Pause{p}})
		if err != nil {
			t.Fatal(err)
		}
		want := "2026-07-01"
		if code == "pause_counted" {
			want = "2026-07-13" // 11 July is a Saturday
		}
		if d.Due.String() != want || !hasReason(d, code) {
			t.Errorf("%s: due %v, want %s; reasons %+v", code, d.Due, want, d.Reasons)
		}
	}
	// A higher limit, chosen with a recorded reason, lets the late question count.
	d, err := dsr.Compute(dsr.Clock{Profile: dsr.EDPB, Received: received, MaxAskDays: 10,
		Pauses: []dsr.Pause{{Kind: dsr.PauseIdentity, Asked: asked.AddDays(7), Replied: replied, Reasoned: true}}})
	if err != nil || d.PausedDays != 3 {
		t.Errorf("limit 10: %d days, %v", d.PausedDays, err)
	}
}

func hasReason(d dsr.Deadline, code string) bool {
	for _, r := range d.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

func TestBritishClarification(t *testing.T) {
	t.Parallel()
	// Both the day of asking and the day of the reply are excluded, and volume is no condition.
	d, err := dsr.Compute(dsr.Clock{Profile: dsr.UK, Received: day(t, "2026-06-01"), Pauses: []dsr.Pause{{
		Kind: dsr.PauseClarification, Asked: day(t, "2026-06-03"), Replied: day(t, "2026-06-05"), Reasoned: true}}})
	if err != nil || d.PausedDays != 3 || d.Due.String() != "2026-07-06" {
		t.Errorf("paused %d, due %v, %v", d.PausedDays, d.Due, err)
	}
}

func TestOpenPause(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-06-01", "ask1=2026-06-03")
	if !d.Open || !d.Due.IsZero() || d.DueUnsuspended.String() != "2026-07-01" || d.Late(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("deadline %+v", d)
	}
	if _, ok := d.DaysLeft(day(t, "2026-06-10")); ok {
		t.Error("an open deadline has days left")
	}
	if late := compute(t, "EDPB", "2026-06-01", "ask1=2026-06-20"); late.Open {
		t.Error("a question asked late holds the clock open")
	}
	// A notice sent while the clock stands is in time, though the month since receipt has gone.
	if x := compute(t, "EDPB", "2026-06-01", "ask1=2026-06-03;ext=2@2026-07-20"); x.Extension != dsr.ExtensionValid {
		t.Errorf("extension %q", x.Extension)
	}
	if x := compute(t, "EDPB", "2026-06-01", "ext=2@2026-07-02"); x.Extension != dsr.ExtensionLate || x.Due.String() != "2026-07-01" {
		t.Errorf("late notice: %q, due %v", x.Extension, x.Due)
	}
}

func TestReasonsInAllLanguages(t *testing.T) {
	t.Parallel()
	for _, row := range readTable(t) {
		d := compute(t, row["profile"], row["received"], row["events"])
		for _, r := range d.Reasons {
			if !r.Text.Complete() || strings.Contains(r.Text.NB+r.Text.NN+r.Text.EN, "%!") {
				t.Errorf("%s: %+v", row["id"], r)
			}
		}
		last := d.Reasons[len(d.Reasons)-1].Text
		if !strings.Contains(last.NB, d.Due.Format("nb")) || !strings.Contains(last.EN, d.Due.Format("en")) {
			t.Errorf("%s: the last reason does not name the due date: %+v", row["id"], last)
		}
	}
	got := []string{}
	for _, r := range compute(t, "EDPB", "2026-03-02", "").Reasons {
		got = append(got, r.Text.NB)
	}
	want := []string{
		"Kravet ble mottatt mandag 2. mars 2026.",
		"Én måned fra mandag 2. mars 2026 er torsdag 2. april 2026 (forordning 1182/71 artikkel 3 nr. 2 bokstav c).",
		"2. april 2026 er skjærtorsdag.", "3. april 2026 er langfredag.", "4. april 2026 er en lørdag.",
		"5. april 2026 er første påskedag.", "6. april 2026 er andre påskedag.",
		"Derfor er fristen neste virkedag, tirsdag 7. april 2026, hele dagen (forordning 1182/71 artikkel 3 nr. 4).",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestReliesOnSuspension(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-02-09", "ask1=2026-02-15;reply1=2026-04-19")
	at := func(s string) time.Time { return day(t, s).Start(zone(t, "Europe/Oslo")) }
	if d.ReliesOnSuspension(at("2026-03-09")) || !d.ReliesOnSuspension(at("2026-03-10")) || d.ReliesOnSuspension(at("2026-05-14")) {
		t.Error("the flag is wrong at a border")
	}
	if compute(t, "EDPB", "2026-02-09", "").ReliesOnSuspension(at("2026-03-10")) {
		t.Error("an unpaused case relies on suspension")
	}
}

func TestDaysLeftAndCanExtend(t *testing.T) {
	t.Parallel()
	d := compute(t, "EDPB", "2026-06-01", "")
	for today, want := range map[string]int{"2026-06-01": 30, "2026-07-01": 0, "2026-07-03": -2} {
		if got, ok := d.DaysLeft(day(t, today)); !ok || got != want {
			t.Errorf("on %s: %d days left, want %d", today, got, want)
		}
	}
	if !d.CanExtend(day(t, "2026-07-01")) || d.CanExtend(day(t, "2026-07-02")) {
		t.Error("the last day for a notice is wrong")
	}
	if compute(t, "EDPB", "2026-06-01", "ext=1@2026-06-05").CanExtend(day(t, "2026-06-06")) {
		t.Error("an extended case can be extended again")
	}
	if open := compute(t, "EDPB", "2026-06-01", "ask1=2026-06-03"); !open.CanExtend(day(t, "2026-08-01")) {
		t.Error("a case whose clock stands cannot be extended")
	}
}

func TestAppealAndBreach(t *testing.T) {
	t.Parallel()
	no := calendar(t, "NO")
	for reached, want := range map[string]string{"2026-03-13": "2026-04-07", "2026-04-24": "2026-05-15"} {
		if got := dsr.AppealDue(day(t, reached), no).String(); got != want {
			t.Errorf("appeal of %s: %s, want %s", reached, got, want)
		}
	}
	oslo := zone(t, "Europe/Oslo")
	for known, want := range map[string]string{
		"2026-12-04T15:00:00+01:00": "2026-12-07T15:00:00+01:00",
		"2026-03-28T12:00:00+01:00": "2026-03-31T13:00:00+02:00",
		"2026-10-24T12:00:00+02:00": "2026-10-27T11:00:00+01:00",
		"2026-04-02T09:30:00+02:00": "2026-04-05T09:30:00+02:00",
	} {
		at, err := time.Parse(time.RFC3339, known)
		if err != nil {
			t.Fatal(err)
		}
		if got := dsr.BreachDue(at).In(oslo).Format(time.RFC3339); got != want {
			t.Errorf("breach %s: %s, want %s", known, got, want)
		}
	}
}

func TestRetentionEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		end    string
		months int
		want   string
	}{
		{"2021-12-31", dsr.PrimaryDocumentationMonths, "2026-12-31"},
		{"2022-12-31", dsr.SecondaryDocumentationMonths, "2026-06-30"},
		{"2022-06-30", dsr.PrimaryDocumentationMonths, "2027-06-30"},
		{"2023-08-31", dsr.SecondaryDocumentationMonths, "2027-02-28"},
		{"2024-02-29", dsr.PrimaryDocumentationMonths, "2029-02-28"},
	} {
		if got := dsr.RetentionEnd(day(t, c.end), c.months).String(); got != c.want {
			t.Errorf("%s + %d months: %s, want %s", c.end, c.months, got, c.want)
		}
	}
}

// anyClock draws clocks with up to three pauses, answered ones unless open is set.
func anyClock(open bool) *rapid.Generator[dsr.Clock] {
	return rapid.Custom(func(t *rapid.T) dsr.Clock {
		c := dsr.Clock{Profile: rapid.SampledFrom(dsr.Profiles()).Draw(t, "profile")}
		c.Received = anyDate().Draw(t, "received")
		for range rapid.IntRange(0, 3).Draw(t, "pauses") {
			p := dsr.Pause{Kind: rapid.SampledFrom([]dsr.PauseKind{dsr.PauseIdentity, dsr.PauseClarification}).Draw(t, "kind")}
			p.Asked = c.Received.AddDays(rapid.IntRange(0, 40).Draw(t, "ask"))
			p.Replied = p.Asked.AddDays(rapid.IntRange(0, 60).Draw(t, "reply"))
			if open && rapid.Bool().Draw(t, "open") {
				p.Replied = dsr.Date{}
			}
			p.Reasoned = rapid.Bool().Draw(t, "reasoned")
			p.LargeVolume = rapid.Bool().Draw(t, "volume")
			c.Pauses = append(c.Pauses, p)
		}
		if rapid.Bool().Draw(t, "extended") {
			c.Extensions = []dsr.Extension{{Months: rapid.IntRange(1, 2).Draw(t, "months"), Reasoned: true,
				Sent: c.Received.AddDays(rapid.IntRange(0, 120).Draw(t, "sent"))}}
		}
		return c
	})
}

func TestDeadlineProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(false).Draw(t, "clock")
		d, err := dsr.Compute(c)
		if err != nil {
			t.Fatal(err)
		}
		cal, err := dsr.CalendarFor(c.Profile.Country)
		if err != nil {
			t.Fatal(err)
		}
		if rolls := c.Profile.Name != "STRICT"; rolls && !(cal.Working(d.Due) && cal.Working(d.DueRefusal) && cal.Working(d.DueUnsuspended)) || !cal.Working(d.InternalTarget) {
			t.Fatalf("a date is no working day: %+v", d)
		}
		if d.Due.Before(c.Received.AddMonths(1)) {
			t.Fatalf("due %v before the month's end %v", d.Due, c.Received.AddMonths(1))
		}
		if d.InternalTarget.After(d.Due) {
			t.Fatalf("target %v after due %v", d.InternalTarget, d.Due)
		}
		if d.Due.Before(d.DueUnsuspended) || d.Due.Before(d.DueRefusal) {
			t.Fatalf("due %v before unsuspended %v or refusal %v", d.Due, d.DueUnsuspended, d.DueRefusal)
		}
		for day := d.Unrolled; day.Before(d.Due); day = day.AddDays(1) {
			if cal.Working(day) {
				t.Fatalf("rolled over the working day %v", day)
			}
		}
		if d.Extension == dsr.ExtensionValid && c.Extensions[0].Sent.After(d.DueRefusal) ||
			d.Extension == dsr.ExtensionLate && !c.Extensions[0].Sent.After(d.DueRefusal) {
			t.Fatalf("extension %s, sent %v, first due %v", d.Extension, c.Extensions[0].Sent, d.DueRefusal)
		}
		if local := dsr.DateOf(d.DueInstant.Add(-time.Nanosecond), mustZone(cal.Zone())); local != d.Due {
			t.Fatalf("the last instant in time is on %v, not %v", local, d.Due)
		}
	})
}

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

func TestLaterReceiptIsNeverDueEarlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		profile := rapid.SampledFrom(dsr.Profiles()).Draw(t, "profile")
		early := anyDate().Draw(t, "early")
		late := early.AddDays(rapid.IntRange(0, 60).Draw(t, "later"))
		a, err := dsr.Compute(dsr.Clock{Profile: profile, Received: early})
		if err != nil {
			t.Fatal(err)
		}
		b, err := dsr.Compute(dsr.Clock{Profile: profile, Received: late})
		if err != nil {
			t.Fatal(err)
		}
		if b.Due.Before(a.Due) {
			t.Fatalf("received %v due %v, received %v due %v", early, a.Due, late, b.Due)
		}
	})
}

func TestOrderOfPausesDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(true).Draw(t, "clock")
		a, err := dsr.Compute(c)
		if err != nil {
			t.Fatal(err)
		}
		c.Pauses = rapid.Permutation(c.Pauses).Draw(t, "order")
		b, err := dsr.Compute(c)
		if err != nil {
			t.Fatal(err)
		}
		if a.Due != b.Due || a.Open != b.Open || a.PausedDays != b.PausedDays || a.Extension != b.Extension || a.DueUnsuspended != b.DueUnsuspended {
			t.Fatalf("order matters: %+v and %+v", a, b)
		}
	})
}

// A second, naive reading of the rules, day by day, for unextended cases under the EDPB profile.
func TestAgainstNaiveOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := anyClock(false).Draw(t, "clock")
		c.Profile, c.Extensions = dsr.EDPB, nil
		d, err := dsr.Compute(c)
		if err != nil {
			t.Fatal(err)
		}
		paused := 0
		for day := c.Received; dsr.DaysBetween(c.Received, day) < 200; day = day.AddDays(1) {
			if naivelyPaused(c, day) {
				paused++
			}
		}
		if paused != d.PausedDays {
			t.Fatalf("paused %d days, the oracle says %d", d.PausedDays, paused)
		}
		end := time.Date(c.Received.Year, c.Received.Month, c.Received.Day+paused, 12, 0, 0, 0, time.UTC)
		want := end.AddDate(0, 1, 0)
		for want.Month() != (end.Month()%12)+1 {
			want = want.AddDate(0, 0, -1)
		}
		for no, _ := dsr.CalendarFor("NO"); !no.Working(dsr.DateOf(want, time.UTC)); {
			want = want.AddDate(0, 0, 1)
		}
		if dsr.DateOf(want, time.UTC) != d.Due {
			t.Fatalf("due %v, the oracle says %v", d.Due, want)
		}
	})
}

func naivelyPaused(c dsr.Clock, day dsr.Date) bool {
	for i, p := range c.Pauses {
		base := c.Received
		for j, q := range c.Pauses {
			if i != j && !q.Replied.After(p.Asked) && q.Replied.After(base) {
				base = q.Replied
			}
		}
		quick := !p.Asked.After(base.AddDays(7))
		ground := p.Reasoned && (p.Kind == dsr.PauseIdentity || p.LargeVolume)
		if quick && ground && day.After(p.Asked) && !day.After(p.Replied) {
			return true
		}
	}
	return false
}
