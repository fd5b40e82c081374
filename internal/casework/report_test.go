package casework_test

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

const day = 24 * time.Hour

// refused files a request on 1 June 2026 and refuses it so many days later.
func (d *desk) refused(t *testing.T, after int) *store.Request {
	t.Helper()
	d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
	r := d.file(t, dsr.Access)
	d.b.Clock.Advance(time.Duration(after) * day)
	if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_identifiable", "x"); err != nil {
		t.Fatal(err)
	}
	return r
}

// From twenty answers on the report has statistics and lists no case; one fewer is listed.
func TestReportListsFewAnswersAndMeasuresMany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for i := range casework.StatisticsFrom - 1 {
			d.refused(t, i)
		}
		few, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 1), dsr.NewDate(2026, 6, 1))
		if err != nil || few.Statistics != nil || len(few.Answers) != 19 {
			t.Fatalf("%+v, %v", few, err)
		}
		d.refused(t, 27)
		many, err := d.Report(t.Context(), d.audit, dsr.NewDate(2026, 6, 1), dsr.NewDate(2026, 6, 1))
		if err != nil || many.Statistics == nil || len(many.Answers) != 0 {
			t.Fatalf("%+v, %v", many, err)
		}
		// 0 … 18 and 27: median between 9 and 10, the 90th percentile a tenth of the way from 17 to 18.
		if s := many.Statistics; s.Median != 9.5 || s.Mean != 9.9 || s.P90 != 17.1 {
			t.Errorf("%+v", s)
		}
	})
}

// A question that stops the clock is counted with its days, one that does not is not.
func TestReportCountsPauses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		ask := func(kind dsr.PauseKind, replyAfter time.Duration) {
			d.b.Clock.Set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
			r := d.file(t, dsr.Access)
			d.act(t, r.PublicID, dsr.Event{Kind: dsr.EventQuestionAsked, At: d.b.Clock.Now(), Actor: dsr.Actor{Kind: dsr.Member, Member: d.officer.ID},
				Data: dsr.EventData{Asks: kind, Reasoned: true, LargeVolume: true}})
			if replyAfter > 0 {
				d.b.Clock.Advance(replyAfter)
				d.act(t, r.PublicID, dsr.Event{Kind: dsr.EventQuestionAnswered, At: d.b.Clock.Now(), Actor: dsr.Actor{Kind: dsr.Person}})
			}
		}
		ask(dsr.PauseIdentity, 5*day)
		ask(dsr.PauseIdentity, 0)
		ask(dsr.QuestionOther, 3*day)
		d.file(t, dsr.Access)
		got, err := d.Report(t.Context(), d.audit, dsr.Date{}, dsr.Date{})
		if err != nil || got.Received != 4 || got.Paused != 2 || got.PausedDays != 5 {
			t.Errorf("%+v, %v", got, err)
		}
		if diff := cmp.Diff([]casework.DueWeek{{Key: "2026-W27", Count: 1}, {Key: "2026-W28", Count: 2}, {Key: casework.DuePaused, Count: 1}}, got.Due); diff != "" {
			t.Error(diff)
		}
	})
}

// What was answered in parts, or corrected afterwards, is counted once for each request, however often; a rehearsal never.
func TestReportCountsPartsAndCorrections(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		parted, corrected := d.file(t, dsr.Access), d.refused(t, 3)
		d.file(t, dsr.Access)
		d.act(t, parted.PublicID, collected...)
		for n := range 2 {
			d.act(t, parted.PublicID, dsr.Event{Kind: dsr.EventPartSent, At: d.b.Clock.Now(), Actor: dsr.Actor{Kind: dsr.Member, Member: d.officer.ID}, Data: dsr.EventData{Count: n + 1}})
			in := casework.AnswerCorrection{Wrong: "En dato.", Right: "En annen.", Reason: "Skrivefeil."}
			if _, err := d.CorrectAnswer(t.Context(), d.officer, corrected.PublicID, in, ""); err != nil {
				t.Fatal(err)
			}
		}
		got, err := d.Report(t.Context(), d.audit, dsr.Date{}, dsr.Date{})
		if err != nil || got.Received != 3 || got.InParts != 1 || got.Corrected != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		none, err := d.Report(t.Context(), d.audit, dsr.NewDate(2025, 1, 1), dsr.NewDate(2025, 12, 31))
		if err != nil || none.InParts != 0 || none.Corrected != 0 {
			t.Errorf("of another period: %+v, %v", none, err)
		}
	})
}

