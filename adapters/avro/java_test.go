package avro

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
	"inventory/schemas"
)

// messages has what Apache Avro's Java library wrote, by <topic>/<version>/<name>, as this
// program knows it. The bytes are in schemas/testdata/golden; integration/contract proves that
// they are Java's.
func messages() map[string]any {
	all := make(map[string]any)
	for _, of := range []map[string]any{createdMessages(), otherOrderMessages(), reservedMessages(), endedMessages(), stockMessages()} {
		maps.Copy(all, of)
	}
	return all
}

// What the messages are made of.
var (
	long128   = strings.Repeat("x", 128)
	unicode   = "Größe-数量-📦\x00\u2028\"\\\n"
	least     = int64(math.MinInt64)
	most64    = int64(math.MaxInt64)
	sent      = ms(1795143845678)
	eventUUID = uuid("0b5b2a6e-9d0e-5c52-8a4e-3d6f3c1f0a11")
	orderUUID = uuid("6f1c9a3e-2f0b-5d6a-9c47-0e2b7d5a4c33")
	ones      = uuid("ffffffff-ffff-ffff-ffff-ffffffffffff")
)

func ms(n int64) time.Time { return time.UnixMilli(n).UTC() }

func uuid(text string) ledger.UUID {
	u, err := ledger.ParseUUID(text)
	if err != nil {
		panic(err)
	}
	return u
}

func headed(id ledger.UUID, at time.Time) ports.EventHeader {
	return ports.EventHeader{ID: id, OccurredAt: at}
}

func createdMessages() map[string]any {
	items := []ports.OrderItem{{Quantity: least}, {SKU: long128, Quantity: most64, WarehouseID: long128}, {SKU: "S"}}
	for i := range 97 {
		items = append(items, ports.OrderItem{SKU: "S", Quantity: int64(64 + i)})
	}
	return map[string]any{
		"order.created.v1/1/minimal": ports.OrderCreated{EventID: "e-1", OrderID: "o-1", OccurredAt: sent, Items: []ports.OrderItem{{SKU: "SKU-1", Quantity: 1}}},
		"order.created.v1/1/full": ports.OrderCreated{
			EventID: "e-1", OrderID: "o-1", OccurredAt: sent, Region: "eu", TTLSeconds: seconds(900),
			Items: []ports.OrderItem{{SKU: "SKU-1", Quantity: 2, WarehouseID: "BER-1"}, {SKU: "SKU-2", Quantity: 1}, {SKU: "SKU-3", Quantity: 1_000_000_000, WarehouseID: "HAM-1"}},
		},
		"order.created.v1/1/extreme": ports.OrderCreated{EventID: long128, OccurredAt: ms(least), TTLSeconds: &least, Items: items},
		"order.created.v1/1/unicode": ports.OrderCreated{
			EventID: unicode, OrderID: "o-é", OccurredAt: sent, Region: "süd", Items: []ports.OrderItem{{SKU: unicode, Quantity: 1, WarehouseID: unicode}},
		},
	}
}

func otherOrderMessages() map[string]any {
	return map[string]any{
		"order.cancelled.v1/1/minimal": ports.OrderCancelled{EventID: "e-2", OrderID: "o-1", OccurredAt: sent},
		"order.cancelled.v1/1/full":    ports.OrderCancelled{EventID: "e-2", OrderID: "o-1", OccurredAt: sent, Reason: "PAYMENT_FAILED"},
		"order.cancelled.v1/1/extreme": ports.OrderCancelled{OrderID: long128, OccurredAt: ms(most64), Reason: strings.Repeat("r", 5000)},
		"order.cancelled.v1/1/unicode": ports.OrderCancelled{EventID: "e-2", OrderID: "o-1", OccurredAt: ms(-1), Reason: unicode},

		"fulfillment.picked.v1/1/minimal": ports.FulfilmentPicked{EventID: "e-3", OrderID: "o-1", OccurredAt: sent},
		"fulfillment.picked.v1/1/full": ports.FulfilmentPicked{
			EventID: "e-3", OrderID: "o-1", OccurredAt: sent, WarehouseID: "BER-1", Items: []ports.OrderItem{{SKU: "SKU-1", Quantity: 2}, {SKU: "SKU-2", WarehouseID: "BER-1"}},
		},
		"fulfillment.picked.v1/1/extreme":  ports.FulfilmentPicked{OccurredAt: ms(most64), WarehouseID: long128, Items: []ports.OrderItem{{SKU: long128, Quantity: most64}, {Quantity: least}}},
		"fulfillment.picked.v1/1/no-items": ports.FulfilmentPicked{EventID: "e-3", OrderID: "o-1", OccurredAt: ms(0)},
		"fulfillment.picked.v1/1/unicode": ports.FulfilmentPicked{
			EventID: unicode, OrderID: unicode, OccurredAt: sent, WarehouseID: unicode, Items: []ports.OrderItem{{SKU: unicode, Quantity: 1, WarehouseID: unicode}},
		},
	}
}

