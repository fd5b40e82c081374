package governance_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// shop makes a small database of a company and gives its DSN.
func shop(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(), `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, shoe_size TEXT);
		INSERT INTO customers VALUES (1, 'Kari@example.no', 'Kari', '39'), (2, 'ole@example.no', 'Ole', '44');
		CREATE TABLE notes (body TEXT);`)
	if err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

const shopDataset = `dataset:
- fides_key: shop
  mininfo: {activity: customers}
  collections:
  - name: customers
    fields:
    - name: id
      fides_meta: {primary_key: true, data_type: integer}
    - name: email
      data_categories: [user.contact.email]
      fides_meta: {identity: email, data_type: string}
    - name: name
      data_categories: [user.name]
`

func admin(t *testing.T, b *portaltest.Bundle) governance.By {
	return member(t, b, "ansvarlig", staff.PrivacyOfficer, staff.Admin)
}

func TestManualPlaces(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		places, err := o.SuggestedPlaces(t.Context(), locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range places {
			names = append(names, p.Name)
			if p.Instructions == "" || p.Activity == "" && p.Name != "Papirarkiv" {
				t.Errorf("%+v", p)
			}
		}
		want := []string{"E-post", "Regnskap", "Felles filområde", "Lønn og personal", "Søknader", "Nyhetsbrev", "Papirarkiv"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Error(diff)
		}
		n := governance.NewSource{Name: " E-post ", Kind: store.SourceManual, Activity: "customers", Instructions: "Søk i postkassene."}
		s, err := o.AddSource(t.Context(), by, n)
		if err != nil || s.Name != "E-post" || !s.Enabled || s.StateText == "" || s.Version != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		if _, err := o.AddSource(t.Context(), by, n); !errors.Is(err, store.ErrSourceName) {
			t.Errorf("the same name again: %v", err)
		}
		if places, _ = o.SuggestedPlaces(t.Context(), locale.NB); len(places) != len(want)-1 {
			t.Errorf("%d places are proposed after one was taken", len(places))
		}
		text, off := "Se også i arkivet.", false
		if s, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Instructions: &text, Enabled: &off}); err != nil {
			t.Fatal(err)
		}
		if s.Enabled || s.Instructions != text || s.Version != 2 {
			t.Errorf("%+v", s)
		}
		c, err := o.Connections(t.Context(), job.Job{})
		if err != nil || len(c.Places) != 0 {
			t.Errorf("%d places, %v", len(c.Places), err)
		}
		on := true
		if _, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Enabled: &on}); err != nil {
			t.Fatal(err)
		}
		if c, err = o.Connections(t.Context(), job.Job{}); err != nil || len(c.Places) != 1 || c.Places[0].Instructions != text {
			t.Errorf("%+v, %v", c, err)
		}
		for field, n := range map[string]governance.NewSource{
			"/name":         {Name: "a/b", Kind: store.SourceManual},
			"/kind":         {Name: "x", Kind: "oracle"},
			"/activity":     {Name: "x", Kind: store.SourceManual, Activity: "nothing"},
			"/dataset":      {Name: "x", Kind: store.SourceManual, Dataset: "dataset: []"},
			"/instructions": {Name: "x", Kind: store.SourceManual, Instructions: strings.Repeat("x", 2001)},
		} {
			if _, err := o.AddSource(t.Context(), by, n); fault.From(err) == nil || fault.From(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if _, err := o.AddSource(t.Context(), governance.By{Roles: []staff.Role{staff.CaseHandler}}, governance.NewSource{Name: "x", Kind: store.SourceManual}); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("a case handler: %v", err)
		}
		if got := b.Count(t, "SELECT count(*) FROM source_version"); got != 3 {
			t.Errorf("%d versions", got)
		}
	})
}

