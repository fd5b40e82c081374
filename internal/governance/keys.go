package governance

import (
	"context"
	"errors"

	"mininfo/internal/keyring"
	"mininfo/internal/store"
)

// RotateKeys adds a wrapping key to the key file and wraps every data key under it, while others work: a
// process that runs reads the file anew when it wraps or meets a key that it does not know. It gives how
// many data keys were wrapped. What is sealed under them stays as it is. Begun and cut off, it is done
// again: the next rotation takes along what this one left. A key file that is not the newest is refused.
func (o *Office) RotateKeys(ctx context.Context, file string) (n int, err error) {
	if err := o.Store.CheckKeys(ctx); err != nil {
		return 0, err
	}
	if _, err := keyring.Rotate(file); err != nil {
		return 0, err
	}
	n, err = o.Store.Rewrap(ctx)
	return n, errors.Join(err, o.Store.InTx(ctx, func(tx *store.Tx) error {
		_, err := tx.Log(store.Act{Actor: "system", Role: "system", Action: "keys_rotated", Statement: map[string]any{"data_keys": n}})
		return err
	}))
}
