package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOurOwnSchemasKeepTheirContract(t *testing.T) {
	out := must(t, "schemas", "check", "--dir=../../schemas/avro", "--warnings=error")
	if strings.Contains(out, " 0 versions") || !strings.HasSuffix(out, ": 0 errors, 0 warnings\n") {
		t.Errorf("found %s", out)
	}
}

func TestWhatNothingIsHeldAgainstIsSaid(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "s.avsc"), []byte(`"int"`), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "schemas", "check", "--dir="+dir); !strings.HasPrefix(out, "1 subject with one version, held against nothing: --base names a commit") {
		t.Errorf("found %s", out)
	}
}

// folder writes a subject whose second version breaks in one way and is regretted in another.
func folder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a, b", "s-value")
	versions := []string{
		`{"type": "record", "name": "R", "fields": [` + "\n" + `{"name": "a", "type": "int", "doc": "in ms"}]}`,
		`{"type": "record", "name": "R", "fields": [` + "\n" + `{"name": "a", "type": "int", "doc": "in <s> & seconds"},` + "\n" + `{"name": "b", "type": "int"}]}`,
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for i, text := range versions {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.avsc", i+1)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Dir(dir)
}

// broken runs a check that finds what is wrong.
func broken(t *testing.T, args ...string) string {
	t.Helper()
	out, _, err := try(t, append([]string{"schemas", "check"}, args...)...)
	if !errors.Is(err, errBreaks) || exitCode(err) != exitFailed {
		t.Fatalf("%v: %v", args, err)
	}
	return out
}

func TestFindingsAsJSONHaveAllThatIsKnown(t *testing.T) {
	dir := folder(t)
	for _, flag := range []string{"--output=json", "--json"} {
		var found told
		if err := json.Unmarshal([]byte(broken(t, "--dir="+dir, flag)), &found); err != nil {
			t.Fatal(err)
		}
		if found.Errors != 1 || found.Warnings != 1 || found.Subjects != 1 || found.Versions != 2 {
			t.Errorf("found %+v", found)
		}
		f := found.Findings[0]
		if f.Rule != "READER_FIELD_MISSING_DEFAULT_VALUE" || f.File != dir+"/s-value/2.avsc" || f.Line != 3 || f.Path != "b" || f.Readers[0] != "version 2" || f.Writers[0] != "version 1" || f.Fix == "" {
			t.Errorf("found %+v", f)
		}
	}
}

func TestFindingsAsJUnitAreTestsThatFailed(t *testing.T) {
	var found junitSuites
	if err := xml.Unmarshal([]byte(broken(t, "--dir="+folder(t), "--output=junit")), &found); err != nil {
		t.Fatal(err)
	}
	s := found.Suites[0]
	if s.Name != "s-value" || s.Tests != 2 || s.Failures != 1 || len(s.Cases) != 2 {
		t.Fatalf("found %+v", s)
	}
	if c := s.Cases[0]; c.Failure == nil || c.Failure.Type != "READER_FIELD_MISSING_DEFAULT_VALUE" || !strings.Contains(c.Failure.Message, "b: version 2 cannot read") || c.Line != 3 {
		t.Errorf("found %+v", c)
	}
	if c := s.Cases[1]; c.Failure != nil || !strings.Contains(c.Out, "UNIT_CHANGED: a: its doc") {
		t.Errorf("found %+v", c)
	}
}

func TestFindingsAsSARIFNameRuleFileAndLine(t *testing.T) {
	var found sarifLog
	if err := json.Unmarshal([]byte(broken(t, "--dir="+folder(t), "--output=sarif")), &found); err != nil {
		t.Fatal(err)
	}
	rules, results := found.Runs[0].Tool.Driver.Rules, found.Runs[0].Results
	if found.Version != "2.1.0" || len(results) != 2 {
		t.Fatalf("found %+v", found)
	}
	for i, want := range []struct {
		rule, level string
		line        int
	}{{"READER_FIELD_MISSING_DEFAULT_VALUE", "error", 3}, {"UNIT_CHANGED", "warning", 2}} {
		r := results[i]
		at := r.Locations[0].Physical
		if r.RuleID != want.rule || rules[r.RuleIndex].ID != want.rule || r.Level != want.level || at.Region.StartLine != want.line || !strings.HasSuffix(at.Artifact.URI, "/a,%20b/s-value/2.avsc") {
			t.Errorf("found %+v", r)
		}
	}
}

func TestFindingsAsAnnotationsAreOneLineEach(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(broken(t, "--dir="+folder(t), "--output=github")), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "::error file=") || !strings.Contains(lines[0], "a%2C b/s-value/2.avsc,line=3,title=s-value%3A READER_FIELD_MISSING_DEFAULT_VALUE::b: version 2 cannot read") || !strings.HasPrefix(lines[1], "::warning file=") {
		t.Errorf("found %s", strings.Join(lines, "\n"))
	}
}

func TestWhatCannotBeCheckedIsABadCommand(t *testing.T) {
	dir := folder(t)
	for _, c := range []struct{ flags, says string }{
		{"--dir=" + dir + "/nowhere", "expected a folder that is there"},
		{"--dir=" + dir + "/s-value/1.avsc", "expected a folder that is there"},
		{"--dir=" + t.TempDir(), "there is no file that ends in .avsc"},
		{"--dir=" + dir + " --base=main", "not a git repository"},
		{"--dir=" + newTeam(t).dir + " --base=no-such-branch", "no such commit: no-such-branch; a checkout of CI may need its history fetched"},
		{"--dir=" + dir + " --output=yaml", "must be one of"},
	} {
		args := []string{"schemas", "check"}
		for flag := range strings.SplitSeq(c.flags, " --") {
			args = append(args, "--"+strings.TrimPrefix(flag, "--"))
		}
		_, _, err := try(t, args...)
		if exitCode(err) != exitUsage || !strings.Contains(explain(err), c.says) {
			t.Errorf("%s: %v", c.flags, err)
		}
	}
}

func TestABreakNamesWhomItHurts(t *testing.T) {
	dir := folder(t)
	file := filepath.Join(filepath.Dir(dir), "consumers", "billing.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"consumer": "billing", "owner": "billing@example.com", "reads": {"s-value": ["b"]}}`)
	for _, flags := range [][]string{{"--dir=" + dir}, {"--dir=" + dir, "--consumers=" + filepath.Dir(file)}} {
		if out := broken(t, flags...); !strings.Contains(out, "doesn't write it; it hurts billing (billing@example.com)\n") {
			t.Errorf("%v: found %s", flags, out)
		}
	}
	var found told
	if err := json.Unmarshal([]byte(broken(t, "--dir="+dir, "--json")), &found); err != nil || len(found.Findings[0].Hurts) != 1 {
		t.Errorf("%v: found %+v", err, found)
	}
	write(`{"consumer": "billing", "owner": "billing@example.com", "reads": {"t-value": ["b"]}}`)
	if out := broken(t, "--dir="+dir); !strings.Contains(out, "CONSUMER_SUBJECT_UNKNOWN") {
		t.Errorf("found %s", out)
	}
	write(`{}`)
	if _, _, err := try(t, "schemas", "check", "--dir="+dir); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "billing.json: expected {") {
		t.Errorf("found %v", err)
	}
}
