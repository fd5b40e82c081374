// Command rules keeps the list of what the law wants of an office that answers requests, and shows
// where each rule is held.
//
//	rules page             writes docs/RULES.md from the list and from the names of the tests, and
//	                       docs/SECURITY-REPORT.md from the list of what security asks
//	rules plant [ID…]      plants a violation of each rule, or of these, and holds that the test
//	                       named after the rule fails
//	rules defects [NAME…]  the same with faults that lose, double or leak, each with the test that
//	                       has to see it
//
// A test holds the rules whose ids begin its name: TestCLK03… holds CLK-03.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

//go:generate go run . page

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	rules, err := readRules()
	if err != nil {
		return err
	}
	tests, err := findTests(root, rules)
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "page":
		security, err := readSecurity()
		if err != nil {
			return err
		}
		return errors.Join(
			os.WriteFile(filepath.Join(root, "docs", "RULES.md"), page(rules, tests), 0o644),
			os.WriteFile(filepath.Join(root, "docs", "SECURITY-REPORT.md"), securityPage(security), 0o644))
	case len(args) > 0 && (args[0] == "plant" || args[0] == "defects"):
		planted, defects, err := readViolations()
		if err != nil {
			return err
		}
		if args[0] == "defects" {
			planted = defects
		}
		return plantAll(ctx, root, tests, planted, args[1:], out)
	}
	return fmt.Errorf("usage: rules page | rules plant [ID…] | rules defects [NAME…]")
}
