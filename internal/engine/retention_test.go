package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"mininfo/internal/engine"
	"mininfo/internal/source"
)

// shopOfYears has customers, their orders and the lines of these, with dates that time counts from.
const shopOfYears = `CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT NOT NULL, last_order_on DATE);
	CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), note TEXT, ordered_on DATE);
	CREATE TABLE lines (order_id INTEGER NOT NULL REFERENCES orders (id), n INTEGER, text TEXT, PRIMARY KEY (order_id, n));
	CREATE TABLE visits (ip TEXT, path TEXT, day DATE);
	INSERT INTO customers VALUES (1, 'kari@example.com', 'Kari', '2018-01-01'), (2, 'ola@example.com', 'Ola', '2020-01-01'),
		(3, 'per@example.com', 'Per', '2026-01-01'), (4, 'eva@example.com', 'Eva', '2018-01-01'), (5, 'liv@example.com', 'Liv', NULL);
	INSERT INTO orders VALUES (11, 1, 'a', '2018-01-01'), (21, 2, 'b', '2023-01-01'), (31, 3, 'c', '2018-05-05'), (41, 4, 'd', '2018-01-01');
	INSERT INTO lines VALUES (11, 1, 'x'), (11, 2, 'y'), (21, 1, 'z'), (31, 1, 'æ'), (41, 1, 'ø');
	INSERT INTO visits VALUES ('10.0.0.1', '/', '2020-01-01'), ('10.0.0.1', '/', '2020-01-01'), ('10.0.0.2', '/', '2026-11-01');`

const shopOfYearsDataset = `
dataset:
- fides_key: shop
  collections:
  - name: customers
    mininfo: {activity: customers, retention_from: last_order_on}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: last_order_on, data_categories: [user.behavior]}
  - name: orders
    mininfo: {activity: orders, retention_from: ordered_on}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: customer_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
    - {name: note, data_categories: [user.content]}
    - {name: ordered_on, data_categories: [user.behavior]}
  - name: lines
    mininfo: {activity: orders}
    fields:
    - {name: order_id, fides_meta: {primary_key: True, references: [{dataset: shop, field: orders.id, direction: from}]}}
    - {name: n, fides_meta: {primary_key: True}}
    - {name: text, data_categories: [user.content]}
  - name: visits
    mininfo: {activity: visits, retention_from: day}
    fields:
    - {name: ip, data_categories: [user.device.ip_address]}
    - {name: path, data_categories: [user.behavior]}
    - {name: day, data_categories: [user.behavior]}
`

// terms are last days: a year counted from a date, by activity.
func terms(today string, years map[string]int) engine.RetentionRules {
	return engine.RetentionRules{
		Term: func(activity string, from source.Value) engine.Term {
			n, known := years[activity]
			switch {
			case !known:
				return engine.Term{}
			case from.IsNull():
				return engine.Term{Undated: true}
			}
			day, err := time.Parse(time.DateOnly, from.Text()[:10])
			if err != nil {
				return engine.Term{Undated: true}
			}
			end := day.AddDate(n, 0, 0).Format(time.DateOnly)
			return engine.Term{Over: end < today, End: end}
		},
		Decide: func(string) engine.Decision {
			return engine.Decision{Action: engine.Delete, Reason: engine.ReasonRetention, Article: "Art. 5(1)(e)"}
		},
	}
}

// retain makes a plan and carries it out.
func retain(t *testing.T, s []engine.Connected, rules engine.RetentionRules) (engine.RetentionReport, engine.PlanSummary) {
	t.Helper()
	var out bytes.Buffer
	w := engine.NewPlanWriter(&out)
	opts := engine.Options{DigestKey: []byte("k"), TempDir: t.TempDir()}
	report, err := engine.PlanRetention(context.Background(), s, rules, opts, engine.PlanOptions{LedgerKey: []byte("l")}, w.Write)
	if err != nil {
		t.Fatalf("PlanRetention: %v", err)
	}
	summary, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	steps := engine.StepsFunc(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(out.Bytes())), nil })
	for _, name := range engine.Order(s) {
		if strings.Contains(strings.Join(report.Waiting, " "), name) {
			continue
		}
		if _, err := engine.Execute(context.Background(), s, name, steps, engine.ExecuteOptions{DigestKey: []byte("k")}); err != nil {
			t.Fatalf("Execute: %v", err)
		}
	}
	if len(report.Waiting) == 0 {
		v, err := engine.Verify(context.Background(), s, nil, opts, steps)
		if err != nil || !v.Done() {
			t.Fatalf("Verify: %+v, %v", v, err)
		}
	}
	return report, summary
}

