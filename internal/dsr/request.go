package dsr

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Outcome is how a request ended.
type Outcome string

// The outcomes. "Partly" is normal.
const (
	Granted       Outcome = "granted"
	PartlyGranted Outcome = "partly_granted"
	Refused       Outcome = "refused"
	NothingHeld   Outcome = "nothing_found"
	Assessed      Outcome = "assessed" // asked in words and answered in words; no field was decided
)

// Text is the outcome in words.
func (o Outcome) Text() locale.Text {
	switch o {
	case Granted:
		return locale.Text{NB: "Innvilget", NN: "Imøtekommen", EN: "Granted"}
	case PartlyGranted:
		return locale.Text{NB: "Delvis innvilget", NN: "Delvis imøtekommen", EN: "Partly granted"}
	case Refused:
		return locale.Text{NB: "Avslått", NN: "Avslått", EN: "Refused"}
	case Assessed:
		return locale.Text{NB: "Vurdert", NN: "Vurdert", EN: "Assessed"}
	case NothingHeld:
		return locale.Text{NB: "Vi fant ingen opplysninger", NN: "Vi fann ingen opplysningar", EN: "No data found"}
	}
	return locale.Text{}
}

// Outcomes lists all outcomes.
func Outcomes() []Outcome { return []Outcome{Granted, PartlyGranted, Refused, NothingHeld, Assessed} }

// Channel is how a request came in.
type Channel string

// The channels. The portal is an offer, never the only way (Art. 12(2)).
const (
	Web     Channel = "web"
	Email   Channel = "email"
	Letter  Channel = "letter"
	Phone   Channel = "phone"
	Counter Channel = "counter"
	API     Channel = "api"
)

// ErrChannel: the word is no channel.
var ErrChannel = fault.Define(fault.Invalid, "unknown_channel",
	"Velg hvordan kravet kom inn.", "Vel korleis kravet kom inn.", "Choose how the request came in.")

// Text is the channel in words.
func (c Channel) Text() locale.Text {
	switch c {
	case Web:
		return locale.Text{NB: "Nettportalen", NN: "Nettportalen", EN: "The web portal"}
	case Email:
		return locale.Text{NB: "E-post", NN: "E-post", EN: "E-mail"}
	case Letter:
		return locale.Text{NB: "Brev", NN: "Brev", EN: "Letter"}
	case Phone:
		return locale.Text{NB: "Telefon", NN: "Telefon", EN: "Phone"}
	case Counter:
		return locale.Text{NB: "Personlig oppmøte", NN: "Personleg oppmøte", EN: "In person"}
	case API:
		return locale.Text{NB: "Et annet system", NN: "Eit anna system", EN: "Another system"}
	}
	return locale.Text{}
}

// Channels lists all channels.
func Channels() []Channel { return []Channel{Web, Email, Letter, Phone, Counter, API} }

// ParseChannel reads a channel's stable name.
func ParseChannel(s string) (Channel, error) {
	if c := Channel(s); !c.Text().IsZero() {
		return c, nil
	}
	return "", ErrChannel.At("/channel")
}

// EventKind is what happened.
type EventKind string

