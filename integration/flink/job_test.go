package flink

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"inventory/integration/stack"
)

const askEvery = 100 * time.Millisecond

// submit starts the job and returns when it runs.
func (s *site) submit(t *testing.T, from string) string {
	t.Helper()
	id, err := s.stack.SubmitJob(t.Context(), stack.Job{TopicPrefix: s.prefix, From: from})
	if err != nil {
		t.Fatal(err)
	}
	awaitJob(t, id, "RUNNING")
	return id
}

// awaitJob waits until a job is in a state, and all its tasks where that is RUNNING.
func awaitJob(t *testing.T, id, state string) {
	t.Helper()
	var job struct {
		State    string
		Vertices []struct{ Status string }
	}
	eventually(t, "job "+id+" is "+state, func() bool {
		ask(t, http.MethodGet, "/jobs/"+id, "", &job)
		if job.State != state {
			return false
		}
		for _, task := range job.Vertices {
			if task.Status != state && state == "RUNNING" {
				return false
			}
		}
		return true
	})
}

// checkpoints are what Flink tells of a job's.
type checkpoints struct {
	Counts struct{ Restored, Completed int }
	Latest struct {
		Restored struct {
			ExternalPath string `json:"external_path"`
		}
	}
}

func checkpointsOf(t *testing.T, id string) checkpoints {
	t.Helper()
	var found checkpoints
	ask(t, http.MethodGet, "/jobs/"+id+"/checkpoints", "", &found)
	return found
}

// awaitCheckpoint waits for one more checkpoint.
func awaitCheckpoint(t *testing.T, id string) {
	t.Helper()
	before := checkpointsOf(t, id).Counts.Completed
	eventually(t, "a checkpoint of "+id, func() bool { return checkpointsOf(t, id).Counts.Completed > before })
}

// stopWithSavepoint ends a job and returns where its state is.
func (s *site) stopWithSavepoint(t *testing.T, id string) string {
	t.Helper()
	var asked struct {
		RequestID string `json:"request-id"`
	}
	ask(t, http.MethodPost, "/jobs/"+id+"/stop", fmt.Sprintf(`{"drain": false, "targetDirectory": %q}`, s.stack.Savepoints(stack.Job{TopicPrefix: s.prefix})), &asked)
	var done struct {
		Status    struct{ ID string }
		Operation struct{ Location string }
	}
	eventually(t, "a savepoint of "+id, func() bool {
		ask(t, http.MethodGet, "/jobs/"+id+"/savepoints/"+asked.RequestID, "", &done)
		return done.Status.ID == "COMPLETED"
	})
	if done.Operation.Location == "" {
		t.Fatal("stopping made no savepoint")
	}
	awaitJob(t, id, "FINISHED")
	return done.Operation.Location
}

func cancelJob(t *testing.T, id string) {
	t.Helper()
	ask(t, http.MethodPatch, "/jobs/"+id+"?mode=cancel", "", nil)
	awaitJob(t, id, "CANCELED")
}

// ask asks Flink's REST API, whose answers of success begin with 2.
func ask(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, cluster(t).FlinkURL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", method, path, response.Status, text)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
}

// eventually asks until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("not after %v: %s", patience, what)
		case <-ticker.C:
		}
	}
}
