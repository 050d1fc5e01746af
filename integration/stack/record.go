package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// A record, in the folder of a server that outlives the process that started it, lets another find and end it.
type record struct {
	PID     int
	Started string // as startOf gave it: a pid alone may be another process's by now
	Layout  layout
}

// writeRecord notes a server that was just launched, before it is ready: even if this process is killed now, it can be ended.
func writeRecord(s *server) error {
	started, err := startOf(s.process.pid)
	if err != nil {
		return nil //nolint:nilerr // It has ended already: await knows how and shows its log.
	}
	text, err := json.MarshalIndent(record{PID: s.process.pid, Started: started, Layout: s.layout}, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(recordFile(s.layout.Dir), text, 0o644)
}

// readRecords returns the servers below dir that still run.
func readRecords(dir string) (map[Service]record, error) {
	running := make(map[Service]record)
	for _, service := range Services() {
		file := recordFile(filepath.Join(dir, string(service)))
		text, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if r.runs() {
			running[service] = r
		}
	}
	return running, nil
}

func recordFile(dir string) string { return filepath.Join(dir, "server.json") }

func (r record) runs() bool {
	started, err := startOf(r.PID)
	return err == nil && started == r.Started
}

// end asks the process to end, and kills it when it hasn't within grace. It returns when the process is gone.
func (r record) end(grace time.Duration) error {
	if err := r.signal(syscall.SIGTERM); err != nil || r.gone(grace) {
		return err
	}
	if err := r.signal(syscall.SIGKILL); err != nil || r.gone(grace) {
		return err
	}
	return fmt.Errorf("process %d is still there %v after it was killed", r.PID, grace)
}

func (r record) signal(sig syscall.Signal) error {
	if !r.runs() {
		return nil
	}
	if err := syscall.Kill(r.PID, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("process %d: %w", r.PID, err)
	}
	return nil
}

// gone waits at most limit for the end. It has to look: only a parent is told.
func (r record) gone(limit time.Duration) bool {
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-ticker.C {
		if !r.runs() {
			return true
		}
	}
	return false
}
