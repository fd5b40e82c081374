package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mininfo/internal/source"
)

// Each row without a key gets a tuple of its own among those that are equal to it.
func TestWhichTupleARowIs(t *testing.T) {
	t.Parallel()
	columns := []source.Column{{Name: "name", Class: source.ClassText}, {Name: "n", Class: source.ClassInt}, {Name: "list", Class: source.ClassArray}}
	text := source.TextOf
	for name, c := range map[string]struct {
		match source.Match
		rows  [][]source.Value
		want  []int
	}{
		"equal ones in turn": {source.Match{Fields: []source.Field{{Column: "name"}, {Column: "n"}}, NullSafe: true,
			Tuples: [][]source.Value{{text("a"), {}}, {text("b"), source.IntOf(1)}, {text("a"), {}}, {text("c"), text("no number")}, {text("a"), {}}}},
			[][]source.Value{{text("a"), {}, {}}, {text("a"), source.IntOf(1), {}}, {text("a"), {}, {}}, {text("b"), source.IntOf(1), {}}, {text("a"), {}, {}}, {text("a"), {}, {}}, {text("b"), source.IntOf(1), {}}, {text("c"), {}, {}}},
			[]int{0, -1, 2, 1, 4, 0, 1, -1}},
		"equal once folded": {source.Match{Fields: []source.Field{{Column: "name"}}, Fold: source.FoldASCII, Tuples: [][]source.Value{{text("a")}, {text("A")}}},
			[][]source.Value{{text("A"), {}, {}}, {text("A"), {}, {}}, {text("å"), {}, {}}, {{}, {}, {}}}, []int{0, 1, -1, -1}},
		"an element of a list": {source.Match{Fields: []source.Field{{Column: "list"}}, Tuples: [][]source.Value{{text("x")}, {text("y")}}},
			[][]source.Value{{{}, {}, {Kind: source.JSON, Str: `["z","y"]`}}, {{}, {}, {Kind: source.JSON, Str: `[]`}}}, []int{1, -1}},
	} {
		which, ok := c.match.Which(columns)
		if !ok {
			t.Fatal(name)
		}
		var got []int
		for _, row := range c.rows {
			got = append(got, which(func(at int) source.Value { return row[at] }))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	absent := source.Match{Fields: []source.Field{{Column: "absent"}}}
	if _, ok := absent.Which(columns); ok {
		t.Error("a column that is not there was taken")
	}
}
