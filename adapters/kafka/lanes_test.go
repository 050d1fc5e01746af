package kafka

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
)

// claimed is a partition without a broker, and what it told.
type claimed struct {
	*partition
	t      *testing.T
	out    chan *message.Message
	mu     sync.Mutex
	marked []int64
	lanes  int
	next   int64
}

func claim(t *testing.T, change ...func(*Config)) *claimed {
	c := &claimed{t: t, out: make(chan *message.Message)}
	cfg := validConfig()
	for _, f := range change {
		f(&cfg)
	}
	mark := func(next int64) { c.locked(func() { c.marked = append(c.marked, next) }) }
	busy := func(delta int) { c.locked(func() { c.lanes += delta }) }
	c.partition = newPartition(t.Context(), cfg, c.out, mark, busy)
	return c
}

func (c *claimed) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

// arrive brings records with the given keys, offsets from 0.
func (c *claimed) arrive(keys ...string) {
	c.t.Helper()
	for _, key := range keys {
		m := &sarama.ConsumerMessage{Topic: "t", Offset: c.next, Value: []byte(strconv.FormatInt(c.next, 10))}
		if key != "" {
			m.Key = []byte(key)
		}
		if !c.take(c.t.Context().Done(), m) {
			c.t.Fatal("not taken")
		}
		c.next++
	}
}

// receive returns the messages that come without anything being acked, by their values.
func (c *claimed) receive() map[string]*message.Message {
	got := map[string]*message.Message{}
	for {
		synctest.Wait()
		select {
		case m := <-c.out:
			got[string(m.Payload)] = m
		default:
			return got
		}
	}
}

func (c *claimed) lastMarked() int64 {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.marked) == 0 {
		return -1
	}
	return c.marked[len(c.marked)-1]
}

// otherLane gives a key that has a lane of its own beside those of others.
func (c *claimed) otherLane(others ...string) string {
	for i := 0; ; i++ {
		key := "key-" + strconv.Itoa(i)
		free := true
		for _, o := range others {
			free = free && c.laneOf([]byte(key)) != c.laneOf([]byte(o))
		}
		if free {
			return key
		}
	}
}

func TestAcksOutOfOrderMarkOnlyWhatIsDoneWithoutAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		a := c.otherLane()
		b := c.otherLane(a)
		d := c.otherLane(a, b)
		c.arrive(a, b, d)
		got := c.receive()
		got["2"].Ack()
		got["1"].Ack()
		if n := c.lastMarked(); n != -1 {
			t.Errorf("marked %d with the first record in flight", n)
		}
		got["0"].Ack()
		if n := c.lastMarked(); n != 3 {
			t.Errorf("marked %d, want 3", n)
		}
		if c.lanes != 0 {
			t.Errorf("%d lanes in use with nothing to do", c.lanes)
		}
		c.drain(time.Second)
	})
}

func TestANackedMessageComesAgainAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		a := c.otherLane()
		b := c.otherLane(a)
		c.arrive(a, a, b)
		got := c.receive()
		if len(got) != 2 {
			t.Fatalf("came at first: %v, want 0 and 2", got)
		}
		got["2"].Ack()
		again, pause := got["0"], time.Duration(0)
		for range 12 {
			again.Nack()
			began := time.Now()
			again = <-c.out
			pause = time.Since(began)
			if string(again.Payload) != "0" || pause < DefaultNackPause/2 || pause > DefaultNackPause*nackGrowth {
				t.Fatalf("%s came after %v", again.Payload, pause)
			}
		}
		if pause < time.Second {
			t.Errorf("after many nacks it comes again after %v already", pause)
		}
		again.Ack()
		(<-c.out).Ack()
		if n := c.lastMarked(); n != 3 {
			t.Errorf("marked %d, want 3", n)
		}
		c.drain(time.Second)
	})
}

func TestRecordsWithTheSameKeyStayInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		for i := range 1000 {
			c.arrive("key-" + strconv.Itoa(i%7))
		}
		last := map[string]int{}
		for range 1000 {
			m := <-c.out
			r, ok := RecordOf(m.Context())
			if !ok {
				t.Fatal("no record")
			}
			key, n := string(r.Key), int(r.Offset)
			if before, ok := last[key]; ok && n <= before {
				t.Fatalf("%s: %d after %d", key, n, before)
			}
			last[key] = n
			m.Ack()
		}
		if n := c.lastMarked(); n != 1000 {
			t.Errorf("marked %d, want 1000", n)
		}
		c.drain(time.Second)
	})
}

func TestRecordsWithoutAKeyShareOneLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		c.arrive("", "", "")
		for _, want := range []string{"0", "1", "2"} {
			got := c.receive()
			if len(got) != 1 || got[want] == nil {
				t.Fatalf("in flight at once: %v, want only %s", got, want)
			}
			got[want].Ack()
		}
		c.drain(time.Second)
	})
}

func TestARecordThatIsNeverDoneHoldsUpOthersOnlyAtTheBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t, func(cfg *Config) { cfg.Window = 100; cfg.Lanes = 8 })
		stuck := c.otherLane()
		other := c.otherLane(stuck)
		c.arrive(stuck)
		held := <-c.out
		for range 99 {
			c.arrive(other)
			(<-c.out).Ack()
		}
		var taken sync.WaitGroup
		taken.Go(func() { c.arrive(other) })
		if got := c.receive(); len(got) != 0 {
			t.Errorf("beyond the bound came %v", got)
		}
		held.Ack()
		(<-c.out).Ack()
		taken.Wait()
		if n := c.lastMarked(); n != 101 {
			t.Errorf("marked %d, want 101", n)
		}
		c.drain(time.Second)
	})
}

