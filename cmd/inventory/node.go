package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"inventory/adapters/avro"
	"inventory/adapters/console"
	"inventory/adapters/embedded"
	"inventory/adapters/grpcapi"
	"inventory/adapters/httpapi"
	"inventory/adapters/kafka"
	"inventory/adapters/memory"
	"inventory/adapters/registry"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/adapters/telemetry"
	"inventory/app"
	"inventory/app/capture"
	"inventory/app/global"
	"inventory/app/letters"
	"inventory/app/scan"
	"inventory/ports"
)

// node is a serving process: its parts, in the order in which they are opened.
type node struct {
	p       *program
	s       *settings
	closers closers

	log         *zap.Logger
	metrics     *telemetry.Metrics
	observer    ports.Observer
	listener    net.Listener
	store       opened
	broker      *embedded.Broker   // nil: brokers are elsewhere
	registry    *embedded.Registry // nil: a registry is elsewhere
	registryURL string
	schemas     *registry.Client
	codec       *avro.Codec
	kafka       kafka.Config
	publisher   *kafka.Publisher
	letters     *kafka.DeadLetters
	router      *kafka.Router
	member      member
	in          *app.Inventory
	desk        *letters.Desk
	aggregator  *global.Aggregator // nil: another process has the role
	projector   *global.Projector  // nil: another process has the role
	captured    *capture.Publisher // nil: another process has the role, or nothing is left to capture
	backlog     *kafka.Backlog
	server      *http.Server

	ending      atomic.Bool
	consuming   atomic.Bool
	intake      part // order events
	owning      part // ledgers
	auditing    part
	replaying   part // dead letters
	aggregating part // totals of stock
	projecting  part
	capturing   part // events that are left to capture
	standing    part // asking how things stand
	serving     part // HTTP
	ended       chan error
}

// open opens everything. What it opened before it failed is closed by close.
func (n *node) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		n.openLog, n.lock, n.listen, n.openStore, n.openRegistry, n.openCodec, n.openBroker, n.openFleet, n.openKafka, n.openApp, n.openDesk, n.openGlobal, n.openCapture, n.openStanding, n.letIn, n.openAPI,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) openLog(context.Context) error {
	log, err := telemetry.NewLogger(n.p.stderr, n.s.log())
	if err != nil {
		return err
	}
	logged := telemetry.New(log)
	n.closers.addQuiet(logged.Close)
	n.log, n.metrics = log, telemetry.NewMetrics()
	n.observer = telemetry.Tee(logged, n.metrics)
	return nil
}

// lock makes this process the only one that uses the data directory, where it keeps more
// than copies there.
func (n *node) lock(context.Context) error {
	if !n.s.embeds() {
		return nil
	}
	unlock, err := sqlite.Lock(n.s.DataDir)
	if err == nil {
		n.closers.add(unlock)
	}
	return err
}

// listen takes the API's address before anything is changed.
func (n *node) listen(ctx context.Context) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", n.s.HTTPAddr)
	if err != nil {
		return fmt.Errorf("%w: the API: %w\nIs another service there (`ss -ltnp` shows it)? --http-addr chooses another address", ports.ErrPermanent, err)
	}
	n.listener = l
	n.closers.add(func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // the server closes it, too
			return err
		}
		return nil
	})
	return nil
}

func (n *node) openStore(ctx context.Context) (err error) {
	if n.s.Store == storeSQLite { // in the directory that is locked already
		n.store, err = unlockedSQLite(ctx, n.s.DataDir)
	} else {
		n.store, err = openStore(ctx, n.s)
	}
	if err == nil {
		n.closers.add(n.store.close)
	}
	return err
}

func (n *node) openRegistry(ctx context.Context) (err error) {
	n.registryURL = n.s.RegistryURL
	if n.registryURL == "" {
		n.registry, err = embedded.StartRegistry(ctx, embedded.RegistryConfig{Addr: n.s.RegistryAddr, DataDir: filepath.Join(n.s.DataDir, "registry")})
		if err != nil {
			return err
		}
		n.closers.add(n.registry.Close)
		n.registryURL = n.registry.URL()
	}
	n.schemas, err = n.s.newRegistry(n.registryURL)
	if err == nil {
		n.closers.addQuiet(n.schemas.Close)
	}
	return err
}

// startPatience is how long the start waits for a registry or brokers that don't answer.
// They are asked again when they are needed.
const startPatience = 5 * time.Second

