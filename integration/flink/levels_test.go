package flink

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/ports"
	"inventory/schemas"
)

// level is a value of the topic of stock levels.
type level struct {
	SKU        string    `avro:"sku"`
	Warehouse  string    `avro:"warehouse_id"`
	Region     string    `avro:"region"`
	OnHand     int64     `avro:"on_hand"`
	Held       int64     `avro:"held"`
	Available  int64     `avro:"available"`
	Version    int64     `avro:"version"`
	OccurredAt time.Time `avro:"occurred_at"`
}

// total is a value of the topic of totals.
type total struct {
	SKU       string    `avro:"sku"`
	Region    string    `avro:"region"`
	OnHand    int64     `avro:"on_hand"`
	Held      int64     `avro:"held"`
	Available int64     `avro:"available"`
	Version   int64     `avro:"version"`
	AsOf      time.Time `avro:"as_of"`
}

// market makes up stock levels and knows what they come to.
type market struct {
	random   *rand.Rand
	versions []int64          // of the warehouses' ledgers
	newest   map[string]level // by SKU and warehouse
	said     []level
}

const (
	skus       = 20
	warehouses = 5
)

func newMarket(t *testing.T) *market {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return &market{random: rand.New(rand.NewPCG(seed, seed)), versions: make([]int64, warehouses), newest: map[string]level{}}
}

// change gives the next level of some SKU in some warehouse.
func (m *market) change() level {
	w := m.random.IntN(warehouses)
	m.versions[w] += 1 + m.random.Int64N(3)
	l := level{
		SKU: fmt.Sprintf("SKU-%02d", m.random.IntN(skus)), Warehouse: fmt.Sprintf("W%d", w), Region: []string{"north", "south"}[w%2],
		OnHand: m.random.Int64N(1000), Held: m.random.Int64N(1100), Version: m.versions[w],
		OccurredAt: time.UnixMilli(1_790_000_000_000 + m.versions[w] + m.random.Int64N(100)).UTC(),
	}
	l.Available = max(0, l.OnHand-l.Held)
	m.newest[l.SKU+":"+l.Warehouse] = l
	m.said = append(m.said, l)
	return l
}

// tell gives some changes as they come to a reader: some again, long after newer ones.
func (m *market) tell() []level {
	told := make([]level, 0, changes)
	for range changes {
		told = append(told, m.change())
		if m.random.IntN(5) == 0 {
			told = append(told, m.said[m.random.IntN(len(m.said))])
		}
	}
	// Those of one partition keep their order, those of several do not: neighbours change places.
	for i := 1; i < len(told); i++ {
		if m.random.IntN(4) == 0 {
			told[i-1], told[i] = told[i], told[i-1]
		}
	}
	return told
}

// totals folds the newest levels, by SKU and region.
func (m *market) totals() map[string]total {
	sums := map[string]total{}
	for _, l := range m.newest {
		key := l.SKU + ":" + l.Region
		sum := sums[key]
		sum.SKU, sum.Region = l.SKU, l.Region
		sum.OnHand, sum.Held, sum.Available = sum.OnHand+l.OnHand, sum.Held+l.Held, sum.Available+l.Available
		sum.Version += l.Version
		if l.OccurredAt.After(sum.AsOf) {
			sum.AsOf = l.OccurredAt
		}
		sums[key] = sum
	}
	return sums
}

// wire is a published schema and what every value that is written with it begins with.
type wire struct {
	schema *avro.Schema
	header []byte
}

func (s *site) wire(t *testing.T, topic string) wire {
	t.Helper()
	subject := schemas.Avro()[topic]
	_, text := subject.Newest()
	id, err := s.registry.IDOf(t.Context(), subject.Name(s.prefix), text)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := avro.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return wire{schema, binary.BigEndian.AppendUint32([]byte{0}, uint32(id))}
}

// send writes levels to Kafka and returns when it has them all.
func (s *site) send(t *testing.T, levels []level) {
	t.Helper()
	records := make([]*kgo.Record, 0, len(levels))
	for _, l := range levels {
		value, err := s.levels.schema.AppendEncode(s.levels.header[:5:5], l)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, &kgo.Record{Topic: s.prefix + ports.StockLevelTopic, Key: []byte(l.SKU + ":" + l.Warehouse), Value: value})
	}
	if err := s.kafka.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}
