package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/blob"
)

// checkStore is what every Store must hold.
func checkStore(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, check := range map[string]func(*testing.T, blob.Store){
		"round trip": checkRoundTrip, "missing": checkMissing, "replace": checkReplace, "all or nothing": checkAllOrNothing,
		"delete": checkDelete, "list": checkList, "names": checkNames, "cancelled": checkCancelled, "many at once": checkManyAtOnce,
		"snapshot": checkSnapshot, "a blob where a folder would be": checkFolderAndBlob,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, open(t))
		})
	}
}

func write(content string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

func put(t *testing.T, s blob.Store, name, content string) {
	t.Helper()
	d, err := s.Put(t.Context(), name, write(content))
	if err != nil {
		t.Fatal(err)
	}
	if d.Size != int64(len(content)) || d.SHA256 != sha256.Sum256([]byte(content)) {
		t.Errorf("the digest of %q is %v", name, d)
	}
}

func get(t *testing.T, s blob.Store, name string) string {
	t.Helper()
	o, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(o)
	if err := errors.Join(err, o.Close()); err != nil {
		t.Fatal(err)
	}
	if o.Size() != int64(len(b)) {
		t.Errorf("%s says %d bytes and has %d", name, o.Size(), len(b))
	}
	return string(b)
}

func list(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	var names []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, fmt.Sprintf("%s %d", info.Name, info.Size))
	}
	return names
}

