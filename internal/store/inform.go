package store

import (
	"errors"
	"fmt"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/keyring"
)

// ErrNoInforming says that there is no such list of people to inform.
var ErrNoInforming = fault.Define(fault.NotFound, "informing_not_found",
	"Vi finner ikke denne oppgaven.", "Vi finn ikkje denne oppgåva.", "There is no such task.")

// Informing is how many people's data came in from others under an activity in some days, and by when they
// are to be informed of it (Art. 14(3)). It says nothing of who they are.
type Informing struct {
	PublicID string
	Activity string
	First    dsr.Date // on which the oldest of the data came in
	Last     dsr.Date // up to which was counted
	Due      dsr.Date
	People   int64
	DoneAt   *time.Time
	MemberID *int64
	How      keyring.Private
}

type informRow struct {
	ID           int64
	PublicID     string
	ControllerID int64
	Activity     string
	FirstOn      string
	LastOn       string
	DueOn        string
	People       int64
	CreatedAt    int64
	DoneAt       *int64
	MemberID     *int64
	SealedHow    []byte
}

func (informRow) TableName() string { return "inform_task" }

func (tx *Tx) informing(row informRow) (Informing, error) {
	i := Informing{PublicID: row.PublicID, Activity: row.Activity, People: row.People, DoneAt: instantOrNil(row.DoneAt), MemberID: row.MemberID}
	var errs [3]error
	i.First, errs[0] = dsr.ParseDate(row.FirstOn)
	i.Last, errs[1] = dsr.ParseDate(row.LastOn)
	i.Due, errs[2] = dsr.ParseDate(row.DueOn)
	if err := errors.Join(errs[:]...); err != nil {
		return i, fmt.Errorf("reading whom to inform: %w", err)
	}
	how, err := tx.open(row.PublicID, ClassStaff, "inform_task", "sealed_how", row.PublicID, row.SealedHow)
	i.How = keyring.NewPrivate(string(how))
	return i, err
}

// Informings gives what is to be done first, then what was done, newest first.
func (tx *Tx) Informings(controller int64, limit int) ([]Informing, error) {
	var rows []informRow
	err := tx.db.Where("controller_id = ?", controller).Order("CASE WHEN done_at IS NULL THEN 0 ELSE 1 END, done_at DESC, due_on").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("reading whom to inform: %w", err)
	}
	list := make([]Informing, len(rows))
	for i, row := range rows {
		if list[i], err = tx.informing(row); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// CountedUpTo gives the day up to which an activity's people were counted; the zero date for never.
func (tx *Tx) CountedUpTo(controller int64, activity string) (dsr.Date, error) {
	var last *string
	if err := tx.db.Raw("SELECT max(last_on) FROM inform_task WHERE controller_id = ? AND activity = ?", controller, activity).Scan(&last).Error; err != nil {
		return dsr.Date{}, fmt.Errorf("reading up to when was counted: %w", err)
	}
	if last == nil {
		return dsr.Date{}, nil
	}
	return dsr.ParseDate(*last)
}

// AddInforming adds people to inform to the activity's open list, or makes one. False: another worker has
// counted these days meanwhile.
func (tx *Tx) AddInforming(controller int64, from dsr.Date, i Informing) (bool, error) {
	known, err := tx.CountedUpTo(controller, i.Activity)
	if err != nil || known != from {
		return false, err
	}
	added, err := changed(tx.db.Exec("UPDATE inform_task SET people = people + ?, last_on = ? WHERE controller_id = ? AND activity = ? AND done_at IS NULL AND last_on = ?",
		i.People, i.Last.String(), controller, i.Activity, from.String()))
	if err != nil {
		return false, fmt.Errorf("noting whom to inform: %w", err)
	}
	if added {
		return true, nil
	}
	id, err := tx.NewID()
	if err != nil {
		return false, err
	}
	row := informRow{PublicID: id, ControllerID: controller, Activity: i.Activity, FirstOn: i.First.String(), LastOn: i.Last.String(), DueOn: i.Due.String(),
		People: i.People, CreatedAt: Micros(tx.Now)}
	if err := tx.db.Create(&row).Error; err != nil {
		if duplicate(err) {
			err = errors.Join(errAgain, err)
		}
		return false, fmt.Errorf("noting whom to inform: %w", err)
	}
	return true, nil
}

// FinishInforming keeps how a member informed the people of a list; false: somebody did before.
func (tx *Tx) FinishInforming(publicID, how string, member int64) (bool, error) {
	sealed, err := tx.seal(publicID, ClassStaff, "inform_task", "sealed_how", publicID, []byte(how))
	if err != nil {
		return false, err
	}
	ok, err := changed(tx.db.Model(&informRow{}).Where("public_id = ? AND done_at IS NULL", publicID).
		Updates(map[string]any{"done_at": Micros(tx.Now), "member_id": member, "sealed_how": sealed}))
	if err != nil {
		return false, fmt.Errorf("keeping how people were informed: %w", err)
	}
	return ok, nil
}

// ForgetInformed erases how people were informed, of lists that were done before an instant; that so many were,
// and when, stays. It tells how many lists.
func (tx *Tx) ForgetInformed(doneBefore time.Time) (int64, error) {
	var ids []string
	err := tx.db.Model(&informRow{}).Where("done_at < ? AND sealed_how IS NOT NULL", Micros(doneBefore)).Pluck("public_id", &ids).Error
	if err != nil {
		return 0, fmt.Errorf("reading who was informed: %w", err)
	}
	for _, id := range ids {
		if err := tx.Shred(id, ClassStaff); err != nil {
			return 0, err
		}
		if err := tx.db.Model(&informRow{}).Where("public_id = ?", id).Update("sealed_how", nil).Error; err != nil {
			return 0, fmt.Errorf("erasing how people were informed: %w", err)
		}
	}
	return int64(len(ids)), nil
}
