package fulfilment

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/mail"
	"mininfo/internal/register"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Faults of approving: each says what is left to do.
var (
	ErrTasksOpen = fault.Define(fault.Conflict, "tasks_open",
		"Det er steder igjen å lete. Skriv hva som er funnet der, eller hvorfor det ikke er lett.",
		"Det er stader att å leite. Skriv kva som er funne der, eller kvifor det ikkje er leitt.",
		"There are places left to look in. Write what was found there, or why nobody looked.")
	ErrNeedsLook = fault.Define(fault.Conflict, "groups_open",
		"Noen funn må vurderes først. De er merket.", "Nokre funn må vurderast først. Dei er merkte.",
		"Some findings have to be assessed first. They are marked.")
	ErrFilesUnseen = fault.Define(fault.Conflict, "files_unseen",
		"En kollega har lagt ved filer, og de går ut slik de er. Se i det personen får se om andre er nevnt i dem, og merk filene som sett på.",
		"Ein kollega har lagt ved filer, og dei går ut slik dei er. Sjå i det personen får sjå om andre er nemnde i dei, og merk filene som sett på.",
		"A colleague has attached files, and they go out as they are. See in what the person gets to see whether others are mentioned in them, and mark the files as looked at.")
	ErrPlanProblems = fault.Define(fault.Conflict, "plan_problems",
		"Dette kan ikke utføres slik det står. Se hva som er i veien.",
		"Dette kan ikkje utførast slik det står. Sjå kva som er i vegen.",
		"This cannot be carried out as it stands. See what is in the way.")
	ErrCopyFirst = fault.Define(fault.Conflict, "copy_first",
		"Personen har også bedt om en kopi av opplysningene. Svar på det først, ellers er de borte før personen har fått dem.",
		"Personen har òg bede om ein kopi av opplysningane. Svar på det først, elles er dei borte før personen har fått dei.",
		"The person has also asked for a copy of the data. Answer that first, or they are gone before the person has them.")
	ErrDutyFirst = fault.Define(fault.Conflict, "duty_first",
		"Noe må gjøres med én gang. Det står øverst i saken. Merk det som gjort først.",
		"Noko må gjerast med ein gong. Det står øvst i saka. Merk det som gjort først.",
		"Something has to be done at once. It stands at the top of the case. Mark it as done first.")
	ErrWeighFirst = fault.Define(fault.Conflict, "weigh_first",
		"Personen har protestert. Vei interessene mot hverandre først, og skriv hvorfor.",
		"Personen har protestert. Veg interessene mot kvarandre først, og skriv kvifor.",
		"The person has objected. Weigh the interests first, and write why.")
	ErrNothingToApprove = fault.Define(fault.Conflict, "nothing_found",
		"Det er ikke funnet noe, så det er ingenting å godkjenne. Svar at dere ikke har noe.",
		"Det er ikkje funne noko, så det er ingenting å godkjenne. Svar at de ikkje har noko.",
		"Nothing was found, so there is nothing to approve. Answer that you hold nothing.")
	ErrApprovedAlready = fault.Define(fault.Conflict, "approved_already",
		"Dette er allerede godkjent.", "Dette er alt godkjent.", "This has been approved already.")
)

// Approve approves exactly the plan with a digest. What takes data away, or shows special categories, needs a
// second member, or a second confirmation where there is only one approver. Of what takes data away the
// person's cooling-off begins.
func (w *Works) Approve(ctx context.Context, by By, id, digest string, confirmed bool) error {
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		r, err := tx.Request(id)
		if err != nil {
			return err
		}
		approvers, err := tx.Approvers()
		if err != nil {
			return err
		}
		m, err := w.gather(tx, r)
		if err != nil {
			return err
		}
		guarded, err := m.guarded()
		if err != nil {
			return err
		}
		// With a second approver there is nobody who approves alone, whatever was ticked.
		confirmed := confirmed && approvers < 2 && guarded
		if err := by.mayApprove(r, approvers, guarded, confirmed); err != nil {
			return err
		}
		if err := w.approvable(tx, m); err != nil {
			return err
		}
		if digest != m.plan.Digest {
			return dsr.ErrPlanNotApproved
		}
		return w.approve(tx, by, m, approvers, confirmed)
	})
}

