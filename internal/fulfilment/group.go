package fulfilment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"

	"mininfo/internal/blob"
	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/keyring"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// inheritance finds the date that the time of keeping counts from for rows of collections that
// name none: the date of the row that they refer to, such as the order of an order line.
type inheritance struct {
	wanted map[string][]string        // collection → its fields that rows without a date refer to
	from   map[string][]inheritedFrom // collection without a date → where it may get one
	dates  map[string]source.Value
}

type inheritedFrom struct {
	field  string // of the row without a date
	prefix string // of the keys in dates
}

// heldDates bounds what is kept in memory; a row whose date is not held has none, and is proposed
// for a look by a person.
const heldDates = 200_000

func newInheritance(conns []engine.Connected) inheritance {
	in := inheritance{wanted: map[string][]string{}, from: map[string][]inheritedFrom{}, dates: map[string]source.Value{}}
	byKey := map[string]*dataset.Dataset{}
	for _, c := range conns {
		for _, d := range c.Datasets {
			byKey[d.Key] = d
		}
	}
	for _, d := range byKey {
		for _, c := range d.Collections {
			if c.RetentionFrom == "" {
				in.want(d, c, byKey)
			}
		}
	}
	return in
}

func (in inheritance) want(d *dataset.Dataset, c *dataset.Collection, byKey map[string]*dataset.Dataset) {
	for _, leaf := range c.Leaves() {
		for _, ref := range leaf.Field.References {
			target := byKey[ref.Dataset]
			if target == nil || ref.Direction == dataset.To {
				continue
			}
			parent, path, ok := target.Resolve(ref.Field)
			if !ok || parent.RetentionFrom == "" {
				continue
			}
			name := target.Key + "." + parent.Name
			if !slices.Contains(in.wanted[name], path) {
				in.wanted[name] = append(in.wanted[name], path)
			}
			own := d.Key + "." + c.Name
			in.from[own] = append(in.from[own], inheritedFrom{field: leaf.Path, prefix: name + "\x00" + path + "\x00"})
		}
	}
}

// note keeps the dates of a row that others may inherit from.
func (in inheritance) note(f *engine.Finding) {
	fields := in.wanted[collectionName(f)]
	if len(fields) == 0 || f.Retention.IsNull() || len(in.dates) >= heldDates {
		return
	}
	for _, name := range fields {
		if v, ok := f.Field(name); ok && !v.Value.IsNull() {
			in.dates[collectionName(f)+"\x00"+name+"\x00"+v.Value.Text()] = f.Retention
		}
	}
}

// fill gives a row without a date that of the row it refers to; false: nothing changed.
func (in inheritance) fill(f *engine.Finding) bool {
	if !f.Retention.IsNull() {
		return false
	}
	for _, from := range in.from[collectionName(f)] {
		v, ok := f.Field(from.field)
		if !ok || v.Value.IsNull() {
			continue
		}
		if date, ok := in.dates[from.prefix+v.Value.Text()]; ok {
			f.Retention = date
			return true
		}
	}
	return false
}

// gathering builds the groups of a search.
type gathering struct {
	judge  *judge
	labels labels
	key    keyring.DataKey
	groups map[unit]*gathered
	order  []unit
}

type gathered struct {
	store.Group
	facts
	proposals []weighed
	rows      hash.Hash
	last      int           // number of the row counted last
	texts     map[spot]bool // that a redaction can settle
}

// weighed is a proposal and how many rows have it.
type weighed struct {
	proposalFact
	rows int64
}

// group goes through what was found: it fills in inherited dates, and counts what belongs
// together. Chunks that change are written anew.
func (s *search) group(ctx context.Context, chunks []store.Chunk) ([]store.Group, error) {
	g := &gathering{labels: newLabels(s.conns.Sources), key: s.key, groups: map[unit]*gathered{},
		judge: newJudge(s.request, s.reg, s.version, s.today, s.facts, nil)}
	if err := s.redactedBefore(ctx, chunks, g.judge); err != nil {
		return nil, err
	}
	number := 0
	for _, blobName := range blobsOf(chunks) {
		candidate := slices.ContainsFunc(chunks, func(c store.Chunk) bool { return c.Blob == blobName && c.Candidate })
		filled := false
		var all []*engine.Finding
		err := (chunkReader{blobs: s.w.Blobs, key: s.key}).one(ctx, blobName, func(f *engine.Finding) error {
			number++
			if s.dates.fill(f) {
				filled = true
			}
			if len(s.dates.from) > 0 {
				all = append(all, f.Clone())
			}
			g.row(f, candidate, number)
			return nil
		})
		if err == nil && filled {
			err = s.w.rewrite(ctx, s.key, blobName, all)
		}
		if err != nil {
			return nil, err
		}
	}
	return g.finish()
}

