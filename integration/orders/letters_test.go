package orders

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"inventory/integration/service"
	"inventory/ports"
)

// parkFor is how long a pick of an unknown order waits here: long enough for its order to
// come where it is to come.
const parkFor = 6 * time.Second

func TestPicksThatCantBeActedOnAreLettersAsTheyCameOnTheEmbeddedDefault(t *testing.T) {
	pickInVain(t, suite.Embedded(t, "--park-picks="+parkFor.String()))
}

func TestPicksThatCantBeActedOnAreLettersAsTheyCameOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	pickInVain(t, suite.OnServers(t, st, st, "--lease=1s", "--park-picks="+parkFor.String()))
}

// pickInVain has each kind of pick die, and compares its letter with the record that the
// letter names.
func pickInVain(t *testing.T, s *service.Site) {
	m := newMarket(t, s, 0)
	m.idle = true
	p := s.Start()
	m.SetUp(p.Client())
	m.Open()
	said := m.witness(ports.FulfilmentPickedTopic)
	want := map[string]string{"never": "UNKNOWN_ORDER"} // codes, by key
	inVain := func(code string, p pick) {
		want[p.order] = code
		m.locked(func() { m.pick(p, 1) })
	}
	m.locked(func() { m.sends.tell(oddPick(s, "never")) })
	inVain("OVER_PICK", pick{order: "soon", items: []picked{{place{sku(5), "HCM"}, 9}}})
	awaitParked(t, p, 2)
	m.create("soon", picked{place{sku(5), "HCM"}, 2})

	m.create("over", picked{place{sku(2), "HCM"}, 2})
	m.create("two-places", picked{place{sku(3), "HCM"}, 1}, picked{place{sku(3), "HAN"}, 1})
	m.create("gone", picked{place{sku(4), "HCM"}, filled})
	m.create("mars", picked{place{sku(1), "MARS"}, 1})
	m.awaitTold(map[string]string{"over": "reserved", "two-places": "reserved", "gone": "reserved", "mars": "rejected"})
	inVain("OVER_PICK", pick{order: "over", items: []picked{{place{sku(2), "HCM"}, 3}}})
	inVain("AMBIGUOUS_PICK", pick{order: "two-places", items: []picked{{place{sku: sku(3)}, 1}}})
	inVain("NOT_HELD", pick{order: "mars"})
	m.locked(func() { m.send(ports.OrderCancelledTopic, "gone", nil) })
	m.awaitTold(map[string]string{"gone": "reserved, released"})
	m.create("taker", picked{place{sku(4), "HCM"}, filled})
	m.awaitTold(map[string]string{"taker": "reserved"})
	inVain("SHORTAGE", pick{order: "gone"})

	letters := m.awaitLetters(slices.Collect(maps.Keys(want))...)
	for key, code := range want {
		if len(letters[key]) != 1 {
			t.Errorf("%s: %d letters: %v", key, len(letters[key]), letters[key])
			continue
		}
		checkUntouched(t, letters[key][0], code, said)
	}
	checkParked(t, letters["never"][0])
	for order, told := range map[string]string{"soon": "reserved", "over": "reserved", "two-places": "reserved", "gone": "reserved, released"} {
		m.locked(func() {
			if got := m.told(order); got != told {
				t.Errorf("order %s: %s, expected %s", order, got, told)
			}
		})
	}
	s.Stop(p)
}

// oddPick is a pick with headers that are no text, twice, and empty.
func oddPick(s *service.Site, order string) map[string]any {
	return map[string]any{
		"topic": s.Prefix + ports.FulfilmentPickedTopic, "key": order,
		"value": map[string]any{"event_id": "odd", "order_id": order, "occurred_at": time.Now().UnixMilli()},
		"pairs": [][2]string{
			{"b", base64.StdEncoding.EncodeToString([]byte("2"))},
			{"a", base64.StdEncoding.EncodeToString([]byte{0xff, 0})},
			{"b", base64.StdEncoding.EncodeToString([]byte("1"))},
			{"empty", ""},
		},
	}
}

// witness hears a topic's records as they are, by partition and offset.
func (m *Market) witness(topic string) func(partition, offset string) (heard, bool) {
	records := map[string]heard{}
	startScript(m.t, func(line []byte) {
		var h heard
		if err := json.Unmarshal(line, &h); err != nil {
			m.t.Errorf("not a record: %.200s: %v", line, err)
		}
		m.locked(func() {
			records[fmt.Sprintf("%d %d", h.Partition, h.Offset)] = h
			m.tell()
		})
	}, "hear", "--raw", "--group=witness", "--brokers="+m.site.Brokers, "--registry="+m.site.Registry, "--topics="+m.site.Prefix+topic)
	return func(partition, offset string) (heard, bool) {
		m.awaitThat(func() []string {
			if _, ok := records[partition+" "+offset]; !ok {
				return []string{topic + "/" + partition + "/" + offset}
			}
			return nil
		})
		m.mu.Lock()
		defer m.mu.Unlock()
		h, ok := records[partition+" "+offset]
		return h, ok
	}
}

// checkUntouched compares a letter with the record that it says it was.
func checkUntouched(t *testing.T, h heard, code string, said func(partition, offset string) (heard, bool)) {
	t.Helper()
	was, ok := said(h.Headers["dlq_partition"], h.Headers["dlq_offset"])
	if !ok || was.Key != h.Key || len(was.Raw) == 0 || len(h.Pairs) < len(was.Pairs) || !slices.Equal(h.Pairs[:len(was.Pairs)], was.Pairs) {
		t.Errorf("%s: the letter has the headers %v, the record (found: %t) was of %q with %v", h.Key, h.Pairs, ok, was.Key, was.Pairs)
		return
	}
	for _, pair := range h.Pairs[len(was.Pairs):] {
		if !strings.HasPrefix(pair[0], "dlq_") {
			t.Errorf("%s: the letter has a header %s that the record had not", h.Key, pair[0])
		}
	}
	checkLetter(t, h, was.Raw, code)
	if !bytes.Equal(h.Raw, was.Raw) || h.Headers["dlq_error"] == "" {
		t.Errorf("%s: the letter says %v", h.Key, h.Headers)
	}
}

// checkParked: a letter was given up when it had waited.
func checkParked(t *testing.T, h heard) {
	t.Helper()
	since, err1 := time.Parse(time.RFC3339Nano, h.Headers["dlq_first_failure"])
	until, err2 := time.Parse(time.RFC3339Nano, h.Headers["dlq_last_failure"])
	if waited := until.Sub(since); err1 != nil || err2 != nil || waited < parkFor || waited > parkFor+time.Minute {
		t.Errorf("%s: parked for %s, %s expected: %v", h.Key, waited, parkFor, h.Headers)
	}
}
