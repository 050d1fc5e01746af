package letter

import (
	"strings"
	"time"
	"unicode"

	"inventory/domain/ledger"
)

// Group is what letters have in common that died of one cause.
type Group struct {
	Topic  string
	Code   string
	Schema int64
	Shape  string // of the error's text
}

// GroupOf gives the group of a letter.
func GroupOf(m *Meta) Group { return Group{m.Topic, m.Code, m.Schema, ShapeOf(m.Error)} }

// ID names the group on command lines: the same for the same group, everywhere.
func (g Group) ID() string {
	return ledger.NewUUIDv5(ledger.Namespace, "letters:"+g.Topic+"|"+g.Code+"|"+decimal(g.Schema)+"|"+g.Shape).String()[:8]
}

// maxShape bounds a shape, in words: what comes after differs for reasons of its own.
const maxShape = 24

// ShapeOf gives an error's text without what differs from letter to letter: words with digits
// in them, what is quoted, and hexadecimal bytes become "…".
func ShapeOf(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	words := strings.Fields(unquoted(text))
	if len(words) > maxShape {
		words = words[:maxShape]
	}
	var shape []string
	for _, w := range words {
		if varies(w) {
			w = "…"
		}
		if w == "…" && len(shape) > 0 && shape[len(shape)-1] == "…" {
			continue
		}
		shape = append(shape, w)
	}
	return strings.Join(shape, " ")
}

// unquoted puts "…" for what is between double quotes.
func unquoted(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `"`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, after, closed := strings.Cut(rest, `"`)
		b.WriteString("…")
		if !closed {
			return b.String()
		}
		text = after
	}
}

// varies tells a word that is of one letter: it has a digit, or is a byte in hexadecimal.
func varies(w string) bool {
	if strings.ContainsFunc(w, unicode.IsDigit) || strings.Contains(w, "…") {
		return true
	}
	bare := strings.Trim(w, "()[],:;")
	return len(bare) == 2 && strings.Trim(bare, "abcdef") == ""
}

// GroupStanding is how the letters of a group stand.
type GroupStanding struct {
	Group
	Letters int
	First   time.Time // buried
	Last    time.Time
	Sample  ledger.UUID // the newest of them
}
