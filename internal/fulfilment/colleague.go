package fulfilment

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// A place may have a colleague, who has no account and gets a mail with a link to one task. The link
// lives as long as there is something to do behind it and the due date has not passed; it says what the
// colleague must know to look, and takes the answer that a member would give.

// Faults of links. Whoever holds the right secret of a link that is over may be told so; whoever does
// not gets package access's one answer.
var (
	ErrLinkOver = fault.Define(fault.Gone, "task_over",
		"Denne oppgaven er avsluttet. Du trenger ikke å gjøre noe.", "Denne oppgåva er avslutta. Du treng ikkje å gjere noko.",
		"This task is over. You need not do anything.")
	ErrLinkExpired = fault.Define(fault.Gone, "task_link_expired",
		"Svarfristen i saken er ute, og lenken virker ikke lenger. Kontakt kontoret som sendte den.",
		"Svarfristen i saka er ute, og lenkja verkar ikkje lenger. Kontakt kontoret som sende henne.",
		"The time limit of the case has passed and the link no longer works. Reach the office that sent it.")
	ErrNoColleague = fault.Define(fault.Conflict, "no_colleague",
		"Dette stedet har ingen kollega. Legg inn navn og e-post under «Hvor vi leter».",
		"Denne staden har ingen kollega. Legg inn namn og e-post under «Kvar vi leitar».",
		"This place has no colleague. Add name and e-mail under “Where we look”.")
	ErrLinkNothing = fault.Define(fault.Conflict, "task_not_waiting",
		"Oppgaven venter ikke på noen nå. Åpne den igjen først.", "Oppgåva ventar ikkje på nokon no. Opne henne igjen først.",
		"The task waits for nobody now. Open it again first.")
	ErrFoundNothing = fault.Define(fault.Invalid, "found_what",
		"Last opp det du fant, eller skriv hva det er.", "Last opp det du fann, eller skriv kva det er.",
		"Upload what you found, or write what it is.")
)

// What a task waits for.
const (
	awaitLook = "look" // look, and say what is there
	awaitRest = "rest" // what was found is yet to be decided: nothing to do now
	awaitDo   = "do"   // it is decided: erase or correct it
)

// awaited tells what a task waits for; empty when it is over, or its case is.
func awaited(r *store.Request, t store.Task) string {
	found := t.State == store.TaskFound && writes(r.Right)
	switch r.P.State {
	case dsr.Collecting, dsr.AwaitingPerson, dsr.Review:
		if t.State == store.TaskOpen {
			return awaitLook
		}
	case dsr.Executing:
		if found {
			return awaitDo
		}
		return ""
	case dsr.Approved:
	case dsr.NeedsHuman:
		found = found || t.State == store.TaskOpen
	default:
		return ""
	}
	if found {
		return awaitRest
	}
	return ""
}

// expired tells whether the due date has passed; while the clock is paused there is none.
func expired(r *store.Request, today dsr.Date) bool {
	return !r.P.Deadline.Open && today.After(r.P.Deadline.Due)
}

// ask makes the tasks of the places that somebody looks in, and writes to the colleagues of those that
// have one: when the search begins, so that nobody waits for a system that is down.
func (s *search) ask(ctx context.Context) error {
	if len(s.conns.Manual) == 0 {
		return nil
	}
	return s.w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(s.request.PublicID)
		if err != nil || !uploadable(r) {
			return err
		}
		for _, place := range s.conns.Manual {
			if err := tx.InsertTask(r, place.ID); err != nil {
				return err
			}
		}
		return askColleagues(tx, r)
	})
}

func askColleagues(tx *store.Tx, r *store.Request) error {
	tasks, err := tx.Tasks(r)
	if err != nil {
		return err
	}
	links, err := tx.TaskLinks(r)
	if err != nil {
		return err
	}
	sources, err := tx.Sources(r.Controller)
	if err != nil {
		return err
	}
	asked := 0
	for _, t := range tasks {
		// Asked once: a link that was revoked is not made again by another search.
		if _, before := links[t.ID]; before || awaited(r, t) != awaitLook {
			continue
		}
		c, err := colleagueOf(tx, sources, t)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		l, err := addLink(tx, r, t, *c, false)
		if err != nil {
			return err
		}
		if err := mailLater(tx, l, "first"); err != nil {
			return err
		}
		asked++
	}
	if asked == 0 {
		return nil
	}
	e := dsr.Event{Kind: dsr.EventNoted, Actor: system, Data: dsr.EventData{Code: "colleague_asked", Count: asked}}
	return tx.Act(r, e, store.Change{})
}

