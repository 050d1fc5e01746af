package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"inventory/ports"
)

func TestABusyPortIsNamedTogetherWithTheFlagThatChoosesAnother(t *testing.T) {
	first := startBroker(t, BrokerConfig{})
	_, err := StartBroker(t.Context(), BrokerConfig{Addr: first.Addr()})
	_, port, _ := net.SplitHostPort(first.Addr())
	if !errors.Is(err, ports.ErrPermanent) {
		t.Fatalf("%v, expected ports.ErrPermanent", err)
	}
	for _, part := range []string{"port " + port + " is in use", "lsof -nP -iTCP:" + port, "--kafka-addr"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v\ndoes not say %q", err, part)
		}
	}
}

func TestAnAddressThatClientsCouldNotUseIsRefused(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "9092", "127.0.0.1", "127.0.0.1:http-or-so"} {
		b, err := StartBroker(t.Context(), BrokerConfig{Addr: addr})
		if err == nil {
			t.Errorf("%s: started", addr)
			_ = b.Close()
		} else if !strings.Contains(err.Error(), "--kafka-addr") {
			t.Errorf("%s: %v does not name the flag", addr, err)
		}
	}
}

func TestClientsAreToldTheAddressThatWasAskedFor(t *testing.T) {
	b := startBroker(t, BrokerConfig{})
	client := franz(t, b.Addr())
	resp, err := kmsg.NewPtrMetadataRequest().RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	told := fmt.Sprintf("%s:%d", resp.Brokers[0].Host, resp.Brokers[0].Port)
	if len(resp.Brokers) != 1 || told != b.Addr() {
		t.Errorf("told %s (%d brokers), expected %s", told, len(resp.Brokers), b.Addr())
	}
}

func TestTopicsAreNeverMadeByAccident(t *testing.T) {
	b := startBroker(t, BrokerConfig{})
	client := franz(t, b.Addr(), kgo.AllowAutoTopicCreation(), kgo.UnknownTopicRetries(1))
	err := client.ProduceSync(within(t, 10*time.Second), &kgo.Record{Topic: "typo", Value: []byte("x")}).FirstErr()
	if !errors.Is(err, kerr.UnknownTopicOrPartition) {
		t.Errorf("franz-go: %v", err)
	}
	config := saramaConfig()
	config.Metadata.Retry.Max, config.Producer.Retry.Max = 1, 1
	producer, err := sarama.NewSyncProducer([]string{b.Addr()}, config)
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	if _, _, err := producer.SendMessage(&sarama.ProducerMessage{Topic: "typo", Value: sarama.StringEncoder("x")}); !errors.Is(err, sarama.ErrUnknownTopicOrPartition) {
		t.Errorf("sarama: %v", err)
	}
	if topics := topicsOf(t, b.Addr()); len(topics) > 0 {
		t.Errorf("topics %v, expected none", topics)
	}
}

func TestTopicsGetTwelvePartitionsUnlessTheirCreatorSaysOtherwise(t *testing.T) {
	b := startBroker(t, BrokerConfig{})
	createTopic(t, b.Addr(), "plain", -1, nil)
	createTopic(t, b.Addr(), "three", 3, nil)
	if topics := topicsOf(t, b.Addr()); topics["plain"] != 12 || topics["three"] != 3 {
		t.Errorf("topics %v", topics)
	}
}

func TestTopicsThatKafkaWouldRefuseAreRefused(t *testing.T) {
	b := startBroker(t, BrokerConfig{})
	for name, want := range map[string]error{"a/b": kerr.InvalidTopicException, "": kerr.InvalidTopicException, "..": kerr.InvalidTopicException} {
		if err := tryCreateTopic(t, b.Addr(), name, 1, nil); !errors.Is(err, want) {
			t.Errorf("%q: %v, expected %v", name, err, want)
		}
	}
	for range 2 { // the guard stays in place after it has refused one
		if err := tryCreateTopic(t, b.Addr(), "big", 1_000_000, nil); !errors.Is(err, kerr.InvalidPartitions) {
			t.Errorf("a million partitions: %v", err)
		}
	}
}

