package engine

import (
	"bytes"
	"container/heap"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"unsafe"

	"mininfo/internal/source"
)

// hash16 stands for a row or a value. 128 bits: two that differ meet by chance in no lifetime.
type hash16 [16]byte

var hashSeeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func hashOf(b []byte) hash16 {
	var h hash16
	binary.LittleEndian.PutUint64(h[:8], maphash.Bytes(hashSeeds[0], b))
	binary.LittleEndian.PutUint64(h[8:], maphash.Bytes(hashSeeds[1], b))
	return h
}

// appendValue writes a value so that readValue gives it back.
func appendValue(b []byte, v source.Value) []byte {
	b = append(b, byte(v.Kind))
	switch v.Kind {
	case source.Null:
	case source.Bool, source.Int:
		b = binary.AppendVarint(b, v.Int)
	case source.Float:
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v.Float))
	default:
		b = binary.AppendUvarint(b, uint64(len(v.Str)))
		b = append(b, v.Str...)
	}
	return b
}

var errCorrupt = errors.New("the temporary file is damaged")

// readValue reads a value. Its text lies in b.
func readValue(b []byte) (source.Value, []byte, error) {
	if len(b) == 0 {
		return source.Value{}, nil, errCorrupt
	}
	v := source.Value{Kind: source.Kind(b[0])}
	b = b[1:]
	switch v.Kind {
	case source.Null:
		return v, b, nil
	case source.Bool, source.Int:
		i, n := binary.Varint(b)
		if n <= 0 {
			return v, nil, errCorrupt
		}
		v.Int = i
		return v, b[n:], nil
	case source.Float:
		if len(b) < 8 {
			return v, nil, errCorrupt
		}
		v.Float = math.Float64frombits(binary.LittleEndian.Uint64(b))
		return v, b[8:], nil
	}
	size, n := binary.Uvarint(b)
	if n <= 0 || uint64(len(b)-n) < size {
		return v, nil, errCorrupt
	}
	if size > 0 {
		v.Str = unsafe.String(&b[n], int(size))
	}
	return v, b[n+int(size):], nil
}

// appendSortKey writes values so that comparing bytes orders them like Value.Compare.
func appendSortKey(b []byte, v source.Value) []byte {
	switch v.Kind {
	case source.Null:
		return append(b, 0)
	case source.Bool, source.Int:
		b = appendSortFloat(append(b, 1), float64(v.Int))
		return binary.BigEndian.AppendUint64(b, uint64(v.Int)^1<<63)
	case source.Float:
		return binary.BigEndian.AppendUint64(appendSortFloat(append(b, 1), v.Float), 0)
	case source.Decimal:
		if f, err := strconv.ParseFloat(v.Str, 64); err == nil {
			b = appendSortFloat(append(b, 1), f)
			break
		}
		b = append(b, 2)
	default:
		b = append(b, byte(v.Kind)+2)
	}
	for i := 0; i < len(v.Str); i++ {
		if v.Str[i] == 0 {
			b = append(b, 0, 0xff)
			continue
		}
		b = append(b, v.Str[i])
	}
	return append(b, 0, 0)
}

func appendSortFloat(b []byte, f float64) []byte {
	bits := math.Float64bits(f)
	if bits>>63 != 0 {
		bits = ^bits
	} else {
		bits ^= 1 << 63
	}
	return binary.BigEndian.AppendUint64(b, bits)
}

// bucket holds the findings of a collection on their way to the end of the walk: sort key, number,
// values of each.
type bucket struct {
	pages [][]byte
	size  int // of all pages
	refs  []recordRef
	runs  []run
	rows  int
	// once: nobody looked whether a row was here before. A system whose rule of uniqueness does
	// not hold may give one twice.
	once bool
}

// recordRef is where a record lies in a page: from at the sort key, from key number and values.
type recordRef struct{ page, at, key, end uint32 }

func (b *bucket) key(r recordRef) []byte  { return b.pages[r.page][r.at:r.key] }
func (b *bucket) body(r recordRef) []byte { return b.pages[r.page][r.key:r.end] }

// run is a sorted piece of a bucket in the spill file: the offsets of its frames.
type run struct{ frames []frame }

type frame struct {
	at   int64
	size int
}

const frameSize = 64 << 10

// spill is an encrypted temporary file. Its key lives in memory and dies with the process.
type spill struct {
	dir  string
	file *os.File
	aead cipher.AEAD
	at   int64
	buf  []byte

	record, frame []byte   // of the buckets that are filled and written out
	room          [][]byte // pages of buckets that were written out, for the next ones
}

func (s *spill) open() error {
	if s.file != nil {
		return nil
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	if s.aead, err = cipher.NewGCM(block); err != nil {
		return err
	}
	if s.file, err = os.CreateTemp(s.dir, "mininfo-findings-*"); err != nil {
		return fmt.Errorf("making a temporary file for findings: %w", err)
	}
	return nil
}

func (s *spill) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}

func (s *spill) nonce(n int64) []byte {
	var b [12]byte
	binary.BigEndian.PutUint64(b[4:], uint64(n))
	return b[:]
}

