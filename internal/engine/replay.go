package engine

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// A replay erases anew what a ledger says was erased and is there again. A key may have been given to
// another row since, and a person may have come back: a row is only touched when it is known to be
// the one that was erased. What may be another one stays, and is told.

// ReplayOptions say which rows a replay may take for the erased ones.
type ReplayOptions struct {
	// BackupOf is the moment that the restored backup shows. What was erased before it was not in the
	// backup, so that what is there now under the same key is new. Zero: not known, and then a row
	// without a date of receipt is left alone.
	BackupOf time.Time
	// Unsure takes in rows that are the same person's and that may be new: those that are not as they
	// were when they were erased, and those without a date while BackupOf is not known.
	Unsure bool
}

// PrepareReplay looks for rows of a ledger that are there again, and plans to erase them anew.
// It reads the keys of all rows of the tables that the ledger names.
func PrepareReplay(ctx context.Context, s *Sources, l *Ledger, want ReplayOptions, opts RunOptions) (*Prepared, error) {
	r := &replay{ledger: l, want: want}
	open := func(ctx context.Context, o Options) (*walk, error) { return openReplay(ctx, s.Connected, l, o) }
	p, err := prepareFrom(ctx, s, nil, opts, open, func(f Findings, sink func(*Step) error) ([]Problem, error) {
		r.findings = f
		problems, err := PlanErase(ctx, s.Connected, r, r.decide, PlanOptions{Key: l.key, LedgerKey: l.key}, sink)
		return append(problems, r.problems.list...), err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range l.Unfinished {
		p.Problems = append(p.Problems, Problem{Source: name, Code: "unfinished", Warning: true, Text: text(
			"En sletting i «%s» ble begynt, og hovedboken vet ikke om den ble ferdig. Se etter selv om radene er borte.",
			"Ei sletting i «%s» vart påbyrja, og hovudboka veit ikkje om ho vart ferdig. Sjå etter sjølv om radene er borte.",
			"An erasure in %q was begun, and the ledger does not know whether it was finished. See yourself whether the rows are gone.", name)})
	}
	p.Problems = append(p.Problems, l.strangers(s.Connected)...)
	return p, nil
}

// strangers tells of tables of the ledger that no dataset describes any more: nobody looks there.
func (l *Ledger) strangers(connected []Connected) []Problem {
	known := map[[3]string]bool{}
	here := map[string]bool{}
	for _, c := range connected {
		here[c.Source.Name()] = true
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				known[[3]string{c.Source.Name(), d.Key, col.Name}] = true
			}
		}
	}
	var out []Problem
	for at, rows := range l.at {
		if !here[at[0]] || known[at] {
			continue
		}
		out = append(out, Problem{Source: at[0], Collection: at[2], Code: "not_described", Warning: true, Text: text(
			"Hovedboken har %d rader av «%s» (datasettet «%s»), som ikke lenger er beskrevet. Der blir det ikke sett etter.",
			"Hovudboka har %d rader av «%s» (datasettet «%s»), som ikkje lenger er skildra. Der blir det ikkje sett etter.",
			"The ledger has %d rows of %q (dataset %q), which is no longer described. It is not looked at.", rows, at[2], at[1])})
	}
	slices.SortFunc(out, func(a, b Problem) int {
		return strings.Compare(a.Source+"\x00"+a.Collection, b.Source+"\x00"+b.Collection)
	})
	return out
}

// replay is the state of planning one. It stands between the findings and the planner, since it
// judges a row once and is asked about each of its fields.
type replay struct {
	ledger   *Ledger
	want     ReplayOptions
	findings Findings
	problems problemList
	verdict  ruling // on the finding that the planner is at
}

// ruling says what a row under a key of the ledger is.
type ruling struct {
	entry *entryOf   // what to do again; nil: nothing
	later []*entryOf // and what was done to the row after that
	whole bool       // all of it is as it was
	dated bool       // it says when it came
	held  string     // why it is left alone all the same
}

