package api

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"
)

// bare is the web side with nothing behind it: what it answers, it answers before anything is asked.
func bare(t *testing.T, pages fstest.MapFS) http.Handler {
	t.Helper()
	handler, err := New(Deps{UI: pages, PublicURL: "http://example.com", Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

// Another site changes nothing: no operation takes a call that a browser says comes from elsewhere, nor a
// body of a kind that a form could send there; and no site is let to read an answer.
func TestOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	handler := bare(t, nil)
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	writing := 0
	for place, route := range c.routes {
		if route.Method == http.MethodGet {
			continue
		}
		writing++
		path := "/api/v1" + strings.NewReplacer("{", "", "}", "").Replace(route.Path)
		for name, header := range map[string][2]string{
			"another site": {"Sec-Fetch-Site", "cross-site"}, "a sister site": {"Sec-Fetch-Site", "same-site"},
			"an older browser": {"Origin", "https://evil.example"}, "a sandbox": {"Origin", "null"}, "plain HTTP": {"Origin", "http://example.com.evil.example"},
		} {
			r := httptest.NewRequest(route.Method, path, strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set(header[0], header[1])
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), errCrossOrigin.Code) {
				t.Errorf("%s from %s: %d", place, name, w.Code)
			}
		}
		if route.Operation.RequestBody == nil {
			continue
		}
		for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json-patch+json", ""} {
			r := httptest.NewRequest(route.Method, path, strings.NewReader("{}"))
			r.Header.Set("Content-Type", kind)
			if route.Operation.RequestBody.Value.Content.Get(mediaType(r)) != nil {
				continue // asked with a secret in the header, or for the token of an API client
			}
			if err := readBody(r, route, 1<<16); err != errMediaType {
				t.Errorf("%s takes %q: %v", place, kind, err)
			}
		}
	}
	if writing < 50 {
		t.Errorf("looked at %d operations", writing)
	}
	for _, method := range []string{http.MethodGet, http.MethodOptions} {
		r := httptest.NewRequest(method, "/api/openapi.yaml", nil)
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Access-Control-Request-Method", http.MethodPost)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s", method, name)
			}
		}
	}
}

// Every answer, a page, a file, data or a refusal of whatever layer, tells the browser to hold the portal apart.
func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	pages := fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "staff.html": {Data: []byte("<!doctype html>")}, "assets/a.js": {Data: []byte("//")}}
	for _, secure := range []bool{true, false} {
		handler, err := New(Deps{UI: pages, PublicURL: "http://example.com", Secure: secure, Rand: rand.Reader, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			method, address, site string
			status                int
			policy                string
		}{
			"a page":               {"GET", "http://example.com/cases", "", 200, contentPolicy},
			"the office's page":    {"GET", "http://example.com/staff/", "", 200, contentPolicy},
			"a file":               {"GET", "http://example.com/assets/a.js", "", 200, contentPolicy},
			"no such file":         {"GET", "http://example.com/assets/b.js", "", 404, contentPolicy},
			"the contract":         {"GET", "http://example.com/api/openapi.yaml", "", 200, contentPolicy},
			"no such operation":    {"GET", "http://example.com/api/v1/none", "", 404, contentPolicy},
			"another method":       {"DELETE", "http://example.com/api/v1/portal", "", 405, contentPolicy},
			"another host":         {"GET", "http://evil.example/", "", 421, contentPolicy},
			"another site":         {"POST", "http://example.com/api/v1/verifications", "cross-site", 403, contentPolicy},
			"a refusal of the API": {"POST", "http://example.com/api/v1/verifications", "", 415, "default-src 'none'; frame-ancestors 'none'; sandbox"},
			"alive":                {"GET", "http://10.0.0.1/healthz", "", 200, contentPolicy},
		} {
			r := httptest.NewRequest(c.method, c.address, nil)
			r.Header.Set("Sec-Fetch-Site", c.site)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Errorf("%s: %d, want %d", name, w.Code, c.status)
			}
			transport := ""
			if secure {
				transport = "max-age=63072000; includeSubDomains"
			}
			for header, want := range map[string]string{
				"Content-Security-Policy": c.policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
				"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": transport, "Server": "", "X-Powered-By": "",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s: %s is %q, want %q", name, header, got, want)
				}
			}
			if w.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s sets a cookie", name)
			}
		}
	}
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(contentPolicy, part) {
			t.Errorf("the policy lacks %s", part)
		}
	}
	if strings.Contains(contentPolicy, "unsafe") || strings.Contains(contentPolicy, "//") {
		t.Errorf("the policy is %s", contentPolicy)
	}
}

