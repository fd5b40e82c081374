// Package letter holds what the controller writes to a person about their request: which parts a
// letter has, what each must contain by law, and how it looks as text, as a page and as PDF.
//
// An answer keeps facts; the letter is set up from them, the same way each time. A letter that lacks
// what the law requires is not sent: Check names the part. The package is pure: no store, no clock.
package letter

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/fault"
	"mininfo/internal/locale"
)

// Kind is what a letter is for; each has its own parts and its own duties.
type Kind string

// The letters that end a case.
const (
	Access         Kind = "access"          // Art. 15, and the copy of Art. 20
	NothingHeld    Kind = "nothing_held"    // Art. 15(1): "no" is an answer too
	Correction     Kind = "correction"      // Art. 16
	Erasure        Kind = "erasure"         // Art. 17
	Restriction    Kind = "restriction"     // Art. 18
	Objection      Kind = "objection"       // Art. 21
	Done           Kind = "done"            // any other right
	Refusal        Kind = "refusal"         // Art. 12(4)
	CannotIdentify Kind = "cannot_identify" // Art. 11(2)
)

// Kinds lists the letters in the order in which they are shown to who words them.
var Kinds = []Kind{Receipt, IdentityQuestion, Clarification, Extension, FeeWarning, Restricting, Lifting, PartialAnswer, AnswerCorrection, Access, NothingHeld, Correction, Erasure, Restriction, Objection, Done, Refusal, CannotIdentify}

// Name is what the office calls the letter.
func (k Kind) Name() locale.Text { return kindNames[k] }

// KindOf gives the kind of the letter that answers a request.
func KindOf(right dsr.Right, o dsr.Outcome) Kind {
	kinds := map[dsr.Right]Kind{dsr.Access: Access, dsr.Portability: Access, dsr.Rectification: Correction,
		dsr.Erasure: Erasure, dsr.Withdrawal: Erasure, dsr.Restriction: Restriction, dsr.Objection: Objection}
	if o == dsr.NothingHeld {
		return NothingHeld
	}
	if k, ok := kinds[right]; ok {
		return k
	}
	return Done
}

// Part is a numbered section of a letter.
type Part string

// The parts, in the order of the outline.
const (
	Summary     Part = "summary"
	Identity    Part = "identity"
	Searched    Part = "searched"
	Data        Part = "data"      // by purpose
	Carried     Part = "done"      // what was done
	NotDone     Part = "not_done"  // what was not, item by item
	Transfers   Part = "transfers" // Art. 15(2)
	Automated   Part = "automated" // Art. 15(1)(h)
	LeftOut     Part = "left_out"
	NotLinked   Part = "not_linked" // Art. 11
	Recipients  Part = "recipients" // Art. 19
	Backups     Part = "backups"
	Proof       Part = "proof" // what was erased in each system, and when
	Reasons     Part = "reasons"
	MoreToGive  Part = "more"  // what would help to find the person
	Own         Part = "words" // the office's own
	Disagree    Part = "disagree"
	FilesOfCase Part = "files"
)

// outlines gives the parts of each kind in their order. A template may move and word them; none of
// them but the office's own words, the recipients, the backups and the proof may be left out of it.
var outlines = map[Kind][]Part{
	Access:         {Summary, Own, Identity, Searched, Data, Transfers, Automated, LeftOut, NotLinked, Disagree, FilesOfCase},
	NothingHeld:    {Summary, Own, Identity, Searched, NotLinked, Disagree},
	Correction:     {Summary, Own, Carried, NotDone, Recipients, Identity, Searched, Disagree},
	Erasure:        {Summary, Own, Carried, NotDone, Recipients, Proof, Backups, Identity, Searched, Disagree},
	Restriction:    {Summary, Own, Carried, NotDone, Recipients, Identity, Searched, Disagree},
	Objection:      {Summary, Own, Carried, NotDone, Recipients, Proof, Backups, Identity, Searched, Disagree},
	Done:           {Summary, Own, Carried, NotDone, Recipients, Identity, Searched, Disagree},
	Refusal:        {Summary, Reasons, Own, Disagree},
	CannotIdentify: {Summary, Reasons, Searched, MoreToGive, Own, Disagree},

	Receipt:          {Summary, Understood, Next, Disagree},
	IdentityQuestion: {Summary, Doubt, Enough, Masking, Clock, Disagree},
	Clarification:    {Summary, Everything, Processing, Clock, Disagree},
	Extension:        {Summary, Because, From, Disagree},
	FeeWarning:       {Summary, Because, Amount, Instead, Disagree},
	Restricting:      {Summary, Restricted, Because, From, Meaning, Disagree},
	Lifting:          {Summary, Because, From, Disagree},
	AnswerCorrection: {Summary, Wrong, Righted, Because, Next, Disagree},
	PartialAnswer:    {Summary, Own, Missing, Because, From, Identity, Searched, Data, Transfers, Automated, LeftOut, NotLinked, Disagree, FilesOfCase},
}

