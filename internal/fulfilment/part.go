package fulfilment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// What is ready of an answer need not wait for the rest (Art. 12(3)): a part of it goes before, with a letter that says what is
// missing, why, and by when it comes. The case stays where it is and its clock goes on. A part holds what nobody has to look
// at any more; the answer holds it again with the rest, and says that it completes it.

// Faults of sending a part.
var (
	ErrPartWhole = fault.Define(fault.Conflict, "part_whole",
		"Ingenting mangler lenger. Send hele svaret.", "Ingenting manglar lenger. Send heile svaret.", "Nothing is missing any more. Send the whole answer.")
	ErrPartEmpty = fault.Define(fault.Conflict, "part_empty",
		"Det er ikke noe som er klart til å sendes ennå.", "Det er ikkje noko som er klart til å sendast enno.", "Nothing is ready to be sent yet.")
	ErrPartReason = fault.Define(fault.Invalid, "part_reason",
		"Skriv hvorfor resten kommer senere.", "Skriv kvifor resten kjem seinare.", "Write why the rest follows later.")
	ErrPartSent = fault.Define(fault.Conflict, "part_sent",
		"Det som er klart, er alt sendt. Vent til mer er klart, eller last siden på nytt.", "Det som er klart, er alt sendt. Vent til meir er klart, eller last sida på nytt.",
		"What is ready has been sent already. Wait until more is ready, or reload the page.")
	ErrPartOnPaper = fault.Define(fault.Conflict, "part_on_paper",
		"En del av svaret kan bare sendes til den som kan lese det i portalen. På papir sendes svaret samlet.",
		"Ein del av svaret kan berre sendast til den som kan lese det i portalen. På papir blir svaret sendt samla.",
		"A part of the answer can only be sent to somebody who can read it in the portal. On paper the answer is sent at once.")
)

// PartInput is what a member says when a part of the answer is sent.
type PartInput struct {
	Digest    string // of the plan that was looked at
	Reason    string // why the rest follows later, for the person
	Text      string // a few own words
	Confirmed bool   // the only approver has looked once more
}

// parted is the material of what is ready, and what is missing from it.
type parted struct {
	*material
	missing []string
}

// ready takes out of the material what somebody has to look at still: nil before the first search has ended.
func (m *material) ready() *parted {
	if m.run == nil {
		return nil
	}
	l := m.request.Locale
	p := &parted{material: new(material)}
	*p.material = *m
	judge := *m.judge
	judge.waiting, p.judge = map[unit]bool{}, &judge
	miss := func(said string) {
		if !slices.Contains(p.missing, said) {
			p.missing = append(p.missing, said)
		}
	}
	p.tasks = nil
	for _, t := range m.tasks {
		if t.State == store.TaskOpen || m.unseen(t) {
			miss(locale.Named(m.place(t).Name, l))
			continue
		}
		p.tasks = append(p.tasks, t)
	}
	for _, g := range m.groups {
		if g.Candidate || !g.open() && g.Blocked == nil {
			continue
		}
		judge.waiting[g.unit()] = true
	}
	// What is looked at still may turn out to be something that nobody may be told of: a system is named only
	// where the part shows that it has something.
	given := map[string]bool{}
	for _, g := range m.groups {
		if p.shows(g) {
			given[g.Group.Source] = true
		}
	}
	for _, g := range m.groups {
		switch {
		case !judge.waiting[g.unit()]:
		case given[g.Group.Source]:
			miss(fmt.Sprintf(textSomeOf.In(l), m.system(g.Group.Source, l)))
		default:
			miss(textSomeFound.In(l))
		}
	}
	return p
}

// special tells whether the part shows special categories of data, or data on offences (Arts. 9 and 10).
func (p *parted) special() bool {
	return slices.ContainsFunc(p.groups, func(g grouped) bool { return g.Special && p.shows(g) })
}

// shows tells whether the part shows a group.
func (p *parted) shows(g grouped) bool {
	return !g.Candidate && !p.judge.waiting[g.unit()] && g.action() == register.Disclose
}

// gives tells whether there is anything in the part.
func (p *parted) gives() bool {
	return slices.ContainsFunc(p.groups, p.shows) || slices.ContainsFunc(p.tasks, func(t store.Task) bool { return t.State == store.TaskFound })
}

// parting tells why no part can be sent now, whatever it says.
func (m *material) parting() error {
	r := m.request
	switch {
	case !r.Right.Row().Package || r.P.State != dsr.Review && r.P.State != dsr.AwaitingPerson:
		return dsr.ErrTransition
	case r.P.Doubted && r.P.State == dsr.AwaitingPerson:
		return dsr.ErrOpenQuestion
	case !m.byPortal():
		return ErrPartOnPaper
	case m.run == nil || m.newest == nil || m.newest.ID != m.run.ID || m.run.State != store.RunComplete:
		return dsr.ErrIncomplete
	case m.stale():
		return ErrPlanStale
	}
	return nil
}

