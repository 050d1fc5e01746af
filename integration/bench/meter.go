package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"inventory/app"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// meter counts what the store is asked for, and for how long.
type meter struct {
	mu sync.Mutex
	readings
	taken []ports.TookOver
	also  ports.Observer // nil: nobody
}

// takeovers lists the ledgers that were taken over.
func (m *meter) takeovers() []ports.TookOver {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.taken)
}

// readings are running totals.
type readings struct {
	commits, commands, bytes, troubles int
	commitTime, recallTime, writeTime  time.Duration
	recalls, recalled, writes, rows    int
	events, levels, reservations       int
	released                           int           // events that say so
	own, machine                       time.Duration // processor time of this process and of all
}

func (m *meter) read() readings {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.readings
	r.own, r.machine = ownCPU(), machineCPU()
	return r
}

// Observe implements ports.Observer.
func (m *meter) Observe(e ports.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.also != nil {
		m.also.Observe(e)
	}
	switch e := e.(type) {
	case ports.Committed:
		m.commits++
		m.commands += e.Commands
		m.bytes += e.Bytes
		m.commitTime += e.Took
	case ports.TookOver:
		m.taken = append(m.taken, e)
	case ports.CommitTrouble:
		m.troubles++
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", e.Ledger, e.Err)
	case ports.RelayTrouble, ports.Refused, ports.SnapshotTrouble, ports.DirectoryTrouble:
		m.troubles++
		fmt.Fprintf(os.Stderr, "bench: %+v\n", e)
	case ports.Lost:
		if e.Err != nil {
			fmt.Fprintf(os.Stderr, "bench: lost %s: %v\n", e.Ledger, e.Err)
		}
	}
}

// metered is a store whose look-ups and rows are counted.
type metered struct {
	app.Store
	m *meter
}

func (m *meter) wrap(s app.Store) app.Store { return &metered{s, m} }

// Recall implements ports.Archive.
func (s *metered) Recall(ctx context.Context, kind ledger.Kind, keys []ledger.UUID) (map[ledger.UUID][]byte, error) {
	began := time.Now()
	found, err := s.Store.Recall(ctx, kind, keys)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.recalls++
	s.m.recalled += len(keys)
	s.m.recallTime += time.Since(began)
	return found, err
}

// Write implements ports.Tables.
func (s *metered) Write(ctx context.Context, rows ports.Rows) error {
	began := time.Now()
	err := s.Store.Write(ctx, rows)
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.m.writes++
	s.m.rows += len(rows.Events) + len(rows.Levels) + len(rows.Reservations) + len(rows.Adjustments)
	s.m.events += len(rows.Events)
	s.m.levels += len(rows.Levels)
	s.m.reservations += len(rows.Reservations)
	for _, e := range rows.Events {
		if e.EventType == stock.Released.String() {
			s.m.released++
		}
	}
	s.m.writeTime += time.Since(began)
	return err
}

// shares says where the time of a measurement went.
type shares struct{ readings }

func (r readings) since(b readings) shares {
	return shares{readings{
		commits: r.commits - b.commits, commands: r.commands - b.commands, bytes: r.bytes - b.bytes, troubles: r.troubles - b.troubles,
		commitTime: r.commitTime - b.commitTime, recallTime: r.recallTime - b.recallTime, writeTime: r.writeTime - b.writeTime,
		recalls: r.recalls - b.recalls, recalled: r.recalled - b.recalled, writes: r.writes - b.writes, rows: r.rows - b.rows,
		events: r.events - b.events, levels: r.levels - b.levels, reservations: r.reservations - b.reservations,
		own: r.own - b.own, machine: r.machine - b.machine,
	}}
}

func printShares(out io.Writer, m measured) {
	per := func(d time.Duration, n int) time.Duration {
		if n == 0 {
			return 0
		}
		return (d / time.Duration(n)).Round(10 * time.Microsecond)
	}
	div := func(a, b int) float64 { return float64(a) / float64(max(b, 1)) }
	fmt.Fprintf(out, "    commits %d of %.0f commands, %s each; look-ups %d of %.0f orders, %s each; relay writes %d of %.0f rows, %s each\n",
		m.commits, div(m.commands, m.commits), per(m.commitTime, m.commits), m.recalls, div(m.recalled, m.recalls), per(m.recallTime, m.recalls),
		m.writes, div(m.rows, m.writes), per(m.writeTime, m.writes))
	fmt.Fprintf(out, "    an order: %.2f event, %.2f level, %.2f reservation rows, %.0f journal bytes; processor: %.0f%% this program, %.0f%% the store and the rest; %d retried writes\n",
		div(m.events, m.orders), div(m.levels, m.orders), div(m.reservations, m.orders), div(m.bytes, m.orders),
		100*m.own.Seconds()/m.took.Seconds(), 100*(m.machine-m.own).Seconds()/m.took.Seconds(), m.troubles)
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// machineCPU is the processor time that all processes have used: Linux's, else 0.
func machineCPU() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(b), "\n")
	var user, nice, system, idle, wait, irq, soft int64
	if _, err := fmt.Sscanf(first, "cpu %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &wait, &irq, &soft); err != nil {
		return 0
	}
	return time.Duration(user+nice+system+irq+soft) * (time.Second / 100) // USER_HZ
}
