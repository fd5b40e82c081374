package fulfilment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/keyring"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

var (
	textStated = text("Merknad fra personen, %s:", "Merknad frå personen, %s:", "Statement by the person, %s:")
	textShould = text("%s skal være «%s».", "%s skal vere «%s».", "%s should be \"%s\".")
	textNot    = text("%s skal ikke stå der.", "%s skal ikkje stå der.", "%s should not be there.")
	textHanded = text("%s: «%s»", "%s: «%s»", "%s: \"%s\"")
)

// files tells whether what the person wrote is filed with the row (Art. 16, second sentence): where it
// is annotated, and where it is found to be right as it stands.
func files(d verdict) bool {
	return d.Action == register.Annotate || d.Code == register.CodeAccurate || d.Action == register.Refuse && d.Ground == "accurate"
}

// stated is what a person states beside one row, and the row.
type stated struct {
	row    engine.RowName
	column string // that takes it in the system; empty: there is none
	now    string // what stands there
	words  string
}

// key is the row as it is named in maps.
func (s *stated) key() string { return nameKey(s.row) }

func nameKey(r engine.RowName) string {
	return strings.Join([]string{r.Source, r.Dataset, r.Collection, keyText(r.Key)}, "\x00")
}

func rowName(f *engine.Finding) engine.RowName {
	return engine.RowName{Source: f.Source, Dataset: f.Dataset, Collection: f.Collection, Key: slices.Clone(f.Key)}
}

// states gives what the person states beside the rows that are not changed as they asked.
func (m *material) states(ctx context.Context, findings engine.Findings, conns *Connections) ([]stated, error) {
	var out []stated
	err := findings.Each(ctx, func(f *engine.Finding) error {
		var lines []string
		for i, c := range m.judge.fixes {
			if v, ok := corrects(f, c); ok && files(m.judge.fix(f, v, i)) {
				lines = append(lines, m.statement(c))
			}
		}
		if len(lines) == 0 {
			return nil
		}
		s := stated{row: rowName(f), column: conns.statementOf(f)}
		on := fmt.Sprintf(textStated.In(m.request.Locale), m.request.P.Deadline.Received.Format(m.request.Locale))
		s.words = on + " " + strings.Join(lines, " ")
		if v, ok := f.Field(s.column); ok {
			s.now = v.Value.Text()
		} else {
			s.column = ""
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// statement puts one correction into words: what the person says should stand there, or, where the office
// found the field, the words that were written.
func (m *material) statement(c store.Correction) string {
	l := m.request.Locale
	switch {
	case c.Office && m.request.Detail.Text != "":
		return fmt.Sprintf(textHanded.In(l), c.Label, m.request.Detail.Text)
	case c.Remove:
		return fmt.Sprintf(textNot.In(l), c.Label)
	}
	return fmt.Sprintf(textShould.In(l), c.Label, c.New)
}

// statementOf gives the field that takes what a person states beside a finding; empty: there is none that
// the portal can write.
func (c *Connections) statementOf(f *engine.Finding) string {
	if c == nil {
		return ""
	}
	for _, s := range c.Sources {
		if s.Source.Name() != f.Source || !writable(s) {
			continue
		}
		for _, d := range s.Datasets {
			if col, ok := d.Collection(f.Collection); ok && d.Key == f.Dataset {
				return col.Statement
			}
		}
	}
	return ""
}

// corrections gives the changes that write statements into the systems. What stands there stays, and a
// statement that stands there already is not written twice.
func statementSets(list []stated) []engine.Correction {
	var out []engine.Correction
	for _, s := range list {
		if s.column == "" || strings.Contains(s.now, s.words) {
			continue
		}
		whole := s.words
		if s.now != "" {
			whole = s.now + "\n" + s.words
		}
		out = append(out, engine.Correction{Source: s.row.Source, Collection: s.row.Dataset + "." + s.row.Collection, Field: s.column, Key: s.row.Key, New: whole})
	}
	return out
}

// keptStatements gives the statements that no system holds once the plan is carried out: the portal keeps
// them, and shows them with the row.
func (c *carrying) keptStatements(ctx context.Context) ([]stated, error) {
	if c.m.judge == nil || c.m.request.Right != dsr.Rectification {
		return nil, nil
	}
	list, err := c.m.states(ctx, c.w.reader(c.key, c.m.chunks, confirmed), c.conns)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	written := map[string][]string{}
	err = c.steps.Each(ctx, func(s *engine.Step) error {
		row := nameKey(engine.RowName{Source: s.Source, Dataset: s.Dataset, Collection: s.Collection, Key: s.Key})
		for _, column := range s.Columns {
			written[row] = append(written[row], column.Name)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the plan: %w", err)
	}
	return slices.DeleteFunc(list, func(s stated) bool {
		return s.column != "" && (strings.Contains(s.now, s.words) || slices.Contains(written[s.key()], s.column))
	}), nil
}

func (w *Works) state(tx *store.Tx, r *store.Request, list []stated) error {
	for _, s := range list {
		if err := tx.State(r, w.Store.StatedRow(s.row), keyring.NewPrivate(s.words)); err != nil {
			return err
		}
	}
	return nil
}

// stated gives what is stated beside a finding and kept by the portal.
func (b *bundle) statedBeside(ctx context.Context, f *engine.Finding) ([]string, error) {
	row := b.w.Store.StatedRow(rowName(f))
	if !b.stated[string(row)] {
		return nil, nil
	}
	var words []string
	err := b.w.Store.Read(ctx, func(tx *store.Tx) error {
		list, err := tx.Statements(row)
		words = nil
		for _, s := range list {
			words = append(words, s.Reveal())
		}
		return err
	})
	return words, err
}
