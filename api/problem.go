package api

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"mininfo/internal/access"
	"mininfo/internal/fault"
	"mininfo/internal/governance"
	"mininfo/internal/locale"
)

// statuses is the only place that knows both a fault's kind and HTTP's numbers.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.Malformed: http.StatusBadRequest,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden,
	fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict, fault.Gone: http.StatusGone,
	fault.TooLarge: http.StatusRequestEntityTooLarge, fault.TooMany: http.StatusTooManyRequests,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Internal: http.StatusInternalServerError,
}

// particular statuses of single codes.
var particular = map[string]int{
	errMediaType.Code: http.StatusUnsupportedMediaType,
	errMethod.Code:    http.StatusMethodNotAllowed,
	errHost.Code:      http.StatusMisdirectedRequest,
}

var errInternal = fault.Define(fault.Internal, "internal",
	"Noe gikk galt hos oss. Ingenting er tapt. Prøv igjen om litt, eller kontakt oss på en annen måte.",
	"Noko gjekk gale hos oss. Ingenting er tapt. Prøv igjen om litt, eller kontakt oss på ein annan måte.",
	"Something went wrong on our side. Nothing is lost. Try again in a little while, or contact us another way.")

// errDatabase: the portal's own database does not answer.
var errDatabase = fault.Define(fault.Unavailable, "database_down",
	"Vi får ikke tak i opplysningene akkurat nå. Ingenting er tapt. Prøv igjen om litt.",
	"Vi får ikkje tak i opplysningane akkurat no. Ingenting er tapt. Prøv igjen om litt.",
	"We cannot reach our records right now. Nothing is lost. Try again in a little while.")

// databaseRetry is after how many seconds it is worth asking again.
const databaseRetry = "10"

// unreachable tells that PostgreSQL could not be asked: no connection, or it starts, stops or has
// no place left (classes 08, 57P and 53300 of its codes).
func unreachable(err error) bool {
	var connecting *pgconn.ConnectError
	var said *pgconn.PgError
	switch {
	case errors.As(err, &connecting):
		return true
	case errors.As(err, &said):
		return strings.HasPrefix(said.Code, "08") || strings.HasPrefix(said.Code, "57P") || said.Code == "53300"
	}
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF)
}

// fail is the only way out for errors: a problem document (RFC 9457) in the caller's language.
// What is no fault is logged under the number that the caller is given, and says nothing else.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	r := c.Request()
	f := toFault(err)
	number := ""
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		number = numberOf(c)
		s.d.Logger.ErrorContext(r.Context(), "request failed", "instance", number, "route", c.Path(), "code", f.Code, "error", describe(err))
	}
	if f.Code == errDatabase.Code {
		c.Response().Header().Set("Retry-After", databaseRetry)
	}
	if wait, ok := access.RetryAfter(err); ok {
		c.Response().Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	if f.Code == errMalformed.Code && strings.HasSuffix(c.Path(), "/oauth/token") {
		_ = c.JSON(http.StatusBadRequest, tokenRefused("invalid_request", f))
		return
	}
	var lines *governance.YAMLProblems
	errors.As(err, &lines)
	writeProblemWith(c.Response(), r, f, number, lines)
}

// describe is what the log may hold of an error: our own words and the database's code.
func describe(err error) string { return safeError(err) }

func toFault(err error) *fault.Error {
	if f := fault.From(err); f != nil {
		return f
	}
	var h *echo.HTTPError
	if errors.As(err, &h) {
		switch h.Code {
		case http.StatusNotFound:
			return errNoRoute
		case http.StatusMethodNotAllowed:
			return errMethod
		case http.StatusRequestEntityTooLarge:
			return errTooLarge
		case http.StatusUnsupportedMediaType:
			return errMediaType
		case http.StatusBadRequest:
			return errMalformed
		}
	}
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		return errTooLarge
	case unreachable(err):
		return errDatabase
	case errors.Is(err, http.ErrMissingBoundary), errors.Is(err, http.ErrNotMultipart):
		return errMediaType
	}
	return errInternal
}

func writeProblem(w http.ResponseWriter, r *http.Request, f *fault.Error, number string) {
	writeProblemWith(w, r, f, number, nil)
}

func writeProblemWith(w http.ResponseWriter, r *http.Request, f *fault.Error, number string, lines *governance.YAMLProblems) {
	status, ok := particular[f.Code]
	if !ok {
		status = statuses[f.Kind]
	}
	l := localeOf(r)
	p := map[string]any{"type": "about:blank", "title": f.Text.In(l), "status": status, "code": f.Code}
	if number != "" {
		p["instance"] = number
	}
	var fields []map[string]string
	if f.Field != "" {
		fields = append(fields, map[string]string{"field": f.Field, "code": f.Code, "message": f.Text.In(l)})
	}
	if lines != nil {
		for _, line := range lines.Lines {
			at := line.Pointer
			if at == "" {
				at = "/line/" + strconv.Itoa(line.Line)
			}
			fields = append(fields, map[string]string{"field": at, "code": f.Code, "message": line.Text.In(l)})
		}
	}
	if fields != nil {
		p["errors"] = fields[:min(len(fields), 100)]
	}
	body, err := json.Marshal(p)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"type":"about:blank","title":"","status":500,"code":"internal"}`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// localeOf is the language that the caller asked for.
func localeOf(r *http.Request) locale.Locale {
	for _, tag := range acceptLanguages(r.Header.Get("Accept-Language")) {
		if l, ok := locale.Parse(tag); ok {
			return l
		}
	}
	return locale.NB
}

const numberKey = "mininfo.number"

// numbered gives each request a number that a failure is found by in the log.
func (s *Server) numbered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var b [8]byte
		if _, err := io.ReadFull(s.d.Rand, b[:]); err != nil {
			return err
		}
		c.Set(numberKey, hex.EncodeToString(b[:]))
		return next(c)
	}
}

func numberOf(c echo.Context) string {
	number, _ := c.Get(numberKey).(string)
	return number
}

// recovered turns a panic into an internal error; the log gets the stack, never the value, which
// may quote what was sent.
func (s *Server) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.d.Logger.ErrorContext(c.Request().Context(), "panic", "instance", numberOf(c), "route", c.Path(), "stack", string(debug.Stack()))
				err = errInternal
			}
		}()
		return next(c)
	}
}

// at points a fault at a field; other errors stay as they are.
func at(err error, field string) error {
	if f := fault.From(err); f != nil {
		return f.At(field)
	}
	return err
}
