package scan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// propose writes down what was judged.
func (j *judge) propose() *Proposal {
	p := &Proposal{Key: j.o.Key, Name: j.o.Name, Activity: j.o.Activity, Schema: j.o.Schema, System: j.schema.System, Tables: j.looked}
	inside := j.included()
	in := map[*table]bool{}
	for _, t := range inside {
		in[t] = true
	}
	for _, t := range inside {
		p.Collections = append(p.Collections, j.collection(t, in))
	}
	for _, t := range j.tables {
		if !in[t] {
			p.LeftOut = append(p.LeftOut, j.leftOut(t))
		}
	}
	for _, v := range j.views {
		p.LeftOut = append(p.LeftOut, LeftOut{Name: v.Name.Name, Reason: noteView})
	}
	sort.SliceStable(p.LeftOut, func(a, b int) bool { return p.LeftOut[a].Asked && !p.LeftOut[b].Asked })
	reached := p.reach()
	for i, c := range p.Collections {
		if reached[c.Name] && j.o.Unknown == "" {
			j.general(inside[i], c)
		}
		c.unmark()
	}
	p.whole()
	return p
}

func (j *judge) leftOut(t *table) LeftOut {
	out := LeftOut{Name: t.name, Reason: noteNothing}
	if t.noun == thing {
		out.Reason = noteThing
	}
	var seen []string
	for _, c := range t.columns {
		if g := c.self(); g.rule != nil && (g.rule.where == anywhere && !g.asked || g.sure && (addressPart(g.category) || g.rule.identity != "" || g.rule.shape == looksName || strings.HasPrefix(g.category, catName))) && !c.key && !handles[squeeze(c.words)] {
			seen = append(seen, c.live.Name)
		}
	}
	switch lead := slices.IndexFunc(t.refs, func(r *ref) bool { return r.parent.role == RolePeople && r.parent.gathers(t) }); {
	case len(seen) > 0:
		out.Reason, out.Asked = noteSeen(seen), true
	case lead >= 0:
		out.Reason, out.Asked = noteGroup(t.refs[lead].column), true
	}
	return out
}

func (j *judge) collection(t *table, in map[*table]bool) *Collection {
	c := &Collection{Name: t.name, Table: t.live.Name, Description: t.live.Comment, Role: t.role, Rows: t.live.Rows, Sampled: t.sampled}
	switch {
	case t.unread:
		c.Evidence = append(c.Evidence, noteUnread)
	case t.sampled == 0:
		c.Evidence = append(c.Evidence, noteEmpty)
	}
	key := t.ownKey()
	for _, col := range t.columns {
		f := j.field(t, col)
		if col == key {
			f.PrimaryKey, f.KeyNote = true, &noteKeyGuess
		}
		f.References = j.refs(t, col, in)
		c.Fields = append(c.Fields, f)
		if c.Restriction == nil && restricted[squeeze(col.words)] && !col.key && len(f.References) == 0 {
			c.Restriction = marks(col, f.Name)
		}
		if sortOf(col.live, col.stats) == dated || col.stats.share(looksDate) > 0.8 {
			word := squeeze(col.words)
			if c.Received == "" && received[word] {
				c.Received = f.Name
			}
			if c.RetentionFrom == "" && retained[word] {
				c.RetentionFrom = f.Name
			}
		}
	}
	if key == nil && len(t.live.PrimaryKey) == 0 && !t.live.Keyless && !slices.ContainsFunc(t.live.Uniques, func(u source.Index) bool { return !u.Partial }) {
		c.Questions = append(c.Questions, Question{Note: noteNoKey})
	}
	return c
}

// marks guesses what a column holds while a row is restricted; nil: it is no mark.
func marks(c *column, name string) *dataset.Restriction {
	values := map[uint8][2]string{truth: {"true", "false"}, numeric: {"1", "0"}, textual: {"ja", "nei"}}
	is, ok := values[sortOf(c.live, c.stats)]
	if !ok {
		return nil
	}
	return &dataset.Restriction{Field: name, Value: is[0], Lifted: &is[1]}
}

// unmark: what may be the mark of a restriction is nothing that a person is told of as theirs.
func (c *Collection) unmark() {
	for _, f := range c.Fields {
		if c.Restriction != nil && c.Restriction.Field == f.Name && f.General() {
			f.Category = ""
		}
	}
}

// ownKey finds a column that names the rows of a table without a primary key.
func (t *table) ownKey() *column {
	if len(t.live.PrimaryKey) > 0 || t.live.Keyless {
		return nil
	}
	for _, c := range t.columns {
		if t.live.IsUnique(c.live.Name) && !c.live.Nullable {
			return nil
		}
	}
	for _, c := range t.columns {
		if squeeze(c.words) == "id" && t.tells(c) {
			return c
		}
	}
	for _, c := range t.columns {
		if !c.points(t) && t.tells(c) && c.stats.filled >= 5 {
			return c
		}
	}
	return nil
}

