package api

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"mininfo/internal/fault"
)

// writeProgress is how long a reader may take over one piece of an answer before the connection is
// given up: a slow reader gets the whole package, one who stopped reading holds nothing open.
const writeProgress = 60 * time.Second

// paced gives every write of an answer a deadline of its own.
func paced(next http.Handler, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&pacedWriter{ResponseWriter: w, control: http.NewResponseController(w), now: now}, r)
	})
}

type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	now     func() time.Time
}

// Unwrap lets http.ResponseController through to what the server can do.
func (p *pacedWriter) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// Write writes within the deadline, counted from now.
func (p *pacedWriter) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(p.now().Add(writeProgress)); err != nil {
		return 0, fmt.Errorf("setting a deadline: %w", err)
	}
	return p.ResponseWriter.Write(b)
}

var errDownloads = fault.Define(fault.Unavailable, "downloads_busy",
	"Mange laster ned akkurat nå. Prøv igjen om noen minutter.",
	"Mange lastar ned akkurat no. Prøv igjen om nokre minutt.",
	"Many people are downloading right now. Try again in a few minutes.")

// places are how many packages this process hands out at once.
type places chan struct{}

func (p places) take() bool {
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) free() { <-p }

// counted frees its place when the download ends, however it ends. It is closed once.
type counted struct {
	io.ReadCloser
	places places
}

func (c *counted) Close() error {
	defer c.places.free()
	return c.ReadCloser.Close()
}
