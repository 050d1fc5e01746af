package relay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// public is what is to be published of a row of inventory.events.
type public struct {
	After  int64       `json:"after"` // no entry above it and below the row's has anything to be published
	Of     int         `json:"of"`    // rows of the entry that have anything
	Events []eventText `json:"events"`
}

// Appended is a row of inventory.events that has something to be published.
type Appended struct {
	Ledger  ledger.ID
	Version int64 // of the entry
	Ordinal int   // of the row within the entry
	// After is a version: no entry above it and below Version has anything to be published.
	// Of the same row it may differ, where two owners wrote it; each is true.
	After  int64
	Of     int // rows of the entry that have anything
	Events []ports.PublicEvent
}

// ReadAppended reads the metadata of a row; ok is false where nothing is to be published of
// it by others than its relay. Errors wrap ledger.ErrCorrupt.
func ReadAppended(text string) (a Appended, ok bool, err error) {
	var m metadata
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return a, false, fmt.Errorf("%w: metadata %.200q: %w", ledger.ErrCorrupt, text, err)
	}
	if m.Public == nil {
		return a, false, nil
	}
	a = Appended{Ledger: m.Ledger, Version: m.Version, Ordinal: m.Ordinal, After: m.Public.After, Of: m.Public.Of}
	for _, t := range m.Public.Events {
		e, err := t.event()
		if err != nil {
			return a, false, fmt.Errorf("%w: %s entry %d: public event %s: %w", ledger.ErrCorrupt, m.Ledger, m.Version, t.ID, err)
		}
		a.Events = append(a.Events, e)
	}
	if a.Version <= a.After || a.Of < 1 || len(a.Events) == 0 {
		return a, false, fmt.Errorf("%w: metadata %.200q: a version above after, and events expected", ledger.ErrCorrupt, text)
	}
	return a, true, nil
}

// eventText is a public event as it is in inventory.events. Names are fixed, and are those
// of the event's schema; the topic says which of them there are. Times are Unix milliseconds.
type eventText struct {
	Topic          string     `json:"topic"`
	ID             string     `json:"event_id"`
	OccurredAt     int64      `json:"occurred_at"`
	Trace          string     `json:"trace,omitempty"`
	ReservationID  string     `json:"reservation_id,omitempty"`
	OrderID        string     `json:"order_id,omitempty"`
	Items          []itemText `json:"items,omitempty"`
	TTLExpire      int64      `json:"ttl_expire,omitempty"`
	Reason         string     `json:"reason,omitempty"`
	Detail         string     `json:"detail,omitempty"`
	Late           bool       `json:"late,omitempty"`
	SKU            string     `json:"sku,omitempty"`
	WarehouseID    string     `json:"warehouse_id,omitempty"`
	Region         string     `json:"region,omitempty"`
	AdjustmentType string     `json:"adjustment_type,omitempty"`
	QtyDelta       int64      `json:"qty_delta,omitempty"`
	OnHand         int64      `json:"on_hand,omitempty"`
	Held           int64      `json:"held,omitempty"`
	Short          int64      `json:"short,omitempty"`
	Available      int64      `json:"available,omitempty"`
	Version        int64      `json:"version,omitempty"`
	Actor          string     `json:"actor,omitempty"`
	Reference      string     `json:"reference,omitempty"`
	Letter         []byte     `json:"letter,omitempty"`
	Code           string     `json:"code,omitempty"`
	Since          int64      `json:"since,omitempty"`
	Threshold      string     `json:"threshold,omitempty"`
	LowMark        int64      `json:"low_mark,omitempty"`
}

// itemText is an item of an order's event; of a rejection, what was asked and what there was.
type itemText struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id,omitempty"`
	Quantity    int64  `json:"quantity,omitempty"`
	Requested   int64  `json:"requested,omitempty"`
	Available   int64  `json:"available,omitempty"`
}

// textOf gives the text of an event.
func textOf(e ports.PublicEvent) eventText {
	h := e.Header()
	t := eventText{Topic: e.Topic(), ID: h.ID.String(), OccurredAt: h.OccurredAt.UnixMilli(), Trace: h.Trace}
	switch e := e.(type) {
	case ports.Reserved:
		t.ReservationID, t.OrderID, t.Items, t.TTLExpire = e.ReservationID.String(), e.OrderID, textsOf(e.Items), e.TTLExpire.UnixMilli()
	case ports.Rejected:
		t.OrderID, t.Reason, t.Detail = e.OrderID, e.Reason, e.Detail
		for _, it := range e.Items {
			t.Items = append(t.Items, itemText{SKU: it.SKU, Requested: it.Requested, Available: it.Available})
		}
	case ports.Confirmed:
		t.ReservationID, t.OrderID, t.Items, t.Late = e.ReservationID.String(), e.OrderID, textsOf(e.Items), e.Late
	case ports.Released:
		t.ReservationID, t.OrderID, t.Items, t.Reason = e.ReservationID.String(), e.OrderID, textsOf(e.Items), e.Reason
	case ports.Expiring:
		t.ReservationID, t.OrderID, t.TTLExpire = e.ReservationID.String(), e.OrderID, e.TTLExpire.UnixMilli()
	case ports.DeadLetter:
		t.OrderID, t.Letter, t.Code, t.Detail, t.Since = e.OrderID, e.Letter, e.Code, e.Detail, e.Since.UnixMilli()
	case ports.Adjusted:
		t.SKU, t.WarehouseID, t.AdjustmentType, t.QtyDelta = e.SKU, e.WarehouseID, e.AdjustmentType, e.QtyDelta
		t.OnHand, t.Held, t.Short, t.Version = e.OnHand, e.Held, e.Short, e.Version
		t.Actor, t.Reason, t.Reference = e.Actor, e.Reason, e.Reference
	case ports.StockLevel:
		t.SKU, t.WarehouseID, t.Region, t.Version = e.SKU, e.WarehouseID, e.Region, e.Version
		t.OnHand, t.Held, t.Available = e.OnHand, e.Held, e.Available
	case ports.Threshold:
		t.SKU, t.WarehouseID, t.Region, t.Version = e.SKU, e.WarehouseID, e.Region, e.Version
		t.Threshold, t.LowMark, t.OnHand, t.Held, t.Available = e.Threshold, e.LowMark, e.OnHand, e.Held, e.Available
	}
	return t
}

