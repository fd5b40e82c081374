package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
)

// The tests of this file hold what the closest peer gets wrong.

func TestCaseOfAnAddressDoesNotHideARow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		for _, spelled := range []string{"customer-1@example.com", "CUSTOMER-1@EXAMPLE.COM", "Customer-1@Example.com"} {
			got, report := collect(t, s, email(spelled))
			same(t, spelled, got.values("shop", "customers", "id"), "[1]")
			same(t, "orders", got.values("shop", "orders", "id"), "[10 11]")
			same(t, "lines", got.values("shop", "lines", "line"), "[1 2 1]")
			same(t, "visits", got.values("shop", "visits", "page"), "[/a /a /b]")
			same(t, "incomplete", report.Incomplete, false)
		}
		f := findings(t, s, email("customer-1@example.com"))
		same(t, "variant", f["customers/1"].CaseVariant, true)
		same(t, "not variant", f["tickets/101"].CaseVariant, false)
	})
}

// A collation may take letters for equal that are not: what it finds is held against the address again.
func TestACollationThatFoldsFindsNobodyElse(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "postgres", `CREATE COLLATION folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
		CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT COLLATE folding, name TEXT, updated INTEGER DEFAULT 0);
		INSERT INTO people VALUES (1, 'mike@example.com', 'Mike', 0), (2, 'míke@example.com', 'Other', 0), (3, 'MIKE@example.com', 'Mike', 0);`)
	same(t, "the database finds", c.rows("SELECT count(*) FROM people WHERE email = 'mike@example.com'"), "[[3]]")
	s := connect(t, "s", c, peopleDataset)
	got, report := collect(t, s, email("mike@example.com"))
	same(t, "incomplete", report.Incomplete, false)
	same(t, "people", got.values("s", "people", "id"), "[1 3]")
	execute(t, prepareErase(t, s, email("mike@example.com")))
	same(t, "left", c.rows("SELECT id, name FROM people ORDER BY id"), "[[2|Other]]")
}

func TestLettersOfOtherAlphabetsAreNotFolded(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		c.exec("INSERT INTO customers VALUES (4, 'mi\u212Ae@example.com', 'Kelvin', NULL, NULL, NULL, ''), (5, 'mike@example.com', 'Mike', NULL, NULL, NULL, '')")
		got, _ := collect(t, connect(t, "shop", c, shopDataset), email("mike@example.com"))
		same(t, "customers", got.values("shop", "customers", "id"), "[5]")
	})
}

func TestErasureChangesFieldsWithoutADeclaredType(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		before := c.dump()
		p := prepareErase(t, connect(t, "shop", c, shopDataset), email("customer-1@example.com"), engine.CategoryRule{Category: "user.contact.phone_number"})
		execute(t, p)
		after := c.dump()
		same(t, "phone", c.rows("SELECT phone FROM customers WHERE id = 1"), "[[<nil>]]")
		before["customers"], after["customers"] = nil, nil
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("other tables changed: %s", d)
		}
	})
}

func TestErasureRemovesRowsAndLeavesEverybodyElseAlone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		out := execute(t, prepareErase(t, s, email("customer-1@example.com")))
		same(t, "addresses", c.rows("SELECT id, street FROM addresses"), "[[2|Bakken 2] [3|Kaia 3]]")
		same(t, "customers", c.rows("SELECT id FROM customers"), "[[2] [3]]")
		same(t, "orders", c.rows("SELECT id, note FROM orders"), "[[20|gift] [30|<nil>]]")
		same(t, "lines", c.rows("SELECT * FROM lines"), "[[20|1|lamp]]")
		same(t, "tickets", c.rows("SELECT id, email FROM tickets"), "[[100|customer-2@example.com]]")
		same(t, "visits", c.rows("SELECT * FROM visits"), "[[2|/a]]")
		same(t, "deleted", out.Results[0].Deleted, 11)
		if got, _ := collect(t, s, email("customer-1@example.com")); len(got) != 0 {
			t.Errorf("still found: %v", got)
		}
	})
}

func TestAnAddressThatOthersUseIsSharedAndUntouched(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		f := findings(t, s, email("customer-1@example.com"))
		same(t, "own address", f["addresses/1"].Shared, false)
		same(t, "shared address", f["addresses/2"].Shared, true)
		same(t, "with", f["addresses/2"].SharedWith, 3) // customer 2, order 20, employee 7
		if _, leaked := f["customers/2"]; leaked {
			t.Error("walked through an address to its other user")
		}
		p := prepareErase(t, s, email("customer-1@example.com"), engine.CategoryRule{Category: "user.contact"})
		step := steps(t, p)["addresses/2"]
		same(t, "step", []any{step.Action, step.Reason}, "[keep shared]")
	})
}

// Erasing an employee must not take the tickets of the customers she helped, nor show theirs.
func TestAnEmployeeDoesNotGetOrTakeACustomersData(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		got, report := collect(t, s, email("employee-7@example.com"))
		same(t, "tickets", got.values("shop", "tickets", "id"), "[100 101]")
		for _, row := range got["shop"]["tickets"] {
			if address, shown := row["email"]; shown {
				t.Errorf("shows a customer's address: %v", address)
			}
		}
		withheld := 0
		for _, r := range report.Collections {
			withheld += r.Withheld
		}
		same(t, "withheld", withheld, 2)
		before := c.dump()
		execute(t, prepareErase(t, s, email("employee-7@example.com")))
		after := c.dump()
		for _, table := range []string{"tickets", "customers", "orders", "addresses"} {
			if d := cmp.Diff(before[table], after[table]); d != "" {
				t.Errorf("%s changed: %s", table, d)
			}
		}
		same(t, "employee", c.rows("SELECT count(*) FROM employees WHERE email LIKE 'employee-7%' OR name = 'Siv'"), "[[0]]")
	})
}

