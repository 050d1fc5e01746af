package git_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inventory/adapters/git"
)

// repository makes one with a commit of these files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "base"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir
}

func TestFilesAreThoseOfTheCommitBelowTheFolder(t *testing.T) {
	dir := repository(t, map[string]string{
		"avro/a/1.avsc": "one\nwith lines\n", "avro/ö b.avsc": "", "avro/readme": "no", "other/1.avsc": "no",
	})
	avro := filepath.Join(dir, "avro")
	if err := errors.Join(os.WriteFile(filepath.Join(avro, "a", "1.avsc"), []byte("changed"), 0o644), os.Symlink("a/1.avsc", filepath.Join(avro, "link.avsc"))); err != nil {
		t.Fatal(err)
	}
	// What git tells the hook that runs us is about the folder of the hook.
	t.Setenv("GIT_DIR", ".git")
	t.Setenv("GIT_INDEX_FILE", ".git/index")
	found, err := git.Files(t.Context(), avro, "HEAD", ".avsc")
	want := map[string]string{"a/1.avsc": "one\nwith lines\n", "ö b.avsc": ""}
	if err != nil || !maps.Equal(found, want) {
		t.Errorf("found %q %v, expected %q", found, err, want)
	}
}

func TestAFolderThatTheCommitHasNotIsEmpty(t *testing.T) {
	dir := repository(t, map[string]string{"a": ""})
	if err := os.Mkdir(filepath.Join(dir, "new"), 0o755); err != nil {
		t.Fatal(err)
	}
	if found, err := git.Files(t.Context(), filepath.Join(dir, "new"), "HEAD", ".avsc"); err != nil || len(found) > 0 {
		t.Errorf("found %v %v", found, err)
	}
}

func TestWhatIsNoCommitOrNoRepositoryIsSaid(t *testing.T) {
	dir := repository(t, map[string]string{"a": ""})
	for _, ref := range []string{"nowhere", "", "--all", "HEAD:a"} {
		if _, err := git.Files(t.Context(), dir, ref, ""); !errors.Is(err, git.ErrUnknownRef) {
			t.Errorf("%q: found %v", ref, err)
		}
	}
	if _, err := git.Files(t.Context(), t.TempDir(), "HEAD", ""); err == nil || errors.Is(err, git.ErrUnknownRef) || !strings.Contains(err.Error(), "not a git repository") {
		t.Errorf("found %v", err)
	}
}