func (s *spill) write(plain []byte) (frame, error) {
	f := frame{at: s.at}
	// The offset is the nonce: it is used once, since the file only grows.
	s.buf = s.aead.Seal(s.buf[:0], s.nonce(f.at), plain, nil)
	f.size = len(s.buf)
	n, err := s.file.WriteAt(s.buf, s.at)
	s.at += int64(n)
	if err != nil {
		return f, fmt.Errorf("writing a temporary file: %w", err)
	}
	return f, nil
}

func (s *spill) read(f frame, sealed, plain []byte) (sealedOut, out []byte, err error) {
	sealed = slices.Grow(sealed[:0], f.size)[:f.size]
	if _, err := s.file.ReadAt(sealed, f.at); err != nil {
		return sealed, nil, fmt.Errorf("reading a temporary file: %w", err)
	}
	out, err = s.aead.Open(slices.Grow(plain[:0], f.size), s.nonce(f.at), sealed, nil)
	if err != nil {
		return sealed, nil, errCorrupt
	}
	return sealed, out, nil
}

// Findings in memory lie in pages: the first of a collection is small, since most persons have few
// rows in each of many.
const (
	firstPage = 4 << 10
	fullPage  = 128 << 10
)

// page gives room for the next record of a bucket.
func (s *spill) page(b *bucket, record int) []byte {
	size := firstPage
	if n := len(b.pages); n > 0 {
		size = min(2*cap(b.pages[n-1]), fullPage)
	}
	if record <= size && size == fullPage && len(s.room) > 0 {
		page := s.room[len(s.room)-1]
		s.room = s.room[:len(s.room)-1]
		return page
	}
	return make([]byte, 0, max(size, record))
}

// add keeps a record.
func (b *bucket) add(s *spill, n *node, no uint32, row []source.Value) {
	r := s.record[:0]
	for _, k := range n.key {
		r = appendSortKey(r, row[k])
	}
	key := len(r)
	r = binary.LittleEndian.AppendUint32(r, no)
	for _, v := range row {
		r = appendValue(r, v)
	}
	s.record = r
	last := len(b.pages) - 1
	if last < 0 || cap(b.pages[last])-len(b.pages[last]) < len(r) {
		b.pages = append(b.pages, s.page(b, len(r)))
		last++
		b.size += cap(b.pages[last])
	}
	at := len(b.pages[last])
	b.pages[last] = append(b.pages[last], r...)
	b.refs = append(b.refs, recordRef{uint32(last), uint32(at), uint32(at + key), uint32(at + len(r))})
	b.rows++
}

func (b *bucket) memory() int { return b.size + len(b.refs)*16 }

func (b *bucket) sort() {
	slices.SortFunc(b.refs, func(x, y recordRef) int { return bytes.Compare(b.key(x), b.key(y)) })
}

// flush writes what is in memory as one sorted run.
func (b *bucket) flush(s *spill) error {
	if len(b.refs) == 0 {
		return nil
	}
	if err := s.open(); err != nil {
		return err
	}
	b.sort()
	var r run
	buf := s.frame[:0]
	for i, ref := range b.refs {
		buf = binary.AppendUvarint(buf, uint64(ref.key-ref.at))
		buf = binary.AppendUvarint(buf, uint64(ref.end-ref.key))
		buf = append(buf, b.pages[ref.page][ref.at:ref.end]...)
		if len(buf) >= frameSize || i == len(b.refs)-1 {
			f, err := s.write(buf)
			if err != nil {
				return err
			}
			r.frames = append(r.frames, f)
			buf = buf[:0]
		}
	}
	s.frame = buf
	b.runs = append(b.runs, r)
	for _, page := range b.pages {
		if cap(page) == fullPage {
			s.room = append(s.room, page[:0])
		}
	}
	b.pages, b.size, b.refs = nil, 0, b.refs[:0]
	return nil
}

// cursor reads one sorted run.
type cursor struct {
	s         *spill
	frames    []frame
	sealed    []byte
	rest      []byte
	mem       *bucket // the run that is still in memory
	at        int
	key, body []byte
}

func (c *cursor) next() error {
	if c.mem != nil {
		if c.at == len(c.mem.refs) {
			return io.EOF
		}
		ref := c.mem.refs[c.at]
		c.at++
		c.key, c.body = c.mem.key(ref), c.mem.body(ref)
		return nil
	}
	for len(c.rest) == 0 {
		if len(c.frames) == 0 {
			return io.EOF
		}
		// Each frame is opened into memory of its own: texts of findings lie in it, and whoever
		// keeps one must not see it change.
		var plain []byte
		var err error
		if c.sealed, plain, err = c.s.read(c.frames[0], c.sealed, nil); err != nil {
			return err
		}
		c.rest, c.frames = plain, c.frames[1:]
	}
	key, a := binary.Uvarint(c.rest)
	if a <= 0 {
		return errCorrupt
	}
	body, b := binary.Uvarint(c.rest[a:])
	if b <= 0 || uint64(len(c.rest)-a-b) < key+body {
		return errCorrupt
	}
	c.rest = c.rest[a+b:]
	c.key, c.body, c.rest = c.rest[:key], c.rest[key:key+body], c.rest[key+body:]
	return nil
}

