package log

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"mininfo/internal/source"
)

const (
	maxLine    = 64 << 10 // longer lines are no requests that a server let through
	checkEvery = 4096     // lines between two looks whether the work was cancelled
	slack      = 24 * time.Hour
)

// file is one log that a snapshot holds open. Rotation renames and deletes; what is open stays.
type file struct {
	f        *os.File
	stem     string // its name without what rotation adds
	packed   bool
	size     int64
	modified time.Time
}

// snapshot reads the files as they were when it was opened: what servers write later is not seen.
type snapshot struct {
	name  string
	files []*file
}

// Snapshot opens every file.
func (s *Source) Snapshot(_ context.Context) (source.Snapshot, error) {
	paths, err := s.paths()
	if err != nil {
		return nil, err
	}
	out := &snapshot{name: s.name}
	for _, path := range paths {
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			// Rotated since it was listed: nothing says under which name. The job tries again.
			err = os.ErrClosed
		}
		var info os.FileInfo
		if err == nil {
			info, err = f.Stat()
		}
		if err != nil {
			_ = out.Close()
			return nil, s.failure(err)
		}
		out.files = append(out.files, &file{f: f, stem: stem(path), packed: packed(path), size: info.Size(), modified: info.ModTime()})
	}
	return out, nil
}

var rotation = regexp.MustCompile(`([.-](\d{1,4}|\d{8}|\d{10}|\d{4}-\d{2}-\d{2}))*(\.gz)?$`)

// stem is a file's name without the number or date that rotation puts behind it.
func stem(path string) string { return rotation.ReplaceAllString(filepath.Base(path), "") }

// Close closes the files.
func (s *snapshot) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.f.Close())
	}
	return errors.Join(errs...)
}

func (s *snapshot) fail(code source.Code, state string) error {
	return &source.Error{Source: s.name, Code: code, State: state, Table: Table}
}

var (
	errEnough = errors.New("enough") // the limit is reached
	errSkip   = errors.New("skip")   // the file holds nothing that is asked for
)

// Find reads every file that may hold rows of the time that is asked for, one line at a time.
func (s *snapshot) Find(ctx context.Context, q source.Query, fn func(row []source.Value) error) error {
	if q.Table == nil || q.Table.Name.Name != Table {
		return s.fail(source.Missing, "")
	}
	at, ok := source.Places(columns, q.Fields)
	wanted, known := q.Match.Test(columns)
	if !ok || !known {
		return s.fail(source.Missing, "")
	}
	row := make([]source.Value, len(at))
	found := 0
	seen := map[string]bool{} // first lines of files that were read
	for _, f := range s.files {
		err := s.scan(ctx, f, seen, q.Match, func(line string, e *entry) error {
			cell := func(at int) source.Value { return e.value(at, line) }
			if !wanted(cell) {
				return nil
			}
			for i, place := range at {
				row[i] = cell(place).At(q.Fields[i].Path)
			}
			if err := fn(row); err != nil {
				return err
			}
			if found++; q.Limit > 0 && found >= q.Limit {
				return errEnough
			}
			return nil
		})
		switch {
		case errors.Is(err, errEnough):
			return nil
		case err != nil && !errors.Is(err, errSkip):
			return err
		}
	}
	return nil
}

// scan calls fn with every line of a file. A line is named by its log, the first line of the file
// and its number: rotation and packing change neither.
func (s *snapshot) scan(ctx context.Context, f *file, seen map[string]bool, m *source.Match, fn func(line string, e *entry) error) error {
	var within *source.Within
	if m != nil && m.Within != nil && m.Within.Field.Column == "time" {
		within = m.Within
		if f.modified.Before(within.From.Add(-slack)) {
			return nil
		}
	}
	r, err := f.open()
	if err != nil {
		return s.fail(source.FailedSystem, StateArchive)
	}
	var read format = ncsa{}
	head, good, bad, number := "", 0, 0, 0
	err = eachLine(r, func(line []byte) error {
		if number++; number%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if len(line) == 0 {
			return nil
		}
		if line[0] == '#' {
			read = directive(line, read)
			return nil
		}
		var e entry
		if len(line) > maxLine || !read.parse(line, &e) {
			bad++
			return nil
		}
		if good++; head == "" {
			sum := sha256.Sum256(line)
			head = f.stem + "@" + hex.EncodeToString(sum[:6])
			if seen[head] || within != nil && !e.at.Before(within.Until.Add(slack)) {
				// The same log once more, being packed; or one that begins after the time asked for.
				return errSkip
			}
			seen[head] = true
		}
		return fn(fmt.Sprintf("%s:%09d", head, number), &e)
	})
	switch {
	case errors.Is(err, errDamaged):
		return s.fail(source.FailedSystem, StateArchive)
	case err == nil && bad > good:
		return s.fail(source.BadConfig, StateFormat)
	}
	return err
}

func (f *file) open() (io.Reader, error) {
	var r io.Reader = io.NewSectionReader(f.f, 0, f.size)
	if !f.packed {
		return r, nil
	}
	return gzip.NewReader(bufio.NewReaderSize(r, 64<<10))
}

var errDamaged = errors.New("the file cannot be read to its end")

// eachLine gives the lines without their ends. Of one that is too long only so much is given as
// shows that it is.
func eachLine(r io.Reader, fn func(line []byte) error) error {
	b := bufio.NewReaderSize(r, maxLine+2)
	for {
		line, err := b.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if err := fn(line); err != nil {
				return err
			}
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = b.ReadSlice('\n')
			}
			line = nil
		}
		if err != nil && err != io.EOF {
			return errDamaged
		}
		if line != nil {
			if err := fn(bytes.TrimRight(line, "\r\n")); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

// Count tells how many lines hold each of the values.
func (s *snapshot) Count(ctx context.Context, t *source.Table, f source.Field, values []source.Value, fn func(v source.Value, rows int64) error) error {
	return source.CountFound(ctx, s, t, f, values, fn)
}
