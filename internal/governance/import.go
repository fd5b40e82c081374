package governance

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/keyring"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Import is a database as a list of sources names it.
type Import struct {
	Name    string
	Kind    string // empty: by the scheme of the DSN
	DSN     source.Secret
	Dir     string // where relative paths of the DSN start
	Dataset []byte // the annotation; empty: the one that the source brings along
}

// ImportSources takes over a list of sources (sources.yaml) and the dataset files it names, and
// gives how many sources became new or changed. lookup gives environment variables. A list that
// is named at every start is taken over once: what the office has changed since stays. The
// connections are always those of the list, which is where passwords are changed.
func (o *Office) ImportSources(ctx context.Context, path string, lookup func(string) (string, bool), by By) (int, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("reading the list of sources: %w", err)
	}
	entries, problems := engine.ReadSources(path, data, lookup)
	if len(problems) > 0 {
		return 0, datasetProblems(problems)
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return 0, fmt.Errorf("finding the folder of the list of sources: %w", err)
	}
	list := make([]Import, len(entries))
	for i, e := range entries {
		list[i] = Import{Name: e.Name, Kind: e.Kind, DSN: e.DSN, Dir: dir}
		if list[i].Dataset, err = readDatasets(e.Dataset); err != nil {
			return 0, err
		}
	}
	return o.Import(ctx, by, list)
}

// readDatasets reads the files of one source. Problems are told by the files' own lines; several
// files become one list.
func readDatasets(files []string) ([]byte, error) {
	var parts [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("reading a dataset file: %w", err)
		}
		if _, problems := dataset.Read(f, data); len(problems) > 0 {
			return nil, datasetProblems(problems)
		}
		parts = append(parts, data)
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	var merged struct {
		Dataset []yaml.Node `yaml:"dataset"`
	}
	for _, p := range parts {
		var one struct {
			Dataset []yaml.Node `yaml:"dataset"`
		}
		if err := yaml.Unmarshal(p, &one); err != nil {
			return nil, fmt.Errorf("joining dataset files: %w", err)
		}
		merged.Dataset = append(merged.Dataset, one.Dataset...)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(merged); err != nil {
		return nil, fmt.Errorf("joining dataset files: %w", err)
	}
	return out.Bytes(), enc.Close()
}

// Import takes over sources, all of them or none. See ImportSources.
func (o *Office) Import(ctx context.Context, by By, list []Import) (int, error) {
	made := make([]imported, len(list))
	for i, each := range list {
		var err error
		if made[i], err = describeImport(ctx, each); err != nil {
			return 0, err
		}
	}
	count := 0
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		count = 0
		n, err := confirmers(tx)
		if err != nil {
			return err
		}
		if err := by.may(staff.ManageSources, staff.Facts{MembersInOffice: n}); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		for _, m := range made {
			changed, err := takeOver(tx, by, c, m)
			if err != nil {
				return err
			}
			if changed {
				count++
			}
		}
		// Looked at when all are there: the list's sources may refer to each other.
		all, _, err := sources(tx)
		if err != nil {
			return err
		}
		return holdsTogether(all)
	})
	return count, err
}

// imported is a source as it is to be, with its connection.
type imported struct {
	store.Source
	dsn keyring.Private
}

func describeImport(ctx context.Context, i Import) (imported, error) {
	name, err := cleanName(i.Name)
	if err != nil {
		return imported{}, err
	}
	opened, err := kinds.Open(ctx, source.Config{Name: name, Kind: i.Kind, DSN: i.DSN, Dir: i.Dir})
	if err != nil || i.DSN.IsZero() {
		return imported{}, ErrSourceDSN.Because(fmt.Errorf("source %s", name))
	}
	if own, ok := opened.(source.Describer); ok && len(i.Dataset) == 0 {
		i.Dataset = own.Describe(source.NamingOf(name))
	}
	m := imported{Source: store.Source{Name: name, Kind: opened.Kind(), Enabled: true, Dataset: string(i.Dataset), Location: location(i.DSN, i.Dir)}}
	_ = opened.Close()
	if strings.TrimSpace(m.Dataset) == "" {
		return imported{}, ErrNoDataset.Because(fmt.Errorf("source %s", name))
	}
	m.dsn, err = connection{DSN: i.DSN.Reveal(), Dir: i.Dir}.seal()
	return m, err
}

func takeOver(tx *store.Tx, by By, c store.Controller, m imported) (bool, error) {
	old, err := tx.SourceNamed(c.ID, m.Name)
	if err != nil {
		return false, err
	}
	if old == nil {
		m.Controller = c.ID
		s, err := tx.AddSource(m.Source, m.dsn, by.actor())
		if err != nil {
			return false, err
		}
		return true, by.log(tx, "source_added", map[string]any{"source": s.PublicID, "kind": s.Kind, "enabled": s.Enabled})
	}
	if old.Kind == store.SourceManual || old.Kind == store.SourceFile && old.Blob != "" {
		return false, store.ErrSourceName
	}
	dsn, err := tx.SourceDSN(*old)
	if err != nil {
		return false, err
	}
	next, known := *old, false
	versions, err := tx.SourceVersions(*old)
	if err != nil {
		return false, err
	}
	for _, v := range versions {
		known = known || v.Dataset == m.Dataset
	}
	if !known {
		next.Dataset = m.Dataset
	}
	if known && dsn.Equal(m.dsn) {
		return false, nil
	}
	if !dsn.Equal(m.dsn) {
		if err := tx.CloseEnquiriesTo(old.ID); err != nil {
			return false, err
		}
	}
	next.Kind, next.Location = m.Kind, m.Location
	s, err := tx.ReviseSource(next, &m.dsn, by.actor())
	if err != nil {
		return false, err
	}
	return true, by.log(tx, "source_changed", map[string]any{"source": s.PublicID, "version": s.Version, "enabled": s.Enabled})
}
