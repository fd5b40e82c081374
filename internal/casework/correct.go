package casework

import (
	"context"
	"fmt"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Faults of correcting an answer.
var (
	ErrNotAnswered = fault.Define(fault.Conflict, "not_answered",
		"Det er ikke noe svar å rette ennå. Er saken åpen, svarer du på vanlig måte.", "Det er ikkje noko svar å rette enno. Er saka open, svarer du på vanleg måte.",
		"There is no answer to correct yet. While the case is open, answer it as usual.")
	ErrWhatWrong = fault.Define(fault.Invalid, "correction_wrong",
		"Skriv hva som var feil eller manglet i svaret.", "Skriv kva som var feil eller mangla i svaret.", "Write what was wrong or missing in the answer.")
	ErrWhatRight = fault.Define(fault.Invalid, "correction_right",
		"Skriv hva som er riktig.", "Skriv kva som er rett.", "Write what is right.")
	ErrAnswerLong = fault.Define(fault.Conflict, "answer_long_ago",
		"Det er så lenge siden svaret at postkassen kan ha fått en ny eier. Registrer et nytt krav, så blir identiteten bekreftet på nytt.",
		"Det er så lenge sidan svaret at postkassa kan ha fått ein ny eigar. Registrer eit nytt krav, så blir identiteten stadfesta på nytt.",
		"The answer is so long ago that the mailbox may have a new owner. Register a new request, so that the identity is confirmed anew.")
	ErrAnswerAgain = fault.Define(fault.Conflict, "answer_again",
		"Et nytt svar med ny kopi kan bare lages i en sak om innsyn eller dataportabilitet som personen selv har bedt om. Registrer ellers et nytt krav.",
		"Eit nytt svar med ny kopi kan berre lagast i ei sak om innsyn eller dataportabilitet som personen sjølv har bede om. Registrer elles eit nytt krav.",
		"A new answer with a new copy can only be made in a case on access or portability that the person asked for themselves. Otherwise register a new request.")
)

// AnswerCorrection is what was wrong or missing in an answer, what is right, and why it was not so.
type AnswerCorrection struct {
	Wrong, Right, Reason string
	Again                bool // the office searches anew, in a case of its own that came in when this one did
}

// CorrectAnswer tells the person what was wrong or missing in an answer that was sent. The answer itself stays as it was: the
// correction is a letter beside it, however many there come to be. With Again a case is opened that is answered with a copy made
// anew; it gives that case, else nil.
func (d *Desk) CorrectAnswer(ctx context.Context, by By, id string, in AnswerCorrection, key string) (*store.Request, error) {
	in.Wrong, in.Right, in.Reason = strings.TrimSpace(in.Wrong), strings.TrimSpace(in.Right), strings.TrimSpace(in.Reason)
	switch {
	case in.Wrong == "":
		return nil, ErrWhatWrong.At("/wrong")
	case in.Right == "":
		return nil, ErrWhatRight.At("/right")
	case in.Reason == "":
		return nil, ErrReason.At("/reason")
	}
	sent := []byte(strings.Join([]string{in.Wrong, in.Right, in.Reason, fmt.Sprint(in.Again)}, "\x00"))
	var anew *store.Request
	err := d.act(ctx, by, id, staff.Release, func(tx *store.Tx, r *store.Request) error {
		anew = nil
		if r.P.State != dsr.Answered || r.Shredded() {
			return ErrNotAnswered
		}
		done, err := tx.Once("correct_answer/"+id, key, sent)
		if err != nil || done != "" {
			return err
		}
		if in.Again {
			if r.ClosedAt != nil && tx.Now.Sub(*r.ClosedAt) > dsr.KeepAnswered {
				return ErrAnswerLong.At("/again")
			}
			if anew, err = d.answerAgain(tx, by, r); err != nil {
				return err
			}
		}
		if err := d.correctAnswer(tx, by, r, in, anew); err != nil {
			return err
		}
		return tx.Remember("correct_answer/"+id, key, sent, r.PublicID)
	})
	return anew, err
}

func (d *Desk) correctAnswer(tx *store.Tx, by By, r *store.Request, in AnswerCorrection, anew *store.Request) error {
	_, zone, err := d.today(tx)
	if err != nil {
		return err
	}
	reference := ""
	if anew != nil {
		reference = string(anew.Reference)
	}
	a := letter.NewAnswerCorrection(r.Locale, dsr.DateOf(r.P.AnsweredAt, zone), in.Wrong, in.Right, in.Reason, reference)
	data := dsr.EventData{}
	if anew != nil {
		data.Code = "again"
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventAnswerCorrected, Actor: by.actor(), Data: data}, store.Change{Role: by.role(), Statement: a}); err != nil {
		return err
	}
	body := strings.Join([]string{a.Paragraphs[0], in.Wrong, in.Right}, "\n\n")
	if err := tx.Notify(r, letter.AnswerCorrection, a, store.Message{MemberID: &by.ID, Body: keyring.NewPrivate(body)}); err != nil {
		return err
	}
	if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
		return err
	}
	opens := false
	if r.Delivery == store.DeliveryPortal {
		if opens, err = tx.Opens(r, r.AddressIndex, dsr.KeepAnswered); err != nil {
			return err
		}
	}
	if !opens {
		return tx.Note(r, textPostCorrection)
	}
	return tx.MailPerson(r, mail.AnswerCorrected)
}

