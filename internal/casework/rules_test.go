package casework_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"mininfo/internal/casework"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
	"mininfo/internal/register"
	"mininfo/internal/store"
)

// Nothing about form keeps a request out: no words, no article, no reason.
func TestINT01NoFormIsNeeded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		f := filing(dsr.Erasure)
		f.Text, f.Name = "", ""
		if _, err := d.File(t.Context(), f); err != nil {
			t.Errorf("without words on the web: %v", err)
		}
		n := registration()
		n.Text, n.Name, n.Email, n.Phone, n.Postal = "", "", "", "912 34 567", "Lia 3, 6300 Åndalsnes"
		n.Channel = "phone"
		if _, err := d.Register(t.Context(), d.handler, n); err != nil {
			t.Errorf("somebody who rang and gave a number: %v", err)
		}
	})
}

// Every channel is taken in with its real day of receipt, and the clock is the portal's own.
func TestINT03EveryChannelHasTheSameClock(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for _, channel := range []string{"email", "letter", "phone", "counter"} {
			n := registration()
			n.Channel = channel
			cases, err := d.Register(t.Context(), d.handler, n)
			if err != nil {
				t.Errorf("%s: %v", channel, err)
				continue
			}
			// 28 May in Oslo; 28 June is a Sunday.
			if got := d.read(t, cases[0].PublicID); string(got.P.Channel) != channel || got.P.Deadline.Due.String() != "2026-06-29" {
				t.Errorf("%s: %s, due %s", channel, got.P.Channel, got.P.Deadline.Due)
			}
		}
	})
}

// Who asks "only" a processor is not sent away: the person is told that the request is passed on, and
// the office is reminded to do it.
func TestINT08AProcessorPassesItOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		if err := d.Refuse(t.Context(), d.officer, r.PublicID, "not_controller", "Butikken vi fører lønn for"); err != nil {
			t.Fatal(err)
		}
		v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(v.Messages, func(m store.Message) bool {
			return m.Author == store.FromNote && strings.Contains(m.Body.Reveal(), "Send kravet videre")
		}) {
			t.Error("the office is not reminded to pass the request on")
		}
		own, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
		if err != nil || !strings.Contains(strings.Join(own.Answer.Paragraphs, " "), "sender kravet ditt videre") {
			t.Errorf("the person reads %+v, %v", own.Answer, err)
		}
		if len(own.Messages) != 0 {
			t.Errorf("the person sees the office's note: %+v", own.Messages)
		}
	})
}

// A question about identity without its doubt is refused, and so is one about what is meant: nobody is
// asked for more by routine, and nothing pauses for no reason.
func TestID01NoQuestionWithoutItsReason(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		r := d.file(t, dsr.Access)
		for _, kind := range []string{"identity", "clarification"} {
			err := d.Question(t.Context(), d.handler, r.PublicID, kind, "Hvem er du?", " \n", true)
			if !errors.Is(err, casework.ErrPauseReason) || fault.From(err).Field != "/reason" {
				t.Errorf("%s: %v", kind, err)
			}
		}
		if got := d.read(t, r.PublicID); got.P.Questions != 0 || got.P.Deadline.Open {
			t.Errorf("%d questions, paused %v", got.P.Questions, got.P.Deadline.Open)
		}
		if err := d.Question(t.Context(), d.handler, r.PublicID, "identity", "Hvem er du?", "To kunder har navnet", false); err != nil {
			t.Fatal(err)
		}
		if d.b.Count(t, "SELECT count(*) FROM event WHERE kind = 'question_asked' AND sealed_note IS NOT NULL") != 1 {
			t.Error("the doubt is not in the file")
		}
	})
}

// A letter that was posted late has still reached the office on its day: an answer is late by the
// receipt, not by the day on which it was typed in.
func TestCLK02TheDayItCameCounts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		n := registration()
		n.Channel, n.ReceivedAt = "letter", time.Date(2026, 5, 2, 7, 0, 0, 0, time.UTC) // a Saturday, a month ago
		cases, err := d.Register(t.Context(), d.handler, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.read(t, cases[0].PublicID).P.Deadline; got.Received.String() != "2026-05-02" || got.Due.String() != "2026-06-02" {
			t.Errorf("received %s, due %s", got.Received, got.Due)
		}
	})
}

