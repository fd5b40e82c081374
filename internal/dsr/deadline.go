package dsr

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // the zone must be the same on every machine

	"mininfo/internal/fault"
)

// MaxAskDays is how many days after receipt (or after the last reply) a question must be asked
// for the clock to pause. EDPB 01/2022 § 159 says "without undue delay" without a number.
const MaxAskDays = 7

// Profile is how one legal order counts. What differs is data, not code.
type Profile struct {
	Name            string
	Country         string // whose public holidays count
	Zone            string // IANA name of the zone whose dates count
	IdentityResets  bool   // the clock starts anew when the identity is proven (ICO)
	AskDayPaused    bool   // the day a clarification is asked for is paused too (UK Act 2025)
	VolumeCondition bool   // clarification pauses only for large volumes (rec. 63)
}

var (
	// EDPB is the default: Regulation 1182/71, EDPB Guidelines 01/2022, Norwegian holidays.
	EDPB = Profile{Name: "EDPB", Country: "NO", Zone: "Europe/Oslo", VolumeCondition: true}
	// UK follows the ICO: a reset on identity, no condition of volume.
	UK = Profile{Name: "UK", Country: "GB", Zone: "Europe/London", IdentityResets: true, AskDayPaused: true}
)

// ParseProfile reads a profile's name: EDPB (also when empty), ICO or UK.
func ParseProfile(name string) (Profile, error) {
	switch strings.ToUpper(strings.TrimSpace(name)) {
	case "", "EDPB":
		return EDPB, nil
	case "UK", "ICO":
		return UK, nil
	}
	return Profile{}, ErrProfile
}

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
	Zone       string // overrides the profile's zone; the controller's establishment
	Country    string // overrides the profile's country: the state where the controller must act
	Received   Date   // local date of receipt; never rolls
	Pauses     []Pause
	Extensions []Extension // more than one is an error
	MaxAskDays int         // zero means the default of 7
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
	ErrProfile = fault.Define(fault.Invalid, "unknown_profile",
		"Vi kjenner ikke den måten å regne frist på. Bruk EDPB eller UK.",
		"Vi kjenner ikkje den måten å rekne frist på. Bruk EDPB eller UK.",
		"We do not know that way of counting. Use EDPB or UK.")
	ErrCountry = fault.Define(fault.Invalid, "unknown_country",
		"Vi kjenner ikke helligdagene i det landet. Bruk NO, SE, DK eller GB.",
		"Vi kjenner ikkje heilagdagane i det landet. Bruk NO, SE, DK eller GB.",
		"We do not know the public holidays of that country. Use NO, SE, DK or GB.")
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

// targetDays is by how many days after the virtual receipt the office should be done, for a
// period of one, two or three months.
var targetDays = [...]int{1: 28, 2: 59, 3: 89}

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
	months := 1
	if d.Extension == ExtensionValid {
		months += c.Extensions[0].Months
	}
	d.DueUnsuspended = calendar.Roll(c.Received.AddMonths(months))
	tooLate := func(last Date) time.Time { return last.AddDays(1).Start(zone).UTC() }
	d.refusalDue = calendar.Roll(c.Received.AddMonths(1))
	d.unsuspended, d.refusalUnsuspended = tooLate(d.DueUnsuspended), tooLate(d.refusalDue)
	if counted.open {
		d.Open = true
		d.Reasons = explain(c, d, verdicts, calendar, months)
		return d, nil
	}
	d.VirtualReceipt = counted.virtual
	d.Unrolled = counted.virtual.AddMonths(months)
	d.Due = calendar.Roll(d.Unrolled)
	d.DueRefusal = calendar.Roll(counted.virtual.AddMonths(1))
	d.refusalDue, d.refusal = d.DueRefusal, tooLate(d.DueRefusal)
	d.InternalTarget = calendar.RollBack(counted.virtual.AddDays(targetDays[months]))
	d.DueInstant = tooLate(d.Due)
	d.Reasons = explain(c, d, verdicts, calendar, months)
	return d, nil
}

func (c Clock) place() (*time.Location, *Calendar, error) {
	name := cmp.Or(c.Zone, c.Profile.Zone)
	if name == "" {
		return nil, nil, ErrProfile
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, nil, fmt.Errorf("loading the controller's zone: %w", err)
	}
	calendar, err := CalendarFor(cmp.Or(c.Country, c.Profile.Country))
	if err != nil {
		return nil, nil, err
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
		if e.Months < 1 || e.Months > 2 {
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
		limit = MaxAskDays
	}
	verdicts := make([]verdict, len(c.Pauses))
	for i, p := range c.Pauses {
		switch {
		case p.Kind != PauseIdentity && p.Kind != PauseClarification:
			verdicts[i] = pauseKind
		case !p.Reasoned:
			verdicts[i] = pauseUnreasoned
		case p.Kind == PauseClarification && c.Profile.VolumeCondition && !p.LargeVolume:
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
		if c.Profile.IdentityResets && p.Kind == PauseIdentity {
			if p.Replied.After(n.virtual) {
				n.virtual = p.Replied
			}
			continue
		}
		counted = append(counted, p)
	}
	n.paused = pausedDays(counted, n.virtual, c.Profile.AskDayPaused)
	n.virtual = n.virtual.AddDays(n.paused)
	if c.Profile.IdentityResets {
		n.paused = DaysBetween(c.Received, n.virtual)
	}
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
	first := calendar.Roll(c.count(verdicts, e.Sent).virtual.AddMonths(1))
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
