package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"mininfo/internal/live"
)

// A page stays open for longer than anybody may take to send a request, and ends at once with the process.
func TestAStreamOutlastsTheTimeToReadARequest(t *testing.T) {
	t.Parallel()
	hub := live.New(nil, slog.New(slog.DiscardHandler))
	server := HTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told, err := hub.Open(1, 2)
		if err != nil {
			t.Error(err)
			return
		}
		c := &changes{ctx: r.Context(), told: told, may: func(context.Context) (int64, error) { return 2, nil }}
		if err := c.write(w); err != nil {
			t.Error(err)
		}
	}), time.Now, slog.New(slog.DiscardHandler))
	server.ReadTimeout = 100 * time.Millisecond
	server.RegisterOnShutdown(hub.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	a, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if a.Header.Get("Content-Type") != eventStream || a.Header.Get("X-Accel-Buffering") != "no" {
		t.Errorf("headers %v", a.Header)
	}
	over := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, a.Body)
		over <- err
	}()
	select {
	case err := <-over:
		t.Fatalf("the stream ended by itself: %v", err)
	case <-time.After(600 * time.Millisecond):
	}
	began := time.Now()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("the stream held the end up for %s", took)
	}
	if err := <-over; err != nil {
		t.Errorf("the stream was cut off: %v", err)
	}
	if _, err := hub.Open(1, 2); !errors.Is(err, live.ErrBusy) {
		t.Errorf("a stream begins while the process ends: %v", err)
	}
}
