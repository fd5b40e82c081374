package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// layers gives each package of ours its height, by its path under the module. A package imports
// only packages that are strictly lower, so packages of one height never import each other: the
// four use-case packages meet through jobs and states, not through calls.
var layers = map[string]int{
	"internal/locale": 0, "migrations": 0, "ui": 0,
	"internal/fault":   1,
	"internal/keyring": 2,
	"internal/audit":   3, "internal/job": 3, "internal/mail": 3,
	"internal/dataset": 4, "internal/dsr": 4, "internal/verification": 4,
	"internal/source": 5, "internal/register": 5, "internal/staff": 5, "internal/blob": 5,
	sourceKinds:             6,
	"internal/scan":         6,
	"internal/source/kinds": 7, // the list of all kinds
	"internal/export":       7,
	"internal/engine":       8, "internal/letter": 8,
	"internal/store":  9,
	"internal/access": 10, "internal/casework": 10, "internal/governance": 10, "internal/fulfilment": 10, "internal/live": 10,
	"internal/demo":       11,
	"api":                 12,
	"api/client":          0, // of other systems' programs: it knows nothing of ours
	"internal/portaltest": 13,
	"cmd/mininfo":         14,
	scripts:               14,
}

// Entries of layers that stand for every package right under a folder: a new kind of source or a
// new script needs no line here.
const (
	sourceKinds = "internal/source/*"
	scripts     = "scripts/*"
)

// testOnly may be imported by test files alone.
const testOnly = "internal/portaltest"

// foreign says which foreign imports only some packages may have, and why.
var foreign = []struct {
	prefix string
	only   []string
	why    string
}{
	{"github.com/labstack/", []string{"api"}, "only api knows the HTTP framework: the step to its next version must stay a day's work"},
	{"gorm.io/", []string{"internal/store"}, "only store knows the mapper"},
	{"github.com/ncruces/go-sqlite3/gormlite", []string{"internal/store"}, "only store knows the mapper"},
	{"github.com/prometheus/", []string{"cmd/mininfo"}, "what is measured is told to a function; only cmd knows to whom it is shown"},
	{"math/rand", []string{"internal/demo", testOnly, scripts}, "secrets come from crypto/rand; a seeded generator is for made-up people only"},
	{"os/exec", []string{"cmd/mininfo", testOnly, scripts}, "the portal starts no programs"},
	{"encoding/gob", []string{scripts}, "it decodes into whatever the sender says"},
	{"encoding/xml", []string{scripts}, "no document of ours is XML, and its readers are attacked through entities"},
	{"text/template", nil, "what is stored or typed is text and is never run; pages escape with html/template"},
	{"plugin", nil, "the portal runs no code of others"},
	{"crypto/md5", nil, "it is broken"},
	{"crypto/sha1", nil, "it is broken"},
	{"crypto/des", nil, "it is broken"},
	{"crypto/rc4", nil, "it is broken"},
	{"net/http/pprof", nil, "it shows the process's memory to whoever asks"},
	{"expvar", nil, "it shows how the process was started to whoever asks"},
	{"mininfo/internal/demo", []string{"cmd/mininfo", testOnly}, "the demo is a command's business; nothing that serves may lean on it"},
}

// calls says which functions only some packages may use, and why.
var calls = []struct {
	pkg   string
	names []string
	only  []string
	why   string
}{
	{"os", []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}, []string{"cmd/mininfo", testOnly, scripts}, "only cmd knows configuration; others get values"},
	{"syscall", []string{"Getenv", "Environ"}, []string{"cmd/mininfo", testOnly, scripts}, "only cmd knows configuration; others get values"},
	// The job runner measures how long ago its own heartbeat was: a difference of the monotonic clock, no point in time.
	{"time", []string{"Now"}, []string{"cmd/mininfo", testOnly, scripts, "internal/job"}, "time is handed in"},
	// The deadline of a context is an instant of this machine's clock, so the socket under it may ask that clock.
	{"time", []string{"Since", "Until"}, []string{"cmd/mininfo", testOnly, scripts, "internal/mail", "internal/job"}, "time is handed in"},
}

// pkg is what the rules look at: one package with the imports and calls of its non-test files.
type pkg struct {
	path    string // under the module, e.g. "internal/dsr"
	imports []string
	calls   []string // "os.Getenv" with the full path of the package
}

