package fulfilment

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// built is a copy that lies sealed in blob storage.
type built struct {
	blob     string
	digest   blob.Digest
	manifest string
}

// build writes the copy of exactly what a digest names; errDigest: it would be another one.
func (b *bundle) build(ctx context.Context, name, want string) (built, error) {
	if err := b.read(ctx); err != nil {
		return built{}, err
	}
	if b.digest != want {
		return built{}, errDigest
	}
	var manifest export.Manifest
	digest, err := blob.PutSealed(ctx, b.w.Blobs, name, b.seal, func(out io.Writer) (err error) {
		manifest, err = export.Write(ctx, out, b.pack)
		return err
	})
	if err != nil {
		return built{}, fmt.Errorf("building the package: %w", err)
	}
	return built{name, digest, manifest.SHA256}, nil
}

// ready writes that the copy lies ready; the log holds the digest of its manifest.
func (c built) ready(tx *store.Tx, r *store.Request, p *store.Package, actor dsr.Actor, role string) error {
	if err := tx.PackageIsReady(p, c.blob, hex.EncodeToString(c.digest.SHA256[:]), c.manifest, c.digest.Size); err != nil {
		return err
	}
	return tx.Act(r, dsr.Event{Kind: dsr.EventPackageReady, Actor: actor}, store.Change{Role: role, Statement: map[string]any{"manifest": c.manifest}})
}

// issued is the copy that an answer goes with: the letter inside is the very letter that is sent. It was built when the
// plan was carried out, and the letter with it; the words that a member adds, and the day, are known only now.
type issued struct {
	letter []byte // as PDF
	was    string // the blob of the copy that lay ready
	anew   *built // nil: that one holds the letter
}

// issue has the copy of an answer hold its letter. nil: there is no copy to the answer. What it wrote is nobody's until
// the answer is sent with it.
func (w *Works) issue(ctx context.Context, by By, id string, in AnswerInput) (*issued, error) {
	var c *issued
	var b *bundle
	var p *store.Package
	err := w.act(ctx, by, id, in.permission(), func(tx *store.Tx, r *store.Request) error {
		c = nil
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := m.sendable(in); err != nil || !m.withCopy(in) {
			return err
		}
		if p, err = tx.PackageOf(r); err != nil {
			return err
		}
		if p == nil || p.State != store.PackageReady {
			return dsr.ErrPackageNotReady
		}
		said, err := w.answerOf(tx, m, in)
		if err != nil {
			return err
		}
		if err := said.Check(); err != nil {
			return err
		}
		c = &issued{was: p.Blob}
		if c.letter, err = said.PDF(); err != nil {
			return err
		}
		b, err = w.sealedBundle(tx, m, said)
		return err
	})
	if err != nil || c == nil {
		return nil, err
	}
	if held, err := w.letterIn(ctx, c.was, b); err == nil && bytes.Equal(held, c.letter) {
		return c, nil
	}
	defer b.close()
	run, err := w.Store.NewID()
	if err != nil {
		return nil, err
	}
	anew, err := b.build(ctx, packageName(id, p.PublicID)+"-"+run, b.m.request.P.Approval)
	c.anew = &anew
	return c, err
}

// letterIn gives the letter that a copy holds.
func (w *Works) letterIn(ctx context.Context, name string, b *bundle) ([]byte, error) {
	in, err := blob.OpenSealed(ctx, w.Blobs, name, b.seal)
	if err != nil {
		return nil, err
	}
	defer in.Close() //nolint:errcheck // only read
	return export.LetterIn(in, in.Size(), b.said.Locale)
}

// goesWith has the copy go with the answer: it is the one that was looked at, and its letter the answer's.
func (c *issued) goesWith(tx *store.Tx, r *store.Request, p *store.Package, a *store.Answer, actor dsr.Actor, role string) error {
	letter, err := a.PDF()
	if err != nil {
		return err
	}
	if c == nil || c.was != p.Blob || !bytes.Equal(c.letter, letter) {
		return dsr.ErrPackageNotReady // something changed in this moment
	}
	if c.anew == nil {
		return nil
	}
	return c.anew.ready(tx, r, p, actor, role)
}

// clearOlder clears the copy away that the answer went without. What cannot be deleted now goes with the request, and so
// does what was written for an answer that was not sent.
func (w *Works) clearOlder(ctx context.Context, c *issued) {
	if c == nil || c.anew == nil {
		return
	}
	if err := w.Blobs.Delete(ctx, c.was); err != nil {
		w.Logger.WarnContext(ctx, "an older copy is not cleared away yet")
	}
}

func (in AnswerInput) permission() staff.Permission {
	if in.NothingFound {
		return staff.Refuse
	}
	return staff.Release
}
