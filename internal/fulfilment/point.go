package fulfilment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// FieldCorrection is a field of a row that was found, and what is to stand there.
type FieldCorrection struct {
	Group  string // of the findings: it names what they held, so that findings that changed are refused
	Key    string // of the row, as a page of findings gives it
	Field  string
	Value  string
	Remove bool // nothing is to stand there; Value is empty
}

// Faults of pointing at a field.
var (
	ErrNoSuchRow = fault.Define(fault.NotFound, "row_not_found",
		"Vi finner ikke denne opplysningen blant funnene.", "Vi finn ikkje denne opplysninga blant funna.",
		"There is no such field among the findings.")
	ErrNotCorrectable = fault.Define(fault.Conflict, "field_not_correctable",
		"Dette feltet kan ikke rettes herfra. Svar personen med ord, og gjør eventuelt rettelsen for hånd.",
		"Dette feltet kan ikkje rettast herifrå. Svar personen med ord, og gjer eventuelt rettinga for hand.",
		"This field cannot be corrected from here. Answer the person in words and, if need be, make the correction by hand.")
	ErrNewValue = fault.Define(fault.Invalid, "correction_value",
		"Skriv hva som skal stå i feltet, eller velg å tømme det.", "Skriv kva som skal stå i feltet, eller vel å tømme det.",
		"Write what is to stand in the field, or choose to empty it.")
	ErrSameValue = fault.Define(fault.Invalid, "correction_same",
		"Det står allerede slik.", "Det står alt slik.", "It says so already.")
	ErrAskedByPerson = fault.Define(fault.Conflict, "correction_asked_by_person",
		"Personen har selv bedt om å få rettet dette feltet. Ta stilling til det der det står.",
		"Personen har sjølv bede om å få retta dette feltet. Ta stilling til det der det står.",
		"The person has asked for this field to be corrected. Decide on it where it stands.")
	errTooMany = fault.Define(fault.Conflict, "too_many_corrections",
		"Det er for mange rettelser i saken.", "Det er for mange rettingar i saka.", "There are too many corrections in the case.")
)

// correctionsAtMost is how many fields one request can be about.
const correctionsAtMost = 100

// AddCorrection points a wish for rectification that was put in words at a field of a row that was
// found (Art. 16). From then on it is a correction like those that a person makes: it is decided,
// planned, approved and carried out with them. The register must let the field be corrected where it
// stands, and the new value must fit its column. Pointing at the same field again replaces the value.
func (w *Works) AddCorrection(ctx context.Context, by By, id string, asked FieldCorrection) error {
	if err := w.act(ctx, by, id, staff.Decide, func(*store.Tx, *store.Request) error { return nil }); err != nil {
		return err
	}
	if asked.Remove != (asked.Value == "") {
		return ErrNewValue.At("/value")
	}
	at, run, err := w.pointAt(ctx, by, id, asked)
	if err != nil {
		return err
	}
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		if r.P.State != dsr.Review || r.Right != dsr.Rectification {
			return dsr.ErrTransition
		}
		current, err := tx.CurrentRun(r)
		if err != nil {
			return err
		}
		if current == nil || current.PublicID != run {
			return ErrGroupGone
		}
		detail := r.Detail
		if detail.Corrections, err = with(detail.Corrections, at); err != nil {
			return err
		}
		if err := tx.SetDetail(r, detail); err != nil {
			return err
		}
		pointed := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "correction_pointed"}}
		if err := tx.Act(r, pointed, store.Change{Role: by.role(), Statement: at}); err != nil {
			return err
		}
		if err := tx.Act(r, dsr.Event{Kind: dsr.EventReopened, Actor: by.actor()}, store.Change{Role: by.role()}); err != nil {
			return err
		}
		return searchLater(tx, r)
	})
}

