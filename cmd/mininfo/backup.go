package main

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mininfo/internal/blob"
	"mininfo/internal/keyring"
	"mininfo/internal/store"
)

// A backup is an age file (keyring's sealed stream) that the key file opens and nothing else does,
// around a tar: the database file, the blobs, and last the list of all with their digests. The key
// file is not in it: whoever finds a backup finds nothing, and it has to be kept apart anyway.
const (
	backupFormat   = 1
	backupDatabase = "mininfo.db"
	backupBlobs    = "blobs/"
	backupList     = "list.json"
)

var backupPlace = keyring.Place{Table: "backup", Column: "content", Row: "1"}

// backupContents is the last entry of a backup.
type backupContents struct {
	Format  int           `json:"format"`
	MadeAt  time.Time     `json:"made_at"`
	Version string        `json:"version"`
	Entries []backupEntry `json:"entries"`
}

type backupEntry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

var (
	errBackupBroken = errors.New("the backup cannot be read: it is damaged or cut short, or it was made with another key file")
	errBackupForm   = errors.New("the backup was made by a newer version: restore it with that version or a later one")
)

type backupCommand struct {
	config
	To   string `arg:"" help:"File to write; it must not exist." type:"path"`
	JSON bool   `help:"Machine-readable."`
}

// Run makes a backup, reads it again from beginning to end, and only then gives it its name.
func (c *backupCommand) Run(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	if !strings.HasPrefix(c.Database, "sqlite://") {
		return misused{store.ErrNotSQLite}
	}
	if _, err := os.Lstat(c.To); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: a backup overwrites nothing", c.To)
	}
	ring, err := keyring.Load(c.KeyFile)
	if err != nil {
		return fmt.Errorf("reading the key file: %w", err)
	}
	blobs, err := blob.Open(t.ctx, c.Blobs)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(c.To), ".mininfo-backup-*")
	if err != nil {
		return fmt.Errorf("preparing the backup: %w", err)
	}
	defer os.RemoveAll(work)
	part := filepath.Join(work, "part")
	if err := writeBackup(t.ctx, c.Database, ring, blobs, work, part); err != nil {
		return err
	}
	contents, err := checkBackup(t.ctx, part, ring, filepath.Join(work, "again.db"))
	if err != nil {
		return fmt.Errorf("the backup was written and does not verify: %w", err)
	}
	if err := settle(part, c.To); err != nil {
		return fmt.Errorf("putting the backup in its place: %w", err)
	}
	return c.tell(t, contents)
}

func (c *backupCommand) tell(t *terminal, contents backupContents) error {
	info, err := os.Stat(c.To)
	if err != nil {
		return fmt.Errorf("looking at the backup: %w", err)
	}
	if c.JSON {
		return printJSON(t.out, map[string]any{"file": c.To, "size": info.Size(), "made_at": contents.MadeAt, "files": len(contents.Entries) - 1})
	}
	_, err = fmt.Fprintf(t.out, "%s: %d bytes, the database and %d files, read again and whole.\nOnly the key file %s opens it: keep a copy of that apart from this.\n"+
		"It does not know of erasures after this moment: keep a fresh 'mininfo source ledger export' beside it.\n",
		c.To, info.Size(), len(contents.Entries)-1, c.KeyFile)
	return err
}

// writeBackup copies the database first: whatever file it names was there before.
func writeBackup(ctx context.Context, database string, ring *keyring.Ring, blobs blob.Store, work, part string) error {
	contents := backupContents{Format: backupFormat, MadeAt: now(), Version: version}
	copied := filepath.Join(work, "copy.db")
	if err := store.CopySQLite(ctx, database, ring, copied); err != nil {
		return err
	}
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	defer out.Close()
	sealed, err := ring.SubKey(keyring.LabelBackup).SealWriter(out, backupPlace)
	if err != nil {
		return err
	}
	w := &backupWriter{tar: tar.NewWriter(sealed), contents: &contents}
	if err := w.file(copied); err != nil {
		return err
	}
	for info, err := range blobs.List(ctx, "") {
		if err != nil {
			return fmt.Errorf("listing the files: %w", err)
		}
		if err := w.blob(ctx, blobs, info.Name); err != nil {
			return err
		}
	}
	return w.close(sealed, out)
}

type backupWriter struct {
	tar      *tar.Writer
	contents *backupContents
}

