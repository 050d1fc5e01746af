package scans

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// examples are the commands of the document, and what it says they print.
var examples = regexp.MustCompile("(?s)```sh\n(.*?)```\n+```text\n(.*?)```")

func TestTheExamplesOfTheDocumentDoWhatItSays(t *testing.T) {
	const document = "../../docs/examples/machines.md"
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	found := examples.FindAllStringSubmatch(string(text), -1)
	if len(found) < 5 || len(found) != strings.Count(string(text), "```sh\n") {
		t.Fatalf("%s: %d examples, each is to be followed by what it prints", document, len(found))
	}
	s := suite.Embedded(t)
	p := s.Start()
	for _, example := range found {
		commands := strings.ReplaceAll(example[1], "127.0.0.1:8080", s.Addr)
		run := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", commands)
		run.Dir = "../.."
		out, err := run.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", commands, err, out)
		}
		for line := range strings.Lines(example[2]) { // acknowledgements come in any order
			if !strings.Contains(string(out), strings.TrimSpace(line)) {
				t.Errorf("%sdoes not print %s:\n%s", commands, line, out)
			}
		}
	}
	s.Stop(p)
}
