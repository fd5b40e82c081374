package export

import (
	"maps"
	"regexp"
	"strings"
	"testing"

	"mininfo/internal/locale"
)

func TestTextsAreComplete(t *testing.T) {
	t.Parallel()
	verbs := regexp.MustCompile(`%(\[\d\])?s`)
	all := maps.Clone(texts)
	for key, text := range evidenceTexts {
		all["evidence: "+key] = text
	}
	for key, text := range all {
		if !text.Complete() {
			t.Errorf("%s is not in all languages", key)
		}
		for _, l := range locale.All {
			if len(verbs.FindAllString(text.In(l), -1)) != len(verbs.FindAllString(text.NB, -1)) {
				t.Errorf("%s takes other arguments in %s", key, l)
			}
		}
	}
	for _, term := range terms {
		if !term.term.Complete() || !term.meaning.Complete() {
			t.Errorf("the term %s is not in all languages", term.term.NB)
		}
	}
}

// A key that is only used in a branch that no other test takes would fail a person's package.
func TestPageUsesTextsThatExist(t *testing.T) {
	t.Parallel()
	for _, page := range []struct {
		source string
		texts  map[string]locale.Text
		least  int
	}{{pageSource, texts, 40}, {evidenceSource, evidenceTexts, 9}} {
		uses := regexp.MustCompile(`\.T "([a-z0-9_]+)"`).FindAllStringSubmatch(page.source, -1)
		if len(uses) < page.least {
			t.Fatalf("found %d uses of texts in a page", len(uses))
		}
		for _, u := range uses {
			if _, ok := page.texts[u[1]]; !ok {
				t.Errorf("the page uses the text %s, which does not exist", u[1])
			}
		}
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := number(n, locale.EN); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
		if got := number(n, locale.NN); got != strings.ReplaceAll(want, ",", "\u00a0") {
			t.Errorf("number(%d) = %q in Norwegian", n, got)
		}
	}
}
