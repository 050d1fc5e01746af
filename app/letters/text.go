package letters

import (
	"fmt"
	"strings"
	"time"

	"inventory/domain/letter"
)

// mostNamed is how many letters a text names.
const mostNamed = 10

// textOf gives a filter as people read it.
func textOf(f letter.Filter) string {
	var parts []string
	say := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	for _, id := range f.IDs[:min(len(f.IDs), mostNamed)] {
		say("letter", id.String())
	}
	if n := len(f.IDs) - mostNamed; n > 0 {
		parts = append(parts, fmt.Sprintf("and %d letters more", n))
	}
	say("topic", f.Topic)
	say("group", f.Group)
	say("code", f.Code)
	say("key", f.Key)
	say("order", f.Order)
	say("schema", number(f.Schema))
	say("from", moment(f.From))
	say("until", moment(f.Until))
	say("partition", number(f.Partition))
	say("first", number(f.FirstAt))
	say("last", number(f.LastAt))
	if len(parts) == 0 {
		return "all letters"
	}
	return strings.Join(parts, " ")
}

func number[T int32 | int64](n *T) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// mostSaid bounds what a fate says, in bytes: there may be a million.
const mostSaid = 500

func short(text string) string {
	if len(text) <= mostSaid {
		return text
	}
	return strings.ToValidUTF8(text[:mostSaid], "") + "…"
}
