package export

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"time"

	"mininfo/internal/audit"
	"mininfo/internal/locale"
)

// EvidenceFormat and EvidenceVersion name the form of an evidence pack.
const (
	EvidenceFormat  = "mininfo-evidence"
	EvidenceVersion = 1
)

// The fixed names in an evidence pack. Each leaf's receipt lies beside the checkpoint.
const (
	evidenceName   = "evidence.json"
	registerName   = "register.yaml"
	keyName        = "log/key.txt"
	checkpointName = "log/checkpoint.txt"
)

var evidenceNames = regexp.MustCompile(`^(evidence\.json|register\.yaml|(bevis|evidence)\.html|log/(key|checkpoint|[0-9]{4}-[a-z0-9_.-]+)\.txt)$`)

// EvidencePage is the name of the page in a language's pack.
func EvidencePage(l locale.Locale) string {
	return locale.Text{NB: "bevis.html", NN: "bevis.html", EN: "evidence.html"}.In(l)
}

// Evidence is what shows somebody outside how one case went (Art. 5(2), 24): a page to read, the
// same as data, the register that it was decided under, and the audit log's proof of each act.
type Evidence struct {
	Locale     locale.Locale
	Created    time.Time
	Reference  string
	Title      string
	Made       string // when, in words
	Lead       string
	Sections   []EvidenceSection
	Data       any    // evidence.json; its "events" and "facts" have the hex hash of their "leaf"
	Register   []byte // YAML; empty: there was none
	Proofs     []EvidenceProof
	Checkpoint []byte
	Key        string // what receipts and checkpoint are verified with
}

// EvidenceSection is a part of the page: facts, paragraphs, a table.
type EvidenceSection struct {
	Title string
	Facts []EvidenceFact
	Text  []string
	Head  []string
	Rows  [][]string
}

// EvidenceFact is one line of a list of facts.
type EvidenceFact struct{ Name, Value string }

// EvidenceProof is the receipt of one act.
type EvidenceProof struct {
	Action  string
	Receipt []byte
}

//go:embed evidence.html
var evidenceSource string

var evidenceTemplate = template.Must(template.New("evidence").Funcs(template.FuncMap{"clean": visible}).
	Parse(strings.Replace(evidenceSource, "/*style*/", pageStyle, 1)))

// WriteEvidence writes the pack as a ZIP. The same input gives the same bytes. The manifest is the
// last file and has the digest of every other; its own digest stands for the pack.
func WriteEvidence(w io.Writer, e Evidence) (Manifest, error) {
	a := newArchive(w, Manifest{Format: EvidenceFormat, Version: EvidenceVersion, Created: e.Created.UTC(), Locale: e.Locale, Reference: e.Reference, Notes: []string{}})
	add := func(name, mediaType string, body []byte) error {
		return a.add(name, mediaType, func(w io.Writer) (int, error) {
			if _, err := w.Write(body); err != nil {
				return 0, fmt.Errorf("writing evidence: %w", err)
			}
			return 0, nil
		})
	}
	var page, data bytes.Buffer
	if err := evidenceTemplate.Execute(&page, evidenceView{e}); err != nil {
		return Manifest{}, fmt.Errorf("writing the page of evidence: %w", err)
	}
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(e.Data); err != nil {
		return Manifest{}, fmt.Errorf("writing evidence: %w", err)
	}
	if err := add(EvidencePage(e.Locale), "text/html; charset=utf-8", page.Bytes()); err != nil {
		return Manifest{}, err
	}
	if err := add(evidenceName, "application/json", data.Bytes()); err != nil {
		return Manifest{}, err
	}
	if len(e.Register) > 0 {
		if err := add(registerName, "application/yaml", e.Register); err != nil {
			return Manifest{}, err
		}
	}
	if err := add(keyName, "text/plain; charset=utf-8", []byte(e.Key+"\n")); err != nil {
		return Manifest{}, err
	}
	if err := add(checkpointName, "text/plain; charset=utf-8", e.Checkpoint); err != nil {
		return Manifest{}, err
	}
	for i, p := range e.Proofs {
		if err := add(proofName(i, p.Action), "text/plain; charset=utf-8", p.Receipt); err != nil {
			return Manifest{}, err
		}
	}
	return a.finish()
}

func proofName(place int, action string) string {
	return fmt.Sprintf("log/%04d-%s.txt", place+1, strings.ReplaceAll(action, ":", "-"))
}

type evidenceView struct{ Evidence }

// Lang is the page's language as a tag.
func (v evidenceView) Lang() string { return string(v.Locale) }

// T gives a fixed text. A key that does not exist fails the page.
func (v evidenceView) T(key string) (string, error) {
	t, ok := evidenceTexts[key]
	if !ok {
		return "", fmt.Errorf("no text %q", key)
	}
	return t.In(v.Locale), nil
}

// Example is the file that the page shows how to check.
func (v evidenceView) Example() string {
	if len(v.Proofs) == 0 {
		return ""
	}
	return proofName(0, v.Proofs[0].Action)
}

