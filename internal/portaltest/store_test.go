package portaltest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/mail"
	"mininfo/internal/portaltest"
	"mininfo/internal/store"
	"mininfo/migrations"
)

func TestBundlesAreFreshAndShareNothing(t *testing.T) {
	t.Parallel()
	for range 2 {
		portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
			if n := b.Count(t, "SELECT count(*) FROM controller"); n != 0 {
				t.Fatalf("a fresh database has %d controllers", n)
			}
			err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				if !tx.Now.Equal(portaltest.Start) {
					t.Errorf("the transaction's time is %v", tx.Now)
				}
				_, err := tx.Controller()
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if dump := b.Dump(t, "controller"); !strings.Contains(dump, "Europe/Oslo") {
				t.Errorf("the dump lacks the row: %q", dump)
			}
		})
	}
}

// TestADatabaseIsEmptyAgain: what one test wrote, log and events too, is gone for the next.
func TestADatabaseIsEmptyAgain(t *testing.T) {
	t.Parallel()
	for i := range 4 {
		t.Run("use", func(t *testing.T) {
			b := portaltest.New(t, migrations.Postgres)
			err := b.Store.InTx(t.Context(), func(tx *store.Tx) error {
				c, err := tx.Controller()
				if c.ID != 1 {
					t.Errorf("use %d: the first id is %d", i, c.ID)
				}
				_, err2 := tx.Log(store.Act{Actor: "system", Role: "system", Action: "test"})
				return errors.Join(err, err2)
			})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := b.Store.Sequence(t.Context()); n != 1 || err != nil {
				t.Errorf("use %d: %d leaves got a place, %v", i, n, err)
			}
			if n := b.Count(t, "SELECT count(*) FROM audit_leaf"); n != 1 {
				t.Errorf("use %d: %d leaves", i, n)
			}
		})
	}
}

func TestRunJobsRetriesWhenTheClockMoves(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		enqueue := func(tx *store.Tx) error {
			return errors.Join(tx.Enqueue(job.Spec{Kind: "a", Key: "a/1", Object: "1"}), tx.Enqueue(job.Spec{Kind: "later", Key: "l", Object: "2"}))
		}
		if err := b.Store.InTx(t.Context(), enqueue); err != nil {
			t.Fatal(err)
		}
		var seen []int
		work := map[string]job.Work{"a": {MaxAttempts: 5, Handle: func(_ context.Context, j job.Job) error {
			seen = append(seen, j.Attempt)
			if j.Attempt == 1 {
				return errors.New("not yet")
			}
			return nil
		}}}
		if n := b.RunJobs(t, work); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
		b.Clock.Advance(15 * time.Minute)
		if n := b.RunJobs(t, work); n != 1 || len(seen) != 2 || seen[1] != 2 {
			t.Errorf("%d runs, attempts %v", n, seen)
		}
		if n := b.Count(t, "SELECT count(*) FROM job WHERE state = $1", "ready"); n != 1 {
			t.Errorf("%d jobs are ready, want the one of another kind", n)
		}
	})
}

func TestLetterbox(t *testing.T) {
	t.Parallel()
	var box portaltest.Letterbox
	m := mail.Message{To: keyring.NewPrivate("a@example.com"), From: mail.Mailbox{Address: "b@example.com"}, Subject: "x",
		Text: "code\n\nABCD-2345\n\nhttps://portal.example/verify#0123456789abcdef0123456789abcdef." + strings.Repeat("x", 43), MessageID: "job-1@portal.example"}
	box.Fail(portaltest.MailDown)
	if err := box.Send(t.Context(), m); !mail.Temporary(err) {
		t.Errorf("a server that is down is no temporary failure: %v", err)
	}
	box.Fail(portaltest.MailRefused)
	if err := box.Send(t.Context(), m); mail.Temporary(err) {
		t.Errorf("a refusal is temporary: %v", err)
	}
	box.Fail(nil)
	if err := box.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := box.Last(t, "a@example.com")
	if code := portaltest.Code(t, got); code != "ABCD-2345" {
		t.Errorf("code %q", code)
	}
	if id, token := portaltest.Link(t, got); len(id) != 32 || len(token) != 43 {
		t.Errorf("link %q %q", id, token)
	}
	if len(box.All()) != 1 || box.Attempts() != 3 {
		t.Errorf("%d kept of %d", len(box.All()), box.Attempts())
	}
}
