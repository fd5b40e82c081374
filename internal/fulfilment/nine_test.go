package fulfilment_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/demo"
	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/fulfilment"
	"mininfo/internal/keyring"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
	"mininfo/internal/register"
	"mininfo/internal/store"
	"mininfo/migrations"
)

// write keeps the letters that the tests make, for eyes: go test ./internal/fulfilment -run TestNineLetters -write folder.
var write = flag.String("write", "", "folder for the letters as PDF")

// answered is how a case was answered: the answer kept in it, its PDF, and the mail that told of it.
type answered struct {
	answer store.Answer
	pdf    []byte
	mail   string
}

// written takes one person's access, refused rectification and erasure in part through the office.
func (o *office) written() map[string]answered {
	o.t.Helper()
	ctx := o.t.Context()
	out := map[string]answered{}
	add := func(name, id string) {
		a := o.answer(id)
		body, err := a.PDF()
		o.must(err)
		o.b.RunJobs(o.t, o.desk().Work())
		m := o.b.Letters.Last(o.t, demo.MostData.Email)
		out[name] = answered{a, body, m.Subject + "\n" + m.Text}
		if *write != "" {
			o.must(os.WriteFile(filepath.Join(*write, name+"-"+string(a.Locale)+".pdf"), body, 0o600))
		}
	}
	id := o.reachReview(dsr.Access, demo.MostData.Email)
	o.approve(id)
	o.work()
	o.must(o.works.Answer(ctx, o.first, id, fulfilment.AnswerInput{}))
	o.work()
	add("access", id)

	mine, err := o.works.MyFields(ctx, keyring.NewPrivate(demo.MostData.Email), o.speaks)
	o.must(err)
	at := slices.IndexFunc(mine.Fields, func(f fulfilment.MyField) bool { return f.Value == demo.MostData.Last })
	wrong, err := o.works.OpenRef(mine.Fields[at].Ref, o.b.Store.AddressIndex(demo.MostData.Email))
	o.must(err)
	wrong.New = "Annet"
	id = o.file(dsr.Rectification, demo.MostData.Email, store.Detail{Corrections: []store.Correction{wrong}})
	o.work()
	for _, c := range o.view(id).Corrections {
		o.must(o.works.Decide(ctx, o.first, id, []fulfilment.GroupDecision{{Group: c.Group, Action: "refuse", Reason: refusal[o.speaks]}}))
	}
	o.settle(id, "annotate")
	o.approve(id)
	o.work()
	add("rectification", id)

	id = o.reachReview(dsr.Erasure, demo.MostData.Email)
	o.approve(id)
	o.work()
	add("erasure", id)
	return out
}

// refusal is what the officer says of a name that is not corrected.
var refusal = map[locale.Locale]string{
	locale.NB: "Navnet er det samme som i Folkeregisteret.",
	locale.NN: "Namnet er det same som i Folkeregisteret.",
	locale.EN: "The name is the same as in the National Population Register.",
}

// An access answer, a refused rectification and an erasure in part, each in three languages: complete by its
// checklist, and what a reader of PDF gets out of the file is what the case, the register and the systems say.
func TestNineLettersSayWhatTheCaseSays(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, portaltest.New(t, migrations.SQLite))
			o.speaks = l
			reg, err := register.Parse("register.yaml", demo.Register())
			o.must(err)
			for name, got := range o.written() {
				a := got.answer
				if err := a.Check(); err != nil || a.Locale != l {
					t.Errorf("%s: %v, in %q", name, err, a.Locale)
				}
				said := saidBy(t, got.pdf, l, a.Letter().Title)
				want := []string{a.Case.Reference, a.Case.Received.Format(l), a.Case.Answered.Format(l), a.Case.Due.Format(l), "Fjordlys AS", "Storgata 1",
					register.Complaint(l).Complain, register.Complaint(l).Court}
				for _, g := range a.Groups {
					if name != "access" || g.Action == "withheld" {
						want = append(want, g.Activity, g.Text, g.Law, strconv.FormatInt(g.Count, 10))
					}
					if d, err := dsr.ParseDate(g.Until); err == nil {
						want = append(want, d.Format(l))
					}
				}
				for _, p := range a.Purposes {
					act := reg.Activity(p.ID)
					want = append(want, act.Name.In(l), act.Purpose.In(l), act.Retention.Text.In(l), act.Storage.System, act.Storage.Protection.In(l))
					for _, r := range act.Recipients {
						want = append(want, r.Name, r.Why.In(l), r.Safeguard)
					}
					for _, s := range act.Sources {
						want = append(want, s.Name.In(l))
					}
					for _, b := range act.Bases {
						want = append(want, register.LawText(b.Law, l), b.Why.In(l))
					}
				}
				if name == "rectification" {
					if a.NobodyTold != "" || len(a.Recipients) > 0 {
						t.Errorf("nothing was corrected, and it is told of: %q, %v", a.NobodyTold, a.Recipients)
					}
					want = append(want, refusal[l])
				}
				held := 0
				for _, w := range want {
					if w == "" { // what the register may leave out
						continue
					}
					held++
					if !strings.Contains(said, squeezed(w)) {
						t.Errorf("%s: the PDF lacks %q", name, w)
					}
				}
				if held < 10 || name == "access" && held < 40 {
					t.Errorf("%s: only %d values were looked for", name, held)
				}
				if !strings.Contains(got.mail, a.Case.Reference) || !strings.Contains(got.mail, portaltest.PublicURL) || !strings.Contains(got.mail, "Datatilsynet") {
					t.Errorf("%s: the mail says %s", name, got.mail)
				}
				for _, data := range []string{demo.MostData.Last, demo.MostData.CustomerNo, refusal[l]} {
					if strings.Contains(got.mail, data) {
						t.Errorf("%s: the mail says %q", name, data)
					}
				}
			}
		})
	}
}

