package contract

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"inventory/integration/service"
)

const recipes = "../../deploy/contracts/"

// Versions of a subject: what is published, and what a change adds to it.
const (
	atFirst = `{"type": "record", "name": "R", "fields": [{"name": "id", "type": "string"}]}` + "\n"
	good    = `{"type": "record", "name": "R", "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": ["null", "int"], "default": null}]}` + "\n"
	bad     = `{"type": "record", "name": "R", "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "int"}]}` + "\n"
)

// checkout is a team's clone of its repository, whose main branch has one published version.
type checkout struct {
	t   *testing.T
	dir string
	env []string
}

func newCheckout(t *testing.T) *checkout {
	t.Helper()
	top := t.TempDir()
	c := &checkout{t, filepath.Join(top, "clone"), append(os.Environ(), "GIT_CONFIG_GLOBAL="+filepath.Join(top, "none"), "GIT_CONFIG_NOSYSTEM=1")}
	origin := &checkout{t, filepath.Join(top, "origin"), c.env}
	origin.write("avro/s-value/1.avsc", atFirst)
	for _, command := range []string{
		"git init -q -b main", "git config user.name t", "git config user.email t@example.com", "git add .", "git commit -qm published",
		"git clone -q . ../clone",
	} {
		origin.must(command)
	}
	c.must("git config user.name t && git config user.email t@example.com && git checkout -qb change")
	return c
}

func (c *checkout) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		c.t.Fatal(err)
	}
}

// copy brings a recipe to its place, as it is.
func (c *checkout) copy(recipe, to string) {
	c.t.Helper()
	text, err := os.ReadFile(recipes + recipe)
	if err != nil {
		c.t.Fatal(err)
	}
	c.write(to, string(text))
}

// run runs a script as CI does.
func (c *checkout) run(script string, env ...string) (string, error) {
	cmd := exec.CommandContext(c.t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = c.dir, slices.Concat(c.env, env)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (c *checkout) must(script string) {
	c.t.Helper()
	if out, err := c.run(script); err != nil {
		c.t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// judges proves that a way to run the check lets the good change pass and holds the bad one up, saying what a person
// needs.
func (c *checkout) judges(says string, check func() (string, error)) {
	c.t.Helper()
	c.write("avro/s-value/2.avsc", good)
	if out, err := check(); err != nil {
		c.t.Errorf("the good change: %v\n%s", err, out)
	}
	c.write("avro/s-value/2.avsc", bad)
	if out, err := check(); err == nil || !strings.Contains(out, says) {
		c.t.Errorf("the bad change: %v, expected %q in\n%s", err, says, out)
	}
}

// onPath builds the program, and gives a PATH that has it.
func onPath(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := service.Build(filepath.Join(dir, "inventory")); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

func TestTheMakefileFragmentHoldsABadChangeUp(t *testing.T) {
	c, path := newCheckout(t), onPath(t)
	c.copy("contracts.mk", "contracts.mk")
	c.write("Makefile", "include contracts.mk\n")
	c.judges("avro/s-value/2.avsc:1: error READER_FIELD_MISSING_DEFAULT_VALUE", func() (string, error) { return c.run("make check-schemas", path) })
}

func TestThePreCommitHookHoldsABadChangeUp(t *testing.T) {
	c, path := newCheckout(t), onPath(t)
	c.copy("pre-commit", ".git/hooks/pre-commit")
	c.judges("n: version 2 cannot read what version 1 wrote", func() (string, error) { return c.run("git add avro && git commit -m change", path) })
	c.must("git checkout -q HEAD -- avro && git reset -q --hard && date > unrelated && git add unrelated")
	if out, err := c.run("git commit -m unrelated", "PATH="+os.Getenv("PATH")); err != nil {
		t.Errorf("a commit that changes no schema needs no checker: %v\n%s", err, out)
	}
}

func TestTheActionsWorkflowHoldsABadChangeUp(t *testing.T) {
	text, err := os.ReadFile(recipes + "github-actions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Name string
				Uses string
				With map[string]any
				Env  map[string]string
				Run  string
			}
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	c := newCheckout(t)
	top, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(top, filepath.Join(c.dir, ".inventory")); err != nil { // what the second checkout does
		t.Fatal(err)
	}
	added := filepath.Join(t.TempDir(), "path")
	c.judges("::error file=avro/s-value/2.avsc,line=1,title=", func() (all string, err error) {
		for _, step := range workflow.Jobs["schemas"].Steps {
			env := []string{"GITHUB_PATH=" + added}
			if more, err := os.ReadFile(added); err == nil {
				env = append(env, "PATH="+strings.Join(append(strings.Fields(string(more)), os.Getenv("PATH")), string(os.PathListSeparator)))
			}
			for name, value := range step.Env {
				env = append(env, name+"="+strings.ReplaceAll(value, "${{ github.base_ref }}", "main"))
			}
			out, err := c.run(step.Run, env...)
			all += fmt.Sprintln(step.Name) + out
			if err != nil {
				return all, err
			}
		}
		return all, nil
	})
}
