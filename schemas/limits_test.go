package schemas

import (
	"errors"
	"strings"
	"testing"
)

func TestSchemasWithinBoundsAreThoseThatPeopleWrite(t *testing.T) {
	eachVersion(t, func(t *testing.T, text string) {
		if err := CheckBounds(text); err != nil {
			t.Error(err)
		}
	})
	for name, test := range map[string]struct {
		text string
		says string // empty: within bounds
	}{
		"a name as long as can be":        {`{"name":"` + strings.Repeat("n", 255) + `"}`, ""},
		"a longer name":                   {`{"name":"` + strings.Repeat("n", 256) + `"}`, "a name has 256 bytes: at most 255"},
		"a longer namespace":              {`{"a":[{"namespace":"` + strings.Repeat("n", 300) + `"}]}`, "a namespace has 300 bytes"},
		"a longer name, shouted":          {`{"NAME":"` + strings.Repeat("n", 256) + `"}`, "a name has 256"},
		"a long doc":                      {`{"doc":"` + strings.Repeat("n", 5000) + `","name":"x"}`, ""},
		"a long key":                      {`{"` + strings.Repeat("n", 5000) + `":1}`, ""},
		"as deep as can be":               {strings.Repeat("[", 256) + strings.Repeat("]", 256), ""},
		"deeper":                          {strings.Repeat("[", 257), "more than 256 brackets"},
		"objects and lists, deeper":       {strings.Repeat(`[{"type":`, 129), "more than 256 brackets"},
		"many side by side":               {"[" + strings.Repeat(`{},`, 1000) + "{}]", ""},
		"not JSON":                        {`{"name" "x"}`, ""},
		"cut off":                         {`{"name":`, ""},
		"nothing":                         {``, ""},
		"closed more often than opened":   {`]]}}`, ""},
		"a key that is none":              {`{1:2}`, ""},
		"a name that is none":             {`{"name":{"name":["x",1e999]}}`, ""},
		"too deep after what is not JSON": {`{"a":tru,"b":` + strings.Repeat("[", 300), ""},
	} {
		err := CheckBounds(test.text)
		switch {
		case test.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.says != "" && (!errors.Is(err, ErrOutOfBounds) || !strings.Contains(err.Error(), test.says)):
			t.Errorf("%s: got %v, want it to say %q", name, err, test.says)
		}
	}
}
