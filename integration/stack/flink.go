package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// flink is the job manager of a session cluster.
type flink struct{}

func (flink) ports() int { return 3 } // REST, task managers, JARs of jobs

func (flink) needs() []Service { return nil }

func (f flink) prepare(_ context.Context, l layout, _ Settings) error {
	for _, dir := range []string{f.state(l), filepath.Join(l.data(), "tmp")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return flinkConf(l, map[string]any{"RESTPort": l.Ports[0], "RPCPort": l.Ports[1], "BlobPort": l.Ports[2], "WorkerRPCPort": 0})
}

// flinkConf writes the configuration that both kinds of Flink's processes read.
func flinkConf(l layout, values map[string]any) error {
	values["Tmp"] = filepath.Join(l.data(), "tmp")
	return l.render(Flink, values, "config.yaml", "log4j2.properties", "jvm17.options")
}

func (flink) state(l layout) string { return filepath.Join(l.data(), "state") }

func (flink) command(l layout, _ Settings) ([]string, error) {
	return append(flinkJava(l, "-Xms128m", "-Xmx352m", "-XX:MaxMetaspaceSize=160m"),
		"org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", "--configDir", l.conf()), nil
}

// flinkJava returns the arguments of java before the class that is run.
func flinkJava(l layout, options ...string) []string {
	args := append([]string{"@" + filepath.Join(l.conf(), "jvm17.options")}, options...)
	return append(args, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dlog4j2.configurationFile="+fileURL(filepath.Join(l.conf(), "log4j2.properties")),
		"-cp", filepath.Join(l.Jars, "*"))
}

func (f flink) ready(ctx context.Context, l layout) error {
	_, err := get(ctx, f.url(l)+"/overview")
	return err
}

func (f flink) variables(l layout) map[string]string {
	return map[string]string{
		EnvFlinkURL:   f.url(l),
		EnvFlinkRPC:   net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Ports[1])),
		EnvFlinkState: fileURL(f.state(l)),
	}
}

func (flink) url(l layout) string { return "http://" + l.address() }

// flinkWorker is a task manager.
type flinkWorker struct{}

func (flinkWorker) ports() int { return 1 } // the job manager, other task managers

func (flinkWorker) needs() []Service { return []Service{Flink} }

func (flinkWorker) prepare(_ context.Context, l layout, _ Settings) error {
	if err := os.MkdirAll(filepath.Join(l.data(), "tmp"), 0o755); err != nil {
		return err
	}
	rest, err := url.Parse(l.Near[EnvFlinkURL])
	if err != nil {
		return err
	}
	_, rpc, err := net.SplitHostPort(l.Near[EnvFlinkRPC])
	if err != nil {
		return fmt.Errorf("%s: %w", EnvFlinkRPC, err)
	}
	values := map[string]any{"RESTPort": rest.Port(), "RPCPort": rpc, "BlobPort": 0, "WorkerRPCPort": l.Ports[0]}
	return flinkConf(l, values)
}

// command gives the sizes that Flink's own script computes from one: the program demands each of them.
func (flinkWorker) command(l layout, _ Settings) ([]string, error) {
	args := append(flinkJava(l, "-Xms128m", "-Xmx384m", "-XX:MaxDirectMemorySize=160m", "-XX:MaxMetaspaceSize=192m"),
		"org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "--configDir", l.conf())
	for _, size := range []string{
		"cpu.cores=1.0",
		"memory.framework.heap.size=128m", "memory.task.heap.size=256m",
		"memory.framework.off-heap.size=64m", "memory.task.off-heap.size=0b",
		"memory.network.min=64m", "memory.network.max=64m", "memory.managed.size=32m",
		"memory.jvm-metaspace.size=192m", "memory.jvm-overhead.min=64m", "memory.jvm-overhead.max=64m",
	} {
		args = append(args, "-D", "taskmanager."+size)
	}
	return args, nil
}

// ready asks the job manager whether it has this task manager, rather than one of before.
func (w flinkWorker) ready(ctx context.Context, l layout) error {
	text, err := get(ctx, l.Near[EnvFlinkURL]+"/taskmanagers")
	if err != nil {
		return err
	}
	// Such as pekko.tcp://flink@127.0.0.1:21234/user/rpc/taskmanager_0
	if !strings.Contains(string(text), "@"+l.address()+"/") {
		return errors.New("the job manager does not have it yet")
	}
	// It may have been told of one before, on the same port, that was killed.
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address())
	if err != nil {
		return err
	}
	return conn.Close()
}

func (flinkWorker) variables(l layout) map[string]string {
	return map[string]string{EnvFlinkWorker: l.address()}
}
