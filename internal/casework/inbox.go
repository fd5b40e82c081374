package casework

import (
	"context"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// Badge is how urgent a case is.
type Badge string

// The badges of the inbox.
const (
	BadgeOK     Badge = "ok"
	BadgeSoon   Badge = "soon"
	BadgeLate   Badge = "late"
	BadgePaused Badge = "paused"
	BadgeDone   Badge = "done"
)

// soon is within how many days of the time limit a case is urgent.
const soon = 7

// Summary is a row of the inbox.
type Summary struct {
	Request  *store.Request
	Step     string
	Next     string
	Who      string // masked
	DaysLeft int
	Badge    Badge
	Assigned string
	Stopped  string
}

// Summarise makes the row of a case.
func Summarise(r *store.Request, today dsr.Date, l locale.Locale, assigned string) Summary {
	s := Summary{Request: r, Step: step(r).In(l), Next: next(r).In(l), Who: masked(r), Assigned: assigned}
	if r.NeedsHuman != "" {
		s.Stopped = needsHumanText(r.NeedsHuman).In(l)
	}
	due := r.P.Deadline.Due
	if r.P.Deadline.Open {
		due = r.P.Deadline.DueUnsuspended
	}
	s.DaysLeft = dsr.DaysBetween(today, due)
	switch {
	case !dsr.Open(r.P.State):
		s.Badge = BadgeDone
		s.Step = r.P.State.Row().Staff.In(l)
		if r.P.Outcome != "" {
			s.Step = r.P.Outcome.Text().In(l)
		}
	case r.P.Deadline.Open:
		s.Badge = BadgePaused
	case s.DaysLeft < 0:
		s.Badge = BadgeLate
	case s.DaysLeft <= soon:
		s.Badge = BadgeSoon
	default:
		s.Badge = BadgeOK
	}
	return s
}

// masked gives enough of who it is to tell cases apart in a list, and no more.
func masked(r *store.Request) string {
	if name := r.Name.Reveal(); name != "" {
		parts := strings.Fields(name)
		for i := 1; i < len(parts); i++ {
			parts[i] = string([]rune(parts[i])[:1]) + "."
		}
		return strings.Join(parts, " ")
	}
	local, domain, ok := strings.Cut(r.Address.Reveal(), "@")
	if !ok {
		return ""
	}
	return string([]rune(local)[:1]) + "…@" + domain
}

// Page is a page of the inbox.
type Page struct {
	Cases  []Summary
	Next   *store.Position
	Counts map[store.View]int64
	Today  dsr.Date
}

// Inbox lists cases, due first.
func (d *Desk) Inbox(ctx context.Context, by By, f store.Filter, l locale.Locale) (Page, error) {
	var page Page
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		if err := staff.May(staff.Member{ID: by.ID, Roles: by.Roles}, staff.ListCases, staff.Facts{Assigned: true}); err != nil {
			return err
		}
		today, _, err := d.today(tx)
		if err != nil {
			return err
		}
		f.Member, f.Today, page.Today = by.ID, today, today
		requests, next, err := tx.List(f)
		if err != nil {
			return err
		}
		page.Next = next
		names := map[int64]string{}
		for _, r := range requests {
			if by.may(staff.ListCases, r) != nil {
				continue
			}
			name := ""
			if r.P.AssignedTo != 0 {
				if name, err = cached(tx, names, r.P.AssignedTo); err != nil {
					return err
				}
			}
			page.Cases = append(page.Cases, Summarise(r, today, l, name))
		}
		page.Counts, err = tx.Counts(f)
		return err
	})
	return page, err
}

func cached(tx *store.Tx, names map[int64]string, id int64) (string, error) {
	if name, ok := names[id]; ok {
		return name, nil
	}
	name, err := tx.MemberName(id)
	names[id] = name
	return name, err
}

// State gives a client the state of a request that it registered itself.
func (d *Desk) State(ctx context.Context, client int64, id string) (*store.Request, error) {
	var found *store.Request
	err := d.Store.Read(ctx, func(tx *store.Tx) error {
		r, err := tx.ReadRequest(id)
		if err != nil {
			return err
		}
		if r.ClientID == nil || *r.ClientID != client {
			return store.ErrNoRequest
		}
		found = r
		return nil
	})
	return found, err
}
