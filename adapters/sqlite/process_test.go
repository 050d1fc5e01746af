package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"inventory/adapters/sqlite"
	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/ports/porttest"
)

const shared = ledger.ID("stock/shared/0")

// childDir tells a child process of a test where the database is.
const childDir = "INVENTORY_TEST_DATABASE"

// runChild is what a child process does instead of tests: it commits entries until it is
// killed and writes the version of each to its output.
func runChild(dir string) error {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, dir, sqlite.Options{Clock: porttest.NewClock(time.Now())})
	if err != nil {
		return err
	}
	for {
		version, err := appendNext(ctx, store)
		if err != nil {
			return err
		}
		fmt.Println(version)
	}
}

// appendNext commits an entry behind the newest one, whoever wrote that.
func appendNext(ctx context.Context, store *sqlite.Store) (int64, error) {
	for {
		head, err := store.Head(ctx, shared)
		if err != nil {
			return 0, err
		}
		version := head.Version + 1
		err = store.Commit(ctx, shared, ports.Commit{
			Epoch: head.Epoch, Version: head.Version,
			Entry: &ports.Record{Version: version, Commit: commitID(version), Body: fmt.Appendf(nil, "%d of process %d", version, os.Getpid())},
		})
		if err == nil || !errors.Is(err, ports.ErrConflict) {
			return version, err
		}
	}
}

// commitID is of this process and a version.
func commitID(version int64) ledger.UUID {
	return ledger.NewUUIDv5(ledger.Namespace, fmt.Sprint(os.Getpid(), " ", version))
}

// startChild starts a process that commits to the shared ledger.
func startChild(t *testing.T, dir string) (child *exec.Cmd, versions io.Reader) {
	t.Helper()
	child = exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child, out
}

// kill ends a child without a chance to tidy up.
func kill(t *testing.T, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
}

// Two processes that write and one that is killed in the midst: every version that either
// of them was answered is there, with its writer's entry, without a gap.
func TestTwoProcessesAndAKillLoseNothing(t *testing.T) {
	dir := t.TempDir()
	store := open(t, dir)
	if _, err := store.TakeOver(t.Context(), shared, "both", ports.Head{}); err != nil {
		t.Fatal(err)
	}
	child, out := startChild(t, dir)
	writers := map[int64]int{} // process by version
	lines := bufio.NewScanner(out)
	for mine, theirs := 0, 0; mine < 100 || theirs < 100; {
		if theirs < 100 {
			if !lines.Scan() {
				t.Fatalf("the child process ended early: %v", lines.Err())
			}
			version, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			writers[version] = child.Process.Pid
			theirs++
		}
		version, err := appendNext(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		writers[version] = os.Getpid()
		mine++
	}
	kill(t, child)
	head, err := store.Head(t.Context(), shared)
	if err != nil {
		t.Fatal(err)
	}
	err = store.Entries(t.Context(), shared, 0, head.Version, true, func(r ports.Record) error {
		if pid, ok := writers[r.Version]; ok && string(r.Body) != fmt.Sprintf("%d of process %d", r.Version, pid) {
			t.Errorf("entry %d is %q, process %d was told that it is its own", r.Version, r.Body, pid)
		}
		delete(writers, r.Version)
		return nil
	})
	if err != nil || len(writers) > 0 {
		t.Fatalf("error %v; entries %v were answered and are not there", err, writers)
	}
}

func TestTheLockRefusesASecondProcessAndNamesTheFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	unlock, err := sqlite.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sqlite.Lock(dir)
	if !errors.Is(err, ports.ErrPermanent) {
		t.Fatalf("got error %v, want %v", err, ports.ErrPermanent)
	}
	for _, word := range []string{dir, fmt.Sprintf("in use by process %d:", os.Getpid()), "stop it"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = sqlite.Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	clock := porttest.NewClock(time.Unix(0, 0))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not a directory"), 0o600); err != nil {
		t.Fatal(err)
	}
	notADatabase := t.TempDir()
	if err := os.WriteFile(filepath.Join(notADatabase, sqlite.FileName), make([]byte, 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"no name": "", "a file": file, "not a database": notADatabase} {
		if _, err := sqlite.Open(t.Context(), dir, sqlite.Options{Clock: clock}); !errors.Is(err, ports.ErrPermanent) {
			t.Errorf("%s: got error %v, want %v", name, err, ports.ErrPermanent)
		}
	}
	if _, err := sqlite.Open(t.Context(), t.TempDir(), sqlite.Options{}); !errors.Is(err, ports.ErrPermanent) {
		t.Errorf("no clock: got error %v, want %v", err, ports.ErrPermanent)
	}
	odd := filepath.Join(t.TempDir(), "a b?c#d%20é")
	open(t, odd)
	if _, err := os.Stat(filepath.Join(odd, sqlite.FileName)); err != nil {
		t.Errorf("a directory with an odd name: %v", err)
	}
}
