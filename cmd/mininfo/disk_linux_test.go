package main_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// DiskLog is what a program told the kernel to do with the files of one folder, in the order in which
// the calls returned. From it the folder can be made anew as a crash would have left it at any moment:
// a kill leaves all that was written, a power cut what was synced and, of the rest, what chance wants.
type DiskLog struct {
	dir   string
	calls []diskCall
}

// diskCall is one system call that changes a file or a folder, or syncs it.
type diskCall struct {
	At    float64 // when it returned, in seconds
	began int     // the lines of the trace on which it begins and ends: calls of several threads overlap
	ended int
	op    diskOp
	path  string // within the folder; "" is the folder itself
	other string // where a rename leads to
	at    int64
	size  int64
	data  []byte
	empty bool // an open that cuts its file to nothing
}

type diskOp int

const (
	opOpen diskOp = iota // makes the file if there is none
	opWrite
	opResize
	opAllocate
	opSync
	opSyncFailed
	opRename
	opRemove
	opFolder
	opLink
)

var opNames = map[diskOp]string{opOpen: "create", opWrite: "write", opResize: "resize", opAllocate: "allocate", opSync: "sync", opSyncFailed: "failed sync", opRename: "rename", opRemove: "remove", opFolder: "folder", opLink: "link"}

// traced are the calls that DiskLog understands; whatever else could change a file is traced too, and
// makes reading the trace fail.
const traced = "openat,creat,write,pwrite64,lseek,ftruncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir," +
	"open,truncate,writev,pwritev,pwritev2,link,linkat,symlink,symlinkat,copy_file_range,sendfile,splice,sync_file_range,sync,syncfs"

// strace gives the command that starts a program and writes its calls to a file.
func strace(to string, more ...string) []string {
	return append([]string{"strace", "-D", "-f", "-y", "-xx", "-ttt", "-s", "10000000", "--seccomp-bpf", "-e", "trace=" + traced, "-e", "signal=none", "-o", to}, more...)
}

// readDiskLog reads a trace, and keeps what happened in dir.
func readDiskLog(t testing.TB, trace, dir string) *DiskLog {
	t.Helper()
	file, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	log := &DiskLog{dir: dir}
	type half struct {
		text string
		line int
	}
	begun, offsets := map[string]half{}, map[string]int64{}
	in := bufio.NewReaderSize(file, 1<<20)
	for number := 0; ; number++ {
		line, err := in.ReadString('\n')
		if err != nil {
			break // the last line of a killed program may be cut
		}
		thread, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		stamp, rest, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		at, err := strconv.ParseFloat(stamp, 64)
		if err != nil {
			t.Fatalf("line %d of the trace: %.200s", number, line)
		}
		began := number
		if cut, found := strings.CutSuffix(rest, " <unfinished ...>"); found {
			begun[thread] = half{cut, number}
			continue
		}
		if after, found := strings.CutPrefix(rest, "<... "); found {
			_, after, _ = strings.Cut(after, " resumed>")
			rest, began = begun[thread].text+after, begun[thread].line
		}
		if strings.HasPrefix(rest, "+++") || strings.HasPrefix(rest, "---") {
			continue
		}
		call, err := log.parse(rest, offsets)
		if err != nil {
			t.Fatalf("line %d of the trace: %v: %.300s", number, err, rest)
		}
		if call != nil {
			call.At, call.began, call.ended = at, began, number
			log.calls = append(log.calls, *call)
		}
	}
	return log
}

