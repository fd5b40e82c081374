package export_test

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"mininfo/internal/export"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// hostile is what rows of a connected system may hold to hurt who opens the package.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</td></table><iframe src="https://evil.example">`,
	`</title><svg/onload=alert(1)>`, `<!--`, `--><b>`, `</style><style>@import url(//evil.example)`, `{{.Controller}}`,
	`javascript:alert(1)`, `&lt;script&gt;`, `' onfocus='alert(1)`, "`${1}`", `<meta http-equiv=refresh content="0;url=//evil.example">`,
	`=cmd|' /C calc'!A0`, `+1+1`, `-2+3`, `@SUM(A1)`, "\t=1+1", "\r=1+1", "\n=1+1", "\x00=1+1", "＝1+1", "＋1", "－1", "＠a",
	` =1+1`, "\u00a0=1", "\u200b=1", "\ufeff=1", `"=1+1`, `x;=1+1`, `x;"=HYPERLINK(""http://evil.example"")`, "x\ty\t@a", "line\n=1+1", "line\r\n+1",
	"x; ;\u200b=1", `";=1`, "a,b\"c\"\r\nd", ";", "'", "''=1",
	"user\u202etxt.exe", "\u2066isolated\u2069", "zero\u200bwidth", "soft\u00adhyphen", "bell\x07", "esc\x1b[31m", "del\x7f", "\u0085", "\U000e0041",
	"👩\u200d👩\u200d👧", "سلام", "نمی\u200cخواهم", "\xff\xfe bad", "\u2028", strings.Repeat("long", 5000),
	"../../etc/passwd", `C:\Windows\x`, "-", "=", "", " ",
}

func hostilePackage() export.Package {
	p := sample(locale.EN)
	rows := make([]export.Row, len(hostile))
	columns := []export.Column{{Name: "no"}, {Name: `=name"<b>`, Label: `<i onclick=x>Label`, Category: `<u>`}, {Name: "withheld"}}
	for i, s := range hostile {
		rows[i] = export.Row{Key: s, Cells: []export.Cell{{Value: source.IntOf(int64(i))}, {Value: source.TextOf(s)}, {Withheld: "why " + s}},
			Notes: []string{s}, KeptWhy: s}
	}
	p.Purposes[0].Tables = []export.Table{
		{Source: `../..\evil`, Collection: "a/../../b\x00.exe", Title: `<h1>"Title`, Columns: columns, Rows: rowsOf(rows...)},
		{Source: `../..\evil`, Collection: "a/../../b\x00.exe", Columns: columns, Rows: rowsOf(rows[:2]...)},
	}
	p.Person.Name = `</p><script>alert(1)</script>`
	p.Withheld[0].Text = `<script>alert(1)</script>`
	p.Glossary = []export.Term{{Term: `<script>`, Meaning: `</style>`}}
	open := func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("<script>alert(1)</script>")), nil
	}
	for _, name := range []string{"../../x.html", `..\..\con`, "/etc/passwd", "a\u202efdp.exe", "page.svg", ".htaccess", "", "ok.PDF", "javascript:alert(1)", strings.Repeat("n", 500) + ".png"} {
		p.Attachments = append(p.Attachments, export.Attachment{Name: name, MediaType: "text/html", Open: open})
	}
	return p
}

