package governance

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"mininfo/internal/blob"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/scan"
	"mininfo/internal/source/file"
	"mininfo/internal/store"
)

// invented is a list made for a rehearsal. The first row is the person's; the others are not hers to see.
type invented struct {
	name locale.Text
	rows [][]string
}

// inventedFor makes the lists of a rehearsal: who asks is among others, as in a list of an office.
func inventedFor(name, email string) []invented {
	return []invented{
		{name: text("Øvelse kundeliste", "Øving kundeliste", "Drill customers"), rows: [][]string{
			{"kundenummer", "navn", "e-post", "telefon", "adresse"},
			{"90001", name, email, "+47 99 00 00 01", "Øvelsesveien 1, 0001 Øvelse"},
			{"90002", "Ane Eksempel", "ane@ovelse.invalid", "+47 99 00 00 02", "Øvelsesveien 2, 0001 Øvelse"},
			{"90003", "Per Eksempel", "per@ovelse.invalid", "+47 99 00 00 03", "Øvelsesveien 3, 0001 Øvelse"},
		}},
		{name: text("Øvelse nyhetsbrev", "Øving nyhendebrev", "Drill newsletter"), rows: [][]string{
			{"id", "e-post", "navn"},
			{"1", email, name},
			{"2", "ane@ovelse.invalid", "Ane Eksempel"},
		}},
	}
}

// furnishDrill makes the sources of a rehearsal: lists in the portal's own sealed storage, under activities
// of the office's register, so that what is decided is what the office would decide. It may run twice.
func (o *Office) furnishDrill(ctx context.Context, j job.Job) error {
	var r *store.Request
	var reg *register.Register
	err := o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if r, err = tx.ReadRequest(j.Object); err != nil {
			return err
		}
		v, err := tx.VersionNumber(r.Controller, store.VersionRegister, r.RegisterVersion)
		if err != nil {
			return err
		}
		reg, err = read(v)
		return err
	})
	if err != nil || !r.Drill || r.Shredded() {
		return err
	}
	var made []upload
	for i, list := range inventedFor(r.Name.Reveal(), r.Address.Reveal()) {
		up, err := o.invent(ctx, r, list, activityFor(reg, i))
		if err != nil {
			return err
		}
		made = append(made, up)
	}
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object) // holds others off
		if err != nil {
			return err
		}
		have, err := tx.DrillSources(r)
		if err != nil || len(have) > 0 || r.Shredded() {
			return err
		}
		for _, up := range made {
			s := store.Source{PublicID: up.id, Controller: r.Controller, Name: up.name, Kind: store.SourceFile, Enabled: true, Location: "CSV",
				Activity: up.activity, Dataset: up.dataset, Blob: up.blob, DrillOf: &r.ID}
			if _, err := tx.AddSource(s, keyring.Private{}, System().actor()); err != nil {
				return err
			}
		}
		return System().log(tx, "drill_furnished", map[string]any{"request": r.PublicID, "sources": len(made)})
	})
}

func (o *Office) invent(ctx context.Context, r *store.Request, list invented, activity string) (upload, error) {
	up := upload{name: fmt.Sprintf("%s %s", list.name.In(r.Locale), r.Reference), activity: activity}
	var data strings.Builder
	w := csv.NewWriter(&data)
	if err := w.WriteAll(list.rows); err != nil {
		return up, fmt.Errorf("writing a rehearsal's list: %w", err)
	}
	up.data = []byte(data.String())
	opened, err := file.New(up.name, up.data)
	if err != nil {
		return up, err
	}
	up.opened = opened
	err = o.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		if up.id, err = tx.NewID(); err != nil {
			return err
		}
		up.key, err = tx.Key(up.id, store.ClassSource)
		return err
	})
	if err != nil {
		return up, err
	}
	if up.blob, err = o.blobName(ctx, up.id); err != nil {
		return up, err
	}
	p, err := scan.Propose(ctx, opened, scan.Options{Key: datasetKey(up.name, up.id), Name: up.name, Activity: activity, Unknown: "user"})
	if err != nil {
		return up, err
	}
	up.dataset = string(p.YAML(r.Locale))
	_, err = blob.PutSealed(ctx, o.Blobs, up.blob, up.key, func(w io.Writer) error {
		_, err := w.Write(up.data)
		return err
	})
	if err != nil {
		return up, fmt.Errorf("keeping a rehearsal's list: %w", err)
	}
	return up, nil
}

// activityFor gives an activity of the office's register for the list of a place: that of its name, or one
// about customers, or any.
func activityFor(reg *register.Register, place int) string {
	if usual := []string{"customers", "newsletter"}; place < len(usual) && reg.Activity(usual[place]) != nil {
		return usual[place]
	}
	var ids []string
	for _, customers := range []bool{true, false} {
		for _, a := range reg.Activities {
			about := slices.ContainsFunc(a.Persons, func(p string) bool { return strings.HasPrefix(p, "customer") })
			if about == customers {
				ids = append(ids, a.ID)
			}
		}
	}
	if len(ids) == 0 {
		return ""
	}
	return ids[min(place, len(ids)-1)]
}

// clearDrill removes the sources of a rehearsal that is purged. It may run twice.
func (o *Office) clearDrill(ctx context.Context, j job.Job) error {
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(j.Object)
		if err != nil {
			return err
		}
		blobs, err := tx.DropDrillSources(r)
		if err != nil {
			return err
		}
		for _, at := range blobs {
			if err := dropLater(tx, at, 0); err != nil {
				return err
			}
		}
		return nil
	})
}
