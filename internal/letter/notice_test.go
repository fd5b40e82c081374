package letter_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"

	"mininfo/internal/dsr"
	"mininfo/internal/fault"
	"mininfo/internal/letter"
	"mininfo/internal/locale"
	"mininfo/internal/portaltest"
)

// notices are the letters that end nothing, whole.
func notices(l locale.Locale) map[letter.Kind]letter.Answer {
	day, later := dsr.NewDate(2026, 7, 1), dsr.NewDate(2026, 9, 1)
	out := map[letter.Kind]letter.Answer{
		letter.Receipt:          letter.NewReceipt(l, []string{"Innsyn", "Alle opplysninger om meg"}, day),
		letter.IdentityQuestion: letter.NewIdentityQuestion(l, "Er det du som spør?", "To kunder har dette navnet.", dsr.NewDate(2026, 6, 5)),
		letter.Clarification:    letter.NewClarification(l, "Hva gjelder det?", []string{"Nyhetsbrev", "Faktura"}, dsr.Date{}),
		letter.Extension:        letter.NewExtension(l, []string{"Det er mange systemer."}, "Arkivet fra 2019 leses for hånd.", day, later),
		letter.FeeWarning:       letter.NewFeeWarning(l, "artikkel 12 nr. 5", "Samme krav fire ganger på to uker.", 450, "En times arbeid og porto."),
		letter.Restricting:      letter.NewRestricting(l, []string{"Kunder (antall oppføringer: 2)"}, "Etternavnet er feil, sier du.", "artikkel 18 nr. 1 bokstav a", dsr.NewDate(2026, 6, 3)),
		letter.Lifting:          letter.NewLifting(l, "Adressen er rettet.", day),
	}
	for k, a := range out {
		b := base(k, dsr.Access, l)
		b.Title, b.Paragraphs, b.Told, b.Searched, b.Identity = a.Title, a.Paragraphs, a.Told, nil, nil
		out[k] = b
	}
	return out
}

// Each letter that is written while a case goes on tells what the law asks of it, in three languages; take one part
// away, and it is held back with the part named.
func TestNoticesTellAllThatTheyMust(t *testing.T) {
	t.Parallel()
	must := map[letter.Kind][]string{
		letter.Receipt:          {"MI-2026-7F3K-2Q", "1 June 2026", "Innsyn", "1 July 2026", "personvern@example.no", "ombud@example.no"},
		letter.IdentityQuestion: {"To kunder har dette navnet.", "only need enough", "another way", "cover the picture", "paused from 5 June 2026"},
		letter.Clarification:    {"everything", "Nyhetsbrev", "Faktura", "time limit runs"},
		letter.Extension:        {"Arkivet fra 2019", "1 September 2026", "1 July 2026"},
		letter.FeeWarning:       {"Samme krav fire ganger", "artikkel 12 nr. 5", "NOK 450", "En times arbeid", "ask for less", "time limit runs", "Datatilsynet"},
		letter.Restricting:      {"only store", "Kunder", "Etternavnet er feil", "artikkel 18 nr. 1 bokstav a", "3 June 2026", "with your consent", "told before the restriction is lifted", "Datatilsynet"},
		letter.Lifting:          {"Adressen er rettet.", "1 July 2026"},
	}
	for _, l := range locale.All {
		for kind, a := range notices(l) {
			if err := a.Check(); err != nil {
				t.Errorf("%s %s: %v", kind, l, err)
			}
			said := a.Letter().Text()
			if l == locale.EN {
				for _, want := range must[kind] {
					if !strings.Contains(said, want) {
						t.Errorf("%s lacks %q:\n%s", kind, want, said)
					}
				}
			}
			if strings.Contains(said, "%!") {
				t.Errorf("%s %s: %s", kind, l, said)
			}
			for part := range a.Told {
				lacking := a
				lacking.Told = map[letter.Part][]string{}
				for p, lines := range a.Told {
					if p != part {
						lacking.Told[p] = lines
					}
				}
				err := lacking.Check()
				if f := fault.From(err); !errors.Is(err, letter.ErrIncomplete) || !f.Text.Complete() {
					t.Errorf("%s %s without %s: %v", kind, l, part, err)
				}
			}
		}
	}
}

