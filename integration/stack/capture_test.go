package stack

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// batchOfRows are how many rows are written between two faults.
const batchOfRows = 200

func TestRowsComeToKafkaThoughTheAgentOrItsNodeIsKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	st, err := Settings{CDC: true}.Start(ctx, Cassandra, Kafka)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(st.Dir())
	defer func() {
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
	}()
	rows := newCaptured(t, st)
	// Not before: what is written in the second after a table is made, the agent passes over.
	if err := st.Add(ctx, Debezium); err != nil {
		t.Fatal(err)
	}
	rows.write(t)
	rows.await(t)

	t.Log("the agent is killed, and rows are written while it is away")
	rows.write(t)
	kill(t, st, Debezium)
	rows.write(t)
	restart(t, st, Debezium)
	rows.await(t)

	t.Log("the node is killed")
	rows.write(t)
	kill(t, st, Cassandra)
	restart(t, st, Cassandra)
	rows.write(t)
	rows.await(t)
}

func kill(t *testing.T, st *Stack, service Service) {
	t.Helper()
	if err := st.Kill(service); err != nil {
		t.Fatal(err)
	}
}

func restart(t *testing.T, st *Stack, service Service) {
	t.Helper()
	if err := st.Restart(t.Context(), service); err != nil {
		t.Fatal(err)
	}
}

// captured has rows that were written to a table, and those that came to Kafka.
type captured struct {
	stack   *Stack
	client  *kgo.Client
	written int
	came    map[int]bool
}

func newCaptured(t *testing.T, st *Stack) *captured {
	t.Helper()
	c := &captured{stack: st, came: map[int]bool{}}
	session := openSession(t, st)
	defer session.Close()
	for _, statement := range []string{
		"CREATE KEYSPACE proof WITH replication = {'class': 'NetworkTopologyStrategy', '" + st.CassandraDC() + "': 1}",
		"CREATE TABLE proof.rows (id int PRIMARY KEY, text text) WITH cdc = true",
	} {
		if err := session.Query(statement).ExecContext(t.Context()); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	topic := CaptureTopic("proof", "rows")
	var err error
	c.client, err = kgo.NewClient(kgo.SeedBrokers(st.Brokers()...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.client.Close)
	request := kmsg.NewPtrCreateTopicsRequest()
	made := kmsg.NewCreateTopicsRequestTopic()
	made.Topic, made.NumPartitions, made.ReplicationFactor = topic, 1, 1
	request.Topics = append(request.Topics, made)
	if _, err := request.RequestWith(t.Context(), c.client); err != nil {
		t.Fatal(err)
	}
	return c
}

// write writes some more rows, as a client that was not there when the node was killed.
func (c *captured) write(t *testing.T) {
	t.Helper()
	session := openSession(t, c.stack)
	defer session.Close()
	for range batchOfRows {
		c.written++
		insert := session.Query("INSERT INTO proof.rows (id, text) VALUES (?, 'a row')", c.written)
		if err := insert.ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// await reads until all rows of the table have come. A node that is killed, without others, has lost what it took in its last
// hundred milliseconds: its log is not marked as often.
func (c *captured) await(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	want := c.rows(t)
	if len(want) < c.written-batchOfRows {
		t.Fatalf("the table has %d rows of %d", len(want), c.written)
	}
	for c.missing(want) > 0 {
		fetches := c.client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("%d of %d rows have not come", c.missing(want), len(want))
		}
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			var event struct {
				After struct{ ID struct{ Value int } }
			}
			if err := json.Unmarshal(r.Value, &event); err != nil {
				t.Fatalf("%v: %s", err, r.Value)
			}
			c.came[event.After.ID.Value] = true
		})
	}
}

// rows returns the ids that the table has.
func (c *captured) rows(t *testing.T) []int {
	t.Helper()
	session := openSession(t, c.stack)
	defer session.Close()
	rows := session.Query("SELECT id FROM proof.rows").IterContext(t.Context())
	var ids []int
	for id := 0; rows.Scan(&id); {
		ids = append(ids, id)
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return ids
}

func (c *captured) missing(ids []int) int {
	missing := 0
	for _, id := range ids {
		if !c.came[id] {
			missing++
		}
	}
	return missing
}
