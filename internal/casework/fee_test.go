package casework_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// A fee is told before there is any work, with the provision, the reasons of the case, the amount and what it covers, a way to
// pay nothing and the way to complain; what lacks one of them is refused, nobody but who may refuse can do it, and the
// time limit runs on. The portal charges nothing.
func TestFEE01FEE05AFeeIsToldBeforeThereIsWork(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		ctx, why, covers := t.Context(), "Samme krav fire ganger på to uker", "En times arbeid og porto"
		for name, c := range map[string]struct {
			by             casework.By
			ground, reason string
			kroner         int
			covers         string
			want           *fault.Error
		}{
			"motive":    {d.officer, "lawsuit", why, 450, covers, casework.ErrUnknownGround},
			"no reason": {d.officer, "excessive", " ", 450, covers, casework.ErrReason},
			"no amount": {d.officer, "excessive", why, 0, covers, casework.ErrFeeCovers},
			"no costs":  {d.officer, "excessive", why, 450, "\t", casework.ErrFeeCovers},
			"a handler": {d.handler, "excessive", why, 450, covers, staff.ErrForbidden},
		} {
			if err := d.WarnOfFee(ctx, c.by, r.PublicID, c.ground, c.reason, c.kroner, c.covers); !errors.Is(err, c.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		erasure := d.file(t, dsr.Erasure)
		if err := d.WarnOfFee(ctx, d.officer, erasure.PublicID, "further_copy", why, 450, covers); !errors.Is(err, casework.ErrFeeFree) {
			t.Errorf("a copy in an erasure: %v", err)
		}
		due := d.read(t, r.PublicID).P.Deadline
		if err := d.WarnOfFee(ctx, d.officer, r.PublicID, "excessive", why, 450, covers); err != nil {
			t.Fatal(err)
		}
		after := d.read(t, r.PublicID)
		if after.P.Deadline.Due != due.Due || after.P.Deadline.Open || after.P.State == dsr.Answered {
			t.Errorf("the time limit was %+v and is %+v", due, after.P.Deadline)
		}
		v, err := d.Own(ctx, d.index(kari), r.PublicID, locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, m := range v.Messages {
			if m.Letter != nil {
				said += m.Letter.Letter().Text()
			}
		}
		for _, want := range []string{why, "artikkel 12 nr. 5", "450 kroner", covers, "be om mindre", "Fristen går", "Datatilsynet", "domstolene"} {
			if !strings.Contains(said, want) {
				t.Errorf("the letter lacks %q:\n%s", want, said)
			}
		}
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() { _ = d.WarnOfFee(ctx, d.officer, r.PublicID, "further_copy", why, 450, covers) })
		}
		wg.Wait()
		if got := d.read(t, r.PublicID); got.UnreadPerson < 2 || got.P.State == dsr.Answered {
			t.Errorf("%d unread, %s", got.UnreadPerson, got.P.State)
		}
	})
}

// Who is answered on paper is told of the fee in a letter: it lies in the case with the postal address, to be printed,
// the case says that it goes on paper, and no mail is tried.
func TestFEE05AFeeIsToldOnPaperWhereNoAddressIsProved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Channel, n.Email, n.Delivery, n.Postal = "letter", "", store.DeliveryPaper, "Lia 3, 6300 Åndalsnes"
		n.Rights = []string{string(dsr.Access)}
		cases, err := d.Register(t.Context(), d.officer, n)
		if err != nil {
			t.Fatal(err)
		}
		id := cases[0].PublicID
		why := "Den samme kopien ble sendt for to uker siden"
		if err := d.WarnOfFee(t.Context(), d.officer, id, "further_copy", why, 120, "Utskrift og porto"); err != nil {
			t.Fatal(err)
		}
		if got := d.b.Count(t, "SELECT count(*) FROM job WHERE kind = 'mail_person' AND object = $1", "new_message:"+id); got != 0 {
			t.Errorf("%d mails to nobody", got)
		}
		v, err := d.Case(t.Context(), d.officer, id, locale.NB, false)
		if err != nil || v.Delivery != store.DeliveryPaper || v.Request.Postal.Reveal() != n.Postal {
			t.Errorf("the case is answered by %q to %q, %v", v.Delivery, v.Request.Postal.Reveal(), err)
		}
		text := ""
		for _, m := range v.Messages {
			if m.Letter != nil {
				text += m.Letter.Letter().Text()
			}
		}
		for _, want := range []string{why, "artikkel 15 nr. 3", "120 kroner"} {
			if !strings.Contains(text, want) {
				t.Errorf("the letter lacks %q:\n%s", want, text)
			}
		}
	})
}
