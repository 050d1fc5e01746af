package wire_test

import (
	"testing"
	"time"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
)

// benchAsk is what almost every order is: one line, by Kafka.
func benchAsk() wire.Ask {
	return wire.Ask{Ledger: home, Command: reservation.Reserve{
		Order: "order-0000001", TTL: time.Hour, Final: true, Origin: origin, Lines: []reservation.Line{{SKU: "SKU-0001", Quantity: 2}},
	}}
}

func benchAnswer() wire.Answer {
	return wire.Answer{Outcome: versioned(&reservation.Order{
		ID: "order-0000001", Status: reservation.Held, TTL: 3_600_000, PlannedAt: noon, HeldAt: noon + 5, ExpiresAt: noon + 3_600_005, Due: noon + 3_300_005,
		Lines: []reservation.Line{{SKU: "SKU-0001", Quantity: 2, Warehouse: "W1", Status: reservation.Held}},
		Legs:  []reservation.Leg{{Ledger: w1, Number: 8000, State: reservation.Holding}},
		Final: true, Origin: origin,
	}, 9000)}
}

func benchMail() wire.Mail {
	m := wire.Mail{From: home, To: w1}
	for n := range int64(64) {
		m.Mail = append(m.Mail, ledger.Mail{To: w1, Number: 8000 + n, Body: make([]byte, 100)})
	}
	return m
}

func BenchmarkCarry(b *testing.B) {
	refused := wire.Answer{Err: benchRefusal()}
	for _, bench := range []struct {
		name string
		m    wire.Message
	}{
		{"reserve", benchAsk()}, {"order", benchAnswer()}, {"insufficient", refused}, {"mail=64", benchMail()},
	} {
		b.Run(bench.name+"/encode", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = encoded(b, bench.m)
			}
			b.ReportMetric(float64(len(encoded(b, bench.m))), "bytes")
		})
		b.Run(bench.name+"/decode", func(b *testing.B) {
			body := encoded(b, bench.m)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := codec.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func benchRefusal() error {
	return sampleAnswers()["rejected"].Err
}
