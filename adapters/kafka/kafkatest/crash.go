package kafkatest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/IBM/sarama"

	"inventory/adapters/kafka"
)

// memberEnv makes a test binary a member of a group: its configuration in JSON.
const memberEnv = "INVENTORY_TEST_MEMBER"

// hangsAt is the record that the member never ends with: what is behind it in its partition is
// handled, and not marked.
var hangsAt = struct{ key, value string }{"t-7", "20"}

// BeMember makes this process a member that tells each record that it handles, until it is
// killed, where Groups started it for that; else it does nothing. For TestMain.
func BeMember() {
	written := os.Getenv(memberEnv)
	if written == "" {
		return
	}
	fmt.Fprintln(os.Stderr, beMember(written))
	os.Exit(1)
}

func beMember(written string) error {
	var cfg kafka.Config
	if err := json.Unmarshal([]byte(written), &cfg); err != nil {
		return err
	}
	r, err := kafka.NewRouter(kafka.RouterConfig{
		Kafka: cfg, Topics: []string{"t"}, DeadLetters: noLetters{}, Observer: &member{},
		Verdict: func(error) kafka.Verdict { return kafka.Verdict{} },
		Handle: func(ctx context.Context, _ string, rec kafka.Record) error {
			if string(rec.Key) == hangsAt.key && string(rec.Value) == hangsAt.value {
				<-ctx.Done()
				return ctx.Err()
			}
			_, err := fmt.Printf("%d %d\n", rec.Partition, rec.Offset)
			return err
		},
	})
	if err != nil {
		return err
	}
	return errors.Join(r.Run(context.Background()), errors.New("it has ended by itself"))
}

// place is where a record lies in a topic.
type place struct {
	partition int32
	offset    int64
}

// killed: a member dies, and another goes on from what was marked.
func killed(t *testing.T, g *group) {
	const n = 200 * keys
	g.topics, g.cfg.Window = []string{"t"}, n
	g.send("t", n)
	dead := g.runAndKill(func(handled int) bool { return handled > n/10 && len(g.committed()) > 0 })
	from := g.committed()
	var mu sync.Mutex
	first, again := map[int32]int64{}, 0
	g.join("", func(_ context.Context, _ string, rec kafka.Record) error {
		mu.Lock()
		defer mu.Unlock()
		if dead[place{rec.Partition, rec.Offset}] {
			again++
		}
		if at, ok := first[rec.Partition]; !ok || rec.Offset < at {
			first[rec.Partition] = rec.Offset
		}
		dead[place{rec.Partition, rec.Offset}] = true
		return nil
	})
	g.until("all handled", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(dead) == n
	})
	mu.Lock()
	defer mu.Unlock()
	for p, at := range first {
		if want := max(from[p], 0); at != want {
			t.Errorf("partition %d: resumed at %d, marked was %d", p, at, want)
		}
	}
	t.Logf("%d records handled again, of %d", again, n)
}

// runAndKill runs a member in a process of its own until enough says so, kills it, and
// returns what it has handled.
func (g *group) runAndKill(enough func(handled int) bool) map[place]bool {
	g.t.Helper()
	written, err := json.Marshal(g.cfg)
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), memberEnv+"="+string(written))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		g.t.Fatal(err)
	}
	handled, killed := map[place]bool{}, false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var p place
		if _, err := fmt.Sscan(lines.Text(), &p.partition, &p.offset); err != nil {
			g.t.Errorf("%q: %v", lines.Text(), err)
		}
		handled[p] = true
		if !killed && len(handled)%keys == 0 && enough(len(handled)) {
			killed = true
			_ = cmd.Process.Kill() // what it had written still comes
		}
	}
	if err := cmd.Wait(); !killed {
		g.t.Fatalf("the member ended by itself: %v", err)
	}
	return handled
}

// committed returns the group's offsets in topic t, by partition.
func (g *group) committed() map[int32]int64 {
	g.t.Helper()
	topic := g.cfg.Prefix + "t"
	var r *sarama.OffsetFetchResponse
	if err := (Topics{g.cfg.Brokers}).do(func(a sarama.ClusterAdmin) (err error) {
		r, err = a.ListConsumerGroupOffsets(g.cfg.Group, map[string][]int32{topic: {0, 1, 2, 3, 4, 5}})
		return err
	}); err != nil {
		g.t.Fatal(err)
	}
	offsets := map[int32]int64{}
	for p, b := range r.Blocks[topic] {
		if b.Offset > 0 {
			offsets[p] = b.Offset
		}
	}
	return offsets
}
