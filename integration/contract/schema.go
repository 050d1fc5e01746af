package contract

import (
	"encoding/json"
	"slices"
	"strings"
)

// node is a schema that can be changed. Named types are shared: the first place that is written defines them.
type node struct {
	kind     string
	name     string // full name of a record, enum or fixed
	aliases  []string
	logical  string
	fields   []*fieldNode
	symbols  []string
	fallback string // an enum's default
	size     int
	items    *node
	branches []*node
}

type fieldNode struct {
	name     string
	aliases  []string
	schema   *node
	fallback any // the default, if has
	has      bool
}

func (n *node) named() bool { return n.kind == "record" || n.kind == "enum" || n.kind == "fixed" }

// text writes the schema as JSON, each named type in full where it comes first.
func (n *node) text() string {
	out, err := json.Marshal(n.tree(map[*node]bool{}))
	if err != nil {
		panic(err) // there is nothing in it that can't be written
	}
	return string(out)
}

// object keeps its members in order, which a map would not.
type object []any // key, value, key, value, …

func (o object) MarshalJSON() ([]byte, error) {
	var out strings.Builder
	out.WriteByte('{')
	for i := 0; i < len(o); i += 2 {
		key, err := json.Marshal(o[i])
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o[i+1])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return []byte(out.String()), nil
}

func (n *node) tree(defined map[*node]bool) any {
	switch {
	case n.kind == "union":
		branches := make([]any, len(n.branches))
		for i, b := range n.branches {
			branches[i] = b.tree(defined)
		}
		return branches
	case n.named() && defined[n]:
		return n.name
	case n.kind != "array" && n.kind != "map" && !n.named() && n.logical == "":
		return n.kind
	}
	defined[n] = true
	o := object{"type", n.kind}
	add := func(present bool, key string, value any) {
		if present {
			o = append(o, key, value)
		}
	}
	add(n.named(), "name", n.name)
	add(len(n.aliases) > 0, "aliases", n.aliases)
	add(n.logical != "", "logicalType", n.logical)
	add(n.logical == "decimal", "precision", 4)
	switch n.kind {
	case "array":
		add(true, "items", n.items.tree(defined))
	case "map":
		add(true, "values", n.items.tree(defined))
	case "enum":
		add(true, "symbols", append([]string{}, n.symbols...))
		add(n.fallback != "", "default", n.fallback)
	case "fixed":
		add(true, "size", n.size)
	case "record":
		fields := make([]any, len(n.fields))
		for i, f := range n.fields {
			fields[i] = f.tree(defined)
		}
		add(true, "fields", fields)
	}
	return o
}

func (f *fieldNode) tree(defined map[*node]bool) any {
	o := object{"name", f.name, "type", f.schema.tree(defined)}
	if len(f.aliases) > 0 {
		o = append(o, "aliases", f.aliases)
	}
	if f.has {
		o = append(o, "default", f.fallback)
	}
	return o
}

// copied gives a schema that is the same and shares nothing.
func (n *node) copied(done map[*node]*node) *node {
	if n == nil {
		return nil
	}
	if c := done[n]; c != nil {
		return c
	}
	c := *n
	done[n] = &c
	c.aliases, c.symbols = slices.Clone(n.aliases), slices.Clone(n.symbols)
	c.items = n.items.copied(done)
	c.branches = nil
	for _, b := range n.branches {
		c.branches = append(c.branches, b.copied(done))
	}
	c.fields = nil
	for _, f := range n.fields {
		g := *f
		g.aliases, g.schema = slices.Clone(f.aliases), f.schema.copied(done)
		c.fields = append(c.fields, &g)
	}
	return &c
}

// all gives the schema and every schema in it, each once.
func (n *node) all() []*node {
	var found []*node
	met := map[*node]bool{}
	var walk func(n *node)
	walk = func(n *node) {
		if n == nil || met[n] {
			return
		}
		met[n] = true
		found = append(found, n)
		walk(n.items)
		for _, b := range n.branches {
			walk(b)
		}
		for _, f := range n.fields {
			walk(f.schema)
		}
	}
	walk(n)
	return found
}

// recursive tells whether a type is within itself.
func (n *node) recursive(around map[*node]bool) bool {
	if n == nil {
		return false
	}
	if around[n] {
		return true
	}
	around[n] = true
	defer delete(around, n)
	if n.items.recursive(around) {
		return true
	}
	for _, b := range n.branches {
		if b.recursive(around) {
			return true
		}
	}
	for _, f := range n.fields {
		if f.schema.recursive(around) {
			return true
		}
	}
	return false
}
