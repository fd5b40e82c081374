package scan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
	"mininfo/internal/scan"
	"mininfo/internal/source"
)

// marks writes what is proposed for the columns of one table; "~" is the person's because the row is.
func marks(p *scan.Proposal, collection string) map[string]string {
	out := map[string]string{}
	for _, c := range p.Collections {
		if c.Name == collection {
			for _, f := range c.Fields {
				said := f.Category
				if f.General() {
					said = "~ " + said
				}
				if f.Asked != "" {
					said = "? " + f.Asked
				}
				for mark, is := range map[string]bool{" " + f.Identity: f.Identity != "", " key": f.PrimaryKey, " national": f.NationalID, " other": f.ThirdParty, " " + f.Special: f.Special != ""} {
					if is {
						said += mark
					}
				}
				for _, r := range f.References {
					to := " -> "
					if r.Asked {
						to = " ?-> "
					}
					said += to + r.Collection + "." + r.Field + " " + string(r.Direction)
				}
				out[f.Name] = strings.TrimSpace(said)
			}
		}
	}
	return out
}

// TestTechnicalColumnsAreNobodys holds names that contain a person's word and mean something else.
func TestTechnicalColumnsAreNobodys(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, email_verified INTEGER, email_count INTEGER, created_by TEXT, updated_at TIMESTAMP, status TEXT, state TEXT, role TEXT, sign_in_count INTEGER,
			is_active INTEGER, page_name TEXT, file_name TEXT, theme TEXT, time_zone TEXT, sort_order INTEGER, version INTEGER, currency TEXT, mac_address_count INTEGER);
		CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, title TEXT, description TEXT, price NUMERIC, image_url TEXT, city TEXT, country TEXT, brand_name TEXT, weight NUMERIC, position INTEGER);
		CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT, language TEXT);
		CREATE TABLE schema_migrations (version TEXT, name TEXT, applied_at TIMESTAMP);
		CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT, description TEXT);
		CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT, phone_code TEXT);
		CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), state TEXT, status TEXT, currency TEXT, created_at TIMESTAMP, unit_price NUMERIC, tax NUMERIC, number TEXT);
		INSERT INTO users (id, email, state, status) VALUES (1, 'a@example.no', 'new', 'x');
		INSERT INTO products VALUES (1, 'Telt', 'Telt Rondane', 'Et lett telt til lange turer i høyfjellet', 1999, 'https://x.example/1.jpg', 'Oslo', 'NO', 'Fjell', 2, 1);`)
	p := propose(t, s, scan.Options{})
	want, general := map[string]string{}, 0
	for _, c := range p.Collections {
		for name, said := range marks(p, c.Name) {
			switch {
			case strings.HasPrefix(said, "~") && !slices.Contains([]string{"id", "created_by", "updated_at", "sort_order", "version"}, name):
				general++
			case said != "":
				want[c.Name+"."+name] = said
			}
		}
	}
	if diff := cmp.Diff(map[string]string{"users.id": "key", "users.email": "user.contact.email email", "orders.id": "key", "orders.user_id": "-> users.id from"}, want); diff != "" {
		t.Error(diff)
	}
	if general != 20 {
		t.Errorf("%d columns are somebody's because the row is", general)
	}
	if len(p.LeftOut) != 5 {
		t.Errorf("left out: %+v", p.LeftOut)
	}
}

// TestValuesSpeakForThemselves: columns whose names say nothing.
func TestValuesSpeakForThemselves(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE x (c1 TEXT, c2 TEXT, c3 TEXT, c4 TEXT, c5 TEXT, c6 TEXT, c7 TEXT, c8 TEXT, c9 INTEGER, c10 TEXT);
		INSERT INTO x VALUES ('kari@example.no','+47 922 33 445','01418750088','84.1.2.3','NO9386011117947','4111111111111111','Kari Nordmann','Hun har sagt fra om astma og allergi','12345678','86011117947'),
			('ola@example.no','+47 411 22 334','17827550086','84.1.2.4','NO9386011117947','5555555555554444','Ola Hansen','Allergi mot nøtter og skalldyr, ellers frisk','23456789','12345678903'),
			('per@example.no','+46 70 123 45 67','01418750088','2001:db8::1','NO9386011117947','378282246310005','Per Holm','Ingenting å melde om denne gangen, alt bra','34567890','86011117947');`)
	got := marks(propose(t, s, scan.Options{}), "x")
	want := map[string]string{"c1": "user.contact.email email", "c2": "user.contact.phone_number phone_number", "c3": "user.government_id.national_identification_number national",
		"c4": "user.device.ip_address", "c5": "user.financial.bank_account", "c6": "user.financial.credit_card", "c7": "? user.name", "c8": "? user.health_and_medical", "c9": "~ user", "c10": "~ user"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCommentsAndTypes: what the database itself says, and documents and lists inside columns.
func TestCommentsAndTypes(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "postgres", `CREATE TABLE kd (id serial PRIMARY KEY, f1 text, f2 text, f3 date, emails text[], profile jsonb, mood boolean, gen text GENERATED ALWAYS AS (lower(f1)) STORED, e_post text);
		COMMENT ON TABLE kd IS 'Kundene våre'; COMMENT ON COLUMN kd.f1 IS 'Kundens etternavn'; COMMENT ON COLUMN kd.f2 IS 'Mobilnummeret til kunden'; COMMENT ON COLUMN kd.f3 IS 'Fødselsdato';
		INSERT INTO kd (f1, f2, emails, profile, e_post) VALUES ('Nordmann', '92233445', '{kari@example.no,k@example.no}', '{"phone": "+47 92233445", "home": {"street": "Gata 1", "city": "Oslo"}, "theme": "dark"}', 'kari@example.no')`)
	p := propose(t, s, scan.Options{})
	want := map[string]string{"id": "key", "f1": "user.name.last", "f2": "user.contact.phone_number phone_number", "f3": "user.demographic.date_of_birth", "emails": "user.contact.email email",
		"profile": "", "mood": "~ user", "gen": "", "e_post": "user.contact.email email"}
	if diff := cmp.Diff(want, marks(p, "kd")); diff != "" {
		t.Error(diff)
	}
	sets, _ := dataset.Read("x", p.YAML(locale.NN))
	for path, category := range map[string]string{"profile.phone": "user.contact.phone_number", "profile.home.city": "user.contact.address.city", "profile.theme": ""} {
		f, ok := sets[0].Collections[0].Field(path)
		if !ok || strings.Join(f.Categories, "") != category {
			t.Errorf("%s: %v %+v", path, ok, f)
		}
	}
	if f, _ := sets[0].Collections[0].Field("emails"); !f.Array || f.DataType != "string" {
		t.Errorf("emails: %+v", f)
	}
	if sets[0].Collections[0].Description != "Kundene våre" {
		t.Error("the database's description is lost")
	}
}

