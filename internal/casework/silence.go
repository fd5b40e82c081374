package casework

import (
	"context"
	"fmt"
	"slices"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// A question of identity that nobody answers: reminders after so many days, and the end. A later reply
// opens the case again (ID-10).
var (
	remindSilent = []int{14, 30}
	closeSilent  = 60
)

// JobSilence reminds people of unanswered questions of identity, and closes what stays unanswered.
const JobSilence = "chase_silence"

// ChaseSilence reminds, and in the end closes, each case whose question of identity waits. It may run as
// often as one likes.
func (d *Desk) ChaseSilence(ctx context.Context) error {
	var waiting []string
	err := d.Store.Read(ctx, func(tx *store.Tx) (err error) {
		waiting, err = tx.Unanswered()
		return err
	})
	if err != nil {
		return err
	}
	return d.eachCase(ctx, JobSilence, waiting, d.chase)
}

func (d *Desk) chase(ctx context.Context, id string) error {
	return d.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		today, zone, err := d.today(tx)
		if err != nil {
			return err
		}
		i := openIdentityQuestion(r)
		if r.P.State != dsr.AwaitingPerson || i < 0 {
			return nil
		}
		asked := r.Events[i].Data.On
		if asked.IsZero() {
			asked = dsr.DateOf(r.Events[i].At, zone)
		}
		days := dsr.DaysBetween(asked, today)
		if days >= closeSilent {
			return d.closeUnanswered(tx, r, asked)
		}
		step := ""
		for _, after := range remindSilent {
			if days >= after {
				step = fmt.Sprintf("identity_%d", after)
			}
		}
		reminded := slices.ContainsFunc(r.Events[i:], func(e store.Event) bool { return e.Kind == dsr.EventReminded && e.Data.Code == step })
		if step == "" || reminded {
			return nil
		}
		e := dsr.Event{Kind: dsr.EventReminded, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: step}}
		if err := tx.Act(r, e, store.Change{}); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.QuestionIdentity)
	})
}

// openIdentityQuestion gives the place of the newest question of identity without a reply; -1: there is
// none.
func openIdentityQuestion(r *store.Request) int {
	for i, e := range slices.Backward(r.Events) {
		switch {
		case e.Kind == dsr.EventQuestionAnswered:
			return -1
		case e.Kind == dsr.EventQuestionAsked && e.Data.Asks == dsr.PauseIdentity:
			return i
		}
	}
	return -1
}

// groundUnidentified is why a case ends whose question of identity nobody answered.
const groundUnidentified = "identity_not_confirmed"

// closeUnanswered ends the case with the reasons, the way to complain and how to go on (Art. 12(4), 11(2)).
func (d *Desk) closeUnanswered(tx *store.Tx, r *store.Request, asked dsr.Date) error {
	ground, _ := register.FindReason(register.RefusalGrounds, groundUnidentified)
	answer, err := d.refusal(tx, r, ground, unansweredText(asked).In(r.Locale))
	if err != nil {
		return err
	}
	columns, err := sealAnswer(tx, r, answer)
	if err != nil {
		return err
	}
	e := dsr.Event{Kind: dsr.EventRefused, Actor: dsr.Actor{Kind: dsr.System}, Data: dsr.EventData{Code: groundUnidentified}}
	if err := tx.Act(r, e, store.Change{Columns: columns}); err != nil {
		return err
	}
	if err := unrestrict(tx, r); err != nil {
		return err
	}
	return tx.MailPerson(r, mail.IdentityClosed)
}

func unansweredText(asked dsr.Date) locale.Text {
	on := asked.Text()
	return text(
		"Vi spurte deg "+on.NB+" og har minnet deg på det, men har ikke fått svar. Derfor avslutter vi saken. Svarer du innen 90 dager, tar vi den opp igjen der den sluttet, og det er gratis.",
		"Vi spurde deg "+on.NN+" og har mint deg på det, men har ikkje fått svar. Difor avsluttar vi saka. Svarer du innan 90 dagar, tek vi henne opp att der ho slutta, og det er gratis.",
		"We asked you on "+on.EN+" and have reminded you, but have had no reply. Therefore we close the case. If you reply within 90 days, we take it up again where it ended, and it is free.")
}
