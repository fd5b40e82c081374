package demo_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"mininfo/internal/demo"
	"mininfo/internal/portaltest"
)

var today = time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)

// company is a generated demo whose tables can be asked for as schema.table on either database.
type company struct {
	*sql.DB
	t       testing.TB
	columns func(schema string) [][2]string // table and column
}

func onSQLite(t testing.TB, opt demo.Options) company {
	t.Helper()
	opt.Dir = t.TempDir()
	if err := demo.Generate(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	return attach(t, opt.Dir)
}

func attach(t testing.TB, dir string) company {
	t.Helper()
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // attached files belong to the connection
	c := company{DB: db, t: t}
	for _, s := range demo.Sources {
		if _, err := db.Exec("ATTACH ? AS "+s, demo.Path(dir, s)); err != nil {
			t.Fatal(err)
		}
	}
	c.columns = func(schema string) [][2]string {
		return c.pairs("SELECT m.name, i.name FROM " + schema + ".sqlite_schema m, pragma_table_info(m.name, '" + schema + "') i WHERE m.type = 'table' ORDER BY m.rowid, i.cid")
	}
	return c
}

func onPostgres(t testing.TB, opt demo.Options) company {
	t.Helper()
	db, err := sql.Open("pgx", portaltest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	opt.Postgres = db
	if err := demo.Generate(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	c := company{DB: db, t: t}
	c.columns = func(schema string) [][2]string {
		return c.pairs("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = '" + schema + "' ORDER BY table_name, ordinal_position")
	}
	return c
}

func (c company) pairs(query string) [][2]string {
	c.t.Helper()
	var out [][2]string
	c.each(query, func(v []any) { out = append(out, [2]string{fmt.Sprint(v[0]), fmt.Sprint(v[1])}) })
	return out
}

func (c company) each(query string, do func([]any)) {
	c.t.Helper()
	rows, err := c.QueryContext(context.Background(), query)
	if err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		c.t.Fatal(err)
	}
	for rows.Next() {
		values, at := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			at[i] = &values[i]
		}
		if err := rows.Scan(at...); err != nil {
			c.t.Fatal(err)
		}
		do(values)
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
}

func (c company) count(query string) int {
	c.t.Helper()
	var n int
	if err := c.QueryRow(query).Scan(&n); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// tables lists the tables as schema.table.
func (c company) tables() []string {
	var out []string
	for _, s := range demo.Sources {
		for _, p := range c.columns(s) {
			if name := s + "." + p[0]; len(out) == 0 || out[len(out)-1] != name {
				out = append(out, name)
			}
		}
	}
	return out
}

// dump gives a digest of each table's rows, written the same way for both databases.
func (c company) dump() map[string]string {
	out := map[string]string{}
	for _, t := range c.tables() {
		h := sha256.New()
		c.each("SELECT * FROM "+t+" ORDER BY 1", func(row []any) {
			for _, v := range row {
				if at, ok := v.(time.Time); ok {
					v = at.UTC().Format(time.RFC3339)
				}
				fmt.Fprintf(h, "%v\x00", v)
			}
		})
		out[t] = fmt.Sprintf("%x", h.Sum(nil))
	}
	return out
}

func TestSameSeedAndDayGiveTheSameRows(t *testing.T) {
	t.Parallel()
	first := onSQLite(t, demo.Options{Seed: 7, Now: today}).dump()
	again := onSQLite(t, demo.Options{Seed: 7, Now: today.Add(5 * time.Hour)}).dump()
	seed := onSQLite(t, demo.Options{Seed: 8, Now: today}).dump()
	day := onSQLite(t, demo.Options{Seed: 7, Now: today.AddDate(0, 0, 40)}).dump()
	if len(first) < 25 || len(first) > 30 {
		t.Errorf("%d tables, want 25 to 30", len(first))
	}
	for table, digest := range first {
		if again[table] != digest {
			t.Errorf("%s differs for the same seed and day", table)
		}
		if seed[table] == digest {
			t.Errorf("%s is the same for another seed", table)
		}
		if day[table] == digest {
			t.Errorf("%s is the same for another day", table)
		}
	}
}

func TestBothDatabasesHoldTheSameRows(t *testing.T) {
	t.Parallel()
	opt := demo.Options{Seed: 7, Now: today}
	lite, pg := onSQLite(t, opt).dump(), onPostgres(t, opt).dump()
	if len(pg) != len(lite) {
		t.Errorf("%d tables on PostgreSQL, %d on SQLite", len(pg), len(lite))
	}
	for table, digest := range lite {
		if pg[table] != digest {
			t.Errorf("%s differs", table)
		}
	}
}

func TestSizeAndIntegrity(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{0, demo.DefaultSeed, 1 << 63} {
		c := onSQLite(t, demo.Options{Seed: seed, Now: today})
		total := 0
		for _, table := range c.tables() {
			n := c.count("SELECT count(*) FROM " + table)
			if n < 20 {
				t.Errorf("seed %d: only %d rows in %s", seed, n, table)
			}
			total += n
		}
		if total < 57000 || total > 63000 {
			t.Errorf("seed %d: %d rows, want about 60,000", seed, total)
		}
		persons := c.count(`SELECT (SELECT count(*) FROM webshop.customers) + (SELECT count(*) FROM office.contact_persons) +
			(SELECT count(*) FROM office.suppliers WHERE kind = 'enkeltpersonforetak') + (SELECT count(*) FROM people.applications) +
			(SELECT count(*) FROM people.employees) + (SELECT count(*) FROM people.next_of_kin) +
			(SELECT count(*) FROM webshop.newsletter_subscribers WHERE customer_id IS NULL)`)
		if persons < 1800 || persons > 2200 {
			t.Errorf("seed %d: %d persons, want about 2,000", seed, persons)
		}
		for _, s := range demo.Sources {
			c.each("PRAGMA "+s+".foreign_key_check", func(v []any) { t.Errorf("seed %d: %s: broken reference %v", seed, s, v) })
		}
		for what, query := range map[string]string{
			"customers without a party":   `SELECT count(*) FROM webshop.customers c WHERE NOT EXISTS (SELECT 1 FROM office.parties p WHERE p.customer_no = c.customer_no)`,
			"parties without a customer":  `SELECT count(*) FROM office.parties p WHERE kind = 'privat' AND NOT EXISTS (SELECT 1 FROM webshop.customers c WHERE c.customer_no = p.customer_no)`,
			"invoices without an order":   `SELECT count(*) FROM office.invoices i WHERE kind = 'salg' AND NOT EXISTS (SELECT 1 FROM webshop.orders o WHERE o.order_no = i.order_no)`,
			"invoices of nobody":          `SELECT count(*) FROM office.invoices WHERE (party_id IS NULL) = (supplier_id IS NULL)`,
			"log lines of unknown cookie": `SELECT count(*) FROM webshop.web_logs w WHERE cookie_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM webshop.cookie_profiles p WHERE p.cookie_id = w.cookie_id)`,
			"days to come": `SELECT (SELECT count(*) FROM webshop.orders WHERE ordered_on > '2026-11-22') + (SELECT count(*) FROM office.invoices WHERE issued_on > '2026-11-22')
				+ (SELECT count(*) FROM office.disclosures WHERE disclosed_on > '2026-11-22') + (SELECT count(*) FROM people.payroll WHERE paid_on > '2026-11-22' OR reported_on > '2026-11-22')
				+ (SELECT count(*) FROM people.applications WHERE closed_on > '2026-11-22') + (SELECT count(*) FROM webshop.newsletter_subscribers WHERE unsubscribed_on > '2026-11-22')`,
		} {
			if n := c.count(query); n != 0 {
				t.Errorf("seed %d: %d %s", seed, n, what)
			}
		}
	}
}

// hardCases are conditions on the rows, true whatever the seed. Each is a count and what it must be.
func hardCases() map[string]struct {
	query string
	want  func(int) bool
} {
	kari, astrid := demo.MostData, demo.Neighbour
	least := func(n int) func(int) bool { return func(got int) bool { return got >= n } }
	exactly := func(n int) func(int) bool { return func(got int) bool { return got == n } }
	q := fmt.Sprintf
	mine := q("customer_id = (SELECT id FROM webshop.customers WHERE customer_no = '%s')", kari.CustomerNo)
	party := q("party_id = (SELECT id FROM office.parties WHERE customer_no = '%s')", kari.CustomerNo)
	type hard = struct {
		query string
		want  func(int) bool
	}
	return map[string]hard{
		"most data: upper case in the webshop": {q("SELECT count(*) FROM webshop.customers WHERE email = '%s'", kari.Held[0]), exactly(1)},
		"most data: lower case in the office":  {q("SELECT count(*) FROM office.parties WHERE email = '%s'", kari.Email), exactly(1)},
		"most data: application":               {q("SELECT count(*) FROM people.applications WHERE email = '%s' AND closed_on IS NULL", kari.Held[1]), exactly(1)},
		"most data: orders":                    {"SELECT count(*) FROM webshop.orders WHERE " + mine, least(40)},
		"most data: no one has more orders": {`SELECT count(*) FROM (SELECT customer_id FROM webshop.orders GROUP BY customer_id HAVING count(*) >=
			(SELECT count(*) FROM webshop.orders WHERE ` + mine + `)) AS more`, exactly(1)},
		"most data: newsletter":      {"SELECT count(*) FROM webshop.newsletter_subscribers WHERE " + mine, exactly(1)},
		"most data: consent":         {q("SELECT count(*) FROM webshop.consents WHERE email = '%s' AND withdrawn_at IS NULL", kari.Held[0]), exactly(1)},
		"most data: cookies":         {"SELECT count(*) FROM webshop.cookie_profiles WHERE " + mine, least(2)},
		"most data: messages":        {q("SELECT count(*) FROM webshop.contact_messages WHERE email = '%s'", kari.Held[1]), least(3)},
		"most data: visits":          {"SELECT count(*) FROM webshop.web_logs WHERE " + mine, least(100)},
		"most data: disclosures":     {"SELECT count(*) FROM office.disclosures WHERE " + party, least(2)},
		"invoice that law keeps":     {"SELECT count(*) FROM office.invoices WHERE " + party + " AND issued_on >= '2021-01-01'", least(20)},
		"invoice past its time":      {"SELECT count(*) FROM office.invoices WHERE " + party + " AND issued_on < '2021-01-01'", least(5)},
		"order past its time":        {"SELECT count(*) FROM webshop.orders WHERE " + mine + " AND ordered_on < '2022-01-01'", least(5)},
		"order that law keeps":       {"SELECT count(*) FROM webshop.orders WHERE " + mine + " AND ordered_on >= '2023-01-01'", least(5)},
		"shared household":           {q("SELECT count(*) FROM webshop.customers WHERE customer_no IN ('%s', '%s') AND address_id = 1", kari.CustomerNo, demo.Household.CustomerNo), exactly(2)},
		"nobody else in it":          {"SELECT count(*) FROM webshop.customers WHERE address_id = 1", exactly(2)},
		"gift to another's home":     {q("SELECT count(*) FROM webshop.orders o, webshop.customers c WHERE o."+mine+" AND c.customer_no = '%s' AND o.delivery_address_id = c.address_id", astrid.CustomerNo), exactly(1)},
		"another's name in a note":   {q("SELECT count(*) FROM office.notes n, office.parties p WHERE n.party_id = p.id AND p.customer_no = '%s' AND n.body LIKE '%%%s%%' AND n.body LIKE '%%%s%%'", astrid.CustomerNo, kari.Name(), kari.Email), exactly(1)},
		"sole proprietor":            {q("SELECT count(*) FROM office.suppliers WHERE kind = 'enkeltpersonforetak' AND owner_name = '%s' AND email = '%s' AND found_source = 'brreg.no' AND informed_on IS NULL", demo.SoleProprietor.Name(), demo.SoleProprietor.Email), exactly(1)},
		"sole proprietor's invoices": {"SELECT count(*) FROM office.invoices WHERE supplier_id = 1", least(3)},
		"application past its time":  {q("SELECT count(*) FROM people.applications WHERE email = '%s' AND closed_on < '2026-05-22' AND adaptation_need IS NOT NULL AND referees IS NOT NULL", demo.Applicant.Email), exactly(1)},
		"employee":                   {q("SELECT count(*) FROM people.employees WHERE private_email = '%s' AND work_email = '%s' AND national_id IS NOT NULL", demo.Employee.Email, demo.Employee.Held[0]), exactly(1)},
		"employee's payroll":         {"SELECT count(*) FROM people.payroll WHERE employee_id = 1 AND union_dues_ore > 0", least(12)},
		"employee in others' rows":   {q("SELECT count(*) FROM webshop.contact_messages WHERE handled_by = '%s'", demo.Employee.Held[0]), least(3)},
		"next of kin":                {q("SELECT count(*) FROM people.next_of_kin WHERE employee_id = 1 AND name = '%s' AND email = '%s'", demo.NextOfKin.Name(), demo.NextOfKin.Email), exactly(1)},
		"contact person":             {q("SELECT count(*) FROM office.contact_persons WHERE email = '%s' AND found_source = '1881.no' AND found_phone IS NOT NULL", demo.Contact.Email), exactly(1)},
		"family mailbox":             {q("SELECT count(DISTINCT first_name) FROM webshop.customers WHERE email = '%s'", demo.FamilyMother.Email), exactly(2)},
		"older address":              {q("SELECT count(*) FROM webshop.customers WHERE customer_no = '%s' AND email = '%s'", demo.OlderAddress.CustomerNo, demo.OlderAddress.Held[0]), exactly(1)},
		"blocked address": {q(`SELECT count(DISTINCT b.ip) FROM office.blocked_addresses b, webshop.web_logs w, webshop.customers c
			WHERE w.ip = b.ip AND w.customer_id = c.id AND c.email = '%s'`, demo.Blocked.Email), exactly(1)},
		"newsletter only":         {q("SELECT count(*) FROM webshop.newsletter_subscribers WHERE email = '%s' AND customer_id IS NULL", demo.Subscriber.Email), exactly(1)},
		"log lines of nobody":     {"SELECT count(*) FROM webshop.web_logs WHERE customer_id IS NULL AND cookie_id IS NULL", least(5000)},
		"never told of open data": {"SELECT count(*) FROM office.contact_persons WHERE found_source IS NOT NULL AND informed_on IS NULL", least(3)},
	}
}

func TestHardCases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]company{
		"sqlite":   onSQLite(t, demo.Options{Seed: demo.DefaultSeed, Now: today}),
		"postgres": onPostgres(t, demo.Options{Seed: 99, Now: today}),
	} {
		for what, hard := range hardCases() {
			if n := c.count(hard.query); !hard.want(n) {
				t.Errorf("%s: %s: %d rows", name, what, n)
			}
		}
	}
}

var phoneNumber = regexp.MustCompile(`\+47\d+`)

// TestNothingIsReal reads every value of every table.
func TestNothingIsReal(t *testing.T) {
	t.Parallel()
	c := onSQLite(t, demo.Options{Seed: demo.DefaultSeed, Now: today})
	reserved := regexp.MustCompile(`(?i)@(example\.(com|org|net)|[a-z0-9.-]+\.example)$`)
	seen := 0
	for _, table := range c.tables() {
		c.each("SELECT * FROM "+table, func(row []any) {
			for _, v := range row {
				s, ok := v.(string)
				if !ok {
					continue
				}
				if strings.Contains(strings.ToLower(s), demo.Nobody.Email) || strings.Contains(s, demo.Nobody.Name()) {
					t.Errorf("%s holds the person of whom nothing is held", table)
				}
				if a, err := mail.ParseAddress(s); err == nil && strings.Contains(s, "@") {
					seen++
					if !reserved.MatchString(a.Address) {
						t.Errorf("%s: an address under a domain that somebody may own", table)
					}
				}
				for _, n := range phoneNumber.FindAllString(s, -1) {
					if !strings.HasPrefix(n, "+47000") || len(n) != len("+4700000000") {
						t.Errorf("%s: %s may be somebody's telephone", table, n)
					}
				}
			}
		})
	}
	if seen < 5000 {
		t.Errorf("only %d addresses looked at", seen)
	}
}

func TestNumbersAreValid(t *testing.T) {
	t.Parallel()
	c := onSQLite(t, demo.Options{Seed: 3, Now: today})
	distinct := map[string]bool{demo.Company.OrganisationNo: true}
	c.each(`SELECT organisation_no FROM office.parties WHERE organisation_no IS NOT NULL UNION ALL
		SELECT organisation_no FROM office.suppliers`, func(v []any) { distinct[v[0].(string)] = true })
	if len(distinct) < 150 {
		t.Errorf("only %d organisation numbers", len(distinct))
	}
	for no := range distinct {
		if !demo.ValidOrganisationNo(no) {
			t.Errorf("organisation number %s is not valid", no)
		}
	}
	for _, no := range []string{"", "31000001", "310000018", "31000001x", "3100000190"} {
		if demo.ValidOrganisationNo(no) {
			t.Errorf("organisation number %q passes for valid", no)
		}
	}
	c.each("SELECT bank_account FROM office.suppliers UNION ALL SELECT bank_account FROM people.employees", func(v []any) {
		if no := v[0].(string); !strings.HasPrefix(no, "0000") || weighed(no, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 != 0 {
			t.Errorf("bank account %s", no)
		}
	})
	c.each("SELECT national_id FROM people.employees", func(v []any) {
		no := v[0].(string)
		if no[2] < '8' || weighed(no, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 != 0 || weighed(no, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 != 0 {
			t.Errorf("national identity number %s is not a valid synthetic one", no)
		}
	})
}

func weighed(digits string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}

func TestGenerateOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "what? 100% #1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	opt := demo.Options{Seed: 1, Now: today, Dir: dir}
	if got := demo.SQLiteDSN("/a b", demo.Office); got != "sqlite:///a%20b/office.db" {
		t.Errorf("address %q", got)
	}
	if demo.Exists(dir) {
		t.Error("an empty directory passes for a demo company")
	}
	if err := os.WriteFile(demo.Path(dir, demo.Office)+".unfinished", []byte("cut short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := demo.Generate(t.Context(), opt); err != nil {
		t.Fatal(err)
	}
	if !demo.Exists(dir) {
		t.Error("the files are not there")
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != len(demo.Sources) {
		t.Errorf("left in the directory: %v (%v)", left, err)
	}
	if err := demo.Generate(t.Context(), opt); !errors.Is(err, demo.ErrExists) {
		t.Errorf("the second time: %v, want ErrExists", err)
	}
	for _, wrong := range []demo.Options{{Now: today}, {Dir: dir}} {
		if err := demo.Generate(t.Context(), wrong); err == nil {
			t.Errorf("no error without a place or a date: %+v", wrong)
		}
	}
}

func TestDemoPeople(t *testing.T) {
	t.Parallel()
	people := demo.DemoPeople()
	if people[0].Email != demo.MostData.Email {
		t.Errorf("first is %s, want the person with most data", people[0].Name)
	}
	seen := map[string]bool{}
	for _, p := range people {
		if seen[p.Email] || !p.What.Complete() || p.Name == "" {
			t.Errorf("%s: address twice, or a text missing", p.Name)
		}
		seen[p.Email] = true
	}
	if len(people) < 10 {
		t.Errorf("%d people to play", len(people))
	}
}
