package dsr

import (
	"slices"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// State is where a request stands in its life.
type State string

// The states of a request.
const (
	Received       State = "received"        // it came in
	Collecting     State = "collecting"      // the sources are being read
	AwaitingPerson State = "awaiting_person" // a question to the person is open
	Review         State = "review"          // the office looks at what was found
	Approved       State = "approved"        // the plan is approved, not yet begun
	Executing      State = "executing"       // the plan is being carried out and checked
	Answered       State = "answered"        // the person has the answer
	Purged         State = "purged"          // everything but the proof is gone
	Withdrawn      State = "withdrawn"       // the person took it back
	NeedsHuman     State = "needs_human"     // something went wrong that a machine cannot mend
)

// StateRow describes a state in plain words.
type StateRow struct {
	State  State
	Person locale.Text // as the person sees it
	Staff  locale.Text // as the office sees it
	Open   bool        // the clock runs and somebody owes work
}

var states = []StateRow{
	{Received, locale.Text{NB: "Mottatt", NN: "Motteken", EN: "Received"},
		locale.Text{NB: "Mottatt", NN: "Motteken", EN: "Received"}, true},
	{Collecting, locale.Text{NB: "Vi leter etter opplysningene dine", NN: "Vi leitar etter opplysningane dine", EN: "We are looking for your data"},
		locale.Text{NB: "Samler inn", NN: "Samlar inn", EN: "Collecting"}, true},
	{AwaitingPerson, locale.Text{NB: "Vi venter på svar fra deg", NN: "Vi ventar på svar frå deg", EN: "We are waiting for your reply"},
		locale.Text{NB: "Venter på personen", NN: "Ventar på personen", EN: "Waiting for the person"}, true},
	{Review, locale.Text{NB: "Til vurdering", NN: "Til vurdering", EN: "Under assessment"},
		locale.Text{NB: "Til vurdering", NN: "Til vurdering", EN: "Under assessment"}, true},
	{Approved, locale.Text{NB: "Godkjent, blir snart utført", NN: "Godkjend, blir snart utført", EN: "Approved, soon to be carried out"},
		locale.Text{NB: "Godkjent", NN: "Godkjend", EN: "Approved"}, true},
	{Executing, locale.Text{NB: "Blir utført nå", NN: "Blir utført no", EN: "Being carried out now"},
		locale.Text{NB: "Utføres", NN: "Blir utført", EN: "Being carried out"}, true},
	{Answered, locale.Text{NB: "Besvart", NN: "Svara på", EN: "Answered"},
		locale.Text{NB: "Besvart", NN: "Svara på", EN: "Answered"}, false},
	{Purged, locale.Text{NB: "Avsluttet og slettet hos oss", NN: "Avslutta og sletta hos oss", EN: "Closed and erased by us"},
		locale.Text{NB: "Slettet", NN: "Sletta", EN: "Purged"}, false},
	{Withdrawn, locale.Text{NB: "Trukket", NN: "Trekt", EN: "Withdrawn"},
		locale.Text{NB: "Trukket", NN: "Trekt", EN: "Withdrawn"}, false},
	{NeedsHuman, locale.Text{NB: "Under arbeid", NN: "Under arbeid", EN: "In progress"},
		locale.Text{NB: "Trenger deg", NN: "Treng deg", EN: "Needs a person"}, true},
}

// States lists all states in the order of a request's life.
func States() []StateRow { return slices.Clone(states) }

// Row gives the state's description; an unknown state gives the zero row.
func (s State) Row() StateRow {
	for _, row := range states {
		if row.State == s {
			return row
		}
	}
	return StateRow{}
}

// Open tells whether a request in the state still owes the person an answer.
func Open(s State) bool { return s.Row().Open }

// Action is what moves a request.
type Action string

// The actions on a request.
const (
	Collect       Action = "collect"        // begin to read the sources
	Collected     Action = "collected"      // the sources have been read
	ReopenCollect Action = "reopen_collect" // read them anew
	AskPerson     Action = "ask_person"     // put a question to the person
	PersonReplied Action = "person_replied" // the person answered it
	Approve       Action = "approve"        // approve the plan by its digest
	Execute       Action = "execute"        // begin to carry out the approved plan
	Executed      Action = "executed"       // every step is done and was checked
	Drifted       Action = "drifted"        // a row changed since the plan was made
	Answer        Action = "answer"         // send the answer: granted, wholly or partly
	Refuse        Action = "refuse"         // send a refusal with its reasons
	NothingFound  Action = "nothing_found"  // send the answer that nothing is held
	Withdraw      Action = "withdraw"       // the person takes the request back
	Park          Action = "park"           // stop and call for a human
	Resume        Action = "resume"         // go on from where it was parked
	Purge         Action = "purge"          // erase the case itself
)

// Actions lists all actions.
func Actions() []Action {
	return []Action{Collect, Collected, ReopenCollect, AskPerson, PersonReplied, Approve, Execute, Executed,
		Drifted, Answer, Refuse, NothingFound, Withdraw, Park, Resume, Purge}
}

// ActorKind is who acts.
type ActorKind string

// The kinds of actors.
const (
	Person ActorKind = "person"
	Member ActorKind = "member"
	System ActorKind = "system"
	// Colleague looks in one place for the office, by a mailed link and without an account. Nothing
	// that moves a case is theirs to do.
	Colleague ActorKind = "colleague"
)

// Facts is what the guards look at. Digests and members are those of the plan that the action
// concerns: for Approve, ApprovedDigest is what the member saw and ApprovedBy is that member.
type Facts struct {
	Verified           bool
	Right              Right
	PlanDigest         string // of the current plan
	ApprovedDigest     string
	PreparedBy         int64 // member; 0 is nobody
	ApprovedBy         int64 // member; 0 is nobody
	OwnWork            bool  // a decision in the plan is the approver's own
	Idle               bool  // the plan does nothing, so it takes nothing away either
	Special            bool  // the plan shows special categories of data, or data on offences (Arts. 9 and 10)
	ApproversInOffice  int   // members who may approve
	SecondConfirmation bool  // the only approver confirmed once more
	CoolingOver        bool  // the person's time to cancel has run out
	Incomplete         bool  // a source is unread and no exception is recorded
	OpenQuestion       bool  // a question to the person is open (after PersonReplied: another one)
	PlanDone           bool  // every step is done and verified
	PackageReady       bool  // the copy of the data lies ready
	ReturnState        State // where AwaitingPerson or NeedsHuman came from
	Silent             bool  // closed because a question was never answered

	Unauthorised *fault.Error // why whoever asks may not be answered; nil when they may
}

// Faults of the state machine.
var (
	ErrTransition = fault.Define(fault.Conflict, "state_conflict",
		"Saken er i en annen tilstand nå, så dette kan ikke gjøres. Last siden på nytt.",
		"Saka er i ein annan tilstand no, så dette kan ikkje gjerast. Last sida på nytt.",
		"The case has moved on, so this cannot be done now. Reload the page.")
	ErrActor = fault.Define(fault.Forbidden, "actor_not_allowed",
		"Du kan ikke gjøre dette.", "Du kan ikkje gjere dette.", "You cannot do this.")
	ErrNotVerified = fault.Define(fault.Conflict, "not_verified",
		"Identiteten er ikke bekreftet ennå.", "Identiteten er ikkje stadfesta enno.",
		"The identity has not been confirmed yet.")
	ErrPlanNotApproved = fault.Define(fault.Conflict, "plan_not_approved",
		"Noe er endret siden du så over saken. Se over på nytt.",
		"Noko er endra sidan du såg over saka. Sjå over på nytt.",
		"Something has changed since you looked the case over. Look it over again.")
	ErrFourEyes = fault.Define(fault.Forbidden, "four_eyes",
		"Dette må godkjennes av en annen enn den som forberedte det.",
		"Dette må godkjennast av ein annan enn den som førebudde det.",
		"This must be approved by another person than the one who prepared it.")
	ErrSecondConfirmation = fault.Define(fault.Conflict, "second_confirmation",
		"Du er alene om å godkjenne. Bekreft at du har sett over alt.",
		"Du er åleine om å godkjenne. Stadfest at du har sett over alt.",
		"You are the only approver. Confirm that you have looked everything over.")
	ErrCoolingOff = fault.Define(fault.Conflict, "cooling_off",
		"Personen kan fortsatt avbryte slettingen.", "Personen kan framleis avbryte slettinga.",
		"The person can still cancel the erasure.")
	ErrIncomplete = fault.Define(fault.Conflict, "search_incomplete",
		"Et system er ikke lest ennå. Les det, eller noter hvorfor det ikke går.",
		"Eit system er ikkje lese enno. Les det, eller noter kvifor det ikkje går.",
		"A system has not been read yet. Read it, or record why that is not possible.")
	ErrOpenQuestion = fault.Define(fault.Conflict, "open_question",
		"Et spørsmål til personen er ubesvart.", "Eit spørsmål til personen er ikkje svara på.",
		"A question to the person is unanswered.")
	ErrPlanNotDone = fault.Define(fault.Conflict, "plan_not_done",
		"Det som er godkjent, er ikke ferdig utført ennå.", "Det som er godkjent, er ikkje ferdig utført enno.",
		"What was approved has not been carried out in full yet.")
	ErrPackageNotReady = fault.Define(fault.Conflict, "package_not_ready",
		"Kopien av opplysningene er ikke klar ennå.", "Kopien av opplysningane er ikkje klar enno.",
		"The copy of the data is not ready yet.")
)

// Next gives the state that an action leads to, or the fault that forbids it. It is the only place
// that knows the life of a request. Verified is a fact checked on every edge that touches data,
// never just the name of a state.
func Next(s State, f Facts, a Action, who ActorKind) (State, error) {
	e, ok := edges[place{s, a}]
	if !ok {
		return s, ErrTransition
	}
	if !slices.Contains(e.who, who) {
		return s, ErrActor
	}
	to := e.to
	if e.leads != nil {
		if to = e.leads(f); to == "" {
			return s, ErrTransition
		}
	}
	if err := firstFault(e.guards, f); err != nil {
		return s, err
	}
	if err := firstFault(entry[to], f); err != nil {
		return s, err
	}
	return to, nil
}

func firstFault(guards []guard, f Facts) error {
	for _, guard := range guards {
		if err := guard(f); err != nil {
			return err
		}
	}
	return nil
}

type place struct {
	from   State
	action Action
}

type edge struct {
	to     State
	leads  func(Facts) State // where to, when that depends; "" is nowhere
	who    []ActorKind
	guards []guard
}

type guard func(Facts) *fault.Error

// entry holds what must be true to be in a state at all, whichever edge leads there: resuming a
// parked case is no way around a guard.
var entry = map[State][]guard{
	Collecting: {verified},
	Approved:   {verified, seen, eyes},
	Executing:  {verified, seen, eyes, cooled},
}

var edges = buildEdges()

func buildEdges() map[place]edge {
	m := map[place]edge{}
	add := func(a Action, e edge, from ...State) {
		for _, s := range from {
			m[place{s, a}] = e
		}
	}
	members, machine, office := []ActorKind{Member}, []ActorKind{System}, []ActorKind{Member, System}

	add(Collect, edge{to: Collecting, who: office, guards: []guard{searches}}, Received)
	add(Collected, edge{to: Review, who: machine, guards: []guard{verified}}, Collecting)
	// The sources may be read while a question is open: the clock of the office does not wait.
	add(Collected, edge{to: AwaitingPerson, who: machine, guards: []guard{verified}}, AwaitingPerson)
	add(ReopenCollect, edge{to: Collecting, who: office}, Review, Approved)

	add(AskPerson, edge{to: AwaitingPerson, who: office}, Received, Collecting, Review, AwaitingPerson)
	add(PersonReplied, edge{leads: afterReply, who: []ActorKind{Person, Member}}, AwaitingPerson)
	add(PersonReplied, edge{leads: afterReply, who: []ActorKind{Person, Member}, guards: []guard{silent}}, Answered)

	add(Approve, edge{to: Approved, who: members, guards: []guard{complete, noQuestion, authorised}}, Review)
	add(Execute, edge{to: Executing, who: machine}, Approved)
	add(Executed, edge{to: Executing, who: machine, guards: []guard{done}}, Executing)
	add(Drifted, edge{to: Review, who: machine}, Approved, Executing)
	add(Answer, edge{to: Answered, who: office, guards: []guard{verified, done, packaged, authorised}}, Executing)

	// What a person decides without a search is answered from where it came in.
	add(Answer, edge{to: Answered, who: members, guards: []guard{verified, byHand, noQuestion}}, Received, AwaitingPerson)

	before := []State{Received, Collecting, Review, AwaitingPerson}
	add(Refuse, edge{to: Answered, who: members}, before...)
	// A question that nobody answers closes the case by itself, with reasons.
	add(Refuse, edge{to: Answered, who: office}, AwaitingPerson)
	add(NothingFound, edge{to: Answered, who: members, guards: []guard{verified, complete, authorised}}, before...)

	add(Withdraw, edge{to: Withdrawn, who: []ActorKind{Person}}, Received, Collecting, AwaitingPerson, Review, Approved)
	add(Withdraw, edge{leads: withdrawParked, who: []ActorKind{Person}}, NeedsHuman)

	add(Park, edge{to: NeedsHuman, who: office}, Received, Collecting, AwaitingPerson, Review, Approved, Executing)
	add(Resume, edge{leads: afterPark, who: office}, NeedsHuman)
	add(Purge, edge{to: Purged, who: machine}, Answered, Withdrawn)
	return m
}

// afterReply goes back to where the question was asked, unless another one is open.
func afterReply(f Facts) State {
	if f.Silent { // what was found meanwhile is too old: the search begins anew
		return Received
	}
	if f.OpenQuestion {
		return AwaitingPerson
	}
	switch f.ReturnState {
	case Received, Collecting, Review:
		return f.ReturnState
	}
	return ""
}

func afterPark(f Facts) State {
	if f.ReturnState == NeedsHuman || !Open(f.ReturnState) {
		return ""
	}
	return f.ReturnState
}

// withdrawParked refuses to withdraw what was parked in the middle of its execution.
func withdrawParked(f Facts) State {
	if f.ReturnState == Executing || afterPark(f) == "" {
		return ""
	}
	return Withdrawn
}

func unless(ok bool, err *fault.Error) *fault.Error {
	if ok {
		return nil
	}
	return err
}

func verified(f Facts) *fault.Error   { return unless(f.Verified, ErrNotVerified) }
func complete(f Facts) *fault.Error   { return unless(!f.Incomplete, ErrIncomplete) }
func noQuestion(f Facts) *fault.Error { return unless(!f.OpenQuestion, ErrOpenQuestion) }
func done(f Facts) *fault.Error       { return unless(f.PlanDone, ErrPlanNotDone) }

// authorised: whoever asks for somebody else has shown that they may.
func authorised(f Facts) *fault.Error { return f.Unauthorised }

// silent: only a case that was closed for want of a reply is opened by one.
func silent(f Facts) *fault.Error { return unless(f.Silent, ErrTransition) }

// seen: what is approved is exactly the plan as it stands.
func seen(f Facts) *fault.Error {
	return unless(f.PlanDigest != "" && f.PlanDigest == f.ApprovedDigest && f.ApprovedBy != 0, ErrPlanNotApproved)
}

// eyes: two people for what takes data away or shows special categories, or the only approver twice. Whoever made any decision in
// the plan is not the second, however many others prepared it too.
func eyes(f Facts) *fault.Error {
	two := f.PreparedBy != 0 && f.PreparedBy != f.ApprovedBy && !f.OwnWork
	switch {
	case !f.removes() && !f.Special || two:
		return nil
	case f.ApproversInOffice > 1:
		return ErrFourEyes
	}
	return unless(f.SecondConfirmation, ErrSecondConfirmation)
}

func cooled(f Facts) *fault.Error {
	return unless(!f.removes() || f.CoolingOver, ErrCoolingOff)
}

func (f Facts) removes() bool { return f.Right.Removes() && !f.Idle }

func byHand(f Facts) *fault.Error { return unless(f.Right.Row().ByHand, ErrTransition) }

// searches: a right that a person decides by hand has no search.
func searches(f Facts) *fault.Error { return unless(!f.Right.Row().ByHand, ErrTransition) }

func packaged(f Facts) *fault.Error {
	return unless(!f.Right.Row().Package || f.PackageReady, ErrPackageNotReady)
}