// Each gives the findings, and remembers what the one being looked at is.
func (r *replay) Each(ctx context.Context, fn func(*Finding) error) error {
	return r.findings.Each(ctx, func(f *Finding) error {
		is := r.ledger.judge(f, r.want)
		if r.verdict = is; is.entry != nil && is.held == "" && !is.dated {
			r.problems.add(Problem{Source: f.Source, Collection: f.Collection, Code: ReasonUndated, Warning: true, Text: text(
				"Rader i «%s» sier ikke når de kom. Har noen av personene kommet tilbake siden, og med de samme opplysningene, blir det nye også slettet.",
				"Rader i «%s» seier ikkje når dei kom. Har nokon av personane kome tilbake sidan, og med dei same opplysningane, blir det nye òg sletta.",
				"Rows of %q do not say when they came. If one of these people has come back since, with the same data, what is new is erased as well.", f.Collection)})
		}
		return fn(f)
	})
}

// judge tells what a row under a key of the ledger is.
func (l *Ledger) judge(f *Finding, want ReplayOptions) ruling {
	entries := slices.Clone(l.rows[string(ledgerRow(l.key, f.Source, f.Dataset, f.Collection, f.Key))])
	slices.SortStableFunc(entries, func(a, b *entryOf) int { return b.at.Compare(a.at) })
	var best ruling
	rank := -1
	seen := trace(l.key, f)
	for _, e := range entries {
		if e.at.Before(want.BackupOf) {
			break
		}
		is := ruling{entry: e}
		whose := false
		if len(e.trace) == len(seen) {
			whose, is.whole = bytes.Equal(e.trace[:traceHalf], seen[:traceHalf]), bytes.Equal(e.trace, seen)
		}
		if e.look.action == Anonymise && !is.open(f) {
			break // it is as this erasure left it, whatever happened before
		}
		is.dated = !f.Received.IsNull()
		is.held = is.reasonToHold(whose, want)
		n := 0
		if whose {
			n++
		}
		if is.whole {
			n++
		}
		if n > rank {
			best, rank = is, n
		}
	}
	if best.entry != nil && best.held == "" {
		best.later = l.after(f, best.entry, entries)
	}
	return best
}

// after gives what was done to a row after an erasure that left it there: the erasures that saw it as
// that one left it. entries are newest first.
func (l *Ledger) after(f *Finding, e *entryOf, entries []*entryOf) []*entryOf {
	var out []*entryOf
	row := *f
	row.Fields = slices.Clone(f.Fields)
	for i := slices.Index(entries, e) - 1; i >= 0 && e.look.action == Anonymise; i-- {
		e.look.leave(&row)
		if bytes.Equal(trace(l.key, &row), entries[i].trace) {
			e = entries[i]
			out = append(out, e)
		}
	}
	return out
}

// leave changes a row to what an erasure leaves, as far as that is the same for everybody.
func (k *ledgerLook) leave(f *Finding) {
	for _, c := range k.columns {
		v, ok := f.Field(c.Name)
		if !ok || c.Random > 0 || c.Listed || v.Value.IsNull() {
			continue
		}
		v.Value, v.Whole = source.Value{}, source.Value{}
		if c.Value != "" {
			v.Value, _ = source.ParseTyped(c.Value)
		}
	}
}

// reasonToHold gives why a row may not be taken for the erased one, or "". whose: the same person's,
// and of the same date of receipt if it has one. A key that is given again does not come with the same
// identifiers and the same date. A row that was made anonymous stayed, and may have been written in
// since: unless all of it is as before, only the backup tells that this is what stood there then.
func (r ruling) reasonToHold(whose bool, want ReplayOptions) string {
	backup := !want.BackupOf.IsZero()
	known := r.dated && (backup || r.whole || r.entry.look.action == Delete)
	switch {
	case !whose:
		return ReasonAnother
	case known, want.Unsure, r.whole && backup:
		return ""
	case r.whole:
		return ReasonUndated
	}
	return ReasonChanged
}

