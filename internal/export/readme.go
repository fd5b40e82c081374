package export

import (
	"fmt"
	"io"
	"strings"
)

// writeReadme writes the text file that says what the other files are.
func (l *layout) writeReadme(w io.Writer) error {
	t := func(key string) string { return texts[key].In(l.Locale) }
	lines := []string{
		fmt.Sprintf(t("title"), l.Controller.Name),
		t("case") + " " + l.Case.Reference,
		"",
	}
	if l.Case.portable() {
		lines = append(lines, t("readme_portable"), "")
	} else {
		lines = append(lines, fmt.Sprintf(t("readme_start"), PageName(l.Locale)), "", PageName(l.Locale)+": "+t("file_page"))
	}
	lines = append(lines, dataName+": "+t("file_json"), tableFolder+": "+t("file_csv"))
	if len(l.attachments) > 0 {
		lines = append(lines, attachmentFolder(l.Locale)+": "+t("file_attachments"))
	}
	lines = append(lines, manifestName+": "+t("file_manifest"), "", t("note_json"), t("note_csv"))
	if !l.Case.portable() {
		lines = append(lines, t("note_page"))
	}
	lines = append(lines, "")
	if v := l.validity(); v != "" {
		lines = append(lines, v)
	}
	lines = append(lines, t("keep_safe"), t("other_form"), "")
	if _, err := io.WriteString(w, strings.Join(lines, "\r\n")); err != nil {
		return fmt.Errorf("writing the read-me file: %w", err)
	}
	return nil
}