// Each refusal names its provision; one under the Norwegian act names section and letter.
func TestREF03EachRefusalNamesItsProvision(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		for ground, want := range map[string]string{
			"pol_16_1_d": "personopplysningsloven § 16 første ledd bokstav d", "pol_16_1_f": "personopplysningsloven § 16 første ledd bokstav f",
			"deceased": "fortalepunkt 27", "not_natural_person": "artikkel 4 nr. 1",
		} {
			r := d.file(t, dsr.Access)
			if err := d.Refuse(t.Context(), d.officer, r.PublicID, ground, "Begrunnelsen i denne saken"); err != nil {
				t.Errorf("%s: %v", ground, err)
				continue
			}
			own, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
			if err != nil || !strings.Contains(own.Answer.Paragraphs[0], want) || own.Answer.Paragraphs[1] != "Begrunnelsen i denne saken" {
				t.Errorf("%s: %+v, %v", ground, own.Answer, err)
			}
		}
	})
}

// What came over the web or by mail is answered in the portal, and a letter without an address of mail
// on paper, unless the person wants it another way.
func TestINT10AnsweredTheWayItCame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		if got := d.read(t, d.file(t, dsr.Access).PublicID).Delivery; got != store.DeliveryPortal {
			t.Errorf("on the web: %s", got)
		}
		for name, c := range map[string]struct {
			email, wish, want string
		}{
			"by mail":                     {"kari.nordmann@example.org", "", store.DeliveryPortal},
			"by mail, paper wished for":   {"kari.nordmann@example.org", store.DeliveryPaper, store.DeliveryPaper},
			"a letter without an address": {"", "", store.DeliveryPaper},
		} {
			n := registration()
			n.Email, n.Delivery, n.Postal = c.email, c.wish, "Lia 3, 6300 Åndalsnes"
			cases, err := d.Register(t.Context(), d.officer, n)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := d.read(t, cases[0].PublicID).Delivery; got != c.want {
				t.Errorf("%s: answered by %s, want %s", name, got, c.want)
			}
		}
	})
}

// A case keeps the country in which it came in, wherever the office moves.
func TestCLK05ACaseKeepsItsCountry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Clock.Set(time.Date(2026, 5, 19, 8, 0, 0, 0, time.UTC))
		move := func(country, zone string) {
			d.in(t, func(tx *store.Tx) error {
				c, err := tx.Controller()
				if err != nil {
					return err
				}
				return tx.Move(c.ID, country, zone)
			})
		}
		norwegian := d.file(t, dsr.Access)
		move("SE", "Europe/Stockholm")
		swedish := d.file(t, dsr.Erasure)
		move("NO", "Europe/Oslo")
		for id, want := range map[string]string{norwegian.PublicID: "2026-06-19", swedish.PublicID: "2026-06-22"} {
			if got := d.read(t, id).P.Deadline.Due.String(); got != want {
				t.Errorf("due %s, want %s", got, want)
			}
		}
	})
}

// A change of the profile does not move the cases that are there: not their dates, and not what a question to
// the person does to them later.
func TestCLK05ACaseKeepsItsProfile(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		d.b.Clock.Set(time.Date(2027, 4, 17, 8, 0, 0, 0, time.UTC))
		choose := func(profile, country, zone string) {
			d.in(t, func(tx *store.Tx) error {
				c, err := tx.Controller()
				if err != nil {
					return err
				}
				s, base, err := tx.Settings(c.ID)
				if err != nil {
					return err
				}
				s.Profile = profile
				body, err := json.Marshal(s)
				if err != nil {
					return err
				}
				if _, err := tx.AddVersion(c.ID, store.VersionSettings, base, string(body), "test"); err != nil {
					return err
				}
				return tx.Move(c.ID, country, zone)
			})
		}
		edpb := d.file(t, dsr.Access)
		choose("UK", "GB", "Europe/London")
		uk := d.file(t, dsr.Erasure)
		choose("STRICT", "NO", "Europe/Oslo")
		strict := d.file(t, dsr.Rectification)
		choose("", "NO", "Europe/Oslo")
		for id, want := range map[string][2]string{edpb.PublicID: {"EDPB", "2027-05-18"}, uk.PublicID: {"UK", "2027-05-17"}, strict.PublicID: {"STRICT", "2027-05-17"}} {
			if got := d.read(t, id).P.Deadline; got.Profile != want[0] || got.Due.String() != want[1] {
				t.Errorf("by %s due %s, want %v", got.Profile, got.Due, want)
			}
		}
	})
}

