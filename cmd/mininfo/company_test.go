package main_test

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"
	"go.yaml.in/yaml/v3"

	"mininfo/internal/demo"
)

// The oracle reads the company's databases with SQL of its own and decides by rules of its own whose
// a row is. Nothing of the engine has a part in it.

// Row is the values of a row by the columns' names in the demo.
type Row map[string]string

// State is everything that the company holds: "webshop.customers" → primary key → row. Names are
// those of the demo, also where the tables are renamed.
type State map[string]map[string]Row

// null is how a value that is not there is written.
const null = "∅"

// names of the demo's tables and columns by the names that they have in this company's databases.
type names struct {
	table  map[string]string            // actual → own
	column map[string]map[string]string // own table → actual → own
}

// annotated is what the demo's dataset files say of a field.
type annotated struct {
	Name       string   `yaml:"name"`
	Categories []string `yaml:"data_categories"`
	Meta       struct {
		Key        bool   `yaml:"primary_key"`
		Identity   string `yaml:"identity"`
		Type       string `yaml:"data_type"`
		References []any  `yaml:"references"`
	} `yaml:"fides_meta"`
	Own struct {
		ThirdParty bool   `yaml:"third_party"`
		NationalID bool   `yaml:"national_id"`
		Special    string `yaml:"special"`
	} `yaml:"mininfo"`
}

type collection struct {
	Name        string      `yaml:"name"`
	Description string      `yaml:"description"`
	Fields      []annotated `yaml:"fields"`
}