// The kinds of events. Those above the blank line move the state or the clock.
const (
	EventReceived         EventKind = "received"
	EventVerified         EventKind = "verified"
	EventCollectStarted   EventKind = "collect_started"
	EventCollected        EventKind = "collected"
	EventReopened         EventKind = "reopened"
	EventQuestionAsked    EventKind = "question_asked"
	EventQuestionAnswered EventKind = "question_answered"
	EventExtended         EventKind = "extended"
	EventReceiptCorrected EventKind = "receipt_corrected"
	EventDecided          EventKind = "decided"
	EventPlanned          EventKind = "planned"
	EventLookedOver       EventKind = "looked_over"
	EventApproved         EventKind = "approved"
	EventExecutionStarted EventKind = "execution_started"
	EventExecuted         EventKind = "executed"
	EventDrifted          EventKind = "drifted"
	EventAnswered         EventKind = "answered"
	EventRefused          EventKind = "refused"
	EventNothingFound     EventKind = "nothing_found"
	EventWithdrawn        EventKind = "withdrawn"
	EventParked           EventKind = "parked"
	EventResumed          EventKind = "resumed"
	EventPurged           EventKind = "purged"

	EventMessage         EventKind = "message"
	EventAssigned        EventKind = "assigned"
	EventPackageReady    EventKind = "package_ready"
	EventDownloaded      EventKind = "downloaded"
	EventCopyErased      EventKind = "copy_erased" // the person has the copy, and had ours erased
	EventReminded        EventKind = "reminded"
	EventNoted           EventKind = "noted"
	EventSourceChecked   EventKind = "source_checked"
	EventAuthority       EventKind = "authority"        // a member saw what lets somebody act for the person
	EventDirected        EventKind = "directed"         // the answer goes to the person, not to whoever asks for them
	EventProposed        EventKind = "proposed"         // a refusal that a second member has to approve
	EventRestricted      EventKind = "restricted"       // data are only stored from now on (Art. 18(1))
	EventLiftingTold     EventKind = "lifting_told"     // the person was told that this ends, and when (Art. 18(3))
	EventLifted          EventKind = "lifted"           // it has ended
	EventPartSent        EventKind = "part_sent"        // a part of the answer, before the rest
	EventAnswerCorrected EventKind = "answer_corrected" // what was wrong in the answer was told beside it
	EventLiftingKept     EventKind = "lifting_kept"     // it does not end after all: the person objected, or it was a mistake

	EventDuty     EventKind = "duty"      // the office owes something beside the plan; Code says what
	EventDutyDone EventKind = "duty_done" // and has done it
	EventLearned  EventKind = "learned"   // a member told the portal a fact; Code says which
	EventRedacted EventKind = "redacted"  // passages of a text were taken out; Count says how many, none: they were put back
)

// actions maps the events that move the state to the action they record.
var actions = map[EventKind]Action{
	EventCollectStarted: Collect, EventCollected: Collected, EventReopened: ReopenCollect,
	EventQuestionAsked: AskPerson, EventQuestionAnswered: PersonReplied, EventApproved: Approve,
	EventExecutionStarted: Execute, EventExecuted: Executed, EventDrifted: Drifted,
	EventAnswered: Answer, EventRefused: Refuse, EventNothingFound: NothingFound,
	EventWithdrawn: Withdraw, EventParked: Park, EventResumed: Resume, EventPurged: Purge,
}

// ActionOf gives the action that an event records, if it moves the state.
func ActionOf(k EventKind) (Action, bool) {
	a, ok := actions[k]
	return a, ok
}

// Actor is who did it. Member is set for members only. A member who records what a person said on
// the phone acts as the person; EventData.Member then says who wrote it down.
type Actor struct {
	Kind   ActorKind `json:"kind"`
	Member int64     `json:"member,omitempty"`
}

// Event is something that happened to a request. Events are only ever appended.
type Event struct {
	At    time.Time
	Kind  EventKind
	Actor Actor
	Data  EventData
}

// QuestionOther is a question that never pauses the clock, such as one for an older address.
const QuestionOther PauseKind = "other"

