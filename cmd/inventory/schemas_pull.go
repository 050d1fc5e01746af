package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"inventory/adapters/registry"
	"inventory/app/contract"
	domain "inventory/domain/contract"
	"inventory/ports"
)

type schemasPullCmd struct {
	registryFlag
	Dir      string   `required:"" placeholder:"FOLDER" help:"Where to write <subject>/<version>.avsc; it is made if it is not there. A file that is there stays as it is."`
	Subjects []string `arg:"" optional:"" help:"The subjects. Default: all whose names begin with --topic-prefix."`
}

// Help implements kong.HelpProvider.
func (*schemasPullCmd) Help() string {
	return `Folders have the subjects' names without --topic-prefix. Exit codes: 0 the folder has all of them; 5 a file has another schema than the
registry, and was left as it is; 2 the command is wrong, the registry has no such subject, or the folder can't be written.` + registryCodes
}

// pulling writes a registry's schemas into a folder.
type pulling struct {
	p                       *program
	dir                     string
	root                    *os.Root
	there                   contract.Published
	wrote, same, kept, left int
}

// execute implements command.
func (c *schemasPullCmd) execute(ctx context.Context, p *program) error {
	return c.ask(ctx, p, func(ctx context.Context, client *registry.Client) error {
		there := p.published(client)
		names, unknown, err := contract.Subjects(ctx, there, c.Subjects)
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			return fmt.Errorf("%w: %s has no subject %s: `inventory schemas diff` lists what it has", errUsage, there.Name, strings.Join(unknown, ", "))
		}
		full := make([]string, len(names))
		for i, name := range names {
			full[i] = there.Prefix + name
		}
		// All of it before the first file: half a history looks like a whole one.
		found, err := contract.Fetch(ctx, there.History, full)
		if err != nil {
			return err
		}
		return c.write(p, there, names, found)
	})
}

func (c *schemasPullCmd) write(p *program, there contract.Published, names []string, found map[string][]ports.RegisteredSchema) error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return fmt.Errorf("%w: --dir: %w", errUsage, err)
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return fmt.Errorf("%w: --dir: %w", errUsage, err)
	}
	defer func() { _ = root.Close() }() // it was read and written through, and has nothing of its own to lose
	w := &pulling{p: p, dir: c.Dir, root: root, there: there}
	for _, name := range names {
		if err := w.subject(name, found[there.Prefix+name]); err != nil {
			return fmt.Errorf("%w: --dir: %w", errUsage, err)
		}
	}
	fmt.Fprintf(p.stdout, "%s: %d written, %d already there, %d there with another schema, %d left out\n", count(len(names), "subject"), w.wrote, w.same, w.kept, w.left)
	if w.kept > 0 {
		return fmt.Errorf("%w: %s in %s, which stay as they are", errSchemasDiffer, count(w.kept, "file"), c.Dir)
	}
	return nil
}

func (w *pulling) subject(name string, versions []ports.RegisteredSchema) error {
	if !isFolder(name) {
		w.say("left out %q: it can't be the name of a folder", w.there.Prefix+name)
		w.left += len(versions)
		return nil
	}
	for i, v := range versions {
		if i > 0 && v.Version != versions[i-1].Version+1 || i == 0 && v.Version > 1 {
			w.say("%s: what came before version %d is deleted in the registry", name, v.Version)
		}
		if err := w.version(name, v); err != nil {
			return err
		}
	}
	return nil
}

func (w *pulling) say(format string, args ...any) { fmt.Fprintf(w.p.stdout, format+"\n", args...) }

// isFolder tells whether a subject may be a folder's path: registries take names that lead elsewhere.
func isFolder(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.ContainsAny(part, `\:*?"<>|`) || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return filepath.IsLocal(name)
}

func (w *pulling) version(name string, v ports.RegisteredSchema) error {
	file := name + "/" + strconv.Itoa(v.Version) + contract.Extension
	shown := filepath.Join(w.dir, file)
	var text bytes.Buffer
	if v.Type != ports.SchemaTypeAvro || json.Indent(&text, []byte(v.Text), "", "  ") != nil {
		w.say("left out version %d of %s: it is of type %s, and %d bytes that are no Avro schema", v.Version, v.Subject, v.Type, len(v.Text))
		w.left++
		return nil
	}
	text.WriteByte('\n')
	there, err := w.root.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := w.create(name, file, text.Bytes()); err != nil {
			return err
		}
		w.wrote++
		w.say("wrote %s: id %d", shown, v.ID)
		return nil
	case err != nil:
		return err
	}
	if detail := domain.Unlike(string(there), v.Text); detail != "" {
		w.kept++
		w.say("kept %s, which has another schema than the registry: %s", shown, detail)
		return nil
	}
	w.same++
	return nil
}

// create makes a file that must not be there.
func (w *pulling) create(folder, file string, text []byte) error {
	if err := w.root.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := w.root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s: somebody else wrote it in this moment: pull again", file)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, w.root.Remove(file)) // half a schema would be taken for another one
	}
	return nil
}
