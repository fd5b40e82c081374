package fulfilment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dataset"
	"mininfo/internal/dsr"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/source"
	"mininfo/internal/staff"
	"mininfo/internal/store"
)

// People whose data came from others are to be informed within a month (Art. 14(3)(a)). Each night the rows
// are counted that came in since the last count, in the collections of activities whose register names such a
// source; a member informs them and writes how. Only the number and the days are kept.

// Faults of informing.
var (
	ErrInformHow = fault.Define(fault.Invalid, "inform_how",
		"Skriv hvordan de ble informert, eller hvorfor de ikke trenger det.", "Skriv korleis dei vart informerte, eller kvifor dei ikkje treng det.",
		"Write how they were informed, or why they need not be.")
	ErrInformed = fault.Define(fault.Conflict, "informed_already",
		"Noen har alt skrevet hvordan disse ble informert.", "Nokon har alt skrive korleis desse vart informerte.",
		"Somebody has already written how these were informed.")
)

const (
	informWithin = 1   // month, from the day on which the data came in
	informShown  = 200 // lists on the page
)

// newcomers is what came in of one activity.
type newcomers struct {
	from    dsr.Date // the day up to which was counted before; zero: never
	first   dsr.Date // the oldest that was found
	people  int64
	skipped bool
}

// CountUninformed counts, for each activity that has data from others, the rows that came in since the last
// count and up to yesterday. An activity of which a system cannot be read waits for the next night.
func (w *Works) CountUninformed(ctx context.Context) error {
	var controller int64
	var today dsr.Date
	counts := map[string]*newcomers{}
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		controller = c.ID
		if today, err = todayOf(tx); err != nil {
			return err
		}
		reg, _, err := registerOf(tx, c.ID, 0)
		if err != nil {
			return err
		}
		for i := range reg.Activities {
			a := &reg.Activities[i]
			if !a.FromOthers() {
				continue
			}
			from, err := tx.CountedUpTo(c.ID, a.ID)
			if err != nil {
				return err
			}
			counts[a.ID] = &newcomers{from: from}
		}
		return nil
	})
	if err != nil || len(counts) == 0 {
		return err
	}
	conns, err := w.Open(ctx, job.Job{})
	if err != nil {
		return fmt.Errorf("connecting the sources: %w", err)
	}
	defer conns.close()
	until := today.AddDays(-1)
	var failed []error
	for _, c := range conns.Sources {
		failed = append(failed, countNewcomers(ctx, c, counts, until))
	}
	for activity, n := range counts {
		// What lies in a system that is down is not known: no day is passed over.
		if n.people == 0 || n.skipped {
			continue
		}
		failed = append(failed, w.Store.InTx(ctx, func(tx *store.Tx) error {
			return noteUninformed(tx, controller, activity, *n, until)
		}))
	}
	return errors.Join(failed...)
}

func noteUninformed(tx *store.Tx, controller int64, activity string, n newcomers, until dsr.Date) error {
	added, err := tx.AddInforming(controller, n.from, store.Informing{Activity: activity, First: n.first, Last: until, Due: n.first.AddMonths(informWithin), People: n.people})
	if err != nil || !added {
		return err
	}
	_, err = tx.Log(store.Act{Actor: "system", Action: "uninformed_counted", Statement: map[string]any{"activity": activity, "people": n.people, "until": until.String()}})
	return err
}

