package fulfilment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Others' rights are protected by redaction, not by refusing everything (Art. 15(4)): a member takes passages
// out of a text, and the person gets the rest of it. A redaction is of one value: where a later search finds
// another one in its place, it no longer stands, and somebody has to look again.

// Passage is a part of a text, counted in characters (code points); To is the first after it.
type Passage struct{ From, To int }

// Redaction is what a member takes out of one text of one finding, on which ground and why.
type Redaction struct {
	Group    string // of the findings, as the page showed it
	Finding  string // as a page of findings names it
	Field    string
	Seen     string // digest of the value that was marked in
	Replaces string // the redaction that stood when the text was opened, or ""
	Passages []Passage
	Ground   string
	Reason   string
}

// RedactedText is a text of a finding with what is taken out of it, and what is proposed to be.
type RedactedText struct {
	Text     string
	Seen     string
	Passages []Passage        // what is taken out now
	Proposed []engine.Passage // where identifiers of other known persons stand
	Changed  bool             // it was redacted, and has changed since
	Standing string           // the redaction in force, or ""
	Ground   string
	Reason   string
	Mark     string // what the person reads in place of a passage
}

// Faults of redacting.
var (
	ErrPassagesMissing = fault.Define(fault.Invalid, "passages_missing",
		"Marker det som skal sladdes i teksten.", "Marker det som skal sladdast i teksten.", "Mark what is to be redacted in the text.")
	ErrPassages = fault.Define(fault.Invalid, "passages_invalid",
		"Det som er merket, ligger ikke i teksten, er tomt eller overlapper. Åpne teksten på nytt og merk det igjen.",
		"Det som er merkt, ligg ikkje i teksten, er tomt eller overlappar. Opne teksten på nytt og merk det igjen.",
		"What is marked is not within the text, is empty or overlaps. Open the text again and mark it anew.")
	ErrValueChanged = fault.Define(fault.Conflict, "text_changed",
		"Teksten er endret siden du åpnet den. Åpne den på nytt og merk det som skal sladdes.",
		"Teksten er endra sidan du opna han. Opne han på nytt og merk det som skal sladdast.",
		"The text has changed since you opened it. Open it again and mark what is to be redacted.")
	ErrNotText = fault.Define(fault.Conflict, "not_redactable",
		"I dette feltet kan ikke noe sladdes. Du kan holde hele feltet tilbake i stedet.",
		"I dette feltet kan ikkje noko sladdast. Du kan halde heile feltet tilbake i staden.",
		"Nothing can be redacted in this field. You can withhold the whole field instead.")
	ErrRedactionReason = fault.Define(fault.Invalid, "redaction_reason",
		"Skriv hvorfor dette sladdes.", "Skriv kvifor dette blir sladda.", "Write why this is redacted.")
	ErrNoRedaction = fault.Define(fault.NotFound, "no_redaction",
		"Denne sladdingen gjelder ikke lenger. Last siden på nytt.", "Denne sladdinga gjeld ikkje lenger. Last sida på nytt.",
		"This redaction is no longer in force. Reload the page.")
)

// textRedactable bounds the texts that are marked in on a page, in characters.
const textRedactable = 200_000

const (
	codeRedacted = "REDACTED"
	codeUnmarked = "REDACTION_FELL"
)

var (
	textRedactedPart = text("Deler av teksten er sladdet.", "Delar av teksten er sladda.", "Parts of the text are redacted.")
	textRedactedIn   = text("Deler av «%s» er sladdet.", "Delar av «%s» er sladda.", "Parts of \"%s\" are redacted.")
	textFell         = text("Teksten er endret siden den ble sladdet. En saksbehandler må se på den igjen.",
		"Teksten er endra sidan han vart sladda. Ein saksbehandlar må sjå på han igjen.",
		"The text has changed since it was redacted. A case handler has to look at it again.")
	textMark = text("[sladdet]", "[sladda]", "[redacted]")
)

// spot is one text of one row.
type spot struct{ source, collection, key, field string }

func spotOf(f *engine.Finding, v *engine.FieldValue) spot {
	return spot{f.Source, collectionName(f), keyText(f.Key), v.Name}
}

