package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
)

type sourceCommands struct {
	Scan    sourceScanCommand    `cmd:"" help:"Read a live system's tables and a sample, and print a proposed dataset file."`
	Check   sourceCheckCommand   `cmd:"" help:"Read dataset files strictly and hold them against the live systems."`
	Collect sourceCollectCommand `cmd:"" help:"Print everything that the systems hold about a person."`
	Correct sourceCorrectCommand `cmd:"" help:"Plan or carry out corrections."`
	Erase   sourceEraseCommand   `cmd:"" help:"Plan or carry out an erasure."`
	Replay  sourceReplayCommand  `cmd:"" name:"replay-erasures" help:"Erase anew what was erased and is there again, after an old backup of a system was restored."`
	Ledger  ledgerCommands       `cmd:"" help:"The portal's ledger of what was erased in connected systems."`
}

// person names the systems and whom to look for.
type personFlags struct {
	Sources  string   `required:"" help:"sources.yaml" type:"existingfile"`
	Identity []string `required:"" help:"Who: kind=value, such as email=kari@example.no; may be repeated." sep:"none"`
	Locale   string   `help:"Language of messages." default:"en" enum:"nb,nn,en"`
}

func (f personFlags) seeds() ([]engine.Seed, error) {
	var seeds []engine.Seed
	for _, identity := range f.Identity {
		kind, value, ok := strings.Cut(identity, "=")
		if !ok || kind == "" || value == "" {
			return nil, fmt.Errorf("--identity must be kind=value, such as email=kari@example.no: %w", errUsage)
		}
		if kind == "phone" {
			kind = "phone_number"
		}
		seeds = append(seeds, engine.Seed{Kind: kind, Value: value})
	}
	return seeds, nil
}

// openSource connects a system with the clock of this machine.
func openSource(ctx context.Context, c source.Config) (source.Source, error) {
	c.Now = time.Now
	return kinds.Open(ctx, c)
}

// canonical compares identities as the portal does.
func canonical() map[string]engine.Canonical {
	return map[string]engine.Canonical{"email": func(s string) (string, bool) {
		a, err := dsr.ParseAddress(strings.TrimSpace(s))
		return a.Canonical, err == nil
	}}
}

func (f personFlags) open(t *terminal) (*engine.Sources, []engine.Seed, error) {
	seeds, err := f.seeds()
	if err != nil {
		return nil, nil, err
	}
	s, err := engine.LoadSources(t.ctx, f.Sources, os.LookupEnv, openSource)
	if err != nil {
		return nil, nil, printDatasetProblems(t, err, locale.Locale(f.Locale))
	}
	checkKinds(t, s, seeds)
	return s, seeds, nil
}

// printDatasetProblems prints each problem on a line of its own: file, line and what to write.
func printDatasetProblems(t *terminal, err error, l locale.Locale) error {
	var problems dataset.Problems
	if !errors.As(err, &problems) {
		return err
	}
	for _, p := range problems {
		fmt.Fprintf(t.err, "%s:%d: %s\n", p.File, p.Line, p.Text.In(l))
	}
	return fmt.Errorf("%d problems in the files", len(problems))
}

var errIncomplete = errors.New("not everything could be read: see above")

// told writes what was not read or not reachable on the error stream: it must not pass for "nothing held".
func told(t *terminal, r engine.Report) error {
	for _, c := range r.Collections {
		switch {
		case c.Status == engine.Failed:
			fmt.Fprintf(t.err, "%s.%s: %s %s %s: %s\n", c.Source, c.Collection, c.Status, c.Code, c.State, advise(c.Code, c.State))
		case c.Status != engine.Reached && c.Status != engine.Nothing:
			fmt.Fprintf(t.err, "%s.%s: %s\n", c.Source, c.Collection, c.Status)
		}
		for _, name := range c.Absent {
			fmt.Fprintf(t.err, "%s.%s: the table has no column %q that the dataset names\n", c.Source, c.Collection, name)
		}
		if c.Withheld > 0 {
			fmt.Fprintf(t.err, "%s.%s: %d fields about other persons were left out\n", c.Source, c.Collection, c.Withheld)
		}
	}
	if r.Incomplete {
		return errIncomplete
	}
	return nil
}

type sourceCheckCommand struct {
	Sources  string `required:"" help:"sources.yaml" type:"existingfile"`
	Register string `help:"register.yaml: hold the activities and the special categories against it too." type:"existingfile"`
	Locale   string `help:"Language of messages." default:"en" enum:"nb,nn,en"`
	JSON     bool   `help:"Machine-readable."`
}

