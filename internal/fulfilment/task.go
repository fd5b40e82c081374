package fulfilment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"

	"mininfo/internal/blob"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// MaxUpload is how large a file may be that is added to a task.
const MaxUpload = 10 << 20

// maxFiles is how many files one task may have.
const maxFiles = 100

// Faults of tasks.
var (
	ErrOutcome = fault.Define(fault.Invalid, "unknown_outcome",
		"Velg hva som ble funnet.", "Vel kva som vart funne.", "Choose what was found.")
	ErrNoteMissing = fault.Define(fault.Invalid, "note_missing",
		"Skriv hvorfor det ikke er lett her.", "Skriv kvifor det ikkje er leitt her.", "Write why nobody looked here.")
	ErrUploadSize = fault.Define(fault.TooLarge, "upload_too_large",
		"Filen er for stor. Den kan være opptil 10 MB.", "Fila er for stor. Ho kan vere opptil 10 MB.", "The file is too large. It may be up to 10 MB.")
	ErrUploadType = fault.Define(fault.Invalid, "upload_type",
		"Denne typen fil kan ikke legges ved. Bruk PDF, PNG, JPEG, tekst, CSV, Excel, Word eller en e-post (.eml).",
		"Denne typen fil kan ikkje leggjast ved. Bruk PDF, PNG, JPEG, tekst, CSV, Excel, Word eller ein e-post (.eml).",
		"This type of file cannot be attached. Use PDF, PNG, JPEG, text, CSV, Excel, Word or a mail (.eml).")
	ErrUploadEmpty = fault.Define(fault.Invalid, "upload_empty",
		"Filen er tom.", "Fila er tom.", "The file is empty.")
	ErrTooManyFiles = fault.Define(fault.Conflict, "too_many_files",
		"Det er for mange filer her. Samle dem i én.", "Det er for mange filer her. Samle dei i éi.", "There are too many files here. Put them into one.")
)

// outcomes of a task, as a member says them.
var taskStates = map[string]string{
	"found": store.TaskFound, "nothing": store.TaskNothing, "exception": store.TaskException, "done": store.TaskDone, "reopened": store.TaskOpen,
}

// finding is what somebody says of a place.
type finding struct{ outcome, note string }

func (f finding) state() (string, error) {
	state, ok := taskStates[f.outcome]
	if !ok {
		return "", ErrOutcome.At("/outcome")
	}
	if state == store.TaskException && strings.TrimSpace(f.note) == "" {
		return "", ErrNoteMissing.At("/note")
	}
	return state, nil
}

// hand is who looks in a place: a member, or the colleague whose link it is.
type hand struct {
	actor  dsr.Actor
	role   string
	member *int64
}

func (b By) hand() hand { return hand{actor: b.actor(), role: b.role(), member: &b.ID} }

var colleague = hand{actor: dsr.Actor{Kind: dsr.Colleague}}

// FinishTask says what was found in a place, or that it is done there.
func (w *Works) FinishTask(ctx context.Context, by By, id, task, outcome, note string) error {
	f := finding{outcome, note}
	state, err := f.state()
	if err != nil {
		return err
	}
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		t, err := taskOf(tx, r, task)
		if err != nil {
			return err
		}
		return w.settle(tx, r, t, state, f, by.hand())
	})
}

// settle writes what was found in a place: the same whoever says it. A link that nothing is left to do
// behind ends with it.
func (w *Works) settle(tx *store.Tx, r *store.Request, t store.Task, state string, f finding, by hand) error {
	if !taskMoves(r, t, state) {
		return dsr.ErrTransition
	}
	moved, err := tx.SetTask(r, t, state, keyring.NewPrivate(f.note), by.member)
	if err != nil {
		return err
	}
	if !moved {
		return store.ErrMoved
	}
	t.State = state
	if awaited(r, t) == "" {
		if _, err := tx.VoidTaskLink(t.ID); err != nil {
			return err
		}
	}
	e := dsr.Event{Kind: dsr.EventSourceChecked, Actor: by.actor, Data: dsr.EventData{Code: f.outcome}}
	if err := tx.Act(r, e, store.Change{Role: by.role, Note: f.note}); err != nil {
		return err
	}
	return w.answerIfDone(tx, r)
}

// taskMoves: what was found may change until the approval; after it, what was found can only be
// done.
func taskMoves(r *store.Request, t store.Task, to string) bool {
	switch r.P.State {
	case dsr.Collecting, dsr.AwaitingPerson, dsr.Review:
		return true
	case dsr.Approved, dsr.Executing:
		return t.State == store.TaskFound && to == store.TaskDone
	}
	return false
}

