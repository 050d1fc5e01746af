package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"inventory/integration/service"
	"inventory/integration/stack"
)

// fleetSite is a fleet of real processes, with a keyspace and topics of its own.
type fleetSite struct {
	o         options
	tables    *onCassandra
	events    *eventSite
	dir       string
	processes []*service.Process
	clients   []*service.Client // of each process in turn
	replayed  int               // letters that jobs have brought to an outcome
}

// fleetClients is how many clients there are, each with connections of its own.
const fleetClients = 2 * fleetProcesses

// openFleetSite starts processes, shares the ledgers of twelve warehouses out and fills them.
func openFleetSite(ctx context.Context, o options, processes int) (*fleetSite, error) {
	s := &fleetSite{o: o}
	if err := s.open(ctx, processes); err != nil {
		for _, p := range s.processes {
			err = fmt.Errorf("%w\nprocess %d said:\n%s", err, p.PID(), p.Said())
		}
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *fleetSite) open(ctx context.Context, processes int) (err error) {
	if s.dir, err = os.MkdirTemp("", "inventory-bench-"); err != nil {
		return err
	}
	if s.tables, err = openCassandra(ctx, 0); err != nil {
		return err
	}
	if s.events, err = newEventSite(ctx); err != nil {
		return err
	}
	for n := range processes {
		if err := s.launch(n); err != nil {
			return err
		}
	}
	for n := range fleetClients {
		s.clients = append(s.clients, service.NewClient(s.processes[n%processes].Client().Base()))
	}
	if err := s.sharedOut(ctx, 0); err != nil {
		return err
	}
	return s.stockUp(ctx)
}

func (s *fleetSite) launch(n int) error {
	api, apiErr := service.Addr()
	members, err := service.Addr()
	if err := errors.Join(apiErr, err); err != nil {
		return err
	}
	servers, _ := stack.FromEnv()
	p, err := service.Start(s.o.program, api,
		"--store=cassandra", "--cassandra-hosts="+strings.Join(servers.CassandraHosts(), ","), "--cassandra-dc="+servers.CassandraDC(),
		"--cassandra-keyspace="+s.tables.name, "--brokers="+strings.Join(servers.Brokers(), ","), "--registry-url="+servers.RegistryURL(),
		"--topic-prefix="+s.events.kafka.Prefix, "--consumer-group="+s.events.kafka.Group, fmt.Sprintf("--reservation-ledgers=%d", s.o.ledgers),
		"--fleet-addr="+members, fmt.Sprintf("--fleet-name=bench-%d", n), fmt.Sprintf("--data-dir=%s/%d", s.dir, n), "--log-level=warn")
	if err != nil {
		return err
	}
	s.processes = append(s.processes, p)
	return nil
}

// close ends the processes and removes what they left.
func (s *fleetSite) close() error {
	var ending sync.WaitGroup
	errs := make([]error, len(s.processes))
	for i, p := range s.processes {
		ending.Go(func() {
			errs[i] = p.Terminate()
			p.Client().CloseIdle()
		})
	}
	ending.Wait()
	for _, c := range s.clients {
		c.CloseIdle()
	}
	if s.events != nil {
		s.events.registry.Close()
	}
	if s.tables != nil {
		errs = append(errs, s.tables.close())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// ledgersOfFleet is what a process says of all ledgers.
type ledgersOfFleet struct {
	Ledgers []struct {
		Ledger    string
		Owner     string
		OwnerAddr string `json:"owner_addr"`
		Waiting   int64
		Mail      int64
		RelayLag  int64 `json:"relay_lag"`
	}
}

func (s *fleetSite) ledgers(ctx context.Context) (all ledgersOfFleet, err error) {
	a, err := s.clients[0].Ask(ctx, http.MethodGet, "/admin/ledgers", nil, nil)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("/admin/ledgers: %s", a)
	}
	if err == nil {
		err = a.Into(&all)
	}
	return all, err
}

// sharedOut waits until every process owns its part of the ledgers of so many warehouses.
func (s *fleetSite) sharedOut(ctx context.Context, warehouses int) error {
	total := warehouses + s.o.ledgers
	return s.until(ctx, func(all ledgersOfFleet) bool {
		owned := map[string]int{}
		for _, l := range all.Ledgers {
			if l.OwnerAddr != "" {
				owned[l.OwnerAddr]++
			}
		}
		sum, most := 0, 0
		for _, n := range owned {
			sum, most = sum+n, max(most, n)
		}
		// Of each kind nobody has more than its even part.
		return sum == total && most <= ceil(warehouses, len(s.processes))+ceil(s.o.ledgers, len(s.processes)) && len(owned) == min(len(s.processes), total)
	})
}

func ceil(a, b int) int { return (a + b - 1) / b }

// relayed waits until all that follows from what was decided is written.
func (s *fleetSite) relayed(ctx context.Context) error {
	return s.until(ctx, func(all ledgersOfFleet) bool {
		for _, l := range all.Ledgers {
			if l.OwnerAddr == "" || l.Waiting+l.Mail+l.RelayLag > 0 {
				return false
			}
		}
		return true
	})
}

// until asks how the ledgers stand until that is as it should be.
func (s *fleetSite) until(ctx context.Context, ok func(ledgersOfFleet) bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := s.ledgers(ctx)
		if err == nil && ok(all) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the ledgers: %w: %+v %w", context.Cause(ctx), all, err)
		case <-tick.C:
		}
	}
}

