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
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// A ledger of erasures names the rows that were erased by keyed digests of their keys, so that
// they can be found and erased again after an old backup of a system was restored. It holds no
// personal data: without the key nobody can tell which rows they were.

// Erased is one row of a ledger.
type Erased struct {
	Source, Dataset, Collection string
	Row                         []byte // keyed digest of the row's key
	Trace                       []byte // what the row held; see trace
	Action                      Action // Delete or Anonymise
	// Columns says in JSON what was done to the fields of a row that was made anonymous: strategies,
	// and the word that is the same for everybody. "" of a deleted row.
	Columns string
	At      time.Time
}

// ledgerColumn is what was done to one field.
type ledgerColumn struct {
	wireColumn
	// Listed: only some elements of a list went, and the ledger does not know which.
	Listed bool `json:"list,omitempty"`
}

func erases(a Action) bool { return a == Delete || a == Anonymise }

// ErasedBy gives what a ledger notes of the rows of one source that a plan erases. The plan was made
// with the ledger's key.
func ErasedBy(ctx context.Context, key []byte, src string, plan Steps, fn func(Erased) error) error {
	return plan.Each(ctx, func(s *Step) error {
		if s.Source != src || !erases(s.Action) {
			return nil
		}
		columns, err := ledgerColumns(s.Columns)
		if err != nil {
			return err
		}
		return fn(Erased{Source: src, Dataset: s.Dataset, Collection: s.Collection, Action: s.Action, Columns: columns,
			Row: ledgerRow(key, src, s.Dataset, s.Collection, s.Key), Trace: s.Trace})
	})
}