func reservedMessages() map[string]any {
	h := headed(eventUUID, sent)
	items := []ports.PublicItem{{SKU: "SKU-1", WarehouseID: "BER-1", Quantity: 2}, {SKU: "SKU-2", WarehouseID: "BER-1", Quantity: 1}, {SKU: "SKU-3", WarehouseID: "HAM-1", Quantity: 7}}
	return map[string]any{
		"inventory.reserved.v1/1/minimal": ports.Reserved{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", TTLExpire: ms(1795143845679)},
		"inventory.reserved.v1/1/full":    ports.Reserved{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", Items: items, TTLExpire: sent.Add(time.Hour)},
		"inventory.reserved.v1/1/extreme": ports.Reserved{
			EventHeader: headed(ones, ms(least)), OrderID: long128, TTLExpire: ms(most64),
			Items: []ports.PublicItem{{WarehouseID: long128, Quantity: most64}, {SKU: long128, Quantity: least}},
		},
		"inventory.reserved.v1/1/unicode": ports.Reserved{EventHeader: headed(eventUUID, ms(-1)), ReservationID: orderUUID, OrderID: unicode, Items: []ports.PublicItem{{SKU: unicode, WarehouseID: unicode, Quantity: 1}}, TTLExpire: ms(0)},

		"inventory.rejected.v1/1/minimal": ports.Rejected{EventHeader: h, OrderID: "o-1", Reason: "ALREADY_CANCELLED"},
		"inventory.rejected.v1/1/full": ports.Rejected{
			EventHeader: h, OrderID: "o-1", Reason: "INSUFFICIENT_STOCK", Detail: "SKU-1: 2 asked for, 1 there",
			Items: []ports.RejectedItem{{SKU: "SKU-1", Requested: 2, Available: 1}, {SKU: "SKU-2", Requested: 7}},
		},
		"inventory.rejected.v1/1/extreme": ports.Rejected{
			EventHeader: headed(ones, ms(most64)), Detail: strings.Repeat("d", 5000),
			Items: []ports.RejectedItem{{Requested: most64, Available: least}, {SKU: long128, Requested: least, Available: most64}},
		},
		"inventory.rejected.v1/1/unicode": ports.Rejected{EventHeader: h, OrderID: unicode, Reason: unicode, Detail: unicode, Items: []ports.RejectedItem{{SKU: unicode, Requested: 1}}},
	}
}

func endedMessages() map[string]any {
	h := headed(eventUUID, sent)
	items := []ports.PublicItem{{SKU: "SKU-1", WarehouseID: "BER-1", Quantity: 2}, {SKU: "SKU-3", WarehouseID: "HAM-1", Quantity: 7}}
	foreign := []ports.PublicItem{{SKU: unicode, WarehouseID: unicode, Quantity: 1}}
	return map[string]any{
		"inventory.confirmed.v1/1/minimal": ports.Confirmed{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1"},
		"inventory.confirmed.v1/1/full":    ports.Confirmed{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", Items: items, Late: true},
		"inventory.confirmed.v1/1/extreme": ports.Confirmed{
			EventHeader: headed(ledger.UUID{}, ms(least)), ReservationID: ones, OrderID: long128, Late: true,
			Items: []ports.PublicItem{{SKU: long128, WarehouseID: long128, Quantity: most64}, {Quantity: least}},
		},
		"inventory.confirmed.v1/1/unicode": ports.Confirmed{EventHeader: h, ReservationID: orderUUID, OrderID: unicode, Items: foreign},

		"inventory.released.v1/1/minimal": ports.Released{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", Reason: "TTL_EXPIRED"},
		"inventory.released.v1/1/full":    ports.Released{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", Reason: "PAYMENT_FAILED", Items: items},
		"inventory.released.v1/1/extreme": ports.Released{
			EventHeader: headed(ones, ms(most64)), Items: []ports.PublicItem{{SKU: long128, Quantity: most64}, {WarehouseID: long128, Quantity: least}},
		},
		"inventory.released.v1/1/unicode": ports.Released{EventHeader: h, ReservationID: orderUUID, OrderID: unicode, Reason: unicode, Items: foreign},

		"inventory.expiring.v1/1/minimal": ports.Expiring{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", TTLExpire: ms(1795143845679)},
		"inventory.expiring.v1/1/full":    ports.Expiring{EventHeader: h, ReservationID: orderUUID, OrderID: "o-1", TTLExpire: sent.Add(5 * time.Minute)},
		"inventory.expiring.v1/1/extreme": ports.Expiring{EventHeader: headed(ones, ms(least)), OrderID: long128, TTLExpire: ms(most64)},
		"inventory.expiring.v1/1/unicode": ports.Expiring{EventHeader: headed(eventUUID, ms(-1)), ReservationID: orderUUID, OrderID: unicode, TTLExpire: ms(0)},
	}
}

func stockMessages() map[string]any {
	h, before := headed(eventUUID, sent), headed(eventUUID, ms(-1))
	return map[string]any{
		"inventory.adjusted.v1/1/minimal": ports.Adjusted{EventHeader: h, SKU: "SKU-1", WarehouseID: "BER-1", AdjustmentType: "RECEIPT", QtyDelta: 1, OnHand: 1, Version: 1, Actor: "anna"},
		"inventory.adjusted.v1/1/full": ports.Adjusted{
			EventHeader: h, SKU: "SKU-1", WarehouseID: "BER-1", AdjustmentType: "DAMAGE", QtyDelta: -3, OnHand: 4, Held: 5, Short: 1, Version: 77, Actor: "anna", Reason: "fell off", Reference: "ticket 12",
		},
		"inventory.adjusted.v1/1/extreme": ports.Adjusted{
			EventHeader: headed(ones, ms(least)), WarehouseID: long128, QtyDelta: least, OnHand: most64, Held: least, Short: most64, Version: most64, Reason: strings.Repeat("r", 5000), Reference: ".",
		},
		"inventory.adjusted.v1/1/unicode": ports.Adjusted{
			EventHeader: before, SKU: unicode, WarehouseID: unicode, AdjustmentType: unicode, OnHand: 63, Held: 64, Short: -65, Version: 8192, Actor: unicode, Reason: unicode, Reference: unicode,
		},

		"inventory.stock_level.v1/1/minimal": ports.StockLevel{EventHeader: headed(ledger.UUID{}, sent), SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", Version: 1},
		"inventory.stock_level.v1/1/full":    ports.StockLevel{EventHeader: headed(ledger.UUID{}, sent), SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", OnHand: 4, Held: 1, Available: 3, Version: 77},
		"inventory.stock_level.v1/1/extreme": ports.StockLevel{EventHeader: headed(ledger.UUID{}, ms(least)), WarehouseID: long128, OnHand: most64, Held: least, Available: most64, Version: most64},
		"inventory.stock_level.v1/1/unicode": ports.StockLevel{EventHeader: headed(ledger.UUID{}, ms(-1)), SKU: unicode, WarehouseID: unicode, Region: unicode, OnHand: 63, Held: 64, Available: -65, Version: 8192},

		"inventory.threshold.v1/1/minimal": ports.Threshold{EventHeader: h, SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", Threshold: "OUT", Version: 1},
		"inventory.threshold.v1/1/full": ports.Threshold{
			EventHeader: h, SKU: "SKU-1", WarehouseID: "BER-1", Region: "eu", Threshold: "LOW", LowMark: 5, OnHand: 7, Held: 3, Available: 4, Version: 77,
		},
		"inventory.threshold.v1/1/extreme": ports.Threshold{
			EventHeader: headed(ones, ms(least)), WarehouseID: long128, LowMark: most64, OnHand: most64, Held: least, Available: most64, Version: most64,
		},
		"inventory.threshold.v1/1/unicode": ports.Threshold{
			EventHeader: before, SKU: unicode, WarehouseID: unicode, Region: unicode, Threshold: unicode, LowMark: -1, OnHand: 63, Held: 64, Available: -65, Version: 8192,
		},

		"inventory.global_stock.v1/1/minimal": ports.GlobalStock{EventHeader: headed(ledger.UUID{}, sent), SKU: "SKU-1", Region: "eu", Version: 1},
		"inventory.global_stock.v1/1/full":    ports.GlobalStock{EventHeader: headed(ledger.UUID{}, sent), SKU: "SKU-1", Region: "eu", OnHand: 4, Held: 1, Available: 3, Version: 77},
		"inventory.global_stock.v1/1/extreme": ports.GlobalStock{EventHeader: headed(ledger.UUID{}, ms(least)), Region: long128, OnHand: most64, Held: least, Available: most64, Version: most64},
		"inventory.global_stock.v1/1/unicode": ports.GlobalStock{EventHeader: headed(ledger.UUID{}, ms(-1)), SKU: unicode, Region: unicode, OnHand: 63, Held: 64, Available: -65, Version: 8192},
	}
}

const javaFolder = "../../schemas/testdata/golden"

// eachMessage hands on Java's messages of each version of each subject, in both ways that it
// writes arrays.
func eachMessage(t *testing.T, do func(t *testing.T, s schemas.AvroSubject, version int, datum []byte, want any)) {
	all := messages()
	for topic, s := range schemas.Avro() {
		for v := range s.Versions {
			files, err := filepath.Glob(filepath.Join(javaFolder, s.Name(""), strconv.Itoa(v+1), "*.json"))
			if err != nil || len(files) < 4 {
				t.Errorf("%s, version %d, has %d messages as JSON in %s: expected minimal, full, extreme and unicode at least (%v)", topic, v+1, len(files), javaFolder, err)
			}
			for _, file := range files {
				key := fmt.Sprintf("%s/%d/%s", topic, v+1, strings.TrimSuffix(filepath.Base(file), ".json"))
				want, known := all[key]
				if !known {
					t.Errorf("%s is not listed here: add what it is to be read as", key)
				}
				delete(all, key)
				for _, ending := range []string{".bin", ".blocks.bin"} {
					datum, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ending)
					if err != nil {
						t.Errorf("%v: go test ./integration/contract -run Golden -update", err)
						continue
					}
					t.Run(key+ending, func(t *testing.T) { do(t, s, v+1, datum, want) })
				}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		t.Errorf("%s is listed here, and has no file", key)
	}
}

func TestWhatJavaWroteIsReadAsWhatItIs(t *testing.T) {
	r := newRegistry()
	c := newCodec(t, r)
	eachMessage(t, func(t *testing.T, s schemas.AvroSubject, version int, datum []byte, want any) {
		text := s.Versions[version-1]
		value := with(r.add(s.Name(""), text), datum...)
		switch want := want.(type) {
		case ports.OrderEvent:
			if got := decoded(t, c, s.Topic, value); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		case ports.StockLevel:
			if got, err := c.DecodeLevel(t.Context(), value); err != nil || got != want {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
		case ports.GlobalStock:
			if got, err := c.DecodeTotal(t.Context(), value); err != nil || got != want {
				t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
			}
		case ports.PublicEvent:
			got, err := reading(t, text).decode(datum)
			if wanted := anyEvent(nativeOf(want)); err != nil || !reflect.DeepEqual(got, ports.OrderEvent(wanted)) {
				t.Errorf("got  %v, %v\nwant %v", got, err, wanted)
			}
		default:
			t.Errorf("%T is no event", want)
		}
	})
}

func TestWeWriteWhatJavaWrites(t *testing.T) {
	c := newCodec(t, full(t))
	eachMessage(t, func(t *testing.T, s schemas.AvroSubject, version int, datum []byte, want any) {
		e, public := want.(ports.PublicEvent)
		if newest := len(s.Versions); !public || version != newest || strings.HasSuffix(t.Name(), ".blocks.bin") {
			return
		}
		value, err := c.Encode(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(value[headerBytes:], datum) || binary.BigEndian.Uint32(value[1:]) == 0 {
			t.Errorf("got  %x\nJava %x", value, datum)
		}
	})
}
