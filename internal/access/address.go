package access

import (
	"context"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// AddressObject is what a step-up for OpAddress is about: all cases of the session's address.
const AddressObject = "address"

// ErrSameAddress: the cases follow that address already.
var ErrSameAddress = fault.Define(fault.Invalid, "same_address",
	"Sakene dine følger denne e-postadressen fra før. Skriv en annen.",
	"Sakene dine følgjer denne e-postadressa frå før. Skriv ei anna.",
	"Your cases follow this e-mail address already. Write another one.")

// newAddressObject is what a code to a new address is about: this session alone. It is nothing that the
// contract takes for the id of a request.
func newAddressObject(s *PersonSession) string { return "new address of " + s.PublicID }

// StartNewAddress mails a code to the address that a person wants their cases to follow. They have proved
// the old one for it a moment ago (OpAddress), in this session; free, run in the same transaction, refuses
// when it cannot be. Address known or not, blocked or asked for too often: the answer is the same. Written
// again, the address may be another: the codes to the one before are dead.
func (g *Gate) StartNewAddress(ctx context.Context, s *PersonSession, typedEmail string, from Client, free func(*store.Tx) error) (StepUpStarted, error) {
	answer := newStepUpStarted()
	address, err := dsr.ParseAddress(typedEmail)
	if err != nil {
		return StepUpStarted{}, dsr.ErrAddress.At("/email")
	}
	if address.Canonical == s.Address.Reveal() {
		return StepUpStarted{}, ErrSameAddress.At("/email")
	}
	flow, object := verification.HashToken(sessionFlow(s)), newAddressObject(s)
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := g.mayNameAddress(tx, s); err != nil {
			return err
		}
		if err := free(tx); err != nil {
			return err
		}
		index := tx.AddressIndex(address.Canonical)
		open, err := tx.OpenChallenges(flow, verification.StepUp, object, 1)
		if err != nil {
			return err
		}
		if len(open) > 0 && verification.Equal(open[0].AddressIndex, index) && tx.Now.Sub(open[0].CreatedAt) < verification.ResendEvery {
			return nil
		}
		if len(open) > 0 && !verification.Equal(open[0].AddressIndex, index) {
			if err := tx.VoidObject(verification.StepUp, object); err != nil {
				return err
			}
		}
		return g.mailNewAddress(tx, s, address, from)
	})
	if err != nil {
		return StepUpStarted{}, err
	}
	return answer, nil
}

// mayNameAddress turns the proof of the old address into the right to prove a new one, and keeps that right
// fresh while the person corrects what they wrote.
func (g *Gate) mayNameAddress(tx *store.Tx, s *PersonSession) error {
	first := g.UseStepUp(tx, s, OpAddress, AddressObject)
	if first != nil {
		if err := g.UseStepUp(tx, s, opNewAddress, newAddressObject(s)); err != nil {
			return first
		}
	}
	return tx.AddStepUp(s.ID, opNewAddress, newAddressObject(s), tx.Now.Add(stepUpTTL))
}

func (g *Gate) mailNewAddress(tx *store.Tx, s *PersonSession, address dsr.Address, from Client) error {
	index := tx.AddressIndex(address.Canonical)
	blocked, err := tx.AddressBlocked(index)
	if err != nil {
		return err
	}
	counted, err := g.spend(tx, g.counters(verification.ActionFile, subject{address: index, from: from}))
	if err != nil {
		return err
	}
	c, err := tx.AddChallenge(store.NewChallenge{Purpose: verification.StepUp, Operation: opNewAddress, Object: newAddressObject(s), Locale: s.Locale,
		Address: address, FlowHash: verification.HashToken(sessionFlow(s)), ExpiresAt: tx.Now.Add(verification.StepUp.Spec().TTL), Void: blocked || counted.silent})
	if err != nil {
		return err
	}
	if err := enqueueMail(tx, c); err != nil {
		return err
	}
	return log(tx, person, "new_address_named", map[string]string{"challenge": c.PublicID})
}

// RedeemNewAddress proves the new address with the code that was mailed there, in the browser that asked.
// proved, run in the transaction that consumes the code, writes what follows.
func (g *Gate) RedeemNewAddress(ctx context.Context, s *PersonSession, code string, from Client, proved func(tx *store.Tx, to dsr.Address) error) error {
	flow := sessionFlow(s)
	var earlier []*store.Challenge
	a, err := g.count(ctx, func(tx *store.Tx) (*store.Challenge, error) {
		open, err := tx.OpenChallenges(verification.HashToken(flow), verification.StepUp, newAddressObject(s), verification.PriorMax)
		if err != nil || len(open) == 0 {
			return nil, err
		}
		earlier = open[1:]
		return open[0], nil
	}, flow, from)
	if err != nil {
		return err
	}
	tries, err := g.tries(ctx, a, earlier)
	if err != nil {
		return err
	}
	for _, try := range tries {
		if g.judge(try, verification.Attempt{Code: verification.Secret(code), Flow: flow}, g.Now()) == nil {
			return g.proveNewAddress(ctx, s, try, proved)
		}
	}
	return ErrChallenge
}

func (g *Gate) proveNewAddress(ctx context.Context, s *PersonSession, a attempt, proved func(tx *store.Tx, to dsr.Address) error) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := a.spent.giveBack(tx); err != nil {
			return err
		}
		to, err := tx.ChallengeAddress(a.challenge)
		if err != nil {
			return err
		}
		// The cases before the challenge, as in all that locks both.
		if err := proved(tx, to); err != nil {
			return err
		}
		used, err := tx.UseChallenge(a.challenge.ID)
		if err != nil {
			return err
		}
		if !used {
			return ErrChallenge
		}
		if err := g.UseStepUp(tx, s, opNewAddress, newAddressObject(s)); err != nil {
			return err
		}
		if err := tx.VoidObject(verification.StepUp, newAddressObject(s)); err != nil {
			return err
		}
		return log(tx, person, "new_address_proved", map[string]string{"challenge": a.challenge.PublicID})
	})
}

// AddressLink gives the public id of the change of address whose stop link the reader of the old mailbox
// holds: "<id>.<secret>". To open the link changes nothing.
func (g *Gate) AddressLink(ctx context.Context, credential string, from Client) (string, error) {
	return g.mailedLink(ctx, "change of address", credential, from, func(tx *store.Tx, id string) (*digests, error) {
		c, err := tx.AddressChange(id)
		if err != nil || c == nil {
			return nil, err
		}
		return &digests{c.TokenHash, c.EarlierHash}, nil
	})
}
