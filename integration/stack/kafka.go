package stack

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
)

// kafka is a broker and its controller in one process.
type kafka struct{}

func (kafka) ports() int { return 2 } // clients, the controller

func (kafka) needs() []Service { return nil }

func (k kafka) prepare(ctx context.Context, l layout, _ Settings) error {
	values := map[string]any{"Port": l.Ports[0], "ControllerPort": l.Ports[1], "Data": l.data()}
	if err := l.render(Kafka, values, "server.properties", "log4j2.properties"); err != nil {
		return err
	}
	// A cluster's id is 16 bytes in Base64. Any will do: it meets no other cluster.
	id := base64.RawURLEncoding.EncodeToString([]byte("inventory/stack1"))
	args := append(k.java(l, quick...), "kafka.tools.StorageTool", "format", "-t", id, "-c", k.properties(l))
	if out, err := output(exec.CommandContext(ctx, l.Java, args...)); err != nil {
		return fmt.Errorf("format: %w\n%s", err, out)
	}
	return nil
}

func (k kafka) command(l layout, s Settings) ([]string, error) {
	if s.Bench {
		return append(k.java(l, "-Xms1g", "-Xmx1g"), "kafka.Kafka", k.properties(l)), nil
	}
	return append(k.java(l, quick...), "kafka.Kafka", k.properties(l)), nil
}

// quick are the options of a JVM that starts quickly and stays small.
var quick = []string{"-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}

func (kafka) java(l layout, options ...string) []string {
	return append(slices.Clone(options),
		"-Dlog4j2.configurationFile="+fileURL(filepath.Join(l.conf(), "log4j2.properties")),
		"-cp", filepath.Join(l.Jars, "*"),
	)
}

func (kafka) properties(l layout) string { return filepath.Join(l.conf(), "server.properties") }

func (kafka) ready(ctx context.Context, l layout) error {
	brokers, err := countBrokers(ctx, l.address())
	if err == nil && brokers == 0 {
		return errors.New("the controller has accepted no broker yet")
	}
	return err
}

func (kafka) variables(l layout) map[string]string {
	return map[string]string{EnvBrokers: l.address()}
}

// countBrokers asks a broker for the cluster's metadata, in version 4 of the request and no topics.
func countBrokers(ctx context.Context, address string) (int, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return 0, err
		}
	}
	const metadata, version, correlation = 3, 4, 1
	body := binary.BigEndian.AppendUint16(nil, metadata)
	body = binary.BigEndian.AppendUint16(body, version)
	body = binary.BigEndian.AppendUint32(body, correlation)
	body = append(body, 0, 5, 's', 't', 'a', 'c', 'k') // the client's name
	body = append(body, 0, 0, 0, 0, 0)                 // no topics; make none
	if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)); err != nil {
		return 0, err
	}
	var answer struct{ Size, Correlation, ThrottleMS, Brokers int32 }
	if err := binary.Read(io.LimitReader(conn, 16), binary.BigEndian, &answer); err != nil {
		return 0, err
	}
	if answer.Correlation != correlation {
		return 0, fmt.Errorf("correlation id: expected %d, found %d", correlation, answer.Correlation)
	}
	return int(answer.Brokers), nil
}
