package stock

import (
	"fmt"
	"testing"

	"inventory/domain/ledger"
)

// BenchmarkHold tells what marks cost a hold of three SKUs: with none in the ledger, with some of
// others, and with one of each SKU that it holds. Run: go test ./domain/stock -run '^$' -bench Hold
func BenchmarkHold(b *testing.B) {
	for name, marked := range map[string]string{"no marks": "", "marks of others": "other", "marks of its own": "sku"} {
		b.Run(name, func(b *testing.B) {
			s, items := New(w1), []Item{}
			for n := range 3 {
				sku := SKU(fmt.Sprint("sku-", n))
				s.levels.Put(sku, levelOf(1000, 0))
				items = append(items, Item{sku, 1})
			}
			for n := 0; marked != "" && n < 1000; n++ {
				s.marks.Put(SKU(fmt.Sprint(marked, "-", n)), 10)
			}
			mail := ledger.Received{From: orders, Number: 1, Body: EncodeMessage(Hold{Order: "order-1", Items: items})}
			b.ReportAllocs()
			for b.Loop() {
				if d := s.Decide(mail, ledger.Recalled{}, ledger.Stamp{Version: 1, At: noon}); len(d.Changes) != 2 {
					b.Fatalf("%+v", d)
				}
			}
		})
	}
}
