package main_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// elsewhere names a folder of another portal that has the same key file.
func elsewhere(p *Portal, dir string) []string {
	return []string{
		"--data", dir, "--database", "sqlite://" + filepath.Join(dir, "mininfo.db"), "--blobs", "file://" + filepath.Join(dir, "blobs"),
		"--key-file", filepath.Join(p.Dir, "mininfo.key"),
	}
}

// A portal is backed up while people write, and brought back elsewhere: what was acknowledged before
// is there, the log verifies, and nobody is signed in.
func TestBackupOfARunningPortal(t *testing.T) {
	p, first, _ := office(t, Setup{})
	owner := newPerson(t, p, demo.MostData.Email)
	owner.Prove(api.RightAccess)
	filed := owner.File(api.NewRequest{Right: api.RightAccess})
	first.Await(filed.Id, "a plan is ready", planned)
	write := func(i int) int {
		return owner.Do("POST", "/requests/"+filed.Id+"/messages", map[string]any{"text": fmt.Sprintf("melding %d", i)}).Status
	}
	if s := write(0); s != http.StatusCreated {
		t.Fatal(s)
	}
	stop, stopped := make(chan struct{}), make(chan int)
	go func() {
		written := 1
		for {
			select {
			case <-stop:
				stopped <- written
				return
			default:
			}
			if write(written) == http.StatusCreated {
				written++
			}
		}
	}()
	file := filepath.Join(t.TempDir(), "mininfo.backup")
	out, err := p.Run("backup", file)
	close(stop)
	written := <-stopped
	if err != nil || !strings.Contains(out, "read again and whole") {
		t.Fatal(out, err)
	}
	t.Logf("%d messages were written meanwhile", written)
	if _, err := p.Run("backup", file); err == nil {
		t.Error("a backup overwrote another")
	}
	if _, err := p.Run("restore", file); err == nil {
		t.Error("a restore overwrote a running portal")
	}
	if out, err := p.Run("restore", "--check", file); err != nil || !strings.Contains(out, "is whole") {
		t.Error(out, err)
	}

	dir := filepath.Join(t.TempDir(), "restored")
	out, err = p.Run(append([]string{"restore", file}, elsewhere(p, dir)...)...)
	if err != nil || !strings.Contains(out, "Restored as of") {
		t.Fatal(out, err)
	}
	again := newPortal(t, Setup{NoCompany: true, Env: []string{
		"MININFO_DATA=" + dir, "MININFO_DATABASE=sqlite://" + filepath.Join(dir, "mininfo.db"), "MININFO_BLOBS=file://" + filepath.Join(dir, "blobs"),
		"MININFO_KEY_FILE=" + filepath.Join(p.Dir, "mininfo.key"),
	}})
	for _, command := range [][]string{{"audit", "verify"}, {"doctor"}} {
		if out, err := again.Run(command...); err != nil {
			t.Errorf("%v: %s %v", command, out, err)
		}
	}
	again.Start()
	owner.Portal, first.Portal = again, again
	for path, who := range map[string]*Caller{"/me": owner.Caller, "/staff/session": first.Caller} {
		if r := who.Do("GET", path, nil); r.Status != http.StatusUnauthorized {
			t.Errorf("a session of the backup's time is open: %s %v", path, r)
		}
	}
	owner = newPerson(t, again, demo.MostData.Email)
	owner.Prove(api.RightAccess)
	if seen := owner.See(filed.Id); len(seen.Messages) < 1 || seen.Reference != filed.Reference || seen.State != api.StateReview {
		t.Errorf("the case came back as %+v", seen)
	}
	first.SignIn()
	group := first.Case(filed.Id).Groups[0].Id
	if r := first.Do("GET", "/staff/cases/"+filed.Id+"/findings?group="+group, nil); r.Status != http.StatusOK || !bytes.Contains(r.Body, []byte(`"fields"`)) {
		t.Errorf("the findings did not come back: %v", r)
	}
}

// Whatever is done to a backup: it is refused, and nothing is left behind.
func TestTamperedBackups(t *testing.T) {
	t.Parallel()
	p := newPortal(t, Setup{NoCompany: true})
	if _, err := p.Run("migrate"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mininfo.backup")
	if out, err := p.Run("backup", "--json", file); err != nil || !strings.Contains(out, `"made_at"`) {
		t.Fatal(out, err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(whole, []byte("SQLite")) || bytes.Contains(whole, []byte("list.json")) {
		t.Error("the backup can be read without the key file")
	}
	flip := func(at int) []byte {
		changed := bytes.Clone(whole)
		changed[at] ^= 4
		return changed
	}
	n := len(whole)
	for name, content := range map[string][]byte{
		"empty": {}, "other": []byte("no backup at all\n"), "half": whole[:n/2], "cut by one": whole[:n-1], "longer": append(bytes.Clone(whole), 0),
		"first byte": flip(0), "header": flip(40), "near the start": flip(400), "middle": flip(n / 2), "last byte": flip(n - 1),
		"cut at a chunk": whole[:n-(n%65536)], "twice": append(bytes.Clone(whole), whole...),
	} {
		bad := filepath.Join(t.TempDir(), "bad.backup")
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "restored")
		_, err := p.Run(append([]string{"restore", bad}, elsewhere(p, dir)...)...)
		if err == nil || !strings.Contains(err.Error(), "damaged or cut short") {
			t.Errorf("%s: %v", name, err)
		}
		if left := filesUnder(t, dir); len(left) > 0 {
			t.Errorf("%s: left behind: %v", name, left)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mininfo.db"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(append([]string{"restore", file}, elsewhere(p, dir)...)...); err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
		t.Errorf("over another database: %v", err)
	}
	other := newPortal(t, Setup{NoCompany: true})
	if _, err := other.Run("migrate"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Run("restore", "--check", file); err == nil || !strings.Contains(err.Error(), "another key file") {
		t.Errorf("with another key file: %v", err)
	}
	for _, command := range []string{"backup", "restore"} {
		got := call(t, []string{"MININFO_DATABASE=postgres://a:secret@127.0.0.1:1/x"}, command, file)
		if got.code != 2 || !strings.Contains(got.err, "pg_dump") {
			t.Errorf("%s of PostgreSQL: %+v", command, got)
		}
	}
}
