package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/locale"
	"mininfo/internal/scan"
)

// BenchmarkScan scans a schema of 500 tables, each with 300 rows, half of them tied by foreign keys
// and half by names alone. The figure is for one whole scan, until the file is written.
func BenchmarkScan(b *testing.B) {
	for _, kind := range []string{"postgres", "sqlite"} {
		b.Run(kind, func(b *testing.B) {
			s, db := open(b, kind, "CREATE TABLE kunder (id INTEGER PRIMARY KEY, fornavn TEXT, etternavn TEXT, epost TEXT, tlf TEXT, adresse TEXT, postnr TEXT, poststed TEXT)")
			fill := func(table, values string) {
				if _, err := db.Exec(fmt.Sprintf("INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT %s FROM n", table, values)); err != nil {
					b.Fatal(err)
				}
			}
			fill("kunder", "i, 'Kari', 'Nordmann', 'k' || i || '@example.no', '9' || (2000000 + i), 'Gata 1', '0150', 'OSLO'")
			for i := range 499 {
				table, key := fmt.Sprintf("tabell_%d", i), "INTEGER"
				if i%2 == 0 {
					key = "INTEGER REFERENCES kunder (id)"
				}
				if _, err := db.Exec("CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, kunde_id " + key + ", navn TEXT, epost TEXT, merknad TEXT, belop NUMERIC, opprettet TIMESTAMP, status TEXT, kode TEXT, antall INTEGER, ref TEXT, verdi TEXT)"); err != nil {
					b.Fatal(err)
				}
				fill(table, "i, i, 'Kari Nordmann', 'k' || i || '@example.no', '"+strings.Repeat("ringte og spurte om varen ", 8)+"', i * 10, '2024-01-02 03:04:05', 'ny', 'A-' || (1000 + i), i, 'x' || i, 'y'")
			}
			b.ResetTimer()
			for b.Loop() {
				p, err := scan.Propose(b.Context(), s, scan.Options{Key: "bench"})
				if err != nil {
					b.Fatal(err)
				}
				if len(p.Collections) < 400 || len(p.YAML(locale.NB)) == 0 {
					b.Fatalf("%d collections", len(p.Collections))
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/scan")
		})
	}
}