type cursors []*cursor

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return bytes.Compare(c[i].key, c[j].key) < 0 }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.(*cursor)) }
func (c *cursors) Pop() any {
	old := *c
	last := old[len(old)-1]
	*c = old[:len(old)-1]
	return last
}

// each gives all records in the order of their keys. row is used again, the texts in it are not.
func (b *bucket) each(s *spill, width int, fn func(no uint32, row []source.Value) error) error {
	b.sort()
	var list cursors
	for _, r := range b.runs {
		list = append(list, &cursor{s: s, frames: r.frames})
	}
	list = append(list, &cursor{mem: b})
	var live cursors
	for _, c := range list {
		switch err := c.next(); {
		case err == nil:
			live = append(live, c)
		case err != io.EOF:
			return err
		}
	}
	heap.Init(&live)
	row := make([]source.Value, width)
	var last []byte
	for len(live) > 0 {
		c := live[0]
		if !b.once || last == nil || !bytes.Equal(last, c.key) {
			if err := decodeRecord(c.body, row, fn); err != nil {
				return err
			}
		}
		last = c.key
		switch err := c.next(); {
		case err == nil:
			heap.Fix(&live, 0)
		case err == io.EOF:
			heap.Pop(&live)
		default:
			return err
		}
	}
	return nil
}

func decodeRecord(body []byte, row []source.Value, fn func(uint32, []source.Value) error) error {
	if len(body) < 4 {
		return errCorrupt
	}
	no, rest := binary.LittleEndian.Uint32(body), body[4:]
	for i := range row {
		var err error
		if row[i], rest, err = readValue(rest); err != nil {
			return err
		}
	}
	return fn(no, row)
}

// visited knows every row that was reached. Rows are numbered from 1 in the order of their coming;
// what is known about a row lies under its number, and a row is found again by its hash: 16 bytes
// each, in pieces that grow by half, so that growing never needs the room twice. 96 bits of the
// hash are kept: two of a hundred million rows meet by chance once in ten trillion walks.
type visited struct {
	shards [256]shard
	infos  [][]rowInfo // in pieces, so that a pointer into them stays valid
	count  uint32
}

type shard struct {
	slots []slot
	used  int
}

type slot struct {
	key [12]byte
	no  uint32 // 0: empty
}

// infosAtOnce is the size of a piece of visited.infos.
const infosAtOnce = 1 << 14

// rowInfo is what is known about a row: which ways led to it, and flags.
type rowInfo struct {
	ways  uint16
	flags uint16
}

const (
	fMatched   uint16 = 1 << iota // an identifier of the person stands in it
	fMismatch                     // another one's does, and none of the person's
	fOwned                        // the walk goes on from it to what hangs on it
	fDown                         // matched, or reached the way that owned things are
	fEvaluated                    // it was decided whether to go on from it
	fOther                        // another person's own row
	fShared
	fVariant // the identifier in other letters
)

const (
	waySeed     uint16 = 1 << 15
	wayOverflow uint16 = 1 << 14
)

func (e *edge) way() uint16 {
	if e.local >= 14 {
		return wayOverflow
	}
	return 1 << e.local
}

// info gives what is known about the row with a number.
func (v *visited) info(no uint32) *rowInfo {
	return &v.infos[(no-1)/infosAtOnce][(no-1)%infosAtOnce]
}

// find gives what is known about the row with a hash; nil: it was not reached, or never looked for.
func (v *visited) find(h hash16) *rowInfo {
	if no := v.number(h); no > 0 {
		return v.info(no)
	}
	return nil
}

// number gives the number of the row with a hash, or 0.
func (v *visited) number(h hash16) uint32 {
	s := &v.shards[h[0]]
	if len(s.slots) == 0 {
		return 0
	}
	return s.slots[s.at([12]byte(h[4:]))].no
}

// enter gives a row its number. It cannot be found by its hash.
func (v *visited) enter(info rowInfo) uint32 {
	if v.count%infosAtOnce == 0 {
		v.infos = append(v.infos, make([]rowInfo, 0, infosAtOnce))
	}
	piece := &v.infos[len(v.infos)-1]
	*piece = append(*piece, info)
	v.count++
	return v.count
}

// add puts in a row that find did not know.
func (v *visited) add(h hash16, info rowInfo) uint32 {
	s := &v.shards[h[0]]
	if s.used*5 >= len(s.slots)*4 {
		s.grow()
	}
	s.used++
	k := [12]byte(h[4:])
	no := v.enter(info)
	s.slots[s.at(k)] = slot{k, no}
	return no
}

// at gives the slot of a key, or the empty one where it would be.
func (s *shard) at(k [12]byte) int {
	for i := int(uint64(binary.LittleEndian.Uint32(k[:])) * uint64(len(s.slots)) >> 32); ; {
		if s.slots[i].no == 0 || s.slots[i].key == k {
			return i
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

func (s *shard) grow() {
	old := s.slots
	s.slots = make([]slot, max(len(old)*3/2, 16))
	for _, x := range old {
		if x.no > 0 {
			s.slots[s.at(x.key)] = x
		}
	}
}