func colleagueOf(tx *store.Tx, sources []store.Source, t store.Task) (*store.Colleague, error) {
	i := slices.IndexFunc(sources, func(s store.Source) bool { return s.ID == t.SourceID })
	if i < 0 {
		return nil, nil
	}
	return tx.SourceColleague(sources[i])
}

func addLink(tx *store.Tx, r *store.Request, t store.Task, c store.Colleague, urgent bool) (store.TaskLink, error) {
	address, err := dsr.ParseAddress(c.Email.Reveal())
	if err != nil {
		return store.TaskLink{}, ErrNoColleague
	}
	return tx.AddTaskLink(r, t, c, tx.AddressIndex(address.Canonical), urgent)
}

func mailLater(tx *store.Tx, l store.TaskLink, why string) error {
	return tx.Enqueue(job.Spec{Kind: JobMailColleague, Key: fmt.Sprintf("%s/%s/%s", JobMailColleague, l.PublicID, why), Object: l.PublicID})
}

// handOver tells the colleagues who found something that it is decided: now they erase or correct it.
func handOver(tx *store.Tx, r *store.Request, tasks []store.Task) error {
	links, err := tx.TaskLinks(r)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		l, ok := links[t.ID]
		if !ok || l.VoidAt != nil || awaited(r, t) != awaitDo {
			continue
		}
		if _, err := tx.WantTaskLink(l.ID, true, false); err != nil {
			return err
		}
		if err := mailLater(tx, l, fmt.Sprintf("event/%d", len(r.Events))); err != nil {
			return err
		}
	}
	return nil
}

// SendTaskLink writes to a place's colleague again, at once. A colleague who has changed since, or whose
// link was revoked, gets a new link, and the one before is dead.
func (w *Works) SendTaskLink(ctx context.Context, by By, id, task string) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		t, err := taskOf(tx, r, task)
		if err != nil {
			return err
		}
		today, err := todayOf(tx)
		if err != nil {
			return err
		}
		switch wait := awaited(r, t); {
		case wait != awaitLook && wait != awaitDo:
			return ErrLinkNothing
		case expired(r, today):
			return ErrLinkExpired
		}
		l, err := w.linkFor(tx, r, t)
		if err != nil {
			return err
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "colleague_asked", Count: 1}}
		if err := tx.Act(r, e, store.Change{Role: by.role()}); err != nil {
			return err
		}
		return mailLater(tx, l, fmt.Sprintf("event/%d", len(r.Events)))
	})
}

// linkFor gives the link that a mail is wanted for: the live one, if it is the colleague's of today.
func (w *Works) linkFor(tx *store.Tx, r *store.Request, t store.Task) (store.TaskLink, error) {
	sources, err := tx.Sources(r.Controller)
	if err != nil {
		return store.TaskLink{}, err
	}
	c, err := colleagueOf(tx, sources, t)
	if err != nil {
		return store.TaskLink{}, err
	}
	if c == nil {
		return store.TaskLink{}, ErrNoColleague
	}
	links, err := tx.TaskLinks(r)
	if err != nil {
		return store.TaskLink{}, err
	}
	l, ok := links[t.ID]
	if !ok || l.VoidAt != nil || l.Colleague.Email.Reveal() != c.Email.Reveal() {
		return addLink(tx, r, t, *c, true)
	}
	_, err = tx.WantTaskLink(l.ID, true, false)
	return l, err
}

// RevokeTaskLink ends a task's link: the mails that are out open nothing any more.
func (w *Works) RevokeTaskLink(ctx context.Context, by By, id, task string) error {
	return w.act(ctx, by, id, staff.Decide, func(tx *store.Tx, r *store.Request) error {
		t, err := taskOf(tx, r, task)
		if err != nil {
			return err
		}
		ended, err := tx.VoidTaskLink(t.ID)
		if err != nil {
			return err
		}
		if !ended {
			return ErrLinkNothing
		}
		e := dsr.Event{Kind: dsr.EventNoted, Actor: by.actor(), Data: dsr.EventData{Code: "colleague_revoked"}}
		return tx.Act(r, e, store.Change{Role: by.role()})
	})
}

// Errand is what the holder of a link sees.
type Errand struct {
	Reference           dsr.Reference
	Right               dsr.Right
	Act                 string // look, rest or do
	Place, Instructions string
	Due                 dsr.Date // zero while the clock is paused
	Who                 []Clue
	Corrections         []store.Correction // what the person says is wrong
	Words               string             // the same in the person's words
	Files               []TaskFile
}

