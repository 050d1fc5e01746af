package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	yaml "go.yaml.in/yaml/v3"
)

// environment is the program's, by name.
type environment map[string]string

func newEnvironment(pairs []string) environment {
	env := environment{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

// variable names the environment variable of a setting.
func variable(flag string) string {
	return "INVENTORY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// sources are where settings come from besides flags: the environment first, then a file.
type sources struct {
	env  environment
	file map[string]any // by flag
}

// resolve is a kong.Resolver: it gives settings, but no flags of single commands, the
// values that they have elsewhere. Flags that are given come first.
func (s *sources) resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if parent.App == nil {
		return nil, nil
	}
	if value := s.env[variable(flag.Name)]; value != "" {
		return value, nil
	}
	if value, ok := s.file[flag.Name]; ok {
		return value, nil
	}
	return nil, nil
}

// configFlag finds --config before the command line is parsed, since the file has defaults
// for what is parsed.
func configFlag(args []string, env environment) string {
	for i, arg := range args {
		if value, ok := strings.CutPrefix(arg, "--config="); ok {
			return value
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1]
		}
	}
	return env[variable("config")]
}

// readConfig reads a file of settings, by flag. Groups may be nested: `cassandra: {dc: x}` is
// `cassandra-dc: x`. A key that is no setting is refused.
func readConfig(path string, known []string) (map[string]any, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: --config: %w", errUsage, err)
	}
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errUsage, path, err)
	}
	flat := map[string]any{}
	var faults []error
	flatten(flat, "", tree)
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		if !slices.Contains(known, key) {
			faults = append(faults, unknownKey(path, key, known))
		}
	}
	return flat, errors.Join(faults...)
}

func flatten(flat map[string]any, prefix string, tree map[string]any) {
	for key, value := range tree {
		name := prefix + strings.ReplaceAll(key, "_", "-")
		switch value := value.(type) {
		case map[string]any:
			flatten(flat, name+"-", value)
		case []any:
			words := make([]string, 0, len(value))
			for _, v := range value {
				words = append(words, fmt.Sprint(v))
			}
			flat[name] = strings.Join(words, ",")
		case nil: // as if it were not there
		default:
			flat[name] = fmt.Sprint(value)
		}
	}
}

func unknownKey(path, key string, known []string) error {
	if strings.Contains(key, "password") {
		return fmt.Errorf("%w: %s: %s: secrets come from the environment alone, as %s", errUsage, path, key, variable(key))
	}
	nearest := slices.MinFunc(known, func(a, b string) int { return cmp.Compare(distance(a, key), distance(b, key)) })
	return fmt.Errorf("%w: %s: unknown key %s: did you mean %s? `inventory serve --print-config` lists all", errUsage, path, key, nearest)
}

// distance is how many letters have to be changed, added or left out to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// settingsOf lists the settings of a grammar.
func settingsOf(app *kong.Application) []*kong.Flag {
	var all []*kong.Flag
	for _, flag := range app.Flags {
		if flag.Group != nil && flag.Group.Key == "settings" {
			all = append(all, flag)
		}
	}
	return all
}

func namesOf(flags []*kong.Flag) []string {
	names := make([]string, 0, len(flags))
	for _, flag := range flags {
		names = append(names, flag.Name)
	}
	return names
}

// printConfig writes the settings in force as a file that --config reads. Secrets are
// masked, as comments.
func printConfig(out io.Writer, app *kong.Application, s *settings) error {
	for _, flag := range settingsOf(app) {
		if flag.Hidden {
			continue
		}
		value, err := yaml.Marshal(map[string]any{flag.Name: plain(flag.Target.Interface())})
		if err != nil {
			return fmt.Errorf("--%s: %w", flag.Name, err)
		}
		fmt.Fprintf(out, "# %s\n%s", flag.Help, value)
	}
	secrets := s.secrets()
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		state := "not set"
		if *secrets[name] != "" {
			state = "********"
		}
		fmt.Fprintf(out, "# %s: %s\n", name, state)
	}
	return nil
}

// plain gives a value as it is written in a file.
func plain(value any) any {
	if text, ok := value.(fmt.Stringer); ok {
		return text.String()
	}
	return value
}
