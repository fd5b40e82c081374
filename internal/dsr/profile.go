package dsr

import (
	"bytes"
	_ "embed" // the profiles
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Profile is how one legal order counts, read from profiles.yaml. What differs is data, not code.
type Profile struct {
	Name      string        `yaml:"name"`
	Also      []string      `yaml:"also"` // other names of it
	Title     locale.Text   `yaml:"title"`
	Country   string        `yaml:"country"` // whose public holidays and zone count, where nothing else is said
	Period    Period        `yaml:"period"`
	Roll      Rolling       `yaml:"roll"`
	Extension ExtensionRule `yaml:"extension"`
	Questions QuestionRules `yaml:"questions"`
	Targets   []int         `yaml:"target_days"` // by how many days the office should be done, for one, two, … months
}

// Period is how long the time limit is.
type Period struct {
	Months  int         `yaml:"months"`
	Counted Counting    `yaml:"counted"`
	Source  locale.Text `yaml:"source"`
}

// Counting is how a month is counted.
type Counting string

// The countings.
const (
	SameNumber Counting = "same_number" // to the day of the same number, or the month's last
	ThirtyDays Counting = "thirty_days"
)

// Rolling is which last days move to the next working day.
type Rolling struct {
	Over   string      `yaml:"over"`
	Source locale.Text `yaml:"source"`
}

// What a last day rolls over.
const (
	overAll      = "weekends_and_holidays"
	overWeekends = "weekends"
	overNothing  = "nothing"
)

// ExtensionRule is the most by which the time limit may be extended.
type ExtensionRule struct {
	Months int         `yaml:"months"`
	Source locale.Text `yaml:"source"`
}

// QuestionRules is which questions to the person move the clock.
type QuestionRules struct {
	WithinDays int            `yaml:"within_days"` // how long after receipt, or the last reply, one may be asked
	AskDay     string         `yaml:"ask_day"`
	Kinds      []QuestionRule `yaml:"kinds"`
	Source     locale.Text    `yaml:"source"`
}

// QuestionRule is what one kind of question does.
type QuestionRule struct {
	Kind   PauseKind `yaml:"kind"`
	Effect string    `yaml:"effect"`
	Needs  string    `yaml:"needs"`
}

// The words of the rules.
const (
	askDayPaused   = "paused"
	askDayRuns     = "runs"
	effectPauses   = "pauses"
	effectRestarts = "restarts"
	needsVolume    = "large_volume"
)

//go:embed profiles.yaml
var profilesFile []byte

var profiles = sync.OnceValue(func() []Profile {
	list, err := ReadProfiles(profilesFile)
	if err != nil {
		panic(err) // the file is ours, and a test reads it
	}
	return list
})

// Profiles gives the ways of counting, the default first.
func Profiles() []Profile { return slices.Clone(profiles()) }

// DefaultProfile is the name of the profile that counts where nobody has chosen.
const DefaultProfile = "EDPB"

var (
	// EDPB is the default: Regulation 1182/71 and EDPB Guidelines 01/2022.
	EDPB = mustProfile(DefaultProfile)
	// UK follows the ICO: a reset on identity, no condition of volume.
	UK = mustProfile("UK")
)

func mustProfile(name string) Profile {
	p, err := ParseProfile(name)
	if err != nil {
		panic(err)
	}
	return p
}

// ErrProfile: no profile has that name.
var ErrProfile = fault.Define(fault.Invalid, "unknown_profile",
	"Vi kjenner ikke den måten å regne frist på. Bruk EDPB, UK eller STRICT.",
	"Vi kjenner ikkje den måten å rekne frist på. Bruk EDPB, UK eller STRICT.",
	"We do not know that way of counting. Use EDPB, UK or STRICT.")

// ParseProfile finds a profile by its name, however it is spelt: EDPB (also when empty), UK or ICO, STRICT.
func ParseProfile(name string) (Profile, error) {
	name = strings.ToUpper(strings.TrimSpace(name))
	if name == "" {
		name = DefaultProfile
	}
	for _, p := range profiles() {
		if p.Name == name || slices.Contains(p.Also, name) {
			return p, nil
		}
	}
	return Profile{}, ErrProfile
}

// ReadProfiles reads profiles, and refuses what it does not know or what is missing: a rule that is not
// understood must not be counted without.
func ReadProfiles(data []byte) ([]Profile, error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var list []Profile
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("reading the profiles: %w", err)
	}
	if len(list) == 0 {
		return nil, errors.New("reading the profiles: there is none")
	}
	names := map[string]bool{}
	for _, p := range list {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("reading the profile %q: %w", p.Name, err)
		}
		for _, name := range append([]string{p.Name}, p.Also...) {
			if name == "" || name != strings.ToUpper(name) || names[name] {
				return nil, fmt.Errorf("reading the profiles: the name %q is empty, not in capitals or stands twice", name)
			}
			names[name] = true
		}
	}
	return list, nil
}