func (w *backupWriter) add(name string, size int64, r io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: w.contents.MadeAt, Format: tar.FormatPAX}); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w.tar, sum), r); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	w.contents.Entries = append(w.contents.Entries, backupEntry{name, size, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

func (w *backupWriter) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	return w.add(backupDatabase, info.Size(), f)
}

// blob adds a file of the store; one that was deleted meanwhile was meant to be.
func (w *backupWriter) blob(ctx context.Context, blobs blob.Store, name string) error {
	o, err := blobs.Open(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer o.Close()
	return w.add(backupBlobs+name, o.Size(), o)
}

func (w *backupWriter) close(sealed io.Closer, out *os.File) error {
	list, err := json.Marshal(w.contents)
	if err != nil {
		return fmt.Errorf("writing the backup's list: %w", err)
	}
	if err := w.tar.WriteHeader(&tar.Header{Name: backupList, Size: int64(len(list)), Mode: 0o600, Format: tar.FormatPAX}); err != nil {
		return fmt.Errorf("writing the backup's list: %w", err)
	}
	if _, err := w.tar.Write(list); err != nil {
		return fmt.Errorf("writing the backup's list: %w", err)
	}
	for _, end := range []func() error{w.tar.Close, sealed.Close, out.Sync, out.Close} {
		if err := end(); err != nil {
			return fmt.Errorf("ending the backup: %w", err)
		}
	}
	return nil
}

// eachEntry reads a backup; the list at its end must be what was read, entry by entry.
func eachEntry(path string, ring *keyring.Ring, take func(name string, r io.Reader) error) (backupContents, error) {
	var none backupContents
	f, err := os.Open(path)
	if err != nil {
		return none, fmt.Errorf("reading the backup: %w", err)
	}
	defer f.Close()
	plain, err := ring.SubKey(keyring.LabelBackup).OpenReader(f, backupPlace)
	if err != nil {
		return none, errBackupBroken
	}
	var seen []backupEntry
	archive := tar.NewReader(plain)
	for {
		h, err := archive.Next()
		if err != nil { // also the end: the list ends a backup
			return none, errBackupBroken
		}
		if h.Name == backupList {
			break
		}
		sum := sha256.New()
		counted := &counter{r: io.TeeReader(archive, sum)}
		if err := take(h.Name, counted); err != nil {
			return none, err
		}
		if _, err := io.Copy(io.Discard, counted); err != nil {
			return none, errBackupBroken
		}
		seen = append(seen, backupEntry{h.Name, counted.n, hex.EncodeToString(sum.Sum(nil))})
	}
	var contents backupContents
	if err := json.NewDecoder(archive).Decode(&contents); err != nil {
		return none, errBackupBroken
	}
	if contents.Format > backupFormat {
		return none, errBackupForm
	}
	if _, err := io.Copy(io.Discard, plain); err != nil { // the stream's own end
		return none, errBackupBroken
	}
	if len(seen) != len(contents.Entries) || len(seen) == 0 {
		return none, errBackupBroken
	}
	for i, e := range contents.Entries {
		if e != seen[i] {
			return none, errBackupBroken
		}
	}
	return contents, nil
}

// counter counts what is read, and tells a broken stream from a caller's own failure.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errBackupBroken
	}
	return n, err
}

// checkBackup reads a backup from beginning to end and leaves its database at a path, looked over.
func checkBackup(ctx context.Context, path string, ring *keyring.Ring, database string) (backupContents, error) {
	contents, err := eachEntry(path, ring, func(name string, r io.Reader) error {
		if name == backupDatabase {
			return writeFile(database, r)
		}
		inner, ok := strings.CutPrefix(name, backupBlobs)
		if !ok || blob.CheckName(inner) != nil {
			return errBackupBroken
		}
		return ctx.Err()
	})
	if err != nil {
		return contents, err
	}
	return contents, store.CheckSQLite(ctx, database, ring)
}

// settle gives a file its name without overwriting what came there meanwhile. Where the disk knows no
// links (many memory sticks do not), it looks first.
func settle(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

func writeFile(path string, r io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing the database: %w", err)
	}
	if _, err := io.Copy(f, r); err != nil {
		_ = f.Close()
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

type restoreCommand struct {
	config
	From  string `arg:"" help:"The backup." type:"existingfile"`
	Check bool   `help:"Read the backup and say whether it is whole; restore nothing."`
}

// Run brings a backup back where nothing is. It looks at all of it before it writes any of it.
func (c *restoreCommand) Run(t *terminal) error {
	if err := c.complete(); err != nil {
		return err
	}
	database, ok := strings.CutPrefix(c.Database, "sqlite://")
	if !ok {
		return misused{store.ErrNotSQLite}
	}
	ring, err := keyring.Load(c.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the key file %s is missing: a backup opens only with the key file of the portal that made it", c.KeyFile)
	}
	if err != nil {
		return fmt.Errorf("reading the key file: %w", err)
	}
	if c.Check {
		return c.look(t, ring)
	}
	for _, leftover := range []string{database, database + "-wal", database + "-journal"} {
		if _, err := os.Lstat(leftover); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there: a restore overwrites nothing; move it away, or name another folder with --data", leftover)
		}
	}
	blobs, err := blob.Open(t.ctx, c.Blobs)
	if err != nil {
		return err
	}
	for _, err := range blobs.List(t.ctx, "") {
		if err != nil {
			return fmt.Errorf("listing the files: %w", err)
		}
		return fmt.Errorf("there are files at %s: a restore overwrites nothing; move them away, or name another place with --blobs", redacted(c.Blobs))
	}
	if err := os.MkdirAll(filepath.Dir(database), 0o700); err != nil {
		return fmt.Errorf("making the folder of the database: %w", err)
	}
	return c.bring(t, ring, blobs, database)
}

func (c *restoreCommand) look(t *terminal, ring *keyring.Ring) error {
	work, err := os.MkdirTemp("", "mininfo-restore-*")
	if err != nil {
		return fmt.Errorf("preparing: %w", err)
	}
	defer os.RemoveAll(work)
	contents, err := checkBackup(t.ctx, c.From, ring, filepath.Join(work, backupDatabase))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "The backup of %s is whole: the database and %d files.\n", contents.MadeAt.Format(time.RFC3339), len(contents.Entries)-1)
	return err
}

