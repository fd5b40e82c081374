package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/keyring"
)

func disk(t *testing.T) (*blob.Disk, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	d, err := blob.OpenDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d, dir
}

func TestDisk(t *testing.T) {
	t.Parallel()
	checkStore(t, func(t *testing.T) blob.Store { d, _ := disk(t); return d })
}

func TestDiskIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	put(t, d, "case/1/package.zip", "x")
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDiskLeavesNoTemporaries(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	checkAllOrNothing(t, d)
	left, err := os.ReadDir(filepath.Join(dir, ".tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestDiskDeleteLeavesNoFolders(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	put(t, d, "case/1/part/a", "x")
	if err := d.Delete(t.Context(), "case/1/part/a"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "case")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder tells of a case that is gone: %v", err)
	}
}

func TestDiskFollowsNoLinkOut(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"link": outside, "folder": filepath.Dir(outside)} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"link", "folder/secret"} {
		if o, err := d.Open(t.Context(), name); err == nil {
			_ = o.Close()
			t.Errorf("opened %s", name)
		}
	}
	if _, err := d.Put(t.Context(), "folder/new", write("x")); err == nil {
		t.Error("wrote through a link")
	}
	if err := d.Delete(t.Context(), "folder/secret"); err == nil {
		t.Error("a delete through a link is reported as done")
	}
	if b, err := os.ReadFile(outside); err != nil || string(b) != "secret" {
		t.Errorf("the file outside is %q, %v", b, err)
	}
	if got := list(t, d, ""); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	put(t, d, "kept", "x")
	old, young := filepath.Join(dir, ".tmp", "old"), filepath.Join(dir, ".tmp", "young")
	noon := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	for path, at := range map[string]time.Time{old: noon.Add(-25 * time.Hour), young: noon} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := d.Sweep(t.Context(), noon.Add(-24*time.Hour)); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one is there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("the young one is gone: %v", err)
	}
	if got := get(t, d, "kept"); got != "x" {
		t.Error("a blob was swept")
	}
}

func TestOpenURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := blob.Open(t.Context(), "file://"+dir+"/blobs")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "x")
	if b, err := os.ReadFile(filepath.Join(dir, "blobs", "a")); err != nil || string(b) != "x" {
		t.Errorf("not where it should be: %v", err)
	}
	for _, bad := range []string{"", "file://", dir, "s3://key:hemmelig@host/bucket", "file:///x?y=z", "file://u:hemmelig@x/y", "file://%zz"} {
		if _, err := blob.Open(t.Context(), bad); err == nil {
			t.Errorf("opened %q", bad)
		} else if strings.Contains(err.Error(), "hemmelig") {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

func TestSEC01Sealed(t *testing.T) {
	t.Parallel()
	d, dir := disk(t)
	k := keyring.NewDataKey()
	plain := bytes.Repeat([]byte("kanarifugl "), 20_000)
	if _, err := blob.PutSealed(t.Context(), d, "case/1", k, func(w io.Writer) error { _, err := w.Write(plain); return err }); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "case", "1"))
	if err != nil || bytes.Contains(raw, []byte("kanari")) {
		t.Fatalf("in clear on disk, or gone: %v", err)
	}
	o, err := blob.OpenSealed(t.Context(), d, "case/1", k)
	if err != nil {
		t.Fatal(err)
	}
	if o.Size() != int64(len(plain)) {
		t.Errorf("size %d", o.Size())
	}
	part := make([]byte, 11)
	if _, err := o.ReadAt(part, 11*10_000); err != nil || string(part) != "kanarifugl " {
		t.Errorf("a part is %q, %v", part, err)
	}
	got, err := io.ReadAll(o)
	if err := errors.Join(err, o.Close()); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%d bytes back, %v", len(got), err)
	}
	for name, open := range map[string]func() error{
		"another key": func() error { return readSealed(t, d, "case/1", keyring.NewDataKey()) },
		"no key":      func() error { return readSealed(t, d, "case/1", keyring.DataKey{}) },
		"another name": func() error {
			put(t, d, "case/2", string(raw))
			return readSealed(t, d, "case/2", k)
		},
		"cut":    func() error { put(t, d, "case/1", string(raw[:len(raw)-1])); return readSealed(t, d, "case/1", k) },
		"a part": func() error { put(t, d, "case/1", string(raw[:70_000])); return readSealed(t, d, "case/1", k) },
	} {
		if err := open(); !errors.Is(err, keyring.ErrSealed) && !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := readSealed(t, d, "missing", k); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func readSealed(t *testing.T, s blob.Store, name string, k keyring.DataKey) error {
	t.Helper()
	o, err := blob.OpenSealed(t.Context(), s, name, k)
	if err != nil {
		return err
	}
	_, err = io.ReadAll(o)
	return errors.Join(err, o.Close())
}

func TestFailedSealingStoresNothing(t *testing.T) {
	t.Parallel()
	d, _ := disk(t)
	broken := errors.New("source is gone")
	_, err := blob.PutSealed(t.Context(), d, "a", keyring.NewDataKey(), func(w io.Writer) error {
		return errors.Join(write("half")(w), broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := blob.PutSealed(t.Context(), d, "a", keyring.DataKey{}, write("x")); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("without a key: %v", err)
	}
	if got := list(t, d, ""); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}
