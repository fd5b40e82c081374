package export

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"mininfo/internal/locale"
)

// The names in a ZIP are ours: lower-case ASCII letters, digits, - _ and one dot before the
// ending, in folders that we choose. Nothing that a connected system or an uploader wrote can
// make a path, a hidden file or a reserved name out of them.
const (
	manifestName = "manifest.json"
	dataName     = "data.json"
	tableFolder  = "csv/"
	maxStem      = 60
)

// PageName is the name of the page in a language's ZIP.
func PageName(l locale.Locale) string {
	return locale.Text{NB: "dine-opplysninger.html", NN: "opplysningane-dine.html", EN: "your-data.html"}.In(l)
}

func readmeName(l locale.Locale) string {
	return locale.Text{NB: "les-meg.txt", NN: "les-meg.txt", EN: "read-me.txt"}.In(l)
}

func letterName(l locale.Locale) string {
	return locale.Text{NB: "brev.pdf", NN: "brev.pdf", EN: "letter.pdf"}.In(l)
}

func attachmentFolder(l locale.Locale) string {
	return locale.Text{NB: "vedlegg/", NN: "vedlegg/", EN: "attachments/"}.In(l)
}

// endings that a program on the person's machine shows and does not run. Anything else becomes
// .bin: a page or a picture with scripts would run with the rights of a local file.
var endings = map[string]bool{".pdf": true, ".txt": true, ".csv": true, ".json": true, ".jpg": true,
	".jpeg": true, ".png": true, ".gif": true, ".webp": true, ".tif": true, ".tiff": true, ".docx": true,
	".xlsx": true, ".pptx": true, ".odt": true, ".ods": true, ".eml": true, ".rtf": true, ".mp3": true,
	".m4a": true, ".wav": true, ".mp4": true, ".zip": true, ".heic": true}

// tableFile names the CSV of a table; a name that is taken gets a number.
func tableFile(t *Table, taken map[string]bool) string {
	stem := safe(t.Source + "-" + t.Collection)
	name := tableFolder + stem + ".csv"
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s%s-%d.csv", tableFolder, stem, n)
	}
	taken[name] = true
	return name
}

// attachmentFile names an attachment; the number keeps names apart.
func attachmentFile(l locale.Locale, n int, name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	ending := strings.ToLower(path.Ext(name))
	if !endings[ending] {
		ending = ".bin"
	} else {
		name = name[:len(name)-len(ending)]
	}
	return fmt.Sprintf("%s%03d-%s%s", attachmentFolder(l), n, safe(path.Base(name)), ending)
}

var spelt = strings.NewReplacer("æ", "ae", "ø", "oe", "å", "aa", "ä", "ae", "ö", "oe", "é", "e", "ü", "u")

// safe keeps letters and digits of ASCII and puts one hyphen for everything else.
func safe(s string) string {
	var b strings.Builder
	for _, r := range spelt.Replace(strings.ToLower(s)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= maxStem {
			break
		}
	}
	if stem := strings.Trim(b.String(), "-"); stem != "" {
		return stem
	}
	return "data"
}

// Readable makes words of a technical name: delivery_address → Delivery address.
func Readable(name string) string {
	words := strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '.' || r == '-' }), " ")
	first, size := utf8.DecodeRuneInString(words)
	if size == 0 {
		return name
	}
	return string(unicode.ToUpper(first)) + words[size:]
}

// allowedName tells whether a ZIP entry's name is one that this package writes.
func allowedName(name string) bool {
	folder, base := path.Split(name)
	switch folder {
	case "", tableFolder, attachmentFolder(locale.NB), attachmentFolder(locale.EN):
	default:
		return false
	}
	stem, ending, ok := strings.Cut(base, ".")
	if !ok || stem == "" || ending == "" {
		return false
	}
	for _, r := range stem + ending {
		if !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}