func TestWhatIsInFlightMayFinishWhenAPartitionGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		a := c.otherLane()
		b := c.otherLane(a)
		c.arrive(a, a, b)
		got := c.receive()
		var drained sync.WaitGroup
		drained.Go(func() { c.drain(time.Second) })
		synctest.Wait()
		<-stoppingOf(got["0"].Context())
		if err := got["0"].Context().Err(); err != nil {
			t.Errorf("no time to finish: %v", err)
		}
		got["0"].Ack()
		if n := c.lastMarked(); n != 1 {
			t.Errorf("marked %d, want 1", n)
		}
		began := time.Now()
		drained.Wait()
		if took := time.Since(began); took != time.Second {
			t.Errorf("drained after %v, want 1s", took)
		}
		if got["2"].Context().Err() == nil {
			t.Error("the handler of what is not done was not told")
		}
		got["2"].Ack()
		if n := c.lastMarked(); n != 1 {
			t.Errorf("marked %d after the partition went", n)
		}
	})
}

func TestKeysOfOnePartitionSpreadOverAllLanes(t *testing.T) {
	c := claim(t)
	defer c.drain(0)
	p := sarama.NewMurmur2Partitioner("t")
	const perLane = 100
	counts := make([]int, DefaultLanes+1)
	for i, n := 0, 0; n < perLane*DefaultLanes; i++ {
		key := fmt.Sprintf("order-%08d", i)
		at, err := p.Partition(&sarama.ProducerMessage{Key: sarama.StringEncoder(key)}, DefaultPartitions)
		if err != nil {
			t.Fatal(err)
		}
		if at == 3 {
			counts[c.laneOf([]byte(key))]++
			n++
		}
	}
	for lane, n := range counts[:DefaultLanes] {
		if n < perLane/2 || n > perLane*2 {
			t.Errorf("lane %d has %d of about %d keys", lane, n, perLane)
		}
	}
	if counts[DefaultLanes] != 0 {
		t.Error("keys fell in the lane of records without one")
	}
}

func TestAMessageHasItsRecordAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := claim(t)
		at := time.UnixMilli(1_700_000_000_123)
		in := &sarama.ConsumerMessage{
			Topic: "t", Partition: 3, Offset: 42, Timestamp: at, Key: []byte("k"), Value: []byte{0, 255},
			Headers: []*sarama.RecordHeader{
				{Key: []byte("b"), Value: []byte("1")},
				{Key: []byte("a"), Value: []byte{0xff}},
				{Key: []byte("b"), Value: nil},
				{Key: []byte(idHeader), Value: []byte("id")},
			},
		}
		c.take(t.Context().Done(), in)
		m := <-c.out
		r, ok := RecordOf(m.Context())
		if !ok || r.Topic != "t" || r.Partition != 3 || r.Offset != 42 || !r.Timestamp.Equal(at) || string(r.Key) != "k" || string(r.Value) != "\x00\xff" {
			t.Errorf("got %+v", r)
		}
		want := []Header{{"b", []byte("1")}, {"a", []byte{0xff}}, {"b", nil}, {idHeader, []byte("id")}}
		if fmt.Sprint(r.Headers) != fmt.Sprint(want) {
			t.Errorf("headers: got %v, want %v", r.Headers, want)
		}
		if m.UUID != "id" || m.Metadata.Get("a") != "\xff" || m.Metadata.Get("b") != "" {
			t.Errorf("message: %q, %v", m.UUID, m.Metadata)
		}
		if _, ok := RecordOf(context.Background()); ok {
			t.Error("a record out of nowhere")
		}
		m.Ack()
		synctest.Wait()
		if m.Context().Err() == nil {
			t.Error("the context goes on after the ack")
		}
		c.drain(time.Second)
	})
}

func TestOnlyAValidTraceIsPassedOn(t *testing.T) {
	const valid = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for name, tt := range map[string]struct {
		headers []Header
		want    string
	}{
		"valid":          {[]Header{{"x", nil}, {"traceparent", []byte(valid)}}, valid},
		"none":           {nil, ""},
		"two":            {[]Header{{"traceparent", []byte(valid)}, {"traceparent", []byte(valid)}}, ""},
		"upper case":     {[]Header{{"traceparent", []byte("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")}}, ""},
		"version ff":     {[]Header{{"traceparent", []byte("ff" + valid[2:])}}, ""},
		"no trace id":    {[]Header{{"traceparent", []byte("00-00000000000000000000000000000000-00f067aa0ba902b7-01")}}, ""},
		"no parent id":   {[]Header{{"traceparent", []byte("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")}}, ""},
		"too long":       {[]Header{{"traceparent", []byte(valid + "-x")}}, ""},
		"too short":      {[]Header{{"traceparent", []byte(valid[:54])}}, ""},
		"no hexadecimal": {[]Header{{"traceparent", []byte("00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01")}}, ""},
		"no dashes":      {[]Header{{"traceparent", []byte("0004bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b7-0101")}}, ""},
	} {
		if got := TraceOf(Record{Headers: tt.headers}); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
