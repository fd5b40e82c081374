package fulfilment_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"mininfo/internal/audit"
	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fulfilment"
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
		files := o.unzip(pack.Body)
		for name, body := range files {
			for _, secret := range []string{demo.MostData.Email, "Nordmann", "Ola Officer", "Anne Approver"} {
				if bytes.Contains(body, []byte(secret)) {
					t.Errorf("%s has %q", name, secret)
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

func (o *office) unzip(body []byte) map[string][]byte {
	o.t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	o.must(err)
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		o.must(err)
		files[f.Name], err = io.ReadAll(r)
		o.must(err)
	}
	return files
}

// What members told of the case, and how interests were weighed, is in the evidence with its proof, and
// the log commits to what was said.
func TestACY01EvidenceHasFactsAndWeighings(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		const reason = "Vi mistenker svindel, og uten raden kan vi ikke avklare det."
		id := o.ask(dsr.Objection, func(f *casework.Filing) { f.Activities = []string{"customers"} })[0].PublicID
		o.work()
		o.must(o.works.Learn(t.Context(), o.first, id, []fulfilment.Lesson{
			{Activity: "customers", Kind: fulfilment.FactWeighing, Value: "compelling", Reason: reason},
			{Kind: fulfilment.FactRelation, Value: "ended", Reason: "Kunden sa opp i mai."},
		}))
		o.work()
		by := o.asker()
		by.Fresh = true
		for _, whole := range []bool{false, true} {
			pack, err := o.desk().Evidence(t.Context(), by, id, whole, "Tilsyn fra Datatilsynet", locale.NB)
			o.must(err)
			verify := func(body []byte) error {
				_, err := export.VerifyEvidence(bytes.NewReader(body), int64(len(body)), b.VerifierKey(t))
				return err
			}
			o.must(verify(pack.Body))
			files := o.unzip(pack.Body)
			var said struct {
				Facts  []struct{ Kind, Activity, Value, Role, Reason, Leaf string }
				Events []struct{ Kind, Leaf string }
			}
			o.must(json.Unmarshal(files["evidence.json"], &said))
			var leaves []string
			for _, e := range said.Events {
				if e.Kind == string(dsr.EventLearned) {
					leaves = append(leaves, e.Leaf)
				}
			}
			if len(said.Facts) != 2 || len(leaves) != 2 {
				t.Fatalf("%+v, %d learned", said.Facts, len(leaves))
			}
			f := said.Facts[0]
			if f.Kind != "weighing" || f.Activity != "customers" || f.Value != "compelling" || f.Role == "" || f.Leaf != leaves[0] || (f.Reason == reason) != whole {
				t.Errorf("whole %v: %+v", whole, f)
			}
			page := string(files["bevis.html"])
			for _, words := range []string{"Det avgjørelsene bygger på", "Avveining av interessene", "Vi har tvingende berettigede grunner", "Avsluttet", "Hele saken"} {
				if !strings.Contains(page, words) {
					t.Errorf("the page lacks %q", words)
				}
			}
			if strings.Contains(page, reason) != whole || strings.Contains(page, ">weighing<") {
				t.Errorf("whole %v: the reason is there %v", whole, !whole)
			}
			if whole { // the proof says what the log commits to
				proofs := ""
				for name, body := range files {
					if strings.HasSuffix(name, "-learned.txt") {
						receipt, err := audit.ParseReceipt(body)
						o.must(err)
						proofs += string(receipt.Statement)
					}
				}
				if !strings.Contains(proofs, `"compelling"`) || !strings.Contains(proofs, reason) {
					t.Error("the log does not commit to the weighing")
				}
			}
			// Whoever writes a pack of their own, manifest and all, cannot give it a fact that the log lacks.
			own := export.Evidence{Locale: locale.NB, Created: b.Clock.Now(), Checkpoint: files["log/checkpoint.txt"], Key: b.VerifierKey(t)}
			for _, name := range keys(files) {
				if strings.HasPrefix(name, "log/0") {
					own.Proofs = append(own.Proofs, export.EvidenceProof{Action: "act", Receipt: files[name]})
				}
			}
			data := files["evidence.json"]
			for leaf, good := range map[string]bool{leaves[0]: true, strings.Repeat("0", len(leaves[0])): false} {
				own.Data = json.RawMessage(bytes.Replace(data, []byte(leaves[0]), []byte(leaf), 1)) // facts stand before events
				var forged bytes.Buffer
				_, err := export.WriteEvidence(&forged, own)
				o.must(err)
				if err := verify(forged.Bytes()); (err == nil) != good {
					t.Errorf("a fact with its proof %v: %v", good, err)
				}
			}
		}
	})
}