// TestWhomToCallIsSomebodyElse: a number in a document about whom to call is another person's, and nobody
// is found by it.
func TestWhomToCallIsSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		s, _ := open(t, kind, `CREATE TABLE ansatte (id INTEGER PRIMARY KEY, epost TEXT, emergency_contact_number TEXT, profile `+map[string]string{"sqlite": "JSON", "postgres": "JSONB"}[kind]+`);
			INSERT INTO ansatte VALUES (1, 'kari@example.no', '+47 92233446', '{"phone": "+47 92233445", "emergency_contact_number": "+47 92233446", "emergency": {"number": "+47 92233446", "phone": "+47 92233446", "email": "o@example.no"}, "emergencyContact": {"mobil": "+47 92233446"}, "pårørende": {"telefon": "+47 92233446"}}'),
				(2, 'ola@example.no', '+47 92233448', '{"phone": "+47 92233447", "emergency_contact_number": "+47 92233448", "emergency": {"number": "+47 92233448", "phone": "+47 92233448", "email": "k@example.no"}, "emergencyContact": {"mobil": "+47 92233448"}, "pårørende": {"telefon": "+47 92233448"}}'),
				(3, 'eva@example.no', '+47 92233450', '{"phone": "+47 92233449", "emergency_contact_number": "+47 92233450", "emergency": {"number": "+47 92233450", "phone": "+47 92233450", "email": "l@example.no"}, "emergencyContact": {"mobil": "+47 92233450"}, "pårørende": {"telefon": "+47 92233450"}}')`)
		p := propose(t, s, scan.Options{})
		sets, problems := dataset.Read("x", p.YAML(locale.NB))
		if err := problems.Err(); err != nil {
			t.Fatal(kind, err)
		}
		c := sets[0].Collections[0]
		if f, _ := c.Field("profile.phone"); f == nil || f.Identity != "phone_number" || f.ThirdParty {
			t.Errorf("%s: the person's own number: %+v", kind, f)
		}
		for _, path := range []string{"emergency_contact_number", "profile.emergency_contact_number", "profile.emergency.number", "profile.emergency.phone",
			"profile.emergency.email", "profile.emergencyContact.mobil", "profile.pårørende.telefon"} {
			if f, _ := c.Field(path); f == nil || f.Identity != "" || !f.ThirdParty || len(f.Categories) == 0 {
				t.Errorf("%s: %s: %+v", kind, path, f)
			}
		}
	}
}

