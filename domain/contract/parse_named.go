package contract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var wellNamed = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

const nameRule = "expected letters, digits and _, and no digit first"

// named reads a record, enum or fixed, which has its name before its parts: they may name it.
func (p *parser) named(s *Schema, v *value, namespace string) {
	namespace = p.name(s, v, namespace)
	if p.fault != nil {
		return
	}
	p.types[s.name] = s
	switch {
	case s.kind == kindRecord:
		p.record(s, v, namespace)
	case s.kind == kindEnum:
		p.enum(s, v)
	default:
		p.fixed(s, v)
	}
}

// name gives the name space of the type, which is that of its parts.
func (p *parser) name(s *Schema, v *value, namespace string) string {
	name := p.text(v, "name")
	if name == "" {
		p.refuse(v, "%s: expected a \"name\"", s.kind)
		return ""
	}
	if v.get("namespace") != nil {
		namespace = p.text(v, "namespace")
	}
	s.name = fullName(name, namespace)
	for part := range strings.SplitSeq(s.name, ".") {
		if !wellNamed.MatchString(part) {
			p.refuse(v, "%s %s: %s", s.kind, quote(s.name), nameRule)
		}
	}
	if _, taken := kinds[s.name]; taken {
		p.refuse(v, "%s %s: a type of Avro's own has that name", s.kind, s.name)
	}
	if p.types[s.name] != nil {
		p.refuse(v, "%s %s is defined twice: name it after the first time", s.kind, s.name)
	}
	namespace = s.name[:max(strings.LastIndexByte(s.name, '.'), 0)]
	for _, alias := range p.aliases(v) {
		s.aliases = append(s.aliases, fullName(alias, namespace))
	}
	return namespace
}

// aliases gives each alias once.
func (p *parser) aliases(v *value) []string {
	var all []string
	for _, alias := range p.texts(v, "aliases") {
		if !slices.Contains(all, alias) {
			all = append(all, alias)
		}
	}
	return all
}

func (p *parser) record(s *Schema, v *value, namespace string) {
	fields := v.get("fields")
	if fields == nil || fields.is != jsonArray {
		p.refuse(v, "record %s: expected \"fields\", an array", s.name)
		return
	}
	s.named = make(map[string]int, len(fields.items))
	all := make([]field, 0, len(fields.items))
	for _, item := range fields.items {
		f := p.field(s, item, namespace)
		if p.fault != nil {
			return
		}
		if _, taken := s.named[f.name]; taken {
			p.refuse(item, "record %s: field %s is there twice", s.name, f.name)
			return
		}
		s.named[f.name] = len(all)
		all = append(all, f)
	}
	s.fields = all
	s.key = p.key(s, v)
}

func (p *parser) field(s *Schema, v *value, namespace string) field {
	if v.is != jsonObject {
		p.refuse(v, "record %s: expected fields as objects, found %s", s.name, v.is)
		return field{}
	}
	f := field{name: p.text(v, "name"), doc: p.text(v, "doc"), aliases: p.aliases(v), fallback: v.get("default"), at: p.at(v)}
	typ := v.get("type")
	switch {
	case p.fault != nil:
	case !wellNamed.MatchString(f.name):
		p.refuse(v, "record %s: field %s: %s", s.name, quote(f.name), nameRule)
	case typ == nil:
		p.refuse(v, "record %s: field %s: expected a \"type\"", s.name, f.name)
	default:
		f.schema = p.schema(typ, namespace)
	}
	if order := strings.ToLower(p.text(v, "order")); order != "" && order != "ascending" && order != "descending" && order != "ignore" {
		p.refuse(v, "record %s: field %s: order %s: expected ascending, descending or ignore", s.name, f.name, order)
	}
	if f.fallback != nil && f.schema != nil {
		p.checkDefault(s.name+"."+f.name, f.schema, f.fallback)
	}
	return f
}

var keyInDoc = regexp.MustCompile(`\bKey: ([A-Za-z_][A-Za-z0-9_:]*)`)

// key gives the fields that make the key of the record's messages: those of the property "key" ("a", "a:b" or ["a", "b"]),
// else those that the doc names as "Key: a:b."
func (p *parser) key(s *Schema, v *value) []string {
	given := v.get("key")
	switch {
	case given != nil && given.is == jsonArray:
		return p.texts(v, "key")
	case given != nil && given.is == jsonString:
		return strings.Split(given.text, ":")
	}
	if found := keyInDoc.FindStringSubmatch(s.doc); found != nil {
		return strings.Split(found[1], ":")
	}
	return nil
}

func (p *parser) enum(s *Schema, v *value) {
	if v.get("symbols") == nil {
		p.refuse(v, "enum %s: expected \"symbols\"", s.name)
		return
	}
	s.symbols, s.fallback = p.texts(v, "symbols"), p.text(v, "default")
	s.known = make(map[string]bool, len(s.symbols))
	for _, symbol := range s.symbols {
		if !wellNamed.MatchString(symbol) {
			p.refuse(v, "enum %s: symbol %s: %s", s.name, quote(symbol), nameRule)
		}
		if s.known[symbol] {
			p.refuse(v, "enum %s: symbol %s is there twice", s.name, symbol)
		}
		s.known[symbol] = true
	}
	if s.fallback != "" && !s.known[s.fallback] {
		p.refuse(v, "enum %s: its default %s is none of its symbols", s.name, s.fallback)
	}
}

func (p *parser) fixed(s *Schema, v *value) {
	size := v.get("size")
	if size == nil || size.is != jsonNumber {
		p.refuse(v, "fixed %s: expected a \"size\" in bytes", s.name)
		return
	}
	n, err := strconv.Atoi(size.text)
	if err != nil || n < 0 {
		p.refuse(size, "fixed %s: size %s: expected a whole number of bytes", s.name, size.text)
	}
	s.size = n
}
