package store_test

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"mininfo/internal/store"
)

// A folder is served by one process, however many begin at once, and by the next one when that has ended.
func TestOneProcessServesAFolder(t *testing.T) {
	t.Parallel()
	address := "sqlite://" + filepath.Join(t.TempDir(), "mininfo.db")
	for range 3 {
		var all sync.WaitGroup
		var served atomic.Int64
		first := make(chan func() error, 8)
		for range 8 {
			all.Go(func() {
				held, err := store.Serving(t.Context(), address)
				switch {
				case err == nil:
					first <- held.Close
				case errors.Is(err, store.ErrServed):
					served.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(first) != 1 || served.Load() != 7 {
			t.Fatalf("%d serve the folder, %d were refused", len(first), served.Load())
		}
		if err := (<-first)(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Serving(t.Context(), "sqlite:///nowhere/at/all/mininfo.db"); err == nil || errors.Is(err, store.ErrServed) {
		t.Errorf("a folder that is not there: %v", err)
	}
	for range 2 {
		if _, err := store.Serving(t.Context(), "postgres://localhost/portal"); err != nil {
			t.Errorf("PostgreSQL: %v", err)
		}
	}
}
