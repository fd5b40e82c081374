package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
)

// A backup from before an erasure is restored: what was erased is found by the ledger alone and
// erased again, and nothing else is touched.
func TestARestoredBackupIsErasedAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		ctx := context.Background()
		script := `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, nick TEXT NOT NULL);
			CREATE TABLE posts (people_id INTEGER, n INTEGER, text TEXT, PRIMARY KEY (people_id, n));
			CREATE TABLE log (email TEXT, what TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 'kk'), (2, 'ola@example.com', 'Ola', 'oo');
			INSERT INTO posts VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c');
			INSERT INTO log VALUES ('kari@example.com', 'in'), ('kari@example.com', 'in'), ('ola@example.com', 'in');`
		c := newCompany(t, kind, script)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: nick, data_categories: [user.account.username], fides_meta: {masking_strategy_override: {strategy: string_rewrite, configuration: {rewrite_value: gone}}}}
  - name: posts
    fields:
    - {name: people_id, fides_meta: {primary_key: True, references: [{dataset: s, field: people.id, direction: from}]}}
    - {name: n, fides_meta: {primary_key: True}}
    - {name: text, data_categories: [user.content]}
  - name: log
    fields:
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: what, data_categories: [user.behavior]}
`)
		key := []byte("a key that is kept apart")
		var file bytes.Buffer
		ledger, err := engine.NewLedgerWriter(&file, key, true)
		if err != nil {
			t.Fatal(err)
		}
		p, err := engine.PrepareErase(ctx, s, email("kari@example.com"), nil, engine.RunOptions{Ledger: ledger, Now: "2026-01-02T03:04:05Z"})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		execute(t, p)
		after := fmt.Sprint(c.dump())
		for _, told := range []string{"kari", "Kari", "example.com", `"kk"`} {
			if strings.Contains(file.String(), told) {
				t.Errorf("the ledger holds %q", told)
			}
		}
		replay := func(want string) *engine.Prepared {
			t.Helper()
			l, err := engine.ReadLedger(bytes.NewReader(file.Bytes()), key)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "rows of the ledger", l.Rows(), 4) // two equal rows without a key have one name
			p, err := engine.PrepareReplay(ctx, s, l, engine.RunOptions{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Close)
			same(t, "planned", p.Summary.Words("en", nil), want)
			return p
		}
		replay("Nothing to do.")
		c.exec("DROP TABLE people; DROP TABLE posts; DROP TABLE log;" + script)
		execute(t, replay("5 rows in 3 tables: 4 deleted, 1 anonymised."))
		same(t, "after", fmt.Sprint(c.dump()), after)
		replay("Nothing to do.")
		if _, err := engine.ReadLedger(bytes.NewReader(file.Bytes()), []byte("another")); !errors.Is(err, engine.ErrLedgerKey) {
			t.Errorf("another key: %v", err)
		}
		if _, err := engine.ReadLedger(strings.NewReader("no ledger\n"), key); !errors.Is(err, engine.ErrLedger) {
			t.Errorf("no ledger: %v", err)
		}
	})
}

// What was rolled back is not erased later, and what nobody knows the end of is told.
func TestALedgerCountsWhatWasDone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	var file bytes.Buffer
	key := []byte("k")
	ledger, err := engine.NewLedgerWriter(&file, key, true)
	if err != nil {
		t.Fatal(err)
	}
	p, err := engine.PrepareErase(ctx, s, email("customer-1@example.com"), []engine.CategoryRule{{Category: "user", Strategy: dataset.DeleteRow}}, engine.RunOptions{Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c.exec("UPDATE customers SET name = 'another' WHERE id = 1")
	var drift *engine.DriftError
	if _, err := p.Execute(ctx, p.Summary.Digest); !errors.As(err, &drift) {
		t.Fatal(err)
	}
	read := func() *engine.Ledger {
		t.Helper()
		l, err := engine.ReadLedger(bytes.NewReader(file.Bytes()), key)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	same(t, "rolled back", []any{read().Rows(), read().Unfinished}, "[0 []]")
	if _, err := ledger.Begin(ctx, p.Summary.Digest, "shop", p.Steps()); err != nil {
		t.Fatal(err)
	}
	same(t, "no end", []any{read().Rows(), read().Unfinished}, "[0 [shop]]")
}
