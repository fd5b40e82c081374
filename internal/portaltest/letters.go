package portaltest

import (
	"context"
	"regexp"
	"sync"
	"testing"

	"mininfo/internal/mail"
)

// Letterbox is a mail.Sender that keeps what it is given. It refuses what a real one would, and can
// be made to fail. It is safe for concurrent use.
type Letterbox struct {
	mu       sync.Mutex
	letters  []mail.Message
	attempts int
	err      error
}

var _ mail.Sender = (*Letterbox)(nil)

// Errors for Letterbox.Fail: the mail server is down, and the mail server knows no such mailbox.
var (
	MailDown    error = &mail.SendError{Code: mail.CodeConnect, Temporary: true}
	MailRefused error = &mail.SendError{Code: mail.CodeRecipient, Status: 550}
)

// Send keeps a mail, or fails as the test has asked for.
func (b *Letterbox) Send(_ context.Context, m mail.Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.attempts++
	if b.err != nil {
		return b.err
	}
	b.letters = append(b.letters, m)
	return nil
}

// Fail makes all following mails fail with err; nil heals.
func (b *Letterbox) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// Attempts counts the calls of Send with a fit message, failed ones too.
func (b *Letterbox) Attempts() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attempts
}

// All gives what was sent, oldest first.
func (b *Letterbox) All() []mail.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]mail.Message(nil), b.letters...)
}

// To gives what was sent to an address, oldest first.
func (b *Letterbox) To(address string) []mail.Message {
	var list []mail.Message
	for _, m := range b.All() {
		if m.To.Reveal() == address {
			list = append(list, m)
		}
	}
	return list
}

// Last gives the newest mail to an address; the test fails when there is none.
func (b *Letterbox) Last(t testing.TB, address string) mail.Message {
	t.Helper()
	list := b.To(address)
	if len(list) == 0 {
		t.Fatal("no mail was sent to the address")
	}
	return list[len(list)-1]
}

var (
	codeInMail = regexp.MustCompile(`(?m)^\s*([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})\s*$`)
	linkInMail = regexp.MustCompile(`https?://\S+/verify#([0-9a-f]{32})\.([A-Za-z0-9_-]{43})`)
)

// Code reads the code of a mail; the test fails when there is none.
func Code(t testing.TB, m mail.Message) string {
	t.Helper()
	found := codeInMail.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatal("the mail holds no code")
	}
	return found[1]
}

// Link reads the verification link of a mail: the challenge's id and the token. The test fails when
// there is none.
func Link(t testing.TB, m mail.Message) (id, token string) {
	t.Helper()
	found := linkInMail.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatal("the mail holds no link")
	}
	return found[1], found[2]
}
