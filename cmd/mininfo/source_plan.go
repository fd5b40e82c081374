package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/locale"
	"mininfo/internal/source"
	"mininfo/internal/source/webhook"
)

// checkCategory refuses a category that the taxonomy does not have: it would find nothing and
// look like one that looked.
func checkCategory(flag, key string) error {
	if _, ok := dataset.CategoryName(key); ok {
		return nil
	}
	var keys []string
	for _, c := range dataset.Categories() {
		keys = append(keys, c.Key)
	}
	hint := "write a key of the taxonomy, such as user.contact.email"
	if near := dataset.Nearest(key, keys); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("%s %s is no data category: %s: %w", flag, key, hint, errUsage)
}

// categoryRule reads a category with its strategy: NAME, or NAME=SETTING where the strategy has
// one that matters (string_rewrite=WORD, random_string_rewrite=LENGTH, hash=SHA-512, …).
func categoryRule(category, strategy string) (engine.CategoryRule, error) {
	rule := engine.CategoryRule{Category: category}
	if err := checkCategory("--category", category); err != nil {
		return rule, err
	}
	name, setting, set := strings.Cut(strategy, "=")
	rule.Strategy = name
	wrong := func(what string) error { return fmt.Errorf("--strategy %s: %s: %w", strategy, what, errUsage) }
	if name != "" && !slices.Contains(dataset.Strategies, name) {
		what := "write one of " + strings.Join(dataset.Strategies, ", ")
		if near := dataset.Nearest(name, dataset.Strategies); near != "" {
			what = "did you mean " + near + "?"
		}
		return rule, wrong(what)
	}
	if !set {
		return rule, nil
	}
	number, err := strconv.Atoi(setting)
	positive := err == nil && number > 0
	switch {
	case name == dataset.StringRewrite:
		rule.Config.RewriteValue = &setting
	case name == dataset.RandomStringRewrite && positive:
		rule.Config.Length = number
	case name == dataset.Generalise && positive:
		rule.Config.Keep = number
	case (name == dataset.Hash || name == dataset.HMAC) && slices.Contains([]string{"SHA-256", "SHA-512"}, setting):
		rule.Config.Algorithm = setting
	case name == dataset.AESEncrypt && setting == "GCM":
		rule.Config.Mode = setting
	case name == dataset.TruncateDate && slices.Contains([]string{"year", "month"}, setting):
		rule.Config.To = setting
	default:
		return rule, wrong("this setting is not one that the strategy takes")
	}
	return rule, nil
}

// checkKinds tells of identities that no dataset has: the walk cannot start from them.
func checkKinds(t *terminal, s *engine.Sources, seeds []engine.Seed) {
	var kinds []string
	for _, c := range s.Connected {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				for _, leaf := range col.Leaves() {
					if k := leaf.Field.Identity; k != "" && !slices.Contains(kinds, k) {
						kinds = append(kinds, k)
					}
				}
			}
		}
	}
	for _, seed := range seeds {
		if !slices.Contains(kinds, seed.Kind) {
			fmt.Fprintf(t.err, "no field has the identity %q, so nothing can be found by it; the datasets have: %s\n", seed.Kind, strings.Join(kinds, ", "))
		}
	}
}

// advice says what to do about a failure of a connected system.
var advice = map[source.Code]string{
	source.Unreachable:  "check the host, the port, the password and that the system is up",
	source.Denied:       "grant the account the right to read (and, for changes, to write) the table; where row-level security is on, BYPASSRLS",
	source.TimedOut:     "an index on the compared column is missing, or the system is busy",
	source.Missing:      "correct the name in the dataset file; 'source check' lists what differs",
	source.BadConfig:    "write the dsn as postgres://user@host/database or file:PATH",
	source.Constraint:   "a rule of the database forbids the change; choose another strategy for the field",
	source.Unsupported:  "this kind of system cannot do it",
	source.Later:        "the system answers later: try again",
	source.Overdue:      "the system did not answer in time: look in its own log",
	source.Locked:       "somebody else holds the rows; try again",
	source.BadType:      "a value does not fit its column",
	source.FailedSystem: "look in the system's own log",
}

// advise says what to do where the code alone says too little.
func advise(code source.Code, state string) string {
	if state == webhook.StateCallback {
		return "the system answers later, by calling the portal back, and a command cannot be called: let it answer at once or be polled (Location) when it is asked without a callback, or search in the portal"
	}
	return advice[code]
}