func counted(r engine.RetentionReport) string {
	var out []string
	for _, c := range r.Counts {
		out = append(out, fmt.Sprintf("%s.%s -%d ~%d kept %d held %d later %d undated %d/%v", c.Collection, strings.Join(c.Activities, "+"), c.Deleted, c.Anonymised, c.Kept, c.Held, c.Later, c.Undated, c.NoDate))
	}
	return strings.Join(out, "; ")
}

// What has passed its time goes, with what belongs to it; what others need is made anonymous; a person
// with an open case is left alone; a second look has nothing to do.
func TestRowsThatHavePassedTheirTimeGo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopOfYears)
		s := connect(t, "s", c, shopOfYearsDataset).Connected
		rules := terms("2026-11-29", map[string]int{"customers": 2, "orders": 5, "visits": 1})
		rules.Hold = email("eva@example.com")
		report, _ := retain(t, s, rules)
		same(t, "counts", counted(report), "customers.customers -1 ~1 kept 0 held 1 later 0 undated 1/false; "+
			"lines.orders -3 ~0 kept 0 held 0 later 0 undated 0/false; orders.orders -2 ~0 kept 0 held 1 later 0 undated 0/false; "+
			"visits.visits -2 ~0 kept 0 held 0 later 0 undated 0/false")
		same(t, "oldest", report.Counts[0].Oldest, "2020-01-01")
		same(t, "customers", c.rows("SELECT id FROM customers"), "[[2] [3] [4] [5]]")
		same(t, "Ola, whose order is kept", c.rows("SELECT count(*) FROM customers WHERE id = 2 AND email IS NULL AND name <> 'Ola'"), "[[1]]")
		same(t, "orders", c.rows("SELECT id FROM orders"), "[[21] [41]]")
		same(t, "lines", c.rows("SELECT text FROM lines"), "[[z] [ø]]")
		same(t, "visits", c.rows("SELECT ip FROM visits"), "[[10.0.0.2]]")

		again, plan := retain(t, s, rules)
		same(t, "a second plan", plan.Steps, 0)
		same(t, "what is left to say", counted(again), "customers.customers -0 ~0 kept 0 held 1 later 0 undated 2/false; orders.orders -0 ~0 kept 0 held 1 later 0 undated 0/false")
	})
}

// A row that is there for two activities is one row, whatever happens to it; so is a held row that belongs to
// several rows that go. The sum of the counts is the number of the plan's steps.
func TestARowIsCountedOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopOfYears+`
			CREATE TABLE parcels (id INTEGER PRIMARY KEY, sent INTEGER NOT NULL REFERENCES orders (id), returned INTEGER NOT NULL REFERENCES orders (id),
				customer_id INTEGER NOT NULL REFERENCES customers (id), label TEXT);
			INSERT INTO orders VALUES (12, 1, 'e', '2018-01-01');
			INSERT INTO parcels VALUES (1, 11, 12, 4, 'to Eva');`)
		twice := strings.Replace(shopOfYearsDataset, "{name: name, data_categories: [user.name]}", "{name: name, data_categories: [user.name], mininfo: {activity: newsletter}}", 1) + `
  - name: parcels
    mininfo: {activity: orders}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: sent, fides_meta: {references: [{dataset: shop, field: orders.id, direction: from}]}}
    - {name: returned, fides_meta: {references: [{dataset: shop, field: orders.id, direction: from}]}}
    - {name: customer_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
    - {name: label, data_categories: [user.content]}
`
		rules := terms("2026-11-29", map[string]int{"customers": 2, "newsletter": 2, "orders": 5})
		rules.Hold = email("eva@example.com")
		var out bytes.Buffer
		w := engine.NewPlanWriter(&out)
		report, err := engine.PlanRetention(context.Background(), connect(t, "s", c, twice).Connected, rules,
			engine.Options{DigestKey: []byte("k"), TempDir: t.TempDir()}, engine.PlanOptions{LedgerKey: []byte("l")}, w.Write)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := w.Close()
		if err != nil {
			t.Fatal(err)
		}
		rows, held := 0, map[string]int{}
		for _, c := range report.Counts {
			rows += c.Deleted + c.Anonymised
			held[c.Collection] += c.Held
			if c.Collection == "customers" && strings.Join(c.Activities, "+") != "customers+newsletter" {
				t.Errorf("customers are counted for %v", c.Activities)
			}
		}
		same(t, "rows", rows, plan.Steps)
		same(t, "held", fmt.Sprint(held["customers"], held["orders"], held["parcels"]), "1 1 1")
	})
}

