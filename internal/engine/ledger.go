package engine

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// A ledger of erasures names the rows that were erased by keyed digests of their keys, so that
// they can be found and erased again after an old backup of a system was restored. It holds no
// personal data: without the key nobody can tell which rows they were.

// ledgerLine is one line of a ledger: the first names the key, a row says what was done to it,
// and one without a row that a source's rows are done.
type ledgerLine struct {
	Ledger     string       `json:"ledger,omitempty"`
	Key        string       `json:"key,omitempty"`
	Plan       string       `json:"plan,omitempty"`
	Source     string       `json:"source,omitempty"`
	Dataset    string       `json:"dataset,omitempty"`
	Collection string       `json:"collection,omitempty"`
	Row        string       `json:"row,omitempty"`
	Action     Action       `json:"action,omitempty"`
	Columns    []wireColumn `json:"columns,omitempty"`
	Done       string       `json:"done,omitempty"`
	Undone     bool         `json:"undone,omitempty"`
}

const ledgerForm = "mininfo 1"

// Errors of ledgers.
var (
	// ErrLedgerKey: the ledger was written with another key.
	ErrLedgerKey = errors.New("the ledger was written with another key")
	// ErrLedger: not a ledger, or a damaged one.
	ErrLedger = errors.New("the ledger cannot be read")
)

