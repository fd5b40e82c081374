package engine

import (
	"errors"
	"io"
)

// Spool is an encrypted temporary file that is written once and read any number of times: for
// findings and plans on their way, which are personal data. Its key dies with the process.
type Spool struct {
	s      spill
	frames []frame
	buf    []byte
}

// NewSpool makes a spool in a folder; "" means the system's folder for temporary files. What
// fits in memory never reaches the disk.
func NewSpool(dir string) *Spool { return &Spool{s: spill{dir: dir}} }

// spoolMemory is what a spool keeps in memory before it makes a file.
const spoolMemory = 1 << 20

// Write appends.
func (s *Spool) Write(p []byte) (int, error) {
	s.buf = append(s.buf, p...)
	limit := frameSize
	if s.s.file == nil {
		limit = spoolMemory
	}
	if len(s.buf) < limit {
		return len(p), nil
	}
	if err := s.s.open(); err != nil {
		return 0, err
	}
	for rest := s.buf; len(rest) > 0; {
		n := min(len(rest), frameSize)
		f, err := s.s.write(rest[:n])
		if err != nil {
			return 0, err
		}
		s.frames = append(s.frames, f)
		rest = rest[n:]
	}
	s.buf = s.buf[:0]
	return len(p), nil
}

// Open reads from the beginning. Nothing may be written meanwhile.
func (s *Spool) Open() (io.ReadCloser, error) {
	return &spoolReader{s: s, frames: s.frames, tail: s.buf}, nil
}

// Close removes the file.
func (s *Spool) Close() { s.s.close() }

type spoolReader struct {
	s             *Spool
	frames        []frame
	tail          []byte
	sealed, plain []byte
	rest          []byte
}

func (r *spoolReader) Close() error { return nil }

func (r *spoolReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		switch {
		case len(r.frames) > 0:
			var err error
			if r.sealed, r.plain, err = r.s.s.read(r.frames[0], r.sealed, r.plain); err != nil {
				return 0, err
			}
			r.rest, r.frames = r.plain, r.frames[1:]
		case len(r.tail) > 0:
			r.rest, r.tail = r.tail, nil
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Errors of prepared plans.
var (
	// ErrDigest: the plan that would be made now is not the one that was asked for.
	ErrDigest = errors.New("the plan is another one now: rows or sources changed since it was shown")
	// ErrProblems: the plan cannot be carried out.
	ErrProblems = errors.New("the plan cannot be carried out; see its problems")
)
