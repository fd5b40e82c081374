package main

import (
	"bytes"
	"fmt"
	"strings"
)

const preface = `# The rules and where they are held

Written by ` + "`make generate`" + ` from [rules.yaml](../scripts/rules/rules.yaml) and the names of the tests. Do not edit.

A rule that the portal holds has a test named after it: ` + "`TestCLK03…`" + ` holds CLK-03 (` + "`go test -run CLK03 ./...`" + `). ` + "`make plant`" + ` plants a violation of each such rule and holds that its test fails. A rule is not held because a page says so: where something is missing, it says what.

- **held**: tests hold all of it that a portal can hold.
- **in part**: tests hold some of it; the rest is said.
- **not yet**: no test holds it; what is missing is said.
- **a person's duty**: no portal can hold it. It is written down so that somebody does it.

Articles are those of the GDPR; "pol." is the Norwegian Personal Data Act; EDPB 01/2022 are the guidelines on the right of access; 1182/71 is the regulation on periods, dates and time limits; PVN and the names of companies are decisions from which the rule was learnt.

`

// The states of a rule.
const (
	held   = "held"
	partly = "in part"
	notYet = "not yet"
	duty   = "a person's duty"
)

func stateOf(r Rule, tests []Test) string {
	switch any := len(holding(tests, r.ID)) > 0; {
	case any && r.Lacks != "":
		return partly
	case any:
		return held
	case r.Lacks == "" && r.Person != "":
		return duty
	}
	return notYet
}

// page writes the whole of docs/RULES.md.
func page(rules []Rule, tests []Test) []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	summary(&b, rules, tests)
	area := ""
	for _, r := range rules {
		if name := areas[prefix(r.ID)]; name != area {
			area = name
			fmt.Fprintf(&b, "\n## %s\n\n| | | Rule | | Where |\n|---|---|---|---|---|\n", area)
		}
		fmt.Fprintf(&b, "| %s | %s | %s *%s* | %s | %s |\n", r.ID, r.Level, cell(r.Text), cell(r.Source), stateOf(r, tests), where(r, tests))
	}
	return b.Bytes()
}

// summary counts the rules by level and state.
func summary(b *bytes.Buffer, rules []Rule, tests []Test) {
	states := []string{held, partly, notYet, duty}
	fmt.Fprintf(b, "| | %s | |\n|---|%s---|\n", strings.Join(states, " | "), strings.Repeat("---|", len(states)))
	for _, level := range levels {
		counts, all := map[string]int{}, 0
		for _, r := range rules {
			if r.Level == level {
				counts[stateOf(r, tests)]++
				all++
			}
		}
		fmt.Fprintf(b, "| %s |", level)
		for _, s := range states {
			fmt.Fprintf(b, " %d |", counts[s])
		}
		fmt.Fprintf(b, " %d |\n", all)
	}
}

func where(r Rule, tests []Test) string {
	var lines []string
	for _, t := range holding(tests, r.ID) {
		lines = append(lines, fmt.Sprintf("`%s` in %s", t.Name, t.Package))
	}
	if r.Lacks != "" {
		lines = append(lines, "Missing: "+cell(r.Lacks))
	}
	if r.Person != "" {
		lines = append(lines, "A person: "+cell(r.Person))
	}
	return strings.Join(lines, "<br>")
}

// cell makes text fit for a cell of a table.
func cell(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "|", `\|`) }

func prefix(id string) string { return id[:strings.LastIndexByte(id, '-')] }

// levels are what a rule can be.
var levels = []string{"must", "should", "choice"}

// areas gives the part of the page that a rule stands in, by the beginning of its id.
var areas = map[string]string{}

func init() {
	for _, a := range []struct {
		name     string
		prefixes []string
	}{
		{"Intake", []string{"INT"}},
		{"Identity and representation", []string{"ID", "REP"}},
		{"Clock, extension, refusal, fee", []string{"CLK", "EXT", "REF", "FEE"}},
		{"Access", []string{"ACC"}},
		{"Correction, erasure, restriction, portability, objection", []string{"REC", "ERA", "RES", "POR", "OBJ", "ADM", "WDR", "NOT"}},
		{"Norway, accountability, security, screen", []string{"INF", "CAT", "ART23", "NAT", "ACY", "RET", "BRE", "SEC", "DPO", "UI"}},
	} {
		for _, p := range a.prefixes {
			areas[p] = a.name
		}
	}
}
