package contract

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// difference is a reason for which a verdict of ours is meant to differ from Java's, with a pair that shows it.
type difference struct {
	why            string
	here           func(own, theirs string) bool                        // of whole verdicts
	alike          func(rule, place, theirRule, theirPlace string) bool // of one fault of each
	needs          *regexp.Regexp                                       // what the reader has, for alike
	reader, writer string
	java, ours     string
}

var differences = []difference{
	{
		why: "Java's checker throws where a field may be several of the writer's; ours tells it as a fault.",
		here: func(own, theirs string) bool {
			return thrown(theirs) && strings.Contains(own, "AMBIGUOUS_ALIAS")
		},
		reader: `{"type": "record", "name": "R", "fields": [{"name": "a", "aliases": ["b"], "type": "int"}]}`,
		writer: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]}`,
		java:   "THROWN\tReader record field a type:INT pos:0 matches multiple fields in writer record schema ",
		ours:   "AMBIGUOUS_ALIAS\tAMBIGUOUS_ALIAS /fields/0",
	},
	{
		why:    "The same in a branch of a union that needn't fit, for another one does: there is nothing wrong.",
		here:   func(own, theirs string) bool { return thrown(theirs) && !strings.Contains(own, "AMBIGUOUS_ALIAS") },
		reader: `[{"type": "record", "name": "R", "fields": [{"name": "a", "aliases": ["b"], "type": "int"}]}, {"type": "record", "name": "x.R", "fields": []}]`,
		writer: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}]}`,
		java:   "THROWN\tReader record field a type:INT pos:0 matches multiple fields in writer record schema ",
		ours:   "OK",
	},
	{
		why:    "Java lets a type be defined twice if the definitions are equal, which Avro's specification forbids.",
		here:   func(own, _ string) bool { return strings.Contains(own, "is defined twice") },
		reader: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "fixed", "name": "F", "size": 1}}, {"name": "b", "type": {"type": "fixed", "name": "F", "size": 1}}]}`,
		writer: `{"type": "record", "name": "R", "fields": []}`,
		java:   "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0\tREADER_FIELD_MISSING_DEFAULT_VALUE /fields/1",
		ours:   "READER\tline 1: fixed F is defined twice",
	},
	{
		why: "Java counts a place within a branch of a union from that branch on; ours are from the root.",
		alike: func(rule, place, theirRule, theirPlace string) bool {
			return rule == theirRule && strings.HasSuffix(place, theirPlace)
		},
		reader: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", {"type": "fixed", "name": "F", "size": 1}]}, {"name": "b", "type": "F"}]}`,
		writer: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": ["null", {"type": "fixed", "name": "F", "size": 2}]}, {"name": "b", "type": "F"}]}`,
		java:   "FIXED_SIZE_MISMATCH /size\tMISSING_UNION_BRANCH /fields/0/type/1",
		ours:   "FIXED_SIZE_MISMATCH /fields/0/type/1/size\tMISSING_UNION_BRANCH /fields/0/type/1",
	},
	{
		why: "Of a field that the writer has not, whose type is an enum with a default, Java compares the enum with the writer's record; ours names the field.",
		// The place is where Java met the pair of enum and record first.
		alike: func(rule, _, theirRule, _ string) bool {
			return rule == "READER_FIELD_MISSING_DEFAULT_VALUE" && theirRule == "TYPE_MISMATCH"
		},
		needs:  regexp.MustCompile(`"symbols": ?\[[^]]*], ?"default"`),
		reader: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["X"], "default": "X"}}]}`,
		writer: `{"type": "record", "name": "R", "fields": []}`,
		java:   "TYPE_MISMATCH /fields/0/type",
		ours:   "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0",
	},
	{
		why: "The same enum and record, where they really meet: Java tells of two types where it compared them first, and not again.",
		alike: func(rule, place, theirRule, theirPlace string) bool {
			return rule == "TYPE_MISMATCH" && theirRule == rule && place != theirPlace && strings.HasSuffix(theirPlace, "/type")
		},
		needs:  regexp.MustCompile(`"symbols": ?\[[^]]*], ?"default"`),
		reader: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["X"], "default": "X"}}, {"name": "b", "type": {"type": "array", "items": "E"}, "default": []}]}`,
		writer: `{"type": "record", "name": "R", "fields": [{"name": "b", "type": {"type": "array", "items": "R"}, "default": []}]}`,
		java:   "TYPE_MISMATCH /fields/0/type",
		ours:   "READER_FIELD_MISSING_DEFAULT_VALUE /fields/0\tTYPE_MISMATCH /fields/1/type/items",
	},
	{
		why:    "What Java finds compatible by an assumption about a type within itself it keeps when the assumption turns out to be wrong.",
		reader: assuming(`"int"`, `, {"type": "record", "name": "Any", "aliases": ["A"], "fields": []}`),
		writer: assuming(`"long"`, ""),
		java:   "OK",
		ours:   "MISSING_UNION_BRANCH /fields/1/type/fields/0/type/1",
	},
}

