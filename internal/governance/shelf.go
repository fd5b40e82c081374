package governance

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/job"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/store"
)

// JobDropBlob destroys the bytes of a file that no source points at any more. Its object is where they lie.
const JobDropBlob = "drop_source_blob"

// abandoned is after how long the bytes of a file that never became a source's are destroyed.
const abandoned = time.Hour

// shelf is where an uploaded file lies: sealed, under a name of its own for each version.
type shelf struct {
	o *Office
	reach
}

// Read gives the bytes of the version that the source now has.
func (s *shelf) Read(ctx context.Context) ([]byte, error) {
	_, data, err := s.now(ctx)
	return data, err
}

// now gives the version that the source has. One that is replaced and destroyed between the two reads is
// read anew.
func (s *shelf) now(ctx context.Context) (string, []byte, error) {
	var err error
	for range 3 {
		at := s.reach
		err = s.o.Store.Read(ctx, func(tx *store.Tx) error {
			now, err := tx.Source(s.PublicID)
			at.Blob = now.Blob
			return err
		})
		if err != nil {
			return "", nil, err
		}
		var data []byte
		if data, err = s.o.fetch(ctx, at); err == nil {
			return at.Blob, data, nil
		}
	}
	return "", nil, err
}

// Begin holds nothing: which version becomes the source's is decided by one guarded statement.
func (s *shelf) Begin(context.Context) (file.Draft, error) { return &version{shelf: s}, nil }

// version is a new version on its way.
type version struct {
	*shelf
	from string // where the version lies that it is made from
}

// Read gives the bytes that the new version is made from, and remembers which they are.
func (v *version) Read(ctx context.Context) ([]byte, error) {
	from, data, err := v.now(ctx)
	v.from = from
	return data, err
}

// Replace writes a new sealed blob, points the source at it if it still has the version that was read, and
// has the old one destroyed. The job that destroys is written with the change: whatever dies when, nothing
// of the old version stays.
func (v *version) Replace(ctx context.Context, _, fresh []byte) error {
	at, err := v.o.blobName(ctx, v.PublicID)
	if err != nil {
		return err
	}
	_, err = blob.PutSealed(ctx, v.o.Blobs, at, v.key, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(fresh))
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping a new version of a file: %w", err)
	}
	late := &source.Error{Source: v.Name, Code: source.Locked}
	err = v.o.Store.InTx(ctx, func(tx *store.Tx) error {
		mine, err := tx.SwapSourceBlob(v.PublicID, v.from, at)
		if err != nil {
			return err
		}
		if !mine {
			return late
		}
		if err := dropLater(tx, v.from, 0); err != nil {
			return err
		}
		return System().log(tx, "source_file_changed", map[string]any{"source": v.PublicID})
	})
	if errors.Is(err, late) {
		// Another was first, so that these bytes are nobody's. After any other error that is not known: the
		// job that was written before looks, and destroys them if so.
		_ = v.o.Blobs.Delete(context.WithoutCancel(ctx), at)
	}
	return err
}

// Discard leaves the source as it is.
func (v *version) Discard() {}

// blobName draws a name for bytes that are about to be written. They are destroyed if they do not become a
// source's.
func (o *Office) blobName(ctx context.Context, id string) (string, error) {
	var random [8]byte
	if _, err := io.ReadFull(o.Rand, random[:]); err != nil {
		return "", fmt.Errorf("drawing a name for a file: %w", err)
	}
	at := "sources/" + id + "/" + hex.EncodeToString(random[:])
	return at, o.Store.InTx(ctx, func(tx *store.Tx) error { return dropLater(tx, at, abandoned) })
}

func dropLater(tx *store.Tx, at string, after time.Duration) error {
	return tx.Enqueue(job.Spec{Kind: JobDropBlob, Key: fmt.Sprintf("%s/%s/%s", JobDropBlob, at, after), Object: at, RunAt: tx.Now.Add(after)})
}

// dropBlob destroys bytes unless a source has them.
func (o *Office) dropBlob(ctx context.Context, j job.Job) error {
	id, _, _ := strings.Cut(strings.TrimPrefix(j.Object, "sources/"), "/")
	held := false
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		s, err := tx.Source(id)
		if errors.Is(err, store.ErrNoSource) {
			return nil
		}
		held = s.Blob == j.Object
		return err
	})
	if err != nil || held {
		return err
	}
	return o.Blobs.Delete(ctx, j.Object)
}
