package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mininfo/api"
	"mininfo/internal/demo"
)

// ran is what one call of the program gave.
type ran struct {
	code     int
	out, err string
}

// call runs the program in an empty folder with an empty configuration.
func call(t *testing.T, env []string, args ...string) ran {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + cmd.Dir}, env...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), out.String(), errOut.String()}
}

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// 0 done, 1 failed, 2 wrong usage; what is wrong is said in words, with its place.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	good := file(t, "good.csv", "id,profile,received,events\nA,EDPB,2026-01-31,\n")
	bad := file(t, "bad.csv", "id,profile,received,events\r\nA,EDPB,2026-01-31,\r\nB,EDPB,2026-02-30,\r\nC,EDPB,2026-01-31,,x\r\n# no case\r\n")
	for _, c := range []struct {
		args string
		code int
		says []string
	}{
		{"version", 0, nil},
		{"version --json", 0, []string{`"version":`}},
		{"", 2, []string{"expected one of"}},
		{"nonsense", 2, nil},
		{"deadline", 2, []string{"--received"}},
		{"deadline --received 2026-01-31", 0, []string{"due 2026-03-02\n"}},
		{"deadline --received 2026-01-31 --json", 0, []string{`"due": "2026-03-02"`}},
		{"deadline --received 2026-01-32", 2, []string{"received: Write the date as YYYY-MM-DD"}},
		{"deadline --received 2026-01-31 --profile XX", 2, []string{"Use EDPB, UK or STRICT"}},
		{"deadline --received 2026-01-31 --events ext=3@2026-02-02", 2, []string{"one or two months"}},
		{"deadline --received 2026-01-31 --cases " + good, 2, nil},
		{"deadline --received 2027-04-17 --profile UK", 0, []string{"due 2027-05-17\n", "ICO"}},
		{"deadline --received 2027-04-17 --country DE", 0, []string{"due 2027-05-18\n"}},
		{"deadline --received 2027-04-17 --country US", 2, []string{"AT, BE, BG"}},
		{"deadline --help", 0, []string{"EDPB, UK, STRICT", "AT, BE, BG"}},
		{"deadline --profile STRICT --cases " + file(t, "unnamed.csv", "id,received,events\nA,2026-01-31,\n"), 0, []string{"A,2026-02-28,"}},
		{"deadline --country GB --cases " + file(t, "country.csv", "id,profile,received,events\nA,EDPB,2027-04-17,\n"), 0, []string{"A,2027-05-17,"}},
		{"deadline --profile UK --cases " + good, 0, []string{"A,2026-03-02,"}},
		{"deadline --cases " + good, 0, []string{"A,2026-03-02,2026-03-02,2026-02-27,\n"}},
		{"deadline --json --cases " + good, 0, []string{`"id": "A"`, `"due": "2026-03-02"`}},
		{"deadline --cases " + bad, 1, []string{"A,2026-03-02", "bad.csv: line 3: received: Write the date", "bad.csv: line 4: has 5 fields", "bad.csv: line 5: has 1 fields"}},
		{"deadline --cases " + file(t, "empty.csv", ""), 1, []string{"empty"}},
		{"deadline --cases " + file(t, "quote.csv", "id,profile,received,events\nA,EDPB,2026-01-31,\n\"B,EDPB\n"), 1, []string{"A,2026-03-02", "line 3"}},
		{"deadline --cases " + file(t, "columns.csv", "id,profile,events\n"), 1, []string{`line 1: the column "received" is missing`}},
		{"deadline --cases /nowhere.csv", 2, nil},
		{"worker", 2, []string{"PostgreSQL"}},
		{"serve --listen 127.0.0.1:0 --smtp dev:", 2, []string{"--demo"}},
		{"serve --listen 127.0.0.1:0 --public-url http://mininfo.example.no", 2, []string{"https"}},
		{"register check " + file(t, "tab.yaml", "\tx"), 1, []string{"tab.yaml:1: error: this is not YAML"}},
		{"register check --json " + file(t, "key.yaml", "controller: {}\nnonsense: 1\n"), 1, []string{`"line": 2`}},
		{"register check " + file(t, "gap.yaml", "activities:\n- id: a\n  name: {nb: A}\n"), 1, []string{"gap.yaml:2: blocks: a.purpose: Write what the data are used for", "errors: 0, "}},
		{"register check " + file(t, "against.yaml", "activities:\n- id: a\n  name: {nb: A}\n  erasure: {marketing: true}\n"), 1, []string{"against.yaml:4: contradicts (OBJ-02): a.erasure.marketing: Direct marketing rests on", "contradictions: 1, ", "contradicts itself"}},
		{"register check --locale nn " + file(t, "basis.yaml", "activities:\n- id: a\n  name: {nb: A}\n  bases: [{article: 6(1)(ä)}]\n"), 1, []string{"basis.yaml:4: error: activities[0].bases[0].article: dette er ikkje eit behandlingsgrunnlag"}},
		{"register check " + file(t, "demo.yaml", string(demo.Register())), 0, []string{"errors: 0, contradictions: 0, gaps that block decisions: 0, warnings: 0"}},
		{"register schema", 0, []string{`"$schema": "https://json-schema.org/draft/2020-12/schema"`, `"activities"`}},
		{"staff add --name A --email a@example.no --role boss", 2, []string{"role"}},
		{"config --trusted-proxies foo --json", 2, []string{"MININFO_TRUSTED_PROXIES"}},
		{"config --public-url https://a:secret@mininfo.example.no", 2, []string{"a:xxxxx@"}},
		{"doctor --database mysql://a:secret@h/x", 1, []string{"sqlite:///"}},
		{"doctor --database postgres://a:sec%zzret@h/x", 1, []string{"sqlite:///"}},
		{"doctor --database postgres://a:secret@127.0.0.1:1/x", 1, []string{"no connection"}},
		{"receipt verify --key x " + good, 1, nil},
	} {
		got := call(t, nil, strings.Fields(c.args)...)
		if got.code != c.code {
			t.Errorf("%q: exit code %d, want %d\n%s%s", c.args, got.code, c.code, got.out, got.err)
		}
		for _, word := range c.says {
			if !strings.Contains(got.out+got.err, word) {
				t.Errorf("%q does not say %q:\n%s%s", c.args, word, got.out, got.err)
			}
		}
		if strings.Contains(got.out+got.err, "secret") {
			t.Errorf("%q tells a secret:\n%s%s", c.args, got.out, got.err)
		}
		if c.code != 0 && !strings.Contains(got.err, "mininfo: ") {
			t.Errorf("%q says nothing on the error stream: %q", c.args, got.err)
		}
	}
}

