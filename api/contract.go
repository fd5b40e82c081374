package api

import (
	"bytes"
	_ "embed" // the contract travels in the binary
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
)

//go:embed openapi.yaml
var document []byte

// contract holds requests against openapi.yaml before a handler sees them.
type contract struct {
	doc    *openapi3.T
	routes map[string]*routers.Route // "GET /requests/:id"
}

func loadContract() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("reading the contract: %w", err)
	}
	c := &contract{doc: doc, routes: map[string]*routers.Route{}}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			c.routes[method+" "+echoPath(path)] = &routers.Route{
				Spec: doc, Path: path, PathItem: item, Method: method, Operation: operation,
			}
		}
	}
	return c, nil
}

// echoPath turns /requests/{id} into /requests/:id.
func echoPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// methods lists, by the alphabet, what may be done at a path of the API; nothing: nothing is there.
// A path that stands in the contract word for word is not also another's parameter.
func (c *contract) methods(path string) []string {
	var exact, list []string
	for place := range c.routes {
		method, pattern, _ := strings.Cut(place, " ")
		if pattern == path {
			exact = append(exact, method)
		} else if fits(strings.Split(pattern, "/"), strings.Split(path, "/")) {
			list = append(list, method)
		}
	}
	if len(exact) > 0 {
		list = exact
	}
	slices.Sort(list)
	return list
}

func fits(pattern, path []string) bool {
	return slices.EqualFunc(pattern, path, func(p, segment string) bool {
		return p == segment || strings.HasPrefix(p, ":") && segment != ""
	})
}

// Faults of what was sent.
var (
	errMalformed = fault.Define(fault.Malformed, "malformed",
		"Vi klarte ikke å lese forespørselen.", "Vi klarte ikkje å lese førespurnaden.", "We could not read the request.")
	errContract = fault.Define(fault.Invalid, "invalid_input",
		"Noe mangler eller har feil form. Se på feltet og prøv igjen.",
		"Noko manglar eller har feil form. Sjå på feltet og prøv igjen.",
		"Something is missing or has the wrong form. Look at the field and try again.")
	errUnknownField = fault.Define(fault.Invalid, "unknown_field",
		"Forespørselen har et felt som ikke finnes.", "Førespurnaden har eit felt som ikkje finst.",
		"The request has a field that does not exist.")
	errTooLarge = fault.Define(fault.TooLarge, "too_large",
		"Det du sendte, er for stort. Del det opp eller kort det ned.",
		"Det du sende, er for stort. Del det opp eller kort det ned.",
		"What you sent is too large. Split it or shorten it.")
	errMediaType = fault.Define(fault.Malformed, "media_type",
		"Innholdet er sendt som en type eller i en koding som ikke tas imot her.",
		"Innhaldet er sendt som ein type eller i ei koding som ikkje blir teken imot her.",
		"The body was sent as a type or in an encoding that is not taken here.")
	errNoRoute = fault.Define(fault.NotFound, "not_found",
		"Denne adressen finnes ikke.", "Denne adressa finst ikkje.", "There is nothing at this address.")
	errMethod = fault.Define(fault.NotFound, "method_not_allowed",
		"Dette kan ikke gjøres her.", "Dette kan ikkje gjerast her.", "This cannot be done here.")
	errCrossOrigin = fault.Define(fault.Forbidden, "cross_origin",
		"Forespørselen kom fra et annet nettsted og ble stoppet.",
		"Førespurnaden kom frå ein annan nettstad og vart stoppa.",
		"The request came from another site and was stopped.")
	errHost = fault.Define(fault.NotFound, "unknown_host",
		"Portalen svarer ikke på denne adressen.", "Portalen svarar ikkje på denne adressa.",
		"The portal does not answer at this address.")
)

// check holds a request against the operation. A JSON body is read whole (within limit bytes) and
// put back for the handler.
func (c *contract) check(r *http.Request, route *routers.Route, params map[string]string, limit int64) error {
	if err := readBody(r, route, limit); err != nil {
		return err
	}
	// Go leaves out what it cannot read of a query, and answers as if it had not been asked.
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || strings.Contains(r.URL.RawQuery, "%00") {
		return errMalformed
	}
	for _, values := range query {
		if len(values) > 1 { // one reader takes the first of them, another the last
			return errMalformed
		}
	}
	if isForm(r) {
		if err := r.ParseForm(); err != nil {
			return cutShort(err)
		}
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc:  openapi3filter.NoopAuthenticationFunc,
			ExcludeRequestBody:  isMultipart(r) || isForm(r),
			SkipSettingDefaults: true,
		},
	}
	if err := openapi3filter.ValidateRequest(r.Context(), input); err != nil {
		return contractFault(err, sentences[route.Operation.OperationID])
	}
	return nil
}

