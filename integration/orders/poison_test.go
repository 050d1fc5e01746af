package orders

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"inventory/integration/service"
	"inventory/ports"
)

// poisons are values that can't be an order event, by the code that their dead letter has.
func poisons() map[string]struct {
	code  string
	value []byte
} {
	random := make([]byte, 300)
	chaos := rand.NewChaCha8([32]byte{7})
	_, _ = chaos.Read(random) // never fails
	random[0] = 'r'
	return map[string]struct {
		code  string
		value []byte
	}{
		"bad magic byte":  {"UNREADABLE", []byte{1, 0, 0, 0, 1, 2, 3}},
		"nothing":         {"UNREADABLE", nil},
		"unknown id":      {"UNKNOWN_SCHEMA", append([]byte{0, 0x7f, 0xff, 0xff, 0xfe}, "anything"...)},
		"random bytes":    {"UNREADABLE", random},
		"900 KB of zeros": {"UNKNOWN_SCHEMA", make([]byte, 900<<10)},
	}
}

func TestPoisonedRecordsNeitherBlockNorLoseGoodOnesOnTheEmbeddedDefault(t *testing.T) {
	poisonAndAudit(t, suite.Embedded(t, Hurried()...))
}

func TestPoisonedRecordsNeitherBlockNorLoseGoodOnesOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	poisonAndAudit(t, suite.OnServers(t, st, st, Hurried("--lease=1s")...))
}

func poisonAndAudit(t *testing.T, s *service.Site) {
	const good = 100
	m := newMarket(t, s, good)
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	sent := map[string][]byte{}
	m.mu.Lock()
	for name, poison := range poisons() {
		for _, topic := range ports.OrderEventTopics() {
			for n := range 8 { // so that most partitions have some
				key := fmt.Sprintf("%s %s %d", name, topic, n)
				sent[key] = poison.value
				m.sends.tell(map[string]any{
					"topic": s.Prefix + topic, "key": key, "raw": base64.StdEncoding.EncodeToString(poison.value),
					"headers": map[string]string{"from": "a test"},
				})
			}
		}
	}
	long := strings.Repeat("o", 1000)
	m.send(ports.OrderCreatedTopic, long, map[string]any{"items": []map[string]any{{"sku": sku(1), "quantity": 1}}})
	m.mu.Unlock()
	for n := range good {
		m.order(n)
	}
	m.Await()
	all := m.awaitLetters(append(slices.Collect(maps.Keys(sent)), long)...)
	for key, value := range sent {
		name, _, _ := strings.Cut(key, " "+ports.OrderEventTopics()[0])
		for _, topic := range ports.OrderEventTopics() {
			name, _, _ = strings.Cut(name, " "+topic)
		}
		h := all[key][0]
		checkLetter(t, h, value, poisons()[name].code)
		if h.Headers["from"] != "a test" {
			t.Errorf("%s: its own headers are gone: %v", key, h.Headers)
		}
	}
	if h := all[long][0]; h.Headers["dlq_code"] != "INVALID" {
		t.Errorf("an order id of 1,000 characters: dead letter %v", h.Headers)
	}
	m.audit(p)
}

func checkLetter(t *testing.T, h heard, value []byte, code string) {
	t.Helper()
	if !bytes.Equal(h.Raw, value) {
		t.Errorf("%s: the dead letter has %d bytes, %d were sent, or others", h.Key, len(h.Raw), len(value))
	}
	if h.Headers["dlq_code"] != code || h.Headers["dlq_topic"]+".dlq" != h.Topic || h.Headers["dlq_offset"] == "" {
		t.Errorf("%s: the dead letter says %v, code %s expected", h.Key, h.Headers, code)
	}
}
