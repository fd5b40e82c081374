package api

import (
	"maps"
	"net/http"
	"slices"
	"testing"
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

// Every string that the contract takes in has a limit.
func TestContractLimitsStrings(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range c.doc.Components.Schemas {
		for field, property := range schema.Value.Properties {
			p := property.Value
			bounded := p.MaxLength != nil || len(p.Enum) > 0 || p.Format == "date" || p.Format == "date-time" || p.Format == "binary"
			if p.Type.Is("string") && !bounded {
				t.Errorf("%s.%s: a string without maxLength, enum or date format", name, field)
			}
			if p.Type.Is("array") && p.MaxItems == nil {
				t.Errorf("%s.%s: a list without maxItems", name, field)
			}
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