// redactedBody is what is sealed of a redaction.
type redactedBody struct {
	Key      string    `json:"key"`
	Value    string    `json:"value"` // digest of what was seen
	Passages []Passage `json:"passages"`
}

// redaction is one that was kept, opened.
type redaction struct {
	store.Redaction
	redactedBody
}

// markedText is what was redacted at one spot: in the findings of a search, and before it.
type markedText struct{ now, before *redaction }

// redactions are those of a request, as they bear on the findings of one search.
type redactions map[spot]markedText

// redactionsOf reads them for a search. Those whose findings were purged say nothing any more.
func redactionsOf(list []store.Redaction, run int64) (redactions, error) {
	all := redactions{}
	for _, kept := range list {
		if kept.Body.Reveal() == "" {
			continue
		}
		r := &redaction{Redaction: kept}
		if err := json.Unmarshal([]byte(kept.Body.Reveal()), &r.redactedBody); err != nil {
			return nil, fmt.Errorf("reading a redaction: %w", err)
		}
		at := spot{kept.Source, kept.Collection, r.Key, kept.Field}
		m := all[at]
		if kept.RunID == run {
			m.now = r
		} else {
			m.before = r
		}
		all[at] = m
	}
	return all, nil
}

// newest gives the redaction that was made last, whether or not it stands.
func (m markedText) newest() *redaction {
	if m.now != nil {
		return m.now
	}
	return m.before
}

// seenDigest names a value, so that a redaction is of that one alone.
func seenDigest(v source.Value) string {
	sum := sha256.Sum256([]byte(v.Typed()))
	return hex.EncodeToString(sum[:])
}

// stands gives the redaction of a field that is in force, or nil.
func (j *judge) stands(f *engine.Finding, v *engine.FieldValue) *redaction {
	if len(j.redacted) == 0 {
		return nil
	}
	r := j.redacted[spotOf(f, v)].newest()
	if r == nil || len(r.redactedBody.Passages) == 0 || r.Value != seenDigest(v.Value) {
		return nil
	}
	return r
}

// fell tells whether a text was redacted before the search, and is another one now. What is redacted after
// the search does not change that: the parts of findings stay as the search made them.
func (j *judge) fell(f *engine.Finding, v *engine.FieldValue) bool {
	if len(j.redacted) == 0 || !redactable(v) {
		return false
	}
	before := j.redacted[spotOf(f, v)].before
	if before != nil && len(before.redactedBody.Passages) > 0 {
		return before.Value != seenDigest(v.Value)
	}
	return before == nil && slices.Contains(j.lost, lostText{f.Source, collectionName(f), v.Name})
}

// lostText is a field of a collection in which a redacted text is not found any more. Where rows have no name
// but their values, what changed is another row: then every text there has to be looked at.
type lostText struct {
	Source     string `json:"source"`
	Collection string `json:"collection"`
	Field      string `json:"field"`
}

// lost lists the texts that were redacted and whose rows, being named by them, are not among the findings.
func (all redactions) lost(found map[spot]bool) []lostText {
	var out []lostText
	for at, m := range all {
		var key [][2]string
		if m.before == nil || len(m.before.redactedBody.Passages) == 0 || found[at] || json.Unmarshal([]byte(at.key), &key) != nil {
			continue
		}
		named := slices.ContainsFunc(key, func(part [2]string) bool { return part[0] == at.field })
		if it := (lostText{at.source, at.collection, at.field}); named && !slices.Contains(out, it) {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b lostText) int {
		return strings.Compare(a.Source+"\x00"+a.Collection+"\x00"+a.Field, b.Source+"\x00"+b.Collection+"\x00"+b.Field)
	})
	return out
}

// redactable tells whether passages can be taken out of a field.
func redactable(v *engine.FieldValue) bool {
	return categorised(v) && (v.Value.Kind == source.Text || v.Value.Kind == source.JSON) && v.Value.Str != "" &&
		(len(v.Value.Str) <= textRedactable || utf8.RuneCountInString(v.Value.Str) <= textRedactable)
}

// settles tells whether a redaction is the look that a text needed because it speaks of others, or has changed:
// whoever marked in it read it, and nothing of what was found of others is left.
func settles(v *engine.FieldValue, part string, r *redaction) bool {
	return (part == partThird || part == partChanged) && covers(r.redactedBody.Passages, v.Others)
}

