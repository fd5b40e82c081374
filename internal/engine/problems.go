package engine

import (
	"fmt"

	"mininfo/internal/locale"
)

// problemList collects problems, each once.
type problemList struct {
	list []Problem
	seen map[string]bool
}

func (p *problemList) add(x Problem) {
	key := x.Source + "\x00" + x.Collection + "\x00" + x.Code + "\x00" + x.Text.EN
	if p.seen[key] {
		return
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[key] = true
	p.list = append(p.list, x)
}

func text(nb, nn, en string, args ...any) locale.Text {
	if len(args) > 0 {
		nb, nn, en = fmt.Sprintf(nb, args...), fmt.Sprintf(nn, args...), fmt.Sprintf(en, args...)
	}
	return locale.Text{NB: nb, NN: nn, EN: en}
}

// fieldTexts say why a field cannot be changed as asked: name, strategy.
var fieldTexts = map[string][3]string{
	codeNotNull: {"Feltet «%s» kan ikke være tomt, så «%s» går ikke. Velg string_rewrite eller random_string_rewrite.",
		"Feltet «%s» kan ikkje vere tomt, så «%s» går ikkje. Vel string_rewrite eller random_string_rewrite.",
		"The field %q cannot be empty, so that %q does not work. Choose string_rewrite or random_string_rewrite."},
	codeType: {"Feltet «%s» har en type som «%s» ikke passer til. Velg null_rewrite.",
		"Feltet «%s» har ein type som «%s» ikkje passar til. Vel null_rewrite.",
		"The field %q has a type that %q does not fit. Choose null_rewrite."},
	codePseudonym: {"Feltet «%s»: «%s» er pseudonymisering og ikke sletting. Velg en annen strategi, eller oppgi en begrunnelse.",
		"Feltet «%s»: «%s» er pseudonymisering og ikkje sletting. Vel ein annan strategi, eller gje ei grunngiving.",
		"The field %q: %q is pseudonymisation and not erasure. Choose another strategy, or give a reason."},
	codeUnique: {"Feltet «%s» må være ulikt i hver rad, så «%s» med én verdi går ikke. Velg random_string_rewrite.",
		"Feltet «%s» må vere ulikt i kvar rad, så «%s» med éin verdi går ikkje. Vel random_string_rewrite.",
		"The field %q must differ in each row, so that %q with one value does not work. Choose random_string_rewrite."},
	codeReadOnly: {"Feltet «%s» er merket read_only og blir stående («%s»).",
		"Feltet «%s» er merkt read_only og blir ståande («%s»).",
		"The field %q is marked read_only and stays (%q)."},
	codeGenerated: {"Feltet «%s» beregnes av systemet og kan ikke skrives («%s»).",
		"Feltet «%s» blir rekna ut av systemet og kan ikkje skrivast («%s»).",
		"The field %q is computed by the system and cannot be written (%q)."},
	codeTooLong: {"Den nye verdien er for lang for feltet «%s» («%s»).",
		"Den nye verdien er for lang for feltet «%s» («%s»).",
		"The new value is too long for the field %q (%q)."},
	codeInList: {"Feltet «%s» ligger inne i en liste av dokumenter og kan ikke endres der («%s»). Slett raden, eller beskriv hele kolonnen som ett felt.",
		"Feltet «%s» ligg inne i ei liste av dokument og kan ikkje endrast der («%s»). Slett rada, eller skildre heile kolonnen som eitt felt.",
		"The field %q lies inside a list of documents and cannot be changed there (%q). Delete the row, or describe the whole column as one field."},
	"key": {"Feltet «%s» er en nøkkel og blir stående («%s»).",
		"Feltet «%s» er ein nøkkel og blir ståande («%s»).",
		"The field %q is a key and stays (%q)."},
}

// field records that a field cannot be changed. warning: it stays, and the plan works.
func (p *problemList) field(n *node, f *field, code, strategy string, warning bool) {
	t, ok := fieldTexts[code]
	if !ok {
		return
	}
	if strategy == "" {
		strategy = "anonymise"
	}
	p.add(Problem{Source: n.report.Source, Collection: n.report.Collection, Code: code, Warning: warning,
		Text: text(t[0], t[1], t[2], f.name, strategy)})
}
