package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// units are the words that name a unit, each with the one word for it. Single letters are left out: too many are none.
var units = unitWords()

func unitWords() map[string]string {
	units := map[string]string{}
	for unit, words := range map[string]string{
		"nanoseconds": "nanosecond nanos ns", "microseconds": "microsecond micros us µs", "milliseconds": "millisecond millis ms msec",
		"seconds": "second sec secs", "minutes": "minute min mins", "hours": "hour hrs", "days": "day", "weeks": "week",
		"cents": "cent", "euros": "euro eur", "dollars": "dollar usd", "pounds": "pound gbp", "dong": "vnd",
		"units": "unit", "pieces": "piece pcs", "dozens": "dozen", "cases": "case", "pallets": "pallet", "cartons": "carton",
		"grams": "gram", "kilograms": "kilogram kg kilos", "tonnes": "tonne", "litres": "litre liter liters", "millilitres": "millilitre ml",
		"metres": "metre meter meters", "millimetres": "millimetre mm", "centimetres": "centimetre cm", "kilometres": "kilometre km",
		"percent": "pct percentage", "bytes": "byte", "kibibytes": "kib", "mebibytes": "mib",
	} {
		units[unit] = unit
		for word := range strings.FieldsSeq(words) {
			units[word] = unit
		}
	}
	return units
}

// unitsOf gives the units that a doc names, by name.
func unitsOf(doc string) []string {
	named := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(doc), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if unit := units[word]; unit != "" {
			named[unit] = true
		}
	}
	return slices.Sorted(maps.Keys(named))
}

// unit warns where a doc named units and names others now, or none.
func (l *linter) unit(path string, f, old *field) {
	was, now := unitsOf(old.doc), unitsOf(f.doc)
	if len(was) == 0 || slices.Equal(was, now) {
		return
	}
	to := strings.Join(now, ", ")
	if to == "" {
		to = "none"
	}
	l.warn(UnitChanged, path, f.at, fmt.Sprintf("its doc named %s, and names %s now: readers of the two versions take the same number for different amounts", strings.Join(was, ", "), to),
		"If the unit changes, leave the field as it was, and add an optional one whose name says the unit; if only the words do, name the unit as before.")
}