func TestDatabaseSource(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		dsn := shop(t)
		add := governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(dsn), Dataset: shopDataset}
		stale := by
		stale.FactorFresh = false
		if _, err := o.AddSource(t.Context(), stale, add); !errors.Is(err, staff.ErrStepUp) {
			t.Errorf("without a fresh factor: %v", err)
		}
		s, err := o.AddSource(t.Context(), by, add)
		if err != nil || !s.Enabled || s.Collections != 1 || !strings.HasSuffix(s.Location, "shop.db") {
			t.Fatalf("%+v, %v", s, err)
		}
		checked, err := o.CheckSource(t.Context(), by, s.PublicID)
		if err != nil || !checked.OK {
			t.Errorf("%+v, %v", checked, err)
		}
		said := fmt.Sprint(checked.Lines)
		for _, part := range []string{"SQLite", "customers: columns that are right: 3", "not described and therefore not read: shoe_size"} {
			if !strings.Contains(said, part) {
				t.Errorf("the check says %s, not %q", said, part)
			}
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); s.State != store.SourceOK || s.CheckedAt == nil {
			t.Errorf("%+v", s)
		}
		// A column and a table that are not there.
		wrong := strings.Replace(shopDataset, "name: name", "name: nickname", 1) + "  - {name: orders, fields: [{name: id}]}\n"
		if _, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &wrong}); err != nil {
			t.Fatal(err)
		}
		checked, err = o.CheckSource(t.Context(), by, s.PublicID)
		said = fmt.Sprint(checked.Lines)
		if err != nil || checked.OK || !strings.Contains(said, "lacks columns that the description names: nickname") || !strings.Contains(said, "There is no table orders") {
			t.Errorf("%+v, %v", checked, err)
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); s.State != store.SourceFailing || s.StateCode != string(source.Missing) {
			t.Errorf("%+v", s)
		}
		typo := strings.Replace(shopDataset, "primary_key", "primarykey", 1)
		_, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &typo})
		var problems *governance.YAMLProblems
		if !errors.As(err, &problems) || !errors.Is(err, governance.ErrDataset) || problems.Lines[0].Line != 8 || !strings.Contains(problems.Lines[0].Text.EN, "primary_key") {
			t.Errorf("a typing error gave %v", err)
		}
		versions, err := o.SourceVersions(t.Context(), by, s.PublicID)
		if err != nil || len(versions) != 2 || versions[0].Dataset != wrong || versions[1].Dataset != shopDataset {
			t.Errorf("%d versions, %v", len(versions), err)
		}
		for field, n := range map[string]governance.NewSource{
			"/dsn":     {Name: "x", Kind: "postgres", DSN: source.NewSecret("postgres://u:hemmelig@:bad:/x"), Dataset: shopDataset},
			"/dataset": {Name: "x", Kind: "sqlite", DSN: source.NewSecret(dsn)},
		} {
			_, err := o.AddSource(t.Context(), by, n)
			if fault.From(err) == nil || fault.From(err).Field != field || strings.Contains(err.Error(), "hemmelig") {
				t.Errorf("%s: %v", field, err)
			}
		}
	})
}

// A system of a fixed form is connected without a dataset file: it brings its own.
func TestSourceThatDescribesItself(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		dir := t.TempDir()
		path := filepath.Join(dir, "access.log")
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettlogg", Kind: "log", DSN: source.NewSecret("log:" + path)})
		if err != nil || s.Collections != 1 || s.Location != path {
			t.Fatalf("%+v, %v", s, err)
		}
		if checked, err := o.CheckSource(t.Context(), by, s.PublicID); err != nil || checked.OK || !strings.Contains(fmt.Sprint(checked.Lines), "no log files") {
			t.Errorf("%+v, %v", checked, err)
		}
		line := `203.0.113.7 - - [03/Oct/2026:10:15:32 +0200] "GET / HTTP/1.1" 200 5 "-" "-"` + "\n"
		if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
			t.Fatal(err)
		}
		if checked, err := o.CheckSource(t.Context(), by, s.PublicID); err != nil || !checked.OK {
			t.Errorf("%+v, %v", checked, err)
		}
		list := filepath.Join(dir, "sources.yaml")
		if err := os.WriteFile(list, []byte("sources: [{name: Blogg, dsn: 'log:access.log'}]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := o.ImportSources(t.Context(), list, os.LookupEnv, governance.System()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		conns, err := o.Connections(t.Context(), job.Job{})
		if err != nil || len(conns.Connected) != 2 || len(conns.Failures) != 0 {
			t.Fatalf("%+v, %v", conns, err)
		}
		defer conns.Close()
	})
}

