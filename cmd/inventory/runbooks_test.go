package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"inventory/app"
)

const repository = "../../"

// lettersPages are the runbooks of dead letters, by code.
func lettersPages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(repository + "docs/runbooks/dlq-*.md")
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pages[strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "dlq-"), ".md")] = string(text)
	}
	return pages
}

func TestEachCodeOfDeadLettersHasItsRunbook(t *testing.T) {
	pages := lettersPages(t)
	for _, c := range app.LetterCodes() {
		page, ok := pages[c.Code]
		if !ok {
			t.Errorf("there is no %s", c.Runbook())
			continue
		}
		last := 0
		for _, part := range []string{"# " + c.Code + ": ", "**Symptom.**", "**It means.**", "## Check", "## Do", "## Proof", "## Back"} {
			at := strings.Index(page, part)
			if at < last {
				t.Errorf("%s: no %q where it should be", c.Runbook(), part)
			}
			last = at
		}
		delete(pages, c.Code)
	}
	for code := range pages {
		t.Errorf("docs/runbooks/dlq-%s.md is of no code", code)
	}
}

// What is in a page.
var (
	shellBlock   = regexp.MustCompile("(?s)```sh\n(.*?)```")
	inlineLetter = regexp.MustCompile("`(inventory dlq [^`]*)`")
	shellWord    = regexp.MustCompile(`"[^"]*"|'[^']*'|[^ "']+`)
	shellVar     = regexp.MustCompile(`\$([A-Z]+)`)
)

// commandsOf gives the commands of this program that a page has: all in blocks, and those
// about letters in the text.
func commandsOf(page string) []string {
	var commands []string
	for _, block := range shellBlock.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimPrefix(strings.TrimSpace(line), "bin/")
			if strings.HasPrefix(line, "inventory ") {
				commands = append(commands, line)
			}
		}
	}
	for _, inline := range inlineLetter.FindAllStringSubmatch(page, -1) {
		commands = append(commands, inline[1])
	}
	return commands
}

// meant is what stands for the variables of runbooks.
var meant = map[string]string{
	"LETTER": "9b2cbd3e-5d0f-5a4c-8a3b-0d8c2f1e7a61", "JOB": "0198a5d2-0000-7000-8000-000000000001", "ORDER": "o-1", "GROUP": "1a2b3c4d", "REASON": "as agreed with billing",
	"CHANGE": "items[0].quantity=2", "EVENT": "/dev/null", "REGISTRY": "http://127.0.0.1:8081", "WAREHOUSE": "DAD", "SKU": "SKU-01", "UNITS": "-2", "COUNTED": "7",
}

// argsOf splits a command as a shell does.
func argsOf(t *testing.T, command string) []string {
	t.Helper()
	command, _, _ = strings.Cut(command, " #")
	var args []string
	for _, word := range shellWord.FindAllString(command, -1)[1:] {
		word = shellVar.ReplaceAllStringFunc(strings.Trim(word, `"'`), func(name string) string {
			value, ok := meant[name[1:]]
			if !ok {
				t.Errorf("%s: nobody says what %s is", command, name)
			}
			return value
		})
		args = append(args, word)
	}
	return args
}

func grammar(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := kong.New(&cli{}, kong.Name("inventory"), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}), kong.ExplicitGroups([]kong.Group{{Key: "settings"}}))
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// letterVerbs are the commands about dead letters.
var letterVerbs = []string{"groups", "list", "show", "replay", "edit", "discard", "restore", "export", "import", "jobs", "describe", "cancel", "report", "audit"}

// checkCommand parses a command with the program's grammar.
func checkCommand(t *testing.T, command string) error {
	args := argsOf(t, command)
	isLetters := func(n *kong.Node) bool { return n.Name == "dlq" }
	if args[0] == "dlq" && !slices.ContainsFunc(grammar(t).Model.Children, isLetters) {
		if len(args) < 2 || !slices.Contains(letterVerbs, args[1]) {
			return fmt.Errorf("expected one of %q", letterVerbs)
		}
		return nil
	}
	_, err := grammar(t).Parse(maskNegatives(args))
	return err
}

func TestCommandsOfTheRunbooksOfDeadLettersAreOnesThatThereAre(t *testing.T) {
	for code, page := range lettersPages(t) {
		commands := commandsOf(page)
		if len(commands) < 4 {
			t.Errorf("%s: %q are too few commands to find, do and prove anything", code, commands)
		}
		told, _, _ := strings.Cut(page, "**Symptom.**")
		for _, command := range commands {
			if err := checkCommand(t, command); err != nil {
				t.Errorf("%s: %s: %v", code, command, err)
			}
			for _, name := range shellVar.FindAllString(command, -1) {
				if !strings.Contains(told, "`"+name+"`") {
					t.Errorf("%s: the page does not say what %s is", code, name)
				}
			}
		}
	}
}

func TestCommandsOfTheRunbooksOfAlertsAreOnesThatThereAre(t *testing.T) {
	paths, err := filepath.Glob(repository + "docs/runbooks/Inventory*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("found %d pages: %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		told, _, _ := strings.Cut(string(text), "**Symptom.**")
		for _, command := range commandsOf(string(text)) {
			if err := checkCommand(t, command); err != nil {
				t.Errorf("%s: %s: %v", path, command, err)
			}
			for _, name := range shellVar.FindAllString(command, -1) {
				if !strings.Contains(told, "`"+name+"`") {
					t.Errorf("%s: the page does not say what %s is", path, name)
				}
			}
		}
	}
}

// readmeLetters are the commands about letters that README.md shows.
var readmeLetters = regexp.MustCompile(`(?m)^ {4}bin/(inventory dlq .*)$`)

func TestCommandsOfTheReadmeAboutDeadLettersAreOnesThatThereAre(t *testing.T) {
	readme, err := os.ReadFile(repository + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := readmeLetters.FindAllStringSubmatch(string(readme), -1)
	if len(lines) < 15 {
		t.Errorf("README.md has %d commands about letters", len(lines))
	}
	for _, line := range lines {
		if err := checkCommand(t, line[1]); err != nil {
			t.Errorf("README.md: %s: %v", line[1], err)
		}
	}
}

func TestACommandThatThereIsNotIsFound(t *testing.T) {
	for _, command := range []string{"inventory stick SKU-1", `inventory adjust "$WAREHOUSE" "$SKU" COUNT`, "inventory dlq redrive", "inventory order o-1 --quick"} {
		if err := checkCommand(t, command); err == nil {
			t.Errorf("%s is taken for a command", command)
		}
	}
}
