package demo

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed fjordlys/*.yaml
var files embed.FS

// Register gives the company's record of processing activities, the file fjordlys/register.yaml.
func Register() []byte { return mustRead("register.yaml") }

// SourcesExample gives fjordlys/sources.yaml, the example of how sources are listed.
func SourcesExample() []byte { return mustRead("sources.yaml") }

func mustRead(name string) []byte {
	b, err := files.ReadFile("fjordlys/" + name)
	if err != nil {
		panic(err) // the file is part of the binary
	}
	return b
}

// Dataset gives the dataset file of a source for the databases that Generate makes of the same
// options: with its schema where they lie in PostgreSQL, with other names where opt.Rename gives them.
func Dataset(source string, opt Options) ([]byte, error) {
	text := mustRead(source + ".yaml")
	if opt.Postgres == nil && opt.Rename == nil {
		return text, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("reading the dataset of %s: %w", source, err)
	}
	set := value(doc.Content[0], "dataset").Content[0]
	if opt.Postgres != nil {
		inSchema(set, source)
	}
	for _, c := range value(set, "collections").Content {
		renameCollection(c, opt.Rename)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&doc); err != nil {
		return nil, fmt.Errorf("writing the dataset of %s: %w", source, err)
	}
	return out.Bytes(), nil
}

// WriteFiles writes the dataset files of Dataset and a sources.yaml that lists them to a directory.
// dsn gives the address of a source, for SQLite SQLiteDSN.
func WriteFiles(dir string, opt Options, dsn func(source string) string) error {
	type entry struct {
		Name    string `yaml:"name"`
		DSN     string `yaml:"dsn"`
		Dataset string `yaml:"dataset"`
	}
	var list struct {
		Sources []entry `yaml:"sources"`
	}
	for _, s := range Sources {
		text, err := Dataset(s, opt)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, s+".yaml"), text, 0o600); err != nil {
			return fmt.Errorf("writing the dataset of %s: %w", s, err)
		}
		list.Sources = append(list.Sources, entry{Name: s, DSN: dsn(s), Dataset: s + ".yaml"})
	}
	text, err := yaml.Marshal(list)
	if err != nil {
		return fmt.Errorf("writing the list of sources: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "sources.yaml"), text, 0o600); err != nil {
		return fmt.Errorf("writing the list of sources: %w", err)
	}
	return nil
}

// value gives the value under a key of a mapping, or nil.
func value(m *yaml.Node, key string) *yaml.Node {
	for i := 0; m != nil && i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func inSchema(set *yaml.Node, schema string) {
	word := func(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
	namespace := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{word("schema"), word(schema)}}
	meta := &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{word("namespace"), namespace}}
	set.Content = append(set.Content, word("fides_meta"), meta)
}

// renameCollection gives a collection, its fields and all that names a table or field new names.
func renameCollection(c *yaml.Node, f Rename) {
	name := value(c, "name")
	table := name.Value
	name.Value = f.called(table, "")
	for _, key := range []string{"received", "retention_from"} {
		if v := value(value(c, "mininfo"), key); v != nil {
			v.Value = f.called(table, v.Value)
		}
	}
	if mark := value(value(value(c, "mininfo"), "restriction"), "field"); mark != nil {
		mark.Value = f.called(table, mark.Value)
	}
	for _, key := range []string{"recipient", "at", "what", "basis"} {
		if v := value(value(value(c, "mininfo"), "disclosure"), key); v != nil {
			v.Value = f.called(table, v.Value)
		}
	}
	if after := value(value(c, "fides_meta"), "erase_after"); after != nil {
		for _, v := range after.Content {
			source, other, _ := strings.Cut(v.Value, ".")
			v.Value = source + "." + f.called(other, "")
		}
	}
	for _, field := range value(c, "fields").Content {
		column := value(field, "name")
		column.Value = f.called(table, column.Value)
		if refs := value(value(field, "fides_meta"), "references"); refs != nil {
			for _, r := range refs.Content {
				target := value(r, "field")
				other, end, _ := strings.Cut(target.Value, ".")
				target.Value = f.called(other, "") + "." + f.called(other, end)
			}
		}
	}
}
