package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// cli is the grammar of the command line.
type cli struct {
	settings
	Config string `placeholder:"FILE" help:"YAML file of settings; unknown keys are refused."`
	JSON   bool   `name:"json" help:"Print the answer as JSON, in one line."`

	Serve     serveCmd     `cmd:"" help:"Run the service: embedded broker, registry and store, unless others are named."`
	Migrate   migrateCmd   `cmd:"" help:"Make or update the tables. Safe to run again."`
	Topics    topicsCmd    `cmd:"" help:"Make the topics."`
	Schemas   schemasCmd   `cmd:"" help:"Check schemas, and register those of the events."`
	Reconcile reconcileCmd `cmd:"" help:"Prove that tables and memory say what the journals say."`
	Doctor    doctorCmd    `cmd:"" help:"Look at settings, clocks, store, Kafka and registry: what was found, what is wanted, and what mends it."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
	verbs
}

const description = `Keeps stock by SKU and warehouse, and holds it for orders.

Every setting may come from the environment as INVENTORY_ and its name, such as INVENTORY_DATA_DIR, or
from a YAML file. Commands from warehouse to ledgers ask a running service.
Exit codes: 0 done; 1 failed, or a schema breaks; 2 bad command or settings; 3 refused (not enough stock, unknown order, …);
4 nobody could decide it now, the same command may succeed later; 5 reconcile, doctor, or schemas diff or pull, found something;
130 ended by a signal.`

// program is what commands have of the world.
type program struct {
	settings settings
	json     bool
	env      environment
	grammar  *kong.Application
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
}

// command is a command of the command line that is not one of the verbs.
type command interface {
	execute(ctx context.Context, p *program) error
}

// run is the program: main without the process around it. It returns when all that it
// started has ended, at the latest some time after ctx.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) error {
	var c cli
	p := &program{env: newEnvironment(env), stdin: os.Stdin, stdout: stdout, stderr: stderr}
	from := &sources{env: p.env}
	helped := false
	parser, err := kong.New(&c,
		kong.Name("inventory"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), kong.Resolvers(kong.ResolverFunc(from.resolve)),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110, NoAppDescFormat: true, FlagsLast: true}),
		kong.ExplicitGroups([]kong.Group{{Key: "settings", Title: "Settings:"}}),
	)
	if err != nil {
		return fmt.Errorf("the grammar of the command line: %w", err)
	}
	p.grammar = parser.Model
	if path := configFlag(args, p.env); path != "" {
		if from.file, err = readConfig(path, namesOf(settingsOf(parser.Model))); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(maskNegatives(args))
	if helped {
		return nil
	}
	if err != nil {
		return usageError(err)
	}
	for name, secret := range c.secrets() {
		*secret = p.env[name]
	}
	if err := c.validate(); err != nil {
		return err
	}
	p.settings, p.json = c.settings, c.JSON || c.DLQ.Output == "json" || c.Doctor.Output == "json"
	switch cmd := chosen.Selected().Target.Addr().Interface().(type) {
	case command:
		return cmd.execute(ctx, p)
	case verb:
		return p.ask(ctx, cmd)
	}
	return fmt.Errorf("%s has no implementation", chosen.Command())
}

// usageError says which command's help to read.
func usageError(err error) error {
	help := "inventory --help"
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context.Selected() != nil {
		help = "inventory " + parse.Context.Selected().Path() + " --help"
	}
	return fmt.Errorf("%w: %w\n`%s` tells more", errUsage, err, help)
}
