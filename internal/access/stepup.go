package access

import (
	"context"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// The operations that a person proves the address for once more.
const (
	OpDownload = "download"
	OpWithdraw = "withdraw"
	OpFields   = "fields"  // see one's own contact fields; its object is empty
	OpAddress  = "address" // have one's cases follow another address; its object is AddressObject
	// opNewAddress is the other half: the code goes to the new address, in the session of the old one.
	opNewAddress = "new_address"
)

// stepUpTTL is how long a proof waits for its operation, and how fresh a proof must be for what needs
// no code of its own.
const stepUpTTL = 10 * time.Minute

var operations = map[string]locale.Text{
	OpDownload:   {NB: "nedlasting av svaret", NN: "nedlasting av svaret", EN: "download of the answer"},
	OpWithdraw:   {NB: "tilbaketrekking av kravet", NN: "tilbaketrekking av kravet", EN: "withdrawal of the request"},
	OpAddress:    {NB: "bytte av e-postadressen som sakene dine følger", NN: "byte av e-postadressa som sakene dine følgjer", EN: "change of the e-mail address that your cases follow"},
	opNewAddress: {NB: "bekreftelse av at dette er den nye e-postadressen din", NN: "stadfesting av at dette er den nye e-postadressa di", EN: "confirmation that this is your new e-mail address"},
	OpFields:     {NB: "visning av opplysningene dine", NN: "vising av opplysningane dine", EN: "display of your data"},
}

var errOperation = fault.Define(fault.Invalid, "unknown_operation",
	"Vi kjenner ikke den handlingen.", "Vi kjenner ikkje den handlinga.", "We do not know that operation.")

// StepUpStarted tells what the person can expect.
type StepUpStarted struct {
	CodeLength         int
	ExpiresInMinutes   int
	ResendAfterSeconds int
}

// sessionFlow binds a step-up to the session that asked. The session was proved by its cookie before.
func sessionFlow(s *PersonSession) verification.Secret {
	return verification.Secret("session " + s.PublicID)
}

func newStepUpStarted() StepUpStarted {
	return StepUpStarted{CodeLength: codeLength, ExpiresInMinutes: int(verification.StepUp.Spec().TTL / time.Minute),
		ResendAfterSeconds: int(verification.ResendEvery / time.Second)}
}

// StartStepUp mails a fresh code for one operation on one object. The caller has checked that the
// object is the person's. Asked again after a minute, another code goes out and both are good; sooner,
// the answer is the same and nothing more is sent.
func (g *Gate) StartStepUp(ctx context.Context, s *PersonSession, operation, object string, from Client) (StepUpStarted, error) {
	answer := newStepUpStarted()
	if _, known := operations[operation]; !known || operation == opNewAddress {
		return StepUpStarted{}, errOperation.At("/operation")
	}
	address, err := dsr.ParseAddress(s.Address.Reveal())
	if err != nil {
		return StepUpStarted{}, err
	}
	flow := verification.HashToken(sessionFlow(s))
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		open, err := tx.OpenChallenges(flow, verification.StepUp, object, 1)
		if err != nil {
			return err
		}
		if len(open) > 0 && open[0].Operation == operation && tx.Now.Sub(open[0].CreatedAt) < verification.ResendEvery {
			return nil
		}
		if _, err := g.spend(tx, g.counters(actionStepUp, subject{address: s.AddressIndex, from: from})); err != nil {
			return err
		}
		c, err := tx.AddChallenge(store.NewChallenge{Purpose: verification.StepUp, Operation: operation, Object: object, Locale: s.Locale,
			Address: address, FlowHash: flow, ExpiresAt: tx.Now.Add(verification.StepUp.Spec().TTL)})
		if err != nil {
			return err
		}
		if err := enqueueMail(tx, c); err != nil {
			return err
		}
		return log(tx, person, "step_up_started", map[string]string{"challenge": c.PublicID, "operation": operation, "object": object})
	})
	if err != nil {
		return StepUpStarted{}, err
	}
	return answer, nil
}

