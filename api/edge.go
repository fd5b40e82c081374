package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"mininfo/internal/access"
	"mininfo/internal/casework"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
	"mininfo/internal/staff"
)

// cookies are the names of the four cookies. The __Host- prefix needs HTTPS; on loopback HTTP
// (a try-out) the plain names are used without Secure.
type cookies struct {
	flow, person, staff, begun string
	secure                     bool
}

func cookiesFor(secure bool) cookies {
	prefix := ""
	if secure {
		prefix = "__Host-"
	}
	return cookies{flow: prefix + "dsr_flow", person: prefix + "dsr_person", staff: prefix + "dsr_staff", begun: prefix + "dsr_staff_flow", secure: secure}
}

func (k cookies) set(c echo.Context, name, value string) {
	cookie := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: k.secure, SameSite: http.SameSiteStrictMode}
	if value == "" {
		cookie.MaxAge = -1
	}
	c.SetCookie(cookie)
}

func read(c echo.Context, name string) string {
	cookie, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// caller is who calls and through what; handlers find it in their context.
type caller struct {
	echo   echo.Context
	locale locale.Locale
	from   access.Client
	person *access.PersonSession
	staff  *access.StaffSession
	client *access.APIClient
	link   string // public id of the link or notice whose secret a colleague or recipient holds
	result []byte // that a system has signed
}

type callerKey struct{}

func from(ctx context.Context) *caller {
	c, _ := ctx.Value(callerKey{}).(*caller)
	return c
}

// by is the member who calls, as the use cases of a case know members.
func (c *caller) by() casework.By {
	return casework.By{ID: c.staff.Member.ID, Name: c.staff.Member.Name.Reveal(), Roles: c.staff.Roles}
}

// worker is the member who calls, as package fulfilment knows members.
func (s *Server) worker(c *caller) fulfilment.By {
	return fulfilment.By{
		ID: c.staff.Member.ID, Name: c.staff.Member.Name.Reveal(), Roles: c.staff.Roles,
		Session: c.staff.Session, ProvedAt: c.staff.ProvedAt, Fresh: s.stepped(c) == nil,
	}
}

// governor is the member who calls, as package governance knows members.
func (s *Server) governor(c *caller) governance.By {
	return governance.By{
		ID: c.staff.Member.ID, PublicID: c.staff.Member.PublicID, Name: c.staff.Member.Name.Reveal(), Roles: c.staff.Roles,
		Locale: c.locale, FactorFresh: s.stepped(c) == nil,
	}
}

// stepped demands a second factor given in the last minutes.
func (s *Server) stepped(c *caller) error { return s.d.Gate.RequireStaffStepUp(c.staff) }

// guarded finds the operation, holds the request against the contract and lets in whom the table
// of routes names.
func (s *Server) guarded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		path := strings.TrimPrefix(c.Path(), "/api/v1")
		operation, known := s.contract.routes[c.Request().Method+" "+path]
		if !known {
			return errNoRoute
		}
		rule, known := routes[operation.Operation.OperationID]
		if !known {
			return fmt.Errorf("operation %s has no rule", operation.Operation.OperationID)
		}
		call := &caller{echo: c, locale: localeOf(c.Request()), from: access.Client{IP: s.clientIP(c), Agent: c.Request().UserAgent()}}
		if rule.who == system {
			if !s.results.take() {
				c.Response().Header().Set("Retry-After", resultsRetry)
				return errResults
			}
			defer s.results.free()
		}
		if err := s.admit(c, call, rule); err != nil {
			return err
		}
		if err := s.contract.check(c.Request(), operation, params(c), rule.limit()); err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), callerKey{}, call)))
		return next(c)
	}
}

func params(c echo.Context) map[string]string {
	values := map[string]string{}
	for _, name := range c.ParamNames() {
		values[name] = c.Param(name)
	}
	return values
}

func (s *Server) admit(c echo.Context, call *caller, rule rule) (err error) {
	ctx := c.Request().Context()
	switch rule.who {
	case anyone:
		return nil
	case demoOnly:
		if s.d.Demo == nil {
			return errNoRoute
		}
		return nil
	case colleague:
		credential, _ := bearer(c.Request())
		call.link, err = s.d.Gate.TaskLink(ctx, credential, call.from)
		return noLink(c, err)
	case recipient:
		credential, _ := bearer(c.Request())
		call.link, err = s.d.Gate.RecipientLink(ctx, credential, call.from)
		return noLink(c, err)
	case invited:
		credential, _ := bearer(c.Request())
		call.link, err = s.d.Gate.InvitationLink(ctx, credential, call.from)
		return noLink(c, err)
	case system:
		call.result, err = s.signed(c.Request(), c.Param("id"), call.from, rule.limit())
		return err
	case person:
		call.person, err = s.d.Gate.Person(ctx, read(c, s.cookies.person))
		if err == nil && c.Request().Header.Get("Accept-Language") == "" {
			call.locale = call.person.Locale
		}
		return err
	case member:
		if call.staff, err = s.d.Gate.Staff(ctx, read(c, s.cookies.staff)); err != nil || rule.permission == "" {
			return err
		}
		return s.allowed(call, rule.permission)
	case client:
		token, ok := bearer(c.Request())
		if !ok {
			c.Response().Header().Set("WWW-Authenticate", "Bearer")
			return access.ErrInvalidToken
		}
		if call.client, err = s.d.Gate.VerifyToken(ctx, token); err != nil {
			c.Response().Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			return err
		}
		return call.client.May(rule.scope)
	}
	return errNoRoute
}

