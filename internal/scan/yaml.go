package scan

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

// YAML writes the dataset file: what is proposed as data, why as comments, and what is only a guess
// as a comment that begins with "# ?" and holds the line to write if the answer is yes.
func (p *Proposal) YAML(l locale.Locale) []byte { return p.write(&writer{l: l}) }

// Bare writes the dataset file without a word about why, for whoever has answered the questions.
func (p *Proposal) Bare() []byte { return p.write(&writer{bare: true}) }

func (p *Proposal) write(w *writer) []byte {
	if !w.bare {
		w.head(p)
	}
	w.line(0, "dataset:")
	w.line(0, "- fides_key: "+scalar(p.Key))
	if p.Name != "" {
		w.line(1, "name: "+scalar(p.Name))
	}
	if p.Schema != "" {
		w.line(1, "fides_meta: {namespace: {schema: "+scalar(p.Schema)+"}}")
	}
	if p.Activity != "" {
		w.line(1, "mininfo: {activity: "+scalar(p.Activity)+"}")
	} else {
		w.ask(1, askActivity, "mininfo: {activity: customers}")
	}
	chosen := slices.DeleteFunc(slices.Clone(p.LeftOut), func(o LeftOut) bool { return o.Chosen == "" })
	if len(p.Collections)+len(chosen) == 0 {
		w.line(1, "collections: []")
	} else {
		w.line(1, "collections:")
	}
	for _, c := range p.Collections {
		w.collection(p, c)
	}
	for _, o := range chosen {
		w.line(1, "- name: "+scalar(o.Name))
		w.line(2, "fides_meta: {skip_processing: true}")
		w.line(2, "fields: [{name: "+scalar(o.Chosen)+"}]")
	}
	if len(p.LeftOut) > 0 {
		w.comment(0, leftOut.In(w.l))
		for _, o := range p.LeftOut {
			mark := "-"
			if o.Asked {
				mark = "?"
			}
			w.comment(0, mark+" "+o.Name+": "+o.Reason.Text.In(w.l))
		}
	}
	return w.Bytes()
}

var (
	leftOut = locale.Text{NB: "Utelatt (ta med en tabell ved å beskrive den over):", NN: "Utelatne (ta med ein tabell ved å skildre han over):",
		EN: "Left out (describe a table above to take it in):"}
	askRestriction = locale.Text{NB: "sier kolonnen at opplysningene bare skal lagres (artikkel 18)? Rett verdiene om de er andre.",
		NN: "seier kolonnen at opplysningane berre skal lagrast (artikkel 18)? Rett verdiane om dei er andre.",
		EN: "does the column say that the data are only stored (Art. 18)? Correct the values if they are others."}
	askActivity = locale.Text{NB: "hvilken behandlingsaktivitet i protokollen hører opplysningene til?", NN: "kva behandlingsaktivitet i protokollen høyrer opplysningane til?",
		EN: "which processing activity of the register do the data belong to?"}
	noCategory = locale.Text{NB: "Uten kategori, og derfor ikke med i et svar:", NN: "Utan kategori, og difor ikkje med i eit svar:", EN: "Without a category, and so in no answer:"}
	technical  = locale.Text{NB: "Ser ut som nøkler og vedlikehold, og er derfor ikke med i et svar:", NN: "Ser ut som nøklar og vedlikehald, og er difor ikkje med i eit svar:",
		EN: "Look like keys and upkeep, and so are in no answer:"}
	elseRemove  = locale.Text{NB: "Hvis ikke, fjern linjen.", NN: "Om ikkje, fjern linja.", EN: "If not, remove the line."}
	askCategory = locale.Text{NB: "er dette slike opplysninger?", NN: "er dette slike opplysningar?", EN: "is it such data?"}
	askWay      = locale.Text{NB: "skal den følges?", NN: "skal han følgjast?", EN: "should it be followed?"}
	words3      = map[Confidence]locale.Text{
		Sure:   {NB: "sikkert", NN: "sikkert", EN: "sure"},
		Likely: {NB: "trolig", NN: "truleg", EN: "likely"},
		Unsure: {NB: "usikkert", NN: "usikkert", EN: "unsure"},
	}
	headText = locale.Text{
		NB: "Foreslått av «mininfo source scan» fra %s: %d tabeller, %d med i forslaget. Ingen verdier er lagret.\nLes gjennom, svar på linjene med «# ?» (fjern «# ?» foran det som stemmer), og prøv med «mininfo source check».",
		NN: "Føreslått av «mininfo source scan» frå %s: %d tabellar, %d med i forslaget. Ingen verdiar er lagra.\nLes gjennom, svar på linjene med «# ?» (fjern «# ?» framfor det som stemmer), og prøv med «mininfo source check».",
		EN: "Proposed by \"mininfo source scan\" from %s: %d tables, %d in the proposal. No value was kept.\nRead it through, answer the lines with \"# ?\" (remove \"# ?\" before what is right), and try it with \"mininfo source check\".",
	}
)