// with adds a correction to those there are, or puts it in place of the office's own of the same field.
func with(all []store.Correction, c store.Correction) ([]store.Correction, error) {
	all = slices.Clone(all)
	i := slices.IndexFunc(all, func(have store.Correction) bool {
		return have.Source == c.Source && have.Collection == c.Collection && have.Field == c.Field && string(have.Key) == string(c.Key)
	})
	switch {
	case i < 0 && len(all) >= correctionsAtMost:
		return nil, errTooMany
	case i < 0:
		return append(all, c), nil
	case !all[i].Office:
		return nil, ErrAskedByPerson
	}
	all[i] = c
	return all, nil
}

var errEnough = errors.New("found what was looked for")

// pointAt finds the field among the findings and tries the new value on its column. The string names
// the search that it was found in.
func (w *Works) pointAt(ctx context.Context, by By, id string, asked FieldCorrection) (store.Correction, string, error) {
	m, k, err := w.open(ctx, by, id, "correction_looked_up")
	if err != nil {
		return store.Correction{}, "", err
	}
	g, ok := m.group(asked.Group)
	if !ok || g.Candidate {
		return store.Correction{}, "", ErrGroupGone
	}
	var row *engine.Finding
	err = w.reader(k, m.chunks, g.chunk).Each(ctx, func(f *engine.Finding) error {
		if !g.holds(f) || shortKey(f) != asked.Key {
			return nil
		}
		row = f.Clone()
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return store.Correction{}, "", err
	}
	if row == nil {
		return store.Correction{}, "", ErrNoSuchRow
	}
	i := slices.IndexFunc(row.Fields, func(v engine.FieldValue) bool { return v.Name == asked.Field })
	if i < 0 {
		return store.Correction{}, "", ErrNoSuchRow
	}
	v := &row.Fields[i]
	if !m.judge.correctable(row, v) {
		return store.Correction{}, "", ErrNotCorrectable.At("/field")
	}
	if asked.Remove == v.Value.IsNull() && asked.Value == v.Value.Text() {
		return store.Correction{}, "", ErrSameValue.At("/value")
	}
	at := store.Correction{Source: row.Source, Collection: collectionName(row), Field: v.Name, Key: json.RawMessage(keyText(row.Key)),
		Label: cmp.Or(label(g.Fields, v.Name), v.Name), Old: v.Value.Text(), New: asked.Value, Remove: asked.Remove, Office: true}
	return at, m.run.PublicID, w.fits(ctx, row, at)
}

// correctable tells whether the register lets a field be corrected where it stands.
func (j *judge) correctable(f *engine.Finding, v *engine.FieldValue) bool {
	if j.right != dsr.Rectification || f.OtherPerson || !categorised(v) || v.Key || v.Link || len(v.Value.Text()) > valueInRef {
		return false
	}
	return register.ProposeCorrection(j.facts(f, v, j.reg.Activity(cmp.Or(v.Activity, f.Activity)))).Action == register.Set
}

// oneFinding is a finding by itself.
type oneFinding struct{ *engine.Finding }

// Each is engine.Findings.
func (o oneFinding) Each(_ context.Context, fn func(*engine.Finding) error) error {
	return fn(o.Finding)
}

// fits tries a correction on the column that it is for: its type, its length, whether it may be empty.
func (w *Works) fits(ctx context.Context, row *engine.Finding, c store.Correction) error {
	set, err := correctionOf(c)
	if err != nil {
		return err
	}
	conns, err := w.Open(ctx, job.Job{})
	if err != nil {
		return unavailable(sourceErr(fmt.Errorf("connecting the sources: %w", err)))
	}
	defer conns.close()
	found, err := engine.PlanCorrect(ctx, conns.Sources, oneFinding{row}, []engine.Correction{set}, engine.PlanOptions{}, func(*engine.Step) error { return nil })
	if err != nil {
		return unavailable(sourceErr(err))
	}
	for _, p := range found {
		if !p.Warning {
			unfit := *ErrNewValue
			unfit.Text = p.Text
			return unfit.At("/value")
		}
	}
	return nil
}
