package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// Who does not say what they mean is reminded twice and then told that the case is closed, and how it goes on; a
// reply opens it again.
func TestCLK06AnUnansweredClarificationIsRemindedOfAndCloses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		running := d.file(t, dsr.Erasure)
		if err := d.Question(t.Context(), d.officer, r.PublicID, "clarification", "Hva mener du?", "Ti års logger", true); err != nil {
			t.Fatal(err)
		}
		// What is not about large volumes pauses no clock: the answer is owed, and nothing ends by itself.
		if err := d.Question(t.Context(), d.officer, running.PublicID, "clarification", "Hva mener du?", "Uklart", false); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		before := len(d.b.Letters.To(kari))
		for _, step := range []struct {
			days int
			want []string
		}{
			{13, nil}, {1, []string{"clarification_14"}}, {15, []string{"clarification_14"}}, {1, []string{"clarification_14", "clarification_30"}},
			{29, []string{"clarification_14", "clarification_30"}},
		} {
			d.b.Clock.Advance(time.Duration(step.days) * day)
			for range 2 {
				if err := d.ChaseSilence(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			d.post(t)
			if got := d.codes(t, r.PublicID, dsr.EventReminded); !slices.Equal(got, step.want) || len(d.b.Letters.To(kari))-before != len(got) {
				t.Errorf("reminded with %q and %d mails, want %q", got, len(d.b.Letters.To(kari))-before, step.want)
			}
		}
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "hva kravet ditt gjelder") {
			t.Errorf("the reminder says\n%s", m.Text)
		}
		d.b.Clock.Advance(day)
		if err := d.ChaseSilence(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.post(t)
		got := d.read(t, r.PublicID)
		if got.P.State != dsr.Answered || !got.P.Silent || got.P.Timing() != dsr.OnPause || !strings.Contains(string(got.Answer), "fortalepunkt 63") ||
			!strings.Contains(string(got.Answer), "Datatilsynet") || !strings.Contains(string(got.Answer), "gjelder alt") {
			t.Fatalf("after sixty days it is %s: %s", got.P.State, got.Answer)
		}
		if m := d.b.Letters.Last(t, kari); !strings.Contains(m.Text, "gjelder alt") || !strings.Contains(m.Text, "Datatilsynet") || !strings.Contains(m.Text, "90 dager") {
			t.Errorf("the closing notice says too little:\n%s", m.Text)
		}
		if other := d.read(t, running.PublicID); other.P.State != dsr.AwaitingPerson || len(d.codes(t, running.PublicID, dsr.EventReminded)) != 0 {
			t.Errorf("where the clock runs on it is %s", other.P.State)
		}
		report, err := d.Report(t.Context(), d.audit, dsr.Date{}, dsr.Date{})
		if err != nil || report.ByGround["not_clarified"] != 1 || casework.GroundText("not_clarified", locale.NB) == "not_clarified" {
			t.Errorf("%v, %v", report.ByGround, err)
		}
		d.b.Clock.Advance(5 * day)
		if _, err := d.Write(t.Context(), d.index(kari), r.PublicID, "Alt", nil, ""); err != nil {
			t.Fatal(err)
		}
		if got = d.read(t, r.PublicID); got.P.State != dsr.Collecting && got.P.State != dsr.Received || got.P.Outcome != "" || got.P.Deadline.PausedDays != 65 {
			t.Errorf("a late reply: %s, %q, paused %d days", got.P.State, got.P.Outcome, got.P.Deadline.PausedDays)
		}
		if d.jobs(t, casework.JobCollect, r.PublicID) < 2 {
			t.Error("the search does not begin anew")
		}
	})
}