// assuming writes a record whose second field's type, B, is compatible only if A is.
func assuming(x, more string) string {
	return `{"type": "record", "name": "Root", "fields": [
		{"name": "first", "type": ["null", {"type": "record", "name": "A", "fields": [
			{"name": "b", "type": {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}},
			{"name": "x", "type": ` + x + `}]}` + more + `]},
		{"name": "second", "type": "B"}]}`
}

func thrown(theirs string) bool {
	return verdict(theirs) == "THROWN" && strings.Contains(theirs, "matches multiple fields")
}

// explain gives the reason for a verdict that is meant to differ; "": there is none.
func explain(reader, own, theirs string) string {
	for _, d := range differences {
		if d.here != nil && d.here(own, theirs) {
			return d.why
		}
	}
	if verdict(own) != "faults" || verdict(theirs) != "faults" {
		return ""
	}
	return explainFaults(reader, strings.Split(own, "\t"), strings.Split(theirs, "\t"))
}

// explainFaults gives the reason where each fault of either list has the same, or one that is alike, in the other.
func explainFaults(reader string, own, theirs []string) (why string) {
	explained := func(fault string, others []string, alike func(reader, fault, other string) string) bool {
		if slices.Contains(others, fault) {
			return true
		}
		for _, other := range others {
			if reason := alike(reader, fault, other); reason != "" {
				why = reason
				return true
			}
		}
		return false
	}
	for _, fault := range own {
		if !explained(fault, theirs, alike) {
			return ""
		}
	}
	reason := why
	for _, fault := range theirs {
		if !explained(fault, own, func(reader, their, our string) string { return alike(reader, our, their) }) {
			return ""
		}
	}
	return cmp.Or(reason, why)
}

func alike(reader, own, theirs string) string {
	rule, place, _ := strings.Cut(own, " ")
	theirRule, theirPlace, _ := strings.Cut(theirs, " ")
	for _, d := range differences {
		if d.alike != nil && d.alike(rule, place, theirRule, theirPlace) && (d.needs == nil || d.needs.MatchString(reader)) {
			return d.why
		}
	}
	return ""
}

// A reason that is no longer true is no longer a reason.
func TestEachDifferenceIsAsItIsSaidToBe(t *testing.T) {
	pairs := make([][2]string, len(differences))
	for i, d := range differences {
		flat := strings.NewReplacer("\n", "", "\t", "")
		pairs[i] = [2]string{flat.Replace(d.reader), flat.Replace(d.writer)}
	}
	for i, answer := range java(t, pairs) {
		d, own, theirs := differences[i], ours(pairs[i][0], pairs[i][1]), sorted(answer)
		if !strings.HasPrefix(theirs, d.java) || !strings.HasPrefix(own, d.ours) {
			t.Errorf("%s\nJava says %s\nexpected  %s\nours say  %s\nexpected  %s", d.why, theirs, d.java, own, d.ours)
		}
		if got := explain(pairs[i][0], own, theirs); got != d.why && (d.here != nil || d.alike != nil) {
			t.Errorf("%s\nis taken for: %s", d.why, got)
		}
	}
}
