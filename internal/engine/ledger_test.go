package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dataset"
	"mininfo/internal/engine"
)

var erasedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// before is a backup that is older than the erasures of these tests.
var before = engine.ReplayOptions{BackupOf: erasedAt.Add(-time.Hour)}

// A backup from before an erasure is restored: what was erased is found by the ledger alone and
// erased again, and nothing else is touched.
func TestARestoredBackupIsErasedAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
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
		l := newLedgerOf(t, s)
		l.erase("kari@example.com")
		after := fmt.Sprint(c.dump())
		for _, told := range []string{"kari", "Kari", "example.com", `"kk"`} {
			if strings.Contains(l.file.String(), told) {
				t.Errorf("the ledger holds %q", told)
			}
		}
		same(t, "rows of the ledger", l.read().Rows(), 4) // two equal rows without a key have one name
		l.replay(before, "Nothing to do.")
		c.exec("DROP TABLE people; DROP TABLE posts; DROP TABLE log;" + script)
		l.resurrected(3) // the log names a row by its address: who comes back has the same one
		l.replay(engine.ReplayOptions{}, "5 rows in 3 tables: 5 kept (may have come anew: say of when the backup is).")
		l.replay(engine.ReplayOptions{BackupOf: erasedAt.Add(time.Hour)}, "Nothing to do.")
		p := l.replay(before, "5 rows in 3 tables: 4 deleted, 1 anonymised.")
		undated := 0
		for _, x := range p.Problems {
			if x.Code == engine.ReasonUndated && x.Warning {
				undated++
			}
		}
		same(t, "tables of which nobody knows when a row came", undated, 3)
		execute(t, p)
		same(t, "after", fmt.Sprint(c.dump()), after)
		l.replay(before, "Nothing to do.")
		if _, err := engine.ReadLedger(bytes.NewReader(l.file.Bytes()), []byte("another")); !errors.Is(err, engine.ErrLedgerKey) {
			t.Errorf("another key: %v", err)
		}
		for _, broken := range []string{"no ledger\n", `{"ledger":"mininfo 1","key":"x"}` + "\n", ""} {
			if _, err := engine.ReadLedger(strings.NewReader(broken), l.key); !errors.Is(err, engine.ErrLedger) {
				t.Errorf("%q: %v", broken, err)
			}
		}
	})
}

// ledgerOf is a ledger of a test.
type ledgerOf struct {
	t    *testing.T
	s    *engine.Sources
	key  []byte
	at   time.Time // of the next erasure
	file bytes.Buffer
}

func newLedgerOf(t *testing.T, s *engine.Sources) *ledgerOf {
	t.Helper()
	l := &ledgerOf{t: t, s: s, key: []byte("a key that is kept apart"), at: erasedAt}
	l.writer()
	return l
}

func (l *ledgerOf) writer() *engine.LedgerWriter {
	l.t.Helper()
	w, err := engine.NewLedgerWriter(&l.file, l.key, l.at, l.file.Len() == 0)
	if err != nil {
		l.t.Fatal(err)
	}
	return w
}

func (l *ledgerOf) erase(address string, rules ...engine.CategoryRule) {
	l.t.Helper()
	p, err := engine.PrepareErase(context.Background(), l.s, email(address), rules, engine.RunOptions{Ledger: l.writer(), Override: "test"})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(p.Close)
	execute(l.t, p)
}

func (l *ledgerOf) read() *engine.Ledger {
	l.t.Helper()
	read, err := engine.ReadLedger(bytes.NewReader(l.file.Bytes()), l.key)
	if err != nil {
		l.t.Fatal(err)
	}
	return read
}

// replay plans a replay, and checks what it would do in words.
func (l *ledgerOf) replay(want engine.ReplayOptions, words string) *engine.Prepared {
	l.t.Helper()
	p, err := engine.PrepareReplay(context.Background(), l.s, l.read(), want, engine.RunOptions{})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(p.Close)
	same(l.t, "planned", p.Summary.Words("en", nil), words)
	return p
}

