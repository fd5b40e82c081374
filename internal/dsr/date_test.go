package dsr_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

func day(t testing.TB, s string) dsr.Date {
	t.Helper()
	d, err := dsr.ParseDate(s)
	if err != nil {
		t.Fatalf("ParseDate(%q): %v", s, err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func anyDate() *rapid.Generator[dsr.Date] {
	return rapid.Custom(func(t *rapid.T) dsr.Date {
		return dsr.NewDate(2020, 1, 1).AddDays(rapid.IntRange(0, 365*20).Draw(t, "days"))
	})
}

func TestAddMonthsClamps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2028-02-29", 1, "2028-03-29"},
		{"2026-02-28", 1, "2026-03-28"}, {"2026-12-31", 1, "2027-01-31"}, {"2026-12-31", 2, "2027-02-28"},
		{"2026-11-30", 3, "2027-02-28"}, {"2026-03-31", -1, "2026-02-28"}, {"2026-01-15", -13, "2024-12-15"},
	} {
		if got := day(t, c.from).AddMonths(c.n).String(); got != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestAddMonthsNeverOverflows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Draw(t, "date")
		n := rapid.IntRange(-30, 70).Draw(t, "months")
		got := d.AddMonths(n)
		months := (got.Year-d.Year)*12 + int(got.Month) - int(d.Month)
		if months != n {
			t.Fatalf("%v + %d months = %v: moved %d months", d, n, got, months)
		}
		if got.Day > d.Day || (got.Day < d.Day && got.AddDays(1).Day != 1) {
			t.Fatalf("%v + %d months = %v: neither the same number nor the month's last day", d, n, got)
		}
	})
}

func TestDaysBetweenInvertsAddDays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := anyDate().Draw(t, "date")
		n := rapid.IntRange(-5000, 5000).Draw(t, "days")
		moved := d.AddDays(n)
		if got := dsr.DaysBetween(d, moved); got != n {
			t.Fatalf("DaysBetween = %d, want %d", got, n)
		}
		if d.Before(moved) != (n > 0) || d.After(moved) != (n < 0) {
			t.Fatalf("order of %v and %v is wrong", d, moved)
		}
	})
}

func TestDateText(t *testing.T) {
	t.Parallel()
	type row struct {
		D dsr.Date  `json:"d"`
		P *dsr.Date `json:"p,omitempty"`
	}
	d := day(t, "2027-01-02")
	b, err := json.Marshal(row{D: d, P: &d})
	if err != nil || string(b) != `{"d":"2027-01-02","p":"2027-01-02"}` {
		t.Fatalf("json = %s, %v", b, err)
	}
	var back row
	if err := json.Unmarshal(b, &back); err != nil || back.D != d || *back.P != d {
		t.Fatalf("back = %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"d":""}`), &back); err != nil || !back.D.IsZero() {
		t.Errorf("the empty date: %+v, %v", back.D, err)
	}
	for _, bad := range []string{"2027-02-29", "2027-13-01", "27-01-01", "2027-1-2", "2027-01-02T00:00Z", " 2027-01-02", "0000-01-01"} {
		if _, err := dsr.ParseDate(bad); !errors.Is(err, dsr.ErrDate) {
			t.Errorf("ParseDate(%q) = %v, want ErrDate", bad, err)
		}
	}
	for l, want := range map[locale.Locale]string{locale.NB: "2. januar 2027", locale.NN: "2. januar 2027", locale.EN: "2 January 2027"} {
		if got := d.Format(l); got != want {
			t.Errorf("Format(%s) = %q, want %q", l, got, want)
		}
	}
}

func TestDateOfUsesTheZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 31, 22, 30, 0, 0, time.UTC)
	if got := dsr.DateOf(at, zone(t, "Europe/Oslo")).String(); got != "2026-09-01" {
		t.Errorf("in Oslo %s", got)
	}
	if got := dsr.DateOf(at, zone(t, "Europe/London")).String(); got != "2026-08-31" {
		t.Errorf("in London %s", got)
	}
}

func TestNotFuture(t *testing.T) {
	t.Parallel()
	today := day(t, "2026-06-03")
	if err := dsr.NotFuture(today, today); err != nil {
		t.Errorf("today: %v", err)
	}
	if err := dsr.NotFuture(today.AddDays(1), today); !errors.Is(err, dsr.ErrFuture) {
		t.Errorf("tomorrow: %v", err)
	}
}
