package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

type deadlineCommand struct {
	Cases    string `help:"CSV file with id,profile,received,events; prints id,due,due_unsuspended,internal_target,ext_valid." type:"existingfile" xor:"one,cases-events,cases-profile,cases-country"`
	Received string `help:"When the request came: a date, or an instant with its zone." xor:"one"`
	Events   string `help:"What happened since: ask1=DATE;reply1=DATE;ext=MONTHS@DATE" xor:"cases-events"`
	Profile  string `help:"EDPB (the default) or UK." xor:"cases-profile"`
	Country  string `help:"Whose public holidays count: NO, SE, DK or GB (default: the profile's)." xor:"cases-country"`
	Locale   string `help:"Language of the reasons." default:"nb" enum:"nb,nn,en"`
	JSON     bool   `help:"Machine-readable."`
}

// Run counts time limits.
func (c *deadlineCommand) Run(t *terminal) error {
	if c.Cases != "" {
		return c.table(t)
	}
	if c.Received == "" {
		return fmt.Errorf("give --received DATE, or --cases FILE: %w", errUsage)
	}
	clock, err := dsr.ParseClock(c.Profile, c.Received, c.Events)
	if err != nil {
		return misused{err}
	}
	clock.Country = strings.ToUpper(c.Country)
	d, err := dsr.Compute(clock)
	if err != nil {
		return misused{err}
	}
	if c.JSON {
		return printJSON(t.out, d)
	}
	fmt.Fprintf(t.out, "due %s\nunsuspended %s\ninternal target %s\n", d.DueWord(), d.DueUnsuspended, d.InternalTarget)
	for _, r := range d.Reasons {
		fmt.Fprintf(t.out, "- %s\n", r.Text.In(locale.Locale(c.Locale)))
	}
	return nil
}

// table counts a file of cases. What can be counted is printed although other lines are wrong.
func (c *deadlineCommand) table(t *terminal) error {
	file, err := os.Open(c.Cases)
	if err != nil {
		return fmt.Errorf("opening the cases: %w", err)
	}
	defer file.Close()
	if !c.JSON {
		return inFile(c.Cases, dsr.Cases(file, t.out))
	}
	type row struct {
		ID string `json:"id"`
		dsr.Deadline
	}
	rows := []row{}
	problems := dsr.EachCase(file, func(one dsr.Case) error {
		rows = append(rows, row{one.ID, one.Deadline})
		return nil
	})
	return errors.Join(printJSON(t.out, rows), inFile(c.Cases, problems))
}

// inFile puts the file's name before each problem.
func inFile(name string, err error) error {
	var several interface{ Unwrap() []error }
	if err == nil || !errors.As(err, &several) {
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return err
	}
	var all []error
	for _, one := range several.Unwrap() {
		all = append(all, fmt.Errorf("%s: %w", name, one))
	}
	return errors.Join(all...)
}
