package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// codes gives the codes of a case's events of one kind.
func (d *desk) codes(t *testing.T, id string, kind dsr.EventKind) (codes []string) {
	t.Helper()
	for _, e := range d.read(t, id).Events {
		if e.Kind == kind {
			codes = append(codes, e.Data.Code)
		}
	}
	return codes
}

// extended files a request on 1 June 2026, due on 1 July, and extends it by two months ten days later.
func (d *desk) extended(t *testing.T) *store.Request {
	t.Helper()
	d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
	r := d.file(t, dsr.Access)
	d.b.Clock.Set(time.Date(2026, 6, 11, 8, 0, 0, 0, time.UTC))
	if err := d.Extend(t.Context(), d.officer, r.PublicID, 2, []string{"volume"}, "Tolv systemer"); err != nil {
		t.Fatal(err)
	}
	return r
}

// An extension does not move the day of a refusal: the office is warned of it as of a due date, each step once, and
// only while the case is extended and undecided.
func TestREF01ExtendedCaseIsWarnedOfItsLastDayForRefusing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.extended(t)
		d.b.Clock.Set(time.Date(2026, 6, 11, 8, 0, 0, 0, time.UTC))
		plain := d.file(t, dsr.Access)
		d.post(t)
		before := len(d.b.Letters.To(standIn))
		for _, c := range []struct {
			day  string
			want []string
		}{
			{"2026-06-16", nil}, {"2026-06-17", []string{"refusal_14"}}, {"2026-06-24", []string{"refusal_14", "refusal_7"}},
			{"2026-07-02", []string{"refusal_14", "refusal_7", "refusal_-1"}}, {"2026-07-09", []string{"refusal_14", "refusal_7", "refusal_-1"}},
		} {
			at, err := time.Parse(time.DateOnly, c.day)
			if err != nil {
				t.Fatal(err)
			}
			d.b.Clock.Set(at.Add(9 * time.Hour))
			for range 2 {
				if err := d.WarnOfDeadlines(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := d.codes(t, r.PublicID, dsr.EventReminded); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q, want %q", c.day, got, c.want)
			}
		}
		d.post(t)
		mails := d.b.Letters.To(standIn)[before:]
		for _, m := range mails {
			if strings.Contains(m.Text, string(r.Reference)) && (!strings.Contains(m.Text, "senest 1. juli 2026") || !strings.Contains(m.Text, "1. september 2026")) {
				t.Errorf("the mail says too little:\n%s", m.Text)
			}
		}
		if got := d.codes(t, plain.PublicID, dsr.EventReminded); slices.ContainsFunc(got, func(c string) bool { return strings.HasPrefix(c, "refusal") }) || len(got) == 0 {
			t.Errorf("the case that was not extended is warned of with %q", got)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, true)
		if err != nil || v.Timing != dsr.InTime || v.RefusalTiming != dsr.TooLate {
			t.Errorf("an answer now is %q, a refusal %q, %v", v.Timing, v.RefusalTiming, err)
		}
	})
}

// What was warned of while the day was still that of the answer is not warned of again.
func TestREF01NoStepIsWarnedOfTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
		r := d.file(t, dsr.Access)
		warn := func(day int) {
			d.b.Clock.Set(time.Date(2026, 6, day, 9, 0, 0, 0, time.UTC))
			if err := d.WarnOfDeadlines(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		warn(25)
		if err := d.Extend(t.Context(), d.officer, r.PublicID, 1, []string{"volume"}, "x"); err != nil {
			t.Fatal(err)
		}
		warn(26)
		warn(30)
		if got := d.codes(t, r.PublicID, dsr.EventReminded); !slices.Equal(got, []string{"due_7", "refusal_2"}) {
			t.Errorf("%q", got)
		}
	})
}

