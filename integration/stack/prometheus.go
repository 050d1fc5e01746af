package stack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"inventory/deploy"
)

// prometheus is a Prometheus with the alerts of deploy/alerts. It scrapes what Scrape says.
type prometheus struct{}

var _ native = prometheus{}

func (prometheus) ports() int { return 1 }

func (prometheus) needs() []Service { return nil }

func (prometheus) find(ctx context.Context, progress io.Writer) (string, error) {
	dir, err := prometheusPrograms(ctx, progress)
	return filepath.Join(dir, "prometheus"), err
}

func (p prometheus) prepare(_ context.Context, l layout, _ Settings) error {
	alerts, err := fs.Sub(deploy.Alerts, "alerts")
	if err != nil {
		return err
	}
	if err := os.CopyFS(p.rules(l), alerts); err != nil {
		return err
	}
	if err := writeTargets(p.targets(l), []string{}); err != nil {
		return err
	}
	return l.render(Prometheus, map[string]any{"Rules": p.rules(l), "Targets": p.targets(l)}, "prometheus.yml")
}

func (prometheus) rules(l layout) string   { return filepath.Join(l.conf(), "alerts") }
func (prometheus) targets(l layout) string { return filepath.Join(l.conf(), "targets.json") }

func (prometheus) command(l layout, _ Settings) ([]string, error) {
	return []string{
		"--config.file=" + filepath.Join(l.conf(), "prometheus.yml"), "--storage.tsdb.path=" + l.data(),
		"--web.listen-address=127.0.0.1:" + strconv.Itoa(l.Ports[0]),
	}, nil
}

func (p prometheus) ready(ctx context.Context, l layout) error {
	_, err := get(ctx, p.url(l)+"/-/ready")
	return err
}

func (p prometheus) variables(l layout) map[string]string {
	return map[string]string{EnvPrometheusURL: p.url(l), EnvPrometheusTargets: p.targets(l)}
}

func (prometheus) url(l layout) string { return "http://" + l.address() }

// PrometheusURL returns the base of Prometheus' API, without a slash at its end; "" when the stack has no Prometheus.
func (s *Stack) PrometheusURL() string { return s.variables[EnvPrometheusURL] }

// Scrape has Prometheus scrape the metrics of services, each host:port, from the next moments on, and nothing else.
func (s *Stack) Scrape(addresses ...string) error {
	file := s.variables[EnvPrometheusTargets]
	if file == "" {
		return errors.New("the stack has no Prometheus")
	}
	return writeTargets(file, addresses)
}

// writeTargets replaces the file of targets at once: Prometheus reads it when it changes.
func writeTargets(file string, addresses []string) error {
	text, err := json.Marshal([]map[string][]string{{"targets": addresses}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