// TestDriftIsFound: a system that got new columns and tables about people says so, at the next look
// of anybody, and in the list; what is technical, or left out on purpose, says nothing.
func TestDriftIsFound(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		dsn := shop(t)
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(dsn), Dataset: shopDataset})
		if err != nil {
			t.Fatal(err)
		}
		look := func() string {
			t.Helper()
			work := o.Work()[governance.JobSources]
			if err := work.Handle(t.Context(), job.Job{}); err != nil {
				t.Fatal(err)
			}
			checked, err := o.CheckSource(t.Context(), by, s.PublicID)
			if err != nil || !checked.OK {
				t.Fatalf("%+v, %v", checked, err)
			}
			return fmt.Sprint(checked.Lines)
		}
		if said := look(); strings.Contains(said, "seem") {
			t.Errorf("nothing is new: %s", said)
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); s.Drift || s.StateText != "The source can be read." {
			t.Errorf("nothing is new: %+v", s)
		}
		db, err := sql.Open("sqlite3", strings.Replace(dsn, "sqlite:", "file:", 1))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), `ALTER TABLE customers ADD COLUMN mobile TEXT; ALTER TABLE customers ADD COLUMN updated_at TEXT; ALTER TABLE customers ADD COLUMN xyz TEXT;
			UPDATE customers SET mobile = '92233445', xyz = 'kanari@example.no'; CREATE TABLE complaints (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), body TEXT); CREATE TABLE colours (name TEXT)`); err != nil {
			t.Fatal(err)
		}
		said := look()
		for _, part := range []string{"customers has new columns that seem to hold personal data: mobile (Phone number), xyz (E-mail address)", "The table complaints is not described and seems to hold personal data: body (Private content)"} {
			if !strings.Contains(said, part) {
				t.Errorf("the check does not say %q: %s", part, said)
			}
		}
		if strings.Contains(said, "updated_at (") || strings.Contains(said, "colours") || strings.Contains(said, "kanari") {
			t.Errorf("the check says too much: %s", said)
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); !s.Drift || s.State != store.SourceOK || !strings.Contains(s.StateText, "not described") {
			t.Errorf("%+v", s)
		}
		described := shopDataset + "    - name: shoe_size\n    - name: mobile\n    - name: updated_at\n    - name: xyz\n  - {name: complaints, fides_meta: {skip_processing: true}, fields: [{name: id}]}\n"
		if _, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &described}); err != nil {
			t.Fatal(err)
		}
		if said := look(); strings.Contains(said, "seem") {
			t.Errorf("all is described: %s", said)
		}
		if s, _ = o.Source(t.Context(), by, s.PublicID); s.Drift {
			t.Errorf("%+v", s)
		}
	})
}

// Every kind of database that the office can choose says where it lies, and nothing of how it is opened.
func TestKindsOfDatabases(t *testing.T) {
	t.Parallel()
	maria := portaltest.MariaDB(t)
	if _, err := portaltest.OpenMariaDB(t, maria).Exec("CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(90), name VARCHAR(90))"); err != nil {
		t.Fatal(err)
	}
	documents := portaltest.MongoDB(t)
	if _, err := portaltest.OpenMongoDB(t, documents).Collection("customers").InsertOne(t.Context(), map[string]any{"id": 1, "email": "x", "name": "y"}); err != nil {
		t.Fatal(err)
	}
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		for i, c := range []struct{ kind, dsn, location string }{
			{"postgres", "postgres://u:hemmelig@db.example.no:5432/shop?sslmode=require", "db.example.no:5432/shop"},
			{"mysql", "mysql://u:hemmelig@db.example.no:3306/shop?tls=true", "db.example.no:3306/shop"},
			{"mysql", "mariadb://u:hemmelig@db.example.no/shop", "db.example.no/shop"},
			{"sqlserver", "sqlserver://u:hemmelig@db.example.no:1433?database=shop&encrypt=strict", "db.example.no:1433/shop"},
			{"mongodb", "mongodb://u:hemmelig@a.example.no:27017,b.example.no:27018/shop?authSource=admin&replicaSet=rs", "a.example.no:27017,b.example.no:27018/shop"},
			{"mongodb", "mongodb+srv://u:hemmelig@cluster.example.no/shop", "cluster.example.no/shop"},
			{"mysql", maria, ""},
			{"mongodb", documents, ""},
		} {
			data := strings.ReplaceAll(shopDataset, "fides_key: shop", fmt.Sprintf("fides_key: shop%d", i))
			s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: fmt.Sprintf("Base %d", i), Kind: c.kind, DSN: source.NewSecret(c.dsn), Dataset: data})
			if err != nil || s.Kind != c.kind || c.location != "" && s.Location != c.location || strings.Contains(s.Location, "hemmelig") {
				t.Errorf("%s: %+v, %v", c.kind, s, err)
			}
			if c.dsn != maria && c.dsn != documents {
				continue
			}
			checked, err := o.CheckSource(t.Context(), by, s.PublicID)
			if err != nil || !checked.OK || !strings.Contains(fmt.Sprint(checked.Lines), map[string]string{maria: "MariaDB", documents: "FerretDB"}[c.dsn]) {
				t.Errorf("%+v, %v", checked, err)
			}
		}
		if _, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Feil", Kind: "mysql", DSN: source.NewSecret("postgres://u:hemmelig@db/shop"), Dataset: shopDataset}); fault.From(err) == nil || fault.From(err).Field != "/dsn" || strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("a connection of another kind: %v", err)
		}
	})
}

