package dsr

import (
	"cmp"
	"fmt"
	"time"
	_ "time/tzdata" // the zone must be the same on every machine

	"mininfo/internal/fault"
)

// PauseKind is why a question to the person may pause the clock.
type PauseKind string

// The kinds of pauses. Nothing else ever pauses the clock: not a fee, not holidays, not forms.
const (
	PauseIdentity      PauseKind = "identity"      // reasonable doubt, Art. 12(6)
	PauseClarification PauseKind = "clarification" // which data, rec. 63
)

// Pause is a question put to the person.
type Pause struct {
	Kind        PauseKind
	Asked       Date
	Replied     Date // zero while unanswered
	Reasoned    bool // the concrete doubt, or why the volume is large, is recorded
	LargeVolume bool // for a clarification
}

// Extension is a notice that the answer takes longer.
type Extension struct {
	Months   int  // one or two
	Sent     Date // when the person was told
	Reasoned bool // the concrete reasons are recorded and were told
}

// Clock is everything that the due date depends on.
type Clock struct {
	Profile    Profile
	Zone       string // IANA name; overrides the country's zone: the controller's establishment
	Country    string // overrides the profile's country: the state where the controller must act
	Received   Date   // local date of receipt; never rolls
	Pauses     []Pause
	Extensions []Extension // more than one is an error
	MaxAskDays int         // zero means the profile's own
}

// ExtensionState tells whether an extension counts.
type ExtensionState string

// What an extension can be.
const (
	ExtensionNone       ExtensionState = ""
	ExtensionValid      ExtensionState = "valid"
	ExtensionLate       ExtensionState = "late"       // sent after the first due date: no effect
	ExtensionUnreasoned ExtensionState = "unreasoned" // no reasons: no effect
)

// Deadline is when a request must be answered, and why.
type Deadline struct {
	Profile        string         `json:"profile"`
	Received       Date           `json:"received"`
	VirtualReceipt Date           `json:"virtual_receipt"` // receipt plus paused days
	PausedDays     int            `json:"paused_days"`
	Unrolled       Date           `json:"unrolled"` // before weekends and holidays moved it
	Due            Date           `json:"due"`      // zero while Open
	Open           bool           `json:"open"`     // a question is unanswered: there is no due date
	DueRefusal     Date           `json:"due_refusal"`
	DueUnsuspended Date           `json:"due_unsuspended"` // as if no pause counted
	InternalTarget Date           `json:"internal_target"`
	Extension      ExtensionState `json:"extension"`
	DueInstant     time.Time      `json:"due_instant"` // the first instant that is too late, UTC
	Reasons        []Reason       `json:"reasons"`

	refusalDue Date // as DueRefusal; while Open the day that holds without the pauses

	// The first instants that are too late: without the pauses, for a refusal, and for a refusal without the pauses.
	unsuspended, refusal, refusalUnsuspended time.Time
}

// Faults of the clock.
var (
	// ErrSecondExtension is rule EXT-04: one extension per request, Art. 12(3).
	ErrSecondExtension = fault.Define(fault.Conflict, "second_extension",
		"Fristen er allerede forlenget. Loven tillater bare én forlengelse.",
		"Fristen er alt lengd. Lova tillèt berre éi lenging.",
		"The time limit has already been extended. The law allows one extension only.")
	ErrExtensionMonths = fault.Define(fault.Invalid, "extension_months",
		"Fristen kan bare forlenges med én eller to måneder.",
		"Fristen kan berre lengjast med éin eller to månader.",
		"The time limit can be extended by one or two months only.")
	ErrReplyBeforeAsk = fault.Define(fault.Invalid, "reply_before_ask",
		"Svaret kan ikke ha kommet før spørsmålet ble stilt.",
		"Svaret kan ikkje ha kome før spørsmålet vart stilt.",
		"The reply cannot have come before the question was asked.")
	ErrBeforeReceipt = fault.Define(fault.Invalid, "before_receipt",
		"Hendelsen kan ikke være tidligere enn mottaket av kravet.",
		"Hendinga kan ikkje vere tidlegare enn mottaket av kravet.",
		"The event cannot be earlier than the receipt of the request.")
	ErrNoReceipt = fault.Define(fault.Invalid, "no_receipt",
		"Datoen for mottak mangler.",
		"Datoen for mottak manglar.",
		"The date of receipt is missing.")
)

