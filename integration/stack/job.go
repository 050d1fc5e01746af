package stack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"inventory/deploy"
	"inventory/schemas"
)

// jobName is the job's, behind the prefix of its topics.
const jobName = "inventory.global_stock"

// Savepoints returns the folder, as a URL, in which the job finds a savepoint as it does its checkpoints.
func (s *Stack) Savepoints(job Job) string {
	return s.FlinkState() + "/" + job.TopicPrefix + jobName + "/savepoints"
}

// A Job is how the job that sums stock by SKU and region is run.
type Job struct {
	TopicPrefix string // what the names of its topics begin with, and its own
	// From is where it starts: "zero", "newest" (what is newest of checkpoints and savepoints, or from zero; also what "" means), or
	// the path of one.
	From string
}

// SubmitJob brings the job of deploy/flink to the stack's Flink and returns its id: a new one, or that of the job of its name that
// runs there. The stack has Kafka and a registry, with the job's topics and schemas. It takes seconds.
func (s *Stack) SubmitJob(ctx context.Context, job Job) (string, error) {
	for _, service := range []Service{Flink, Kafka, Registry} {
		if !s.has(service) {
			return "", fmt.Errorf("the job needs %s, which this stack has not", service)
		}
	}
	work, err := os.MkdirTemp("", "inventory-job-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := writeJob(work); err != nil {
		return "", err
	}
	cmd, err := s.submission(ctx, work, job)
	if err != nil {
		return "", err
	}
	out, err := stdout(cmd, "deploy/flink/SubmitJob.java")
	return strings.TrimSpace(string(out)), err
}

// writeJob writes what the program that submits the job reads.
func writeJob(dir string) error {
	job, err := fs.Sub(deploy.Flink, "flink")
	if err != nil {
		return err
	}
	options, err := deploy.Stack.ReadFile("stack/flink/jvm17.options")
	if err != nil {
		return err
	}
	return errors.Join(
		os.CopyFS(filepath.Join(dir, "flink"), job),
		os.WriteFile(filepath.Join(dir, "jvm17.options"), options, 0o644),
		writeSchemas(filepath.Join(dir, "avro")),
	)
}

// writeSchemas writes the published schemas as they are in the folder schemas/avro.
func writeSchemas(dir string) error {
	for _, subject := range schemas.Avro() {
		folder := filepath.Join(dir, subject.Name(""))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		for i, text := range subject.Versions {
			if err := os.WriteFile(filepath.Join(folder, strconv.Itoa(i+1)+".avsc"), []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Stack) submission(ctx context.Context, dir string, job Job) (*exec.Cmd, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	jars, err := fetchJars(ctx, Flink, os.Stderr)
	if err != nil {
		return nil, err
	}
	from := job.From
	if from == "" {
		from = "newest"
	}
	cmd := exec.CommandContext(ctx, java, "@"+filepath.Join(dir, "jvm17.options"),
		"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(jars, "*"),
		filepath.Join(dir, "flink", "SubmitJob.java"), filepath.Join(dir, "flink", "global_stock.sql"), from)
	cmd.Env = append(os.Environ(),
		"FLINK_URL="+s.FlinkURL(), "STATE="+s.FlinkState(), "SCHEMAS="+filepath.Join(dir, "avro"),
		"TOPIC_PREFIX="+job.TopicPrefix, "PARALLELISM=1", "CHECKPOINT_INTERVAL=1 s", "BROKERS="+strings.Join(s.Brokers(), ","), "REGISTRY_URL="+s.RegistryURL(),
	)
	return cmd, nil
}
