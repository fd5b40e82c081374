package governance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"

	"mininfo/internal/blob"
	"mininfo/internal/dataset"
	"mininfo/internal/engine"
	"mininfo/internal/fault"
	"mininfo/internal/job"
	"mininfo/internal/keyring"
	"mininfo/internal/source"
	"mininfo/internal/source/file"
	"mininfo/internal/source/kinds"
	"mininfo/internal/store"
)

// Failure is a source that is to be searched and cannot be.
type Failure struct {
	Source store.Source
	Err    *source.Error
}

// Connections is all that is searched for a request.
type Connections struct {
	// Connected holds every enabled database and file. One that cannot be opened is there too: its
	// reads fail, so that the walk reports it as failed and never passes it for empty.
	Connected []engine.Connected
	Places    []store.Source // enabled places that a colleague looks in
	Failures  []Failure      // which of Connected cannot be read at all
}

// Close ends all connections.
func (c *Connections) Close() error {
	var errs []error
	for _, each := range c.Connected {
		errs = append(errs, each.Source.Close())
	}
	return errors.Join(errs...)
}

// reach is a source with what it takes to open it.
type reach struct {
	store.Source
	conn connection
	key  keyring.DataKey
	err  *source.Error

	enquiries source.Enquiries // nil: nobody waits for what is answered later
}

// Connections opens every enabled source, for a job about the request that it names; systems may
// answer it later. For the zero job nobody waits. Its error is the portal's own; what is wrong with a
// source is in the result.
func (o *Office) Connections(ctx context.Context, j job.Job) (*Connections, error) {
	out := &Connections{}
	var list []reach
	err := o.Store.InTx(ctx, func(tx *store.Tx) error {
		*out, list = Connections{}, nil
		all, err := searched(tx, j.Object)
		if err != nil {
			return err
		}
		for _, s := range all {
			switch {
			case !s.Enabled:
			case s.Kind == store.SourceManual:
				out.Places = append(out.Places, s)
			default:
				r, err := reachOf(tx, s)
				if err != nil {
					return err
				}
				if j.ID != 0 {
					r.enquiries = &enquiries{o: o, job: j, source: s.ID, patience: o.patience()}
				}
				list = append(list, r)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	o.connect(ctx, out, list)
	return out, nil
}

// errUnfurnished: the invented rows of a rehearsal are being made.
var errUnfurnished = errors.New("the rehearsal has no sources yet")

// searched gives the sources that are searched for a request: a rehearsal's own and no others, and for
// every other request none that was made for a rehearsal.
func searched(tx *store.Tx, request string) ([]store.Source, error) {
	if request != "" {
		r, err := tx.ReadRequest(request)
		switch {
		case fault.KindOf(err) == fault.NotFound: // the object of another kind of job
		case err != nil:
			return nil, err
		case r.Drill:
			all, err := tx.DrillSources(r)
			if err == nil && len(all) == 0 {
				err = errUnfurnished
			}
			return all, err
		}
	}
	all, _, err := sources(tx)
	return all, err
}

// reachOf opens the sealed connection of a source. What was shredded is a failure of the source.
func reachOf(tx *store.Tx, s store.Source) (reach, error) {
	r := reach{Source: s}
	var err error
	if s.Kind == store.SourceFile && s.Blob != "" {
		r.key, err = tx.Key(s.PublicID, store.ClassSource)
	} else {
		var dsn keyring.Private
		if dsn, err = tx.SourceDSN(s); err == nil && json.Unmarshal([]byte(dsn.Reveal()), &r.conn) != nil {
			r.err = &source.Error{Source: s.Name, Code: source.BadConfig}
		}
	}
	if fault.KindOf(err) == fault.Gone {
		r.err, err = &source.Error{Source: s.Name, Code: source.BadConfig}, nil
	}
	return r, err
}

// connect reads the annotations, opens the sources and puts a broken one in the place of each
// that fails.
func (o *Office) connect(ctx context.Context, out *Connections, list []reach) {
	sets := make([][]*dataset.Dataset, len(list))
	var all []*dataset.Dataset
	bad := map[string]bool{}
	for i, r := range list {
		var problems dataset.Problems
		sets[i], problems = dataset.Read(fileOf(r.Source), []byte(r.Dataset))
		bad[fileOf(r.Source)] = len(problems) > 0 || len(sets[i]) == 0
		all = append(all, sets[i]...)
	}
	for _, p := range dataset.Check(all) {
		bad[p.File] = true
	}
	for i, r := range list {
		if bad[fileOf(r.Source)] {
			r.err = &source.Error{Source: r.Name, Code: source.BadConfig, State: "dataset"}
		}
		opened, err := o.open(ctx, r)
		if err != nil {
			out.Failures = append(out.Failures, Failure{Source: r.Source, Err: err})
			opened, sets[i] = broken{name: r.Name, kind: r.Kind, err: err}, reportable(r.Source, sets[i])
		}
		for _, d := range sets[i] {
			if d.Activity == "" {
				d.Activity = r.Activity
			}
		}
		out.Connected = append(out.Connected, engine.Connected{Source: opened, Datasets: sets[i]})
	}
}

// reportable makes sure that a source that cannot be read has something that the walk can report
// as failed.
func reportable(s store.Source, sets []*dataset.Dataset) []*dataset.Dataset {
	for _, d := range sets {
		if len(d.Collections) > 0 {
			return sets
		}
	}
	return []*dataset.Dataset{{Key: "unreadable_" + s.PublicID, Name: s.Name, File: fileOf(s), Line: 1,
		Collections: []*dataset.Collection{{Name: s.Name, Line: 1}}}}
}

// open connects one source. Databases are connected when they are first asked.
func (o *Office) open(ctx context.Context, r reach) (source.Source, *source.Error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.Kind == store.SourceFile && r.Blob != "" {
		return file.Keep(r.Name, &shelf{o: o, reach: r}), nil
	}
	opened, err := kinds.Open(ctx, source.Config{Name: r.Name, Kind: r.Kind, DSN: source.NewSecret(r.conn.DSN), Dir: r.conn.Dir, Now: o.Now, Enquiries: r.enquiries})
	var own *source.Error
	switch {
	case err == nil:
		return opened, nil
	case errors.As(err, &own):
		return nil, own
	}
	return nil, &source.Error{Source: r.Name, Code: source.FailedSystem}
}

// fetch reads an uploaded file.
func (o *Office) fetch(ctx context.Context, r reach) ([]byte, error) {
	object, err := blob.OpenSealed(ctx, o.Blobs, r.Blob, r.key)
	if err != nil {
		return nil, err
	}
	defer object.Close()
	var out bytes.Buffer
	if _, err := io.Copy(&out, object); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// broken stands for a source that cannot be opened: every use of it fails.
type broken struct {
	name, kind string
	err        *source.Error
}

var (
	_ source.Source = broken{}
	_ source.Finder = broken{}
)

func (b broken) Name() string                                      { return b.name }
func (b broken) Kind() string                                      { return b.kind }
func (b broken) Close() error                                      { return nil }
func (b broken) Inspect(context.Context) (*source.Schema, error)   { return nil, b.err }
func (b broken) Snapshot(context.Context) (source.Snapshot, error) { return nil, b.err }
