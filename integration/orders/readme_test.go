package orders

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTheReadmesFirstEventWorks runs what the README tells another team to run, with the
// addresses of this test.
func TestTheReadmesFirstEventWorks(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```python\n")
	code, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatal("README.md has no Python any more")
	}
	s := suite.Embedded(t)
	m := newMarket(t, s, 0)
	p := s.Start()
	m.SetUp(p.Client())
	for from, to := range map[string]string{"127.0.0.1:9092": s.Brokers, "http://127.0.0.1:8081": s.Registry} {
		if !strings.Contains(code, from) {
			t.Errorf("README.md: expected %s in\n%s", from, code)
		}
		code = strings.ReplaceAll(code, from, to)
	}
	interpreter, err := python()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), interpreter, "-c", code).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "inventory.reserved.v1 {") || !strings.Contains(string(out), "'order_id': 'my-first-order'") {
		t.Errorf("%v\n%s", err, out)
	}
	s.Stop(p)
}
