package store

import (
	"fmt"
	"time"

	"mininfo/internal/job"
	"mininfo/internal/mail"
)

// The kinds of jobs that send mails. Their object is "<mail kind>:<request's public id>": what
// the mail says is read when it goes out.
const (
	JobMailPerson = "mail_person"
	JobMailOffice = "mail_office"
)

// JobExecute carries out an approved plan; its object is the request's public id.
const JobExecute = "execute"

// MailPerson sends the person a mail about a request once the transaction is kept. A person
// without an address gets none. That of a rehearsal is kept in its mailbox.
func (tx *Tx) MailPerson(r *Request, kind mail.Kind) error {
	if r.Address.IsZero() {
		return nil
	}
	return tx.post(JobMailPerson, r, kind)
}

// MailOffice tells the office about a request once the transaction is kept. That of a rehearsal is kept in its
// mailbox.
func (tx *Tx) MailOffice(r *Request, kind mail.Kind) error {
	return tx.post(JobMailOffice, r, kind)
}

// post's key holds the number of events, so that one act sends one mail of a kind however often
// its transaction is tried.
func (tx *Tx) post(jobKind string, r *Request, kind mail.Kind) error {
	return tx.Enqueue(job.Spec{
		Kind:   jobKind,
		Key:    fmt.Sprintf("%s/%s/%s/%d", jobKind, kind, r.PublicID, len(r.Events)),
		Object: string(kind) + ":" + r.PublicID,
	})
}

// SendAgain takes up the mails about a request that were given up, as if they were new.
func (tx *Tx) SendAgain(r *Request) error {
	now := Micros(tx.Now.Truncate(time.Millisecond))
	err := tx.db.Model(&jobRow{}).
		Where("state = 'needs_human' AND kind IN ?", []string{JobMailPerson, JobMailOffice}).
		Where("object LIKE ? OR object LIKE ?", "%:"+r.PublicID, "%:"+r.PublicID+"#%").
		Updates(map[string]any{"state": "ready", "run_at": now, "created_at": now, "done_at": nil, "attempts": 0, "last_code": ""}).Error
	if err != nil {
		return fmt.Errorf("sending mails again: %w", err)
	}
	tx.enqueued = true
	return nil
}