// mark names what a part gives: the steps, and what colleagues found.
func (p *partly) mark() string {
	sum := sha256.New()
	_, _ = io.WriteString(sum, p.digest)
	for _, t := range p.tasks {
		_, _ = fmt.Fprintf(sum, "\x00%s/%s/%d", t.PublicID, t.State, p.material.files[t.ID])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// new refuses a part that gives what the last one gave.
func (p *partly) new(r *store.Request) error {
	for _, e := range slices.Backward(r.Events) {
		if e.Kind == dsr.EventPartSent {
			if e.Data.Digest == p.mark() {
				return ErrPartSent
			}
			return nil
		}
	}
	return nil
}

// partly is a part while it is being made.
type partly struct {
	*parted
	number int64
	after  []store.Package // those that went before
	said   store.Answer
	digest string // of its steps
	copied *bundle
}

// Unwritten stands in a preview where the office's reason will.
const Unwritten = "…"

// PreviewPart gives the letter of a part as it would stand now, with Unwritten for the reason.
func (w *Works) PreviewPart(ctx context.Context, by By, id string) (store.Answer, error) {
	p, err := w.partly(ctx, by, id, staff.ListCases, func(tx *store.Tx, p *parted) error { return by.look(tx, p.request, "answer_previewed") }, PartInput{Reason: Unwritten})
	if err != nil {
		return store.Answer{}, err
	}
	return p.said, nil
}

// SendPart sends what is ready of an answer before the rest. It needs who may approve, and where special categories are shown
// another one than who decided. What goes out is exactly of the plan that was looked at.
func (w *Works) SendPart(ctx context.Context, by By, id string, in PartInput) error {
	if strings.TrimSpace(in.Reason) == "" {
		return ErrPartReason.At("/reason")
	}
	may := func(tx *store.Tx, ready *parted) error {
		approvers, err := tx.Approvers()
		if err != nil {
			return err
		}
		if err := by.mayApprove(ready.request, approvers, ready.special(), in.Confirmed && approvers < 2); err != nil {
			return err
		}
		if err := ready.request.P.Unauthorised(tx.Now); err != nil {
			return err
		}
		if in.Digest != ready.plan.Digest {
			return dsr.ErrPlanNotApproved
		}
		return nil
	}
	p, err := w.partly(ctx, by, id, staff.Release, may, in)
	if err != nil {
		return err
	}
	if err := firstErr(p.new(p.request), p.said.Check()); err != nil {
		return err
	}
	name, err := w.Store.NewID()
	if err != nil {
		return err
	}
	p.copied.said = p.said
	defer p.copied.close()
	copied, err := p.copied.build(ctx, packageName(id, name), p.digest)
	if errors.Is(err, errDigest) {
		return ErrPlanStale
	}
	if err != nil {
		return err
	}
	err = w.act(ctx, by, id, staff.Release, func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := m.parting(); err != nil {
			return err
		}
		now := m.ready()
		if err := firstErr(may(tx, now), p.new(r)); err != nil {
			return err
		}
		if m.basis != p.basis || !slices.Equal(now.missing, p.missing) {
			return ErrPlanStale
		}
		// The letter that lies in the copy is the one that is sent.
		again, err := w.partOf(tx, now, p.plan, in)
		if err != nil {
			return err
		}
		if same, err := alike(again, p.said); err != nil || !same {
			return errors.Join(err, ErrPlanStale)
		}
		return p.send(tx, r, by, again, name, copied)
	})
	if err != nil {
		w.dropUnsent(context.WithoutCancel(ctx), id, copied.blob)
	}
	return err
}

// alike tells whether two letters say the same.
func alike(a, b store.Answer) (bool, error) {
	one, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("comparing letters: %w", err)
	}
	other, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("comparing letters: %w", err)
	}
	return bytes.Equal(one, other), nil
}

// dropUnsent clears a part away that nobody was given. A commit whose answer did not come through may have been
// kept all the same: then the part stays.
func (w *Works) dropUnsent(ctx context.Context, id, blob string) {
	kept := false
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		parts, err := tx.Parts(r)
		kept = slices.ContainsFunc(parts, func(p store.Package) bool { return p.Blob == blob })
		return err
	})
	if err == nil && !kept {
		err = w.Blobs.Delete(ctx, blob)
	}
	if err != nil {
		w.Logger.WarnContext(ctx, "a part that was not sent is not cleared away yet", "request", id)
	}
}

// send writes that the part is sent, and tells the person.
func (p *partly) send(tx *store.Tx, r *store.Request, by By, a store.Answer, name string, c built) error {
	added, err := tx.AddPart(r, store.Package{PublicID: name, Number: p.number, Blob: c.blob, SHA256: hex.EncodeToString(c.digest.SHA256[:]),
		Manifest: c.manifest, Size: c.digest.Size}, tx.Now.Add(PackageOpen))
	if err != nil {
		return err
	}
	if !added {
		return ErrPartSent
	}
	data := dsr.EventData{Count: int(p.number), Digest: p.mark()}
	given := map[string]any{"letter": a, "manifest": c.manifest}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventPartSent, Actor: by.actor(), Data: data}, store.Change{Role: by.role(), Statement: given}); err != nil {
		return err
	}
	body := strings.Join(append(slices.Clone(a.Paragraphs), a.Told[letter.From]...), "\n\n")
	if err := tx.Notify(r, letter.PartialAnswer, a, store.Message{MemberID: &by.ID, Body: keyring.NewPrivate(body)}); err != nil {
		return err
	}
	if err := tx.Touch(r, map[string]any{"unread_person": r.UnreadPerson + 1}); err != nil {
		return err
	}
	return p.tell(tx, mail.AnswerPart)
}

