package contract

import (
	"context"
	_ "embed"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/domain/contract"
	"inventory/integration/stack"
)

var (
	//go:embed pom.xml
	pom []byte

	seedFlag  = flag.Uint64("seed", 0, "repeats the random choices of a run; 0: others each time")
	pairsFlag = flag.Int("pairs", 6000, "pairs of schemas to compare")
)

// java asks Apache Avro about all pairs at once, a line each.
func java(t *testing.T, pairs [][2]string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	jars, err := stack.Jars(ctx, "integration/contract/pom.xml", pom, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	var input strings.Builder
	for _, p := range pairs {
		input.WriteString(p[0] + "\t" + p[1] + "\n")
	}
	out, err := stack.RunJava(ctx, jars, "Verdicts.java", strings.NewReader(input.String()))
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(pairs) {
		t.Fatalf("%d answers to %d questions", len(answers), len(pairs))
	}
	return answers
}

// ours judges a pair in the words of Verdicts.java.
func ours(reader, writer string) string {
	r, err := contract.Parse(contract.Source{Text: reader})
	if err != nil {
		return "READER\t" + err.Error()
	}
	w, err := contract.Parse(contract.Source{Text: writer})
	if err != nil {
		return "WRITER\t" + err.Error()
	}
	return told(contract.Incompatibilities(r, w))
}

func told(faults []*contract.Fault) string {
	if len(faults) == 0 {
		return "OK"
	}
	all := make([]string, len(faults))
	for i, f := range faults {
		all[i] = string(f.Rule) + " " + f.Pointer
	}
	if ambiguous(faults, map[*contract.Fault]bool{}) {
		all = append(all, string(contract.AmbiguousAlias))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\t")
}

// ambiguous tells whether a field may be several, also within the branch of a union that doesn't fit for it.
func ambiguous(faults []*contract.Fault, met map[*contract.Fault]bool) bool {
	for _, f := range faults {
		if met[f] {
			continue
		}
		met[f] = true
		if f.Rule == contract.AmbiguousAlias || ambiguous(f.Causes, met) {
			return true
		}
	}
	return false
}

// sorted puts the faults of an answer in order, each once: Java repeats those of types that it meets again.
func sorted(answer string) string {
	if verdict(answer) != "faults" {
		return answer
	}
	all := strings.Split(answer, "\t")
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "\t")
}

// verdict is OK, READER, WRITER, THROWN or faults.
func verdict(answer string) string {
	word, _, _ := strings.Cut(answer, "\t")
	switch word {
	case "OK", "READER", "WRITER", "THROWN":
		return word
	}
	return "faults"
}

func TestOurVerdictsAreApacheAvros(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-seed %d", seed)
	g := newGenerator(seed)
	pairs := make([][2]string, *pairsFlag)
	for i := range pairs {
		pairs[i][0], pairs[i][1] = g.pair()
	}
	counts, explained, wrong := map[string]int{}, map[string]int{}, 0
	for i, answer := range java(t, pairs) {
		theirs := sorted(answer)
		reader, writer := pairs[i][0], pairs[i][1]
		own := ours(reader, writer)
		count(counts, theirs)
		if own == theirs || verdict(own) == verdict(theirs) && verdict(own) != "faults" {
			continue
		}
		if why := explain(reader, own, theirs); why != "" {
			explained[why]++
			continue
		}
		if wrong++; wrong <= 5 {
			t.Errorf("reader %s\nwriter %s\nJava: %s\nours: %s", reader, writer, theirs, own)
		}
	}
	t.Logf("%d pairs: %v; explained: %v; wrong: %d", len(pairs), counts, explained, wrong)
	if counts["OK"] < 500 || counts["faults"] < 1500 || counts["READER"]+counts["WRITER"] > len(pairs)/10 {
		t.Errorf("expected more pairs of schemas that are valid, and of both verdicts: %v", counts)
	}
	for feature, least := range map[string]int{
		`"aliases":`: 500, `"logicalType":`: 500, `"type":"map"`: 500, `"type":"array"`: 500, `"type":"fixed"`: 500, `"type":"enum"`: 500,
		`],"default":"`: 200, `["null",`: 500, `"type":"record"`: 2000,
	} {
		if n := having(pairs, feature); n < least {
			t.Errorf("%d pairs have %s, expected %d", n, feature, least)
		}
	}
	if g.recursive < 200 {
		t.Errorf("%d pairs have a type within itself, expected 200", g.recursive)
	}
	for _, rule := range contract.Rules()[:6] {
		if counts[string(rule.Rule)] < 20 {
			t.Errorf("%s: %d pairs, expected more", rule.Rule, counts[string(rule.Rule)])
		}
	}
}

func having(pairs [][2]string, feature string) (n int) {
	for _, p := range pairs {
		if strings.Contains(p[0], feature) || strings.Contains(p[1], feature) {
			n++
		}
	}
	return n
}

// count counts the verdict and, of faults, the rules.
func count(counts map[string]int, answer string) {
	counts[verdict(answer)]++
	if verdict(answer) != "faults" {
		return
	}
	rules := map[string]bool{}
	for fault := range strings.SplitSeq(answer, "\t") {
		rule, _, _ := strings.Cut(fault, " ")
		rules[rule] = true
	}
	for rule := range rules {
		counts[rule]++
	}
}