func textsOf(items []ports.PublicItem) []itemText {
	texts := make([]itemText, 0, len(items))
	for _, it := range items {
		texts = append(texts, itemText{SKU: it.SKU, WarehouseID: it.WarehouseID, Quantity: it.Quantity})
	}
	return texts
}

// event gives back the event of a text.
func (t eventText) event() (ports.PublicEvent, error) {
	id, fault := ledger.ParseUUID(t.ID)
	h := ports.EventHeader{ID: id, OccurredAt: milli(t.OccurredAt), Trace: t.Trace}
	var about ledger.UUID
	if t.ReservationID != "" {
		var err error
		about, err = ledger.ParseUUID(t.ReservationID)
		fault = cmp.Or(fault, err)
	}
	if fault != nil {
		return nil, fault
	}
	switch t.Topic {
	case ports.ReservedTopic:
		return ports.Reserved{EventHeader: h, ReservationID: about, OrderID: t.OrderID, Items: t.items(), TTLExpire: milli(t.TTLExpire)}, nil
	case ports.RejectedTopic:
		return ports.Rejected{EventHeader: h, OrderID: t.OrderID, Reason: t.Reason, Detail: t.Detail, Items: t.rejected()}, nil
	case ports.ConfirmedTopic:
		return ports.Confirmed{EventHeader: h, ReservationID: about, OrderID: t.OrderID, Items: t.items(), Late: t.Late}, nil
	case ports.ReleasedTopic:
		return ports.Released{EventHeader: h, ReservationID: about, OrderID: t.OrderID, Reason: t.Reason, Items: t.items()}, nil
	case ports.ExpiringTopic:
		return ports.Expiring{EventHeader: h, ReservationID: about, OrderID: t.OrderID, TTLExpire: milli(t.TTLExpire)}, nil
	case ports.DeadLetter{}.Topic():
		return ports.DeadLetter{EventHeader: h, OrderID: t.OrderID, Letter: t.Letter, Code: t.Code, Detail: t.Detail, Since: milli(t.Since)}, nil
	case ports.AdjustedTopic:
		return ports.Adjusted{
			EventHeader: h, SKU: t.SKU, WarehouseID: t.WarehouseID, AdjustmentType: t.AdjustmentType, QtyDelta: t.QtyDelta,
			OnHand: t.OnHand, Held: t.Held, Short: t.Short, Version: t.Version, Actor: t.Actor, Reason: t.Reason, Reference: t.Reference,
		}, nil
	case ports.StockLevelTopic:
		return ports.StockLevel{
			EventHeader: h, SKU: t.SKU, WarehouseID: t.WarehouseID, Region: t.Region,
			OnHand: t.OnHand, Held: t.Held, Available: t.Available, Version: t.Version,
		}, nil
	case ports.ThresholdTopic:
		return ports.Threshold{
			EventHeader: h, SKU: t.SKU, WarehouseID: t.WarehouseID, Region: t.Region, Threshold: t.Threshold, LowMark: t.LowMark,
			OnHand: t.OnHand, Held: t.Held, Available: t.Available, Version: t.Version,
		}, nil
	}
	return nil, fmt.Errorf("unknown topic %.60q: did a newer version write it?", t.Topic)
}

func (t eventText) items() []ports.PublicItem {
	items := make([]ports.PublicItem, 0, len(t.Items))
	for _, it := range t.Items {
		items = append(items, ports.PublicItem{SKU: it.SKU, WarehouseID: it.WarehouseID, Quantity: it.Quantity})
	}
	return items
}

func (t eventText) rejected() []ports.RejectedItem {
	items := make([]ports.RejectedItem, 0, len(t.Items))
	for _, it := range t.Items {
		items = append(items, ports.RejectedItem{SKU: it.SKU, Requested: it.Requested, Available: it.Available})
	}
	return items
}

func milli(at int64) time.Time { return time.UnixMilli(at).UTC() }

func comparePart(a, b ports.OutboxPart) int {
	return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.WarehouseID, b.WarehouseID))
}
