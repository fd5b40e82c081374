package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"mininfo/api"
)

// Every call that docs/api.md shows works as it stands there, one after the other, and so does its program.
func TestDocumentedCallsWork(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	p, _, admin := office(t, Setup{})
	var made api.ClientCreated
	admin.must(http.MethodPost, "/staff/clients", map[string]any{"name": "Kundesenteret", "scopes": []string{"intake", "restriction:read"}}, &made)
	first := made.ClientSecret
	admin.must(http.MethodPost, "/staff/clients/"+made.ClientId+"/rotate", nil, &made)
	if made.ClientSecret == first || made.EarlierUntil == nil {
		t.Fatal("the secret is not a new one")
	}
	p.Traffic.secret(first, made.ClientSecret)
	known := map[string]string{"CLIENT_ID": made.ClientId, "CLIENT_SECRET": first}
	calls := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllSubmatch(text, -1) {
		for _, command := range strings.Split(strings.TrimSpace(string(block[1])), "\n\n") {
			calls++
			a := curl(t, p, command, known)
			if a.Err != nil || a.Status > 299 {
				t.Fatalf("%s\n%v", command, a)
			}
			var said struct {
				Token string `json:"access_token"`
				ID    string
			}
			_ = json.Unmarshal(a.Body, &said)
			for name, value := range map[string]string{"TOKEN": said.Token, "ID": said.ID} {
				if value != "" {
					known[name] = value
				}
			}
		}
	}
	if calls < 4 {
		t.Errorf("only %d calls are shown", calls)
	}
	p.Traffic.secret(known["TOKEN"])

	program := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(text)
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, program[1], 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", file)
	run.Env = append(os.Environ(), "PORTAL="+p.URL, "CLIENT_ID="+made.ClientId, "CLIENT_SECRET="+made.ClientSecret)
	out, err := run.CombinedOutput()
	if err != nil || !regexp.MustCompile(`^MI-\S+ is to be answered by \S+\n\[(true|false) true\]\n$`).Match(out) {
		t.Errorf("%v: %s", err, out)
	}

	admin.must(http.MethodDelete, "/staff/clients/"+made.ClientId, nil, nil)
	a := curl(t, p, `curl -s https://mininfo.example.no/api/v1/intake/requests/$ID -H "Authorization: Bearer $TOKEN"`, known)
	refused(t, a, http.StatusUnauthorized, "invalid_token")
}

// curl does what a command of curl's would, whose words the shell reads.
func curl(t *testing.T, p *Portal, command string, known map[string]string) Reply {
	t.Helper()
	shell := exec.Command("bash", "-c", `curl() { printf '%s\0' "$@"; }; `+command)
	for name, value := range known {
		shell.Env = append(shell.Env, name+"="+value)
	}
	out, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Split(string(bytes.TrimSuffix(out, []byte{0})), "\x00")
	method, url, body, header := http.MethodGet, "", "", http.Header{}
	for i := 0; i < len(words); i++ {
		switch words[i] {
		case "-s":
		case "-u":
			i++
			header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(words[i])))
		case "-H":
			i++
			name, value, _ := strings.Cut(words[i], ": ")
			header.Set(name, value)
		case "-d":
			i++
			method, body = http.MethodPost, words[i]
			if header.Get("Content-Type") == "" {
				header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		default:
			url = strings.Replace(words[i], "https://mininfo.example.no", p.URL, 1)
		}
	}
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	return newCaller(t, p).send(r)
}
