package embedded

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// child is a broker in another process.
type child struct {
	addr string
	cmd  *exec.Cmd
}

func startChild(t testing.TB, dir string, env ...string) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(append(os.Environ(), childDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &child{cmd: cmd}
	t.Cleanup(c.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.HasPrefix(line, "error") {
		t.Fatalf("child: %s %v", line, err)
	}
	c.addr = strings.TrimSpace(line)
	return c
}

// kill ends the child as `kill -9` does, and waits until it has ended.
func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// acked is what the broker has acknowledged.
type acked struct {
	mu       sync.Mutex
	records  map[string]string // value by "partition/offset"
	count    atomic.Int64
	commit   atomic.Int64
	finished sync.WaitGroup
}

func TestWhateverWasAcknowledgedIsThereAfterKill9(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "broker")
	acks := &acked{records: make(map[string]string)}
	rounds := 4
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		broker := startChild(t, dir)
		if round == 0 {
			createTopic(t, broker.addr, "orders", 3, nil)
		} else {
			checkAcked(t, broker.addr, acks)
		}
		killWhileProducing(t, broker, acks, round)
	}
	// Once more, in this process.
	b := startBroker(t, BrokerConfig{DataDir: dir})
	checkAcked(t, b.Addr(), acks)
	produce(t, b.Addr(), &kgo.Record{Topic: "orders", Value: []byte("one more")})
	t.Logf("%d records and offset %d were acknowledged, over %d kills", acks.count.Load(), acks.commit.Load(), rounds)
}

func killWhileProducing(t *testing.T, broker *child, acks *acked, round int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	enough := make(chan struct{})
	var once sync.Once
	goal := acks.count.Load() + 1500
	client, commits := franz(t, broker.addr), committer(t, broker.addr)
	for worker := range 16 {
		acks.finished.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				acks.produce(ctx, client, fmt.Sprintf("round %d worker %d record %d %s", round, worker, i, strings.Repeat("x", 900)))
				if acks.count.Load() >= goal && acks.commit.Load() > 0 {
					once.Do(func() { close(enough) })
				}
			}
		})
	}
	acks.finished.Go(func() {
		for ctx.Err() == nil {
			next := acks.commit.Load() + 1
			if commitOffset(ctx, commits, 0, next) == nil {
				acks.commit.Store(next)
			}
		}
	})
	select {
	case <-enough:
	case <-ctx.Done():
		t.Error("too slow")
	}
	broker.kill()
	cancel()
	commits.Close()
	client.Close() // ends what is under way: an idempotent producer would try for ever
	acks.finished.Wait()
}

func (a *acked) produce(ctx context.Context, client *kgo.Client, value string) {
	r, err := client.ProduceSync(ctx, &kgo.Record{Topic: "orders", Key: []byte(value[:24]), Value: []byte(value)}).First()
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.records[fmt.Sprintf("%d/%d", r.Partition, r.Offset)] = value
	a.count.Add(1)
}

func checkAcked(t *testing.T, addr string, acks *acked) {
	t.Helper()
	found := make(map[string]string)
	for _, r := range consumeAll(t, addr, "orders") {
		found[fmt.Sprintf("%d/%d", r.Partition, r.Offset)] = string(r.Value)
	}
	missing := 0
	for at, value := range acks.records {
		if found[at] != value {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d acknowledged records are missing or elsewhere", missing, len(acks.records))
	}
	if got := committed(t, addr, 0); got < acks.commit.Load() {
		t.Errorf("committed offset %d, but %d was acknowledged", got, acks.commit.Load())
	}
}
