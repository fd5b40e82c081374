package fulfilment_test

import (
	"strings"
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
)

// Who asks about one use of their data, of which nothing is held, is told so plainly: never that it was
// erased, restricted or enclosed. What took effect when the request came in is told as it was.
func TestACC01WhereNothingIsHeldTheAnswerSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		right dsr.Right
		want  dsr.Outcome
		title string
	}{
		{dsr.Erasure, dsr.NothingHeld, "Vi fant ingen opplysninger"},
		{dsr.Access, dsr.NothingHeld, "Vi fant ingen opplysninger"},
		{dsr.Restriction, dsr.NothingHeld, "Vi fant ingen opplysninger"},
		{dsr.Withdrawal, dsr.Granted, "Samtykket ditt er trukket"},
	} {
		t.Run(string(c.right), func(t *testing.T) {
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				db := o.sql("webshop")
				for _, table := range []string{"consents", "newsletter_subscribers"} {
					_, err := db.Exec("DELETE FROM "+table+" WHERE lower(email) = lower(?)", demo.Household.Email)
					o.must(err)
				}
				db.Close()
				id := o.ask(c.right, func(f *casework.Filing) {
					f.Address, f.Activities = keyring.NewPrivate(demo.Household.Email), []string{"newsletter"}
					if c.right == dsr.Restriction {
						f.Ground = "unlawful"
					}
				})[0].PublicID
				o.work()
				o.relieve(id)
				o.settle(id, "keep")
				o.approve(id)
				o.work()
				if c.right == dsr.Access {
					o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
				}
				o.state(id, dsr.Answered)
				a, said := o.answer(id), ""
				if said = strings.Join(a.Paragraphs, " "); a.Outcome != c.want || a.Title != c.title || !strings.Contains(said, "fant ingen") || len(a.Groups) != 0 || len(a.Searched) == 0 {
					t.Errorf("%s: %q, %q, %d groups", a.Outcome, a.Title, said, len(a.Groups))
				}
				for _, untrue := range []string{"er slettet", "kopi av alle", "bare opplysningene"} {
					if strings.Contains(said, untrue) {
						t.Errorf("it says %q", untrue)
					}
				}
				if r := o.request(id); r.P.Outcome != c.want {
					t.Errorf("the case ended %s", r.P.Outcome)
				}
			})
		})
	}
}
