package capture

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/app/relay"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/integration/service"
	"inventory/ports"
)

// patience bounds each wait, far above what is normal.
const patience = 60 * time.Second

// said is a public event as it was published.
type said struct {
	topic, key, id string
}

// ages are how long after their entries events were published for the first time.
type ages []time.Duration

func (a ages) String() string {
	if len(a) == 0 {
		return "none"
	}
	slices.Sort(a)
	return fmt.Sprintf("p50 %s, p99 %s, most %s of %d", a[len(a)/2], a[len(a)*99/100], a[len(a)-1], len(a))
}

// listener hears all public events.
type listener struct {
	t      *testing.T
	prefix string
	client *kgo.Client
	end    context.CancelFunc
	done   chan struct{}

	mu    sync.Mutex
	heard []said
	seen  map[string]bool // topic and key
	ages  ages            // since they were told last
	ids   map[string]bool
}

// listen begins to hear what ledgers publish on a site, from the first event on. Totals are no
// ledger's.
func listen(t *testing.T, s *service.Site) *listener {
	t.Helper()
	l := &listener{t: t, prefix: s.Prefix, done: make(chan struct{}), seen: map[string]bool{}, ids: map[string]bool{}}
	var topics []string
	for _, topic := range ports.PublicEventTopics() {
		if topic != ports.GlobalStockTopic {
			topics = append(topics, s.Prefix+topic)
		}
	}
	var err error
	l.client, err = kgo.NewClient(kgo.SeedBrokers(strings.Split(s.Brokers, ",")...), kgo.ConsumeTopics(topics...),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	l.end = end
	go l.run(ctx)
	t.Cleanup(l.stop)
	return l
}

func (l *listener) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		l.client.PollFetches(ctx).EachRecord(func(r *kgo.Record) {
			one := said{topic: strings.TrimPrefix(r.Topic, l.prefix), key: string(r.Key)}
			var occurred time.Time
			for _, h := range r.Headers {
				switch h.Key {
				case "ce_id":
					one.id = string(h.Value)
				case "ce_time":
					occurred, _ = time.Parse(time.RFC3339, string(h.Value))
				}
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.heard = append(l.heard, one)
			if !l.ids[one.id] {
				l.ids[one.id] = true
				l.ages = append(l.ages, r.Timestamp.Sub(occurred))
			}
			l.seen[one.topic+" "+one.key] = true
		})
	}
}

func (l *listener) stop() {
	l.end()
	<-l.done
	l.client.Close()
}

// tellAges prints the ages of what was heard since the last call.
func (l *listener) tellAges(what string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.t.Logf("%s: published after %s", what, l.ages)
	l.ages = nil
}

// await waits until each order was told to be held.
func (l *listener) await(orders ...string) {
	l.t.Helper()
	waitUntil(l.t, func() (waits string) {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, id := range orders {
			if !l.seen[ports.ReservedTopic+" "+id] {
				return "order " + id + " is told to be held"
			}
		}
		return ""
	})
}

func waitUntil(t *testing.T, waits func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for what := waits(); what != ""; what = waits() {
		select {
		case <-ctx.Done():
			t.Fatalf("not in %s: %s", patience, what)
		case <-ticker.C:
		}
	}
}

// wants is what the journals say is to be published, ledger by ledger, in order.
func wants(t *testing.T, store service.Store) [][]said {
	t.Helper()
	warehouses, err := store.Warehouses(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	regions := map[ledger.ID]stock.Region{}
	for _, w := range warehouses {
		regions[ledger.StockID(w.ID, 0)] = stock.Region(w.Region)
	}
	for n := range 4 {
		regions[ledger.ReservationID("home", n)] = ""
	}
	var all [][]said
	for id, region := range regions {
		decode := stock.DecodeChange
		if id.Kind() == ledger.KindReservation {
			decode = reservation.DecodeChange
		}
		head, err := store.Head(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var entries []*ledger.Entry
		err = store.Entries(t.Context(), id, 0, head.Version, false, func(r ports.Record) error {
			e, err := ledger.DecodeEntry(r.Body, decode)
			entries = append(entries, e)
			return err
		})
		if err != nil || int64(len(entries)) != head.Version {
			t.Fatalf("%s: %d entries of %d, %v", id, len(entries), head.Version, err)
		}
		var of []said
		for _, e := range relay.PublicEvents(id, region, entries) {
			of = append(of, said{e.Topic(), e.Key(), e.Header().ID.String()})
		}
		all = append(all, of)
	}
	return all
}

// missing names something that is to be published and was not; empty where there is nothing.
func (l *listener) missing(ledgers [][]said) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := map[string]bool{}
	for _, one := range l.heard {
		ids[one.id] = true
	}
	for _, all := range ledgers {
		for _, one := range all {
			if !ids[one.id] {
				return fmt.Sprintf("%+v", one)
			}
		}
	}
	return ""
}

// mustSayOnly fails the test unless what was heard is what the journals say and nothing else,
// for the first time in their order within a key of a ledger. It tells how much came twice.
func (l *listener) mustSayOnly(ledgers [][]said) {
	l.t.Helper()
	if what := l.missing(ledgers); what != "" {
		l.t.Errorf("never published: %s", what)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	type place struct{ ledger, order int }
	want, places := map[string]said{}, map[string]place{}
	for n, all := range ledgers {
		for i, one := range all {
			want[one.id], places[one.id] = one, place{n, i}
		}
	}
	first, newest := map[string]bool{}, map[string]int{}
	for _, one := range l.heard {
		if !reflect.DeepEqual(one, want[one.id]) {
			l.t.Errorf("published %+v, by the journals %+v", one, want[one.id])
		}
		if first[one.id] {
			continue
		}
		first[one.id] = true
		at := places[one.id]
		if key := fmt.Sprint(at.ledger, one.topic, " ", one.key); at.order < newest[key] {
			l.t.Errorf("published out of order: %+v", one)
		} else {
			newest[key] = at.order
		}
	}
	l.t.Logf("%d events, published %d times", len(want), len(l.heard))
}