// EventData is what the fold needs to know of an event. It is stored as JSON in the clear, so it
// holds dates, numbers, codes and digests only: no name, no address, no text that people wrote.
type EventData struct {
	Right      Right   `json:"right,omitempty"`        // received
	Channel    Channel `json:"channel,omitempty"`      // received
	Profile    string  `json:"profile,omitempty"`      // received: EDPB when empty
	Zone       string  `json:"zone,omitempty"`         // received: the profile's when empty
	Country    string  `json:"country,omitempty"`      // received: whose holidays count; the profile's when empty
	MaxAskDays int     `json:"max_ask_days,omitempty"` // received: the profile's own when zero

	Standing Standing `json:"standing,omitempty"`  // received: as what somebody asks
	ChildAge ChildAge `json:"child_age,omitempty"` // received: when the person is a child
	Rights   []Right  `json:"rights,omitempty"`    // authority: what it covers
	Until    Date     `json:"until,omitzero"`      // authority: its last day
	Method   string   `json:"method,omitempty"`    // authority: how whoever asks was known, from a fixed list

	// On is the local date that counts, when it is not that of At: a letter's arrival, a question
	// that was asked by phone yesterday.
	On Date `json:"on,omitzero"`

	Question    int       `json:"question,omitempty"`     // asked: its number; answered: which, 0 is all
	Asks        PauseKind `json:"asks,omitempty"`         // asked: identity, clarification or other
	Reasoned    bool      `json:"reasoned,omitempty"`     // asked, extended: the reasons are recorded
	LargeVolume bool      `json:"large_volume,omitempty"` // asked
	Months      int       `json:"months,omitempty"`       // extended
	Digest      string    `json:"digest,omitempty"`       // planned, approved
	Approvers   int       `json:"approvers,omitempty"`    // approved: how many members could
	Confirmed   bool      `json:"confirmed,omitempty"`    // approved: the only approver confirmed twice
	CoolUntil   time.Time `json:"cool_until,omitzero"`    // approved: when the person's time to cancel ends
	Idle        bool      `json:"idle,omitempty"`         // approved: the plan does nothing
	Special     bool      `json:"special,omitempty"`      // approved: the plan shows special categories
	Outcome     Outcome   `json:"outcome,omitempty"`      // answered
	Member      int64     `json:"member,omitempty"`       // planned: who prepared; assigned: to whom
	Members     []int64   `json:"members,omitempty"`      // planned: whose decisions stand in it
	Code        string    `json:"code,omitempty"`         // a reason or method from a fixed list
	Count       int       `json:"count,omitempty"`        // rows, downloads
	Source      string    `json:"source,omitempty"`       // name of a connected system
	Version     int64     `json:"version,omitempty"`      // of the register, when that is what matters
	Calendar    string    `json:"calendar,omitempty"`     // received: version of the holiday rules
	LiftAt      time.Time `json:"lift_at,omitzero"`       // lifting_told: when the restriction ends at the earliest
}

// Projection is what the events add up to.
type Projection struct {
	State       State
	Right       Right
	Channel     Channel
	Verified    bool
	VerifiedAt  time.Time
	Deadline    Deadline
	Outcome     Outcome
	AnsweredAt  time.Time
	Plan        string // digest of the current plan, or empty
	PreparedBy  int64  // the last who did; of an approved plan one who is not the approver, if there is
	Approval    string // digest that was approved, or empty
	ApprovedBy  int64
	Approvers   int
	Confirmed   bool
	CoolUntil   time.Time
	Idle        bool // the approved plan does nothing
	Special     bool // the approved plan shows special categories
	PlanDone    bool
	Packaged    bool
	Parts       int       // parts of the answer that went before it
	LiftAt      time.Time // when a restriction ends of which the person was told; zero: nothing was told
	AssignedTo  int64
	Standing    Standing
	ChildAge    ChildAge
	Grant       *Grant   // the authority that was recorded last
	Directed    bool     // the answer goes to the person directly
	Proposed    *Refusal // a refusal that waits for a second member
	Silent      bool     // closed because a question was never answered
	Doubted     bool     // who the person is was asked, and nothing was decided by it since
	Questions   int      // questions ever asked
	OpenAsked   int      // questions without a reply
	unheard     bool     // closed while who the person is was asked and not decided
	deciders    []int64  // whose decisions stand in the current plan or came after it
	lookers     []int64  // who looked the current plan over
	Duties      []Duty   // what the office still owes beside the plan
	askedFrom   State
	parkedFrom  State
	asked       []question
	receivedOn  Date
	extensions  []Extension
	profileName string
	zoneName    string
	countryName string
	maxAskDays  int
}

// Refusal is a refusal that one member proposed.
type Refusal struct {
	Ground string
	By     int64
	At     time.Time
}

type question struct {
	number int
	pause  Pause
}

// ErrHistory: the events are not a history that a request can have.
var ErrHistory = fault.Define(fault.Internal, "broken_history",
	"Sakens hendelser henger ikke sammen.", "Hendingane i saka heng ikkje saman.",
	"The events of the case do not fit together.")