// covers tells whether nothing of what was found of others is left. passages are in order.
func covers(passages []Passage, others []engine.Passage) bool {
	for _, o := range others {
		at := o.From
		for _, p := range passages {
			if p.From <= at && at < p.To {
				at = p.To
			}
		}
		if at < o.To {
			return false
		}
	}
	return true
}

// without gives a value without the passages of the redaction, in a language.
func (r *redaction) without(v source.Value, l locale.Locale) source.Value {
	runes := []rune(v.Str)
	mark := markOf(r.Ground, l)
	var b strings.Builder
	at := 0
	for _, p := range r.redactedBody.Passages {
		b.WriteString(string(runes[at:p.From]) + mark)
		at = p.To
	}
	b.WriteString(string(runes[at:]))
	v.Str = b.String()
	if v.Kind == source.JSON && !json.Valid([]byte(v.Str)) {
		v.Kind = source.Text
	}
	return v
}

// withoutPassages gives a finding as it is when its redactions are carried out.
func (j *judge) withoutPassages(f *engine.Finding, l locale.Locale) *engine.Finding {
	var out *engine.Finding
	for i := range f.Fields {
		if r := j.stands(f, &f.Fields[i]); r != nil {
			if out == nil {
				out = f.Clone()
			}
			out.Fields[i].Value = r.without(f.Fields[i].Value, l)
		}
	}
	if out == nil {
		return f
	}
	return out
}

// markOf is what stands in place of a passage. Of what nobody may be told of, nothing does (pol. § 16).
func markOf(ground string, l locale.Locale) string {
	if register.Quiet(ground) {
		return ""
	}
	return textMark.In(l)
}

// partsOf says that parts of a field are redacted.
func partsOf(field string) locale.Text {
	return text(fmt.Sprintf(textRedactedIn.NB, field), fmt.Sprintf(textRedactedIn.NN, field), fmt.Sprintf(textRedactedIn.EN, field))
}

// label is what people call a field of a finding.
func (m *material) label(f *engine.Finding, field string) string {
	for _, g := range m.groups {
		if !g.holds(f) {
			continue
		}
		for _, known := range g.Fields {
			if known.Name == field && known.Label != "" {
				return known.Label
			}
		}
	}
	return export.Readable(field)
}

// told words that passages were taken out, as what is withheld is told of.
func (r *redaction) told(d verdict, said locale.Text) verdict {
	known, _ := register.FindReason(register.WithholdGrounds, r.Ground)
	d.unit.Part = "redacted." + r.Ground
	d.Proposal = register.Proposal{Action: register.Mask, Ground: r.Ground, Code: codeRedacted, Exception: known.Article, Law: register.Law(known.Article), Text: join(said, known.Text)}
	return d
}

// written is how a step of the plan bears a redaction: the digest covers which passages go, and why.
func (r *redaction) written() source.Value {
	var b strings.Builder
	for _, p := range r.redactedBody.Passages {
		fmt.Fprintf(&b, "%d-%d ", p.From, p.To)
	}
	return source.TextOf(b.String() + r.Ground)
}

// checkPassages puts passages in order; they lie within a text of a length, and apart.
func checkPassages(list []Passage, length int) ([]Passage, error) {
	if len(list) == 0 {
		return nil, ErrPassagesMissing.At("/passages")
	}
	list = slices.SortedFunc(slices.Values(list), func(a, b Passage) int { return a.From - b.From })
	at := 0
	for _, p := range list {
		if p.From < at || p.To <= p.From || p.To > length {
			return nil, ErrPassages.At("/passages")
		}
		at = p.To
	}
	return list, nil
}

// redacting is a text that a member opens or marks in.
type redacting struct {
	m    *material
	row  *engine.Finding
	v    *engine.FieldValue
	unit unit
}

