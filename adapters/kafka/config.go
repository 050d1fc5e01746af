package kafka

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"time"

	"inventory/ports"
)

// Defaults of Config.
const (
	DefaultClientID         = "inventory"
	DefaultGroup            = "inventory"
	DefaultPartitions       = 12
	DefaultReplication      = 1
	DefaultLanes            = 64
	DefaultWindow           = 4096
	DefaultWindowBytes      = 4 << 20
	DefaultMaxMessageBytes  = 1_000_000 // a broker takes batches of 1,048,588
	DefaultDialTimeout      = 5 * time.Second
	DefaultSessionTimeout   = 15 * time.Second
	DefaultRebalanceTimeout = 20 * time.Second
	DefaultDrainTimeout     = 10 * time.Second
	DefaultCommitInterval   = 500 * time.Millisecond
	DefaultDeliveryTimeout  = 20 * time.Second
	DefaultNackPause        = 50 * time.Millisecond
)

// Config says how to reach a cluster and how to use it. DefaultConfig has a value for all
// but Brokers.
type Config struct {
	Brokers  []string // host:port of some; the others are found through them
	ClientID string   // in the brokers' logs and quotas
	Prefix   string   // of all topics' names, may be empty
	Group    string   // the consumer group's id
	// Instance makes the process a static member of the group: its name there, which a restart
	// keeps and no other process has at the same time. Empty: a dynamic member.
	//
	// A dynamic member leaves the group when it ends, and its partitions go to others at once.
	// A static one does not: if it is back within SessionTimeout it goes on where it was, without
	// the others noticing; if it is not, nobody reads its partitions until then. So a rolling
	// restart moves nothing, and taking a process away costs its partitions the session
	// time-out: let that be as long as a restart takes, and no longer.
	//
	// Of two processes with one name the later reads; the other tells Trouble of
	// FENCED_INSTANCE_ID, reads nothing, and goes on once the name is free.
	Instance string

	// CaptureTopic is the whole name of the topic that capture of inventory.events writes; empty:
	// nothing captures.
	CaptureTopic string

	Partitions  int // of topics that CreateTopics makes
	Replication int // of topics that CreateTopics makes, at most the number of brokers; -1: as these have it set

	// Lanes is how many records of a partition are handled at once, at most; one more handles
	// those without a key.
	Lanes int
	// Window is how far, in records, a partition is read ahead of its first record that is not
	// done; WindowBytes how much of it (keys, values and headers of what is not done) is kept in
	// memory, but for one record that is larger.
	Window      int
	WindowBytes int
	// MaxMessageBytes bounds a record that is published, with its headers.
	MaxMessageBytes int

	DialTimeout time.Duration // of one connection
	// SessionTimeout is how long a process that is gone without leaving keeps its partitions.
	SessionTimeout time.Duration
	// RebalanceTimeout is how long members have to come back when the group's membership
	// changes. They read on meanwhile, except what goes to another.
	RebalanceTimeout time.Duration
	// DrainTimeout is how long records in flight may take to finish when a partition goes to
	// another member, or on Close. Below RebalanceTimeout.
	DrainTimeout time.Duration
	// CommitInterval is how often marked offsets are committed: a crash repeats about as much.
	CommitInterval time.Duration
	// DeliveryTimeout bounds one attempt to publish, however often the client tries within it.
	DeliveryTimeout time.Duration
	// NackPause is about how long a message that was nacked waits before it comes again: it
	// doubles each time, up to a hundred times as much.
	NackPause time.Duration
}

// DefaultConfig returns the configuration that fits one broker, with no Brokers.
func DefaultConfig() Config {
	return Config{
		ClientID:         DefaultClientID,
		Group:            DefaultGroup,
		Partitions:       DefaultPartitions,
		Replication:      DefaultReplication,
		Lanes:            DefaultLanes,
		Window:           DefaultWindow,
		WindowBytes:      DefaultWindowBytes,
		MaxMessageBytes:  DefaultMaxMessageBytes,
		DialTimeout:      DefaultDialTimeout,
		SessionTimeout:   DefaultSessionTimeout,
		RebalanceTimeout: DefaultRebalanceTimeout,
		DrainTimeout:     DefaultDrainTimeout,
		CommitInterval:   DefaultCommitInterval,
		DeliveryTimeout:  DefaultDeliveryTimeout,
		NackPause:        DefaultNackPause,
	}
}

