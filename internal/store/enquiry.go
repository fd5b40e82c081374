package store

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
)

// EnquiryOpen is how long a system may take for a result that it sends later: a weekend, and a day to
// mend what broke over it.
const EnquiryOpen = 72 * time.Hour

// Faults of results. They are told to the system that was asked alone, by its signature.
var (
	ErrEnquiryAnswered = fault.Define(fault.Conflict, "result_differs",
		"Dette spørsmålet er allerede besvart, med et annet resultat. Det første gjelder.",
		"Dette spørsmålet er allereie svart på, med eit anna resultat. Det første gjeld.",
		"This question has been answered already, with another result. The first one stands.")
	ErrEnquiryOver = fault.Define(fault.Gone, "result_too_late",
		"Ingen venter på dette resultatet lenger. Hvis det trengs, spør portalen på nytt.",
		"Ingen ventar på dette resultatet lenger. Om det trengst, spør portalen på nytt.",
		"Nobody waits for this result any more. If it is needed, the portal asks anew.")
)

// Enquiry is a question that one job asks one source, which may answer later. Of the question only a
// keyed digest is kept.
type Enquiry struct {
	ID       int64
	PublicID string
	Source   int64
	Job      int64
	Moment   time.Time // of the view that the question belongs to
	Until    time.Time // when the system's time is up
	Accepted bool      // the system has said that it will answer
	Answered bool
	Closed   bool // nobody waits any more

	request      string // public id
	sealed       []byte
	resultDigest []byte
}

type enquiryRow struct {
	ID           int64
	PublicID     string
	RequestID    int64
	SourceID     int64
	JobID        int64
	Question     []byte
	Moment       int64
	UntilAt      int64
	AcceptedAt   *int64
	AnsweredAt   *int64
	ResultDigest []byte
	SealedResult []byte
	ClosedAt     *int64
}

func (enquiryRow) TableName() string { return "enquiry" }

func (r enquiryRow) domain(request string) *Enquiry {
	return &Enquiry{ID: r.ID, PublicID: r.PublicID, Source: r.SourceID, Job: r.JobID, Moment: Instant(r.Moment), Until: Instant(r.UntilAt),
		Accepted: r.AcceptedAt != nil, Answered: r.AnsweredAt != nil, Closed: r.ClosedAt != nil,
		request: request, sealed: r.SealedResult, resultDigest: r.ResultDigest}
}

// enquiryDigest stands for a question or a result; it dies with the request's evidence.
func (tx *Tx) enquiryDigest(request, label string, content []byte) ([]byte, error) {
	key, err := tx.Key(request, ClassEvidence)
	if err != nil {
		return nil, err
	}
	return key.Index(label, string(content)), nil
}

// OpenEnquiry gives the enquiry of a job for a question to a source, and makes it when there is none.
func (tx *Tx) OpenEnquiry(request string, source, jobID int64, question []byte, moment time.Time) (*Enquiry, error) {
	digest, err := tx.enquiryDigest(request, keyring.LabelQuestion, question)
	if err != nil {
		return nil, err
	}
	find := func() (*Enquiry, error) {
		return tx.enquiryWhere(request, "job_id = ? AND source_id = ? AND question = ? AND closed_at IS NULL", jobID, source, digest)
	}
	if e, err := find(); err != nil || e != nil {
		return e, err
	}
	id, err := tx.NewID()
	if err != nil {
		return nil, err
	}
	owner, err := tx.requestID(request)
	if err != nil {
		return nil, err
	}
	row := enquiryRow{PublicID: id, RequestID: owner, SourceID: source, JobID: jobID, Question: digest, Moment: Micros(moment),
		UntilAt: Micros(tx.Now.Add(EnquiryOpen))}
	// Another worker may hold the job by now and have asked the same.
	if err := tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
		return nil, fmt.Errorf("opening an enquiry: %w", err)
	}
	e, err := find()
	if err == nil && e == nil {
		err = errAgain
	}
	return e, err
}

func (tx *Tx) requestID(publicID string) (int64, error) {
	var id int64
	if err := tx.db.Raw("SELECT id FROM request WHERE public_id = ?", publicID).Scan(&id).Error; err != nil {
		return 0, fmt.Errorf("reading a request: %w", err)
	}
	if id == 0 {
		return 0, ErrNoRequest
	}
	return id, nil
}

// Enquiry gives an enquiry by its public id; nil when there is none.
func (tx *Tx) Enquiry(publicID string) (*Enquiry, error) {
	if !isID(publicID) {
		return nil, nil
	}
	var request string
	err := tx.db.Raw("SELECT request.public_id FROM enquiry JOIN request ON request.id = enquiry.request_id WHERE enquiry.public_id = ?", publicID).Scan(&request).Error
	if err != nil {
		return nil, fmt.Errorf("reading an enquiry: %w", err)
	}
	if request == "" {
		return nil, nil
	}
	return tx.enquiryWhere(request, "public_id = ?", publicID)
}

func (tx *Tx) enquiryWhere(request, where string, args ...any) (*Enquiry, error) {
	var rows []enquiryRow
	if err := tx.db.Where(where, args...).Limit(1).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading an enquiry: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows[0].domain(request), nil
}

// EnquiryMoment gives the moment of the view that a job has begun of a source; zero when it has
// asked nothing that counts.
func (tx *Tx) EnquiryMoment(source, jobID int64) (time.Time, error) {
	var first *int64
	if err := tx.db.Raw("SELECT min(moment) FROM enquiry WHERE job_id = ? AND source_id = ? AND closed_at IS NULL", jobID, source).Scan(&first).Error; err != nil {
		return time.Time{}, fmt.Errorf("reading when a view began: %w", err)
	}
	if first == nil {
		return time.Time{}, nil
	}
	return Instant(*first), nil
}

