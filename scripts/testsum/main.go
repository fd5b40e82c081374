// Command testsum runs the Go tests with a line a package, and adds up what all runners counted.
//
//	testsum go -out go.json -- ./...      runs 'go test -json', prints progress and failures
//	testsum total DIR                     adds up DIR/*.json and prints 'N passed, N failed'
//
// A runner that leaves no report, or whose report holds no test, counts as one failure: a run that
// tested nothing must not look like a run that found nothing.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run gives the exit code: 0 all passed, 1 something failed, 2 wrong usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		return usage(stderr)
	}
	switch args[0] {
	case "go":
		return runGo(ctx, args[1:], stdout, stderr)
	case "total":
		if len(args) != 2 {
			return usage(stderr)
		}
		return total(args[1], stdout)
	}
	return usage(stderr)
}

func usage(stderr io.Writer) int {
	fmt.Fprintln(stderr, "usage: testsum go -out FILE -- ARGUMENTS OF go test | testsum total DIR")
	return 2
}

func runGo(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("testsum go", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "", "file for the counts")
	if err := flags.Parse(args); err != nil || *out == "" || flags.NArg() == 0 {
		return usage(stderr)
	}
	counts, err := goTest(ctx, flags.Args(), stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "testsum:", err)
		return 1
	}
	fmt.Fprintf(stdout, "Go: %s\n", counts)
	if err := counts.write(*out); err != nil {
		fmt.Fprintln(stderr, "testsum:", err)
		return 1
	}
	if counts.Failed > 0 {
		return 1
	}
	return 0
}
