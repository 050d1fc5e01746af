// Package avro reads order events and writes public events as Avro in the Confluent wire
// format: a zero byte, the schema's id in four bytes, the datum.
//
// It knows schemas of our own (package schemas) and those that writers used, which it asks a
// ports.SchemaRegistry for once each; it talks to no network itself. What it reads comes
// from outside and is checked before goavro, which trusts it, sees it. Only cmd and tests
// import it.
package avro

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"sync"

	"github.com/linkedin/goavro/v2"

	"inventory/ports"
	"inventory/schemas"
)

// The bounds of Config.MaxBytes.
const (
	DefaultMaxBytes = 1 << 20
	mostMaxBytes    = 16 << 20
)

// Config says how records are read and written. The zero value does.
type Config struct {
	Prefix   string // of all topics in this deployment
	MaxBytes int    // of a record's value; 0: DefaultMaxBytes, at most 16 MiB
	// CacheFile keeps what the registry has said, so that the next start needs it only for
	// what is new; empty: nothing is kept. Delete it when the registry at a URL was replaced by
	// one that gives other ids.
	CacheFile string
	// Registry is the registry's URL: the file tells registries apart by it. Its user and
	// password, if any, are not kept.
	Registry string
	// Warn is told what is wrong with CacheFile; the codec works without it. It may be called
	// from many goroutines.
	Warn func(error)
}

// Codec implements ports.OrderEventDecoder, OrderEventText and PublicEventEncoder. It may be used
// from many goroutines and has none of its own.
type Codec struct {
	registry ports.SchemaRegistry
	maxBytes int
	inputs   map[string]*input
	levels   *input
	totals   *input
	outputs  map[string]*output
	forms    map[string]*form
	reading  *asking[reference, *writer]
	writing  *asking[string, uint32]
	kept     *kept
	health   health
}

var (
	_ ports.OrderEventDecoder  = (*Codec)(nil)
	_ ports.PublicEventEncoder = (*Codec)(nil)
)

// New makes a codec for all topics. It asks the registry nothing: Warm does, and the first
// event of each schema.
func New(registry ports.SchemaRegistry, cfg Config) (*Codec, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	limitGoavro()
	slots := make(chan struct{}, mostAsking)
	c := &Codec{
		registry: registry,
		maxBytes: cmp.Or(cfg.MaxBytes, DefaultMaxBytes),
		inputs:   make(map[string]*input), outputs: make(map[string]*output), forms: make(map[string]*form),
		reading: newAsking[reference, *writer](slots), writing: newAsking[string, uint32](slots),
		kept: openKept(cfg),
	}
	for topic, read := range orderEvents {
		in, err := newInput(schemas.Avro()[topic], cfg.Prefix, read)
		if err != nil {
			return nil, err
		}
		c.inputs[topic] = in
		if c.forms[topic], err = newForm(schemas.Avro()[topic], cfg.Prefix, c.kept); err != nil {
			return nil, err
		}
	}
	var err error
	if c.levels, err = newInput(schemas.Avro()[ports.StockLevelTopic], cfg.Prefix, readStockLevel); err != nil {
		return nil, err
	}
	if c.totals, err = newInput(schemas.Avro()[ports.GlobalStockTopic], cfg.Prefix, readGlobalStock); err != nil {
		return nil, err
	}
	for _, topic := range ports.PublicEventTopics() {
		out, err := newOutput(schemas.Avro()[topic], cfg.Prefix, c.kept)
		if err != nil {
			return nil, err
		}
		c.outputs[topic] = out
	}
	return c, nil
}

func (cfg Config) check() error {
	switch {
	case cfg.MaxBytes < 0 || cfg.MaxBytes > mostMaxBytes:
		return fmt.Errorf("avro: records of at most %d bytes: expected 1 to %d, or 0 for %d", cfg.MaxBytes, mostMaxBytes, DefaultMaxBytes)
	case cfg.CacheFile == "":
		return nil
	case cfg.Registry == "":
		return errors.New("avro: a file for schemas needs the registry's URL: ids of different registries mean different schemas")
	case cfg.Warn == nil:
		return errors.New("avro: a file for schemas needs somebody who is told what is wrong with it")
	}
	return nil
}

// registryKey is the registry's URL without what is secret.
func (cfg Config) registryKey() string {
	u, err := url.Parse(cfg.Registry)
	if err != nil {
		return cfg.Registry
	}
	u.User = nil
	return u.String()
}

// limitGoavro caps what goavro allocates on a count's word, once: its limits are the
// process's. What reaches it has passed shape.check, which knows better.
var limitGoavro = sync.OnceFunc(func() {
	goavro.MaxBlockCount = mostMaxBytes
	goavro.MaxBlockSize = mostMaxBytes
})
