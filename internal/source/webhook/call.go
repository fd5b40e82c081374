package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"mininfo/internal/source"
)

// States of errors, beside http_ with a status: what was wrong with an answer, safe to show.
const (
	StateAnswer   = "webhook_answer"    // it is not what the protocol says
	StateLarge    = "webhook_too_large" // it is larger than maxAnswer
	StateClock    = "webhook_clock"     // nobody handed in the time
	StateCallback = "webhook_callback"  // it wants to answer later, and nobody is there to be called back
)

const (
	maxAnswer  = 16 << 20 // bytes of one answer
	maxBody    = 16 << 20 // of one question
	attempts   = 6
	maxPause   = time.Minute
	pollEvery  = 2 * time.Second
	maxPolling = 2000 // how often the end of one question is asked for
)

// request is one question. The fields are in the order that they are signed in.
type request struct {
	Type   string   `json:"type"` // describe, find, change
	At     string   `json:"at"`
	Table  string   `json:"table,omitempty"`
	Fields []string `json:"fields,omitempty"`
	Where  *where   `json:"where,omitempty"`
	Limit  int      `json:"limit,omitempty"`
	Cursor string   `json:"cursor,omitempty"`
	// Of a change: a trial changes nothing and says whether all could be done.
	Trial   bool        `json:"trial,omitempty"`
	Changes []oneChange `json:"changes,omitempty"`
	// Callback is where the answer may be sent, later.
	Callback string `json:"callback,omitempty"`
}

type where struct {
	Fields  []string         `json:"fields"`
	Compare string           `json:"compare"` // exact, ignore_case, digits
	Values  [][]source.Value `json:"values"`
}

type oneChange struct {
	Op    string                  `json:"op"` // update, delete
	Table string                  `json:"table"`
	Key   map[string]source.Value `json:"key"`
	Seen  map[string]source.Value `json:"seen,omitempty"`
	Set   map[string]source.Value `json:"set,omitempty"`
}

// ask sends a question and has the answer read. What fails for a while is tried again, under the same
// id, so that a system that did the work and could not say so does it once. A system that needs long
// says 202 and where the answer will be, or that it sends it.
func (s *Source) ask(ctx context.Context, q request, read func(answer []byte) error) error {
	if q.At == "" {
		return s.fail(source.BadConfig, StateClock)
	}
	answer, err := s.answer(ctx, q)
	if err == nil {
		err = read(answer)
	}
	if s.later() && ends(err) {
		if forgot := s.enquiries.Forget(ctx); forgot != nil {
			return forgot
		}
	}
	return err
}

// ends tells whether a failure ends the view: the next question begins one that no earlier answer
// belongs to. A system that could not be reached is asked the same again.
func ends(err error) bool {
	var own *source.Error
	return errors.As(err, &own) && own.Code != source.Later && own.Code != source.Unreachable && own.Code != source.TimedOut
}

func (s *Source) answer(ctx context.Context, q request) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	answer, err := s.reply(limited, q)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, s.fail(source.TimedOut, "")
	}
	return nil, err
}

func (s *Source) reply(ctx context.Context, q request) ([]byte, error) {
	body, err := json.Marshal(q)
	if err != nil || len(body) > maxBody {
		return nil, s.fail(source.FailedSystem, StateLarge)
	}
	if s.later() && q.Type != "describe" {
		return s.enquire(ctx, q, body)
	}
	sum := sha256.Sum256(body)
	got, err := s.poll(ctx, "msg_"+hex.EncodeToString(sum[:16]), body)
	if err == nil && got.status == http.StatusAccepted {
		err = s.fail(source.Unsupported, StateCallback)
	}
	return got.body, err
}

// enquire asks a question that may be answered later. It is noted before it is sent: an answer may be
// here before the word that it will come.
func (s *Source) enquire(ctx context.Context, q request, question []byte) ([]byte, error) {
	moment, err := time.Parse(time.RFC3339Nano, q.At)
	if err != nil {
		return nil, s.fail(source.BadConfig, StateClock)
	}
	e, err := s.enquiries.Open(ctx, question, moment)
	if err != nil {
		return nil, err
	}
	if e.Result == nil && !e.Accepted && !e.Overdue {
		q.Callback = e.Callback
		body, err := json.Marshal(q)
		if err != nil {
			return nil, s.fail(source.FailedSystem, StateLarge)
		}
		got, err := s.poll(ctx, messageID(e.ID), body)
		if err != nil || got.status != http.StatusAccepted {
			return got.body, err
		}
		if e, err = s.enquiries.Accepted(ctx, e.ID); err != nil {
			return nil, err
		}
	}
	switch {
	case e.Result != nil:
		return s.result(e.Result)
	case e.Overdue:
		return nil, s.fail(source.Overdue, "")
	}
	return nil, s.fail(source.Later, "")
}

