// Command mininfo is the portal for the rights of registered persons: web, workers and tools in
// one program. This package alone knows configuration and the environment; it assembles the rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// version is set by the linker.
var version = "dev"

// exit codes: done, failed, wrong usage.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

type commands struct {
	Serve    serveCommand     `cmd:"" help:"Serve the portal: web and workers in one process."`
	Worker   workerCommand    `cmd:"" help:"Run workers alone, beside other processes on one PostgreSQL."`
	Migrate  migrateCommand   `cmd:"" help:"Bring the database's schema up to date."`
	Staff    staffCommands    `cmd:"" help:"Members of the staff."`
	Register registerCommand  `cmd:"" help:"The register of processing activities (Art. 30)."`
	Mail     mailCommands     `cmd:"" help:"Your own texts of mails: draft, check, preview."`
	Source   sourceCommands   `cmd:"" help:"Connected systems: scan, check, collect, correct, erase."`
	Deadline deadlineCommand  `cmd:"" help:"Count a time limit, or a file of cases."`
	Audit    auditCommands    `cmd:"" help:"The log of what was done."`
	Receipt  receiptCommands  `cmd:"" help:"A person's receipt."`
	Evidence evidenceCommands `cmd:"" help:"A case's evidence."`
	Key      keyCommands      `cmd:"" help:"The keys that data keys are wrapped under."`
	Backup   backupCommand    `cmd:"" help:"Make one verified, encrypted file of the database and the files, while the portal runs."`
	Restore  restoreCommand   `cmd:"" help:"Bring a backup back where nothing is."`
	Doctor   doctorCommand    `cmd:"" help:"Look for what is unsafe, broken or left behind."`
	Config   configCommand    `cmd:"" help:"Print the configuration in force, without secrets."`
	Version  versionCommand   `cmd:"" help:"Print the version."`
}

// terminal is what a command talks to.
type terminal struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
}

// person gives a stream as a file when somebody sits at it; nil when it leads into a file, a pipe or nowhere.
func person(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ownFilesOnly()
	if err := secretFiles(); err != nil {
		fmt.Fprintln(errOut, "mininfo:", err)
		return exitUsage
	}
	var cli commands
	parser, err := kong.New(&cli, kong.Name("mininfo"), kong.Writers(out, errOut), kong.UsageOnError(), deadlineWords(),
		kong.Description("Mininfo: the rights of registered persons. Flags have environment twins MININFO_*; secrets also as MININFO_*_FILE."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(errOut, "mininfo:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errOut, "mininfo:", err)
		return exitUsage
	}
	err = parsed.Run(&terminal{ctx: ctx, in: in, out: out, err: errOut})
	return exitCode(err, errOut)
}

// errUsage marks what the caller got wrong, for the exit code.
var errUsage = errors.New("wrong usage")

// misused marks an error as the caller's, and says nothing more.
type misused struct{ error }

func (m misused) Unwrap() error        { return m.error }
func (m misused) Is(target error) bool { return target == errUsage }

func exitCode(err error, errOut io.Writer) int {
	if err == nil {
		return exitDone
	}
	for line := range strings.SplitSeq(said(err), "\n") {
		fmt.Fprintln(errOut, "mininfo:", line)
	}
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailed
}

// said is an error in words for the terminal: a fault in its sentence without its code, and what
// stands around it ("line 7: …") kept; several errors on a line each.
func said(err error) string {
	switch e := err.(type) {
	case *fault.Error:
		if e.Field != "" {
			return strings.TrimPrefix(e.Field, "/") + ": " + e.Text.In(locale.EN)
		}
		return e.Text.In(locale.EN)
	case interface{ Unwrap() []error }:
		if err.Error() != errors.Join(e.Unwrap()...).Error() {
			return err.Error()
		}
		var lines []string
		for _, one := range e.Unwrap() {
			lines = append(lines, said(one))
		}
		return strings.Join(lines, "\n")
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		if inner == nil {
			return err.Error()
		}
		if around, ok := strings.CutSuffix(err.Error(), inner.Error()); ok {
			return around + said(inner)
		}
	}
	return err.Error()
}

type versionCommand struct {
	JSON bool `help:"Machine-readable."`
}

// Run prints the version.
func (c versionCommand) Run(t *terminal) error {
	if c.JSON {
		return printJSON(t.out, map[string]string{"version": version})
	}
	_, err := fmt.Fprintln(t.out, "mininfo", version)
	return err
}