func (l *ledgerOf) resurrected(want int) {
	l.t.Helper()
	n, err := engine.Resurrected(context.Background(), l.s.Connected[0], l.read())
	if err != nil {
		l.t.Fatal(err)
	}
	same(l.t, "there again", n, want)
}

// Under the key of an erased row may stand another one. It is left alone, and told.
func TestAKeyThatWasGivenAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		const table = `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT, city TEXT, since TEXT);`
		c := newCompany(t, kind, table+`INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 'Bergen', '2025-01-01'),
			(2, 'kari@example.com', 'Kari', 'Bergen', NULL)`)
		s := connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fides_meta: {}
    mininfo: {received: since}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: city, data_categories: [user.contact.address.city]}
    - {name: since, data_categories: [user.account]}
`)
		l := newLedgerOf(t, s)
		l.erase("kari@example.com")
		same(t, "left", len(c.dump()["people"]), 0)
		l.resurrected(0)
		for _, each := range []struct {
			name, row   string
			want        engine.ReplayOptions
			words       string
			resurrected int
		}{
			{"somebody else's", "1, 'ola@example.com', 'Kari', 'Bergen', '2025-01-01'", before,
				"1 row in 1 table: 1 kept (somebody else's under the same key, or past recognising).", 0},
			{"hers, of another day", "1, 'kari@example.com', 'Kari', 'Bergen', '2026-03-01'", engine.ReplayOptions{BackupOf: before.BackupOf, Unsure: true},
				"1 row in 1 table: 1 kept (somebody else's under the same key, or past recognising).", 0},
			{"an older state of hers", "1, 'kari@example.com', 'Kari', 'Oslo', '2025-01-01'", engine.ReplayOptions{}, "1 row in 1 table: 1 deleted.", 1},
			{"as it was, without a day", "2, 'kari@example.com', 'Kari', 'Bergen', NULL", engine.ReplayOptions{},
				"1 row in 1 table: 1 kept (may have come anew: say of when the backup is).", 1},
			{"as it was, in a backup of then", "2, 'kari@example.com', 'Kari', 'Bergen', NULL", before, "1 row in 1 table: 1 deleted.", 1},
			{"another state, without a day", "2, 'kari@example.com', 'Kari', 'Oslo', NULL", before,
				"1 row in 1 table: 1 kept (look different from when they were erased).", 1},
			{"another state, and taken in", "2, 'kari@example.com', 'Kari', 'Oslo', NULL", engine.ReplayOptions{Unsure: true}, "1 row in 1 table: 1 deleted.", 1},
			{"a key that the ledger has not", "3, 'kari@example.com', 'Kari', 'Bergen', '2025-01-01'", before, "Nothing to do.", 0},
			{"erased before the backup", "1, 'kari@example.com', 'Kari', 'Bergen', '2025-01-01'", engine.ReplayOptions{BackupOf: erasedAt.Add(time.Second)}, "Nothing to do.", 1},
		} {
			c.exec("DELETE FROM people; INSERT INTO people VALUES (" + each.row + ")")
			t.Log(each.name)
			l.replay(each.want, each.words)
			l.resurrected(each.resurrected)
		}
	})
}

// What was made anonymous is there still, and is no sign of a restored backup, however its fields
// were changed.
func TestAnonymousRowsAreNotAnonymisedAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		script := `CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name TEXT NOT NULL, number INTEGER NOT NULL UNIQUE,
				nick VARCHAR(12) NOT NULL UNIQUE, born TEXT, code TEXT, note TEXT);
			CREATE TABLE orders (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people (id));
			INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 4711, 'kk', '1970-05-17', 'abc', 'x'), (2, 'ola@example.com', 'Ola', 4712, 'oo', '1971-05-17', 'def', NULL);
			INSERT INTO orders VALUES (10, 1), (20, 2);`
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
    - {name: number, data_categories: [user.financial]}
    - {name: nick, data_categories: [user.account.username]}
    - {name: born, data_categories: [user.demographic.date_of_birth], fides_meta: {masking_strategy_override: {strategy: truncate_date, configuration: {to: year}}}}
    - {name: code, data_categories: [user.device], fides_meta: {masking_strategy_override: {strategy: hash}}}
    - {name: note, data_categories: [user.content]}
`)
		l := newLedgerOf(t, s)
		l.erase("kari@example.com", engine.CategoryRule{Category: "user.contact", Strategy: dataset.RandomStringRewrite, Config: dataset.MaskingConfig{Suffix: "@example.invalid"}},
			engine.CategoryRule{Category: "user.account", Strategy: dataset.RandomStringRewrite, Config: dataset.MaskingConfig{Length: 9}},
			engine.CategoryRule{Category: "user.demographic"}, engine.CategoryRule{Category: "user.device"},
			engine.CategoryRule{Category: "user.name", Strategy: dataset.StringRewrite}, engine.CategoryRule{Category: "user.content"})
		left := c.rows("SELECT name, born, note FROM people WHERE id = 1")
		same(t, "left", left, "[[MASKED|1970-01-01|<nil>]]")
		l.resurrected(0)
		l.replay(before, "Nothing to do.")
		c.exec("DROP TABLE orders; DROP TABLE people;" + script)
		l.resurrected(1)
		p := l.replay(before, "1 row in 1 table: 1 anonymised.")
		execute(t, p)
		same(t, "left", c.rows("SELECT name, born, note FROM people WHERE id = 1"), fmt.Sprint(left))
		same(t, "the other one", c.rows("SELECT * FROM people WHERE id = 2"), "[[2|ola@example.com|Ola|4712|oo|1971-05-17|def|<nil>]]")
		l.replay(before, "Nothing to do.")
		// Half of it written back by hand: only that is done again, and only when it is asked for.
		c.exec("UPDATE people SET note = 'Kari liker fisk' WHERE id = 1")
		l.replay(before, "1 row in 1 table: 1 kept (somebody else's under the same key, or past recognising).")
	})
}

