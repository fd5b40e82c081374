package governance

import (
	"context"
	"errors"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/store"
)

// Faults of scans.
var (
	ErrUnreadable = fault.Define(fault.Invalid, "source_unreadable",
		"Kilden kunne ikke leses.", "Kjelda kunne ikkje lesast.", "The source could not be read.")
	ErrTestPerson = fault.Define(fault.Invalid, "test_person_invalid",
		"Skriv e-postadressen til en du vet hva databasen har om, for eksempel deg selv.",
		"Skriv e-postadressa til nokon du veit kva databasen har om, til dømes deg sjølv.",
		"Write the e-mail address of somebody of whom you know what the database holds, such as yourself.")
)

// Scan asks for a proposal. Choices are what was decided on the way; Person is somebody known, whom
// the proposal is tried with.
type Scan struct {
	Name     string
	Kind     string
	DSN      source.Secret
	Activity string        `validate:"max=60"`
	Choices  []scan.Choice `validate:"max=20000"`
	Person   string        `validate:"max=320"`
}

// Scanned is a proposal, and how many rows of the known person it leads to.
type Scanned struct {
	Proposal   *scan.Proposal
	Dataset    string // as it would be saved
	Tried      bool
	Found      []FoundRows
	Incomplete bool // not all could be read
}

// FoundRows tells how many rows of a collection are the person's.
type FoundRows struct {
	Collection string
	Rows       int64
}

// How long a scan that somebody waits for may look at rows, and one question of it may take.
const (
	scanBudget  = 20 * time.Second
	scanTimeout = 5 * time.Second
)

// ScanSource reads a database that is about to be connected and proposes its annotation. Nothing
// is saved: not the connection, not a row, not the proposal. Who may connect a database may scan it.
func (o *Office) ScanSource(ctx context.Context, by By, in Scan) (Scanned, error) {
	if err := check(in); err != nil {
		return Scanned{}, err
	}
	name, err := cleanName(in.Name)
	if err != nil {
		return Scanned{}, err
	}
	seed, err := seedOf(in.Person)
	if err != nil {
		return Scanned{}, err
	}
	err = o.Store.Read(ctx, func(tx *store.Tx) error {
		if err := mayChange(tx, by, in.Kind, false, false); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		return o.knownActivity(tx, c, in.Activity)
	})
	if err != nil {
		return Scanned{}, err
	}
	if !database(in.Kind) {
		return Scanned{}, ErrSourceKind.At("/kind")
	}
	if in.DSN.IsZero() {
		return Scanned{}, ErrSourceDSN.At("/dsn")
	}
	opened, err := kinds.Open(ctx, source.Config{Name: name, Kind: in.Kind, DSN: in.DSN, Timeout: scanTimeout})
	if err != nil {
		return Scanned{}, ErrSourceDSN.At("/dsn")
	}
	defer func() { _ = opened.Close() }()
	out, err := scanned(ctx, opened, name, in, seed)
	if err != nil {
		return Scanned{}, err
	}
	return out, o.Store.InTx(ctx, func(tx *store.Tx) error {
		return by.log(tx, "source_scanned", map[string]any{"kind": in.Kind, "tables": out.Proposal.Tables, "tried": out.Tried})
	})
}

func seedOf(person string) ([]engine.Seed, error) {
	if strings.TrimSpace(person) == "" {
		return nil, nil
	}
	a, err := dsr.ParseAddress(strings.TrimSpace(person))
	if err != nil {
		return nil, ErrTestPerson.At("/person")
	}
	return []engine.Seed{{Kind: "email", Value: a.Canonical}}, nil
}

func scanned(ctx context.Context, opened source.Source, name string, in Scan, seed []engine.Seed) (Scanned, error) {
	p, err := scan.Propose(ctx, opened, scan.Options{Key: scan.KeyOf(name), Name: name, Activity: in.Activity, Budget: scanBudget})
	if err != nil {
		return Scanned{}, unreadable(ctx, err)
	}
	p.Choose(in.Choices)
	out := Scanned{Proposal: p, Dataset: string(p.Bare())}
	if len(seed) == 0 {
		return out, nil
	}
	sets, problems := dataset.Read(name+".yaml", p.Bare())
	if err := problems.Err(); err != nil {
		return Scanned{}, err
	}
	report, err := engine.Walk(ctx, []engine.Connected{{Source: opened, Datasets: sets}}, seed, engine.Options{Canonical: addresses}, func(*engine.Finding) error { return nil })
	if err != nil {
		return Scanned{}, unreadable(ctx, err)
	}
	out.Tried, out.Incomplete = true, report.Incomplete
	for _, c := range report.Collections {
		if c.Status == engine.Skipped {
			continue
		}
		out.Found = append(out.Found, FoundRows{Collection: c.Collection, Rows: int64(c.Rows)})
	}
	return out, nil
}

// addresses compares e-mail addresses as the portal does.
var addresses = map[string]engine.Canonical{"email": func(s string) (string, bool) {
	a, err := dsr.ParseAddress(strings.TrimSpace(s))
	return a.Canonical, err == nil
}}

// unreadable tells what kept a source from being read, by its code alone.
func unreadable(ctx context.Context, err error) error {
	var own *source.Error
	if ctx.Err() != nil || !errors.As(err, &own) {
		return err
	}
	f := *ErrUnreadable
	f.Text = failureText(own)
	return f.At("/dsn")
}
