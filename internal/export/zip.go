package export

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"path"
	"time"

	"mininfo/internal/locale"
)

// Manifest says what a package holds: manifest.json, the last file in it.
type Manifest struct {
	Format    string        `json:"format"`
	Version   int           `json:"version"`
	Created   time.Time     `json:"created"`
	Locale    locale.Locale `json:"locale"`
	Reference string        `json:"reference"`
	Rows      int           `json:"rows"`
	Files     []File        `json:"files"`
	Notes     []string      `json:"notes"` // how the files are written
	// SHA256 is the hex digest of manifest.json itself: one value that stands for the package.
	SHA256 string `json:"-"`
}

// File is one file of a package.
type File struct {
	Name      string `json:"name"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
	MediaType string `json:"media_type"`
	Rows      int    `json:"rows"` // of a table, of all tables for data.json and the page
}

// Write writes the package to w as a ZIP, in one go and never in memory, and returns its
// manifest. The same input gives the same bytes. After an error what was written is worthless.
func Write(ctx context.Context, w io.Writer, p Package) (Manifest, error) {
	l, err := newLayout(&p)
	if err != nil {
		return Manifest{}, err
	}
	a := newArchive(w, Manifest{Format: Format, Version: Version, Created: p.Created.UTC(), Locale: p.Locale, Reference: p.Case.Reference})
	if err := a.attachments(ctx, l); err != nil {
		return Manifest{}, err
	}
	if err := a.add(dataName, "application/json", func(w io.Writer) (int, error) {
		err := l.writeJSON(ctx, w)
		return l.rows(), err
	}); err != nil {
		return Manifest{}, err
	}
	for _, t := range l.tables() {
		if err := a.add(t.file, "text/csv; charset=utf-8", func(w io.Writer) (int, error) {
			return t.rows, t.writeCSV(ctx, w, p.Locale)
		}); err != nil {
			return Manifest{}, err
		}
	}
	if !p.Case.portable() {
		if err := a.add(PageName(p.Locale), "text/html; charset=utf-8", func(w io.Writer) (int, error) {
			return l.rows(), l.writePage(ctx, w, false)
		}); err != nil {
			return Manifest{}, err
		}
	}
	if p.Letter != nil {
		if err := a.add(letterName(p.Locale), "application/pdf", func(w io.Writer) (int, error) {
			_, err := w.Write(p.Letter)
			return 0, err
		}); err != nil {
			return Manifest{}, err
		}
	}
	if err := a.add(readmeName(p.Locale), "text/plain; charset=utf-8", func(w io.Writer) (int, error) {
		return 0, l.writeReadme(w)
	}); err != nil {
		return Manifest{}, err
	}
	a.manifest.Rows = l.rows()
	a.manifest.Notes = []string{texts["note_json"].In(p.Locale), texts["note_csv"].In(p.Locale), texts["note_page"].In(p.Locale)}
	return a.finish()
}

// archive writes the files of a ZIP one after the other and keeps the manifest.
type archive struct {
	zip      *zip.Writer
	manifest Manifest
}

func newArchive(w io.Writer, m Manifest) *archive {
	z := zip.NewWriter(w)
	// Most of the time goes into compressing; the strongest level saves little on tables.
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	m.Files = []File{}
	return &archive{zip: z, manifest: m}
}

func (a *archive) create(name string) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.manifest.Created}
	h.SetMode(0o644)
	w, err := a.zip.CreateHeader(h)
	if err != nil {
		return nil, fmt.Errorf("adding a file to the package: %w", err)
	}
	return w, nil
}

func (a *archive) add(name, mediaType string, write func(io.Writer) (rows int, err error)) error {
	w, err := a.create(name)
	if err != nil {
		return err
	}
	m := &measure{w: w, hash: sha256.New()}
	rows, err := write(m)
	if err != nil {
		return err
	}
	a.manifest.Files = append(a.manifest.Files, File{Name: name, Size: m.size, SHA256: m.digest(),
		MediaType: mediaType, Rows: rows})
	return nil
}

// attachments come first, so that everything after them can tell their real size and digest.
func (a *archive) attachments(ctx context.Context, l *layout) error {
	for _, at := range l.attachments {
		err := a.add(at.file, mediaType(at), func(w io.Writer) (int, error) { return 0, at.copy(ctx, w) })
		if err != nil {
			return err
		}
		f := a.manifest.Files[len(a.manifest.Files)-1]
		at.size, at.sha256 = f.Size, f.SHA256
		if at.Size > 0 && f.Size != at.Size || at.SHA256 != nil && f.SHA256 != hex.EncodeToString(at.SHA256) {
			return fmt.Errorf("adding an attachment: %w", ErrAttachment)
		}
	}
	return nil
}

// mediaType follows the name that we gave: what an uploader claimed may be anything.
func mediaType(a *attachment) string {
	if t := mediaTypes[path.Ext(a.file)]; t != "" {
		return t
	}
	return "application/octet-stream"
}

var mediaTypes = map[string]string{".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv",
	".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".heic": "image/heic", ".eml": "message/rfc822",
	".mp3": "audio/mpeg", ".mp4": "video/mp4", ".zip": "application/zip",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

func (a *attachment) copy(ctx context.Context, w io.Writer) error {
	r, err := a.Open()
	if err != nil {
		return fmt.Errorf("opening an attachment: %w", err)
	}
	defer r.Close() //nolint:errcheck // only read
	from := io.Reader(cancelled{ctx, r})
	if a.Size > 0 {
		from = io.LimitReader(from, a.Size+1)
	}
	if _, err := io.Copy(w, from); err != nil {
		return fmt.Errorf("copying an attachment: %w", err)
	}
	return nil
}

func (a *archive) finish() (Manifest, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(a.manifest); err != nil {
		return Manifest{}, fmt.Errorf("writing the manifest: %w", err)
	}
	w, err := a.create(manifestName)
	if err != nil {
		return Manifest{}, err
	}
	if _, err := w.Write(body.Bytes()); err != nil {
		return Manifest{}, fmt.Errorf("writing the manifest: %w", err)
	}
	if err := a.zip.Close(); err != nil {
		return Manifest{}, fmt.Errorf("closing the package: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	a.manifest.SHA256 = hex.EncodeToString(sum[:])
	return a.manifest, nil
}

// measure counts and digests what passes through.
type measure struct {
	w    io.Writer
	hash hash.Hash
	size int64
}

func (m *measure) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.hash.Write(b[:n])
	m.size += int64(n)
	return n, err
}

func (m *measure) digest() string { return hex.EncodeToString(m.hash.Sum(nil)) }

// cancelled ends reading when the context does.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelled) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}
