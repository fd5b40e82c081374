package fulfilment_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fulfilment"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// backup keeps the company's databases as they are, and gives what brings them back.
func (o *office) backup() (restore func()) {
	o.t.Helper()
	kept := map[string][]byte{}
	for _, name := range demo.Sources {
		data, err := os.ReadFile(demo.Path(o.dir, name))
		o.must(err)
		kept[name] = data
	}
	return func() {
		for name, data := range kept {
			for _, side := range []string{"-wal", "-shm", "-journal"} {
				_ = os.Remove(demo.Path(o.dir, name) + side)
			}
			o.must(os.WriteFile(demo.Path(o.dir, name), data, 0o600))
		}
	}
}

// erased erases what the company holds about the person with the most of it.
func (o *office) erased() {
	o.t.Helper()
	id := o.reachReview(dsr.Erasure, demo.MostData.Email)
	o.approve(id)
	o.work()
	o.state(id, dsr.Answered)
}

func (o *office) prepareReplay(ask fulfilment.ReplayAsk) *fulfilment.Replay {
	o.t.Helper()
	r, err := o.works.PrepareReplay(o.t.Context(), ask)
	o.must(err)
	o.t.Cleanup(r.Close)
	return r
}

// replay carries out all that a backup of the beginning brought back.
func (o *office) replay(at time.Time) engine.Outcome {
	o.t.Helper()
	r := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: at}})
	out, err := r.Execute(o.t.Context(), r.Summary.Digest)
	o.must(err)
	if !out.Verification.Done() {
		o.t.Errorf("the check: %+v", out.Verification)
	}
	return out
}

// logged counts the leaves of an action.
func (o *office) logged(action string) int {
	o.t.Helper()
	if _, err := o.b.Store.Sequence(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	n := 0
	o.tx(func(tx *store.Tx) error {
		entries, err := tx.LogPage(0, 500)
		for _, e := range entries {
			if e.Leaf.Action == action {
				n++
			}
		}
		return err
	})
	return n
}

// The ledger outlives the case: long after its findings are gone, a backup from before the erasure is
// restored, and what was erased is found and erased again; nothing else is touched.
func TestERA06ARestoredSystemIsErasedAgain(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		before, start := o.dump(), b.Clock.Now()
		restore := o.backup()
		b.Clock.Advance(time.Hour)
		o.erased()
		after := o.dump()
		goneThen, changedThen := difference(before, after)
		if o.marked("office", "disclosures") == 0 {
			t.Fatal("nothing was restricted: this test shows less than it says")
		}
		b.Clock.Advance(dsr.MostDays*24*time.Hour + 48*time.Hour)
		o.must(o.works.PurgeEvidence(t.Context()))
		dump := b.Dump(t, "erased", "replay", "audit_leaf")
		for _, secret := range []string{demo.MostData.Email, demo.MostData.First, demo.MostData.Last, demo.MostData.CustomerNo} {
			if secret != "" && strings.Contains(strings.ToLower(dump), strings.ToLower(secret)) {
				t.Errorf("%q stands in the ledger", secret)
			}
		}
		if r := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: start}}); r.Summary.Steps != 0 {
			t.Errorf("nothing was restored, and yet: %s", r.Summary.Words("en", nil))
		}
		restore()
		plan := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: start}})
		if got, want := plan.Summary.Writes(), total(goneThen)+total(changedThen); got != want || plan.Summary.Counts[engine.Keep] != 0 {
			t.Errorf("of %d rows that were erased: %s", want, plan.Summary.Words("en", nil))
		}
		if again := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: start}}); again.Summary.Digest != plan.Summary.Digest {
			t.Error("the same plan has another digest")
		}
		o.replay(start)
		o.work() // what is restricted is marked again
		gone, changed := difference(before, o.dump())
		if diff := cmp.Diff(goneThen, gone); diff != "" {
			t.Errorf("gone (-then +again):\n%s", diff)
		}
		if diff := cmp.Diff(changedThen, changed); diff != "" {
			t.Errorf("changed (-then +again):\n%s", diff)
		}
		left := o.dump()
		o.replay(start)
		if diff := cmp.Diff(left, o.dump()); diff != "" {
			t.Errorf("a second replay changed something:\n%s", diff)
		}
		if begun, done := o.logged("replay_begun"), o.logged("source_replayed"); begun == 0 || begun != done {
			t.Errorf("%d replays begun in the log, %d done", begun, done)
		}
		// A later backup, of between the restore and the replay, is older than what the replay noted.
		restore()
		if r := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: b.Clock.Now().Add(-time.Minute)}}); r.Summary.Writes() != total(gone)+total(changed) {
			t.Errorf("of a backup of just before the replay: %s", r.Summary.Words("en", nil))
		}
		if r := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: b.Clock.Now().Add(time.Minute)}}); r.Summary.Steps != 0 {
			t.Errorf("of a backup of after the replay: %s", r.Summary.Words("en", nil))
		}
	})
}

