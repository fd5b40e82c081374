package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"runtime"
	"strings"
	"time"
)

// tmpDir holds what is being written; no blob can have a name in it.
const tmpDir = ".tmp"

// Disk is a Store in a folder. Several processes may use one folder. It follows no link out of it.
type Disk struct {
	root *os.Root
}

// OpenDisk opens a folder (made with mode 0700 if it is missing) as a store.
func OpenDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the blob store: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the blob store: %w", err)
	}
	if err := root.MkdirAll(tmpDir, 0o700); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the blob store: %w", err), root.Close())
	}
	return &Disk{root: root}, nil
}

// Close gives the folder free. Open objects stay readable.
func (d *Disk) Close() error { return d.root.Close() }

// Put writes to a temporary file, makes it safe on disk, and renames it.
func (d *Disk) Put(ctx context.Context, name string, write func(io.Writer) error) (Digest, error) {
	if err := CheckName(name); err != nil {
		return Digest{}, fmt.Errorf("storing a blob: %w", err)
	}
	tmp, digest, err := d.writeTemporary(ctx, write)
	if err != nil {
		return Digest{}, fmt.Errorf("storing a blob: %w", err)
	}
	if err := d.publish(tmp, name); err != nil {
		_ = d.root.Remove(tmp) // not there if only the last step failed
		return Digest{}, fmt.Errorf("storing a blob: %w", err)
	}
	return digest, nil
}

func (d *Disk) writeTemporary(ctx context.Context, write func(io.Writer) error) (string, Digest, error) {
	var random [12]byte
	_, _ = rand.Read(random[:])
	tmp := path.Join(tmpDir, hex.EncodeToString(random[:]))
	f, err := d.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", Digest{}, err
	}
	kept := false
	defer func() { // also when write panics
		if !kept {
			_ = f.Close()
			_ = d.root.Remove(tmp)
		}
	}()
	w := &digestWriter{ctx: ctx, w: f, h: sha256.New()}
	if err := write(w); err != nil {
		return "", Digest{}, err
	}
	if err := errors.Join(w.err, ctx.Err()); err != nil { // also if write passed the error over
		return "", Digest{}, err
	}
	if err := f.Sync(); err != nil {
		return "", Digest{}, err
	}
	if err := f.Close(); err != nil {
		return "", Digest{}, err
	}
	kept = true
	return tmp, Digest{Size: w.n, SHA256: [sha256.Size]byte(w.h.Sum(nil))}, nil
}

// publish gives a temporary file its name. A Delete beside it, in this process or another, may remove an
// empty folder at any moment: then the folder is made again.
func (d *Disk) publish(tmp, name string) error {
	var err error
	for range 100 {
		if err = d.root.MkdirAll(path.Dir(name), 0o700); err != nil {
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
				continue // made or removed meanwhile; or a blob has the folder's name, and it stays so
			}
			return err
		}
		if err = d.root.Rename(tmp, name); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return err
	}
	for dir := path.Dir(name); ; dir = path.Dir(dir) { // a new folder is a new name in its parent
		// A folder that is gone had this blob deleted from it since.
		if err := d.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if dir == "." {
			return nil
		}
	}
}

func (d *Disk) syncDir(dir string) error {
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if runtime.GOOS == "windows" {
		err = nil // folders cannot be synced there
	}
	return errors.Join(err, f.Close())
}

// digestWriter counts and hashes, ends with its context, and remembers an error.
type digestWriter struct {
	ctx context.Context
	w   io.Writer
	h   hash.Hash
	n   int64
	err error
}

func (w *digestWriter) Write(p []byte) (int, error) {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.w.Write(p)
	w.h.Write(p[:n])
	w.n += int64(n)
	w.err = err
	return n, err
}

// Open opens a blob.
func (d *Disk) Open(ctx context.Context, name string) (Object, error) {
	if err := errors.Join(CheckName(name), ctx.Err()); err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	f, err := d.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist // a folder of blobs is no blob
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a blob: %w", err), f.Close())
	}
	return &diskObject{File: f, size: info.Size()}, nil
}

type diskObject struct {
	*os.File
	size int64
}

func (o *diskObject) Size() int64 { return o.size }

// Stat tells about a blob.
func (d *Disk) Stat(ctx context.Context, name string) (Info, error) {
	if err := errors.Join(CheckName(name), ctx.Err()); err != nil {
		return Info{}, fmt.Errorf("looking up a blob: %w", err)
	}
	info, err := d.root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return Info{}, fmt.Errorf("looking up a blob: %w", err)
	}
	return Info{Name: name, Size: info.Size(), Modified: info.ModTime()}, nil
}

// Delete removes a blob, and folders that are empty by it.
func (d *Disk) Delete(ctx context.Context, name string) error {
	if err := errors.Join(CheckName(name), ctx.Err()); err != nil {
		return fmt.Errorf("deleting a blob: %w", err)
	}
	if _, err := d.Stat(ctx, name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting a blob: %w", err)
	}
	dir := path.Dir(name)
	for dir != "." && d.root.Remove(dir) == nil { // fails on a folder that is not empty
		dir = path.Dir(dir)
	}
	if err := d.syncDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting a blob: %w", err)
	}
	return nil
}

// List gives the blobs under a prefix. One that is deleted meanwhile may be left out.
func (d *Disk) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		var walk func(dir string) bool // false: stop
		walk = func(dir string) bool {
			entries, err := d.entries(dir)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Info{}, fmt.Errorf("listing blobs: %w", err))
				return false
			}
			for _, e := range entries {
				name := path.Join(dir, e.name)
				switch {
				case e.dir && (strings.HasPrefix(name+"/", prefix) || strings.HasPrefix(prefix, name+"/")):
					if !walk(name) {
						return false
					}
				case !e.dir && strings.HasPrefix(name, prefix) && CheckName(name) == nil:
					info, err := d.Stat(ctx, name)
					if errors.Is(err, fs.ErrNotExist) {
						continue
					}
					if !yield(info, err) || err != nil {
						return false
					}
				}
			}
			return true
		}
		walk(".")
	}
}

// Sweep removes temporary files that were last written before a time: what processes that died left. A
// file that is still being written must be younger.
func (d *Disk) Sweep(ctx context.Context, before time.Time) (int, error) {
	entries, err := d.entries(tmpDir)
	if err != nil {
		return 0, fmt.Errorf("sweeping the blob store: %w", err)
	}
	n := 0
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return n, fmt.Errorf("sweeping the blob store: %w", err)
		}
		name := path.Join(tmpDir, e.name)
		info, err := d.root.Lstat(name)
		if err != nil || !info.ModTime().Before(before) {
			continue // gone meanwhile, or in use
		}
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, fmt.Errorf("sweeping the blob store: %w", err)
		}
		n++
	}
	return n, nil
}
