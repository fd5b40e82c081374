package dsr

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

var casesHeader = []string{"id", "due", "due_unsuspended", "internal_target", "ext_valid"}

// Case is one row of a table of cases, counted.
type Case struct {
	ID       string
	Deadline Deadline
}

// Counted says how the cases of a table are counted that do not say it themselves. Empty is the default
// profile and the profile's country.
type Counted struct{ Profile, Country string }

// Cases reads a table of cases (CSV with at least id, received and events, and columns profile and country
// where the cases differ in it) and writes each case's dates as a table.
func Cases(in io.Reader, by Counted, out io.Writer) error {
	writer := csv.NewWriter(out)
	if err := writer.Write(casesHeader); err != nil {
		return fmt.Errorf("writing the cases: %w", err)
	}
	problems := EachCase(in, by, func(c Case) error {
		d := c.Deadline
		return writer.Write([]string{c.ID, d.DueWord(), d.DueUnsuspended.String(), d.InternalTarget.String(), d.ExtensionWord()})
	})
	writer.Flush()
	if err := writer.Error(); err != nil {
		return fmt.Errorf("writing the cases: %w", err)
	}
	return problems
}

// EachCase reads a table of cases and hands on each that can be counted; the joined errors name
// the lines of those that cannot. In these cases the conditions of a pause or extension other
// than timing are taken as met.
func EachCase(in io.Reader, by Counted, each func(Case) error) error {
	reader := csv.NewReader(skipBOM(in))
	reader.FieldsPerRecord = -1
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return errNoCases
	}
	if err != nil {
		return fmt.Errorf("reading the header of the cases: %w", err)
	}
	columns, err := caseColumns(header)
	if err != nil {
		return err
	}
	var problems []error
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, unreadable(err))
			break
		}
		line, _ := reader.FieldPos(0)
		if len(record) > len(header) {
			problems = append(problems, fmt.Errorf("line %d: has %d fields, the header has %d", line, len(record), len(header)))
			continue
		}
		counted, err := countCase(record, columns, by)
		if err != nil {
			problems = append(problems, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		if err := each(counted); err != nil {
			return fmt.Errorf("writing the cases: %w", err)
		}
	}
	return errors.Join(problems...)
}

var errNoCases = errors.New("the file of cases is empty: its first line must name the columns id, received, events")

// unreadable says where the table stops being one.
func unreadable(err error) error {
	var broken *csv.ParseError
	if errors.As(err, &broken) {
		return fmt.Errorf("line %d: %w; what follows was not read", broken.Line, broken.Err)
	}
	return fmt.Errorf("reading the cases: %w", err)
}

// skipBOM drops the byte order mark that spreadsheets put first.
func skipBOM(in io.Reader) io.Reader {
	buffered := bufio.NewReader(in)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = buffered.Discard(3)
	}
	return buffered
}

// The columns of a table of cases that count; others are passed over. The last two may be missing.
var caseNames = [...]string{"id", "received", "events", "profile", "country"}

const neededNames = 3

// caseColumns finds where the columns stand; -1 where an optional one is missing.
func caseColumns(header []string) (at [len(caseNames)]int, err error) {
	for i, name := range caseNames {
		at[i] = slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
		if at[i] < 0 && i < neededNames {
			return at, fmt.Errorf("line 1: the column %q is missing", name)
		}
	}
	return at, nil
}

func countCase(record []string, columns [len(caseNames)]int, by Counted) (Case, error) {
	var field [len(caseNames)]string
	for i, at := range columns {
		if at >= len(record) {
			return Case{}, fmt.Errorf("has %d fields, too few", len(record))
		}
		if at >= 0 {
			field[i] = strings.TrimSpace(record[at])
		}
	}
	clock, err := ParseClock(cmp.Or(field[3], by.Profile), cmp.Or(field[4], by.Country), field[1], field[2])
	if err != nil {
		return Case{}, err
	}
	d, err := Compute(clock)
	return Case{ID: field[0], Deadline: d}, err
}

