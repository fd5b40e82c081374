package governance

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/source"
	"mininfo/internal/source/webhook"
	"mininfo/internal/store"
)

// ErrResult is the one answer to a result whose address, signature or time is wrong.
var ErrResult = fault.Define(fault.Unauthenticated, "result_refused",
	"Her venter ingen på et resultat med denne adressen, signaturen og tiden. Send til adressen i «callback», med webhook-id fra spørsmålet, signert nå.",
	"Her ventar ingen på eit resultat med denne adressa, signaturen og tida. Send til adressa i «callback», med webhook-id frå spørsmålet, signert no.",
	"Nobody here waits for a result with this address, signature and time. Send to the address in \"callback\", with the webhook-id of the question, signed now.")

// enquiries are the questions of one job to one source. It is used by one goroutine.
type enquiries struct {
	o        *Office
	job      job.Job
	source   int64
	patience time.Duration // what is left of it
}

const patience = 5 * time.Second

func (o *Office) patience() time.Duration {
	if o.Patience > 0 {
		return o.Patience
	}
	return patience
}

// Moment is source.Enquiries.
func (e *enquiries) Moment(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := e.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if at, err = tx.EnquiryMoment(e.source, e.job.ID); err == nil && at.IsZero() {
			at = tx.Now
		}
		return err
	})
	return at, err
}

// Open is source.Enquiries.
func (e *enquiries) Open(ctx context.Context, question []byte, moment time.Time) (source.Enquiry, error) {
	var out source.Enquiry
	err := e.o.Store.InTx(ctx, func(tx *store.Tx) error {
		found, err := tx.OpenEnquiry(e.job.Object, e.source, e.job.ID, question, moment)
		if err != nil {
			return err
		}
		out, err = e.shown(tx, found)
		return err
	})
	return out, err
}

func (e *enquiries) shown(tx *store.Tx, found *store.Enquiry) (source.Enquiry, error) {
	result, err := tx.EnquiryResult(found)
	return source.Enquiry{ID: found.PublicID, Callback: e.o.PublicURL + "/api/v1/enquiries/" + found.PublicID + "/result",
		Accepted: found.Accepted, Overdue: !found.Answered && !tx.Now.Before(found.Until), Result: result}, err
}

// The shortest and the longest time between two looks at whether a result has come.
const (
	firstLook = 50 * time.Millisecond
	lastLook  = time.Second
)

// Accepted is source.Enquiries.
func (e *enquiries) Accepted(ctx context.Context, id string) (source.Enquiry, error) {
	if err := e.o.Store.InTx(ctx, func(tx *store.Tx) error { return tx.AcceptEnquiry(id) }); err != nil {
		return source.Enquiry{}, err
	}
	for pause := firstLook; ; pause = min(2*pause, lastLook) {
		var out source.Enquiry
		err := e.o.Store.Read(ctx, func(tx *store.Tx) error {
			found, err := tx.Enquiry(id)
			if err != nil || found == nil {
				return err
			}
			out, err = e.shown(tx, found)
			return err
		})
		if err != nil || out.Result != nil || e.patience <= 0 {
			return out, err
		}
		e.patience -= pause
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return out, ctx.Err()
		case <-timer.C:
		}
	}
}

// Forget is source.Enquiries.
func (e *enquiries) Forget(ctx context.Context) error {
	return e.o.Store.InTx(ctx, func(tx *store.Tx) error { return tx.CloseEnquiries(e.source, e.job.ID) })
}

// Awaited is an enquiry that somebody says to have the result of.
type Awaited struct {
	id  string
	dsn source.Secret
	now time.Time
}

// Awaited finds the enquiry that a result is for. ErrResult when there is none: whoever sends it is
// told no more than with a wrong signature, and is not listened to.
func (o *Office) Awaited(ctx context.Context, id string) (*Awaited, error) {
	out := &Awaited{id: id}
	err := o.Store.Read(ctx, func(tx *store.Tx) error {
		out.dsn, out.now = source.Secret{}, tx.Now
		e, err := tx.Enquiry(id)
		if err != nil || e == nil {
			return err
		}
		s, err := tx.SourceByID(e.Source)
		if err != nil || s == nil || !s.Enabled {
			return err
		}
		sealed, err := tx.SourceDSN(*s)
		if fault.KindOf(err) == fault.Gone {
			return nil
		}
		var conn connection
		if err != nil || json.Unmarshal([]byte(sealed.Reveal()), &conn) != nil {
			return err
		}
		out.dsn = source.NewSecret(conn.DSN)
		return nil
	})
	if err == nil && out.dsn.IsZero() {
		err = ErrResult
	}
	return out, err
}

// Check tells whether a result is signed by the system that was asked; ErrResult when it is not.
func (a *Awaited) Check(header http.Header, body []byte) error {
	if !webhook.Signed(a.dsn, a.id, header, body, a.now) {
		return ErrResult
	}
	return nil
}

// TakeResult keeps a result that Awaited.Check has passed, for the job that waits for it. Sent again
// it is nothing new.
func (o *Office) TakeResult(ctx context.Context, id string, body []byte) error {
	return o.Store.InTx(ctx, func(tx *store.Tx) error {
		e, err := tx.Enquiry(id)
		if err != nil {
			return err
		}
		if e == nil {
			return ErrResult
		}
		return tx.AnswerEnquiry(e, body)
	})
}