// A plan takes so many rows, and what others refer to is not made anonymous because they come later.
func TestAPlanOfRetentionHasALimit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopOfYears)
		s := connect(t, "s", c, shopOfYearsDataset).Connected
		rules := terms("2026-11-29", map[string]int{"customers": 2, "orders": 2, "visits": 1})
		rules.Limit = 2
		for range 8 {
			retain(t, s, rules)
		}
		same(t, "customers", c.rows("SELECT id, name FROM customers"), "[[3|Per] [5|Liv]]")
		same(t, "orders", c.rows("SELECT id FROM orders"), "[]")
		same(t, "visits", c.rows("SELECT ip FROM visits"), "[[10.0.0.2]]")
	})
}

// A source that is down waits, with what hangs on it; the others go on.
func TestASourceThatIsDownWaits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		plain := func(key, more string) string {
			return fmt.Sprintf(`
dataset:
- fides_key: %s
  collections:
  - name: %s
    mininfo: {activity: visits, retention_from: day}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: text, data_categories: [user.content]%s}
    - {name: day, data_categories: [user.behavior]}
`, key, key, more)
		}
		table := func(name string) string {
			return fmt.Sprintf("CREATE TABLE %[1]s (id INTEGER PRIMARY KEY, text TEXT, day DATE); INSERT INTO %[1]s VALUES (1, 'a', '2020-01-01');", name)
		}
		down, tied, free := newCompany(t, kind, "CREATE TABLE other (id INTEGER)"), newCompany(t, kind, table("tied")), newCompany(t, kind, table("free"))
		s := connect(t, "down", down, plain("down", ""), "tied", tied, plain("tied", ", fides_meta: {references: [{dataset: down, field: down.text, direction: from}]}"), "free", free, plain("free", "")).Connected
		report, plan := retain(t, s, terms("2026-11-29", map[string]int{"visits": 1}))
		same(t, "waiting", report.Waiting, "[down tied]")
		same(t, "steps", plan.Steps, 1)
		same(t, "of the tied one", tied.rows("SELECT id FROM tied"), "[[1]]")
		same(t, "of the free one", free.rows("SELECT id FROM free"), "[]")
	})
}

// Memory does not grow with the table: only what goes is held.
func TestRetentionHoldsOnlyWhatGoes(t *testing.T) {
	const rows = 300_000
	c := newCompany(t, "sqlite", `CREATE TABLE visits (id INTEGER PRIMARY KEY, text TEXT, day TEXT);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
		INSERT INTO visits SELECT i, 'something that somebody wrote, longer than a key', CASE i % 3000 WHEN 0 THEN '2020-01-01' ELSE '2026-11-01' END FROM n;`)
	s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: visits
    mininfo: {activity: visits, retention_from: day}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: text, data_categories: [user.content]}
    - {name: day, data_categories: [user.behavior]}
`).Connected
	var most uint64
	rules := terms("2026-11-29", map[string]int{"visits": 1})
	plain := rules.Term
	seen := 0
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	rules.Term = func(activity string, from source.Value) engine.Term {
		if seen++; seen%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return plain(activity, from)
	}
	_, plan := retain(t, s, rules)
	same(t, "steps", plan.Steps, rows/3000)
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 || seen < rows {
		t.Errorf("%d bytes more are in use while %d rows are read", grown, seen)
	}
}
