package governance_test

import (
	"bytes"
	"iter"
	"strings"
	"testing"

	"mininfo/internal/audit"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
)

// Whoever keeps the day's mail notices that the log was changed after it.
func TestTheLogsCheckpointIsMailedOutOfTheHouse(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		o.Sender, o.Anchor = b.Letters, "revisor@utenfor.example"
		if o.Periodic()[len(o.Periodic())-1].Kind != governance.JobAnchor {
			t.Error("nobody asks for the mail")
		}
		anchor := func() {
			t.Helper()
			if _, err := b.Store.Sequence(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := o.Work()[governance.JobAnchor].Handle(t.Context(), job.Job{ID: 7}); err != nil {
				t.Fatal(err)
			}
		}
		anchor()
		if n := len(b.Letters.All()); n != 0 {
			t.Fatalf("%d mails from an office without a name", n)
		}
		c := organisation()
		c.Done = true
		if _, err := o.PutSettings(t.Context(), governance.By{Roles: []staff.Role{staff.Admin}}, c); err != nil {
			t.Fatal(err)
		}
		anchor()
		letters := b.Letters.All()
		if len(letters) != 1 || letters[0].To.Reveal() != o.Anchor {
			t.Fatalf("%d mails", len(letters))
		}
		kept := audit.FindCheckpoint([]byte(letters[0].Text))
		log := leavesOf(t, b)
		if report, err := audit.VerifyLog(inTurn(log), b.VerifierKey(t), [][]byte{kept}); err != nil || report.Checkpoints != 1 || report.Size == 0 {
			t.Errorf("the mailed checkpoint: %+v, %v\n%s", report, err, letters[0].Text)
		}
		if _, err := audit.VerifyLog(inTurn(log[1:]), b.VerifierKey(t), [][]byte{kept}); err == nil {
			t.Error("the mail does not give a changed log away")
		}
		o.Anchor = ""
		for _, p := range o.Periodic() {
			if p.Kind == governance.JobAnchor {
				t.Error("it is asked for without an address")
			}
		}
	})
}

// leavesOf reads the log.
func leavesOf(t *testing.T, b *portaltest.Bundle) (all [][]byte) {
	t.Helper()
	err := b.Store.Leaves(t.Context(), func(leaf []byte) error {
		all = append(all, leaf)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func inTurn(leaves [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, leaf := range leaves {
			if !yield(leaf, nil) {
				return
			}
		}
	}
}

func TestTheLogIsTakenOutByWhoMayAndThatIsLogged(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		auditor := member(t, b, "revisor", staff.Auditor)
		if _, err := b.Store.Sequence(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := o.TakeLog(t.Context(), member(t, b, "saksbehandler", staff.CaseHandler)); err == nil {
			t.Error("a case handler takes the log out")
		}
		stale := auditor
		stale.FactorFresh = false
		if _, err := o.TakeLog(t.Context(), stale); err == nil {
			t.Error("it is taken out without a fresh second factor")
		}
		auditor.FactorFresh = true
		log, err := o.TakeLog(t.Context(), auditor)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := log.Write(t.Context(), &file); err != nil {
			t.Fatal(err)
		}
		report, err := audit.VerifyExport(&file, b.VerifierKey(t), nil)
		if err != nil || report.Size == 0 {
			t.Errorf("what was taken out: %+v, %v", report, err)
		}
		if n := strings.Count(b.Dump(t, "audit_leaf"), "log_taken"); n != 1 {
			t.Errorf("%d leaves say that it was taken out", n)
		}
	})
}
