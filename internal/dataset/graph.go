package dataset

import "strings"

// Node is one collection of the graph.
type Node struct {
	Dataset    *Dataset
	Collection *Collection
}

// Name gives "dataset.collection".
func (n Node) Name() string { return n.Dataset.Key + "." + n.Collection.Name }

// Edge leads from values of one field to rows of another collection. An undirected reference
// makes two of them.
type Edge struct {
	From, To           int // indexes of Graph.Nodes
	FromField, ToField string
	// Up: the walk follows the reference from the field that carries it to what it names (an
	// order to its address). The row that is reached may be anybody's.
	Up bool
	// Undirected: the reference has no direction.
	Undirected bool
}

// Graph is how rows lead to rows, across datasets. Cycles are normal.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// NewGraph makes the graph of datasets that passed Check. Collections that are skipped are
// nodes without edges.
func NewGraph(all []*Dataset) *Graph {
	g := &Graph{}
	index := map[*Collection]int{}
	byKey := map[string]*Dataset{}
	for _, d := range all {
		byKey[d.Key] = d
		for _, c := range d.Collections {
			index[c] = len(g.Nodes)
			g.Nodes = append(g.Nodes, Node{d, c})
		}
	}
	for _, d := range all {
		for _, c := range d.Collections {
			for _, leaf := range allFields("", c.Fields) {
				for _, ref := range leaf.Field.References {
					g.add(index, byKey[ref.Dataset], c, leaf.Path, ref)
				}
			}
		}
	}
	return g
}

func (g *Graph) add(index map[*Collection]int, target *Dataset, c *Collection, path string, ref Reference) {
	if target == nil || c.Skip {
		return
	}
	other, field, ok := target.Resolve(ref.Field)
	if !ok || other.Skip {
		return
	}
	both := ref.Direction == Both
	if ref.Direction == To || both {
		g.Edges = append(g.Edges, Edge{From: index[c], FromField: path, To: index[other], ToField: field, Up: true, Undirected: both})
	}
	if ref.Direction == From || both {
		g.Edges = append(g.Edges, Edge{From: index[other], FromField: field, To: index[c], ToField: path, Undirected: both})
	}
}

// Reachable tells for each node whether the walk can come there from seeds of these kinds.
func (g *Graph) Reachable(kinds []string) []bool {
	seen := make([]bool, len(g.Nodes))
	var queue []int
	for i, n := range g.Nodes {
		if !n.Collection.Skip && hasIdentity(n.Collection, kinds) {
			seen[i] = true
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, e := range g.Edges {
			if e.From == at && !seen[e.To] {
				seen[e.To] = true
				queue = append(queue, e.To)
			}
		}
	}
	return seen
}

func hasIdentity(c *Collection, kinds []string) bool {
	for _, l := range c.Leaves() {
		if l.Field.Identity != "" && contains(kinds, l.Field.Identity) {
			return true
		}
	}
	return false
}

// WalkOrder gives the nodes in the order a walk from these kinds of identity comes to them,
// breadth first; what it cannot reach comes last, in file order.
func (g *Graph) WalkOrder(kinds []string) []int {
	placed := make([]bool, len(g.Nodes))
	var order []int
	for i, n := range g.Nodes {
		if !n.Collection.Skip && hasIdentity(n.Collection, kinds) {
			placed[i] = true
			order = append(order, i)
		}
	}
	for k := 0; k < len(order); k++ {
		for _, e := range g.Edges {
			if e.From == order[k] && !placed[e.To] {
				placed[e.To] = true
				order = append(order, e.To)
			}
		}
	}
	for i := range g.Nodes {
		if !placed[i] {
			order = append(order, i)
		}
	}
	return order
}

// EraseOrder gives the nodes so that each comes after the ones its erase_after names, and else
// what refers to something comes before what it refers to. Circles of references are broken
// where the walk began: what was found first goes last.
func (g *Graph) EraseOrder() []int {
	before := make([][]int, len(g.Nodes)) // nodes that have to go first
	for i, n := range g.Nodes {
		for _, name := range n.Collection.EraseAfter {
			if j, ok := g.find(name); ok {
				before[i] = append(before[i], j)
			}
		}
	}
	for _, e := range g.Edges {
		parent, child := e.From, e.To
		if e.Up {
			parent, child = e.To, e.From
		}
		if parent != child {
			before[parent] = append(before[parent], child)
		}
	}
	var order []int
	state := make([]int8, len(g.Nodes))
	var visit func(i int)
	visit = func(i int) {
		if state[i] != 0 {
			return
		}
		state[i] = 1
		for _, j := range before[i] {
			visit(j)
		}
		order = append(order, i)
	}
	for i := range g.Nodes {
		visit(i)
	}
	return order
}

// find gives the node that "dataset.collection" names.
func (g *Graph) find(name string) (int, bool) {
	for i, n := range g.Nodes {
		if strings.EqualFold(n.Name(), name) {
			return i, true
		}
	}
	return 0, false
}
