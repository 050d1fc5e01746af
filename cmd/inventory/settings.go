package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"inventory/adapters/cassandra"
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
// INVENTORY_ and its name: INVENTORY_DATA_DIR.
type settings struct {
	Store              string            `group:"settings" default:"sqlite" enum:"sqlite,cassandra,memory" help:"Where the journals are kept: sqlite (in --data-dir), cassandra, or memory (gone with the process)."`
	DataDir            string            `group:"settings" default:"./data" help:"Folder of the SQLite store; one process at a time uses it."`
	Cassandra          cassandraSettings `embed:"" prefix:"cassandra-" group:"settings"`
	HomeRegion         string            `group:"settings" default:"home" help:"The deployment's own region, which names its reservation ledgers."`
	DefaultRegion      string            `group:"settings" placeholder:"NAME" help:"Where orders that name no region are served; empty: anywhere."`
	ReservationLedgers int               `group:"settings" default:"4" help:"Reservation ledgers of a new store; never changes afterwards."`
	HoldTTL            time.Duration     `group:"settings" name:"hold-ttl" default:"1h" help:"How long a hold lives where the order doesn't say: 1s to 24h."`
	Lease              time.Duration     `group:"settings" default:"10s" help:"On Cassandra: how long a standby waits for a sign of the owner before it takes over."`
	Timeout            time.Duration     `group:"settings" default:"30s" help:"How long one command may take."`
	SnapshotBytes      int               `group:"settings" hidden:"" default:"67108864" help:"Least size of a journal's tail at which a snapshot is taken; small in tests."`
	LogLevel           string            `group:"settings" default:"warn" help:"What is logged to stderr: debug, info, warn or error."`
	LogFormat          string            `group:"settings" default:"console" help:"How it is logged: console or json."`
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

// passwordVariable is the one setting that is no flag: command lines are seen by others.
const passwordVariable = "INVENTORY_CASSANDRA_PASSWORD"

// validate names every fault that can be seen before anything is opened.
func (s *settings) validate() error {
	var faults []string
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	fault(s.Timeout <= 0, "--timeout=%s: expected more than 0", s.Timeout)
	fault(s.SnapshotBytes < 1, "--snapshot-bytes=%d: expected 1 or more", s.SnapshotBytes)
	fault(s.Store == storeSQLite && s.DataDir == "", "--data-dir: expected the name of a folder")
	fault(s.Store == storeCassandra && len(s.Cassandra.Hosts) == 0, "--cassandra-hosts: expected, with --store=cassandra")
	fault(s.Store == storeCassandra && s.Cassandra.DC == "", "--cassandra-dc: expected, with --store=cassandra")
	if _, err := telemetry.NewLogger(io.Discard, s.log()); err != nil {
		faults = append(faults, err.Error())
	}
	if err := s.app().Validate(); err != nil {
		faults = append(faults, strings.Split(err.Error(), "\n")...)
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
	c.ReservationLedgers = s.ReservationLedgers
	c.TTL = s.HoldTTL
	c.Reservation.DefaultRegion = stock.Region(s.DefaultRegion)
	c.Owner.Lease = s.Lease
	c.Owner.SnapshotBytes = s.SnapshotBytes
	// Nobody else can own what only this process can open.
	c.Owner.Seize = s.Store != storeCassandra
	return c
}

func (c cassandraSettings) config() cassandra.Config {
	return cassandra.Config{Hosts: c.Hosts, DC: c.DC, Keyspace: c.Keyspace, Username: c.Username, Password: c.password}
}

// environment is the program's, by name.
type environment map[string]string

func newEnvironment(pairs []string) environment {
	env := environment{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = value
	}
	return env
}

// resolve is a kong.Resolver: it gives settings, but no flags of single commands, the
// values that they have in the environment. Flags that are given come first.
func (env environment) resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if parent.App == nil {
		return nil, nil
	}
	value, ok := env[variable(flag.Name)]
	if !ok || value == "" {
		return nil, nil
	}
	return value, nil
}

// variable names the environment variable of a setting.
func variable(flag string) string {
	return "INVENTORY_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