// RedeemStepUp proves the address once more with the code of the newest mail for the object, or of the
// one before it. The proof is good for the operation that the code was asked for, once, until validUntil.
func (g *Gate) RedeemStepUp(ctx context.Context, s *PersonSession, object, code string, from Client) (validUntil time.Time, err error) {
	flow := sessionFlow(s)
	var earlier []*store.Challenge
	a, err := g.count(ctx, func(tx *store.Tx) (*store.Challenge, error) {
		open, err := tx.OpenChallenges(verification.HashToken(flow), verification.StepUp, object, verification.PriorMax)
		if err != nil || len(open) == 0 {
			return nil, err
		}
		earlier = open[1:]
		return open[0], nil
	}, flow, from)
	if err != nil {
		return time.Time{}, err
	}
	in := verification.Attempt{Code: verification.Secret(code), Flow: flow}
	tries, err := g.tries(ctx, a, earlier)
	if err != nil {
		return time.Time{}, err
	}
	for _, try := range tries {
		if g.judge(try, in, g.Now()) == nil {
			return g.prove(ctx, s, try)
		}
	}
	return time.Time{}, ErrChallenge
}

// tries gives the counted attempt and, when there was one left, the same attempt at earlier mails
// that are not worn out.
func (g *Gate) tries(ctx context.Context, a attempt, earlier []*store.Challenge) ([]attempt, error) {
	list := []attempt{a}
	if !a.counted {
		return list, nil
	}
	err := g.Store.Read(ctx, func(tx *store.Tx) error {
		list = list[:1]
		for _, c := range earlier {
			if c.Attempts >= c.Purpose.Spec().Attempts {
				continue
			}
			digests, err := tx.AllDigests(c)
			if err != nil {
				return err
			}
			list = append(list, attempt{challenge: c, digests: digests, spent: a.spent, counted: true})
		}
		return nil
	})
	return list, err
}

func (g *Gate) prove(ctx context.Context, s *PersonSession, a attempt) (until time.Time, err error) {
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := a.spent.giveBack(tx); err != nil {
			return err
		}
		used, err := tx.UseChallenge(a.challenge.ID)
		if err != nil {
			return err
		}
		if !used {
			return ErrChallenge
		}
		alive, err := tx.ProveSession(s.ID)
		if err != nil {
			return err
		}
		if !alive {
			return ErrNotSignedIn
		}
		until = tx.Now.Add(stepUpTTL)
		if err := tx.AddStepUp(s.ID, a.challenge.Operation, a.challenge.Object, until); err != nil {
			return err
		}
		return log(tx, person, "address_proved_again", map[string]string{"challenge": a.challenge.PublicID})
	})
	return until, err
}

// UseStepUp consumes the proof for one operation on one object, in the operation's own transaction:
// one code, one operation. Without a fresh one the fault is ErrStepUp.
func (g *Gate) UseStepUp(tx *store.Tx, s *PersonSession, operation, object string) error {
	return needed(tx.UseStepUp(s.ID, operation, object))
}

// HasStepUp is UseStepUp without consuming: for what may be looked at again until the proof ends.
func (g *Gate) HasStepUp(tx *store.Tx, s *PersonSession, operation, object string) error {
	return needed(tx.HasStepUp(s.ID, operation, object))
}

// LookAtFields lets a person who proved the address a moment ago look at their own fields, so many
// times: each look searches all systems.
func (g *Gate) LookAtFields(ctx context.Context, s *PersonSession, from Client) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := g.HasStepUp(tx, s, OpFields, ""); err != nil {
			return err
		}
		return g.LimitIn(tx, LimitFields, s.AddressIndex, from)
	})
}

func needed(ok bool, err error) error {
	if err != nil {
		return err
	}
	if !ok {
		return ErrStepUp
	}
	return nil
}

// ProveWithdrawal lets a person take a request back who proved the address a moment ago, or gives a
// fresh code for it, which is consumed in the withdrawal's own transaction.
func (g *Gate) ProveWithdrawal(tx *store.Tx, s *PersonSession, object string) error {
	if g.HasFreshProof(s) {
		return nil
	}
	return g.UseStepUp(tx, s, OpWithdraw, object)
}

// HasFreshProof tells whether the person proved the address a moment ago, by code or link: enough for
// what takes nothing away from them but the request itself.
func (g *Gate) HasFreshProof(s *PersonSession) bool {
	age := g.Now().Sub(s.ProvedAt)
	return age >= 0 && age <= stepUpTTL
}