// errLink is access.ErrTaskLink where the secret is what the caller proves themselves by.
var errLink = &fault.Error{Kind: fault.Unauthenticated, Code: access.ErrTaskLink.Code, Text: access.ErrTaskLink.Text}

// noLink answers a wrong secret as RFC 9110 §11.6.1 has it: 401, and how to prove it.
func noLink(c echo.Context, err error) error {
	if !errors.Is(err, access.ErrTaskLink) {
		return err
	}
	c.Response().Header().Set("WWW-Authenticate", "Bearer")
	return errLink
}

// bearer gives what the Authorization header bears; the word itself may be in any letters (RFC 9110 §11.1).
func bearer(r *http.Request) (credential string, ok bool) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return credential, true
}

// allowed asks the table of roles for what does not depend on a case; what does, the use case
// asks itself with the case in hand.
func (s *Server) allowed(call *caller, p staff.Permission) error {
	facts := staff.Facts{Assigned: true, Proposal: true}
	if staff.NeedsFreshFactor(p) {
		if err := s.stepped(call); err != nil {
			if staff.May(staff.Member{ID: call.staff.Member.ID, Roles: call.staff.Roles}, p, staff.Facts{Assigned: true, Proposal: true, FactorFresh: true}) != nil {
				return staff.ErrForbidden
			}
			return err
		}
		facts.FactorFresh = true
	}
	return staff.May(staff.Member{ID: call.staff.Member.ID, Roles: call.staff.Roles}, p, facts)
}

// extractIP believes X-Forwarded-For from configured proxies alone (W2).
func extractIP(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range trusted {
		_, network, err := net.ParseCIDR(p.String())
		if err == nil {
			options = append(options, echo.TrustIPRange(network))
		}
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

func (s *Server) clientIP(c echo.Context) netip.Addr {
	ip, err := netip.ParseAddr(s.clientIPs(c.Request()))
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return ip.Unmap()
}

// ownHost refuses requests for another host than the configured one. Health probes come by
// address and are let through.
func (s *Server) ownHost(next echo.HandlerFunc) echo.HandlerFunc {
	own, err := url.Parse(s.d.PublicURL)
	return func(c echo.Context) error {
		path := c.Request().URL.Path
		if err != nil || path == "/healthz" || path == "/readyz" || sameHost(c.Request().Host, own.Host) {
			return next(c)
		}
		return errHost
	}
}

func sameHost(asked, own string) bool {
	if strings.EqualFold(asked, own) {
		return true
	}
	return loopback(asked) && loopback(own) && port(asked) == port(own)
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func port(hostport string) string {
	_, p, err := net.SplitHostPort(hostport)
	if err != nil {
		return ""
	}
	return p
}

const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'"

// harden sets the headers of every answer (security headers of an A+ in the public Observatory).
func harden(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// headers harden every answer, refusals of the middleware after it too.
func headers(secure bool) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			harden(c.Response().Header(), secure)
			return next(c)
		}
	}
}

// apiHeaders: answers of the API are data, never a page, and nobody keeps them.
func apiHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Cookie, Accept-Language")
		return next(c)
	}
}

// acceptLanguages gives the tags of an Accept-Language header, the most wanted first.
func acceptLanguages(header string) []string {
	type wish struct {
		tag string
		q   float64
	}
	var wishes []wish
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			if parsed, err := strconv.ParseFloat(v, 64); err == nil {
				q = parsed
			}
		}
		at := len(wishes)
		for at > 0 && wishes[at-1].q < q {
			at--
		}
		wishes = append(wishes[:at], append([]wish{{tag, q}}, wishes[at:]...)...)
		if len(wishes) == 20 {
			break
		}
	}
	tags := make([]string, 0, len(wishes))
	for _, w := range wishes {
		tags = append(tags, w.tag)
	}
	return tags
}

// safeError keeps what the drivers quote of rows out of the log: of a PostgreSQL error only its
// code and constraint, of any other the chain of our own words.
func safeError(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return "postgres " + pg.Code + " " + pg.ConstraintName
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return "no connection to PostgreSQL" // its text names host, user and database
	}
	return err.Error()
}
