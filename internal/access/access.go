// Package access holds the use cases of getting in: a person proves an address and, for dangerous
// acts, proves it once more; a member of the staff signs in with a passkey or with password and one-time code; another
// system of the organisation gets a token. Nothing here tells a stranger whether an address is known.
package access

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/mail"
	"mininfo/internal/staff"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// Gate is where everybody comes in. It is safe for concurrent use; make it once, by a literal, and
// hand on its pointer.
type Gate struct {
	Store     *store.Store
	Ring      *keyring.Ring
	Sender    mail.Sender
	Mails     mail.Wording // the controller's own texts
	Now       func() time.Time
	Rand      io.Reader
	PublicURL string
	// OIDC is the organisation's own sign-in; nil where there is none.
	OIDC   *OIDC
	Logger *slog.Logger
	// Demo lets one person play all members: no password, no one-time code.
	Demo bool
	// FileTTL is how long the code of a new request holds; zero is an hour.
	FileTTL time.Duration
	// LimitFactor multiplies every limit; zero is one. The demo has many people behind one address.
	LimitFactor int

	once sync.Once
	hash chan struct{} // places for password hashing
}

// Client is where a call comes from, as far as the limits care.
type Client struct {
	IP    netip.Addr // proxies of our own already looked through
	Agent string     // User-Agent of a member's browser
}

// The jobs of this package.
const (
	JobSendChallenge = "send_challenge" // object: public id of the challenge
	JobTellMember    = "tell_member"    // object: what of the sign-in, and public id of the member
	JobSweep         = "sweep_access"
)

// Faults of getting in.
var (
	ErrChallenge    = verification.ErrChallenge
	ErrOtherBrowser = verification.ErrOtherBrowser
	ErrWrongWord    = fault.Define(fault.Invalid, "wrong_word",
		"Skriv ordet «stopp» i feltet.", "Skriv ordet «stopp» i feltet.", "Type the word “stop” in the field.")
	ErrNotSignedIn = fault.Define(fault.Unauthenticated, "not_signed_in",
		"Du er ikke logget inn, eller du har vært borte for lenge. Bekreft e-postadressen på nytt.",
		"Du er ikkje logga inn, eller du har vore borte for lenge. Stadfest e-postadressa på nytt.",
		"You are not signed in, or you have been away too long. Confirm the e-mail address again.")
	ErrStaffNotSignedIn = fault.Define(fault.Unauthenticated, "not_signed_in",
		"Du er ikke logget inn, eller du har vært borte for lenge. Logg inn på nytt.",
		"Du er ikkje logga inn, eller du har vore borte for lenge. Logg inn på nytt.",
		"You are not signed in, or you have been away too long. Sign in again.")
	ErrSignIn = fault.Define(fault.Unauthenticated, "sign_in_failed",
		"E-post, passord eller engangskode er feil. Vent på neste engangskode og prøv igjen.",
		"E-post, passord eller eingongskode er feil. Vent på neste eingongskode og prøv igjen.",
		"E-mail, password or one-time code is wrong. Wait for the next one-time code and try again.")
	ErrNotSetUp = fault.Define(fault.Unavailable, "not_set_up",
		"Portalen er ikke satt opp ennå. Kontakt virksomheten direkte.",
		"Portalen er ikkje sett opp enno. Kontakt verksemda direkte.",
		"The portal has not been set up yet. Contact the organisation directly.")
	// ErrStepUp asks for a fresh code, of a person and of a member alike.
	ErrStepUp = staff.ErrStepUp
)

// Work gives the jobs that this package works. A code that could not be mailed within its life is of
// no use any more, so that its job ends by itself.
func (g *Gate) Work() map[string]job.Work {
	return map[string]job.Work{
		JobSendChallenge: {Handle: g.sendChallenge, MaxAttempts: 50, GiveUpAfter: 24 * time.Hour, Timeout: 2 * time.Minute, Concurrency: 4},
		JobTellMember:    {Handle: g.tellMember, MaxAttempts: 50, GiveUpAfter: 7 * 24 * time.Hour, Timeout: 2 * time.Minute},
		JobSweep:         {Handle: g.sweep, MaxAttempts: 5},

		JobSendInvitation: {Handle: g.mailInvitation, MaxAttempts: 50, GiveUpAfter: 24 * time.Hour, Timeout: 2 * time.Minute},
	}
}

// Periodic gives what is done again and again.
func (g *Gate) Periodic() []job.Periodic { return []job.Periodic{{Kind: JobSweep, Every: time.Hour}} }

func (g *Gate) sweep(ctx context.Context, _ job.Job) error {
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.SweepDoorstep(), tx.EndInvitations(), tx.NotePurge("verification", 0), forgetMembers(tx))
	})
	if err != nil {
		return err
	}
	return g.Store.Truncate(ctx)
}

// forgetMembers erases who members were that left so long ago that no case of theirs is kept any more
// (Art. 5(1)(e)).
func forgetMembers(tx *store.Tx) error {
	gone, err := tx.ForgetMembers(tx.Now.AddDate(-dsr.MostCaseYears, 0, 0))
	if err != nil {
		return err
	}
	if gone > 0 {
		if err := logAs(tx, "system", "members_forgotten", map[string]any{"members": gone}); err != nil {
			return err
		}
	}
	return tx.NotePurge("member", gone)
}

// MailFailing tells that codes wait because the mail server does not take them: people are told to
// wait, or to reach the office in another way.
func (g *Gate) MailFailing(ctx context.Context) (bool, error) {
	var failing int64
	err := g.Store.Read(ctx, func(tx *store.Tx) (err error) {
		_, failing, err = tx.Waiting(JobSendChallenge)
		return err
	})
	return failing > 0, err
}

func (g *Gate) logger() *slog.Logger {
	if g.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return g.Logger
}

// hashing holds down how many passwords are hashed at once: each takes 19 MiB.
func (g *Gate) hashing(ctx context.Context) (release func(), err error) {
	const atOnce = 2
	g.once.Do(func() { g.hash = make(chan struct{}, atOnce) })
	select {
	case g.hash <- struct{}{}:
		return func() { <-g.hash }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting to hash a password: %w", ctx.Err())
	}
}

// log writes an act of somebody who is no member.
func log(tx *store.Tx, who, action string, statement any) error {
	_, err := tx.Log(store.Act{Actor: who, Role: who, Action: action, Statement: statement})
	return err
}

const (
	person = "person"
	system = "system"
)

// logAs writes an act of a member, by public id, or of the system.
func logAs(tx *store.Tx, actor, action string, statement any) error {
	if actor == system {
		return log(tx, system, action, statement)
	}
	m, err := tx.MemberByPublicID(actor)
	if err != nil {
		return err
	}
	if m == nil {
		return errors.New("the act has no actor")
	}
	_, err = tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", m.ID), Role: role(m.Roles), Action: action, Statement: statement})
	return err
}

func role(roles []staff.Role) string {
	if len(roles) == 0 {
		return "member"
	}
	return string(roles[0])
}
