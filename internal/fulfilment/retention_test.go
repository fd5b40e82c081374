package fulfilment_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

func (o *office) retention(by fulfilment.By) fulfilment.RetentionView {
	o.t.Helper()
	v, err := o.works.Retention(o.t.Context(), by)
	o.must(err)
	return v
}

// removed counts the rows that a plan is about, by activities.
func removed(v fulfilment.RetentionView) map[string]int {
	out := map[string]int{}
	for _, g := range v.Groups {
		if n := g.Deleted + g.Anonymised; n > 0 {
			out[strings.Join(g.Activities, "+")] += n
		}
	}
	return out
}

// What has passed its time in the demo company is planned, approved by two members, carried out by the
// engine, noted in the ledger, and not planned again.
func TestWhatHasPassedItsTimeGoesWithoutARequest(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before := o.dump()
		o.must(o.works.PlanRetention(t.Context()))
		v := o.retention(o.first)
		if v.State != store.RetentionReady || v.Rows < 100 || v.Looked || len(v.Waiting) > 0 {
			t.Fatalf("planned: %+v", v)
		}
		t.Logf("%d rows: %v", v.Rows, removed(v))
		for _, id := range []string{"invoices", "web_logs"} {
			about := func(g fulfilment.RetentionGroup) bool {
				return slices.ContainsFunc(g.Activities, func(activity string) bool { return strings.HasPrefix(activity, id[:3]) })
			}
			if !slices.ContainsFunc(v.Groups, about) {
				t.Errorf("nothing is said of %s: %v", id, removed(v))
			}
		}
		// Each row is counted once, and named as the office names it.
		planned := int64(0)
		for _, g := range v.Groups {
			planned += int64(g.Deleted + g.Anonymised)
			if g.Title == "" || g.Title == g.Collection || g.Place == g.Source || len(g.For) == 0 || g.For[0].Name.NB == g.Activities[0] {
				t.Errorf("named by technical names: %+v", g)
			}
		}
		if planned != v.Rows {
			t.Errorf("the groups count %d rows, the plan has %d", planned, v.Rows)
		}
		if fmt.Sprint(o.dump()) != fmt.Sprint(before) {
			t.Fatal("a plan changed the systems")
		}
		stale := o.first
		stale.Fresh = false
		if err := o.works.ApproveRetention(t.Context(), stale, v.ID, v.Digest, false); err == nil {
			t.Error("approved without a fresh code")
		}
		o.is(o.works.ApproveRetention(t.Context(), o.first, v.ID, "another", true), fulfilment.ErrRetentionMoved)
		o.must(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, true))
		if now := o.retention(o.first); now.State != store.RetentionReady || !now.Looked || !now.Mine {
			t.Fatalf("one of two approved alone: %+v", now)
		}
		o.is(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, true), dsr.ErrFourEyes)
		going := v.Groups[slices.IndexFunc(v.Groups, func(g fulfilment.RetentionGroup) bool { return g.Deleted > 0 })]
		rows, err := o.works.RetentionRows(t.Context(), o.second, v.ID, going.Source, going.Collection)
		if err != nil || len(rows) == 0 || o.logged("retention_rows_read") != 1 {
			t.Errorf("a look at rows: %d, %v, logged %d", len(rows), err, o.logged("retention_rows_read"))
		}
		o.must(o.works.ApproveRetention(t.Context(), o.second, v.ID, v.Digest, false))
		o.work()
		done := o.retention(o.first)
		if done.State != store.RetentionDone || done.LastRows != v.Rows {
			t.Fatalf("done: %+v", done)
		}
		if n := b.Count(t, "SELECT count(*) FROM erased"); n < int(v.Rows)*9/10 {
			t.Errorf("%d rows are in the ledger, of %d", n, v.Rows)
		}
		if b.Count(t, "SELECT count(*) FROM data_key WHERE owner = '"+v.ID+"' AND wrapped IS NOT NULL") != 0 {
			t.Error("the key of the plan's rows lives on")
		}
		for info, err := range o.blobs.List(t.Context(), "retention/") {
			t.Errorf("%s is left, %v", info.Name, err)
		}
		o.must(o.works.PlanRetention(t.Context()))
		if again := o.retention(o.first); again.State != store.RetentionEmpty {
			t.Errorf("planned again: %d rows, %v", again.Rows, removed(again))
		}
	})
}

