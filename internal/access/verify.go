package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// How long a person stays signed in.
const (
	PersonIdle     = 15 * time.Minute
	PersonAbsolute = time.Hour
)

// blockedFor is how long web filing stays closed for an address whose holder said "not me". Other
// channels stay open.
const blockedFor = 30 * 24 * time.Hour

const codeLength = 8

// Started is the answer to whoever wants an address proved. It is the same for every address.
type Started struct {
	ID                 string
	FlowSecret         string // for the cookie of this browser; empty on a resend, which changes no cookie
	CodeLength         int
	ExpiresInMinutes   int
	ResendAfterSeconds int
}

// PersonSession is a browser whose person proved an address.
type PersonSession struct {
	ID           int64
	PublicID     string
	Address      keyring.Private // canonical
	AddressIndex []byte
	Locale       locale.Locale
	Right        dsr.Right // what the person said they wanted; may be empty
	Challenge    string    // public id of the challenge that proved the address
	ProvedAt     time.Time
	IdleUntil    time.Time
	ExpiresAt    time.Time
}

func personSession(s *store.Session) *PersonSession {
	return &PersonSession{ID: s.ID, PublicID: s.PublicID, Address: s.Address, AddressIndex: s.AddressIndex, Locale: s.Locale,
		Right: s.Right, Challenge: s.Challenge, ProvedAt: s.ProvedAt, IdleUntil: s.IdleUntil, ExpiresAt: s.ExpiresAt}
}

func (g *Gate) fileTTL() time.Duration { return verification.File.Spec().Lifetime(g.FileTTL) }

func (g *Gate) started(id, flow string) Started {
	return Started{ID: id, FlowSecret: flow, CodeLength: codeLength, ExpiresInMinutes: int(g.fileTTL() / time.Minute),
		ResendAfterSeconds: int(verification.ResendEvery / time.Second)}
}

// StartVerification begins to prove an address: a mail with a code and a link goes out. Address
// known or not, blocked or asked for too often: the answer is the same, and so is the work. The faults
// are those of the input, and of too many from one place (RetryAfter).
func (g *Gate) StartVerification(ctx context.Context, typedEmail string, l locale.Locale, right dsr.Right, from Client) (Started, error) {
	address, err := dsr.ParseAddress(typedEmail)
	if err != nil {
		return Started{}, dsr.ErrAddress.At("/email")
	}
	if right != "" {
		if _, err := dsr.ParseRight(string(right)); err != nil {
			return Started{}, err
		}
	}
	l, _ = locale.Parse(string(l))
	flow, err := verification.MintSecret(g.Rand)
	if err != nil {
		return Started{}, err
	}
	n := store.NewChallenge{Purpose: verification.File, Right: right, Locale: l, Address: address, FlowHash: verification.HashToken(flow)}
	var id string
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		n.ExpiresAt = tx.Now.Add(g.fileTTL())
		id, err = g.start(tx, n, from)
		return err
	})
	if err != nil {
		return Started{}, err
	}
	return g.started(id, flow.Reveal()), nil
}

// start writes challenge, job and leaf, whether or not a mail will go out.
func (g *Gate) start(tx *store.Tx, n store.NewChallenge, from Client) (string, error) {
	if _, _, err := office(tx); err != nil {
		return "", err
	}
	index := tx.AddressIndex(n.Address.Canonical)
	blocked, err := tx.AddressBlocked(index)
	if err != nil {
		return "", err
	}
	counted, err := g.spend(tx, g.counters(verification.ActionFile, subject{address: index, from: from}))
	if err != nil {
		return "", err
	}
	// After the address's counter was locked: many at once are counted one after the other.
	open, err := tx.CountOpen(index, verification.File)
	if err != nil {
		return "", err
	}
	n.Void = blocked || counted.silent || open >= verification.OpenUnverifiedMax*max(1, g.LimitFactor)
	c, err := tx.AddChallenge(n)
	if err != nil {
		return "", err
	}
	if err := enqueueMail(tx, c); err != nil {
		return "", err
	}
	return c.PublicID, log(tx, person, "verification_started", map[string]string{"challenge": c.PublicID})
}

func enqueueMail(tx *store.Tx, c *store.Challenge) error {
	return tx.Enqueue(job.Spec{Kind: JobSendChallenge, Key: fmt.Sprintf("%s/%s/%d", JobSendChallenge, c.PublicID, c.Sends), Object: c.PublicID})
}