// countNewcomers counts in one system.
func countNewcomers(ctx context.Context, c engine.Connected, counts map[string]*newcomers, until dsr.Date) error {
	var wanted []*dataset.Collection
	of := map[*dataset.Collection]*dataset.Dataset{}
	for _, d := range c.Datasets {
		for _, col := range d.Collections {
			if counts[activityOf(d, col)] != nil && col.Received != "" && !col.Skip {
				wanted, of[col] = append(wanted, col), d
			}
		}
	}
	finder, ok := c.Source.(source.Finder)
	if !ok || len(wanted) == 0 {
		return nil
	}
	skip := func(err error) error {
		for _, col := range wanted {
			counts[activityOf(of[col], col)].skipped = true
		}
		return sourceErr(err)
	}
	schema, err := c.Source.Inspect(ctx)
	if err != nil {
		return skip(err)
	}
	snapshot, err := finder.Snapshot(ctx)
	if err != nil {
		return skip(err)
	}
	defer snapshot.Close()
	for _, col := range wanted {
		table, ok := schema.Table(source.TableName{Schema: of[col].Schema, Name: col.Name})
		if !ok {
			continue
		}
		n := counts[activityOf(of[col], col)]
		// The first count goes back as far as people can still be informed in time.
		after := n.from
		if after.IsZero() {
			after = until.AddMonths(-informWithin)
		}
		q := source.Query{Table: table, Fields: []source.Field{{Column: col.Received}}}
		err := snapshot.Find(ctx, q, func(row []source.Value) error {
			day := dateOf(row[0])
			if day == nil || !day.After(after) || day.After(until) {
				return nil
			}
			n.people++
			if n.first.IsZero() || day.Before(n.first) {
				n.first = *day
			}
			return nil
		})
		if err != nil {
			return skip(err)
		}
	}
	return nil
}

func activityOf(d *dataset.Dataset, c *dataset.Collection) string {
	if c.Activity != "" {
		return c.Activity
	}
	return d.Activity
}

// Informing is one list of people to inform, as the office sees it.
type Informing struct {
	ID, Activity     string
	Told             string // when and how the register says that they are told
	First, Last, Due dsr.Date
	People           int64
	DoneAt           *time.Time
	By, How          string
}

// Uninformed gives the lists, those that wait first, and the day that they are read on.
func (w *Works) Uninformed(ctx context.Context, by By, l locale.Locale) ([]Informing, dsr.Date, error) {
	out := []Informing{}
	var today dsr.Date
	err := w.Store.Read(ctx, func(tx *store.Tx) error {
		out = out[:0]
		if err := by.mayIn(staff.ReadRegister, staff.Facts{}); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		if today, err = todayOf(tx); err != nil {
			return err
		}
		reg, _, err := registerOf(tx, c.ID, 0)
		if err != nil {
			return err
		}
		all, err := tx.Informings(c.ID, informShown)
		if err != nil {
			return err
		}
		for _, i := range all {
			it := Informing{ID: i.PublicID, Activity: i.Activity, First: i.First, Last: i.Last, Due: i.Due, People: i.People, DoneAt: i.DoneAt, How: i.How.Reveal()}
			if a := reg.Activity(i.Activity); a != nil {
				it.Activity, it.Told = a.Name.In(l), a.Informed.In(l)
			}
			if i.MemberID != nil {
				if it.By, err = tx.MemberName(*i.MemberID); err != nil {
					return err
				}
			}
			out = append(out, it)
		}
		return nil
	})
	return out, today, err
}

// Informed keeps how a member informed the people of a list.
func (w *Works) Informed(ctx context.Context, by By, id, how string) error {
	if how = strings.TrimSpace(how); how == "" {
		return ErrInformHow.At("/how")
	}
	return w.Store.InTx(ctx, func(tx *store.Tx) error {
		if err := by.mayIn(staff.EditRegister, staff.Facts{FactorFresh: by.Fresh}); err != nil {
			return err
		}
		c, err := tx.Controller()
		if err != nil {
			return err
		}
		all, err := tx.Informings(c.ID, informShown)
		if err != nil {
			return err
		}
		known := false
		for _, i := range all {
			known = known || i.PublicID == id
		}
		if !known {
			return store.ErrNoInforming
		}
		first, err := tx.FinishInforming(id, how, by.ID)
		if err != nil {
			return err
		}
		if !first {
			return ErrInformed
		}
		_, err = tx.Log(store.Act{Actor: fmt.Sprintf("member.%d", by.ID), Role: by.role(), Action: "people_informed", Statement: map[string]string{"list": id}})
		return err
	})
}