// redactedBefore tells the judge what was redacted in earlier findings, and in which fields a redacted text is
// not found any more.
func (s *search) redactedBefore(ctx context.Context, chunks []store.Chunk, j *judge) error {
	if len(s.redactions) == 0 || !s.request.Right.Row().Package {
		return nil
	}
	all, err := redactionsOf(s.redactions, s.run.ID)
	if err != nil {
		return err
	}
	found := map[spot]bool{}
	err = s.w.reader(s.key, chunks, confirmed).Each(ctx, func(f *engine.Finding) error {
		for i := range f.Fields {
			if at := spotOf(f, &f.Fields[i]); all[at].before != nil {
				found[at] = true
			}
		}
		return nil
	})
	s.report.Lost = all.lost(found)
	j.redacted, j.lost = all, s.report.Lost
	return err
}

func blobsOf(chunks []store.Chunk) []string {
	var names []string
	for _, c := range chunks {
		if len(names) == 0 || names[len(names)-1] != c.Blob {
			names = append(names, c.Blob)
		}
	}
	return names
}

func (w *Works) rewrite(ctx context.Context, key keyring.DataKey, name string, findings []*engine.Finding) error {
	_, err := blob.PutSealed(ctx, w.Blobs, name, key, func(out io.Writer) error {
		lines := engine.NewFindingWriter(out)
		for _, f := range findings {
			if err := lines.Write(f); err != nil {
				return err
			}
		}
		return lines.Flush()
	})
	if err != nil {
		return fmt.Errorf("keeping findings: %w", err)
	}
	return nil
}

func newJudge(r *store.Request, reg *register.Register, version int64, today dsr.Date, known []store.Fact, decided map[unit]ruling) *judge {
	j := &judge{right: r.Right, reg: reg, version: version, today: today, asked: scopeOf(r, reg), known: knowledge(known), decided: decided,
		ground: register.RestrictionGrounds[r.Detail.Ground], company: r.P.Standing == dsr.AsCompany}
	if r.Right == dsr.Rectification {
		j.fixes = r.Detail.Corrections
	}
	return j
}

// scopeOf lists the activities that a request is about; nil is all. A rectification is about fields.
func scopeOf(r *store.Request, reg *register.Register) []string {
	if r.Right == dsr.Rectification {
		return nil
	}
	return reg.Scope(r.Right, r.Detail.Activities, r.Detail.Marketing)
}

// row adds a finding to the groups of its fields.
func (g *gathering) row(f *engine.Finding, candidate bool, number int) {
	g.judge.judged(f, candidate, func(v *engine.FieldValue, d verdict) {
		if !d.asked {
			return
		}
		g.add(f, v, d, candidate, number)
	})
	for i, c := range g.judge.fixes {
		if v, ok := corrects(f, c); ok && !candidate {
			g.add(f, v, g.judge.fix(f, v, i), false, number)
		}
	}
}

// corrects finds the field of a finding that a correction is about.
func corrects(f *engine.Finding, c store.Correction) (*engine.FieldValue, bool) {
	if f.Source != c.Source || collectionName(f) != c.Collection || keyText(f.Key) != string(c.Key) {
		return nil, false
	}
	for i := range f.Fields {
		if f.Fields[i].Name == c.Field {
			return &f.Fields[i], true
		}
	}
	return nil, false
}

func (g *gathering) add(f *engine.Finding, v *engine.FieldValue, d verdict, candidate bool, number int) {
	it := g.groups[d.unit]
	if it == nil {
		it = g.begin(f, d, candidate)
	}
	if v != nil {
		it.mention(v, g.labels.field(f, v.Name))
		it.Special = it.Special || special(v) && !v.Value.IsNull()
	}
	it.NeedsLook = it.NeedsLook || d.look
	if v != nil && (d.unit.Part == partThird || d.unit.Part == partChanged) {
		it.text(g.judge, f, v, d.unit.Part)
	} else if v != nil {
		if r := g.judge.stands(f, v); r != nil {
			it.note(r, false)
		}
	}
	if d.proposal.Blocked != nil && it.Blocked == nil {
		it.Blocked = &d.proposal.Blocked.Text
	}
	if it.last == number {
		return
	}
	it.last = number
	it.Count++
	if f.Shared {
		it.Shared++
	}
	if f.OtherPerson || v != nil && (v.ThirdParty || v.Foreign) {
		it.ThirdParty++
	}
	it.CaseVariant = it.CaseVariant || f.CaseVariant
	it.Counts[string(shown(d.proposal.Action))]++
	it.propose(factOf(d.proposal))
	fmt.Fprintf(it.rows, "%s\x00%x\x00", keyText(f.Key), f.Digest)
}