// sentences are the rules' own words where the contract already refuses what a rule does, by operation and field.
var sentences = map[string]map[string]*fault.Error{
	"pauseCase":  {"/reason": casework.ErrPauseReason},
	"extendCase": {"/reason": casework.ErrExtensionReason, "/grounds": casework.ErrUnknownGround, "/months": dsr.ErrExtensionMonths},
	"refuseCase": {"/reason": casework.ErrRefusalReason, "/ground": casework.ErrNoProvision},
}

func isMultipart(r *http.Request) bool { return mediaType(r) == "multipart/form-data" }

func isForm(r *http.Request) bool { return mediaType(r) == "application/x-www-form-urlencoded" }

func mediaType(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

// readBody reads a JSON body strictly: the right type, within the limit, no key twice, no deep
// nesting. Parsers disagree about the last two, and what they disagree about is an attack.
func readBody(r *http.Request, route *routers.Route, limit int64) error {
	if r.ContentLength > limit {
		return errTooLarge
	}
	r.Body = http.MaxBytesReader(nil, r.Body, limit)
	declared := route.Operation.RequestBody
	if declared == nil || declared.Value == nil {
		return nil
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return errMediaType
	}
	if declared.Value.Content.Get(mediaType(r)) == nil {
		if r.ContentLength == 0 && !declared.Value.Required {
			return nil
		}
		return errMediaType
	}
	if mediaType(r) != "application/json" {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return cutShort(err)
	}
	if len(body) == 0 && !declared.Value.Required {
		r.Body, r.ContentLength = http.NoBody, 0
		return nil
	}
	if err := strictJSON(body); err != nil {
		return errMalformed
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

// cutShort says why a body could not be read to its end.
func cutShort(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return errTooLarge
	}
	return errMalformed
}

const jsonDepth = 32

var errJSON = errors.New("not one strict JSON value")

// strictJSON accepts exactly one JSON value in sound UTF-8 without duplicate keys (compared without
// regard to case, as Go's decoder does), without NUL in a text, and at most jsonDepth deep.
func strictJSON(body []byte) error {
	if !utf8.Valid(body) || halfCharacter(body) {
		return errJSON // Go's decoder would put another character there, and nobody would know
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := strictValue(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errJSON
	}
	return nil
}

// halfCharacter finds an escape that is one half of a surrogate pair without the other.
func halfCharacter(body []byte) bool {
	for i := bytes.IndexByte(body, '\\'); i >= 0 && i+1 < len(body); {
		width := 2
		if first, ok := escaped(body[i:]); ok {
			width = 6
			if utf16.IsSurrogate(first) {
				second, _ := escaped(body[i+6:])
				if utf16.DecodeRune(first, second) == utf8.RuneError {
					return true
				}
				width = 12
			}
		}
		next := bytes.IndexByte(body[i+width:], '\\')
		if next < 0 {
			break
		}
		i += width + next
	}
	return false
}

// escaped reads an escape of the form \uXXXX.
func escaped(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(code), err == nil
}

func strictValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		if text, ok := t.(string); ok && strings.ContainsRune(text, 0) {
			return errJSON // no database can hold it, and no person types it
		}
		return nil
	}
	if depth == jsonDepth {
		return errJSON
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			name := strings.ToLower(key.(string))
			if seen[name] {
				return errJSON
			}
			seen[name] = true
		}
		if err := strictValue(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// contractFault says which field breaks the contract, in our own words: the validator's words
// quote what was sent.
func contractFault(err error, sentences map[string]*fault.Error) error {
	var parameter *openapi3filter.RequestError
	field := ""
	if errors.As(err, &parameter) && parameter.Parameter != nil {
		field = "/" + parameter.Parameter.Name
		if parameter.Parameter.In == openapi3.ParameterInPath {
			return errNoRoute
		}
	}
	var broken *openapi3.SchemaError
	if !errors.As(err, &broken) {
		if field == "" {
			return errMalformed
		}
		return errContract.At(field)
	}
	path := broken.JSONPointer()
	if len(path) > 0 {
		field = "/" + strings.Join(path, "/")
	}
	switch {
	case broken.SchemaField == "properties":
		return errUnknownField.At(field)
	case strings.HasSuffix(field, "/email") && (broken.SchemaField == "pattern" || broken.SchemaField == "minLength"):
		return dsr.ErrAddress.At(field)
	}
	if said := sentences[field]; said != nil && slices.Contains([]string{"required", "minLength", "minItems", "minimum", "maximum"}, broken.SchemaField) {
		return said.At(field)
	}
	return errContract.At(field)
}