// maxMonths bounds what a profile may say, so that a slip of the pen is seen.
const maxMonths = 12

func (p Profile) check() error {
	if _, err := CalendarFor(p.Country); err != nil {
		return err
	}
	for name, text := range map[string]locale.Text{"title": p.Title, "period.source": p.Period.Source, "roll.source": p.Roll.Source,
		"extension.source": p.Extension.Source, "questions.source": p.Questions.Source} {
		if !text.Complete() {
			return fmt.Errorf("%s lacks a language", name)
		}
	}
	for name, bad := range map[string]bool{
		"period.months":         p.Period.Months < 1 || p.Period.Months > maxMonths,
		"period.counted":        p.Period.Counted != SameNumber && p.Period.Counted != ThirtyDays,
		"roll.over":             !slices.Contains([]string{overAll, overWeekends, overNothing}, p.Roll.Over),
		"extension.months":      p.Extension.Months < 0 || p.Extension.Months > maxMonths,
		"questions.within_days": p.Questions.WithinDays < 1,
		"questions.ask_day":     p.Questions.AskDay != askDayPaused && p.Questions.AskDay != askDayRuns,
		"target_days":           len(p.Targets) != p.Extension.Months+1 || !slices.IsSorted(p.Targets) || slices.Min(p.Targets) < 1,
	} {
		if bad {
			return fmt.Errorf("%s is missing or not a value that is known", name)
		}
	}
	return p.Questions.check()
}

func (q QuestionRules) check() error {
	seen := map[PauseKind]bool{}
	for _, k := range q.Kinds {
		known := k.Kind == PauseIdentity || k.Kind == PauseClarification
		effect := k.Effect == effectPauses || k.Effect == effectRestarts
		if !known || seen[k.Kind] || !effect || k.Needs != "" && k.Needs != needsVolume {
			return fmt.Errorf("questions.kinds: %+v is not a rule that is known, or stands twice", k)
		}
		seen[k.Kind] = true
	}
	return nil
}

// question gives the rule for a kind of question; false when it does not move the clock.
func (p Profile) question(k PauseKind) (QuestionRule, bool) {
	i := slices.IndexFunc(p.Questions.Kinds, func(r QuestionRule) bool { return r.Kind == k })
	if i < 0 {
		return QuestionRule{}, false
	}
	return p.Questions.Kinds[i], true
}

func (p Profile) restarts(k PauseKind) bool {
	rule, ok := p.question(k)
	return ok && rule.Effect == effectRestarts
}

// ends gives the last day of a period that is longer than the profile's by some months, before anything
// rolls. The whole period is counted at once from its beginning, never month by month.
func (p Profile) ends(from Date, more int) Date {
	if p.Period.Counted == ThirtyDays {
		return from.AddDays(30 * (p.Period.Months + more))
	}
	return from.AddMonths(p.Period.Months + more)
}

// roll gives the first day on or after d on which a period may end.
func (p Profile) roll(c *Calendar, d Date) Date {
	switch p.Roll.Over {
	case overAll:
		return c.Roll(d)
	case overWeekends:
		for dayOff[d.Weekday()].Complete() {
			d = d.AddDays(1)
		}
	}
	return d
}

// name says what a day is over which a period rolled, and whether it is a holiday.
func (p Profile) name(c *Calendar, d Date) (locale.Text, bool) {
	if name, holiday := c.Holiday(d); holiday && p.Roll.Over == overAll {
		return name, true
	}
	return dayOff[d.Weekday()], false
}

var dayOff = map[time.Weekday]locale.Text{
	time.Saturday: {NB: "en lørdag", NN: "ein laurdag", EN: "a Saturday"},
	time.Sunday:   {NB: "en søndag", NN: "ein søndag", EN: "a Sunday"},
}
