package letter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mininfo/internal/dsr"
	"mininfo/internal/export"
	"mininfo/internal/locale"
)

// writer sets the parts of one answer up.
type writer struct {
	*Answer
	l locale.Locale
}

func (w writer) t(key string) string { return words[key].In(w.l) }

func (w writer) sender() []string {
	c := w.Controller
	return lines(c.Name, c.Address, prefixed(w.t("org_no"), c.OrganisationNo), c.Email, c.Phone)
}

func (w writer) receiver() []string {
	return lines(append([]string{w.Person.Name}, w.Person.Address...)...)
}

func (w writer) kicker() string {
	name := w.Case.Right.Row().Name.In(w.l)
	if name == "" {
		return ""
	}
	key := "kicker"
	if !w.Kind.Ends() {
		key = "kicker_going_on"
	}
	return fmt.Sprintf(w.t(key), strings.ToLower(name))
}

// facts is the head of the letter: what it answers, when, and who answers.
func (w writer) facts() []export.Fact {
	var out []export.Fact
	add := func(key string, said ...string) {
		if said = lines(said...); len(said) > 0 {
			out = append(out, export.Fact{Label: w.t(key), Lines: said})
		}
	}
	add("case", w.Case.Reference)
	add("received", w.Case.Received.Format(w.l))
	if w.Kind.Ends() {
		add("answered", w.Case.Answered.Format(w.l))
	} else {
		add("written", w.Case.Answered.Format(w.l))
	}
	add("due", w.Case.Due.Format(w.l))
	add("controller", w.Controller.Name)
	add("contact", w.Controller.Email, w.Controller.Phone, w.Controller.Address)
	add("dpo", w.Controller.DPO)
	add("notice", w.Case.Notice)
	return out
}

// closing is who signs, and what comes with the letter.
func (w writer) closing() []string {
	out := append(lines(w.t("regards")), lines(w.Signer.Lines(w.Controller.Name)...)...)
	if len(w.Enclosed) > 0 {
		out = append(out, fmt.Sprintf(w.t("enclosed"), strings.Join(w.Enclosed, " · ")))
	}
	return out
}

// blocks sets up one part; none: there is nothing to say, and the part is left out.
func (w writer) blocks(p Part) []Block {
	switch p {
	case Summary:
		if w.Kind == Refusal || w.Kind == CannotIdentify {
			return paragraphs(w.Paragraphs[:min(1, len(w.Paragraphs))]) // the rest stands under its reasons
		}
		return paragraphs(w.Paragraphs)
	case Own:
		return own(w.Words)
	case Identity:
		return paragraphs(w.Identity)
	case Searched:
		return w.searched()
	case Data:
		return w.data()
	case Carried:
		return append(w.groups(w.t("carried_nothing"), func(g Group) bool { return !w.notDone(g.Action) }), paragraphs(lines(w.From))...)
	case NotDone:
		return w.groups(w.t("all_done"), func(g Group) bool { return w.notDone(g.Action) })
	case Transfers:
		return list(export.Transfers(w.Purposes, w.l))
	case Automated:
		return list(export.Automated(w.Purposes, w.l))
	case LeftOut:
		return w.leftOut()
	case NotLinked:
		return w.notLinked()
	case Recipients:
		if len(w.Answer.Recipients) == 0 {
			return paragraphs([]string{w.NobodyTold})
		}
		return []Block{{List: w.Answer.Recipients}}
	case Proof:
		return w.proof()
	case Backups:
		return paragraphs(lines(w.Answer.Backups))
	case Reasons:
		return w.omissions()
	case MoreToGive:
		return []Block{{Text: w.t("more")}}
	case Disagree:
		return w.disagree()
	case FilesOfCase:
		return w.files()
	case Understood, Processing, Restricted, Missing:
		return list(lines(w.Told[p]...))
	}
	return paragraphs(w.Told[p])
}

func (w writer) searched() []Block {
	if len(w.Answer.Searched) == 0 {
		return nil
	}
	blocks := []Block{{List: w.Answer.Searched}}
	if len(w.SearchedWith) > 0 {
		blocks = append(blocks, Block{Text: fmt.Sprintf(w.t("searched_with"), strings.Join(w.SearchedWith, ", "))})
	}
	blocks = append(blocks, paragraphs(w.Processors)...)
	return append(blocks, paragraphs(w.Period)...)
}

// data tells of each purpose what Art. 15(1) asks for, and how many entries the copy has.
func (w writer) data() []Block {
	if len(w.Purposes) == 0 {
		return []Block{{Text: w.t("data_none")}}
	}
	blocks := []Block{{Text: w.t("data")}}
	for i := range w.Purposes {
		p := &w.Purposes[i]
		facts := p.Facts(w.l)
		if n := w.count(p.Name); n > 0 {
			facts = append([]export.Fact{{Label: w.t("entries"), Lines: []string{strconv.FormatInt(n, 10)}}}, facts...)
		}
		if got := w.disclosed(func(d Disclosure) bool { return d.Activity == p.Name }); len(got) > 0 {
			facts = append(facts, export.Fact{Label: w.t("disclosed"), Lines: got})
		}
		blocks = append(blocks, Block{Heading: p.Name, Facts: facts})
	}
	rest := w.disclosed(func(d Disclosure) bool {
		return !slices.ContainsFunc(w.Purposes, func(p export.Purpose) bool { return p.Name == d.Activity })
	})
	if len(rest) > 0 {
		blocks = append(blocks, Block{Heading: w.t("disclosed"), List: rest})
	}
	return blocks
}

