package fleet

import (
	"context"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inventory/integration/service"
)

// member is a place in the fleet, and the process that has it.
type member struct {
	t    *testing.T
	name string
	site *service.Site

	mu      sync.Mutex
	process *service.Process // nil: there never was one

	ready   atomic.Bool  // it said so when it was asked last
	leaving atomic.Bool  // from before it is asked to end, or is killed, until it is ready again
	paused  atomic.Bool  // it may be
	asked   atomic.Int64 // when it was asked to end, in Unix nanoseconds; 0: it was not, or was killed
}

func (m *member) p() *service.Process {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process
}

// launch starts the member's process.
func (m *member) launch() {
	m.leaving.Store(true) // until it listens
	p := m.site.Launch()
	m.mu.Lock()
	m.process = p
	m.mu.Unlock()
}

// awaitReady waits until the member is ready.
func (m *member) awaitReady(ctx context.Context) {
	m.t.Helper()
	if err := m.p().AwaitReady(ctx); err != nil {
		m.t.Errorf("%s: %v", m.name, err)
		return
	}
	m.ready.Store(true)
	m.leaving.Store(false)
}

// kill ends the member as a crash does.
func (m *member) kill() {
	m.asked.Store(0)
	m.leaving.Store(true)
	m.ready.Store(false)
	m.p().Kill()
	m.check()
}

// terminate ends the member in good order, and tells how long that took.
func (m *member) terminate() time.Duration {
	m.t.Helper()
	began := time.Now()
	m.asked.Store(began.UnixNano())
	m.leaving.Store(true)
	if err := m.p().Terminate(); err != nil || m.p().ExitCode() != 0 {
		m.t.Errorf("%s: SIGTERM: exit code %d, %v\n%s", m.name, m.p().ExitCode(), err, m.p().Said())
	}
	m.ready.Store(false)
	m.check()
	return time.Since(began)
}

// check looks at what a process that is gone has said.
func (m *member) check() {
	m.t.Helper()
	if said := m.p().Faults(); said != "" {
		m.t.Errorf("%s, process %d, said:\n%s", m.name, m.p().PID(), said)
	}
}

// pause stops the member's process for a while, which it can't notice itself.
func (m *member) pause(ctx context.Context, d time.Duration) {
	m.t.Helper()
	m.stop()
	wait(ctx, d)
	m.goOn()
}

func (m *member) stop() {
	m.t.Helper()
	m.paused.Store(true)
	if err := m.p().Signal(syscall.SIGSTOP); err != nil {
		m.t.Errorf("%s: SIGSTOP: %v", m.name, err)
	}
}

func (m *member) goOn() {
	m.t.Helper()
	if err := m.p().Signal(syscall.SIGCONT); err != nil {
		m.t.Errorf("%s: SIGCONT: %v", m.name, err)
	}
	m.paused.Store(false)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
