package api

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"mininfo/internal/live"
)

const eventStream = "text/event-stream"

// A stream shows that it is there before a proxy gives it up, and well within the deadline of a write; and it
// ends now and then, so that whoever opens it again proves anew that they may.
const (
	heartbeat  = 20 * time.Second
	streamLife = 10 * time.Minute
)

// FollowCases tells a member that something of a case, or of any, changed.
func (s *Server) FollowCases(ctx context.Context, r FollowCasesRequestObject) (FollowCasesResponseObject, error) {
	c := from(ctx)
	may := func(context.Context) (int64, error) { return 0, nil }
	if id := text(r.Params.Case); id != "" {
		may = func(ctx context.Context) (int64, error) { return s.d.Desk.Followed(ctx, c.by(), id) }
	}
	return s.changes(ctx, c, c.staff.ID, may)
}

// FollowRequest tells the person that something of their request changed.
func (s *Server) FollowRequest(ctx context.Context, r FollowRequestRequestObject) (FollowRequestResponseObject, error) {
	c := from(ctx)
	return s.changes(ctx, c, c.person.ID, func(ctx context.Context) (int64, error) {
		return s.d.Desk.FollowedByPerson(ctx, c.person.AddressIndex, r.Id)
	})
}

// changes opens a stream of a case that the caller may see, or, where may gives none, of all.
func (s *Server) changes(ctx context.Context, c *caller, session int64, may func(context.Context) (int64, error)) (*changes, error) {
	request, err := may(ctx)
	if err != nil {
		return nil, err
	}
	told, err := s.d.Live.Open(session, request)
	if err != nil {
		c.echo.Response().Header().Set("Retry-After", "60")
		return nil, err
	}
	return &changes{ctx: ctx, told: told, may: may}, nil
}

// changes is the answer: events, for as long as there is somebody to read them.
type changes struct {
	ctx  context.Context
	told *live.Stream
	may  func(context.Context) (int64, error)
}

// VisitFollowCasesResponse writes the events.
func (c *changes) VisitFollowCasesResponse(w http.ResponseWriter) error { return c.write(w) }

// VisitFollowRequestResponse writes the events.
func (c *changes) VisitFollowRequestResponse(w http.ResponseWriter) error { return c.write(w) }

func (c *changes) write(w http.ResponseWriter) error {
	defer c.told.Close()
	control := http.NewResponseController(w)
	// The time to read a request is over long before the page is closed, and the server would take that for a caller who
	// went away; of a slow reader each write's own deadline is enough.
	if err := control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	w.Header().Set(echo.HeaderContentType, eventStream)
	w.Header().Set("X-Accel-Buffering", "no") // a proxy that collects answers would hold the events back
	w.WriteHeader(http.StatusOK)
	say := func(line string) bool {
		_, err := w.Write([]byte(line + "\n\n"))
		return err == nil && control.Flush() == nil
	}
	beat, end := time.NewTicker(heartbeat), time.NewTimer(streamLife)
	defer beat.Stop()
	defer end.Stop()
	for going := say(":"); going; {
		select {
		case <-c.ctx.Done():
			return nil
		case <-end.C:
			return nil
		case <-c.told.Done():
			if c.told.Ended() {
				say("event: ended\ndata: ended")
			}
			return nil
		case <-beat.C:
			going = say(":")
		case <-c.told.Changed():
			if _, err := c.may(c.ctx); err != nil {
				return nil // it is not theirs to see any more
			}
			going = say("event: changed\ndata: changed")
		}
	}
	return nil
}