// AcceptEnquiry notes that the system has the question and will answer.
func (tx *Tx) AcceptEnquiry(publicID string) error {
	if err := tx.db.Exec("UPDATE enquiry SET accepted_at = ? WHERE public_id = ? AND accepted_at IS NULL", Micros(tx.Now), publicID).Error; err != nil {
		return fmt.Errorf("noting that an enquiry was accepted: %w", err)
	}
	return nil
}

// AnswerEnquiry keeps a result, sealed, and wakes the job that waits for it. One that came before is
// nothing new; another one is ErrEnquiryAnswered; one that nobody waits for is ErrEnquiryOver.
func (tx *Tx) AnswerEnquiry(e *Enquiry, result []byte) error {
	digest, err := tx.enquiryDigest(e.request, keyring.LabelResult, result)
	if errors.Is(err, ErrShredded) {
		return ErrEnquiryOver
	}
	if err != nil {
		return err
	}
	sealed, err := tx.seal(e.request, ClassEvidence, "enquiry", "sealed_result", e.PublicID, result)
	if err != nil {
		return err
	}
	// As a map: the mapper would take a slice of bytes that stands alone in a condition for a list.
	first, err := changed(tx.db.Model(&enquiryRow{}).Where("id = ? AND answered_at IS NULL AND closed_at IS NULL AND until_at > ?", e.ID, Micros(tx.Now)).
		Updates(map[string]any{"sealed_result": sealed, "result_digest": digest, "answered_at": Micros(tx.Now)}))
	if err != nil {
		return fmt.Errorf("keeping a result: %w", err)
	}
	if first {
		return tx.wakeJobs("id = ?", e.Job)
	}
	now, err := tx.Enquiry(e.PublicID)
	switch {
	case err != nil:
		return err
	case now == nil || !now.Answered:
		return ErrEnquiryOver
	case subtle.ConstantTimeCompare(now.resultDigest, digest) != 1:
		return ErrEnquiryAnswered
	}
	return nil
}

// EnquiryResult opens the result of an enquiry; nil before it came.
func (tx *Tx) EnquiryResult(e *Enquiry) ([]byte, error) {
	return tx.open(e.request, ClassEvidence, "enquiry", "sealed_result", e.PublicID, e.sealed)
}

// Awaits tells whether a job has asked what is to be answered later, has not been told yet, and may
// still be.
func (tx *Tx) Awaits(jobID int64) (bool, error) {
	var n int64
	err := tx.db.Raw("SELECT count(*) FROM enquiry WHERE job_id = ? AND closed_at IS NULL AND answered_at IS NULL AND accepted_at IS NOT NULL AND until_at > ?",
		jobID, Micros(tx.Now)).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("looking for results that are to come: %w", err)
	}
	return n > 0, nil
}

// Overtaken tells whether a job that waited for results was asked for once more meanwhile: what it
// would do now, the newer one has done or will do.
func (tx *Tx) Overtaken(j job.Job) (bool, error) {
	var n int64
	err := tx.db.Raw(`SELECT count(*) FROM job WHERE kind = ? AND object = ? AND id > ?
		AND EXISTS (SELECT 1 FROM enquiry WHERE enquiry.job_id = ? AND closed_at IS NULL)`, j.Kind, j.Object, j.ID, j.ID).Scan(&n).Error
	if err != nil {
		return false, fmt.Errorf("looking for a newer job: %w", err)
	}
	return n > 0, nil
}

// CloseEnquiries ends what a job has asked a source: its results are gone, and the next question is
// asked anew.
func (tx *Tx) CloseEnquiries(source, jobID int64) error {
	return closeEnquiries(tx.db, Micros(tx.Now), "job_id = ? AND source_id = ?", jobID, source)
}

// CloseEnquiriesOf is CloseEnquiries for a source by its name.
func (tx *Tx) CloseEnquiriesOf(source string, jobID int64) error {
	return closeEnquiries(tx.db, Micros(tx.Now), "job_id = ? AND source_id IN (SELECT id FROM source WHERE name = ?)", jobID, source)
}

// CloseEnquiriesTo ends what anybody has asked a source: it is reached another way from now on, and what
// was asked or answered the old way counts for nothing.
func (tx *Tx) CloseEnquiriesTo(source int64) error {
	return closeEnquiries(tx.db, Micros(tx.Now), "source_id = ?", source)
}

func closeEnquiries(db *gorm.DB, now int64, where string, args ...any) error {
	err := db.Model(&enquiryRow{}).Where(where, args...).Where("closed_at IS NULL").Updates(map[string]any{"closed_at": now, "sealed_result": nil}).Error
	if err != nil {
		return fmt.Errorf("closing enquiries: %w", err)
	}
	return nil
}

// SweepEnquiries removes enquiries whose time is up. One that its job has not seen the end of stays.
func (tx *Tx) SweepEnquiries() error {
	err := tx.db.Exec(`DELETE FROM enquiry WHERE until_at < ? AND (closed_at IS NOT NULL
		OR NOT EXISTS (SELECT 1 FROM job WHERE job.id = enquiry.job_id AND job.state = 'ready'))`, Micros(tx.Now)).Error
	if err != nil {
		return fmt.Errorf("removing old enquiries: %w", err)
	}
	return nil
}
