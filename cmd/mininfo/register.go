package main

import (
	"errors"
	"fmt"
	"os"

	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/register"
)

type registerCommand struct {
	Check  registerCheckCommand  `cmd:"" help:"Read a register file strictly and say what it lacks."`
	Import registerImportCommand `cmd:"" help:"Take a register file in as a new version."`
	Export registerExportCommand `cmd:"" help:"Print the register in force."`
}

type registerCheckCommand struct {
	File   string `arg:"" help:"register.yaml" type:"existingfile"`
	Locale string `help:"Language of the gaps." default:"en" enum:"nb,nn,en"`
	JSON   bool   `help:"Machine-readable."`
}

var errGaps = errors.New("the register has gaps that block decisions")

// Run checks a register file; gaps that block decisions make it fail.
func (c *registerCheckCommand) Run(t *terminal) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("reading the register: %w", err)
	}
	r, err := register.Parse(c.File, data)
	if err != nil && c.JSON {
		return errors.Join(printJSON(t.out, map[string]any{"problems": registerProblems(err)}), errRegister)
	}
	if err != nil {
		return printRegisterErrors(t, err)
	}
	gaps, blocked := r.Gaps(), false
	type row struct {
		Activity string `json:"activity"`
		Field    string `json:"field"`
		Blocks   bool   `json:"blocks"`
		Text     string `json:"text"`
	}
	rows := []row{}
	for _, g := range gaps {
		blocks := g.Severity == register.BlocksDecision
		blocked = blocked || blocks
		rows = append(rows, row{g.Activity, g.Field, blocks, g.Text.In(locale.Locale(c.Locale))})
	}
	if c.JSON {
		if err := printJSON(t.out, map[string]any{"activities": len(r.Activities), "gaps": rows}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(t.out, "%d activities, %d gaps\n", len(r.Activities), len(rows))
		for _, g := range rows {
			mark := "warns "
			if g.Blocks {
				mark = "blocks"
			}
			fmt.Fprintf(t.out, "%s  %s.%s: %s\n", mark, g.Activity, g.Field, g.Text)
		}
	}
	if blocked {
		return errGaps
	}
	return nil
}

var errRegister = errors.New("the register cannot be read: see its problems")

// registerProblems gives each problem with its place.
func registerProblems(err error) []map[string]any {
	var problems *register.Errors
	if !errors.As(err, &problems) {
		return []map[string]any{{"message": err.Error()}}
	}
	list := []map[string]any{}
	for _, p := range problems.Problems {
		list = append(list, map[string]any{"file": p.File, "line": p.Line, "message": p.Message})
	}
	return list
}

// printRegisterErrors prints each problem on a line of its own: file, line and what to write.
func printRegisterErrors(t *terminal, err error) error {
	var problems *register.Errors
	if !errors.As(err, &problems) {
		return err
	}
	for _, p := range problems.Problems {
		fmt.Fprintf(t.err, "%s:%d: %s\n", p.File, p.Line, p.Message)
	}
	return errRegister
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
		return err
	}
	_, err = fmt.Fprintf(t.out, "Register version %d is in force.\n", number)
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