func ledgerColumns(changes []ColumnChange) (string, error) {
	if len(changes) == 0 {
		return "", nil
	}
	list := make([]ledgerColumn, 0, len(changes))
	for _, c := range changes {
		if c.Strategy == strategyMark {
			continue
		}
		one := ledgerColumn{wireColumn: wireColumn{Name: c.Name, Strategy: c.Strategy, Random: c.Random, Suffix: c.Suffix}}
		empty := c.Value.Str == "{}" || c.Value.Str == "[]"
		one.Listed = c.Value.Kind == source.JSON && !empty
		// A word that is the same for everybody; what other strategies leave is the person's.
		if c.Random == 0 && c.Strategy == dataset.StringRewrite && c.Value.Kind != source.JSON {
			one.Value = c.Value.Typed()
		}
		list = append(list, one)
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// ledgerRow is the keyed digest of a row's key.
func ledgerRow(key []byte, src, ds, collection string, parts []KeyPart) []byte {
	mac := hmac.New(sha256.New, key)
	var b []byte
	for _, s := range []string{src, ds, collection} {
		b = appendValue(b, source.TextOf(s))
	}
	for _, p := range parts {
		b = appendValue(appendValue(b, source.TextOf(p.Column)), p.Value)
	}
	mac.Write(b)
	return mac.Sum(nil)
}

// traceHalf is the size of each half of a trace.
const traceHalf = 16

// trace tells whether a row under the key of an erased one is that row. Its first half is a keyed
// digest of what says whose the row is and when it came: the identifiers, or without any the links,
// and the date of receipt. The second half is one of all that was read. Both are bound to the row's
// key, so that nobody can follow a person from row to row by them.
// The mark of a restriction is no part of it.
func trace(key []byte, f *Finding) []byte {
	var whose, links, all []KeyPart
	for i := range f.Fields {
		v := &f.Fields[i]
		value := v.Value
		if !v.Whole.IsNull() {
			value = v.Whole
		}
		if value.IsNull() || v.Mark {
			continue
		}
		part := KeyPart{v.Name, value}
		all = append(all, part)
		switch {
		case v.Identity != "":
			whose = append(whose, part)
		case v.Link && !v.Key:
			links = append(links, part)
		}
	}
	if len(whose) == 0 {
		whose = links
	}
	if len(whose) == 0 {
		whose = all
	}
	row := ledgerRow(key, f.Source, f.Dataset, f.Collection, f.Key)
	half := func(label string, parts []KeyPart) []byte {
		slices.SortFunc(parts, func(a, b KeyPart) int { return strings.Compare(a.Column, b.Column) })
		b := appendValue(append([]byte{}, row...), source.TextOf(label))
		for _, p := range parts {
			b = appendValue(appendValue(b, source.TextOf(p.Column)), p.Value)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(appendValue(b, f.Received))
		return mac.Sum(nil)[:traceHalf]
	}
	return append(half("whose", slices.Clone(whose)), half("all", all)...)
}

// Diary takes note of the erasures of a plan, source by source. Rows are noted before they are
// erased, and count once the source is reported done: a process that dies in between leaves a trace.
type Diary interface {
	// Key is the ledger's key.
	Key() []byte
	// Begin notes the rows of one source that a plan erases, and tells how many they are.
	Begin(ctx context.Context, digest, src string, plan Steps) (int, error)
	// Undone: the source's transaction was rolled back.
	Undone(ctx context.Context, digest, src string) error
	// Done: the source's transaction was committed.
	Done(ctx context.Context, digest string, result SourceResult) error
}

// ledgerLine is one line of a ledger's file: the first names the key, a row says what was done to
// it, and one without a row that a source's rows are done.
type ledgerLine struct {
	Ledger     string          `json:"ledger,omitempty"`
	Key        string          `json:"key,omitempty"`
	Plan       string          `json:"plan,omitempty"`
	Source     string          `json:"source,omitempty"`
	Dataset    string          `json:"dataset,omitempty"`
	Collection string          `json:"collection,omitempty"`
	Row        string          `json:"row,omitempty"`
	Trace      []byte          `json:"trace,omitempty"`
	Action     Action          `json:"action,omitempty"`
	Columns    json.RawMessage `json:"columns,omitempty"`
	Done       string          `json:"done,omitempty"`
	Undone     bool            `json:"undone,omitempty"`
}

const ledgerForm = "mininfo 2"

// Errors of ledgers.
var (
	// ErrLedgerKey: the ledger was written with another key.
	ErrLedgerKey = errors.New("the ledger was written with another key")
	// ErrLedger: not a ledger, a damaged one, or one of another version.
	ErrLedger = errors.New("the ledger cannot be read: it is none, it is damaged, or another version wrote it")
)

// keyName tells keys apart without saying anything about them.
func keyName(key []byte) string {
	sum := sha256.Sum256(append([]byte("mininfo ledger key\x00"), key...))
	return hex.EncodeToString(sum[:8])
}

// LedgerWriter is a Diary in a file.
type LedgerWriter struct {
	w   io.Writer
	key []byte
	at  time.Time
}

// NewLedgerWriter appends to a ledger; one that is empty so far gets its first line. at is when its
// rows are erased.
func NewLedgerWriter(w io.Writer, key []byte, at time.Time, empty bool) (*LedgerWriter, error) {
	l := &LedgerWriter{w: w, key: key, at: at}
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

// Key is the ledger's key.
func (l *LedgerWriter) Key() []byte { return l.key }

// Begin writes the rows of one source that a plan erases, and tells how many they are.
func (l *LedgerWriter) Begin(ctx context.Context, digest, src string, plan Steps) (int, error) {
	rows := 0
	var list []ledgerLine
	err := ErasedBy(ctx, l.key, src, plan, func(e Erased) error {
		rows++
		if list = append(list, lineOf(digest, e)); len(list) == askAtOnce {
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

func lineOf(plan string, e Erased) ledgerLine {
	return ledgerLine{Plan: plan, Source: e.Source, Dataset: e.Dataset, Collection: e.Collection, Row: hex.EncodeToString(e.Row),
		Trace: e.Trace, Action: e.Action, Columns: json.RawMessage(e.Columns)}
}

// Undone writes that the source's transaction was rolled back.
func (l *LedgerWriter) Undone(_ context.Context, digest, src string) error {
	return l.lines([]ledgerLine{{Plan: digest, Source: src, Undone: true}})
}

// Done writes that the source's transaction was committed.
func (l *LedgerWriter) Done(_ context.Context, digest string, result SourceResult) error {
	return l.lines([]ledgerLine{{Plan: digest, Source: result.Source, Done: l.at.UTC().Format(time.RFC3339Nano)}})
}

// Copy writes rows that were erased before, each with its own time. Rows of one time and source that
// follow each other share the line that says so.
func (l *LedgerWriter) Copy(each func(func(Erased) error) error) error {
	var list []ledgerLine
	flush := func() error {
		if len(list) == 0 {
			return nil
		}
		last := list[len(list)-1]
		err := l.lines(append(list, ledgerLine{Plan: last.Plan, Source: last.Source, Done: last.Plan}))
		list = list[:0]
		return err
	}
	err := each(func(e Erased) error {
		line := lineOf(e.At.UTC().Format(time.RFC3339Nano), e)
		if n := len(list); n == askAtOnce || n > 0 && (list[n-1].Plan != line.Plan || list[n-1].Source != line.Source) {
			if err := flush(); err != nil {
				return err
			}
		}
		list = append(list, line)
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// Ledger is what a ledger says was erased.
type Ledger struct {
	key  []byte
	rows map[string][]*entryOf  // by digest
	at   map[[3]string]int      // rows by source, dataset and collection
	kept map[string]*ledgerLook // what was done, each once: many rows are changed alike
	// Unfinished are the sources of plans that were begun and of which no end is known.
	Unfinished []string
}

// entryOf is one erasure of a row.
type entryOf struct {
	trace []byte
	at    time.Time
	look  *ledgerLook
}

type ledgerLook struct {
	action  Action
	columns []ledgerColumn
}

// NewLedger makes an empty ledger.
func NewLedger(key []byte) *Ledger {
	return &Ledger{key: key, rows: map[string][]*entryOf{}, at: map[[3]string]int{}, kept: map[string]*ledgerLook{}}
}

// Add takes in one row.
func (l *Ledger) Add(e Erased) error {
	if len(e.Row) == 0 || !erases(e.Action) {
		return ErrLedger
	}
	name := string(e.Action) + e.Columns
	look := l.kept[name]
	if look == nil {
		look = &ledgerLook{action: e.Action}
		if e.Columns != "" && json.Unmarshal([]byte(e.Columns), &look.columns) != nil {
			return ErrLedger
		}
		l.kept[name] = look
	}
	if len(l.rows[string(e.Row)]) == 0 {
		l.at[[3]string{e.Source, e.Dataset, e.Collection}]++
	}
	l.rows[string(e.Row)] = append(l.rows[string(e.Row)], &entryOf{trace: e.Trace, at: e.At, look: look})
	return nil
}

// EachErased reads the file of a ledger: the rows that were certainly erased. It gives the sources of
// plans that were begun and of which no end is known.
func EachErased(r io.Reader, key []byte, fn func(Erased) error) (unfinished []string, err error) {
	open := map[[2]string][]Erased{}
	firstLine := true
	err = eachLine(bufio.NewReader(r), func(raw []byte) error {
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
		switch {
		case line.Undone:
			delete(open, plan)
		case line.Done == "":
			row, err := hex.DecodeString(line.Row)
			if err != nil {
				return ErrLedger
			}
			open[plan] = append(open[plan], Erased{Source: line.Source, Dataset: line.Dataset, Collection: line.Collection, Row: row,
				Trace: line.Trace, Action: line.Action, Columns: string(line.Columns)})
		default:
			at, err := time.Parse(time.RFC3339Nano, line.Done)
			if err != nil {
				return ErrLedger
			}
			for _, e := range open[plan] {
				e.At = at
				if err := fn(e); err != nil {
					return err
				}
			}
			delete(open, plan)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if firstLine {
		return nil, ErrLedger
	}
	for plan := range open {
		if !slices.Contains(unfinished, plan[1]) {
			unfinished = append(unfinished, plan[1])
		}
	}
	slices.Sort(unfinished)
	return unfinished, nil
}

// ReadLedger reads the file of a ledger.
func ReadLedger(r io.Reader, key []byte) (*Ledger, error) {
	l := NewLedger(key)
	var err error
	if l.Unfinished, err = EachErased(r, key, l.Add); err != nil {
		return nil, err
	}
	return l, nil
}

// Rows tells how many rows a ledger holds.
func (l *Ledger) Rows() int { return len(l.rows) }

// Names tells whether a ledger holds rows of a source.
func (l *Ledger) Names(src string) bool {
	for at := range l.at {
		if at[0] == src {
			return true
		}
	}
	return false
}
