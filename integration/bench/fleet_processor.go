package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// fleetMeasured is a result, and who used the processors meanwhile.
type fleetMeasured struct {
	result
	used processor
}

// processor is processor time.
type processor struct {
	processes, own, machine time.Duration // of the service's processes, this program, and everybody
	commits, commands       float64       // entries of all ledgers, and what they decided
	most                    int64         // bytes that the largest of the processes had in memory at its largest
}

func (p processor) since(b processor) processor {
	return processor{
		p.processes - b.processes, p.own - b.own, p.machine - b.machine,
		p.commits - b.commits, p.commands - b.commands, p.most,
	}
}

// processor reads what was used so far.
func (s *fleetSite) processor(ctx context.Context) (p processor, err error) {
	for _, one := range s.processes {
		used, err := processorOf(one.PID())
		if err != nil {
			return p, err
		}
		p.processes += used
		p.most = max(p.most, largestOf(one.PID()))
		a, err := one.Client().Ask(ctx, http.MethodGet, "/metrics", nil, nil)
		if err != nil {
			return p, err
		}
		p.commits += sumOf(a.Body, "inventory_commit_commands_count")
		p.commands += sumOf(a.Body, "inventory_commit_commands_sum")
	}
	p.own, p.machine = ownCPU(), machineCPU()
	return p, nil
}

// processorOf reads the processor time of a process: Linux's, else an error.
func processorOf(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// After the name, which is in parentheses: state is the first, utime and stime follow
	// (proc_pid_stat(5)).
	const utime, stime = 11, 12
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) <= stime {
		return 0, fmt.Errorf("/proc/%d/stat: %d fields found", pid, len(fields))
	}
	var ticks int64
	for _, at := range []int{utime, stime} {
		n, err := strconv.ParseInt(fields[at], 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100), nil // USER_HZ
}

// sumOf adds up a metric over its labels.
func sumOf(metrics []byte, name string) (sum float64) {
	for line := range strings.Lines(string(metrics)) {
		value := line[strings.LastIndexByte(line, ' ')+1:]
		if n, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && strings.HasPrefix(line, name) {
			sum += n
		}
	}
	return sum
}

// largestOf is how many bytes a process had in memory at its largest: 0 where nobody says.
func largestOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

func (m fleetMeasured) print(out io.Writer, way string, l load) {
	printRow(out, way, l, m.result)
	micro := func(d time.Duration) int64 { return d.Microseconds() / int64(max(m.orders, 1)) }
	fmt.Fprintf(out, "    an order: %.2f commits, each of %.0f commands and mails\n", m.used.commits/float64(max(m.orders, 1)), m.used.commands/max(m.used.commits, 1))
	fmt.Fprintf(out, "    processor time of an order: %d us in the service, %d us in Cassandra, Kafka and the rest, %d us in this program; the largest process had %d MiB\n",
		micro(m.used.processes), micro(m.used.machine-m.used.processes-m.used.own), micro(m.used.own), m.used.most>>20)
}
