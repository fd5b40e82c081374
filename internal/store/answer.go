package store

import (
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/letter"
)

// Answer is what a person is told in the end, in their language. It is kept sealed with the
// request, so that what was said can be shown again as it was said.
type Answer = letter.Answer

// AnswerGroup tells what was done with the data of one activity, how many, and why.
type AnswerGroup = letter.Group

// AnswerDisclosure tells who got data about the person, when, what and why (Art. 15(1)(c)).
type AnswerDisclosure = letter.Disclosure

// NoteLateRefusal writes down that a refusal, sent in this transaction, comes after the month of Art. 12(4), where
// an extension has hidden that.
func (tx *Tx) NoteLateRefusal(r *Request, actor dsr.Actor, role string) error {
	if !r.P.RefusesLate(tx.Now) {
		return nil
	}
	return tx.Act(r, dsr.Event{Kind: dsr.EventNoted, Actor: actor, Data: dsr.EventData{Code: dsr.NoteLateRefusal}}, Change{Role: role})
}

// Address fills in what every letter says of its case: its kind, the number and the dates, who answers
// whom, and the controller's own wording.
func (tx *Tx) Address(r *Request, kind letter.Kind, a *Answer) error {
	c, err := tx.Controller()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("loading the controller's zone: %w", err)
	}
	s, _, err := tx.Settings(r.Controller)
	if err != nil {
		return err
	}
	templates, err := letter.ParseTemplates(s.Letters)
	if err != nil {
		return err
	}
	d := r.P.Deadline
	a.Kind, a.Locale, a.Template = kind, r.Locale, templates.Of(kind, r.Locale)
	a.Case = export.Case{Reference: string(r.Reference), Right: r.Right, Received: d.Received, Answered: dsr.DateOf(tx.Now, zone), Due: d.Due, Notice: a.Case.Notice}
	if d.Open {
		a.Case.Due = d.DueUnsuspended
	}
	a.Controller = export.Controller{Name: s.Name, OrganisationNo: s.OrganisationNumber, Address: s.PostalAddress, Email: s.Email, Phone: s.Phone, DPO: s.DPO}
	a.Signer = s.Signer(r.Locale)
	a.Person = export.PersonOf(r.Name.Reveal(), r.Postal.Reveal())
	return nil
}
