package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"inventory/adapters/cassandra"
	"inventory/adapters/kafka"
	"inventory/adapters/telemetry"
	"inventory/app"
	"inventory/domain/stock"
)

// The stores.
const (
	storeSQLite    = "sqlite"
	storeCassandra = "cassandra"
	storeMemory    = "memory"
)

// settings are the flags of every command. Each may also come from the environment, as
// INVENTORY_ and its name (INVENTORY_DATA_DIR), or from the file of --config, in this order.
type settings struct {
	HTTPAddr     string `group:"settings" name:"http-addr" default:"127.0.0.1:8080" help:"Where the API listens."`
	KafkaAddr    string `group:"settings" default:"127.0.0.1:9092" help:"Where the embedded broker listens, without --brokers."`
	RegistryAddr string `group:"settings" default:"127.0.0.1:8081" help:"Where the embedded schema registry listens, without --registry-url."`
	DataDir      string `group:"settings" default:"./data" help:"Folder of the embedded store, broker and registry; one process at a time uses it."`
	Server       string `group:"settings" default:"http://127.0.0.1:8080" help:"The service that client commands ask."`

	Store       string            `group:"settings" default:"sqlite" enum:"sqlite,cassandra,memory" help:"Where the journals are kept: sqlite (in --data-dir), cassandra, or memory (gone with the process)."`
	Cassandra   cassandraSettings `embed:"" prefix:"cassandra-" group:"settings"`
	Fleet       fleetSettings     `embed:"" prefix:"fleet-" group:"settings"`
	Brokers     []string          `group:"settings" placeholder:"HOST:PORT" help:"Kafka's bootstrap servers, with commas between. Default: the embedded broker."`
	RegistryURL string            `group:"settings" name:"registry-url" placeholder:"URL" help:"A Confluent-compatible schema registry. Default: the embedded one."`
	Registry    registrySettings  `embed:"" prefix:"registry-" group:"settings"`
	Topic       topicSettings     `embed:"" prefix:"topic-" group:"settings"`

	Redis     []string      `group:"settings" name:"redis" placeholder:"HOST:PORT" help:"On Cassandra: a Redis server, or some of a cluster's with commas between, where levels of SKUs that are read much are kept for all processes. Nothing is decided by it, and without it nothing but speed is missing. Default: none."`
	RedisLink redisSettings `embed:"" prefix:"redis-" group:"settings"`

	Role    []string        `group:"settings" default:"all" enum:"all,core,cdc,aggregator,projector" help:"What serve does, with commas between: core (ledgers, order events, the API), cdc (publishes what is left to capture), aggregator (publishes stock by SKU and region, unless a Flink job does), projector (writes that to its table), or all of it."`
	Publish string          `group:"settings" default:"direct" enum:"direct,cdc" help:"Who publishes: the owner of each ledger (direct), or whoever captures inventory.events (cdc). The same events with the same ids; it may change at any restart."`
	Capture captureSettings `embed:"" prefix:"capture-" group:"settings"`
	Global  globalSettings  `embed:"" prefix:"global-" group:"settings"`

	ConsumerGroup string        `group:"settings" placeholder:"NAME" help:"Kafka's consumer group of the service: one for each store, which would get some of another's orders. Default: the topics' prefix and inventory, or Cassandra's keyspace."`
	Lanes         int           `group:"settings" default:"64" help:"Orders of one partition that may be under way at once."`
	Session       time.Duration `group:"settings" default:"10s" help:"How long Kafka waits for a sign of a consumer before its partitions are given to others."`

	HomeRegion         string        `group:"settings" default:"home" help:"The deployment's own region, which names its reservation ledgers."`
	DefaultRegion      string        `group:"settings" placeholder:"NAME" help:"Where orders that name no region are served; empty: anywhere."`
	ReservationLedgers int           `group:"settings" default:"4" help:"Reservation ledgers of a new store; never changes afterwards."`
	HoldTTL            time.Duration `group:"settings" name:"hold-ttl" default:"1h" help:"How long a hold lives where the order doesn't say: 1s to 24h."`
	HoldWarning        time.Duration `group:"settings" default:"5m" help:"How long before its end a hold is announced on inventory.expiring.v1; half way through a hold that is no longer than that; 0: never."`
	ParkPicks          time.Duration `group:"settings" default:"15m" help:"How long a pick waits for an order that was never seen, before it is a dead letter."`
	RetryFor           time.Duration `group:"settings" default:"1h" help:"How long an order event is tried again that fails for a reason elsewhere (the store or the registry is away), before it is a dead letter with that reason's code, such as UNAVAILABLE, so that those behind it go on; replay them when the reason is gone, nothing is lost. 0: for as long as it takes."`
	Desk               dlqSettings   `embed:"" prefix:"dlq-" group:"settings"`
	Lease              time.Duration `group:"settings" default:"10s" help:"On Cassandra: how long it takes at most until the ledgers of a process that died are taken over by others."`
	ClockCheck         time.Duration `group:"settings" default:"10s" help:"On Cassandra: how often the clock is compared with the nodes'; beyond 2 s off the process owns nothing."`
	Timeout            time.Duration `group:"settings" default:"30s" help:"How long one command, or one request, may take."`
	MaxRequests        int           `group:"settings" default:"1024" help:"Requests of the API that a process works at, at once; beyond it callers are told at once to come again (503)."`
	ReadPatience       time.Duration `group:"settings" default:"1s" help:"How long stock is read again that has not reached the min_version of its reader, before that is told so (503): 0 to 5s."`
	MaxWatches         int           `group:"settings" default:"10000" help:"Watches of warehouses (gRPC) that a process has, at once; beyond it callers are told to come again, or elsewhere."`
	ConsoleActs        bool          `group:"settings" help:"Lets the console at /console replay, discard and restore dead letters; else it reads only."`
	AuditInterval      time.Duration `group:"settings" default:"20s" help:"How often each process compares memory, tables and topic with the journals, spread over that time; 0: never."`
	AuditReads         int           `group:"settings" default:"7000" help:"Levels and orders that are compared with the tables in one such interval, at most; more take turns."`
	SnapshotBytes      int           `group:"settings" hidden:"" default:"67108864" help:"Least size of a journal's tail at which a snapshot is taken; small in tests."`
	LogLevel           string        `group:"settings" default:"info" help:"What is logged to stderr: debug, info, warn or error."`
	LogFormat          string        `group:"settings" default:"console" help:"How it is logged: console or json."`
}

