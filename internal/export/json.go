package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"mininfo/internal/dsr"
	"mininfo/internal/locale"
	"mininfo/internal/source"
)

// Format and Version name the form of data.json and manifest.json.
const (
	Format  = "mininfo-package"
	Version = 1
)

// head is the part of data.json that comes before the data.
type head struct {
	Format      string        `json:"format"`
	Version     int           `json:"version"`
	Locale      locale.Locale `json:"locale"`
	Created     time.Time     `json:"created"`
	Controller  Controller    `json:"controller"`
	Case        Case          `json:"case"`
	Person      Person        `json:"person"`
	Summary     []string      `json:"summary"`
	Identity    []string      `json:"identity"`
	Searched    Searched      `json:"searched"`
	Corrections []string      `json:"corrections"`
}

// tail is the part that comes after the data.
type tail struct {
	Attachments  []attachmentEntry `json:"attachments"`
	Withheld     []Withheld        `json:"withheld"`
	NotReachable []string          `json:"not_reachable"`
	Transfers    []string          `json:"transfers"`
	Automated    []string          `json:"automated_decisions"`
	Rights       []string          `json:"rights"`
	Complaint    []string          `json:"complaint"`
	Glossary     []Term            `json:"glossary"`
	Signer       Signer            `json:"signer"`
}

type attachmentEntry struct {
	File      string `json:"file"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Note      string `json:"note,omitempty"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"`
}

type purposeEntry struct {
	ID         string      `json:"id"`
	Name       string      `json:"name"`
	Purpose    string      `json:"purpose"`
	Bases      []string    `json:"bases"`
	Categories []string    `json:"categories"`
	Sources    []string    `json:"sources"`
	Recipients []Recipient `json:"recipients"`
	Storage    Storage     `json:"storage"`
	Retention  string      `json:"retention"`
	KeptUntil  dsr.Date    `json:"kept_until"`
	Rights     []string    `json:"rights"`
	Automated  string      `json:"automated_decisions"`
	Notes      []string    `json:"notes"`
}

type tableEntry struct {
	Source     string   `json:"source"`
	Collection string   `json:"collection"`
	Title      string   `json:"title"`
	File       string   `json:"file"`
	Columns    []Column `json:"columns"`
}

// writeJSON writes data.json: every value exactly as the system holds it, one row a line. It is
// the first pass over the rows, so the counts come last.
func (l *layout) writeJSON(ctx context.Context, w io.Writer) error {
	j := &jsonWriter{w: bufio.NewWriterSize(w, 64<<10)}
	j.object(head{Format: Format, Version: Version, Locale: l.Locale, Created: l.Created.UTC(),
		Controller: l.Controller, Case: l.Case, Person: l.Person, Summary: list(l.Summary),
		Identity: list(l.Identity), Searched: Searched{Systems: list(l.Searched.Systems),
			Identifiers: list(l.Searched.Identifiers), Period: l.Searched.Period, Notes: l.Searched.Notes},
		Corrections: list(l.Corrections)})
	j.raw(",\n\"purposes\":[")
	for i, p := range l.purposes {
		j.comma(i)
		if err := j.purpose(ctx, p); err != nil {
			return err
		}
	}
	j.raw("],\n")
	j.members(l.tail())
	j.raw(fmt.Sprintf(",\n\"rows\":%d}\n", l.rows()))
	if j.err != nil {
		return fmt.Errorf("writing the JSON file: %w", j.err)
	}
	if err := j.w.Flush(); err != nil {
		return fmt.Errorf("writing the JSON file: %w", err)
	}
	return nil
}

func (l *layout) tail() tail {
	t := tail{Attachments: []attachmentEntry{}, Withheld: list(l.Withheld), NotReachable: list(l.NotReachable),
		Transfers: list(l.Transfers), Automated: list(l.Automated), Rights: list(l.Rights),
		Complaint: list(l.Complaint), Glossary: list(l.Glossary), Signer: l.Signer}
	for _, a := range l.attachments {
		t.Attachments = append(t.Attachments, attachmentEntry{File: a.file, Name: a.Name, MediaType: a.MediaType,
			Note: a.Note, Size: a.size, SHA256: a.sha256})
	}
	return t
}

