package stack

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"inventory/deploy"
)

// fetchJars returns the folder with a service's JARs.
func fetchJars(ctx context.Context, service Service, progress io.Writer) (string, error) {
	file := "stack/" + string(service) + "/pom.xml"
	pom, err := deploy.Stack.ReadFile(file)
	if err != nil {
		return "", err
	}
	return Jars(ctx, "deploy/"+file, pom, progress)
}

// Jars returns the folder, in the user's cache, with what a pom puts into ${lib}. Maven fills it when it isn't there; its own
// store allows one process at a time. The pom's file is for messages.
func Jars(ctx context.Context, file string, pom []byte, progress io.Writer) (string, error) {
	name, err := releaseName(pom)
	if err != nil {
		return "", err
	}
	return Cached(ctx, name, func(dir string) error {
		fmt.Fprintf(progress, "fetching %s with Maven (once)\n", name)
		if err := runMaven(ctx, pom, dir); err != nil {
			return fmt.Errorf("%w\nto see it alone: mvn -f %s generate-resources -Dlib=/tmp/lib", err, file)
		}
		return nil
	})
}

// Cached returns a folder of the user's cache, which fill fills when it isn't there. It appears with all its files at once,
// under another name than it was filled under, and one process fills at a time.
func Cached(ctx context.Context, name string, fill func(dir string) error) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	release, err := lockFile(ctx, filepath.Join(cache, "lock"))
	if err != nil {
		return "", err
	}
	defer release()
	dir := filepath.Join(cache, name)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		return dir, err
	}
	partial := dir + ".partial"
	if err := errors.Join(os.RemoveAll(partial), os.MkdirAll(partial, 0o755)); err != nil {
		return "", err
	}
	if err := fill(partial); err != nil {
		return "", err
	}
	return dir, os.Rename(partial, dir)
}

// releaseName names what a pom fetches: a later pom of the same version must not find an earlier one's files.
func releaseName(pom []byte) (string, error) {
	var project struct {
		ArtifactID string `xml:"artifactId"`
		Version    string `xml:"version"`
	}
	if err := xml.Unmarshal(pom, &project); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%s-%.4x", project.ArtifactID, project.Version, sha256.Sum256(pom)), nil
}

func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(user, "inventory", "stack")
	return dir, os.MkdirAll(dir, 0o755)
}

// runMaven has Maven put a pom's files into dir.
func runMaven(ctx context.Context, pom []byte, dir string) error {
	work, err := os.MkdirTemp("", "inventory-fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	file := filepath.Join(work, "pom.xml")
	if err := os.WriteFile(file, pom, 0o644); err != nil {
		return err
	}
	// -U: what Maven failed to find last time is looked for again.
	cmd := exec.CommandContext(ctx, "mvn", "-B", "-q", "-U", "--strict-checksums", "-f", file, "generate-resources", "-Dlib="+dir)
	if out, err := output(cmd); err != nil {
		return fmt.Errorf("mvn: %w\n%s", err, out)
	}
	return nil
}
