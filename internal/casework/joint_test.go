package casework_test

import (
	"slices"
	"strings"
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// A request about what others are controllers of too is taken in like any other, with a note of who they
// are; it is not refused because another of them was meant. Where nobody else is, nothing is noted.
func TestINT09RequestIsTakenInWhicheverControllerWasMeant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		reg := register.Seed()
		reg.Joint = []register.Joint{{Name: "Fjordvarme AS", Contact: "personvern@fjordvarme.example", Activities: []string{"customers"}}}
		body, err := reg.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		alone := d.file(t, dsr.Access)
		d.in(t, func(tx *store.Tx) error {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			_, err = tx.AddVersion(c.ID, store.VersionRegister, 1, string(body), "test")
			return err
		})
		noted := func(id string) bool {
			t.Helper()
			v, err := d.Case(t.Context(), d.officer, id, locale.NB, false)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(v.Messages, func(m store.Message) bool {
				return m.Author == store.FromNote && strings.Contains(m.Body.Reveal(), "Fjordvarme AS (personvern@fjordvarme.example)")
			})
		}
		elsewhere := filing(dsr.Restriction)
		elsewhere.Ground, elsewhere.Activities = "unlawful", []string{"suppliers"}
		other, err := d.File(t.Context(), elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		web := d.file(t, dsr.Access)
		letter, err := d.Register(t.Context(), d.handler, registration())
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]bool{alone.PublicID: false, other.PublicID: false, web.PublicID: true, letter[0].PublicID: true} {
			if noted(id) != want {
				t.Errorf("%s: noted %v", id, !want)
			}
			if got := d.read(t, id); !dsr.Open(got.P.State) || got.P.Deadline.Due.IsZero() {
				t.Errorf("%s, due %s", got.P.State, got.P.Deadline.Due)
			}
		}
		err = d.Refuse(t.Context(), d.officer, web.PublicID, "not_controller", "Det var Fjordvarme som ble spurt")
		if f := fault.From(err); f == nil || f.Code != casework.ErrJoint.Code || f.Field != "/ground" {
			t.Errorf("refused because another was meant: %v", err)
		}
		if err := d.Refuse(t.Context(), d.officer, other.PublicID, "not_controller", "Vi er databehandler"); err != nil {
			t.Error(err)
		}
		own, err := d.Own(t.Context(), d.index(kari), web.PublicID, locale.NB)
		if err != nil || len(own.Messages) != 0 {
			t.Errorf("the person sees the office's note: %+v, %v", own.Messages, err)
		}
	})
}