// TestReferencesWithoutForeignKeys: names and values together, never one against the other.
func TestReferencesWithoutForeignKeys(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE kunder (id INTEGER PRIMARY KEY, medlemskode TEXT UNIQUE, epost TEXT);
		CREATE TABLE bestillinger (id INTEGER PRIMARY KEY, kundeId INTEGER, belop NUMERIC);
		CREATE TABLE klager (id INTEGER PRIMARY KEY, hvem TEXT, tekst TEXT);
		CREATE TABLE besok (id INTEGER PRIMARY KEY, kunde_id INTEGER);
		CREATE TABLE tall (id INTEGER PRIMARY KEY, verdi INTEGER);
		INSERT INTO kunder VALUES (1,'K-1001','a@example.no'),(2,'K-1002','b@example.no'),(3,'K-1003','c@example.no'),(4,'K-1004','d@example.no'),(5,'K-1005','e@example.no'),(6,'K-1006','f@example.no');
		INSERT INTO bestillinger VALUES (1,1,10),(2,2,20),(3,6,30); INSERT INTO besok VALUES (1,901),(2,902),(3,903);
		INSERT INTO klager VALUES (1,'K-1001','x'),(2,'K-1002','x'),(3,'K-1003','x'),(4,'K-1004','x'),(5,'K-1005','x'); INSERT INTO tall VALUES (1,1),(2,2),(3,3)`)
	p := propose(t, s, scan.Options{})
	if got := marks(p, "bestillinger")["kundeId"]; got != "-> kunder.id from" {
		t.Errorf("kundeId: %q", got)
	}
	if got := marks(p, "klager")["hvem"]; got != "-> kunder.medlemskode from" {
		t.Errorf("hvem: %q", got)
	}
	for _, table := range []string{"besok", "tall"} {
		if m := marks(p, table); len(m) > 0 {
			t.Errorf("%s leads nowhere and is proposed: %v", table, m)
		}
	}
}

// TestHostileNames: whatever a database calls its things, the file can be read and means them.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{`e-mail: "x"`, "line\nbreak email", "# email", "true", "1", "- a", "{email}", "a\tb", "'", `\`, "æøå 🙂 e-post", "x#y: z", " ", "null", "user.email"}
	script := `CREATE TABLE "kunder: # -" (id INTEGER PRIMARY KEY`
	for _, n := range names {
		script += `, "` + strings.ReplaceAll(n, `"`, `""`) + `" TEXT`
	}
	script += `, epost TEXT NOT NULL UNIQUE); INSERT INTO "kunder: # -" (id, epost) VALUES (1, 'a@example.no')`
	for _, kind := range []string{"sqlite", "postgres"} {
		s, _ := open(t, kind, script)
		p := propose(t, s, scan.Options{Key: "x", Name: "\"navn\": # x\n"})
		sets, _ := dataset.Read("x", p.YAML(locale.NB))
		var got []string
		for _, f := range sets[0].Collections[0].Fields {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(append(append([]string{"id"}, names...), "epost"), got); diff != "" || sets[0].Collections[0].Name != "kunder: # -" {
			t.Error(kind, sets[0].Collections[0].Name, diff)
		}
	}
}

// TestNothingOfTheRowsIsKept: neither form of a proposal holds a value.
func TestNothingOfTheRowsIsKept(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE kunder (id INTEGER PRIMARY KEY, navn TEXT, epost TEXT, notat TEXT, doc JSON, kode TEXT, venner JSON);
		INSERT INTO kunder VALUES (1,'Kanarifugl Nordmann','kanarifugl@example.no','Kanarifugl sa at kanarifugl ikke kommer i dag','{"epost":"kanarifugl@example.no"}','kanarifugl-1','{"kanarifugl@example.no": {"epost": "x@example.no"}}'),(2,'Ola','ola@kanarifugl.no',NULL,NULL,'kanarifugl-2',NULL)`)
	p := propose(t, s, scan.Options{})
	machine, err := json.Marshal(p.JSON(locale.EN))
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{string(machine), string(p.YAML(locale.NB)), fmt.Sprintf("%+v", p)} {
		if strings.Contains(strings.ToLower(said), "kanarifugl") {
			t.Errorf("a value stands in the proposal:\n%s", said)
		}
	}
}

// watched counts what a scan asks of a system.
type watched struct {
	source.Source
	finds, counts, open int
	fail                func(table string) error
}

func (w *watched) Snapshot(ctx context.Context) (source.Snapshot, error) {
	s, err := w.Source.(source.Finder).Snapshot(ctx)
	w.open++
	return &watchedSnapshot{s, w}, err
}

type watchedSnapshot struct {
	source.Snapshot
	w *watched
}

func (s *watchedSnapshot) Close() error { s.w.open--; return s.Snapshot.Close() }

func (s *watchedSnapshot) Find(ctx context.Context, q source.Query, fn func([]source.Value) error) error {
	s.w.finds++
	if s.w.fail != nil {
		if err := s.w.fail(q.Table.Name.Name); err != nil {
			return err
		}
	}
	if q.Limit <= 0 || q.Limit > 200 || q.Cut <= 0 {
		return fmt.Errorf("an unbounded question about %s", q.Table.Name)
	}
	return s.Snapshot.Find(ctx, q, fn)
}

func (s *watchedSnapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(source.Value, int64) error) error {
	s.w.counts++
	return s.Snapshot.Count(ctx, t, f, values, fn)
}

// TestTheLoadIsBounded: one question a table and a few for references, whatever the rows.
func TestTheLoadIsBounded(t *testing.T) {
	t.Parallel()
	script := ""
	for i := range 60 {
		script += fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY, kunde_id INTEGER, navn TEXT, epost TEXT, ref_kode TEXT, andre_id INTEGER); INSERT INTO t%d VALUES (1,1,'a','b','c',1);", i, i)
	}
	inner, _ := open(t, "sqlite", script)
	w := &watched{Source: inner}
	propose(t, w, scan.Options{})
	if w.finds != 60 || w.counts > 60*2+50 || w.open != 0 {
		t.Errorf("%d samples, %d questions about references, %d snapshots left open", w.finds, w.counts, w.open)
	}
}

// TestWhatCannotBeRead: a table that refuses is judged by its names and says so; a system that is
// gone is an error; an account that sees no such schema is told.
func TestWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	inner, _ := open(t, "sqlite", `CREATE TABLE kunder (id INTEGER PRIMARY KEY, epost TEXT); INSERT INTO kunder VALUES (1,'a@example.no'); CREATE TABLE elever (id INTEGER PRIMARY KEY, epost TEXT)`)
	w := &watched{Source: inner, fail: func(table string) error {
		if table == "elever" {
			return &source.Error{Source: "s", Code: source.Denied}
		}
		return nil
	}}
	p := propose(t, w, scan.Options{})
	if !strings.Contains(string(p.YAML(locale.EN)), "could not be read") || len(p.Collections) != 2 {
		t.Error(string(p.YAML(locale.EN)))
	}
	w.fail = func(string) error { return &source.Error{Source: "s", Code: source.Unreachable} }
	if _, err := scan.Propose(t.Context(), w, scan.Options{Key: "x"}); !errors.Is(err, &source.Error{Code: source.Unreachable}) {
		t.Errorf("a system that is gone: %v", err)
	}
	if _, err := scan.Propose(t.Context(), inner, scan.Options{Key: "x", Schema: "nope"}); !errors.Is(err, &source.Error{Code: source.Missing}) {
		t.Errorf("no such schema: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := scan.Propose(ctx, inner, scan.Options{Key: "x"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// The time is up before the first row: names are enough for a proposal.
	if p := propose(t, inner, scan.Options{Budget: time.Nanosecond}); marks(p, "kunder")["epost"] != "user.contact.email email" {
		t.Errorf("without time: %v", marks(p, "kunder"))
	}
}

// TestSeveralSchemas: names are complete where they must be.
func TestSeveralSchemas(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "postgres", `CREATE TABLE kunder (id integer PRIMARY KEY, epost text); CREATE SCHEMA salg; CREATE TABLE salg.ordre (id integer PRIMARY KEY, kunde_id integer REFERENCES kunder, belop numeric);
		CREATE TABLE salg.kunder (id integer PRIMARY KEY, epost text)`)
	p := propose(t, s, scan.Options{})
	if got := marks(p, "salg.ordre")["kunde_id"]; got != "-> kunder.id from" {
		t.Errorf("%q in %v", got, p.Collections)
	}
	p = propose(t, s, scan.Options{Schema: "salg"})
	sets, _ := dataset.Read("x", p.YAML(locale.NB))
	if len(p.Collections) != 1 || sets[0].Schema != "salg" || marks(p, "kunder")["epost"] == "" {
		t.Errorf("one schema: %s", p.YAML(locale.NB))
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Nettbutikken 2": "nettbutikken_2", "Føre & Åse": "fore___ase", "": "source", "!": "source"} {
		if got := scan.KeyOf(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

// TestForeignKeysOfSeveralColumns: each column has its reference, so that the walk follows them together.
func TestForeignKeysOfSeveralColumns(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE kunder (firma integer, nr integer, epost text, PRIMARY KEY (firma, nr));
		CREATE TABLE ordre (id integer PRIMARY KEY, firma integer, kunde_nr integer, leveringsadresse text, FOREIGN KEY (firma, kunde_nr) REFERENCES kunder (firma, nr));
		INSERT INTO kunder VALUES (1, 7, 'kari@example.com'), (2, 7, 'ola@example.com'); INSERT INTO ordre VALUES (1, 1, 7, 'Storgata 1'), (2, 2, 7, 'Lillegata 2')`)
	got := marks(propose(t, s, scan.Options{}), "ordre")
	if got["firma"] != "-> kunder.firma from" || got["kunde_nr"] != "-> kunder.nr from" {
		t.Errorf("%v", got)
	}
}

