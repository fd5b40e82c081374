package main_test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mininfo/api"
)

// misbehaviour is something that a mail server does wrong, once in a connection.
type misbehaviour string

const (
	hangsUpAtOnce      misbehaviour = "hangs up before it greets"
	closedForNow       misbehaviour = "greets with 421"
	closedForGood      misbehaviour = "greets with 554"
	speaksHTTP         misbehaviour = "greets as another sort of server"
	slowThenGone       misbehaviour = "says nothing and hangs up later"
	knowsNoEHLO        misbehaviour = "refuses EHLO"
	garblesReplies     misbehaviour = "answers MAIL with what is no reply"
	refusesSender      misbehaviour = "answers MAIL with 451"
	refusesRecipient   misbehaviour = "answers RCPT with 450"
	hangsUpInContent   misbehaviour = "hangs up in the middle of the content"
	hangsUpBeforeReply misbehaviour = "hangs up after the content, before its reply"
	refusesContent     misbehaviour = "answers the content with 452"
	saysYesTwice       misbehaviour = "answers the content with 250 twice"
)

var misbehaviours = []misbehaviour{hangsUpAtOnce, closedForNow, closedForGood, speaksHTTP, slowThenGone, knowsNoEHLO, garblesReplies,
	refusesSender, refusesRecipient, hangsUpInContent, hangsUpBeforeReply, refusesContent, saysYesTwice}

// peer is a mail server that misbehaves in every way in turn, each as often as it is told to, and then
// behaves. A mail has arrived when the peer has said 250 to its content.
type peer struct {
	t    testing.TB
	sink *Sink

	mu     sync.Mutex
	left   map[misbehaviour]int
	next   int
	did    map[misbehaviour]int
	unsure map[string]bool // whose mail was cut off before the reply: nobody can know, so once only
}

func newPeer(t testing.TB, sink *Sink, each int) *peer {
	t.Helper()
	p := &peer{t: t, sink: sink, left: map[misbehaviour]int{}, did: map[misbehaviour]int{}, unsure: map[string]bool{}}
	for _, m := range misbehaviours {
		p.left[m] = each
	}
	var l net.Listener
	until(t, "the mail server's port is free", func() bool {
		var err error
		l, err = net.Listen("tcp", sink.address)
		return err == nil
	})
	var open sync.WaitGroup
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			open.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); open.Wait() })
	return p
}

// choose gives what goes wrong in a connection; nothing when all has been done.
func (p *peer) choose() misbehaviour {
	p.mu.Lock()
	defer p.mu.Unlock()
	for range misbehaviours {
		m := misbehaviours[p.next%len(misbehaviours)]
		p.next++
		if p.left[m] > 0 {
			p.left[m]--
			return m
		}
	}
	return ""
}

func (p *peer) done(m misbehaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.did[m]++
}

// serve speaks SMTP, RFC 5321, as far as one mail needs it.
func (p *peer) serve(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	wrong := p.choose()
	in := bufio.NewReader(c)
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(c, format+"\r\n", args...) }
	switch wrong {
	case hangsUpAtOnce:
		p.done(wrong)
		return
	case closedForNow:
		p.done(wrong)
		say("421 mail.example closing")
		return
	case closedForGood:
		p.done(wrong)
		say("554 mail.example no service")
		return
	case speaksHTTP:
		p.done(wrong)
		say("HTTP/1.1 400 Bad Request\r\n")
		return
	case slowThenGone:
		p.done(wrong)
		wait := time.NewTimer(time.Second)
		<-wait.C
		return
	}
	say("220 mail.example ESMTP")
	from, to := "", ""
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO") && wrong == knowsNoEHLO:
			p.done(wrong)
			say("502 not here")
		case strings.HasPrefix(verb, "EHLO"), strings.HasPrefix(verb, "HELO"):
			say("250 mail.example")
		case strings.HasPrefix(verb, "MAIL FROM:"):
			switch wrong {
			case garblesReplies:
				p.done(wrong)
				say("\x00OK, I think")
				return
			case refusesSender:
				p.done(wrong)
				say("451 later")
				continue
			}
			from, to = bracketed(line), ""
			say("250 ok")
		case strings.HasPrefix(verb, "RCPT TO:"):
			if wrong == refusesRecipient {
				p.done(wrong)
				say("450 greylisted")
				continue
			}
			if to != "" {
				p.t.Errorf("a mail has two recipients")
			}
			to = bracketed(line)
			say("250 ok")
		case strings.HasPrefix(verb, "DATA"):
			say("354 go on")
			if !p.content(c, in, say, from, to, wrong) {
				return
			}
		case strings.HasPrefix(verb, "QUIT"):
			say("221 bye")
			return
		default:
			say("250 ok") // RSET, NOOP
		}
	}
}