// findText looks up a text of a finding.
func (w *Works) findText(ctx context.Context, m *material, key keyring.DataKey, group, finding, field string) (redacting, error) {
	t := redacting{m: m}
	if !m.request.Right.Row().Package {
		return t, ErrNotText
	}
	g, ok := m.group(group)
	if !ok || g.Candidate {
		return t, ErrGroupGone
	}
	err := w.reader(key, m.chunks, g.chunk).Each(ctx, func(f *engine.Finding) error {
		if !g.holds(f) || findingID(key, f) != finding {
			return nil
		}
		t.row = f.Clone()
		return errEnough
	})
	if err != nil && !errors.Is(err, errEnough) {
		return t, err
	}
	if t.row == nil {
		return t, ErrNoSuchRow
	}
	t.v, ok = t.row.Field(field)
	if !ok {
		return t, ErrNoSuchRow
	}
	if !redactable(t.v) {
		return t, ErrNotText
	}
	t.unit = m.judge.field(t.row, t.v, false).unit
	return t, nil
}

// findingID names a finding of a case on a page: a keyed index that tells nothing.
func findingID(key keyring.DataKey, f *engine.Finding) string {
	return hex.EncodeToString(key.Index("finding", f.Source+"\x00"+collectionName(f)+"\x00"+keyText(f.Key))[:16])
}

// ReadText gives a text of a finding to a member who is going to mark in it. Reading it is a leaf in the log.
func (w *Works) ReadText(ctx context.Context, by By, id, group, finding, field string) (RedactedText, error) {
	m, key, err := w.open(ctx, by, id, "findings_read")
	if err != nil {
		return RedactedText{}, err
	}
	t, err := w.findText(ctx, m, key, group, finding, field)
	if err != nil {
		return RedactedText{}, err
	}
	if masked(t.v) {
		if err := w.unmasked(ctx, by, id, t.unit, []string{t.v.Name}, unmaskToRedact, ""); err != nil {
			return RedactedText{}, err
		}
	}
	out := RedactedText{Text: t.v.Value.Str, Seen: seenDigest(t.v.Value), Proposed: t.v.Others, Changed: m.judge.fell(t.row, t.v), Mark: textMark.In(m.request.Locale)}
	if kept := m.judge.redacted[spotOf(t.row, t.v)].newest(); kept != nil {
		out.Standing = kept.PublicID
	}
	if r := m.judge.stands(t.row, t.v); r != nil {
		out.Passages, out.Ground, out.Reason, out.Changed = r.redactedBody.Passages, r.Ground, r.Reason.Reveal(), false
	}
	return out, nil
}

// Redact takes passages out of a text of a finding, and has the plan follow.
func (w *Works) Redact(ctx context.Context, by By, id string, in Redaction) error {
	var m *material
	var key keyring.DataKey
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.Decide, r); err != nil {
			return err
		}
		if m, err = w.gather(tx, r); err != nil {
			return err
		}
		if err := marks(m); err != nil {
			return err
		}
		key, err = tx.Key(id, store.ClassEvidence)
		return err
	})
	if err != nil {
		return err
	}
	t, err := w.findText(ctx, m, key, in.Group, in.Finding, in.Field)
	if err != nil {
		return err
	}
	if in.Seen != seenDigest(t.v.Value) {
		return ErrValueChanged
	}
	passages, err := checkPassages(in.Passages, len([]rune(t.v.Value.Str)))
	if err != nil {
		return err
	}
	if !knownGround(in.Ground, m.request, t.unit) {
		return ErrGroundMissing.At("/ground")
	}
	reason := strings.TrimSpace(in.Reason)
	if reason == "" {
		return ErrRedactionReason.At("/reason")
	}
	kept := &redaction{redactedBody: redactedBody{Key: keyText(t.row.Key), Value: in.Seen, Passages: passages}}
	kept.Redaction = store.Redaction{Replaces: in.Replaces, Source: t.unit.Source, Collection: t.unit.Collection, Activity: t.unit.Activity, Part: t.unit.Part,
		Field: t.v.Name, Passages: int64(len(passages)), Covers: settles(t.v, t.unit.Part, kept), Ground: in.Ground, Reason: keyring.NewPrivate(reason)}
	return w.redact(ctx, by, id, m.run.ID, kept)
}

