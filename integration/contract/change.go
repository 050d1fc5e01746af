package contract

import "slices"

// change changes one thing of a schema, as people do, and gives the schema that it is then.
func (g *generator) change(root *node) *node {
	all := root.all()
	g.types = slices.DeleteFunc(slices.Clone(all), func(n *node) bool { return !n.named() })
	n := one(g, all)
	if g.chance(50) && len(g.types) > 0 {
		n = one(g, g.types)
	}
	switch n.kind {
	case "record":
		g.changeRecord(n)
	case "enum":
		g.changeEnum(n)
	case "fixed":
		if g.chance(50) {
			n.size = 1 + g.IntN(3)
		} else {
			g.rename(n)
		}
	case "union":
		g.changeUnion(n)
	case "array", "map":
		n.items = g.replace(n.items)
	default:
		if n == root {
			return g.replace(n)
		}
		*n = *g.primitive()
	}
	g.mend(root)
	return root
}

func (g *generator) changeRecord(n *node) {
	if len(n.fields) == 0 || g.chance(25) {
		g.addField(n)
		return
	}
	i := g.IntN(len(n.fields))
	f := n.fields[i]
	switch g.IntN(7) {
	case 0:
		n.fields = slices.Delete(n.fields, i, i+1)
	case 1:
		old := f.name
		f.name = g.freeField(n)
		if g.chance(60) {
			f.aliases = append(f.aliases, old)
		}
	case 2:
		f.aliases = append(f.aliases, one(g, fieldNames))
	case 3:
		f.schema = g.replace(f.schema)
		g.fallback(f, 40)
	case 4:
		g.fallback(f, 50)
	case 5:
		j := g.IntN(len(n.fields))
		n.fields[i], n.fields[j] = n.fields[j], n.fields[i]
	default:
		g.rename(n)
	}
}

func (g *generator) addField(n *node) {
	f := g.field(g.freeField(n), 2)
	n.fields = slices.Insert(n.fields, g.IntN(len(n.fields)+1), f)
}

// freeField gives a name that no field of the record has.
func (g *generator) freeField(n *node) string {
	for {
		name := one(g, fieldNames)
		if g.chance(5) {
			name += "x"
		}
		if !slices.ContainsFunc(n.fields, func(f *fieldNode) bool { return f.name == name }) {
			return name
		}
	}
}

func (g *generator) changeEnum(n *node) {
	switch g.IntN(4) {
	case 0:
		g.rename(n)
	case 1:
		n.fallback = ""
		if g.chance(60) {
			n.fallback = one(g, n.symbols)
		}
	case 2:
		if s := one(g, symbols); !slices.Contains(n.symbols, s) {
			n.symbols = append(n.symbols, s)
		}
	default:
		if len(n.symbols) > 1 {
			n.symbols = n.symbols[1:]
		}
	}
}

func (g *generator) rename(n *node) {
	old := n.name
	n.name = g.name()
	if g.chance(50) {
		n.aliases = append(n.aliases, old)
	}
}

func (g *generator) changeUnion(n *node) {
	switch {
	case len(n.branches) == 0 || g.chance(50):
		if b := g.any(2); b.kind != "union" {
			n.branches = slices.Insert(n.branches, g.IntN(len(n.branches)+1), b)
		}
	case g.chance(60):
		i := g.IntN(len(n.branches))
		n.branches = slices.Delete(n.branches, i, i+1)
	default:
		g.Shuffle(len(n.branches), func(i, j int) { n.branches[i], n.branches[j] = n.branches[j], n.branches[i] })
	}
}

// replace gives what comes in a schema's place: a wider or narrower type, a union or what was in it, or anything.
func (g *generator) replace(n *node) *node {
	switch {
	case n.kind == "union" && len(n.branches) > 0 && g.chance(50):
		return one(g, n.branches)
	case g.chance(30):
		return g.nullable(n)
	case (n.kind == "int" || n.kind == "long" || n.kind == "float" || n.kind == "double") && g.chance(60):
		return &node{kind: one(g, []string{"int", "long", "float", "double"})}
	case (n.kind == "bytes" || n.kind == "string") && g.chance(60):
		return &node{kind: one(g, []string{"bytes", "string"})}
	}
	return g.any(2)
}

// mend makes a schema valid again after a change: unions without doubles, defaults of their types.
func (g *generator) mend(root *node) {
	for _, n := range root.all() {
		if n.kind == "enum" && !slices.Contains(n.symbols, n.fallback) {
			n.fallback = ""
		}
		n.branches = distinct(n.branches)
	}
	for _, n := range root.all() {
		for _, f := range n.fields {
			if f.has {
				f.fallback, f.has = g.value(f.schema, 3)
			}
		}
	}
}
