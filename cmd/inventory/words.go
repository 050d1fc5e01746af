package main

import (
	"errors"
	"regexp"
	"strings"
)

var errQuote = errors.New("a quote is not closed")

// splitWords divides a line as a shell does: at blanks, except within '…' and "…"; a
// backslash takes the next character as it is, except within '…'.
func splitWords(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune // 0: outside of quotes
	begun, escaped := false, false
	for _, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			begun, quote = true, r
		case r == ' ' || r == '\t' || r == '\r':
			if begun {
				words = append(words, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, errQuote
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// minus stands for the hyphen of a negative number: kong would take `-3` for a flag.
const minus = "\u2212"

var negative = regexp.MustCompile(`^-\d+$`)

// maskNegatives writes the negative numbers of a command line so that they pass.
func maskNegatives(words []string) []string {
	masked := make([]string, len(words))
	for i, w := range words {
		if negative.MatchString(w) {
			w = minus + w[1:]
		}
		masked[i] = w
	}
	return masked
}
