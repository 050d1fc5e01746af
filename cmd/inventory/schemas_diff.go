package main

import (
	"context"
	"fmt"
	"strings"

	"inventory/adapters/registry"
	"inventory/app/contract"
)

type schemasDiffCmd struct {
	registryFlag
	Dir string `default:"schemas/avro" placeholder:"FOLDER" help:"Where the schemas are: <subject>/<version>.avsc, or <subject>.avsc."`
}

// Help implements kong.HelpProvider.
func (*schemasDiffCmd) Help() string {
	return `Subjects are those whose names begin with --topic-prefix, which the folder leaves out. How a schema is written (white space, the order of
keys, names in full) is no difference. Exit codes: 0 both have the same versions; 5 they differ; 2 the command is wrong, or the folder can't be read.` + registryCodes
}

// compared is what a comparison says to programs.
type compared struct {
	Subjects    int                  `json:"subjects"`
	Same        int                  `json:"same"`
	Form        int                  `json:"written_otherwise"`
	Other       []string             `json:"not_avro,omitempty"`
	Differences []comparedDifference `json:"differences"`
}

type comparedDifference struct {
	Kind    contract.DifferenceKind `json:"kind"`
	Subject string                  `json:"subject"`
	Here    int                     `json:"version,omitempty"`
	There   int                     `json:"registry_version,omitempty"`
	File    string                  `json:"file,omitempty"`
	Detail  string                  `json:"detail,omitempty"`
}

// execute implements command.
func (c *schemasDiffCmd) execute(ctx context.Context, p *program) error {
	tree, dir, err := readSchemas(c.Dir)
	if err != nil {
		return err
	}
	return c.ask(ctx, p, func(ctx context.Context, client *registry.Client) error {
		there := p.published(client)
		found, err := contract.Compare(ctx, tree, dir, there)
		if err != nil {
			return err
		}
		if p.json {
			err = writeLine(p.stdout, toldComparison(found))
		} else {
			printComparison(p, found)
		}
		if err == nil && len(found.Differences) > 0 {
			err = fmt.Errorf("%w: %s and %s: %s", errSchemasDiffer, c.Dir, there.Name, count(len(found.Differences), "difference"))
		}
		return err
	})
}

func toldComparison(found *contract.Comparison) compared {
	t := compared{found.Subjects, found.Same, found.Form, found.Other, make([]comparedDifference, 0, len(found.Differences))}
	for _, d := range found.Differences {
		t.Differences = append(t.Differences, comparedDifference(d))
	}
	return t
}

func printComparison(p *program, found *contract.Comparison) {
	subject := ""
	for _, d := range found.Differences {
		if d.Subject != subject {
			subject = d.Subject
			fmt.Fprintln(p.stdout, subject)
		}
		fmt.Fprintf(p.stdout, "  %s\n", d)
	}
	if len(found.Other) > 0 {
		fmt.Fprintf(p.stdout, "left out, since they are not of Avro: %s\n", strings.Join(found.Other, ", "))
	}
	fmt.Fprintf(p.stdout, "%s: %s in both, %d of them written otherwise; %s\n", count(found.Subjects, "subject"), count(found.Same, "version"), found.Form, count(len(found.Differences), "difference"))
}