// Who answers for archives, research or statistics may refuse three rights on that ground, and no other: not
// erasure, portability or objection. Where data are used for expression alone no right reaches them (pol. §§ 3 and
// 17). Either way the letter names the provision, gives the case's own reasons and says where to complain.
func TestNAT03NAT04RefusalOnTheNorwegianExceptions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		limited := []dsr.Right{dsr.Access, dsr.Rectification, dsr.Restriction}
		for _, right := range []dsr.Right{dsr.Access, dsr.Rectification, dsr.Restriction, dsr.Erasure, dsr.Objection, dsr.Portability} {
			for ground, law := range map[string]string{"research": "§ 17", "expression": "§ 3"} {
				asked := filing(right)
				if right == dsr.Restriction {
					asked.Ground = "accuracy"
				}
				r, err := d.File(t.Context(), asked)
				if err != nil {
					t.Fatal(err)
				}
				err = d.Refuse(t.Context(), d.officer, r.PublicID, ground, "Koblingen til personen er fjernet i forskningsfilen")
				if ground == "research" && !slices.Contains(limited, right) {
					if !errors.Is(err, casework.ErrNoProvision) || d.read(t, r.PublicID).P.State == dsr.Answered {
						t.Errorf("%s was refused for research: %v", right, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("%s, %s: %v", right, ground, err)
				}
				v, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
				if err != nil || v.Answer == nil || v.Answer.Outcome != dsr.Refused {
					t.Fatalf("%s, %s: %+v, %v", right, ground, v.Answer, err)
				}
				said := strings.Join(append(slices.Concat(v.Answer.Paragraphs, v.Answer.Complaint), v.Answer.Title), "\n")
				for _, want := range []string{"personopplysningsloven " + law, "Koblingen til personen", "Datatilsynet"} {
					if !strings.Contains(said, want) {
						t.Errorf("%s, %s: the letter lacks %q: %s", right, ground, want, said)
					}
				}
			}
		}
	})
}

// A public body is told, on a case about access, that the person may see it by other laws too.
func TestNAT05APublicBodyIsToldOfTheOtherLaws(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, d *desk) {
		beside := func(right dsr.Right) (office, person string) {
			r := d.file(t, right)
			v, err := d.Case(t.Context(), d.officer, r.PublicID, locale.NB, false)
			if err != nil {
				t.Fatal(err)
			}
			own, err := d.Own(t.Context(), d.index(kari), r.PublicID, locale.NB)
			if err != nil {
				t.Fatal(err)
			}
			return v.Beside, own.Beside
		}
		if office, _ := beside(dsr.Access); office != "" {
			t.Errorf("a company is told: %s", office)
		}
		d.in(t, func(tx *store.Tx) error {
			c, err := tx.Controller()
			if err != nil {
				return err
			}
			reg := register.Seed()
			reg.Controller.Public = true
			body, err := reg.Marshal()
			if err != nil {
				return err
			}
			newest, err := tx.Newest(c.ID, store.VersionRegister)
			if err != nil {
				return err
			}
			_, err = tx.AddVersion(c.ID, store.VersionRegister, newest.Number, string(body), "test")
			return err
		})
		office, person := beside(dsr.Access)
		for _, law := range []string{"forvaltningsloven", "offentleglova", "artikkel 15"} {
			if !strings.Contains(office, law) {
				t.Errorf("the officer is not told of %s: %s", law, office)
			}
		}
		if person != "" {
			t.Errorf("the person is told what is for the officer: %s", person)
		}
		if office, _ := beside(dsr.Erasure); office != "" {
			t.Errorf("a case about erasure: %s", office)
		}
	})
}