var evidenceTexts = map[string]locale.Text{
	"case":     text("Saksnummer", "Saksnummer", "Case number"),
	"made":     text("Laget", "Laga", "Made"),
	"contents": text("Innhold", "Innhald", "Contents"),
	"nothing":  text("Ingenting er registrert.", "Ingenting er registrert.", "Nothing is recorded."),
	"h_verify": text("Slik kontrolleres pakken", "Slik kontrollerer du pakken", "How to check this pack"),
	"verify_what": text(
		"Hver handling i saken står i en hendelseslogg som ikke kan endres uten at det synes. I mappen log ligger et bevis for hver handling. Beviset viser at handlingen står i loggen, og er signert av virksomheten. Kontrollen trenger ikke nett.",
		"Kvar handling i saka står i ein hendingslogg som ikkje kan endrast utan at det viser. I mappa log ligg eit bevis for kvar handling. Beviset viser at handlinga står i loggen, og er signert av verksemda. Kontrollen treng ikkje nett.",
		"Each act of the case stands in a log that cannot be changed without it showing. The folder log has a proof of each act: it shows that the act is in the log, and is signed by the organisation. The check needs no network."),
	"verify_key": text("Få nøkkelen fra virksomheten på en annen måte, og se at den er denne:", "Få nøkkelen frå verksemda på ein annan måte, og sjå at han er denne:",
		"Get the key from the organisation in another way, and see that it is this one:"),
	"verify_pack": text("Kontroller hele pakken, alle filer og alle bevis:", "Kontroller heile pakken, alle filer og alle bevis:", "Check the whole pack, every file and every proof:"),
	"verify_one":  text("Kontroller ett bevis:", "Kontroller eitt bevis:", "Check one proof:"),
	"verify_log": text("Virksomheten selv kontrollerer hele loggen mot denne pakken:", "Verksemda sjølv kontrollerer heile loggen mot denne pakken:",
		"The organisation itself checks its whole log against this pack:"),
}

// VerifyEvidence reads a whole pack again, offline: every file against the manifest, and every proof
// against the log's key, which must come from elsewhere than the pack. An event or a fact without a proof,
// or anything changed, is ErrDamaged.
func VerifyEvidence(r io.ReaderAt, size int64, key string) (Manifest, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return Manifest{}, damaged("it is no ZIP")
	}
	m, err := verify(z, EvidenceFormat, EvidenceVersion, evidenceNames.MatchString)
	if err != nil {
		return Manifest{}, err
	}
	proved := map[string]bool{}
	var checkpoint, data []byte
	for _, f := range z.File {
		body, err := readAll(f)
		switch {
		case err != nil:
			return Manifest{}, err
		case f.Name == checkpointName:
			checkpoint = body
		case f.Name == evidenceName:
			data = body
		case strings.HasPrefix(f.Name, "log/") && f.Name != keyName:
			receipt, err := audit.ParseReceipt(body)
			if err != nil {
				return Manifest{}, damaged(f.Name + " is no proof")
			}
			if _, _, err := receipt.Verify(key); err != nil {
				return Manifest{}, fmt.Errorf("checking %s: %w: %w", f.Name, ErrDamaged, err)
			}
			if checkpoint != nil && !bytes.Equal(receipt.Checkpoint, checkpoint) {
				return Manifest{}, damaged(f.Name + " is of another moment")
			}
			hash := audit.LeafHash(receipt.Leaf)
			proved[hex.EncodeToString(hash[:])] = true
		}
	}
	if _, err := audit.OpenCheckpoint(checkpoint, key); err != nil {
		return Manifest{}, fmt.Errorf("checking the checkpoint: %w: %w", ErrDamaged, err)
	}
	return m, eachProved(data, proved)
}

func eachProved(data []byte, proved map[string]bool) error {
	type proof struct {
		Leaf string `json:"leaf"`
	}
	var said struct {
		Events []proof `json:"events"`
		Facts  []proof `json:"facts"`

		Redactions []proof `json:"redactions"`
	}
	if err := json.Unmarshal(data, &said); err != nil || len(said.Events) == 0 {
		return damaged("it tells of no event")
	}
	for _, e := range said.Events {
		if !proved[e.Leaf] {
			return damaged("an event has no proof")
		}
	}
	for _, f := range said.Facts {
		if !proved[f.Leaf] {
			return damaged("a fact has no proof")
		}
	}
	for _, r := range said.Redactions {
		if !proved[r.Leaf] {
			return damaged("a redaction has no proof")
		}
	}
	return nil
}

func readAll(f *zip.File) ([]byte, error) {
	body, err := f.Open()
	if err != nil {
		return nil, damaged("a file cannot be opened")
	}
	defer body.Close() //nolint:errcheck // only read
	raw, err := io.ReadAll(io.LimitReader(body, maxManifest))
	if err != nil {
		return nil, damaged("a file cannot be read")
	}
	return raw, nil
}
