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

// A question that nobody answers, of identity or of what is meant: reminders after so many days, and the end. A
// later reply opens the case again (ID-10).
var (
	remindSilent = []int{14, 30}
	closeSilent  = 60
)

// JobSilence reminds people of unanswered questions, and closes what stays unanswered.
const JobSilence = "chase_silence"

// ChaseSilence reminds, and in the end closes, each case that waits for the person. It may run as often as one likes.
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
		q, i := openQuestion(r)
		if r.P.State != dsr.AwaitingPerson || i < 0 {
			return nil
		}
		asked := r.Events[i].Data.On
		if asked.IsZero() {
			asked = dsr.DateOf(r.Events[i].At, zone)
		}
		days := dsr.DaysBetween(asked, today)
		if days >= closeSilent {
			return d.closeUnanswered(tx, r, q, asked)
		}
		step := ""
		for _, after := range remindSilent {
			if days >= after {
				step = fmt.Sprintf("%s_%d", q.kind, after)
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
		return tx.MailPerson(r, q.again)
	})
}

// chased is a kind of question whose reply is waited for, and no longer than closeSilent.
type chased struct {
	kind   dsr.PauseKind
	again  mail.Kind // reminds of it
	closed mail.Kind
	ground func() register.Reason // why the case ends
	hint   locale.Text            // how to go on
}

var (
	whoAreYou = chased{dsr.PauseIdentity, mail.QuestionIdentity, mail.IdentityClosed, unidentified, locale.Text{}}
	// Nobody has to narrow a request down: whoever says that all is meant gets all.
	whatDoYouMean = chased{dsr.PauseClarification, mail.QuestionClarification, mail.ClarificationClosed, register.Unclarified,
		text(" Du trenger ikke avgrense kravet: Svarer du at det gjelder alt, behandler vi det slik.",
			" Du treng ikkje avgrense kravet: Svarer du at det gjeld alt, behandlar vi det slik.",
			" You need not narrow the request down: if you reply that you mean everything, we handle it so.")}
)

func unidentified() register.Reason {
	ground, _ := register.FindReason(register.RefusalGrounds, "identity_not_confirmed")
	return ground
}

// openQuestion gives the kind and the place of the newest question without a reply: of identity, or else of what is
// meant, if that pauses the clock. Where the clock runs on the office owes the answer all the same, and nothing
// ends for want of a reply. -1: there is none.
func openQuestion(r *store.Request) (chased, int) {
	unclear := -1
	for i, e := range slices.Backward(r.Events) {
		if e.Kind == dsr.EventQuestionAnswered {
			break
		}
		if e.Kind != dsr.EventQuestionAsked {
			continue
		}
		switch {
		case e.Data.Asks == dsr.PauseIdentity:
			return whoAreYou, i
		case e.Data.Asks == dsr.PauseClarification && unclear < 0 && r.P.Deadline.Open:
			unclear = i
		}
	}
	return whatDoYouMean, unclear
}

// closeUnanswered ends the case with the reasons, the way to complain and how to go on (Art. 12(4), 11(2)).
func (d *Desk) closeUnanswered(tx *store.Tx, r *store.Request, q chased, asked dsr.Date) error {
	ground := q.ground()
	answer, err := d.refusal(tx, r, ground, unansweredText(asked).In(r.Locale)+q.hint.In(r.Locale))
	if err != nil {
		return err
	}
	columns, err := sealAnswer(tx, r, answer)
	if err != nil {
		return err
	}
	machine := dsr.Actor{Kind: dsr.System}
	if err := tx.NoteLateRefusal(r, machine, ""); err != nil {
		return err
	}
	e := dsr.Event{Kind: dsr.EventRefused, Actor: machine, Data: dsr.EventData{Code: ground.Code}}
	if err := tx.Act(r, e, store.Change{Columns: columns}); err != nil {
		return err
	}
	if err := unrestrict(tx, r); err != nil {
		return err
	}
	return tx.MailPerson(r, q.closed)
}

func unansweredText(asked dsr.Date) locale.Text {
	on := asked.Text()
	return text(
		"Vi spurte deg "+on.NB+" og har minnet deg på det, men har ikke fått svar. Derfor avslutter vi saken. Svarer du innen 90 dager, tar vi den opp igjen der den sluttet, og det er gratis.",
		"Vi spurde deg "+on.NN+" og har mint deg på det, men har ikkje fått svar. Difor avsluttar vi saka. Svarer du innan 90 dagar, tek vi henne opp att der ho slutta, og det er gratis.",
		"We asked you on "+on.EN+" and have reminded you, but have had no reply. Therefore we close the case. If you reply within 90 days, we take it up again where it ended, and it is free.")
}
