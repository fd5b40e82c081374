package fulfilment_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"mininfo/internal/audit"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// hiddenRow finds a row with a field that is hidden.
func (o *office) hiddenRow(id, name string) (group string, row fulfilment.FindingRow) {
	o.t.Helper()
	for _, g := range o.view(id).Groups {
		page, err := o.works.Findings(o.t.Context(), o.first, id, g.ID, "", 200, locale.NB)
		o.must(err)
		for _, row := range page.Findings {
			for _, f := range row.Fields {
				sensitive := slices.Contains(f.Marks, "special") || slices.Contains(f.Marks, "national_id")
				if sensitive && f.Value != "" || f.Masked && !sensitive {
					o.t.Errorf("%s of %s: marks %v, masked %v", f.Name, g.Title, f.Marks, f.Masked)
				}
				if f.Name == name && f.Masked {
					return g.ID, row
				}
			}
		}
	}
	o.t.Fatalf("no hidden %s", name)
	return "", row
}

// statements gives what the leaves of an action on a case commit to.
func (o *office) statements(id, action string) (said []string) {
	o.t.Helper()
	if _, err := o.b.Store.Sequence(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
	o.must(o.b.Store.Read(o.t.Context(), func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		proofs, err := tx.Proofs(r, true)
		if err != nil {
			return err
		}
		for _, p := range proofs {
			if p.Leaf.Action != action {
				continue
			}
			receipt, err := audit.ParseReceipt(p.Receipt)
			if err != nil {
				return err
			}
			said = append(said, string(receipt.Statement))
		}
		return nil
	}))
	return said
}

// Special categories and national identity numbers are hidden until a member who may see them proves anew who they
// are and says why. The log says who saw which field of what and why, and never what it was.
func TestWhatIsHiddenIsShownWithAReason(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		unsearched := o.file(dsr.Access, demo.Neighbour.Email, store.Detail{})
		_, err := o.works.Unmask(t.Context(), o.first, unsearched, fulfilment.Unmasking{Group: "x", Finding: strings.Repeat("f", 32), Reason: "identity"}, locale.NB)
		o.is(err, fulfilment.ErrGroupGone)
		id := o.reachReview(dsr.Access, demo.Employee.Email)
		group, row := o.hiddenRow(id, "national_id")
		ask := fulfilment.Unmasking{Group: group, Finding: row.ID, Reason: "identity"}
		leaves := func() []string { return o.statements(id, "unmasked") }
		stale, auditor, handler := o.first, o.first, o.second
		stale.Fresh = false
		auditor.Roles = []staff.Role{staff.Auditor}
		handler.Roles = []staff.Role{staff.CaseHandler}
		o.must(b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			return tx.Act(r, dsr.Event{Kind: dsr.EventAssigned, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Member: o.first.ID}}, store.Change{})
		}))
		for what, refused := range map[string]struct {
			by   fulfilment.By
			ask  fulfilment.Unmasking
			want error
		}{
			"without a fresh proof":      {stale, ask, staff.ErrStepUp},
			"by an auditor":              {auditor, ask, staff.ErrForbidden},
			"in another's case":          {handler, ask, staff.ErrForbidden},
			"without a reason":           {o.first, fulfilment.Unmasking{Group: group, Finding: row.ID}, fulfilment.ErrUnmaskReason},
			"for another reason, unsaid": {o.first, fulfilment.Unmasking{Group: group, Finding: row.ID, Reason: "other", Note: " "}, fulfilment.ErrUnmaskReason},
			"a row that is not there":    {o.first, fulfilment.Unmasking{Group: group, Finding: strings.Repeat("f", 32), Reason: "identity"}, fulfilment.ErrNoSuchRow},
		} {
			if fields, err := o.works.Unmask(t.Context(), refused.by, id, refused.ask, locale.NB); !errors.Is(err, refused.want) || fields != nil {
				t.Errorf("%s: %v, %v", what, fields, err)
			}
		}
		if n := len(leaves()); n != 0 {
			t.Fatalf("%d leaves of what was refused", n)
		}
		ask.Note = "Navnene er like"
		fields, err := o.works.Unmask(t.Context(), o.first, id, ask, locale.NB)
		o.must(err)
		number := ""
		for _, f := range fields {
			if !f.Masked {
				t.Errorf("%s was not hidden", f.Name)
			}
			if f.Name == "national_id" {
				number = f.Value
			}
		}
		said := leaves()
		if len(number) < 11 || len(said) != 1 {
			t.Fatalf("%q, leaves %v", number, said)
		}
		dump := b.Dump(t, "audit_leaf", "event")
		if strings.Contains(dump, number) || strings.Contains(dump, "Navnene er like") {
			t.Error("the log holds in clear what was shown, or the words of why")
		}
		if strings.Contains(said[0], number) {
			t.Error("the leaf holds what was shown")
		}
		var leaf struct {
			Reason, Note string
			Fields       []string
		}
		if err := json.Unmarshal([]byte(said[0]), &leaf); err != nil || leaf.Reason != "identity" || leaf.Note != "Navnene er like" || !slices.Contains(leaf.Fields, "national_id") {
			t.Errorf("%s: %v", said[0], err)
		}
	})
}
