package letter

import (
	"strings"
	"unicode"
)

// maxShape bounds a shape, in words: what comes after differs for reasons of its own.
const maxShape = 24

// ellipsis stands for what differs.
const ellipsis = "…"

// ShapeOf gives an error's text without what differs from letter to letter: words with digits
// in them, what is quoted, names behind "order", "sku" and the like, and hexadecimal bytes
// become "…".
func ShapeOf(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	words := strings.Fields(unquoted(text))
	if len(words) > maxShape {
		words = words[:maxShape]
	}
	bytes := bytesAmong(words)
	var shape []string
	for i, w := range words {
		if bytes[i] || varies(w) || named(words, i) {
			w = ellipsis
		}
		if w == ellipsis && len(shape) > 0 && shape[len(shape)-1] == ellipsis {
			continue
		}
		shape = append(shape, w)
	}
	return strings.Join(shape, " ")
}

// unquoted puts "…" for what is between quotes. A single quote opens at the beginning of a
// word only, and closes at the end of one: elsewhere it is an apostrophe.
func unquoted(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		end := -1
		switch c := text[i]; {
		case c == '"':
			if end = strings.IndexByte(text[i+1:], '"'); end < 0 {
				end = len(text) - i - 2 // it was cut: the rest is inside
			}
		case c == '\'' && !letterAt(text, i-1):
			end = closing(text[i+1:])
		}
		if end < 0 {
			b.WriteByte(text[i])
			i++
			continue
		}
		b.WriteString(ellipsis)
		i += end + 2
	}
	return b.String()
}

// closing finds the single quote that ends a quoted text; -1: none.
func closing(text string) int {
	for i := range len(text) {
		if text[i] == '\'' && !letterAt(text, i+1) {
			return i
		}
	}
	return -1
}

func letterAt(text string, i int) bool {
	return i >= 0 && i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= '0' && text[i] <= '9')
}

// varies tells a word that is of one letter by itself.
func varies(w string) bool {
	return strings.ContainsFunc(w, unicode.IsDigit) || strings.Contains(w, ellipsis)
}

// bytesAmong tells which words are hexadecimal bytes: those in parentheses, and two or more
// in a row. Alone, some are words of the language.
func bytesAmong(words []string) []bool {
	are := make([]bool, len(words))
	for from := 0; from < len(words); {
		to := from
		for to < len(words) && isByte(words[to]) {
			to++
		}
		run := words[from:to]
		if len(run) == 2 && run[0] == "be" { // must be 12
			run = run[1:]
		}
		if len(run) > 1 || len(run) == 1 && strings.HasPrefix(run[0], "(") && strings.Contains(run[0], ")") {
			for i := to - len(run); i < to; i++ {
				are[i] = true
			}
		}
		from = max(to, from+1)
	}
	return are
}

func isByte(w string) bool {
	bare := strings.Trim(w, "()[],:;")
	return len(bare) == 2 && strings.Trim(bare, "0123456789abcdef") == ""
}

// nouns are what a name may follow.
var nouns = map[string]bool{"order": true, "sku": true, "warehouse": true, "region": true}

// notNames are what else may follow them, and what goes before them where no name follows.
var (
	notNames = words("a an and as at belongs by can can't cannot came did does doesn't event events expected for from had has in is isn't " +
		"it its ledger ledgers line lines must not of on or that the to topic was were which with without")
	articles = words("a an any each every live no one that the this")
)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// named tells whether a word is the name of what the word before it says.
func named(words []string, i int) bool {
	if i == 0 || !nouns[words[i-1]] || notNames[strings.TrimRight(words[i], ",:;.")] {
		return false
	}
	return i < 2 || !articles[words[i-2]]
}
