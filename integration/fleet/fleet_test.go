package fleet

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"inventory/adapters/wire/wiretest"
	"inventory/integration/orders"
	"inventory/integration/service"
)

// patience bounds each wait, far above what is normal.
const patience = time.Minute

// fleet is several processes on one keyspace and one prefix of topics.
type fleet struct {
	t       *testing.T
	ctx     context.Context
	site    *service.Site
	ca      *wiretest.Authority
	members []*member
	known   map[string]owned // ledgers, as they stood when they were shared out last
}

// newFleet makes places for three processes, none of which runs. They prove to each other by
// certificates who they are.
func newFleet(t *testing.T, lease time.Duration) *fleet {
	t.Helper()
	st := suite.Stack(t)
	flags := orders.Hurried("--lease="+lease.String(), "--audit-interval=3s", "--reservation-ledgers=6")
	// What a paused owner published late is found, and put right: levels of an older version.
	f := &fleet{t: t, ctx: t.Context(), site: suite.OnServers(t, st, st, flags...), ca: wiretest.NewAuthority(t)}
	f.site.Expect(`"kind": "level_topic"`)
	for _, name := range []string{"a", "b", "c"} {
		f.members = append(f.members, f.place(name))
	}
	return f
}

// place makes a place for a process.
func (f *fleet) place(name string) *member {
	return &member{t: f.t, name: name, site: f.site.Beside(f.proof(f.ca, name)...)}
}

// proof is flags of a member with a certificate of a CA.
func (f *fleet) proof(ca *wiretest.Authority, name string) []string {
	files := ca.Member(f.t, "127.0.0.1")
	return []string{"--fleet-name=" + name, "--fleet-cert=" + files.Cert, "--fleet-key=" + files.Key, "--fleet-ca=" + files.CA}
}

// start starts all, and waits until they are ready and have shared the ledgers out.
func (f *fleet) start() {
	f.t.Helper()
	for _, m := range f.members {
		m.launch()
	}
	for _, m := range f.members {
		m.awaitReady(f.ctx)
	}
	f.awaitShared()
}

// owned is how a ledger stands.
type owned struct {
	Ledger  string
	Owner   string
	Epoch   int64
	Version int64
	Relayed int64
}

// ledgers asks a member how all ledgers stand.
func (f *fleet) ledgers(m *member) (map[string]owned, error) {
	a, err := m.p().Client().Ask(f.ctx, http.MethodGet, "/admin/ledgers", nil, nil)
	if err != nil {
		return nil, err
	}
	var told struct {
		Ledgers    []owned
		Unanswered []string
	}
	if err := a.Into(&told); err != nil || a.Status != http.StatusOK {
		return nil, fmt.Errorf("/admin/ledgers of %s: %s %w", m.name, a, err)
	}
	all := map[string]owned{}
	for _, l := range told.Ledgers {
		all[l.Ledger] = l
	}
	return all, nil
}

// shared is nil where each ledger has an owner, and each member has its part.
func (f *fleet) shared() error {
	all, err := f.ledgers(f.members[0])
	if err != nil {
		return err
	}
	f.known = all
	parts := map[string]int{}
	for id, l := range all {
		if l.Owner == "" {
			return fmt.Errorf("%s has no owner", id)
		}
		parts[l.Owner]++
	}
	for _, m := range f.members { // of both kinds there are as many for each
		if parts[m.name] != len(all)/len(f.members) {
			return fmt.Errorf("ledgers by member: %v", parts)
		}
	}
	return nil
}

// awaitShared waits until each member has its part of the ledgers.
func (f *fleet) awaitShared() {
	f.t.Helper()
	f.await("the ledgers are shared out", f.shared)
}

// relayed is nil where all that is decided is told and written.
func (f *fleet) relayed() error {
	all, err := f.ledgers(f.members[0])
	for id, l := range all {
		if l.Owner == "" || l.Relayed != l.Version {
			return fmt.Errorf("%s of %q: %d of %d entries are relayed", id, l.Owner, l.Relayed, l.Version)
		}
	}
	return err
}

// await waits until something is as expected; nil says so.
func (f *fleet) await(what string, is func() error) {
	f.t.Helper()
	if err := eventually(is); err != nil {
		f.t.Fatalf("%s: not within %s: %v", what, patience, err)
	}
}

// eventually asks until the answer is nil, for as long as patience.
func eventually(is func() error) (err error) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-ticker.C {
		if err = is(); err == nil {
			return nil
		}
	}
	return err
}

// parallel does something with each member at once.
func (f *fleet) parallel(do func(*member)) {
	var all sync.WaitGroup
	for _, m := range f.members {
		all.Go(func() { do(m) })
	}
	all.Wait()
}