// content takes a mail's content; false means that the connection ends.
func (p *peer) content(c net.Conn, in *bufio.Reader, say func(string, ...any), from, to string, wrong misbehaviour) bool {
	var raw strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return false
		}
		if wrong == hangsUpInContent && raw.Len() > 500 {
			p.done(wrong)
			return false
		}
		if line == ".\r\n" {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, "."))
	}
	p.mu.Lock()
	if wrong == hangsUpBeforeReply && p.unsure[to] {
		p.left[wrong]++ // another mail's turn
		wrong = ""
	}
	if wrong == hangsUpBeforeReply {
		p.unsure[to] = true
	}
	p.mu.Unlock()
	switch wrong {
	case hangsUpBeforeReply:
		p.done(wrong)
		return false
	case refusesContent:
		p.done(wrong)
		say("452 no room")
		return true
	}
	d := &delivery{sink: p.sink, from: from, to: to}
	if err := d.Data(strings.NewReader(raw.String())); err != nil {
		p.t.Errorf("a mail that cannot be read: %v", err)
	}
	if wrong == saysYesTwice {
		p.done(wrong)
		_, _ = io.WriteString(c, "250 taken\r\n250 taken\r\n")
		return true
	}
	say("250 taken")
	return true
}

func bracketed(line string) string {
	_, rest, _ := strings.Cut(line, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// A mail server that does all wrong that it can: each mail comes once, to whom it is for, and to nobody
// else. (One that hangs up before its reply has not taken the mail; if it delivers it all the same, the
// second has the same Message-ID.)
func TestMailServerMisbehaves(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s Setup) {
		p := newPortal(t, s)
		p.Mail.Down()
		each := setting(t, "MININFO_TEST_MISBEHAVIOURS", 5)
		rude := newPeer(t, p.Mail, each)
		p.Start()
		mails := len(misbehaviours) * each
		for i := range mails {
			person := newPerson(t, p, fmt.Sprintf("nr%d@kunde.example", i))
			person.Ask(api.RightAccess)
		}
		untilWithin(t, "all mails have come", 5*time.Minute+time.Duration(mails)*time.Second/2, func() bool {
			hurry(t, p)
			return len(query(t, p, "SELECT id FROM job WHERE state = 'ready' AND key NOT LIKE '%@%'")) == 0
		})
		got, wrong := map[string]int{}, 0
		for _, l := range p.Mail.All() {
			got[l.To]++
			if l.Code() == "" || l.From == "" {
				t.Errorf("a mail that is none of ours: %q", l.Subject)
			}
		}
		for i := range mails {
			address := fmt.Sprintf("nr%d@kunde.example", i)
			if got[address] != 1 {
				wrong++
				t.Errorf("%s got %d mails", address, got[address])
			}
			delete(got, address)
		}
		for address := range got {
			wrong++
			t.Errorf("a mail went to %s, who asked for none", address)
		}
		for _, row := range query(t, p, "SELECT kind || ' ' || last_code FROM job WHERE state = 'needs_human'") {
			wrong++
			t.Errorf("given up: %s", row[0])
		}
		for _, m := range misbehaviours {
			if rude.did[m] < each {
				t.Errorf("the mail server %s only %d times", m, rude.did[m])
			}
		}
		did := slices.Collect(maps.Values(rude.did))
		t.Logf("the mail server misbehaved %d times in %d ways", sum(did), len(did))
		figure(t, "mails through a server that misbehaves, lost, doubled or to somebody else, "+s.database(), mails, wrong)
	})
}

func sum(list []int) (n int) {
	for _, i := range list {
		n += i
	}
	return n
}

// hurry makes every job due that waits for another try.
func hurry(t testing.TB, p *Portal) {
	t.Helper()
	db := p.SQL(t)
	defer db.Close()
	if _, err := db.Exec("UPDATE job SET run_at = 1 WHERE state = 'ready' AND attempts > 0 AND lease_until IS NULL"); err != nil {
		t.Fatal(err)
	}
}
