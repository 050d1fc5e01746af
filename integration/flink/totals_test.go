package flink

import (
	"strings"
	"testing"

	"inventory/integration/stack"
)

// changes are how many come between two faults.
const changes = 3000

// One job lives through all of it, as it does in production: each step begins with the totals of the one before.
func TestTotalsAreThoseOfTheNewestLevelsWhateverIsKilledAndHoweverTheJobIsStartedAgain(t *testing.T) {
	s, m := newSite(t), newMarket(t)
	job := s.submit(t, "zero")
	m.happen(t, s)
	s.await(t, m.totals())
	if again := s.submit(t, "zero"); again != job {
		t.Fatalf("a job that runs was submitted again: %s beside %s", again, job)
	}

	t.Log("the task manager is killed in the midst of changes")
	s.send(t, m.tell())
	must(t, s.stack.Kill(stack.FlinkWorker))
	s.send(t, m.tell())
	must(t, s.stack.Restart(t.Context(), stack.FlinkWorker))
	s.await(t, m.totals())
	if restored := checkpointsOf(t, job).Counts.Restored; restored == 0 {
		t.Error("the job is said to have restored nothing")
	}

	t.Log("the job manager is killed, and the job goes on from its newest checkpoint")
	awaitJob(t, job, "RUNNING")
	awaitCheckpoint(t, job)
	s.send(t, m.tell())
	must(t, s.stack.Kill(stack.Flink))
	s.send(t, m.tell())
	must(t, s.stack.Restart(t.Context(), stack.Flink))
	job = s.submit(t, "newest")
	if from := checkpointsOf(t, job).Latest.Restored.ExternalPath; !strings.Contains(from, s.prefix) || !strings.Contains(from, "/checkpoints/") {
		t.Errorf("expected the job to have gone on from a checkpoint of its own, found %q", from)
	}
	s.await(t, m.totals())

	t.Log("the job is stopped with a savepoint, and goes on from it")
	savepoint := s.stopWithSavepoint(t, job)
	m.happen(t, s)
	job = s.submit(t, "newest")
	if from := checkpointsOf(t, job).Latest.Restored.ExternalPath; from != savepoint {
		t.Errorf("expected the job to have gone on from %s, found %q", savepoint, from)
	}
	s.await(t, m.totals())

	t.Log("the job starts again from zero")
	cancelJob(t, job)
	m.happen(t, s)
	job = s.submit(t, "zero")
	s.await(t, m.totals())
	cancelJob(t, job)
}

// happen has levels change, and the world told of it.
func (m *market) happen(t *testing.T, s *site) {
	t.Helper()
	s.send(t, m.tell())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
