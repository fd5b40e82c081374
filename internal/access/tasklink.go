package access

import (
	"context"
	"strings"

	"mininfo/internal/fault"
	"mininfo/internal/store"
	"mininfo/internal/verification"
)

// ErrTaskLink is the one answer for a link's secret that is wrong, unknown or revoked.
var ErrTaskLink = fault.Define(fault.Malformed, "task_link_invalid",
	"Lenken er feil eller for gammel. Bruk lenken i den nyeste e-posten, eller kontakt kontoret som sendte den.",
	"Lenkja er feil eller for gammal. Bruk lenkja i den nyaste e-posten, eller kontakt kontoret som sende henne.",
	"The link is wrong or too old. Use the link in the newest e-mail, or reach the office that sent it.")

// TaskLink gives the public id of the link whose secret a colleague holds: "<id>.<secret>", as it stands
// in the mail.
func (g *Gate) TaskLink(ctx context.Context, credential string, from Client) (string, error) {
	return g.mailedLink(ctx, "link to a task", credential, from, func(tx *store.Tx, id string) (*digests, error) {
		l, err := tx.TaskLinkByID(id)
		if err != nil || l == nil {
			return nil, err
		}
		return &digests{l.TokenHash, l.EarlierHash}, nil
	})
}

// RecipientLink gives the public id of the notice whose secret a recipient holds, in the same form.
func (g *Gate) RecipientLink(ctx context.Context, credential string, from Client) (string, error) {
	return g.mailedLink(ctx, "notice to a recipient", credential, from, func(tx *store.Tx, id string) (*digests, error) {
		n, err := tx.NoticeByID(id)
		if err != nil || n == nil {
			return nil, err
		}
		return &digests{n.TokenHash, n.EarlierHash}, nil
	})
}

// digests are those of the newest secret of a link and of the one before.
type digests struct{ newest, earlier []byte }

// mailedLink opens a link of one kind. Every try is counted before it is compared, and given back when it was
// right, so that guessing costs what guessing a code costs and tells as little. What may be done with the link
// is decided by the use case that it leads to.
func (g *Gate) mailedLink(ctx context.Context, kind, credential string, from Client, find func(*store.Tx, string) (*digests, error)) (string, error) {
	id, secret, _ := strings.Cut(credential, ".")
	var counted spent
	right := false
	err := g.Store.InTx(ctx, func(tx *store.Tx) error {
		right = false
		link, err := find(tx, id)
		if err != nil {
			return err
		}
		s := subject{from: from, address: []byte("unknown " + kind)}
		if link != nil {
			s.address = []byte(kind + " " + id)
		}
		if counted, err = g.spend(tx, g.counters(verification.ActionRedeem, s)); err != nil {
			return err
		}
		if link == nil || counted.generic || !link.open(verification.Secret(secret)) {
			return nil
		}
		right = true
		return counted.giveBack(tx)
	})
	if err != nil {
		return "", err
	}
	g.slowDown(ctx, counted)
	if !right {
		return "", ErrTaskLink
	}
	return id, nil
}

// open compares with both digests, whatever the first comparison says.
func (d *digests) open(secret verification.Secret) bool {
	hash := verification.HashToken(secret)
	newest, earlier := verification.Equal(d.newest, hash), verification.Equal(d.earlier, hash)
	return newest || earlier
}