// TestRowsOfAPersonAreTheirs: what stands in a person's rows is in the answer, whatever it is, until
// somebody says no; keys, upkeep, lookup tables and rows that no way leads to are not.
func TestRowsOfAPersonAreTheirs(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE borrowers (id INTEGER PRIMARY KEY, email TEXT, joined DATE, fee_group INTEGER REFERENCES fee_groups (id), blocked BOOLEAN NOT NULL, card_uuid TEXT, avatar BLOB, updated_at TIMESTAMP, opprettet TIMESTAMP, opprettet_av TEXT);
		CREATE TABLE fee_groups (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC);
		CREATE TABLE loans (id INTEGER PRIMARY KEY, borrower_id INTEGER NOT NULL REFERENCES borrowers (id), copy_id INTEGER, loaned_on DATE NOT NULL, due_on DATE, status TEXT NOT NULL, fine NUMERIC NOT NULL, title TEXT, row_version INTEGER, shelf TEXT GENERATED ALWAYS AS (substr(title, 1, 1)));
		CREATE TABLE orders (id INTEGER PRIMARY KEY, borrower_id INTEGER REFERENCES borrowers (id), amount_ore INTEGER, state TEXT);
		CREATE TABLE visits (id INTEGER PRIMARY KEY, borrower_id INTEGER REFERENCES borrowers (id), entered TIMESTAMP, gate TEXT);
		CREATE TABLE copies (id INTEGER PRIMARY KEY, isbn TEXT, bought DATE, price NUMERIC);
		CREATE TABLE patients (id INTEGER PRIMARY KEY, full_name TEXT, ward TEXT);
		INSERT INTO fee_groups VALUES (1, 'Barn', 0); INSERT INTO borrowers (id, email, joined, fee_group, blocked) VALUES (1, 'a@example.no', '2024-01-01', 1, 0); INSERT INTO loans (id, borrower_id, loaned_on, status, fine) VALUES (1, 1, '2024-02-01', 'out', 0);`)
	p := propose(t, s, scan.Options{})
	got := map[string]string{}
	for _, c := range p.Collections {
		for _, f := range c.Fields {
			if f.General() {
				got[c.Name+"."+f.Name] = f.Category
				// What can be emptied is, where the row stays.
				masking := ""
				if slices.Contains([]string{"borrowers.blocked", "loans.loaned_on", "loans.status", "loans.fine"}, c.Name+"."+f.Name) {
					masking = "{strategy: preserve}"
				}
				if f.Confidence != scan.Unsure || f.Masking != masking {
					t.Errorf("%s.%s: %v, %q", c.Name, f.Name, f.Confidence, f.Masking)
				}
			}
		}
	}
	want := map[string]string{"borrowers.joined": "user", "borrowers.blocked": "user", "borrowers.opprettet": "user",
		"loans.loaned_on": "user", "loans.due_on": "user", "loans.status": "user", "loans.fine": "user", "loans.title": "user",
		"orders.state": "user.behavior.purchase_history", "visits.entered": "user", "visits.gate": "user"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, l := range locale.All {
		body := string(p.YAML(l))
		for _, line := range map[locale.Locale][]string{
			locale.NB: {"data_categories: [user]  # usikkert: raden gjelder et menneske", "Sier det noe om dem? Hvis ikke, fjern linjen.", "ikke med i et svar: fee_group, card_uuid, updated_at, opprettet_av"},
			locale.NN: {"Seier det noko om dei? Om ikkje, fjern linja.", "Ser ut som nøklar og vedlikehald"},
			locale.EN: {"Without a category, and so in no answer: ward", "Does it tell of them? If not, remove the line.", "Look like keys and upkeep, and so are in no answer: fee_group, card_uuid"},
		}[l] {
			if !strings.Contains(body, line) {
				t.Errorf("%s lacks %q:\n%s", l, line, body)
			}
		}
	}
	if strings.Contains(string(p.Bare()), "#") {
		t.Error("the bare file has comments")
	}
	p.Choose([]scan.Choice{{Table: "loans", Field: "status"}, {Table: "loans", Field: "title", Category: "user.content"}})
	for name, want := range map[string]string{"status": "", "title": "user.content"} {
		for _, c := range p.Collections {
			for _, f := range c.Fields {
				if c.Name == "loans" && f.Name == name && (f.Category != want || f.Masking != "" || f.General()) {
					t.Errorf("%s is %q, %s", name, f.Category, f.Masking)
				}
			}
		}
	}
}

// TestWhoLeadsAGroupDoesNotOwnIt: a branch with its manager and a team with its leader are nobody's rows.
// To follow them would bring in everybody in the group, with all that belongs to them.
func TestWhoLeadsAGroupDoesNotOwnIt(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE lag (id INTEGER PRIMARY KEY, navn TEXT, valgt_medlem INTEGER REFERENCES medlem (id), leder_medlemsnr INTEGER REFERENCES medlem (id));
		CREATE TABLE medlem (id INTEGER PRIMARY KEY, epost TEXT, lag_id INTEGER REFERENCES lag (id), kort_id INTEGER REFERENCES kort (id));
		CREATE TABLE kort (id INTEGER PRIMARY KEY, medlem_id INTEGER REFERENCES medlem (id), tekst TEXT);
		CREATE TABLE utstyr (id INTEGER PRIMARY KEY, lag_id INTEGER REFERENCES lag (id), modell TEXT);
		INSERT INTO medlem SELECT value, 'm' || value || '@example.no', NULL, NULL FROM json_each('[1,2,3,4,5,6,7,8]');
		INSERT INTO lag VALUES (1, 'Ulvene', 1, 1), (2, 'Reven', 5, 5); INSERT INTO kort SELECT id, id, 'et kort' FROM medlem; INSERT INTO utstyr VALUES (1, 1, 'Telt');
		UPDATE medlem SET lag_id = 1 + id / 5, kort_id = id`)
	p := propose(t, s, scan.Options{})
	var names []string
	for _, c := range p.Collections {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"medlem", "kort"}, names); diff != "" {
		t.Errorf("what is proposed: %s", diff)
	}
	if got := marks(p, "kort")["medlem_id"]; got != "-> medlem.id from" {
		t.Errorf("a card of one's own is kept apart: %q", got)
	}
	if got := marks(p, "medlem")["lag_id"]; got != "" {
		t.Errorf("the way into the group: %q", got)
	}
	for _, l := range p.LeftOut {
		if l.Asked != (l.Name == "lag") {
			t.Errorf("%s: asked %v, %s", l.Name, l.Asked, l.Reason.Text.EN)
		}
	}
}