// An anonymous row that somebody has written in again is no restored one.
func TestAnAnonymousRowThatWasWrittenIn(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		script := `CREATE TABLE orders (id INTEGER PRIMARY KEY, email TEXT, placed TEXT, note TEXT, gift TEXT);
			INSERT INTO orders VALUES (1, 'kari@example.com', '2025-01-01', 'ring på', 'til Ola');`
		c := newCompany(t, kind, script)
		l := newLedgerOf(t, connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: orders
    mininfo: {received: placed}
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: placed, data_categories: [user.behavior]}
    - {name: note, data_categories: [user.content]}
    - {name: gift, data_categories: [user.content]}
`))
		l.erase("kari@example.com", engine.CategoryRule{Category: "user.content"})
		same(t, "left", c.rows("SELECT * FROM orders"), "[[1|kari@example.com|2025-01-01|<nil>|<nil>]]")
		c.exec("UPDATE orders SET note = 'levert på nytt'")
		l.resurrected(0)
		l.replay(engine.ReplayOptions{}, "1 row in 1 table: 1 kept (look different from when they were erased).")
		// An older state of the row came back with a backup that is known.
		c.exec("UPDATE orders SET note = 'ring', gift = 'til Ola'")
		p := l.replay(before, "1 row in 1 table: 1 anonymised.")
		execute(t, p)
		same(t, "left", c.rows("SELECT * FROM orders"), "[[1|kari@example.com|2025-01-01|<nil>|<nil>]]")
		c.exec("DROP TABLE orders;" + script)
		l.resurrected(1)
		l.replay(engine.ReplayOptions{}, "1 row in 1 table: 1 anonymised.")
	})
}

// A row that was made anonymous, by one case and by another, and deleted in the end, goes at once when
// the first of its states comes back.
func TestARowThatWasErasedBitByBit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, kind string) {
		script := `CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, name TEXT NOT NULL, note TEXT);
			INSERT INTO people VALUES (1, 'kari@example.com', 'Kari', 'x'), (2, 'ola@example.com', 'Ola', 'y');`
		c := newCompany(t, kind, script)
		l := newLedgerOf(t, connect(t, "s", c, `
dataset:
- fides_key: s
  collections:
  - name: people
    fields:
    - {name: id, fides_meta: {primary_key: True}}
    - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
    - {name: name, data_categories: [user.name]}
    - {name: note, data_categories: [user.content]}
