package casework_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/store"
)

// asked gives a case of an unknown person, or of one who proved their mailbox, who was asked who they are.
func (d *desk) asked(t *testing.T, known bool) string {
	t.Helper()
	n := registration()
	n.Locale = locale.NB
	cases, err := d.Register(t.Context(), d.officer, n)
	if err != nil {
		t.Fatal(err)
	}
	id := cases[0].PublicID
	if known {
		id = d.file(t, dsr.Access).PublicID
		d.act(t, id, collected...)
	}
	if err := d.Question(t.Context(), d.officer, id, "identity", "Hva bestilte du sist?", "To kunder har navnet", false); err != nil {
		t.Fatal(err)
	}
	return id
}

// said gives the person's messages.
func (d *desk) said(t *testing.T, id string) (own []store.Message) {
	t.Helper()
	v, err := d.Case(t.Context(), d.officer, id, locale.NB, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range v.Messages {
		if m.Author == store.FromPerson {
			own = append(own, m)
		}
	}
	return own
}

// erasures counts the events that a reply about identity was erased.
func (d *desk) erasures(t *testing.T, id string) (n int) {
	t.Helper()
	for _, e := range d.read(t, id).Events {
		if e.Kind == dsr.EventNoted && e.Data.Code == store.NoteReplyErased {
			n += e.Data.Count
		}
	}
	return n
}

// What a person says of who they are is for that decision alone. It opens until it is made; whatever is
// decided, nobody opens it afterwards, not even with the disk and the key file, and the case tells that it came.
func TestID09RepliesAboutIdentityGoWhenItIsDecided(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		fresh := casework.By{ID: d.officer.ID, Roles: d.officer.Roles, Fresh: true}
		approve := func(id string) error {
			d.act(t, id, dsr.Event{Kind: dsr.EventPlanned, Actor: system, Data: dsr.EventData{Digest: "plan", Member: d.officer.ID}},
				dsr.Event{Kind: dsr.EventApproved, Actor: dsr.Actor{Kind: dsr.Member, Member: d.second.ID}, Data: dsr.EventData{Digest: "plan", Approvers: 2}})
			return nil
		}
		for name, c := range map[string]struct {
			known  bool
			decide func(id string) error
		}{
			"confirmed": {false, func(id string) error {
				return d.ConfirmIdentity(t.Context(), d.officer, id, "known_facts", "svarte riktig")
			}},
			"refused": {false, func(id string) error {
				return d.Refuse(t.Context(), d.officer, id, "identity_not_confirmed", "Svaret stemte ikke")
			}},
			"withdrawn": {false, func(id string) error { return d.RecordWithdrawal(t.Context(), d.officer, id, "ringte") }},
			"approved":  {true, approve},
		} {
			first, more, kept := "grå sofa, "+name, "og to puter, "+name, "lampen, "+name
			id := d.asked(t, c.known)
			if c.known {
				if _, err := d.Write(t.Context(), d.index(kari), id, first, nil, "k"); err != nil {
					t.Fatal(err)
				}
			} else {
				for _, words := range []string{first, more} { // who is not known yet adds to it
					if err := d.Reply(t.Context(), d.officer, id, words, d.b.Clock.Now(), true); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := d.Message(t.Context(), d.officer, id, kept, false, ""); err != nil {
				t.Fatal(err)
			}
			own := d.said(t, id)
			if own[0].Body.Reveal() != first || own[0].Erased {
				t.Errorf("%s: before it is decided, the office reads %+v", name, own[0])
			}
			if !d.b.Steal(t, "").Holds("message.sealed_body", first) {
				t.Errorf("%s: the reply is not seen while it is kept: the look is blind", name)
			}
			if err := c.decide(id); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			loot := d.b.Steal(t, "")
			for _, words := range []string{first, more} {
				if where := loot.Where(words); len(where) > 0 {
					t.Errorf("%s: %q opens in %v", name, words, where)
				}
			}
			if !loot.Holds("message.sealed_body", kept) {
				t.Errorf("%s: what the office wrote is gone too", name)
			}
			for _, m := range d.said(t, id) {
				if !m.Erased || m.Body.Reveal() != "" {
					t.Errorf("%s: the office still reads %+v", name, m)
				}
			}
			if n := d.erasures(t, id); n != len(own) {
				t.Errorf("%s: the history tells of %d erased replies, %d came", name, n, len(own))
			}
			if n := d.b.Count(t, "SELECT count(*) FROM idempotency WHERE object = $1 AND length(body_hash) > 0", own[0].PublicID); n != 0 {
				t.Errorf("%s: the bare hash of the reply is there", name)
			}
			d.in(t, func(tx *store.Tx) error {
				wrong, err := tx.CheckProjection(id)
				if len(wrong) > 0 {
					t.Errorf("%s: %v are not what the history says", name, wrong)
				}
				return err
			})
			pack, err := d.Evidence(t.Context(), fresh, id, true, "Tilsynet ber om hele saken", locale.NB)
			if err != nil {
				t.Fatal(err)
			}
			_, files := evidenceFiles(t, pack.Body)
			for file, content := range files {
				if bytes.Contains(content, []byte(first)) {
					t.Errorf("%s: %s has the reply", name, file)
				}
			}
			if page := string(files["bevis.html"]); !strings.Contains(page, "Slettet: et svar om hvem personen er") || !strings.Contains(page, "Personen svarte") {
				t.Errorf("%s: the evidence does not tell that a reply came and was erased", name)
			}
		}
		v, err := d.Own(t.Context(), d.index(kari), d.known(t), locale.NB)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(v.Timeline, func(l casework.Line) bool { return l.Text == "Vi slettet det du svarte om hvem du er" }) {
			t.Errorf("the person is not told: %+v", v.Timeline)
		}
	})
}

// known gives the case that came in on the web.
func (d *desk) known(t *testing.T) string {
	t.Helper()
	list, err := d.Mine(t.Context(), d.index(kari), locale.NB)
	i := slices.IndexFunc(list, func(v casework.View) bool { return v.Request.Channel == dsr.Web })
	if err != nil || i < 0 {
		t.Fatalf("%d cases, %v", len(list), err)
	}
	return list[i].Request.PublicID
}

// A reply that comes when nothing is left to decide by it is kept for a day at most, so that somebody can
// read what it says beside; one that somebody still decides by stays. A case that was closed for want of a
// reply has the reply to decide by when it comes.
func TestID09ALateReplyGoesWithinADay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		reply := func(id, words string) {
			t.Helper()
			if err := d.Reply(t.Context(), d.officer, id, words, d.b.Clock.Now(), true); err != nil {
				t.Fatal(err)
			}
		}
		forget := func() {
			t.Helper()
			work := map[string]job.Work{casework.JobForgetReplies: d.Work()[casework.JobForgetReplies]}
			if err := d.b.Store.Queue().Enqueue(t.Context(), job.Spec{Kind: casework.JobForgetReplies}); err != nil {
				t.Fatal(err)
			}
			d.b.RunJobs(t, work)
		}
		if !slices.ContainsFunc(d.Periodic(), func(p job.Periodic) bool { return p.Kind == casework.JobForgetReplies && p.Every <= time.Hour }) {
			t.Error("nobody looks every hour")
		}
		silent := d.asked(t, false)
		d.b.Clock.Advance(61 * 24 * time.Hour)
		if err := d.ChaseSilence(t.Context()); err != nil {
			t.Fatal(err)
		}
		late, waits := d.asked(t, false), d.asked(t, false)
		if err := d.ConfirmIdentity(t.Context(), d.officer, late, "known_facts", "viste seg"); err != nil {
			t.Fatal(err)
		}
		reply(late, "sofaen kom sent")
		reply(waits, "sofaen venter")
		reply(silent, "sofaen etter to måneder")
		if got := d.read(t, silent); got.P.State != dsr.Received || !got.P.Doubted {
			t.Fatalf("a late reply left the case %s, doubted %v", got.P.State, got.P.Doubted)
		}
		for _, c := range []struct {
			after time.Duration
			want  bool
		}{{23 * time.Hour, true}, {2 * time.Hour, false}} {
			d.b.Clock.Advance(c.after)
			forget()
			loot := d.b.Steal(t, "")
			if loot.Holds("message.sealed_body", "sofaen kom sent") != c.want {
				t.Errorf("%s later the late reply opens: %v", c.after, !c.want)
			}
			if !loot.Holds("message.sealed_body", "sofaen venter") || !loot.Holds("message.sealed_body", "sofaen etter to måneder") {
				t.Errorf("%s later a reply that is decided by is gone", c.after)
			}
		}
		if own := d.said(t, late); len(own) != 1 || !own[0].Erased || d.erasures(t, late) != 1 {
			t.Errorf("%+v", own)
		}
		if n := d.b.Count(t, "SELECT count(*) FROM purge_run WHERE what = 'identity' AND gone = 1"); n != 1 {
			t.Error("the office does not see that a reply was erased")
		}
		if err := d.ConfirmIdentity(t.Context(), d.officer, silent, "known_facts", "svarte riktig"); err != nil {
			t.Fatal(err)
		}
		if where := d.b.Steal(t, "").Where("sofaen etter to måneder"); len(where) > 0 {
			t.Errorf("the reply that opened the case again opens in %v", where)
		}
	})
}