// cassandraSettings say where Cassandra is.
type cassandraSettings struct {
	Hosts       []string `placeholder:"HOST:PORT" help:"Contact points, with commas between."`
	DC          string   `name:"dc" placeholder:"NAME" help:"Data centre of the home region."`
	Keyspace    string   `default:"inventory" help:"Keyspace."`
	Replication string   `placeholder:"DC=N,…" help:"Replicas for each data centre, for migrate to make the keyspace with."`
	Username    string   `placeholder:"NAME" help:"User name; the password comes from INVENTORY_CASSANDRA_PASSWORD alone."`
	password    string
}

// dlqSettings are of the desk of dead letters.
type dlqSettings struct {
	Interval time.Duration `default:"15s" help:"How often each process reads what is new of dead letters and of what was done with them, for its metrics and for jobs whose process died; commands read it anyway."`
	Takeover time.Duration `default:"10s" help:"How long the process that replays letters may be silent before another one goes on with its job: 2s or more."`
}

func (s dlqSettings) faults(fault func(bad bool, format string, args ...any)) {
	fault(s.Interval < 100*time.Millisecond, "--dlq-interval=%s: expected 100ms or more", s.Interval)
	fault(s.Takeover < 2*time.Second, "--dlq-takeover=%s: expected 2s or more", s.Takeover)
}

// topicSettings say how topics are named and made.
type topicSettings struct {
	Prefix      string `placeholder:"TEXT" help:"What the names of all topics, and of their subjects, begin with."`
	Partitions  int    `default:"12" help:"Partitions of a topic that is made."`
	Replication int    `default:"-1" help:"Replicas of a topic that is made; -1: as the brokers have it set."`
}

// secrets are the settings that are no flags, by variable: command lines and files are seen
// by others.
func (s *settings) secrets() map[string]*string {
	return map[string]*string{
		"INVENTORY_CASSANDRA_PASSWORD": &s.Cassandra.password,
		"INVENTORY_REGISTRY_PASSWORD":  &s.Registry.password,
		"INVENTORY_REGISTRY_TOKEN":     &s.Registry.token,
		"INVENTORY_REDIS_PASSWORD":     &s.RedisLink.password,
	}
}

