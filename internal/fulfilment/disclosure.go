package fulfilment

import (
	"context"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/store"
)

// A company's log of disclosures says what was given to whom, when and on what basis. What it says of the
// person is kept sealed with the plan: the access answer tells it (Art. 15(1)(c)), and those whom it names are
// told of corrections and erasures, also when the log itself is erased (Art. 19).

// mostDisclosures is how many entries of one person are kept; a log that has more is a web log.
const mostDisclosures = 5000

// disclosureLog is a collection that is a log of disclosures.
type disclosureLog struct {
	Source     string             `json:"source"`
	Dataset    string             `json:"dataset"`
	Collection string             `json:"collection"`
	Fields     dataset.Disclosure `json:"fields"`
}

func logsOf(c engine.Connected) []disclosureLog {
	var out []disclosureLog
	for _, d := range c.Datasets {
		for _, col := range d.Collections {
			if col.Disclosure != nil {
				out = append(out, disclosureLog{Source: c.Source.Name(), Dataset: d.Key, Collection: col.Name, Fields: *col.Disclosure})
			}
		}
	}
	return out
}

// disclosureReader notes the entries of logs of disclosures while findings are gone through. It may go through
// them more than once.
type disclosureReader struct {
	engine.Findings
	logs   []disclosureLog
	judge  *judge
	right  dsr.Right
	locale locale.Locale
	noted  []store.Disclosure
}

// Each is engine.Findings.
func (r *disclosureReader) Each(ctx context.Context, fn func(*engine.Finding) error) error {
	if len(r.logs) == 0 {
		return r.Findings.Each(ctx, fn)
	}
	r.noted = nil
	return r.Findings.Each(ctx, func(f *engine.Finding) error {
		r.note(f)
		return fn(f)
	})
}

// note takes an entry down. A row that is somebody else's tells what was given about them.
func (r *disclosureReader) note(f *engine.Finding) {
	i := slices.IndexFunc(r.logs, func(l disclosureLog) bool {
		return l.Source == f.Source && l.Dataset == f.Dataset && l.Collection == f.Collection
	})
	if i < 0 || f.OtherPerson || !f.Matched && !f.Owned || len(r.noted) >= mostDisclosures {
		return
	}
	fields := r.logs[i].Fields
	given := r.judge.withoutPassages(f, r.locale)
	if r.right == dsr.Access { // what the copy leaves out, its list of recipients leaves out too
		given = given.Clone()
		verdicts := r.judge.disclosure(f).verdicts
		given.Fields = slices.DeleteFunc(given.Fields, func(v engine.FieldValue) bool {
			d, judged := verdicts[v.Name]
			// Others' rights limit the copy (Art. 15(4)), not that recipients are named (Art. 15(1)(c)).
			return judged && d.asked && d.Action != register.Disclose && (v.Name != fields.Recipient || d.Ground != groundOthers)
		})
	}
	d := store.Disclosure{Activity: f.Activity, Recipient: strings.TrimSpace(textIn(given, fields.Recipient)), What: textIn(given, fields.What), Basis: textIn(given, fields.Basis)}
	d.At = textIn(given, fields.At)
	if on := dateOf(valueIn(given, fields.At)); on != nil {
		d.At = on.String()
	}
	if d.Recipient != "" {
		r.noted = append(r.noted, d)
	}
}

func valueIn(f *engine.Finding, field string) source.Value {
	for _, v := range f.Fields {
		if v.Name == field && field != "" {
			return v.Value
		}
	}
	return source.Value{}
}

func textIn(f *engine.Finding, field string) string {
	v := valueIn(f, field)
	if v.IsNull() {
		return ""
	}
	return v.Text()
}

// on writes when something was disclosed: a date in words, or what the log says.
func on(d store.Disclosure, l locale.Locale) string {
	if day, err := dsr.ParseDate(d.At); err == nil {
		return day.Format(l)
	}
	return d.At
}

// said joins when, what and why: "4. mars 2026: Navn, adresse (Hjemlevering)".
func said(d store.Disclosure, l locale.Locale) string {
	what := strings.TrimSpace(d.What)
	if d.Basis != "" {
		what = strings.TrimSpace(what + " (" + d.Basis + ")")
	}
	when := on(d, l)
	if when == "" || what == "" {
		return when + what
	}
	return when + ": " + what
}

// named adds to a purpose who got what and when, past recipients too (Art. 15(1)(c); C-154/21).
func (m *material) named(p *export.Purpose) {
	for _, d := range m.disclosed {
		if d.Activity != p.ID {
			continue
		}
		i := slices.IndexFunc(p.Recipients, func(r export.Recipient) bool { return r.Name == d.Recipient })
		if i < 0 {
			i, p.Recipients = len(p.Recipients), append(p.Recipients, export.Recipient{Name: d.Recipient})
		}
		r := &p.Recipients[i]
		if line := said(d, m.request.Locale); line != "" {
			r.When = strings.TrimPrefix(r.When+"; "+line, "; ")
		}
	}
}

// handedOut tells in the answer to an access request who got what and when.
func (m *material) handedOut(l locale.Locale) []store.AnswerDisclosure {
	var out []store.AnswerDisclosure
	for _, d := range m.disclosed {
		it := store.AnswerDisclosure{Recipient: d.Recipient, On: on(d, l), What: d.What, Basis: d.Basis}
		if act := m.judge.reg.Activity(d.Activity); act != nil {
			it.Activity = act.Name.In(l)
		}
		out = append(out, it)
	}
	return out
}