func checkRoundTrip(t *testing.T, s blob.Store) {
	big := string(bytes.Repeat([]byte("0123456789abcdef"), 20_000))
	for name, content := range map[string]string{"empty": "", "small": "æøå", "folder/in.folder/part-1.zip": big} {
		put(t, s, name, content)
		if got := get(t, s, name); got != content {
			t.Errorf("%s differs", name)
		}
		info, err := s.Stat(t.Context(), name)
		if err != nil || info.Name != name || info.Size != int64(len(content)) || info.Modified.IsZero() {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	o, err := s.Open(t.Context(), "folder/in.folder/part-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	part := make([]byte, 16)
	if _, err := o.ReadAt(part, 160_003); err != nil || string(part) != "3456789abcdef012" {
		t.Errorf("a part is %q, %v", part, err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}

func checkMissing(t *testing.T, s blob.Store) {
	put(t, s, "folder/there", "x")
	for _, name := range []string{"missing", "folder", "folder/missing", "folder/there.2"} {
		if _, err := s.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %s: %v", name, err)
		}
		if _, err := s.Stat(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("stat %s: %v", name, err)
		}
	}
}

func checkReplace(t *testing.T, s blob.Store) {
	put(t, s, "a", "first, and longer")
	put(t, s, "a", "second")
	if got := get(t, s, "a"); got != "second" {
		t.Errorf("got %q", got)
	}
}

func checkAllOrNothing(t *testing.T, s blob.Store) {
	put(t, s, "old", "old")
	broken := errors.New("source is gone")
	for _, name := range []string{"old", "new"} {
		_, err := s.Put(t.Context(), name, func(w io.Writer) error {
			if _, err := io.WriteString(w, "half"); err != nil {
				return err
			}
			return broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_, _ = s.Put(t.Context(), name, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); panic("x") })
		}()
	}
	if got := get(t, s, "old"); got != "old" {
		t.Errorf("a failed Put changed the blob to %q", got)
	}
	if diff := cmp.Diff([]string{"old 3"}, list(t, s, "")); diff != "" {
		t.Error(diff)
	}
}

func checkDelete(t *testing.T, s blob.Store) {
	put(t, s, "case/1/a", "x")
	put(t, s, "case/1/b", "x")
	put(t, s, "case/2/a", "x")
	for range 2 {
		if err := s.Delete(t.Context(), "case/1/a"); err != nil {
			t.Fatal(err)
		}
	}
	for _, missing := range []string{"case/1", "case", "no/such/folder/a"} {
		if err := s.Delete(t.Context(), missing); err != nil {
			t.Errorf("%s: %v", missing, err)
		}
	}
	if diff := cmp.Diff([]string{"case/1/b 1", "case/2/a 1"}, list(t, s, "")); diff != "" {
		t.Error(diff)
	}
	if err := s.Delete(t.Context(), "case/1/b"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "case/1", "a name that was a folder")
	if got := get(t, s, "case/1"); got != "a name that was a folder" {
		t.Errorf("got %q", got)
	}
}

func checkList(t *testing.T, s blob.Store) {
	if got := list(t, s, ""); len(got) != 0 {
		t.Errorf("a new store has %v", got)
	}
	for i, name := range []string{"b", "a/x/1", "a-b", "a/x-1", "a/y", "a.c", "aa/1", "a0"} {
		put(t, s, name, string(bytes.Repeat([]byte("."), i)))
	}
	for prefix, want := range map[string][]string{
		"":       {"a-b 2", "a.c 5", "a/x-1 3", "a/x/1 1", "a/y 4", "a0 7", "aa/1 6", "b 0"},
		"a/":     {"a/x-1 3", "a/x/1 1", "a/y 4"},
		"a/x":    {"a/x-1 3", "a/x/1 1"},
		"a/x/":   {"a/x/1 1"},
		"a/x/1":  {"a/x/1 1"},
		"aa":     {"aa/1 6"},
		"a/x/12": nil,
		"c":      nil,
		"../":    nil,
	} {
		if diff := cmp.Diff(want, list(t, s, prefix)); diff != "" {
			t.Errorf("prefix %q: %s", prefix, diff)
		}
	}
	n := 0
	for range s.List(t.Context(), "") { // stopping early is allowed
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("stopped after %d", n)
	}
}

func checkNames(t *testing.T, s blob.Store) {
	for _, bad := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", ".tmp/x", ".hidden", "a/.hidden", "-rf", "A", "æ", "a b",
		"a\\b", "a\x00b", "a:b", "a\n", "a_b", "C:", "a.", "con./a", string(bytes.Repeat([]byte("a"), 256)),
	} {
		if _, err := s.Put(t.Context(), bad, write("x")); !errors.Is(err, blob.ErrName) {
			t.Errorf("put %q: %v", bad, err)
		}
		if _, err := s.Open(t.Context(), bad); !errors.Is(err, blob.ErrName) {
			t.Errorf("open %q: %v", bad, err)
		}
		if _, err := s.Stat(t.Context(), bad); !errors.Is(err, blob.ErrName) {
			t.Errorf("stat %q: %v", bad, err)
		}
		if err := s.Delete(t.Context(), bad); !errors.Is(err, blob.ErrName) {
			t.Errorf("delete %q: %v", bad, err)
		}
	}
	put(t, s, "0/a-b.c.zip", "x")
}

func checkCancelled(t *testing.T, s blob.Store) {
	put(t, s, "a", "old")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Put(ctx, "a", func(w io.Writer) error {
		cancel()
		_, _ = io.WriteString(w, "new") // a writer that passes errors over
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if got := get(t, s, "a"); got != "old" {
		t.Errorf("a cancelled Put wrote %q", got)
	}
	if _, err := s.Open(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("open: %v", err)
	}
	if err := s.Delete(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("delete: %v", err)
	}
	var last error
	for _, err := range s.List(ctx, "") {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("list: %v", last)
	}
}

func checkManyAtOnce(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for round := range 20 {
				name, content := fmt.Sprintf("shared/%d/x", round%2), fmt.Sprintf("%d-%d", i, round)
				if _, err := s.Put(t.Context(), name, write(content)); err != nil {
					t.Errorf("put: %v", err)
				}
				o, err := s.Open(t.Context(), name)
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("open: %v", err)
				}
				if err == nil {
					b, err := io.ReadAll(o)
					var a, c int
					if _, scan := fmt.Sscanf(string(b), "%d-%d", &a, &c); errors.Join(err, scan, o.Close()) != nil {
						t.Errorf("torn: %q, %v", b, err)
					}
				}
				if err := s.Delete(t.Context(), name); err != nil {
					t.Errorf("delete: %v", err)
				}
				for _, err := range s.List(t.Context(), "shared/") {
					if err != nil {
						t.Errorf("list: %v", err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func checkSnapshot(t *testing.T, s blob.Store) {
	put(t, s, "a", "first")
	o, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "second")
	if err := s.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(o)
	if err := errors.Join(err, o.Close()); err != nil || string(b) != "first" {
		t.Errorf("an open blob changed to %q, %v", b, err)
	}
}

func checkFolderAndBlob(t *testing.T, s blob.Store) {
	put(t, s, "a", "x")
	if _, err := s.Put(t.Context(), "a/b", write("y")); err == nil {
		if got := get(t, s, "a/b"); got != "y" { // an object store can keep both
			t.Errorf("got %q", got)
		}
	}
	if got := get(t, s, "a"); got != "x" {
		t.Errorf("the first blob is %q", got)
	}
}
