package access

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

var errTooMany = fault.Define(fault.TooMany, "too_many_requests",
	"Det har kommet for mange forsøk herfra. Vent litt og prøv igjen, eller kontakt virksomheten på en annen måte.",
	"Det har kome for mange forsøk herifrå. Vent litt og prøv igjen, eller kontakt verksemda på ein annan måte.",
	"There have been too many attempts from here. Wait a little and try again, or reach the organisation in another way.")

// tooMany is the fault with the time after which it is of use to try again.
type tooMany struct{ after time.Duration }

func (tooMany) Error() string { return errTooMany.Error() }
func (tooMany) Unwrap() error { return errTooMany }

// RetryAfter gives how long to wait, if an error is about too many attempts.
func RetryAfter(err error) (time.Duration, bool) {
	var t tooMany
	if !errors.As(err, &t) {
		return 0, false
	}
	return t.after, true
}

// ActionStepUp limits the codes that a signed-in person asks for. The person is known here, so that
// a refusal tells nothing to strangers.
const actionStepUp verification.Action = "step_up"

var stepUpLimits = []verification.Limit{
	{Action: actionStepUp, Scope: verification.ScopeAddress, Bucket: "step_up", Window: time.Hour, Max: 10, Over: verification.Refuse},
	{Action: actionStepUp, Scope: verification.ScopeAddress, Bucket: "step_up", Window: 24 * time.Hour, Max: 20, Over: verification.Refuse},
	{Action: actionStepUp, Scope: verification.ScopeIP, Bucket: "step_up", Window: time.Hour, Max: 30, Over: verification.Refuse},
	{Action: actionStepUp, Scope: verification.ScopeGlobal, Bucket: "mail", Window: time.Hour, Max: 2000, Over: verification.Refuse},
}

// actionCeremony limits the challenges that strangers can have kept.
const actionCeremony verification.Action = "ceremony"

var ceremonyLimits = []verification.Limit{
	{Action: actionCeremony, Scope: verification.ScopeIP, Bucket: "ceremony", Window: time.Hour, Max: 120, Over: verification.Refuse},
	{Action: actionCeremony, Scope: verification.ScopePrefix, Bucket: "ceremony", Window: time.Hour, Max: 600, Over: verification.Refuse},
}

// subject is what the counters of an action count by.
type subject struct {
	flow    string
	address []byte // its index; for staff of the account, for tokens of the client
	from    Client
}

// counters gives the counters of an action, narrowest scope first: all transactions lock them in the
// same order.
func (g *Gate) counters(a verification.Action, s subject) []store.Counter {
	limits := verification.LimitsFor(a)
	switch a {
	case actionStepUp:
		limits = stepUpLimits
	case actionCeremony:
		limits = ceremonyLimits
	}
	list := make([]store.Counter, 0, len(limits))
	for _, l := range limits {
		l.Max *= max(1, g.LimitFactor)
		list = append(list, store.Counter{Limit: l, Key: g.key(l.Scope, s)})
	}
	return list
}

func (g *Gate) key(scope verification.Scope, s subject) []byte {
	const label = "limit"
	switch scope {
	case verification.ScopeFlow:
		return g.Ring.Index(label, "flow "+s.flow)
	case verification.ScopeAddress:
		return g.Ring.Index(label, "address "+string(s.address))
	case verification.ScopeIP:
		return g.Ring.Index(label, "ip "+s.from.IP.Unmap().String())
	case verification.ScopePrefix:
		return g.Ring.Index(label, "prefix "+prefix(s.from.IP))
	}
	return g.Ring.Index(label, "all")
}

// prefix is the network that an IP is in: /24, or /48 of IPv6.
func prefix(ip netip.Addr) string {
	ip = ip.Unmap()
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// spent is what taking one more of something told.
type spent struct {
	silent  bool // do nothing, and answer as always
	generic bool // answer as if it were wrong
	alarm   bool // the whole portal is under attack
	taken   []store.Counter
	at      time.Time
}

// spend counts one more of an action, where there is room. All counters are read and written
// whatever the answer is, so that the work tells nothing. The error is a fault with RetryAfter when
// the caller is to be told; then nothing is counted.
func (g *Gate) spend(tx *store.Tx, counters []store.Counter) (spent, error) {
	s := spent{at: tx.Now}
	full := make([]bool, len(counters))
	var wait time.Duration
	for i, c := range counters {
		previous, current, err := tx.Hits(c, s.at)
		if err != nil {
			return s, err
		}
		_, elapsed := c.Limit.At(s.at)
		if full[i] = !c.Limit.Allowed(previous, current, elapsed); !full[i] {
			continue
		}
		switch c.Limit.Over {
		case verification.Refuse:
			wait = max(wait, c.Limit.RetryAfter(previous, current, elapsed))
		case verification.Silent:
			s.silent = true
		case verification.Generic:
			s.generic = true
		case verification.Alarm:
			s.alarm = true
		}
	}
	if wait > 0 {
		return s, tooMany{after: wait}
	}
	for i, c := range counters {
		n := 1
		if full[i] || s.silent && c.Limit.Bucket == "mail" {
			n = 0
		} else {
			s.taken = append(s.taken, c)
		}
		if err := tx.AddHits(c, s.at, n); err != nil {
			return s, err
		}
	}
	return s, nil
}

// What signed-in people and API clients do only so often. Codes, mails and sign-ins are counted by
// the use cases that they belong to.
const (
	LimitRequest  = verification.ActionRequest
	LimitWrite    = verification.ActionWrite
	LimitFields   = verification.ActionFields // counted by LookAtFields
	LimitIntake   = verification.ActionIntake
	LimitConsult  = verification.ActionConsult
	LimitDownload = verification.ActionDownload
	LimitResult   = verification.ActionResult // counted by Try
)

// Limit counts one more of an action by somebody: the index of a proved address, an API client, or
// the package of a download. The error is a fault with RetryAfter when there have been too many.
func (g *Gate) Limit(ctx context.Context, a verification.Action, who []byte, from Client) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error { return g.LimitIn(tx, a, who, from) })
}

// LimitIn is Limit in the transaction of the act itself.
func (g *Gate) LimitIn(tx *store.Tx, a verification.Action, who []byte, from Client) error {
	_, err := g.spend(tx, g.counters(a, subject{address: who, from: from}))
	return err
}

// Try counts a try from somewhere before it is made, and gives it back when it was right. The error is
// that of the try, or a fault with RetryAfter when there have been too many wrong ones.
func (g *Gate) Try(ctx context.Context, a verification.Action, from Client, try func() error) error {
	var counted spent
	err := g.Store.InTx(ctx, func(tx *store.Tx) (err error) {
		counted, err = g.spend(tx, g.counters(a, subject{from: from}))
		return err
	})
	if err != nil {
		return err
	}
	if err := try(); err != nil {
		return err
	}
	return g.Store.InTx(ctx, counted.giveBack)
}

// giveBack takes back what spend counted, when it turned out right.
func (s spent) giveBack(tx *store.Tx) error {
	for _, c := range s.taken {
		if err := tx.AddHits(c, s.at, -1); err != nil {
			return err
		}
	}
	return nil
}

// slowDown makes everybody wait while the whole portal is being guessed at.
func (g *Gate) slowDown(ctx context.Context, s spent) {
	if !s.alarm {
		return
	}
	g.logger().ErrorContext(ctx, "alarm: far too many wrong codes in the last hour", "code", "redeem_flood")
	timer := time.NewTimer(verification.AlarmDelay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