// text counts a text that a redaction can settle, and notes the one that stands already.
func (it *gathered) text(j *judge, f *engine.Finding, v *engine.FieldValue, part string) {
	if it.texts == nil {
		it.texts = map[spot]bool{}
	}
	at := spotOf(f, v)
	if it.texts[at] {
		return
	}
	it.texts[at] = true
	it.Texts++
	if r := j.stands(f, v); r != nil {
		it.note(r, settles(v, part, r))
	}
}

func (it *gathered) note(r *redaction, settles bool) {
	if it.Redacted == nil {
		it.Redacted = map[string]bool{}
	}
	it.Redacted[r.PublicID] = settles
}

func (g *gathering) begin(f *engine.Finding, d verdict, candidate bool) *gathered {
	it := &gathered{rows: sha256.New()}
	it.Group = store.Group{Source: d.unit.Source, Collection: d.unit.Collection, Activity: d.unit.Activity, Part: d.unit.Part, Candidate: candidate}
	it.facts = facts{Dataset: f.Dataset, Collection: f.Collection, Counts: map[string]int64{}}
	if c := g.labels.collection(f); c != nil {
		it.Title = c.Title()
	}
	g.groups[d.unit] = it
	g.order = append(g.order, d.unit)
	return it
}

func (it *gathered) mention(v *engine.FieldValue, label string) {
	if !slices.ContainsFunc(it.Fields, func(f fieldFact) bool { return f.Name == v.Name }) {
		it.Fields = append(it.Fields, fieldFact{Name: v.Name, Label: label})
	}
	for _, c := range v.Categories {
		if !slices.Contains(it.Categories, c) {
			it.Categories = append(it.Categories, c)
		}
	}
}

// propose counts a row's proposal. The most frequent one speaks for the group.
func (it *gathered) propose(p proposalFact) {
	for i := range it.proposals {
		have := &it.proposals[i]
		if have.Action == p.Action && have.Code == p.Code && have.Text == p.Text && sameDate(have.Until, p.Until) {
			have.rows++
			return
		}
	}
	if len(it.proposals) < maxProposals {
		it.proposals = append(it.proposals, weighed{p, 1})
	}
}

func sameDate(a, b *dsr.Date) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// maxProposals bounds how many different proposals of one group are told apart when the one that
// speaks for it is chosen.
const maxProposals = 200

// finish gives the groups: those that need a look first in the order they were met.
func (g *gathering) finish() ([]store.Group, error) {
	g.missingFixes()
	out := make([]store.Group, 0, len(g.order))
	for _, u := range g.order {
		it := g.groups[u]
		it.Proposal = it.leading()
		it.Varies = slices.ContainsFunc(it.proposals, func(p weighed) bool { return !sameDate(p.Until, it.Proposal.Until) })
		it.NeedsLook = needsLook(u.Part, it.Proposal.Action) || it.NeedsLook
		it.Options = g.judge.options(u)
		fmt.Fprintf(it.rows, "%s\x00%s", u.Part, it.Proposal.Action)
		it.Content = hex.EncodeToString(g.key.Index("group", hex.EncodeToString(it.rows.Sum(nil))))
		body, err := json.Marshal(it.facts)
		if err != nil {
			return nil, fmt.Errorf("writing a group's facts: %w", err)
		}
		it.Group.Facts = string(body)
		out = append(out, it.Group)
	}
	return out, nil
}

func (it *gathered) leading() proposalFact {
	return slices.MaxFunc(it.proposals, func(a, b weighed) int { return cmp.Compare(a.weight(), b.weight()) }).proposalFact
}

// weight: what a person has to decide is not hidden behind what is clear.
func (p weighed) weight() int64 {
	if p.Action == register.Review {
		return 1<<40 + p.rows
	}
	return p.rows
}

// shown is how an action is named to the outside, which knows no suppression.
func shown(a register.Action) register.Action {
	if a == register.Suppress {
		return register.Erase
	}
	return a
}

// missingFixes makes a group of each correction whose row was not found.
func (g *gathering) missingFixes() {
	for i := range g.judge.fixes {
		part := fmt.Sprintf("%s%d", partFix, i)
		if slices.ContainsFunc(g.order, func(u unit) bool { return u.Part == part }) {
			continue
		}
		d := g.judge.missingFix(i)
		it := g.begin(&engine.Finding{Source: d.unit.Source, Collection: d.unit.Collection}, d, false)
		it.propose(factOf(d.proposal))
		it.NeedsLook = true
	}
}
