package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"mininfo/internal/locale"
	"mininfo/internal/scan"
	"mininfo/internal/source"
)

type sourceScanCommand struct {
	DSN     string        `help:"The system: postgres://…, mongodb://…, sqlite:///path, csv:path; or env:NAME for a variable that holds it." xor:"dsn" required:"" placeholder:"URL"`
	DSNFile string        `name:"dsn-file" help:"A file that holds the connection string." type:"existingfile" xor:"dsn" required:""`
	Kind    string        `help:"Kind of system, where the connection string does not tell it." placeholder:"KIND"`
	Schema  string        `help:"Only this schema of the database."`
	Name    string        `help:"Name of the dataset (default: of the database)."`
	Rows    int           `help:"Rows of each table to look at, at most 1000." default:"200"`
	Within  time.Duration `help:"How long looking at rows may take in all; later tables are judged by their names." default:"60s"`
	Locale  string        `help:"Language of comments and messages." default:"en" enum:"nb,nn,en"`
	JSON    bool          `help:"Machine-readable, with the dataset file inside."`
}

// statementTimeout is how long one question of a scan may hold the system up.
const statementTimeout = 5 * time.Second

// Run prints a proposed dataset file.
func (c *sourceScanCommand) Run(t *terminal) error {
	if c.Rows < 1 || c.Rows > 1000 || c.Within <= 0 {
		return fmt.Errorf("--rows is a number from 1 to 1000, and --within a time such as 60s: %w", errUsage)
	}
	dsn, err := c.dsn(t.err)
	if err != nil {
		return err
	}
	name := c.Name
	if name == "" {
		name = nameOf(dsn.Reveal())
	}
	opened, err := openSource(t.ctx, source.Config{Name: name, Kind: c.Kind, DSN: dsn, Timeout: statementTimeout})
	if err != nil {
		return c.explain(err)
	}
	defer opened.Close()
	options := scan.Options{Key: scan.KeyOf(name), Name: name, Schema: c.Schema, Rows: c.Rows, Budget: c.Within}
	if opened.Kind() == "file" {
		options.Unknown = "user"
	}
	p, err := scan.Propose(t.ctx, opened, options)
	if err != nil {
		return c.explain(err)
	}
	l := locale.Locale(c.Locale)
	if c.JSON {
		return printJSON(t.out, p.JSON(l))
	}
	_, err = t.out.Write(p.YAML(l))
	return err
}

// dsn reads the connection string from where it is safe, or from where it stands.
func (c *sourceScanCommand) dsn(warn io.Writer) (source.Secret, error) {
	value := c.DSN
	switch name, fromEnv := strings.CutPrefix(c.DSN, "env:"); {
	case c.DSNFile != "":
		b, err := os.ReadFile(c.DSNFile)
		if err != nil {
			return source.Secret{}, fmt.Errorf("reading --dsn-file: %w", err)
		}
		if value = strings.TrimSpace(string(b)); value == "" {
			return source.Secret{}, fmt.Errorf("the file of --dsn-file is empty: %w", errUsage)
		}
	case fromEnv:
		if value = os.Getenv(name); value == "" {
			return source.Secret{}, fmt.Errorf("--dsn env:%s: the variable %s is not set: %w", name, name, errUsage)
		}
	default:
		if hasPassword(c.DSN) {
			fmt.Fprintln(warn, "mininfo: the password stands on the command line, where other users of this machine see it. Use --dsn env:NAME or --dsn-file.")
		}
	}
	return source.NewSecret(value), nil
}

// hasPassword tells whether a connection string holds one. Several hosts make it no URL.
func hasPassword(dsn string) bool {
	u, err := url.Parse(dsn)
	if err != nil {
		return strings.Contains(dsn, "@")
	}
	_, has := u.User.Password()
	return has
}

var keyword = regexp.MustCompile(`\bdbname\s*=\s*'?([^\s']+)`)

// nameOf gives the database's own name out of a connection string, and nothing else of it.
func nameOf(dsn string) string {
	if m := keyword.FindStringSubmatch(dsn); m != nil {
		return m[1]
	}
	at := dsn
	if u, err := url.Parse(dsn); err == nil {
		if at = u.Path; u.Opaque != "" {
			at = u.Opaque
		}
	} else {
		_, at, _ = strings.Cut(dsn[strings.LastIndexByte(dsn, '@')+1:], "/")
		at, _, _ = strings.Cut(at, "?")
	}
	base := path.Base(at)
	base = strings.TrimSuffix(base, path.Ext(base))
	if base == "" || base == "." || base == "/" {
		return "source"
	}
	return base
}

// explain says what to do about a system that cannot be read.
func (c *sourceScanCommand) explain(err error) error {
	var own *source.Error
	if !errors.As(err, &own) {
		return err
	}
	what := map[source.Code]string{
		source.BadConfig:   "the connection string cannot be read. Write postgres://user:password@host:5432/database, sqlite:///path/to/file.db or csv:path",
		source.Unreachable: "the system does not answer. Check the host, the port, the database's name and that this machine may reach it",
		source.Denied:      "the system refuses the account. Check the user and the password, and that the account may read the tables",
		source.TimedOut:    "the system took too long to answer. Try again when it is less busy",
		source.Locked:      "somebody else holds the system locked. Try again later",
		source.Unsupported: "a system of this kind cannot be scanned",
		source.Missing:     "there is no such database or schema",
	}[own.Code]
	if own.Code == source.Missing && c.Schema != "" {
		what = "there is no schema " + c.Schema + " with tables that the account may see"
	}
	if own.Code == source.Unreachable && strings.HasPrefix(own.State, "sqlite ") {
		what = "the file cannot be opened as a SQLite database. Check the path, that it is one, and that this account may read it"
	}
	if what == "" {
		return err
	}
	if own.State != "" {
		what += " (" + own.State + ")"
	}
	if own.Code == source.BadConfig {
		return fmt.Errorf("%s: %w", what, errUsage)
	}
	return errors.New(what)
}
