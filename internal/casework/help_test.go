package casework_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

const (
	officer = "personvern@fjordlys.example"
	standIn = "vikar@fjordlys.example"
	kari    = "kari.nordmann@example.org"
)

// desk is a set-up office with two officers, a case handler and an auditor.
type desk struct {
	*casework.Desk
	b                               *portaltest.Bundle
	officer, second, handler, audit casework.By
}

func newDesk(t *testing.T, b *portaltest.Bundle) *desk {
	t.Helper()
	d := &desk{b: b, Desk: &casework.Desk{
		Store: b.Store, Sender: b.Letters, PublicURL: portaltest.PublicURL, Now: b.Clock.Now, Rand: rand.Reader,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}}
	settings, err := json.Marshal(store.Settings{
		Name: "Fjordlys AS", OrganisationNumber: "999999999", Email: officer, Phone: "+47 55 00 00 00",
		PostalAddress: "Storgata 1\n5003 Bergen", Notify: []string{officer, standIn}, CoolingOffHours: 72, AddressHours: 72, Keep: dsr.DefaultKeep(),
	})
	if err != nil {
		t.Fatal(err)
	}
	reg, err := register.Seed().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	d.in(t, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		if _, err := tx.AddVersion(c.ID, store.VersionSettings, 0, string(settings), "test"); err != nil {
			return err
		}
		if _, err := tx.AddVersion(c.ID, store.VersionRegister, 0, string(reg), "test"); err != nil {
			return err
		}
		for _, m := range []struct {
			name string
			role staff.Role
			into *casework.By
		}{
			{"Ingrid", staff.PrivacyOfficer, &d.officer}, {"Jonas", staff.PrivacyOfficer, &d.second}, {"Siri", staff.CaseHandler, &d.handler}, {"Rune", staff.Auditor, &d.audit},
		} {
			address := strings.ToLower(m.name) + "@fjordlys.example"
			added, err := tx.AddMember(c.ID, store.Member{Name: keyring.NewPrivate(m.name), Email: keyring.NewPrivate(address), Roles: []staff.Role{m.role}},
				address, store.Credentials{PasswordHash: "x", TOTP: keyring.NewPrivate("x")})
			if err != nil {
				return err
			}
			*m.into = casework.By{ID: added.ID, Name: m.name, Roles: []staff.Role{m.role}}
		}
		return nil
	})
	return d
}

func (d *desk) in(t *testing.T, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := d.b.Store.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// each runs a test with a desk on both databases.
func each(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) { test(t, newDesk(t, b)) })
}

func filing(right dsr.Right) casework.Filing {
	f := casework.Filing{Address: keyring.NewPrivate(kari), ProvedAt: portaltest.Start, Proof: strings.Repeat("a", 32), Right: string(right), Locale: locale.NB, Name: "Kari Nordmann"}
	if right == dsr.Rectification {
		f.Text = "Adressen min er feil"
	}
	return f
}

func (d *desk) file(t *testing.T, right dsr.Right) *store.Request {
	t.Helper()
	r, err := d.File(t.Context(), filing(right))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// read gives a case as it lies in the database.
func (d *desk) read(t *testing.T, id string) *store.Request {
	t.Helper()
	var r *store.Request
	if err := d.b.Store.Read(t.Context(), func(tx *store.Tx) (err error) { r, err = tx.ReadRequest(id); return err }); err != nil {
		t.Fatal(err)
	}
	return r
}

// act writes an event as another package would.
func (d *desk) act(t *testing.T, id string, events ...dsr.Event) {
	t.Helper()
	d.in(t, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := tx.Act(r, e, store.Change{}); err != nil {
				return fmt.Errorf("%s: %w", e.Kind, err)
			}
		}
		return nil
	})
}

var (
	system    = dsr.Actor{Kind: dsr.System}
	collected = []dsr.Event{{Kind: dsr.EventCollectStarted, Actor: system}, {Kind: dsr.EventCollected, Actor: system}}
)

// post works all mails that are ready.
func (d *desk) post(t *testing.T) int {
	t.Helper()
	return d.b.RunJobs(t, d.mailWork())
}

func (d *desk) mailWork() map[string]job.Work {
	all := d.Work()
	return map[string]job.Work{store.JobMailPerson: all[store.JobMailPerson], store.JobMailOffice: all[store.JobMailOffice]}
}

// index is what an address is found by.
func (d *desk) index(address string) []byte { return d.b.Store.AddressIndex(address) }

func (d *desk) jobs(t *testing.T, kind, id string) int {
	t.Helper()
	return d.b.Count(t, "SELECT count(*) FROM job WHERE kind = $1 AND object = $2", kind, id)
}

// settings changes the office's settings.
func (d *desk) settings(t *testing.T, change func(*store.Settings)) {
	t.Helper()
	d.in(t, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, number, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		change(&s)
		body, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(c.ID, store.VersionSettings, number, string(body), "test")
		return err
	})
}
