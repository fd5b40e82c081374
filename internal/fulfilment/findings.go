package fulfilment

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"mininfo/internal/blob"
	"mininfo/internal/engine"
	"mininfo/internal/keyring"
	"mininfo/internal/store"
)

// chunkSize is how many findings lie in one sealed blob: enough that a search of a few hundred
// rows is one file, few enough that a page of a million reads little.
const chunkSize = 1000

// The names of blobs begin with the request, so that all of them can be cleared away at once.
func runPrefix(request, run string) string { return request + "/run/" + run + "/" }
func chunkName(request, run string, n int) string {
	return fmt.Sprintf("%s%d", runPrefix(request, run), n)
}
func planName(request, plan string) string  { return request + "/plan/" + plan }
func fileName(request, file string) string  { return request + "/file/" + file }
func packagePrefix(request string) string   { return request + "/package/" }
func packageName(request, id string) string { return packagePrefix(request) + id }

// chunkWriter keeps findings sealed as they come, a chunk at a time.
type chunkWriter struct {
	ctx     context.Context
	blobs   blob.Store
	key     keyring.DataKey
	request string
	run     string

	buffer bytes.Buffer
	lines  *engine.FindingWriter
	held   int
	number int
	counts []store.Chunk // of the chunk being filled
	chunks []store.Chunk
	mark   bool // candidates
}

func newChunkWriter(ctx context.Context, w *Works, key keyring.DataKey, request, run string) *chunkWriter {
	c := &chunkWriter{ctx: ctx, blobs: w.Blobs, key: key, request: request, run: run}
	c.lines = engine.NewFindingWriter(&c.buffer)
	return c
}

// add keeps a finding. candidate: reached only through an identifier that is not confirmed.
func (c *chunkWriter) add(f *engine.Finding, candidate bool) error {
	if c.held >= chunkSize || c.held > 0 && candidate != c.mark {
		if err := c.flush(); err != nil {
			return err
		}
	}
	c.mark = candidate
	if err := c.lines.Write(f); err != nil {
		return fmt.Errorf("keeping a finding: %w", err)
	}
	c.held++
	last := len(c.counts) - 1
	if last < 0 || c.counts[last].Source != f.Source || c.counts[last].Collection != collectionName(f) {
		c.counts = append(c.counts, store.Chunk{Source: f.Source, Collection: collectionName(f), Candidate: candidate})
		last++
	}
	c.counts[last].Findings++
	return nil
}

// collectionName is the name that a collection has among those of its source: datasets of one
// source may have collections of the same name.
func collectionName(f *engine.Finding) string { return f.Dataset + "." + f.Collection }

func (c *chunkWriter) flush() error {
	if c.held == 0 {
		return nil
	}
	if err := c.lines.Flush(); err != nil {
		return fmt.Errorf("keeping findings: %w", err)
	}
	name := chunkName(c.request, c.run, c.number)
	_, err := blob.PutSealed(c.ctx, c.blobs, name, c.key, func(out io.Writer) error {
		_, err := out.Write(c.buffer.Bytes())
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping findings: %w", err)
	}
	for _, each := range c.counts {
		each.Number, each.Blob = int64(c.number), name
		c.chunks = append(c.chunks, each)
	}
	c.buffer.Reset()
	c.counts, c.held = nil, 0
	c.number++
	return nil
}

// chunkReader goes through kept findings again and again, in their order.
type chunkReader struct {
	blobs blob.Store
	key   keyring.DataKey
	names []string
}

// reader gives the findings of the chunks that pick wants.
func (w *Works) reader(key keyring.DataKey, chunks []store.Chunk, pick func(store.Chunk) bool) chunkReader {
	r := chunkReader{blobs: w.Blobs, key: key}
	for _, c := range chunks {
		if pick(c) && (len(r.names) == 0 || r.names[len(r.names)-1] != c.Blob) {
			r.names = append(r.names, c.Blob)
		}
	}
	return r
}

func confirmed(c store.Chunk) bool { return !c.Candidate }

// Each is engine.Findings.
func (r chunkReader) Each(ctx context.Context, fn func(*engine.Finding) error) error {
	for _, name := range r.names {
		if err := r.one(ctx, name, fn); err != nil {
			return err
		}
	}
	return nil
}

func (r chunkReader) one(ctx context.Context, name string, fn func(*engine.Finding) error) error {
	in, err := blob.OpenSealed(ctx, r.blobs, name, r.key)
	if err != nil {
		return fmt.Errorf("opening kept findings: %w", err)
	}
	defer in.Close()
	return engine.ReadFindings(in, func(f *engine.Finding) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(f)
	})
}

// steps reads a kept plan again and again.
func (w *Works) steps(ctx context.Context, key keyring.DataKey, name string) engine.Steps {
	return engine.StepsFunc(func() (io.ReadCloser, error) { return blob.OpenSealed(ctx, w.Blobs, name, key) })
}

// forget deletes blobs; what cannot be deleted now is cleared away with the request.
func (w *Works) forget(ctx context.Context, prefix string) error {
	return w.forgetWhere(ctx, prefix, func(string) bool { return true })
}

// forgetWhere deletes those files under a prefix that are meant.
func (w *Works) forgetWhere(ctx context.Context, prefix string, meant func(name string) bool) error {
	for info, err := range w.Blobs.List(ctx, prefix) {
		if err != nil {
			return fmt.Errorf("listing what is to be deleted: %w", err)
		}
		if !meant(info.Name) {
			continue
		}
		if err := w.Blobs.Delete(ctx, info.Name); err != nil {
			return fmt.Errorf("deleting: %w", err)
		}
	}
	return nil
}
