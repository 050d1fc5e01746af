package seeing

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"inventory/integration/service"
)

// finding is what the doctor says of one thing.
type finding struct{ Check, State, Found, Wanted, Fix string }

// doctor asks it about a site: what it found, and its exit code.
func doctor(t *testing.T, site *service.Site) (all []finding, code int) {
	t.Helper()
	out, err := site.Try("doctor", "--output=json")
	exit, ok := errors.AsType[*exec.ExitError](err)
	switch {
	case ok:
		code = exit.ExitCode()
	case err != nil:
		t.Fatal(err)
	}
	answer, _, _ := strings.Cut(out, "\n") // then what it says to people
	var d struct{ Findings []finding }
	if err := json.Unmarshal([]byte(answer), &d); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return d.Findings, code
}

func TestTheDoctorTellsWhatIsFitFromWhatIsNotOnRealServers(t *testing.T) {
	st := suite.Stack(t)
	site := suite.OnServers(t, st, st)
	all, code := doctor(t, site)
	for _, f := range all {
		if f.State == "wrong" {
			t.Errorf("%+v", f)
		}
	}
	if code != 0 || len(all) < 20 {
		t.Errorf("exit code %d, and %d things were looked at", code, len(all))
	}
	all, code = doctor(t, site.With("--topic-prefix=nobody.", "--cassandra-keyspace=nobody_here"))
	if code != 5 {
		t.Errorf("nothing is there: exit code %d", code)
	}
	says := map[string]string{}
	for _, f := range all {
		says[f.Check] = f.State + ": " + f.Fix
	}
	for check, want := range map[string]string{
		"cassandra": "wrong: inventory migrate, where", "topic nobody.order.created.v1": "wrong: inventory topics create",
		"subject nobody.order.created.v1-value": "wrong: inventory schemas register",
	} {
		if !strings.HasPrefix(says[check], want) {
			t.Errorf("%s: expected %q, found %q", check, want, says[check])
		}
	}
}
