package casework_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// keepRegister makes a register the one in force.
func (d *desk) keepRegister(t *testing.T, reg *register.Register) {
	t.Helper()
	body, err := reg.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	d.in(t, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		v, err := tx.Newest(c.ID, store.VersionRegister)
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(c.ID, store.VersionRegister, v.Number, string(body), "test")
		return err
	})
}

// Before each send a system asks which addresses may be used, and for what. Whom nobody has heard of
// gets the very same form, and who asks for another has nothing said of their own address.
func TestOBJ02RES02SystemsAskBeforeTheyUse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Objection)
		f.Marketing = true
		if _, err := d.File(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		r := d.file(t, dsr.Access)
		mother := filing(dsr.Restriction)
		mother.Address, mother.Ground = keyring.NewPrivate("mor@example.org"), "accuracy"
		mother.Standing = casework.Standing{Kind: "parent", AskerName: "Mor Nordmann", ChildAge: "under", CustomerNumber: "1001"}
		child, err := d.File(t.Context(), mother)
		if err != nil {
			t.Fatal(err)
		}
		row := store.NewRestriction{Row: []byte("row"), Restriction: store.Restriction{Source: "webshop", Dataset: "webshop", Collection: "customers",
			Key: keyring.NewPrivate("[]"), Activity: "customers", Ground: "18(1)(a)", State: store.RestrictionMarked}}
		d.in(t, func(tx *store.Tx) error {
			for _, to := range []*store.Request{r, child} {
				if _, err := tx.Restrict(to, []store.NewRestriction{row}); err != nil {
					return err
				}
			}
			return nil
		})
		ask := func(activity string, addresses ...string) [][]casework.Consulted {
			t.Helper()
			found, err := d.Consult(t.Context(), addresses, activity)
			if err != nil || len(found) != len(addresses) {
				t.Fatalf("%d answers, %v", len(found), err)
			}
			return found
		}
		found := ask("", strings.ToUpper(kari[:4])+kari[4:], "fremmed@example.org", "mor@example.org")
		for i, of := range found {
			if len(of) != len(register.Seed().Activities) {
				t.Fatalf("address %d: %d activities", i, len(of))
			}
			for _, a := range of {
				want := casework.Consulted{Activity: a.Activity}
				if i == 0 && a.Activity == "newsletter" {
					want.Suppressed = true
				}
				if i == 0 && a.Activity == "customers" {
					want.Restricted = true
				}
				if known := want.Suppressed || want.Restricted; known != (a.Since != nil) {
					t.Errorf("address %d, %s: since %v", i, a.Activity, a.Since)
				}
				want.Since = a.Since
				if diff := cmp.Diff(want, a); diff != "" {
					t.Errorf("address %d: %s", i, diff)
				}
			}
		}
		if diff := cmp.Diff(found[1], found[2]); diff != "" {
			t.Errorf("whoever asks for a child can be told from a stranger: %s", diff)
		}
		// As many as may be asked at once.
		many := make([]string, 1000)
		for i := range many {
			many[i] = fmt.Sprintf("n%d@example.org", i)
		}
		many[999] = kari
		for i, of := range ask("newsletter", many...) {
			if len(of) != 1 || of[0].Suppressed != (i == 999) {
				t.Fatalf("address %d: %+v", i, of)
			}
		}
		_, err = d.Consult(t.Context(), []string{kari, "ingen"}, "")
		if f := fault.From(err); f == nil || f.Field != "/addresses/1" {
			t.Errorf("what is no address: %v", err)
		}
		if _, err := d.Consult(t.Context(), []string{kari}, "horoscopes"); !errors.Is(err, casework.ErrUnknownActivity) {
			t.Errorf("an activity that there is not: %v", err)
		}
	})
}

// An activity that gets another id keeps what people said to it under the old one.
func TestOBJ02ActivityThatWasRenamedIsRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Objection)
		f.Marketing = true
		if _, err := d.File(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		for _, remembers := range []bool{false, true} {
			reg := register.Seed()
			for i := range reg.Activities {
				if a := &reg.Activities[i]; a.ID == "newsletter" {
					if a.ID = "mailings"; remembers {
						a.Formerly = []string{"newsletter"}
					}
				}
			}
			d.keepRegister(t, reg)
			found, err := d.Consult(t.Context(), []string{kari}, "mailings")
			if err != nil || found[0][0].Suppressed != remembers {
				t.Errorf("formerly %v: %+v, %v", remembers, found, err)
			}
			if _, err := d.Consult(t.Context(), []string{kari}, "newsletter"); (err == nil) != remembers {
				t.Errorf("formerly %v: the old id: %v", remembers, err)
			}
		}
	})
}

// What docs/api.md shows is what is answered.
func TestConsultIsDocumented(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		text, err := os.ReadFile("../../docs/api.md")
		if err != nil {
			t.Fatal(err)
		}
		question := regexp.MustCompile(`(?s)restrictions/check.*?-d '(\{.*?\})'`).FindSubmatch(text)
		answer := regexp.MustCompile("(?s)```json\n(\\{\"addresses\":\\[.*?)```").FindSubmatch(text)
		if question == nil || answer == nil {
			t.Fatal("docs/api.md shows no question and answer")
		}
		var q struct {
			Activity  string   `json:"activity"`
			Addresses []string `json:"addresses"`
		}
		var a struct {
			Addresses []struct{ Activities []casework.Consulted }
		}
		if err := errors.Join(json.Unmarshal(question[1], &q), json.Unmarshal(answer[1], &a)); err != nil {
			t.Fatal(err)
		}
		f := filing(dsr.Objection)
		f.Marketing, f.Address = true, keyring.NewPrivate(q.Addresses[0])
		if _, err := d.File(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		found, err := d.Consult(t.Context(), q.Addresses, q.Activity)
		if err != nil || len(found) != len(a.Addresses) {
			t.Fatalf("%d answers to %d, %v", len(found), len(a.Addresses), err)
		}
		for i, of := range found {
			for j, got := range of {
				if shown := a.Addresses[i].Activities[j]; (shown.Since == nil) != (got.Since == nil) {
					t.Errorf("address %d: since %v is shown as %v", i, got.Since, shown.Since)
				} else if shown.Since = got.Since; cmp.Diff(shown, got) != "" {
					t.Errorf("address %d: %s", i, cmp.Diff(shown, got))
				}
			}
		}
	})
}
