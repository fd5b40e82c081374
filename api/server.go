package api

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/live"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/verification"
)

//go:generate go tool oapi-codegen -config oapi.yaml openapi.yaml

// Deps is what the edge stands on. Everything is handed in; nothing is read from the environment.
type Deps struct {
	Gate   *access.Gate
	Desk   *casework.Desk
	Works  *fulfilment.Works
	Office *governance.Office
	// Live tells open pages that something changed.
	Live *live.Hub
	// Ping tells whether the portal's database answers, for /readyz.
	Ping func(ctx context.Context) error
	// UI is the built application.
	UI fs.FS
	// PublicURL is the only origin that is served.
	PublicURL string
	// TrustedProxies may say who the client is (X-Forwarded-For).
	TrustedProxies []netip.Prefix
	// Secure sets __Host- cookies; false only on loopback HTTP.
	Secure bool
	// Demo is nil but in the demo.
	Demo *Demonstration
	// Now is the clock.
	Now func() time.Time
	// Rand numbers failures.
	Rand io.Reader
	// SealCursor and OpenCursor make cursors that only this installation can have made.
	SealCursor func(plain []byte) (string, error)
	OpenCursor func(sealed string) ([]byte, error)
	Logger     *slog.Logger
	// Measure is told of every answer, by the pattern of its route: an address may name a person's
	// case. It may be nil.
	Measure func(method, route string, status int, took time.Duration)
}

// Demonstration is what only the demo shows.
type Demonstration struct {
	// Members may be signed in as, without a password.
	Members func(ctx context.Context) ([]DemoMember, error)
	// People of the demo company that one may play.
	People func(l locale.Locale) []DemoPerson
	// Mails gives the letters that would have been sent, newest first.
	Mails func(ctx context.Context) ([]DemoLetter, error)
}

// DemoMember is a member whom one may play.
type DemoMember struct {
	ID, Name, Email string
	Roles           []string
}

// DemoPerson is a registered person whom one may play.
type DemoPerson struct{ Email, Name, What string }

// DemoLetter is a mail in the demo's letterbox.
type DemoLetter struct {
	ID, To, Subject, Text string
	At                    time.Time
}

// Server holds the handlers: each decodes, calls one use case and encodes.
type Server struct {
	d         Deps
	contract  *contract
	cookies   cookies
	clientIPs echo.IPExtractor
	downloads places
	results   places
}

// New gives the portal's web side: the API under /api/v1 and the pages.
func New(d Deps) (http.Handler, error) {
	c, err := loadContract()
	if err != nil {
		return nil, err
	}
	pages, err := newPages(d.UI)
	if err != nil {
		return nil, err
	}
	s := &Server{d: d, contract: c, cookies: cookiesFor(d.Secure), clientIPs: extractIP(d.TrustedProxies),
		downloads: make(places, verification.DownloadsAtOnceMax), results: make(places, resultsAtOnce)}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = s.clientIPs
	e.HTTPErrorHandler = s.fail
	e.Use(s.measured, s.numbered, s.recovered, headers(d.Secure), s.ownHost, s.inContract)
	probes := []string{http.MethodGet, http.MethodHead}
	e.Match(probes, "/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	e.Match(probes, "/readyz", s.ready)
	e.Match(probes, "/api/openapi.yaml", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/yaml", document)
	})
	e.Match(probes, "/api/register.schema.json", func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/schema+json", register.Schema())
	})
	group := e.Group("/api/v1", apiHeaders, s.guarded)
	strict := NewStrictHandler(s, nil)
	RegisterHandlers(group, strict)
	// RFC 6749 clients are often given the token endpoint without the API's prefix.
	e.POST("/oauth/token", strict.IssueToken, apiHeaders, s.guarded)
	e.GET("/*", pages.serve)
	e.HEAD("/*", pages.serve)
	protected := http.NewCrossOriginProtection()
	protected.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		harden(w.Header(), d.Secure)
		writeProblem(w, r, errCrossOrigin, "")
	}))
	return protected.Handler(e), nil
}

func (s *Server) ready(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), 3*time.Second)
	defer cancel()
	if err := s.d.Ping(ctx); err != nil {
		s.d.Logger.ErrorContext(ctx, "not ready", "error", fmt.Sprintf("%T", err))
		return c.String(http.StatusServiceUnavailable, "database\n")
	}
	return c.String(http.StatusOK, "ok\n")
}

// measured tells Measure how each answer went.
func (s *Server) measured(next echo.HandlerFunc) echo.HandlerFunc {
	if s.d.Measure == nil {
		return next
	}
	return func(c echo.Context) error {
		began := s.d.Now()
		err := next(c)
		if err != nil {
			c.Error(err) // the answer is made here, so that its status is known
		}
		took := s.d.Now().Sub(began)
		if c.Response().Header().Get(echo.HeaderContentType) == eventStream {
			took = 0 // how long a page stays open says nothing of the portal
		}
		s.d.Measure(c.Request().Method, c.Path(), c.Response().Status, took)
		return err
	}
}

// inContract answers what no operation of the API answers: nothing is there, or what is there is
// done by other methods (RFC 9110 §15.5.6). It stands before the routes, because a router knows
// neither methods that it was not told of nor that a page is no answer to a program.
func (s *Server) inContract(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		path := echo.GetPath(r)
		if path == "/api" || path == "/metrics" {
			return errNoRoute // no page: what asks here is a program
		}
		if !strings.HasPrefix(path, "/api/") && path != "/oauth/token" {
			return next(c)
		}
		methods := s.contract.methods(strings.TrimPrefix(path, "/api/v1"))
		if path == "/api/openapi.yaml" || path == "/api/register.schema.json" {
			methods = []string{http.MethodGet, http.MethodHead}
		}
		switch {
		case len(methods) == 0:
			return errNoRoute
		case slices.Contains(methods, r.Method):
			return next(c)
		}
		c.Response().Header().Set("Allow", strings.Join(append(methods, http.MethodOptions), ", "))
		if r.Method == http.MethodOptions {
			return c.NoContent(http.StatusNoContent)
		}
		return errMethod
	}
}

// undivided ends the connection after a body in chunks. Whoever sends a length beside the chunks may mean that
// another program reads the rest as a request of its own; net/http has dropped the length when we could see it
// (RFC 9112 §6.3).
func undivided(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

// HTTPServer gives the server with limits on time and size; the caller listens and stops it. An
// answer may take as long as its reader reads on: each write has its own deadline. The deadlines
// are the network's, so now is the machine's clock.
func HTTPServer(handler http.Handler, now func() time.Time, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           undivided(paced(handler, now)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      writeProgress,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelWarn),
	}
}
