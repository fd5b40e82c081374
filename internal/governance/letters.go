package governance

import (
	"context"

	"mininfo/internal/letter"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Letters is the controller's own wording of letters, as YAML (package letter has its form).
type Letters struct {
	Body    string
	Version int64 // of the settings that it is part of
}

// Letters gives the wording in force.
func (o *Office) Letters(ctx context.Context, by By) (Letters, error) {
	if err := by.may(staff.ReadSettings, staff.Facts{}); err != nil {
		return Letters{}, err
	}
	var out Letters
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, number, err := tx.Settings(c.ID)
		out = Letters{Body: s.Letters, Version: number}
		return err
	})
	return out, err
}

// PutLetters writes a new version of the settings with this wording; letter.ErrTemplate names the line of what cannot be used,
// such as a part that the law requires and that is placed nowhere. What was sent keeps the wording it had.
func (o *Office) PutLetters(ctx context.Context, by By, body string, base int64) error {
	if err := by.may(staff.EditSettings, staff.Facts{}); err != nil {
		return err
	}
	if _, err := letter.ParseTemplates(body); err != nil {
		return err
	}
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		if err != nil {
			return err
		}
		s.Letters = body
		return putSettings(tx, by, c.ID, base, s)
	})
}