// validate names every fault that can be seen before anything is opened.
func (s *settings) validate() error {
	var faults []string
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	fault(s.Timeout <= 0, "--timeout=%s: expected more than 0", s.Timeout)
	fault(s.MaxRequests < 1, "--max-requests=%d: expected 1 or more", s.MaxRequests)
	fault(s.MaxWatches < 1, "--max-watches=%d: expected 1 or more", s.MaxWatches)
	fault(s.RetryFor < 0, "--retry-for=%s: expected 0, for as long as it takes, or more", s.RetryFor)
	fault(s.AuditReads < 1, "--audit-reads=%d: expected 1 or more", s.AuditReads)
	fault(s.AuditInterval < 0 || s.AuditInterval > 0 && s.AuditInterval < 100*time.Millisecond, "--audit-interval=%s: expected 0, for never, or 100ms or more", s.AuditInterval)
	fault(s.SnapshotBytes < 1, "--snapshot-bytes=%d: expected 1 or more", s.SnapshotBytes)
	fault(s.DataDir == "", "--data-dir: expected the name of a folder")
	fault(s.Store == storeCassandra && len(s.Cassandra.Hosts) == 0, "--cassandra-hosts: expected, with --store=cassandra")
	fault(s.Store == storeCassandra && s.Cassandra.DC == "", "--cassandra-dc: expected, with --store=cassandra")
	s.Fleet.faults(fault)
	s.Registry.faults(fault)
	s.redisFaults(fault)
	s.Desk.faults(fault)
	s.roleFaults(fault)
	s.Global.faults(fault)
	s.captureFaults(fault)
	fault(s.Lanes < 1 || s.Lanes > 4096, "--lanes=%d: expected 1 to 4096", s.Lanes)
	for flag, addr := range map[string]string{"http-addr": s.HTTPAddr, "kafka-addr": s.KafkaAddr, "registry-addr": s.RegistryAddr} {
		_, _, err := net.SplitHostPort(addr)
		fault(err != nil, "--%s=%s: expected HOST:PORT, such as 127.0.0.1:8080", flag, addr)
	}
	if _, err := telemetry.NewLogger(io.Discard, s.log()); err != nil {
		faults = append(faults, err.Error())
	}
	for _, err := range []error{s.app().Validate(), s.kafka().Validate()} {
		if err != nil {
			faults = append(faults, strings.Split(err.Error(), "\n")...)
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s", errUsage, strings.Join(faults, "\n"))
}

func (s *settings) log() telemetry.Options {
	return telemetry.Options{Level: s.LogLevel, Format: s.LogFormat}
}

// app gives the configuration of the use cases; its Owner.Owner is still to be set.
func (s *settings) app() app.Config {
	c := app.DefaultConfig()
	c.Region = stock.Region(s.HomeRegion)
	c.Capture = s.Publish == publishCDC
	c.ReservationLedgers = s.ReservationLedgers
	c.TTL = s.HoldTTL
	c.Reservation.Warning, c.Reservation.ParkPatience = s.HoldWarning, s.ParkPicks
	c.Reservation.DefaultRegion = stock.Region(s.DefaultRegion)
	c.ReadPatience = s.ReadPatience
	c.Owner.Lease = s.Lease
	c.Owner.ClockCheck = s.ClockCheck
	c.Owner.MaxSkew = cassandra.MaxClockSkew
	c.Owner.SnapshotBytes = s.SnapshotBytes
	c.Audit.Interval, c.Audit.Reads = max(0, s.AuditInterval), s.AuditReads
	c.Watch.Watches = s.MaxWatches
	c.Cache.TTL = s.RedisLink.TTL
	c.Audit.Rows = 10 * s.AuditReads // of inventory.events, which come many at a time
	// Nobody else can own what only this process can open.
	c.Owner.Seize = s.Store != storeCassandra
	return c
}

// group names the consumer group: of two stores that had the same, each would get some of the
// order events.
func (s *settings) group() string {
	switch {
	case s.ConsumerGroup != "":
		return s.ConsumerGroup
	case s.Store == storeCassandra:
		return s.Topic.Prefix + s.Cassandra.Keyspace
	}
	return s.Topic.Prefix + kafka.DefaultGroup
}

// cassandra gives the configuration of the store, with what it is told of the fleet.
func (s *settings) cassandra() cassandra.Config {
	c := s.Cassandra.config()
	c.Region = s.HomeRegion
	// Ten leases or more, in whole seconds.
	c.MemberTTL = max(time.Minute, (10*s.Lease + time.Second - 1).Truncate(time.Second))
	return c
}

func (c cassandraSettings) config() cassandra.Config {
	return cassandra.Config{Hosts: c.Hosts, DC: c.DC, Keyspace: c.Keyspace, Username: c.Username, Password: c.password}
}

// embeds tells whether the process keeps anything in the data directory.
func (s *settings) embeds() bool {
	return s.Store == storeSQLite || len(s.Brokers) == 0 || s.RegistryURL == ""
}
