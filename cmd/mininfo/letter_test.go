package main_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// A letter is given to the person whose case it is and to those of the office who may read the case; to nobody else, not
// before it is written, and by no name but its own.
func TestWhoGetsALetter(t *testing.T) {
	onBoth(t, func(t *testing.T, s Setup) {
		p, first, _ := office(t, s)
		person, other := newPerson(t, p, demo.Neighbour.Email), newPerson(t, p, demo.MostData.Email)
		person.Prove(api.RightAccess)
		other.Prove(api.RightAccess)
		filed := person.File(api.NewRequest{Right: api.RightAccess})
		at := "/requests/" + filed.Id + "/letters/"
		staffs := "/staff/cases/" + filed.Id + "/letters/"
		refused(t, person.Do(http.MethodGet, at+"answer", nil), http.StatusNotFound, "no_letter")
		refused(t, first.Do(http.MethodGet, staffs+"answer", nil), http.StatusNotFound, "no_letter")
		refused(t, person.Do(http.MethodGet, at+strings.Repeat("a", 32), nil), http.StatusNotFound, "no_letter")
		refused(t, person.Do(http.MethodGet, at+"everything", nil), http.StatusNotFound, "not_found")
		first.Await(filed.Id, "a plan is ready", planned)
		first.act(filed.Id, "refuse", map[string]any{"ground": "not_identifiable", "reason": "Navnet passer på mange."})
		nobody := newPerson(t, p, "nobody@example.org")
		for _, which := range []string{"receipt", "answer"} {
			own := person.must(http.MethodGet, at+which, nil, nil)
			read := first.must(http.MethodGet, staffs+which, nil, nil)
			if !bytes.HasPrefix(own.Body, []byte("%PDF-")) || !bytes.Equal(own.Body, read.Body) {
				t.Errorf("%s: the person and the office have different letters", which)
			}
			if name := own.Header.Get("Content-Disposition"); name != `attachment; filename="`+filed.Reference+`.pdf"` || !strings.Contains(own.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%s: %v", which, own.Header)
			}
			for name, who := range map[string]*Caller{"another person": other.Caller, "no session": nobody.Caller, "the office": first.Caller} {
				want := http.StatusUnauthorized
				if name == "another person" {
					want = http.StatusNotFound
				}
				if a := who.Do(http.MethodGet, at+which, nil); a.Status != want || bytes.Contains(a.Body, []byte("%PDF")) {
					t.Errorf("%s by %s: %v", which, name, a)
				}
			}
			for name, who := range map[string]*Caller{"the person": person.Caller, "no session": nobody.Caller} {
				if a := who.Do(http.MethodGet, staffs+which, nil); a.Status != http.StatusUnauthorized || bytes.Contains(a.Body, []byte("%PDF")) {
					t.Errorf("the office's %s by %s: %v", which, name, a)
				}
			}
		}
		// The letter of whom nobody could find says where was looked.
		if a := person.See(filed.Id).Answer; a == nil || a.Letter == nil || a.Searched == nil || len(*a.Searched) < 3 {
			t.Errorf("answer %+v", a)
		}
	})
}
