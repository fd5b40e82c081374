package engine

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"sort"

	"mininfo/internal/source"
)

// RunOptions of a plan made and carried out by a command, without a server.
type RunOptions struct {
	Options
	Execute ExecuteOptions
	// Override is the reason for strategies that are pseudonymisation and not erasure.
	Override string
	// Ledger takes note of the rows that are erased; nil: nobody does.
	Ledger Diary
}

func (o RunOptions) ledgerKey() []byte {
	if o.Ledger == nil {
		return nil
	}
	return o.Ledger.Key()
}

// Prepared is a plan made from the live systems. Close it.
type Prepared struct {
	Summary  PlanSummary `json:"plan"`
	Problems []Problem   `json:"problems"`
	Report   Report      `json:"report"`

	sources  *Sources
	seeds    []Seed
	opts     RunOptions
	steps    *Spool
	corrects bool // the plan names only the rows that it changes
}

// Outcome of a plan that was carried out.
type Outcome struct {
	Digest       string         `json:"digest"`
	Results      []SourceResult `json:"results"`
	Verification Verification   `json:"verification"`
}

// key derives the key of a plan's digests from the connection strings and the person's
// identifiers: the same command makes the same plan, and whoever sees only the digest cannot
// try values against it.
func (s *Sources) key(seeds []Seed) []byte {
	sorted := append([]Seed{}, seeds...)
	sort.Slice(sorted, func(i, j int) bool {
		return sorted[i].Kind+"\x00"+sorted[i].Value < sorted[j].Kind+"\x00"+sorted[j].Value
	})
	mac := hmac.New(sha256.New, []byte("mininfo plan digest v1\x00"+s.salt))
	for _, seed := range sorted {
		mac.Write([]byte(seed.Kind + "\x00" + seed.Value + "\x00"))
	}
	return mac.Sum(nil)
}

// PrepareErase walks, plans an erasure and tries it. Without rules everything about the person
// goes; see EraseAll.
func PrepareErase(ctx context.Context, s *Sources, seeds []Seed, rules []CategoryRule, opts RunOptions) (*Prepared, error) {
	return prepare(ctx, s, seeds, opts, func(f Findings, sink func(*Step) error) ([]Problem, error) {
		return PlanErase(ctx, s.Connected, f, EraseCategories(rules, opts.Override), PlanOptions{Key: s.key(seeds), LedgerKey: opts.ledgerKey()}, sink)
	})
}

// PrepareCorrect walks, plans a rectification and tries it.
func PrepareCorrect(ctx context.Context, s *Sources, seeds []Seed, sets []Correction, opts RunOptions) (*Prepared, error) {
	p, err := prepare(ctx, s, seeds, opts, func(f Findings, sink func(*Step) error) ([]Problem, error) {
		return PlanCorrect(ctx, s.Connected, f, sets, PlanOptions{}, sink)
	})
	if p != nil {
		p.corrects = true
	}
	return p, err
}

func prepare(ctx context.Context, s *Sources, seeds []Seed, opts RunOptions, plan planFunc) (*Prepared, error) {
	open := func(ctx context.Context, o Options) (*walk, error) { return openWalk(ctx, s.Connected, seeds, o) }
	return prepareFrom(ctx, s, seeds, opts, open, plan)
}

// planFunc makes the steps for findings.
type planFunc func(Findings, func(*Step) error) ([]Problem, error)

// openFunc finds the rows that a plan is about.
type openFunc func(context.Context, Options) (*walk, error)

func prepareFrom(ctx context.Context, s *Sources, seeds []Seed, opts RunOptions, open openFunc, plan planFunc) (*Prepared, error) {
	key := s.key(seeds)
	opts.DigestKey, opts.Execute.DigestKey = key, key
	opts.Categories, opts.KeepForeign = nil, true
	p := &Prepared{sources: s, seeds: seeds, opts: opts, steps: NewSpool(opts.TempDir), Problems: []Problem{}}
	if err := p.make(ctx, open, plan); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Prepared) make(ctx context.Context, open openFunc, plan planFunc) error {
	found, err := open(ctx, p.opts.Options)
	if err != nil {
		return err
	}
	defer found.close()
	w := NewPlanWriter(p.steps)
	problems, err := plan(collected{found}, w.Write)
	if err != nil {
		return err
	}
	p.Report = found.report()
	p.incomplete()
	if p.Summary, err = w.Close(); err != nil {
		return err
	}
	p.Problems = append(p.Problems, problems...)
	if p.Blocked() {
		return nil
	}
	problems, err = Preflight(ctx, p.sources.Connected, StepsFunc(p.steps.Open), p.opts.Execute)
	p.Problems = append(p.Problems, problems...)
	return err
}

