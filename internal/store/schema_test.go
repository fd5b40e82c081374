package store_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm/schema"

	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// TestRowsListsEveryRow keeps the drift test honest: a new row struct must be in its list.
func TestRowsListsEveryRow(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range store.Rows {
		listed[reflect.TypeOf(row).Name()] = true
	}
	found := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`func \((\w+)\) TableName\(\) string`).FindAllSubmatch(source, -1) {
			found++
			if !listed[string(m[1])] {
				t.Errorf("%s: %s is not in Rows", file, m[1])
			}
		}
	}
	if found != len(store.Rows) {
		t.Errorf("%d row structs in the sources, %d in Rows", found, len(store.Rows))
	}
}

type column struct{ nullable, filled bool }

func columns(t *testing.T, b *portaltest.Bundle, table string) map[string]column {
	t.Helper()
	query := `SELECT column_name, is_nullable = 'YES', column_default IS NOT NULL OR is_identity = 'YES'
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`
	if b.Dialect == migrations.SQLite {
		query = `SELECT name, "notnull" = 0 AND pk = 0, dflt_value IS NOT NULL OR pk = 1 FROM pragma_table_info($1)`
	}
	rows, err := b.SQL(t).QueryContext(t.Context(), query, table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]column{}
	for rows.Next() {
		var name string
		var c column
		if err := rows.Scan(&name, &c.nullable, &c.filled); err != nil {
			t.Fatal(err)
		}
		found[name] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestRowsFitTheSchema: what a struct holds is there, what may be NULL has a pointer, and what is
// not in a struct does not have to be written.
func TestRowsFitTheSchema(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		for _, row := range store.Rows {
			parsed, err := schema.Parse(row, &sync.Map{}, schema.NamingStrategy{})
			if err != nil {
				t.Fatalf("%T: %v", row, err)
			}
			have := columns(t, b, row.TableName())
			if len(have) == 0 {
				t.Errorf("%T: no table %s", row, row.TableName())
			}
			for _, f := range parsed.Fields {
				c, ok := have[f.DBName]
				if !ok {
					t.Errorf("%T.%s: table %s has no column %s", row, f.Name, row.TableName(), f.DBName)
					continue
				}
				delete(have, f.DBName)
				bytes := f.FieldType.Kind() == reflect.Slice // nil is NULL
				if pointer := f.FieldType.Kind() == reflect.Pointer; !bytes && pointer != c.nullable {
					t.Errorf("%T.%s: pointer %v, column nullable %v", row, f.Name, pointer, c.nullable)
				}
			}
			for name, c := range have {
				if !c.nullable && !c.filled {
					t.Errorf("%T lacks %s, which must be written", row, name)
				}
			}
		}
	})
}
