//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"inventory/ports"
)

// Lock makes this process the only one that uses a data directory, which it makes where
// there is none, until unlock. ErrPermanent where another process has it; the message
// names it. The system gives the lock up when a process ends, however it ends.
func Lock(dir string) (unlock func() error, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("%w: data directory: %w", ports.ErrPermanent, err)
	}
	name := filepath.Join(dir, "lock")
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("%w: data directory: %w", ports.ErrPermanent, err)
	}
	if err := flock(file); err != nil {
		err = fmt.Errorf("%w: %w", ports.ErrPermanent, lockError(dir, name, err))
		return nil, errors.Join(err, file.Close())
	}
	if err := writePID(file); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ports.ErrPermanent, name, err), file.Close())
	}
	return file.Close, nil // which gives up the lock; the file stays, since removing it would race with the next one
}

// flock locks a file without waiting.
func flock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func lockError(dir, name string, err error) error {
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("cannot lock %s: %w", name, err)
	}
	holder := "another process"
	if pid, err := os.ReadFile(name); err == nil && len(pid) > 0 {
		holder = "process " + strings.TrimSpace(string(pid))
	}
	return fmt.Errorf("data directory %s is in use by %s: stop it first, or give this one a data directory of its own", dir, holder)
}

func writePID(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}