// The PDF of each is tagged and says what the letter says.
func TestPDFOfNotices(t *testing.T) {
	t.Parallel()
	for _, l := range locale.All {
		for kind, a := range notices(l) {
			want := a.Letter()
			body := pdfOf(t, want)
			if *write != "" {
				if err := os.WriteFile(filepath.Join(*write, string(kind)+"-"+string(l)+".pdf"), body, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, err := pdf.NewReader(bytes.NewReader(body), int64(len(body)))
			if err != nil {
				t.Fatal(err)
			}
			inOrder(t, portaltest.ReadPDF(t, r), spoken(want))
		}
	}
}

// A ground from the list alone is a standard sentence: the reasons of this case have to stand beside it.
func TestEXT02AnExtensionNeedsTheReasonsOfTheCase(t *testing.T) {
	t.Parallel()
	a := notices(locale.NB)[letter.Extension]
	for _, reasons := range [][]string{nil, {"Det er mange systemer."}, {"Det er mange systemer.", " "}} {
		a.Told = map[letter.Part][]string{letter.From: a.Told[letter.From], letter.Because: reasons}
		if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(fault.From(err).Text.NB, "med egne ord") {
			t.Errorf("%q: %v", reasons, err)
		}
	}
}

// The letter of Art. 11 tells what was tried.
func TestCannotIdentifyTellsWhatWasTried(t *testing.T) {
	t.Parallel()
	a := base(letter.CannotIdentify, dsr.Access, locale.NB)
	a.LeftOut = []letter.Omission{{What: "x", Law: "artikkel 11 nr. 2", Reason: "y"}}
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	if said := a.Letter().Text(); !strings.Contains(said, "Nettbutikken") || !strings.Contains(said, "e-postadresse") {
		t.Error(said)
	}
	a.Searched = nil
	if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(fault.From(err).Text.NB, "hva som er prøvd") {
		t.Errorf("error %v", err)
	}
}

// Every kind has its parts, its name and a heading for each part.
func TestEveryKindOfLetterIsWhole(t *testing.T) {
	t.Parallel()
	for _, k := range letter.Kinds {
		if len(k.Parts()) == 0 || !k.Name().Complete() || !slices.Contains(k.Parts(), letter.Disagree) {
			t.Errorf("%s: %q, %v", k, k.Name().NB, k.Parts())
		}
	}
}

// A group that is only stored for now is told with its reason; it names no provision of its own and holds no answer to
// an objection back.
func TestWhatIsOnlyStoredHoldsNoAnswerBack(t *testing.T) {
	t.Parallel()
	a := base(letter.Objection, dsr.Objection, locale.NB)
	a.Groups = []letter.Group{{Action: "restricted", Activity: "Nyhetsbrev", Count: 1, Text: "Bare lagret mens vi vurderer."}}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	a.Groups[0].Text = ""
	if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) {
		t.Errorf("without a reason: %v", err)
	}
}

// An activity whose data nobody else gets says so, and holds no answer back. A list that is only empty says nothing,
// and does.
func TestNoRecipientIsAnAnswerToo(t *testing.T) {
	t.Parallel()
	a := access(locale.NB)
	for i := range a.Purposes {
		a.Purposes[i].Recipients, a.Purposes[i].Alone = nil, true
	}
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if said := a.Letter().Text(); strings.Count(said, "Ingen andre får dem.") != len(a.Purposes) {
		t.Error(said)
	}
	last := &a.Purposes[len(a.Purposes)-1]
	last.Alone = false
	if err := a.Check(); !errors.Is(err, letter.ErrIncomplete) || !strings.Contains(fault.From(err).Text.NB, "ingen andre får dem ("+last.Name+")") {
		t.Errorf("an empty list passes for a statement: %v", err)
	}
}