// ConfidenceWord says how sure a proposal is.
func ConfidenceWord(c Confidence) locale.Text { return words3[c] }

type writer struct {
	bytes.Buffer
	l    locale.Locale
	bare bool
}

func (w *writer) head(p *Proposal) {
	for line := range strings.SplitSeq(fmt.Sprintf(headText.In(w.l), p.System, p.Tables, len(p.Collections)), "\n") {
		w.comment(0, line)
	}
}

func (w *writer) line(depth int, text string) {
	w.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// plain keeps what databases call their things from ending a comment.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}

func (w *writer) comment(depth int, text string) {
	if !w.bare {
		w.line(depth, "# "+plain(text))
	}
}

func (w *writer) ask(depth int, why locale.Text, write string) {
	if w.bare {
		return
	}
	text := "# ? " + plain(write)
	if write == "" {
		w.line(depth, "# ? "+plain(why.In(w.l)))
		return
	}
	w.line(depth, text+"  # "+plain(why.In(w.l)))
}

func (w *writer) collection(p *Proposal, c *Collection) {
	w.line(1, "- name: "+scalar(c.Name))
	if c.Description != "" {
		w.line(2, "description: "+scalar(c.Description))
	}
	about := []string{RoleNote(c.Role).In(w.l)}
	for _, n := range c.Evidence {
		about = append(about, n.Text.In(w.l))
	}
	w.comment(2, strings.Join(about, "; "))
	var own []string
	if c.Received != "" {
		own = append(own, "received: "+scalar(c.Received))
	}
	if c.RetentionFrom != "" {
		own = append(own, "retention_from: "+scalar(c.RetentionFrom))
	}
	if len(own) > 0 {
		w.line(2, "mininfo: {"+strings.Join(own, ", ")+"}")
	}
	if r := c.Restriction; r != nil {
		own = append(own, fmt.Sprintf("restriction: {field: %s, value: %s, lifted: %s}", scalar(r.Field), scalar(r.Value), scalar(*r.Lifted)))
		w.ask(2, askRestriction, "mininfo: {"+strings.Join(own, ", ")+"}")
	}
	for _, q := range c.Questions {
		w.ask(2, q.Note.Text, q.Write)
	}
	w.line(2, "fields:")
	for _, f := range c.Fields {
		w.field(p, f, 2)
	}
	why := technical
	if slices.ContainsFunc(c.Questions, func(q Question) bool { return q.Note.Code == noteUnreachable.Code }) {
		why = noCategory
	}
	if names := c.unanswered(); len(names) > 0 {
		w.comment(2, why.In(w.l)+" "+strings.Join(names, ", "))
	}
}

// unanswered names the columns of people's rows that no answer holds, because they look technical or
// no way leads to the rows. Whoever reads the proposal decides whether that is so.
func (c *Collection) unanswered() []string {
	if c.Role != RolePeople && c.Role != RoleOwned {
		return nil
	}
	var names []string
	for _, f := range c.Fields {
		if f.Category == "" && f.Asked == "" && f.Identity == "" && !f.PrimaryKey && len(f.References)+len(f.Fields) == 0 {
			names = append(names, f.Name)
		}
	}
	return names
}

func (w *writer) because(level Confidence, notes ...Note) string {
	if w.bare {
		return ""
	}
	var parts []string
	for _, n := range notes {
		parts = append(parts, n.Text.In(w.l))
	}
	return "  # " + words3[level].In(w.l) + ": " + plain(strings.Join(parts, "; "))
}

func (w *writer) field(p *Proposal, f *Field, depth int) {
	w.line(depth, "- name: "+scalar(f.Name))
	in := depth + 1
	if f.Description != "" {
		w.line(in, "description: "+scalar(f.Description))
	}
	switch {
	case f.Category != "":
		said := "data_categories: [" + f.Category + "]" + w.because(f.Confidence, f.Evidence...)
		if f.General() && !w.bare {
			said += " " + elseRemove.In(w.l)
		}
		w.line(in, said)
	case f.Asked != "":
		why := locale.Text{}
		for _, l := range locale.All {
			var parts []string
			for _, n := range f.Evidence {
				parts = append(parts, n.Text.In(l))
			}
			put(&why, l, strings.Join(parts, "; ")+"; "+askCategory.In(l))
		}
		w.ask(in, why, "data_categories: ["+f.Asked+"]")
	}
	w.meta(p, f, in)
	var own []string
	if f.Category != "" {
		if f.NationalID {
			own = append(own, "national_id: true")
		}
		if f.Special != "" {
			own = append(own, "special: "+f.Special)
		}
		if f.ThirdParty {
			own = append(own, "third_party: true")
		}
	}
	if len(own) > 0 {
		w.line(in, "mininfo: {"+strings.Join(own, ", ")+"}")
	}
	if len(f.Fields) > 0 {
		w.line(in, "fields:")
		for _, each := range f.Fields {
			w.field(p, each, in)
		}
	}
}

func (w *writer) meta(p *Proposal, f *Field, in int) {
	var meta []string
	if f.PrimaryKey {
		meta = append(meta, "primary_key: true")
	}
	if f.Identity != "" {
		meta = append(meta, "identity: "+f.Identity)
	}
	if f.DataType != "" {
		meta = append(meta, "data_type: "+scalar(f.DataType))
	}
	if f.Length > 0 {
		meta = append(meta, "length: "+strconv.Itoa(f.Length))
	}
	if f.ReadOnly && f.Category != "" {
		meta = append(meta, "read_only: true")
	}
	var refs, asked []Reference
	for _, r := range f.References {
		if r.Asked {
			asked = append(asked, r)
		} else {
			refs = append(refs, r)
		}
	}
	if w.bare {
		asked = nil
	}
	if len(refs)+len(asked) == 0 && f.Masking == "" {
		if len(meta) > 0 {
			line := "fides_meta: {" + strings.Join(meta, ", ") + "}"
			if f.KeyNote != nil {
				line += w.because(Likely, *f.KeyNote)
			}
			w.line(in, line)
		}
		return
	}
	w.line(in, "fides_meta:")
	for _, m := range meta {
		w.line(in+1, m)
	}
	if f.Masking != "" {
		w.line(in+1, "masking_strategy_override: "+f.Masking)
	}
	if len(refs) > 0 {
		w.line(in+1, "references:")
	}
	for _, r := range refs {
		w.line(in+1, "- "+p.reference(r)+w.because(r.Confidence, r.Evidence))
	}
	for _, r := range asked {
		why := locale.Text{NB: r.Evidence.Text.NB + "; " + askWay.NB, NN: r.Evidence.Text.NN + "; " + askWay.NN, EN: r.Evidence.Text.EN + "; " + askWay.EN}
		if len(refs) > 0 {
			w.ask(in+1, why, "- "+p.reference(r))
		} else {
			w.ask(in+1, why, "references: ["+p.reference(r)+"]")
		}
	}
}

func (p *Proposal) reference(r Reference) string {
	s := "{dataset: " + scalar(p.Key) + ", field: " + scalar(r.Collection+"."+r.Field)
	if r.Direction != dataset.Both {
		s += ", direction: " + string(r.Direction)
	}
	return s + "}"
}

func put(t *locale.Text, l locale.Locale, s string) {
	switch l {
	case locale.NB:
		t.NB = s
	case locale.NN:
		t.NN = s
	default:
		t.EN = s
	}
}

var safe = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

var reserved = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|nan|inf)$`)

// scalar writes a text so that YAML reads it back as it is, whatever a database calls its things.
func scalar(s string) string {
	if safe.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == ' ' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