// The rows of a person with an open case are left alone, also where the case came in after the approval.
func TestAnOpenCaseHoldsThePersonsRows(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.must(o.works.PlanRetention(t.Context()))
		free := o.retention(o.first)
		o.must(o.works.ApproveRetention(t.Context(), o.first, free.ID, free.Digest, false))
		o.must(o.works.ApproveRetention(t.Context(), o.second, free.ID, free.Digest, false))
		before := o.dump()
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		_ = id
		o.must(o.works.Work()[fulfilment.JobRetain].Handle(t.Context(), job.Job{Kind: fulfilment.JobRetain, Object: free.ID}))
		if v := o.retention(o.first); v.State != store.RetentionVoid {
			t.Fatalf("carried out over an open case: %+v", v)
		}
		if fmt.Sprint(o.dump()) != fmt.Sprint(before) {
			t.Fatal("rows were changed though one was to be left alone")
		}
		o.must(o.works.PlanRetention(t.Context()))
		v := o.retention(o.first)
		held := 0
		for _, g := range v.Groups {
			held += g.Held
		}
		if held == 0 || v.Rows >= free.Rows || v.State != store.RetentionReady {
			t.Errorf("%d rows are held, %d planned of %d", held, v.Rows, free.Rows)
		}
	})
}

// The only approver of an office confirms once more, and nobody else is waited for.
func TestRetentionInAnOfficeOfOne(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		if _, err := b.SQL(t).ExecContext(t.Context(), "UPDATE member SET disabled_at = 1 WHERE id = $1", o.second.ID); err != nil {
			t.Fatal(err)
		}
		o.must(o.works.PlanRetention(t.Context()))
		v := o.retention(o.first)
		if !v.Alone {
			t.Fatal("somebody else is waited for")
		}
		o.is(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, false), dsr.ErrSecondConfirmation)
		o.must(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, true))
		if now := o.retention(o.first); now.State != store.RetentionApproved {
			t.Errorf("%s after the second confirmation", now.State)
		}
	})
}

// However many members press at once, there is one look, one approval, one plan, one execution.
func TestRetentionManyAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		at := func(n int, do func() error) (done int) {
			var all sync.WaitGroup
			var ok atomic.Int64
			for range n {
				all.Go(func() {
					switch err := do(); {
					case err == nil:
						ok.Add(1)
					case !errors.Is(err, fulfilment.ErrRetentionMoved):
						t.Error(err)
					}
				})
			}
			all.Wait()
			return int(ok.Load())
		}
		at(3, func() error { return o.works.PlanRetention(t.Context()) })
		if n := b.Count(t, "SELECT count(*) FROM retention_plan WHERE state IN ('ready', 'approved')"); n != 1 {
			t.Fatalf("%d plans wait", n)
		}
		v := o.retention(o.first)
		o.must(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, false))
		if n := at(6, func() error { return o.works.ApproveRetention(t.Context(), o.second, v.ID, v.Digest, false) }); n != 1 {
			t.Errorf("%d approvals", n)
		}
		at(3, func() error {
			return o.works.Work()[fulfilment.JobRetain].Handle(t.Context(), job.Job{Kind: fulfilment.JobRetain, Object: v.ID})
		})
		o.work()
		if done := o.retention(o.first); done.State != store.RetentionDone || done.LastRows != v.Rows {
			t.Errorf("done: %+v", done)
		}
		if o.logged("retention_ended") != 1 || o.logged("retention_approved") != 1 {
			t.Errorf("%d ends, %d approvals in the log", o.logged("retention_ended"), o.logged("retention_approved"))
		}
	})
}

const oldNotes = `
dataset:
- fides_key: %[1]s
  collections:
  - name: %[2]s
    mininfo: {activity: contact_form, retention_from: day}
    fields:
    - {name: id, fides_meta: {primary_key: true}}
    - {name: text, data_categories: [user.content]}
    - {name: day, data_categories: [user.behavior]}
`

