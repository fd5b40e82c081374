package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// masked tells whether a value is shown to nobody who has not said why they need it: special categories
// (Art. 9), offences (Art. 10) and national identity numbers. Most cases are decided without it.
func masked(v *engine.FieldValue) bool {
	return (special(v) || v.NationalID) && !v.Key && !v.Withheld && v.Value.Text() != ""
}

// UnmaskReasons are the codes of why a member needs to see what is masked.
var UnmaskReasons = []string{"decide", "identity", "asked", "other"}

// unmaskToRedact is why a text is opened that is to be marked in.
const unmaskToRedact = "redact"

// Faults of unmasking.
var (
	ErrUnmaskReason = fault.Define(fault.Invalid, "unmask_reason_missing",
		"Velg hvorfor du må se dette. Er det noe annet, skriver du hva.",
		"Vel kvifor du må sjå dette. Er det noko anna, skriv du kva.",
		"Choose why you need to see this. If it is something else, write what.")
	ErrNothingMasked = fault.Define(fault.Conflict, "nothing_masked",
		"Ingenting er skjult i denne raden.", "Ingenting er skjult i denne rada.", "Nothing is hidden in this row.")
)

// Unmasking asks for the values of one row that are masked.
type Unmasking struct {
	Group, Finding string
	Reason, Note   string // one of UnmaskReasons, and words; of "other" there must be some
}

// Unmask gives the masked values of a row, with a fresh proof and a reason. That they were shown, and why, is a
// leaf in the log; what was shown is not.
func (w *Works) Unmask(ctx context.Context, by By, id string, in Unmasking, l locale.Locale) ([]FindingField, error) {
	in.Note = strings.TrimSpace(in.Note)
	if !slices.Contains(UnmaskReasons, in.Reason) || in.Reason == "other" && in.Note == "" {
		return nil, ErrUnmaskReason.At("/reason")
	}
	m, key, err := w.mayUnmask(ctx, by, id)
	if err != nil {
		return nil, err
	}
	g, ok := m.group(in.Group)
	if !ok {
		return nil, ErrGroupGone
	}
	var shown []FindingField
	found := false
	err = w.reader(key, m.chunks, g.chunk).Each(ctx, func(f *engine.Finding) error {
		if !g.holds(f) || findingID(key, f) != in.Finding {
			return nil
		}
		row, mine := m.rowOf(f, g, l)
		if !mine {
			return nil
		}
		found = true
		for _, field := range row.Fields {
			if field.Masked {
				shown = append(shown, field)
			}
		}
		return errEnough
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return nil, err
	case !found:
		return nil, ErrNoSuchRow
	case len(shown) == 0:
		return nil, ErrNothingMasked
	}
	names := make([]string, len(shown))
	for i, field := range shown {
		names[i] = field.Name
	}
	return shown, w.unmasked(ctx, by, id, g.unit(), names, in.Reason, in.Note)
}

// mayUnmask gives what a case has found to a member who may see what is masked now.
func (w *Works) mayUnmask(ctx context.Context, by By, id string) (*material, keyring.DataKey, error) {
	var m *material
	var key keyring.DataKey
	err := w.Store.InTx(ctx, func(tx *store.Tx) error { // a case that was not searched has no key yet
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.Unmask, r); err != nil {
			return err
		}
		if m, err = w.gather(tx, r); err != nil {
			return err
		}
		key, err = tx.Key(id, store.ClassEvidence)
		return err
	})
	if err != nil {
		return nil, key, fmt.Errorf("opening findings: %w", err)
	}
	return m, key, nil
}

// unmasked writes that values were shown and why, before they are. Whether the member may is decided on the case
// as it now stands.
func (w *Works) unmasked(ctx context.Context, by By, id string, u unit, fields []string, reason, note string) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.HeldRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.Unmask, r); err != nil {
			return err
		}
		said := map[string]any{"source": u.Source, "collection": u.Collection, "activity": u.Activity, "fields": fields, "reason": reason}
		if note != "" {
			said["note"] = note
		}
		_, err = tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "unmasked", Request: r.PublicID, RequestID: r.ID, Statement: said})
		return err
	})
}
