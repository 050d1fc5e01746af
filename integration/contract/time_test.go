package contract

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inventory/integration/service"
)

// history writes fifty subjects with twenty versions each, every one with an optional field more, and commits all but the
// newest.
func history(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write := func(version int) {
		fields := []string{`{"name": "order_id", "type": "string"}`, `{"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}}`}
		for i := range 10 + version {
			fields = append(fields, fmt.Sprintf(`{"name": "f%d", "type": ["null", "string"], "default": null, "doc": "For tests, in ms."}`, i))
		}
		fields = append(fields, `{"name": "items", "type": {"type": "array", "items": {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}, {"name": "quantity", "type": "long"}]}}}`)
		text := `{"type": "record", "name": "Order", "doc": "Key: order_id.", "fields": [` + "\n" + strings.Join(fields, ",\n") + "]}\n"
		for subject := range 50 {
			file := filepath.Join(dir, "avro", fmt.Sprintf("subject-%d-value", subject), fmt.Sprintf("%d.avsc", version))
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for version := range 19 {
		write(version + 1)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "published"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	write(20)
	return dir
}

// The best of some runs counts: what else the machine does is not the command's.
func TestFiftySubjectsOfTwentyVersionsAreCheckedWithinASecond(t *testing.T) {
	program := filepath.Join(t.TempDir(), "inventory")
	if err := service.Build(program); err != nil {
		t.Fatal(err)
	}
	dir := history(t)
	for flags, judged := range map[string]string{"": "1000 of them judged", "--base=HEAD": "50 of them judged"} {
		best := time.Hour
		for range 5 {
			args := append([]string{"schemas", "check", "--dir=avro"}, strings.Fields(flags)...)
			check := exec.Command(program, args...)
			check.Dir = dir
			start := time.Now()
			out, err := check.CombinedOutput()
			best = min(best, time.Since(start))
			if err != nil || !strings.Contains(string(out), "50 subjects, 1000 versions, "+judged+": 0 errors, 0 warnings") {
				t.Fatalf("%v\n%s", err, out)
			}
		}
		t.Logf("schemas check %s: %s", flags, best)
		if best > time.Second {
			t.Errorf("schemas check %s: took %s at best, expected less than a second", flags, best)
		}
	}
}