func taskOf(tx *store.Tx, r *store.Request, id string) (store.Task, error) {
	tasks, err := tx.Tasks(r)
	if err != nil {
		return store.Task{}, err
	}
	i := slices.IndexFunc(tasks, func(t store.Task) bool { return t.PublicID == id })
	if i < 0 {
		return store.Task{}, store.ErrNoTask
	}
	return tasks[i], nil
}

// UploadTask adds a file that a member found. What it is, is read from its content; a name alone
// decides nothing.
func (w *Works) UploadTask(ctx context.Context, by By, id, task, name string, body io.Reader) error {
	return w.upload(ctx, name, body, by.hand(), func(fn func(*store.Tx, *store.Request, store.Task) error) error {
		return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
			t, err := taskOf(tx, r, task)
			if err != nil {
				return err
			}
			return fn(tx, r, t)
		})
	})
}

// upload keeps a file sealed. in runs a transaction on the task that it belongs to, for whoever may:
// once before the file is written, and once to keep it.
func (w *Works) upload(ctx context.Context, name string, body io.Reader, by hand, in func(func(*store.Tx, *store.Request, store.Task) error) error) error {
	content, err := io.ReadAll(io.LimitReader(body, MaxUpload+1))
	if err != nil {
		return fmt.Errorf("reading an upload: %w", err)
	}
	switch {
	case len(content) > MaxUpload:
		return ErrUploadSize
	case len(content) == 0:
		return ErrUploadEmpty
	}
	media, ok := sniff(name, content)
	if !ok {
		return ErrUploadType
	}
	var id string
	var key keyring.DataKey
	err = in(func(tx *store.Tx, r *store.Request, _ store.Task) error {
		if !uploadable(r) {
			return dsr.ErrTransition
		}
		id = r.PublicID
		key, err = tx.Key(id, store.ClassEvidence)
		return err
	})
	if err != nil {
		return err
	}
	file, err := w.Store.NewID()
	if err != nil {
		return err
	}
	at := fileName(id, file)
	if _, err := blob.PutSealed(ctx, w.Blobs, at, key, func(out io.Writer) error { _, err := out.Write(content); return err }); err != nil {
		return fmt.Errorf("keeping an upload: %w", err)
	}
	sum := sha256.Sum256(content)
	a := store.Attachment{PublicID: file, Name: keyring.NewPrivate(plainName(name)), MediaType: media,
		Size: int64(len(content)), Blob: at, SHA256: hex.EncodeToString(sum[:])}
	err = in(func(tx *store.Tx, r *store.Request, t store.Task) error {
		a.TaskID = &t.ID
		return keepFile(tx, by, r, a)
	})
	if err != nil {
		return errors.Join(err, w.Blobs.Delete(ctx, at))
	}
	return nil
}

func uploadable(r *store.Request) bool {
	switch r.P.State {
	case dsr.Collecting, dsr.AwaitingPerson, dsr.Review:
		return true
	}
	return false
}

func keepFile(tx *store.Tx, by hand, r *store.Request, a store.Attachment) error {
	if !uploadable(r) {
		return dsr.ErrTransition
	}
	have, err := tx.Attachments(r)
	if err != nil {
		return err
	}
	if len(have) >= maxFiles {
		return ErrTooManyFiles
	}
	if err := tx.AddAttachment(r, a); err != nil {
		return err
	}
	e := dsr.Event{Kind: dsr.EventSourceChecked, Actor: by.actor, Data: dsr.EventData{Code: "file_added"}}
	return tx.Act(r, e, store.Change{Role: by.role, Statement: map[string]any{"sha256": a.SHA256, "size": a.Size}})
}

// plainName is a file's name without folders and control characters.
func plainName(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 150 {
		name = string(r[:100]) + path.Ext(name)
	}
	if name == "" || name == "." || name == "/" {
		name = "fil"
	}
	return name
}

// sniff tells what a file is from its content, with the name only to tell alike kinds apart.
func sniff(name string, content []byte) (string, bool) {
	ext := strings.ToLower(path.Ext(name))
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")):
		return "application/pdf", true
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png", true
	case bytes.HasPrefix(content, []byte{0xff, 0xd8, 0xff}):
		return "image/jpeg", true
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return office(content)
	}
	if bytes.IndexByte(content, 0) >= 0 || !strings.HasPrefix(http.DetectContentType(content), "text/plain") {
		return "", false
	}
	switch ext {
	case ".csv":
		return "text/csv", true
	case ".eml":
		return "message/rfc822", true
	case ".txt":
		return "text/plain", true
	}
	return "", false
}

// office tells Excel and Word files apart by the parts that they must have.
func office(content []byte) (string, bool) {
	switch {
	case bytes.Contains(content, []byte("xl/workbook.xml")) && !bytes.Contains(content, []byte("vbaProject.bin")):
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true
	case bytes.Contains(content, []byte("word/document.xml")) && !bytes.Contains(content, []byte("vbaProject.bin")):
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true
	}
	return "", false
}