// Where somebody calls from is what the network says, or what a proxy that we were told of says: anybody
// could write the header, and would get past every limit by place.
func TestForwardedForIsBelievedOfProxiesAlone(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct {
		proxies        []netip.Prefix
		peer, via, got string
	}{
		"no proxy":                     {nil, "192.0.2.1", "203.0.113.9", "192.0.2.1"},
		"no proxy, from this machine":  {nil, "127.0.0.1", "203.0.113.9", "127.0.0.1"},
		"the proxy":                    {proxies, "10.1.1.1", "203.0.113.9", "203.0.113.9"},
		"the proxy, forged before":     {proxies, "10.1.1.1", "203.0.113.66, 203.0.113.9", "203.0.113.9"},
		"two proxies":                  {proxies, "10.1.1.1", "203.0.113.66, 203.0.113.9, 10.2.2.2", "203.0.113.9"},
		"somebody else":                {proxies, "192.0.2.1", "203.0.113.9", "192.0.2.1"},
		"another private network":      {proxies, "192.168.0.1", "203.0.113.9", "192.168.0.1"},
		"this machine is no proxy":     {proxies, "127.0.0.1", "203.0.113.9", "127.0.0.1"},
		"the proxy, and no address":    {proxies, "10.1.1.1", "unknown", "10.1.1.1"},
		"the proxy, with no word said": {proxies, "10.1.1.1", "", "10.1.1.1"},
	} {
		s := &Server{clientIPs: extractIP(c.proxies)}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = net.JoinHostPort(c.peer, "4711")
		if c.via != "" {
			r.Header.Set("X-Forwarded-For", c.via)
		}
		r.Header.Set("X-Real-IP", "203.0.113.77")
		r.Header.Set("Forwarded", "for=203.0.113.77")
		if got := s.clientIP(echo.New().NewContext(r, httptest.NewRecorder())).String(); got != c.got {
			t.Errorf("%s: %s, want %s", name, got, c.got)
		}
	}
}

// Nothing of a path leads out of the pages, and nothing leads to another site.
func TestPathsStayInside(t *testing.T) {
	t.Parallel()
	handler := bare(t, fstest.MapFS{
		"index.html": {Data: []byte("<!doctype html>person")}, "staff.html": {Data: []byte("<!doctype html>office")},
		"assets/a.js": {Data: []byte("//")}, "secret.key": {Data: []byte("SECRET")}, ".git/config": {Data: []byte("SECRET")}, "folder/file": {Data: []byte("SECRET")},
	})
	for _, path := range []string{
		"/secret.key", "/../secret.key", "/..%2fsecret.key", "/%2e%2e/secret.key", "/assets/..%5c..%5csecret.key", "/assets/%2e%2e/%2e%2e/etc/passwd",
		"/assets/..%252fsecret.key", "/.git/config", "/.git/", "/.env", "/assets", "/assets/", "/folder/", "/folder/file", "/index.html/", "/a.js%00.html",
		"//evil.example", "//evil.example/%2e%2e", `/%5cevil.example`, "/https:/evil.example", "/%0d%0aLocation:%20https://evil.example", "/staff//evil.example",
		"/?next=https://evil.example", "/verify?return=//evil.example",
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://example.com"+path, nil))
		if w.Code >= 300 && w.Code < 400 || w.Header().Get("Location") != "" || strings.Contains(w.Body.String(), "SECRET") || w.Code >= 500 {
			t.Errorf("%s: %d, Location %q, %q", path, w.Code, w.Header().Get("Location"), w.Body)
		}
		if w.Code == http.StatusOK && !strings.HasPrefix(w.Body.String(), "<!doctype html>") {
			t.Errorf("%s: %q", path, w.Body)
		}
	}
}

