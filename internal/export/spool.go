package export

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/source"
)

// Spool sorts rows into tables in one walk over the findings, and gives them back as often as the
// package needs them. What does not fit in memory lies in temporary files, sealed with a key that
// exists in memory alone: after a crash nobody can read what is left. It is for one goroutine
// while rows are added; after that tables may be read by many.
type Spool struct {
	dir    string
	aead   cipher.AEAD
	tables map[string]*SpoolTable
}

// spoolChunk is how much of one table lies in memory, at least, before it is sealed to disk.
const spoolChunk = 64 << 10

var errSpool = errors.New("a temporary file is not as it was written")

// NewSpool makes a spool in a directory. The key is read from random: crypto/rand's Reader.
func NewSpool(dir string, random io.Reader) (*Spool, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("making a key for the spool: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("making a key for the spool: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("making a key for the spool: %w", err)
	}
	return &Spool{dir: dir, aead: aead, tables: map[string]*SpoolTable{}}, nil
}

// Table gives the table of a name, new or known.
func (s *Spool) Table(name string) *SpoolTable {
	t := s.tables[name]
	if t == nil {
		t = &SpoolTable{spool: s, number: uint32(len(s.tables))}
		s.tables[name] = t
	}
	return t
}

// Close removes the files. Tables cannot be read after it.
func (s *Spool) Close() error {
	var all []error
	for _, t := range s.tables {
		if t.file != nil {
			all = append(all, t.file.Close())
			if err := os.Remove(t.file.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
				all = append(all, err)
			}
		}
	}
	s.tables = map[string]*SpoolTable{}
	return errors.Join(all...)
}

// SpoolTable is the rows of one table, in the order they were added.
type SpoolTable struct {
	spool  *Spool
	number uint32
	rows   int
	buf    []byte // whole rows, not yet sealed
	sealed []byte // kept for its capacity
	file   *os.File
	chunks uint64
	size   int64
}

// Len is how many rows were added.
func (t *SpoolTable) Len() int { return t.rows }

// Add puts a copy of a row at the end.
func (t *SpoolTable) Add(r *Row) error {
	t.buf = appendSpooled(t.buf, r)
	t.rows++
	if len(t.buf) < spoolChunk {
		return nil
	}
	return t.flush()
}

func (t *SpoolTable) flush() error {
	if t.file == nil {
		f, err := os.CreateTemp(t.spool.dir, "spool-*")
		if err != nil {
			return fmt.Errorf("making a temporary file: %w", err)
		}
		// Where the system allows it, a file without a name cannot be left behind.
		_ = os.Remove(f.Name())
		t.file = f
	}
	t.sealed = append(t.sealed[:0], 0, 0, 0, 0)
	t.sealed = t.spool.aead.Seal(t.sealed, t.nonce(t.chunks), t.buf, nil)
	binary.BigEndian.PutUint32(t.sealed, uint32(len(t.sealed)-4))
	if _, err := t.file.WriteAt(t.sealed, t.size); err != nil {
		return fmt.Errorf("writing a temporary file: %w", err)
	}
	t.size += int64(len(t.sealed))
	t.chunks++
	t.buf = t.buf[:0]
	return nil
}

// nonce is never used twice: a table has its number, a chunk its place in it.
func (t *SpoolTable) nonce(chunk uint64) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint32(n, t.number)
	binary.BigEndian.PutUint64(n[4:], chunk)
	return n
}

// Rows gives the rows back, as often as wanted. The row is reused between calls.
func (t *SpoolTable) Rows() Rows {
	return func(ctx context.Context, yield func(*Row) error) error {
		var r Row
		var plain, sealed []byte
		at := int64(0)
		for c := uint64(0); c < t.chunks; c++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			if sealed, err = t.chunk(at, sealed); err != nil {
				return err
			}
			at += int64(len(sealed)) + 4
			if plain, err = t.spool.aead.Open(plain[:0], t.nonce(c), sealed, nil); err != nil {
				return errSpool
			}
			if err := eachSpooled(plain, &r, yield); err != nil {
				return err
			}
		}
		return eachSpooled(t.buf, &r, yield)
	}
}

func (t *SpoolTable) chunk(at int64, buf []byte) ([]byte, error) {
	var size [4]byte
	if _, err := t.file.ReadAt(size[:], at); err != nil {
		return nil, fmt.Errorf("reading a temporary file: %w", err)
	}
	n := int64(binary.BigEndian.Uint32(size[:]))
	if at+4+n > t.size {
		return nil, errSpool
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	if _, err := t.file.ReadAt(buf[:n], at+4); err != nil {
		return nil, fmt.Errorf("reading a temporary file: %w", err)
	}
	return buf[:n], nil
}

func appendSpooled(b []byte, r *Row) []byte {
	b = appendString(b, r.Key)
	b = binary.AppendUvarint(b, uint64(len(r.Cells)))
	for i := range r.Cells {
		if why := r.Cells[i].Withheld; why != "" {
			b = appendString(append(b, 1), why)
		} else {
			b = appendString(append(b, 0), r.Cells[i].Value.Typed())
		}
	}
	b = binary.AppendUvarint(b, uint64(len(r.Notes)))
	for _, n := range r.Notes {
		b = appendString(b, n)
	}
	b = binary.AppendUvarint(b, uint64(r.KeptUntil.Year))
	b = append(b, byte(r.KeptUntil.Month), byte(r.KeptUntil.Day))
	return appendString(b, r.KeptWhy)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func eachSpooled(b []byte, r *Row, yield func(*Row) error) error {
	d := decoder{b: b}
	for len(d.b) > 0 && !d.bad {
		d.row(r)
		if d.bad {
			break
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	if d.bad {
		return errSpool
	}
	return nil
}

// decoder reads what appendSpooled wrote; bad once it cannot.
type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) row(r *Row) {
	r.Key = d.text()
	r.Cells = r.Cells[:0]
	for n := d.uint(); n > 0 && !d.bad; n-- {
		r.Cells = append(r.Cells, d.cell())
	}
	r.Notes = r.Notes[:0]
	for n := d.uint(); n > 0 && !d.bad; n-- {
		r.Notes = append(r.Notes, d.text())
	}
	year := int(d.uint())
	r.KeptUntil = dsr.Date{Year: year, Month: time.Month(d.byte()), Day: int(d.byte())}
	r.KeptWhy = d.text()
}

func (d *decoder) cell() Cell {
	if d.byte() == 1 {
		return Cell{Withheld: d.text()}
	}
	v, err := source.ParseTyped(d.text())
	if err != nil {
		d.bad = true
	}
	return Cell{Value: v}
}

func (d *decoder) uint() uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *decoder) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

func (d *decoder) text() string {
	n := d.uint()
	if d.bad || n > uint64(len(d.b)) {
		d.bad = true
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}
