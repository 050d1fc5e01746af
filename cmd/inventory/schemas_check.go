package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"inventory/adapters/git"
	"inventory/adapters/registry"
	"inventory/app/contract"
	domain "inventory/domain/contract"
)

type schemasCheckCmd struct {
	Dir       string `default:"schemas/avro" placeholder:"FOLDER" help:"Where the schemas are: <subject>/<version>.avsc, numbered from 1, or <subject>.avsc, whose earlier version is that of --base."`
	Base      string `placeholder:"REF" xor:"base" help:"A commit of git: what it has is published and never changes, all else is held against it. Default: each version is held against all before it."`
	Registry  string `placeholder:"URL" xor:"base" help:"A Confluent-compatible schema registry: each version is held against every one that it has of the subject, too."`
	Consumers string `placeholder:"FOLDER" help:"Where consumers say what they read, one *.json each: a break names whom it hurts. Default: consumers beside --dir, if that is there."`
	Output    string `default:"text" enum:"text,json,junit,sarif,github" help:"How findings are told: text, json, junit (XML), sarif (2.1.0) or github (annotations)."`
	Warnings  string `default:"tell" enum:"tell,error,off" help:"What Avro allows and people regret: tell it, end with 1 for it (error), or leave it out (off)."`
}

// Help implements kong.HelpProvider.
func (*schemasCheckCmd) Help() string {
	return `Exit codes: 0 nothing breaks; 1 something does, or with --warnings=error may be regretted; 2 the command is wrong, or the
folder or the commit cannot be read. Offline but for --registry, whose subjects have --topic-prefix before the names that the folder has them by.` + registryCodes
}

// execute implements command.
func (c *schemasCheckCmd) execute(ctx context.Context, p *program) error {
	check := c.check
	if c.Registry != "" {
		check = c.checkRegistry
	}
	found, err := check(ctx, p)
	if err != nil {
		return err
	}
	if c.Warnings == "off" {
		found.DropWarnings()
	}
	if p.json {
		c.Output = "json"
	}
	if err := writers[c.Output](p.stdout, found); err != nil {
		return fmt.Errorf("writing what was found: %w", err)
	}
	return c.verdict(found)
}

func (c *schemasCheckCmd) check(ctx context.Context, p *program) (*contract.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, p.settings.Timeout)
	defer cancel()
	now, dir, err := readSchemas(c.Dir)
	if err != nil {
		return nil, err
	}
	var base *contract.Base
	if c.Base != "" {
		if base, err = c.base(ctx); err != nil {
			return nil, err
		}
	}
	if len(now) == 0 && (base == nil || len(base.Tree) == 0) {
		return nil, c.empty()
	}
	consumers, err := c.consumers()
	if err != nil {
		return nil, err
	}
	return contract.Check(now, dir, base, consumers...), nil
}

// consumers reads what is known of who reads what.
func (c *schemasCheckCmd) consumers() ([]domain.Consumer, error) {
	dir := c.Consumers
	if dir == "" {
		dir = filepath.Join(filepath.Dir(filepath.Clean(c.Dir)), "consumers")
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	all, err := contract.ReadConsumers(os.DirFS(dir), filepath.ToSlash(dir))
	if err == nil && len(all) == 0 && c.Consumers != "" {
		err = errors.New("there is no file that ends in .json")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: --consumers=%s: %w", errUsage, dir, err)
	}
	return all, nil
}

func (c *schemasCheckCmd) empty() error {
	return fmt.Errorf("%w: --dir=%s: there is no file that ends in %s", errUsage, c.Dir, contract.Extension)
}

// checkRegistry holds the folder against a registry, and says on stderr what of it the registry has: a wrong prefix looks like
// success otherwise.
func (c *schemasCheckCmd) checkRegistry(ctx context.Context, p *program) (found *contract.Report, err error) {
	now, dir, err := readSchemas(c.Dir)
	if err == nil && len(now) == 0 {
		err = c.empty()
	}
	if err != nil {
		return nil, err
	}
	consumers, err := c.consumers()
	if err != nil {
		return nil, err
	}
	return found, registryFlag{c.Registry}.ask(ctx, p, func(ctx context.Context, client *registry.Client) error {
		there := p.published(client)
		var standing contract.Standing
		if found, standing, err = contract.CheckRegistry(ctx, now, dir, there, consumers...); err != nil {
			return err
		}
		fmt.Fprintf(p.stderr, "held against %s that %s has of %d of the folder's %s\n", count(standing.Versions, "version"), there.Name,
			len(found.Subjects)-len(standing.Missing), count(len(found.Subjects), "subject"))
		return nil
	})
}

func (c *schemasCheckCmd) base(ctx context.Context) (*contract.Base, error) {
	files, err := git.Files(ctx, c.Dir, c.Base, contract.Extension)
	if errors.Is(err, git.ErrUnknownRef) {
		err = fmt.Errorf("%w; a checkout of CI may need its history fetched (fetch-depth: 0)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: --base=%s: %w", errUsage, c.Base, err)
	}
	tree, err := contract.NewTree(files)
	if err != nil {
		return nil, fmt.Errorf("%w: --base=%s: %w", errUsage, c.Base, err)
	}
	return &contract.Base{Name: c.Base, Tree: tree}, nil
}

// verdict makes what breaks a failure.
func (c *schemasCheckCmd) verdict(found *contract.Report) error {
	breaks, warnings := found.Count(domain.Error), found.Count(domain.Warning)
	switch {
	case breaks > 0:
		return fmt.Errorf("%w: %s, %s", errBreaks, count(breaks, "error"), count(warnings, "warning"))
	case warnings > 0 && c.Warnings == "error":
		return fmt.Errorf("%w: %s, with --warnings=error", errBreaks, count(warnings, "warning"))
	}
	return nil
}

// writers are the ways to tell what was found.
var writers = map[string]func(io.Writer, *contract.Report) error{
	"text": writeFindingsText, "json": writeFindingsJSON, "junit": writeJUnit, "sarif": writeSARIF, "github": writeAnnotations,
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// pathOf is a finding's field for people.
func pathOf(f *domain.Finding) string {
	if f.Path == "" {
		return ""
	}
	return f.Path + ": "
}