// What else a person writes is the case's own: it stays when the identity is decided.
func TestID09OnlyRepliesAboutIdentityGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		id := d.file(t, dsr.Access).PublicID
		write := func(words string) {
			t.Helper()
			if _, err := d.Write(t.Context(), d.index(kari), id, words, nil, ""); err != nil {
				t.Fatal(err)
			}
		}
		write("Jeg vil ha brevene fra 2024")
		if err := d.Question(t.Context(), d.officer, id, "clarification", "Hvilke?", "Det er mye", true); err != nil {
			t.Fatal(err)
		}
		write("Alle om lampen")
		if err := d.Question(t.Context(), d.officer, id, "identity", "Hva bestilte du?", "To kunder har navnet", false); err != nil {
			t.Fatal(err)
		}
		if err := d.Reply(t.Context(), d.officer, id, "Ringte: lurer på tiden", d.b.Clock.Now(), false); err != nil {
			t.Fatal(err)
		}
		write("En sofa")
		write("Takk for hjelpen")
		if err := d.Refuse(t.Context(), d.officer, id, "not_identifiable", "x"); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, m := range d.said(t, id) {
			left = append(left, m.Body.Reveal())
		}
		if want := []string{"Jeg vil ha brevene fra 2024", "Alle om lampen", "Ringte: lurer på tiden", "", "Takk for hjelpen"}; !slices.Equal(left, want) {
			t.Errorf("left is %q", left)
		}
	})
}
