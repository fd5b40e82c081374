package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// The contract, the table of who may call and the registered routes name the same operations.
func TestRoutesAgreeWithContract(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	inContract := map[string]bool{}
	for place, r := range c.routes {
		id := r.Operation.OperationID
		if id == "" {
			t.Errorf("%s has no operationId", place)
		}
		if inContract[id] {
			t.Errorf("%s stands twice in the contract", id)
		}
		inContract[id] = true
		if _, ok := routes[id]; !ok {
			t.Errorf("%s is in the contract and nobody is allowed to call it: give it a row in routes", id)
		}
		checkSecurity(t, id, len(securityOf(c, place)), routes[id].who)
	}
	for id := range routes {
		if !inContract[id] {
			t.Errorf("%s has a row in routes and is not in the contract", id)
		}
	}
}

func securityOf(c *contract, place string) []string {
	var names []string
	if s := c.routes[place].Operation.Security; s != nil {
		for _, requirement := range *s {
			names = append(names, slices.Collect(maps.Keys(requirement))...)
		}
	}
	return names
}

// checkSecurity: what the contract says about who may call is what the table says.
func checkSecurity(t *testing.T, id string, schemes int, who audience) {
	t.Helper()
	open := who == anyone || who == demoOnly
	if open != (schemes == 0) {
		t.Errorf("%s: the contract names %d security schemes, the table says %d", id, schemes, who)
	}
}

// Every text of the contract, in what is sent and in what is answered, says how long it may be and of
// what form it is; every list how many it may hold.
func TestContractSaysTheFormOfEveryText(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for name, schema := range c.doc.Components.Schemas {
		seen += checkForms(t, name, schema)
	}
	for name, p := range c.doc.Components.Parameters {
		seen += checkForms(t, name, p.Value.Schema)
	}
	for place, r := range c.routes {
		for _, p := range r.Operation.Parameters {
			seen += checkForms(t, place+" "+p.Value.Name, p.Value.Schema)
		}
		if body := r.Operation.RequestBody; body != nil {
			for kind, media := range body.Value.Content {
				seen += checkForms(t, place+" "+kind, media.Schema)
			}
		}
		for status, answer := range r.Operation.Responses.Map() {
			for kind, media := range answer.Value.Content {
				seen += checkForms(t, place+" "+status+" "+kind, media.Schema)
			}
		}
	}
	if seen < 600 {
		t.Errorf("only %d texts were seen", seen)
	}
}

// checkForms looks at a schema and at all that stands in it, but not at what it refers to.
func checkForms(t *testing.T, at string, ref *openapi3.SchemaRef) (seen int) {
	t.Helper()
	if ref == nil || ref.Ref != "" {
		return 0
	}
	s := ref.Value
	if s.Type.Is("string") {
		seen++
		bounded := len(s.Enum) > 0 || s.Format == "date" || s.Format == "date-time" || s.Format == "binary"
		if !bounded && (s.MaxLength == nil || s.Pattern == "") {
			t.Errorf("%s: a text without enum, date format, or maxLength and pattern", at)
		}
	}
	if s.Type.Is("array") && s.MaxItems == nil {
		t.Errorf("%s: a list without maxItems", at)
	}
	for name, p := range s.Properties {
		seen += checkForms(t, at+"."+name, p)
	}
	for _, p := range s.AllOf {
		seen += checkForms(t, at, p)
	}
	return seen + checkForms(t, at+"[]", s.Items) + checkForms(t, at+"{}", s.AdditionalProperties.Schema)
}

// Each operation says how it refuses, so that whoever calls it needs to guess nothing.
func TestContractSaysTheErrors(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for place, r := range c.routes {
		need := []int{400, 503}
		if r.Operation.Security != nil && len(*r.Operation.Security) > 0 {
			need = append(need, 401)
		}
		if r.Method != http.MethodGet {
			need = append(need, 403, 409, 413, 429)
		}
		if r.Operation.RequestBody != nil {
			need = append(need, 415, 422)
		}
		if len(r.Operation.Parameters) > 0 {
			need = append(need, 422)
		}
		if strings.Contains(r.Path, "{") {
			need = append(need, 404)
		}
		for _, status := range need {
			answer := r.Operation.Responses.Status(status)
			if answer == nil || answer.Value.Content.Get("application/problem+json") == nil && r.Operation.OperationID != "issueToken" {
				t.Errorf("%s does not say that it may answer %d", place, status)
			}
		}
		if r.Operation.Responses.Default() == nil {
			t.Errorf("%s does not say how it answers otherwise", place)
		}
	}
}

func TestStrictJSON(t *testing.T) {
	t.Parallel()
	deep := make([]byte, 0, 200)
	for range 100 {
		deep = append(deep, '[')
	}
	for name, c := range map[string]struct {
		body string
		ok   bool
	}{
		"object":             {`{"a":1,"b":[{"a":2}]}`, true},
		"same key twice":     {`{"email":"a@x.no","email":"b@x.no"}`, false},
		"same key, own case": {`{"email":"a@x.no","Email":"b@x.no"}`, false},
		"nested twice":       {`{"a":{"b":1,"b":2}}`, false},
		"two values":         {`{} {}`, false},
		"deep":               {string(deep), false},
		"cut off":            {`{"a":`, false},
		"empty":              {``, false},
		"NUL":                {`{"a":"x\u0000"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := strictJSON([]byte(c.body)); (err == nil) != c.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAcceptLanguage(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"": "nb", "en": "en", "nn-NO,nb;q=0.8": "nn", "fr,en;q=0.3,nb;q=0.9": "nb", "de": "nb", "no": "nb",
	} {
		r, err := http.NewRequest(http.MethodGet, "/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Language", header)
		if got := string(localeOf(r)); got != want {
			t.Errorf("%q gives %s, want %s", header, got, want)
		}
	}
}
