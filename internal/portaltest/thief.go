package portaltest

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"mininfo/internal/blob"
	"mininfo/internal/keyring"
	"mininfo/migrations"
)

// Loot is what somebody opens who has the machine's disk and the key file as well: by table and column, or by
// the kind of file, every value in the clear.
type Loot map[string][]string

// Holds tells whether a value lies open in a column, or among the files of a kind.
func (l Loot) Holds(place, value string) bool {
	return slices.ContainsFunc(l[place], func(s string) bool { return strings.Contains(s, value) })
}

// Where gives the places that a value lies open in, sorted.
func (l Loot) Where(value string) []string {
	var places []string
	for place := range l {
		if l.Holds(place, value) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places
}

// SealedColumns gives every column of the schema that holds sealed values, as table.column, sorted.
func (b *Bundle) SealedColumns(t testing.TB) []string {
	t.Helper()
	list := "SELECT m.name || '.' || p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' AND p.name LIKE 'sealed!_%' ESCAPE '!' ORDER BY 1"
	if b.Dialect == migrations.Postgres {
		list = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name LIKE 'sealed!_%' ESCAPE '!' ORDER BY 1"
	}
	var found []string
	for _, row := range b.rows(t, list) {
		for _, v := range row {
			found = append(found, v)
		}
	}
	slices.Sort(found)
	return found
}

// Steal opens everything that the keys open which lie in the database. It does not ask the store: it tries every
// key on every sealed value and every file, so that no rule of the program stands in its way.
func (b *Bundle) Steal(t testing.TB, blobs string) Loot {
	t.Helper()
	var keys []keyring.DataKey
	for _, row := range b.rows(t, "SELECT public_id, wrapped FROM data_key WHERE wrapped IS NOT NULL") {
		k, err := b.Ring.Unwrap([]byte(row["wrapped"]), keyring.Place{Table: "data_key", Column: "wrapped", Row: row["public_id"]})
		if err != nil {
			t.Fatalf("a data key that lies in the database does not open: %v", err)
		}
		keys = append(keys, k)
	}
	loot := Loot{}
	tables := map[string][]string{}
	for _, at := range b.SealedColumns(t) {
		table, column, _ := strings.Cut(at, ".")
		tables[table] = append(tables[table], column)
		loot[at] = nil
	}
	requests := map[string]string{}
	for _, row := range b.rows(t, "SELECT id, public_id FROM request") {
		requests[row["id"]] = row["public_id"]
	}
	for table, columns := range tables {
		for _, row := range b.rows(t, "SELECT * FROM "+table) {
			for _, column := range columns {
				if row[column] == "" {
					continue
				}
				if plain, ok := pick(keys, []byte(row[column]), table, column, namesOf(row, requests)); ok {
					loot[table+"."+column] = append(loot[table+"."+column], plain)
				}
			}
		}
	}
	b.stealFiles(t, blobs, keys, loot)
	return loot
}

// namesOf gives all that a row can be called in the place of a sealed value.
func namesOf(row, requests map[string]string) []string {
	names := slices.Collect(maps.Values(row))
	names = append(names, row["kind"]+"/"+row["activity"], requests[row["request_id"]]+"/"+row["number"])
	return slices.DeleteFunc(names, func(s string) bool { return s == "" || len(s) > 200 })
}

func pick(keys []keyring.DataKey, sealed []byte, table, column string, names []string) (string, bool) {
	for _, k := range keys {
		for _, name := range names {
			if plain, err := k.Open(sealed, keyring.Place{Table: table, Column: column, Row: name}); err == nil {
				return string(plain), true
			}
		}
	}
	return "", false
}

// stealFiles opens what lies in blob storage. A file's kind is what stands after its owner: "request/run/…" is run.
func (b *Bundle) stealFiles(t testing.TB, dir string, keys []keyring.DataKey, loot Loot) {
	t.Helper()
	if dir == "" {
		return
	}
	disk, err := blob.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	for info, err := range disk.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		kind := "file." + strings.SplitN(info.Name+"/", "/", 3)[1]
		if _, known := loot[kind]; !known {
			loot[kind] = nil
		}
		for _, k := range keys {
			o, err := blob.OpenSealed(t.Context(), disk, info.Name, k)
			if errors.Is(err, keyring.ErrSealed) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(o)
			_ = o.Close()
			if err == nil {
				loot[kind] = append(loot[kind], unpacked(content))
			}
		}
	}
}

// unpacked gives the files of an archive one after the other; anything else as it is.
func unpacked(content []byte) string {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return string(content)
	}
	var out strings.Builder
	for _, f := range z.File {
		if r, err := f.Open(); err == nil {
			_, _ = io.Copy(&out, r)
			_ = r.Close()
		}
	}
	return out.String()
}

// rows gives what a query answers, each row by column; null is empty.
func (b *Bundle) rows(t testing.TB, query string) []map[string]string {
	t.Helper()
	db := b.SQL(t)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for rows.Next() {
		values, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := map[string]string{}
		for i, c := range columns {
			row[c] = string(values[i])
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
