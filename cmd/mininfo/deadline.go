package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

type deadlineCommand struct {
	Cases    string `help:"CSV file with id,received,events and, where the cases differ in it, profile and country; prints id,due,due_unsuspended,internal_target,ext_valid." type:"existingfile" xor:"one,cases-events"`
	Received string `help:"When the request came: a date, or an instant with its zone." xor:"one"`
	Events   string `help:"What happened since: ask1=DATE;reply1=DATE;ext=MONTHS@DATE" xor:"cases-events"`
	Profile  string `help:"How it is counted: ${profiles} (default: EDPB). Of a file of cases: those that name none."`
	Country  string `help:"Whose public holidays and zone count: ${countries} (default: the profile's). Of a file of cases: those that name none."`
	Locale   string `help:"Language of the reasons." default:"nb" enum:"nb,nn,en"`
	JSON     bool   `help:"Machine-readable."`
}

// deadlineWords are the choices that its help names.
func deadlineWords() kong.Vars {
	var names []string
	for _, p := range dsr.Profiles() {
		names = append(names, p.Name)
	}
	return kong.Vars{"profiles": strings.Join(names, ", "), "countries": strings.Join(dsr.Countries(), ", ")}
}

// Run counts time limits.
func (c *deadlineCommand) Run(t *terminal) error {
	if c.Cases != "" {
		return c.table(t)
	}
	if c.Received == "" {
		return fmt.Errorf("give --received DATE, or --cases FILE: %w", errUsage)
	}
	clock, err := dsr.ParseClock(c.Profile, c.Country, c.Received, c.Events)
	if err != nil {
		return misused{err}
	}
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
	by := dsr.Counted{Profile: c.Profile, Country: c.Country}
	if !c.JSON {
		return inFile(c.Cases, dsr.Cases(file, by, t.out))
	}
	type row struct {
		ID string `json:"id"`
		dsr.Deadline
	}
	rows := []row{}
	problems := dsr.EachCase(file, by, func(one dsr.Case) error {
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