// layer gives the height of a package, and the name under which the rules know it.
func layer(path string) (height int, rule string, ok bool) {
	for _, rule := range []string{path, folder(path) + "/*"} {
		if height, ok := layers[rule]; ok {
			return height, rule, true
		}
	}
	return 0, "", false
}

func folder(path string) string {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)]
}

// violations gives one sentence for each breach of the rules by a package.
func violations(p pkg) []string {
	height, rule, ok := layer(p.path)
	if !ok {
		return []string{fmt.Sprintf("%s has no layer: is it a room of its own? Then give it one in layers_test.go", p.path)}
	}
	var found []string
	for _, imported := range p.imports {
		if ours, ok := strings.CutPrefix(imported, "mininfo/"); ok {
			switch lower, _, known := layer(ours); {
			case !known:
				found = append(found, fmt.Sprintf("%s imports %s, which has no layer", p.path, ours))
			case ours == testOnly:
				found = append(found, fmt.Sprintf("%s imports %s, which is for tests alone", p.path, ours))
			case lower >= height:
				found = append(found, fmt.Sprintf("%s (layer %d) imports %s (layer %d): imports point down", p.path, height, ours, lower))
			}
		}
		for _, f := range foreign {
			if covers(f.prefix, imported) && !slices.Contains(f.only, rule) {
				found = append(found, fmt.Sprintf("%s imports %s: %s", p.path, imported, f.why))
			}
		}
	}
	for _, call := range p.calls {
		for _, c := range calls {
			name, ok := strings.CutPrefix(call, c.pkg+".")
			if ok && slices.Contains(c.names, name) && !slices.Contains(c.only, rule) {
				found = append(found, fmt.Sprintf("%s uses %s: %s", p.path, call, c.why))
			}
		}
	}
	return found
}

// covers tells whether an import path is the prefix or lies under it.
func covers(prefix, path string) bool {
	return path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/")
}

func TestLayers(t *testing.T) {
	t.Parallel()
	packages := modulePackages(t)
	if len(packages) < 5 {
		t.Fatalf("found only %d packages: the test looks in the wrong place", len(packages))
	}
	for _, p := range packages {
		for _, v := range violations(p) {
			t.Error(v)
		}
	}
}

// modulePackages reads every package of the module. Files for other systems and build tags count
// too, so the files are parsed rather than taken from the list of what is built here.
func modulePackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Dir,GoFiles,CgoFiles,IgnoredGoFiles", "mininfo/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing packages: %v\n%s", err, &stderr)
	}
	var packages []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct {
			ImportPath, Dir                   string
			GoFiles, CgoFiles, IgnoredGoFiles []string
		}
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("reading the list of packages: %v", err)
		}
		p := pkg{path: strings.TrimPrefix(listed.ImportPath, "mininfo/")}
		for _, name := range slices.Concat(listed.GoFiles, listed.CgoFiles, listed.IgnoredGoFiles) {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(listed.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("parsing: %v", err)
			}
			p.read(file)
		}
		packages = append(packages, p)
	}
}

// read adds the imports of a file and every selector on one of them, called or not: a function that
// is handed on as a value is used as well.
func (p *pkg) read(file *ast.File) {
	local := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it, so it cannot happen
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		local[name] = path
		p.imports = append(p.imports, path)
		if name == "." {
			p.calls = append(p.calls, dotImported(path)...)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if selector, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && local[x.Name] != "" {
				p.calls = append(p.calls, local[x.Name]+"."+selector.Sel.Name)
			}
		}
		return true
	})
}

// dotImported takes a dot import of a watched package for the use of all that is watched in it.
func dotImported(path string) []string {
	var used []string
	for _, c := range calls {
		if c.pkg == path {
			for _, name := range c.names {
				used = append(used, path+"."+name)
			}
		}
	}
	return used
}

