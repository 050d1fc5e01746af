package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"inventory/integration/service"
)

// eventOrders are orders that come as events on Kafka.
type eventOrders struct{ *upstream }

func openEvents(ctx context.Context, s *fleetSite) (orderer, error) {
	u, err := newUpstream(ctx, s.events)
	if err != nil {
		return nil, err
	}
	return eventOrders{u}, nil
}

func (o eventOrders) place(ctx context.Context, id, sku, warehouse string) error {
	item := service.CreatedItem{SKU: sku, Quantity: 1}
	if warehouse != "" {
		item.WarehouseID = &warehouse
	}
	return o.send(ctx, id, item)
}

// callOrders are orders that callers ask for over HTTP, each process in turn.
type callOrders struct {
	clients []*service.Client
	next    atomic.Int64
}

func openCalls(_ context.Context, s *fleetSite) (orderer, error) {
	return &callOrders{clients: s.clients}, nil
}

func (o *callOrders) close() {}

// reserveBody is a request to hold one unit.
type reserveBody struct {
	OrderID string        `json:"order_id"`
	Items   []reserveItem `json:"items"`
}

type reserveItem struct {
	SKU         string `json:"sku"`
	Quantity    int64  `json:"quantity"`
	WarehouseID string `json:"warehouse_id,omitempty"`
}

func (o *callOrders) place(ctx context.Context, id, sku, warehouse string) error {
	client := o.clients[int(o.next.Add(1))%len(o.clients)]
	a, err := client.Ask(ctx, http.MethodPost, "/inventory/reserve", nil, reserveBody{id, []reserveItem{{sku, 1, warehouse}}})
	if err == nil && a.Status != http.StatusCreated {
		err = fmt.Errorf("order %s: %s", id, a)
	}
	return err
}
