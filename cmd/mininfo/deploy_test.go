package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The container files cannot be run where the tests run, so they are parsed strictly and compared
// with what the portal and the runtime would need.

// environment holds the names of the portal's settings that a container may set; each has a twin
// with _FILE whose value is the path of a secret.
var environment = []string{
	"MININFO_DATABASE", "MININFO_PUBLIC_URL", "MININFO_LISTEN", "MININFO_SMTP", "MININFO_BLOBS",
	"MININFO_KEY_FILE", "MININFO_SOURCES", "MININFO_REGISTER", "MININFO_MAILS", "MININFO_TRUSTED_PROXIES",
}

func knownSetting(name string) bool {
	return slices.Contains(environment, name) || slices.Contains(environment, strings.TrimSuffix(name, "_FILE"))
}

// composeFile is the part of the compose format that we use; anything else is an error.
type composeFile struct {
	Services map[string]composeService  `yaml:"services"`
	Secrets  map[string]composeSecret   `yaml:"secrets"`
	Volumes  map[string]*map[string]any `yaml:"volumes"`
}

type composeSecret struct {
	File string `yaml:"file"`
}

type composeService struct {
	Build       string            `yaml:"build"`
	Image       string            `yaml:"image"`
	Restart     string            `yaml:"restart"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop"`
	SecurityOpt []string          `yaml:"security_opt"`
	DependsOn   map[string]waiter `yaml:"depends_on"`
	Environment map[string]string `yaml:"environment"`
	Secrets     []string          `yaml:"secrets"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	Healthcheck *struct {
		Test     []string `yaml:"test"`
		Interval string   `yaml:"interval"`
		Timeout  string   `yaml:"timeout"`
		Retries  int      `yaml:"retries"`
	} `yaml:"healthcheck"`
}

type waiter struct {
	Condition string `yaml:"condition"`
}

var (
	pinned    = regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9][A-Za-z0-9.-]*$`)
	localPort = regexp.MustCompile(`^127\.0\.0\.1:[0-9]+:[0-9]+$`)
)

