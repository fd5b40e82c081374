package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// documentFile is what a register that came as a document is called in its problems.
const documentFile = "register.json"

// Document gives the register as the values of JSON, with the keys of its file. What says nothing is
// left out.
func (r *Register) Document() (map[string]any, error) {
	var n yaml.Node
	if err := n.Encode(r); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	prune(&n, nil)
	doc := map[string]any{}
	if err := n.Decode(&doc); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	return doc, nil
}

// ParseDocument reads a document as strictly as Parse reads a file: JSON is YAML. The problems are
// found by their paths.
func ParseDocument(doc map[string]any) (*Register, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	return Parse(documentFile, data)
}

// ContradictionsIn gives what a document says against itself, as Contradictions does of a file.
func ContradictionsIn(doc map[string]any) ([]Finding, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	return Contradictions(documentFile, data), nil
}

// LintDocument gives all that a document has wrong and leaves open, as Lint does of a file.
func LintDocument(doc map[string]any) ([]Finding, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	return Lint(documentFile, data), nil
}

// MarshalOver writes the register as YAML in place of a text: what the text says as well keeps its
// comments, its order and its way of writing.
func (r *Register) MarshalOver(text []byte) ([]byte, error) {
	var was yaml.Node
	if err := yaml.Unmarshal(text, &was); err != nil || len(was.Content) == 0 {
		return r.Marshal()
	}
	var n yaml.Node
	if err := n.Encode(r); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	prune(&n, was.Content[0])
	dress(&n, was.Content[0])
	was.Content[0] = &n
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(&was); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("writing the register: %w", err)
	}
	return out.Bytes(), nil
}

// prune takes away the keys that say nothing and that did not stand there before.
func prune(n, was *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		for i, item := range n.Content {
			prune(item, counterpart(n, was, i))
		}
		return
	}
	kept := n.Content[:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		before := child(was, n.Content[i].Value)
		prune(n.Content[i+1], before)
		if before != nil || !silent(n.Content[i+1]) {
			kept = append(kept, n.Content[i], n.Content[i+1])
		}
	}
	n.Content = kept
}

// silent tells whether a value says nothing.
func silent(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Tag == "!!null" || n.Value == "" || n.Tag == "!!bool" && n.Value == "false" || n.Tag == "!!int" && n.Value == "0"
	default:
		return len(n.Content) == 0
	}
}

// dress gives a value the comments, order and style of what stood there before.
func dress(n, was *yaml.Node) {
	if was == nil || was.Kind != n.Kind {
		return
	}
	n.HeadComment, n.LineComment, n.FootComment = was.HeadComment, was.LineComment, was.FootComment
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Value == was.Value && n.Tag == was.Tag {
			n.Style = was.Style
		}
	case yaml.SequenceNode:
		n.Style = was.Style
		for i, item := range n.Content {
			dress(item, counterpart(n, was, i))
		}
	case yaml.MappingNode:
		n.Style = was.Style
		order(n, was)
		for i := 0; i+1 < len(n.Content); i += 2 {
			dress(n.Content[i+1], child(was, n.Content[i].Value))
			if k := keyOf(was, n.Content[i].Value); k >= 0 {
				dress(n.Content[i], was.Content[k])
			}
		}
	}
}

// order puts the keys of a mapping as they stood, and the new ones after the key they follow.
func order(n, was *yaml.Node) {
	pairs := make([][2]*yaml.Node, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		pairs = append(pairs, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	at := map[string]int{}
	last := -1
	for _, p := range pairs {
		if k := keyOf(was, p[0].Value); k >= 0 {
			last = k
		}
		at[p[0].Value] = last
	}
	slices.SortStableFunc(pairs, func(a, b [2]*yaml.Node) int { return at[a[0].Value] - at[b[0].Value] })
	n.Content = n.Content[:0]
	for _, p := range pairs {
		n.Content = append(n.Content, p[0], p[1])
	}
}

// counterpart is what an item of a list was: the one of the same id, or where there are none, the one
// in the same place.
func counterpart(list, was *yaml.Node, i int) *yaml.Node {
	if was == nil || was.Kind != yaml.SequenceNode {
		return nil
	}
	if id := child(list.Content[i], "id"); id != nil {
		for _, item := range was.Content {
			if before := child(item, "id"); before != nil && before.Value == id.Value {
				return item
			}
		}
		return nil
	}
	if i < len(was.Content) {
		return was.Content[i]
	}
	return nil
}

func keyOf(m *yaml.Node, key string) int {
	if m == nil || m.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i
		}
	}
	return -1
}

func child(m *yaml.Node, key string) *yaml.Node {
	if k := keyOf(m, key); k >= 0 {
		return m.Content[k+1]
	}
	return nil
}

// Pointer gives the path as a JSON pointer: /activities/2/bases/0/article.
func (p Problem) Pointer() string {
	if p.Path == "" {
		return ""
	}
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(p.Path)
}
