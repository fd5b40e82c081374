package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
)

// An erasure can be followed from receipt to the last row: search, decisions with their law, who
// prepared and who approved which plan, what was done and what was answered.
func TestACY01EvidenceShowsEveryStep(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.file(dsr.Erasure, demo.MostData.Email, store.Detail{})
		o.work()
		o.settle(id, "keep")
		o.approve(id)
		o.work()
		o.state(id, dsr.Answered)
		answer := o.answer(id)
		desk := &casework.Desk{Store: b.Store, Now: b.Clock.Now}
		pack, err := desk.Evidence(t.Context(), casework.By{ID: o.first.ID, Roles: o.first.Roles}, id, false, "", locale.NB)
		o.must(err)
		if _, err := export.VerifyEvidence(bytes.NewReader(pack.Body), int64(len(pack.Body)), b.VerifierKey(t)); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(pack.Body), int64(len(pack.Body)))
		o.must(err)
		files := map[string][]byte{}
		for _, f := range z.File {
			r, err := f.Open()
			o.must(err)
			files[f.Name], err = io.ReadAll(r)
			o.must(err)
			for _, secret := range []string{demo.MostData.Email, "Nordmann", "Ola Officer", "Anne Approver"} {
				if bytes.Contains(files[f.Name], []byte(secret)) {
					t.Errorf("%s has %q", f.Name, secret)
				}
			}
		}
		if len(answer.Recipients) == 0 {
			t.Fatal("nobody else got anything")
		}
		for _, name := range answer.Recipients { // who may be a person
			if bytes.Contains(files["evidence.json"], []byte(name)) {
				t.Errorf("the recipient %q is named", name)
			}
		}
		var said struct {
			Search struct {
				Systems []struct{ Found int64 }
			}
			Findings []struct{ Law, Proposed, Decided, Role string }
			Plan     struct {
				Digest   string
				Approval struct{ Digest, Role string }
				Executed []struct {
					State            string
					Deleted, Changed int64
				}
			}
			Answer struct {
				Groups []struct {
					Action, Text string
					Count        int64
				}
			}
			Events []struct{ Kind string }
		}
		o.must(json.Unmarshal(files["evidence.json"], &said))
		decided, lawful := 0, 0
		for _, f := range said.Findings {
			if f.Decided != "" && f.Role != "" {
				decided++
			}
			if f.Law != "" {
				lawful++
			}
		}
		found := int64(0)
		for _, s := range said.Search.Systems {
			found += s.Found
		}
		deleted := int64(0)
		for _, x := range said.Plan.Executed {
			if x.State != store.ExecutionDone {
				t.Errorf("%+v", x)
			}
			deleted += x.Deleted
		}
		if len(said.Search.Systems) == 0 || found == 0 || decided == 0 || lawful == 0 || said.Plan.Digest == "" || said.Plan.Approval.Digest != said.Plan.Digest ||
			said.Plan.Approval.Role == "" || deleted != int64(counted(answer, "deleted")) || len(said.Answer.Groups) != len(answer.Groups) {
			t.Errorf("%d systems, %d decided, %d by law, plan %+v, %d deleted of %d", len(said.Search.Systems), decided, lawful, said.Plan, deleted, counted(answer, "deleted"))
		}
		var kinds []string
		for _, e := range said.Events {
			kinds = append(kinds, e.Kind)
		}
		for _, kind := range []string{"received", "verified", "collected", "decided", "planned", "approved", "executed", "answered"} {
			if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+kind+" ") {
				t.Errorf("no %s in %v", kind, kinds)
			}
		}
	})
}
