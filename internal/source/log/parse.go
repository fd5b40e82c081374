package log

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mininfo/internal/dsr"
	"mininfo/internal/source"
)

// entry is one line of a log. Its texts are copies.
type entry struct {
	at                                               time.Time
	ip, host, user, method, path, referer, userAgent string
	forwarded                                        []string
	status                                           int
}

// value gives a cell by the place of its column.
func (e *entry) value(at int, line string) source.Value {
	switch at {
	case 0:
		return source.TextOf(line)
	case 1:
		return source.Value{Kind: source.Time, Str: e.at.UTC().Format(time.RFC3339Nano)}
	case 2:
		return textOf(canonicalIP(e.ip))
	case 3:
		return listOf(e.forwarded)
	case 4:
		return textOf(e.host)
	case 5:
		return textOf(e.user)
	case 6:
		return textOf(e.method)
	case 7:
		return textOf(e.path)
	case 8:
		if e.status == 0 {
			return source.Value{}
		}
		return source.IntOf(int64(e.status))
	case 9:
		return textOf(e.referer)
	}
	return textOf(e.userAgent)
}

// textOf: a hyphen is how logs write that there is nothing.
func textOf(s string) source.Value {
	if s == "" || s == "-" {
		return source.Value{}
	}
	return source.TextOf(strings.ToValidUTF8(s, string(utf8.RuneError)))
}

func listOf(list []string) source.Value {
	if len(list) == 0 {
		return source.Value{}
	}
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = source.AppendJSONString(b, canonicalIP(s))
	}
	return source.Value{Kind: source.JSON, Str: string(append(b, ']'))}
}

// canonicalIP writes an IP address the one way; what is none (a host name) stays.
func canonicalIP(s string) string {
	if addr, ok := dsr.ParseIP(s); ok {
		return addr.String()
	}
	return s
}

// format reads the lines of one file.
type format interface {
	// parse reads a line. It keeps nothing of it. False: it is none of this format.
	parse(line []byte, e *entry) bool
}

const clfTime = "02/Jan/2006:15:04:05 -0700"

// ncsa is the Common and the Combined Log Format, with the name of the virtual host before it and
// the header X-Forwarded-For behind it as Apache and nginx may be told to write them.
type ncsa struct{}

func (ncsa) parse(line []byte, e *entry) bool {
	open := bytes.Index(line, []byte(" ["))
	if open < 0 {
		return false
	}
	shut := bytes.IndexByte(line[open:], ']')
	if shut < 0 {
		return false
	}
	at, err := time.Parse(clfTime, string(line[open+2:open+shut]))
	if err != nil || !e.client(string(line[:open])) {
		return false
	}
	e.at = at
	rest := bytes.TrimLeft(line[open+shut+1:], " ")
	request, rest, ok := quoted(rest)
	if !ok {
		return false
	}
	e.request(request)
	status, rest, _ := bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" "))
	if e.status, err = strconv.Atoi(string(status)); err != nil && string(status) != "-" {
		return false
	}
	_, rest, _ = bytes.Cut(rest, []byte(" ")) // size
	e.referer, rest, _ = quoted(bytes.TrimLeft(rest, " "))
	e.userAgent, rest, _ = quoted(bytes.TrimLeft(rest, " "))
	behind, _, _ := quoted(bytes.TrimLeft(rest, " "))
	e.forwarded = addresses(behind)
	return true
}

// client reads what stands before the time: [host] ip ident user. A user's name may hold blanks.
func (e *entry) client(s string) bool {
	parts := strings.Split(s, " ")
	if _, ip := dsr.ParseIP(parts[0]); !ip && len(parts) > 3 {
		if _, second := dsr.ParseIP(parts[1]); second || len(parts) == 4 {
			e.host, parts = parts[0], parts[1:]
		}
	}
	if len(parts) < 3 {
		return false
	}
	e.ip, e.user = strings.Clone(parts[0]), strings.Join(parts[2:], " ")
	return true
}

// request takes "METHOD PATH PROTOCOL". What does not look so (scanners send anything) is the path.
func (e *entry) request(s string) {
	method, rest, ok := strings.Cut(s, " ")
	if !ok || len(method) > 20 {
		e.path = s
		return
	}
	e.method, e.path = method, rest
	if i := strings.LastIndexByte(rest, ' '); i >= 0 && strings.HasPrefix(rest[i+1:], "HTTP/") {
		e.path = rest[:i]
	}
}

// addresses gives the IP addresses of an X-Forwarded-For header.
func addresses(header string) []string {
	var out []string
	for part := range strings.SplitSeq(header, ",") {
		if addr, ok := dsr.ParseIP(part); ok {
			out = append(out, addr.String())
		}
	}
	return out
}

// quoted reads a text in quotation marks. Apache writes those inside it as \", and bytes as \xhh.
func quoted(b []byte) (string, []byte, bool) {
	if len(b) == 0 || b[0] != '"' {
		return "", b, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return unescape(b[1:i]), b[i+1:], true
		}
	}
	return "", b, false
}

func unescape(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch b[i] {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'x':
			if i+2 < len(b) {
				if n, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8); err == nil {
					out, i = append(out, byte(n)), i+2
					continue
				}
			}
			out = append(out, '\\', 'x')
		default:
			out = append(out, b[i])
		}
	}
	return string(out)
}

// w3c is the extended format, which IIS writes: the fields are named by a line that begins with
// #Fields:. Times are UTC. Blanks inside a value are written as plus signs.
type w3c struct{ fields []string }

func (f *w3c) parse(line []byte, e *entry) bool {
	cells := strings.Fields(string(line))
	if len(cells) != len(f.fields) {
		return false
	}
	var day, clock, query string
	for i, name := range f.fields {
		cell := cells[i]
		if cell == "-" {
			continue
		}
		switch name {
		case "date":
			day = cell
		case "time":
			clock = cell
		case "c-ip":
			e.ip = cell
		case "cs-username":
			e.user = cell
		case "cs-host":
			e.host = cell
		case "cs-method":
			e.method = cell
		case "cs-uri-stem", "cs-uri":
			e.path = cell
		case "cs-uri-query":
			query = "?" + cell
		case "sc-status":
			e.status, _ = strconv.Atoi(cell)
		case "cs(referer)":
			e.referer = cell
		case "cs(user-agent)":
			e.userAgent = strings.ReplaceAll(cell, "+", " ")
		case "x-forwarded-for", "cs(x-forwarded-for)":
			e.forwarded = addresses(strings.ReplaceAll(cell, "+", ""))
		}
	}
	e.path += query
	var err error
	e.at, err = time.Parse(time.DateTime, day+" "+clock)
	return err == nil
}

// directive reads a line that begins with # and tells the format from then on.
func directive(line []byte, now format) format {
	if rest, ok := bytes.CutPrefix(line, []byte("#Fields:")); ok {
		return &w3c{fields: strings.Fields(strings.ToLower(string(rest)))}
	}
	return now
}
