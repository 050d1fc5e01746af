package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"inventory/ports"
)

// What BrokerConfig defaults to.
const (
	DefaultBrokerAddr     = "127.0.0.1:9092"
	DefaultPartitions     = 12
	DefaultRetention      = 7 * 24 * time.Hour
	DefaultRetentionBytes = 256 << 20 // 256 MiB
)

const (
	defaultSegmentBytes  = 16 << 20 // a file of a partition; the newest is never removed
	defaultRetentionTick = time.Minute
)

// BrokerConfig says how a broker runs. Its zero value keeps everything in memory.
type BrokerConfig struct {
	// Addr is HOST:PORT to listen on, and what clients are told. Port 0 lets the system choose.
	Addr string
	// DataDir keeps topics, records and group offsets. One broker at a time may use it: hold
	// a lock. Empty keeps all in memory, without any limit, until Close.
	DataDir string
	// Partitions is how many a topic gets whose creator doesn't say.
	Partitions int
	// Fsync makes records and offsets survive a power cut too, not just the end of the
	// process: each request waits for an fsync, all requests one after the other. Off by
	// default: 16 producers of 1 KB wrote 32,000 records/s one at a time, with it 2,500.
	Fsync bool
	// Retention is how long topics keep records that don't say so themselves
	// (retention.ms); below zero: for ever. Files are removed whole.
	Retention time.Duration
	// RetentionBytes is how much each partition keeps (retention.bytes), on top of the
	// file that is being written; below zero: all.
	RetentionBytes int64
	// Warn is told what people should know. By default it goes to the standard error.
	Warn func(message string)

	segmentBytes  int64         // tests use small ones
	retentionTick time.Duration // between two looks at what is too old
}

// Broker is a Kafka broker in this process. Topics are made by CreateTopics only, never
// because somebody asked for one.
//
// A record is given to the operating system before it is acknowledged, and so are group
// offsets: both survive this process's end, however it ends. A power cut may take the
// newest unless Fsync is set. What an idempotent producer sends again over a kill may be
// there twice; over Close and restart it is not.
//
// On disk a partition takes at most RetentionBytes and one file of 16 MiB more. Compacted
// topics aren't cut: each start leaves the newest record of each key, except in the newest
// file. The start after a kill reads all of it into memory: 800 MB took 0.6 s.
type Broker struct {
	addr     string
	cluster  *kfake.Cluster
	log      *brokerLog
	stop     context.CancelFunc
	retained chan struct{} // closed when the retention loop has ended
}

// StartBroker starts a broker, which ctx bounds no longer than the start. First it mends
// what a killed process left half written. ErrPermanent where the address or the
// directory can't be used; the message says what to do.
func StartBroker(ctx context.Context, cfg BrokerConfig) (*Broker, error) {
	cfg = cfg.withDefaults()
	if cfg.Partitions < 1 || cfg.Partitions > maxPartitions {
		return nil, fmt.Errorf("%w: the embedded broker: %d partitions: expected 1 to %d", ports.ErrPermanent, cfg.Partitions, maxPartitions)
	}
	ln, err := listen(ctx, "broker", cfg.Addr, "--kafka-addr")
	if err != nil {
		return nil, err
	}
	log := &brokerLog{warn: cfg.Warn}
	if err := mend(cfg.DataDir, cfg.Warn); err != nil {
		return nil, errors.Join(unusable(cfg.DataDir, err), ln.Close())
	}
	cluster, err := kfake.NewCluster(options(cfg, log, ln)...)
	if err != nil {
		_ = ln.Close() // kfake may have done so
		return nil, unusable(cfg.DataDir, err)
	}
	b := &Broker{addr: ln.Addr().String(), cluster: cluster, log: log, retained: make(chan struct{})}
	guardTopics(cluster)
	if err := forgetSequences(cfg.DataDir); err != nil {
		cluster.Close()
		return nil, unusable(cfg.DataDir, err)
	}
	b.startRetention(cfg)
	return b, nil
}

// Addr is the HOST:PORT that clients connect to.
func (b *Broker) Addr() string { return b.addr }

// Close ends all connections and writes what makes the next start quick. Everything
// acknowledged is safe whatever it returns. It may be called twice.
func (b *Broker) Close() error {
	b.stop()
	<-b.retained
	b.cluster.Close()
	return b.log.failure()
}

func (cfg BrokerConfig) withDefaults() BrokerConfig {
	if cfg.Addr == "" {
		cfg.Addr = DefaultBrokerAddr
	}
	if cfg.Partitions == 0 {
		cfg.Partitions = DefaultPartitions
	}
	if cfg.Retention == 0 {
		cfg.Retention = DefaultRetention
	}
	if cfg.RetentionBytes == 0 {
		cfg.RetentionBytes = DefaultRetentionBytes
	}
	if cfg.Warn == nil {
		cfg.Warn = func(message string) { fmt.Fprintln(os.Stderr, message) }
	}
	if cfg.segmentBytes == 0 {
		cfg.segmentBytes = defaultSegmentBytes
	}
	if cfg.retentionTick == 0 {
		cfg.retentionTick = defaultRetentionTick
	}
	return cfg
}

func options(cfg BrokerConfig, log *brokerLog, ln net.Listener) []kfake.Opt {
	opts := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("inventory-embedded"),
		kfake.DefaultNumPartitions(cfg.Partitions),
		kfake.WithLogger(log),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return &guardedListener{ln, cfg.Warn}, nil }),
		kfake.BrokerConfigs(brokerSettings(cfg)),
	}
	if cfg.DataDir != "" {
		opts = append(opts, kfake.DataDir(cfg.DataDir))
	}
	if cfg.Fsync {
		opts = append(opts, kfake.SyncWrites())
	}
	return opts
}

// brokerSettings also stops kfake's own cleaner, by letting it wait for thirty years: its
// retention may empty a partition, whose offsets then start at 0 again after a restart,
// and its compaction removes files before it has written the new ones.
func brokerSettings(cfg BrokerConfig) map[string]string {
	retention := int64(-1)
	if cfg.Retention >= 0 {
		retention = cfg.Retention.Milliseconds()
	}
	return map[string]string{
		"log.cleaner.backoff.ms":     "1000000000000",
		"log.retention.ms":           strconv.FormatInt(retention, 10),
		"log.retention.bytes":        strconv.FormatInt(max(cfg.RetentionBytes, -1), 10),
		"log.segment.bytes":          strconv.FormatInt(cfg.segmentBytes, 10),
		"default.replication.factor": "1",
		"offsets.retention.minutes":  "525600", // a laptop may rest for longer than Kafka's week
	}
}

func unusable(dir string, err error) error {
	if dir == "" {
		return fmt.Errorf("%w: the embedded broker: %w", ports.ErrPermanent, err)
	}
	if abs, absErr := filepath.Abs(dir); absErr == nil {
		dir = abs
	}
	return fmt.Errorf("%w: the embedded broker cannot use its data directory %s: %w. Moved elsewhere, it is made anew, without the topics, records and offsets it held",
		ports.ErrPermanent, dir, err)
}
