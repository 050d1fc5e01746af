package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"inventory/adapters/avro"
	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/schemas"
)

// published is a registry of what schemas has: an id for each subject, of its newest version.
type published struct{ texts []string }

func (p *published) ByID(_ context.Context, _ string, id int) (string, error) {
	return p.texts[id-1], nil
}

func (p *published) IDOf(_ context.Context, _, text string) (int, error) {
	if i := slices.Index(p.texts, text); i >= 0 {
		return i + 1, nil
	}
	p.texts = append(p.texts, text)
	return len(p.texts), nil
}

func (p *published) Register(ctx context.Context, subject, text string) (int, error) {
	return p.IDOf(ctx, subject, text)
}

// What this program writes today, every reader of Apache Avro's reads, however old.
func TestEachOlderReaderInJavaReadsWhatWeWriteToday(t *testing.T) {
	codec, err := avro.New(&published{}, avro.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const header = 5 // a zero byte and the id
	var lines, wants, names []string
	written := map[string]bool{}
	for _, g := range goldens(t) {
		newest, text := g.subject.Newest()
		e := eventOf(t, g)
		if e == nil || g.version != newest {
			continue
		}
		value, err := codec.Encode(t.Context(), e)
		if err != nil {
			t.Fatalf("%s: %v", g.file, err)
		}
		written[e.Topic()] = true
		for v, reader := range g.subject.Versions {
			lines = append(lines, readLine(oneLine(text), reader, value[header:]))
			wants = append(wants, g.json)
			names = append(names, fmt.Sprintf("%s, written by us, read with version %d", g.file, v+1))
		}
	}
	for i, answer := range askAvro(t, lines) {
		if err := agree(answer, wants[i]); err != nil {
			t.Errorf("%s: %v", names[i], err)
		}
	}
	for _, topic := range ports.PublicEventTopics() {
		if !written[topic] {
			t.Errorf("nothing of %s was written", topic)
		}
	}
}

// message has the fields of all public events, as Avro's JSON has them.
type message struct {
	EventID        ledgerID `json:"event_id"`
	ReservationID  ledgerID `json:"reservation_id"`
	OrderID        string   `json:"order_id"`
	Reason         optional `json:"reason"`
	Detail         optional `json:"detail"`
	Reference      optional `json:"reference"`
	Late           bool     `json:"late"`
	OccurredAt     moment   `json:"occurred_at"`
	TTLExpire      moment   `json:"ttl_expire"`
	AsOf           moment   `json:"as_of"`
	SKU            string   `json:"sku"`
	WarehouseID    string   `json:"warehouse_id"`
	Region         string   `json:"region"`
	AdjustmentType string   `json:"adjustment_type"`
	Threshold      string   `json:"threshold"`
	LowMark        int64    `json:"low_mark"`
	Actor          string   `json:"actor"`
	QtyDelta       int64    `json:"qty_delta"`
	OnHand         int64    `json:"on_hand"`
	Held           int64    `json:"held"`
	Short          int64    `json:"short"`
	Available      int64    `json:"available"`
	Version        int64    `json:"version"`
	Items          []struct {
		SKU         string `json:"sku"`
		WarehouseID string `json:"warehouse_id"`
		Quantity    int64  `json:"quantity"`
		Requested   int64  `json:"requested"`
		Available   int64  `json:"available"`
	} `json:"items"`
}

// ledgerID, optional and moment read what JSON has in another form.
type (
	ledgerID struct{ ledger.UUID }
	optional string
	moment   struct{ time.Time }
)

func (id *ledgerID) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	u, err := ledger.ParseUUID(s)
	id.UUID = u
	return err
}

func (m *moment) UnmarshalJSON(text []byte) error {
	var ms int64
	err := json.Unmarshal(text, &ms)
	m.Time = time.UnixMilli(ms)
	return err
}

func (o *optional) UnmarshalJSON(text []byte) error {
	var plain string
	if json.Unmarshal(text, &plain) == nil {
		*o = optional(plain)
		return nil
	}
	var union struct {
		String string `json:"string"`
	}
	err := json.Unmarshal(text, &union)
	*o = optional(union.String)
	return err
}

// eventOf gives the public event that a message is; nil: it is an order's.
func eventOf(t *testing.T, g golden) ports.PublicEvent {
	t.Helper()
	if slices.Contains(ports.OrderEventTopics(), g.subject.Topic) {
		return nil
	}
	var m message
	if err := json.Unmarshal([]byte(g.json), &m); err != nil {
		t.Fatalf("%s: %v", g.file, err)
	}
	return m.event(g.subject)
}

func (m *message) event(s schemas.AvroSubject) ports.PublicEvent {
	h, reservation := ports.EventHeader{ID: m.EventID.UUID, OccurredAt: m.OccurredAt.Time}, m.ReservationID.UUID
	var items []ports.PublicItem
	var rejected []ports.RejectedItem
	for _, it := range m.Items {
		items = append(items, ports.PublicItem{SKU: it.SKU, WarehouseID: it.WarehouseID, Quantity: it.Quantity})
		rejected = append(rejected, ports.RejectedItem{SKU: it.SKU, Requested: it.Requested, Available: it.Available})
	}
	switch s.Topic {
	case ports.ReservedTopic:
		return ports.Reserved{EventHeader: h, ReservationID: reservation, OrderID: m.OrderID, Items: items, TTLExpire: m.TTLExpire.Time}
	case ports.RejectedTopic:
		return ports.Rejected{EventHeader: h, OrderID: m.OrderID, Reason: string(m.Reason), Detail: string(m.Detail), Items: rejected}
	case ports.ConfirmedTopic:
		return ports.Confirmed{EventHeader: h, ReservationID: reservation, OrderID: m.OrderID, Items: items, Late: m.Late}
	case ports.ReleasedTopic:
		return ports.Released{EventHeader: h, ReservationID: reservation, OrderID: m.OrderID, Reason: string(m.Reason), Items: items}
	case ports.ExpiringTopic:
		return ports.Expiring{EventHeader: h, ReservationID: reservation, OrderID: m.OrderID, TTLExpire: m.TTLExpire.Time}
	case ports.AdjustedTopic:
		return ports.Adjusted{
			EventHeader: h, SKU: m.SKU, WarehouseID: m.WarehouseID, AdjustmentType: m.AdjustmentType, QtyDelta: m.QtyDelta,
			OnHand: m.OnHand, Held: m.Held, Short: m.Short, Version: m.Version, Actor: m.Actor, Reason: string(m.Reason), Reference: string(m.Reference),
		}
	case ports.StockLevelTopic:
		return ports.StockLevel{
			EventHeader: h, SKU: m.SKU, WarehouseID: m.WarehouseID, Region: m.Region,
			OnHand: m.OnHand, Held: m.Held, Available: m.Available, Version: m.Version,
		}
	case ports.ThresholdTopic:
		return ports.Threshold{
			EventHeader: h, SKU: m.SKU, WarehouseID: m.WarehouseID, Region: m.Region, Threshold: m.Threshold, LowMark: m.LowMark,
			OnHand: m.OnHand, Held: m.Held, Available: m.Available, Version: m.Version,
		}
	case ports.GlobalStockTopic:
		h.OccurredAt = m.AsOf.Time
		return ports.GlobalStock{
			EventHeader: h, SKU: m.SKU, Region: m.Region, OnHand: m.OnHand, Held: m.Held, Available: m.Available, Version: m.Version,
		}
	}
	return nil
}
