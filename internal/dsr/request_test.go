package dsr_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/dsr"
)

var (
	person = dsr.Actor{Kind: dsr.Person}
	system = dsr.Actor{Kind: dsr.System}
	kari   = dsr.Actor{Kind: dsr.Member, Member: 1}
	ola    = dsr.Actor{Kind: dsr.Member, Member: 2}
)

// history builds events an hour apart, from 1 June 2026 at noon UTC.
type history []dsr.Event

func (h history) add(kind dsr.EventKind, who dsr.Actor, data dsr.EventData) history {
	at := time.Date(2026, 6, 1, 12+len(h), 0, 0, 0, time.UTC)
	return append(h[:len(h):len(h)], dsr.Event{At: at, Kind: kind, Actor: who, Data: data})
}

func start(right dsr.Right) history {
	return history{}.add(dsr.EventReceived, person, dsr.EventData{Right: right, Channel: dsr.Web}).
		add(dsr.EventVerified, person, dsr.EventData{Code: "code"})
}

func reviewed(right dsr.Right) history {
	return start(right).add(dsr.EventCollectStarted, system, dsr.EventData{}).
		add(dsr.EventCollected, system, dsr.EventData{Count: 12}).
		add(dsr.EventLookedOver, kari, dsr.EventData{}).
		add(dsr.EventPlanned, system, dsr.EventData{Digest: "p1"})
}

func project(t *testing.T, h history) dsr.Projection {
	t.Helper()
	p, err := dsr.Project(h)
	if err != nil {
		t.Fatalf("Project: %v", err)
	}
	return p
}

func TestProjectErasure(t *testing.T) {
	t.Parallel()
	h := reviewed(dsr.Erasure).add(dsr.EventApproved, ola, dsr.EventData{Digest: "p1", Approvers: 2})
	if p := project(t, h); p.State != dsr.Approved || p.PreparedBy != 1 || p.ApprovedBy != 2 {
		t.Fatalf("after approval: %+v", p)
	}
	h = h.add(dsr.EventExecutionStarted, system, dsr.EventData{}).
		add(dsr.EventExecuted, system, dsr.EventData{Count: 12}).
		add(dsr.EventAnswered, system, dsr.EventData{Outcome: dsr.PartlyGranted})
	p := project(t, h)
	if p.State != dsr.Answered || p.Outcome != dsr.PartlyGranted || p.AnsweredAt != h[len(h)-1].At {
		t.Errorf("after the answer: %+v", p)
	}
	if p.Deadline.Due.String() != "2026-07-01" || p.Deadline.Received.String() != "2026-06-01" {
		t.Errorf("due %v", p.Deadline.Due)
	}
	if p = project(t, h.add(dsr.EventPurged, system, dsr.EventData{})); p.State != dsr.Purged {
		t.Errorf("state %s", p.State)
	}
}