// openCodec asks for the ids of our schemas, so that readiness tells from the start where
// there are none.
func (n *node) openCodec(ctx context.Context) (err error) {
	n.codec, err = avro.New(n.schemas, avro.Config{
		Prefix: n.s.Topic.Prefix, Registry: n.registryURL, CacheFile: filepath.Join(n.s.DataDir, "schemas.json"),
		Warn: func(err error) { n.log.Warn("schemas", zap.Error(err)) },
	})
	if err != nil {
		return err
	}
	if n.registry != nil {
		if err := avro.Register(ctx, n.schemas, n.s.Topic.Prefix, func(string) {}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	if err := n.codec.Warm(ctx); err != nil {
		n.log.Warn("schemas: nothing is published before the registry has given their ids", zap.Error(err))
	}
	return nil
}

func (n *node) openBroker(ctx context.Context) (err error) {
	n.kafka = n.s.kafka()
	if len(n.s.Brokers) > 0 {
		return nil
	}
	n.broker, err = embedded.StartBroker(ctx, embedded.BrokerConfig{
		Addr: n.s.KafkaAddr, DataDir: filepath.Join(n.s.DataDir, "kafka"), Partitions: n.s.Topic.Partitions,
		Warn: func(message string) { n.log.Warn("embedded broker", zap.String("message", message)) },
	})
	if err != nil {
		return err
	}
	n.closers.add(n.broker.Close)
	n.kafka.Brokers, n.kafka.Replication = []string{n.broker.Addr()}, 1
	return kafka.CreateTopics(ctx, n.kafka, func(string) {})
}

// source names this service in its events.
const source = "inventory"

// openKafka refuses to start where topics are missing. Brokers that can't be asked now may
// answer later.
func (n *node) openKafka(ctx context.Context) (err error) {
	if err := n.checkTopics(ctx); ports.ClassOf(err) == ports.Permanent {
		return err
	} else if err != nil {
		n.log.Warn("Kafka: not ready before the brokers answer", zap.Error(err))
	}
	if n.publisher, err = kafka.NewPublisher(n.kafka, n.codec, source, buildVersion()); err != nil {
		return err
	}
	n.closers.add(n.publisher.Close)
	if n.letters, err = kafka.NewDeadLetters(n.kafka, buildVersion()); err != nil {
		return err
	}
	n.closers.add(n.letters.Close)
	n.router, err = kafka.NewRouter(kafka.RouterConfig{
		Kafka: n.kafka, Topics: ports.OrderEventTopics(), Handle: n.handle, Verdict: n.verdict,
		DeadLetters: n.letters, Observer: &consumerObserver{log: n.log, metrics: n.metrics}, Grace: drainTimeout,
	})
	return err
}

func (n *node) checkTopics(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	return kafka.CheckTopics(ctx, n.kafka)
}

func (n *node) openApp(ctx context.Context) (err error) {
	cfg := n.s.app()
	cfg.Owner.Owner = system.NewUUID().String()
	cfg.Member.Name, cfg.Member.Addr, cfg.Member.Version = n.member.name, n.member.addr, buildVersion()
	levels, err := kafka.NewLevelTopic(n.kafka, n.codec)
	if err != nil {
		return err
	}
	cached, err := n.openCache(cfg.Cache)
	if err != nil {
		return err
	}
	out := app.Outside{
		Clock: system.Clock{}, StoreClock: n.store.clock, Observer: n.observer, Publisher: measured{n.publisher, n.metrics}, LevelTopic: levels,
		Cache: cached, CommitID: system.NewUUID,
	}
	if n.member.client != nil {
		out.Wire = n.member.client
	}
	n.in, err = app.New(ctx, cfg, n.store, out)
	if err == nil {
		n.metrics.WatchLedgers(n.ledgers)
		n.closers.addQuiet(n.in.Close)
	}
	return err
}

// openDesk makes the desk of dead letters. It reads them when it is asked, or begins to run.
func (n *node) openDesk(context.Context) error {
	log, err := kafka.NewLetterLog(n.kafka)
	if err != nil {
		return err
	}
	n.closers.add(log.Close)
	notes, err := kafka.NewLetterNotes(n.kafka)
	if err != nil {
		return err
	}
	n.closers.add(notes.Close)
	n.desk = letters.New(letters.World{
		Log: log, Notes: notes, Clock: system.Clock{}, Observer: n.observer, NewID: system.NewUUID, Runner: system.NewUUID().String(),
		Decode: n.codec, Text: n.codec, Handler: letters.Of(n.in),
	}, letters.Config{Interval: n.s.Desk.Interval, Silence: n.s.Desk.Takeover})
	return nil
}

func (n *node) ledgers() []telemetry.LedgerStatus {
	var all []telemetry.LedgerStatus
	for _, s := range n.in.Status() {
		all = append(all, telemetry.LedgerStatus{Ledger: s.Ledger, Version: s.Version, Relayed: s.Relayed, Waiting: s.Waiting, Mail: s.Mail})
	}
	return all
}

// reader makes the use cases on a store whose ledgers this process will not own.
func (s *settings) reader(ctx context.Context, store app.Store) (*app.Inventory, error) {
	cfg := s.app()
	cfg.Owner.Owner = system.NewUUID().String()
	return app.New(ctx, cfg, store, app.Outside{
		Clock: system.Clock{}, Observer: telemetry.Tee(), Publisher: &memory.Publisher{}, CommitID: system.NewUUID,
	})
}

func (n *node) openAPI(context.Context) error {
	scanning := scan.DefaultConfig()
	scanning.Patience = n.s.Timeout
	scans := scan.NewRoom(scanning, system.Clock{}, app.Retryable)
	api, err := httpapi.New(n.in, httpapi.Options{
		Timeout: n.s.Timeout, MaxRequests: n.s.MaxRequests, Checks: n.checks(), Metrics: n.metrics.Handler(), Observe: n.metrics.HTTP, Log: n.apiTrouble,
		Letters: n.desk, Totals: global.NewReader(n.store), Scans: scans,
	})
	if err == nil {
		n.server = httpapi.NewServer(n.s.HTTPAddr, api)
		grpcapi.New(n.in, grpcapi.Options{Ready: n.ready, Scans: scans, Log: n.watchTrouble}).Attach(n.server)
		console.New(n.in, n.desk, console.Options{
			Ready: n.ready, Log: n.consoleTrouble, Now: system.Clock{}.Now, Status: httpapi.StatusOf, Version: buildVersion(), Acts: n.s.ConsoleActs,
		}).Attach(n.server)
	}
	return err
}