// checkCompose gives one sentence for each thing that is wrong with a compose file.
func checkCompose(raw []byte) []string {
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	var file composeFile
	if err := decoder.Decode(&file); err != nil {
		return []string{fmt.Sprintf("not a compose file: %v", err)}
	}
	var wrong []string
	for _, name := range []string{"portal", "database", "mail"} {
		if _, ok := file.Services[name]; !ok {
			wrong = append(wrong, "service "+name+" is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(file.Services)) {
		for _, sentence := range file.Services[name].problems(file) {
			wrong = append(wrong, name+": "+sentence)
		}
	}
	for name, secret := range file.Secrets {
		if !strings.HasPrefix(secret.File, "./secrets/") {
			wrong = append(wrong, "secret "+name+" lies outside ./secrets, which git and the image leave out")
		}
	}
	return wrong
}

func (s composeService) problems(file composeFile) []string {
	var wrong []string
	if (s.Build == "") == (s.Image == "") {
		wrong = append(wrong, "needs either build or image")
	}
	if s.Image != "" && !pinned.MatchString(s.Image) {
		wrong = append(wrong, "image "+s.Image+" has no version")
	}
	for other, wait := range s.DependsOn {
		target, ok := file.Services[other]
		if !ok {
			wrong = append(wrong, "waits for "+other+", which is no service")
		}
		if wait.Condition == "service_healthy" && target.Healthcheck == nil {
			wrong = append(wrong, "waits for the health of "+other+", which is never checked")
		}
	}
	for name, value := range s.Environment {
		wrong = append(wrong, s.settingProblems(name, value)...)
	}
	for _, secret := range s.Secrets {
		if _, ok := file.Secrets[secret]; !ok {
			wrong = append(wrong, "secret "+secret+" is not defined")
		}
	}
	for _, port := range s.Ports {
		if !localPort.MatchString(port) {
			wrong = append(wrong, "port "+port+" is not on 127.0.0.1")
		}
	}
	for _, volume := range s.Volumes {
		name, path, _ := strings.Cut(volume, ":")
		if _, ok := file.Volumes[name]; !ok || !strings.HasPrefix(path, "/") {
			wrong = append(wrong, "volume "+volume+" is not defined")
		}
	}
	return wrong
}

func (s composeService) settingProblems(name, value string) []string {
	var wrong []string
	if strings.HasPrefix(name, "MININFO_") && !knownSetting(name) {
		wrong = append(wrong, name+" is no setting of the portal")
	}
	if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok && !slices.Contains(s.Secrets, secret) {
		wrong = append(wrong, name+" names a secret that the service does not get")
	}
	inFile := strings.HasSuffix(name, "_FILE")
	if !inFile && (strings.Contains(name, "PASSWORD") || regexp.MustCompile(`://[^/@]*:[^/@]*@`).MatchString(value)) {
		wrong = append(wrong, name+" has a secret in the clear")
	}
	return wrong
}

// instruction is one instruction of a Dockerfile, its continued lines joined.
type instruction struct {
	line      int
	name, arg string
}

var dockerInstructions = []string{"FROM", "WORKDIR", "COPY", "RUN", "ARG", "ENV", "VOLUME", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}

func parseDockerfile(text string) ([]instruction, error) {
	var parsed []instruction
	var open *instruction
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		rest, continues := strings.CutSuffix(trimmed, `\`)
		if open != nil {
			open.arg += " " + strings.TrimSpace(rest)
		} else {
			name, arg, _ := strings.Cut(strings.TrimSpace(rest), " ")
			if !slices.Contains(dockerInstructions, name) {
				return nil, fmt.Errorf("line %d: %s is no instruction that we use", i+1, name)
			}
			parsed = append(parsed, instruction{line: i + 1, name: name, arg: strings.TrimSpace(arg)})
			open = &parsed[len(parsed)-1]
		}
		if open.arg == "" {
			return nil, fmt.Errorf("line %d: %s of nothing", i+1, open.name)
		}
		if !continues {
			open = nil
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: %s goes on after the end of the file", open.line, open.name)
	}
	return parsed, nil
}

// checkDockerfile gives one sentence for each thing that is wrong with a Dockerfile in a folder.
func checkDockerfile(text, root string) []string {
	parsed, err := parseDockerfile(text)
	if err != nil {
		return []string{err.Error()}
	}
	var wrong []string
	stages := map[string]bool{}
	last := map[string]string{} // instruction → argument, of the last stage
	for i, in := range parsed {
		if i == 0 && in.name != "FROM" {
			wrong = append(wrong, fmt.Sprintf("line %d: the first instruction is not FROM", in.line))
		}
		switch in.name {
		case "FROM":
			clear(last)
			image, stage, _ := strings.Cut(in.arg, " AS ")
			if image != "scratch" && !pinned.MatchString(image) {
				wrong = append(wrong, fmt.Sprintf("line %d: image %s has no version", in.line, image))
			}
			stages[stage] = true
		case "COPY":
			wrong = append(wrong, copyProblems(in, stages, root)...)
		case "ENV":
			for _, pair := range strings.Fields(in.arg) {
				name, _, ok := strings.Cut(pair, "=")
				if !ok || strings.HasPrefix(name, "MININFO_") && !knownSetting(name) {
					wrong = append(wrong, fmt.Sprintf("line %d: %s is no setting of the portal", in.line, name))
				}
			}
		case "ENTRYPOINT", "CMD", "VOLUME":
			var words []string
			if json.Unmarshal([]byte(in.arg), &words) != nil || len(words) == 0 {
				wrong = append(wrong, fmt.Sprintf("line %d: %s is not a list of words: there is no shell to split it", in.line, in.name))
			}
		}
		last[in.name] = in.arg
	}
	if !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(last["USER"]) {
		wrong = append(wrong, "the last stage runs as root, or as a user whose number nobody can check")
	}
	if last["ENTRYPOINT"] == "" {
		wrong = append(wrong, "the last stage starts nothing")
	}
	return wrong
}

// copyProblems holds that a COPY takes from a stage above it, or from what is in the repository.
func copyProblems(in instruction, stages map[string]bool, root string) []string {
	var wrong []string
	words := strings.Fields(in.arg)
	fromStage := false
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		if stage, ok := strings.CutPrefix(words[0], "--from="); ok {
			fromStage = true
			if !stages[stage] {
				wrong = append(wrong, fmt.Sprintf("line %d: there is no stage %s above", in.line, stage))
			}
		}
		words = words[1:]
	}
	if len(words) < 2 {
		return append(wrong, fmt.Sprintf("line %d: COPY needs a source and a target", in.line))
	}
	for _, source := range words[:len(words)-1] {
		if _, err := os.Stat(filepath.Join(root, source)); err != nil && !fromStage {
			wrong = append(wrong, fmt.Sprintf("line %d: %s is not in the repository", in.line, source))
		}
	}
	return wrong
}

const root = "../.."

func readRoot(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestDeployFiles(t *testing.T) {
	t.Parallel()
	for _, sentence := range checkCompose([]byte(readRoot(t, "docker-compose.yml"))) {
		t.Error("docker-compose.yml: ", sentence)
	}
	for _, sentence := range checkDockerfile(readRoot(t, "Dockerfile"), root) {
		t.Error("Dockerfile: ", sentence)
	}
}

// TestDeployCatches bends the real files, one planted mistake at a time.
func TestDeployCatches(t *testing.T) {
	t.Parallel()
	compose := func(text string) []string { return checkCompose([]byte(text)) }
	docker := func(text string) []string { return checkDockerfile(text, root) }
	tests := []struct {
		name, file, old, new string
		check                func(string) []string
		want                 string
	}{
		{"a typing error in a key", "docker-compose.yml", "environment:", "enviroment:", compose, "enviroment"},
		{"a setting that is none", "docker-compose.yml", "MININFO_SMTP:", "MININFO_MAIL:", compose, "MININFO_MAIL is no setting"},
		{"a secret in the clear", "docker-compose.yml", "smtp://mail:1025", "smtp://me:secret@mail:587", compose, "in the clear"},
		{"a secret not handed over", "docker-compose.yml", "secrets: [database_url]", "secrets: []", compose, "does not get"},
		{"a secret not defined", "docker-compose.yml", "secrets: [database_password]", "secrets: [password]", compose, "not defined"},
		{"a port open to all", "docker-compose.yml", `"127.0.0.1:8080:8080"`, `"8080:8080"`, compose, "not on 127.0.0.1"},
		{"an image without a version", "docker-compose.yml", "postgres:15-bookworm", "postgres:latest", compose, "has no version"},
		{"a volume not defined", "docker-compose.yml", "- key:", "- keys:", compose, "volume keys:"},
		{"waiting for nobody", "docker-compose.yml", "mail: {condition", "post: {condition", compose, "which is no service"},
		{"an unknown instruction", "Dockerfile", "WORKDIR /src/ui", "CHDIR /src/ui", docker, "CHDIR is no instruction"},
		{"an open end", "Dockerfile", `CMD ["serve"]`, `CMD ["serve"] \`, docker, "goes on after the end"},
		{"a stage that is not there", "Dockerfile", "--from=ui", "--from=web", docker, "no stage web"},
		{"a file that is not there", "Dockerfile", "COPY go.mod go.sum", "COPY go.mod go.lock", docker, "go.lock is not in the repository"},
		{"root", "Dockerfile", "USER 65532:65532", "USER root", docker, "runs as root"},
		{"a shell that is not there", "Dockerfile", `CMD ["serve"]`, "CMD serve", docker, "no shell"},
		{"a setting that is none, in the image", "Dockerfile", "MININFO_BLOBS=", "MININFO_BLOB=", docker, "MININFO_BLOB is no setting"},
		{"a base without a version", "Dockerfile", "golang:1.26-bookworm", "golang", docker, "has no version"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := readRoot(t, tt.file)
			bent := strings.Replace(text, tt.old, tt.new, 1)
			if bent == text {
				t.Fatalf("%s has no %q to bend", tt.file, tt.old)
			}
			if got := strings.Join(tt.check(bent), "\n"); !strings.Contains(got, tt.want) {
				t.Errorf("problems found: %q, want one with %q", got, tt.want)
			}
		})
	}
}
