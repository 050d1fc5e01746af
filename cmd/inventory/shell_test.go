package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestEachLineIsAnsweredByOneLineInOrder(t *testing.T) {
	replies := ask(t, t.TempDir(),
		"# a comment, and a blank line", "",
		"warehouse put HCM south",
		"#a adjust HCM SKU-1 RECEIPT 10 --key k1 --reason 'first \"delivery\"'",
		"#b/2 reserve o-1 SKU-1=2 --ttl 30s",
		"reserve o-2 SKU-1=9",
		"#c nonsense",
		"stock SKU-1",
		"reserve o-3 'SKU-1=1",
	)
	ids := []any{nil, "a", "b/2", nil, "c", nil, nil}
	if len(replies) != len(ids) {
		t.Fatalf("answers: expected %d, found %v", len(ids), replies)
	}
	for i, id := range ids {
		if replies[i]["id"] != id {
			t.Errorf("answer %d: expected id %v, found %v", i, id, replies[i])
		}
	}
	if get(t, replies[2], "result", "status") != "HELD" || get(t, replies[2], "result", "expires_at") == nil {
		t.Errorf("reserve: %v", replies[2])
	}
	if get(t, replies[5], "result", "available") != 8.0 {
		t.Errorf("stock: %v", replies[5])
	}
	for i, code := range map[int]string{3: "INSUFFICIENT_STOCK", 4: "BAD_COMMAND", 6: "BAD_COMMAND"} {
		if get(t, replies[i], "error", "code") != code || get(t, replies[i], "error", "retry") != false {
			t.Errorf("answer %d: expected %s, found %v", i, code, replies[i])
		}
	}
	short := get(t, replies[3], "error", "shortages").([]any)
	if len(short) != 1 || fmt.Sprint(short[0]) != "map[available:8 requested:9 sku:SKU-1]" {
		t.Errorf("shortages: %v", short)
	}
}

func TestParallelLinesAreAllAnsweredAndOneUnitIsSoldOnce(t *testing.T) {
	lines := []string{}
	for n := range 50 {
		lines = append(lines, fmt.Sprintf("#%d reserve o-%d A=1", n, n))
	}
	dir := t.TempDir()
	ask(t, dir, "warehouse put W1 south", "adjust W1 A RECEIPT 1")
	out, errs, err := try(t, strings.Join(lines, "\n"), "shell", "--parallel=16", "--data-dir="+dir)
	if err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	answered, held := map[any]bool{}, 0
	for _, r := range decode(t, out) {
		answered[r["id"]] = true
		if r["result"] != nil {
			held++
		} else if code := get(t, r, "error", "code"); code != "INSUFFICIENT_STOCK" {
			t.Errorf("answer %v", r)
		}
	}
	if len(answered) != 50 || held != 1 {
		t.Errorf("expected 50 answers and one winner, found %d and %d", len(answered), held)
	}
}

func TestHelpListsHowEachCommandIsWritten(t *testing.T) {
	reply := ask(t, t.TempDir(), "help")[0]
	listed := fmt.Sprint(get(t, reply, "result", "commands"))
	for _, want := range []string{"warehouse put <warehouse> <region> [--rank", "adjust <warehouse> <sku> <type> <quantity> [--key KEY]", "reserve <order> <items> ...", "[--final]", "reconcile"} {
		if !strings.Contains(listed, want) {
			t.Errorf("expected %q in %s", want, listed)
		}
	}
}

func TestTheShellEndsInGoodOrderWhenItIsAskedTo(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	in, feed := io.Pipe()
	var out, errs output
	ended := make(chan error, 1)
	dir := "--data-dir=" + t.TempDir()
	go func() { ended <- run(ctx, []string{"shell", dir}, nil, in, &out, &errs) }()
	if _, err := io.WriteString(feed, "warehouse put W1 south\n"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool {
		return strings.Contains(out.String(), "W1") && strings.Contains(errs.String(), "ready: 5 ledgers owned")
	})
	end(errSignal) // while a read of stdin blocks
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := feed.Close(); err != nil {
		t.Error(err)
	}
	if out := must(t, "ledgers", "--json", dir); !strings.Contains(out, "this process") {
		t.Errorf("nobody can own the ledgers afterwards: %s", out)
	}
}

func TestALineThatIsTooLongEndsTheShellWithAnError(t *testing.T) {
	_, _, err := try(t, "stock "+strings.Repeat("A", maxLine), "shell", "--store=memory")
	if err == nil || !strings.Contains(err.Error(), "token too long") {
		t.Errorf("expected an error, found %v", err)
	}
}

// deaf is an output that breaks.
type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestTheShellEndsWhenNobodyHearsItsAnswers(t *testing.T) {
	in, feed := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- run(t.Context(), []string{"shell", "--store=memory"}, nil, in, deaf{}, io.Discard) }()
	if _, err := io.WriteString(feed, "warehouse list\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "broken pipe") {
		t.Errorf("expected an error, found %v", err)
	}
	if err := feed.Close(); err != nil {
		t.Error(err)
	}
}