func TestTwoPeopleConnectADatabase(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		other := member(t, b, "kollega", staff.PrivacyOfficer)
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(shop(t)), Dataset: shopDataset})
		if err != nil || s.Enabled || !strings.Contains(s.StateText, "colleague") {
			t.Fatalf("%+v, %v", s, err)
		}
		on := true
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Enabled: &on}); !errors.Is(err, staff.ErrOwnProposal) {
			t.Errorf("the same member: %v", err)
		}
		if s, err = o.ChangeSource(t.Context(), other, s.PublicID, governance.SourceChange{Enabled: &on}); err != nil || !s.Enabled {
			t.Errorf("another member: %+v, %v", s, err)
		}
		text := shopDataset + "# annet\n"
		if _, err := o.ChangeSource(t.Context(), other, s.PublicID, governance.SourceChange{Dataset: &text}); !errors.Is(err, staff.ErrForbidden) {
			t.Errorf("an officer who is no admin changes the annotation: %v", err)
		}
		// Nobody changes alone what is read, neither while it is on nor together with switching it on.
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &text}); !errors.Is(err, governance.ErrSwitchOffFirst) {
			t.Errorf("an annotation that is in use: %v", err)
		}
		off := false
		if s, err = o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Enabled: &off, Dataset: &text}); err != nil || s.Enabled {
			t.Fatalf("switching off and changing: %+v, %v", s, err)
		}
		again := text + "# igjen\n"
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Enabled: &on, Dataset: &again}); !errors.Is(err, staff.ErrOwnProposal) {
			t.Errorf("change and switch on in one call: %v", err)
		}
		// A change by another one in between does not make it somebody else's proposal.
		third := member(t, b, "tredje", staff.Admin)
		words := "se her"
		if s, err = o.ChangeSource(t.Context(), third, s.PublicID, governance.SourceChange{Instructions: &words}); err != nil {
			t.Fatal(err)
		}
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Enabled: &on}); !errors.Is(err, staff.ErrOwnProposal) {
			t.Errorf("after somebody else's small change: %v", err)
		}
		old := s.Version - 1
		if _, err := o.ChangeSource(t.Context(), other, s.PublicID, governance.SourceChange{Enabled: &on, Base: &old}); !errors.Is(err, store.ErrVersion) {
			t.Errorf("on top of an older version: %v", err)
		}
		if s, err = o.ChangeSource(t.Context(), other, s.PublicID, governance.SourceChange{Enabled: &on, Base: &s.Version}); err != nil || !s.Enabled {
			t.Errorf("another member: %+v, %v", s, err)
		}
	})
}

func TestAnnotationsHoldTogether(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		refers := `dataset:
- fides_key: crm
  collections:
  - name: customers
    fields:
    - name: email
      fides_meta: {references: [{dataset: shop, field: customers.email, direction: from}]}
`
		crm := governance.NewSource{Name: "CRM", Kind: "sqlite", DSN: source.NewSecret(shop(t)), Dataset: refers}
		var problems *governance.YAMLProblems
		if _, err := o.AddSource(t.Context(), by, crm); !errors.As(err, &problems) || problems.Lines[0].File != "CRM.yaml" || problems.Lines[0].Line != 7 {
			t.Errorf("a reference to nothing gave %v", err)
		}
		first, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Nettbutikk", Kind: "sqlite", DSN: source.NewSecret(shop(t)), Dataset: shopDataset})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.AddSource(t.Context(), by, crm); err != nil {
			t.Fatal(err)
		}
		off := false
		if _, err := o.ChangeSource(t.Context(), by, first.PublicID, governance.SourceChange{Enabled: &off}); !errors.As(err, &problems) || problems.Lines[0].File != "CRM.yaml" {
			t.Errorf("switching off what another refers to gave %v", err)
		}
		if s, _ := o.Source(t.Context(), by, first.PublicID); !s.Enabled || s.Version != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// walk searches all connections for an address.
func walk(t *testing.T, o *governance.Office, address string) (map[string]int, engine.Report) {
	t.Helper()
	c, err := o.Connections(t.Context(), job.Job{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	found := map[string]int{}
	report, err := engine.Walk(t.Context(), c.Connected, []engine.Seed{{Kind: engine.Email, Value: address}}, engine.Options{TempDir: t.TempDir()},
		func(f *engine.Finding) error {
			found[f.Source]++
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return found, report
}

func TestFileSource(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		upload := func(content string) (governance.Source, error) {
			return o.AddFileSource(t.Context(), by, "Kundeliste", "customers", strings.NewReader(content))
		}
		s, err := upload("Navn;E-post\nKari kanari;KARI@example.no\nOle;ole@example.no\n")
		if err != nil || !s.Enabled || s.Kind != store.SourceFile || s.Location != "CSV" || s.Collections != 1 || s.Activity != "customers" {
			t.Fatalf("%+v, %v", s, err)
		}
		if _, problems := dataset.Read("x", []byte(s.Dataset)); len(problems) > 0 {
			t.Error(problems)
		}
		found, report := walk(t, o, "kari@example.no")
		if diff := cmp.Diff(map[string]int{"Kundeliste": 1}, found); diff != "" || report.Incomplete {
			t.Error(diff, report)
		}
		checked, err := o.CheckSource(t.Context(), by, s.PublicID)
		if err != nil || !checked.OK {
			t.Errorf("%+v, %v", checked, err)
		}
		for _, line := range checked.Lines {
			if line.Level == governance.LevelWarn {
				t.Errorf("a file that fits is warned of: %s", line.Text)
			}
		}
		// The officer's annotation stays with a new file that it fits; the old bytes go.
		edited := s.Dataset + "# sett over\n"
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &edited}); err != nil {
			t.Fatal(err)
		}
		again, err := upload("E-post;Navn;Ny\nkari@example.no;Kari;1\nkari@example.no;Kari;2\n")
		if err != nil || again.PublicID != s.PublicID || again.Dataset != edited || again.Version != 3 {
			t.Fatalf("%+v, %v", again, err)
		}
		if found, _ := walk(t, o, "kari@example.no"); found["Kundeliste"] != 2 {
			t.Errorf("the new file gave %v", found)
		}
		other, err := upload("Fornavn;Epostadresse\nKari;kari@example.no\n")
		if err != nil || !strings.Contains(other.Dataset, "Epostadresse") {
			t.Errorf("a file with other columns: %v\n%s", err, other.Dataset)
		}
		b.RunJobs(t, o.Work())
		blobs := 0
		for range o.Blobs.List(t.Context(), "") {
			blobs++
		}
		if blobs != 1 {
			t.Errorf("%d blobs for one file", blobs)
		}
		if strings.Contains(b.Dump(t, "source", "source_version", "audit_leaf", "job"), "kanari") {
			t.Error("a value of the file lies in the database")
		}
	})
}

