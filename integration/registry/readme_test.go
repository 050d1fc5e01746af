package registry_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheReadmesCommandsWork runs, as they are written but for the address and the folder that is written to, the commands on
// schemas that ask a registry.
func TestTheReadmesCommandsWork(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	const address = "http://127.0.0.1:8081"
	lines := regexp.MustCompile(`(?m)^    bin/inventory schemas (.* --registry `+address+`[^#\n]*)`).FindAllSubmatch(readme, -1)
	if len(lines) != 5 {
		t.Fatalf("README.md has %d commands that ask a registry: %q", len(lines), lines)
	}
	registries(t, func(t *testing.T, url string) {
		c := caller{flags: []string{"--topic-prefix=" + prefix(t)}}
		c.ends(t, 0, "register", "--registry="+url) // as the embedded one of the program has them
		for _, line := range lines {
			command := strings.Replace(string(line[1]), address, url, 1)
			command = strings.Replace(command, "--dir pulled", "--dir "+filepath.Join(t.TempDir(), "pulled"), 1)
			c.ends(t, 0, strings.Fields(command)...)
		}
	})
}