// ResendVerification asks for another mail of the same verification, from the browser that began it.
// The answer is the same whether or not one goes out.
func (g *Gate) ResendVerification(ctx context.Context, id, flowSecret string, from Client) (Started, error) {
	flow := verification.Secret(flowSecret)
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Challenge(id)
		if err != nil {
			return err
		}
		if c == nil || c.Purpose != verification.File || !c.Open(tx.Now) || flow == "" || !verification.Equal(c.FlowHash, verification.HashToken(flow)) {
			return nil
		}
		counted, err := g.spend(tx, g.counters(verification.ActionResend, subject{flow: id, address: c.AddressIndex, from: from}))
		if err != nil || counted.silent {
			return err
		}
		asked, err := tx.AskAgain(c, verification.ResendEvery)
		if err != nil {
			return err
		}
		if !asked {
			return counted.giveBack(tx)
		}
		c.Sends++
		return enqueueMail(tx, c)
	})
	if err != nil {
		return Started{}, err
	}
	return g.started(id, ""), nil
}

// attempt is one try to redeem a challenge, counted before it is looked at.
type attempt struct {
	challenge *store.Challenge
	digests   []store.Digests
	spent     spent
	counted   bool // there was an attempt left
}

// count counts an attempt in a transaction of its own, committed before anything is compared: many
// at once do not get more tries than one after the other. Attempts from another browser than the one
// that asked never use up the person's own.
func (g *Gate) count(ctx context.Context, find func(*store.Tx) (*store.Challenge, error), flow verification.Secret, from Client) (attempt, error) {
	var a attempt
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		a = attempt{}
		c, err := find(tx)
		if err != nil {
			return err
		}
		s := subject{from: from, address: []byte("unknown challenge")}
		if c != nil {
			s.address = c.AddressIndex
		}
		if a.spent, err = g.spend(tx, g.counters(verification.ActionRedeem, s)); err != nil || c == nil {
			return err
		}
		a.challenge = c
		if c.Purpose.Spec().AnyBrowser || verification.Equal(c.FlowHash, verification.HashToken(flow)) {
			a.counted, err = tx.CountAttempt(c.ID, c.Purpose.Spec().Attempts)
			c.Attempts++
		} else {
			a.counted, err = tx.CountForeign(c.ID, verification.WrongBrowserMax)
		}
		if err != nil {
			return err
		}
		a.digests, err = tx.AllDigests(c)
		return err
	})
	if err == nil {
		g.slowDown(ctx, a.spent)
	}
	return a, err
}

// judge compares what was handed in with the digests of all mails of the challenge that are still good.
func (g *Gate) judge(a attempt, in verification.Attempt, now time.Time) error {
	if a.challenge == nil || !a.counted || a.spent.generic || a.challenge.VoidAt != nil {
		return ErrChallenge
	}
	c := pure(a.challenge)
	in.Purpose, in.ObjectID = c.Purpose, c.ObjectID
	verdict := ErrChallenge
	for _, d := range a.digests {
		c.TokenHash, c.CodeMAC = d.TokenHash, d.CodeMAC
		switch err := verification.Redeem(c, in, g.Ring.Derive(keyring.LabelCodePepper), now); {
		case err == nil:
			return nil
		case errors.Is(err, ErrOtherBrowser):
			verdict = ErrOtherBrowser
		}
	}
	return verdict
}

// pure is the challenge as package verification sees it.
func pure(c *store.Challenge) verification.Challenge {
	v := verification.Challenge{ID: c.PublicID, Purpose: c.Purpose, ObjectID: objectID(c), FlowHash: c.FlowHash, ExpiresAt: c.ExpiresAt, Attempts: c.Attempts}
	if c.UsedAt != nil {
		v.UsedAt = *c.UsedAt
	}
	return v
}

// objectID is part of what a code's digest is made over: a code for one operation on one request
// opens no other.
func objectID(c *store.Challenge) string {
	if c.Operation == "" {
		return c.Object
	}
	return c.Operation + ":" + c.Object
}

// RedeemVerification proves an address with the mailed token or code, in the browser that asked,
// and signs the person in. The string is the session's secret, for the cookie.
func (g *Gate) RedeemVerification(ctx context.Context, id, flowSecret, token, code string, from Client) (*PersonSession, string, error) {
	flow := verification.Secret(flowSecret)
	a, err := g.count(ctx, func(tx *store.Tx) (*store.Challenge, error) { return fileChallenge(tx, id) }, flow, from)
	if err != nil {
		return nil, "", err
	}
	in := verification.Attempt{Token: verification.Secret(token), Code: verification.Secret(code), Flow: flow}
	if err := g.judge(a, in, g.Now()); err != nil {
		return nil, "", err
	}
	secret, err := verification.MintSecret(g.Rand)
	if err != nil {
		return nil, "", err
	}
	var session *store.Session
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		session, err = signIn(tx, a, secret)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return personSession(session), secret.Reveal(), nil
}

func fileChallenge(tx *store.Tx, id string) (*store.Challenge, error) {
	c, err := tx.Challenge(id)
	if err != nil || c == nil || c.Purpose != verification.File {
		return nil, err
	}
	return c, nil
}

