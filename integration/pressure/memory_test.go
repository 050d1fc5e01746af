package pressure

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// largest is how many bytes a process had in memory at its largest. Linux says it; where nobody
// does the test fails.
func largest(pid int) (int64, error) {
	path := fmt.Sprintf("/proc/%d/status", pid)
	status, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) < 2 || fields[1] != "kB" {
		return 0, fmt.Errorf("%s: no VmHWM: expected Linux", path)
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10, err
}