// Run reads the files and holds them against the live systems.
func (c *sourceCheckCommand) Run(t *terminal) error {
	l := locale.Locale(c.Locale)
	var reg *register.Register
	if c.Register != "" {
		data, err := os.ReadFile(c.Register)
		if err != nil {
			return fmt.Errorf("reading the register: %w", err)
		}
		if reg, err = register.Parse(c.Register, data); err != nil {
			return printRegisterErrors(t, err)
		}
	}
	s, err := engine.LoadSources(t.ctx, c.Sources, os.LookupEnv, openSource)
	if err != nil {
		return printDatasetProblems(t, err, l)
	}
	defer s.Close()
	type result struct {
		Source string                 `json:"source"`
		OK     bool                   `json:"ok"`
		Lines  []governance.CheckLine `json:"lines"`
	}
	results, failed := []result{}, false
	for _, connected := range s.Connected {
		checked := governance.Look(t.ctx, connected.Source, connected.Datasets, reg, l)
		results = append(results, result{connected.Source.Name(), checked.OK, checked.Lines})
		failed = failed || !checked.OK
	}
	if c.JSON {
		if err := printJSON(t.out, results); err != nil {
			return err
		}
	} else {
		for _, r := range results {
			for _, line := range r.Lines {
				fmt.Fprintf(t.out, "%-5s  %s: %s\n", line.Level, r.Source, line.Text)
			}
		}
	}
	if failed {
		return errors.New("the annotation and the live system do not agree")
	}
	return nil
}

func printProblems(t *terminal, problems []engine.Problem, l locale.Locale) error {
	blocking := 0
	for _, p := range problems {
		mark := "warns"
		if !p.Warning {
			mark = "blocks"
			blocking++
		}
		fmt.Fprintf(t.err, "%s %s.%s %s: %s\n", mark, p.Source, p.Collection, p.Code, p.Text.In(l))
	}
	if blocking > 0 {
		return fmt.Errorf("%d problems", blocking)
	}
	return nil
}

// What a collection needs grows little with its rows, and garbage is not to pile up beside it: little
// of it points anywhere, so that collecting it often costs next to nothing.
const (
	collectMemory = 96 << 20
	collectGrowth = 50 // percent
)

type sourceCollectCommand struct {
	personFlags
	LimitCategory []string `help:"Only fields of this data category; may be repeated."`
	JSON          bool     `help:"One JSON object (the default)."`
	NDJSON        bool     `name:"ndjson" help:"One row a line."`
}

// Run prints everything about a person.
func (c *sourceCollectCommand) Run(t *terminal) error {
	for _, category := range c.LimitCategory {
		if err := checkCategory("--limit-category", category); err != nil {
			return err
		}
	}
	s, seeds, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.Close()
	debug.SetMemoryLimit(collectMemory)
	debug.SetGCPercent(collectGrowth)
	shown := newProgress(t.err)
	defer shown.end()
	out := bufio.NewWriterSize(t.out, 64<<10)
	options := engine.CollectOptions{Options: engine.Options{Canonical: canonical(), Categories: c.LimitCategory, Progress: shown.found}, NDJSON: c.NDJSON}
	report, err := engine.CollectJSON(t.ctx, s.Connected, seeds, options, out)
	if flushed := out.Flush(); err == nil {
		err = flushed
	}
	shown.end()
	if err != nil {
		return explain(err)
	}
	return told(t, report)
}

// planFlags say whether to show a plan or to carry it out.
type planFlags struct {
	Plan    bool   `help:"Print the plan with its digest and counts; change nothing." xor:"do"`
	Execute string `help:"Carry out exactly the plan with this digest, or refuse." placeholder:"DIGEST" xor:"do"`
	MaxRows int    `help:"Refuse a plan that changes more rows of one source than this (0: any number)."`
	JSON    bool   `help:"Machine-readable, also on a terminal."`
}

func (f planFlags) check() error {
	if !f.Plan && f.Execute == "" {
		return fmt.Errorf("say --plan, or --execute DIGEST: %w", errUsage)
	}
	return nil
}

func (f planFlags) options(shown *progress) engine.RunOptions {
	return engine.RunOptions{
		Options: engine.Options{Canonical: canonical(), Progress: shown.found},
		Execute: engine.ExecuteOptions{Ceiling: f.MaxRows, Done: shown.changed},
	}
}

// finish shows the plan or carries it out.
func (f planFlags) finish(t *terminal, p *engine.Prepared, l locale.Locale, shown *progress) error {
	defer p.Close()
	incomplete := told(t, p.Report)
	if f.Plan {
		if err := f.show(t, p, l); err != nil {
			return err
		}
		if err := printProblems(t, p.Problems, l); err != nil {
			return err
		}
		return incomplete
	}
	if f.Execute == p.Summary.Digest && !p.Blocked() {
		if err := secondLook(t, p, l); err != nil {
			return err
		}
	}
	return carryOut(t, p, f.Execute, l, shown)
}

