package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// instead is the part of the glossary where bokmål and nynorsk go each their way: the beginning of a word that
// no nynorsk text has, and what it says.
var instead = map[string]string{
	"forleng": "lengje, lenging", "begrens": "avgrense, avgrensing", "bekreft": "stadfeste, stadfesting",
	"begrunn": "grunngje, grunngiving", "formål": "føremål", "virksomhet": "verksemd", "avgjørels": "avgjerd",
	"sikkerhetskopi": "tryggingskopi", "personopplysningssikkerhet": "personopplysningstryggleik", "taushet": "teieplikt",
	"berettig": "rettkomen", "anmod": "førespurnad, krav", "kilde": "kjelde", "regnskap": "rekneskap", "foretak": "føretak",
	"markedsføring": "marknadsføring", "helligdag": "heilagdag", "mottaker": "mottakar", "saksbehandler": "saksbehandlar",
	"opplysninger": "opplysningar", "ugrunnet": "ugrunna", "åpenbart": "openbert", "overdrevent": "overdrive", "uvedkommende": "uvedkomande",
	"engangskode": "eingongskode", "erklæringer": "fråsegner", "vitale interessene": "vitale interesser", "allmennhet": "ålmenta",
}

// TestNynorskKeepsToTheGlossary reads every nynorsk text of the portal: in the code, in the pages and in the
// register that it comes with.
func TestNynorskKeepsToTheGlossary(t *testing.T) {
	t.Parallel()
	words := map[*regexp.Regexp]string{}
	for word, say := range instead {
		words[regexp.MustCompile(`(?i)(^|[^\p{L}])`+word)] = say
	}
	root, read := filepath.Join("..", ".."), 0
	for _, folder := range []string{"internal", "api", "cmd", filepath.Join("ui", "src", "text")} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			texts, err := nynorsk(path)
			if err != nil {
				return err
			}
			for _, text := range texts {
				read++
				for word, say := range words {
					if word.MatchString(text) {
						t.Errorf("%s: %q has %s; the glossary says %s", path, text, word, say)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if read < 2000 { // a reader that finds nothing finds no fault
		t.Errorf("only %d texts were read", read)
	}
}

// nynorsk gives the nynorsk texts of a file.
func nynorsk(path string) ([]string, error) {
	switch {
	case strings.HasSuffix(path, "_test.go"), strings.HasSuffix(path, ".gen.go"):
		return nil, nil
	case strings.HasSuffix(path, ".nn.ts"):
		return lines(path, "")
	case strings.HasSuffix(path, ".yaml"):
		return lines(path, "nn: ")
	case strings.HasSuffix(path, ".go"):
		return spoken(path)
	}
	return nil, nil
}

// lines gives the lines of a file that begin with something, bare of it.
func lines(path, begin string) ([]string, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found []string
	for line := range strings.Lines(string(body)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), begin); ok {
			found = append(found, rest)
		}
	}
	return found, nil
}

// spoken gives the nynorsk texts of a Go file: each stands between the bokmål and the English one, or is named NN;
// of the mails they fill a file.
func spoken(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return nil, err
	}
	var found []string
	take := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil {
					found = append(found, text)
				}
			}
			return true
		})
	}
	if filepath.Base(path) == "nn.go" {
		take(file)
		return found, nil
	}
	second := map[string]int{"text": 1, "say": 2, "Define": 3}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if i, ok := second[name(n.Fun)]; ok && len(n.Args) > i+1 {
				take(n.Args[i])
			}
		case *ast.CompositeLit:
			if name(n.Type) == "Text" && len(n.Elts) == 3 {
				if _, named := n.Elts[1].(*ast.KeyValueExpr); !named {
					take(n.Elts[1])
				}
			}
		case *ast.KeyValueExpr:
			if name(n.Key) == "NN" {
				take(n.Value)
			}
		}
		return true
	})
	return found, nil
}

// name is what an expression is called, without its package.
func name(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}