// signIn consumes the challenge and makes the session: exactly one of many at once comes through.
func signIn(tx *store.Tx, a attempt, secret verification.Secret) (*store.Session, error) {
	// Counters before the challenge, as when counting: the other order would wait in a circle.
	if err := a.spent.giveBack(tx); err != nil {
		return nil, err
	}
	used, err := tx.UseChallenge(a.challenge.ID)
	if err != nil {
		return nil, err
	}
	if !used {
		return nil, ErrChallenge
	}
	address, err := tx.ChallengeAddress(a.challenge)
	if err != nil {
		return nil, err
	}
	s, err := tx.AddSession(store.Session{
		Kind: store.SessionPerson, Address: keyring.NewPrivate(address.Canonical), AddressIndex: a.challenge.AddressIndex,
		Locale: a.challenge.Locale, Right: a.challenge.Right, Challenge: a.challenge.PublicID,
		IdleUntil: tx.Now.Add(PersonIdle), ExpiresAt: tx.Now.Add(PersonAbsolute),
	}, verification.HashToken(secret))
	if err != nil {
		return nil, err
	}
	return s, log(tx, person, "address_proved", map[string]string{"challenge": a.challenge.PublicID})
}

// DisownVerification is the holder of the mailbox saying "that was not me": with the mailed token and
// a typed word, from any browser. The challenge ends, the address is closed to web filing for a while
// and its sessions end.
func (g *Gate) DisownVerification(ctx context.Context, id, token, word string, from Client) error {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "stopp", "stop":
	default:
		return ErrWrongWord.At("/word")
	}
	a, err := g.countDisown(ctx, id, from)
	if err != nil {
		return err
	}
	if a.challenge == nil || a.spent.generic || !mailed(a.digests, verification.Secret(token)) {
		return ErrChallenge
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		index := a.challenge.AddressIndex
		if err := a.spent.giveBack(tx); err != nil {
			return err
		}
		if err := tx.VoidChallenges(index); err != nil {
			return err
		}
		if err := tx.EndSessionsOfAddress(index); err != nil {
			return err
		}
		if err := tx.BlockAddress(index, tx.Now.Add(blockedFor)); err != nil {
			return err
		}
		return log(tx, person, "address_disowned", map[string]string{"challenge": id})
	})
}

// countDisown counts by address, IP and all, and not on the challenge: whoever holds the token may
// say so, however often others have guessed.
func (g *Gate) countDisown(ctx context.Context, id string, from Client) (attempt, error) {
	var a attempt
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		a = attempt{}
		c, err := fileChallenge(tx, id)
		if err != nil {
			return err
		}
		s := subject{from: from, address: []byte("unknown challenge")}
		if c != nil {
			s.address = c.AddressIndex
		}
		if a.spent, err = g.spend(tx, g.counters(verification.ActionRedeem, s)); err != nil || c == nil {
			return err
		}
		a.challenge = c
		a.digests, err = tx.AllDigests(c)
		return err
	})
	if err == nil {
		g.slowDown(ctx, a.spent)
	}
	return a, err
}

func mailed(digests []store.Digests, token verification.Secret) bool {
	hash, found := verification.HashToken(token), false
	for _, d := range digests {
		if token != "" && verification.Equal(d.TokenHash, hash) {
			found = true
		}
	}
	return found
}

// touchEvery holds down how often a session's row is written.
const touchEvery = 30 * time.Second

// Person gives the session of a cookie and moves the end of its idle time.
func (g *Gate) Person(ctx context.Context, secret string) (*PersonSession, error) {
	s, err := g.session(ctx, store.SessionPerson, secret, PersonIdle)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, ErrNotSignedIn
	}
	return personSession(s), nil
}

// session gives the live session of a cookie; nil when there is none.
func (g *Gate) session(ctx context.Context, kind, secret string, idle time.Duration) (*store.Session, error) {
	if secret == "" {
		return nil, nil
	}
	var s *store.Session
	due := false
	err := g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		s, err = tx.SessionBySecret(kind, verification.HashToken(verification.Secret(secret)))
		due = s != nil && tx.Now.Sub(s.SeenAt) >= touchEvery
		return err
	})
	if err != nil || !due {
		return s, err
	}
	err = g.Store.InTx(ctx, func(tx *store.Tx) error {
		s.IdleUntil = tx.Now.Add(idle)
		if s.IdleUntil.After(s.ExpiresAt) {
			s.IdleUntil = s.ExpiresAt
		}
		return tx.TouchSession(s.ID, s.IdleUntil)
	})
	return s, err
}

// SignOutPerson ends the session. Without one there is nothing to do.
func (g *Gate) SignOutPerson(ctx context.Context, s *PersonSession) error {
	if s == nil {
		return nil
	}
	return g.Store.InTx(ctx, func(tx *store.Tx) error { return tx.EndSession(s.ID) })
}