// The ledger is kept for as long as backups are, and no longer.
func TestTheLedgerIsClearedWhenNoBackupIsThatOld(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		held := func() (rows int64) {
			o.tx(func(tx *store.Tx) error {
				list, err := tx.ErasedSources()
				for _, s := range list {
					rows += s.Rows
				}
				return err
			})
			return rows
		}
		note := func(row string) {
			o.tx(func(tx *store.Tx) error {
				_, err := tx.AddErased([]engine.Erased{{Source: "webshop", Dataset: "webshop", Collection: "orders", Row: []byte(row), Action: engine.Delete, At: tx.Now}})
				return err
			})
		}
		note("one")
		b.Clock.Advance(300 * 24 * time.Hour)
		note("two")
		for _, want := range []struct {
			later time.Duration
			rows  int64
		}{{64 * 24 * time.Hour, 2}, {48 * time.Hour, 1}, {300 * 24 * time.Hour, 0}} {
			b.Clock.Advance(want.later)
			o.must(o.works.PurgeEvidence(t.Context()))
			if got := held(); got != want.rows {
				t.Errorf("%d rows, want %d", got, want.rows)
			}
		}
		if n := o.logged("ledger_cleared"); n != 2 {
			t.Errorf("%d leaves", n)
		}
	})
}

// One system of several was restored, and others are not there.
func TestReplayOfOneSystem(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	start := o.b.Clock.Now()
	restore := o.backup()
	o.b.Clock.Advance(time.Hour)
	o.erased()
	restore()
	ask := fulfilment.ReplayAsk{Sources: []string{"webshop"}, ReplayOptions: engine.ReplayOptions{BackupOf: start}}
	r := o.prepareReplay(ask)
	for _, c := range r.Summary.Collections {
		if c.Source != "webshop" {
			t.Errorf("%s was not asked for", c.Source)
		}
	}
	if r.Summary.Writes() == 0 {
		t.Error("nothing was found")
	}
	ask.Sources = []string{"nosuch"}
	if _, err := o.works.PrepareReplay(t.Context(), ask); !errors.Is(err, fulfilment.ErrNotConnected) {
		t.Errorf("a system that is not there: %v", err)
	}
	o.breaks("webshop", true)
	ask.Sources = nil
	if r := o.prepareReplay(ask); !r.Blocked() || !r.Report.Incomplete {
		t.Error("a system that does not answer passes for one that was not restored")
	}
	o.apart = "webshop"
	if r := o.prepareReplay(ask); r.Summary.Writes() == 0 || r.Blocked() || len(r.Missing) != 1 || r.Missing[0] != "webshop" {
		t.Errorf("missing %v, blocked %v, %s", r.Missing, r.Blocked(), r.Summary.Words("en", nil))
	}
}

// The process dies between the system's commit and the portal's: the rows are erased, and the next
// replay ends what that one began.
func TestAReplayThatWasNotWrittenDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	start := o.b.Clock.Now()
	restore := o.backup()
	before := o.dump()
	o.b.Clock.Advance(time.Hour)
	o.erased()
	goneThen, changedThen := difference(before, o.dump())
	restore()
	portal := o.b.SQL(t)
	if _, err := portal.Exec("CREATE TRIGGER crash BEFORE UPDATE ON replay BEGIN SELECT RAISE(ABORT, 'crash'); END"); err != nil {
		t.Fatal(err)
	}
	r := o.prepareReplay(fulfilment.ReplayAsk{ReplayOptions: engine.ReplayOptions{BackupOf: start}})
	if _, err := r.Execute(t.Context(), r.Summary.Digest); err == nil {
		t.Fatal("nothing failed: this test shows nothing")
	}
	if gone, changed := difference(before, o.dump()); total(gone)+total(changed) == 0 || total(gone) == total(goneThen) {
		t.Fatalf("the first of several systems was to be erased: %v %v", gone, changed)
	}
	if _, err := portal.Exec("DROP TRIGGER crash"); err != nil {
		t.Fatal(err)
	}
	o.replay(start)
	o.work()
	gone, changed := difference(before, o.dump())
	if diff := cmp.Diff([]any{goneThen, changedThen}, []any{gone, changed}); diff != "" {
		t.Errorf("(-then +again):\n%s", diff)
	}
	if cut, open := o.logged("replay_cut_off"), o.b.Count(t, "SELECT count(*) FROM replay WHERE ended_at IS NULL"); cut != 1 || open != 0 {
		t.Errorf("%d replays cut off in the log, %d without an end", cut, open)
	}
	if begun, ended := o.logged("replay_begun"), o.logged("source_replayed")+o.logged("replay_cut_off"); begun != ended {
		t.Errorf("%d begun, %d ended", begun, ended)
	}
}

// A row changes between the plan and its execution: that system is left as it is, and the log says so.
func TestAReplayOfARowThatChanges(t *testing.T) {
	t.Parallel()
	o := newOffice(t, portaltest.New(t, migrations.SQLite))
	start := o.b.Clock.Now()
	restore := o.backup()
	o.b.Clock.Advance(time.Hour)
	o.erased()
	restore()
	r := o.prepareReplay(fulfilment.ReplayAsk{Sources: []string{"webshop"}, ReplayOptions: engine.ReplayOptions{BackupOf: start}})
	db := o.sql("webshop")
	_, err := db.Exec("UPDATE customers SET last_name = 'Another' WHERE lower(email) = lower(?)", demo.MostData.Email)
	o.must(err)
	db.Close()
	before := o.dump()
	var drift *engine.DriftError
	if _, err := r.Execute(t.Context(), r.Summary.Digest); !errors.As(err, &drift) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, o.dump()); diff != "" {
		t.Errorf("something was changed:\n%s", diff)
	}
	if o.logged("replay_undone") != 1 {
		t.Error("the log does not say that nothing was done")
	}
}
