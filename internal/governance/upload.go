package governance

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"mininfo/internal/blob"
	"mininfo/internal/dataset"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// AddFileSource takes an uploaded CSV or XLSX file as a source that can be searched. The bytes are
// kept sealed. A file source of the same name gets the new file, and keeps its annotation when
// that still fits.
func (o *Office) AddFileSource(ctx context.Context, by By, name, activity string, r io.Reader) (Source, error) {
	name, err := cleanName(name)
	if err != nil {
		return Source{}, err
	}
	if err := by.may(staff.EditSettings, staff.Facts{}); err != nil {
		return Source{}, err
	}
	data, err := file.ReadAll(r)
	if err != nil {
		return Source{}, err
	}
	opened, err := file.New(name, data)
	if err != nil {
		return Source{}, atField(err, "/file")
	}
	up := upload{name: name, activity: activity, data: data, opened: opened}
	if err := o.prepare(ctx, &up); err != nil {
		return Source{}, err
	}
	if err := up.annotate(ctx, by); err != nil {
		return Source{}, err
	}
	_, err = blob.PutSealed(ctx, o.Blobs, up.blob, up.key, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return Source{}, fmt.Errorf("keeping an uploaded file: %w", err)
	}
	return o.keep(ctx, by, &up)
}

// atField names the input of a fault.
func atField(err error, field string) error {
	if f := fault.From(err); f != nil {
		return f.At(field)
	}
	return err
}

// upload is a file on its way to become a source.
type upload struct {
	name, activity string
	data           []byte
	opened         *file.Source
	old            *store.Source // the source of the same name
	id             string        // public id
	blob           string
	key            keyring.DataKey
	dataset        string
}

// prepare finds the source that the file belongs to, or makes an id and a key for a new one.
func (o *Office) prepare(ctx context.Context, up *upload) error {
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		if err := o.knownActivity(tx, c, up.activity); err != nil {
			return err
		}
		if up.old, err = tx.SourceNamed(c.ID, up.name); err != nil {
			return err
		}
		if up.old == nil {
			up.id, err = tx.NewID()
		} else if up.id = up.old.PublicID; up.old.Kind != store.SourceFile || up.old.Blob == "" {
			err = store.ErrSourceName.At("/name")
		}
		if err != nil {
			return err
		}
		up.key, err = tx.Key(up.id, store.ClassSource)
		return err
	})
	if err != nil {
		return err
	}
	up.blob, err = o.blobName(ctx, up.id)
	return err
}

// annotate keeps the old annotation when every column that it names is there, and proposes one otherwise.
func (up *upload) annotate(ctx context.Context, by By) error {
	if up.old != nil && fits(up.opened, *up.old) && (up.activity == "" || up.activity == up.old.Activity) {
		up.dataset = up.old.Dataset
		return nil
	}
	// A list that somebody took out of another system is about the people in it: what is not
	// recognised is theirs as well, so that nothing is left out of an answer.
	p, err := scan.Propose(ctx, up.opened, scan.Options{Key: datasetKey(up.name, up.id), Name: up.name, Activity: up.activity, Unknown: "user"})
	if err != nil {
		return err
	}
	up.dataset = string(p.YAML(by.Locale))
	return nil
}

func fits(opened *file.Source, s store.Source) bool {
	schema, err := opened.Inspect(context.Background())
	if err != nil {
		return false
	}
	sets, problems := dataset.Read(fileOf(s), []byte(s.Dataset))
	if len(problems) > 0 {
		return false
	}
	for _, d := range sets {
		for _, c := range d.Collections {
			t, ok := schema.Table(source.TableName{Name: c.Name})
			if !ok {
				return false
			}
			for _, leaf := range c.Leaves() {
				if _, ok := t.Column(leaf.Parts[0]); !ok {
					return false
				}
			}
		}
	}
	return true
}

// datasetKey makes a key that no other dataset has: the source's name in letters that a key may
// hold, and a piece of its id.
func datasetKey(name, id string) string {
	slug := strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r == 'æ' || r == 'å':
			return 'a'
		case r == 'ø':
			return 'o'
		}
		return '_'
	}, name)
	return strings.Trim(slug, "_") + "_" + id[:8]
}

// keep writes the source, and has the bytes destroyed that it had before.
func (o *Office) keep(ctx context.Context, by By, up *upload) (Source, error) {
	var out Source
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		format := "CSV"
		if strings.HasPrefix(string(up.data[:min(2, len(up.data))]), "PK") {
			format = "XLSX"
		}
		if up.old == nil {
			var err error
			out, err = o.add(tx, by, store.Source{PublicID: up.id, Name: up.name, Kind: store.SourceFile, Enabled: true,
				Location: format, Activity: up.activity, Dataset: up.dataset, Blob: up.blob}, keyring.Private{})
			return err
		}
		s, err := tx.Source(up.id) // its file may have been changed since
		if err != nil {
			return err
		}
		if s.Version != up.old.Version {
			return store.ErrVersion
		}
		before := s.Blob
		s.Dataset, s.Location, s.Enabled = up.dataset, format, true
		if up.activity != "" {
			s.Activity = up.activity
		}
		mine, err := tx.SwapSourceBlob(up.id, before, up.blob)
		if err != nil {
			return err
		}
		if !mine {
			return store.ErrVersion
		}
		if err := dropLater(tx, before, 0); err != nil {
			return err
		}
		out, err = revise(tx, by, s, nil, "source_file_replaced")
		return err
	})
	return out, err
}
