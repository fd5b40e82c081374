package engine

import (
	"encoding/json"

	"mininfo/internal/source"
)

// entry is a field that holds a list and that the walk may come in by: an identifier among
// others, or a reference among others.
type entry struct {
	idents []identity
	edges  []*edge
}

// holdsList tells whether a field's value is a list.
func (f *field) holdsList() bool {
	return f.leaf != nil && (f.column.Class == source.ClassArray || f.leaf.Array || len(f.at.Each) > 0)
}

// narrows tells whether only those elements of a list are about the person by which its row was
// found. The dataset says return_all_elements where all of them are.
func (f *field) narrows() bool { return f.holdsList() && !f.leaf.ReturnAllElements }

// entries gives the fields of a node whose lists are narrowed.
func (w *walk) entries(n *node) map[int]*entry {
	out := map[int]*entry{}
	at := func(pos int) *entry {
		if out[pos] == nil {
			out[pos] = &entry{}
		}
		return out[pos]
	}
	for _, id := range n.idents {
		if n.fields[id.pos].narrows() && w.seeds[id.kind] != nil {
			at(id.pos).idents = append(at(id.pos).idents, id)
		}
	}
	for _, e := range n.in {
		if n.fields[e.toPos].narrows() {
			at(e.toPos).edges = append(at(e.toPos).edges, e)
		}
	}
	return out
}

// narrow leaves only those elements in a list by which the row was found, where there are any.
func (d *delivery) narrow(v *FieldValue, e *entry) {
	if v.Value.Kind != source.JSON {
		return
	}
	var parts, left []json.RawMessage
	if json.Unmarshal([]byte(v.Value.Str), &parts) != nil {
		return
	}
	for _, p := range parts {
		if x := source.FromJSON(string(p)); x.Kind != source.JSON && x.Kind != source.Null && d.w.cameBy(d.n, e, x) {
			left = append(left, p)
		}
	}
	if len(left) == 0 || len(left) == len(parts) {
		return
	}
	text, err := json.Marshal(left)
	if err != nil {
		return
	}
	v.Whole, v.Value = v.Value, source.Value{Kind: source.JSON, Str: string(text)}
	if v.Foreign {
		v.Others = d.w.mention.passages(v.Value, false, d.w.mention.foreign)
		v.Foreign = len(v.Others) > 0
	}
}

// cameBy tells whether the walk came to a node by a value.
func (w *walk) cameBy(n *node, e *entry, v source.Value) bool {
	for _, id := range e.idents {
		if _, mine := w.seed(n, id, v); mine {
			return true
		}
	}
	for _, in := range e.edges {
		if in.fromKey {
			if h, ok := in.keyHash(v, nil); ok && w.visited.find(h) != nil {
				return true
			}
			continue
		}
		if k, ok := in.key(v); ok && in.counts[k].sent {
			return true
		}
	}
	return false
}

// inList makes the value of a list after a strategy: each element by which the row was found, or
// each of them, as the strategy wants it.
func inList(v *FieldValue, each func(source.Value) (source.Value, bool)) (source.Value, bool) {
	whole := v.Whole
	if whole.IsNull() {
		whole = v.Value
	}
	var parts, found []json.RawMessage
	if json.Unmarshal([]byte(whole.Str), &parts) != nil || json.Unmarshal([]byte(v.Value.Str), &found) != nil {
		return source.Value{}, false
	}
	own := map[string]bool{}
	for _, p := range found {
		own[string(p)] = true
	}
	for i, p := range parts {
		x := source.FromJSON(string(p))
		switch {
		case !own[string(p)] || x.Kind == source.Null:
		case x.Kind == source.JSON:
			return source.Value{}, false
		default:
			to, ok := each(x)
			if !ok {
				return source.Value{}, false
			}
			parts[i] = to.AppendJSON(nil)
		}
	}
	text, err := json.Marshal(parts)
	return source.Value{Kind: source.JSON, Str: string(text)}, err == nil
}