// textPostCorrection is for the office where the person cannot open the case, or never could.
var textPostCorrection = text(
	"Personen kan ikke åpne saken på nett, så ingen e-post er sendt. Skriv ut brevet med rettingen og send det i posten.",
	"Personen kan ikkje opne saka på nett, så ingen e-post er send. Skriv ut brevet med rettinga og send det i posten.",
	"The person cannot open the case online, so no e-mail has been sent. Print the letter with the correction and post it.")

// answerAgain opens a case that asks the same, came in when the first did, and of which the person is known as they were
// in it: it is searched at once, and answered with a copy made anew.
func (d *Desk) answerAgain(tx *store.Tx, by By, r *store.Request) (*store.Request, error) {
	if !r.Right.Row().Package || r.P.Standing.ForOther() || r.P.Standing == dsr.AsCompany || !r.P.Verified || r.Drill {
		return nil, ErrAnswerAgain.At("/again")
	}
	n, err := d.begin(tx, r.Right, r.Channel, r.Locale)
	if err != nil {
		return nil, err
	}
	n.Linked, n.Delivery, n.Name, n.Postal, n.Detail = r.Linked, r.Delivery, r.Name, r.Postal, r.Detail
	n.ReceivedAt, n.Received.On, n.Actor, n.Role = r.ReceivedAt, r.P.Deadline.Received, by.actor(), by.role()
	n.Received.Standing, n.Received.ChildAge = r.P.Standing, r.P.ChildAge
	words := []string{r.Name.Reveal()}
	if !r.Address.IsZero() {
		address, err := dsr.ParseAddress(r.Address.Reveal())
		if err != nil {
			return nil, err
		}
		n.Address = &address
		words = append(words, address.Canonical)
	}
	anew, err := tx.OpenRequest(n)
	if err != nil {
		return nil, err
	}
	known := dsr.Event{Kind: dsr.EventVerified, Actor: by.actor(), Data: dsr.EventData{Code: r.VerifiedMethod}}
	if err := tx.Act(anew, known, store.Change{Role: by.role(), Note: string(r.Reference), Columns: map[string]any{"verified_method": r.VerifiedMethod}}); err != nil {
		return nil, err
	}
	all, err := tx.Identifiers(r)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if i.Certainty != store.Verified && i.Certainty != store.Candidate {
			continue
		}
		if err := tx.AddIdentifier(anew, i.Kind, i.Value, i.Certainty, i.Note); err != nil {
			return nil, err
		}
	}
	if err := tx.IndexWords(anew, words...); err != nil {
		return nil, err
	}
	return anew, search(tx, anew)
}