// A handler that fails, in whatever way, ends its own request alone: whoever asked reads the one sentence
// and a number, and the log the number and no value.
func TestAFailureTellsNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &Server{d: Deps{Rand: rand.Reader, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
	e := echo.New()
	e.HTTPErrorHandler = s.fail
	e.Use(s.numbered, s.recovered)
	for path, err := range map[string]error{
		"/row":  fmt.Errorf("reading: %w", &pgconn.PgError{Code: "23505", Message: "duplicate kari@example.no", Detail: "Key (email)=(kari@example.no) already exists."}),
		"/text": fmt.Errorf("open /var/lib/mininfo: %w", io.ErrShortWrite),
	} {
		e.GET(path, func(echo.Context) error { return err })
	}
	e.GET("/panic", func(echo.Context) error { panic("kari@example.no is no number") })
	var bodies []string
	for _, path := range []string{"/row", "/text", "/panic", "/panic"} {
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		body := w.Body.String()
		_, number, found := strings.Cut(body, `"instance":"`)
		if w.Code != http.StatusInternalServerError || !found || !strings.Contains(log.String(), number[:16]) {
			t.Fatalf("%s: %d %s", path, w.Code, body)
		}
		bodies = append(bodies, strings.ReplaceAll(body, number[:16], "NUMBER"))
	}
	for _, body := range bodies {
		if body != bodies[0] || strings.Contains(body, "kari") || strings.Contains(body, "/var/lib") {
			t.Errorf("%s, and %s", body, bodies[0])
		}
	}
	if strings.Contains(log.String(), "kari") || !strings.Contains(log.String(), "panic") || !strings.Contains(log.String(), "postgres 23505") {
		t.Errorf("the log says %s", &log)
	}
}

// What is sent holds the fields of the contract and no other, and none of them is a fact that only the
// portal may state.
func TestBodiesTakeNothingElse(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[*openapi3.Schema]bool{}
	var look func(at string, s *openapi3.Schema)
	look = func(at string, s *openapi3.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		if len(s.Properties) > 0 && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) {
			t.Errorf("%s takes fields that nobody knows", at)
		}
		for name, p := range s.Properties {
			for _, never := range []string{"verified", "approved", "prepared", "executes", "answered_at", "created", "password_hash", "member_id"} {
				if strings.HasPrefix(name, never) {
					t.Errorf("%s is told %s", at, name)
				}
			}
			look(at+"."+name, p.Value)
		}
		if s.Items != nil {
			look(at+"[]", s.Items.Value)
		}
	}
	for place, route := range c.routes {
		if body := route.Operation.RequestBody; body != nil {
			if kind := body.Value.Content.Get("application/json"); kind != nil {
				look(place, kind.Schema.Value)
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("looked at %d schemas", len(seen))
	}
}

// A parameter that comes twice is not read in two ways.
func TestParametersComeOnce(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]error{
		"locale=nb": nil, "": nil, "locale=nb&locale=en": errMalformed, "locale=nb&locale=nb": errMalformed, "locale=nb&%6cocale=en": errMalformed, "x=1&x=2": errMalformed,
	} {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/notice?"+query, nil)
		if err := c.check(r, c.routes["GET /notice"], nil, 1<<16); err != want {
			t.Errorf("%q: %v", query, err)
		}
	}
}

// The server gives up on what is too large or cannot be read in one way alone, and closes.
func TestServerIsBounded(t *testing.T) {
	t.Parallel()
	server := HTTPServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }), time.Now, slog.New(slog.DiscardHandler))
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 || server.IdleTimeout == 0 {
		t.Error("somebody may hold a connection for ever")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	const post = "POST / HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct{ sent, status string }{
		"a sound one":           {post + "Content-Length: 2\r\nConnection: close\r\n\r\nhi", "200"},
		"huge headers":          {post + "X: " + strings.Repeat("a", 32<<10) + "\r\n\r\n", "431"},
		"two lengths":           {post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "400"},
		"a negative length":     {post + "Content-Length: -1\r\n\r\n", "400"},
		"a length in words":     {post + "Content-Length: +2\r\n\r\nhi", "400"},
		"a coding of its own":   {post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", "501"},
		"a space in a header":   {post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"},
		"a header in two lines": {post + "X: a\r\n b\x00\r\n\r\n", "400"},
		"two hosts":             {post + "Host: y\r\n\r\n", "400"},
		"no host":               {"GET / HTTP/1.1\r\n\r\n", "400"},
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, c.sent)
		line, err := bufio.NewReader(conn).ReadString('\n')
		_ = conn.Close()
		if err != nil || !strings.HasPrefix(line, "HTTP/1.1 "+c.status) {
			t.Errorf("%s: %q, %v, want %s", name, line, err, c.status)
		}
	}
}