// Faults of lifting a restriction: the person is told first, and has time to object (Art. 18(3)).
var (
	ErrLiftUntold = fault.Define(fault.Conflict, "lift_untold",
		"Personen skal få vite det før begrensningen oppheves, og ha tid til å si fra (artikkel 18 nr. 3).",
		"Personen skal få vite det før avgrensinga blir oppheva, og ha tid til å seie frå (artikkel 18 nr. 3).",
		"The person must be told before the restriction is lifted, and have time to object (Art. 18(3)).")
	ErrNotLifting = fault.Define(fault.Conflict, "not_lifting",
		"Det er ikke bestemt at begrensningen skal oppheves. Last siden på nytt.",
		"Det er ikkje bestemt at avgrensinga skal opphevast. Last sida på nytt.",
		"It has not been decided that the restriction is lifted. Reload the page.")
	ErrLiftingTold = fault.Define(fault.Conflict, "lifting_told",
		"Personen har alt fått beskjed om at begrensningen oppheves.",
		"Personen har alt fått beskjed om at avgrensinga blir oppheva.",
		"The person has been told already that the restriction will be lifted.")
)

// Project folds the events of a request, oldest first, into its state and its clock. It checks
// every step against the state machine with the facts that the events hold, so an error means that
// the history is not a possible one: a new event that makes it fail must not be stored. What the
// events do not say (that every source was read) is taken as met.
func Project(events []Event) (Projection, error) {
	var p Projection
	if len(events) == 0 || events[0].Kind != EventReceived {
		return p, ErrHistory
	}
	for i, e := range events {
		if i > 0 && e.Kind == EventReceived {
			return p, ErrHistory
		}
		if err := p.apply(e); err != nil {
			return p, fmt.Errorf("event %d (%s): %w", i+1, e.Kind, err)
		}
	}
	deadline, err := p.clock()
	if err != nil {
		return p, fmt.Errorf("counting the time limit: %w", err)
	}
	p.Deadline = deadline
	return p, nil
}

// Facts gives the guards what the events say. The caller adds what they do not: Incomplete, how
// many may approve now, and, when it is about to approve, what and who.
func (p Projection) Facts(now time.Time) Facts {
	f := Facts{
		Verified: p.Verified, Right: p.Right, PlanDigest: p.Plan, ApprovedDigest: p.Approval,
		PreparedBy: p.PreparedBy, ApprovedBy: p.ApprovedBy, ApproversInOffice: p.Approvers, OwnWork: p.decided(p.ApprovedBy),
		SecondConfirmation: p.Confirmed, Idle: p.Idle, Special: p.Special, CoolingOver: !now.Before(p.CoolUntil),
		OpenQuestion: p.OpenAsked > 0, PlanDone: p.PlanDone, PackageReady: p.Packaged, ReturnState: p.askedFrom,
		Unauthorised: p.Unauthorised(now), Silent: p.Silent,
	}
	if p.State == NeedsHuman {
		f.ReturnState = p.parkedFrom
	}
	return f
}

// Approving gives the guards what a member's approval of the current plan would be: whether any
// decision in it is the member's own, and who else prepared it.
func (p Projection) Approving(member int64) (preparedBy int64, ownWork bool) {
	return p.preparer(member), p.decided(member)
}

// decided tells whether a decision in the current plan is a member's own.
func (p Projection) decided(member int64) bool {
	return member != 0 && slices.Contains(p.deciders, member)
}

// preparer gives somebody who prepared the current plan: another than a member, if there is one.
func (p Projection) preparer(member int64) int64 {
	for _, list := range [][]int64{p.lookers, p.deciders} {
		for _, other := range slices.Backward(list) {
			if other != member {
				return other
			}
		}
	}
	return p.PreparedBy
}

func (p *Projection) apply(e Event) error {
	if err := p.note(e); err != nil {
		return err
	}
	action, moves := actions[e.Kind]
	if !moves {
		return nil
	}
	f := p.Facts(e.At)
	f.PackageReady = true
	if e.Kind == EventExecuted {
		f.PlanDone = true
	}
	from := p.State
	to, err := Next(from, f, action, e.Actor.Kind)
	if err != nil {
		return err
	}
	p.State = to
	p.settle(e, from)
	// Whoever approves what is to happen, or ends the case, has decided who the person is, or given it up.
	if to == Approved || !Open(to) {
		p.Doubted = false
	}
	return nil
}

