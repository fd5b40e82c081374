package engine_test

import (
	"fmt"
	"strings"
	"testing"
)

// However a column of addresses is ordered and indexed: every spelling of an address is found,
// and no other address.
func TestACC10EverySpellingIsFoundWhateverTheIndex(t *testing.T) {
	t.Parallel()
	stored := []string{"kari@example.com", "Kari@Example.com", "KARI@EXAMPLE.COM", "kaRI@example.COM", "kar@example.com", "karin@example.com", "kari@example.co",
		"kari@example.comm", "KARI@example.con", "Kåri@example.com", "mi\u212Ae@example.com", "", "@", "~", "kaarE@example.com", "kaAre@example.com", "KAARE@EXAMPLE.COM", "KÅRE@example.com"}
	columns := map[string][]string{
		"sqlite": {"TEXT", "TEXT COLLATE NOCASE"},
		"postgres": {"text", "varchar(80)", `text COLLATE "C"`, `text COLLATE "en-x-icu"`, `text COLLATE "nb-x-icu"`, `text COLLATE "da-x-icu"`,
			`text COLLATE "tr-x-icu"`, `text COLLATE "cs-x-icu"`, "citext"},
	}
	indexes := map[string][]string{
		"sqlite":   {"", "CREATE INDEX i ON people (email)", "CREATE INDEX i ON people (email COLLATE NOCASE)", "CREATE INDEX i ON people (email COLLATE BINARY)", "CREATE INDEX i ON people (lower(email))"},
		"postgres": {"", "CREATE INDEX i ON people (email)", "CREATE INDEX i ON people (lower(email))", "CREATE INDEX i ON people (email) WHERE id > 3"},
	}
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, map[string]string{"sqlite": "SELECT 1", "postgres": "CREATE EXTENSION citext"}[kind])
		for _, column := range columns[kind] {
			for _, index := range indexes[kind] {
				var rows []string
				for i, s := range stored {
					rows = append(rows, fmt.Sprintf("(%d, '%s')", i, s))
				}
				c.exec("DROP TABLE IF EXISTS people; CREATE TABLE people (id INTEGER PRIMARY KEY, email " + column + ");" + index)
				for i := range 300 {
					rows = append(rows, fmt.Sprintf("(%d, 'other%d@example.com')", 100+i, i))
				}
				c.exec("INSERT INTO people VALUES " + strings.Join(rows, ", "))
				s := connect(t, "s", c, strings.ReplaceAll(peopleDataset, "    - {name: name, data_categories: [user.name]}\n", ""))
				for seed, want := range map[string]string{"kari@example.com": "[0 1 2 3]", "KAARE@example.com": "[14 15 16]", "mike@example.com": "[]"} {
					got, _ := collect(t, s, email(seed))
					same(t, column+" "+index+" "+seed, got.values("s", "people", "id"), want)
				}
			}
		}
	})
}
