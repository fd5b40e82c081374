package main

import (
	"errors"
	"fmt"
	"os"

	"mininfo/internal/locale"
	"mininfo/internal/mail"
)

type mailCommands struct {
	Check   mailCheckCommand   `cmd:"" help:"Read a folder of mail texts strictly and say what is wrong with it."`
	Draft   mailDraftCommand   `cmd:"" help:"Print the built-in text of a mail as a file to begin from; without a name, the names of all."`
	Preview mailPreviewCommand `cmd:"" help:"Print a mail about nobody as it would be sent."`
}

// wording reads the controller's own texts of mails; no folder is named where it has none.
func (c *config) wording() (mail.Wording, error) {
	if c.Mails == "" {
		return mail.Wording{}, nil
	}
	return mail.LoadWording(c.Mails, os.DirFS(c.Mails))
}

type mailCheckCommand struct {
	Folder string `arg:"" help:"Folder with a file for each mail, such as receipt_of_request.nb.txt." type:"existingdir"`
	Locale string `help:"Language of what is said." default:"en" enum:"nb,nn,en"`
	JSON   bool   `help:"Machine-readable."`
}

var errMails = errors.New("the mail texts cannot be used: see their problems")

// Run checks a folder of mail texts as the start does: what is wrong makes it fail, with file, line and what to write.
func (c *mailCheckCommand) Run(t *terminal) error {
	w, err := mail.LoadWording(c.Folder, os.DirFS(c.Folder))
	var wrong *mail.WordingError
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	type row struct {
		File string `json:"file"`
		Line int    `json:"line"`
		Text string `json:"text"`
	}
	rows, worded := []row{}, append([]string{}, w.Worded()...)
	if wrong != nil {
		for _, p := range wrong.Problems {
			rows = append(rows, row{p.File, p.Line, p.Text.In(locale.Locale(c.Locale))})
		}
	}
	if c.JSON {
		if err := printJSON(t.out, map[string]any{"findings": rows, "worded": worded}); err != nil {
			return err
		}
	} else {
		for _, r := range rows {
			fmt.Fprintf(t.out, "%s:%d: error: %s\n", r.File, r.Line, r.Text)
		}
		for _, name := range worded {
			fmt.Fprintln(t.out, name)
		}
		if _, err := fmt.Fprintf(t.out, "errors: %d, texts: %d\n", len(rows), len(worded)); err != nil {
			return err
		}
	}
	if wrong != nil {
		return errMails
	}
	return nil
}

type mailDraftCommand struct {
	Mail   string `arg:"" optional:"" help:"Such as receipt_of_request."`
	Locale string `arg:"" optional:"" help:"nb, nn or en." default:"nb" enum:"nb,nn,en"`
}

// Run prints a text to begin from.
func (c *mailDraftCommand) Run(t *terminal) error {
	if c.Mail == "" {
		for _, k := range mail.Kinds {
			if _, err := fmt.Fprintln(t.out, k); err != nil {
				return err
			}
		}
		return nil
	}
	body, err := mail.Draft(mail.Kind(c.Mail), locale.Locale(c.Locale))
	if err != nil {
		return misused{err}
	}
	_, err = fmt.Fprint(t.out, body)
	return err
}

type mailPreviewCommand struct {
	Mail   string `arg:"" help:"Such as receipt_of_request."`
	Locale string `arg:"" optional:"" help:"nb, nn or en." default:"nb" enum:"nb,nn,en"`
	Mails  string `help:"Folder of your own texts." env:"MININFO_MAILS" type:"path"`
	HTML   bool   `name:"html" help:"The form with markup."`
}

// Run prints a mail about nobody.
func (c *mailPreviewCommand) Run(t *terminal) error {
	own := config{Mails: c.Mails}
	w, err := own.wording()
	if err != nil {
		return err
	}
	l := locale.Locale(c.Locale)
	m, err := w.Render(mail.Kind(c.Mail), l, mail.Example(l))
	if err != nil {
		return misused{err}
	}
	if c.HTML {
		_, err = fmt.Fprint(t.out, m.HTML)
		return err
	}
	_, err = fmt.Fprintf(t.out, "Subject: %s\n\n%s", m.Subject, m.Text)
	return err
}
