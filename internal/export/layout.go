package export

import (
	"context"
	"fmt"
	"strconv"

	"mininfo/internal/locale"
)

// layout is a package with the names of its files and what the first pass over the rows learnt.
type layout struct {
	*Package
	purposes    []*purpose
	attachments []*attachment
}

type purpose struct {
	*Purpose
	tables []*table
}

// table is a table with its file and what the first pass counted. Every later pass must agree.
type table struct {
	*Table
	file    string // csv/…
	counted bool
	rows    int
	kept    bool // at least one row says until when it is kept
	noted   bool // at least one row has a note
}

type attachment struct {
	*Attachment
	file   string // vedlegg/…
	size   int64
	sha256 string
}

// checkEvery is how many rows pass between looks at a cancelled context.
const checkEvery = 256

func newLayout(p *Package) (*layout, error) {
	p = withDefaults(p)
	l := &layout{Package: p}
	taken := map[string]bool{}
	for i := range p.Purposes {
		planned := &purpose{Purpose: &p.Purposes[i]}
		for j := range planned.Tables {
			t := &planned.Tables[j]
			if err := checkColumns(t.Columns); err != nil {
				return nil, err
			}
			planned.tables = append(planned.tables, &table{Table: t, file: tableFile(t, taken)})
		}
		l.purposes = append(l.purposes, planned)
	}
	for i := range p.Attachments {
		a := &p.Attachments[i]
		l.attachments = append(l.attachments, &attachment{Attachment: a,
			file: attachmentFile(p.Locale, i+1, a.Name), size: max(a.Size, 0)})
	}
	return l, nil
}

func checkColumns(columns []Column) error {
	names := make(map[string]bool, len(columns))
	for _, c := range columns {
		if names[c.Name] {
			return fmt.Errorf("reading the columns of a table: %w", ErrShape)
		}
		names[c.Name] = true
	}
	return nil
}

// each gives every row to yield. The first pass counts; the later ones must find the same.
func (t *table) each(ctx context.Context, yield func(*Row) error) error {
	n := 0
	if t.Rows != nil {
		err := t.Rows(ctx, func(r *Row) error {
			if n%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if len(r.Cells) != len(t.Columns) {
				return ErrShape
			}
			n++
			if t.counted && n > t.rows {
				return ErrUnstable
			}
			t.learn(r)
			return yield(r)
		})
		if err != nil {
			return fmt.Errorf("reading the rows of a table: %w", err)
		}
	}
	if t.counted && n != t.rows {
		return fmt.Errorf("reading the rows of a table: %w", ErrUnstable)
	}
	t.counted, t.rows = true, n
	return nil
}

func (t *table) learn(r *Row) {
	if t.counted {
		return
	}
	t.kept = t.kept || !r.KeptUntil.IsZero() || r.KeptWhy != ""
	t.noted = t.noted || len(r.Notes) > 0
}

// count makes the first pass where nothing else needs one.
func (l *layout) count(ctx context.Context) error {
	for _, t := range l.tables() {
		if err := t.each(ctx, func(*Row) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

func (l *layout) tables() []*table {
	var all []*table
	for _, p := range l.purposes {
		all = append(all, p.tables...)
	}
	return all
}

func (p *purpose) rows() int {
	n := 0
	for _, t := range p.tables {
		n += t.rows
	}
	return n
}

// rows is how many rows the package holds, after the first pass.
func (l *layout) rows() int {
	n := 0
	for _, p := range l.purposes {
		n += p.rows()
	}
	return n
}

func (t *table) title() string {
	if t.Title != "" {
		return t.Title
	}
	return Readable(t.Collection)
}

func (c Column) label() string {
	if c.Label != "" {
		return c.Label
	}
	return Readable(c.Name)
}

// number writes a count with the thousands apart.
func number(n int, l locale.Locale) string {
	digits := strconv.Itoa(n)
	gap := "\u00a0"
	if l == locale.EN {
		gap = ","
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + gap + digits[i:]
	}
	return digits
}