`))
		l.erase("kari@example.com", engine.CategoryRule{Category: "user.name", Strategy: dataset.StringRewrite})
		l.at = l.at.Add(time.Minute)
		l.erase("kari@example.com", engine.CategoryRule{Category: "user.content"})
		one := func() { c.exec("DROP TABLE people;" + script) }
		one()
		execute(t, l.replay(before, "1 row in 1 table: 1 anonymised."))
		same(t, "left", c.rows("SELECT * FROM people"), "[[1|kari@example.com|MASKED|<nil>] [2|ola@example.com|Ola|y]]")
		l.at = l.at.Add(time.Minute)
		l.erase("kari@example.com")
		one()
		execute(t, l.replay(before, "1 row in 1 table: 1 deleted."))
		same(t, "left", c.rows("SELECT id FROM people"), "[[2]]")
	})
}

// A row without a trace was noted by nobody who saw it: it is left alone.
func TestALedgerWithoutTraces(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	key := []byte("k")
	var erased []engine.Erased
	p := prepareErase(t, s, email("customer-1@example.com"))
	if err := engine.ErasedBy(context.Background(), key, "shop", p.Steps(), func(e engine.Erased) error {
		e.At = erasedAt
		erased = append(erased, e)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	l := engine.NewLedger(key)
	for _, e := range erased {
		if err := l.Add(e); err != nil {
			t.Fatal(err)
		}
	}
	replay, err := engine.PrepareReplay(context.Background(), s, l, engine.ReplayOptions{Unsure: true}, engine.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer replay.Close()
	same(t, "found and kept", []int{replay.Summary.Writes(), replay.Summary.Counts[engine.Keep]}, fmt.Sprint([]int{0, len(erased)}))
}

// The ledger is no part of what is approved: with one and without, a plan has the same digest.
func TestALedgerDoesNotChangeAPlan(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	plain := prepareErase(t, s, email("customer-1@example.com"))
	l := newLedgerOf(t, s)
	noted, err := engine.PrepareErase(context.Background(), s, email("customer-1@example.com"), nil, engine.RunOptions{Ledger: l.writer()})
	if err != nil {
		t.Fatal(err)
	}
	defer noted.Close()
	same(t, "digest", noted.Summary.Digest, plain.Summary.Digest)
	var file bytes.Buffer
	w := engine.NewPlanWriter(&file)
	if err := noted.Steps().Each(context.Background(), w.Write); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(file.String(), `"trace":`) {
		t.Fatal("the plan holds no traces: this test shows nothing")
	}
	again, err := engine.PlanDigest(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "digest of what was stored", again.Digest, plain.Summary.Digest)
}

// A copy of a ledger holds what the ledger holds.
func TestALedgerIsCopied(t *testing.T) {
	t.Parallel()
	c := newCompany(t, "sqlite", shopSchema)
	l := newLedgerOf(t, connect(t, "shop", c, shopDataset))
	l.erase("customer-1@example.com")
	var list []engine.Erased
	read := func(from []byte) (out []engine.Erased) {
		if _, err := engine.EachErased(bytes.NewReader(from), l.key, func(e engine.Erased) error { out = append(out, e); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	list = read(l.file.Bytes())
	if len(list) < 2 {
		t.Fatal("the ledger is all but empty: this test shows nothing")
	}
	list[0].At = erasedAt.Add(-time.Minute)
	var file bytes.Buffer
	w, err := engine.NewLedgerWriter(&file, l.key, time.Time{}, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Copy(func(fn func(engine.Erased) error) error {
		for _, e := range list {
			if err := fn(e); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list, read(file.Bytes())); diff != "" {
		t.Error(diff)
	}
}

// What was rolled back is not erased later, and what nobody knows the end of is told.
func TestALedgerCountsWhatWasDone(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newCompany(t, "sqlite", shopSchema)
	s := connect(t, "shop", c, shopDataset)
	var file bytes.Buffer
	key := []byte("k")
	ledger, err := engine.NewLedgerWriter(&file, key, erasedAt, true)
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