// The process that erases what has passed its time is killed before and after the commit of each system, a
// database and a file: the next one finishes it, nothing is erased that was not planned, and each row
// stands in the ledger once.
func TestRetentionSurvivesAKill(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := officeWith(t, b, shortRegister("contact_form"))
		dir, blobs := t.TempDir(), filepath.Join(t.TempDir(), "blobs")
		disk, err := blob.OpenDisk(blobs)
		o.must(err)
		t.Cleanup(func() { disk.Close() })
		o.blobs, o.works.Blobs = disk, disk
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "desk.db")+"?_pragma=busy_timeout(10000)")
		o.must(err)
		t.Cleanup(func() { db.Close() })
		sheet := filepath.Join(dir, "notes.csv")
		systems := []system{{"desk", "file:" + filepath.Join(dir, "desk.db"), fmt.Sprintf(oldNotes, "desk", "notes")},
			{"sheet", "csv:" + sheet, fmt.Sprintf(oldNotes, "sheet", "rows")}}
		tap := &tap{}
		o.works.Open = func(ctx context.Context, _ job.Job) (*fulfilment.Connections, error) {
			return openSystems(ctx, systems, tap)
		}
		// fill makes one row too old and one that stays in each system, and has the first approved.
		round := 0
		fill := func() fulfilment.RetentionView {
			round++
			_, err := db.Exec("DROP TABLE IF EXISTS notes; CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, day TEXT)")
			o.must(err)
			_, err = db.Exec("INSERT INTO notes VALUES (?, 'old', '2019-01-01'), (0, 'new', '2026-05-01')", round)
			o.must(err)
			o.must(os.WriteFile(sheet, fmt.Appendf(nil, "id,text,day\n%d,old,2019-01-01\n0,new,2026-05-01\n", round), 0o600))
			o.must(o.works.PlanRetention(t.Context()))
			v := o.retention(o.first)
			if v.State != store.RetentionReady || v.Rows != 2 {
				t.Fatalf("planned: %+v", v)
			}
			o.must(o.works.ApproveRetention(t.Context(), o.first, v.ID, v.Digest, false))
			o.must(o.works.ApproveRetention(t.Context(), o.second, v.ID, v.Digest, false))
			return v
		}
		whole := func(what string) {
			t.Helper()
			v := o.retention(o.first)
			if v.LastRows != 2 || v.State == store.RetentionApproved {
				t.Errorf("%s: %+v", what, v)
			}
			text, err := os.ReadFile(sheet)
			o.must(err)
			if left := o.strings(db, "SELECT text FROM notes"); fmt.Sprint(left) != "[new]" || strings.Contains(string(text), "old") || !strings.Contains(string(text), "new") {
				t.Errorf("%s: %v and %q are left", what, left, text)
			}
			if n := b.Count(t, "SELECT count(*) FROM erased"); n != 2*round {
				t.Errorf("%s: %d rows in the ledger, want %d", what, n, 2*round)
			}
		}
		fill()
		tap.set(-1, false, nil)
		o.work()
		calls, _ := tap.clear()
		whole("undisturbed")
		for at, call := range calls {
			if !strings.HasSuffix(call, " commit") {
				continue
			}
			for _, after := range []bool{false, true} {
				fill()
				text, err := json.Marshal(dying{Kind: fulfilment.JobRetain, URL: b.URL, KeyFile: b.KeyFile, Blobs: blobs, TempDir: t.TempDir(), Now: b.Clock.Now(), Systems: systems, At: at, After: after})
				o.must(err)
				c := exec.Command(os.Args[0])
				c.Env = append(os.Environ(), dyingEnv+"="+string(text))
				var said bytes.Buffer
				c.Stderr = &said
				if err = c.Run(); c.ProcessState == nil || c.ProcessState.String() != "signal: killed" {
					t.Fatalf("%s: %v %s", call, err, said.Bytes())
				}
				b.Clock.Advance(5 * time.Minute) // its lease runs out
				o.work()
				whole(fmt.Sprintf("%s, after %v", call, after))
			}
		}
		if round != 5 {
			t.Errorf("%d rounds, calls %v", round, calls)
		}
	})
}
