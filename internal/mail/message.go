// Package mail writes the portal's mails in three languages and sends them. No mail holds personal data
// beyond the address it goes to: it carries a reference and a link, and the rest is on the portal's pages.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"mininfo/internal/keyring"
	"mininfo/internal/locale"
)

// Mailbox is an address of the office itself; it is no personal data.
type Mailbox struct {
	Name    string // shown to people; may be empty
	Address string
}

// Message is one mail to one recipient.
type Message struct {
	To        keyring.Private
	From      Mailbox
	ReplyTo   Mailbox // a monitored mailbox; the zero value leaves the header out
	Subject   string
	Text      string
	HTML      string // may be empty
	Logo      []byte // a PNG that the HTML shows; may be empty
	MessageID string // without angle brackets; the same over all attempts, so that a repeat is recognisable
	Locale    locale.Locale
}

// Sender sends a mail, or says by its error whether it is of use to try again (Temporary).
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// ErrMessage means that a message is not fit to be sent. Its text never holds the address.
var ErrMessage = errors.New("mail is not fit to be sent")

var (
	// localPart and domain are narrower than RFC 5321: no quoting, no comments, no Unicode, no lists.
	localPart = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+)*$`)
	domain    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	messageID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,100}@[A-Za-z0-9.-]{1,250}$`)
)

// Check tells whether the message can be sent as it stands: exactly one recipient, no line break or other
// control character in any header. Every Sender calls it first.
func (m Message) Check() error {
	switch {
	case !oneAddress(m.To.Reveal()):
		return fmt.Errorf("%w: the recipient is not one plain address", ErrMessage)
	case !oneAddress(m.From.Address):
		return fmt.Errorf("%w: the sender is not one plain address", ErrMessage)
	case m.ReplyTo != (Mailbox{}) && !oneAddress(m.ReplyTo.Address):
		return fmt.Errorf("%w: the reply address is not one plain address", ErrMessage)
	case !oneLine(m.From.Name) || !oneLine(m.ReplyTo.Name):
		return fmt.Errorf("%w: a name has a control character", ErrMessage)
	case m.Subject == "" || !oneLine(m.Subject):
		return fmt.Errorf("%w: the subject is empty or has a control character", ErrMessage)
	case !messageID.MatchString(m.MessageID):
		return fmt.Errorf("%w: the message id is not of the form word@host", ErrMessage)
	case m.Text == "":
		return fmt.Errorf("%w: it has no text", ErrMessage)
	}
	return nil
}

func oneAddress(s string) bool {
	local, host, ok := strings.Cut(s, "@")
	return ok && len(s) <= 254 && len(local) <= 64 && !strings.Contains(local, "=?") &&
		localPart.MatchString(local) && domain.MatchString(host)
}

func oneLine(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' {
			return false
		}
	}
	return true
}

// MessageID gives the id of a mail that a job sends. It depends on nothing but the job, so that every
// attempt has the same.
func MessageID(job int64, publicURL string) string {
	host := "localhost"
	if u, err := url.Parse(publicURL); err == nil && domain.MatchString(u.Hostname()) {
		host = u.Hostname()
	}
	return fmt.Sprintf("job-%d@%s", job, host)
}
