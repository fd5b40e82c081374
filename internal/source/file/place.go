package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"mininfo/internal/source"
)

// place is a file on the server's disk, or the newest of a folder.
type place struct{ name, path, scheme string }

// draftMark is what the name of a new version begins with while it is being written. Searches pass over it.
const draftMark = ".mininfo-"

func (p *place) fail(code source.Code) error { return &source.Error{Source: p.name, Code: code} }

// find gives the file that is meant now.
func (p *place) find() (string, error) {
	dir, pattern := filepath.Split(p.path)
	info, err := os.Stat(p.path)
	switch {
	case err == nil && info.IsDir():
		dir, pattern = p.path, "*."+p.scheme
	case err == nil || !strings.ContainsAny(pattern, "*?["):
		return p.path, err
	}
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return "", err
	}
	var newest os.FileInfo
	for _, e := range entries {
		// Names are compared without regard to case: "Kunder.CSV" is what Windows writes.
		fits, _ := filepath.Match(strings.ToLower(pattern), strings.ToLower(e.Name()))
		if !fits || strings.HasPrefix(e.Name(), ".") || strings.HasPrefix(e.Name(), "~$") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if newest == nil || info.ModTime().After(newest.ModTime()) || info.ModTime().Equal(newest.ModTime()) && info.Name() > newest.Name() {
			newest = info
		}
	}
	if newest == nil {
		return "", fs.ErrNotExist
	}
	return filepath.Join(dir, newest.Name()), nil
}

// Read gives the bytes as they now are.
func (p *place) Read(context.Context) ([]byte, error) {
	path, err := p.find()
	if err != nil {
		return nil, err
	}
	return readFile(path)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAll(f)
}

// Begin makes the new version's file beside the old one and holds it locked: the lock goes with the
// process, so that one that died leaves nothing that stops the next. What it left is written over.
func (p *place) Begin(context.Context) (Draft, error) {
	path, err := p.find()
	if err != nil {
		return nil, err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o222 == 0 {
		return nil, p.fail(source.Denied)
	}
	d := &draft{place: p, path: path, temp: filepath.Join(filepath.Dir(path), draftMark+filepath.Base(path)), mode: info.Mode().Perm()}
	if d.file, err = os.OpenFile(d.temp, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, p.fail(source.Denied)
	}
	// Whoever held it may have put it in the place of the file, or taken it away, before this one locked it.
	if !lockFile(d.file) || !d.own() {
		_ = d.file.Close()
		return nil, p.fail(source.Locked)
	}
	if keepOwner(d.file, path) != nil {
		d.Discard()
		return nil, p.fail(source.Denied)
	}
	return d, nil
}

// draft is the new version on its way.
type draft struct {
	place *place
	path  string
	temp  string
	mode  fs.FileMode
	file  *os.File
	done  bool
}

// Read gives the bytes of the old version.
func (d *draft) Read(context.Context) ([]byte, error) { return readFile(d.path) }

func (d *draft) own() bool {
	mine, err := d.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(d.temp)
	return err == nil && os.SameFile(mine, there)
}

// Replace writes the new version, brings it to the disk and gives it the file's name. Before that, the
// file has its old content; after it, its new one; at no moment anything else.
func (d *draft) Replace(_ context.Context, old, fresh []byte) error {
	if err := d.file.Truncate(0); err != nil {
		return d.place.fail(source.FailedSystem)
	}
	if _, err := d.file.WriteAt(fresh, 0); err != nil {
		return d.place.fail(source.FailedSystem)
	}
	if err := errors.Join(d.file.Chmod(d.mode), d.file.Sync()); err != nil {
		return d.place.fail(source.Denied)
	}
	// Others do not lock it: looked at once more, as late as can be.
	now, err := d.place.find()
	if err == nil {
		now, err = filepath.EvalSymlinks(now)
	}
	if err != nil || now != d.path {
		return d.place.fail(source.Locked)
	}
	if have, err := readFile(d.path); err != nil || sha256.Sum256(have) != sha256.Sum256(old) {
		return d.place.fail(source.Locked)
	}
	if bytes.Equal(old, fresh) {
		return nil
	}
	if err := os.Rename(d.temp, d.path); err != nil {
		return d.place.fail(source.Denied)
	}
	d.done = true
	_ = d.file.Close()
	return syncFolder(filepath.Dir(d.path))
}

// Discard takes the new version away, unless it has become the file.
func (d *draft) Discard() {
	if d.done {
		return
	}
	d.done = true
	_ = os.Remove(d.temp)
	_ = d.file.Close()
}