func TestFileSourceRefuses(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		if _, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "E-post", Kind: store.SourceManual}); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct{ source, activity, content, field string }{
			"a bad file":          {"Liste", "", "navn;by\n\"Kari\n", "/file"},
			"a name that is used": {"E-post", "", "navn\nKari\n", "/name"},
			"an unknown activity": {"Liste", "nothing", "navn\nKari\n", "/activity"},
		} {
			_, err := o.AddFileSource(t.Context(), by, c.source, c.activity, strings.NewReader(c.content))
			if f := fault.From(err); f == nil || f.Field != c.field || strings.Contains(err.Error(), "Kari") {
				t.Errorf("%s: %v", name, err)
			}
		}
		for range o.Blobs.List(t.Context(), "") {
			t.Error("a refused file was kept")
		}
	})
}

func TestConnectionsReportWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		for _, name := range []string{"Nettbutikk", "Borte"} {
			set := strings.Replace(shopDataset, "fides_key: shop", "fides_key: "+name, 1)
			if _, err := o.AddSource(t.Context(), by, governance.NewSource{Name: name, Kind: "sqlite", DSN: source.NewSecret(shop(t)), Dataset: set}); err != nil {
				t.Fatal(err)
			}
		}
		fil, err := o.AddFileSource(t.Context(), by, "Liste", "", strings.NewReader("epost\nkari@example.no\n"))
		if err != nil {
			t.Fatal(err)
		}
		found, report := walk(t, o, "kari@example.no")
		if diff := cmp.Diff(map[string]int{"Nettbutikk": 1, "Borte": 1, "Liste": 1}, found); diff != "" || report.Incomplete {
			t.Fatal(diff, report)
		}
		// One annotation is spoilt behind the portal's back, and a file's bytes are gone.
		if _, err := b.SQL(t).ExecContext(t.Context(), "UPDATE source SET dataset = 'dataset: [' WHERE name = 'Borte'"); err != nil {
			t.Fatal(err)
		}
		if err := o.Blobs.Delete(t.Context(), fil.Blob); err != nil {
			t.Fatal(err)
		}
		found, report = walk(t, o, "kari@example.no")
		if diff := cmp.Diff(map[string]int{"Nettbutikk": 1}, found); diff != "" || !report.Incomplete {
			t.Error(diff, report)
		}
		failed := map[string]source.Code{}
		for _, c := range report.Collections {
			if c.Status == engine.Failed {
				failed[c.Source] = c.Code
			}
		}
		if diff := cmp.Diff(map[string]source.Code{"Borte": source.BadConfig, "Liste": source.Unreachable}, failed); diff != "" {
			t.Error(diff)
		}
		c, err := o.Connections(t.Context(), job.Job{})
		if err != nil || len(c.Connected) != 3 || len(c.Failures) != 1 || c.Failures[0].Source.Name != "Borte" {
			t.Errorf("%+v, %v", c, err)
		}
		if checked, err := o.CheckSource(t.Context(), by, fil.PublicID); err != nil || checked.OK {
			t.Errorf("%+v, %v", checked, err)
		}
	})
}