func TestWhatIsNotAKafkaClientIsTurnedAwayAndDoesNoHarm(t *testing.T) {
	var mu sync.Mutex
	var warned []string
	b := startBroker(t, BrokerConfig{Warn: func(m string) { mu.Lock(); defer mu.Unlock(); warned = append(warned, m) }})
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, err := client.Get("http://" + b.Addr()); err == nil {
		resp.Body.Close()
		t.Error("answered HTTP")
	} else if strings.Contains(err.Error(), "Timeout") {
		t.Error("left an HTTP client waiting")
	}
	for name, request := range map[string][]byte{
		"unknown key": {0, 0, 0, 10, 0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff},
		"too short":   {0, 0, 0, 2, 0, 3, 0, 0, 0, 0},
	} {
		conn, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, conn); n > 0 || errors.Is(err, errTimeout(err)) {
			t.Errorf("%s: %d bytes, %v", name, n, err)
		}
		conn.Close()
	}
	createTopic(t, b.Addr(), "still-there", 1, nil)
	mu.Lock()
	defer mu.Unlock()
	if len(warned) != 3 || !strings.Contains(warned[0], "is it a Kafka client") {
		t.Errorf("warned %q", warned)
	}
}

func errTimeout(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return err
	}
	return errors.New("no time-out")
}

func TestTopicsRecordsAndOffsetsAreThereAfterARestart(t *testing.T) {
	for name, cfg := range map[string]BrokerConfig{"by default": {}, "with fsync": {Fsync: true}} {
		t.Run(name, func(t *testing.T) {
			cfg.DataDir = filepath.Join(t.TempDir(), "broker")
			restartAndCompare(t, cfg)
		})
	}
}

func restartAndCompare(t *testing.T, cfg BrokerConfig) {
	t.Helper()
	first := startBroker(t, cfg)
	createTopic(t, first.Addr(), "orders", 3, map[string]string{"cleanup.policy": "delete"})
	for i := range 30 {
		produce(t, first.Addr(), &kgo.Record{Topic: "orders", Key: fmt.Append(nil, i), Value: fmt.Append(nil, "v", i)})
	}
	if err := commitOffset(t.Context(), committer(t, first.Addr()), 1, 7); err != nil {
		t.Fatal(err)
	}
	before := consumeAll(t, first.Addr(), "orders")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := startBroker(t, cfg)
	if got := contents(consumeAll(t, second.Addr(), "orders")); len(before) != 30 || !slices.Equal(got, contents(before)) {
		t.Errorf("%v\nexpected\n%v", got, contents(before))
	}
	if got := committed(t, second.Addr(), 1); got != 7 {
		t.Errorf("committed %d, expected 7", got)
	}
}

func contents(records []*kgo.Record) []string {
	var all []string
	for _, r := range records {
		all = append(all, fmt.Sprintf("%d/%d %s=%s", r.Partition, r.Offset, r.Key, r.Value))
	}
	slices.Sort(all)
	return all
}

func TestADataDirectoryThatCannotBeReadIsNamed(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "meta.json"), []byte("{"))
	_, err := StartBroker(t.Context(), BrokerConfig{Addr: "127.0.0.1:0", DataDir: dir})
	if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "meta.json") {
		t.Errorf("%v", err)
	}
}

func TestRecordsUpToKafkasLimitPassAndLargerOnesAreRefused(t *testing.T) {
	b := startBroker(t, BrokerConfig{})
	createTopic(t, b.Addr(), "large", 1, nil)
	client := franz(t, b.Addr(), kgo.ProducerBatchMaxBytes(2<<20), kgo.ProducerBatchCompression(kgo.NoCompression()))
	ctx := within(t, 10*time.Second)
	fits := &kgo.Record{Topic: "large", Value: bytes.Repeat([]byte("x"), 1<<20-200)}
	if err := client.ProduceSync(ctx, fits).FirstErr(); err != nil {
		t.Error(err)
	}
	large := &kgo.Record{Topic: "large", Value: bytes.Repeat([]byte("x"), 1<<20+200)}
	if err := client.ProduceSync(ctx, large).FirstErr(); !errors.Is(err, kerr.MessageTooLarge) {
		t.Errorf("%v, expected MESSAGE_TOO_LARGE", err)
	}
}