// open tells whether anything that was done to a row is not done any more.
func (r ruling) open(f *Finding) bool {
	for _, c := range r.entry.look.columns {
		if v, ok := f.Field(c.Name); ok && !c.done(v, r.whole) {
			return true
		}
	}
	return false
}

// decide wants done again what was done, where it is not done still.
func (r *replay) decide(f *Finding, v *FieldValue) Decision {
	is := r.verdict
	switch {
	case is.entry == nil:
		return Decision{}
	case is.held != "":
		return Decision{Action: Keep, Reason: is.held}
	case is.entry.look.action == Delete, len(is.later) > 0 && is.later[len(is.later)-1].look.action == Delete:
		return Decision{Action: Delete, Reason: ReasonErasure, Article: articleErasure}
	case v == nil:
		return Decision{}
	}
	for _, e := range append([]*entryOf{is.entry}, is.later...) {
		for _, c := range e.look.columns {
			if c.Name == v.Name && !c.done(v, is.whole) {
				return r.again(f, c)
			}
		}
	}
	// The row stayed then, and stays: also where the dataset would have such a row deleted.
	return Decision{Action: Keep, Reason: ReasonPreserve}
}

func (r *replay) again(f *Finding, c ledgerColumn) Decision {
	if c.Listed {
		r.problems.add(Problem{Source: f.Source, Collection: f.Collection, Code: ReasonListed, Warning: true, Text: text(
			"Av listene i «%s» ble bare noe slettet, og hovedboken vet ikke hva. Søk etter personen i en ny sak.",
			"Av listene i «%s» vart berre noko sletta, og hovudboka veit ikkje kva. Søk etter personen i ei ny sak.",
			"Of the lists in %q only some elements were erased, and the ledger does not know which. Search for the person in a new case.", c.Name)})
		return Decision{Action: Keep, Reason: ReasonListed}
	}
	d := Decision{Action: Anonymise, Strategy: c.Strategy, Reason: ReasonErasure, Article: articleErasure, Override: "replay",
		Config: dataset.MaskingConfig{Length: c.Random, Suffix: c.Suffix}}
	if word, err := source.ParseTyped(c.Value); err == nil && c.Value != "" {
		text := word.Text()
		d.Config.RewriteValue = &text
	} else if c.Strategy == dataset.StringRewrite {
		d.Strategy = "" // what the column allows
	}
	return d
}

// done tells whether a field still is as the erasure left it. Of what was drawn or computed the
// ledger knows the form alone; whole says that the row is as it was before.
func (c ledgerColumn) done(v *FieldValue, whole bool) bool {
	switch {
	case v.Value.IsNull():
		return true
	case c.Value != "":
		word, err := source.ParseTyped(c.Value)
		if err == nil && word.Kind == source.Time { // which the system gives back in a spelling of its own
			return instant(word.Text()) == instant(v.Value.Text())
		}
		return err == nil && word.Text() == v.Value.Text()
	case c.Random > 0 && c.Suffix != "" && drawn(v.Value, c.Random, c.Suffix):
		return true
	case whole:
		return false
	case c.Random > 0:
		return drawn(v.Value, c.Random, c.Suffix)
	case c.Listed, dataset.Pseudonymises(c.Strategy), c.Strategy == dataset.TruncateDate, c.Strategy == dataset.Generalise:
		return true // it says something else than before, and who sees it cannot tell what
	}
	return c.Strategy == dataset.StringRewrite && (v.Value.Text() == "{}" || v.Value.Text() == "[]")
}

// drawn tells whether a value has the form of one that was drawn at random.
func drawn(v source.Value, length int, suffix string) bool {
	if v.Kind == source.Int {
		return true
	}
	// A column of fixed length fills its texts with blanks.
	text, ok := strings.CutSuffix(strings.TrimRight(v.Text(), " "), strings.TrimRight(suffix, " "))
	return ok && len(text) == length && strings.Trim(text, letters) == ""
}

