package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"inventory/adapters/kafka"
	"inventory/adapters/system"
	"inventory/ports"
)

// flag gives the value of a flag that the service was started with.
func (r *running) flag(t *testing.T, name string) string {
	t.Helper()
	for _, flag := range r.flags {
		if value, ok := strings.CutPrefix(flag, "--"+name+"="); ok {
			return value
		}
	}
	t.Fatal("no flag ", name)
	return ""
}

// dead is a service on which letters are buried.
type dead struct {
	*running
	t  *testing.T
	up *upstream
}

// burying starts a service with ten of SKU-1, and what another team sends events with.
func burying(t *testing.T, flags ...string) *dead {
	t.Helper()
	s := serving(t, t.TempDir(), append(flags, "--dlq-interval=200ms")...)
	must(t, "warehouse", "put", "HCM", "south", s.server)
	must(t, "adjust", "HCM", "SKU-1", "RECEIPT", "10", s.server)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = []string{s.flag(t, "kafka-addr")}
	client, err := s.registry(t)
	if err != nil {
		t.Fatal(err)
	}
	up, err := newUpstream(t.Context(), cfg, client)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = up.producer.Close() })
	return &dead{s, t, up}
}

func (r *running) registry(t *testing.T) (ports.SchemaRegistry, error) {
	t.Helper()
	c, err := (&settings{}).newRegistry("http://" + r.flag(t, "registry-addr"))
	if err == nil {
		t.Cleanup(c.Close)
	}
	return c, err
}

// order gives the fields of an order event.
func (d *dead) order(quantity int) map[string]any {
	return map[string]any{"items": []any{map[string]any{"sku": "SKU-1", "quantity": quantity}}}
}

// bury writes an event that is well to the topic of dead letters, as another program might.
func (d *dead) bury(order string, quantity int) {
	d.t.Helper()
	event := d.order(quantity)
	event["event_id"], event["order_id"], event["occurred_at"] = system.NewUUID().String(), order, time.Now()
	value := binary.BigEndian.AppendUint32([]byte{0}, uint32(d.up.ids[ports.OrderCreatedTopic]))
	value, err := d.up.codecs[ports.OrderCreatedTopic].BinaryFromNative(value, event)
	if err != nil {
		d.t.Fatal(err)
	}
	d.produce(ports.OrderCreatedTopic+ports.DeadLetterSuffix, order, value)
}

func (d *dead) produce(topic, key string, value []byte) {
	d.t.Helper()
	if err := d.up.producer.Send(d.t.Context(), kafka.Record{Topic: topic, Key: []byte(key), Value: value}); err != nil {
		d.t.Fatal(err)
	}
}

// says runs a command about letters, which must end as expected and say all texts.
func (d *dead) says(exit int, command string, texts ...string) string {
	d.t.Helper()
	out, errs, err := try(d.t, append(argsOf(d.t, "inventory dlq "+command), d.server)...)
	if err != nil {
		errs += explain(err)
	}
	if exitCode(err) != exit {
		d.t.Fatalf("%s: exit code %d expected, found %v\n%s%s", command, exit, err, out, errs)
	}
	for _, text := range texts {
		if !strings.Contains(out+errs, text) {
			d.t.Errorf("%s: %q expected in\n%s%s", command, text, out, errs)
		}
	}
	return out
}

// letters waits until a filter chooses so many letters, and gives their ids.
func (d *dead) letters(filter string, n int) []string {
	d.t.Helper()
	var ids []string
	waitFor(d.t, func() bool {
		var list letterList
		if err := json.Unmarshal([]byte(d.says(0, "list --output json "+filter)), &list); err != nil {
			d.t.Fatal(err)
		}
		ids = nil
		for _, e := range list.Letters {
			ids = append(ids, e.ID)
		}
		return len(ids) == n
	})
	return ids
}

var aJob = regexp.MustCompile(`job ([0-9a-f-]{36})`)

func jobIn(t *testing.T, said string) string {
	t.Helper()
	found := aJob.FindStringSubmatch(said)
	if found == nil {
		t.Fatalf("no job in\n%s", said)
	}
	return found[1]
}

func TestLettersAreReplayedOnceFromGroupsToProof(t *testing.T) {
	d := burying(t)
	d.says(0, "groups", "no letters")
	d.says(0, "replay --yes", "nothing to do")
	d.says(0, "jobs", "no letters were ever replayed")
	d.says(0, "audit", "nobody")
	for i := range 3 {
		d.bury(fmt.Sprintf("o-%d", i), 2)
	}
	d.produce(ports.OrderCreatedTopic, "o-dead", []byte("no Avro"))
	d.letters("--code UNREADABLE", 1)
	ids := d.letters("--code UNLABELLED", 3)
	d.says(0, "groups", "UNLABELLED", "UNREADABLE", "docs/runbooks/dlq-UNREADABLE.md", ports.OrderCreatedTopic)
	d.says(0, "show "+ids[0], `"sku": "SKU-1"`, "now it would be applied", "0 → 2", "no order's story", "died of UNLABELLED")
	d.says(0, "show "+d.letters("--order o-dead", 1)[0], "6e 6f 20 41 76 72 6f", "now it would be failed as UNREADABLE", "|no Avro|")

	dry := d.says(0, "replay --code UNLABELLED --dry-run", "3 letters", "applied", "0 → 6", "HELD")
	if strings.Contains(dry, "job ") {
		t.Errorf("a dry run made a job\n%s", dry)
	}
	d.says(exitUsage, "replay --code UNLABELLED --output json", "--yes")
	d.letters("--code UNLABELLED", 3)
	said := d.says(0, `replay --code UNLABELLED --yes --rate 100 --stop-after 10 --reason "the store is back"`, "completed", "3 of 3 letters: 3 applied, 0 duplicate", "inventory why o-")
	job := jobIn(t, said)
	d.says(0, "report "+job, "o-0", "o-1", "o-2", "applied", "inventory why o-")
	d.says(0, "describe "+job, "completed", "the store is back", "code=UNLABELLED", "100 letters a second")
	d.says(0, "jobs", job, "3/3")
	d.says(0, "replay --code UNLABELLED --yes", "nothing to do")
	if out := must(t, "stock", "SKU-1", d.server); !strings.Contains(out, "6") {
		t.Errorf("six held expected\n%s", out)
	}
	failed := d.says(0, "replay --code UNREADABLE --yes --all", "1 failed", "1 stay open, as UNREADABLE")
	d.says(0, "report --failed "+jobIn(t, failed), "UNREADABLE")
	d.says(0, "list --state all", "applied", "open")
	d.says(0, "audit", "replay", "job ended", "the store is back")
	d.says(exitRefused, "describe "+ids[0], "unknown job")
	d.says(exitRefused, "show "+job, "unknown letter")
}