// guarded tells whether two people guard the plan.
func (m *material) guarded() (bool, error) {
	removes, err := m.removes()
	return removes || m.special(), err
}

// special tells whether the plan shows special categories of data, or data on offences (Arts. 9 and 10).
func (m *material) special() bool {
	return m.request.Right.Row().Package && slices.ContainsFunc(m.groups, func(g grouped) bool {
		return g.Special && !g.Candidate && g.action() == register.Disclose
	})
}

// removes tells whether a cooling-off guards the plan, and two people do: it is of a right that takes data away, and
// does something. Where nothing of what was asked about is found there is nothing to guard.
func (m *material) removes() (bool, error) {
	if !m.request.Right.Removes() || m.plan == nil {
		return m.request.Right.Removes(), nil
	}
	s, _, err := planFacts(m.plan)
	byHand := slices.ContainsFunc(m.tasks, func(t store.Task) bool { return t.State == store.TaskFound || t.State == store.TaskDone })
	return byHand || len(s.Tallies)+len(s.Writes) > 0, err
}

func (b By) mayApprove(r *store.Request, approvers int, guarded, confirmed bool) error {
	preparedBy, own := r.P.Approving(b.ID)
	return b.mayIn(staff.Approve, staff.Facts{
		Assigned: r.P.AssignedTo == 0 || r.P.AssignedTo == b.ID, FactorFresh: b.Fresh, ApproversInOffice: approvers,
		OwnWork: own || preparedBy == b.ID, Guarded: guarded, Confirmed: confirmed,
	})
}

// approvable gives the first thing that is left to do before an approval.
func (w *Works) approvable(tx *store.Tx, m *material) error {
	r := m.request
	switch {
	case r.P.State == dsr.Approved || r.P.State == dsr.Executing || r.P.State == dsr.Answered:
		return ErrApprovedAlready
	case r.P.State != dsr.Review || m.run == nil:
		return dsr.ErrTransition
	case m.newest == nil || m.newest.ID != m.run.ID || m.run.State != store.RunComplete:
		return dsr.ErrIncomplete
	}
	switch {
	case r.P.Urgent():
		return ErrDutyFirst
	case len(m.toWeigh()) > 0:
		return ErrWeighFirst
	}
	if err := m.looked(); err != nil {
		return err
	}
	if m.stale() {
		return ErrPlanStale
	}
	_, problems, err := planFacts(m.plan)
	if err != nil {
		return err
	}
	if blocking(problems) {
		return ErrPlanProblems
	}
	if slices.ContainsFunc(m.tasks, m.unseen) {
		return ErrFilesUnseen
	}
	if m.empty() {
		return firstErr(m.looking(), ErrNothingToApprove)
	}
	return copyFirst(tx, r)
}

// unseen tells whether files of a task are to be given that nobody has looked at who answers for the rights of
// others (Art. 15(4)): a colleague added them, and no member has said since what was found there.
func (m *material) unseen(t store.Task) bool {
	return m.request.Right.Row().Package && t.State == store.TaskFound && t.MemberID == nil && m.files[t.ID] > 0
}

// toWeigh lists the activities whose data wait for the balancing test of Art. 21(1).
func (m *material) toWeigh() []string {
	var ids []string
	for _, g := range m.groups {
		if g.Proposal.Code == register.CodeWeighing && m.request.Right == dsr.Objection && !slices.Contains(ids, g.Activity) {
			ids = append(ids, g.Activity)
		}
	}
	return ids
}

