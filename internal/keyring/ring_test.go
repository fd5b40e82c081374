package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/keyring"
)

var labels = []string{
	keyring.LabelAddressIndex, keyring.LabelCodePepper, keyring.LabelCursor,
	keyring.LabelWordIndex, keyring.LabelSQLiteFile, keyring.LabelRowDigest, keyring.LabelTx,
}

func create(t *testing.T) (*keyring.Ring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mininfo.key")
	r, err := keyring.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return r, path
}

func TestCreateThenLoad(t *testing.T) {
	t.Parallel()
	made, path := create(t)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left over beside the key file: %v, %v", entries, err)
	}
	loaded, err := keyring.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if made.Fingerprint() != loaded.Fingerprint() || len(made.Fingerprint()) != 16 {
		t.Error("the loaded ring is another")
	}
	for _, label := range labels {
		if !bytes.Equal(made.Derive(label), loaded.Derive(label)) {
			t.Errorf("%s differs after loading", label)
		}
	}
	if !made.AuditSigner().Equal(loaded.AuditSigner()) || !made.TokenSigner().Equal(loaded.TokenSigner()) {
		t.Error("signing keys differ after loading")
	}
	if made.AuditSigner().Equal(made.TokenSigner()) {
		t.Error("one signing key for two purposes")
	}
	k := keyring.NewDataKey()
	wrapped, err := made.Wrap(k, place)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.Seal([]byte("x"), place)
	if err != nil {
		t.Fatal(err)
	}
	got, err := loaded.Unwrap(wrapped, place)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := got.Open(sealed, place); err != nil || string(plain) != "x" {
		t.Errorf("unwrapped key opens %q, %v", plain, err)
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	t.Parallel()
	r, _ := create(t)
	other, _ := create(t)
	seen := map[string]string{}
	add := func(name string, b []byte) {
		if len(b) != 32 {
			t.Errorf("%s has %d bytes", name, len(b))
		}
		if was, ok := seen[string(b)]; ok {
			t.Errorf("%s is the same as %s", name, was)
		}
		seen[string(b)] = name
	}
	for _, label := range labels {
		add("derive "+label, r.Derive(label))
		add("other derive "+label, other.Derive(label))
		add("index "+label, r.Index(label, "kari@example.no"))
	}
	add("index of another value", r.Index(keyring.LabelAddressIndex, "ola@example.no"))
	if !bytes.Equal(r.Index("a", "b"), r.Index("a", "b")) {
		t.Error("the index is not stable")
	}
	sealed, err := r.SubKey(keyring.LabelCursor).Seal([]byte("c"), keyring.Place{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.SubKey(keyring.LabelAddressIndex).Open(sealed, keyring.Place{}); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("opened under another label: %v", err)
	}
	if got, err := r.SubKey(keyring.LabelCursor).Open(sealed, keyring.Place{}); err != nil || string(got) != "c" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCreateNeverReplaces(t *testing.T) {
	t.Parallel()
	made, path := create(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("second Create: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Error("the key file was touched")
	}
	if again, err := keyring.Load(path); err != nil || again.Fingerprint() != made.Fingerprint() {
		t.Errorf("the key file holds another ring: %v", err)
	}
}

func TestCreateManyAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mininfo.key")
	var wg sync.WaitGroup
	rings := make([]*keyring.Ring, 16)
	for i := range rings {
		wg.Go(func() {
			r, err := keyring.Create(path)
			if err != nil && !errors.Is(err, fs.ErrExist) {
				t.Errorf("creating: %v", err)
			}
			rings[i] = r
		})
	}
	wg.Wait()
	loaded, err := keyring.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	won := 0
	for _, r := range rings {
		if r == nil {
			continue
		}
		won++
		if r.Fingerprint() != loaded.Fingerprint() {
			t.Error("the winner's ring is not the one on disk")
		}
	}
	if won != 1 {
		t.Errorf("%d made the key file", won)
	}
}

func TestLoadRefusesOpenModes(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	for mode, want := range map[fs.FileMode]error{
		0o600: nil, 0o400: nil, 0o640: keyring.ErrKeyFileMode, 0o604: keyring.ErrKeyFileMode,
		0o644: keyring.ErrKeyFileMode, 0o700: keyring.ErrKeyFileMode, 0o666: keyring.ErrKeyFileMode,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := keyring.Load(path); !errors.Is(err, want) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestLoadNeverCreates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing.key")
	if _, err := keyring.Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a lost key file was made anew")
	}
	if _, err := keyring.Load(t.TempDir()); err == nil {
		t.Error("a directory was loaded")
	}
}

func TestLoadRefusesDamagedFiles(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(good, &doc); err != nil {
		t.Fatal(err)
	}
	root := doc["root"].(string)
	for name, bad := range map[string]string{
		"empty":         "",
		"not json":      "hello",
		"cut":           string(good[:len(good)/2]),
		"trailing":      string(good) + "{}",
		"version":       strings.Replace(string(good), `"version": 1`, `"version": 2`, 1),
		"unknown field": strings.Replace(string(good), `"version"`, `"extra": 1, "version"`, 1),
		"short root":    strings.Replace(string(good), root, root[2:], 1),
		"not hex":       strings.Replace(string(good), root, "zz"+root[2:], 1),
		"zero root":     strings.Replace(string(good), root, strings.Repeat("0", 64), 1),
		"no kek":        `{"version":1,"root":"` + root + `","keks":[],"audit_signing":"` + root + `","token_signing":"` + root + `"}`,
		"kek zero":      strings.Replace(string(good), `"id": 1`, `"id": 0`, 1),
		"kek twice": `{"version":1,"root":"` + root + `","keks":[{"id":1,"key":"` + root + `"},{"id":1,"key":"` + root +
			`"}],"audit_signing":"` + root + `","token_signing":"` + root + `"}`,
		"no audit": `{"version":1,"root":"` + root + `","keks":[{"id":1,"key":"` + root + `"}],"token_signing":"` + root + `"}`,
	} {
		if bad == string(good) {
			t.Fatalf("%s: the case changes nothing", name)
		}
		file := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := keyring.Load(file)
		if !errors.Is(err, keyring.ErrKeyFile) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), root[2:20]) {
			t.Errorf("%s: the error tells the key", name)
		}
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	old, path := create(t)
	k := keyring.NewDataKey()
	wrapped, err := old.Wrap(k, place)
	if err != nil {
		t.Fatal(err)
	}
	if old.Stale(wrapped) {
		t.Error("stale before any rotation")
	}
	ring := old
	for range 3 {
		if ring, err = keyring.Rotate(path); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode after rotation: %v, %v", info.Mode(), err)
	}
	loaded, err := keyring.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*keyring.Ring{"rotated": ring, "loaded": loaded} {
		if r.Fingerprint() != old.Fingerprint() || !bytes.Equal(r.Derive("tx"), old.Derive("tx")) {
			t.Errorf("%s: rotation changed derived keys", name)
		}
		if !r.AuditSigner().Equal(old.AuditSigner()) {
			t.Errorf("%s: rotation changed the signing key", name)
		}
		if !r.Stale(wrapped) {
			t.Errorf("%s: an old wrapping is not stale", name)
		}
		if _, err := r.Unwrap(wrapped, place); err != nil {
			t.Errorf("%s: an old wrapping does not open: %v", name, err)
		}
		again, err := r.Wrap(k, place)
		if err != nil || r.Stale(again) {
			t.Errorf("%s: new wrapping is stale, %v", name, err)
		}
		if opened, err := old.Unwrap(again, place); err != nil || !opensTheSame(t, opened, k) {
			t.Errorf("%s: the ring of a process that runs has not learnt of the new key: %v", name, err)
		}
	}
	if again, err := old.Wrap(k, place); err != nil || loaded.Stale(again) {
		t.Errorf("a process that runs still wraps under the old key: %v", err)
	}
}

func opensTheSame(t *testing.T, a, b keyring.DataKey) bool {
	t.Helper()
	sealed, err := a.Seal([]byte("x"), place)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := b.Open(sealed, place)
	return err == nil && string(plain) == "x"
}

// Many rotations at once: each that says yes has a key of its own, and no process loses one.
func TestManyRotationsAtOnce(t *testing.T) {
	t.Parallel()
	running, path := create(t)
	k := keyring.NewDataKey()
	var all sync.WaitGroup
	wrapped := make(chan []byte, 16)
	for range cap(wrapped) {
		all.Go(func() {
			r, err := keyring.Rotate(path)
			if errors.Is(err, keyring.ErrRotating) {
				return
			}
			if err != nil {
				t.Errorf("rotating: %v", err)
				return
			}
			w, err := r.Wrap(k, place)
			if err != nil {
				t.Errorf("wrapping: %v", err)
			}
			wrapped <- w
		})
	}
	all.Wait()
	close(wrapped)
	if len(wrapped) == 0 {
		t.Error("nobody could rotate")
	}
	for w := range wrapped {
		if opened, err := running.Unwrap(w, place); err != nil || !opensTheSame(t, opened, k) {
			t.Errorf("a key that was added is lost: %v", err)
		}
	}
	if _, err := os.Stat(path + ".rotating"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// The file that comes in another's place has its owner and mode, and a link to it stays one.
func TestRotationKeepsOwnerAndMode(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.Chmod(path, 0o400), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	owner := os.Getuid()
	if owner == 0 { // only root can give files away
		owner = 65534
		if err := os.Chown(path, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := keyring.Rotate(link); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if s := info.Sys().(*syscall.Stat_t); info.Mode().Perm() != 0o400 || int(s.Uid) != owner {
		t.Errorf("mode %v, owner %d", info.Mode(), s.Uid)
	}
	if to, err := os.Readlink(link); err != nil || to != path {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

// A copy of the file that was rotated by itself has another key by a number that is in use: it is not taken in.
func TestCopyThatWasRotatedByItselfIsNotTakenIn(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy")
	if err := os.WriteFile(other, content, 0o600); err != nil {
		t.Fatal(err)
	}
	running, err := keyring.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	k := keyring.NewDataKey()
	wrapped, err := running.Wrap(k, place)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Rotate(other); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, path); err != nil {
		t.Fatal(err)
	}
	if _, err := running.Wrap(k, place); err != nil { // looks at the file
		t.Fatal(err)
	}
	if opened, err := running.Unwrap(wrapped, place); err != nil || !opensTheSame(t, opened, k) {
		t.Errorf("what was wrapped does not open any more: %v", err)
	}
}

// A rotation that was cut off is told of by the file that has to be removed, and changes nothing.
func TestRotationThatWasCutOff(t *testing.T) {
	t.Parallel()
	_, path := create(t)
	if err := os.WriteFile(path+".rotating", []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Rotate(path); !errors.Is(err, keyring.ErrRotating) || !strings.Contains(err.Error(), path+".rotating") {
		t.Errorf("got %v", err)
	}
	if _, err := keyring.Load(path); err != nil {
		t.Error(err)
	}
}

func TestWrappedKeyOpensOnlyWhereItWasWrapped(t *testing.T) {
	t.Parallel()
	r, path := create(t)
	wrapped, err := r.Wrap(keyring.NewDataKey(), place)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range otherPlaces {
		if _, err := r.Unwrap(wrapped, at); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("moved to %+v: %v", at, err)
		}
	}
	for i := range wrapped {
		bad := bytes.Clone(wrapped)
		bad[i] ^= 1
		if _, err := r.Unwrap(bad, place); !errors.Is(err, keyring.ErrSealed) && !errors.Is(err, keyring.ErrUnknownKEK) {
			t.Errorf("byte %d altered: %v", i, err)
		}
		if _, err := r.Unwrap(wrapped[:i], place); !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	// The number of the wrapping key is authenticated too.
	rotated, err := keyring.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(wrapped)
	bad[4] = 2
	if _, err := rotated.Unwrap(bad, place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("renamed wrapping key: %v", err)
	}
	other, _ := create(t)
	if _, err := other.Unwrap(wrapped, place); !errors.Is(err, keyring.ErrSealed) {
		t.Errorf("another ring: %v", err)
	}
	if _, err := r.Wrap(keyring.DataKey{}, place); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("wrapping no key: %v", err)
	}
}

func TestSignersSign(t *testing.T) {
	t.Parallel()
	r, _ := create(t)
	msg := []byte("checkpoint")
	sig := ed25519.Sign(r.AuditSigner(), msg)
	if !ed25519.Verify(r.AuditSigner().Public().(ed25519.PublicKey), msg, sig) {
		t.Error("the signature does not verify")
	}
	if diff := cmp.Diff(r.AuditSigner(), r.TokenSigner()); diff == "" {
		t.Error("one key for two purposes")
	}
}
