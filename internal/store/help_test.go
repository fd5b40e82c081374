package store_test

import (
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/dsr"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

var (
	system = dsr.Actor{Kind: dsr.System}
	person = dsr.Actor{Kind: dsr.Person}
)

func member(id int64) dsr.Actor { return dsr.Actor{Kind: dsr.Member, Member: id} }

// office makes the controller and two members.
func office(t *testing.T, b *portaltest.Bundle) (first, second int64) {
	t.Helper()
	inTx(t, b.Store, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		for i, into := range []*int64{&first, &second} {
			m := store.Member{Name: keyring.NewPrivate("Ola"), Email: keyring.NewPrivate("ola@example.org"), Roles: []staff.Role{staff.PrivacyOfficer}}
			added, err := tx.AddMember(c.ID, m, fmt.Sprintf("ola%d@example.org", i), store.Credentials{PasswordHash: "x", TOTP: keyring.NewPrivate("x")})
			if err != nil {
				return err
			}
			*into = added.ID
		}
		return nil
	})
	return first, second
}

// newRequest is a request of Kari's, received now.
func newRequest(t *testing.T, tx *store.Tx, right dsr.Right, address string) store.NewRequest {
	t.Helper()
	c, err := tx.Controller()
	if err != nil {
		t.Fatal(err)
	}
	id, err := tx.NewID()
	if err != nil {
		t.Fatal(err)
	}
	ref, err := dsr.NewReference(strings.NewReader(id), 2026)
	if err != nil {
		t.Fatal(err)
	}
	n := store.NewRequest{
		Controller: c.ID, Reference: ref, Right: right, Channel: dsr.Web, Locale: locale.NB, Delivery: store.DeliveryPortal,
		Name: keyring.NewPrivate("Kari Nordmann"), Detail: store.Detail{Text: "alt dere har"}, ReceivedAt: tx.Now,
		CalendarVersion: dsr.CalendarVersion, Actor: person, Received: dsr.EventData{Zone: "Europe/Oslo"},
	}
	if address != "" {
		a, err := dsr.ParseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		n.Address = &a
	}
	return n
}

// open opens a request and verifies it.
func open(t *testing.T, b *portaltest.Bundle, right dsr.Right, address string) *store.Request {
	t.Helper()
	var r *store.Request
	inTx(t, b.Store, func(tx *store.Tx) (err error) {
		if r, err = tx.OpenRequest(newRequest(t, tx, right, address)); err != nil {
			return err
		}
		return tx.Act(r, dsr.Event{Kind: dsr.EventVerified, Actor: person, Data: dsr.EventData{Code: "mailbox"}}, store.Change{})
	})
	return r
}

// act acts on a request in a transaction of its own.
func act(t *testing.T, b *portaltest.Bundle, id string, events ...dsr.Event) *store.Request {
	t.Helper()
	var r *store.Request
	inTx(t, b.Store, func(tx *store.Tx) (err error) {
		if r, err = tx.Request(id); err != nil {
			return err
		}
		for _, e := range events {
			if err := tx.Act(r, e, store.Change{}); err != nil {
				return fmt.Errorf("%s: %w", e.Kind, err)
			}
		}
		return nil
	})
	return r
}