// TestSharedAddressesUnderShortNames: who lives where a shop is has nothing to do with its stock.
func TestSharedAddressesUnderShortNames(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "postgres", `CREATE TABLE addr (id serial PRIMARY KEY, addr1 text, zip text, tlf text);
		CREATE TABLE branch (id serial PRIMARY KEY, addr_id int REFERENCES addr, name text);
		CREATE TABLE renter (id serial PRIMARY KEY, mail text, first text, last text, mails text[], ip inet, addr_id int REFERENCES addr, branch_id int REFERENCES branch);
		CREATE TABLE stock (id serial PRIMARY KEY, branch_id int REFERENCES branch, serial_no text);
		INSERT INTO addr (addr1, zip, tlf) SELECT 'Gata ' || g, '2315', '9223344' || g FROM generate_series(1, 6) g;
		INSERT INTO branch (addr_id, name) VALUES (1, 'Hamar'), (2, 'Gran');
		INSERT INTO renter (mail, first, last, mails, ip, addr_id, branch_id) SELECT 'r' || g || '@example.no', 'Kari', 'Berg', CASE g WHEN 3 THEN '{old@example.no}'::text[] ELSE '{}' END, '192.0.2.7', g, 1 + g % 2 FROM generate_series(1, 6) g;
		INSERT INTO stock (branch_id, serial_no) VALUES (1, 'SN-1')`)
	p := propose(t, s, scan.Options{})
	var names []string
	for _, c := range p.Collections {
		names = append(names, c.Name)
	}
	if diff := cmp.Diff([]string{"renter", "addr"}, names); diff != "" {
		t.Errorf("what is proposed: %s", diff)
	}
	want := map[string]string{"id": "key", "mail": "user.contact.email email", "first": "user.name.first", "last": "user.name.last", "mails": "user.contact.email email",
		"ip": "user.device.ip_address", "addr_id": "-> addr.id to", "branch_id": ""}
	if diff := cmp.Diff(want, marks(p, "renter")); diff != "" {
		t.Error(diff)
	}
}

func TestAColumnThatMayMarkARestrictionIsAskedAbout(t *testing.T) {
	t.Parallel()
	s, _ := open(t, "sqlite", `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, created_at DATE, er_sperret INTEGER);
		INSERT INTO customers VALUES (1, 'kari@example.com', '2020-01-02', 0), (2, 'ola@example.com', '2020-01-03', 1), (3, 'per@example.com', '2020-01-04', 0);`)
	p, err := scan.Propose(t.Context(), s, scan.Options{Key: "shop"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(p.YAML(locale.EN))
	const line = `mininfo: {received: created_at, restriction: {field: er_sperret, value: "1", lifted: "0"}}`
	if !strings.Contains(text, "# ? "+line+"  # does the column say") {
		t.Fatalf("not asked about:\n%s", text)
	}
	// With the answer yes the file can be read.
	text = strings.Replace(text, "    mininfo: {received: created_at}\n", "", 1)
	list, problems := dataset.Read("shop.yaml", []byte(strings.Replace(text, "# ? "+line, line, 1)))
	if len(problems) > 0 || list[0].Collections[0].Restriction == nil {
		t.Errorf("the answer cannot be read: %v\n%s", problems, text)
	}
}