// TestLayersCatch proves that the rules can fail: each planted breach is found, and what is allowed
// is not.
func TestLayersCatch(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		path    string
		source  string
		breach  string // part of the one sentence, or empty where nothing is wrong
		breachN int
	}{
		{"down", "internal/store", `import _ "mininfo/internal/dsr"`, "", 0},
		{"up", "internal/dsr", `import _ "mininfo/internal/store"`, "imports point down", 1},
		{"sideways", "internal/casework", `import _ "mininfo/internal/fulfilment"`, "imports point down", 1},
		{"a source kind from another", "internal/source/file", `import _ "mininfo/internal/source/sqldb"`, "imports point down", 1},
		{"a new source kind", "internal/source/webhook", `import _ "mininfo/internal/source"`, "", 0},
		{"a cupboard", "internal/util", `import _ "strings"`, "has no layer", 1},
		{"into a cupboard", "internal/store", `import _ "mininfo/internal/util"`, "which has no layer", 1},
		{"test helpers in the product", "cmd/mininfo", `import _ "mininfo/internal/portaltest"`, "for tests alone", 1},
		{"the demo served", "api", `import _ "mininfo/internal/demo"`, "the demo is a command's business", 1},
		{"echo at the edge", "api", `import _ "github.com/labstack/echo/v4"`, "", 0},
		{"echo inside", "internal/access", `import _ "github.com/labstack/echo/v4/middleware"`, "only api", 1},
		{"gorm in the store", "internal/store", `import _ "gorm.io/gorm"`, "", 0},
		{"gorm outside", "internal/casework", `import _ "gorm.io/gorm"`, "only store", 1},
		{"gorm's SQLite dialect outside", "internal/source/sqldb", `import _ "github.com/ncruces/go-sqlite3/gormlite"`, "only store", 1},
		{"SQLite itself outside", "internal/source/sqldb", `import _ "github.com/ncruces/go-sqlite3/driver"`, "", 0},
		{"weak randomness", "internal/verification", `import _ "math/rand/v2"`, "crypto/rand", 1},
		{"strong randomness", "internal/verification", `import _ "crypto/rand"`, "", 0},
		{"programs", "internal/export", `import _ "os/exec"`, "starts no programs", 1},
		{"gob", "internal/job", `import _ "encoding/gob"`, "whatever the sender says", 1},
		{"xml", "internal/source/file", `import _ "encoding/xml"`, "entities", 1},
		{"templates that run", "internal/mail", `import _ "text/template"`, "never run", 1},
		{"a broken digest", "scripts/check", `import _ "crypto/sha1"`, "broken", 1},
		{"a look into the process", "cmd/mininfo", `import _ "net/http/pprof"`, "memory", 1},
		{"the environment", "internal/mail", "import \"os\"\nvar x = os.Getenv(\"HOME\")", "only cmd knows configuration", 1},
		{"the environment renamed", "internal/mail", "import sys \"os\"\nvar x, y = sys.LookupEnv, 1", "only cmd knows configuration", 1},
		{"the environment by a dot", "internal/mail", "import . \"os\"\nvar x = Getenv(\"HOME\")", "only cmd knows configuration", 4},
		{"the environment in cmd", "cmd/mininfo", "import \"os\"\nvar x = os.Getenv(\"HOME\")", "", 0},
		{"files", "internal/mail", "import \"os\"\nvar x, y = os.Open(\"x\")", "", 0},
		{"the clock", "internal/dsr", "import \"time\"\nvar now = time.Now", "time is handed in", 1},
		{"the clock in disguise", "internal/dsr", "import \"time\"\nvar d = time.Since(time.Time{})", "time is handed in", 1},
		{"a socket's deadline", "internal/mail", "import \"time\"\nvar d = time.Until(time.Time{})", "", 0},
		{"the clock beside a socket", "internal/mail", "import \"time\"\nvar now = time.Now()", "time is handed in", 1},
		{"durations", "internal/dsr", "import \"time\"\nvar d = 3 * time.Hour", "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+tt.source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			p := pkg{path: tt.path}
			p.read(file)
			got := violations(p)
			if len(got) != tt.breachN {
				t.Fatalf("found %d breaches, want %d: %q", len(got), tt.breachN, got)
			}
			for _, sentence := range got {
				if !strings.Contains(sentence, tt.breach) {
					t.Errorf("breach %q does not say %q", sentence, tt.breach)
				}
			}
		})
	}
}

// TestLayersUseCasesApart holds the rule that matters most by name, so that an edit of the heights
// cannot lift it by accident.
func TestLayersUseCasesApart(t *testing.T) {
	t.Parallel()
	useCases := []string{"access", "casework", "fulfilment", "governance"}
	var let []string
	for _, from := range useCases {
		for _, to := range useCases {
			if from != to && len(violations(pkg{path: "internal/" + from, imports: []string{"mininfo/internal/" + to}})) == 0 {
				let = append(let, from+" → "+to)
			}
		}
	}
	if diff := cmp.Diff([]string(nil), let); diff != "" {
		t.Errorf("use cases may import each other (-want +got):\n%s", diff)
	}
}
