package access

import (
	"context"

	"mininfo/internal/fault"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// ConfirmContact redeems the code that was mailed to a contact on file: whoever reads that mailbox
// says that a case is theirs. proved, run in the transaction that consumes the code, writes what
// follows for the object of the challenge; whatever it refuses (the case is closed, somebody has
// decided meanwhile), the answer is that of a wrong code, which teaches nothing. No browser is asked
// to be the one that asked for it, as that one is somewhere else; so there is no link that proves
// anything, only a code that somebody has to read and type.
func (g *Gate) ConfirmContact(ctx context.Context, id, code string, from Client, proved func(tx *store.Tx, object string) error) error {
	a, err := g.count(ctx, func(tx *store.Tx) (*store.Challenge, error) {
		c, err := tx.Challenge(id)
		if err != nil || c == nil || c.Purpose != verification.ConfirmContact {
			return nil, err
		}
		return c, nil
	}, "", from)
	if err != nil {
		return err
	}
	if err := g.judge(a, verification.Attempt{Code: verification.Secret(code)}, g.Now()); err != nil {
		return err
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := a.spent.giveBack(tx); err != nil {
			return err
		}
		// The case before the challenge, as when the office asks: the other order would wait in a circle.
		if err := proved(tx, a.challenge.Object); err != nil {
			return asChallenge(err)
		}
		used, err := tx.UseChallenge(a.challenge.ID)
		if err != nil {
			return err
		}
		if !used {
			return ErrChallenge
		}
		if err := tx.VoidObject(verification.ConfirmContact, a.challenge.Object); err != nil {
			return err
		}
		return log(tx, person, "contact_confirmed", map[string]string{"challenge": a.challenge.PublicID})
	})
}

// asChallenge gives the one answer for whatever a case refuses; what went wrong with us stays what it is.
func asChallenge(err error) error {
	switch fault.KindOf(err) {
	case fault.NotFound, fault.Conflict, fault.Gone:
		return ErrChallenge
	}
	return err
}