// Clue is one thing that the person is recognised by: a name, or an identifier that is known to be theirs.
type Clue struct {
	Kind  string // name, email, phone_number, external_id …
	Value keyring.Private
}

// OpenErrand shows whom the task is about. Only what identifies the person is shown: the name in the case
// and the identifiers that are confirmed to be theirs, never a mere possibility; in a correction also what
// is to be corrected. Each look is a leaf in the log, the first one an event of the case.
func (w *Works) OpenErrand(ctx context.Context, link string) (Errand, error) {
	var out Errand
	err := w.onLink(ctx, link, func(tx *store.Tx, r *store.Request, t store.Task, l store.TaskLink) error {
		var err error
		if out, err = errand(tx, r, t); err != nil {
			return err
		}
		first, err := tx.TaskLinkOpened(l.ID)
		if err != nil {
			return err
		}
		if first {
			e := dsr.Event{Kind: dsr.EventNoted, Actor: colleague.actor, Data: dsr.EventData{Code: "colleague_opened"}}
			return tx.Act(r, e, store.Change{Statement: map[string]string{"link": l.PublicID}})
		}
		_, err = tx.Log(store.Act{Actor: string(dsr.Colleague), Action: "task_opened", Request: r.PublicID, RequestID: r.ID,
			Statement: map[string]string{"link": l.PublicID}})
		return err
	})
	return out, err
}

func errand(tx *store.Tx, r *store.Request, t store.Task) (Errand, error) {
	places, err := placesNow(tx, r)
	if err != nil {
		return Errand{}, err
	}
	place := places[t.SourceID]
	out := Errand{Reference: r.Reference, Right: r.Right, Act: awaited(r, t), Place: place.Name, Instructions: place.Instructions}
	if !r.P.Deadline.Open {
		out.Due = r.P.Deadline.Due
	}
	if out.Who, err = whoIs(tx, r); err != nil {
		return Errand{}, err
	}
	if r.Right == dsr.Rectification {
		out.Corrections, out.Words = r.Detail.Corrections, r.Detail.Text
	}
	files, err := tx.Attachments(r)
	if err != nil {
		return Errand{}, err
	}
	for _, f := range files {
		if f.TaskID != nil && *f.TaskID == t.ID {
			out.Files = append(out.Files, TaskFile{Name: f.Name.Reveal(), Size: f.Size})
		}
	}
	return out, nil
}

// onLink runs one use case of a link's holder on its task. What the link is good for is decided on what
// the transaction itself has read.
func (w *Works) onLink(ctx context.Context, link string, fn func(*store.Tx, *store.Request, store.Task, store.TaskLink) error) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		l, err := tx.TaskLinkByID(link)
		if err != nil {
			return err
		}
		if l == nil {
			return ErrLinkOver
		}
		r, err := tx.Request(l.Request)
		if err != nil {
			return err
		}
		// Read again, now that the case is locked: it may have been revoked meanwhile.
		if l, err = tx.TaskLinkByID(link); err != nil {
			return err
		}
		tasks, err := tx.Tasks(r)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(tasks, func(t store.Task) bool { return t.ID == l.TaskID })
		if i < 0 || l.VoidAt != nil || awaited(r, tasks[i]) == "" {
			return ErrLinkOver
		}
		today, err := todayOf(tx)
		if err != nil {
			return err
		}
		if expired(r, today) {
			return ErrLinkExpired
		}
		return fn(tx, r, tasks[i], *l)
	})
}

// AnswerErrand writes what the colleague says, exactly as if a member had said it.
func (w *Works) AnswerErrand(ctx context.Context, link, outcome, note string) error {
	f := finding{outcome, note}
	state, err := f.state()
	if err != nil {
		return err
	}
	return w.onLink(ctx, link, func(tx *store.Tx, r *store.Request, t store.Task, _ store.TaskLink) error {
		wait := awaited(r, t)
		// A task that was reopened is a member's doing, and nothing is done that is not decided yet.
		if state == store.TaskOpen || (state == store.TaskDone) != (wait == awaitDo) || wait == awaitRest {
			return dsr.ErrTransition
		}
		if state == store.TaskFound && note == "" {
			files, err := tx.Attachments(r)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(files, func(a store.Attachment) bool { return a.TaskID != nil && *a.TaskID == t.ID }) {
				return ErrFoundNothing.At("/note")
			}
		}
		return w.settle(tx, r, t, state, f, colleague)
	})
}

