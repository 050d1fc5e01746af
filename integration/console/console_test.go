// Package console_test looks at the console as people do, in a browser: each page at three widths,
// light and dark, by the rules of accessibility, and then clicks its way from an alert to a replay.
package console_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"inventory/adapters/registry"
	"inventory/integration/service"
	"inventory/integration/stack"
)

var (
	//go:embed package.json
	npmPackage []byte
	//go:embed package-lock.json
	npmLock []byte
	//go:embed walk.mjs
	walk []byte

	pictures = flag.String("pictures", "", "folder that keeps the pages' pictures; empty: none does")
)

const patience = time.Minute

var suite = service.NewSuite("console")

func TestMain(m *testing.M) { os.Exit(suite.Of(m).Run()) }

func TestPeopleWalkThroughTheConsole(t *testing.T) {
	s := suite.Embedded(t, "--console-acts", "--dlq-interval=200ms")
	p := s.Start()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, command := range []string{
		"warehouse put HCM south", "warehouse put HAN north", "adjust HCM SKU-1 RECEIPT 1200 --reference delivery-7", "adjust HAN SKU-1 RECEIPT 300",
		"adjust HCM SKU-1 DAMAGE 3", "reserve order-1 SKU-1=3", "reserve order-2 SKU-1=40", "confirm order-2",
	} {
		if out, err := s.Try(append(strings.Fields(command), "--server=http://"+s.Addr)...); err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
	}
	bury(ctx, t, s)
	letter, group := buried(ctx, t, s)
	todo := map[string]any{
		"base": "http://" + s.Addr, "browser": chromium(t), "widths": []int{360, 768, 1440}, "out": out(t), "patience": patience.Milliseconds(),
		"sku": "SKU-1", "order": "order-3", "pages": map[string]string{
			"overview": "/console/", "sku": "/console/skus/SKU-1", "order": "/console/orders/order-2", "holds": "/console/holds?within=24h",
			"ledgers": "/console/ledgers", "letters": "/console/letters", "group": "/console/letters/groups/" + group, "letter": "/console/letters/" + letter, "reconcile": "/console/reconcile",
		},
	}
	argument, err := json.Marshal(todo)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(ctx, "node", filepath.Join(modules(ctx, t), "walk.mjs"), string(argument))
	said, err := node.CombinedOutput()
	if err != nil || len(said) > 0 {
		t.Errorf("the walk: %v\n%s", err, said)
	}
	s.Stop(p)
}

// bury writes an order event that is well to the topic of dead letters, as another program might: a
// replay applies it.
func bury(ctx context.Context, t *testing.T, s *service.Site) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Brokers))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	reg, err := registry.New(registry.Config{URL: s.Registry})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	events, err := service.NewCreatedEvents(ctx, reg, s.Prefix)
	if err != nil {
		t.Fatal(err)
	}
	record, err := events.Record("order-3", service.CreatedItem{SKU: "SKU-1", Quantity: 2})
	if err != nil {
		t.Fatal(err)
	}
	record.Topic += ".dlq"
	if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// buried waits for the letter, and gives its id and its group's.
func buried(ctx context.Context, t *testing.T, s *service.Site) (letter, group string) {
	t.Helper()
	var list struct {
		Letters []struct{ ID, Group string }
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := s.Try("dlq", "list", "--json", "--server=http://"+s.Addr)
		if err == nil {
			err = json.Unmarshal([]byte(text), &list)
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(list.Letters) > 0 {
			return list.Letters[0].ID, list.Letters[0].Group
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("no letter came")
		}
	}
}

// chromium finds the browser, which make test installs.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no browser: sudo apt-get install chromium")
	return ""
}

// modules returns a folder with the walk and what it needs, which npm fills once for each lock file.
func modules(ctx context.Context, t *testing.T) string {
	t.Helper()
	dir, err := stack.CachedModules(ctx, "console-walk", npmPackage, npmLock)
	if err != nil {
		t.Fatal(err)
	}
	own := t.TempDir()
	if err := errors.Join(os.Symlink(filepath.Join(dir, "node_modules"), filepath.Join(own, "node_modules")), os.WriteFile(filepath.Join(own, "walk.mjs"), walk, 0o600)); err != nil {
		t.Fatal(err)
	}
	return own
}

// out is where pictures go.
func out(t *testing.T) string {
	t.Helper()
	if *pictures == "" {
		return t.TempDir()
	}
	dir, err := filepath.Abs(*pictures)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
