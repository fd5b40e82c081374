package casework

import (
	"encoding/json"
	"fmt"

	"mininfo/internal/dsr"
	"mininfo/internal/letter"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// Answer is what the person is told in the end. It is kept sealed with the request; package
// fulfilment writes the same form for what was disclosed, corrected and erased.
type Answer = store.Answer

// refusal is the letter that nothing is done: what, by which provision, why, and how to complain
// (Art. 12(4)).
func (d *Desk) refusal(tx *store.Tx, r *store.Request, ground register.Reason, reason string) (Answer, error) {
	l := r.Locale
	law := register.LawText(register.Law(ground.Article), l)
	if law == ground.Article {
		law = register.ArticleText(ground.Article).In(l)
	}
	a := Answer{
		Outcome:    dsr.Refused,
		Title:      text("Vi kan ikke gjøre det du ba om", "Vi kan ikkje gjere det du bad om", "We cannot do what you asked for").In(l),
		Paragraphs: []string{fmt.Sprintf("%s (%s)", ground.Text.In(l), register.ArticleText(ground.Article).In(l)), reason},
		Groups:     []store.AnswerGroup{}, Searched: []string{}, Recipients: []string{},
		Complaint: []string{register.Complaint(l).Paragraph},
		LeftOut:   []letter.Omission{{What: ground.Label.In(l), Law: law, Reason: reason}},
	}
	kind := letter.Refusal
	if ground.Article == "11(2)" {
		kind = letter.CannotIdentify
		if err := d.tried(tx, r, &a); err != nil {
			return Answer{}, err
		}
	}
	if err := tx.Address(r, kind, &a); err != nil {
		return Answer{}, err
	}
	return a, a.Check()
}

var textNotTried = text("Vi har ikke kunnet lete, fordi ingenting av det vi har fått, peker sikkert på deg.",
	"Vi har ikkje kunna leite, fordi ingenting av det vi har fått, peikar sikkert på deg.",
	"We could not search, because nothing that we were given points at you with certainty.")

// tried tells where was looked for the person, and with what (Art. 11(2)).
func (d *Desk) tried(tx *store.Tx, r *store.Request, a *Answer) (err error) {
	if d.Searched != nil {
		err = d.Searched(tx, r, a)
	}
	if len(a.Searched) == 0 {
		a.Searched = []string{textNotTried.In(r.Locale)}
	}
	return err
}

func sealAnswer(tx *store.Tx, r *store.Request, a Answer) (map[string]any, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return tx.SealAnswer(r, body)
}

// readAnswer gives what was answered, or nil.
func readAnswer(r *store.Request) (*Answer, error) {
	if len(r.Answer) == 0 {
		return nil, nil
	}
	var a Answer
	if err := json.Unmarshal(r.Answer, &a); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return &a, nil
}
