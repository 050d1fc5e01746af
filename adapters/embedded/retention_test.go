package embedded

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestWhatIsTooOldOrTooMuchGoesButNeverTheFileThatIsWritten(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	at := func(base, bytes int64, age time.Duration) segment {
		return segment{base: base, bytes: bytes, modified: now.Add(-age)}
	}
	segments := []segment{at(0, 10, 5*time.Hour), at(100, 10, 3*time.Hour), at(200, 10, time.Hour), at(300, 10, 0)}
	for _, c := range []struct {
		name      string
		keep      keep
		segments  []segment
		wantStart int64
		wantEarly bool
	}{
		{"everything is kept", keep{-1, -1}, segments, 0, false},
		{"nothing is too old", keep{6 * time.Hour, -1}, segments, 0, false},
		{"two are too old", keep{2 * time.Hour, -1}, segments, 200, false},
		{"all are too old", keep{0, -1}, segments, 300, false},
		{"as much as is kept", keep{-1, 30}, segments, 0, false},
		{"one byte too much", keep{6 * time.Hour, 29}, segments, 100, true},
		{"much too much", keep{6 * time.Hour, 0}, segments, 300, true},
		{"too much of what is too old anyway", keep{4 * time.Hour, 25}, segments, 100, false},
		{"one file", keep{0, 0}, segments[:1], 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			start, early := startOf(c.segments, c.keep, now)
			if start != c.wantStart || early != c.wantEarly {
				t.Errorf("start %d, early %t, expected %d, %t", start, early, c.wantStart, c.wantEarly)
			}
		})
	}
}

// fill writes 40 records of 1 KB, one batch each, to a topic with one partition.
func fill(t *testing.T, addr, topic string, keys int) {
	t.Helper()
	client := franz(t, addr, kgo.ProducerBatchCompression(kgo.NoCompression()))
	for i := range 40 {
		r := &kgo.Record{Topic: topic, Key: fmt.Append(nil, "key-", i%keys), Value: fmt.Appendf(nil, "%d %s", i, bytes.Repeat([]byte("x"), 1000))}
		if err := client.ProduceSync(within(t, 10*time.Second), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOldRecordsAreRemovedAndOffsetsGoOnAfterARestart(t *testing.T) {
	var mu sync.Mutex
	var warned []string
	cfg := BrokerConfig{
		DataDir: filepath.Join(t.TempDir(), "broker"), segmentBytes: 4 << 10, RetentionBytes: 8 << 10, retentionTick: 10 * time.Millisecond,
		Warn: func(m string) { mu.Lock(); defer mu.Unlock(); warned = append(warned, m) },
	}
	b := startBroker(t, cfg)
	createTopic(t, b.Addr(), "orders", 1, nil)
	createTopic(t, b.Addr(), "levels", 1, map[string]string{"cleanup.policy": "compact"})
	createTopic(t, b.Addr(), "aged", 1, map[string]string{"retention.ms": "0", "retention.bytes": "-1"})
	for _, topic := range []string{"orders", "levels", "aged"} {
		fill(t, b.Addr(), topic, 40)
	}
	ctx := within(t, 10*time.Second)
	for startsOf(t, b.Addr(), "orders")[0] < 20 || startsOf(t, b.Addr(), "aged")[0] < 30 {
		if ctx.Err() != nil {
			t.Fatalf("orders begins at %v, aged at %v", startsOf(t, b.Addr(), "orders"), startsOf(t, b.Addr(), "aged"))
		}
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = startBroker(t, cfg)
	for topic, least := range map[string]int{"orders": 8, "levels": 40, "aged": 1} {
		ends, _ := offsetsOf(t, b.Addr(), topic)
		if got := len(consumeAll(t, b.Addr(), topic)); got < least || ends[0] != 40 {
			t.Errorf("%s: %d records, expected at least %d; the next offset is %d, expected 40", topic, got, least, ends[0])
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.ContainsFunc(warned, func(m string) bool { return strings.Contains(m, "orders, partition 0: removed records") }) {
		t.Errorf("warned %q, expected to hear of records that went early", warned)
	}
}

func TestACompactedTopicKeepsTheNewestRecordOfEachKey(t *testing.T) {
	for _, end := range []string{"closed", "killed"} {
		t.Run(end, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "broker")
			cfg := BrokerConfig{DataDir: dir, segmentBytes: 4 << 10}
			b := startBroker(t, cfg)
			createTopic(t, b.Addr(), "levels", 1, map[string]string{"cleanup.policy": "compact"})
			createTopic(t, b.Addr(), "orders", 1, nil)
			fill(t, b.Addr(), "levels", 4)
			fill(t, b.Addr(), "orders", 4)
			before := consumeAll(t, b.Addr(), "levels")
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			if end == "killed" { // as it would find the files
				if err := os.Remove(filepath.Join(dir, "partitions", "levels-0", "snapshot.json")); err != nil {
					t.Fatal(err)
				}
			}
			b = startBroker(t, cfg)
			after := consumeAll(t, b.Addr(), "levels")
			if len(after) >= 10 || len(before) != 40 {
				t.Errorf("%d of %d records are left", len(after), len(before))
			}
			if got, want := newestOf(after), newestOf(before); len(want) != 4 || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("newest %v, expected %v", got, want)
			}
			if ends, _ := offsetsOf(t, b.Addr(), "levels"); ends[0] != 40 {
				t.Errorf("the next offset is %d, expected 40", ends[0])
			}
			if got := len(consumeAll(t, b.Addr(), "orders")); got != 40 {
				t.Errorf("a topic that is not compacted has %d records, expected 40", got)
			}
		})
	}
}

// newestOf is the offset of each key's newest record.
func newestOf(records []*kgo.Record) map[string]int64 {
	newest := make(map[string]int64)
	for _, r := range records {
		newest[string(r.Key)] = max(newest[string(r.Key)], r.Offset)
	}
	return newest
}

func TestCompactionRewritesBatchesWhoseRecordsAreOnlyPartlyNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "broker")
	cfg := BrokerConfig{DataDir: dir, segmentBytes: 1}
	b := startBroker(t, cfg)
	createTopic(t, b.Addr(), "levels", 1, map[string]string{"cleanup.policy": "compact"})
	client := franz(t, b.Addr(), kgo.ProducerLinger(50*time.Millisecond), kgo.ProducerBatchCompression(kgo.SnappyCompression()))
	for round := range 3 { // a file each, of one batch
		records := []*kgo.Record{{Topic: "levels", Key: []byte("same"), Value: fmt.Append(nil, round)}, {Topic: "levels", Key: fmt.Append(nil, "only-", round), Value: fmt.Append(nil, round)}}
		if err := client.ProduceSync(within(t, 10*time.Second), records...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	// Records that delete their key go after a day, except from the newest file.
	for range 2 {
		gone := &kgo.Record{Topic: "levels", Key: []byte("gone"), Timestamp: time.Now().Add(-2 * tombstoneAge)}
		if err := client.ProduceSync(within(t, 10*time.Second), gone).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = startBroker(t, cfg)
		client = franz(t, b.Addr())
	}
	got := strings.Join(contents(consumeAll(t, b.Addr(), "levels")), " ")
	if want := "0/1 only-0=0 0/3 only-1=1 0/4 same=2 0/5 only-2=2 0/7 gone="; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
}
