package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// asked gives the properties of a schema of the contract, and those that must be filled in.
func asked(t *testing.T, name string) (properties map[string]*openapi3.SchemaRef, required []string) {
	t.Helper()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	schema := c.doc.Components.Schemas[name]
	if schema == nil {
		t.Fatalf("the contract has no %s", name)
	}
	return schema.Value.Properties, schema.Value.Required
}

// A person has to say which right and in what language; the rest is a wish. There is no room for an ID,
// a national identity number, a reason or a consent, and nothing can be charged.
func TestINT04INT13ID06FEE04NothingElseIsAsked(t *testing.T) {
	t.Parallel()
	properties, required := asked(t, "NewRequest")
	if want := []string{"right", "locale"}; !slices.Equal(required, want) {
		t.Errorf("a person has to fill in %v, want %v", required, want)
	}
	for _, schema := range []string{"NewRequest", "NewCase", "NewPersonMessage", "NewIdentifier", "IntakeRequest"} {
		properties, _ := asked(t, schema)
		for name := range properties {
			for _, never := range []string{"national", "fodselsnummer", "ssn", "passport", "id_copy", "reason", "why", "motive", "consent", "marketing", "fee", "price", "amount"} {
				if strings.Contains(name, never) {
					t.Errorf("%s asks for %s", schema, name)
				}
			}
		}
	}
	// Each says what is asked, about what, or for whom. A new one is added here with what it is needed for.
	needed := []string{"activities", "advertising", "also", "corrections", "ground", "locale", "meanwhile", "name", "recipient", "right", "standing", "text"}
	if names := slices.Sorted(maps.Keys(properties)); !slices.Equal(names, needed) {
		t.Errorf("the form has the fields %v, needed are %v", names, needed)
	}
	kinds := func(schema, property string) []any {
		properties, _ := asked(t, schema)
		return properties[property].Value.Enum
	}
	if got := kinds("NewIdentifier", "kind"); len(got) != 5 || slices.ContainsFunc(got, func(k any) bool { return strings.Contains(k.(string), "national") }) {
		t.Errorf("a person is found by %v", got)
	}
}
