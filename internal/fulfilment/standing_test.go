package fulfilment_test

import (
	"slices"
	"testing"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

func TestREP03ACompanysPeopleAreLookedAtBeforeItIsAnswered(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		number := o.strings(o.sql("office"), "SELECT organisation_no FROM parties WHERE organisation_no IS NOT NULL ORDER BY id LIMIT 1")[0]
		o.asks = dsr.EventData{Standing: dsr.AsCompany}
		id := o.fileWith(dsr.Access, func(tx *store.Tx, r *store.Request) error {
			member := dsr.Actor{Kind: dsr.Member, Member: o.first.ID}
			seen := dsr.Event{Kind: dsr.EventAuthority, Actor: member, Data: dsr.EventData{Code: string(dsr.SignatureRegister), Rights: []dsr.Right{dsr.Access}}}
			if err := tx.Act(r, seen, store.Change{}); err != nil {
				return err
			}
			if err := tx.Act(r, dsr.Event{Kind: dsr.EventVerified, Actor: member, Data: dsr.EventData{Code: "signatory"}}, store.Change{}); err != nil {
				return err
			}
			if err := tx.AddIdentifier(r, store.AskerEmail, keyring.NewPrivate(demo.MostData.Email), store.Verified, "mailbox"); err != nil {
				return err
			}
			return tx.AddIdentifier(r, dsr.OrganisationNumber, keyring.NewPrivate(number), store.Verified, "signatory")
		})
		o.work()
		o.state(id, dsr.Review)
		rows, people := 0, 0
		for _, g := range o.view(id).Groups {
			rows += int(g.Count)
			if g.Source == "webshop" && g.Collection == "webshop.customers" && g.Count > 1 {
				t.Errorf("the mailbox of the one who asks was searched for: %d customers", g.Count)
			}
			if !slices.ContainsFunc(g.Categories, func(c string) bool { return c == "E-postadresse" || c == "E-post" || c == "Navn" }) {
				continue
			}
			people++
			if !g.NeedsLook {
				t.Errorf("%s shows people unseen: %v", g.Title, g.Categories)
			}
		}
		if rows == 0 || people == 0 {
			t.Fatalf("%d rows by the number, %d groups about people", rows, people)
		}
		o.is(o.works.Approve(t.Context(), o.first, id, o.view(id).Plan.Digest, false), fulfilment.ErrNeedsLook)
	})
}

func TestREP02WhatAParentDoesNotGet(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		withhold := func(as dsr.EventData) error {
			o := newOffice(t, b)
			o.asks = as
			id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
			o.work()
			o.state(id, dsr.Review)
			groups := o.view(id).Groups
			i := slices.IndexFunc(groups, func(g fulfilment.Group) bool { return !g.NeedsLook && g.Proposal.Action == "disclose" })
			d := fulfilment.GroupDecision{Group: groups[i].ID, Action: "withhold", Ground: register.NotToParent, Reason: "Barnet ba om det"}
			return o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{d})
		}
		if err := withhold(dsr.EventData{Standing: dsr.AsParent, ChildAge: dsr.ChildOver}); err != nil {
			t.Errorf("a parent: %v", err)
		}
	})
}

func TestINT11AChildIsAnsweredInPlainWordsAndAloudOnlyWhenKnown(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		o.asks = dsr.EventData{Standing: dsr.AsChild, ChildAge: dsr.ChildOver}
		id := o.file(dsr.Access, demo.MostData.Email, store.Detail{})
		o.work()
		groups := o.view(id).Groups
		i := slices.IndexFunc(groups, func(g fulfilment.Group) bool { return !g.NeedsLook && g.Proposal.Action == "disclose" })
		d := fulfilment.GroupDecision{Group: groups[i].ID, Action: "withhold", Ground: register.NotToParent, Reason: "Barnet ba om det"}
		o.is(o.works.Decide(t.Context(), o.first, id, []fulfilment.GroupDecision{d}), fulfilment.ErrGroundMissing.At("/decisions"))
		o.settle(id, "disclose")
		o.approve(id)
		o.work()
		o.state(id, dsr.Executing)
		o.is(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Orally: true}), fulfilment.ErrOrally)
		o.tx(func(tx *store.Tx) error {
			r, err := tx.Request(id)
			if err != nil {
				return err
			}
			return tx.Touch(r, map[string]any{"verified_method": "in_person"})
		})
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{Orally: true}))
		a := o.answer(id)
		if a.Title != "Dette vet vi om deg" || len(a.Paragraphs) < 2 {
			t.Errorf("%q: %v", a.Title, a.Paragraphs)
		}
		r := o.request(id)
		last := r.Events[len(r.Events)-1]
		if last.Kind != dsr.EventAnswered || last.Data.Code != "orally" {
			t.Errorf("the record says %s %q", last.Kind, last.Data.Code)
		}
	})
}