// Parts gives the parts of a kind in their order.
func (k Kind) Parts() []Part { return outlines[k] }

// Answer is what a person is told in the end, in their language. It is kept sealed with the request, so
// that what was said can be shown again as it was said. Those from before letters had kinds hold
// the first seven fields alone.
type Answer struct {
	Outcome    dsr.Outcome `json:"outcome"`
	Title      string      `json:"title"`
	Paragraphs []string    `json:"paragraphs"` // the short answer
	Groups     []Group     `json:"groups"`
	Searched   []string    `json:"searched"`
	Recipients []string    `json:"recipients"`
	Complaint  []string    `json:"complaint"`

	Disclosed []Disclosure `json:"disclosed,omitempty"` // of an access request: what was given to whom

	Kind         Kind              `json:"kind,omitempty"`
	Locale       locale.Locale     `json:"locale,omitempty"`
	Words        []string          `json:"words,omitempty"` // what a member added
	Case         export.Case       `json:"case,omitzero"`
	Controller   export.Controller `json:"controller,omitzero"`
	Person       export.Person     `json:"person,omitzero"`
	Signer       export.Signer     `json:"signer,omitzero"`         // who answers for the controller, as the office says
	Identity     []string          `json:"identity,omitempty"`      // how it was established who asks: the level alone
	SearchedWith []string          `json:"searched_with,omitempty"` // kinds of identifiers
	Period       []string          `json:"period,omitempty"`        // how far back in time the search went
	Undated      []string          `json:"undated,omitempty"`       // places that were searched, and nobody knows when
	Processors   []string          `json:"processors,omitempty"`    // which of them the search reached, and which not
	Purposes     []export.Purpose  `json:"purposes,omitempty"`
	LeftOut      []Omission        `json:"left_out,omitempty"`
	NotLinked    []string          `json:"not_linked,omitempty"`  // places whose content cannot be linked to a person
	From         string            `json:"from,omitempty"`        // since when data are only stored (Art. 18)
	NobodyTold   string            `json:"nobody_told,omitempty"` // why Recipients is empty though something was changed (Art. 19)
	Backups      string            `json:"backups,omitempty"`
	Systems      []System          `json:"systems,omitempty"`  // where something was erased
	Files        []string          `json:"files,omitempty"`    // formats, and until when they can be fetched
	Later        []string          `json:"later,omitempty"`    // corrections of what was answered before, and what follows when
	Enclosed     []string          `json:"enclosed,omitempty"` // what comes with the letter, as it is called in the copy
	Template     *Template         `json:"template,omitempty"`
	Told         map[Part][]string `json:"told,omitempty"` // of a letter that ends nothing
}

// Group tells what was done with the data of one activity, how many, and why.
type Group struct {
	Action   string `json:"action"` // disclosed, withheld, corrected, annotated, deleted, anonymised, restricted, kept, refused
	Activity string `json:"activity"`
	Count    int64  `json:"count"`
	Text     string `json:"text"`
	Law      string `json:"law,omitempty"`
	Until    string `json:"until,omitempty"` // civil date
}

// System tells what was erased in one of the places that were searched, and on which day.
type System struct {
	Name       string `json:"name"`
	Erased     int64  `json:"erased,omitempty"`
	Anonymised int64  `json:"anonymised,omitempty"`
	ByHand     bool   `json:"by_hand,omitempty"` // somebody did it there, and the portal has counted nothing
	On         string `json:"on"`                // civil date
}

// Disclosure tells who got data about the person, when, what and why (Art. 15(1)(c)).
type Disclosure struct {
	Recipient string `json:"recipient"`
	Activity  string `json:"activity"`
	On        string `json:"on,omitempty"`
	What      string `json:"what,omitempty"`
	Basis     string `json:"basis,omitempty"`
}

// Omission is something that a person does not get or get done, with its provision and reason
// (Art. 12(4)).
type Omission struct {
	What   string `json:"what"`
	Law    string `json:"law"`
	Reason string `json:"reason"`
}

// Letter is an answer set up for reading: the same for text, page and paper.
type Letter struct {
	Locale   locale.Locale
	Sender   []string
	Receiver []string
	Kicker   string
	Title    string
	Greeting string
	Facts    []export.Fact // number, dates, controller, contact
	Sections []Section
	Closing  []string
}

// Section is a part under its numbered heading.
type Section struct {
	Part    Part
	Heading string // with its number
	Blocks  []Block
}