// Household and company: references without a direction must not lead to other people.
func TestReferencesWithoutDirectionStopAtOtherPeople(t *testing.T) {
	t.Parallel()
	plain := strings.NewReplacer(", direction: to", "", ", direction: from", "").Replace(shopDataset)
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, plain)
		f := findings(t, s, email("customer-1@example.com"))
		for _, leaked := range []string{"customers/2", "customers/3", "orders/20", "lines/20/1", "tickets/100", "orders/30"} {
			if f[leaked] != nil {
				t.Errorf("found %s by %v", leaked, f[leaked].Paths)
			}
		}
		for _, own := range []string{"customers/1", "orders/10", "orders/11", "lines/10/2", "addresses/1", "addresses/2", "tickets/101"} {
			if f[own] == nil {
				t.Errorf("missed %s", own)
			}
		}
		same(t, "shared", []bool{f["addresses/1"].Shared, f["addresses/2"].Shared}, "[false true]")
		before := c.dump()
		execute(t, prepareErase(t, s, email("employee-7@example.com")))
		if d := cmp.Diff(before["tickets"], c.dump()["tickets"]); d != "" {
			t.Errorf("an employee's erasure changed customers' tickets: %s", d)
		}
	})
}

// A login, its customer and the customer's orders, all without directions: what hangs together
// and shows nobody else is one person's.
func TestReferencesWithoutDirectionAreWalkedBothWays(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, `
			CREATE TABLE customers (no TEXT PRIMARY KEY, name TEXT);
			CREATE TABLE logins (id INTEGER PRIMARY KEY, email TEXT, customer_no TEXT);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_no TEXT, text TEXT);
			INSERT INTO customers VALUES ('A', 'Kari'), ('B', 'Ola');
			INSERT INTO logins VALUES (1, 'kari@example.com', 'A'), (2, 'ola@example.com', 'B');
			INSERT INTO orders VALUES (1, 'A', 'lamp'), (2, 'B', 'bulb');`)
		s := connect(t, "crm", c, `
dataset:
- fides_key: crm
  collections:
  - name: customers
    fields:
    - {name: no, fides_meta: {primary_key: True}}
    - {name: name, data_categories: [user.name]}
  - name: logins
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: customer_no, fides_meta: {references: [{dataset: crm, field: customers.no}]}}
  - name: orders
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: customer_no, fides_meta: {references: [{dataset: crm, field: customers.no}]}}
    - {name: text, data_categories: [user.behavior.purchase_history]}
`)
		got, _ := collect(t, s, email("kari@example.com"))
		same(t, "orders", got.values("crm", "orders", "text"), "[lamp]")
		same(t, "customers", got.values("crm", "customers", "name"), "[Kari]")
		execute(t, prepareErase(t, s, email("kari@example.com")))
		same(t, "left", []any{c.rows("SELECT * FROM customers"), c.rows("SELECT * FROM orders")}, "[[[B|Ola]] [[2|B|bulb]]]")
	})
}

func TestErasureIsAllOrNothingAndCanBeRetried(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		s := connect(t, "shop", c, shopDataset)
		p := prepareErase(t, s, email("customer-1@example.com"))
		// A new order comes in after the plan: its customer cannot be deleted any more.
		c.exec("INSERT INTO orders VALUES (12, 1, NULL, 'late')")
		before := c.dump()
		if _, err := p.Execute(context.Background(), p.Summary.Digest); err == nil {
			t.Fatal("executed over a row that the plan does not know")
		}
		if d := cmp.Diff(before, c.dump()); d != "" {
			t.Fatalf("half done: %s", d)
		}
		execute(t, prepareErase(t, s, email("customer-1@example.com")))
		same(t, "customers", c.rows("SELECT id FROM customers"), "[[2] [3]]")
	})
}

func TestErrorsQuoteNoRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		c := newCompany(t, kind, shopSchema)
		c.exec("CREATE TABLE secrets (id INTEGER PRIMARY KEY, email TEXT NOT NULL CHECK (email LIKE '%canary%'))")
		c.exec("INSERT INTO secrets VALUES (1, 'canary@example.com')")
		s := connect(t, "shop", c, `
dataset:
- fides_key: s
  collections:
  - name: secrets
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
`)
		word := "x"
		p := prepareErase(t, s, email("canary@example.com"), engine.CategoryRule{Category: "user", Strategy: dataset.StringRewrite, Config: dataset.MaskingConfig{RewriteValue: &word}})
		if !p.Blocked() {
			t.Fatal("a plan against a check constraint was offered")
		}
		for _, x := range p.Problems {
			if strings.Contains(x.Text.EN+x.Text.NB+x.Text.NN, "canary@") {
				t.Errorf("a problem quotes a row: %+v", x)
			}
			same(t, "code", x.Code, "constraint")
		}
		if _, err := p.Execute(context.Background(), p.Summary.Digest); !errors.Is(err, engine.ErrProblems) {
			t.Errorf("executed a plan with problems: %v", err)
		}
	})
}
