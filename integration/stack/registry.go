package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
)

// registry is Apicurio, used by its Confluent-compatible API.
type registry struct{}

func (registry) ports() int { return 1 }

func (registry) needs() []Service { return nil }

func (registry) prepare(context.Context, layout, Settings) error { return nil }

func (registry) command(l layout, _ Settings) ([]string, error) {
	jars, err := filepath.Glob(filepath.Join(l.Jars, "apicurio-registry-app-*-runner.jar"))
	if err != nil {
		return nil, err
	}
	if len(jars) != 1 {
		return nil, fmt.Errorf("%s: expected one apicurio-registry-app-*-runner.jar, found %d", l.Jars, len(jars))
	}
	return []string{
		"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
		"-Dquarkus.http.host=127.0.0.1", "-Dquarkus.http.port=" + strconv.Itoa(l.Ports[0]),
		// In memory, its default, it would forget schemas and give their ids to others when it is restarted.
		"-Dapicurio.storage.kind=sql", "-Dapicurio.storage.sql.kind=h2",
		"-Dapicurio.datasource.url=jdbc:h2:file:" + filepath.Join(l.data(), "registry"),
		// Confluent's default. Apicurio's is to check nothing, which GET /config goes on saying.
		"-Dapicurio.rules.global.compatibility=BACKWARD",
		// As Confluent's: a schema is the same however it is spaced. By default a client that writes it in its own way, as Flink does,
		// makes another version of it.
		"-Dapicurio.ccompat.use-canonical-hash=true",
		"-jar", jars[0],
	}, nil
}

func (r registry) ready(ctx context.Context, l layout) error {
	_, err := get(ctx, r.url(l)+"/subjects")
	return err
}

func (r registry) variables(l layout) map[string]string {
	return map[string]string{EnvRegistryURL: r.url(l)}
}

func (registry) url(l layout) string { return "http://" + l.address() + "/apis/ccompat/v7" }
