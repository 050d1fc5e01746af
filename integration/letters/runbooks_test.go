package letters

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"inventory/app"
	"inventory/integration/service"
	"inventory/ports"
)

const repository = "../../"

// shellBlock is a block of commands in a runbook.
var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// picks are the codes that a pick dies of; others are of orders that were not created here.
var picks = map[string]bool{"NOT_HELD": true, "OVER_PICK": true, "AMBIGUOUS_PICK": true, "SHORTAGE": true, "UNKNOWN_ORDER": true, "INVALID": true}

func TestTheCommandsOfEachRunbookDoWhatItSays(t *testing.T) {
	s := suite.Embedded(t)
	o := open(t, s, "SKU-A")
	bin := t.TempDir()
	if err := os.Symlink(s.Program(), filepath.Join(bin, "inventory")); err != nil {
		t.Fatal(err)
	}
	for _, c := range app.LetterCodes() {
		t.Run(c.Code, func(t *testing.T) {
			here := *o
			here.t = t
			(&reader{office: &here, bin: bin, code: c.Code, order: "o-" + c.Code}).follow(c.Runbook())
		})
	}
	s.Stop(o.p)
}

// reader follows a runbook about a letter of an order, as somebody does who reads it.
type reader struct {
	*office
	bin    string
	code   string
	order  string
	letter string
}

func (r *reader) follow(page string) {
	r.t.Helper()
	text, err := os.ReadFile(repository + page)
	if err != nil {
		r.t.Fatal(err)
	}
	r.die()
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		r.t.Fatalf("%s has %d blocks of commands", page, len(blocks))
	}
	for _, block := range blocks {
		for line := range strings.Lines(block[1]) {
			r.give(strings.TrimSpace(line))
		}
	}
	open := 0
	if strings.Contains(string(text), "\ninventory dlq restore ") { // the way back
		open = 1
	}
	if found := r.entries("order_id=" + r.order); len(found) != open {
		r.t.Errorf("%s: %d letters are open at the end, expected %d", page, len(found), open)
	}
}

// die has a letter with the page's code.
func (r *reader) die() {
	r.t.Helper()
	topic, e := ports.OrderCreatedTopic, created(r.order, "SKU-A", 3)
	if picks[r.code] {
		r.send(topic, e)
		r.awaitStatus(r.order, "HELD")
		topic, e = ports.FulfilmentPickedTopic, pickedOf(r.order, "SKU-A", 1)
	}
	l := r.bury(r.code, topic, e)
	if r.code == "UNREADABLE" {
		l.Value = []byte("no Avro")
	}
	r.append(l)
	r.letter = l.ID.String()
	r.awaitLetters("order_id="+r.order, 1)
}

// give gives a command of the page, and waits until the job has ended that it starts, if any.
func (r *reader) give(line string) {
	r.t.Helper()
	want := done
	if asks := strings.HasPrefix(line, "inventory order ") || strings.HasPrefix(line, `inventory why "$ORDER"`); asks && r.status(r.order) == "" {
		want = refused
	}
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "http://127.0.0.1:8080", r.p.Client().Base()))
	cmd.Env, cmd.Dir = append(service.Environment(), r.variables()...), repository
	out, err := cmd.CombinedOutput()
	if found := exitOf(err); found != want {
		r.t.Errorf("%s: ended with %d, expected %d\n%s", line, found, want, out)
	}
	if strings.Contains(line, " replay ") && strings.Contains(line, " --yes") && err == nil {
		r.awaitEnd(r.lastJob().ID)
	}
}

// variables are what stands for those of the page.
func (r *reader) variables() []string {
	r.t.Helper()
	job := ""
	var told struct{ Jobs []standing }
	if r.ask("GET", "/admin/dlq/jobs", nil, &told); len(told.Jobs) > 0 {
		job = told.Jobs[len(told.Jobs)-1].ID
	}
	return []string{
		"PATH=" + r.bin + ":" + os.Getenv("PATH"), "INVENTORY_SERVER=" + r.p.Client().Base(),
		"LETTER=" + r.letter, "ORDER=" + r.order, "JOB=" + job, "REASON=as agreed with billing", "CHANGE=items[0].quantity=2",
		"EVENT=" + r.file(), "REGISTRY=" + r.site.Registry, "WAREHOUSE=HCM", "SKU=SKU-A", "UNITS=-2", "COUNTED=5000",
	}
}

// file has the event that a letter is to be, which names the order.
func (r *reader) file() string {
	r.t.Helper()
	text, err := json.Marshal(created(r.order, "SKU-A", 1))
	if err != nil {
		r.t.Fatal(err)
	}
	path := filepath.Join(r.t.TempDir(), "event.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}