func TestImportSources(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		dir := t.TempDir()
		write := func(name, text string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		dsn := shop(t)
		crm := strings.Replace(shopDataset, "fides_key: shop", "fides_key: crm", 1) +
			"      fides_meta: {references: [{dataset: shop, field: customers.name, direction: from}]}\n"
		write("crm.yaml", crm)
		write("shop.yaml", shopDataset)
		write("sources.yaml", "sources:\n- {name: crm, dsn: 'env:CRM', dataset: crm.yaml}\n- {name: shop, dsn: '"+dsn+"', dataset: shop.yaml}\n")
		env := map[string]string{"CRM": dsn}
		lookup := func(k string) (string, bool) { v, ok := env[k]; return v, ok }
		load := func(want int) {
			t.Helper()
			n, err := o.ImportSources(t.Context(), filepath.Join(dir, "sources.yaml"), lookup, governance.System())
			if err != nil || n != want {
				t.Fatalf("%d changed, want %d: %v", n, want, err)
			}
		}
		// A list whose references lead nowhere changes nothing.
		alone := []governance.Import{{Name: "crm", DSN: source.NewSecret(dsn), Dataset: []byte(crm)}}
		var dangling *governance.YAMLProblems
		if _, err := o.Import(t.Context(), governance.System(), alone); !errors.As(err, &dangling) || b.Count(t, "SELECT count(*) FROM source") != 0 {
			t.Errorf("a reference to nothing gave %v", err)
		}
		load(2)
		load(0)
		found, report := walk(t, o, "kari@example.no")
		if diff := cmp.Diff(map[string]int{"crm": 1, "shop": 1}, found); diff != "" || report.Incomplete {
			t.Error(diff, report)
		}
		if dump := b.Dump(t, "source", "audit_leaf"); strings.Contains(dump, `"dsn"`) || strings.Contains(dump, "sqlite:") {
			t.Error("a connection lies open in the database")
		}
		// What the office changes stays, also over a start with another password.
		list, err := o.Sources(t.Context(), governance.System())
		if err != nil || len(list) != 2 {
			t.Fatal(list, err)
		}
		edited := list[1].Dataset + "# sett over\n"
		if _, err := o.ChangeSource(t.Context(), governance.System(), list[1].PublicID, governance.SourceChange{Dataset: &edited}); err != nil {
			t.Fatal(err)
		}
		load(0)
		env["CRM"] = shop(t)
		load(1)
		list, _ = o.Sources(t.Context(), governance.System())
		if list[1].Dataset != edited || list[0].Version != 2 || !strings.HasSuffix(env["CRM"], list[0].Location) {
			t.Errorf("%+v", list)
		}
		write("shop.yaml", strings.Replace(shopDataset, "user.name", "user.nam", 1))
		_, err = o.ImportSources(t.Context(), filepath.Join(dir, "sources.yaml"), lookup, governance.System())
		var problems *governance.YAMLProblems
		if !errors.As(err, &problems) || !strings.HasSuffix(problems.Lines[0].File, "shop.yaml") || problems.Lines[0].Line != 13 {
			t.Errorf("a typing error gave %v", err)
		}
		delete(env, "CRM")
		if _, err := o.ImportSources(t.Context(), filepath.Join(dir, "sources.yaml"), lookup, governance.System()); !errors.As(err, &problems) {
			t.Errorf("a missing variable gave %v", err)
		}
	})
}

// TestManyChangeASource: of many changes on top of the same version one is kept.
func TestManyChangeASource(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "Arkiv", Kind: store.SourceManual})
		if err != nil {
			t.Fatal(err)
		}
		const many = 8
		errs := make(chan error, many)
		for i := range many {
			go func() {
				text := fmt.Sprintf("nr. %d", i)
				_, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Instructions: &text})
				errs <- err
			}()
		}
		kept := 0
		for range many {
			err := <-errs
			if err == nil {
				kept++
			} else if !errors.Is(err, store.ErrVersion) {
				t.Error(err)
			}
		}
		versions := b.Count(t, "SELECT count(*) FROM source_version")
		leaves := b.Count(t, "SELECT count(*) FROM audit_leaf")
		if got, _ := o.Source(t.Context(), by, s.PublicID); kept == 0 || got.Version != int64(kept)+1 || versions != kept+1 || leaves != kept+2 {
			t.Errorf("%d kept, version %d, %d versions, %d leaves", kept, got.Version, versions, leaves)
		}
	})
}