func (j *judge) field(t *table, c *column) *Field {
	f := &Field{Name: c.live.Name, Description: c.live.Comment, PrimaryKey: c.key, ReadOnly: c.live.Generated && !c.key}
	f.DataType, f.Length = dataType(c.live)
	g := c.guess
	switch {
	case g.rule == nil && j.o.Unknown != "" && !c.key && !c.points(t):
		f.Category, f.Evidence = j.o.Unknown, []Note{noteUnknown}
		return f
	case g.rule == nil:
		if c.stats.known() && c.stats.objects*2 > c.stats.filled && t.role != RolePath && !c.points(t) {
			f.Fields = j.nested(t, c.stats, 1, aboutOthers(c.words))
			if len(f.Fields) > 0 {
				f.DataType, f.Length = c.stats.document(), 0
			}
		}
		return f
	}
	f.Evidence = g.notes
	if g.third {
		f.ThirdParty = true
		f.Evidence = append(f.Evidence, noteThird)
	}
	if g.asked {
		f.Asked = g.category
		return f
	}
	f.Category, f.Identity, f.Special, f.NationalID = g.category, g.identity, g.special, g.nationalID
	f.Confidence = Likely
	if g.sure || g.rule.where == anywhere && !c.stats.known() {
		f.Confidence = Sure
	}
	if c.live.Generated || c.key {
		return f
	}
	f.Masking = masking(t, c, g)
	return f
}

// aboutOthers tells whether a document of this name is about somebody else than its row, such as whom to
// call in an emergency: nobody is found by that person's number.
func aboutOthers(name []string) bool {
	return slices.ContainsFunc(name, func(w string) bool { return others[w] || others[strings.TrimSuffix(w, "s")] }) || others[squeeze(name)]
}

// nested proposes the fields of a document, when something in it is personal.
func (j *judge) nested(t *table, s *stats, level int, third bool) []*Field {
	var names []string
	for name := range s.keys {
		names = append(names, name)
	}
	sort.Strings(names)
	if len(names) >= maxKeys {
		return nil
	}
	for _, name := range names {
		// A document whose keys are themselves values, such as addresses or names, is no list of fields.
		if shapeOf(name)&(looksEmail|looksPhone|looksNumber8|looksNationalID|looksIP|looksUUID|looksDate|looksInteger|looksName|looksHash) != 0 || len(name) > 60 {
			return nil
		}
	}
	var out []*Field
	personal := false
	for _, name := range names {
		if name == "" || strings.Contains(name, ".") {
			continue
		}
		k := s.keys[name]
		inner := &column{live: &source.Column{Name: name, Type: "text", Class: source.ClassText, Nullable: true}, words: words(name), stats: k}
		f := &Field{Name: name}
		if k.objects*2 > k.filled && level < maxLevel {
			if f.Fields = j.nested(t, k, level+1, third || aboutOthers(inner.words)); len(f.Fields) > 0 {
				f.DataType, personal = k.document(), true
			}
		} else if len(inner.words) > 0 {
			inner.guess = j.judge(t, inner)
			if third && inner.guess.rule != nil {
				inner.guess.third, inner.guess.identity = true, ""
			}
			f = j.field(t, inner)
			f.Masking, f.DataType, f.Length = "", "", 0
			if k.lists > 0 {
				f.DataType = "string[]"
			}
			personal = personal || f.Category != ""
		}
		out = append(out, f)
	}
	if !personal {
		return nil
	}
	return out
}

// document is the type of a field that holds objects, or lists of them.
func (s *stats) document() string {
	if s.lists*2 > s.objects {
		return "object[]"
	}
	return "object"
}

func dataType(c *source.Column) (string, int) {
	class, list := c.Class, ""
	if class == source.ClassArray {
		class, list = c.Elem, "[]"
	}
	switch class {
	case source.ClassInt:
		return "integer" + list, 0
	case source.ClassFloat, source.ClassDecimal:
		return "float" + list, 0
	case source.ClassBool:
		return "boolean" + list, 0
	case source.ClassText:
		if list != "" {
			return "string[]", 0
		}
		return "string", c.MaxLength
	case source.ClassUUID:
		return "string" + list, 0
	}
	return "", 0
}

// erased is what stands in a column that must hold something, after an erasure.
const erased = "(slettet)"

