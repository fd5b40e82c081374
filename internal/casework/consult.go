package casework

import (
	"context"
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// Consulted is what an address says about one activity: it does not want it (Art. 21(3), 7(3)), or what
// is held for it is only stored (Art. 18(2)), and since when the earlier of the two holds.
type Consulted struct {
	Activity   string
	Suppressed bool
	Restricted bool
	Since      *time.Time
}

// Consult tells for each address, in the order given, what stands in the way of using it for each
// activity of the register, or for one. An address that nobody has heard of gives what any other gives
// of which nothing is known. An activity is found by the ids that it had before, too.
func (d *Desk) Consult(ctx context.Context, addresses []string, activity string) ([][]Consulted, error) {
	indexes := make([][]byte, len(addresses))
	for i, typed := range addresses {
		address, err := dsr.ParseAddress(typed)
		if err != nil {
			return nil, at(err, fmt.Sprintf("/addresses/%d", i))
		}
		indexes[i] = d.Store.AddressIndex(address.Canonical)
	}
	var out [][]Consulted
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		asked, err := consulted(tx, activity)
		if err != nil {
			return err
		}
		suppressed, err := tx.SuppressedAt(indexes)
		if err != nil {
			return err
		}
		restricted, err := tx.RestrictedAt(indexes)
		if err != nil {
			return err
		}
		out = make([][]Consulted, len(indexes))
		for i, index := range indexes {
			for _, a := range asked {
				c := Consulted{Activity: a.ID}
				for _, id := range a.IDs() {
					s, off := suppressed[string(index)][id]
					r, held := restricted[string(index)][id]
					c.Suppressed, c.Restricted = c.Suppressed || off, c.Restricted || held
					c.Since = soonest(soonest(c.Since, s), r)
				}
				out[i] = append(out[i], c)
			}
		}
		return nil
	})
	return out, err
}

// consulted gives the activities that are asked about.
func consulted(tx *store.Tx, activity string) ([]register.Activity, error) {
	controller, err := tx.Controller()
	if err != nil {
		return nil, err
	}
	newest, err := tx.Newest(controller.ID, store.VersionRegister)
	if err != nil {
		return nil, err
	}
	reg, err := registerOf(tx, controller.ID, newest.Number)
	if err != nil {
		return nil, err
	}
	if activity == "" {
		return reg.Activities, nil
	}
	a := reg.Known(activity)
	if a == nil {
		return nil, ErrUnknownActivity.At("/activity")
	}
	return []register.Activity{*a}, nil
}

func soonest(have *time.Time, t time.Time) *time.Time {
	if t.IsZero() || have != nil && !t.Before(*have) {
		return have
	}
	return &t
}
