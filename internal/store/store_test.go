package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/driver"

	"mininfo/internal/keyring"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

func inTx(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestAnotherKeyFileIsRefused(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.Controller(); return err })
		other, err := keyring.Create(filepath.Join(t.TempDir(), "other.key"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), store.Options{URL: b.URL, Ring: other, Now: b.Clock.Now})
		if !errors.Is(err, store.ErrWrongKey) {
			t.Errorf("got %v, want ErrWrongKey", err)
		}
	})
}

func TestUnknownAddressIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "mysql://x", "sqlite://", "postgres://%zz"} {
		if _, err := store.Open(t.Context(), store.Options{URL: url, Ring: portaltest.New(t, migrations.SQLite).Ring, Now: time.Now}); err == nil {
			t.Errorf("%q opens", url)
		}
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		url := "sqlite://" + filepath.Join(t.TempDir(), "new.db")
		if b.Dialect == migrations.Postgres {
			url = portaltest.Postgres(t)
		}
		var all sync.WaitGroup
		errs, ids := make([]error, 3), make([]int64, 3)
		for i := range errs {
			all.Go(func() {
				s, err := store.Open(context.Background(), store.Options{URL: url, Ring: b.Ring, Now: b.Clock.Now, Rand: zeroes{byte(i)}})
				if err != nil {
					errs[i] = err
					return
				}
				defer s.Close()
				errs[i] = s.InTx(context.Background(), func(tx *store.Tx) error {
					c, err := tx.Controller()
					ids[i] = c.ID
					return err
				})
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if ids[0] == 0 || ids[0] != ids[1] || ids[1] != ids[2] {
			t.Errorf("controllers %v, want one", ids)
		}
	})
}

// zeroes is a reader of one byte: ids that tell processes apart.
type zeroes struct{ b byte }

func (z zeroes) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = z.b
	}
	return len(p), nil
}

func TestReadWritesNothing(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		err := b.Store.Read(t.Context(), func(tx *store.Tx) error {
			return tx.DB().Exec("INSERT INTO counter (scope, key, slot, hits) VALUES ('a', ?, 1, 1)", []byte("k")).Error
		})
		if err == nil {
			t.Error("a reading transaction could write")
		}
		// The connection that refused is as good as new.
		for range 20 {
			inTx(t, b.Store, func(tx *store.Tx) error {
				return tx.DB().Exec("INSERT INTO counter (scope, key, slot, hits) VALUES ('b', ?, 1, 1) ON CONFLICT DO NOTHING", []byte("k")).Error
			})
		}
		if n := b.Count(t, "SELECT count(*) FROM counter"); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
		err = b.Store.Read(t.Context(), func(tx *store.Tx) error {
			c, err := tx.Controller()
			if c.Zone != "Europe/Oslo" || c.ID != 0 {
				t.Errorf("an unkept controller is %+v", c)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestReadersDoNotWaitForAWriter(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.Controller(); return err })
		inTx(t, b.Store, func(tx *store.Tx) error {
			if err := tx.DB().Exec("UPDATE controller SET country = 'SE'").Error; err != nil {
				return err
			}
			return b.Store.Read(t.Context(), func(tx *store.Tx) error {
				c, err := tx.Controller()
				if c.Country != "NO" {
					t.Errorf("a reader sees what is not kept: %s", c.Country)
				}
				return err
			})
		})
	})
}

func TestTransactionIsAllOrNothingAndOneInstant(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		b.Clock.Set(time.Date(2026, 6, 1, 12, 0, 0, 123456789, time.FixedZone("x", 7200)))
		broken := errors.New("broken")
		err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
			if want := time.Date(2026, 6, 1, 10, 0, 0, 123456000, time.UTC); !tx.Now.Equal(want) || tx.Now.Location() != time.UTC {
				t.Errorf("now is %v", tx.Now)
			}
			if _, err := tx.Controller(); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		inTx(t, b.Store, func(tx *store.Tx) error { _, err := tx.Controller(); return err })
		if n := b.Count(t, "SELECT count(*) FROM controller WHERE created_at = $1", int64(1780308000123456)); n != 1 {
			t.Errorf("%d controllers of that instant, want 1: %s", n, b.Dump(t, "controller"))
		}
	})
}

