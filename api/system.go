package api

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"mininfo/internal/access"
	"mininfo/internal/fault"
)

// resultsAtOnce is how many results this process takes in at a time: each is read whole before anybody
// knows whose it is.
const resultsAtOnce = 2

// resultsRetry is after how many seconds it is worth sending again.
const resultsRetry = "5"

var errResults = fault.Define(fault.Unavailable, "results_busy",
	"Mange resultater kommer inn akkurat nå. Send på nytt om noen sekunder.",
	"Mange resultat kjem inn akkurat no. Send på nytt om nokre sekund.",
	"Many results are coming in right now. Send again in a few seconds.")

// signed reads a result and lets in nobody but the system that was asked. How long it is must be said
// beforehand and is looked at first, and a body for an enquiry that is not there is not read: neither
// can be used to fill the memory, and neither tells which enquiries there are.
func (s *Server) signed(r *http.Request, id string, from access.Client, limit int64) ([]byte, error) {
	switch {
	case r.ContentLength > limit:
		return nil, errTooLarge
	case r.ContentLength < 0:
		return nil, errMalformed
	}
	var body []byte
	err := s.d.Gate.Try(r.Context(), access.LimitResult, from, func() error {
		awaited, err := s.d.Office.Awaited(r.Context(), id)
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(io.LimitReader(r.Body, limit)); err != nil {
			return errMalformed
		}
		return awaited.Check(r.Header, body)
	})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, err
}

// DeliverResult keeps what a system sends later.
func (s *Server) DeliverResult(ctx context.Context, r DeliverResultRequestObject) (DeliverResultResponseObject, error) {
	if err := s.d.Office.TakeResult(ctx, r.Id, from(ctx).result); err != nil {
		return nil, err
	}
	return DeliverResult204Response{}, nil
}