// parse reads one call; nil means that it changed nothing in the folder.
func (l *DiskLog) parse(text string, offsets map[string]int64) (*diskCall, error) {
	name, rest, found := strings.Cut(text, "(")
	end := strings.LastIndex(rest, ") = ")
	if strings.HasSuffix(text, " = ?") { // the program ended within it
		return nil, nil
	}
	if !found || end < 0 {
		return nil, errors.New("not a call")
	}
	result, err := strconv.ParseInt(strings.FieldsFunc(rest[end+4:], func(r rune) bool { return r == ' ' || r == '<' })[0], 0, 64)
	if err != nil {
		return nil, err
	}
	sync := name == "fsync" || name == "fdatasync"
	if result < 0 && !sync {
		return nil, nil // it failed, and changed nothing
	}
	a := callArgs{dir: l.dir, of: strings.Split(rest[:end], ", ")}
	c := &diskCall{}
	switch name {
	case "openat":
		flags := strings.Split(a.of[2], "|")
		c.op, c.path, c.empty = opOpen, a.name(0, 1), slices.Contains(flags, "O_TRUNC")
		offsets[c.path] = 0
		if a.outside || !slices.Contains(flags, "O_CREAT") && !c.empty {
			return nil, a.err
		}
		if slices.Contains(flags, "O_TMPFILE") || slices.Contains(flags, "O_APPEND") {
			a.err = errors.New("a way of opening that is not understood")
		}
	case "lseek":
		if path := a.file(0); !a.outside {
			offsets[path] = result
		}
		return nil, a.err
	case "write":
		c.op, c.path, c.data = opWrite, a.file(0), a.text(1)
		c.at = offsets[c.path]
		offsets[c.path] += result
	case "pwrite64":
		c.op, c.path, c.data, c.at = opWrite, a.file(0), a.text(1), a.number(3)
	case "ftruncate":
		c.op, c.path, c.size = opResize, a.file(0), a.number(1)
	case "fallocate":
		c.op, c.path, c.size = opAllocate, a.file(0), a.number(2)+a.number(3)
		if a.of[1] != "0" && !a.outside {
			a.err = errors.New("a way of allocating that is not understood")
		}
	case "fsync", "fdatasync":
		c.op, c.path = opSync, a.file(0)
		if result < 0 {
			c.op = opSyncFailed
		}
	case "rename":
		c.op, c.path, c.other = opRename, a.name(-1, 0), a.name(-1, 1)
	case "renameat", "renameat2":
		c.op, c.path, c.other = opRename, a.name(0, 1), a.name(2, 3)
	case "link":
		c.op, c.path, c.other = opLink, a.name(-1, 0), a.name(-1, 1)
	case "linkat":
		c.op, c.path, c.other = opLink, a.name(0, 1), a.name(2, 3)
	case "unlink", "rmdir":
		c.op, c.path = opRemove, a.name(-1, 0)
	case "unlinkat":
		c.op, c.path = opRemove, a.name(0, 1)
	case "mkdir":
		c.op, c.path = opFolder, a.name(-1, 0)
	case "mkdirat":
		c.op, c.path = opFolder, a.name(0, 1)
	default:
		if strings.Contains(rest, "<"+hexed(l.dir)) {
			return nil, errors.New("a call that is not understood")
		}
		return nil, nil
	}
	if a.outside {
		return nil, nil
	}
	if c.op == opWrite && a.err == nil {
		c.data = c.data[:result]
	}
	return c, a.err
}

// callArgs reads the arguments of a call. outside says that one of them is a file elsewhere.
type callArgs struct {
	dir     string
	of      []string
	outside bool
	err     error
}

func (a *callArgs) number(i int) int64 {
	n, err := strconv.ParseInt(a.of[i], 0, 64)
	if err != nil {
		a.err = err
	}
	return n
}

// text gives a string; strace writes each byte as \x and two digits.
func (a *callArgs) text(i int) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(a.of[i], `"`), `\x`, ""))
	if err != nil {
		a.err = err
	}
	return b
}

// file gives the file behind a descriptor. One that has no name any more is outside: nothing that is
// done to it can be found after a crash.
func (a *callArgs) file(i int) string {
	_, path, _ := strings.Cut(a.of[i], "<")
	path, deleted, _ := strings.Cut(path, ">")
	if deleted != "" || !strings.HasPrefix(path, `\x`) {
		a.outside = true
		return ""
	}
	return a.within(string((&callArgs{of: []string{path}}).text(0)))
}

// name gives the file that is named, seen from the folder that an argument before it is a descriptor of.
func (a *callArgs) name(folder, i int) string {
	path := string(a.text(i))
	if folder >= 0 && !filepath.IsAbs(path) {
		_, from, _ := strings.Cut(a.of[folder], "<")
		from, _, _ = strings.Cut(from, ">")
		path = filepath.Join(string((&callArgs{of: []string{from}}).text(0)), path)
	}
	return a.within(path)
}

func (a *callArgs) within(path string) string {
	rest, inside := strings.CutPrefix(filepath.Clean(path), a.dir)
	if !inside || rest != "" && rest[0] != '/' {
		a.outside = true
	}
	return strings.TrimPrefix(rest, "/")
}

func hexed(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, `\x%02x`, s[i])
	}
	return b.String()
}

// disk is a folder as the kernel and as the platter know it.
type disk struct {
	names   map[string]*inode // as a running program sees them
	durable map[string]*inode
	pending []nameChange // of names, not synced yet, in their order
	lazy    bool         // a disk that takes each sync for done at once
}

type inode struct {
	folder  bool
	content []byte // as a running program reads it
	synced  []byte
	pending []diskCall // since the last sync
}

// nameChange is a name that came, went (to is nil) or became another file's.
type nameChange struct {
	path  string
	to    *inode
	ended int
}

// newDisk gives a disk on which a folder lies as it is now, synced.
func newDisk(t testing.TB, dir string, lazy bool) *disk {
	t.Helper()
	d := &disk{names: map[string]*inode{}, lazy: lazy}
	err := filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file := &inode{folder: e.IsDir()}
		if !e.IsDir() {
			if file.content, err = os.ReadFile(at); err != nil {
				return err
			}
			file.synced = bytes.Clone(file.content)
		}
		name, err := filepath.Rel(dir, at)
		d.names[path.Clean("/" + name)[1:]] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d.durable = maps.Clone(d.names)
	return d
}

