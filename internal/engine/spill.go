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

// values is a compact list of values.
type values struct {
	data  []byte
	count int
}

func (l *values) add(v source.Value) {
	l.data = appendValue(l.data, v)
	l.count++
}

// take empties the list and calls fn with chunks of it.
func (l *values) take(size int, fn func(chunk []source.Value) error) error {
	data := l.data
	*l = values{}
	chunk := make([]source.Value, 0, min(size, 1024))
	for len(data) > 0 {
		v, rest, err := readValue(data)
		if err != nil {
			return err
		}
		data = rest
		if chunk = append(chunk, v); len(chunk) == size || len(data) == 0 {
			if err := fn(chunk); err != nil {
				return err
			}
			chunk = chunk[:0]
		}
	}
	return nil
}

// record is one finding on its way to the end of the walk: sort key, hash, values.
type bucket struct {
	data []byte
	refs []recordRef
	runs []run
	rows int
}

type recordRef struct{ at, key, end int } // data[at:key] is the sort key, data[key:end] hash and values

// run is a sorted piece of a bucket in the spill file: the offsets of its frames.
type run struct{ frames []frame }

type frame struct {
	at   int64
	size int
}

const frameSize = 128 << 10

// spill is an encrypted temporary file. Its key lives in memory and dies with the process.
type spill struct {
	dir  string
	file *os.File
	aead cipher.AEAD
	at   int64
	buf  []byte
	room [][]byte // of buckets that were written out, for the next ones
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

// Buckets that outgrow the first size are given their whole room at once: growing by doubling
// would need it twice.
const (
	bucketStart = 1 << 20
	bucketRoom  = defaultMemory + 1<<20
)

// bucketRoom gives room for a large bucket.
func (s *spill) bucketRoom() []byte {
	if n := len(s.room); n > 0 {
		room := s.room[n-1]
		s.room = s.room[:n-1]
		return room
	}
	return make([]byte, 0, bucketRoom)
}

// add keeps a record.
func (b *bucket) add(s *spill, n *node, h hash16, row []source.Value) {
	if len(b.data) > bucketStart && cap(b.data) < bucketRoom {
		b.data = append(s.bucketRoom(), b.data...)
	}
	ref := recordRef{at: len(b.data)}
	for _, k := range n.key {
		b.data = appendSortKey(b.data, row[k])
	}
	b.data = append(b.data, h[:]...)
	ref.key = len(b.data) - len(h)
	for _, v := range row {
		b.data = appendValue(b.data, v)
	}
	ref.end = len(b.data)
	b.refs = append(b.refs, ref)
	b.rows++
}

func (b *bucket) memory() int { return len(b.data) + len(b.refs)*24 }

func (b *bucket) sort() {
	slices.SortFunc(b.refs, func(x, y recordRef) int { return bytes.Compare(b.data[x.at:x.key], b.data[y.at:y.key]) })
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
	buf := make([]byte, 0, frameSize+4096)
	for i, ref := range b.refs {
		buf = binary.AppendUvarint(buf, uint64(ref.key-ref.at))
		buf = binary.AppendUvarint(buf, uint64(ref.end-ref.key))
		buf = append(buf, b.data[ref.at:ref.end]...)
		if len(buf) >= frameSize || i == len(b.refs)-1 {
			f, err := s.write(buf)
			if err != nil {
				return err
			}
			r.frames = append(r.frames, f)
			buf = buf[:0]
		}
	}
	b.runs = append(b.runs, r)
	if cap(b.data) >= bucketRoom {
		s.room = append(s.room, b.data[:0])
	}
	b.data, b.refs = nil, b.refs[:0]
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
		c.key, c.body = c.mem.data[ref.at:ref.key], c.mem.data[ref.key:ref.end]
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
func (b *bucket) each(s *spill, width int, fn func(h hash16, row []source.Value) error) error {
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
	for len(live) > 0 {
		c := live[0]
		if err := decodeRecord(c.body, row, fn); err != nil {
			return err
		}
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

func decodeRecord(body []byte, row []source.Value, fn func(hash16, []source.Value) error) error {
	if len(body) < 16 {
		return errCorrupt
	}
	h := hash16(body[:16])
	rest := body[16:]
	for i := range row {
		var err error
		if row[i], rest, err = readValue(rest); err != nil {
			return err
		}
	}
	return fn(h, row)
}

// visited knows every row that was reached: 16 bytes each, in pieces that grow by half, so that
// growing never needs the room twice. 96 bits of the hash are kept: two of a hundred million rows
// meet by chance once in ten trillion walks.
type visited struct {
	shards [256]shard
	count  int
}

type shard struct {
	keys  [][12]byte
	infos []rowInfo
	used  int
}

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

func (v *visited) find(h hash16) *rowInfo {
	s := &v.shards[h[0]]
	if len(s.keys) == 0 {
		return nil
	}
	k := [12]byte(h[4:])
	for i := s.start(k); ; {
		if s.keys[i] == k {
			return &s.infos[i]
		}
		if s.keys[i] == ([12]byte{}) {
			return nil
		}
		if i++; i == len(s.keys) {
			i = 0
		}
	}
}

// start gives the slot where a key is looked for first.
func (s *shard) start(k [12]byte) int {
	return int(uint64(binary.LittleEndian.Uint32(k[:])) * uint64(len(s.keys)) >> 32)
}

// add puts in a row that find did not know. The pointer is valid until the next add.
func (v *visited) add(h hash16, info rowInfo) *rowInfo {
	s := &v.shards[h[0]]
	if s.used*5 >= len(s.keys)*4 {
		s.grow()
	}
	s.used++
	v.count++
	k := [12]byte(h[4:])
	i := s.slot(k)
	s.keys[i], s.infos[i] = k, info
	return &s.infos[i]
}

func (s *shard) slot(k [12]byte) int {
	i := s.start(k)
	for s.keys[i] != ([12]byte{}) {
		if i++; i == len(s.keys) {
			i = 0
		}
	}
	return i
}

func (s *shard) grow() {
	keys, infos := s.keys, s.infos
	size := max(len(keys)*3/2, 16)
	s.keys, s.infos = make([][12]byte, size), make([]rowInfo, size)
	for i, k := range keys {
		if k != ([12]byte{}) {
			at := s.slot(k)
			s.keys[at], s.infos[at] = k, infos[i]
		}
	}
}