// collections reads a dataset file of the demo as it is written, before any renaming.
func (c *Company) collections(source string) []collection {
	c.t.Helper()
	data, err := demo.Dataset(source, demo.Options{})
	if err != nil {
		c.t.Fatal(err)
	}
	var file struct {
		Dataset []struct {
			Collections []collection `yaml:"collections"`
		} `yaml:"dataset"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		c.t.Fatal(err)
	}
	return file.Dataset[0].Collections
}

func (c *Company) called(table, column string) string {
	switch {
	case c.opt.Rename != nil:
		return c.opt.Rename(table, column)
	case column != "":
		return column
	}
	return table
}

func (c *Company) names(source string) names {
	c.t.Helper()
	n := names{map[string]string{}, map[string]map[string]string{}}
	for _, each := range c.collections(source) {
		n.table[c.called(each.Name, "")] = each.Name
		columns := map[string]string{}
		for _, f := range each.Fields {
			columns[c.called(each.Name, f.Name)] = f.Name
		}
		n.column[each.Name] = columns
	}
	return n
}

// open opens one of the company's systems past the portal.
func (c *Company) open(source string) *sql.DB {
	c.t.Helper()
	driver, dsn := "pgx", c.DSN
	if c.DSN == "" {
		driver, dsn = "sqlite3", "file:"+demo.Path(c.Dir, source)+"?_pragma=busy_timeout(20000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		c.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// at gives a table's name in SQL.
func (c *Company) at(source, table string) string {
	name := `"` + c.called(table, "") + `"`
	if c.DSN != "" {
		return `"` + source + `".` + name
	}
	return name
}

// col gives a column's name in SQL.
func (c *Company) col(table, column string) string { return `"` + c.called(table, column) + `"` }

// exec changes the company past the portal and gives how many rows it met.
func (c *Company) exec(source, statement string, args ...any) int64 {
	c.t.Helper()
	db := c.open(source)
	defer db.Close()
	if c.DSN != "" {
		for n := 1; strings.Contains(statement, "?"); n++ {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
		}
	}
	result, err := db.Exec(statement, args...)
	if err != nil {
		c.t.Fatalf("%s: %v", statement, err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		c.t.Fatal(err)
	}
	return n
}

// State reads every row of every table.
func (c *Company) State() State {
	c.t.Helper()
	out := State{}
	for _, source := range demo.Sources {
		db := c.open(source)
		n := c.names(source)
		for _, actual := range c.tables(db, source) {
			own, known := n.table[actual]
			if !known {
				own = actual
			}
			out[source+"."+own] = c.read(db, source, own, actual, n.column[own])
		}
		if err := db.Close(); err != nil {
			c.t.Fatal(err)
		}
	}
	return out
}

func (c *Company) tables(db *sql.DB, source string) []string {
	c.t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	var args []any
	if c.DSN != "" {
		query, args = "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1", []any{source}
	}
	rows, err := db.Query(query, args...)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			c.t.Fatal(err)
		}
		list = append(list, name)
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		c.t.Fatalf("%d tables in %s: %v", len(list), source, err)
	}
	return list
}

func (c *Company) read(db *sql.DB, source, own, actual string, columns map[string]string) map[string]Row {
	c.t.Helper()
	place := `"` + actual + `"`
	if c.DSN != "" {
		place = `"` + source + `".` + place
	}
	rows, err := db.Query("SELECT * FROM " + place)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	list, err := rows.Columns()
	if err != nil {
		c.t.Fatal(err)
	}
	out := map[string]Row{}
	values, at := make([]any, len(list)), make([]any, len(list))
	for i := range values {
		at[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(at...); err != nil {
			c.t.Fatal(err)
		}
		row := Row{}
		for i, name := range list {
			if own, known := columns[name]; known {
				name = own
			}
			row[name] = written(values[i])
		}
		out[written(values[0])] = row // the first column is each table's primary key
	}
	if err := rows.Err(); err != nil {
		c.t.Fatalf("reading %s: %v", own, err)
	}
	return out
}

func written(v any) string {
	switch x := v.(type) {
	case nil:
		return null
	case []byte:
		return string(x)
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

// Effect is what became of a row.
type Effect struct {
	Gone    bool
	Columns []string // that say something else, sorted
}

// Difference is the rows of which something else is held now: "webshop.customers 17" → what.
type Difference map[string]Effect

func difference(before, after State) Difference {
	out := Difference{}
	for table, rows := range before {
		for key, old := range rows {
			now, there := after[table][key]
			if !there {
				out[table+" "+key] = Effect{Gone: true}
				continue
			}
			var columns []string
			for name, value := range old {
				if now[name] != value {
					columns = append(columns, name)
				}
			}
			if len(columns) > 0 {
				slices.Sort(columns)
				out[table+" "+key] = Effect{Columns: columns}
			}
		}
		for key := range after[table] {
			if _, there := rows[key]; !there {
				out[table+" "+key] = Effect{Columns: []string{"a row that was not there"}}
			}
		}
	}
	return out
}

// count gives how many rows are gone, and how many say something else.
func (d Difference) count() (gone, changed int64) {
	for _, e := range d {
		if e.Gone {
			gone++
		} else {
			changed++
		}
	}
	return gone, changed
}

// marked counts the rows that were marked as restricted, and of those the ones that were left as they
// were apart from it.
func (d Difference) marked() (all, alone int64) {
	for _, e := range d {
		if slices.Contains(e.Columns, "restricted") {
			all++
			if len(e.Columns) == 1 {
				alone++
			}
		}
	}
	return all, alone
}

// owned decides whose rows are a person's, by the person's addresses and by what refers to what. It
// gives "webshop.customers 17" → true. Rows that others use too are not among them.
func (s State) owned(addresses ...string) map[string]bool {
	mine := func(value string) bool {
		return slices.ContainsFunc(addresses, func(a string) bool { return strings.EqualFold(a, value) })
	}
	out := map[string]bool{}
	take := func(table string, is func(key string, r Row) bool) map[string]bool {
		keys := map[string]bool{}
		for key, r := range s[table] {
			if is(key, r) {
				keys[key], out[table+" "+key] = true, true
			}
		}
		return keys
	}
	customers := take("webshop.customers", func(_ string, r Row) bool { return mine(r["email"]) })
	orders := take("webshop.orders", func(_ string, r Row) bool { return customers[r["customer_id"]] || mine(r["contact_email"]) })
	take("webshop.order_lines", func(_ string, r Row) bool { return orders[r["order_id"]] })
	subscribers := take("webshop.newsletter_subscribers", func(_ string, r Row) bool { return customers[r["customer_id"]] || mine(r["email"]) })
	take("webshop.consents", func(_ string, r Row) bool { return subscribers[r["subscriber_id"]] || mine(r["email"]) })
	cookies := take("webshop.cookie_profiles", func(_ string, r Row) bool { return customers[r["customer_id"]] })
	for _, table := range []string{"webshop.cookie_consents", "webshop.site_activity", "webshop.payment_methods"} {
		take(table, func(_ string, r Row) bool { return customers[r["customer_id"]] })
	}
	take("webshop.contact_messages", func(_ string, r Row) bool { return mine(r["email"]) })
	visits := take("webshop.web_logs", func(_ string, r Row) bool { return customers[r["customer_id"]] || cookies[r["cookie_id"]] })
	addressesUsed := s.addressesOf(customers, orders)
	take("webshop.addresses", func(key string, _ Row) bool { return addressesUsed[key] })

	numbers := map[string]bool{}
	for key := range customers {
		numbers[s["webshop.customers"][key]["customer_no"]] = true
	}
	parties := take("office.parties", func(_ string, r Row) bool { return mine(r["email"]) || numbers[r["customer_no"]] })
	suppliers := take("office.suppliers", func(_ string, r Row) bool { return mine(r["email"]) })
	contacts := take("office.contact_persons", func(_ string, r Row) bool { return mine(r["email"]) })
	take("office.invoices", func(_ string, r Row) bool {
		return parties[r["party_id"]] || suppliers[r["supplier_id"]] || mine(r["billing_email"])
	})
	take("office.disclosures", func(_ string, r Row) bool { return parties[r["party_id"]] || contacts[r["contact_person_id"]] })
	for _, table := range []string{"office.notes", "office.reminders", "office.police_disclosures"} {
		take(table, func(_ string, r Row) bool { return parties[r["party_id"]] })
	}
	take("office.bans", func(_ string, r Row) bool { return numbers[r["customer_no"]] })
	networks := map[string]bool{}
	for key := range visits {
		networks[s["webshop.web_logs"][key]["ip"]] = true
	}
	take("office.blocked_addresses", func(_ string, r Row) bool { return networks[r["ip"]] })

	take("people.applications", func(_ string, r Row) bool { return mine(r["email"]) })
	employees := take("people.employees", func(_ string, r Row) bool { return mine(r["work_email"]) || mine(r["private_email"]) })
	for _, table := range []string{"people.payroll", "people.timesheets", "people.mailboxes", "people.staff_page"} {
		take(table, func(_ string, r Row) bool { return employees[r["employee_id"]] })
	}
	take("people.next_of_kin", func(_ string, r Row) bool { return employees[r["employee_id"]] || mine(r["email"]) })
	return out
}

// addressesOf gives the address rows that these customers and orders use and nobody else does.
func (s State) addressesOf(customers, orders map[string]bool) map[string]bool {
	used, others := map[string]bool{}, map[string]bool{}
	for key, r := range s["webshop.customers"] {
		if customers[key] {
			used[r["address_id"]] = true
		} else {
			others[r["address_id"]] = true
		}
	}
	for key, r := range s["webshop.orders"] {
		if orders[key] {
			used[r["delivery_address_id"]] = true
		} else {
			others[r["delivery_address_id"]] = true
		}
	}
	maps.DeleteFunc(used, func(key string, _ bool) bool { return others[key] })
	return used
}
