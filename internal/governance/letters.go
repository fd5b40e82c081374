package governance

import (
	"context"

	"mininfo/internal/export"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Letters is the controller's own wording of letters.
type Letters struct {
	Body      string           // as YAML (package letter has its form)
	Templates letter.Templates // the same, read; nil where the text cannot be
	Version   int64            // of the settings that it is part of
}

// Letters gives the wording in force.
func (o *Office) Letters(ctx context.Context, by By) (Letters, error) {
	if err := by.may(staff.ReadSettings, staff.Facts{}); err != nil {
		return Letters{}, err
	}
	var out Letters
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, number, err := tx.Settings(c.ID)
		out = Letters{Body: s.Letters, Version: number}
		out.Templates, _ = letter.ParseTemplates(s.Letters) // whoever is to mend it sees the text
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

// PreviewLetter shows a letter about nobody, worded by a template that is not saved yet; nil: as built in. The fault is
// that of PutLetters.
func (o *Office) PreviewLetter(ctx context.Context, by By, k letter.Kind, l locale.Locale, t *letter.Template) (letter.Letter, error) {
	if err := by.may(staff.ReadSettings, staff.Facts{}); err != nil {
		return letter.Letter{}, err
	}
	a := letter.Example(k, l)
	if t != nil {
		body, err := letter.Templates{k: {l: t}}.YAML()
		if err != nil {
			return letter.Letter{}, err
		}
		read, err := letter.ParseTemplates(body)
		if err != nil {
			return letter.Letter{}, err
		}
		a.Template = read.Of(k, l)
	}
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		s, _, err := tx.Settings(c.ID)
		a.Controller = export.Controller{Name: s.Name, OrganisationNo: s.OrganisationNumber, Address: s.PostalAddress, Email: s.Email, Phone: s.Phone, DPO: s.DPO}
		a.Signer = s.Signer(l)
		return err
	})
	return a.Letter(), err
}
