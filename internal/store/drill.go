package store

import (
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm/clause"
)

// The jobs of a rehearsal: the office makes its sources, and removes them again. The object is the request.
const (
	JobFurnishDrill = "furnish_drill"
	JobClearDrill   = "clear_drill"
)

// Drills gives the rehearsals, newest first.
func (tx *Tx) Drills(limit int) ([]*Request, error) {
	var rows []requestRow
	if err := tx.db.Where("drill").Order("id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading rehearsals: %w", err)
	}
	return tx.requests(rows)
}

// DrillMail is a mail that a real case would have sent. A rehearsal keeps it.
type DrillMail struct {
	ToOffice bool
	Subject  string
	Text     string
	At       time.Time
}

type drillMailRow struct {
	ID         int64
	PublicID   string
	RequestID  int64
	MessageID  string
	ToOffice   bool
	SealedMail []byte
	At         int64
}

func (drillMailRow) TableName() string { return "drill_mail" }

// drillMailBody is what of a mail is sealed.
type drillMailBody struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// KeepDrillMail keeps a mail of a rehearsal; the same message id is kept once.
func (tx *Tx) KeepDrillMail(r *Request, messageID string, m DrillMail) error {
	id, err := tx.NewID()
	if err != nil {
		return err
	}
	plain, err := json.Marshal(drillMailBody{Subject: m.Subject, Text: m.Text})
	if err != nil {
		return fmt.Errorf("writing a rehearsal's mail: %w", err)
	}
	sealed, err := tx.seal(r.PublicID, ClassCore, "drill_mail", "sealed_mail", id, plain)
	if err != nil {
		return err
	}
	row := drillMailRow{PublicID: id, RequestID: r.ID, MessageID: messageID, ToOffice: m.ToOffice, SealedMail: sealed, At: Micros(tx.Now)}
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return fmt.Errorf("keeping a rehearsal's mail: %w", err)
	}
	return nil
}

// DrillMails gives the mails of a rehearsal, oldest first.
func (tx *Tx) DrillMails(r *Request) ([]DrillMail, error) {
	var rows []drillMailRow
	if err := tx.db.Where("request_id = ?", r.ID).Order("id").Limit(200).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading a rehearsal's mails: %w", err)
	}
	list := make([]DrillMail, len(rows))
	for i, row := range rows {
		plain, err := tx.open(r.PublicID, ClassCore, "drill_mail", "sealed_mail", row.PublicID, row.SealedMail)
		if err != nil {
			return nil, err
		}
		var body drillMailBody
		if err := json.Unmarshal(plain, &body); err != nil {
			return nil, fmt.Errorf("reading a rehearsal's mail: %w", err)
		}
		list[i] = DrillMail{ToOffice: row.ToOffice, Subject: body.Subject, Text: body.Text, At: Instant(row.At)}
	}
	return list, nil
}

// DropDrillMails removes the mails of a rehearsal.
func (tx *Tx) DropDrillMails(r *Request) error {
	if err := tx.db.Where("request_id = ?", r.ID).Delete(&drillMailRow{}).Error; err != nil {
		return fmt.Errorf("removing a rehearsal's mails: %w", err)
	}
	return nil
}

// LastHandled tells when the office last began a case or a rehearsal; when it was set up, if it never did; the
// zero time, if it is not set up.
func (tx *Tx) LastHandled(c Controller) (time.Time, error) {
	if c.SetUpAt == nil {
		return time.Time{}, nil
	}
	var last *int64
	if err := tx.db.Raw("SELECT max(filed_at) FROM request WHERE controller_id = ?", c.ID).Scan(&last).Error; err != nil {
		return time.Time{}, fmt.Errorf("reading when a case last began: %w", err)
	}
	if last == nil || Instant(*last).Before(*c.SetUpAt) {
		return *c.SetUpAt, nil
	}
	return Instant(*last), nil
}
