package main

import (
	"slices"
	"testing"
)

func TestALineIsDividedAsAShellDividesIt(t *testing.T) {
	for line, want := range map[string][]string{
		"":                        nil,
		"  a\t b  ":               {"a", "b"},
		`--reason 'two words'`:    {"--reason", "two words"},
		`--reason="two words"`:    {"--reason=two words"},
		`a'b "c'd`:                {`ab "cd`},
		`"it's"`:                  {"it's"},
		`"a \"b\" \\"`:            {`a "b" \`},
		`'a\b'`:                   {`a\b`},
		`a\ b`:                    {"a b"},
		`'' ""`:                   {"", ""},
		"reserve đơn-1 SKU-1=2\r": {"reserve", "đơn-1", "SKU-1=2"},
	} {
		if found, err := splitWords(line); err != nil || !slices.Equal(found, want) {
			t.Errorf("%q: expected %q, found %q %v", line, want, found, err)
		}
	}
	for _, line := range []string{`'a`, `a "b`, `a\`} {
		if found, err := splitWords(line); err == nil {
			t.Errorf("%q: expected an error, found %q", line, found)
		}
	}
}

func TestNegativeNumbersAreNotTakenForFlags(t *testing.T) {
	for text, want := range map[string]units{"-3": -3, "7": 7, "+2": 2, minus + "12": -12} {
		var u units
		if err := u.UnmarshalText([]byte(maskNegatives([]string{text})[0])); err != nil || u != want {
			t.Errorf("%q: expected %d, found %d %v", text, want, u, err)
		}
	}
	if found := maskNegatives([]string{"-3x", "--key", "-k"}); !slices.Equal(found, []string{"-3x", "--key", "-k"}) {
		t.Errorf("changed: %q", found)
	}
}

func TestItemsAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]item{"SKU-1=2": {"SKU-1", 2, ""}, "SKU-1=2@HCM": {"SKU-1", 2, "HCM"}, "A=-1": {"A", -1, ""}} {
		var i item
		if err := i.UnmarshalText([]byte(text)); err != nil || i != want {
			t.Errorf("%q: expected %v, found %v %v", text, want, i, err)
		}
	}
	for _, text := range []string{"SKU-1", "SKU-1=", "SKU-1=x", "SKU-1=2@", "=@"} {
		var i item
		if err := i.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: expected an error, found %v", text, i)
		}
	}
}