// Compute counts the time limit of Art. 12(3). It is a pure function of the clock.
func Compute(c Clock) (Deadline, error) {
	zone, calendar, err := c.place()
	if err != nil {
		return Deadline{}, err
	}
	if err := c.check(); err != nil {
		return Deadline{}, err
	}
	verdicts := c.judgePauses()
	counted := c.count(verdicts, Date{})
	d := Deadline{Profile: c.Profile.Name, Received: c.Received, PausedDays: counted.paused}
	d.Extension = c.judgeExtension(verdicts, calendar)
	more := 0
	if d.Extension == ExtensionValid {
		more = c.Extensions[0].Months
	}
	last := func(from Date, more int) Date { return c.Profile.roll(calendar, c.Profile.ends(from, more)) }
	d.DueUnsuspended = last(c.Received, more)
	tooLate := func(last Date) time.Time { return last.AddDays(1).Start(zone).UTC() }
	d.refusalDue = last(c.Received, 0)
	d.unsuspended, d.refusalUnsuspended = tooLate(d.DueUnsuspended), tooLate(d.refusalDue)
	if counted.open {
		d.Open = true
		d.Reasons = explain(c, d, verdicts, calendar, more)
		return d, nil
	}
	d.VirtualReceipt = counted.virtual
	d.Unrolled = c.Profile.ends(counted.virtual, more)
	d.Due = last(counted.virtual, more)
	d.DueRefusal = last(counted.virtual, 0)
	d.refusalDue, d.refusal = d.DueRefusal, tooLate(d.DueRefusal)
	d.InternalTarget = calendar.RollBack(counted.virtual.AddDays(c.Profile.Targets[more]))
	d.DueInstant = tooLate(d.Due)
	d.Reasons = explain(c, d, verdicts, calendar, more)
	return d, nil
}