// Recipients who are told are counted by how far it has come, in the period of their request.
func TestReportCountsRecipientsTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Erasure)
		d.in(t, func(tx *store.Tx) error {
			for _, name := range []string{"Regnskap AS", "Frakt AS"} {
				if _, _, err := tx.PutNotice(r, store.NoticeRecipient, store.ChannelTask, store.NoticeBody{Name: name, Activities: []store.NoticeSubject{{ID: "orders"}}}); err != nil {
					return err
				}
			}
			all, err := tx.Notices(r)
			if err != nil {
				return err
			}
			_, err = tx.NoticeTold(all[0], "", &d.officer.ID)
			return err
		})
		got, err := d.Report(t.Context(), d.audit, dsr.Date{}, dsr.Date{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]int{store.NoticeTold: 1, store.NoticeWaiting: 1}, got.ByNotice); diff != "" {
			t.Error(diff)
		}
	})
}

// What was counted stays counted when the case's data are gone, and was never more than figures.
func TestReportSurvivesThePurge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.refused(t, 10)
		d.refused(t, 31)
		from, to := dsr.NewDate(2026, 6, 1), dsr.NewDate(2026, 6, 30)
		before, err := d.Report(t.Context(), d.audit, from, to)
		if err != nil {
			t.Fatal(err)
		}
		d.b.Clock.Set(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC))
		if err := d.PurgeOld(t.Context()); err != nil {
			t.Fatal(err)
		}
		if state := d.read(t, r.PublicID).P.State; state != dsr.Purged {
			t.Fatalf("the case is %s", state)
		}
		after, err := d.Report(t.Context(), d.audit, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Error(diff)
		}
	})
}

// The table reads back as it was meant, and a spreadsheet takes no number for a date.
func TestReportTable(t *testing.T) {
	t.Parallel()
	r := casework.Report{From: dsr.NewDate(2026, 1, 1), To: dsr.NewDate(2026, 12, 31), Received: 21, Answered: 20, InTime: 19, Late: 1,
		Statistics: &casework.Statistics{Median: 9.5, Mean: 9.9, P90: 17.1}, ByRight: map[string]int{"erasure": 21},
		Outcomes: map[string]map[string]int{"erasure": {"refused": 2, "granted": 18}}, OnPause: 3, InParts: 4, Corrected: 5, ByGround: map[string]int{"excessive": 20},
		Months: []casework.Month{{Key: "2026-06", Received: 21, InTime: 19, OverTime: 1}}, Due: []casework.DueWeek{{Key: casework.DuePaused, Count: 1}}}
	for l, want := range map[locale.Locale][]string{
		locale.NB: {"Dager til svar", "Median", "9,5"}, locale.NN: {"Dagar til svar", "Median", "9,5"}, locale.EN: {"Days to answer", "Median", "9.5"},
	} {
		var b bytes.Buffer
		if err := r.CSV(&b, l); err != nil {
			t.Fatal(err)
		}
		body, ok := strings.CutPrefix(b.String(), "\ufeff")
		if !ok || !strings.HasSuffix(body, "\r\n") {
			t.Errorf("%q", b.String())
		}
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("%s: %q", l, rows)
		}
		erased := dsr.Erasure.Name().In(l) + ": " + dsr.Granted.Text().In(l)
		if !slices.ContainsFunc(rows, func(row []string) bool { return row[1] == erased && row[2] == "18" }) ||
			!slices.ContainsFunc(rows, func(row []string) bool { return row[0] == rows[3][0] && row[2] == "3" }) {
			t.Errorf("%s: no outcomes of a right, or of a pause, in %q", l, rows)
		}
		for part, n := range map[string]string{"delar|deler|parts": "4", "etter at svaret|after the answer": "5"} {
			if !slices.ContainsFunc(rows, func(row []string) bool { return regexp.MustCompile(part).MatchString(row[1]) && row[2] == n }) {
				t.Errorf("%s: no %s in %q", l, part, rows)
			}
		}
		if !slices.ContainsFunc(rows, func(row []string) bool { return strings.Contains(row[1], "12") && row[2] == "20" }) {
			t.Errorf("%s: no ground in %q", l, rows)
		}
	}
}
