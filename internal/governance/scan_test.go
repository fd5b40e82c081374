package governance_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/scan"
	"mininfo/internal/source"
	"mininfo/internal/staff"
)

// TestScanSource goes the way of the staff pages: scan, decide, try with somebody known, save. It
// says what a scan must not do: nothing of it is kept, and nobody may who may not connect.
func TestScanSource(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		path := filepath.Join(t.TempDir(), "butikk.db")
		db, err := sql.Open("sqlite3", "file:"+path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `CREATE TABLE kunder (id INTEGER PRIMARY KEY, navn TEXT, epost TEXT, klubb TEXT);
			CREATE TABLE ordre (id INTEGER PRIMARY KEY, kunde_id INTEGER, belop NUMERIC); CREATE TABLE logg (id INTEGER PRIMARY KEY, kunde_id INTEGER, ip TEXT);
			INSERT INTO kunder VALUES (1,'Kanari Nordmann','Kanari@example.no','A'),(2,'Ola Hansen','ola@example.no','B'); INSERT INTO ordre VALUES (1,1,10),(2,1,20),(3,2,30); INSERT INTO logg VALUES (1,1,'84.1.2.3')`); err != nil {
			t.Fatal(err)
		}
		ask := governance.Scan{Name: "Butikk", Kind: "sqlite", DSN: source.NewSecret("sqlite:" + path), Activity: "customers"}
		stale := by
		stale.FactorFresh = false
		if _, err := o.ScanSource(t.Context(), stale, ask); !errors.Is(err, staff.ErrStepUp) {
			t.Errorf("without a fresh factor: %v", err)
		}
		handler := member(t, b, "saksbehandler", staff.CaseHandler)
		if _, err := o.ScanSource(t.Context(), handler, ask); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a case handler: %v", err)
		}
		before := b.Count(t, "SELECT count(*) FROM source")
		ask.Choices = []scan.Choice{{Table: "kunder", Field: "klubb", Category: "user.social"}, {Table: "kunder", Field: "navn", Category: "no.such"},
			{Table: "logg", Out: true}, {Table: "nowhere", Out: true}}
		ask.Person = " kanari@Example.no "
		got, err := o.ScanSource(t.Context(), by, ask)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]int64{}
		for _, r := range got.Found {
			found[r.Collection] = r.Rows
		}
		if !got.Tried || got.Incomplete || found["kunder"] != 1 || found["ordre"] != 2 || len(found) != 2 {
			t.Errorf("tried with one person: %+v", found)
		}
		sets, problems := dataset.Read("butikk.yaml", []byte(got.Dataset))
		if len(problems) > 0 || strings.Contains(got.Dataset, "#") || sets[0].Activity != "customers" {
			t.Fatalf("%v\n%s", problems, got.Dataset)
		}
		kunder, _ := sets[0].Collection("kunder")
		if f, _ := kunder.Field("klubb"); strings.Join(f.Categories, "") != "user.social" {
			t.Errorf("the decision is lost: %s", got.Dataset)
		}
		if f, _ := kunder.Field("navn"); strings.Join(f.Categories, "") != "user.name" {
			t.Errorf("a category that is none was taken: %s", got.Dataset)
		}
		if b.Count(t, "SELECT count(*) FROM source") != before || strings.Contains(strings.ToLower(b.Dump(t, "source", "audit_leaf", "job")), "kanari") || strings.Contains(got.Dataset, "anari") {
			t.Error("something of the scan is kept")
		}
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Butikk", Kind: "sqlite", DSN: ask.DSN, Dataset: got.Dataset})
		if err != nil || s.Collections != 3 {
			t.Fatalf("saving what was proposed: %+v %v", s, err)
		}
		// What was left out on purpose is not told of as something new.
		if checked, err := o.CheckSource(t.Context(), by, s.PublicID); err != nil || !checked.OK {
			t.Errorf("%+v %v", checked, err)
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); s.Drift {
			t.Errorf("a table that was left out on purpose: %+v", s)
		}
		for field, wrong := range map[string]governance.Scan{
			"/kind":     {Name: "x", Kind: "manual", DSN: ask.DSN},
			"/dsn":      {Name: "x", Kind: "sqlite", DSN: source.NewSecret("sqlite:/not/there.db")},
			"/person":   {Name: "x", Kind: "sqlite", DSN: ask.DSN, Person: "kari"},
			"/activity": {Name: "x", Kind: "sqlite", DSN: ask.DSN, Activity: "nothing"},
			"/name":     {Name: "<x>", Kind: "sqlite", DSN: ask.DSN},
		} {
			_, err := o.ScanSource(t.Context(), by, wrong)
			if f := fault.From(err); f == nil || f.Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// TestScanSaysWhatIsWrong: a wrong path or file is told as that, not as a server that does not run.
func TestScanSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte(strings.Repeat("no database at all ", 300)), 0o600); err != nil {
			t.Fatal(err)
		}
		wrong := map[string][2]string{
			"no file":     {"sqlite:" + filepath.Join(dir, "none.db"), "no file where"},
			"no database": {"sqlite:" + filepath.Join(dir, "letter.txt"), "no SQLite database"},
		}
		if strings.HasPrefix(b.URL, "postgres") {
			u, err := url.Parse(b.URL)
			if err != nil {
				t.Fatal(err)
			}
			u.Path = "/no_such_database"
			wrong["another name"] = [2]string{u.String(), "no database of that name"}
		}
		for what, c := range wrong {
			_, err := o.ScanSource(t.Context(), by, governance.Scan{Name: "X", Kind: strings.SplitN(c[0], ":", 2)[0], DSN: source.NewSecret(c[0])})
			if f := fault.From(err); f == nil || !strings.Contains(f.Text.In(locale.EN), c[1]) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}
