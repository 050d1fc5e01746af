package stack

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// CachedModules returns a folder whose node_modules npm has filled from a package.json and its
// lock file, once for each lock file.
func CachedModules(ctx context.Context, name string, manifest, lock []byte) (string, error) {
	return Cached(ctx, fmt.Sprintf("%s-%.4x", name, sha256.Sum256(lock)), func(dir string) error {
		for file, text := range map[string][]byte{"package.json": manifest, "package-lock.json": lock} {
			if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
				return err
			}
		}
		npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		npm.Dir = dir
		if out, err := npm.CombinedOutput(); err != nil {
			return fmt.Errorf("npm ci: %w\n%s\nto see it alone: npm ci beside the package.json of %s", err, out, name)
		}
		return nil
	})
}
