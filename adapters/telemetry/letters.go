package telemetry

import (
	"maps"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"inventory/domain/letter"
	"inventory/ports"
)

var (
	labelDied     = label{"code", append(slices.Sorted(maps.Keys(outcomes)), letter.CodeUnlabelled, other)}
	labelReplayed = label{"outcome", []string{letter.Applied, letter.Duplicate, letter.Superseded, letter.Failed, other}}
	labelJob      = label{"change", append(ports.LetterJobChanges(), other)}
)

// letterMetrics are what a desk of dead letters tells.
type letterMetrics struct {
	letters, oldest   *prometheus.GaugeVec
	family            family // of letters
	jobs              prometheus.Gauge
	replayed, changes counter
	mu                sync.Mutex // of who sets gauges
}

func newLetterMetrics(c *catalog) *letterMetrics {
	l := &letterMetrics{}
	l.letters, l.family = c.gauges("inventory_dlq_letters",
		"Dead letters that wait for somebody, by what they died of, as this process read them last: it is the same everywhere, but for moments.", labelInput, labelDied)
	l.oldest, _ = c.gauges("inventory_dlq_oldest_timestamp_seconds", "When the oldest of the dead letters that wait was buried; 0 where none waits.", labelInput)
	l.replayed = c.counter("inventory_dlq_replayed_total", "Dead letters that jobs of this process replayed: applied ones, which did what they ask for; duplicate and superseded ones, which had nothing to do; failed ones, which stay.",
		labelInput, labelReplayed)
	l.jobs = c.gauge("inventory_dlq_jobs", "Jobs of replaying dead letters that have not ended, of all processes.")
	l.changes = c.counter("inventory_dlq_job_changes_total", "Jobs of replaying dead letters that this process began, took over from one that fell silent, left to another, and ended.", labelJob)
	l.stand(ports.LettersStand{})
	return l
}

// observe counts an event of a desk; false where it is none.
func (l *letterMetrics) observe(e ports.Event) bool {
	switch e := e.(type) {
	case ports.LettersStand:
		l.stand(e)
	case ports.LettersReplayed:
		l.replayed.add(e.Letters, topicOf(labelInput, e.Topic), e.Outcome)
	case ports.LetterJobChanged:
		l.changes.add(1, e.Change)
	default:
		return false
	}
	return true
}

// stand sets the gauges anew: a topic always has one, a code has one while letters of it wait.
func (l *letterMetrics) stand(e ports.LettersStand) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.jobs.Set(float64(e.Jobs))
	l.letters.Reset()
	oldest := map[string]float64{}
	for _, o := range e.Open {
		values := l.family.closed([]string{topicOf(labelInput, o.Topic), o.Code})
		l.letters.WithLabelValues(values...).Add(float64(o.Letters))
		at := float64(o.Oldest.UnixMilli()) / 1000
		if was, ok := oldest[values[0]]; !ok || at < was {
			oldest[values[0]] = at
		}
	}
	for _, topic := range labelInput.values {
		l.oldest.WithLabelValues(topic).Set(oldest[topic])
	}
}

// atDesk logs an event of a desk; false where it is none.
func (o *Observer) atDesk(e ports.Event) bool {
	switch e := e.(type) {
	case ports.LettersStand:
		letters := 0
		for _, open := range e.Open {
			letters += open.Letters
		}
		o.log.Debug("dead letters", zap.Int("letters", letters), zap.Int("jobs", e.Jobs))
	case ports.LettersReplayed:
		o.log.Debug("dead letters replayed", zap.String("topic", e.Topic), zap.String("outcome", e.Outcome), zap.Int("letters", e.Letters))
	case ports.LetterJobChanged:
		fields := []zap.Field{zap.String("job", e.Job.String()), zap.String("change", e.Change)}
		fields = given(fields, "says", e.Says)
		fields = append(fields, zap.Int("letters", e.Letters), zap.Int("done", e.Done), zap.Int("failed", e.Failed))
		if e.Err != nil {
			o.log.Warn("job of dead letters", append(fields, zap.Error(e.Err))...)
			break
		}
		o.log.Info("job of dead letters", fields...)
	case ports.LetterTrouble:
		o.warn("letter trouble", "", e.Err)
	default:
		return false
	}
	return true
}
