package api

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// recorder notes the deadlines that are set before each write.
type recorder struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (r *recorder) SetWriteDeadline(at time.Time) error {
	r.deadlines = append(r.deadlines, at)
	return nil
}

// A slow reader has a minute for each piece, not for the whole.
func TestEveryWriteHasItsOwnDeadline(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	began := clock
	handler := paced(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			if _, err := w.Write([]byte("piece")); err != nil {
				t.Error(err)
			}
			clock = clock.Add(50 * time.Second)
		}
	}), func() time.Time { return clock })
	r := &recorder{ResponseRecorder: httptest.NewRecorder()}
	handler.ServeHTTP(r, httptest.NewRequest(http.MethodGet, "/", nil))
	want := []time.Time{began.Add(60 * time.Second), began.Add(110 * time.Second), began.Add(160 * time.Second)}
	if !slices.Equal(r.deadlines, want) {
		t.Errorf("deadlines %v, want %v", r.deadlines, want)
	}
}

// Places are given back however often somebody takes the last one.
func TestPlaces(t *testing.T) {
	t.Parallel()
	p := make(places, 1)
	if !p.take() || p.take() {
		t.Fatal("one place is for one")
	}
	p.free()
	if !p.take() {
		t.Error("the place was not given back")
	}
}

// RFC 9110 §15.5.6: what is there but is not done so is told with what may be done, by the whole
// server: the router and the guard of the API once answered 404 before anybody looked.
func TestOtherMethodsAreTold(t *testing.T) {
	t.Parallel()
	pages := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "staff.html": {Data: []byte("<!doctype html>")}}
	handler, err := New(Deps{UI: pages, PublicURL: "http://example.com", Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		method, path, allow string
		status              int
	}{
		{"DELETE", "/api/v1/requests", "GET, POST, OPTIONS", http.StatusMethodNotAllowed},
		{"PUT", "/api/v1/requests/0123456789abcdef", "GET, OPTIONS", http.StatusMethodNotAllowed},
		{"TRACE", "/api/v1/portal", "GET, OPTIONS", http.StatusMethodNotAllowed},
		{"BREW", "/api/v1/portal", "GET, OPTIONS", http.StatusMethodNotAllowed},
		{"HEAD", "/api/v1/portal", "GET, OPTIONS", http.StatusMethodNotAllowed},
		{"OPTIONS", "/api/v1/portal", "GET, OPTIONS", http.StatusNoContent},
		{"PUT", "/api/openapi.yaml", "GET, HEAD, OPTIONS", http.StatusMethodNotAllowed},
		{"GET", "/api/v1/staff/sources/file", "POST, OPTIONS", http.StatusMethodNotAllowed},
		{"GET", "/oauth/token", "POST, OPTIONS", http.StatusMethodNotAllowed},
		{"DELETE", "/api/v1/nothing", "", http.StatusNotFound},
		{"DELETE", "/api/v1/requests/", "", http.StatusNotFound},
		{"BREW", "/api/nothing", "", http.StatusNotFound},
		{"GET", "/api/v1/%70ortal", "", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(tc.method, tc.path, nil))
		if w.Code != tc.status || w.Header().Get("Allow") != tc.allow {
			t.Errorf("%s %s: %d, Allow %q", tc.method, tc.path, w.Code, w.Header().Get("Allow"))
		}
		if kind := w.Header().Get("Content-Type"); w.Code >= 400 && kind != "application/problem+json" {
			t.Errorf("%s %s: %s", tc.method, tc.path, kind)
		}
	}
	for _, path := range []string{"/healthz", "/api/openapi.yaml"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodHead, path, nil))
		if w.Code != http.StatusOK {
			t.Errorf("HEAD %s: %d", path, w.Code)
		}
	}
}

// A form over the limit is too large, not malformed.
func TestFormOverTheLimit(t *testing.T) {
	t.Parallel()
	body := "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + strings.Repeat("x", 5000) + "\r\n--b--\r\n"
	read := func(limit int64) error {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		_, err := file(multipart.NewReader(http.MaxBytesReader(nil, r.Body, limit), "b"), nil)
		return err
	}
	if err := read(1000); !errors.Is(err, errTooLarge) {
		t.Errorf("over the limit: %v", err)
	}
	if err := read(1 << 20); !errors.Is(err, errMalformed) {
		t.Errorf("without a file: %v", err)
	}
}