// Block is one piece of a section: one of its fields is set beside the heading.
type Block struct {
	Heading string // of a purpose
	Text    string
	Own     bool // the office's own words
	List    []string
	Facts   []export.Fact
	Table   *Table
}

// Table has a heading for each column.
type Table struct {
	Head []string
	Rows [][]string
}

// Letter sets the answer up in the outline of its kind.
func (a *Answer) Letter() Letter {
	l := a.Locale
	if _, ok := locale.Parse(string(l)); !ok || l == "" {
		l = locale.NB
	}
	w := writer{a, l}
	out := Letter{Locale: l, Sender: w.sender(), Receiver: w.receiver(), Title: a.Title, Kicker: w.kicker(), Facts: w.facts(), Closing: w.closing()}
	if a.Template != nil && a.Template.Title != "" {
		out.Title = w.fill(a.Template.Title)
	}
	if a.Person.Name != "" {
		out.Greeting = fmt.Sprintf(words["dear"].In(l), a.Person.Name)
	}
	kind := a.Kind
	if kind == "" {
		kind = KindOf(a.Case.Right, a.Outcome)
	}
	for _, placed := range a.Template.order(kind) {
		blocks := w.blocks(placed.Part)
		if len(blocks) == 0 {
			continue
		}
		if placed.Intro != "" {
			blocks = append([]Block{{Text: w.fill(placed.Intro)}}, blocks...)
		}
		heading := placed.Heading
		if heading == "" {
			heading = kind.Heading(placed.Part).In(l)
		}
		out.Sections = append(out.Sections, Section{Part: placed.Part, Blocks: blocks,
			Heading: fmt.Sprintf("%d. %s", len(out.Sections)+1, w.fill(heading))})
	}
	return out
}

// Text writes the letter as plain text.
func (l Letter) Text() string {
	var b strings.Builder
	line := func(s string) { b.WriteString(s + "\n") }
	line(l.Title)
	line("")
	facts := func(all []export.Fact) {
		for _, f := range all {
			line(f.Label + ": " + strings.Join(f.Lines, "; "))
		}
	}
	facts(l.Facts)
	for _, s := range l.Sections {
		line("\n" + s.Heading)
		for _, block := range s.Blocks {
			if block.Heading != "" {
				line("\n" + block.Heading)
			}
			if block.Text != "" {
				line(block.Text)
			}
			for _, item := range block.List {
				line("- " + item)
			}
			facts(block.Facts)
			if block.Table != nil {
				for _, row := range block.Table.Rows {
					for i, cell := range row {
						if cell != "" {
							line(block.Table.Head[i] + ": " + cell)
						}
					}
				}
			}
		}
	}
	line("")
	for _, s := range l.Closing {
		line(s)
	}
	return b.String()
}

// ErrNone says that there is no letter: nothing was answered, or only before answers were letters.
var ErrNone = fault.Define(fault.NotFound, "no_letter",
	"Det finnes ikke noe brev i denne saken ennå.", "Det finst ikkje noko brev i denne saka enno.", "There is no letter in this case yet.")

// PDF is the letter as a file, made on the day of the answer: the same bytes each time.
func (a *Answer) PDF() ([]byte, error) {
	if a.Kind == "" {
		return nil, ErrNone
	}
	var b bytes.Buffer
	err := a.Letter().WritePDF(&b, a.Case.Answered.Start(time.UTC))
	return b.Bytes(), err
}

// ErrIncomplete says which part of a letter is missing that the law requires.
var ErrIncomplete = fault.Define(fault.Conflict, "letter_incomplete",
	"Svaret mangler noe det må ha. Fyll det inn i protokollen eller saken, og prøv igjen.",
	"Svaret manglar noko det må ha. Fyll det inn i protokollen eller saka, og prøv igjen.",
	"The answer lacks something it must have. Fill it in, in the record or the case, and try again.")

func incomplete(parts []locale.Text) error {
	e := *ErrIncomplete
	in := func(l locale.Locale) string {
		var names []string
		for _, p := range parts {
			names = append(names, p.In(l))
		}
		return strings.Join(names, "; ")
	}
	e.Text = locale.Text{
		NB: "Svaret kan ikke sendes. Det mangler: " + in(locale.NB) + ". Fyll det inn i protokollen eller saken, og prøv igjen.",
		NN: "Svaret kan ikkje sendast. Det manglar: " + in(locale.NN) + ". Fyll det inn i protokollen eller saka, og prøv igjen.",
		EN: "The answer cannot be sent. It lacks: " + in(locale.EN) + ". Fill it in, in the record or the case, and try again.",
	}
	return &e
}
