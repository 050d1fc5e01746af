package contract

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	protoDir = "../../schemas/proto"
	// protoPublished is what clients in the field were made from: only a release replaces it, with
	// `buf build schemas/proto --exclude-source-info -o schemas/proto/published.json`.
	protoPublished = "published.json"
	protoTools     = "../../.ci/proto.mod"
)

// protoCommands builds buf and its plugins as .ci/proto.mod pins them; go's cache has them after
// the first time, which takes some minutes.
func protoCommands(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile="+protoTools, "-o", bin+"/",
		"github.com/bufbuild/buf/cmd/buf", "google.golang.org/protobuf/cmd/protoc-gen-go", "connectrpc.com/connect/cmd/protoc-gen-connect-go")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build of buf: %v\n%s", err, out)
	}
	return bin
}

// buf runs a command of buf's in a folder of definitions: what it says, and whether it finds fault.
func buf(t *testing.T, bin, dir string, args ...string) (said string, faulty bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "buf"), args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), err != nil
}

func TestProtoDefinitions(t *testing.T) {
	bin := protoCommands(t)
	t.Run("are as they should be, and break nobody", func(t *testing.T) { findNoProtoFault(t, bin) })
	t.Run("with a fault are found", func(t *testing.T) { findProtoFaults(t, bin) })
	t.Run("are what the code was made of", func(t *testing.T) { compareProtoCode(t, bin) })
}

func findNoProtoFault(t *testing.T, bin string) {
	for _, args := range [][]string{{"lint"}, {"format", "--diff", "--exit-code"}, {"breaking", "--against", protoPublished}} {
		if said, faulty := buf(t, bin, protoDir, args...); faulty {
			t.Errorf("buf %s in schemas/proto:\n%s", strings.Join(args, " "), said)
		}
	}
}

func findProtoFaults(t *testing.T, bin string) {
	for _, c := range []struct {
		old, changed string
		args         []string
		says         string
	}{
		{"int64 held = 3;", "int64 held = 8;", []string{"breaking", "--against", protoPublished}, `Previously present field "3" with name "held"`},
		{"string order_id = 5;", "int64 order_id = 5;", []string{"breaking", "--against", protoPublished}, `changed type from "string" to "int64"`},
		{"string warehouse_id = 1;", "string WarehouseId = 1;", []string{"lint"}, "should be lower_snake_case"},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(protoDir)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "inventory", "v1", "stock.proto")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		broken := bytes.Replace(text, []byte(c.old), []byte(c.changed), 1)
		if bytes.Equal(broken, text) {
			t.Fatalf("the definitions have no %q", c.old)
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		if said, faulty := buf(t, bin, dir, c.args...); !faulty || !strings.Contains(said, c.says) {
			t.Errorf("%s: buf does not say %q (found fault: %t):\n%s", c.changed, c.says, faulty, said)
		}
	}
}

func compareProtoCode(t *testing.T, bin string) {
	dir := t.TempDir()
	if *updateFlag {
		dir, _ = filepath.Abs(protoDir)
	}
	if said, faulty := buf(t, bin, protoDir, "generate", "--output", dir); faulty {
		t.Fatalf("buf generate: %s", said)
	}
	made := goFiles(t, dir)
	if kept := goFiles(t, protoDir); len(made) != len(kept) || len(made) == 0 {
		t.Errorf("%d files are made of the definitions, %d are kept", len(made), len(kept))
	} else {
		for path, text := range made {
			if !bytes.Equal(kept[path], text) {
				t.Errorf("%s is not what buf makes: go test ./integration/contract -run Proto -update", path)
			}
		}
	}
}

// goFiles reads the Go files of a folder.
func goFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		files[path], err = fs.ReadFile(root, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
