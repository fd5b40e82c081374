package main_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/portaltest"
)

// tool runs a command of the program and gives what it prints and its status.
func tool(t *testing.T, env []string, args ...string) (out, errOut string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(t), args...)
	cmd.Env = append(os.Environ(), env...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	return o.String(), e.String(), status
}

// shopOf makes a database out of one of the samples that proposals are counted on.
func shopOf(t *testing.T, kind, sample string) (string, *sql.DB) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "..", "internal", "scan", "testdata", sample+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	driver, dsn := "sqlite3", "file:"+filepath.Join(t.TempDir(), sample+".db")
	if kind == "postgres" {
		driver, dsn = "pgx", portaltest.Postgres(t)
	}
	db := openSQL(t, driver, dsn)
	if _, err := db.Exec(string(script)); err != nil {
		t.Fatal(err)
	}
	return dsn, db
}

// TestScannedShop goes the whole way that an engineer goes with a database that nobody described:
// scan it, take the proposal as it is, find one person, correct a field, erase, and look that
// nothing of anybody else has changed.
func TestScannedShop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, sample, email string
		rows                map[string]int
		set, name, mail     string   // the correction, and what reads the name and the address
		others              []string // what must stay as it is
	}{
		{"sqlite", "chinook", "bjorn.hansen@mail.example", map[string]int{"Customer": 1, "Invoice": 1, "InvoiceLine": 1}, "Customer.LastName=Hanssen",
			"SELECT LastName FROM Customer WHERE CustomerId = 2", "SELECT Email FROM Customer WHERE CustomerId = 2",
			[]string{"SELECT group_concat(quote(CustomerId) || quote(FirstName) || quote(LastName) || quote(Company) || quote(Address) || quote(Email) || quote(SupportRepId)) FROM Customer WHERE CustomerId <> 2",
				"SELECT group_concat(quote(InvoiceId) || quote(BillingAddress) || quote(Total)) FROM Invoice WHERE CustomerId <> 2",
				"SELECT group_concat(quote(EmployeeId) || quote(LastName) || quote(Email)) FROM Employee"}},
		{"postgres", "pagila", "mary.smith@customer.example", map[string]int{"customer": 1, "address": 1, "rental": 1, "payment": 1}, "customer.last_name=Hanssen",
			"SELECT last_name FROM customer WHERE customer_id = 1", "SELECT coalesce(email, '') FROM customer WHERE customer_id = 1",
			[]string{"SELECT string_agg(c::text, '' ORDER BY customer_id) FROM customer c WHERE customer_id <> 1", "SELECT string_agg(s::text, '') FROM staff s",
				"SELECT string_agg(a::text, '' ORDER BY address_id) FROM address a WHERE address_id <> 3", "SELECT string_agg(p::text, '' ORDER BY payment_id) FROM payment p WHERE customer_id <> 1",
				"SELECT string_agg(a::text, '' ORDER BY actor_id) FROM actor a", "SELECT string_agg(f::text, '' ORDER BY film_id) FROM film f"}},
	} {
		t.Run(c.sample, func(t *testing.T) {
			t.Parallel()
			dsn, db := shopOf(t, c.kind, c.sample)
			dir, env := t.TempDir(), []string{"SHOP=" + dsn}
			described, errOut, status := tool(t, env, "source", "scan", "--dsn", "env:SHOP", "--name", "shop")
			if status != 0 || errOut != "" {
				t.Fatalf("scan: %d %s", status, errOut)
			}
			list := filepath.Join(dir, "sources.yaml")
			for name, text := range map[string]string{filepath.Join(dir, "shop.yaml"): described, list: "sources:\n- {name: shop, dsn: \"env:SHOP\", dataset: shop.yaml}\n"} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if out, errOut, status := tool(t, env, "source", "check", "--sources", list); status != 0 {
				t.Fatalf("check: %s%s", out, errOut)
			}
			who := []string{"--sources", list, "--identity", "email=" + c.email}
			found := map[string]map[string][]map[string]any{}
			out, errOut, status := tool(t, env, append([]string{"source", "collect", "--json"}, who...)...)
			if status != 0 || json.Unmarshal([]byte(out), &found) != nil {
				t.Fatalf("collect: %d %s%s", status, out, errOut)
			}
			rows := map[string]int{}
			for collection, list := range found["shop"] {
				rows[collection] = len(list)
			}
			if diff := cmp.Diff(c.rows, rows); diff != "" {
				t.Fatalf("found:\n%s\n%s", diff, out)
			}
			read := func(queries ...string) (all string) {
				t.Helper()
				for _, q := range queries {
					var one string
					if err := db.QueryRow(q).Scan(&one); err != nil {
						t.Fatal(err)
					}
					all += one + "\n"
				}
				return strings.TrimSuffix(all, "\n")
			}
			change := func(args ...string) {
				t.Helper()
				var plan struct{ Digest string }
				out, errOut, status := tool(t, env, append(append(args, "--plan"), who...)...)
				if status != 0 || json.Unmarshal([]byte(out), &plan) != nil || plan.Digest == "" {
					t.Fatalf("%v: %d %s%s", args, status, out, errOut)
				}
				if out, errOut, status := tool(t, env, append(append(args, "--execute", plan.Digest), who...)...); status != 0 {
					t.Fatalf("%v: %d %s%s", args, status, out, errOut)
				}
			}
			before := read(c.others...)
			change("source", "correct", "--set", c.set)
			if name := read(c.name); name != "Hanssen" {
				t.Errorf("corrected: %q", name)
			}
			change("source", "erase")
			if name, mail := read(c.name), read(c.mail); name == "Hanssen" || strings.Contains(mail, "example") {
				t.Errorf("erased: %q %q", name, mail)
			}
			if after := read(c.others...); after != before {
				t.Errorf("something of others changed:\n%s\n%s", before, after)
			}
		})
	}
}