// openReplay makes a walk that holds the rows of a ledger that are there.
func openReplay(ctx context.Context, connected []Connected, l *Ledger, opts Options) (*walk, error) {
	m, err := newModel(ctx, connected, opts)
	if err != nil {
		return nil, err
	}
	w := newWalk(ctx, m, seedSet{})
	for _, n := range w.nodes {
		if err := w.resurrected(n, l); err != nil {
			w.close()
			return nil, err
		}
	}
	m.close()
	return w, nil
}

// resurrected finds the rows of a node that are under a key of the ledger.
func (w *walk) resurrected(n *node, l *Ledger) error {
	if l.at[[3]string{n.report.Source, n.report.Dataset, n.report.Collection}] == 0 {
		n.report.Status = Nothing // nothing of it was ever erased
		return nil
	}
	if n.report.Status != NotReachable {
		return nil
	}
	n.report.Status = Nothing
	return n.under(w.ctx, l, func(row []source.Value, rowID source.Value) error {
		h := n.rowHash(row, rowID)
		if w.visited.find(h) != nil {
			return nil
		}
		no := w.visited.add(h, rowInfo{flags: fMatched | fOwned | fDown})
		w.found++
		n.report.Status = Reached
		n.bucket.add(&w.spill, n, no, row)
		return w.keepWithin()
	})
}

// under gives the rows of a node that are under a key of the ledger. Where the table has a key that
// is its own, only keys are read, and then the rows that are wanted.
func (n *node) under(ctx context.Context, l *Ledger, fn func(row []source.Value, rowID source.Value) error) error {
	key := make([]KeyPart, len(n.key))
	for i, k := range n.key {
		key[i].Column = n.fields[k].name
	}
	held := func() bool {
		return l.rows[string(ledgerRow(l.key, n.report.Source, n.report.Dataset, n.report.Collection, key))] != nil
	}
	if !n.hasKey {
		return n.find(ctx, nil, 0, func(row []source.Value, rowID source.Value) error {
			for i, k := range n.key {
				key[i].Value = row[k]
			}
			if !held() {
				return nil
			}
			return fn(row, rowID)
		})
	}
	var wanted [][]source.Value
	err := n.stream(ctx, source.Query{Table: n.table, Fields: n.keyFields()}, func(row []source.Value) error {
		for i := range key {
			key[i].Value = row[i]
		}
		if held() {
			wanted = append(wanted, source.CloneRow(row))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for rest := wanted; len(rest) > 0; {
		size := min(len(rest), askAtOnce)
		match := n.keyMatch(rest[:size])
		if err := n.find(ctx, &match, 0, fn); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
}

// Resurrected counts the rows of one source that a ledger says were erased, that are there, and that
// are not others: what a restored backup looks like, and people who come back do not. It reads what
// PrepareReplay reads. It errs where the source cannot be read.
func Resurrected(ctx context.Context, c Connected, l *Ledger) (int, error) {
	w, err := openReplay(ctx, []Connected{c}, l, Options{KeepForeign: true})
	if err != nil {
		return 0, err
	}
	defer w.close()
	rows := 0
	err = collected{w}.Each(ctx, func(f *Finding) error {
		is := l.judge(f, ReplayOptions{})
		if is.entry == nil || is.held == ReasonAnother || !is.dated && f.namesItself() {
			return nil
		}
		if is.whole || is.entry.look.action == Delete {
			rows++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, r := range w.report().Collections {
		if r.Status == Failed {
			return 0, &source.Error{Source: r.Source, Code: r.Code, State: r.State}
		}
	}
	return rows, nil
}

// namesItself tells whether a row is named by an identifier of the person: whoever comes back gets the
// same name again.
func (f *Finding) namesItself() bool {
	return slices.ContainsFunc(f.Key, func(k KeyPart) bool {
		v, ok := f.Field(k.Column)
		return ok && v.Identity != ""
	})
}