func TestHostileRowsInJSON(t *testing.T) {
	t.Parallel()
	body, _ := write(t, hostilePackage())
	var data struct {
		Purposes []struct {
			Tables []struct {
				Rows []struct {
					Values map[string]any
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(unzip(t, body)["data.json"]), &data); err != nil {
		t.Fatal(err)
	}
	rows := data.Purposes[0].Tables[0].Rows
	for i, want := range hostile {
		if got := rows[i].Values[`=name"<b>`]; got != strings.ToValidUTF8(want, "\ufffd") && got != strings.ReplaceAll(want, "\xff\xfe", "\ufffd\ufffd") {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
		if _, ok := rows[i].Values["withheld"]; ok {
			t.Errorf("row %d holds a withheld value", i)
		}
	}
}

// starts finds a formula at the beginning of a cell, for a program that splits at commas and for
// one that splits at semicolons, tabs and line breaks and knows no quotes.
var starts = regexp.MustCompile("(?:^|[;\t\r\n])[\\s\"\u00a0\u200b\ufeff\\x00]*[=+\\-@＝＋－＠]")

func TestHostileRowsInCSV(t *testing.T) {
	t.Parallel()
	body, _ := write(t, hostilePackage())
	files := unzip(t, body)
	text := files["csv/evil-a-b-exe.csv"]
	if text == "" || files["csv/evil-a-b-exe-2.csv"] == "" {
		t.Fatal("the tables do not have the names that were expected")
	}
	records := readCSV(t, text)
	if len(records) != len(hostile)+1 {
		t.Fatalf("%d records, want %d", len(records), len(hostile)+1)
	}
	for i, r := range records {
		for _, cell := range r {
			if starts.MatchString(cell) || cell != "" && strings.ContainsRune("\t\r\n\x00", rune(cell[0])) {
				t.Errorf("record %d has a cell that a spreadsheet would calculate: %q", i, cell)
			}
		}
	}
	// Go's reader joins CR LF to LF; nothing else but our quotes may differ.
	same := strings.NewReplacer("'", "", "\r\n", "\n", "\xff\xfe", "\ufffd")
	for i, want := range hostile {
		if got := records[i+1][1]; same.Replace(got) != same.Replace(want) {
			t.Errorf("record %d: %q, want %q", i+1, got, want)
		}
	}
	if !strings.HasSuffix(text, "\r\n") || !utf8.ValidString(text) {
		t.Error("the file is not UTF-8 with CR LF")
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	body, m := write(t, hostilePackage())
	if _, err := export.Verify(bytes.NewReader(body), int64(len(body))); err != nil {
		t.Fatal(err)
	}
	allowed := regexp.MustCompile(`^((csv|attachments)/)?[a-z0-9][a-z0-9_-]*\.[a-z0-9]{2,4}$`)
	for _, f := range m.Files {
		if !allowed.MatchString(f.Name) || len(f.Name) > 100 {
			t.Errorf("name %q", f.Name)
		}
		if ext := f.Name[strings.LastIndex(f.Name, "."):]; strings.HasPrefix(f.Name, "attachments/") && ext != ".pdf" && ext != ".bin" && ext != ".png" {
			t.Errorf("an attachment would open as %s", ext)
		}
	}
}

var allowedElements = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "class", "a": "class href",
	"header": "", "div": "class role aria-label tabindex", "p": "class", "h1": "", "h2": "id", "h3": "id", "dl": "class", "dt": "", "dd": "",
	"nav": "aria-labelledby", "ul": "class", "li": "", "span": "class", "main": "", "section": "class aria-labelledby", "table": "class",
	"caption": "", "thead": "", "tbody": "", "tr": "", "th": "scope", "td": "", "em": "", "time": "datetime", "code": "", "br": "",
	"strong": "", "footer": "",
}

func TestHostileRowsInPage(t *testing.T) {
	t.Parallel()
	body, _ := write(t, hostilePackage())
	var paper bytes.Buffer
	if err := export.WriteHTML(t.Context(), &paper, hostilePackage()); err != nil {
		t.Fatal(err)
	}
	for name, page := range map[string]string{"page": unzip(t, body)["your-data.html"], "paper": paper.String()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			cells := map[string]bool{}
			for n := range doc.Descendants() {
				checkNode(t, n)
				if n.Data == "td" && n.FirstChild != nil {
					cells[n.FirstChild.Data] = true
				}
			}
			for _, want := range hostile {
				// What can be seen is there as it is.
				if strings.Trim(want, " ") != "" && !strings.ContainsFunc(want, unseen) && utf8.ValidString(want) && !cells[want] {
					t.Errorf("the page lacks %q", want)
				}
			}
			if strings.ContainsAny(page, "\u202e\u2066\u200b\x00\x1b\x07") {
				t.Error("the page holds characters that cannot be seen")
			}
			if !cells["user⟨U+202E⟩txt.exe"] || !cells["esc␛[31m"] {
				t.Error("what cannot be seen is not written out")
			}
		})
	}
}

func unseen(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\u200b' || r == '\ufeff' || r == '\u00ad' || r == '\u0085' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r >= 0xe0000 && r <= 0xe007f
}

func checkNode(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Type == html.CommentNode {
		t.Errorf("a comment: %q", n.Data)
	}
	if n.Type != html.ElementNode {
		return
	}
	attributes, ok := allowedElements[n.Data]
	if !ok {
		t.Errorf("element <%s>", n.Data)
	}
	for _, a := range n.Attr {
		if !strings.Contains(" "+attributes+" ", " "+a.Key+" ") {
			t.Errorf("<%s> has attribute %s", n.Data, a.Key)
		}
		if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !regexp.MustCompile(`^attachments/\d{3}-[a-z0-9_-]+\.[a-z0-9]+$`).MatchString(a.Val) {
			t.Errorf("link to %q", a.Val)
		}
	}
}

func FuzzCSVCell(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := export.Package{Locale: locale.NB, Created: made, Purposes: []export.Purpose{{Tables: []export.Table{{Source: "s", Collection: "c",
			Columns: []export.Column{{Name: "a"}, {Name: "b"}}, Rows: rowsOf(export.Row{Cells: cells(source.TextOf(s), source.TextOf("x"))})}}}}}
		body, _ := write(t, p)
		files := unzip(t, body)
		records := readCSV(t, files["csv/s-c.csv"])
		if len(records) != 2 || len(records[1]) != 2 || records[1][1] != "x" {
			t.Fatalf("records %q", records)
		}
		if starts.MatchString(records[1][0]) {
			t.Errorf("a cell that would be calculated: %q", records[1][0])
		}
		if !json.Valid([]byte(files["data.json"])) {
			t.Error("data.json is no JSON")
		}
	})
}