// A refusal after the month is written down and counts as late, though the answer's time limit has not passed; to the
// last hour it does not.
func TestREF01RefusalAfterTheMonthIsLate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		refuse := func(at time.Time) *store.Request {
			r := d.extended(t)
			d.b.Clock.Set(at)
			if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "Ingen treff"); err != nil {
				t.Fatal(err)
			}
			return r
		}
		late := refuse(time.Date(2026, 7, 1, 22, 0, 0, 0, time.UTC)) // the second of July in Oslo
		if got := d.codes(t, late.PublicID, dsr.EventNoted); !slices.Contains(got, dsr.NoteLateRefusal) {
			t.Errorf("noted %q", got)
		}
		v, err := d.Case(t.Context(), d.officer, late.PublicID, locale.NB, true)
		if err != nil || v.Timing != dsr.TooLate || v.RefusalTiming != "" {
			t.Errorf("%q, %q, %v", v.Timing, v.RefusalTiming, err)
		}
		_, files := evidenceFiles(t, d.evidence(t, late.PublicID))
		if said := string(files["evidence.json"]); !strings.Contains(said, `"in_time": false`) || !strings.Contains(said, `"refusal_due": "2026-07-01"`) {
			t.Errorf("the evidence says otherwise:\n%s", said)
		}
		early := refuse(time.Date(2026, 7, 1, 21, 59, 0, 0, time.UTC))
		if got := d.codes(t, early.PublicID, dsr.EventNoted); slices.Contains(got, dsr.NoteLateRefusal) {
			t.Errorf("noted %q", got)
		}
		got, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 1), dsr.NewDate(2026, 6, 30))
		if err != nil || got.Answered != 2 || got.InTime != 1 || got.Late != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// An answer that is in time only because the clock stood is flagged in the case, the evidence and the report, whether
// the question was answered or not; one that needs no pause is not.
func TestCLK06AnswerThatReliesOnAPauseIsFlagged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		answer := func(reply, after time.Duration) *store.Request {
			d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
			r := d.file(t, dsr.Access)
			if err := d.Question(t.Context(), d.officer, r.PublicID, "identity", "Hvem er du?", "To med samme navn", false); err != nil {
				t.Fatal(err)
			}
			if reply > 0 {
				d.b.Clock.Advance(reply)
				if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Det er meg", nil, ""); err != nil {
					t.Fatal(err)
				}
			}
			d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC).Add(after))
			if err := d.Refuse(t.Context(), d.officer, r.PublicID, "identity_not_confirmed", "Ingen bekreftelse"); err != nil {
				t.Fatal(err)
			}
			return r
		}
		for name, c := range map[string]struct {
			reply, after time.Duration
			want         dsr.Timing
		}{
			"soon":                  {0, 20 * day, dsr.InTime},
			"while it stands":       {0, 40 * day, dsr.OnPause},
			"after the reply":       {15 * day, 40 * day, dsr.OnPause}, // due on 16 July
			"the last day as it is": {15 * day, 30 * day, dsr.InTime},
			"too late all the same": {15 * day, 50 * day, dsr.TooLate},
		} {
			r := answer(c.reply, c.after)
			v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, true)
			if err != nil || v.Timing != c.want {
				t.Errorf("%s: %q, %v", name, v.Timing, err)
			}
			_, files := evidenceFiles(t, d.evidence(t, r.PublicID))
			if !strings.Contains(string(files["evidence.json"]), `"timing": "`+string(c.want)+`"`) {
				t.Errorf("%s: the evidence says otherwise", name)
			}
			const only = "bare fordi fristen var stanset. Uten stansen var svarfristen 1. juli 2026"
			if page := string(files[export.EvidencePage(locale.NB)]); strings.Contains(page, only) != (c.want == dsr.OnPause) {
				t.Errorf("%s: the evidence's page, of %d bytes, says otherwise", name, len(page))
			}
		}
		got, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 1), dsr.NewDate(2026, 6, 30))
		if err != nil || got.Answered != 5 || got.InTime != 4 || got.OnPause != 2 || got.Late != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		flagged := 0
		for _, a := range got.Answers {
			if a.Timing == dsr.OnPause {
				flagged++
			}
		}
		if flagged != 2 {
			t.Errorf("%+v", got.Answers)
		}
	})
}
