package fleet

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"inventory/adapters/wire/wiretest"
	"inventory/integration/crash"
)

// A process whose certificate is of another CA is not let in, and says so. It is given no ledgers, so
// that all is decided by those who let each other in.
func TestAProcessOfAnotherCAIsNotLetInAndSaysSo(t *testing.T) {
	f := newFleet(t, 2*time.Second)
	f.members = f.members[:1]
	f.start()
	b := &balancer{f: f, members: f.members, tally: &tally{}}
	if err := crash.NewCallers(t, 1, 1).SetUp(b); err != nil {
		t.Fatal(err)
	}
	stranger := &member{t: t, name: "stranger", site: f.site.Beside(f.proof(wiretest.NewAuthority(t), "stranger")...)}
	stranger.launch()
	for _, m := range []*member{stranger, f.members[0]} {
		f.await(m.name+" says why", func() error {
			if line := said(m.p().Said(), "certificate", " CA"); line != "" {
				t.Logf("%s: %s", m.name, line)
				return nil
			}
			return errors.New(m.p().Said())
		})
	}
	f.await("the stranger says that it stands by", func() error {
		if err := stranger.p().Client().Check(f.ctx, "ledgers"); err == nil || !strings.Contains(err.Error(), "takes no ledgers") {
			return fmt.Errorf("/readyz says of its ledgers: %v", err) //nolint:errorlint // it may be nil
		}
		return nil
	})
	f.awaitShared()
	for _, id := range []string{"o-1", "o-2", "o-3", "o-4", "o-5", "o-6"} {
		r := crash.Request{Method: http.MethodPost, Path: "/inventory/release", Body: map[string]any{"order_id": id}}
		if a, err := b.Decide(r); err != nil || a.Code() != "UNKNOWN_ORDER" {
			t.Errorf("%s: %s %v", r, a, err)
		}
	}
	if err := f.shared(); err != nil {
		t.Errorf("beside a stranger: %v", err)
	}
	stranger.terminate()
	f.members[0].terminate()
}