var (
	clientName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,200}$`)
	// instanceName leaves room for the topic that is put behind it: Kafka takes 249 bytes.
	instanceName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,200}$`)
	topicName    = regexp.MustCompile(`^[A-Za-z0-9._-]{0,249}$`)
	// prefixName leaves room for the longest topic: Kafka takes 249 bytes.
	prefixName = regexp.MustCompile(`^[A-Za-z0-9._-]{0,200}$`)
)

// Validate reports everything that is wrong, at once; each fault wraps ports.ErrPermanent.
func (c Config) Validate() error {
	faults := append(c.nameFaults(), c.sizeFaults()...)
	return errors.Join(append(faults, c.timeFaults()...)...)
}

// faultList collects what is wrong.
type faultList []error

func (l *faultList) check(ok bool, format string, args ...any) {
	if !ok {
		*l = append(*l, fmt.Errorf("%w: kafka: %s", ports.ErrPermanent, fmt.Sprintf(format, args...)))
	}
}

func (c Config) nameFaults() faultList {
	var l faultList
	l.check(len(c.Brokers) > 0, "brokers: none given, expected host:port of at least one")
	for _, b := range c.Brokers {
		l.check(isAddress(b), "broker %q: expected host:port", b)
	}
	l.check(clientName.MatchString(c.ClientID), "client id %q: expected 1 to 200 letters, digits, dots, dashes or underscores", c.ClientID)
	l.check(clientName.MatchString(c.Group), "group %q: expected 1 to 200 letters, digits, dots, dashes or underscores", c.Group)
	l.check(instanceName.MatchString(c.Instance), "instance %q: expected at most 200 letters, digits, dots, dashes or underscores", c.Instance)
	l.check(topicName.MatchString(c.CaptureTopic), "capture topic %q: expected at most 249 letters, digits, dots, dashes or underscores", c.CaptureTopic)
	l.check(prefixName.MatchString(c.Prefix), "topic prefix %q: expected at most 200 letters, digits, dots, dashes or underscores", c.Prefix)
	return l
}

func (c Config) sizeFaults() faultList {
	var l faultList
	l.check(between(c.Partitions, 1, 10_000), "partitions %d: expected 1 to 10,000", c.Partitions)
	l.check(c.Replication == -1 || between(c.Replication, 1, 100), "replication %d: expected 1 to 100 and no more than there are brokers, or -1 for what they have set", c.Replication)
	l.check(between(c.Lanes, 1, 4096), "lanes %d: expected 1 to 4096", c.Lanes)
	l.check(between(c.Window, max(c.Lanes, 1), 1<<20), "window %d: expected at least the number of lanes, %d, and at most 1,048,576", c.Window, c.Lanes)
	l.check(between(c.WindowBytes, 1<<16, 1<<30), "window of %d bytes: expected 64 KiB to 1 GiB", c.WindowBytes)
	l.check(between(c.MaxMessageBytes, 10_000, 50_000_000), "message limit %d bytes: expected 10,000 to 50,000,000", c.MaxMessageBytes)
	return l
}

func (c Config) timeFaults() faultList {
	var l faultList
	within := func(name string, d, least, most time.Duration) {
		l.check(d >= least && d <= most && d%time.Millisecond == 0, "%s %v: expected %v to %v in whole milliseconds", name, d, least, most)
	}
	within("dial timeout", c.DialTimeout, 100*time.Millisecond, time.Minute)
	within("session timeout", c.SessionTimeout, time.Second, 10*time.Minute)
	within("rebalance timeout", c.RebalanceTimeout, time.Second, 10*time.Minute)
	within("drain timeout", c.DrainTimeout, 10*time.Millisecond, 10*time.Minute)
	within("commit interval", c.CommitInterval, 10*time.Millisecond, time.Minute)
	within("delivery timeout", c.DeliveryTimeout, time.Second, 10*time.Minute)
	within("nack pause", c.NackPause, time.Millisecond, 10*time.Second)
	l.check(c.DrainTimeout < c.RebalanceTimeout, "drain timeout %v: expected less than the rebalance timeout, %v", c.DrainTimeout, c.RebalanceTimeout)
	return l
}

func between(n, least, most int) bool { return n >= least && n <= most }

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && between(n, 1, 65535)
}