// looked tells whether everything that needs a person has been looked at.
func (m *material) looked() error {
	for _, t := range m.tasks {
		if t.State == store.TaskOpen {
			return ErrTasksOpen
		}
	}
	for _, g := range m.groups {
		if g.Blocked != nil && g.Part != partCandidate {
			return m.gap(g)
		}
		if g.open() {
			return ErrNeedsLook
		}
	}
	return nil
}

// empty tells whether nothing at all is held that is confirmed to be the person's.
func (m *material) empty() bool {
	for _, t := range m.tasks {
		if t.State == store.TaskFound || t.State == store.TaskDone {
			return false
		}
	}
	return !m.found()
}

// copyFirst: what was asked to be seen is shown before it is taken away (INT-06), whether it was asked for
// together with it or on another day (ACC-11).
func copyFirst(tx *store.Tx, r *store.Request) error {
	if !r.Right.Row().Removes {
		return nil
	}
	owed, err := tx.CopiesOwed(r)
	if err == nil && len(owed) > 0 {
		err = ErrCopyFirst
	}
	return err
}

func (w *Works) approve(tx *store.Tx, by By, m *material, approvers int, confirmed bool) error {
	r := m.request
	removes, err := m.removes()
	if err != nil {
		return err
	}
	var cool time.Time
	if removes {
		if cool, err = coolUntil(tx, r); err != nil {
			return err
		}
	}
	idle, special := r.Right.Removes() && !removes, m.special()
	data := dsr.EventData{Digest: m.plan.Digest, Approvers: approvers, Confirmed: confirmed, CoolUntil: cool, Idle: idle, Special: special}
	change := store.Change{
		Role: by.role(), Columns: map[string]any{"approved_at": store.Micros(tx.Now)},
		Facts: func(f *dsr.Facts) {
			f.ApprovedDigest, f.ApprovedBy, f.ApproversInOffice, f.SecondConfirmation = m.plan.Digest, by.ID, approvers, confirmed
			f.Idle, f.Special = idle, special
			f.PreparedBy, f.OwnWork = r.P.Approving(by.ID)
		},
	}
	if err := tx.Act(r, dsr.Event{Kind: dsr.EventApproved, Actor: by.actor(), Data: data}, change); err != nil {
		return err
	}
	a := store.Approval{PlanID: m.plan.ID, Digest: m.plan.Digest, MemberID: by.ID, Session: by.Session, ProvedAt: by.ProvedAt, Alone: confirmed}
	if err := tx.AddApproval(r, a); err != nil {
		return err
	}
	if !cool.IsZero() {
		if err := tx.MailPerson(r, mail.EraseLastCall); err != nil {
			return err
		}
	}
	return tx.Enqueue(job.Spec{Kind: JobExecute, Key: fmt.Sprintf("%s/%s/%d", JobExecute, r.PublicID, len(r.Events)), Object: r.PublicID, RunAt: cool})
}

// coolUntil is when the person's time to change their mind ends: never past the due date. Zero:
// there is none.
func coolUntil(tx *store.Tx, r *store.Request) (time.Time, error) {
	settings, _, err := tx.Settings(r.Controller)
	if err != nil || settings.CoolingOffHours <= 0 {
		return time.Time{}, err
	}
	zone, err := zoneOf(tx)
	if err != nil {
		return time.Time{}, err
	}
	until := tx.Now.Add(time.Duration(settings.CoolingOffHours) * time.Hour)
	due := r.P.Deadline.Due
	if r.P.Deadline.Open {
		due = r.P.Deadline.DueUnsuspended
	}
	// The execution and the answer still have to fit into the last day.
	last := due.AddDays(1).Start(zone).Add(-6 * time.Hour)
	if until.After(last) {
		until = last
	}
	if !until.After(tx.Now) {
		return time.Time{}, nil
	}
	return until.UTC().Truncate(time.Microsecond), nil
}

// told joins the words of a member with those of the case.
func told(words string) []string {
	if words = strings.TrimSpace(words); words == "" {
		return nil
	}
	return strings.Split(words, "\n\n")
}
