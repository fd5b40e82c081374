package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed security.yaml
var securityFile []byte

// Point is one thing that somebody may try against the portal, that a list of good practice asks
// of it, or that went wrong in a product like it.
type Point struct {
	ID     string   `yaml:"id"`
	Level  int      `yaml:"level,omitempty"` // of ASVS
	Text   string   `yaml:"text"`
	Tests  []string `yaml:"tests,omitempty"`  // that hold it: "package TestName", or "file.test.ts title"
	Answer string   `yaml:"answer,omitempty"` // what holds it and no test can judge, or whose it is
	Open   string   `yaml:"open,omitempty"`   // what is missing
}

// Security is the whole list behind docs/SECURITY-REPORT.md.
type Security struct {
	Abuse      []Point `yaml:"abuse"`
	ASVS       []Point `yaml:"asvs"`
	Advisories []Point `yaml:"advisories"`
}

func readSecurity() (Security, error) {
	var s Security
	if err := decode(securityFile, &s); err != nil {
		return s, fmt.Errorf("security.yaml: %w", err)
	}
	return s, nil
}

// missingTests gives one sentence for each test that a point names and that is not there.
func missingTests(root string, p Point, tests []Test) []string {
	var missing []string
	for _, named := range p.Tests {
		place, name, _ := strings.Cut(named, " ")
		there := slices.ContainsFunc(tests, func(t Test) bool { return t.Package == place && t.Name == name })
		if strings.HasSuffix(place, ".ts") || strings.HasSuffix(place, ".tsx") {
			content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(place)))
			there = err == nil && regexp.MustCompile("(test|it)\\(\\s*['\"`]"+regexp.QuoteMeta(name)+"['\"`]").Match(content)
		}
		if !there {
			missing = append(missing, fmt.Sprintf("%s: there is no test %q in %s", p.ID, name, place))
		}
	}
	return missing
}

// The states of a point, beside held, partly and notYet of a rule.
const (
	answered = "answered"
	open     = "open"
)

func (p Point) state() string {
	switch tested := len(p.Tests) > 0; {
	case tested && p.Open != "":
		return partly
	case tested:
		return held
	case p.Open != "":
		return open
	}
	return answered
}

const securityPreface = `# Where the portal's security is held

Written by ` + "`make generate`" + ` from [security.yaml](../scripts/rules/security.yaml). Do not edit.

What somebody may try, what good practice asks, and what went wrong in products like this one: for each, the tests that hold it, or an answer where no test can judge, or what is missing. A test is named only where it fails when the thing is broken; the lint of the list holds that each named test exists.

- **held**: tests hold it.
- **in part**: tests hold some of it; the rest is said.
- **answered**: no test judges it: it is so by design or by ` + "`make check`" + `, or it is the operator's.
- **open**: not held; what is missing is said.

[SECURITY.md](../SECURITY.md) says what is promised, [RELIABILITY.md](RELIABILITY.md) what survives what.
`

// securityPage writes the whole of docs/SECURITY-REPORT.md.
func securityPage(s Security) []byte {
	var b bytes.Buffer
	b.WriteString(securityPreface)
	b.WriteString("\n## What somebody may try\n")
	table(&b, s.Abuse, "Abuse")
	b.WriteString("\n## OWASP ASVS 5.0.0\n\nNumbers and levels are those of the standard (OWASP, CC BY-SA 4.0); the wording is ours. Listed are the requirements of levels 1 and 2 that apply to this product, and 43 of level 3. Left out is what it has no part in: LDAP, XPath, XML, LaTeX, GraphQL, WebSocket, SMS, SAML, WebRTC, and what only an authorization server does.\n")
	chapter := ""
	for i, p := range s.ASVS {
		number, _, _ := strings.Cut(p.ID, ".")
		if number == chapter {
			continue
		}
		chapter = number
		end := slices.IndexFunc(s.ASVS[i:], func(p Point) bool { return !strings.HasPrefix(p.ID, number+".") })
		if end < 0 {
			end = len(s.ASVS) - i
		}
		fmt.Fprintf(&b, "\n### V%s %s\n", number, chapters[number])
		table(&b, s.ASVS[i:i+end], "Requirement")
	}
	b.WriteString("\n## What went wrong elsewhere\n\nAdvisories of products of this field and of the libraries underneath, and well-known mishaps.\n")
	table(&b, s.Advisories, "What went wrong")
	count(&b, s)
	return b.Bytes()
}

func table(b *bytes.Buffer, points []Point, title string) {
	fmt.Fprintf(b, "\n| | %s | | Where |\n|---|---|---|---|\n", title)
	for _, p := range points {
		id := p.ID
		if p.Level > 0 {
			id = fmt.Sprintf("%s L%d", p.ID, p.Level)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(id), cell(p.Text), p.state(), p.where())
	}
}

// where lists tests by their place, then what no test says.
func (p Point) where() string {
	var places, lines []string
	names := map[string][]string{}
	for _, named := range p.Tests {
		place, name, _ := strings.Cut(named, " ")
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
		names[place] = append(names[place], "`"+name+"`")
	}
	for _, place := range places {
		lines = append(lines, fmt.Sprintf("%s: %s", place, cell(strings.Join(names[place], ", "))))
	}
	if p.Answer != "" {
		lines = append(lines, cell(p.Answer))
	}
	if p.Open != "" {
		lines = append(lines, "Missing: "+cell(p.Open))
	}
	return strings.Join(lines, "<br>")
}

// count closes the page: how many of each part are in which state.
func count(b *bytes.Buffer, s Security) {
	states := []string{held, partly, answered, open}
	level := func(n int) []Point {
		return slices.DeleteFunc(slices.Clone(s.ASVS), func(p Point) bool { return p.Level != n })
	}
	fmt.Fprintf(b, "\n## Count\n\n| | %s | |\n|---|%s---|\n", strings.Join(states, " | "), strings.Repeat("---|", len(states)))
	for _, part := range []struct {
		name   string
		points []Point
	}{
		{"abuse", s.Abuse}, {"ASVS, level 1", level(1)}, {"ASVS, level 2", level(2)}, {"ASVS, level 3", level(3)}, {"advisories", s.Advisories},
		{"**all**", slices.Concat(s.Abuse, s.ASVS, s.Advisories)},
	} {
		counts := map[string]int{}
		for _, p := range part.points {
			counts[p.state()]++
		}
		fmt.Fprintf(b, "| %s |", part.name)
		for _, state := range states {
			fmt.Fprintf(b, " %d |", counts[state])
		}
		fmt.Fprintf(b, " %d |\n", len(part.points))
	}
}

// chapters of ASVS 5.0.0.
var chapters = map[string]string{
	"1": "Encoding and sanitization", "2": "Validation and business logic", "3": "Web frontend", "4": "API and web service",
	"5": "File handling", "6": "Authentication", "7": "Sessions", "8": "Authorization", "9": "Self-contained tokens",
	"10": "OAuth and OIDC", "11": "Cryptography", "12": "Secure communication", "13": "Configuration", "14": "Data protection",
	"15": "Secure coding and architecture", "16": "Logging and error handling",
}