// poll asks, and asks again where the system says the answer will be. 202 without a place is given back.
func (s *Source) poll(ctx context.Context, id string, body []byte) (answer, error) {
	got, err := s.insist(ctx, http.MethodPost, s.url, id, body)
	for n := 0; err == nil && got.status == http.StatusAccepted && got.location != ""; n++ {
		at, bad := s.url.Parse(got.location)
		if bad != nil || !s.ours(at) || n >= maxPolling {
			return got, s.fail(source.FailedSystem, StateAnswer)
		}
		if err = sleep(ctx, min(max(got.after, s.pause), maxPause)); err == nil {
			got, err = s.insist(ctx, http.MethodGet, at, id, nil)
		}
	}
	return got, err
}

// answer is what one exchange gave.
type answer struct {
	status   int
	location string
	after    time.Duration // Retry-After
	body     []byte
}

// insist repeats an exchange that failed for a while.
func (s *Source) insist(ctx context.Context, method string, at *url.URL, id string, body []byte) (answer, error) {
	pause := s.pause
	for n := 1; ; n++ {
		got, err := s.exchange(ctx, method, at, id, body)
		again := errors.Is(err, &source.Error{Code: source.Unreachable})
		if !again || n == attempts {
			return got, err
		}
		if err := sleep(ctx, min(max(got.after, pause), maxPause)); err != nil {
			return got, err
		}
		pause *= 2
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// exchange sends one signed request. The time is signed with it, anew each time.
func (s *Source) exchange(ctx context.Context, method string, at *url.URL, id string, body []byte) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, s.fail(source.BadConfig, "")
	}
	now := s.now()
	signature, err := s.signer.Sign(id, now, body)
	if err != nil {
		return answer{}, s.fail(source.BadConfig, "")
	}
	r.Header.Set(standardwebhooks.HeaderWebhookID, id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	r.Header.Set("Idempotency-Key", id)
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := s.client.Do(r)
	if err != nil {
		return answer{}, s.fail(source.Unreachable, "")
	}
	defer response.Body.Close()
	got := answer{status: response.StatusCode, location: response.Header.Get("Location"), after: after(response.Header.Get("Retry-After"))}
	if got.status == http.StatusAccepted && got.after == 0 {
		got.after = pollEvery
	}
	if code := codeOf(got.status); code != "" {
		return got, s.fail(code, "http_"+strconv.Itoa(got.status))
	}
	got.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return got, s.fail(source.Unreachable, "")
	case len(got.body) > maxAnswer:
		return got, s.fail(source.FailedSystem, StateLarge)
	}
	return got, nil
}

// after reads Retry-After in seconds; a date is let be.
func after(header string) time.Duration {
	n, err := strconv.Atoi(header)
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, maxPause)
}

// codeOf says what a status means; "" is an answer. Unreachable is tried again.
func codeOf(status int) source.Code {
	switch {
	case status == http.StatusOK || status == http.StatusAccepted:
		return ""
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return source.Denied
	case status == http.StatusNotFound || status == http.StatusGone:
		return source.Missing
	case status == http.StatusConflict || status == http.StatusLocked || status == http.StatusPreconditionFailed:
		return source.Locked
	case status == http.StatusUnprocessableEntity:
		return source.Constraint
	case status == http.StatusNotImplemented:
		return source.Unsupported
	case status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500:
		return source.Unreachable
	}
	return source.FailedSystem
}

// Tell posts one signed message to an address that is no source, under an id that is the same however often
// it is sent, and gives what was answered. The errors are those of a source.
func Tell(ctx context.Context, c source.Config, id string, body []byte) ([]byte, error) {
	opened, err := Open(ctx, c)
	if err != nil {
		return nil, err
	}
	s := opened.(*Source)
	defer func() { _ = s.Close() }()
	if s.now == nil {
		return nil, s.fail(source.BadConfig, StateClock)
	}
	limited, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	got, err := s.exchange(limited, http.MethodPost, s.url, "msg_"+id, body)
	return got.body, err
}
