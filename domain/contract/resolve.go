package contract

import "slices"

// Incompatibilities gives everything by which a reader with one schema can't read what was written with another; none: it
// can always. It ends for types that contain themselves.
func Incompatibilities(reader, writer *Schema) []*Fault {
	c := checker{known: map[pair]*verdict{}}
	return c.check(nil, reader, writer).faults
}

type pair struct{ reader, writer *Schema }

// verdict is what was found about a pair of named types: others can't contain themselves or be met again.
type verdict struct {
	ok     bool
	done   bool // else it is being found, further up the stack
	relied bool // it was taken to be ok before it was done
	faults []*Fault
}

// maxFaults bounds what is told of a pair: nobody mends more at once.
const maxFaults = 1000

// checker finds what is wrong with a pair of schemas. A pair that is met within itself is taken to be compatible; where it
// turns out not to be, what was found to be compatible by that is forgotten.
type checker struct {
	known map[pair]*verdict
	order []pair // in which they were begun
}

func one(f *Fault) verdict { return verdict{faults: []*Fault{f}} }

var fine = verdict{ok: true}

// and adds what was found elsewhere in the same schemas; what was found before, of types that were met again, is there once.
func (v *verdict) and(other verdict) {
	v.ok = v.ok && other.ok
	for _, f := range other.faults {
		if len(v.faults) < maxFaults && !slices.Contains(v.faults, f) {
			v.faults = append(v.faults, f)
		}
	}
}

func (c *checker) check(at *spot, reader, writer *Schema) verdict {
	if reader.kind != writer.kind || !reader.kind.named() {
		return c.find(at, reader, writer)
	}
	p := pair{reader, writer}
	if v := c.known[p]; v != nil {
		if !v.done {
			v.relied = true
			return fine
		}
		return *v
	}
	v := &verdict{}
	begun := len(c.order)
	c.known[p], c.order = v, append(c.order, p)
	found := c.find(at, reader, writer)
	v.ok, v.done, v.faults = found.ok, true, found.faults
	if v.relied && !v.ok {
		c.forget(begun + 1)
	}
	return *v
}

// forget drops the pairs that were begun from there on and found compatible. Failures stand: assuming less finds no fewer.
func (c *checker) forget(from int) {
	for _, p := range c.order[from:] {
		if c.known[p].ok {
			delete(c.known, p)
		}
	}
	c.order = c.order[:from]
}

func (c *checker) find(at *spot, reader, writer *Schema) verdict {
	switch {
	case writer.kind == kindUnion:
		return c.fromUnion(at, reader, writer)
	case reader.kind == kindUnion:
		return c.toUnion(at, reader, writer)
	case reader.kind != writer.kind:
		if promotes(writer.kind, reader.kind) {
			return fine
		}
		return one(at.fault(TypeMismatch, reader, writer))
	}
	switch {
	case reader.kind == kindArray:
		return c.check(at.inside("[]", "items"), reader.items, writer.items)
	case reader.kind == kindMap:
		return c.check(at.inside("{}", "values"), reader.items, writer.items)
	case reader.kind == kindRecord:
		v := checkName(at, reader, writer)
		v.and(c.fields(at, reader, writer))
		return v
	case reader.kind == kindEnum:
		v := checkName(at, reader, writer)
		v.and(checkSymbols(at, reader, writer))
		return v
	case reader.kind == kindFixed:
		v := checkName(at, reader, writer)
		if reader.size != writer.size {
			v.and(one(at.step("size").fault(FixedSizeMismatch, reader, writer)))
		}
		return v
	}
	return fine
}

// promotes tells whether a reader of one type takes what was written as the other.
func promotes(from, to kind) bool { return slices.Contains(promotions[to], from) }

var promotions = [kindUnion + 1][]kind{
	kindLong:   {kindInt},
	kindFloat:  {kindInt, kindLong},
	kindDouble: {kindInt, kindLong, kindFloat},
	kindBytes:  {kindString},
	kindString: {kindBytes},
}

// fromUnion: the reader has to take each branch.
func (c *checker) fromUnion(at *spot, reader, writer *Schema) verdict {
	v := fine
	for i, branch := range writer.branches {
		to := at.branch(writer, i)
		if reader.kind == kindUnion {
			v.and(c.toUnion(to, reader, branch))
		} else {
			found := c.check(to, reader, branch)
			if len(found.faults) == 1 && found.faults[0].writer == branch && found.faults[0].Rule == TypeMismatch {
				found.faults[0].union = writer
			}
			v.and(found)
		}
	}
	return v
}

// toUnion: some branch of the reader has to take what is written. A branch of another name can't, whatever is in it; it is
// only looked into where it is the one that was meant, the only one of its kind, or where we are within it.
func (c *checker) toUnion(at *spot, reader, writer *Schema) verdict {
	alike := 0
	for _, branch := range reader.branches {
		if branch.kind == writer.kind {
			alike++
		}
	}
	var nearest [][]*Fault
	for _, branch := range reader.branches {
		same := branch.kind == writer.kind
		if !same && !promotes(writer.kind, branch.kind) {
			continue
		}
		named := !same || !branch.kind.named() || called(branch, writer)
		if !named && alike > 1 && c.known[pair{branch, writer}] == nil {
			continue
		}
		v := c.check(at, branch, writer)
		if v.ok {
			return fine
		}
		if same {
			nearest = append(nearest, v.faults)
		}
	}
	f := at.fault(MissingUnionBranch, reader, writer)
	if len(nearest) == 1 {
		f.Causes = nearest[0]
	}
	return one(f)
}

func checkName(at *spot, reader, writer *Schema) verdict {
	if called(reader, writer) {
		return fine
	}
	return one(at.step("name").fault(NameMismatch, reader, writer))
}

// called tells whether the reader knows the writer's type by name. Name spaces don't count, except in aliases.
func called(reader, writer *Schema) bool {
	return shortName(reader.name) == shortName(writer.name) || slices.Contains(reader.aliases, writer.name)
}

func checkSymbols(at *spot, reader, writer *Schema) verdict {
	if reader.fallback != "" {
		return fine
	}
	f := at.step("symbols").fault(MissingEnumSymbols, reader, writer)
	for _, symbol := range writer.symbols {
		if !reader.known[symbol] {
			f.names = append(f.names, symbol)
		}
	}
	if len(f.names) == 0 {
		return fine
	}
	return one(f)
}

func (c *checker) fields(at *spot, reader, writer *Schema) verdict {
	v := fine
	for i := range reader.fields {
		f := &reader.fields[i]
		to := at.fieldOf(f.name, i)
		written := sources(f, writer)
		switch len(written) {
		case 0:
			if f.fallback == nil {
				missing := to.fault(ReaderFieldMissingDefaultValue, reader, writer)
				missing.field = f
				v.and(one(missing))
			}
		case 1:
			v.and(c.check(to.step("type"), f.schema, written[0].schema))
		default:
			many := to.fault(AmbiguousAlias, reader, writer)
			many.field = f
			for _, w := range written {
				many.names = append(many.names, w.name)
			}
			v.and(one(many))
		}
	}
	return v
}

// sources gives the fields of a writer that a reader's may be, by name and by aliases. One that is named twice is there twice,
// which Java's checker refuses too.
func sources(f *field, writer *Schema) []*field {
	var found []*field
	if w := writer.field(f.name); w != nil {
		found = append(found, w)
	}
	for _, name := range f.aliases {
		if w := writer.field(name); w != nil {
			found = append(found, w)
		}
	}
	return found
}