// bring puts the files back first and the database last: where there is no database there is no portal.
func (c *restoreCommand) bring(t *terminal, ring *keyring.Ring, blobs blob.Store, database string) (err error) {
	work, err := os.MkdirTemp(filepath.Dir(database), ".mininfo-restore-*")
	if err != nil {
		return fmt.Errorf("preparing the restore: %w", err)
	}
	defer os.RemoveAll(work)
	checked := filepath.Join(work, backupDatabase)
	if _, err := checkBackup(t.ctx, c.From, ring, checked); err != nil {
		return err
	}
	var put []string
	defer func() {
		if err != nil {
			for _, name := range put {
				_ = blobs.Delete(context.WithoutCancel(t.ctx), name)
			}
		}
	}()
	contents, err := eachEntry(c.From, ring, func(name string, r io.Reader) error {
		inner, ok := strings.CutPrefix(name, backupBlobs)
		if !ok {
			return nil
		}
		put = append(put, inner)
		_, err := blobs.Put(t.ctx, inner, func(w io.Writer) error { _, err := io.Copy(w, r); return err })
		return err
	})
	if err != nil {
		return err
	}
	if err := settle(checked, database); err != nil {
		return fmt.Errorf("putting the database in its place: %w", err)
	}
	put = nil // the database knows of them from here on
	held, err := c.reopen(t.ctx, contents)
	if err != nil {
		return fmt.Errorf("the backup is back, and the portal does not open: %w", err)
	}
	_, err = fmt.Fprintf(t.out, "Restored as of %s: the database and %d files. Everybody has to sign in again.\n"+
		"What happened since then is not in it: cases and answers (look through the mails that went out), and members and\n"+
		"API clients that were closed, which are open again.\n"+
		"Look it over with: mininfo doctor, mininfo audit verify\n\n%s", contents.MadeAt.Format(time.RFC3339), len(contents.Entries)-1, aboutLedger(held, contents.MadeAt))
	return err
}

// aboutLedger says what the restored ledger of erasures knows, and how the rest comes back into it.
func aboutLedger(held []store.ErasedSource, madeAt time.Time) string {
	rows, newest := int64(0), time.Time{}
	for _, h := range held {
		rows += h.Rows
		if h.Newest.After(newest) {
			newest = h.Newest
		}
	}
	knows := "This portal's ledger knows of no erasure in the connected systems.\n"
	if rows > 0 {
		knows = fmt.Sprintf("This portal's ledger knows of %d erasures of rows in the connected systems, the last at %s.\n", rows, newest.Format(time.RFC3339))
	}
	return knows + fmt.Sprintf("It knows of NO erasure after %s. If you keep an export of the ledger that is newer, take it in:\n"+
		"  mininfo source ledger import FILE\n"+
		"If connected systems were restored too, they hold again what was erased. See what, and erase it anew:\n"+
		"  mininfo source replay-erasures --backup-of TIME-OF-THEIR-BACKUP\n", madeAt.Format(time.RFC3339))
}

// reopen brings the schema up to date, ends what was signed in or mailed then, and says so in the log.
// It gives what the ledger of erasures holds.
func (c *restoreCommand) reopen(ctx context.Context, contents backupContents) (held []store.ErasedSource, err error) {
	s, _, err := openStore(ctx, c.config)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	err = s.InTx(ctx, func(tx *store.Tx) error {
		if err := tx.EndAllSessions(); err != nil {
			return err
		}
		if held, err = tx.ErasedSources(); err != nil {
			return err
		}
		_, err := tx.Log(store.Act{Actor: "system", Action: "restored", Statement: map[string]any{"made_at": contents.MadeAt}})
		return err
	})
	return held, err
}
