package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/alecthomas/kong"
)

// lineGrammar is the grammar of a line of the shell.
type lineGrammar struct {
	verbs
	Help helpCmd `cmd:"" help:"List the commands."`
}

// line is a command of the shell, or what is wrong with it.
type line struct {
	id   string // echoed
	verb verb
	err  error
}

// lineParser reads lines, one after the other.
type lineParser struct{ kong *kong.Kong }

func newLineParser() (*lineParser, error) {
	k, err := kong.New(&lineGrammar{}, kong.Name(""), kong.NoDefaultHelp(), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		return nil, fmt.Errorf("the grammar of lines: %w", err)
	}
	return &lineParser{k}, nil
}

// parse reads a line; ok is false for one that says nothing: blank, or a comment, which
// begins with "# ".
func (p *lineParser) parse(text string) (l line, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || text == "#" || strings.HasPrefix(text, "# ") {
		return line{}, false
	}
	if rest, found := strings.CutPrefix(text, "#"); found {
		l.id, text, _ = strings.Cut(rest, " ")
	}
	l.verb, l.err = p.verb(text)
	return l, true
}

func (p *lineParser) verb(text string) (verb, error) {
	words, err := splitWords(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	chosen, err := p.kong.Parse(maskNegatives(words))
	if err != nil {
		return nil, lineError(err)
	}
	// A copy: the next line will be read into the same grammar.
	read := reflect.New(chosen.Selected().Target.Type())
	read.Elem().Set(chosen.Selected().Target)
	v, ok := read.Interface().(verb)
	if !ok {
		return nil, fmt.Errorf("%w: %s is not a whole command", errUsage, chosen.Command())
	}
	return v, nil
}

// lineError says how the command is written, where it is known which it is.
func lineError(err error) error {
	usage := "`help` lists the commands"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		if node := parse.Context.Selected(); node != nil && node.Leaf() {
			usage = "expected: " + usageOf(node)
		}
	}
	return fmt.Errorf("%w: %w; %s", errUsage, err, usage)
}

// usageOf shows how a command is written.
func usageOf(node *kong.Node) string {
	usage := strings.TrimSpace(node.Path())
	for _, arg := range node.Positional {
		usage += " " + arg.Summary()
	}
	for _, flag := range node.Flags {
		usage += " [" + flagUsage(flag) + "]"
	}
	return usage
}

func flagUsage(flag *kong.Flag) string {
	if flag.IsBool() {
		return "--" + flag.Name
	}
	return "--" + flag.Name + " " + flag.FormatPlaceHolder()
}

type helpCmd struct{}

func (c *helpCmd) decides() bool { return false }

func (c *helpCmd) run(context.Context, *service) (answer, error) {
	parser, err := newLineParser()
	if err != nil {
		return nil, err
	}
	var h helpAnswer
	for _, node := range parser.kong.Model.Leaves(true) {
		h.Commands = append(h.Commands, commandHelp{usageOf(node), node.Help})
	}
	return h, nil
}

// helpAnswer lists the commands of the shell.
type helpAnswer struct {
	Commands []commandHelp `json:"commands"`
}

type commandHelp struct {
	Usage string `json:"usage"`
	Does  string `json:"does"`
}

func (h helpAnswer) text(out io.Writer) {
	for _, c := range h.Commands {
		fmt.Fprintf(out, "  %s\n      %s\n", c.Usage, c.Does)
	}
}