// What is watched from outside is told on a listener of its own, without a person or a case in it,
// and not on the public one.
func TestMetrics(t *testing.T) {
	t.Parallel()
	address := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	p := newPortal(t, Setup{Env: []string{"MININFO_METRICS=" + address}})
	p.Start()
	kari := newPerson(t, p, demo.MostData.Email)
	kari.Prove(api.RightAccess)
	filed := kari.File(api.NewRequest{Right: api.RightAccess})
	if r := kari.Do("GET", "/requests/"+filed.Id, nil); r.Status != http.StatusOK {
		t.Fatal(r)
	}
	tell := func() string {
		r, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			t.Fatal(r.Status, err)
		}
		return string(body)
	}
	var told string
	until(t, "a job is counted", func() bool {
		told = tell()
		return strings.Contains(told, `mininfo_job_seconds_count{kind="send_challenge",outcome="done"}`)
	})
	for _, line := range []string{
		`mininfo_cases{what="open"} 1`, `mininfo_cases{what="overdue"} 0`, `mininfo_jobs{what="stopped"} 0`, "mininfo_database_up 1",
		`mininfo_http_answer_seconds_count{method="GET",route="/api/v1/requests/:id",status="200"} 1`, "mininfo_build_info", "go_goroutines",
	} {
		if !strings.Contains(told, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if id := regexp.MustCompile(`[0-9a-f]{32}|@|MI-\d{4}`).FindString(told); id != "" {
		t.Errorf("the metrics name somebody: %q", id)
	}
	public, err := http.Get(p.URL + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer public.Body.Close()
	if public.StatusCode != http.StatusNotFound {
		t.Errorf("the public listener answers at /metrics: %s", public.Status)
	}
}

// A folder that was mistyped is no portal in the best of orders: commands that look say so, and make
// nothing there.
func TestNoPortalIsMadeByLooking(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"doctor", "audit verify", "staff list", "staff disable a@example.no", "register export"} {
		data := filepath.Join(t.TempDir(), "mistyped")
		got := call(t, []string{"MININFO_DATA=" + data}, strings.Fields(args)...)
		if got.code != 1 || !strings.Contains(got.err, "there is no portal here") {
			t.Errorf("%s: exit code %d, %s%s", args, got.code, got.out, got.err)
		}
		if _, err := os.Lstat(data); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s made the folder: %v", args, err)
		}
	}
}

// A demo is for play: its folder is made. That of a real portal is not, for the address may be a slip.
func TestDemoMakesItsFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "play")
	nowhere := filepath.Join(data, "none.yaml")
	for _, demo := range []bool{false, true} {
		ask := []string{"serve", "--listen", "127.0.0.1:0", "--register", nowhere}
		if demo {
			ask = append(ask, "--demo")
		}
		got := call(t, []string{"MININFO_DATA=" + data}, ask...)
		if got.code == 0 || strings.Contains(got.err, "correct the address") == demo {
			t.Errorf("demo %v: %d, %s", demo, got.code, got.err)
		}
	}
}

// The demo lets everybody in: it is not played on a portal with members of its own.
func TestDemoSparesARealPortal(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	env := []string{"MININFO_DATA=" + data}
	password := file(t, "password", "en lang frase som holder")
	if got := call(t, env, "staff", "add", "--name", "Ola", "--email", "ola@example.no", "--password-file", password); got.code != 0 {
		t.Fatal(got.err)
	}
	got := call(t, env, "serve", "--demo", "--listen", "127.0.0.1:0")
	if got.code != 1 || !strings.Contains(got.err, "is no demo") {
		t.Errorf("exit code %d, %s%s", got.code, got.out, got.err)
	}
	if _, err := os.Lstat(filepath.Join(data, "fjordlys")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the demo company was made: %v", err)
	}
}
