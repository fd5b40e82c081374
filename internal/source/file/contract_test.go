package file_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"mininfo/internal/portaltest"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
)

func records(s portaltest.Sample) [][]string {
	var out [][]string
	var head []string
	for _, c := range s.Columns {
		head = append(head, c.Name)
	}
	out = append(out, head)
	for _, row := range s.Rows {
		var cells []string
		for _, v := range row {
			cells = append(cells, v.Text())
		}
		out = append(out, cells)
	}
	return out
}

func opened(t *testing.T, scheme string, data []byte) source.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list."+scheme)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := file.Open(t.Context(), source.Config{Name: "s", DSN: source.NewSecret(scheme + ":" + path)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func loadCSV(t *testing.T, tables ...portaltest.Sample) source.Source {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.WriteAll(records(tables[0])); err != nil {
		t.Fatal(err)
	}
	return opened(t, "csv", []byte(b.String()))
}

func loadXLSX(t *testing.T, tables ...portaltest.Sample) source.Source {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, record := range records(tables[0]) {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow(book.GetSheetName(0), cell, &record); err != nil {
			t.Fatal(err)
		}
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, "xlsx", b.Bytes())
}

func TestContract(t *testing.T) {
	t.Parallel()
	for name, load := range map[string]func(*testing.T, ...portaltest.Sample) source.Source{"csv": loadCSV, "xlsx": loadXLSX} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			portaltest.CheckSource(t, portaltest.SourceKind{Name: name, Load: load, OneTable: true, Texts: true})
		})
	}
}
