package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// ownMails is a folder with the drafts of some mails, each with one sentence changed.
func ownMails(t *testing.T, changes map[string][2]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, change := range changes {
		part := strings.Split(name, ".")
		draft := call(t, nil, "mail", "draft", part[0], part[1])
		if draft.code != 0 || !strings.Contains(draft.out, change[0]) {
			t.Fatalf("%s has no %q: %+v", name, change[0], draft)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(draft.out, change[0], change[1])), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Whoever asks is written to in the organisation's own words, by every part of the portal that sends mails.
func TestOwnWordsOfMails(t *testing.T) {
	t.Parallel()
	dir := ownMails(t, map[string][2]string{
		"verify.nb.txt":             {"Noen, trolig du selv, har", "Hei fra oss i Fjordlys! Noen har"},
		"receipt_of_request.nb.txt": {"Vi har mottatt kravet ditt.", "Takk, nå er kravet hos oss."},
		"staff_new_request.nb.txt":  {"Det har kommet et nytt krav.", "Sett på kaffen: Det er et nytt krav."},
	})
	p := newPortal(t, Setup{Env: []string{"MININFO_MAILS=" + dir}})
	p.Start()
	kari := newPerson(t, p, demo.MostData.Email)
	kari.Prove(api.RightAccess)
	filed := kari.File(api.NewRequest{Right: api.RightAccess})
	p.Mail.Wait(t, kari.Email, 0, "the code, in the organisation's words", func(l Letter) bool {
		return strings.Contains(l.Text, "Hei fra oss i Fjordlys! Noen har oppgitt") && l.Code() != ""
	})
	p.Mail.Wait(t, kari.Email, 0, "the receipt, in the organisation's words", func(l Letter) bool {
		return strings.Contains(l.Text, "Takk, nå er kravet hos oss.") && strings.Contains(l.Text, filed.Reference) && strings.Contains(string(l.Raw), "text/html")
	})
	until(t, "a mail to the office, in its own words", func() bool {
		for _, l := range p.Mail.All() {
			if strings.Contains(l.Text, "Sett på kaffen") && strings.Contains(l.Text, filed.Reference) {
				return true
			}
		}
		return false
	})
	if out, _ := p.Run("doctor"); !strings.Contains(out, "3 mail texts of your own: verify.nb.txt, receipt_of_request.nb.txt, staff_new_request.nb.txt") {
		t.Errorf("doctor says nothing of them:\n%s", out)
	}
	if out, err := p.Run("config"); err != nil || !strings.Contains(out, "MININFO_MAILS="+dir+"\n") {
		t.Errorf("config: %v\n%s", err, out)
	}
}

// A text that lacks what it must say keeps the portal from starting, and every command says where.
func TestUnfitMailsKeepThePortalFromStarting(t *testing.T) {
	t.Parallel()
	dir := ownMails(t, map[string][2]string{"verify.nb.txt": {"{code}", "1234"}, "refused.en.txt": {"[complaint]", "Goodbye, {name}."}})
	wants := []string{"verify.nb.txt:2: ", "{code}", "refused.en.txt:2: ", "[complaint]", "refused.en.txt:9: ", "{name}"}
	for _, args := range [][]string{{"mail", "check", dir}, {"serve", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--mails", dir}, {"mail", "preview", "verify", "nb", "--mails", dir}} {
		got := call(t, nil, args...)
		if got.code != 1 {
			t.Errorf("%v: exit code %d", args, got.code)
		}
		for _, want := range wants {
			if !strings.Contains(got.out+got.err, want) {
				t.Errorf("%v does not say %q:\n%s%s", args, want, got.out, got.err)
			}
		}
	}
	if got := call(t, nil, "mail", "check", "--json", "--locale", "nn", dir); got.code != 1 || !strings.Contains(got.out, `"line": 9`) || !strings.Contains(got.out, "er ei personopplysning") {
		t.Errorf("%+v", got)
	}
	good := ownMails(t, map[string][2]string{"verify.nb.txt": {"Noen, trolig", "Noen, truleg"}})
	if got := call(t, nil, "mail", "check", good); got.code != 0 || got.out != "verify.nb.txt\nerrors: 0, texts: 1\n" {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, "mail", "preview", "verify", "nb", "--html", "--mails", good); got.code != 0 || !strings.Contains(got.out, "Noen, truleg du selv") || !strings.Contains(got.out, "<p style") {
		t.Errorf("%+v", got)
	}
	if got := call(t, nil, "mail", "draft"); got.code != 0 || !strings.Contains(got.out, "receipt_of_request\n") {
		t.Errorf("%+v", got)
	}
	for _, args := range [][]string{{"mail", "draft", "spam"}, {"mail", "preview", "spam"}, {"mail", "draft", "verify", "sv"}, {"mail", "check", "/nowhere"}} {
		if got := call(t, nil, args...); got.code != 2 {
			t.Errorf("%v: exit code %d: %s", args, got.code, got.err)
		}
	}
}
