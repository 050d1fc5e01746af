package stack

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestUpTwiceStartsOnceAndDownEndsIt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	first, firstSaid := up(ctx, t, dir)
	defer func() {
		if err := Down(ctx, dir, t.Output()); err != nil {
			t.Error(err)
		}
	}()
	second, secondSaid := up(ctx, t, dir)
	if first.PID != second.PID || first.Started != second.Started {
		t.Errorf("second up: expected process %d still, found %d", first.PID, second.PID)
	}
	for _, said := range []string{firstSaid, secondSaid} {
		if !strings.Contains(said, "registry is up at 127.0.0.1:") {
			t.Errorf("up should tell where the registry is, but said %q", said)
		}
	}
	st, ok, err := Running(dir, Registry)
	if err != nil || !ok {
		t.Fatalf("running: expected the registry, found none (%v)", err)
	}
	if status, answer := call(t, http.MethodGet, st.RegistryURL()+"/subjects", ""); status != http.StatusOK {
		t.Errorf("subjects: expected 200, found %d: %s", status, answer)
	}
	if err := st.Kill(Registry); !errors.Is(err, ErrNotOurs) {
		t.Errorf("kill what up started: expected %v, found %v", ErrNotOurs, err)
	}

	if err := Down(ctx, dir, t.Output()); err != nil {
		t.Fatal(err)
	}
	if second.runs() {
		t.Errorf("process %d still runs after down", second.PID)
	}
	if _, ok, err := Running(dir, Registry); err != nil || ok {
		t.Errorf("running after down: expected nothing, found a registry (%v)", err)
	}
	if _, err := os.Stat(second.Layout.log()); err != nil {
		t.Errorf("the log is gone: %v", err)
	}
}

func up(ctx context.Context, t *testing.T, dir string) (r record, said string) {
	t.Helper()
	var progress bytes.Buffer
	if err := (Settings{Progress: &progress}).Up(ctx, dir, Registry); err != nil {
		t.Fatal(err)
	}
	records, err := readRecords(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 {
		t.Fatalf("records: expected the registry's, found %v", records)
	}
	return records[Registry], progress.String()
}

func TestDownSparesAProcessThatWasGivenThePidLater(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, string(Kafka))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	// Had Down believed the pid alone, it would end this very test.
	text := `{"PID": ` + strconv.Itoa(os.Getpid()) + `, "Started": "long ago"}`
	if err := os.WriteFile(recordFile(folder), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	if err := Down(t.Context(), dir, &said); err != nil {
		t.Fatal(err)
	}
	if said.String() != "nothing is up\n" {
		t.Errorf("down: expected it to find nothing, but it said %q", said.String())
	}
}
