package sqldb

import (
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"
)

// All spellings of a text are found in a sorted list, and nothing else, or it is told that it
// would take too long.
func TestSeeksFindEverySpelling(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom([]string{"a", "A", "b", "B", "@", "z", "Z", "1", "ø", "Ø", "\U0001F600"})
	word := rapid.Custom(func(t *rapid.T) string {
		s := ""
		for _, l := range rapid.SliceOfN(letters, 1, 4).Draw(t, "letters") {
			s += l
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(word, 0, 40).Draw(t, "stored")
		sort.Strings(list)
		small := lowerASCII(word.Draw(t, "sought"))
		var want []string
		for _, s := range list {
			if lowerASCII(s) == small && !slices.Contains(want, s) {
				want = append(want, s)
			}
		}
		got, all, err := spellings(small, func(from string) (string, bool, error) {
			at, _ := slices.BinarySearch(list, from)
			if at == len(list) {
				return "", false, nil
			}
			return list[at], true, nil
		})
		if err != nil || !all {
			t.Fatal(all, err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: got %q, want %q", small, list, got, want)
		}
	})
}
