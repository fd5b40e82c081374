package casework

import (
	"encoding/json"
	"fmt"

	"mininfo/internal/dsr"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// Answer is what the person is told in the end. It is kept sealed with the request; package
// fulfilment writes the same form for what was disclosed, corrected and erased.
type Answer = store.Answer

func refusal(r *store.Request, ground register.Reason, reason string) Answer {
	l := r.Locale
	return Answer{
		Outcome: dsr.Refused,
		Title:   text("Vi kan ikke gjøre det du ba om", "Vi kan ikkje gjere det du bad om", "We cannot do what you asked for").In(l),
		Paragraphs: []string{
			fmt.Sprintf("%s (%s)", ground.Text.In(l), register.ArticleText(ground.Article).In(l)),
			reason,
		},
		Complaint: []string{register.Complaint(l).Paragraph},
	}
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
