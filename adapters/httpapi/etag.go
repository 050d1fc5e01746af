package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

// tagOf is the ETag of a level: of all that it says but as_of, which is another each time an owner
// is asked. Answers that differ in as_of alone may stand for each other and are not the same
// bytes, so the tag is weak. Source: RFC 9110, section 8.8.1.
func tagOf(s stockLevel) (string, error) {
	s.AsOf = ""
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("writing a %T: %w", s, err)
	}
	sum := sha256.Sum256(text)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, nil
}

// matches tells whether a tag is one of those of If-None-Match, or any will do. Tags are compared
// weakly, and a field that is none of either matches nothing, so that the answer is sent whole.
// Source: RFC 9110, sections 8.8.3.2, 5.6.1 and 13.1.2.
func matches(fields []string, tag string) bool {
	rest := strings.Join(fields, ",")
	if strings.Trim(rest, " \t") == "*" {
		return true
	}
	wanted, found := strings.TrimPrefix(tag, "W/"), false
	for {
		if rest = strings.TrimLeft(rest, " \t,"); rest == "" {
			return found
		}
		opaque, ok := strings.CutPrefix(strings.TrimPrefix(rest, "W/"), `"`)
		end := strings.IndexByte(opaque, '"')
		if !ok || end < 0 {
			return false
		}
		found = found || `"`+opaque[:end]+`"` == wanted
		if rest = strings.TrimLeft(opaque[end+1:], " \t"); rest != "" && rest[0] != ',' {
			return false
		}
	}
}