const hotSKU = "SKU-HOT"

// placeOf names a warehouse.
func placeOf(n int) string { return fmt.Sprintf("W%02d", n) }

// stockUp makes the warehouses, puts the hot SKU in each and every other SKU in one.
func (s *fleetSite) stockUp(ctx context.Context) error {
	for n := range fleetWarehouses {
		if err := s.ask(ctx, n, http.MethodPut, "/inventory/warehouses/"+placeOf(n), nil, map[string]any{"region": "R", "rank": n}); err != nil {
			return err
		}
	}
	if err := s.sharedOut(ctx, fleetWarehouses); err != nil {
		return err
	}
	total := fleetWarehouses + s.o.skus
	return inTurn(128, total, func(i int) error {
		name, place := hotSKU, placeOf(i)
		if i >= fleetWarehouses {
			name, place = sku(i-fleetWarehouses), placeOf(i%fleetWarehouses)
		}
		return s.ask(ctx, i, http.MethodPost, "/inventory/adjust",
			service.Header{"Idempotency-Key": fmt.Sprint("stock-", i), "Inventory-Actor": "bench"},
			map[string]any{"sku": name, "warehouse_id": place, "adjustment_type": "RECEIPT", "qty_delta": stocked})
	})
}

// ask asks one of the processes until it decides, and expects that it does what is asked.
func (s *fleetSite) ask(ctx context.Context, n int, method, path string, h service.Header, body any) error {
	a, err := s.clients[n%len(s.clients)].Decide(ctx, method, path, h, body)
	if err == nil && a.Status >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %s", method, path, a)
	}
	return err
}

// inTurn does n things, so many at a time.
func inTurn(most, n int, do func(int) error) error {
	var working sync.WaitGroup
	errs := make([]error, most)
	for worker := range most {
		working.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += most {
				errs[worker] = do(i)
			}
		})
	}
	working.Wait()
	return errors.Join(errs...)
}

// profile has perf sample the processes for a while, where that is asked for and there is one.
func (s *fleetSite) profile(name string, d time.Duration) (stop func() error, err error) {
	if s.o.profile == "" {
		return func() error { return nil }, nil
	}
	pids := make([]string, 0, len(s.processes))
	for _, p := range s.processes {
		pids = append(pids, fmt.Sprint(p.PID()))
	}
	file := fmt.Sprintf("%s/%s.perf", s.o.profile, strings.ReplaceAll(name, " ", "-"))
	cmd := exec.Command("perf", "record", "-q", "-F", "499", "-g", "-o", file, "-p", strings.Join(pids, ","), "--", "sleep", fmt.Sprint(d.Seconds()))
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("-profile: perf, which samples other processes: %w", err)
	}
	return cmd.Wait, nil
}