func (c Clock) place() (*time.Location, *Calendar, error) {
	if c.Profile.Name == "" {
		return nil, nil, ErrProfile
	}
	calendar, err := CalendarFor(cmp.Or(c.Country, c.Profile.Country))
	if err != nil {
		return nil, nil, err
	}
	zone, err := time.LoadLocation(cmp.Or(c.Zone, calendar.Zone()))
	if err != nil {
		return nil, nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	return zone, calendar, nil
}

func (c Clock) check() error {
	if c.Received.IsZero() {
		return ErrNoReceipt
	}
	if len(c.Extensions) > 1 {
		return ErrSecondExtension
	}
	for _, e := range c.Extensions {
		if e.Months < 1 || e.Months > c.Profile.Extension.Months {
			return ErrExtensionMonths
		}
		if e.Sent.Before(c.Received) {
			return ErrBeforeReceipt
		}
	}
	for _, p := range c.Pauses {
		if p.Asked.Before(c.Received) {
			return ErrBeforeReceipt
		}
		if !p.Replied.IsZero() && p.Replied.Before(p.Asked) {
			return ErrReplyBeforeAsk
		}
	}
	return nil
}

// verdict says whether a pause counts, and if not, why.
type verdict string

const (
	pauseCounts     verdict = "counts"
	pauseLate       verdict = "late"
	pauseUnreasoned verdict = "unreasoned"
	pauseVolume     verdict = "volume"
	pauseKind       verdict = "kind"
)

func (c Clock) judgePauses() []verdict {
	limit := c.MaxAskDays
	if limit == 0 {
		limit = c.Profile.Questions.WithinDays
	}
	verdicts := make([]verdict, len(c.Pauses))
	for i, p := range c.Pauses {
		rule, counts := c.Profile.question(p.Kind)
		switch {
		case !counts:
			verdicts[i] = pauseKind
		case !p.Reasoned:
			verdicts[i] = pauseUnreasoned
		case rule.Needs == needsVolume && !p.LargeVolume:
			verdicts[i] = pauseVolume
		case DaysBetween(c.base(i), p.Asked) > limit:
			verdicts[i] = pauseLate
		default:
			verdicts[i] = pauseCounts
		}
	}
	return verdicts
}

// base is the day from which the delay of a question is measured: receipt, or the latest reply to
// another question that had come by then.
func (c Clock) base(of int) Date {
	base := c.Received
	for i, p := range c.Pauses {
		if i == of || p.Replied.IsZero() || p.Replied.After(c.Pauses[of].Asked) {
			continue
		}
		if p.Replied.After(base) {
			base = p.Replied
		}
	}
	return base
}

type count struct {
	virtual Date
	paused  int
	open    bool
}

// count adds up the paused days. With asOf set, questions unanswered then are taken as answered
// that day: the least that the pause can become.
func (c Clock) count(verdicts []verdict, asOf Date) count {
	n := count{virtual: c.Received}
	var counted []Pause
	for i, p := range c.Pauses {
		if verdicts[i] != pauseCounts {
			continue
		}
		if p.Replied.IsZero() {
			n.open = true
			p.Replied = p.Asked
			if asOf.After(p.Asked) {
				p.Replied = asOf
			}
		}
		if c.Profile.restarts(p.Kind) {
			if p.Replied.After(n.virtual) {
				n.virtual = p.Replied
			}
			continue
		}
		counted = append(counted, p)
	}
	n.virtual = n.virtual.AddDays(pausedDays(counted, n.virtual, c.Profile.Questions.AskDay == askDayPaused))
	n.paused = DaysBetween(c.Received, n.virtual)
	return n
}

// pausedDays counts the days inside the pauses, each once; days before the clock started are none.
func pausedDays(pauses []Pause, start Date, withAskDay bool) int {
	days := map[Date]bool{}
	for _, p := range pauses {
		first := p.Asked
		if !withAskDay {
			first = first.AddDays(1)
		}
		if first.Before(start) {
			first = start
		}
		for d := first; !d.After(p.Replied); d = d.AddDays(1) {
			days[d] = true
		}
	}
	return len(days)
}

// judgeExtension compares the notice with the first due date. While a pause is open that date
// only moves away, so what is in time on the day of the notice stays in time.
func (c Clock) judgeExtension(verdicts []verdict, calendar *Calendar) ExtensionState {
	if len(c.Extensions) == 0 {
		return ExtensionNone
	}
	e := c.Extensions[0]
	if !e.Reasoned {
		return ExtensionUnreasoned
	}
	first := c.Profile.roll(calendar, c.Profile.ends(c.count(verdicts, e.Sent).virtual, 0))
	if e.Sent.After(first) {
		return ExtensionLate
	}
	return ExtensionValid
}

// ExtensionCounts is nil without an extension; else whether it moves the due date.
func (d Deadline) ExtensionCounts() *bool {
	if d.Extension == ExtensionNone {
		return nil
	}
	valid := d.Extension == ExtensionValid
	return &valid
}

// Late tells whether an answer sent at an instant misses the due date. Nothing is late while a
// valid question is unanswered.
func (d Deadline) Late(sent time.Time) bool { return !d.Open && !sent.Before(d.DueInstant) }

// ReliesOnSuspension tells whether an answer is in time only because the clock was paused.
// Suspension is guidance, not the text of Art. 12, so such answers are flagged.
func (d Deadline) ReliesOnSuspension(sent time.Time) bool {
	if d.PausedDays == 0 && !d.Open {
		return false
	}
	return !sent.Before(d.unsuspended) && !d.Late(sent)
}

// RefusalDue is the last day on which a refusal is in time: one month, whatever an extension did to the
// due date (Art. 12(4)). While a question is unanswered it is the day that holds without the pause.
func (d Deadline) RefusalDue() Date { return d.refusalDue }

// LateRefusal tells whether a refusal sent at an instant misses the month of Art. 12(4).
func (d Deadline) LateRefusal(sent time.Time) bool { return !d.Open && !sent.Before(d.refusal) }

// Timing is how an answer stands to its time limit.
type Timing string

// The timings of an answer.
const (
	InTime  Timing = "in_time"
	OnPause Timing = "on_pause" // in time only because the clock was paused (ReliesOnSuspension)
	TooLate Timing = "too_late"
)

// Timing judges an answer sent at an instant, which refuses the whole request or does not.
func (d Deadline) Timing(sent time.Time, refuses bool) Timing {
	late, relies := d.Late(sent), d.ReliesOnSuspension(sent)
	if refuses {
		late = d.LateRefusal(sent)
		relies = (d.PausedDays > 0 || d.Open) && !sent.Before(d.refusalUnsuspended)
	}
	switch {
	case late:
		return TooLate
	case relies:
		return OnPause
	}
	return InTime
}

// Timing judges the answer that was sent; empty: none was.
func (p Projection) Timing() Timing {
	if p.AnsweredAt.IsZero() {
		return ""
	}
	return p.Deadline.Timing(p.AnsweredAt, p.Outcome == Refused)
}

// NoteLateRefusal is the code of the note that a refusal was sent after its last day.
const NoteLateRefusal = "refusal_late"

// RefusesLate tells whether a refusal sent at an instant comes too late although the time limit of the
// answer was extended. Without an extension there is one time limit, and nothing to tell apart.
func (p Projection) RefusesLate(sent time.Time) bool {
	return p.ExtendedMonths() > 0 && p.Deadline.LateRefusal(sent)
}

// Undecided tells whether what the person asked for can still be granted or refused.
func Undecided(s State) bool { return Open(s) && s != Approved && s != Executing }

// DaysLeft is the number of days from today to the due date, negative when it is past. The second
// value is false while the due date is open.
func (d Deadline) DaysLeft(today Date) (int, bool) {
	if d.Open {
		return 0, false
	}
	return DaysBetween(today, d.Due), true
}

// CanExtend tells whether a notice sent on a day would still count: none was sent before and the
// first month has not run out.
func (d Deadline) CanExtend(today Date) bool {
	return d.Extension == ExtensionNone && (d.Open || !today.After(d.DueRefusal))
}

// AppealDue is the last day of a three weeks' period after a decision reached the party
// (complaint to Personvernnemnda).
func AppealDue(reached Date, calendar *Calendar) Date { return calendar.Roll(reached.AddDays(21)) }

// BreachDue is 72 elapsed hours after a breach became known (Art. 33(1)). Periods in hours do not
// roll (1182/71 art. 3(4)).
func BreachDue(known time.Time) time.Time { return known.Add(BreachHours) }

// BreachHours is how long the controller has to tell the supervisory authority of a breach.
const BreachHours = 72 * time.Hour

// Months that the bookkeeping law keeps documents after the end of the financial year.
const (
	PrimaryDocumentationMonths   = 60 // vouchers, accounts: bokføringsloven § 13, five years
	SecondaryDocumentationMonths = 42 // contracts, orders: three years and six months
)

// RetentionEnd is the last day that bookkeeping documents must be kept: the last day of the month
// reached from the month in which the financial year ended. They may be erased from the next day;
// weekends do not move it.
func RetentionEnd(financialYearEnd Date, months int) Date {
	return NewDate(financialYearEnd.Year, financialYearEnd.Month+time.Month(months), 1).lastOfMonth()
}
