package httpapi

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/owner"
)

// BenchmarkReserveRequest says what a reserve over HTTP costs, without a network, and
// which part is whose: the first less the last is this package's and the use case's.
func BenchmarkReserveRequest(b *testing.B) {
	b.Run("whole", func(b *testing.B) {
		c := stocked(b, Options{})
		c.receive("W1", "SKU-1", 900_000_000)
		benchmarkReserve(b, c.api)
	})
	b.Run("use case alone", func(b *testing.B) {
		in := begin(b, memory.New())
		c := serve(b, in, Options{})
		c.call("PUT /inventory/warehouses/W1", `{"region":"south","rank":1}`).want(200)
		c.receive("W1", "SKU-1", 900_000_000)
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			_, err := in.Reserve(b.Context(), app.ReserveRequest{
				OrderID: fmt.Sprint("order-", n), Region: "south", TTL: time.Minute, Source: "http",
				Items: []app.ReserveItem{{SKU: "SKU-1", Quantity: 1}, {SKU: "SKU-1", Quantity: 2, WarehouseID: "W1"}},
			})
			if err != nil && !errors.Is(err, owner.ErrNotOwner) {
				b.Fatal(err)
			}
		}
	})
	b.Run("without the use case", func(b *testing.B) { benchmarkReserve(b, serve(b, &capture{}, Options{}).api) })
	b.Run("the test's own part", func(b *testing.B) {
		benchmarkReserve(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusCreated) }))
	})
}

func benchmarkReserve(b *testing.B, h http.Handler) {
	if api, is := h.(*API); is {
		api.options.Observe = func(string, int, time.Duration) {}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		body := fmt.Sprintf(`{"order_id":"order-%d","region":"south","ttl_seconds":60,"items":[{"sku":"SKU-1","quantity":1},{"sku":"SKU-1","quantity":2,"warehouse_id":"W1"}]}`, n)
		r := httptest.NewRequest("POST", "/inventory/reserve", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusCreated && w.Code != http.StatusServiceUnavailable {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkReadRequest says what reads over HTTP cost, without a network: one SKU in two
// warehouses, the same where it has not changed, and many at once.
func BenchmarkReadRequest(b *testing.B) {
	c := stocked(b, Options{})
	c.call("PUT /inventory/warehouses/W2", `{"region":"north","rank":2}`).want(200)
	var many []string
	for n := range app.MaxStockItems {
		sku := fmt.Sprint("S", n)
		c.receive("W1", sku, 10)
		c.receive("W2", sku, 10)
		many = append(many, fmt.Sprintf(`{"sku":%q}`, sku))
	}
	c.api.options.Observe = func(string, int, time.Duration) {}
	tag := c.call("GET /inventory/S1", "").want(200).header.Get("ETag")
	for _, read := range []struct {
		name, method, path, body, tag string
		status                        int
	}{
		{"one", "GET", "/inventory/S1", "", "", http.StatusOK},
		{"one unchanged", "GET", "/inventory/S1", "", tag, http.StatusNotModified},
		{"500", "POST", "/inventory/query", `{"items":[` + strings.Join(many, ",") + `]}`, "", http.StatusOK},
	} {
		b.Run(read.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequest(read.method, read.path, strings.NewReader(read.body))
				r.Header.Set("Content-Type", "application/json")
				if read.tag != "" {
					r.Header.Set("If-None-Match", read.tag)
				}
				w := httptest.NewRecorder()
				c.api.ServeHTTP(w, r)
				if w.Code != read.status {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
