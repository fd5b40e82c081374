package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/labstack/echo/v4"
)

// A cookie is for this host, this browser and this site alone, and goes with the window: no domain, no
// date. Over HTTPS its name says so too, and the browser holds us to it.
func TestUI02CookiesAreForThisSiteAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		secure bool
		value  string
		want   string
	}{
		{true, "x", "__Host-dsr_person=x; Path=/; HttpOnly; Secure; SameSite=Strict"},
		{true, "", "__Host-dsr_person=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"},
		{false, "x", "dsr_person=x; Path=/; HttpOnly; SameSite=Strict"},
	} {
		answer := httptest.NewRecorder()
		k := cookiesFor(c.secure)
		k.set(echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/", nil), answer), k.person, c.value)
		if got := answer.Header().Get("Set-Cookie"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		for _, name := range []string{k.flow, k.person, k.staff} {
			if c.secure != (name[:2] == "__") {
				t.Errorf("cookie %q, secure %v", name, c.secure)
			}
		}
	}
}
