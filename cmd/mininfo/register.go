package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

type registerCommand struct {
	Check  registerCheckCommand  `cmd:"" help:"Read a register file strictly and say what is wrong with it and what it lacks."`
	Schema registerSchemaCommand `cmd:"" help:"Print the JSON Schema of register files."`
	Import registerImportCommand `cmd:"" help:"Take a register file in as a new version."`
	Export registerExportCommand `cmd:"" help:"Print the register in force."`

	WebhookSecret registerSecretCommand `cmd:"" help:"Print the secret that messages to a recipient's system are signed with."`
}

type registerCheckCommand struct {
	File   string `arg:"" help:"register.yaml" type:"existingfile"`
	Locale string `help:"Language of what is said." default:"en" enum:"nb,nn,en"`
	JSON   bool   `help:"Machine-readable."`
}

var (
	errGaps     = errors.New("the register has gaps that block decisions")
	errAgainst  = errors.New("the register contradicts itself and cannot be put into force: see what it says")
	errRegister = errors.New("the register cannot be read: see its problems")
)

// Run checks a register file: what is wrong with it and what it lacks, each with file and line.
// Errors, contradictions, and gaps that block decisions, make it fail.
func (c *registerCheckCommand) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	type row struct {
		File     string `json:"file"`
		Line     int    `json:"line"`
		Path     string `json:"path"`
		Activity string `json:"activity,omitempty"`
		Severity string `json:"severity"`
		Rule     string `json:"rule,omitempty"` // of docs/RULES.md
		Text     string `json:"text"`
	}
	rows, found := []row{}, map[register.Severity]int{}
	for _, f := range register.Lint(c.File, data) {
		found[f.Severity]++
		rows = append(rows, row{f.File, f.Line, f.Path, f.Activity, string(f.Severity), f.Rule, f.Text.In(locale.Locale(c.Locale))})
	}
	if c.JSON {
		err = printJSON(t.out, map[string]any{"findings": rows})
	} else {
		for _, r := range rows {
			where := r.Path
			if _, field, ok := strings.Cut(where, "]."); ok && r.Activity != "" {
				where = r.Activity + "." + field
			}
			said := strings.TrimPrefix(where+": ", ": ") + r.Text
			word := severityWords[register.Severity(r.Severity)]
			if r.Rule != "" {
				word += " (" + r.Rule + ")"
			}
			fmt.Fprintf(t.out, "%s:%d: %s: %s\n", r.File, r.Line, word, said)
		}
		_, err = fmt.Fprintf(t.out, "errors: %d, contradictions: %d, gaps that block decisions: %d, warnings: %d\n",
			found[register.Wrong], found[register.Contradiction], found[register.BlocksDecision], found[register.Warn])
	}
	switch {
	case err != nil:
		return err
	case found[register.Wrong] > 0:
		return errRegister
	case found[register.Contradiction] > 0:
		return errAgainst
	case found[register.BlocksDecision] > 0:
		return errGaps
	}
	return nil
}

var severityWords = map[register.Severity]string{register.Wrong: "error", register.Contradiction: "contradicts", register.BlocksDecision: "blocks", register.Warn: "warns"}

// printRegisterErrors prints each problem on a line of its own: file, line and what to write.
func printRegisterErrors(t *terminal, err error) error {
	var problems *register.Errors
	if !errors.As(err, &problems) {
		return err
	}
	for _, p := range problems.Problems {
		fmt.Fprintln(t.err, p)
	}
	return errRegister
}

// printContradictions prints each on a line of its own: file, line and the rule that it breaks.
func printContradictions(t *terminal, err error) error {
	var problems *governance.YAMLProblems
	if !errors.As(err, &problems) || !errors.Is(err, register.ErrContradiction) {
		return err
	}
	fmt.Fprintln(t.err, problems)
	return errAgainst
}

type registerSchemaCommand struct{}

// Run prints the JSON Schema of register files, for editors and other programs.
func (c *registerSchemaCommand) Run(t *terminal) error {
	_, err := t.out.Write(register.Schema())
	return err
}

type registerImportCommand struct {
	config
	File string `arg:"" help:"register.yaml" type:"existingfile"`
}

// Run takes a register file in.
func (c *registerImportCommand) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	if _, err := register.Parse(c.File, data); err != nil {
		return printRegisterErrors(t, err)
	}
	p, err := c.open(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	number, err := p.office.ImportRegister(t.ctx, c.File, data, governance.System())
	if err != nil {
		return printContradictions(t, err)
	}
	_, err = fmt.Fprintf(t.out, "Register version %d is in force.\n", number)
	return err
}

type registerSecretCommand struct {
	config
	Address string `arg:"" help:"The recipient's address, as it stands under notify.webhook in the register."`
}

// Run prints what the recipient needs to check that a message is the portal's.
func (c *registerSecretCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	_, err = fmt.Fprintln(t.out, fulfilment.HookSecret(p.ring, c.Address))
	return err
}

type registerExportCommand struct{ config }

// Run prints the register in force.
func (c *registerExportCommand) Run(t *terminal) error {
	p, err := c.openExisting(t)
	if err != nil {
		return err
	}
	defer p.store.Close()
	data, err := p.office.ExportRegister(t.ctx)
	if err != nil {
		return err
	}
	_, err = t.out.Write(data)
	return err
}