// UploadErrand adds a file that the colleague found.
func (w *Works) UploadErrand(ctx context.Context, link, name string, body io.Reader) error {
	return w.upload(ctx, name, body, colleague, func(fn func(*store.Tx, *store.Request, store.Task) error) error {
		return w.onLink(ctx, link, func(tx *store.Tx, r *store.Request, t store.Task, _ store.TaskLink) error {
			if awaited(r, t) != awaitLook {
				return dsr.ErrTransition
			}
			return fn(tx, r, t)
		})
	})
}

func todayOf(tx *store.Tx) (dsr.Date, error) {
	zone, err := zoneOf(tx)
	if err != nil {
		return dsr.Date{}, err
	}
	return dsr.DateOf(tx.Now, zone), nil
}

// The states of a link, as the office sees it.
const (
	LinkNone    = "none"    // nobody has been written to
	LinkWaiting = "waiting" // the mail is on its way, or goes out with the next day's
	LinkSent    = "sent"
	LinkOpened  = "opened"
	LinkFailed  = "failed" // the mail could not be delivered
	LinkRevoked = "revoked"
	LinkExpired = "expired"
	LinkOver    = "over" // answered
)

var linkTexts = map[string]locale.Text{
	LinkNone:    text("Ikke spurt", "Ikkje spurt", "Not asked"),
	LinkWaiting: text("E-posten er på vei", "E-posten er på veg", "The mail is on its way"),
	LinkSent:    text("E-post sendt", "E-post send", "Mail sent"),
	LinkOpened:  text("Åpnet", "Opna", "Opened"),
	LinkFailed:  text("E-posten kom ikke fram", "E-posten kom ikkje fram", "The mail did not arrive"),
	LinkRevoked: text("Trukket tilbake", "Trekt tilbake", "Revoked"),
	LinkExpired: text("Lenken er gått ut", "Lenkja er gått ut", "The link has expired"),
	LinkOver:    text("Ferdig", "Ferdig", "Done"),
}

// links gives the colleague of each task that has one.
func (b *viewer) links() (map[int64]*TaskColleague, error) {
	out := map[int64]*TaskColleague{}
	if len(b.m.tasks) == 0 {
		return out, nil
	}
	links, err := b.tx.TaskLinks(b.m.request)
	if err != nil {
		return nil, err
	}
	sources, err := b.tx.Sources(b.m.request.Controller)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(b.tx)
	if err != nil {
		return nil, err
	}
	for _, t := range b.m.tasks {
		now, err := colleagueOf(b.tx, sources, t)
		if err != nil {
			return nil, err
		}
		l, asked := links[t.ID]
		if !asked && now == nil {
			continue
		}
		out[t.ID] = b.link(t, l, asked, now, zone)
	}
	return out, nil
}

func (b *viewer) link(t store.Task, l store.TaskLink, asked bool, now *store.Colleague, zone *time.Location) *TaskColleague {
	r := b.m.request
	wait, late := awaited(r, t), expired(r, dsr.DateOf(b.tx.Now, zone))
	c := &TaskColleague{State: stateOf(l, asked, wait, late)}
	if asked {
		c.Name = l.Colleague.Name.Reveal()
	} else {
		c.Name = now.Name.Reveal()
	}
	c.Text = linkTexts[c.State].In(b.l)
	if at := map[string]*time.Time{LinkSent: l.SentAt, LinkOpened: l.OpenedAt, LinkFailed: l.FailedAt, LinkRevoked: l.VoidAt}[c.State]; at != nil {
		c.Text += " " + dsr.DateOf(*at, zone).Format(b.l)
	}
	may := b.by.may(staff.Decide, r) == nil
	c.Send = may && now != nil && !late && (wait == awaitLook || wait == awaitDo)
	c.Revoke = may && asked && l.VoidAt == nil && wait != ""
	return c
}

func stateOf(l store.TaskLink, asked bool, wait string, late bool) string {
	switch {
	case !asked:
		return LinkNone
	case wait == "":
		return LinkOver
	case l.VoidAt != nil:
		return LinkRevoked
	case late:
		return LinkExpired
	case l.FailedAt != nil:
		return LinkFailed
	case l.WantedAt != nil:
		return LinkWaiting
	case l.OpenedAt != nil:
		return LinkOpened
	}
	return LinkSent
}
