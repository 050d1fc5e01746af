//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import (
	"fmt"
	"runtime"

	"inventory/ports"
)

// Lock is refused on systems without flock: two processes on one data directory would
// take each other's ledgers away.
func Lock(dir string) (unlock func() error, err error) {
	return nil, fmt.Errorf("%w: data directory %s: locking is not supported on %s", ports.ErrPermanent, dir, runtime.GOOS)
}
