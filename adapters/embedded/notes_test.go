package embedded

import (
	"path/filepath"
	"testing"

	"inventory/adapters/kafka"
	"inventory/adapters/kafka/kafkatest"
	"inventory/domain/letter"
	"inventory/ports"
	"inventory/ports/porttest"
)

// Notes about dead letters are kept for ever: what a start compacts must leave the newest of
// each key, and those who were reading must be able to go on.
func TestNotesAboutDeadLettersAreKeptAndCompacted(t *testing.T) {
	porttest.LetterNotes(t, func(t *testing.T) porttest.NoteStore {
		cfg := BrokerConfig{DataDir: filepath.Join(t.TempDir(), "broker"), segmentBytes: 4 << 10}
		b := startBroker(t, cfg)
		cfg.Addr = b.Addr()
		return porttest.NoteStore{
			Open: func(t *testing.T) ports.LetterNotes { return kafkatest.OpenNotes(t, clientOf(t, cfg.Addr)) },
			Compact: func() error {
				if err := b.Close(); err != nil {
					return err
				}
				b = startBroker(t, cfg)
				return nil
			},
		}
	})
}

// clientOf is the configuration of a client, and makes the topics that there are not.
func clientOf(t *testing.T, addr string) kafka.Config {
	t.Helper()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{addr}
	if err := kafka.CreateTopics(t.Context(), cfg, func(string) {}); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestNotesAndLettersAreThereAfterARestart(t *testing.T) {
	cfg := BrokerConfig{DataDir: filepath.Join(t.TempDir(), "broker")}
	b := startBroker(t, cfg)
	cfg.Addr = b.Addr()
	client := clientOf(t, cfg.Addr)
	if n := topicsOf(t, cfg.Addr)[ports.LetterNotesTopic]; n != 1 {
		t.Errorf("the topic of notes has %d partitions, want 1", n)
	}
	log, err := kafka.NewLetterLog(client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	one := letter.Letter{HasKey: true, Value: []byte("v"), Meta: letter.Meta{Key: "order-1", Place: letter.Place{Topic: ports.OrderCreatedTopic}}}
	notes, note := kafkatest.OpenNotes(t, client), letter.Claim{Epoch: 1, Runner: "r"}
	for round := range 2 {
		if err := log.Append(t.Context(), []letter.Letter{one}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := notes.Append(t.Context(), []letter.Note{note}); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		b = startBroker(t, cfg)
		n := 0
		if err := log.Read(t.Context(), func(letter.Letter) { n++ }); err != nil || n != 1 {
			t.Errorf("round %d: %d letters, %v", round, n, err)
		}
		if err := notes.Read(t.Context(), func(letter.Note) { n++ }); err != nil || n != 2 {
			t.Errorf("round %d: %d notes, %v", round, n-1, err)
		}
	}
}
