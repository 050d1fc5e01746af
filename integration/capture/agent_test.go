package capture

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"inventory/app/parallel"
	"inventory/integration/service"
	"inventory/integration/stack"
	"inventory/ports"
)

// published is how many events a process published that were left to capture.
func published(t *testing.T, s *service.Site, by string) int {
	t.Helper()
	res, err := http.Get("http://" + s.Addr + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), `inventory_capture_published_total{by="`+by+`"} `); ok {
			count, err := strconv.ParseFloat(n, 64)
			if err != nil {
				t.Fatal(err)
			}
			return int(count)
		}
	}
	t.Fatalf("nothing says how much was published by %s: %v", by, lines.Err())
	return 0
}

// trade has orders held until a process has published some events more by capture, or by the
// table.
func trade(t *testing.T, p *service.Process, l *listener, publisher *service.Site, by string) {
	t.Helper()
	before, n := published(t, publisher, by), 0
	waitUntil(t, func() string {
		n++
		name := fmt.Sprintf("%s-%s-%d", publisher.Addr, by, n)
		l.await(order(t, p, name, 10)...)
		if published(t, publisher, by) < before+40 {
			return "published by " + by
		}
		return ""
	})
}

// rush has n orders held, many at once.
func rush(t *testing.T, p *service.Process, n int) (ids []string) {
	t.Helper()
	for i := range n {
		ids = append(ids, fmt.Sprintf("rush-%04d", i))
	}
	parallel.Each(n, 32, func(i int) {
		ask(t, p, http.MethodPost, "/inventory/reserve", map[string]any{"order_id": ids[i], "items": []map[string]any{{"sku": sku, "quantity": 1}}})
	})
	return ids
}

func restart(t *testing.T, st *stack.Stack) {
	t.Helper()
	if err := st.Restart(t.Context(), stack.Debezium); err != nil {
		t.Fatal(err)
	}
}

// The agent, and then the process that publishes, are killed and come back.
func TestWithAndWithoutTheAgentAllIsPublishedUnderOneID(t *testing.T) {
	st := suite.StartStack(t, append(stack.Core(), stack.Debezium)...)
	s := suite.OnServers(t, st, st, "--lease=1s", "--publish=cdc", "--capture-lateness=4s")
	restart(t, st) // an agent captures no table whose capture was switched on while it ran
	core, cdc := s.With("--role=core"), s.Beside("--role=cdc")
	p, publisher := core.Start(), cdc.Start()
	l := listen(t, s)
	open(t, p)
	trade(t, p, l, cdc, ports.ByCapture)
	l.tellAges("the first ones")
	l.await(rush(t, p, 1000)...)
	l.tellAges("a rush, by capture")

	if err := st.Kill(stack.Debezium); err != nil {
		t.Fatal(err)
	}
	trade(t, p, l, cdc, ports.ByTable)
	l.tellAges("without the agent")
	restart(t, st)
	trade(t, p, l, cdc, ports.ByCapture)

	publisher.Kill()
	unheard := order(t, p, "nobody", 20)
	next := s.Beside("--role=cdc")
	next.Start()
	l.await(unheard...)
	trade(t, p, l, next, ports.ByCapture)

	s.Read(func(store service.Store) {
		waitUntil(t, func() string { return l.missing(wants(t, store)) })
		l.mustSayOnly(wants(t, store))
	})
	t.Logf("by capture %d, by the table %d", published(t, next, ports.ByCapture), published(t, next, ports.ByTable))
}
