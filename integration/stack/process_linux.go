package stack

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

func attributes(detached bool) *syscall.SysProcAttr {
	if detached {
		return &syscall.SysProcAttr{Setsid: true}
	}
	// A group of its own: Ctrl-C in a terminal is for the tests, which then end their servers.
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// startOf returns when a living process started, in a form to be compared only; an error when there is no such process,
// or only what is left of it until its parent asks. With the pid it tells a process from a later one of the same pid.
func startOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The name, in parentheses, may hold spaces and parentheses. After it: state, ppid, … (proc_pid_stat(5)).
	const state, startTime = 0, 19
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if fields[state] == "Z" {
		return "", fmt.Errorf("process %d has ended", pid)
	}
	return fields[startTime], nil
}

// residentMiB returns how much of a process is in memory, 0 where it has ended.
func residentMiB(pid int) int64 {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	// Pages: all of it, and of that in memory (proc_pid_statm(5)).
	var size, resident int64
	if _, err := fmt.Sscan(string(statm), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize()) >> 20
}