// carryOut carries out the plan with a digest and prints what was done.
func carryOut(t *terminal, p *engine.Prepared, digest string, l locale.Locale, shown *progress) error {
	outcome, err := p.Execute(t.ctx, digest)
	shown.end()
	if err != nil {
		_ = printProblems(t, p.Problems, l)
		for _, done := range outcome.Results {
			fmt.Fprintf(t.err, "%s: done before the failure, and stays done: %d rows deleted, %d changed\n", done.Source, done.Deleted, done.Changed)
		}
		return explain(err)
	}
	if err := printJSON(t.out, outcome); err != nil {
		return err
	}
	if !outcome.Verification.Done() {
		return errors.New("the check after the change found steps without effect")
	}
	return beside(t, outcome.Verification.Remaining)
}

var errBeside = errors.New("the plan was carried out, but the check after it found rows of the person that were not in it; run --plan again, look at them and use its digest")

// beside tells of rows that came while the plan was carried out, or because of it: a trigger that keeps
// the old value of a field keeps what was erased.
func beside(t *terminal, remaining []engine.Remaining) error {
	var err error
	for _, r := range remaining {
		if r.Unexpected > 0 {
			fmt.Fprintf(t.err, "%s.%s: %d rows that were not in the plan (does a trigger copy what is changed?)\n", r.Source, r.Collection, r.Unexpected)
			err = errBeside
		}
	}
	return err
}

// show prints a plan: for programs, or in words for who sits at a terminal.
func (f planFlags) show(t *terminal, p *engine.Prepared, l locale.Locale) error {
	if person(t.out) != nil && !f.JSON {
		inWords(t.out, p, l)
		_, err := fmt.Fprintf(t.out, "\n--execute %s\n", p.Summary.Digest)
		return err
	}
	return printJSON(t.out, map[string]any{
		"digest": p.Summary.Digest, "steps": p.Summary.Steps, "counts": p.Summary.Counts, "collections": p.Summary.Collections,
		"reasons": p.Summary.Reasons, "words": p.Summary.Words(l, nil), "problems": p.Problems,
	})
}

// inWords says what a plan does, altogether and table by table.
func inWords(w io.Writer, p *engine.Prepared, l locale.Locale) {
	fmt.Fprintf(w, "%s\n\n", p.Summary.Words(l, nil))
	for _, c := range p.Summary.Collections {
		fmt.Fprintf(w, "  %s.%s:", c.Source, c.Collection)
		for _, a := range []engine.Action{engine.Delete, engine.Anonymise, engine.SetAction, engine.Keep} {
			if c.Counts[a] > 0 {
				fmt.Fprintf(w, " %d %s", c.Counts[a], a)
			}
		}
		fmt.Fprintln(w)
	}
}

type sourceEraseCommand struct {
	personFlags
	planFlags
	ledgerFlags
	Category []string `help:"Only fields of this data category; may be repeated, each with its --strategy."`
	Strategy []string `help:"What to do with the category before it: null_rewrite (default), string_rewrite=WORD, random_string_rewrite=LENGTH, hash, delete, …"`
	Override string   `help:"Reason for accepting a strategy that is pseudonymisation and no erasure."`
}

// Run plans or carries out an erasure.
func (c *sourceEraseCommand) Run(t *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	if len(c.Strategy) > len(c.Category) {
		return fmt.Errorf("--strategy follows the --category that it is for: %w", errUsage)
	}
	var rules []engine.CategoryRule
	for i, category := range c.Category {
		strategy := ""
		if i < len(c.Strategy) {
			strategy = c.Strategy[i]
		}
		rule, err := categoryRule(category, strategy)
		if err != nil {
			return err
		}
		rules = append(rules, rule)
	}
	s, seeds, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.Close()
	shown := newProgress(t.err)
	defer shown.end()
	options := c.options(shown)
	options.Override = c.Override
	if c.Ledger != "" && c.Execute != "" {
		l, file, err := c.begin()
		if err != nil {
			return err
		}
		defer file.Close()
		options.Ledger = l
	}
	p, err := engine.PrepareErase(t.ctx, s, seeds, rules, options)
	shown.end()
	if err != nil {
		return explain(err)
	}
	return c.finish(t, p, locale.Locale(c.Locale), shown)
}

type sourceCorrectCommand struct {
	personFlags
	planFlags
	Set []string `required:"" help:"collection.field=new value, or source:collection.field=new value; may be repeated." sep:"none"`
}

// Run plans or carries out corrections.
func (c *sourceCorrectCommand) Run(t *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	s, seeds, err := c.open(t)
	if err != nil {
		return err
	}
	defer s.Close()
	var sets []engine.Correction
	for _, set := range c.Set {
		one, err := engine.ParseSet(set, s.Connected)
		if err != nil {
			return errors.Join(errUsage, err)
		}
		sets = append(sets, one)
	}
	shown := newProgress(t.err)
	defer shown.end()
	p, err := engine.PrepareCorrect(t.ctx, s, seeds, sets, c.options(shown))
	shown.end()
	if err != nil {
		return explain(err)
	}
	return c.finish(t, p, locale.Locale(c.Locale), shown)
}
