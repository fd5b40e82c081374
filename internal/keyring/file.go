package keyring

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Errors of key files.
var (
	// ErrKeyFileMode means that others than its owner may read the key file.
	ErrKeyFileMode = errors.New("key file must be readable by its owner alone (mode 0600 or 0400)")
	// ErrKeyFile means that the key file is not one, is damaged, or is from a newer version.
	ErrKeyFile = errors.New("not a usable key file")
)

const (
	keyFileVersion = 1
	maxKeyFile     = 1 << 20
)

type keyFile struct {
	Version int       `json:"version"`
	Root    string    `json:"root"`
	KEKs    []kekLine `json:"keks"`
	Audit   string    `json:"audit_signing"`
	Token   string    `json:"token_signing"`
}

type kekLine struct {
	ID  uint32 `json:"id"`
	Key string `json:"key"`
}

// Create makes a new ring and its key file (mode 0600). The file appears whole or not at all; an
// existing one is never touched (the error is fs.ErrExist): it may be the only key to all data.
func Create(path string) (*Ring, error) {
	r := newRing()
	tmp, err := writeTemporary(path, r)
	if err != nil {
		return nil, fmt.Errorf("creating key file: %w", err)
	}
	defer func() { _ = os.Remove(tmp) }()
	if err := os.Link(tmp, path); err != nil { // unlike rename, fails if path exists
		return nil, fmt.Errorf("creating key file: %w", err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("creating key file: %w", err)
	}
	r.path = path
	return r, nil
}

// Load reads a key file. A missing one is fs.ErrNotExist and is never made anew: with a lost key all
// data is lost, and only a person may decide to begin again.
func Load(path string) (*Ring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("loading key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("loading key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("loading key file: %w: not a regular file", ErrKeyFile)
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 && mode != 0o400 {
		return nil, fmt.Errorf("loading key file: %w: it has %04o", ErrKeyFileMode, mode)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("loading key file: %w", err)
	}
	r, err := parseRing(b)
	if err != nil {
		return nil, fmt.Errorf("loading key file: %w", err)
	}
	r.path, r.file = path, info
	return r, nil
}

// ErrRotating means that the key file is being rotated, or that a rotation was cut off in the middle.
var ErrRotating = errors.New("the key file is being rotated by somebody else; if nobody is, a rotation was cut off: remove")

// Rotate adds a wrapping key to the file and gives the ring with it. Data keys that were wrapped before
// still open, and those of backups too: no wrapping key is ever taken out. Ring.Stale finds what should be
// wrapped again; rings that other processes have read from the file learn of the new key by themselves.
// Two at once would each add a key that the other's file lacks: the second is ErrRotating.
func Rotate(path string) (*Ring, error) {
	path, err := filepath.EvalSymlinks(path) // a link stays one
	if err != nil {
		return nil, fmt.Errorf("rotating key file: %w", err)
	}
	next := path + ".rotating"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w %s", ErrRotating, next)
	}
	if err != nil {
		return nil, fmt.Errorf("rotating key file: %w", err)
	}
	kept := false
	defer func() {
		if !kept {
			_ = os.Remove(next)
		}
	}()
	r, err := Load(path)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.newest++
	r.keks[r.newest] = NewDataKey()
	if err := sameOwner(f, r.file); err != nil {
		return nil, errors.Join(fmt.Errorf("rotating key file: %w", err), f.Close())
	}
	if err := writeRing(f, r); err != nil {
		return nil, fmt.Errorf("rotating key file: %w", err)
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("rotating key file: %w", err)
	}
	kept = true
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("rotating key file: %w", err)
	}
	return Load(path)
}

// sameOwner gives a file the owner and the mode of the one that it replaces: whoever serves must be able to read it, also
// when somebody else rotates.
func sameOwner(f *os.File, old os.FileInfo) error {
	if err := f.Chmod(old.Mode().Perm()); err != nil {
		return err
	}
	uid, gid, ok := ownerOf(old)
	if !ok {
		return nil
	}
	return f.Chown(uid, gid)
}

func parseRing(b []byte) (*Ring, error) {
	var file keyFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	// The decoder's own error could quote the file: it is left out.
	if d.Decode(&file) != nil || d.Decode(new(json.RawMessage)) != io.EOF {
		return nil, fmt.Errorf("%w: not the JSON of a key file", ErrKeyFile)
	}
	if file.Version != keyFileVersion {
		return nil, fmt.Errorf("%w: version %d", ErrKeyFile, file.Version)
	}
	r := &Ring{keks: map[uint32]DataKey{}}
	for _, f := range []struct {
		name string
		hex  string
		to   *DataKey
	}{{"root", file.Root, &r.root}, {"audit_signing", file.Audit, &r.audit}, {"token_signing", file.Token, &r.token}} {
		k, err := parseKey(f.name, f.hex)
		if err != nil {
			return nil, err
		}
		*f.to = k
	}
	for _, line := range file.KEKs {
		k, err := parseKey("keks", line.Key)
		if err != nil {
			return nil, err
		}
		if _, double := r.keks[line.ID]; double || line.ID == 0 {
			return nil, fmt.Errorf("%w: keks: id %d is zero or used twice", ErrKeyFile, line.ID)
		}
		r.keks[line.ID] = k
		r.newest = max(r.newest, line.ID)
	}
	if len(r.keks) == 0 {
		return nil, fmt.Errorf("%w: keks is empty", ErrKeyFile)
	}
	return r, nil
}

func parseKey(name, text string) (DataKey, error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != KeySize {
		return DataKey{}, fmt.Errorf("%w: %s must be %d bytes in hexadecimal", ErrKeyFile, name, KeySize)
	}
	if bytes.Equal(b, make([]byte, KeySize)) {
		return DataKey{}, fmt.Errorf("%w: %s is all zeros", ErrKeyFile, name)
	}
	return dataKeyFrom(b)
}

func (r *Ring) marshal() ([]byte, error) {
	plain := func(k DataKey) string { return hex.EncodeToString(k.raw()) }
	file := keyFile{Version: keyFileVersion, Root: plain(r.root), Audit: plain(r.audit), Token: plain(r.token)}
	for id, k := range r.keks {
		file.KEKs = append(file.KEKs, kekLine{ID: id, Key: plain(k)})
	}
	slices.SortFunc(file.KEKs, func(a, b kekLine) int { return int(a.ID) - int(b.ID) })
	b, err := json.MarshalIndent(file, "", "  ")
	return append(b, '\n'), err
}

// writeTemporary writes the ring, safe on disk, beside the path.
func writeTemporary(path string, r *Ring) (string, error) {
	tmp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+randomHex())
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	if err := writeRing(f, r); err != nil {
		_ = os.Remove(tmp)
		return "", err
	}
	return tmp, nil
}

// writeRing writes the ring, safe on disk, and closes the file.
func writeRing(f *os.File, r *Ring) error {
	b, err := r.marshal()
	if err == nil {
		_, err = f.Write(b)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if runtime.GOOS == "windows" || errors.Is(err, fs.ErrInvalid) {
		return nil // directories cannot be synced there
	}
	return err
}
