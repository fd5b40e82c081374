package blob

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
)

type entry struct {
	name string
	dir  bool
}

// entries reads a folder in the order of the full names in it: "a-b" comes before "a/x", as "-" is before
// "/". A folder that is deleted meanwhile is empty.
func (d *Disk) entries(dir string) ([]entry, error) {
	f, err := d.root.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := f.ReadDir(-1)
	if err := errors.Join(err, f.Close()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []entry
	for _, e := range list {
		if dir == "." && e.Name() == tmpDir {
			continue
		}
		out = append(out, entry{name: e.Name(), dir: e.IsDir()})
	}
	full := func(e entry) string {
		if e.dir {
			return e.name + "/"
		}
		return e.name
	}
	slices.SortFunc(out, func(a, b entry) int { return cmp.Compare(full(a), full(b)) })
	return out, nil
}