// disclosed tells who got what, and when: those who got it in the past too (C-553/07).
func (w writer) disclosed(of func(Disclosure) bool) []string {
	var out []string
	for _, d := range w.Answer.Disclosed {
		if !of(d) {
			continue
		}
		on := d.On
		if day, err := dsr.ParseDate(d.On); err == nil {
			on = day.Format(w.l)
		}
		line := strings.Join(lines(d.Recipient, on), ", ")
		if why := strings.Join(lines(d.What, d.Basis), ". "); why != "" {
			line += ": " + why
		}
		out = append(out, line)
	}
	return out
}

func (w writer) count(activity string) int64 {
	var n int64
	for _, g := range w.Answer.Groups {
		if g.Action == "disclosed" && g.Activity == activity {
			n += g.Count
		}
	}
	return n
}

// groups makes a table of what was done or not; the columns that nothing stands in are left out.
func (w writer) groups(none string, with func(Group) bool) []Block {
	t := Table{Head: []string{w.t("about"), w.t("number"), w.t("what"), w.t("law"), w.t("until")}}
	for _, g := range w.Answer.Groups {
		if !with(g) {
			continue
		}
		until := ""
		if d, err := dsr.ParseDate(g.Until); err == nil {
			until = d.Format(w.l)
		}
		t.Rows = append(t.Rows, []string{g.Activity, strconv.FormatInt(g.Count, 10), g.Text, g.Law, until})
	}
	if len(t.Rows) == 0 {
		return []Block{{Text: none}}
	}
	t.narrow()
	return []Block{{Table: &t}}
}

// proof tells of each system what was erased in it and when, and that it was looked for again.
func (w writer) proof() []Block {
	if len(w.Answer.Systems) == 0 {
		return nil
	}
	t := Table{Head: []string{w.t("system"), w.t("erased"), w.t("anonymised"), w.t("on")}}
	count := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	checked := false
	for _, s := range w.Answer.Systems {
		name, on := s.Name, s.On
		if s.ByHand {
			name = fmt.Sprintf(w.t("by_hand"), name)
		}
		checked = checked || !s.ByHand
		if d, err := dsr.ParseDate(s.On); err == nil {
			on = d.Format(w.l)
		}
		t.Rows = append(t.Rows, []string{name, count(s.Erased), count(s.Anonymised), on})
	}
	t.narrow()
	blocks := []Block{{Table: &t}}
	if checked {
		blocks = append(blocks, Block{Text: w.t("looked_again")})
	}
	return blocks
}

// narrow takes empty columns out.
func (t *Table) narrow() {
	for col := len(t.Head) - 1; col >= 0; col-- {
		if slices.ContainsFunc(t.Rows, func(r []string) bool { return r[col] != "" }) {
			continue
		}
		t.Head = slices.Delete(t.Head, col, col+1)
		for i := range t.Rows {
			t.Rows[i] = slices.Delete(t.Rows[i], col, col+1)
		}
	}
}

func (w writer) leftOut() []Block {
	if len(w.Answer.LeftOut) == 0 {
		return []Block{{Text: w.t("left_out_none")}, {Text: w.t("never_in")}}
	}
	return append(w.omissions(), Block{Text: w.t("never_in")})
}

// omissions tells what is left out or refused, by which provision and why.
func (w writer) omissions() []Block {
	var blocks []Block
	for _, o := range w.Answer.LeftOut {
		b := Block{Heading: o.What, Facts: []export.Fact{{Label: w.t("reason"), Lines: strings.Split(o.Reason, "\n\n")}}}
		if o.Law != "" {
			b.Facts = append([]export.Fact{{Label: w.t("law"), Lines: []string{o.Law}}}, b.Facts...)
		}
		blocks = append(blocks, b)
	}
	return blocks
}

func (w writer) notLinked() []Block {
	if len(w.Answer.NotLinked) == 0 {
		return []Block{{Text: w.t("not_linked_none")}}
	}
	return []Block{{Text: w.t("not_linked")}, {List: w.Answer.NotLinked}, {Text: w.t("more")}}
}

// disagree says whom to write to, and the way to Datatilsynet and the courts (Art. 12(4), 77, 79).
func (w writer) disagree() []Block {
	blocks := []Block{{Text: w.t("disagree")}}
	if w.Controller.DPO != "" {
		blocks[0].Text = fmt.Sprintf(w.t("disagree_dpo"), w.Controller.DPO)
	}
	blocks = append(blocks, paragraphs(w.Complaint)...)
	if !w.Kind.Ends() {
		return blocks
	}
	return append(blocks, Block{Text: w.t("appeal")})
}

func (w writer) files() []Block {
	if len(w.Answer.Files) == 0 {
		return nil
	}
	blocks := append(paragraphs(w.Answer.Files), paragraphs(w.Later)...)
	return append(blocks, Block{Text: w.t("other_form")})
}

func lines(all ...string) []string {
	var out []string
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func prefixed(label, s string) string {
	if s == "" {
		return ""
	}
	return label + " " + s
}

func paragraphs(all []string) []Block {
	var out []Block
	for _, s := range lines(all...) {
		out = append(out, Block{Text: s})
	}
	return out
}

func own(all []string) []Block {
	out := paragraphs(all)
	for i := range out {
		out[i].Own = true
	}
	return out
}

func list(all []string) []Block {
	if len(all) < 2 {
		return paragraphs(all)
	}
	return []Block{{List: all}}
}
