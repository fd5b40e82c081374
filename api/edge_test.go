package api

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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

// The three cookies are all that there is: nothing else in the program sets one, no page does, and no page fetches anything from
// another site that could.
func TestUI02NothingElseSetsACookie(t *testing.T) {
	t.Parallel()
	setters := regexp.MustCompile(`http\.Cookie\{|[sS]etCookie\(|"Set-Cookie"|document\.cookie|cookieStore|<script[^>]+src="(https?:)?//`)
	var found []string
	for _, root := range []string{"../api", "../cmd", "../internal", "../ui/src", "../ui/index.html", "../ui/staff.html"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".go", ".ts", ".tsx", ".html"}, filepath.Ext(path)) ||
				strings.HasSuffix(path, "_test.go") || strings.Contains(path, ".gen.") || strings.Contains(path, ".test.") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range setters.FindAllString(string(text), -1) {
				found = append(found, path+": "+m)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"../api/edge.go: http.Cookie{", "../api/edge.go: SetCookie("}; !slices.Equal(found, want) {
		t.Errorf("cookies are set by %q, want %q alone", found, want)
	}
}
