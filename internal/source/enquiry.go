package source

import (
	"context"
	"time"
)

// Enquiries keeps, for one job and one source, the questions whose answers the system may send later.
// The job may be begun anew at any time: what has been answered is answered again from here. One that
// waits ends with Later, and comes back.
type Enquiries interface {
	// Moment is when the view of the system began that the job has not yet come to the end of: the
	// first asked since Forget, or now.
	Moment(ctx context.Context) (time.Time, error)
	// Open gives the enquiry for a question asked at that moment, and makes it when there is none.
	Open(ctx context.Context, question []byte, moment time.Time) (Enquiry, error)
	// Accepted notes that the system has the question and will answer. It waits a little for it, since
	// most systems answer soon.
	Accepted(ctx context.Context, id string) (Enquiry, error)
	// Forget ends the view: what was answered is gone, and is asked anew.
	Forget(ctx context.Context) error
}

// Enquiry is one question whose answer may come later.
type Enquiry struct {
	ID       string
	Callback string // address that the answer is sent to
	Accepted bool   // the system has the question
	Overdue  bool   // its time is up
	Result   []byte // what came; nil before
}
