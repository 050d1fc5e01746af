package contract

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// generator makes schemas by chance, the same for the same seed.
type generator struct {
	*rand.Rand
	types     []*node // named types of the schema that is made, to be named again
	recursive int     // pairs so far with a type within itself
	plain     bool    // they have no name spaces: some that have and some that have not are named by rules of each library's own
}

var (
	primitives = []string{"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
	typeNames  = []string{"A", "B", "C", "D", "E", "F"}
	spaces     = []string{"x.", "y.", "x.z."}
	fieldNames = []string{"a", "b", "c", "d", "e", "f", "g"}
	symbols    = []string{"RED", "GREEN", "BLUE", "GREY", "PINK"}
	logicals   = map[string][]string{
		"int": {"date", "time-millis"}, "long": {"timestamp-millis", "timestamp-micros", "time-micros"},
		"string": {"uuid"}, "bytes": {"decimal"},
	}
)

func newGenerator(seed uint64) *generator { return &generator{Rand: rand.New(rand.NewPCG(seed, 1))} }

func one[T any](g *generator, from []T) T { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// pair makes a reader's and a writer's schema: mostly one that was changed into the other, as schemas are.
func (g *generator) pair() (reader, writer string) {
	g.plain = g.chance(30)
	first := g.schema()
	if first.recursive(map[*node]bool{}) {
		g.recursive++
	}
	second := first.copied(map[*node]*node{})
	switch {
	case g.chance(10):
		second = g.schema()
	default:
		for range g.IntN(5) {
			second = g.change(second)
		}
	}
	if g.chance(50) {
		first, second = second, first
	}
	return first.text(), second.text()
}

func (g *generator) schema() *node {
	g.types = nil
	if g.chance(70) {
		return g.record(3)
	}
	return g.any(3)
}

func (g *generator) any(depth int) *node {
	if depth == 0 || g.chance(35) {
		return g.primitive()
	}
	switch g.IntN(8) {
	case 0:
		return &node{kind: "array", items: g.any(depth - 1)}
	case 1:
		return &node{kind: "map", items: g.any(depth - 1)}
	case 2:
		return g.enum()
	case 3:
		return g.fixed()
	case 4:
		return g.record(depth - 1)
	case 5:
		if len(g.types) > 0 {
			return one(g, g.types)
		}
		return g.primitive()
	default:
		return g.union(depth)
	}
}

func (g *generator) primitive() *node {
	n := &node{kind: one(g, primitives)}
	if kinds := logicals[n.kind]; kinds != nil && g.chance(20) {
		n.logical = one(g, kinds)
	}
	return n
}

// name gives a name that the schema doesn't use yet, if there is one.
func (g *generator) name() string {
	for range 10 {
		name := one(g, typeNames)
		if !g.plain {
			name = one(g, spaces) + name
		}
		if !slices.ContainsFunc(g.types, func(n *node) bool { return n.name == name }) {
			return name
		}
	}
	name := fmt.Sprintf("T%d", len(g.types))
	if !g.plain {
		name = "x." + name
	}
	return name
}

func (g *generator) enum() *node {
	n := &node{kind: "enum", name: g.name()}
	g.types = append(g.types, n)
	for _, i := range g.Perm(len(symbols))[:1+g.IntN(4)] {
		n.symbols = append(n.symbols, symbols[i])
	}
	if g.chance(35) {
		n.fallback = one(g, n.symbols)
	}
	return n
}

func (g *generator) fixed() *node {
	n := &node{kind: "fixed", name: g.name(), size: 1 + g.IntN(3)}
	g.types = append(g.types, n)
	return n
}

func (g *generator) record(depth int) *node {
	n := &node{kind: "record", name: g.name()}
	g.types = append(g.types, n)
	for _, i := range g.Perm(len(fieldNames))[:g.IntN(5)] {
		n.fields = append(n.fields, g.field(fieldNames[i], depth))
	}
	return n
}

func (g *generator) field(name string, depth int) *fieldNode {
	f := &fieldNode{name: name, schema: g.any(depth)}
	if g.chance(25) {
		f.schema = g.nullable(f.schema)
	}
	g.fallback(f, 40)
	return f
}

// nullable is a union with null, where that can be.
func (g *generator) nullable(n *node) *node {
	if n.kind == "union" || n.kind == "null" {
		return n
	}
	return &node{kind: "union", branches: []*node{{kind: "null"}, n}}
}

func (g *generator) union(depth int) *node {
	n := &node{kind: "union"}
	for range 1 + g.IntN(4) {
		if b := g.any(depth - 1); b.kind != "union" {
			n.branches = append(n.branches, b)
		}
	}
	n.branches = distinct(n.branches)
	return n
}

// distinct leaves one branch of each kind, or of each name.
func distinct(branches []*node) []*node {
	var all []*node
	for _, b := range branches {
		same := func(o *node) bool { return o.kind == b.kind && (!b.named() || o.name == b.name) }
		if !slices.ContainsFunc(all, same) {
			all = append(all, b)
		}
	}
	return all
}

// fallback gives a field a default, by chance, where that is simple.
func (g *generator) fallback(f *fieldNode, percent int) {
	f.fallback, f.has = nil, false
	if g.chance(percent) {
		f.fallback, f.has = g.value(f.schema, 3)
	}
}

// value gives a default for a schema; false: it would have to be without end.
func (g *generator) value(n *node, depth int) (any, bool) {
	switch n.kind {
	case "null":
		return nil, true
	case "boolean":
		return g.chance(50), true
	case "int", "long":
		return g.IntN(100), true
	case "float", "double":
		return float64(g.IntN(100)) / 4, true
	case "bytes", "string":
		return one(g, []string{"", "a", "ab"}), true
	case "fixed":
		return "abc"[:n.size%4], true
	case "enum":
		return one(g, n.symbols), true
	case "array":
		return []any{}, true
	case "map":
		return object{}, true
	case "union":
		if len(n.branches) == 0 {
			return nil, false
		}
		return g.value(n.branches[0], depth)
	}
	return g.recordValue(n, depth)
}

func (g *generator) recordValue(n *node, depth int) (any, bool) {
	o := object{}
	for _, f := range n.fields {
		if depth == 0 {
			return nil, false
		}
		v, ok := g.value(f.schema, depth-1)
		if !ok {
			return nil, false
		}
		o = append(o, f.name, v)
	}
	return o, true
}