// incomplete: what could not be read could not be planned, and nobody knows who else it is about.
func (p *Prepared) incomplete() {
	for _, c := range p.Report.Collections {
		if c.Status == Failed {
			p.Problems = append(p.Problems, Problem{Source: c.Source, Collection: c.Collection, Code: "incomplete", Text: text(
				"«%s» i «%s» kan ikke leses (%s). Rett opp tilkoblingen eller dataset-filen, og lag planen på nytt.",
				"«%s» i «%s» kan ikkje lesast (%s). Rett opp tilkoplinga eller dataset-fila, og lag planen på nytt.",
				"%q of %q cannot be read (%s). Mend the connection or the dataset file and make the plan anew.",
				c.Collection, c.Source, c.Code)})
		}
		for _, name := range c.Absent {
			p.Problems = append(p.Problems, Problem{Source: c.Source, Collection: c.Collection, Code: "absent_field", Warning: true, Text: text(
				"Feltet «%s» i dataset-filen finnes ikke i tabellen «%s».", "Feltet «%s» i dataset-fila finst ikkje i tabellen «%s».",
				"The field %q of the dataset file is not in the table %q.", name, c.Collection)})
		}
	}
}

// Blocked tells whether a problem keeps the plan from being carried out.
func (p *Prepared) Blocked() bool {
	for _, x := range p.Problems {
		if !x.Warning {
			return true
		}
	}
	return false
}

// Steps gives the plan's steps.
func (p *Prepared) Steps() Steps { return StepsFunc(p.steps.Open) }

// Execute carries out the plan, if it is the one with this digest, source by source, and checks
// the result. Sources that were done before a failure stay done.
func (p *Prepared) Execute(ctx context.Context, digest string) (Outcome, error) {
	out := Outcome{Digest: p.Summary.Digest, Results: []SourceResult{}}
	if digest != p.Summary.Digest {
		return out, ErrDigest
	}
	if p.Blocked() {
		return out, ErrProblems
	}
	for _, name := range Order(p.sources.Connected) {
		result, err := p.one(ctx, name)
		if err != nil {
			return out, err
		}
		out.Results = append(out.Results, result)
	}
	var err error
	out.Verification, err = Verify(ctx, p.sources.Connected, p.seeds, p.opts.Options, p.Steps())
	if p.corrects {
		// A correction names the rows that it changes alone: the person's other rows stay.
		for i := range out.Verification.Remaining {
			r := &out.Verification.Remaining[i]
			r.Kept, r.Unexpected = r.Kept+r.Unexpected, 0
		}
	}
	return out, err
}

// one carries out one source's part and notes it in the ledger.
func (p *Prepared) one(ctx context.Context, name string) (SourceResult, error) {
	l := p.opts.Ledger
	if l == nil {
		return Execute(ctx, p.sources.Connected, name, p.Steps(), p.opts.Execute)
	}
	rows, err := l.Begin(ctx, p.Summary.Digest, name, p.Steps())
	if err != nil {
		return SourceResult{Source: name}, err
	}
	result, err := Execute(ctx, p.sources.Connected, name, p.Steps(), p.opts.Execute)
	switch {
	case rows == 0:
		return result, err
	case rolledBack(err):
		return result, errors.Join(err, l.Undone(ctx, p.Summary.Digest, name))
	case err != nil:
		return result, err // the connection may have been cut after the commit: nobody knows
	}
	return result, l.Done(ctx, p.Summary.Digest, result)
}

// rolledBack tells whether a failure certainly left nothing behind.
func rolledBack(err error) bool {
	var drift *DriftError
	var partly *PartlyError
	switch {
	case errors.As(err, &partly):
		return false
	case errors.As(err, &drift):
		return drift.Done == 0
	}
	return errors.Is(err, ErrEffects) || errors.Is(err, ErrCeiling) || errors.Is(err, &source.Error{Code: source.Constraint})
}

// Close removes what was kept of the plan.
func (p *Prepared) Close() { p.steps.Close() }
