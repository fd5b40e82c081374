package casework

import (
	"context"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Faults of warning of a fee.
var (
	ErrFeeCovers = fault.Define(fault.Invalid, "fee_covers_missing",
		"Skriv hvor mye gebyret er, og hvilke kostnader det dekker.", "Skriv kor mykje gebyret er, og kva kostnader det dekkjer.",
		"Write how much the fee is, and which costs it covers.")
	ErrFeeFree = fault.Define(fault.Conflict, "fee_free",
		"Bare en kopi til av de samme opplysningene kan koste noe, og bare ved krav om innsyn (artikkel 15 nr. 3).",
		"Berre ein kopi til av dei same opplysningane kan koste noko, og berre ved krav om innsyn (artikkel 15 nr. 3).",
		"Only a further copy of the same data may cost something, and only on a request for access (Article 15(3)).")
)

// feeLaws says by which provision a fee may be charged, by ground; nothing else may cost the person anything (INT-13).
var feeLaws = map[string]locale.Text{
	"manifestly_unfounded": register.ArticleText("12(5)"),
	"excessive":            register.ArticleText("12(5)"),
	"further_copy":         register.ArticleText("15(3)"),
}

// WarnOfFee tells the person of a fee before there is any work (FEE-01, FEE-05): why in this case, how many kroner and what
// they cover, and how to pay none. The portal takes no money, and the time limit runs on.
func (d *Desk) WarnOfFee(ctx context.Context, by By, id, ground, reason string, kroner int, covers string) error {
	law, ok := feeLaws[ground]
	switch {
	case !ok:
		return ErrUnknownGround.At("/ground")
	case strings.TrimSpace(reason) == "":
		return ErrReason.At("/reason")
	case kroner <= 0:
		return ErrFeeCovers.At("/kroner")
	case strings.TrimSpace(covers) == "":
		return ErrFeeCovers.At("/covers")
	}
	return d.actOpen(ctx, by, id, staff.Refuse, func(tx *store.Tx, r *store.Request) error {
		if ground == "further_copy" && r.Right != dsr.Access {
			return ErrFeeFree.At("/ground")
		}
		e := dsr.Event{Kind: dsr.EventMessage, Actor: by.actor(), Data: dsr.EventData{Code: "fee_warning"}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Note: reason}); err != nil {
			return err
		}
		a := letter.NewFeeWarning(r.Locale, law.In(r.Locale), strings.TrimSpace(reason), kroner, strings.TrimSpace(covers))
		said := store.Message{MemberID: &by.ID, Body: keyring.NewPrivate(strings.Join(a.Paragraphs, "\n"))}
		if err := tx.Notify(r, letter.FeeWarning, a, said); err != nil {
			return err
		}
		if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
			return err
		}
		return tx.MailPerson(r, mail.NewMessage)
	})
}