func TestLostRaceIsRunAgain(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		for _, conflict := range []error{store.ErrAgain, store.ErrBusy} {
			runs := 0
			inTx(t, b.Store, func(*store.Tx) error {
				if runs++; runs == 1 {
					return fmt.Errorf("writing: %w", conflict)
				}
				return nil
			})
			if runs != 2 {
				t.Errorf("%v: %d runs, want 2", conflict, runs)
			}
		}
		runs := 0
		err := b.Store.InTx(t.Context(), func(*store.Tx) error { runs++; return store.ErrMoved })
		if !errors.Is(err, store.ErrMoved) || runs != 1 {
			t.Errorf("a fault: %d runs, %v", runs, err)
		}
	})
}

// TestDeadlockIsRunAgain: two transactions take two rows in opposite order.
func TestDeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.Postgres)
	inTx(t, b.Store, func(tx *store.Tx) error {
		return tx.DB().Exec("INSERT INTO counter (scope, key, slot, hits) VALUES ('a', ?, 1, 0), ('b', ?, 1, 0)", []byte("k"), []byte("k")).Error
	})
	var met, all sync.WaitGroup
	met.Add(2)
	errs := make([]error, 2)
	for i, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		all.Go(func() {
			first := true
			errs[i] = b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				bump := "UPDATE counter SET hits = hits + 1 WHERE scope = ?"
				if err := tx.DB().Exec(bump, order[0]).Error; err != nil {
					return err
				}
				if first {
					first = false
					met.Done()
					met.Wait()
				}
				return tx.DB().Exec(bump, order[1]).Error
			})
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if n := b.Count(t, "SELECT sum(hits) FROM counter"); n != 4 {
		t.Errorf("%d hits, want 4", n)
	}
}

// TestFilesHoldNoPlainText looks into the SQLite files themselves.
func TestFilesHoldNoPlainText(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.SQLite)
	const canary = "kanarifugl-i-klartekst"
	inTx(t, b.Store, func(tx *store.Tx) error {
		return tx.DB().Exec("INSERT INTO counter (scope, key, slot, hits) VALUES (?, ?, 1, 1)", canary, []byte(canary)).Error
	})
	if !strings.Contains(b.Dump(t, "counter"), canary) {
		t.Fatal("the canary was not written")
	}
	for name, content := range files(t, b) {
		if bytes.Contains(content, []byte(canary)) || bytes.Contains(content, []byte("SQLite format")) || bytes.Contains(content, []byte("CREATE TABLE")) {
			t.Errorf("%s is not encrypted", name)
		}
	}
}

func files(t *testing.T, b *portaltest.Bundle) map[string][]byte {
	t.Helper()
	path := strings.TrimPrefix(b.URL, "sqlite://")
	found := map[string][]byte{}
	for _, end := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + end)
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(path+end)] = content
	}
	return found
}

// TestErasedIsGone: what is deleted is overwritten in the file, and the log of writes is emptied.
func TestErasedIsGone(t *testing.T) {
	t.Parallel()
	b := portaltest.New(t, migrations.SQLite)
	canary := strings.Repeat("kanarifugl", 10)
	inTx(t, b.Store, func(tx *store.Tx) error {
		return tx.DB().Exec("INSERT INTO counter (scope, key, slot, hits) VALUES (?, ?, 1, 1)", canary, []byte("k")).Error
	})
	if !bytes.Contains(pages(t, b), []byte("kanarifugl")) {
		t.Fatal("the canary is not in the pages: the test sees nothing")
	}
	inTx(t, b.Store, func(tx *store.Tx) error { return tx.DB().Exec("DELETE FROM counter").Error })
	if bytes.Contains(pages(t, b), []byte("kanarifugl")) {
		t.Error("what was deleted is still in the file")
	}
	if err := b.Store.Truncate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wal := files(t, b)["mininfo.db-wal"]; len(wal) != 0 {
		t.Errorf("the write-ahead log has %d bytes", len(wal))
	}
}

// pages gives all pages of the database, free ones too, without their encryption.
func pages(t *testing.T, b *portaltest.Bundle) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plain.db")
	conn, err := b.SQL(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error { return c.(driver.Conn).Raw().Backup("main", "file:"+path+"?vfs=os") })
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFresh(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		empty := "sqlite://" + filepath.Join(t.TempDir(), "none.db")
		if b.Dialect == migrations.Postgres {
			empty = portaltest.Postgres(t)
		}
		for url, want := range map[string]bool{empty: true, b.URL: false} {
			got, err := store.Fresh(t.Context(), url)
			if err != nil || got != want {
				t.Errorf("fresh %v, %v; want %v", got, err, want)
			}
		}
	})
}
