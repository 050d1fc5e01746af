package kafka

import (
	"fmt"
	"strings"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// longestInstance is what Kafka takes as a static member's name, in bytes.
const longestInstance = 249

// groupConfig makes the configuration of a topic's member of the group. assigned is told, from
// one goroutine, which partitions the group gives it, before any of the others is let go.
//
// The cooperative strategy is the only one: the brokers let nobody in beside members that know
// only another. Those of a program that shared out eagerly (range) have to end first.
func groupConfig(c Config, topic string, assigned func(partitions []int32)) *sarama.Config {
	s := clientConfig(c, consuming)
	s.Consumer.Group.InstanceId = instanceOf(c, topic)
	s.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{newCooperative(topic, assigned)}
	return s
}

// instanceOf names a topic's static member; empty: a dynamic one. Each topic has a member of
// its own, and two of one name would shut each other out.
func instanceOf(c Config, topic string) string {
	if c.Instance == "" {
		return ""
	}
	return c.Instance + "." + strings.TrimPrefix(topic, c.Prefix)
}

// checkInstance refuses a name that the brokers would.
func checkInstance(c Config, topic string) error {
	if name := instanceOf(c, topic); len(name) > longestInstance {
		return fmt.Errorf("%w: kafka: instance %q: as a member's name, with the topic, it is %s: %d bytes, and %d is most: shorten it",
			ports.ErrPermanent, c.Instance, name, len(name), longestInstance)
	}
	return nil
}

// sticky is all that the client's cooperative strategy does.
type sticky interface {
	sarama.RebalanceProtocolBalanceStrategy
	sarama.SubscriptionUserDataBalanceStrategy
	sarama.OnAssignmentBalanceStrategy
}

// cooperative shares partitions out so that few move: members keep the others, and read on,
// while the group changes. The client tells a handler that its partition goes by closing its
// messages, behind those that are buffered; this strategy tells at once, so that a handler
// that waits for room notices too.
type cooperative struct {
	sticky
	topic    string
	assigned func(partitions []int32)
}

var _ sticky = cooperative{}

func newCooperative(topic string, assigned func(partitions []int32)) cooperative {
	return cooperative{sarama.NewBalanceStrategyCooperativeSticky().(sticky), topic, assigned} //nolint:forcetypeassert // a test makes one
}

// OnAssignment implements sarama.OnAssignmentBalanceStrategy.
func (c cooperative) OnAssignment(a *sarama.ConsumerGroupMemberAssignment, generation int32) {
	c.sticky.OnAssignment(a, generation)
	c.assigned(a.Topics[c.topic])
}

// coordinated is a client with connections of its own for what concerns the group. A broker
// answers one request after the other on a connection, and a join only when all members are
// back: partitions that are kept could not be read meanwhile.
type coordinated struct {
	sarama.Client
	group sarama.Client
}

// Coordinator implements sarama.Client.
func (c coordinated) Coordinator(group string) (*sarama.Broker, error) {
	return c.group.Coordinator(group)
}

// RefreshCoordinator implements sarama.Client.
func (c coordinated) RefreshCoordinator(group string) error {
	return c.group.RefreshCoordinator(group)
}
