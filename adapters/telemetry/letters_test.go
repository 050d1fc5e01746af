package telemetry

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"inventory/domain/ledger"
	"inventory/domain/letter"
	"inventory/ports"
)

var someJob = ledger.NewUUIDv5(ledger.Namespace, "a job")

// letterCases has the events of a desk of dead letters.
var letterCases = []eventCase{
	{
		ports.LettersStand{Jobs: 1, Open: []ports.OpenLetters{{Topic: ports.OrderCreatedTopic, Code: "TOO_OLD", Letters: 2}, {Topic: ports.OrderCreatedTopic, Code: "INVALID", Letters: 3}}},
		zapcore.DebugLevel, "dead letters",
		map[string]any{"letters": int64(5), "jobs": int64(1)},
	},
	{
		ports.LettersReplayed{Topic: ports.OrderCreatedTopic, Outcome: letter.Failed, Letters: 4},
		zapcore.DebugLevel, "dead letters replayed",
		map[string]any{"topic": "order.created.v1", "outcome": "failed", "letters": int64(4)},
	},
	{
		ports.LetterJobChanged{Job: someJob, Change: ports.LetterJobEnded, Says: letter.Completed, Letters: 9, Done: 9, Failed: 2},
		zapcore.InfoLevel, "job of dead letters",
		map[string]any{"job": someJob.String(), "change": "ended", "says": "completed", "letters": int64(9), "done": int64(9), "failed": int64(2)},
	},
	{
		ports.LetterJobChanged{Job: someJob, Change: ports.LetterJobLeft, Letters: 9, Err: ports.ErrTransient},
		zapcore.WarnLevel, "job of dead letters",
		map[string]any{"job": someJob.String(), "change": "left", "letters": int64(9), "done": int64(0), "failed": int64(0), "error": ports.ErrTransient.Error()},
	},
	{
		ports.LetterTrouble{Err: fmt.Errorf("reading notes: %w", ports.ErrTransient)},
		zapcore.WarnLevel, "letter trouble",
		map[string]any{"class": "transient", "error": "reading notes: not done, try again"},
	},
}

func TestHowDeadLettersStandIsWhatWasToldLast(t *testing.T) {
	m := NewMetrics()
	at := time.UnixMilli(1_700_000_000_500)
	m.Observe(ports.LettersStand{Jobs: 2, Open: []ports.OpenLetters{
		{Topic: ports.OrderCreatedTopic, Code: "UNREADABLE", Letters: 7, Oldest: at.Add(time.Hour)},
		{Topic: ports.OrderCreatedTopic, Code: "made up", Letters: 2, Oldest: at},
		{Topic: ports.OrderCancelledTopic, Code: "TOO_OLD", Letters: 1, Oldest: at},
	}})
	m.Observe(ports.LettersReplayed{Topic: ports.OrderCreatedTopic, Outcome: letter.Applied, Letters: 5})
	m.Observe(ports.LetterTrouble{Err: ports.ErrTransient})
	expectSeries(t, m,
		`inventory_dlq_jobs 2`, `inventory_dlq_letters{code="UNREADABLE",topic="order.created.v1"} 7`, `inventory_dlq_letters{code="other",topic="order.created.v1"} 2`,
		`inventory_dlq_letters{code="TOO_OLD",topic="order.cancelled.v1"} 1`, `inventory_dlq_oldest_timestamp_seconds{topic="order.created.v1"} 1.7000000005e+09`,
		`inventory_dlq_oldest_timestamp_seconds{topic="fulfillment.picked.v1"} 0`, `inventory_trouble_total{of="letters"} 1`,
		`inventory_dlq_replayed_total{outcome="applied",topic="order.created.v1"} 5`)
	m.Observe(ports.LettersStand{})
	expectSeries(t, m, `inventory_dlq_jobs 0`, `inventory_dlq_oldest_timestamp_seconds{topic="order.created.v1"} 0`)
	if text := scraped(t, m); strings.Contains(text, "inventory_dlq_letters{") {
		t.Error("letters that nobody waits for any more are still counted")
	}
}

func expectSeries(t *testing.T, m *Metrics, lines ...string) {
	t.Helper()
	text := scraped(t, m)
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("%s expected", line)
		}
	}
}
