package register

import (
	"slices"
	"strings"
	"unicode"
)

// Handler is a processor with the systems of the activities that it handles data for.
type Handler struct {
	Name    string
	Systems []string
}

// Handling gives the processors: those of the list, and those that activities name as recipients.
func (r *Register) Handling() []Handler {
	var all []Handler
	at := func(name string) *Handler {
		name = strings.TrimSpace(name)
		if name == "" {
			return nil
		}
		i := slices.IndexFunc(all, func(h Handler) bool { return strings.EqualFold(h.Name, name) })
		if i < 0 {
			i, all = len(all), append(all, Handler{Name: name})
		}
		return &all[i]
	}
	for _, p := range r.Processors {
		at(p.Name)
	}
	for i := range r.Activities {
		a := &r.Activities[i]
		for _, rec := range a.Recipients {
			if rec.Role != "processor" {
				continue
			}
			if h := at(rec.Name); h != nil && a.Storage.System != "" {
				h.Systems = append(h.Systems, a.Storage.System)
			}
		}
	}
	return all
}

// Named tells whether a place is called after the processor, so that whoever is asked there is the processor.
func (h Handler) Named(place string) bool {
	return hasWords(place, h.Name)
}

// In tells whether the processor handles data in a system that a place is.
func (h Handler) In(place string) bool {
	return slices.ContainsFunc(h.Systems, func(s string) bool { return hasWords(s, place) })
}

// hasWords tells whether the words of a name stand in a text, one after the other, whatever their case.
func hasWords(text, name string) bool {
	all, want := words(text), words(name)
	for i := 0; len(want) > 0 && i+len(want) <= len(all); i++ {
		if slices.EqualFunc(all[i:i+len(want)], want, sameWord) {
			return true
		}
	}
	return false
}

// sameWord passes over a genitive: what lies in "Kontorets system" lies in "Kontoret".
func sameWord(written, meant string) bool { return written == meant || written == meant+"s" }

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