// partly puts a part together: what is ready, its steps, and its letter. may decides, in the transaction that reads.
func (w *Works) partly(ctx context.Context, by By, id string, permission staff.Permission, may func(*store.Tx, *parted) error, in PartInput) (*partly, error) {
	p := &partly{}
	err := w.act(ctx, by, id, permission, func(tx *store.Tx, r *store.Request) error {
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		if err := m.parting(); err != nil {
			return err
		}
		p.parted = m.ready()
		if err := may(tx, p.parted); err != nil {
			return err
		}
		switch {
		case len(p.missing) == 0:
			return ErrPartWhole
		case !p.gives():
			return ErrPartEmpty
		}
		if p.after, err = tx.Parts(r); err != nil {
			return err
		}
		p.number = int64(len(p.after)) + 1
		p.copied, err = w.sealedBundle(tx, p.material, store.Answer{}) // the letter follows
		return err
	})
	if err != nil {
		return nil, err
	}
	plan := &planner{w: w, m: p.material, judge: p.judge, findings: w.reader(p.copied.key, p.chunks, confirmed), tallies: map[tally]int64{}, ends: map[string]string{}}
	if err := plan.write(ctx, io.Discard); err != nil {
		return nil, fmt.Errorf("reading what is ready: %w", err)
	}
	counts, err := json.Marshal(plan.summary())
	if err != nil {
		return nil, fmt.Errorf("counting what is ready: %w", err)
	}
	p.digest = plan.planned.Digest
	p.plan = &store.Plan{ID: p.plan.ID, Digest: p.digest, Counts: string(counts)}
	err = w.Store.InTx(ctx, func(tx *store.Tx) error {
		p.said, err = w.partOf(tx, p.parted, p.plan, in)
		return err
	})
	return p, err
}

// partOf writes the letter of a part, from the counts of what is ready.
func (w *Works) partOf(tx *store.Tx, p *parted, counted *store.Plan, in PartInput) (store.Answer, error) {
	r, l := p.request, p.request.Locale
	due := r.P.Deadline.Due
	if r.P.Deadline.Open {
		due = r.P.Deadline.DueUnsuspended
	}
	a := answer{letter.NewPartialAnswer(l, p.missing, strings.TrimSpace(in.Reason), due, dsr.DateOf(tx.Now, p.zone))}
	s, _, err := planFacts(counted)
	if err != nil {
		return a.Answer, err
	}
	for _, t := range s.Tallies {
		a.add(t.Action, t.Name.In(l), done(t.Text, l), register.LawText(t.Law, l), t.Until, t.Count)
	}
	a.Groups = datesTogether(a.Groups, l)
	p.byHand(&a, l)
	a.Words = told(in.Text)
	m := *p.material
	m.plan = counted
	if err := w.discloses(tx, &m, &a.Answer, s.Tallies, false); err != nil {
		return a.Answer, err
	}
	if r.Right == dsr.Access {
		a.Disclosed = p.handedOut(l)
	}
	return a.Answer, w.addressAs(tx, &m, &a.Answer, letter.PartialAnswer)
}

// sentOn gives the days on which parts were sent.
func (m *material) sentOn(parts []store.Package) []dsr.Date {
	var days []dsr.Date
	for _, p := range parts {
		if p.ReadyAt != nil {
			days = append(days, dsr.DateOf(*p.ReadyAt, m.zone))
		}
	}
	return days
}

// PartView is a part of the answer as people see it.
type PartView struct {
	Number  int
	SentAt  time.Time
	Package PackageView
}

func partViews(tx *store.Tx, r *store.Request) ([]PartView, error) {
	parts, err := tx.Parts(r)
	if err != nil {
		return nil, err
	}
	var all []PartView
	for i := range parts {
		v, err := viewOf(tx, &parts[i])
		if err != nil {
			return nil, err
		}
		all = append(all, PartView{Number: int(parts[i].Number), SentAt: *parts[i].ReadyAt, Package: *v})
	}
	return all, nil
}

var textSomeFound = text("Noe av det søket ga, som vi må se nøyere på", "Noko av det søket gav, som vi må sjå nøyare på",
	"Some of what the search gave, which we have to look at more closely")

var textSomeOf = text("Noe av det som ligger i %s, og som vi må se nøyere på", "Noko av det som ligg i %s, og som vi må sjå nøyare på",
	"Some of what lies in %s, which we have to look at more closely")
