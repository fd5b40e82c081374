package verification

import "time"

// Action is what is limited.
type Action string

// The limited actions.
const (
	ActionFile     Action = "file"     // ask for a mail to begin
	ActionResend   Action = "resend"   // ask for another mail
	ActionRedeem   Action = "redeem"   // a wrong code or token
	ActionDownload Action = "download" // fetch a package
	ActionSignIn   Action = "sign_in"  // a wrong password or factor of staff
	ActionRequest  Action = "request"  // file a request with an address that is proved
	ActionWrite    Action = "write"    // write a message about one's own request
	ActionFields   Action = "fields"   // have all systems searched for one's own contact fields
	ActionIntake   Action = "intake"   // register a request through another system
	ActionConsult  Action = "consult"  // ask through another system whether addresses may be used
	ActionResult   Action = "result"   // a result that no system of ours has signed
)

// Scope is what a counter counts by.
type Scope string

// The scopes of counters. An IP comes from trusted proxies only; a prefix is /24 or /48; an
// address is its keyed digest, never itself.
const (
	ScopeFlow    Scope = "flow"
	ScopeAddress Scope = "address"
	ScopeIP      Scope = "ip"
	ScopePrefix  Scope = "prefix"
	ScopeGlobal  Scope = "global"
)

// Over is what happens when a limit is passed.
type Over string

// What happens when a limit is passed.
const (
	Silent  Over = "silent"  // same answer, nothing sent: a refusal would tell that somebody just asked
	Refuse  Over = "refuse"  // 429 with Retry-After
	Generic Over = "generic" // the same answer as for a wrong code
	Alarm   Over = "alarm"   // the office is told and answers slow down by AlarmDelay
)

// Limit is one counter and its bound.
type Limit struct {
	Action Action
	Scope  Scope
	Bucket string // counters of the same bucket, scope and window are shared
	Window time.Duration
	Max    int
	Over   Over
}

// Limits beside the counters.
const (
	ResendEvery        = time.Minute // shortest time between two mails of one flow
	OpenUnverifiedMax  = 3           // open unconfirmed challenges per address
	DownloadsAtOnceMax = 50          // running downloads in all
	AlarmDelay         = time.Second
)

const day = 24 * time.Hour

var limits = []Limit{
	{ActionFile, ScopeAddress, "mail", time.Hour, 3, Silent},
	{ActionFile, ScopeAddress, "mail", day, 5, Silent},
	{ActionFile, ScopeIP, "file", time.Hour, 10, Refuse},
	{ActionFile, ScopePrefix, "file", time.Hour, 100, Refuse},
	{ActionFile, ScopeGlobal, "mail", time.Hour, 2000, Refuse},

	{ActionResend, ScopeFlow, "resend", time.Hour, 3, Silent},
	{ActionResend, ScopeAddress, "mail", day, 5, Silent},
	{ActionResend, ScopeIP, "resend", time.Hour, 10, Silent},
	{ActionResend, ScopePrefix, "resend", time.Hour, 100, Silent},
	{ActionResend, ScopeGlobal, "mail", time.Hour, 2000, Silent},

	{ActionRedeem, ScopeAddress, "redeem", day, 20, Generic},
	{ActionRedeem, ScopeIP, "redeem", time.Hour, 60, Generic},
	{ActionRedeem, ScopePrefix, "redeem", time.Hour, 600, Generic},
	{ActionRedeem, ScopeGlobal, "redeem", time.Hour, 10000, Alarm},

	{ActionDownload, ScopeAddress, "download", day, 5, Refuse},
	{ActionDownload, ScopeIP, "download", time.Hour, 20, Refuse},

	// Whoever does these is known by a proved address, or is an API client: a refusal tells nothing to
	// strangers.
	{ActionRequest, ScopeAddress, "request", time.Hour, 10, Refuse},
	{ActionRequest, ScopeAddress, "request", day, 20, Refuse},
	{ActionRequest, ScopeIP, "request", time.Hour, 30, Refuse},
	{ActionRequest, ScopePrefix, "request", time.Hour, 300, Refuse},
	{ActionRequest, ScopeGlobal, "request", time.Hour, 2000, Refuse},

	{ActionWrite, ScopeAddress, "write", time.Hour, 20, Refuse},
	{ActionWrite, ScopeAddress, "write", day, 60, Refuse},
	{ActionWrite, ScopeIP, "write", time.Hour, 60, Refuse},

	{ActionFields, ScopeAddress, "fields", time.Hour, 20, Refuse},
	{ActionFields, ScopeIP, "fields", time.Hour, 60, Refuse},
	{ActionFields, ScopeGlobal, "fields", time.Hour, 2000, Refuse},

	{ActionIntake, ScopeAddress, "intake", time.Hour, 600, Refuse},
	{ActionIntake, ScopeGlobal, "intake", time.Hour, 6000, Refuse},

	{ActionConsult, ScopeAddress, "consult", time.Hour, 600, Refuse},
	{ActionConsult, ScopeGlobal, "consult", time.Hour, 6000, Refuse},

	// An unsigned result is nobody's: the counters are of where it came from, whichever enquiry it names.
	{ActionResult, ScopeIP, "result", time.Hour, 60, Refuse},
	{ActionResult, ScopePrefix, "result", time.Hour, 600, Refuse},

	{ActionSignIn, ScopeAddress, "sign_in", time.Hour, 20, Generic},
	{ActionSignIn, ScopeIP, "sign_in", time.Hour, 60, Refuse},
	{ActionSignIn, ScopePrefix, "sign_in", time.Hour, 600, Refuse},
}

// LimitsFor gives the limits of an action, narrowest scope first. Wrong codes per challenge are
// counted on the challenge itself; the address of a download limit is the package,
// that of an intake or consult limit the API client.
func LimitsFor(a Action) []Limit {
	var list []Limit
	for _, l := range limits {
		if l.Action == a {
			list = append(list, l)
		}
	}
	return list
}

// At gives the start of the fixed window that an instant falls in, and how much of it has gone
// (0 to 1). Counters are kept for fixed windows; two neighbours make the sliding one.
func (l Limit) At(now time.Time) (start time.Time, elapsed float64) {
	start = now.UTC().Truncate(l.Window)
	return start, float64(now.Sub(start)) / float64(l.Window)
}

// Allowed tells whether one more fits, from the counts of the previous and the current fixed
// window and the elapsed fraction of the current one.
func (l Limit) Allowed(previous, current int, elapsed float64) bool {
	elapsed = min(max(elapsed, 0), 1)
	// In millionths, so that rounding never lets a full window through.
	const unit = 1_000_000
	rest := int64(previous) * int64(unit-elapsed*unit)
	return rest+int64(current+1)*unit <= int64(l.Max)*unit
}

// RetryAfter is how long to wait until one more fits, if nobody else comes; zero when it fits now.
func (l Limit) RetryAfter(previous, current int, elapsed float64) time.Duration {
	if l.Allowed(previous, current, elapsed) {
		return 0
	}
	fits := func(count, room int) float64 { // fraction of a window at which count has faded to room
		return 1 - float64(room)/float64(count)
	}
	wait := 0.0
	if room := l.Max - 1 - current; room >= 0 {
		wait = fits(previous, room) - elapsed
	} else {
		wait = 1 - elapsed + max(0, fits(current, l.Max-1))
	}
	return (time.Duration(wait*float64(l.Window)) + time.Second).Truncate(time.Second)
}
