package kafka

import (
	"math/rand/v2"
	"time"

	"github.com/IBM/sarama"
	"github.com/rcrowley/go-metrics"
)

// maxDecompressed bounds what a compressed batch may grow to: a broker takes batches of 1
// MiB, and one that holds 64 times that is no order event.
const maxDecompressed = 64 << 20

// Both are the libraries' own globals, read wherever they work: to be set before anything
// does. Nobody reads sarama's metrics, and their meters leave a goroutine behind.
func init() {
	metrics.UseNilMetrics = true
	sarama.MaxDecompressedBatchSize = maxDecompressed
}

// role is what a client is for.
type role int

const (
	consuming role = iota
	publishing
	burying       // dead letters, whose headers come on top of a record of any size
	administering // topics
)

const (
	// brokerBatchLimit is what a broker takes as one batch, unless it is told otherwise.
	brokerBatchLimit = 1_048_588
	// letterRoom is what the headers of a dead letter may take.
	letterRoom = 64 << 10
)

// largestLetter is how large a dead letter may be with all its headers, in bytes.
func largestLetter(c Config) int { return max(c.MaxMessageBytes, brokerBatchLimit) + letterRoom }

// producerTries is how often the client itself sends a batch again.
const producerTries = 3

// clientConfig is the only place where a sarama.Config is made; its defaults would lose
// records.
func clientConfig(c Config, r role) *sarama.Config {
	s := sarama.NewConfig()
	s.ClientID = c.ClientID
	// Kafka 4 refuses much of what older versions say; the client asks what the broker speaks
	// and goes no higher.
	s.Version = sarama.V3_9_0_0
	s.ApiVersionsRequest = true
	// Records that wait here are not counted by the window.
	s.ChannelBufferSize = 64

	setNet(c, r, s)
	setProducer(c, r, s)
	setConsumer(c, s)
	return s
}

func setNet(c Config, r role, s *sarama.Config) {
	s.Net.MaxOpenRequests = 1 // the idempotent producer's order rests on it
	s.Net.DialTimeout = c.DialTimeout
	s.Net.WriteTimeout = c.DialTimeout
	s.Net.KeepAlive = 30 * time.Second
	// A broker answers a join only when all members are back.
	s.Net.ReadTimeout = c.RebalanceTimeout + 10*time.Second
	if r != consuming {
		s.Net.ReadTimeout = c.DeliveryTimeout / 2
	}
	s.Metadata.AllowAutoTopicCreation = false
	// A cluster has topics of others; but the client finds the controller no other way.
	s.Metadata.Full = r == administering
	s.Metadata.RefreshFrequency = time.Minute
	s.Metadata.Retry.Max = 3
	s.Metadata.Retry.BackoffFunc = jitteredRetry
	s.Metadata.Timeout = c.DeliveryTimeout / 2
	s.Admin.Timeout = 10 * time.Second
}

func setProducer(c Config, r role, s *sarama.Config) {
	s.Producer.RequiredAcks = sarama.WaitForAll
	s.Producer.Idempotent = true
	s.Producer.Timeout = c.DeliveryTimeout / 2
	s.Producer.Partitioner = sarama.NewMurmur2Partitioner // Java's, so that keys meet whoever writes them
	s.Producer.Return.Successes = true
	s.Producer.Return.Errors = true
	s.Producer.Retry.Max = producerTries
	s.Producer.Retry.BackoffFunc = jitteredRetry
	// This one is of asking for a producer id, transactions or not.
	s.Producer.Transaction.Retry.Max = producerTries
	s.Producer.Transaction.Retry.BackoffFunc = jitteredRetry
	// No lingering: what comes while a request is under way goes with the next.
	s.Producer.Flush.Frequency = 0
	s.Producer.Compression = sarama.CompressionNone
	s.Producer.MaxMessageBytes = c.MaxMessageBytes
	if r == burying {
		s.Producer.MaxMessageBytes = largestLetter(c)
		// Alone, so that a refusal for size is of this letter.
		s.Producer.Flush.MaxMessages = 1
	}
}

func setConsumer(c Config, s *sarama.Config) {
	s.Consumer.Return.Errors = true
	s.Consumer.MaxWaitTime = 250 * time.Millisecond // also how long a partition waits to be taken up
	s.Consumer.Retry.BackoffFunc = readRetry
	s.Consumer.IsolationLevel = sarama.ReadCommitted // what was aborted never happened
	s.Consumer.Offsets.Initial = sarama.OffsetOldest
	s.Consumer.Offsets.AutoCommit.Enable = true
	s.Consumer.Offsets.AutoCommit.Interval = c.CommitInterval
	g := &s.Consumer.Group
	g.ResetInvalidOffsets = false // offsets that are gone are a person's decision
	g.Session.Timeout = c.SessionTimeout
	g.Heartbeat.Interval = min(c.SessionTimeout/5, time.Second) // also how soon a rebalance is noticed
	g.Rebalance.Timeout = c.RebalanceTimeout
	g.Rebalance.Retry.Backoff = 500 * time.Millisecond
}

// readRetry grows from 500 ms to 4 s: it is how long a partition waits that could not be read.
func readRetry(retries int) time.Duration {
	return 500 * time.Millisecond << min(max(retries-1, 0), 3)
}

// jitteredRetry grows from about 100 ms to about 1 s.
func jitteredRetry(retries, _ int) time.Duration {
	d := min(100*time.Millisecond<<min(max(retries-1, 0), 4), time.Second)
	return d/2 + rand.N(d)
}
