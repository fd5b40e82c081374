package dataset

import "strings"

// Check looks at what only shows when all files are there: keys used twice, references and
// orders that name nothing, references of a field to itself, and erasure orders that go in a circle.
func Check(all []*Dataset) Problems {
	c := &checker{byKey: map[string]*Dataset{}}
	for _, d := range all {
		c.doc = &Doc{File: d.File}
		if first, twice := c.byKey[d.Key]; twice && d.Key != "" {
			c.doc.Add(d.Line, "fides_key «%s» er brukt før (%s linje %d). Gi hvert dataset sin egen.",
				"fides_key «%s» er brukt før (%s linje %d). Gje kvart dataset sin eigen.",
				"The fides_key %q is taken (%s line %d). Give each dataset its own.", d.Key, first.File, first.Line)
		} else {
			c.byKey[d.Key] = d
		}
		c.problems = append(c.problems, c.doc.Problems...)
	}
	for _, d := range all {
		c.doc = &Doc{File: d.File}
		c.dataset(d)
		c.problems = append(c.problems, c.doc.Problems...)
	}
	if len(c.problems) == 0 {
		c.circles(all)
	}
	return c.problems
}

type checker struct {
	byKey    map[string]*Dataset
	doc      *Doc
	problems Problems
}

func (c *checker) keys() []string {
	var keys []string
	for k := range c.byKey {
		keys = append(keys, k)
	}
	return keys
}

func (c *checker) dataset(d *Dataset) {
	for _, key := range d.After {
		if c.byKey[key] == nil {
			c.unknownDataset(d.Line, key)
		}
	}
	for _, col := range d.Collections {
		for _, name := range append(append([]string{}, col.After...), col.EraseAfter...) {
			c.order(col, name)
		}
		for _, leaf := range allFields("", col.Fields) {
			for _, ref := range leaf.Field.References {
				c.reference(d, col, leaf.Path, ref)
			}
		}
	}
}

// allFields lists every field, nested ones and those with nested fields.
func allFields(prefix string, fields []*Field) []Leaf {
	var out []Leaf
	for _, f := range fields {
		out = append(out, Leaf{Path: prefix + f.Name, Field: f})
		out = append(out, allFields(prefix+f.Name+".", f.Fields)...)
	}
	return out
}

func (c *checker) unknownDataset(line int, key string) {
	c.doc.Add(line, "Datasettet «%s» finnes ikke i filene som er lest%s. Skriv fides_key for et dataset som er koblet til, eller ta bort linjen.",
		"Datasettet «%s» finst ikkje i filene som er lesne%s. Skriv fides_key for eit dataset som er kopla til, eller ta bort linja.",
		"The dataset %q is in none of the files that were read%s. Write the fides_key of a connected dataset, or remove the line.",
		key, meant(key, c.keys()))
}

// order checks one "dataset.collection" of after or erase_after.
func (c *checker) order(col *Collection, name string) {
	if c.find(name) == nil {
		c.doc.Add(col.Line, "«%s» i rekkefølgen til «%s» finnes ikke. Skriv «dataset.collection».",
			"«%s» i rekkjefølgja til «%s» finst ikkje. Skriv «dataset.collection».",
			"%q in the order of %q does not exist. Write \"dataset.collection\".", name, col.Name)
	}
}

// find gives the collection that "dataset.collection" names. Both names may hold dots.
func (c *checker) find(name string) *Collection {
	for key, d := range c.byKey {
		if rest, ok := strings.CutPrefix(name, key+"."); ok {
			if col, found := d.Collection(rest); found {
				return col
			}
		}
	}
	return nil
}

func (c *checker) reference(d *Dataset, col *Collection, path string, ref Reference) {
	target := c.byKey[ref.Dataset]
	if target == nil {
		c.unknownDataset(ref.Line, ref.Dataset)
		return
	}
	other, field, ok := target.Resolve(ref.Field)
	switch {
	case other == nil:
		c.doc.Add(ref.Line, "«%s» peker på en collection som ikke finnes i «%s»%s. Skriv «collection.felt».",
			"«%s» peikar på ein collection som ikkje finst i «%s»%s. Skriv «collection.felt».",
			"%q names a collection that is not in %q%s. Write \"collection.field\".",
			ref.Field, ref.Dataset, meant(firstPart(ref.Field), collectionNames(target)))
	case !ok:
		c.doc.Add(ref.Line, "«%s» peker på et felt som ikke finnes i «%s.%s»%s. Skriv et felt som har en verdi.",
			"«%s» peikar på eit felt som ikkje finst i «%s.%s»%s. Skriv eit felt som har ein verdi.",
			"%q names a field that is not in \"%s.%s\"%s. Write a field that holds a value.",
			ref.Field, ref.Dataset, other.Name, meant(field, fieldNames(other.Fields)))
	case target == d && other == col && field == path:
		c.doc.Add(ref.Line, "Feltet «%s» peker på seg selv. Skriv feltet det henter verdien fra, eller ta bort referansen.",
			"Feltet «%s» peikar på seg sjølv. Skriv feltet det hentar verdien frå, eller ta bort referansen.",
			"The field %q refers to itself. Write the field that its value comes from, or remove the reference.", path)
	}
}

func firstPart(field string) string {
	head, _, _ := strings.Cut(field, ".")
	return head
}

func collectionNames(d *Dataset) []string {
	var names []string
	for _, c := range d.Collections {
		names = append(names, c.Name)
	}
	return names
}

// circles finds erase_after orders that nobody could keep.
func (c *checker) circles(all []*Dataset) {
	const open, done = 1, 2
	state := map[*Collection]int{}
	file := map[*Collection]string{}
	for _, d := range all {
		for _, col := range d.Collections {
			file[col] = d.File
		}
	}
	var visit func(col *Collection)
	visit = func(col *Collection) {
		state[col] = open
		for _, name := range col.EraseAfter {
			next := c.find(name)
			switch state[next] {
			case 0:
				visit(next)
			case open:
				doc := &Doc{File: file[col]}
				doc.Add(col.Line, "«erase_after» går i ring ved «%s» og «%s». Ta bort den ene.",
					"«erase_after» går i ring ved «%s» og «%s». Ta bort den eine.",
					"\"erase_after\" goes in a circle at %q and %q. Remove one of them.", col.Name, next.Name)
				c.problems = append(c.problems, doc.Problems...)
			}
		}
		state[col] = done
	}
	for _, d := range all {
		for _, col := range d.Collections {
			if state[col] == 0 {
				visit(col)
			}
		}
	}
}