// note takes in the facts of an event before the state machine sees it.
func (p *Projection) note(e Event) error {
	switch e.Kind {
	case EventReceived:
		return p.begin(e)
	case EventVerified:
		if p.Standing == AsCompany && p.Grant == nil {
			return ErrSignatory // a company is known by who may sign for it
		}
		if !p.Verified {
			p.Verified, p.VerifiedAt = true, e.At
		}
		p.Doubted = false
	case EventReceiptCorrected:
		return p.on(e, &p.receivedOn)
	case EventExtended:
		x := Extension{Months: e.Data.Months, Reasoned: e.Data.Reasoned}
		if err := p.on(e, &x.Sent); err != nil {
			return err
		}
		p.extensions = append(p.extensions, x)
	case EventQuestionAsked:
		return p.ask(e)
	case EventQuestionAnswered:
		return p.reply(e)
	case EventDecided, EventRedacted, EventLookedOver, EventPlanned:
		p.prepare(e)
	case EventApproved:
		d := e.Data
		p.Approval, p.ApprovedBy, p.Approvers = d.Digest, e.Actor.Member, d.Approvers
		p.Confirmed, p.CoolUntil, p.Idle, p.Special = d.Confirmed, d.CoolUntil, d.Idle, d.Special
		p.PreparedBy = p.preparer(p.ApprovedBy)
	case EventPackageReady:
		p.Packaged = true
	case EventAssigned:
		p.AssignedTo = e.Data.Member
	case EventAuthority:
		return p.grant(e)
	case EventDirected:
		p.Directed = true
	case EventProposed:
		p.Proposed = &Refusal{Ground: e.Data.Code, By: e.Actor.Member, At: e.At}
		if e.Data.Code == "" {
			p.Proposed = nil // taken back
		}
	case EventAnswerCorrected:
		if p.State != Answered {
			return ErrTransition
		}
	case EventPartSent:
		if !p.Verified || p.State != Review && p.State != AwaitingPerson {
			return ErrTransition // a part goes before the rest, of what was found
		}
		if p.Doubted && p.State == AwaitingPerson {
			return ErrOpenQuestion // who the person is: nothing of theirs is given out
		}
		p.Doubted = false // whoever sends a part has decided who the person is
		p.Parts++
	case EventLiftingTold:
		if !p.LiftAt.IsZero() {
			return ErrLiftingTold
		}
		if !e.Data.LiftAt.After(e.At) {
			return ErrLiftUntold
		}
		p.LiftAt = e.Data.LiftAt
	case EventLifted:
		if p.LiftAt.IsZero() || e.At.Before(p.LiftAt) {
			return ErrLiftUntold
		}
		p.LiftAt = time.Time{}
	case EventLiftingKept:
		if p.LiftAt.IsZero() {
			return ErrNotLifting
		}
		p.LiftAt = time.Time{}
	case EventDuty:
		p.Duties = append(p.Duties, Duty(e.Data.Code))
	case EventDutyDone:
		return p.relieve(Duty(e.Data.Code))
	}
	return nil
}

func (p *Projection) begin(e Event) error {
	d := e.Data
	profile, err := ParseProfile(d.Profile)
	if err != nil {
		return err
	}
	if d.Right.Row().Right == "" {
		return ErrRight
	}
	p.State, p.Right, p.Channel = Received, d.Right, d.Channel
	p.Standing, p.ChildAge = d.Standing, d.ChildAge
	p.profileName, p.zoneName, p.countryName, p.maxAskDays = profile.Name, d.Zone, d.Country, d.MaxAskDays
	if p.zoneName == "" {
		calendar, err := CalendarFor(cmp.Or(d.Country, profile.Country))
		if err != nil {
			return err
		}
		p.zoneName = calendar.Zone()
	}
	return p.on(e, &p.receivedOn)
}

// on gives the local date that an event counts for.
func (p *Projection) on(e Event, into *Date) error {
	if *into = e.Data.On; !into.IsZero() {
		return nil
	}
	zone, err := time.LoadLocation(p.zoneName)
	if err != nil {
		return fmt.Errorf("loading the controller's zone: %w", err)
	}
	*into = DateOf(e.At, zone)
	return nil
}

