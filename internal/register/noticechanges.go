package register

import (
	"slices"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
)

// ChangeKind says what happened to a part of the notice between two versions.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Removed ChangeKind = "removed"
	Changed ChangeKind = "changed"
)

// Change is what a version of the notice says about an activity, or in another part, and the version
// before did not.
type Change struct {
	ID    string // of the activity or part
	Title string // as the newer version calls it; of what was removed, as the older one did
	Kind  ChangeKind
	Facts []FactChange // of what changed
}

// FactChange is a line that says something else than it did. An empty side: it was not there.
type FactChange struct {
	Label       string
	Before, Now []string
}

// Changes lists what a notice says otherwise than the one before, in the order of the newer one, with
// what was removed at the end. Both are in one language.
func Changes(before, now Notice) []Change {
	older, newer := before.parts(), now.parts()
	var all []Change
	for _, p := range newer {
		was, ok := find(older, p.ID)
		if !ok {
			all = append(all, Change{ID: p.ID, Title: p.Title, Kind: Added})
		} else if facts := factChanges(was, p); len(facts) > 0 {
			all = append(all, Change{ID: p.ID, Title: p.Title, Kind: Changed, Facts: facts})
		}
	}
	for _, p := range older {
		if _, ok := find(newer, p.ID); !ok {
			all = append(all, Change{ID: p.ID, Title: p.Title, Kind: Removed})
		}
	}
	return all
}

// SameNotice tells whether two registers make the same notice in every language.
func SameNotice(a, b *Register) bool {
	return !slices.ContainsFunc(locale.All, func(l locale.Locale) bool {
		return len(Changes(NewNotice(a, l, 0, dsr.Date{}), NewNotice(b, l, 0, dsr.Date{}))) > 0
	})
}

// parts gives everything that is read, with title and paragraphs as lines of their own.
func (n Notice) parts() []Part {
	whole := func(p Part, text locale.Text) Part {
		p.Facts = slices.Concat([]Fact{
			{Label: labelTitle.In(n.Locale), Values: []string{p.Title}}, {Label: text.In(n.Locale), Values: p.Paragraphs},
		}, p.Facts)
		return p
	}
	parts := []Part{whole(n.Who, labelText)}
	for _, s := range n.Sections {
		parts = append(parts, whole(Part{ID: s.Activity, Title: s.Title, Paragraphs: filled(s.Purpose), Facts: s.Facts}, labelPurpose))
	}
	for _, p := range n.Rest {
		parts = append(parts, whole(p, labelText))
	}
	return parts
}

func find(parts []Part, id string) (Part, bool) {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.ID == id })
	if i < 0 {
		return Part{}, false
	}
	return parts[i], true
}

func factChanges(was, is Part) []FactChange {
	var all []FactChange
	for _, f := range is.Facts {
		if before := valuesOf(was, f.Label); !slices.Equal(before, f.Values) {
			all = append(all, FactChange{Label: f.Label, Before: before, Now: f.Values})
		}
	}
	for _, f := range was.Facts {
		if valuesOf(is, f.Label) == nil && len(f.Values) > 0 {
			all = append(all, FactChange{Label: f.Label, Before: f.Values})
		}
	}
	return all
}

func valuesOf(p Part, label string) []string {
	for _, f := range p.Facts {
		if f.Label == label {
			return f.Values
		}
	}
	return nil
}