func TestFileIsChangedAndTheOldOneDestroyed(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := office(t, b)
		by := member(t, b, "ansvarlig", staff.PrivacyOfficer)
		s, err := o.AddFileSource(t.Context(), by, "Kundeliste", "customers", strings.NewReader("Navn;E-post\nKari kanari;kari@example.no\nOle;ole@example.no\n"))
		if err != nil {
			t.Fatal(err)
		}
		lists := func() (names []string) {
			for info, err := range o.Blobs.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				names = append(names, info.Name)
			}
			return names
		}
		first := lists()
		const many = 4
		erase := func() error {
			conns, err := o.Connections(t.Context(), job.Job{})
			if err != nil {
				return err
			}
			defer conns.Close()
			p, err := engine.PrepareErase(t.Context(), &engine.Sources{Connected: conns.Connected}, []engine.Seed{{Kind: engine.Email, Value: "kari@example.no"}}, nil, engine.RunOptions{Options: engine.Options{TempDir: t.TempDir()}})
			if err != nil {
				return err
			}
			defer p.Close()
			for _, problem := range p.Problems {
				switch {
				case problem.Warning:
				case problem.Code == "drift":
					return &engine.DriftError{}
				default:
					return fmt.Errorf("the plan is blocked: %+v", p.Problems)
				}
			}
			_, err = p.Execute(t.Context(), p.Summary.Digest)
			return err
		}
		errs := make([]error, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() { errs[i] = erase() })
		}
		all.Wait()
		for _, err := range errs {
			// Who comes second finds nothing, or that it is done, or that the file has changed meanwhile.
			var drift *engine.DriftError
			if err != nil && !errors.Is(err, &source.Error{Code: source.Locked}) && !errors.As(err, &drift) {
				t.Error(err)
			}
		}
		if err := erase(); err != nil {
			t.Fatal(err)
		}
		b.RunJobs(t, o.Work())
		left := lists()
		if len(left) != 1 || slices.Equal(left, first) {
			t.Errorf("the blobs are %v, were %v", left, first)
		}
		if found, report := walk(t, o, "kari@example.no"); found["Kundeliste"] != 0 || report.Incomplete {
			t.Errorf("still found: %v", found)
		}
		if found, _ := walk(t, o, "ole@example.no"); found["Kundeliste"] != 1 {
			t.Errorf("the other is gone: %v", found)
		}
		// A member's change of the annotation, made on what was read before, does not bring the old file back.
		edited := s.Dataset + "# sett over\n"
		if _, err := o.ChangeSource(t.Context(), by, s.PublicID, governance.SourceChange{Dataset: &edited}); err != nil {
			t.Fatal(err)
		}
		if found, _ := walk(t, o, "ole@example.no"); found["Kundeliste"] != 1 {
			t.Errorf("after a change of the annotation: %v", found)
		}
	})
}

