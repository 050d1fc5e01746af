package embedded

import (
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"

	"inventory/ports"
)

// brokerLog passes kfake's warnings on and remembers its first error: kfake returns none
// from Close.
type brokerLog struct {
	warn func(message string)

	mu    sync.Mutex
	first error
}

// Logf implements kfake.Logger.
func (l *brokerLog) Logf(level kfake.LogLevel, format string, args ...any) {
	if level > kfake.LogLevelWarn {
		return
	}
	message := fmt.Sprintf(format, args...)
	l.warn("embedded broker: " + message)
	if level != kfake.LogLevelError {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == nil {
		l.first = fmt.Errorf("%w: embedded broker: %s", ports.ErrPermanent, message)
	}
}

func (l *brokerLog) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first
}
