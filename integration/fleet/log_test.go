package fleet

import (
	"fmt"
	"strings"
)

// lost is nil where a log says of each ledger that it was lost to another owner.
func lost(log string, mine map[string]owned) error {
	for id := range mine {
		if said(log, `"ledger": "`+id+`"`, "lost") == "" {
			return fmt.Errorf("nothing is said of %s", id)
		}
	}
	return nil
}

// said is the first line that has all words.
func said(log string, words ...string) string {
lines:
	for line := range strings.Lines(log) {
		for _, word := range words {
			if !strings.Contains(line, word) {
				continue lines
			}
		}
		return line
	}
	return ""
}
