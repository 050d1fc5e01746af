package contract

import "strconv"

// spot is a place in a schema, as the steps to it: what they are called is only put together where there is a fault.
type spot struct {
	up     *spot
	text   string // what it adds to the path, for people
	field  bool   // text is a field's name
	token  string // what it adds to the pointer
	number int    // and the number after that, -1: none
}

func (s *spot) step(token string) *spot { return &spot{up: s, token: token, number: -1} }

func (s *spot) inside(text, token string) *spot {
	return &spot{up: s, text: text, token: token, number: -1}
}

func (s *spot) fieldOf(name string, i int) *spot {
	return &spot{up: s, text: name, field: true, token: "fields/", number: i}
}

// branch goes into a branch of a union, by the writer's number as Java does. In a path that says nothing where the union is
// only there for null.
func (s *spot) branch(union *Schema, i int) *spot {
	to := &spot{up: s, number: i}
	if union.only() == union {
		to.text = "<" + union.branches[i].label() + ">"
	}
	return to
}

// path is the place for people: items[].quantity, "" for the whole schema.
func (s *spot) path() string {
	if s == nil {
		return ""
	}
	before := s.up.path()
	if s.field && before != "" {
		return before + "." + s.text
	}
	return before + s.text
}

// pointer is the place as Java names it: "/" for the whole schema.
func (s *spot) pointer() string {
	if s == nil {
		return "/"
	}
	var text string
	for ; s != nil; s = s.up {
		number := ""
		if s.number >= 0 {
			number = strconv.Itoa(s.number)
		}
		text = "/" + s.token + number + text
	}
	return text
}

func (s *spot) fault(rule Rule, reader, writer *Schema) *Fault {
	return &Fault{Rule: rule, Path: s.path(), Pointer: s.pointer(), reader: reader, writer: writer}
}
