package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"

	"github.com/IBM/sarama"
)

// apart is a client that can be told to read each partition over a connection of its own. All
// that a broker has come in one answer otherwise, and a batch in it that can't be read (one
// that grows beyond all bounds, or is broken) would stop every partition, with no telling
// which is at fault.
type apart struct {
	sarama.Client

	mu   sync.Mutex
	told bool
	own  map[int32]*sarama.Broker // by partition: it is of one topic
}

// isolate reads each partition apart from now on. The client asks for a partition's broker
// after each failure, so those that have failed together are read again one by one.
func (a *apart) isolate() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told = true
}

// LeaderAndEpoch implements sarama.Client.
func (a *apart) LeaderAndEpoch(topic string, partition int32) (*sarama.Broker, int32, error) {
	leader, epoch, err := a.Client.LeaderAndEpoch(topic, partition)
	if err != nil {
		return leader, epoch, err
	}
	return a.connection(leader, partition), epoch, nil
}

// connection gives the connection to a partition's leader.
func (a *apart) connection(leader *sarama.Broker, partition int32) *sarama.Broker {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.told {
		return leader
	}
	own := a.own[partition]
	if own == nil || own.Addr() != leader.Addr() {
		if own != nil {
			_ = own.Close() // it may not be open
		}
		if a.own == nil {
			a.own = map[int32]*sarama.Broker{}
		}
		own = sarama.NewBroker(leader.Addr())
		a.own[partition] = own
	}
	_ = own.Open(a.Config()) // it may be open; else reading says what failed
	return own
}

// disconnect closes the partitions' own connections.
func (a *apart) disconnect() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, own := range a.own {
		_ = own.Close() // it may not be open
	}
}

// isUnreadable: what a broker sent can't be read. It is what is neither a broker's answer nor
// of the connection.
func isUnreadable(err error) bool {
	reading, ok := errors.AsType[*sarama.ConsumerError](err)
	if !ok {
		return false
	}
	if _, ok := errors.AsType[sarama.KError](reading.Err); ok {
		return false
	}
	if _, ok := errors.AsType[net.Error](reading.Err); ok {
		return false
	}
	for _, other := range []error{
		io.EOF, net.ErrClosed, context.Canceled, sarama.ErrNotConnected, sarama.ErrOutOfBrokers, sarama.ErrClosedClient,
	} {
		if errors.Is(reading.Err, other) {
			return false
		}
	}
	return true
}