// explain adds what to do to an error of the engine.
func explain(err error) error {
	var own *source.Error
	var drift *engine.DriftError
	var partly *engine.PartlyError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, engine.ErrSeed):
		return fmt.Errorf("%w; write it as it is stored: %w", err, errUsage)
	case errors.Is(err, engine.ErrDigest):
		return fmt.Errorf("%w; run --plan again, look at it and use its digest", err)
	case errors.Is(err, engine.ErrProblems):
		return fmt.Errorf("%w; solve what is said to block above, and run --plan again", err)
	case errors.Is(err, engine.ErrCeiling):
		return fmt.Errorf("%w; raise --max-rows if the plan is right", err)
	case errors.As(err, &partly):
		return fmt.Errorf("%w; run --plan again: it plans what is left", err)
	case errors.As(err, &drift):
		return fmt.Errorf("%w; nothing was changed in it: run --plan again", err)
	case errors.As(err, &own) && advice[own.Code] != "":
		return fmt.Errorf("%w; %s", err, advise(own.Code, own.State))
	}
	return err
}

// progress shows on a terminal how far the work is.
type progress struct {
	w     io.Writer
	shown bool
	last  time.Time
	rows  map[string]int
}

// newProgress shows nothing where messages go into a file or a pipe.
func newProgress(w io.Writer) *progress {
	p := &progress{rows: map[string]int{}}
	if person(w) != nil && os.Getenv("TERM") != "dumb" {
		p.w = w
	}
	return p
}

func (p *progress) say(format string, args ...any) {
	if now := time.Now(); p.w != nil && now.Sub(p.last) > 100*time.Millisecond {
		p.last, p.shown = now, true
		fmt.Fprintf(p.w, "\r\x1b[K"+format, args...)
	}
}

func (p *progress) found(findings int) { p.say("%d rows found", findings) }

func (p *progress) changed(source string, steps int) {
	p.rows[source] += steps
	p.say("%s: %d rows changed", source, p.rows[source])
}

// end takes the line away.
func (p *progress) end() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// ledgerFlags name the ledger of erasures.
type ledgerFlags struct {
	Ledger    string `help:"Note the erased rows here (keyed digests, no personal data), for replay-erasures." placeholder:"FILE"`
	LedgerKey string `help:"File with the ledger's key; keep it apart from the ledger (default: the ledger's name with .key)." placeholder:"FILE"`
}

func (f ledgerFlags) keyPath() string {
	if f.LedgerKey != "" {
		return f.LedgerKey
	}
	return f.Ledger + ".key"
}

// key reads the ledger's key, or makes one for a ledger that does not exist yet.
func (f ledgerFlags) key(fresh bool) ([]byte, error) {
	data, err := os.ReadFile(f.keyPath())
	if errors.Is(err, os.ErrNotExist) && fresh {
		key := make([]byte, 32)
		_, _ = rand.Read(key)
		return key, os.WriteFile(f.keyPath(), []byte(hex.EncodeToString(key)+"\n"), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the ledger's key: %w", err)
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(data)))
	if err != nil || len(key) < 16 {
		return nil, fmt.Errorf("%s holds no key of a ledger", f.keyPath())
	}
	return key, nil
}

// begin opens the ledger for writing at its end. Each write is on the disk before the next step.
func (f ledgerFlags) begin() (*engine.LedgerWriter, io.Closer, error) {
	file, err := os.OpenFile(f.Ledger, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the ledger: %w", err)
	}
	l, err := f.writer(file)
	if err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return l, file, nil
}

func (f ledgerFlags) writer(file *os.File) (*engine.LedgerWriter, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	empty := info.Size() == 0
	key, err := f.key(empty)
	if err != nil {
		return nil, err
	}
	if !empty {
		if _, err := engine.ReadLedger(file, key); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Ledger, err)
		}
	}
	return engine.NewLedgerWriter(synced{file}, key, now(), empty)
}

type synced struct{ *os.File }

func (s synced) Write(p []byte) (int, error) {
	n, err := s.File.Write(p)
	if err == nil {
		err = s.Sync()
	}
	return n, err
}

// secondLook asks whoever sits at a terminal once more about a large plan; elsewhere it only says so.
func secondLook(t *terminal, p *engine.Prepared, l locale.Locale) error {
	for _, x := range p.Problems {
		if x.Code != "second_look" {
			continue
		}
		fmt.Fprintln(t.err, x.Text.In(l))
		in := person(t.in)
		if in == nil {
			return nil
		}
		fmt.Fprint(t.err, p.Summary.Words(l, nil))
		if err := wantYes(t, in); err != nil {
			return err
		}
	}
	return nil
}

// wantYes goes on only when somebody writes the word.
func wantYes(t *terminal, in *os.File) error {
	fmt.Fprint(t.err, "\nWrite yes to go on: ")
	var answer string
	if _, err := fmt.Fscanln(in, &answer); err != nil || answer != "yes" {
		return errors.New("not carried out; nothing was changed")
	}
	return nil
}
