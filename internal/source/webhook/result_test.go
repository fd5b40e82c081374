package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mininfo/internal/engine"
	"mininfo/internal/source"
	"mininfo/internal/source/kinds"
	"mininfo/internal/source/webhook"
)

// documented reads the exchange of docs/connect.md: the question, the request that answers it, and the
// commands that sign it.
func documented(t *testing.T) (question string, r *http.Request, body []byte, commands string) {
	t.Helper()
	text, err := os.ReadFile("../../../docs/connect.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind, holds string) string {
		for _, m := range regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllSubmatch(text, -1) {
			if bytes.Contains(m[1], []byte(holds)) {
				return string(m[1])
			}
		}
		t.Fatalf("the document has no %s with %s", kind, holds)
		return ""
	}
	exchange := strings.TrimSuffix(block("http", "webhook-signature"), "\n")
	head, content, _ := strings.Cut(exchange, "\n\n")
	wire := strings.ReplaceAll(head, "\n", "\r\n") + "\r\nContent-Length: " + strconv.Itoa(len(content)) + "\r\n\r\n" + content
	if r, err = http.ReadRequest(bufio.NewReader(strings.NewReader(wire))); err != nil {
		t.Fatal(err)
	}
	if body, err = io.ReadAll(r.Body); err != nil {
		t.Fatal(err)
	}
	return block("json", `"callback": "`), r, body, block("sh", "openssl")
}

// kept is what a job knows of its questions, with one answer that came.
type kept struct {
	result []byte
	asked  []string
	at     time.Time
}

func (k *kept) Moment(context.Context) (time.Time, error) { return k.at, nil }

func (k *kept) Open(_ context.Context, question []byte, _ time.Time) (source.Enquiry, error) {
	k.asked = append(k.asked, string(question))
	return source.Enquiry{ID: "3f0c6e1d8a5b4c7e9d2f1a0b6c8e4d5f", Accepted: true, Result: k.result}, nil
}

func (k *kept) Accepted(context.Context, string) (source.Enquiry, error) {
	return source.Enquiry{}, nil
}
func (k *kept) Forget(context.Context) error { return nil }

// What the document shows is what the portal takes: the signature is right for the secret, time and id
// that stand there, and the answer is the row.
func TestDocumentedResult(t *testing.T) {
	t.Parallel()
	question, r, body, _ := documented(t)
	id := strings.Split(r.URL.Path, "/")[4]
	at, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	if err != nil || !strings.Contains(question, "https://"+r.Host+r.URL.Path) {
		t.Fatal(err, r.URL)
	}
	dsn := source.NewSecret("https://crm.example.no/portal#" + secret)
	if !webhook.Signed(dsn, id, r.Header, body, time.Unix(at, 0).Add(4*time.Minute)) {
		t.Error("the documented signature is not taken")
	}
	if webhook.Signed(dsn, id, r.Header, append(body, ' '), time.Unix(at, 0)) || webhook.Signed(dsn, id, r.Header, body, time.Unix(at, 0).Add(6*time.Minute)) {
		t.Error("anything is taken")
	}
	s, url := example(t, nil)
	s.Later = true
	k := &kept{result: body, at: time.Unix(at, 0)}
	opened, err := kinds.Open(t.Context(), source.Config{Name: "crm", DSN: source.NewSecret(url + "#" + secret), Now: time.Now, Enquiries: k})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	schema, err := opened.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := opened.(source.Finder).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	q := source.Query{Table: &schema.Tables[0], Fields: []source.Field{{Column: "email"}, {Column: "name"}}}
	if err := snap.Find(t.Context(), q, func(row []source.Value) error {
		found += row[0].Text() + "/" + row[1].Text()
		return nil
	}); err != nil || found != "Kari@example.org/Kari Nordmann" {
		t.Errorf("%q, %v", found, err)
	}
}

// The commands of the document make the signature that stands beside them.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	_, r, body, commands := documented(t)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"result.json": body, "curl": []byte("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	shell := exec.CommandContext(t.Context(), "sh", "-e", "-c", commands)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "SECRET="+secret, "ID="+r.Header.Get("webhook-id"),
		"TIMESTAMP="+r.Header.Get("webhook-timestamp"), "CALLBACK=https://"+r.Host+r.URL.Path)
	out, err := shell.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "webhook-signature: "+r.Header.Get("webhook-signature")+"\n") {
		t.Errorf("%v: %s", err, out)
	}
}

// A system that answers later is asked the same again, whatever order the question was put together in.
func TestSameQuestionAgain(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	s.Later = true
	k := &kept{result: []byte(`{"type":"result","status":200,"answer":{"rows":[]}}`), at: time.Now()}
	opened, err := kinds.Open(t.Context(), source.Config{Name: "crm", DSN: source.NewSecret(url + "#" + secret), Now: time.Now, Enquiries: k})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	c := connect(t, opened)
	for _, order := range [][]string{{"a@example.org", "b@example.org"}, {"b@example.org", "a@example.org"}} {
		var seeds []engine.Seed
		for _, address := range order {
			seeds = append(seeds, engine.Seed{Kind: engine.Email, Value: address})
		}
		if report, err := engine.Walk(t.Context(), c, seeds, engine.Options{TempDir: t.TempDir()}, func(*engine.Finding) error { return nil }); err != nil || report.Incomplete {
			t.Fatal(report, err)
		}
	}
	if len(k.asked) != 2 || k.asked[0] != k.asked[1] {
		t.Errorf("asked %v", k.asked)
	}
}

// A result that is none, or says that it could not be done, fails as the same answer at once would.
func TestBadResults(t *testing.T) {
	t.Parallel()
	s, url := example(t, nil)
	s.Later = true
	for body, code := range map[string]source.Code{
		`{"type":"result","status":200}`:                         source.FailedSystem,
		`{"type":"result","status":200,"answer":{}}`:             source.FailedSystem,
		`{"type":"result","status":202,"answer":{"rows":[]}}`:    source.FailedSystem,
		`{"type":"result","status":503}`:                         source.FailedSystem,
		`{"type":"result","status":409}`:                         source.Locked,
		`{"type":"result","status":403}`:                         source.Denied,
		`{"type":"find","status":200,"answer":{"rows":[]}}`:      source.FailedSystem,
		`{"type":"result","status":200,"answer":{"rows":[[1]]}}`: source.FailedSystem,
	} {
		opened, err := kinds.Open(t.Context(), source.Config{Name: "crm", DSN: source.NewSecret(url + "#" + secret), Now: time.Now, Enquiries: &kept{result: []byte(body), at: time.Now()}})
		if err != nil {
			t.Fatal(err)
		}
		if found, report := walk(t, connect(t, opened)); len(found) > 0 || !report.Incomplete || report.Collections[0].Code != code {
			t.Errorf("%s: %+v", body, report)
		}
		_ = opened.Close()
	}
}