func TestProjectRefusesImpossibleHistories(t *testing.T) {
	t.Parallel()
	run := dsr.EventExecutionStarted
	later := time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		h    history
		want error
	}{
		"empty":              {nil, dsr.ErrHistory},
		"no receipt":         {history{}.add(dsr.EventVerified, person, dsr.EventData{}), dsr.ErrHistory},
		"received twice":     {start(dsr.Access).add(dsr.EventReceived, person, dsr.EventData{Right: dsr.Access}), dsr.ErrHistory},
		"no right":           {history{}.add(dsr.EventReceived, person, dsr.EventData{}), dsr.ErrRight},
		"unverified collect": {history(start(dsr.Access)[:1]).add(dsr.EventCollectStarted, system, dsr.EventData{}), dsr.ErrNotVerified},
		"own erasure":        {reviewed(dsr.Erasure).add(dsr.EventApproved, kari, dsr.EventData{Digest: "p1", Approvers: 2}), dsr.ErrFourEyes},
		"other plan":         {reviewed(dsr.Erasure).add(dsr.EventApproved, ola, dsr.EventData{Digest: "p0", Approvers: 2}), dsr.ErrPlanNotApproved},
		"changed after approval": {reviewed(dsr.Erasure).add(dsr.EventApproved, ola, dsr.EventData{Digest: "p1", Approvers: 2}).
			add(dsr.EventPlanned, system, dsr.EventData{Digest: "p2"}).add(run, system, dsr.EventData{}), dsr.ErrPlanNotApproved},
		"cooling off": {reviewed(dsr.Erasure).add(dsr.EventApproved, ola, dsr.EventData{Digest: "p1", Approvers: 2, CoolUntil: later}).
			add(run, system, dsr.EventData{}), dsr.ErrCoolingOff},
		"approval survives drift": {reviewed(dsr.Access).add(dsr.EventApproved, kari, dsr.EventData{Digest: "p1"}).
			add(run, system, dsr.EventData{}).add(dsr.EventDrifted, system, dsr.EventData{}).add(run, system, dsr.EventData{}), dsr.ErrTransition},
		"answer without doing": {reviewed(dsr.Access).add(dsr.EventApproved, kari, dsr.EventData{Digest: "p1"}).
			add(run, system, dsr.EventData{}).add(dsr.EventAnswered, system, dsr.EventData{}), dsr.ErrPlanNotDone},
		"extended twice": {start(dsr.Access).add(dsr.EventExtended, kari, dsr.EventData{Months: 1, Reasoned: true}).
			add(dsr.EventExtended, kari, dsr.EventData{Months: 1, Reasoned: true}), dsr.ErrSecondExtension},
		"reply to nothing": {start(dsr.Access).add(dsr.EventQuestionAnswered, person, dsr.EventData{}), dsr.ErrTransition},
	} {
		if _, err := dsr.Project(c.h); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestProjectOneOfficer(t *testing.T) {
	t.Parallel()
	h := reviewed(dsr.Erasure)
	if _, err := dsr.Project(h.add(dsr.EventApproved, kari, dsr.EventData{Digest: "p1", Approvers: 1})); !errors.Is(err, dsr.ErrSecondConfirmation) {
		t.Errorf("without a second confirmation: %v", err)
	}
	p := project(t, h.add(dsr.EventApproved, kari, dsr.EventData{Digest: "p1", Approvers: 1, Confirmed: true}))
	if p.State != dsr.Approved {
		t.Errorf("state %s", p.State)
	}
}

func TestProjectQuestions(t *testing.T) {
	t.Parallel()
	h := start(dsr.Access).
		add(dsr.EventQuestionAsked, kari, dsr.EventData{Question: 1, Asks: dsr.PauseIdentity, Reasoned: true, On: day(t, "2026-06-03")})
	if p := project(t, h); p.State != dsr.AwaitingPerson || !p.Deadline.Open || p.OpenAsked != 1 {
		t.Errorf("asked: %+v", p)
	}
	h = h.add(dsr.EventQuestionAsked, kari, dsr.EventData{Question: 2, Asks: dsr.QuestionOther, On: day(t, "2026-06-04")}).
		add(dsr.EventQuestionAnswered, person, dsr.EventData{Question: 1, On: day(t, "2026-06-13")})
	p := project(t, h)
	if p.State != dsr.AwaitingPerson || p.Deadline.Open || p.Deadline.PausedDays != 10 || p.Deadline.Due.String() != "2026-07-13" {
		t.Errorf("one answered: %s, %+v", p.State, p.Deadline)
	}
	h = h.add(dsr.EventQuestionAnswered, person, dsr.EventData{On: day(t, "2026-06-20")})
	if p = project(t, h); p.State != dsr.Received || p.OpenAsked != 0 || p.Deadline.PausedDays != 10 {
		t.Errorf("both answered: %s, %+v", p.State, p)
	}
	early := start(dsr.Access).add(dsr.EventQuestionAsked, kari, dsr.EventData{Asks: dsr.PauseIdentity, On: day(t, "2026-06-03")}).
		add(dsr.EventQuestionAnswered, person, dsr.EventData{On: day(t, "2026-06-02")})
	if _, err := dsr.Project(early); !errors.Is(err, dsr.ErrReplyBeforeAsk) {
		t.Errorf("early reply: %v", err)
	}
}

func TestCLK07ProjectReadsWhileAsking(t *testing.T) {
	t.Parallel()
	h := start(dsr.Access).add(dsr.EventCollectStarted, system, dsr.EventData{}).
		add(dsr.EventQuestionAsked, system, dsr.EventData{Asks: dsr.QuestionOther}).
		add(dsr.EventCollected, system, dsr.EventData{})
	if p := project(t, h); p.State != dsr.AwaitingPerson {
		t.Errorf("state %s", p.State)
	}
	if p := project(t, h.add(dsr.EventQuestionAnswered, person, dsr.EventData{})); p.State != dsr.Review {
		t.Errorf("state %s", p.State)
	}
}

func TestProjectParkAndResume(t *testing.T) {
	t.Parallel()
	h := start(dsr.Access).add(dsr.EventQuestionAsked, kari, dsr.EventData{Asks: dsr.QuestionOther}).
		add(dsr.EventParked, system, dsr.EventData{Code: "mail_bounced"})
	p := project(t, h)
	if p.State != dsr.NeedsHuman || p.Facts(h[0].At).ReturnState != dsr.AwaitingPerson {
		t.Errorf("parked: %+v", p)
	}
	p = project(t, h.add(dsr.EventResumed, kari, dsr.EventData{}).add(dsr.EventQuestionAnswered, person, dsr.EventData{}))
	if p.State != dsr.Received {
		t.Errorf("state %s", p.State)
	}
}

func TestProjectReceipt(t *testing.T) {
	t.Parallel()
	letter := history{}.add(dsr.EventReceived, kari, dsr.EventData{Right: dsr.Access, Channel: dsr.Letter, On: day(t, "2026-05-28")})
	if p := project(t, letter); p.Deadline.Received.String() != "2026-05-28" {
		t.Errorf("letter: %v", p.Deadline.Received)
	}
	corrected := letter.add(dsr.EventReceiptCorrected, kari, dsr.EventData{On: day(t, "2026-05-26"), Code: "found_in_inbox"})
	if p := project(t, corrected); p.Deadline.Due.String() != "2026-06-26" {
		t.Errorf("corrected: due %v", p.Deadline.Due)
	}
	night := history{{At: time.Date(2026, 8, 31, 22, 30, 0, 0, time.UTC), Kind: dsr.EventReceived, Actor: person,
		Data: dsr.EventData{Right: dsr.Access}}}
	if p := project(t, night); p.Deadline.Received.String() != "2026-09-01" {
		t.Errorf("after midnight in Oslo: %v", p.Deadline.Received)
	}
	if p := project(t, start(dsr.Access).add(dsr.EventExtended, kari, dsr.EventData{Months: 2, Reasoned: true})); p.Deadline.Due.String() != "2026-09-01" {
		t.Errorf("extended: due %v", p.Deadline.Due)
	}
	if p := project(t, start(dsr.Access).add(dsr.EventRefused, kari, dsr.EventData{})); p.Outcome != dsr.Refused || p.State != dsr.Answered {
		t.Errorf("refused: %+v", p)
	}
	if p := project(t, start(dsr.Access).add(dsr.EventWithdrawn, person, dsr.EventData{})); p.State != dsr.Withdrawn {
		t.Errorf("withdrawn: %+v", p)
	}
}

func TestExtendedMonths(t *testing.T) {
	t.Parallel()
	for months, data := range map[int]dsr.EventData{2: {Months: 2, Reasoned: true}, 0: {Months: 2}} {
		if got := project(t, start(dsr.Access).add(dsr.EventExtended, kari, data)).ExtendedMonths(); got != months {
			t.Errorf("%+v: extended by %d months", data, got)
		}
	}
	if got := project(t, start(dsr.Access)).ExtendedMonths(); got != 0 {
		t.Errorf("not extended, yet by %d months", got)
	}
}

func TestActionOf(t *testing.T) {
	t.Parallel()
	if a, ok := dsr.ActionOf(dsr.EventApproved); !ok || a != dsr.Approve {
		t.Errorf("approved is %q, %v", a, ok)
	}
	if a, ok := dsr.ActionOf(dsr.EventMessage); ok {
		t.Errorf("a message is %q", a)
	}
}

func TestEventDataJSON(t *testing.T) {
	t.Parallel()
	in := dsr.EventData{Right: dsr.Erasure, Channel: dsr.Letter, On: day(t, "2026-05-28"), Approvers: 2,
		CoolUntil: time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC)}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"right":"erasure","channel":"letter","on":"2026-05-28","approvers":2,"cool_until":"2026-06-09T00:00:00Z"}`
	if string(b) != want {
		t.Errorf("json %s", b)
	}
	var out dsr.EventData
	if err := json.Unmarshal(b, &out); err != nil || cmp.Diff(in, out) != "" {
		t.Errorf("back: %v %s", err, cmp.Diff(in, out))
	}
	if b, _ := json.Marshal(dsr.EventData{}); string(b) != "{}" {
		t.Errorf("empty: %s", b)
	}
}