// saidBy reads a PDF: its language and title, and all of its text.
func saidBy(t *testing.T, body []byte, l locale.Locale, title string) string {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	root := r.Trailer().Key("Root")
	if root.Key("Lang").Text() != string(l) || root.Key("StructTreeRoot").IsNull() || r.Trailer().Key("Info").Key("Title").Text() != title {
		t.Errorf("language %q, title %q", root.Key("Lang").Text(), r.Trailer().Key("Info").Key("Title").Text())
	}
	var said []string
	for _, e := range portaltest.ReadPDF(t, r) {
		said = append(said, e.Text)
	}
	return squeezed(strings.Join(said, " "))
}

// squeezed takes out what breaking lines puts in.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }

// wording is an office's own of each letter, in three languages: a title and a first heading.
func wording(kind letter.Kind) string {
	var b strings.Builder
	b.WriteString(string(kind) + ":\n")
	for _, l := range locale.All {
		b.WriteString("  " + string(l) + ":\n    title: " + ownTitle(l) + "\n    parts:\n")
		for i, p := range kind.Parts() {
			b.WriteString("      - part: " + string(p) + "\n")
			if i == 0 {
				b.WriteString("        heading: " + ownHeading(l) + "\n        intro: " + ownIntro(l) + "\n")
			}
		}
	}
	return b.String()
}

func ownTitle(l locale.Locale) string   { return "Fjordlys " + string(l) + " {reference}" }
func ownHeading(l locale.Locale) string { return "Overskrift " + string(l) }
func ownIntro(l locale.Locale) string   { return "Innledning " + string(l) + " {due}" }

// A letter that is sent is worded as the office words it, in each language: in the case, on the page, in its PDF and in
// the one inside the copy. A later wording changes nothing that was sent.
func TestSentLettersHaveTheOfficesOwnWording(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		t.Run(string(l), func(t *testing.T) {
			t.Parallel()
			portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
				o := newOffice(t, b)
				o.speaks = l
				o.words(wording(letter.Access))
				id := o.reachReview(dsr.Access, demo.MostData.Email)
				o.approve(id)
				o.work()
				o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
				o.words("")
				a := o.answer(id)
				own, err := a.PDF()
				o.must(err)
				fill := strings.NewReplacer("{reference}", a.Case.Reference, "{due}", a.Case.Due.Format(l)).Replace
				page, title := a.Letter(), fill(ownTitle(l))
				if page.Title != title || page.Sections[0].Heading != "1. "+ownHeading(l) || page.Sections[0].Blocks[0].Text != fill(ownIntro(l)) {
					t.Errorf("the page says %q, %+v", page.Title, page.Sections[0])
				}
				copied := map[locale.Locale]string{locale.NB: "brev.pdf", locale.NN: "brev.pdf", locale.EN: "letter.pdf"}[l]
				for name, body := range map[string][]byte{"case": own, "copy": unpacked(t, o.download(id), copied)} {
					said := saidBy(t, body, l, title)
					for _, w := range []string{title, ownHeading(l), fill(ownIntro(l)), register.Complaint(l).Complain} {
						if !strings.Contains(said, squeezed(w)) {
							t.Errorf("the PDF of the %s lacks %q", name, w)
						}
					}
				}
			})
		})
	}
}

// words sets the office's own wording of letters.
func (o *office) words(body string) {
	o.t.Helper()
	o.tx(func(tx *store.Tx) error {
		s, number, err := tx.Settings(o.controller)
		if err != nil {
			return err
		}
		s.Letters = body
		text, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = tx.AddVersion(o.controller, store.VersionSettings, number, string(text), "test")
		return err
	})
}

// A wording that lacks what the law requires, however it came into the settings, lets no letter out: the case stays as it
// was, and the fault names the part.
func TestWordingWithoutADutySendsNothing(t *testing.T) {
	t.Parallel()
	portaltest.Each(t, func(t *testing.T, b *portaltest.Bundle) {
		o := newOffice(t, b)
		id := o.reachReview(dsr.Access, demo.MostData.Email)
		o.approve(id)
		o.work()
		for _, l := range locale.All {
			whole := wording(letter.Access)
			from := strings.Index(whole, "  "+string(l)+":\n")
			o.words(whole[:from] + strings.Replace(whole[from:], "      - part: disagree\n", "", 1))
			err := o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{})
			if f := fault.From(err); !errors.Is(err, letter.ErrTemplate) || !strings.Contains(f.Text.In(l), "disagree") {
				t.Errorf("%s: %v", l, err)
			}
			o.state(id, dsr.Executing)
		}
		o.words(wording(letter.Access))
		o.must(o.works.Answer(t.Context(), o.first, id, fulfilment.AnswerInput{}))
	})
}
