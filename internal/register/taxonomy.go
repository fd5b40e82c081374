package register

import (
	"mininfo/internal/dataset"
	"mininfo/internal/locale"
)

func knownCategory(key string) bool {
	_, ok := dataset.CategoryName(key)
	return ok
}

func keys(labels []dataset.Label) []string {
	out := make([]string, len(labels))
	for i, l := range labels {
		out[i] = l.Key
	}
	return out
}

// names gives what the keys of a part of the taxonomy are called; an unknown key stays as it is.
func names(labels []dataset.Label, wanted []string, l locale.Locale) []string {
	out := make([]string, len(wanted))
	for i, key := range wanted {
		out[i] = key
		for _, label := range labels {
			if label.Key == key {
				out[i] = label.Name.In(l)
			}
		}
	}
	return out
}