// Each special category of data (Art. 9(1)) and data on offences (Art. 10) that a field can carry, by mark or by
// category, are held against the activity that holds them: it has a basis for them, and it names them.
func TestCAT01AFieldsSpecialCategoryIsHeldAgainstItsActivity(t *testing.T) {
	t.Parallel()
	const head = `dataset:
- fides_key: shop
  mininfo: {activity: customers}
  collections:
  - name: customers
    fields:
    - name: id
      fides_meta: {primary_key: true, data_type: integer}
    - name: email
      data_categories: [user.contact.email]
      fides_meta: {identity: email, data_type: string}
`
	dsn := shop(t)
	look := func(t *testing.T, reg *register.Register, field string) []string {
		t.Helper()
		sets, problems := dataset.Read("shop.yaml", []byte(head+field))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		s, err := kinds.Open(t.Context(), source.Config{Name: "shop", Kind: "sqlite", DSN: source.NewSecret(dsn), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var said []string
		for _, line := range governance.Look(t.Context(), s, sets, reg, locale.EN).Lines {
			if strings.Contains(line.Text, "special category") || strings.Contains(line.Text, "does not name") {
				said = append(said, line.Level+" "+line.Text)
			}
		}
		return said
	}
	with := func(basis string, categories ...string) *register.Register {
		reg := register.Seed()
		a := reg.Activity("customers")
		a.Bases, a.Categories = append(a.Bases, register.Basis{Article: basis}), append(a.Categories, categories...)
		return reg
	}
	for mark, c := range map[string]struct{ category, basis, named string }{
		"health":             {"user.health_and_medical", "9(2)(h)", "health"},
		"genetic":            {"user.health_and_medical.genetic", "9(2)(a)", "genetic"},
		"biometric":          {"user.biometric", "9(2)(a)", "biometric"},
		"ethnicity":          {"user.demographic.race_ethnicity", "9(2)(a)", "ethnic"},
		"religion":           {"user.demographic.religious_belief", "9(2)(d)", "religion"},
		"philosophy":         {"user.demographic.religious_belief", "9(2)(d)", "belief"},
		"politics":           {"user.demographic.political_opinion", "9(2)(d)", "political"},
		"sexual_orientation": {"user.demographic.sexual_orientation", "9(2)(a)", "sexual"},
		"union":              {"user.demographic.trade_union_membership", "9(2)(b)", "trade-union membership"},
		"criminal":           {"user.criminal_history", "10", "crim"},
	} {
		byMark := "    - {name: note, data_categories: [user.content], mininfo: {special: " + mark + "}}\n"
		byCategory := "    - {name: note, data_categories: [" + c.category + "]}\n"
		for how, field := range map[string]string{"mark": byMark, "category": byCategory} {
			bare := look(t, register.Seed(), field)
			if len(bare) != 2 || !strings.HasPrefix(bare[0], "warn shop.yaml:12: customers.note: ") || !strings.Contains(strings.ToLower(bare[0]), c.named) ||
				!strings.Contains(bare[0], `the activity "Customer register"`) || !strings.Contains(bare[1], c.category) {
				t.Errorf("%s by %s: %q", mark, how, bare)
			}
			if said := look(t, with(c.basis, c.category), field); len(said) != 0 {
				t.Errorf("%s by %s has its basis, and yet: %q", mark, how, said)
			}
			if said := look(t, with(c.basis), field); len(said) != 1 || !strings.Contains(said[0], "does not name") {
				t.Errorf("%s by %s is not named: %q", mark, how, said)
			}
			other := "10"
			if c.basis == "10" {
				other = "9(2)(a)"
			}
			if said := look(t, with(other, c.category), field); len(said) != 1 || !strings.Contains(said[0], "no basis") {
				t.Errorf("%s by %s stands on the wrong article: %q", mark, how, said)
			}
		}
	}
	own := "    - {name: note, data_categories: [user.content], mininfo: {special: kinship}}\n"
	if said := look(t, register.Seed(), own); len(said) != 1 || !strings.Contains(said[0], "(kinship)") {
		t.Errorf("a mark in the office's own words: %q", said)
	}
	if said := look(t, with("9(2)(a)"), own); len(said) != 0 {
		t.Errorf("a mark in the office's own words, with a condition: %q", said)
	}
	if said := look(t, register.Seed(), "    - {name: note, data_categories: [user.content]}\n"); len(said) != 0 {
		t.Errorf("an ordinary field: %q", said)
	}
}

// Personal data of an activity without a basis in Article 6 are told of with their place, once for each table. What
// Articles 9 and 10 ask for comes on top of that basis and is none. An activity that the source alone names counts too.
func TestAFieldsActivityNeedsABasis(t *testing.T) {
	t.Parallel()
	const place = "shop.yaml:8: customers.email: "
	const said = `the field belongs to the activity "Contact form", which has no basis in Article 6`
	set := func(activity string) string {
		return `dataset:
- fides_key: shop
` + activity + `  collections:
  - name: customers
    fields:
    - {name: id, fides_meta: {primary_key: true, data_type: integer}}
    - {name: shoe_size}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
    - {name: name, data_categories: [user.name]}
`
	}
	dsn := shop(t)
	for name, c := range map[string]struct {
		bases []register.Basis
		lacks bool
	}{
		"none":            {nil, true},
		"Article 9":       {[]register.Basis{{Article: "9(2)(f)"}}, true},
		"Article 10":      {[]register.Basis{{Article: "10"}}, true},
		"Article 6":       {[]register.Basis{{Article: "6(1)(b)"}}, false},
		"Article 6 and 9": {[]register.Basis{{Article: "9(2)(a)"}, {Article: "6(1)(a)"}}, false},
	} {
		sets, problems := dataset.Read("shop.yaml", []byte(set("  mininfo: {activity: contact_form}\n")))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		s, err := kinds.Open(t.Context(), source.Config{Name: "shop", Kind: "sqlite", DSN: source.NewSecret(dsn), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		reg := register.Seed()
		reg.Activity("contact_form").Bases = c.bases
		var lines []string
		for _, line := range governance.Look(t.Context(), s, sets, reg, locale.EN).Lines {
			if strings.Contains(line.Text, "Article 6") {
				lines = append(lines, line.Level+" "+line.Text)
			}
		}
		if got := len(lines) == 1 && strings.HasPrefix(lines[0], "warn "+strings.Replace(place, ":8:", ":9:", 1)+said); got != c.lacks || len(lines) > 1 {
			t.Errorf("%s: %q", name, lines)
		}
		s.Close()
	}
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o, by := office(t, b), admin(t, b)
		was, err := o.Register(t.Context(), by)
		if err != nil {
			t.Fatal(err)
		}
		doc := documentOf(t, was)
		for _, a := range activitiesIn(t, doc) {
			if a := a.(map[string]any); a["id"] == "contact_form" {
				delete(a, "bases")
			}
		}
		if _, err := o.PutRegister(t.Context(), by, governance.RegisterChange{Document: doc, Base: was.Version}); err != nil {
			t.Fatal(err)
		}
		s, err := o.AddSource(t.Context(), by, governance.NewSource{Name: "shop", Kind: "sqlite", DSN: source.NewSecret(dsn), Dataset: set(""), Activity: "contact_form"})
		if err != nil {
			t.Fatal(err)
		}
		if checked, err := o.CheckSource(t.Context(), by, s.PublicID); err != nil || !strings.Contains(fmt.Sprint(checked.Lines), place+said) {
			t.Errorf("%+v, %v", checked, err)
		}
	})
}