// masking proposes a strategy for columns that cannot be emptied: a plan that empties them could
// not be carried out.
func masking(t *table, c *column, g guess) string {
	if c.live.Nullable {
		return ""
	}
	switch c.live.Class {
	case source.ClassText:
		if len(c.live.Enum) > 0 {
			return "{strategy: preserve}"
		}
		if t.live.InUnique(c.live.Name) {
			suffix, length := "", 12
			if g.identity == "email" && (c.live.MaxLength == 0 || c.live.MaxLength >= 32) {
				suffix = `, format_preservation: {suffix: "@slettet.invalid"}`
			}
			if c.live.MaxLength > 0 {
				length = min(length, c.live.MaxLength)
			}
			return fmt.Sprintf("{strategy: random_string_rewrite, configuration: {length: %d%s}}", length, suffix)
		}
		text := []rune(erased)
		if c.live.MaxLength > 0 && c.live.MaxLength < len(text) {
			text = text[:c.live.MaxLength]
			if c.live.MaxLength < 4 {
				text = []rune(strings.Repeat("-", c.live.MaxLength))
			}
		}
		return "{strategy: string_rewrite, configuration: {rewrite_value: " + scalar(string(text)) + "}}"
	case source.ClassDate, source.ClassTime:
		return "{strategy: truncate_date, configuration: {to: year}}"
	case source.ClassInt, source.ClassFloat, source.ClassDecimal, source.ClassBool:
		return "{strategy: preserve}"
	case source.ClassOther:
		if sortOf(c.live, c.stats) == dated && c.stats.share(looksDate) > 0.9 {
			return "{strategy: truncate_date, configuration: {to: year}}"
		}
		if len(c.live.Enum) > 0 {
			return "{strategy: preserve}"
		}
	}
	return ""
}

// leads gives the parent's field that a column of the reference leads to.
func (r *ref) leads(column string) (string, bool) {
	if column == r.column {
		return r.field, true
	}
	if at := slices.Index(r.columns, column); at >= 0 && len(r.beside) > 1 {
		return r.beside[at], true
	}
	return "", false
}

// refs proposes the references of a column, with the way that a walk may go.
func (j *judge) refs(t *table, c *column, in map[*table]bool) []Reference {
	var out []Reference
	for _, r := range t.refs {
		field, leads := r.leads(c.live.Name)
		if !leads || !in[r.parent] || t.name == r.parent.name && field == c.live.Name {
			continue
		}
		one := Reference{Collection: r.parent.name, Field: field, Evidence: r.note, Confidence: Likely, Asked: r.asked}
		if r.sure {
			one.Confidence = Sure
		}
		if len(r.beside) > 1 {
			one.Evidence.Text.NB += "; " + noteMany.Text.NB
			one.Evidence.Text.NN += "; " + noteMany.Text.NN
			one.Evidence.Text.EN += "; " + noteMany.Text.EN
		}
		one.Direction = direction(t, r)
		switch {
		case r.parent == t:
			one.Asked, one.Direction, one.Evidence, one.Confidence = true, dataset.To, noteSelf, Unsure
		case r.handler:
			one.Asked, one.Direction, one.Evidence, one.Confidence = true, dataset.To, noteHandler, Unsure
		case r.asked:
			one.Confidence = Unsure
		}
		if !slices.ContainsFunc(out, func(o Reference) bool { return o.Collection == one.Collection && o.Field == one.Field }) {
			out = append(out, one)
		}
	}
	return out
}

// direction: from a person's row down to what belongs to it, and from a row to the address or
// company that it names, but not from that to all who share it.
func direction(t *table, r *ref) dataset.Direction {
	switch r.parent.role {
	case RoleShared:
		return dataset.To
	case RolePath:
		if t.role == RoleOwned && len(t.refs) == 1 {
			return dataset.From
		}
		return dataset.To
	case RolePeople:
		if t.role == RolePeople && t.noun != kin && r.parent.noun != kin {
			return dataset.Both
		}
	}
	return dataset.From
}

// reach asks about tables that no way leads to, and gives those that one does.
func (p *Proposal) reach() map[string]bool {
	seen := map[string]bool{}
	var queue []string
	for _, c := range p.Collections {
		for _, f := range c.Fields {
			if f.Identity != "" && !seen[c.Name] {
				seen[c.Name] = true
				queue = append(queue, c.Name)
			}
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		visit := func(to string) {
			if !seen[to] {
				seen[to] = true
				queue = append(queue, to)
			}
		}
		for _, c := range p.Collections {
			for _, f := range c.Fields {
				for _, r := range f.References {
					switch {
					case r.Asked:
					case c.Name == at && r.Direction != dataset.From:
						visit(r.Collection)
					case r.Collection == at && r.Direction != dataset.To:
						visit(c.Name)
					}
				}
			}
		}
	}
	for _, c := range p.Collections {
		if !seen[c.Name] {
			c.Questions = append(c.Questions, Question{Note: noteUnreachable})
		}
	}
	return seen
}
