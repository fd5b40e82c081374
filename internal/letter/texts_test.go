package letter

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"mininfo/internal/locale"
)

// Every part of every letter has a heading, and what letters say of their own is there in all languages.
func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	all := map[string]locale.Text{}
	for _, k := range Kinds {
		for _, p := range k.Parts() {
			all["heading of "+string(p)] = headings[p]
		}
	}
	for key, said := range words {
		all[key] = said
	}
	for key, said := range noticeTexts {
		if said.Text.IsZero() && !said.title.IsZero() {
			said.Text = said.title // the officer's question is its first sentence
		}
		all["notice "+key] = said.Text
		if !said.title.IsZero() {
			all["title of notice "+key] = said.title
		}
	}
	for key, said := range all {
		if !said.Complete() {
			t.Errorf("%s is not in all languages", key)
		}
		for _, l := range locale.All {
			if strings.Count(said.In(l), "%s") != strings.Count(said.NB, "%s") {
				t.Errorf("%s takes other arguments in %s", key, l)
			}
		}
	}
}

// A key that does not exist would leave a hole in the letter.
func TestLettersUseTextsThatExist(t *testing.T) {
	t.Parallel()
	uses := 0
	for _, file := range []string{"outline.go", "letter.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range regexp.MustCompile(`(?:\bt\(|\badd\(|\bwords\[|\bkey :?= )"([a-z_]+)"`).FindAllSubmatch(source, -1) {
			uses++
			if _, ok := words[string(u[1])]; !ok {
				t.Errorf("%s uses the text %s, which does not exist", file, u[1])
			}
		}
	}
	if uses < 30 {
		t.Errorf("found %d uses of texts", uses)
	}
}
