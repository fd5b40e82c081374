// Package blob keeps large sealed things, packages and findings, outside the database: on a disk now, in
// an object store by the same interface. What lies here is encrypted before it comes (PutSealed);
// destroying its data key is the deletion that counts, and Delete tidies up.
package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"mininfo/internal/keyring"
)

// ErrName means that a name is not one that every store can keep.
var ErrName = errors.New("name of a blob must have a-z, 0-9, '.', '-' and '/' alone, and at most 255 characters")

// Store keeps blobs by name. A missing blob is fs.ErrNotExist.
type Store interface {
	// Put stores what write writes, whole or not at all: after an error the name is what it was before.
	// It replaces an older blob. After it returns, the blob survives a power cut.
	Put(ctx context.Context, name string, write func(io.Writer) error) (Digest, error)
	// Open opens a blob as it is now; a later Put or Delete does not change what is read.
	Open(ctx context.Context, name string) (Object, error)
	// Stat tells about a blob without opening it.
	Stat(ctx context.Context, name string) (Info, error)
	// Delete removes a blob. A missing one is no error.
	Delete(ctx context.Context, name string) error
	// List gives all blobs whose name begins with prefix, sorted by name.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]
}

// Object is an open blob.
type Object interface {
	io.ReadCloser
	io.ReaderAt
	Size() int64
}

// Digest tells what was stored, to be kept and compared later.
type Digest struct {
	Size   int64
	SHA256 [sha256.Size]byte
}

// Info is about one blob.
type Info struct {
	Name     string
	Size     int64
	Modified time.Time
}

// Open opens the store at a URL: file:///absolute/folder or file://relative/folder.
func Open(_ context.Context, rawURL string) (Store, error) {
	u, err := url.Parse(rawURL)
	if err != nil { // its text could repeat a secret
		return nil, errors.New("address of the blob store is not a URL")
	}
	if u.Scheme != "file" {
		return nil, fmt.Errorf("blob stores of the kind %q are not supported; use file://", u.Scheme)
	}
	dir := filepath.FromSlash(u.Host + u.Path)
	if dir == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("address of the blob store must be file:// and a folder")
	}
	return OpenDisk(dir)
}

// CheckName tells whether a name can be kept by every store: segments of a-z, 0-9, "." and "-" that begin
// with a letter or digit, joined by "/". That leaves no way out of the store and no hidden file.
func CheckName(name string) error {
	if name == "" || len(name) > 255 {
		return ErrName
	}
	for _, segment := range strings.Split(name, "/") {
		if segment == "" || segment[0] == '.' || segment[0] == '-' || strings.HasSuffix(segment, ".") {
			return ErrName
		}
		for i := range len(segment) {
			if c := segment[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
				return ErrName
			}
		}
	}
	return nil
}

// PutSealed stores what write writes, encrypted under a data key and bound to the name. The digest is of
// what lies in the store.
func PutSealed(ctx context.Context, s Store, name string, k keyring.DataKey, write func(io.Writer) error) (Digest, error) {
	return s.Put(ctx, name, func(w io.Writer) error {
		sealed, err := k.SealWriter(w, place(name))
		if err != nil {
			return err
		}
		if err := write(sealed); err != nil {
			return err // without Close the stream has no end, and would not open
		}
		return sealed.Close()
	})
}

// SealedObject reads a sealed blob in clear. Read notices a cut or altered blob at its end at the latest;
// ReadAt checks only the parts that it reads.
type SealedObject interface {
	io.ReadCloser
	io.ReaderAt
	Size() int64 // of the clear content
}

// OpenSealed opens what PutSealed stored under the same name. Another key, another name or damage is
// keyring.ErrSealed.
func OpenSealed(ctx context.Context, s Store, name string, k keyring.DataKey) (SealedObject, error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	at, size, err := k.OpenReaderAt(o, o.Size(), place(name))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a sealed blob: %w", err), o.Close())
	}
	plain, err := k.OpenReader(o, place(name))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening a sealed blob: %w", err), o.Close())
	}
	return &sealedObject{Reader: plain, ReaderAt: at, Closer: o, size: size}, nil
}

type sealedObject struct {
	io.Reader
	io.ReaderAt
	io.Closer
	size int64
}

func (o *sealedObject) Size() int64 { return o.size }

func place(name string) keyring.Place {
	return keyring.Place{Table: "blob", Column: "content", Row: name}
}