func (d *disk) change(path string, to *inode, ended int) {
	if to == nil {
		delete(d.names, path)
	} else {
		d.names[path] = to
	}
	d.pending = append(d.pending, nameChange{path, to, ended})
}

// do carries out a call.
func (d *disk) do(c diskCall) error {
	file := d.names[c.path]
	if file == nil && c.op != opOpen && c.op != opFolder {
		return fmt.Errorf("%s of %q, which is not there", opNames[c.op], c.path)
	}
	switch c.op {
	case opOpen:
		if file == nil {
			d.change(c.path, &inode{}, c.ended)
		} else if c.empty && len(file.content) > 0 {
			file.write(diskCall{op: opResize, ended: c.ended})
		}
	case opFolder:
		d.change(c.path, &inode{folder: true}, c.ended)
	case opRemove:
		d.change(c.path, nil, c.ended)
	case opLink:
		d.change(c.other, file, c.ended)
	case opRename:
		if file.folder {
			return errors.New("a folder is renamed: not understood")
		}
		d.change(c.other, file, c.ended)
		d.change(c.path, nil, c.ended)
	case opSyncFailed:
		// The kernel tells of it once, and takes what it could not write for written.
		file.pending = slices.DeleteFunc(file.pending, func(w diskCall) bool { return w.ended < c.began })
	case opSync:
		switch {
		case d.lazy:
		case file.folder:
			d.syncNames(c.path, c.began)
		default:
			file.sync(c.began)
		}
	default:
		file.write(c)
	}
	return nil
}

func (f *inode) write(c diskCall) {
	f.content = c.apply(f.content)
	f.pending = append(f.pending, c)
}

// sync makes durable what had returned before the sync began.
func (f *inode) sync(began int) {
	var later []diskCall
	for _, c := range f.pending {
		if c.ended < began {
			f.synced = c.apply(f.synced)
		} else {
			later = append(later, c)
		}
	}
	f.pending = later
}

// syncNames makes durable the names in one folder.
func (d *disk) syncNames(folder string, began int) {
	d.pending = slices.DeleteFunc(d.pending, func(n nameChange) bool {
		if parent(n.path) != folder || n.ended >= began {
			return false
		}
		d.settle(n)
		return true
	})
}

func (d *disk) settle(n nameChange) {
	if n.to == nil {
		delete(d.durable, n.path)
	} else {
		d.durable[n.path] = n.to
	}
}

func parent(path string) string {
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		return path[:at]
	}
	return ""
}

// apply gives a file's content after a call. The old content is not kept.
func (c diskCall) apply(content []byte) []byte {
	reach := max(c.size, c.at+int64(len(c.data))) // a write's size is its reach where it was torn
	if c.op == opResize && c.size < int64(len(content)) {
		return content[:c.size]
	}
	if have := int64(len(content)); reach > have {
		content = slices.Grow(content, int(reach-have))[:reach]
		clear(content[have:])
	}
	copy(content[c.at:], c.data)
	return content
}

// killed writes the folder as a kill at this moment leaves it: all that was written is there.
func (d *disk) killed(t testing.TB, to string) {
	t.Helper()
	lay(t, to, maps.Clone(d.names), func(f *inode) []byte { return f.content })
}

// powerless writes the folder as a power cut at this moment may leave it: of what was not synced, any
// write may be there, be missing, or end within it, and in each folder the names reach the disk in order.
func (d *disk) powerless(t testing.TB, to string, chance *rand.Rand) {
	t.Helper()
	names := maps.Clone(d.durable)
	saved := d.durable
	d.durable = names
	until := map[string]int{}
	for _, n := range d.pending {
		until[parent(n.path)]++
	}
	for _, folder := range slices.Sorted(maps.Keys(until)) {
		until[folder] = chance.IntN(until[folder] + 1)
	}
	for _, n := range d.pending {
		if folder := parent(n.path); until[folder] > 0 {
			until[folder]--
			d.settle(n)
		}
	}
	d.durable = saved
	lay(t, to, names, func(f *inode) []byte {
		content := bytes.Clone(f.synced)
		for _, c := range f.pending {
			switch chance.IntN(4) {
			case 0: // never reached the disk
			case 1: // torn: the file is as long as after the write, and some sectors are not written
				c.size = max(c.size, c.at+int64(len(c.data)))
				c.data = c.data[:chance.IntN(len(c.data)/512+1)*512]
				content = c.apply(content)
			default:
				content = c.apply(content)
			}
		}
		return content
	})
}

// lay writes files and folders. One whose folder did not reach the disk is lost with it.
func lay(t testing.TB, to string, names map[string]*inode, content func(*inode) []byte) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(names)) {
		if up := names[parent(path)]; up == nil || !up.folder {
			delete(names, path)
			continue
		}
		at, err := filepath.Join(to, path), error(nil)
		if names[path].folder {
			err = os.MkdirAll(at, 0o700)
		} else {
			err = os.WriteFile(at, content(names[path]), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
