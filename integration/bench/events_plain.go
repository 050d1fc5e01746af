package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill"
	wkafka "github.com/ThreeDotsLabs/watermill-kafka/v3/pkg/kafka"
	"github.com/ThreeDotsLabs/watermill/message"

	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// plainConsumer is the way of watermill-kafka as it comes: one message under way in each
// partition, held in the plain way, its outcome published before it is acknowledged.
type plainConsumer struct {
	router    *message.Router
	publisher *wkafka.Publisher
	running   sync.WaitGroup
	err       error
}

// consumePlain has order events consumed in the plain way.
func consumePlain(ctx context.Context, w *ways, s *eventSite) (consumer, error) {
	reading := wkafka.DefaultSaramaSubscriberConfig()
	reading.Consumer.Offsets.Initial = sarama.OffsetOldest
	subscriber, err := wkafka.NewSubscriber(wkafka.SubscriberConfig{
		Brokers: s.kafka.Brokers, ConsumerGroup: s.kafka.Group, OverwriteSaramaConfig: reading,
	}, watermill.NopLogger{})
	if err != nil {
		return nil, err
	}
	writing := wkafka.DefaultSaramaSyncPublisherConfig()
	writing.Producer.RequiredAcks = sarama.WaitForAll
	publisher, err := wkafka.NewPublisher(wkafka.PublisherConfig{
		Brokers: s.kafka.Brokers, OverwriteSaramaConfig: writing,
		Marshaler: wkafka.NewWithPartitioningMarshaler(func(_ string, m *message.Message) (string, error) { return m.Metadata.Get("key"), nil }),
	}, watermill.NopLogger{})
	if err != nil {
		return nil, err
	}
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 30 * time.Second}, watermill.NopLogger{})
	if err != nil {
		return nil, err
	}
	c := &plainConsumer{router: router, publisher: publisher}
	router.AddHandler("orders", s.kafka.Prefix+ports.OrderCreatedTopic, subscriber, s.kafka.Prefix+ports.ReservedTopic, publisher,
		func(m *message.Message) ([]*message.Message, error) { return w.plainOutcome(m, s) })
	c.running.Go(func() { c.err = router.Run(context.WithoutCancel(ctx)) })
	<-router.Running()
	return c, nil
}

// plainOutcome holds an order and makes the event of it.
func (w *ways) plainOutcome(m *message.Message, s *eventSite) ([]*message.Message, error) {
	event, err := s.codec.Decode(m.Context(), ports.OrderCreatedTopic, m.Payload)
	if err != nil {
		return nil, err
	}
	order, ok := event.(ports.OrderCreated)
	if !ok || len(order.Items) != 1 {
		return nil, fmt.Errorf("not an order of one line: %+v", event)
	}
	if err := w.plain.order(m.Context(), order.OrderID, order.Items[0].SKU); err != nil {
		return nil, err
	}
	at := time.Now().UTC()
	id := ledger.NewUUIDv5(ledger.Namespace, "reserved:"+order.OrderID)
	value, err := s.codec.Encode(m.Context(), ports.Reserved{
		EventHeader:   ports.EventHeader{ID: id, OccurredAt: at},
		ReservationID: reservation.IDOf(stock.OrderID(order.OrderID)), OrderID: order.OrderID, TTLExpire: at.Add(time.Hour),
		Items: []ports.PublicItem{{SKU: order.Items[0].SKU, WarehouseID: warehouse, Quantity: 1}},
	})
	if err != nil {
		return nil, err
	}
	out := message.NewMessage(id.String(), value)
	out.Metadata.Set("key", order.OrderID)
	return []*message.Message{out}, nil
}

func (c *plainConsumer) stop() error {
	err := c.router.Close()
	c.running.Wait()
	return errors.Join(err, c.err, c.publisher.Close())
}
