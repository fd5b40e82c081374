package engine

import (
	"bufio"
	"context"
	"io"

	"mininfo/internal/source"
)

// CollectOptions of a collection for a program or a person to read.
type CollectOptions struct {
	Options
	// NDJSON writes one finding a line; else one object of sources and collections.
	NDJSON bool
}

// CollectJSON walks and writes what it finds: {"source": {"collection": [{"field": value}]}}, or
// with NDJSON {"source":…,"collection":…,"row":{…}} a line. Rows stand in the order of their
// keys. Rows of other persons, and fields in which another known person's identifier stands, are
// left out and counted in the report, unless KeepForeign is set.
func CollectJSON(ctx context.Context, connected []Connected, seeds []Seed, opts CollectOptions, w io.Writer) (Report, error) {
	out := &collector{w: bufio.NewWriterSize(w, 64<<10), names: collectionNames(connected), ndjson: opts.NDJSON}
	report, err := Walk(ctx, connected, seeds, opts.Options, func(f *Finding) error {
		if f.OtherPerson && !opts.KeepForeign {
			return nil
		}
		return out.write(f)
	})
	if err != nil {
		return report, err
	}
	return report, out.close()
}

// collectionNames gives the name under which each collection is written: its own, or with the
// dataset before it where two datasets of one source have one of the same name.
func collectionNames(connected []Connected) map[[3]string]string {
	count := map[[2]string]int{}
	for _, c := range connected {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				count[[2]string{c.Source.Name(), col.Name}]++
			}
		}
	}
	out := map[[3]string]string{}
	for _, c := range connected {
		for _, d := range c.Datasets {
			for _, col := range d.Collections {
				name := col.Name
				if count[[2]string{c.Source.Name(), col.Name}] > 1 {
					name = d.Key + "." + col.Name
				}
				out[[3]string{c.Source.Name(), d.Key, col.Name}] = name
			}
		}
	}
	return out
}

type collector struct {
	w                  *bufio.Writer
	names              map[[3]string]string
	ndjson             bool
	source, collection string
	rows               int
	buf                []byte
}

func (c *collector) write(f *Finding) error {
	name := c.names[[3]string{f.Source, f.Dataset, f.Collection}]
	b := c.buf[:0]
	if c.ndjson {
		b = append(b, `{"source":`...)
		b = source.AppendJSONString(b, f.Source)
		b = append(b, `,"collection":`...)
		b = source.AppendJSONString(b, name)
		b = append(b, `,"row":`...)
		b = append(appendRow(b, f), "}\n"...)
	} else {
		b = appendRow(c.open(b, f.Source, name), f)
	}
	c.buf = b
	c.rows++
	_, err := c.w.Write(b)
	return err
}

// open closes the lists before and opens the one that the row belongs to.
func (c *collector) open(b []byte, src, collection string) []byte {
	switch {
	case c.rows == 0:
		b = append(b, '{')
	case src != c.source:
		b = append(b, "\n]},"...)
	case collection != c.collection:
		b = append(b, "\n],"...)
	default:
		return append(b, ",\n"...)
	}
	if c.rows == 0 || src != c.source {
		b = source.AppendJSONString(append(b, '\n'), src)
		b = append(b, ": {"...)
	}
	b = source.AppendJSONString(append(b, '\n'), collection)
	c.source, c.collection = src, collection
	return append(b, ": [\n"...)
}

func (c *collector) close() error {
	switch {
	case c.ndjson:
	case c.rows == 0:
		_, _ = c.w.WriteString("{}\n")
	default:
		_, _ = c.w.WriteString("\n]}}\n")
	}
	return c.w.Flush()
}

// appendRow writes a finding's fields as an object. Fields inside documents are nested again:
// those of one document stand side by side.
func appendRow(b []byte, f *Finding) []byte {
	b = append(b, '{')
	var open []string // the objects that are open, outermost first
	for i := range f.Fields {
		v := &f.Fields[i]
		if v.Withheld {
			continue
		}
		name := v.Name
		var within []string
		if n := len(v.Place); n > 0 {
			within, name = v.Place[:n-1], v.Place[n-1]
		}
		same := 0
		for same < len(open) && same < len(within) && open[same] == within[same] {
			same++
		}
		for range open[same:] {
			b = append(b, '}')
		}
		open = within
		for _, o := range within[same:] {
			b = append(source.AppendJSONString(separate(b), o), ": {"...)
		}
		b = append(source.AppendJSONString(separate(b), name), ": "...)
		b = v.Value.AppendJSON(b)
	}
	for range open {
		b = append(b, '}')
	}
	return append(b, '}')
}

// separate writes what stands before a member of an object.
func separate(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ", "...)
}