// jsonWriter keeps the first error of marshalling; those of writing are kept by the buffer.
type jsonWriter struct {
	w   *bufio.Writer
	buf []byte
	err error
}

func (j *jsonWriter) raw(s string) { _, _ = j.w.WriteString(s) }

func (j *jsonWriter) comma(i int) {
	if i > 0 {
		j.raw(",")
	}
}

func (j *jsonWriter) marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil && j.err == nil {
		j.err = err
	}
	return bytes.TrimSpace(b.Bytes())
}

// object writes an object without its closing brace, for more members to follow.
func (j *jsonWriter) object(v any) { _, _ = j.w.Write(bytes.TrimSuffix(j.marshal(v), []byte("}"))) }

// members writes an object's members without braces.
func (j *jsonWriter) members(v any) {
	j.raw(strings.TrimSuffix(strings.TrimPrefix(string(j.marshal(v)), "{"), "}"))
}

func (j *jsonWriter) purpose(ctx context.Context, p *purpose) error {
	j.raw("\n")
	j.object(purposeEntry{ID: p.ID, Name: p.Name, Purpose: p.Purpose.Purpose, Bases: list(p.Bases),
		Categories: list(p.Categories), Sources: list(p.Sources), Recipients: list(p.Recipients),
		Storage: p.Storage, Retention: p.Retention, KeptUntil: p.KeptUntil, Rights: list(p.Rights),
		Automated: p.Automated, Notes: list(p.Notes)})
	j.raw(",\"tables\":[")
	for i, t := range p.tables {
		j.comma(i)
		if err := j.table(ctx, t); err != nil {
			return err
		}
	}
	j.raw("]}")
	return nil
}

func (j *jsonWriter) table(ctx context.Context, t *table) error {
	columns := make([]Column, len(t.Columns))
	names := make([][]byte, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = Column{Name: c.Name, Label: c.label(), Category: c.Category}
		names[i] = append(source.AppendJSONString(nil, c.Name), ':')
	}
	j.raw("\n")
	j.object(tableEntry{Source: t.Source, Collection: t.Collection, Title: t.title(), File: t.file, Columns: columns})
	j.raw(",\"rows\":[")
	n := 0
	err := t.each(ctx, func(r *Row) error {
		j.comma(n)
		n++
		j.buf = appendRow(append(j.buf[:0], '\n'), names, r)
		_, err := j.w.Write(j.buf)
		return err
	})
	if err != nil {
		return err
	}
	j.raw(fmt.Sprintf("],\"count\":%d}", n))
	return nil
}

// appendRow writes a row; a withheld value has its reason and no value.
func appendRow(b []byte, names [][]byte, r *Row) []byte {
	b = append(b, `{"key":`...)
	b = source.AppendJSONString(b, r.Key)
	b = append(b, `,"values":{`...)
	first, withheld := true, false
	for i := range r.Cells {
		if r.Cells[i].Withheld != "" {
			withheld = true
			continue
		}
		b = appendName(b, names[i], &first)
		b = r.Cells[i].Value.AppendJSON(b)
	}
	b = append(b, '}')
	if withheld {
		b = append(b, `,"withheld":{`...)
		first = true
		for i := range r.Cells {
			if why := r.Cells[i].Withheld; why != "" {
				b = source.AppendJSONString(appendName(b, names[i], &first), why)
			}
		}
		b = append(b, '}')
	}
	return append(appendRemarks(b, r), '}')
}

func appendName(b, name []byte, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(b, name...)
}

func appendRemarks(b []byte, r *Row) []byte {
	if !r.KeptUntil.IsZero() {
		b = source.AppendJSONString(append(b, `,"kept_until":`...), r.KeptUntil.String())
	}
	if r.KeptWhy != "" {
		b = source.AppendJSONString(append(b, `,"kept_why":`...), r.KeptWhy)
	}
	if len(r.Notes) > 0 {
		b = append(b, `,"notes":[`...)
		for i, n := range r.Notes {
			if i > 0 {
				b = append(b, ',')
			}
			b = source.AppendJSONString(b, n)
		}
		b = append(b, ']')
	}
	return b
}

// list makes an empty list where there is none: programs that read it need no special case.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
