package main

import (
	"strings"

	"inventory/ports"
)

// explain gives an error in words for people, with what to do where that is known.
func explain(err error) string {
	text := withoutClass(err)
	if _, _, hint := codeOf(err); hint != "" {
		text += "\n" + hint
	}
	return strings.ReplaceAll(text, "\n", "\n  ")
}

// withoutClass leaves out the class of a store's error, which is for programs.
func withoutClass(err error) string {
	text := err.Error()
	for _, class := range []error{ports.ErrPermanent, ports.ErrTransient} {
		text = strings.ReplaceAll(text, class.Error()+": ", "")
	}
	return text
}
