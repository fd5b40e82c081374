package fulfilment_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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

// removed counts the rows that a plan is about, by activity.
func removed(v fulfilment.RetentionView) map[string]int {
	out := map[string]int{}
	for _, g := range v.Groups {
		if n := g.Deleted + g.Anonymised; n > 0 {
			out[g.Activity] += n
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
			if !slices.ContainsFunc(v.Groups, func(g fulfilment.RetentionGroup) bool { return strings.HasPrefix(g.Activity, id[:3]) }) {
				t.Errorf("nothing is said of %s: %v", id, removed(v))
			}
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
		rows, err := o.works.RetentionRows(t.Context(), o.second, v.ID, v.Groups[0].Source, v.Groups[0].Collection)
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
