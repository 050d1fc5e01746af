package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"inventory/adapters/avro"
	"inventory/adapters/registry"
	"inventory/app/contract"
	domain "inventory/domain/contract"
	"inventory/ports"
	"inventory/schemas"
)

type schemasRegisterCmd struct {
	registryFlag
	DryRun bool `help:"Write nothing: say what would be registered, and what the registry's own checker and ours say to it."`
}

// Help implements kong.HelpProvider.
func (*schemasRegisterCmd) Help() string {
	return `Exit codes: 0 done, or nothing stands in the way; 1 the registry refuses a schema, or with --dry-run it or our checker would.` + registryCodes
}

// execute implements command.
func (c *schemasRegisterCmd) execute(ctx context.Context, p *program) error {
	return c.ask(ctx, p, func(ctx context.Context, client *registry.Client) error {
		if c.DryRun {
			return rehearse(ctx, p, p.published(client))
		}
		err := avro.Register(ctx, client, p.settings.Topic.Prefix, func(text string) { fmt.Fprintln(p.stdout, text) })
		if errors.Is(err, ports.ErrIncompatibleSchema) {
			err = fmt.Errorf("%w: %w", errBreaks, err)
		}
		return err
	})
}

// ownDir is where this program's schemas are in its repository.
const ownDir = "schemas/avro"

// ownSchemas gives this program's as the folder that they come from.
func ownSchemas() contract.Tree {
	tree := contract.Tree{}
	for _, subject := range schemas.Avro() {
		for i, text := range subject.Versions {
			tree[subject.Name("")+"/"+strconv.Itoa(i+1)+contract.Extension] = text
		}
	}
	return tree
}

// rehearsed is what a dry run says.
type rehearsed struct {
	Steps    []rehearsedStep `json:"steps"`
	Findings []toldFinding   `json:"findings"`
}

type rehearsedStep struct {
	Subject  string   `json:"subject"`
	Version  int      `json:"version"`
	ID       int      `json:"id,omitempty"`
	Level    string   `json:"level,omitempty"`
	Refusals []string `json:"refusals,omitempty"`
}

func rehearse(ctx context.Context, p *program, there contract.Published) error {
	found, err := contract.Rehearse(ctx, ownSchemas(), ownDir, there)
	if err != nil {
		return err
	}
	report := &contract.Report{Findings: found.Findings}
	if p.json {
		told := rehearsed{Findings: toldFindings(report)}
		for _, s := range found.Steps {
			told.Steps = append(told.Steps, rehearsedStep(s))
		}
		err = writeLine(p.stdout, told)
	} else {
		printRehearsal(p, found, report)
	}
	if err != nil {
		return err
	}
	refused := 0
	for _, s := range found.Steps {
		if len(s.Refusals) > 0 {
			refused++
		}
	}
	if breaks := report.Count(domain.Error); refused > 0 || breaks > 0 {
		return fmt.Errorf("%w: the registry would refuse %s, our checker finds %s", errBreaks, count(refused, "version"), count(breaks, "error"))
	}
	return nil
}

func printRehearsal(p *program, found *contract.Rehearsal, report *contract.Report) {
	would := 0
	for _, s := range found.Steps {
		fmt.Fprintf(p.stdout, "%s, version %d: %s\n", s.Subject, s.Version, stepText(s))
		for _, text := range s.Refusals {
			fmt.Fprintf(p.stdout, "    %s\n", text)
		}
		if s.ID == 0 {
			would++
		}
	}
	fmt.Fprintf(p.stdout, "%s would be registered, %d are already; nothing was written\n", count(would, "version"), len(found.Steps)-would)
	if len(report.Findings) > 0 {
		fmt.Fprintln(p.stdout, "Our checker, FULL_TRANSITIVE:")
		printFindings(p.stdout, report)
	}
}

func stepText(s contract.Step) string {
	switch {
	case s.ID != 0:
		return fmt.Sprintf("is registered already, id %d", s.ID)
	case len(s.Refusals) > 0:
		return fmt.Sprintf("would be refused by the registry's own checker (level %s, as it says):", s.Level)
	case s.Level == "":
		return "would be registered, as the first of its subject"
	case s.Level != string(domain.FullTransitive):
		return fmt.Sprintf("would be registered; the subject's level, %s, would become %s", s.Level, domain.FullTransitive)
	}
	return "would be registered; the registry's own checker has nothing against it"
}
