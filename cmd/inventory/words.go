package main

import "regexp"

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
