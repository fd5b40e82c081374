package main

import (
	"fmt"
	"maps"
	"slices"

	"mininfo/internal/store"
)

type keyCommands struct {
	Rotate keyRotateCommand `cmd:"" help:"Add a wrapping key to the key file and wrap all data keys under it, while the portal runs."`
	List   keyListCommand   `cmd:"" help:"Tell how many data keys lie under which wrapping key, by its number."`
}

type keyRotateCommand struct {
	config
	JSON bool `help:"Machine-readable."`
}

// Run rotates and says what has to be copied now.
func (c *keyRotateCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	n, err := p.office.RotateKeys(t.ctx, p.cfg.KeyFile)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"data_keys": n, "key_file": p.cfg.KeyFile})
	}
	_, err = fmt.Fprintf(t.out, "%d data keys lie under a new wrapping key. Copy %s anew to where you keep it: an older copy does not open what is sealed from now on.\n"+
		"The older wrapping keys stay in it, because backups made before need them.\n", n, p.cfg.KeyFile)
	return err
}

type keyListCommand struct {
	config
	JSON bool `help:"Machine-readable."`
}

// Run lists numbers alone, never a key.
func (c *keyListCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	var under map[uint32]int64
	err = p.store.Read(t.ctx, func(tx *store.Tx) error {
		under, err = tx.WrappingKeys()
		return err
	})
	if err != nil {
		return err
	}
	type line struct {
		ID   uint32 `json:"id"`
		Keys int64  `json:"data_keys"`
		Held bool   `json:"in_key_file"`
	}
	list := []line{}
	for _, id := range slices.Sorted(maps.Keys(under)) {
		list = append(list, line{id, under[id], p.ring.Holds(id)})
	}
	if c.JSON {
		return printJSON(t.out, list)
	}
	for _, l := range list {
		missing := ""
		if !l.Held {
			missing = "  not in the key file"
		}
		if _, err := fmt.Fprintf(t.out, "%4d  %d data keys%s\n", l.ID, l.Keys, missing); err != nil {
			return err
		}
	}
	return nil
}
