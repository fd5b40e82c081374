package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"mininfo/internal/dataset"
	"mininfo/internal/source"
)

// Sources are the connected systems of a list of sources.
type Sources struct {
	Connected []Connected
	// configs keep the connection strings for Salt.
	salt string
}

// NewSources takes systems that are connected already. salt is a secret of the caller's that keys the
// digests of plans: the same plan has the same digest only under the same salt.
func NewSources(connected []Connected, salt string) *Sources {
	return &Sources{Connected: connected, salt: salt}
}

// Close ends all connections.
func (s *Sources) Close() {
	for _, c := range s.Connected {
		_ = c.Source.Close()
	}
}

// SourceEntry is one line of a list of sources.
type SourceEntry struct {
	Name    string
	Kind    string
	DSN     source.Secret
	Dataset []string // paths, absolute; none: the source brings its own
	Line    int
}

// LoadSources reads a list of sources (sources.yaml) and the dataset files that it names, checks
// everything and connects. lookup gives environment variables, for a dsn of the form env:NAME.
// Paths are relative to the list. Its errors are dataset.Problems, with file and line, or name a
// file that cannot be read.
func LoadSources(ctx context.Context, path string, lookup func(string) (string, bool), open source.Opener) (*Sources, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the list of sources: %w", err)
	}
	entries, problems := ReadSources(path, data, lookup)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	out := &Sources{}
	var all []*dataset.Dataset
	lists := make([][]*dataset.Dataset, len(entries))
	for i, e := range entries {
		for _, file := range e.Dataset {
			list, err := readDatasets(file, path, e, &problems)
			if err != nil {
				return nil, err
			}
			lists[i] = append(lists[i], list...)
		}
		if len(e.Dataset) == 0 {
			if lists[i], err = described(ctx, e, path, open, &problems); err != nil {
				return nil, err
			}
		}
		all = append(all, lists[i]...)
	}
	if len(problems) == 0 {
		problems = append(problems, dataset.Check(all)...)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	for i, e := range entries {
		s, err := open(ctx, source.Config{Name: e.Name, Kind: e.Kind, DSN: e.DSN, Dir: filepath.Dir(path)})
		if err != nil {
			out.Close()
			return nil, err
		}
		out.Connected = append(out.Connected, Connected{Source: s, Datasets: lists[i]})
		out.salt += e.Name + "\x00" + e.DSN.Reveal() + "\x00"
	}
	return out, nil
}

// described reads the dataset that a source of a fixed form brings along.
func described(ctx context.Context, e SourceEntry, list string, open source.Opener, problems *dataset.Problems) ([]*dataset.Dataset, error) {
	s, err := open(ctx, source.Config{Name: e.Name, Kind: e.Kind, DSN: e.DSN, Dir: filepath.Dir(list)})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if own, ok := s.(source.Describer); ok {
		sets, found := dataset.Read(e.Name+".yaml", own.Describe(source.NamingOf(e.Name)))
		*problems = append(*problems, found...)
		return sets, nil
	}
	doc := &dataset.Doc{File: list}
	doc.Add(e.Line, "«dataset» mangler i kilden «%s». Skriv stien til en dataset-fil, sett fra denne filen.",
		"«dataset» manglar i kjelda «%s». Skriv stien til ei dataset-fil, sett frå denne fila.",
		"\"dataset\" is missing in the source %q. Write the path of a dataset file, seen from this file.", e.Name)
	*problems = append(*problems, doc.Problems...)
	return nil, nil
}

func readDatasets(file, list string, e SourceEntry, problems *dataset.Problems) ([]*dataset.Dataset, error) {
	out, err := dataset.ReadFile(file)
	var found dataset.Problems
	switch {
	case errors.As(err, &found):
		*problems = append(*problems, found...)
	case errors.Is(err, os.ErrNotExist):
		doc := &dataset.Doc{File: list}
		doc.Add(e.Line, "Filen «%s» finnes ikke. Skriv stien til en dataset-fil, sett fra denne filen.",
			"Fila «%s» finst ikkje. Skriv stien til ei dataset-fil, sett frå denne fila.",
			"The file %q does not exist. Write the path of a dataset file, seen from this file.", file)
		*problems = append(*problems, doc.Problems...)
	case err != nil:
		return nil, err
	}
	return out, nil
}

// ReadSources reads a list of sources without connecting anything.
func ReadSources(path string, data []byte, lookup func(string) (string, bool)) ([]SourceEntry, dataset.Problems) {
	doc := &dataset.Doc{File: path}
	root := doc.Root(data)
	if root == nil {
		return nil, doc.Problems
	}
	m := doc.Map(root, "file", "sources")
	if len(doc.Problems) == 0 {
		m.Require("sources")
	}
	var out []SourceEntry
	seen := map[string]int{}
	for _, n := range m.List("sources") {
		e := readEntry(doc, n, filepath.Dir(path), lookup)
		if first, twice := seen[e.Name]; twice && e.Name != "" {
			doc.Add(e.Line, "Kilden «%s» står to ganger (først på linje %d). Gi hver kilde sitt eget navn.",
				"Kjelda «%s» står to gonger (først på linje %d). Gje kvar kjelde sitt eige namn.",
				"The source %q stands twice (first on line %d). Give each source its own name.", e.Name, first)
		}
		seen[e.Name] = e.Line
		out = append(out, e)
	}
	return out, doc.Problems
}

func readEntry(doc *dataset.Doc, n *yaml.Node, dir string, lookup func(string) (string, bool)) SourceEntry {
	m := doc.Map(n, "source", "name", "kind", "dsn", "dataset", "datasets")
	m.Require("name")
	m.Require("dsn")
	e := SourceEntry{Name: m.String("name"), Kind: m.String("kind"), Line: m.Line}
	e.DSN = source.NewSecret(readDSN(doc, m, lookup))
	var files []string
	if one := m.Node("dataset"); one != nil && one.Kind == yaml.SequenceNode {
		files = m.Strings("dataset", nil)
	} else if s := m.String("dataset"); s != "" {
		files = []string{s}
	}
	files = append(files, m.Strings("datasets", nil)...)
	for _, f := range files {
		if !filepath.IsAbs(f) {
			f = filepath.Join(dir, f)
		}
		e.Dataset = append(e.Dataset, f)
	}
	return e
}

// readDSN gives the connection string; env:NAME takes it from the environment, so that a list
// needs to hold no password.
func readDSN(doc *dataset.Doc, m *dataset.Map, lookup func(string) (string, bool)) string {
	dsn := m.String("dsn")
	name, fromEnv := strings.CutPrefix(dsn, "env:")
	if !fromEnv {
		return dsn
	}
	value, ok := lookup(name)
	if !ok || value == "" {
		doc.Add(m.LineOf("dsn"), "Miljøvariabelen %s er ikke satt. Sett den til kildens tilkobling.",
			"Miljøvariabelen %s er ikkje sett. Set han til tilkoplinga for kjelda.",
			"The environment variable %s is not set. Set it to the connection of the source.", name)
	}
	return value
}