// TestScanCommand holds what the command says and how it ends.
func TestScanCommand(t *testing.T) {
	t.Parallel()
	dsn, _ := shopOf(t, "sqlite", "chinook")
	secret := filepath.Join(t.TempDir(), "dsn")
	if err := os.WriteFile(secret, []byte(dsn+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused := "postgres://mini:hemmelig@127.0.0.1:1/shop?connect_timeout=2"
	for _, c := range []struct {
		name   string
		env    []string
		args   []string
		status int
		out    string
		err    string
	}{
		{"a file", nil, []string{"--dsn-file", secret}, 0, "fides_key: chinook", ""},
		{"another language", nil, []string{"--dsn-file", secret, "--locale", "nn"}, 0, "Føreslått", ""},
		{"machines", nil, []string{"--dsn-file", secret, "--json"}, 0, `"data_category": "user.contact.email"`, ""},
		{"no variable", nil, []string{"--dsn", "env:NOT_THERE"}, 2, "", "NOT_THERE is not set"},
		{"nothing named", nil, nil, 2, "", "--dsn"},
		{"both named", nil, []string{"--dsn-file", secret, "--dsn", "sqlite:///x"}, 2, "", "can't be used together"},
		{"no connection string", nil, []string{"--dsn", "quux"}, 2, "", "cannot be read"},
		{"no file", nil, []string{"--dsn", "sqlite:///not/there.db"}, 1, "", "cannot be opened as a SQLite database"},
		{"no server", []string{"SHOP=" + refused}, []string{"--dsn", "env:SHOP"}, 1, "", "does not answer"},
		{"a password in sight", nil, []string{"--dsn", refused}, 1, "", "stands on the command line"},
		{"no such schema", nil, []string{"--dsn-file", secret, "--schema", "salg"}, 1, "", "no schema salg"},
		{"too many rows", nil, []string{"--dsn-file", secret, "--rows", "100000"}, 2, "", "--rows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, errOut, status := tool(t, c.env, append([]string{"source", "scan"}, c.args...)...)
			if status != c.status || !strings.Contains(out, c.out) || !strings.Contains(errOut, c.err) || c.err == "" && errOut != "" {
				t.Errorf("status %d\n%s\n%s", status, out, errOut)
			}
			if strings.Contains(out+errOut, "hemmelig") {
				t.Errorf("the password is printed: %s", errOut)
			}
		})
	}
}
