// Package log connects the text logs of web servers: Common and Combined Log Format, what nginx
// and Apache write by default, and the W3C extended format of IIS; plain or gzipped, as one file, a
// folder or a pattern of rotated files. They are read only, and one line at a time.
//
// A log holds no name. It is searched by the IP address that the person gives together with the
// days of its use (Art. 11(2)): an engine's question carries that span of time, so that rotated
// files that lie outside it are not read.
package log

import (
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"mininfo/internal/source"
)

// Kind is the name of this kind of source.
const Kind = "log"

// Table is the name of the one table that the lines of all files make up.
const Table = "requests"

// maxFiles is how many files a snapshot holds open. Rotated logs beyond it belong in an archive.
const maxFiles = 1000

// States of errors: what is wrong with the files, safe to show.
const (
	StateNoFiles = "log_no_files" // nothing lies where the connection points
	StateTooMany = "log_too_many" // more than maxFiles
	StateFormat  = "log_format"   // most lines of a file have none of the known formats
	StateArchive = "log_archive"  // a gzipped file is cut off or damaged
)

// Source is a set of log files.
type Source struct {
	name string
	path string
}

var (
	_ source.Source    = (*Source)(nil)
	_ source.Finder    = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
)

// Open connects logs: log:PATH, where PATH is a file, a folder (all files right in it) or a pattern
// such as /var/log/nginx/access.log*. The files are looked for when they are asked for.
func Open(_ context.Context, c source.Config) (source.Source, error) {
	scheme, path, ok := strings.Cut(c.DSN.Reveal(), ":")
	path = strings.TrimPrefix(path, "//")
	if !ok || scheme != Kind || path == "" {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	if !filepath.IsAbs(path) && c.Dir != "" {
		path = filepath.Join(c.Dir, path)
	}
	if _, err := filepath.Match(path, ""); err != nil {
		return nil, &source.Error{Source: c.Name, Code: source.BadConfig}
	}
	return &Source{name: c.Name, path: path}, nil
}

// Name is the name of the source.
func (s *Source) Name() string { return s.name }

// Kind is "log".
func (s *Source) Kind() string { return Kind }

// Close does nothing: files are open while a snapshot is.
func (s *Source) Close() error { return nil }

//go:embed dataset.yaml
var dataset string

// Describe gives the dataset file of web logs.
func (s *Source) Describe(n source.Naming) []byte { return n.Fill(dataset) }

// columns of the one table, in the order of the cells of an entry.
var columns = []source.Column{
	{Name: "line", Type: "text", Class: source.ClassText, Generated: true},
	{Name: "time", Type: "timestamp", Class: source.ClassTime, HasZone: true, Nullable: true},
	{Name: "ip", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "forwarded_for", Type: "text[]", Class: source.ClassArray, Elem: source.ClassText, ElemType: "text", Nullable: true},
	{Name: "host", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "user", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "method", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "path", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "status", Type: "integer", Class: source.ClassInt, Nullable: true},
	{Name: "referer", Type: "text", Class: source.ClassText, Nullable: true},
	{Name: "user_agent", Type: "text", Class: source.ClassText, Nullable: true},
}

// Inspect gives the one table, if there are files that may be read.
func (s *Source) Inspect(_ context.Context) (*source.Schema, error) {
	paths, err := s.paths()
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, s.failure(err)
		}
		_ = f.Close()
	}
	return &source.Schema{System: "Web log", Tables: []source.Table{{
		Name: source.TableName{Name: Table}, Columns: columns, PrimaryKey: []string{"line"}, CanSelect: true, Rows: -1,
		Uniques: []source.Index{{Name: "line", Columns: []string{"line"}, Primary: true}},
	}}}, nil
}

// paths lists the files, plain ones before gzipped ones: while a log is being packed both are
// there, and the packed one is not whole yet.
func (s *Source) paths() ([]string, error) {
	pattern := s.path
	if info, err := os.Stat(pattern); err == nil && info.IsDir() {
		pattern = filepath.Join(escape(pattern), "*")
	} else if err == nil {
		pattern = escape(pattern)
	}
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, &source.Error{Source: s.name, Code: source.BadConfig}
	}
	var paths []string
	for _, path := range found {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			// Rotated away in this moment, under a name that is in the list as well.
		case err != nil:
			return nil, s.failure(err)
		case info.Mode().IsRegular():
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, &source.Error{Source: s.name, Code: source.Unreachable, State: StateNoFiles}
	}
	if len(paths) > maxFiles {
		return nil, &source.Error{Source: s.name, Code: source.BadConfig, State: StateTooMany}
	}
	sort.SliceStable(paths, func(i, j int) bool { return !packed(paths[i]) && packed(paths[j]) })
	return paths, nil
}

func packed(path string) bool { return strings.HasSuffix(path, ".gz") }

// escape makes a path a pattern that means itself.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func (s *Source) failure(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return &source.Error{Source: s.name, Code: source.Denied}
	}
	return &source.Error{Source: s.name, Code: source.Unreachable}
}
