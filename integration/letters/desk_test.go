package letters

import (
	"errors"
	"net/http"
	"os/exec"
	"strings"

	"inventory/domain/letter"
)

// Exit codes. Source: README.md.
const (
	done    = 0
	refused = 3
)

// dlq gives a command as people do, and returns all that it says; it has to succeed.
func (o *office) dlq(args ...string) string {
	o.t.Helper()
	return o.command(done, append([]string{"dlq"}, args...)...)
}

func (o *office) command(exit int, args ...string) string {
	o.t.Helper()
	out, err := o.site.Try(append(args, "--server="+o.p.Client().Base())...)
	if found := exitOf(err); found != exit {
		o.t.Fatalf("inventory %s: ended with %d, expected %d: %v\n%s", strings.Join(args, " "), found, exit, err, out)
	}
	return out
}

func exitOf(err error) int {
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// says fails where what was said lacks a part.
func (o *office) says(said string, parts ...string) {
	o.t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			o.t.Errorf("%q is not in:\n%s", part, said)
		}
	}
}

// entry is a letter as it stands. Source: the API's description.
type entry struct {
	ID     string
	Topic  string
	Key    string
	Code   string
	State  string
	EditOf string `json:"edit_of"`
	Fate   *fate
}

type fate struct {
	Letter  string
	Job     string
	Outcome string
	Code    string
	Says    string
	OrderID string `json:"order_id"`
}

// entries gives the letters that a query chooses.
func (o *office) entries(query string) []entry {
	o.t.Helper()
	var told struct {
		Letters []entry
		Total   int
	}
	o.ask(http.MethodGet, "/admin/dlq/letters?limit=10000&"+query, nil, &told)
	if told.Total != len(told.Letters) {
		o.t.Fatalf("%d letters of %d in a page", len(told.Letters), told.Total)
	}
	return told.Letters
}

// entry gives the one letter of an order.
func (o *office) entry(order string) entry {
	o.t.Helper()
	const all = "&state=open&state=applied&state=duplicate&state=superseded&state=discarded&state=edited"
	found := o.entries("order_id=" + order + all)
	if len(found) != 1 {
		o.t.Fatalf("order %s has %d letters", order, len(found))
	}
	return found[0]
}

// awaitLetters waits until so many letters are open.
func (o *office) awaitLetters(query string, n int) []entry {
	o.t.Helper()
	var found []entry
	o.await("letters came", func() bool { found = o.entries(query); return len(found) >= n })
	if len(found) != n {
		o.t.Fatalf("%d letters, expected %d: %v", len(found), n, found)
	}
	return found
}

// standing is how a job stands. Source: the API's description.
type standing struct {
	ID      string
	State   string
	By      string
	Reason  string
	Epoch   int64
	Runner  string
	EndedAt string `json:"ended_at"`
	Tally   tally
}

type tally struct{ Letters, Done, Applied, Duplicate, Superseded, Failed int }

// lastJob is the newest job.
func (o *office) lastJob() standing {
	o.t.Helper()
	var told struct{ Jobs []standing }
	o.ask(http.MethodGet, "/admin/dlq/jobs", nil, &told)
	if len(told.Jobs) == 0 {
		o.t.Fatal("there was no job")
	}
	return told.Jobs[len(told.Jobs)-1]
}

func (o *office) job(id string) standing {
	o.t.Helper()
	var told standing
	o.ask(http.MethodGet, "/admin/dlq/jobs/"+id, nil, &told)
	return told
}

// replay replays letters by a command, and waits until the job has ended as it should.
func (o *office) replay(want tally, filter ...string) standing {
	o.t.Helper()
	o.dlq(append([]string{"replay", "--yes", "--reason=the store is back"}, filter...)...)
	j := o.awaitEnd(o.lastJob().ID)
	want.Done = want.Letters
	if j.State != letter.Completed || j.Tally != want {
		o.t.Fatalf("job %s is %s with %+v, expected %+v", j.ID, j.State, j.Tally, want)
	}
	return j
}

func (o *office) awaitEnd(id string) standing {
	o.t.Helper()
	var j standing
	o.await("job "+id+" ends", func() bool { j = o.job(id); return j.EndedAt != "" })
	return j
}

// report gives what a job found, by letter: all pages, each letter once.
func (o *office) report(job string) map[string]fate {
	o.t.Helper()
	found := map[string]fate{}
	for path := "/admin/dlq/jobs/" + job + "/report?limit=900"; path != ""; {
		var told struct {
			Fates []fate
			Next  string
		}
		o.ask(http.MethodGet, path, nil, &told)
		for _, f := range told.Fates {
			if _, again := found[f.Letter]; again {
				o.t.Errorf("letter %s is in the report twice", f.Letter)
			}
			found[f.Letter] = f
		}
		if path = ""; told.Next != "" {
			path = "/admin/dlq/jobs/" + job + "/report?limit=900&after=" + told.Next
		}
	}
	return found
}

// mustReport fails where letters of a job have another outcome, or none.
func (o *office) mustReport(job, outcome string, letters []letter.Letter) {
	o.t.Helper()
	found := o.report(job)
	if len(found) != len(letters) {
		o.t.Errorf("the report has %d letters, expected %d", len(found), len(letters))
	}
	for i := range letters {
		if f := found[letters[i].ID.String()]; f.Outcome != outcome || f.OrderID != letters[i].Key {
			o.t.Fatalf("letter %s: %+v, expected %s", letters[i].ID, f, outcome)
		}
	}
}

// reconcile has the service compare its books, once all is written to its tables.
func (o *office) reconcile() {
	o.t.Helper()
	o.await("all is in the tables", func() bool { _, relayed := o.journals(); return relayed })
	o.command(done, "reconcile")
}

// journals tells how long the journals are, all together, and whether all is in the tables.
func (o *office) journals() (entries int64, relayed bool) {
	o.t.Helper()
	var told struct {
		Ledgers []struct{ Version, Relayed int64 }
	}
	o.ask(http.MethodGet, "/admin/ledgers", nil, &told)
	relayed = len(told.Ledgers) > 0
	for _, l := range told.Ledgers {
		entries += l.Version
		relayed = relayed && l.Version == l.Relayed
	}
	return entries, relayed
}
