// Package git reads files of a commit with the git program. It changes nothing. Only cmd and tests import it.
package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// ErrUnknownRef is of a name that is no commit of the repository.
var ErrUnknownRef = errors.New("no such commit")

// Files gives the texts of the files in a folder whose names end in suffix, as a commit has them, by their paths below the
// folder. A folder that the commit has not gives none; the folder must be there now, in a work tree of git's.
func Files(ctx context.Context, dir, ref, suffix string) (map[string]string, error) {
	commit, err := resolve(ctx, dir, ref)
	if err != nil {
		return nil, err
	}
	names, ids, err := list(ctx, dir, commit, suffix)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	out, err := run(ctx, dir, strings.Join(ids, "\n")+"\n", "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	return texts(bytes.NewReader(out), names)
}

func resolve(ctx context.Context, dir, ref string) (string, error) {
	if _, err := run(ctx, dir, "", "rev-parse", "--show-toplevel"); err != nil {
		return "", err
	}
	if ref == "" || strings.HasPrefix(ref, "-") {
		return "", fmt.Errorf("%w: %q", ErrUnknownRef, ref)
	}
	out, err := run(ctx, dir, "", "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%w: %s", ErrUnknownRef, ref)
	}
	return strings.TrimSpace(string(out)), nil
}

// list gives the names of a commit's files in the folder, and the ids of their contents.
func list(ctx context.Context, dir, commit, suffix string) (names, ids []string, err error) {
	out, err := run(ctx, dir, "", "ls-tree", "-r", "-z", commit)
	if err != nil {
		return nil, nil, err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		about, name, _ := strings.Cut(entry, "\t")
		words := strings.Fields(about) // mode, type, id
		if len(words) == 3 && strings.HasPrefix(words[0], "100") && strings.HasSuffix(name, suffix) {
			names, ids = append(names, name), append(ids, words[2])
		}
	}
	return names, ids, nil
}

// texts reads what cat-file --batch gives: a line with id, type and size, then the content and the end of a line.
func texts(from io.Reader, names []string) (map[string]string, error) {
	in := bufio.NewReader(from)
	all := make(map[string]string, len(names))
	for _, name := range names {
		head, err := in.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("git cat-file: %s: %w", name, err)
		}
		var id, kind string
		var size int
		if _, err := fmt.Sscanf(head, "%s %s %d\n", &id, &kind, &size); err != nil {
			return nil, fmt.Errorf("git cat-file: %s: expected an id, a type and a size, found %q", name, head)
		}
		text := make([]byte, size+1)
		if _, err := io.ReadFull(in, text); err != nil {
			return nil, fmt.Errorf("git cat-file: %s: %w", name, err)
		}
		all[name] = string(text[:size])
	}
	return all, nil
}

func run(ctx context.Context, dir, input string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), ofHook)
	cmd.Stdin = strings.NewReader(input)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if text := strings.TrimSpace(complaint.String()); text != "" {
			err = errors.New(text)
		}
		return nil, fmt.Errorf("git %s in %s: %w", args[0], dir, err)
	}
	return out.Bytes(), nil
}

// ofHook tells of a variable that git gives its hooks: it means the folder that they run in, not ours.
func ofHook(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
}
