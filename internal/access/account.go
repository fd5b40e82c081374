package access

import (
	"context"
	"errors"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/locale"
	"mininfo/internal/mail"
	"mininfo/internal/store"
)

// ErrNoSession: the session is over already, or another member's.
var ErrNoSession = fault.Define(fault.NotFound, "session_not_found",
	"Innloggingen er allerede avsluttet.", "Innlogginga er alt avslutta.", "That sign-in has ended already.")

// Sessions gives the live sessions of a member, the newest first.
func (g *Gate) Sessions(ctx context.Context, memberPublicID string) (list []store.Session, err error) {
	err = g.Store.Read(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByPublicID(memberPublicID)
		if err != nil {
			return err
		}
		if m == nil {
			return ErrNoMember
		}
		list, err = tx.SessionsOfMember(m.ID)
		return err
	})
	return list, err
}

// EndSession ends one of a member's sessions.
func (g *Gate) EndSession(ctx context.Context, m *store.Member, session string) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		ended, err := tx.EndSessionOfMember(m.ID, session)
		if err != nil {
			return err
		}
		if !ended {
			return ErrNoSession
		}
		return logAs(tx, m.PublicID, "member_session_ended", map[string]string{"member": m.PublicID})
	})
}

// EndSessions ends all sessions of a member. The actor is the public id of a member who manages members.
func (g *Gate) EndSessions(ctx context.Context, memberPublicID, actor string) error {
	return g.Store.InTx(ctx, func(tx *store.Tx) error {
		m, err := tx.MemberByPublicID(memberPublicID)
		if err != nil {
			return err
		}
		if m == nil {
			return ErrNoMember
		}
		if err := tx.EndSessionsOfMember(m.ID, 0); err != nil {
			return err
		}
		return logAs(tx, actor, "member_session_ended", map[string]string{"member": m.PublicID})
	})
}

// notice is something about a member's sign-in that the member is told by mail; the log calls it the same.
type notice string

const (
	noticePasskeyAdded   notice = "passkey_added"
	noticePasskeyRemoved notice = "passkey_removed"
	noticePasskeyDoubled notice = "passkey_doubled"
	noticeIdentityAdded  notice = "identity_added"
	noticeInvitedAlone   notice = "invited_alone"
	noticeRecovery       notice = "recovery_begun"
	noticeRecoveryOther  notice = "recovery_of_another"
	noticeRecovered      notice = "recovered"
)

var notices = map[notice]locale.Text{
	noticePasskeyAdded:   {NB: "En passnøkkel ble lagt til.", NN: "Ein passnøkkel vart lagd til.", EN: "A passkey was added."},
	noticePasskeyRemoved: {NB: "En passnøkkel ble fjernet.", NN: "Ein passnøkkel vart fjerna.", EN: "A passkey was removed."},
	noticeIdentityAdded: {NB: "Virksomhetens innlogging ble koblet til kontoen din.", NN: "Innlogginga til verksemda vart kopla til kontoen din.",
		EN: "The organisation's sign-in was connected to your account."},
	noticeInvitedAlone: {NB: "Fra kontoen din ble noen invitert som medarbeider. Du er alene om å bestemme det, så invitasjonen er sendt.",
		NN: "Frå kontoen din vart nokon invitert som medarbeidar. Du er åleine om å avgjere det, så invitasjonen er send.",
		EN: "Somebody was invited as a member of staff from your account. There is nobody else to decide that, so the invitation has been sent."},
	noticeRecovery: {NB: "Det er bedt om at du skal få ny innlogging. Du får en lenke i en egen e-post når det er bekreftet, eller tidligst etter et døgn.",
		NN: "Det er bede om at du skal få ny innlogging. Du får ei lenkje i ein eigen e-post når det er stadfesta, eller tidlegast etter eit døgn.",
		EN: "Somebody has asked that you get a new sign-in. You get a link in a separate e-mail when it is confirmed, or after a day at the earliest."},
	noticeRecoveryOther: {NB: "Det er bedt om at en annen medarbeider skal få ny innlogging. På siden «Medarbeidere» kan du trekke det tilbake.",
		NN: "Det er bede om at ein annan medarbeidar skal få ny innlogging. På sida «Medarbeidarar» kan du trekkje det tilbake.",
		EN: "Somebody has asked that another member of staff gets a new sign-in. On the page “Members of staff” you can take it back."},
	noticeRecovered: {NB: "Du fikk ny innlogging. Det du logget inn med før, virker ikke lenger.", NN: "Du fekk ny innlogging. Det du logga inn med før, verkar ikkje lenger.",
		EN: "You got a new sign-in. What you signed in with before does not work any more."},
	noticePasskeyDoubled: {
		NB: "En passnøkkel ble avvist, fordi det kan finnes en kopi av den. Fjern den, og lag en ny.",
		NN: "Ein passnøkkel vart avvist, fordi det kan finnast ein kopi av han. Fjern han, og lag ein ny.",
		EN: "A passkey was refused, because there may be a copy of it. Remove it, and make a new one."},
}

// tell has a member told of something about their sign-in.
func tell(tx *store.Tx, n notice, m *store.Member) error {
	return tx.Enqueue(job.Spec{Kind: JobTellMember, Object: string(n) + ":" + m.PublicID})
}

func (g *Gate) tellMember(ctx context.Context, j job.Job) error {
	what, id, _ := strings.Cut(j.Object, ":")
	reason, known := notices[notice(what)]
	if !known {
		return job.Cancel(errors.New("the job names no notice"))
	}
	var m mail.Message
	send := false
	err := g.Store.Read(ctx, func(tx *store.Tx) error {
		who, err := tx.MemberByPublicID(id)
		if err != nil || who == nil || who.Email.Reveal() == "" {
			return err
		}
		settings, zone, err := office(tx)
		if err != nil {
			return err
		}
		l := settings.Speaks()
		m, err = g.Mails.Render(mail.StaffAccount, l, mail.Data{Org: settings.Name, Contact: contactLine(settings), Postal: settings.PostalAddress,
			Reason: reason.In(l), When: clockText(j.CreatedAt, zone, l), URL: strings.TrimRight(g.PublicURL, "/") + "/staff/account"})
		if err != nil {
			return err
		}
		to, err := dsr.ParseAddress(who.Email.Reveal())
		if err != nil {
			return job.Cancel(err)
		}
		send = true
		g.envelope(&m, to, settings, j)
		return nil
	})
	if err != nil || !send {
		return err
	}
	return g.post(ctx, m)
}

// device says in a few words what browser and system a User-Agent tells of, for the list of sessions; it
// authenticates nothing.
func device(agent string) string {
	first := func(pairs [][2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := first([][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"FxiOS/", "Firefox"}, {"Safari/", "Safari"}})
	system := first([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	return strings.Trim(browser+", "+system, ", ")
}
