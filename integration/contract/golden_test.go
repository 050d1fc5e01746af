package contract

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inventory/integration/stack"
	"inventory/schemas"
)

// goldenFolder has messages of each version of each subject: <subject>/<version>/<name>.json
// as people write them, in Avro's JSON, .bin and .blocks.bin as Apache Avro writes them.
const goldenFolder = "../../schemas/testdata/golden"

var updateFlag = flag.Bool("update", false, "have Apache Avro write the golden messages that are not there yet; there is no other way to change one than to delete it")

// golden is a message.
type golden struct {
	subject schemas.AvroSubject
	version int    // from 1
	file    string // without its ending
	json    string // in one line
}

func (g golden) schema() string { return oneLine(g.subject.Versions[g.version-1]) }

// goldens gives all messages, in order.
func goldens(t *testing.T) []golden {
	t.Helper()
	var all []golden
	for _, topic := range slices.Sorted(maps.Keys(schemas.Avro())) {
		s := schemas.Avro()[topic]
		for i := range s.Versions {
			folder := filepath.Join(goldenFolder, s.Name(""), strconv.Itoa(i+1))
			files, err := filepath.Glob(filepath.Join(folder, "*.json"))
			if err != nil || len(files) < 4 {
				t.Fatalf("%s has %d messages as JSON: expected minimal, full, extreme and unicode at least (%v)", folder, len(files), err)
			}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, golden{s, i + 1, strings.TrimSuffix(file, ".json"), oneLine(string(text))})
			}
		}
	}
	return all
}

// oneLine gives JSON without line breaks and tabs.
func oneLine(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		panic(err)
	}
	return b.String()
}

// askAvro has Golden.java answer all lines at once.
func askAvro(t *testing.T, lines []string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	jars, err := stack.Jars(ctx, "integration/contract/pom.xml", pom, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	out, err := stack.RunJava(ctx, jars, "Golden.java", strings.NewReader(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(lines) {
		t.Fatalf("%d answers to %d questions", len(answers), len(lines))
	}
	return answers
}

func TestGoldenMessagesAreWhatApacheAvroWrites(t *testing.T) {
	all := goldens(t)
	var lines, files []string
	for _, g := range all {
		for ending, command := range map[string]string{".bin": "write", ".blocks.bin": "blocks"} {
			lines = append(lines, strings.Join([]string{command, g.schema(), g.json}, "\t"))
			files = append(files, g.file+ending)
		}
	}
	for i, answer := range askAvro(t, lines) {
		theirs, err := hex.DecodeString(answer)
		if err != nil {
			t.Errorf("%s: %s", files[i], answer)
			continue
		}
		if _, err := os.Stat(files[i]); os.IsNotExist(err) && *updateFlag {
			if err := os.WriteFile(files[i], theirs, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		ours, err := os.ReadFile(files[i])
		if err != nil {
			t.Errorf("%v: written with -update", err)
		} else if !bytes.Equal(ours, theirs) {
			t.Errorf("%s:\nApache Avro %x\nthe file    %x", files[i], theirs, ours)
		}
	}
}

// Under FULL_TRANSITIVE every version reads what any other wrote: what both know is the same.
func TestApacheAvroReadsEachVersionsMessagesWithEachOther(t *testing.T) {
	var lines, wants, names []string
	for _, g := range goldens(t) {
		for _, ending := range []string{".bin", ".blocks.bin"} {
			datum, err := os.ReadFile(g.file + ending)
			if err != nil {
				t.Fatal(err)
			}
			for v, reader := range g.subject.Versions {
				lines = append(lines, readLine(g.schema(), reader, datum))
				wants = append(wants, g.json)
				names = append(names, fmt.Sprintf("%s%s, read with version %d", g.file, ending, v+1))
			}
		}
	}
	for i, answer := range askAvro(t, lines) {
		if err := agree(answer, wants[i]); err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
}

func readLine(writer, reader string, datum []byte) string {
	return strings.Join([]string{"read", writer, oneLine(reader), hex.EncodeToString(datum)}, "\t")
}

// agree compares the fields that two messages, as JSON, both have, and expects some; one that
// only one of them has must be null.
func agree(got, want string) error {
	g, err := fields(got)
	if err != nil {
		return fmt.Errorf("%.200s: %w", got, err)
	}
	w, err := fields(want)
	if err != nil {
		return err
	}
	common := 0
	for name := range merged(g, w) {
		gv, inGot := g[name]
		wv, inWant := w[name]
		switch {
		case inGot && inWant && !reflect.DeepEqual(gv, wv):
			return fmt.Errorf("%s: got %.200v, want %.200v", name, gv, wv)
		case inGot && inWant:
			common++
		case inGot && gv != nil:
			return fmt.Errorf("%s: got %.200v, which nobody wrote", name, gv)
		}
	}
	if common == 0 {
		return fmt.Errorf("nothing in common: %.200s and %.200s", got, want)
	}
	return nil
}

func merged(a, b map[string]any) map[string]any {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func fields(text string) (map[string]any, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var all map[string]any
	err := decoder.Decode(&all)
	return all, err
}