func (p *Projection) ask(e Event) error {
	d := e.Data
	q := question{number: d.Question, pause: Pause{Kind: d.Asks, Reasoned: d.Reasoned, LargeVolume: d.LargeVolume}}
	if q.number == 0 {
		q.number = p.Questions + 1
	}
	p.Questions++
	p.OpenAsked++
	p.Doubted = p.Doubted || d.Asks == PauseIdentity
	if err := p.on(e, &q.pause.Asked); err != nil {
		return err
	}
	p.asked = append(p.asked, q)
	return nil
}

func (p *Projection) reply(e Event) error {
	var on Date
	if err := p.on(e, &on); err != nil {
		return err
	}
	found := false
	for i := range p.asked {
		q := &p.asked[i]
		if !q.pause.Replied.IsZero() || e.Data.Question != 0 && e.Data.Question != q.number {
			continue
		}
		if on.Before(q.pause.Asked) {
			return ErrReplyBeforeAsk
		}
		q.pause.Replied = on
		p.OpenAsked--
		found = true
	}
	if !found {
		return ErrTransition
	}
	return nil
}

// prepare notes who made the plan what it is. A new plan voids an approval of another.
func (p *Projection) prepare(e Event) {
	switch {
	case e.Data.Member != 0:
		p.PreparedBy = e.Data.Member
	case e.Actor.Kind == Member:
		p.PreparedBy = e.Actor.Member
	}
	switch {
	case e.Kind == EventPlanned:
		p.Plan, p.PlanDone = e.Data.Digest, false
		// What was looked over is another plan; of the decisions, those that stand in this one count.
		p.lookers, p.deciders = nil, slices.Clone(e.Data.Members)
		if len(p.deciders) == 0 && e.Data.Member != 0 {
			p.deciders = []int64{e.Data.Member}
		}
	case (e.Kind == EventDecided || e.Kind == EventRedacted) && e.Actor.Kind == Member:
		p.deciders = append(p.deciders, e.Actor.Member)
	case e.Kind == EventLookedOver && e.Actor.Kind == Member && e.Data.Digest == p.Plan:
		p.lookers = append(p.lookers, e.Actor.Member)
	}
}

// settle keeps what later events need to know of the step just made.
func (p *Projection) settle(e Event, from State) {
	switch e.Kind {
	case EventQuestionAsked:
		if from != AwaitingPerson {
			p.askedFrom = from
		}
	case EventCollected:
		p.askedFrom = Review
	case EventParked:
		p.parkedFrom = from
	case EventDrifted, EventReopened:
		p.Approval, p.ApprovedBy, p.Confirmed, p.CoolUntil, p.Idle, p.Special, p.PlanDone = "", 0, false, time.Time{}, false, false, false
	case EventExecuted:
		p.PlanDone = true
	case EventAnswered:
		if p.Outcome = e.Data.Outcome; p.Outcome == "" {
			p.Outcome = Granted
		}
		p.AnsweredAt = e.At
	case EventRefused:
		p.Outcome, p.AnsweredAt, p.Proposed = Refused, e.At, nil
		p.Silent = from == AwaitingPerson && e.Actor.Kind == System
		p.unheard = p.Silent && p.Doubted
	case EventQuestionAnswered:
		if from == Answered { // the case was closed for want of this reply
			p.Outcome, p.AnsweredAt, p.Silent, p.Doubted = "", time.Time{}, false, p.unheard
		}
	case EventNothingFound:
		p.Outcome, p.AnsweredAt = NothingHeld, e.At
	}
}

func (p *Projection) clock() (Deadline, error) {
	profile, err := ParseProfile(p.profileName)
	if err != nil {
		return Deadline{}, err
	}
	c := Clock{Profile: profile, Zone: p.zoneName, Country: p.countryName, Received: p.receivedOn,
		Extensions: p.extensions, MaxAskDays: p.maxAskDays}
	for _, q := range p.asked {
		if q.pause.Kind == PauseIdentity || q.pause.Kind == PauseClarification {
			c.Pauses = append(c.Pauses, q.pause)
		}
	}
	return Compute(c)
}
