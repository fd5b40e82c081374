package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// What two programs could read as two different requests is read as none, and the connection ends with it
// (RFC 9112 §6.3, §11.2): nothing that stands behind it is taken for a request of its own.
func TestNothingIsSmuggled(t *testing.T) {
	p := newPortal(t, Setup{NoCompany: true})
	p.Start()
	behind := "GET /healthz HTTP/1.1\r\nHost: " + p.listen + "\r\n\r\n"
	head := "POST /api/v1/verifications HTTP/1.1\r\nHost: " + p.listen + "\r\nContent-Type: application/json\r\n"
	for name, request := range map[string]string{
		"two lengths":                head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}" + behind,
		"two lengths in one":         head + "Content-Length: 2, 3\r\n\r\n{}" + behind,
		"a length with a sign":       head + "Content-Length: +2\r\n\r\n{}" + behind,
		"a negative length":          head + "Content-Length: -2\r\n\r\n{}" + behind,
		"a length in hexadecimal":    head + "Content-Length: 0x2\r\n\r\n{}" + behind,
		"an unknown coding":          head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + behind,
		"two codings":                head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + behind,
		"a coding twice":             head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + behind,
		"a space before the colon":   head + "Content-Length : 2\r\n\r\n{}" + behind,
		"a bare CR in a value":       head + "X-A: b\rContent-Length: 2\r\n\r\n{}" + behind,
		"a NUL in a value":           head + "X-A: b\x00\r\n\r\n" + behind,
		"two hosts":                  "GET /healthz HTTP/1.1\r\nHost: " + p.listen + "\r\nHost: evil.example\r\n\r\n" + behind,
		"no host":                    "GET /healthz HTTP/1.1\r\n\r\n" + behind,
		"a chunk of no size":         head + "Transfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n" + behind,
		"a chunk of a negative size": head + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + behind,
		// With both the coding counts, and the connection ends with the answer.
		"a length and a coding": head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + behind,
	} {
		answers := spoken(t, p, request)
		if len(answers) != 1 || answers[0] < 400 || answers[0] >= 502 {
			t.Errorf("%s: answered %v", name, answers)
		}
	}
	if answers := spoken(t, p, behind+behind); !slices.Equal(answers, []int{200, 200}) {
		t.Errorf("two sound requests: answered %v", answers)
	}
}

// spoken sends bytes and gives the status of each answer until the connection ends or is silent.
func spoken(t *testing.T, p *Portal, request string) []int {
	t.Helper()
	c, err := net.Dial("tcp", p.listen)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(waiting)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	var statuses []int
	for r := bufio.NewReader(c); ; {
		a, err := http.ReadResponse(r, nil)
		if err != nil {
			return statuses
		}
		_, _ = io.Copy(io.Discard, a.Body)
		_ = a.Body.Close()
		statuses = append(statuses, a.StatusCode)
	}
}

// The rules of the MDN HTTP Observatory, each at its best, on an answer of every sort: pages, data, files,
// refusals of the handlers and of what stands before them. Only HTTPS itself is another's (TLS stands before us).
func TestEveryAnswerIsHardened(t *testing.T) {
	p := newPortal(t, Setup{NoCompany: true})
	p.Start()
	for _, c := range []struct {
		method, path string
		status       int
		header       map[string]string
	}{
		{"GET", "/", 200, nil}, {"GET", "/staff", 200, nil}, {"GET", "/no/such/page", 0, nil}, {"GET", "/favicon.ico", 0, nil}, {"GET", "/assets/none.js", 404, nil},
		{"GET", "/api/openapi.yaml", 200, nil}, {"GET", "/api/v1/portal", 200, nil}, {"GET", "/api/v1/me", 401, nil}, {"GET", "/api/v1/nothing", 404, nil},
		{"DELETE", "/api/v1/portal", 405, nil}, {"OPTIONS", "/api/v1/portal", 204, nil}, {"POST", "/api/v1/verifications", 415, map[string]string{"Content-Type": "text/plain"}},
		{"POST", "/api/v1/verifications", 403, map[string]string{"Sec-Fetch-Site": "cross-site"}}, {"POST", "/api/v1/verifications", 403, map[string]string{"Origin": "https://evil.example"}},
		{"GET", "/", 421, map[string]string{"Host": "evil.example"}}, {"GET", "/healthz", 200, nil}, {"POST", "/oauth/token", 415, nil}, {"POST", "/", 405, nil},
	} {
		r, err := http.NewRequest(c.method, p.URL+c.path, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range c.header {
			r.Header.Set(name, value)
		}
		r.Host = c.header["Host"]
		a := newCaller(t, p).send(r)
		at := fmt.Sprintf("%s %s %v: %d", c.method, c.path, c.header, a.Status)
		if a.Err != nil || c.status != 0 && a.Status != c.status {
			t.Errorf("%s, want %d", at, c.status)
			continue
		}
		observed(t, at, a.Header)
	}
}

func observed(t *testing.T, at string, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := h.Values(name); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %s is %q", at, name, got)
		}
	}
	policy := map[string]string{}
	for part := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(part), " ")
		policy[name] = sources
	}
	if policy["default-src"] != "'none'" || policy["frame-ancestors"] != "'none'" {
		t.Errorf("%s: content policy %v", at, policy)
	}
	if _, api := policy["sandbox"]; !api && (policy["base-uri"] != "'none'" || policy["form-action"] != "'self'" || policy["object-src"] != "'none'") {
		t.Errorf("%s: content policy %v", at, policy)
	}
	for name, sources := range policy {
		for _, open := range []string{"unsafe-inline", "unsafe-eval", "data:", "http:", "https:", "*", "blob:"} {
			if strings.Contains(sources, open) {
				t.Errorf("%s: %s lets in %s", at, name, open)
			}
		}
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "Server", "X-Powered-By"} {
		if got := h.Get(name); got != "" {
			t.Errorf("%s: %s is %q", at, name, got)
		}
	}
	for _, cookie := range h.Values("Set-Cookie") {
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
			t.Errorf("%s: a cookie that others can read", at)
		}
	}
}
