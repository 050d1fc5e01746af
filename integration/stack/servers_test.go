package stack

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

func TestEveryServerAnswersAndKeepsItsDataWhenItIsKilledAndStartedAgain(t *testing.T) {
	if _, err := PrometheusPrograms(t.Context()); err != nil { // once, and longer than all servers take
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	st, err := Start(ctx, Services()...)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(st.Dir())
	defer func() {
		if err := st.Stop(); err != nil {
			t.Error(err)
		}
		checkStopped(t, st)
	}()

	writeRow(t, st)
	schema := registerSchema(t, st)
	checkBroker(t, st)
	for _, service := range Services() {
		if err := st.Kill(service); err != nil {
			t.Fatalf("kill %s: %v", service, err)
		}
		checkRefused(t, addressOf(t, st, service))
		if err := st.Restart(ctx, service); err != nil {
			t.Fatalf("restart %s: %v", service, err)
		}
	}
	checkRow(t, st)
	checkSchema(t, st, schema)
	checkBroker(t, st)
}

func addressOf(t *testing.T, st *Stack, service Service) string {
	t.Helper()
	switch service {
	case Cassandra:
		return st.CassandraHosts()[0]
	case Kafka:
		return st.Brokers()[0]
	case Registry:
		return hostOf(st.RegistryURL())
	case Redis:
		return st.Redis()
	case Debezium:
		return hostOf(st.variables[EnvDebeziumURL])
	case Flink:
		return hostOf(st.FlinkURL())
	case FlinkWorker:
		return st.variables[EnvFlinkWorker]
	case Prometheus:
		return hostOf(st.PrometheusURL())
	}
	t.Fatalf("no such service: %s", service)
	return ""
}

func hostOf(url string) string {
	address, _, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	return address
}

func checkRefused(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err == nil {
		conn.Close()
		t.Fatalf("%s takes connections though its server was killed", address)
	}
}

func checkStopped(t *testing.T, st *Stack) {
	t.Helper()
	for _, service := range Services() {
		checkRefused(t, addressOf(t, st, service))
		folder := st.Dir() + "/" + string(service)
		if _, err := os.Stat(folder + "/data"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the data is still there (%v)", service, err)
		}
		if _, err := os.Stat(folder + "/log"); err != nil {
			t.Errorf("%s: the log is gone: %v", service, err)
		}
	}
}

func openSession(t *testing.T, st *Stack) *gocql.Session {
	t.Helper()
	cluster := gocql.NewCluster(st.CassandraHosts()...)
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func writeRow(t *testing.T, st *Stack) {
	t.Helper()
	session := openSession(t, st)
	defer session.Close()
	for _, statement := range []string{
		"CREATE KEYSPACE proof WITH replication = {'class': 'NetworkTopologyStrategy', '" + st.CassandraDC() + "': 1}",
		"CREATE TABLE proof.numbers (id int PRIMARY KEY, square int)",
		"INSERT INTO proof.numbers (id, square) VALUES (7, 49) IF NOT EXISTS",
	} {
		if err := session.Query(statement).ExecContext(t.Context()); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func checkRow(t *testing.T, st *Stack) {
	t.Helper()
	session := openSession(t, st)
	defer session.Close()
	var square int
	query := session.Query("SELECT square FROM proof.numbers WHERE id = 7").Consistency(gocql.Serial)
	if err := query.ScanContext(t.Context(), &square); err != nil || square != 49 {
		t.Errorf("square of 7: expected 49, found %d (%v)", square, err)
	}
}

func checkBroker(t *testing.T, st *Stack) {
	t.Helper()
	brokers, err := countBrokers(t.Context(), st.Brokers()[0])
	if err != nil || brokers != 1 {
		t.Errorf("brokers: expected 1, found %d (%v)", brokers, err)
	}
}

// registerSchema returns how the registry answers for the schema that it registers.
func registerSchema(t *testing.T, st *Stack) string {
	t.Helper()
	const version1 = `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"}`
	const unreadable = `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"f\",\"type\":\"int\"}]}"}`
	post := func(body string) (int, string) {
		return call(t, http.MethodPost, st.RegistryURL()+"/subjects/proof-value/versions", body)
	}
	if status, answer := post(version1); status != http.StatusOK {
		t.Fatalf("register: expected 200, found %d: %s", status, answer)
	}
	if status, answer := post(unreadable); status != http.StatusConflict {
		t.Errorf("register a field without default: expected 409, found %d: %s", status, answer)
	}
	return currentSchema(t, st)
}

func checkSchema(t *testing.T, st *Stack, want string) {
	t.Helper()
	if found := currentSchema(t, st); found != want {
		t.Errorf("schema: expected %s, found %s", want, found)
	}
}

func currentSchema(t *testing.T, st *Stack) string {
	t.Helper()
	status, answer := call(t, http.MethodGet, st.RegistryURL()+"/subjects/proof-value/versions/latest", "")
	if status != http.StatusOK {
		t.Errorf("latest version: expected 200, found %d: %s", status, answer)
	}
	return answer
}

func call(t *testing.T, method, url, body string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/vnd.schemaregistry.v1+json")
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
	return response.StatusCode, string(text)
}
