package file

import (
	"context"
	"errors"

	"mininfo/internal/source"
)

// snapshot reads a file; nothing changes under it.
type snapshot struct {
	name   string
	tables []*table
}

func (s *snapshot) Close() error { return nil }

func (s *snapshot) table(t *source.Table) (*table, error) {
	for _, own := range s.tables {
		if t != nil && own.name == t.Name.Name {
			return own, nil
		}
	}
	return nil, &source.Error{Source: s.name, Code: source.Missing}
}

// errEnough ends a scan whose limit is reached.
var errEnough = errors.New("enough")

// checkEvery is after how many rows a scan looks whether it has been cancelled.
const checkEvery = 4096

// Find scans the table once.
func (s *snapshot) Find(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	t, err := s.table(q.Table)
	if err != nil {
		return err
	}
	columns := t.describe().Columns
	at, ok := source.Places(columns, q.Fields)
	wanted, known := q.Match.Test(columns)
	if !ok || !known {
		return &source.Error{Source: s.name, Code: source.Missing, Table: t.name}
	}
	width := len(at)
	if q.RowID {
		width++
	}
	row := make([]source.Value, width)
	scanned, found := 0, 0
	err = t.each(func(line int64, cells [][]byte) error {
		if scanned++; scanned%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		cell := func(at int) source.Value { return t.value(at, cells) }
		if !wanted(cell) {
			return nil
		}
		for i, place := range at {
			row[i] = cell(place).At(q.Fields[i].Path)
		}
		if q.RowID {
			row[width-1] = source.IntOf(line)
		}
		if err := fn(row); err != nil {
			return err
		}
		if found++; q.Limit > 0 && found >= q.Limit {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// Count tells how many rows hold each of the values.
func (s *snapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(v source.Value, rows int64) error) error {
	return source.CountFound(ctx, s, t, f, values, fn)
}