// TakeBack ends a redaction: the person gets the text whole, unless something else stands against it.
func (w *Works) TakeBack(ctx context.Context, by By, id, redacted string) error {
	var run int64
	var back *redaction
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if err := by.may(staff.Decide, r); err != nil {
			return err
		}
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := marks(m); err != nil {
			return err
		}
		run = m.run.ID
		for at, marked := range m.judge.redacted {
			if last := marked.newest(); last.PublicID == redacted && len(last.redactedBody.Passages) > 0 {
				back = &redaction{redactedBody: redactedBody{Key: at.key, Value: last.Value}}
				back.Redaction = store.Redaction{Replaces: redacted, Source: last.Source, Collection: last.Collection, Activity: last.Activity, Part: last.Part, Field: last.Field}
				return nil
			}
		}
		return ErrNoRedaction
	})
	if err != nil {
		return err
	}
	return w.redact(ctx, by, id, run, back)
}

// marks tells whether texts can be marked in now: while a search is under way, what it will find is not known.
func marks(m *material) error {
	if !plannable(m.request) || m.run == nil || m.newest == nil || m.newest.ID != m.run.ID {
		return dsr.ErrTransition
	}
	return nil
}

// redact keeps a redaction, if the findings and what is redacted of the text are as they were seen.
func (w *Works) redact(ctx context.Context, by By, id string, run int64, kept *redaction) error {
	found := 0
	err := w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := marks(m); err != nil {
			return err
		}
		if m.run.ID != run {
			return ErrGroupGone
		}
		at := spot{kept.Source, kept.Collection, kept.Key, kept.Field}
		standing := ""
		if last := m.judge.redacted[at].newest(); last != nil {
			standing = last.PublicID
		}
		if standing != kept.Replaces {
			return store.ErrRedactedMeanwhile
		}
		found = m.report.Found
		body, err := json.Marshal(kept.redactedBody)
		if err != nil {
			return fmt.Errorf("writing a redaction: %w", err)
		}
		said := map[string]any{"source": kept.Source, "collection": kept.Collection, "field": kept.Field, "passages": kept.redactedBody.Passages,
			"ground": kept.Ground, "reason": kept.Reason.Reveal()}
		e := dsr.Event{Kind: dsr.EventRedacted, Actor: by.actor(), Data: dsr.EventData{Count: len(kept.redactedBody.Passages)}}
		if err := tx.Act(r, e, store.Change{Role: by.role(), Statement: said}); err != nil {
			return err
		}
		row := kept.Redaction
		row.RunID, row.Body, row.MemberID, row.LeafHash = run, keyring.NewPrivate(string(body)), by.ID, r.Events[len(r.Events)-1].LeafHash
		if err := tx.AddRedaction(r, row); err != nil {
			return err
		}
		return planLater(tx, r)
	})
	if err != nil || found > planAtOnce {
		return err
	}
	w.planNow(ctx, id)
	return nil
}

// last gives what no later redaction of the same text took the place of, by public id: one without passages took
// a redaction back.
func last(list []store.Redaction) map[string]store.Redaction {
	out := map[string]store.Redaction{}
	for _, r := range list {
		delete(out, r.Replaces)
		out[r.PublicID] = r
	}
	return out
}

// heads gives the redactions that no later one took the place of, by public id.
func heads(list []store.Redaction) map[string]store.Redaction {
	out := last(list)
	maps.DeleteFunc(out, func(_ string, r store.Redaction) bool { return r.Passages == 0 })
	return out
}

// redactedIn counts the redactions in a group, and tells by whom the last of them was made. settled: each of
// its texts has one, and no more was found there.
func (m *material) redactedIn(g grouped) (count int, settled bool, by int64) {
	covered := 0
	note := func(r store.Redaction, covers bool) {
		count, by = count+1, r.MemberID
		if covers {
			covered++
		}
	}
	standing := heads(m.redactions)
	for _, r := range m.redactions {
		if _, stands := standing[r.PublicID]; !stands {
			continue
		}
		if r.RunID == m.run.ID {
			if (unit{r.Source, r.Collection, r.Activity, r.Part}) == g.unit() {
				note(r, r.Covers)
			}
		} else if covers, found := g.Redacted[r.PublicID]; found {
			note(r, covers)
		}
	}
	return count, g.Texts > 0 && covered == g.Texts, by
}
