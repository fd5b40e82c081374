package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The acts that the log can hold, by the contract, are those that the program writes: none that the log's page
// has no words for, and no words for what is never written.
func TestTheContractNamesEveryActOfTheLog(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var contract struct {
		Components struct {
			Schemas struct {
				AuditAct struct{ Enum []string } `yaml:"AuditAct"`
			}
		}
	}
	if err := yaml.Unmarshal(data, &contract); err != nil {
		t.Fatal(err)
	}
	named, written := contract.Components.Schemas.AuditAct.Enum, actsWritten(t)
	if len(written) < 60 {
		t.Fatalf("only %d acts were found in the program: the look is blind", len(written))
	}
	for _, act := range written {
		if !slices.Contains(named, act) {
			t.Errorf("the contract does not name %q, which the program writes", act)
		}
	}
	for _, act := range named {
		if !slices.Contains(written, act) {
			t.Errorf("the contract names %q, which the program never writes", act)
		}
	}
}

// actor finds what is written into the log: what stands as Action in a store.Act, there or where it is handed
// down from.
type actor struct {
	t     *testing.T
	files map[string][]*ast.File // by folder
	logs  map[string]way         // folder and name of a function that hands an act down
	acts  map[string]bool
}

// way is which argument of a function is the act, and how many it takes.
type way struct {
	place, arguments int
	more             bool
}

func (w way) takes(n int) bool { return n == w.arguments || w.more && n >= w.arguments-1 }

func actsWritten(t *testing.T) []string {
	t.Helper()
	a := &actor{t: t, files: map[string][]*ast.File{}, logs: map[string]way{}, acts: map[string]bool{}}
	set := token.NewFileSet()
	for _, pattern := range []string{"../../internal/*/*.go", "*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			a.files[filepath.Dir(path)] = append(a.files[filepath.Dir(path)], file)
		}
	}
	// What hands an act down is a way into the log for those who call it, and so on upwards.
	for known := -1; known != len(a.logs); {
		known = len(a.logs)
		a.each(a.look)
	}
	return slices.Sorted(func(yield func(string) bool) {
		for act := range a.acts {
			if !yield(act) {
				return
			}
		}
	})
}

func (a *actor) each(fn func(dir string, f *ast.FuncDecl)) {
	for dir, files := range a.files {
		for _, file := range files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
					fn(dir, f)
				}
			}
		}
	}
}

func (a *actor) look(dir string, f *ast.FuncDecl) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if name(n.Type) != "Act" {
				return true
			}
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok && name(kv.Key) == "Action" {
					a.written(dir, f, kv.Value)
				}
			}
		case *ast.CallExpr:
			if w, ok := a.logs[dir+" "+name(n.Fun)]; ok && w.takes(len(n.Args)) {
				a.written(dir, f, n.Args[w.place])
			}
		}
		return true
	})
}

// written notes an act: a text, or what a name stands for.
func (a *actor) written(dir string, f *ast.FuncDecl, x ast.Expr) {
	switch x := x.(type) {
	case *ast.BasicLit:
		a.literal(x)
		return
	case *ast.CallExpr: // string(e.Kind): an event of a case
		if len(x.Args) == 1 && name(x.Args[0]) == "Kind" {
			a.events()
			return
		}
		if len(x.Args) == 1 && name(x.Fun) == "string" { // a text of another type
			a.written(dir, f, x.Args[0])
			return
		}
	}
	w := way{place: -1}
	for _, p := range f.Type.Params.List {
		_, w.more = p.Type.(*ast.Ellipsis)
		for _, param := range p.Names {
			if param.Name == name(x) {
				w.place = w.arguments
			}
			w.arguments++
		}
	}
	if _, plain := x.(*ast.Ident); plain && w.place >= 0 {
		a.logs[dir+" "+f.Name.Name] = w
		return
	}
	_, field := x.(*ast.SelectorExpr)
	if !a.assigned(dir, f, name(x), field) {
		a.t.Errorf("%s in %s: what is written into the log cannot be read from the code", f.Name.Name, dir)
	}
}

// assigned notes the texts that a variable of the function or a constant is given, or a field of the package.
func (a *actor) assigned(dir string, f *ast.FuncDecl, of string, field bool) bool {
	found := false
	given := func(to, value ast.Expr) {
		if text, ok := value.(*ast.BasicLit); ok && name(to) == of {
			a.literal(text)
			found = true
		}
	}
	inspect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i := 0; !field && i < min(len(n.Lhs), len(n.Rhs)); i++ {
				given(n.Lhs[i], n.Rhs[i])
			}
		case *ast.ValueSpec:
			for i := 0; !field && i < min(len(n.Names), len(n.Values)); i++ {
				given(n.Names[i], n.Values[i])
			}
		case *ast.KeyValueExpr:
			if field {
				given(n.Key, n.Value)
			}
		}
		return true
	}
	if ast.Inspect(f, inspect); !found {
		for _, file := range a.files[dir] {
			ast.Inspect(file, inspect)
		}
	}
	return found
}

// events notes every kind of event that a case can have.
func (a *actor) events() {
	for _, file := range a.files["../../internal/dsr"] {
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && name(v.Type) == "EventKind" {
				for _, value := range v.Values {
					if text, ok := value.(*ast.BasicLit); ok {
						a.literal(text)
					}
				}
			}
			return true
		})
	}
}

func (a *actor) literal(x *ast.BasicLit) {
	if text, err := strconv.Unquote(x.Value); err == nil && text != "" {
		a.acts[text] = true
	}
}

// name gives the last name of an expression: Act of store.Act.
func name(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return x.Sel.Name
	}
	return ""
}