// keyName tells keys apart without saying anything about them.
func keyName(key []byte) string {
	sum := sha256.Sum256(append([]byte("mininfo ledger key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}

// ledgerRow is the keyed digest of a row's key.
func ledgerRow(key []byte, src, ds, collection string, parts []KeyPart) string {
	mac := hmac.New(sha256.New, key)
	var b []byte
	for _, s := range []string{src, ds, collection} {
		b = appendValue(b, source.TextOf(s))
	}
	for _, p := range parts {
		b = appendValue(appendValue(b, source.TextOf(p.Column)), p.Value)
	}
	mac.Write(b)
	return hex.EncodeToString(mac.Sum(nil))
}

// LedgerWriter writes a ledger. Rows are written before they are erased, and count once the
// source is reported done: a process that dies in between leaves a trace.
type LedgerWriter struct {
	w   io.Writer
	key []byte
}

// NewLedgerWriter appends to a ledger; one that is empty so far gets its first line.
func NewLedgerWriter(w io.Writer, key []byte, empty bool) (*LedgerWriter, error) {
	l := &LedgerWriter{w: w, key: key}
	if empty {
		return l, l.lines([]ledgerLine{{Ledger: ledgerForm, Key: keyName(key)}})
	}
	return l, nil
}

func (l *LedgerWriter) lines(list []ledgerLine) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, line := range list {
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if _, err := l.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return nil
}

// Begin writes the rows of one source that a plan erases, and tells how many they are.
func (l *LedgerWriter) Begin(ctx context.Context, digest, src string, plan Steps) (int, error) {
	rows := 0
	var list []ledgerLine
	err := plan.Each(ctx, func(s *Step) error {
		if s.Source != src || s.Action != Delete && s.Action != Anonymise {
			return nil
		}
		rows++
		line := ledgerLine{Plan: digest, Source: src, Dataset: s.Dataset, Collection: s.Collection, Action: s.Action,
			Row: ledgerRow(l.key, src, s.Dataset, s.Collection, s.Key)}
		for _, c := range s.Columns {
			w := wireColumn{Name: c.Name, Strategy: c.Strategy, Random: c.Random, Suffix: c.Suffix}
			// A word that is the same for everybody; what other strategies leave is the person's.
			if c.Random == 0 && c.Strategy == dataset.StringRewrite && c.Value.Kind != source.JSON {
				w.Value = c.Value.Typed()
			}
			line.Columns = append(line.Columns, w)
		}
		if list = append(list, line); len(list) == askAtOnce {
			err := l.lines(list)
			list = list[:0]
			return err
		}
		return nil
	})
	if err != nil || len(list) == 0 {
		return rows, err
	}
	return rows, l.lines(list)
}

// Undone writes that the source's transaction was rolled back.
func (l *LedgerWriter) Undone(digest, src string) error {
	return l.lines([]ledgerLine{{Plan: digest, Source: src, Undone: true}})
}

// Done writes that the source's transaction was committed. at is for people.
func (l *LedgerWriter) Done(digest, src, at string) error {
	return l.lines([]ledgerLine{{Plan: digest, Source: src, Done: at}})
}

// Ledger is what a ledger says was erased.
type Ledger struct {
	key  []byte
	rows map[string]*ledgerLine // by digest
	at   map[[3]string]int      // rows by source, dataset and collection
	// Unfinished are the sources of plans that were begun and of which no end is known.
	Unfinished []string
}

// ReadLedger reads a ledger.
func ReadLedger(r io.Reader, key []byte) (*Ledger, error) {
	l := &Ledger{key: key, rows: map[string]*ledgerLine{}, at: map[[3]string]int{}}
	open := map[[2]string][]*ledgerLine{}
	shapes := map[string][]wireColumn{}
	firstLine := true
	err := eachLine(bufio.NewReader(r), func(raw []byte) error {
		var line ledgerLine
		if json.Unmarshal(raw, &line) != nil {
			return ErrLedger
		}
		if firstLine {
			firstLine = false
			switch {
			case line.Ledger != ledgerForm:
				return ErrLedger
			case line.Key != keyName(key):
				return ErrLedgerKey
			}
			return nil
		}
		plan := [2]string{line.Plan, line.Source}
		if line.Undone {
			delete(open, plan)
			return nil
		}
		if line.Done == "" {
			// Many rows are changed alike: what was done is kept once.
			name := fmt.Sprint(line.Columns)
			if shapes[name] == nil {
				shapes[name] = line.Columns
			}
			line.Columns = shapes[name]
			open[plan] = append(open[plan], &line)
			return nil
		}
		for _, each := range open[plan] {
			if l.rows[each.Row] == nil {
				l.at[[3]string{each.Source, each.Dataset, each.Collection}]++
			}
			l.rows[each.Row] = each
		}
		delete(open, plan)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if firstLine {
		return nil, ErrLedger
	}
	for plan := range open {
		if !slices.Contains(l.Unfinished, plan[1]) {
			l.Unfinished = append(l.Unfinished, plan[1])
		}
	}
	slices.Sort(l.Unfinished)
	return l, nil
}

// Rows tells how many rows a ledger holds.
func (l *Ledger) Rows() int { return len(l.rows) }

// find gives what was done to a row.
func (l *Ledger) find(src, ds, collection string, key []KeyPart) *ledgerLine {
	return l.rows[ledgerRow(l.key, src, ds, collection, key)]
}

// decide wants done again what was done, where it is not done still.
func (l *Ledger) decide(f *Finding, v *FieldValue) Decision {
	line := l.find(f.Source, f.Dataset, f.Collection, f.Key)
	if line == nil {
		return Decision{}
	}
	again := Decision{Action: Delete, Reason: ReasonErasure, Article: articleErasure}
	if line.Action == Delete || v == nil {
		if line.Action != Delete {
			return Decision{}
		}
		return again
	}
	for _, c := range line.Columns {
		if c.Name != v.Name || c.done(v) {
			continue
		}
		again.Action, again.Strategy = Anonymise, c.Strategy
		again.Config = dataset.MaskingConfig{Length: c.Random, Suffix: c.Suffix}
		if word, err := source.ParseTyped(c.Value); err == nil && c.Value != "" {
			text := word.Text()
			again.Config.RewriteValue = &text
		} else if c.Strategy == dataset.StringRewrite {
			again.Strategy = "" // what the column allows
		}
		again.Override = "replay"
		return again
	}
	return Decision{}
}

// done tells whether a field still is as the erasure left it. A random text without our own
// ending cannot be told from another one: it is chosen anew.
func (c wireColumn) done(v *FieldValue) bool {
	switch {
	case v.Value.IsNull():
		return true
	case c.Suffix == erasedDomain:
		return strings.HasSuffix(v.Value.Text(), erasedDomain)
	case c.Value != "":
		word, err := source.ParseTyped(c.Value)
		return err == nil && word.Text() == v.Value.Text()
	}
	return false
}

// PrepareReplay looks for rows of a ledger that are there again, and plans to erase them anew.
// It reads every row of the tables that the ledger names.
func PrepareReplay(ctx context.Context, s *Sources, l *Ledger, opts RunOptions) (*Prepared, error) {
	open := func(ctx context.Context, o Options) (*walk, error) { return openReplay(ctx, s.Connected, l, o) }
	p, err := prepareFrom(ctx, s, nil, opts, open, func(f Findings, sink func(*Step) error) ([]Problem, error) {
		return PlanErase(ctx, s.Connected, f, l.decide, PlanOptions{Key: l.key}, sink)
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
	return p, nil
}

// openReplay makes a walk that holds the rows of a ledger that are there.
func openReplay(ctx context.Context, connected []Connected, l *Ledger, opts Options) (*walk, error) {
	m, err := newModel(ctx, connected, opts)
	if err != nil {
		return nil, err
	}
	w := newWalk(ctx, m, seedSet{})
	if err := w.resurrected(l); err != nil {
		w.close()
		return nil, err
	}
	m.close()
	return w, nil
}

func (w *walk) resurrected(l *Ledger) error {
	for _, n := range w.nodes {
		if n.report.Status != NotReachable {
			continue
		}
		if l.at[[3]string{n.report.Source, n.report.Dataset, n.report.Collection}] == 0 {
			n.report.Status = Nothing // nothing of it was ever erased
			continue
		}
		n.report.Status = Nothing
		key := make([]KeyPart, len(n.key))
		for i, k := range n.key {
			key[i].Column = n.fields[k].name
		}
		err := n.find(w.ctx, nil, 0, func(row []source.Value, rowID source.Value) error {
			for i, k := range n.key {
				key[i].Value = row[k]
			}
			h := n.rowHash(row, rowID)
			if l.find(n.report.Source, n.report.Dataset, n.report.Collection, key) == nil || w.visited.find(h) != nil {
				return nil
			}
			w.visited.add(h, rowInfo{flags: fMatched | fOwned | fDown})
			w.found++
			n.report.Status = Reached
			n.bucket.add(&w.spill, n, h, row)
			return w.keepWithin()
		})
		if err != nil {
			return err
		}
	}
	return nil
}
