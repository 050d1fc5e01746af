package stack

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Prometheus' programs are built from their module, as .ci/prometheus.mod pins it.
const (
	prometheusMod  = ".ci/prometheus.mod"
	prometheusPath = "github.com/prometheus/prometheus/cmd/"
	// Without the ways of finding targets in clouds, each of which brings its maker's library.
	prometheusTags = "remove_all_sd"
)

// PrometheusPrograms returns the folder with the programs prometheus and promtool. They are built when they aren't there, which takes
// some minutes.
func PrometheusPrograms(ctx context.Context) (string, error) {
	return prometheusPrograms(ctx, os.Stderr)
}

func prometheusPrograms(ctx context.Context, progress io.Writer) (string, error) {
	root, err := repository(ctx)
	if err != nil {
		return "", err
	}
	mod, err := os.ReadFile(filepath.Join(root, prometheusMod))
	if err != nil {
		return "", err
	}
	return Cached(ctx, fmt.Sprintf("prometheus-%.4x", sha256.Sum256(mod)), func(dir string) error {
		fmt.Fprintln(progress, "building Prometheus (once, some minutes)")
		cmd := exec.CommandContext(ctx, "go", "build", "-modfile="+prometheusMod, "-tags="+prometheusTags, "-o", dir+"/", prometheusPath+"prometheus", prometheusPath+"promtool")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
		if out, err := output(cmd); err != nil {
			return fmt.Errorf("go build of Prometheus: %w\n%s", err, out)
		}
		return nil
	})
}

// repository returns the folder of this repository's go.mod, from anywhere below it.
func repository(ctx context.Context) (string, error) {
	out, err := stdout(exec.CommandContext(ctx, "go", "env", "GOMOD"), "go env GOMOD")
	if err != nil {
		return "", err
	}
	mod := strings.TrimSpace(string(out))
	if filepath.Base(mod) != "go.mod" {
		return "", fmt.Errorf("not below the repository's go.mod (found %q): Prometheus is built from its %s", mod, prometheusMod)
	}
	return filepath.Dir(mod), nil
}