// DueWord is the due date, or "open" while a question is unanswered.
func (d Deadline) DueWord() string {
	if d.Open {
		return "open"
	}
	return d.Due.String()
}

// ExtensionWord is yes or no as the notice of an extension counts; empty without one.
func (d Deadline) ExtensionWord() string {
	switch counts := d.ExtensionCounts(); {
	case counts == nil:
		return ""
	case *counts:
		return "yes"
	}
	return "no"
}

// ParseClock reads one case: the profile's name, the country whose holidays and zone count (empty: the
// profile's), the time of receipt, and events in the form "ask1=date;reply1=date;ext=2@date". A date is
// YYYY-MM-DD in the country's zone or an RFC 3339 instant. Questions are taken as reasoned questions of identity.
func ParseClock(profile, country, received, events string) (Clock, error) {
	p, err := ParseProfile(profile)
	if err != nil {
		return Clock{}, err
	}
	calendar, err := CalendarFor(cmp.Or(country, p.Country))
	if err != nil {
		return Clock{}, err
	}
	zone, err := time.LoadLocation(calendar.Zone())
	if err != nil {
		return Clock{}, fmt.Errorf("loading the controller's zone: %w", err)
	}
	c := Clock{Profile: p, Country: calendar.Country()}
	if c.Received, err = localDate(received, zone); err != nil {
		return Clock{}, fmt.Errorf("received: %w", err)
	}
	asked, replied := map[int]Date{}, map[int]Date{}
	for _, event := range strings.Split(events, ";") {
		if event = strings.TrimSpace(event); event == "" {
			continue
		}
		if err := c.readEvent(event, zone, asked, replied); err != nil {
			return Clock{}, err
		}
	}
	return c, c.pair(asked, replied)
}

func (c *Clock) readEvent(event string, zone *time.Location, asked, replied map[int]Date) error {
	name, value, found := strings.Cut(event, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found {
		return fmt.Errorf("event %q has no value", name)
	}
	switch {
	case name == "ext":
		return c.readExtension(value, zone)
	case strings.HasPrefix(name, "ask"):
		return readNumbered(name, "ask", value, zone, asked)
	case strings.HasPrefix(name, "reply"):
		return readNumbered(name, "reply", value, zone, replied)
	}
	return fmt.Errorf("event %q is unknown: use ask1, reply1 or ext", name)
}

func (c *Clock) readExtension(value string, zone *time.Location) error {
	months, sent, found := strings.Cut(value, "@")
	n, err := strconv.Atoi(strings.TrimSpace(months))
	if !found || err != nil {
		return errors.New("event \"ext\" must be months@date, such as 2@2026-09-30")
	}
	date, err := localDate(strings.TrimSpace(sent), zone)
	if err != nil {
		return fmt.Errorf("ext: %w", err)
	}
	c.Extensions = append(c.Extensions, Extension{Months: n, Sent: date, Reasoned: true})
	return nil
}

func readNumbered(name, prefix, value string, zone *time.Location, into map[int]Date) error {
	n, err := strconv.Atoi(strings.TrimPrefix(name, prefix))
	if err != nil || n < 1 {
		return fmt.Errorf("event %q needs a number, such as %s1", name, prefix)
	}
	if _, twice := into[n]; twice {
		return fmt.Errorf("event %q stands twice", name)
	}
	date, err := localDate(value, zone)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	into[n] = date
	return nil
}

func (c *Clock) pair(asked, replied map[int]Date) error {
	for n := range replied {
		if _, ok := asked[n]; !ok {
			return fmt.Errorf("reply%d has no ask%d", n, n)
		}
	}
	numbers := make([]int, 0, len(asked))
	for n := range asked {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		c.Pauses = append(c.Pauses, Pause{Kind: PauseIdentity, Asked: asked[n], Replied: replied[n], Reasoned: true})
	}
	return nil
}

// localDate reads a civil date, or an instant whose date in the zone counts.
func localDate(s string, zone *time.Location) (Date, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return DateOf(t, zone), nil
		}
	}
	return ParseDate(s)
}