func TestAPoisonousLetterIsEditedAndThenApplies(t *testing.T) {
	d := burying(t)
	event := d.order(1)
	event["event_id"] = ""
	if err := d.up.send(t.Context(), ports.OrderCreatedTopic, "o-none", event); err != nil {
		t.Fatal(err)
	}
	bad := d.letters("--code INVALID", 1)[0]
	d.says(exitUsage, "edit "+bad, "--set")
	d.says(exitUsage, "edit "+bad+" --set items[7].quantity=2", "no such place")
	d.says(exitUsage, "edit "+bad+" --set items[0].quantity=two", "quantity")
	d.letters("", 1)
	said := d.says(0, "edit "+bad+` --set event_id=e-2 --set items[0].quantity=2 --reason "typo upstream"`, "stands for "+bad)
	edited := d.letters("", 1)[0]
	if edited == bad || !strings.Contains(said, edited) {
		t.Errorf("the edited letter %s expected in its place\n%s", edited, said)
	}
	d.says(0, "show "+bad, "edited by", "typo upstream", edited)
	d.says(exitRefused, "edit "+bad+" --set items[0].quantity=3")
	d.says(0, "replay --order o-none --yes", "1 applied")
	if out := must(t, "order", "o-none", d.server); !strings.Contains(out, "HELD") || !strings.Contains(out, "SKU-1   2") {
		t.Error(out)
	}

	d.produce(ports.OrderCreatedTopic, "o-dead", []byte("no Avro"))
	dead := d.letters("--order o-dead", 1)[0]
	d.says(exitUsage, "edit "+dead+" --set items[0].quantity=2", "--file")
	file := filepath.Join(t.TempDir(), "event.json")
	whole := `{"event_id": "e-dead", "order_id": "o-dead", "occurred_at": "` + time.Now().UTC().Format(time.RFC3339) + `", "items": [{"sku": "SKU-1", "quantity": 1}]}`
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	d.says(0, "edit "+dead+" --file "+file, "stands for")
	d.says(0, "replay --order o-dead --yes", "1 applied")
}

func TestLettersArePutAwayAndTakenBack(t *testing.T) {
	d := burying(t)
	d.bury("o-1", 2)
	d.letters("", 1)
	d.says(exitUsage, "discard --order o-1", "--reason")
	d.says(exitUsage, "discard --reason why", "--everything")
	d.says(exitUsage, "restore", "--everything")
	d.says(0, `discard --order o-1 --reason "test data" --actor anna`, "1 letter: put away")
	d.says(0, "replay --yes", "nothing to do")
	d.says(exitRefused, "discard --order o-1 --reason again", "no open letters")
	id := d.letters("--state discarded", 1)[0]
	d.says(0, "show "+id, "discarded by anna: test data", "it is discarded: no replay takes it")
	d.says(0, "restore --order o-1 --reason needed", "1 letter: open again")
	d.letters("", 1)
}

func TestLettersAreTakenOutAndPutIn(t *testing.T) {
	d, other := burying(t), burying(t)
	for i := range 3 {
		d.bury(fmt.Sprintf("o-%d", i), 1)
	}
	d.letters("", 3)
	file := filepath.Join(t.TempDir(), "letters.ndjson")
	if out := d.says(0, "export"); strings.Count(out, "\n") != 3 {
		t.Errorf("three lines expected\n%s", out)
	}
	d.says(0, "export --file "+file)
	other.says(0, "import "+file+" --reason moved", "3 letters written, 0 were there before")
	other.says(0, "import "+file, "0 letters written, 3 were there before")
	other.says(0, "replay --yes --output json", `"applied":3`)
	if err := os.WriteFile(file, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other.says(exitUsage, "import "+file, "line 1: id", "0 letters were written")
}

func TestAJobIsCancelledAndTheRestStaysOpen(t *testing.T) {
	d := burying(t)
	for i := range 5 {
		d.bury(fmt.Sprintf("o-%d", i), 1)
	}
	d.letters("", 5)
	job := jobIn(t, d.says(0, "replay --yes --rate 0.2 --detach", "inventory dlq describe"))
	d.says(0, "list", "in a job")
	d.says(exitRefused, "discard --everything --reason no", job)
	d.says(0, "replay --dry-run", "job "+job+" has", "nothing to do")
	d.says(0, "cancel "+job+" --reason enough", job)
	waitFor(t, func() bool { return strings.Contains(d.says(0, "describe "+job), ": cancelled") })
	d.says(exitRefused, "cancel "+job)
	d.says(0, "replay --yes", "applied")
	d.says(0, "replay --yes", "nothing to do")
}
