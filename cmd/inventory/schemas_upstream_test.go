package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What an upstream team has: one subject with a file for each version, one with a file that is changed in place, and a type
// that both use.
var teamFiles = map[string]string{
	"avro/payment.settled.v1-value/1.avsc": `{
  "type": "record", "name": "PaymentSettled", "namespace": "pay.v1", "doc": "Key: payment_id.",
  "fields": [
    {"name": "payment_id", "type": "string"},
    {"name": "amount", "type": "long", "doc": "What was paid, in cents."},
    {"name": "method", "type": {"type": "enum", "name": "Method", "symbols": ["UNKNOWN", "CARD", "CASH"], "default": "UNKNOWN"}},
    {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["OPEN", "DONE"]}},
    {"name": "source", "type": ["null", "string", "long"], "default": null},
    {"name": "digest", "type": {"type": "fixed", "name": "Digest", "size": 16}},
    {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
      {"name": "sku", "type": "string"},
      {"name": "quantity", "type": "int"}
    ]}}},
    {"name": "labels", "type": {"type": "map", "values": "string"}},
    {"name": "refund_of", "type": ["null", "PaymentSettled"], "default": null}
  ]
}
`,
	"avro/payment.settled.v1-value/2.avsc": "",
	"avro/customer.avsc": `{"type": "record", "name": "Customer", "namespace": "pay.v1", "fields": [
  {"name": "customer_id", "type": "string"},
  {"name": "address", "type": ["null", "pay.v1.Address"], "default": null},
  {"name": "since", "type": {"type": "long", "logicalType": "timestamp-millis"}}
]}
`,
	"avro/address.avsc": `{"type": "record", "name": "Address", "namespace": "pay.v1", "fields": [
  {"name": "street", "type": "string"},
  {"name": "city", "type": "string", "default": ""}
]}
`,
}

const (
	settled  = "avro/payment.settled.v1-value/"
	noteLine = `    {"name": "labels", `
	note     = `    {"name": "note", "type": ["null", "string"], "default": null},` + "\n" + noteLine
)

// team is the repository of an upstream team, whose main branch is published.
type team struct {
	t   *testing.T
	dir string
}

func newTeam(t *testing.T) *team {
	u := &team{t, t.TempDir()}
	for name, text := range teamFiles {
		if name == settled+"2.avsc" {
			text = strings.Replace(teamFiles[settled+"1.avsc"], noteLine, note, 1)
		}
		u.write(name, text)
	}
	u.git("init", "-q", "-b", "main")
	u.git("add", ".")
	u.git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "published")
	return u
}

func (u *team) git(args ...string) {
	u.t.Helper()
	if out, err := exec.Command("git", append([]string{"-C", u.dir}, args...)...).CombinedOutput(); err != nil {
		u.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (u *team) read(name string) string {
	u.t.Helper()
	text, err := os.ReadFile(filepath.Join(u.dir, name))
	if err != nil {
		u.t.Fatal(err)
	}
	return string(text)
}

func (u *team) write(name, text string) {
	u.t.Helper()
	path := filepath.Join(u.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		u.t.Fatal(err)
	}
}

// change is an edit of a file, or of the newest version to make the next one of it.
type change struct {
	name     string
	file     string // "": 2.avsc becomes 3.avsc
	old, new string
	// want is what is said, beside the verdict; several lines where several things are wrong.
	want []string
}

func (u *team) apply(c change) {
	u.t.Helper()
	from, to := c.file, c.file
	if c.file == "" {
		from, to = settled+"2.avsc", settled+"3.avsc"
	}
	text := u.read(from)
	if !strings.Contains(text, c.old) {
		u.t.Fatalf("%s: there is no %s", from, c.old)
	}
	u.write(to, strings.Replace(text, c.old, c.new, 1))
}

func (u *team) check(args ...string) (string, error) {
	u.t.Helper()
	u.t.Chdir(u.dir)
	out, _, err := try(u.t, append([]string{"schemas", "check", "--dir=avro", "--base=main"}, args...)...)
	return out, err
}

func TestAnUpstreamTeamsGoodChangesPass(t *testing.T) {
	newTeam(t).mustPass("nothing changed")
	for _, c := range []change{
		{name: "an optional field", old: noteLine, new: `    {"name": "region", "type": ["null", "string"], "default": null},` + "\n" + noteLine},
		{name: "a field with a default", old: noteLine, new: `    {"name": "tries", "type": "int", "default": 1},` + "\n" + noteLine},
		{name: "an optional field goes", old: `    {"name": "note", "type": ["null", "string"], "default": null},` + "\n", new: ""},
		{name: "an optional field within lines", old: `"type": "int"}`, new: `"type": "int"}, {"name": "lot", "type": ["null", "string"], "default": null}`},
		{name: "a symbol more, where there is a default", old: `"CASH"`, new: `"CASH", "VOUCHER"`},
		{name: "fields in another order", old: `    {"name": "digest", "type": {"type": "fixed", "name": "Digest", "size": 16}},`, new: ""},
		{name: "another name space", old: `"namespace": "pay.v1"`, new: `"namespace": "pay.v2"`},
		{name: "a doc in other words", old: `What was paid, in cents.`, new: `The amount paid, in cents, taxes and all.`},
		{name: "an optional field in a file that is changed in place", file: "avro/customer.avsc", old: `{"name": "since"`, new: `{"name": "vip", "type": "boolean", "default": false},` + "\n" + `  {"name": "since"`},
		{name: "a subject more, with a type of another", file: "avro/address.avsc", old: "", new: ""},
	} {
		u := newTeam(t)
		u.apply(c)
		switch c.name {
		case "fields in another order":
			text := u.read(settled + "3.avsc")
			u.write(settled+"3.avsc", strings.Replace(text, noteLine, strings.TrimSuffix(c.old, ",")+",\n"+noteLine, 1))
		case "a subject more, with a type of another":
			u.write("avro/depot.avsc", `{"type": "record", "name": "pay.v1.Depot", "fields": [{"name": "at", "type": "Address"}]}`)
		}
		u.mustPass(c.name)
	}
}

func (u *team) mustPass(name string) {
	u.t.Helper()
	if out, err := u.check("--warnings=error"); err != nil || !strings.Contains(out, ": 0 errors, 0 warnings") {
		u.t.Errorf("%s: %v\n%s", name, err, out)
	}
}

func TestAnUpstreamTeamsBadChangesAreRefusedWithWhereWhyAndWhatToDo(t *testing.T) {
	const v3, both = settled + "3.avsc", "versions 1 and 2"
	for _, c := range []change{
		{"a field that is needed", "", noteLine, `    {"name": "region", "type": "string"},` + "\n" + noteLine, []string{
			v3 + ":15: error READER_FIELD_MISSING_DEFAULT_VALUE", "region: version 3 cannot read what " + both + " wrote: the reader needs the field",
			`Make it optional: "type": ["null", "string"], "default": null.`,
		}},
		{"a field that others need goes", "", `    {"name": "amount", "type": "long", "doc": "What was paid, in cents."},` + "\n", "", []string{
			v3 + ":1: error READER_FIELD_MISSING_DEFAULT_VALUE", "amount: " + both + " cannot read what version 3 writes: the reader needs the field", "Put amount back and go on writing it",
		}},
		{"a wider type within lines", "", `"quantity", "type": "int"`, `"quantity", "type": "long"`, []string{
			v3 + ":12: error TYPE_MISMATCH", "lines[].quantity: " + both + " cannot read what version 3 writes: the writer has long, the reader has int", "Leave the type as it was, int,",
		}},
		{"another type in a map", "", `"values": "string"`, `"values": "int"`, []string{
			"error TYPE_MISMATCH", "labels{}: version 3 cannot read what " + both + " wrote", "labels{}: " + both + " cannot read what version 3 writes",
		}},
		{"a symbol more, where there is no default", "", `"DONE"`, `"DONE", "LOST"`, []string{
			v3 + ":7: error MISSING_ENUM_SYMBOLS", "state: " + both + " cannot read what version 3 writes: the writer may write LOST", "Take LOST out again",
		}},
		{"a branch more", "", `["null", "string", "long"]`, `["null", "string", "long", "boolean"]`, []string{
			v3 + ":8: error MISSING_UNION_BRANCH", "source<boolean>: " + both + " cannot read what version 3 writes: the writer may write boolean", "Take boolean out again",
		}},
		{"another size", "", `"size": 16`, `"size": 32`, []string{
			v3 + ":9: error FIXED_SIZE_MISMATCH", "digest: version 3 cannot read what " + both + " wrote: the writer's has 16 bytes, the reader's 32", "Keep the size of 16 bytes",
		}},
		{"another name of a type", "", `"name": "Line"`, `"name": "Item"`, []string{
			v3 + ":10: error NAME_MISMATCH", "lines[]: " + both + " cannot read what version 3 writes: the writer's record pay.v1.Item is not called pay.v1.Line", "Keep the name Line",
		}},
		{"a published version", settled + "1.avsc", `"What was paid, in cents."`, `"Paid, in cents."`, []string{
			settled + "1.avsc: error PUBLISHED_CHANGED", "version 1 is not what main has: published versions are immutable", "what is new into 3.avsc.",
		}},
		{"a type that another subject uses", "avro/address.avsc", `"city", "type": "string", "default": ""`, `"city", "type": "bytes", "default": ""},` + "\n" + `  {"name": "zip", "type": "int"`, []string{
			"avro/address.avsc:4: error READER_FIELD_MISSING_DEFAULT_VALUE", "zip: the new schema cannot read what main wrote", `Make it optional: "type": ["null", "int"], "default": null.`,
		}},
	} {
		u := newTeam(t)
		u.apply(c)
		out, err := u.check()
		if exitCode(err) != exitFailed || !errors.Is(err, errBreaks) {
			t.Errorf("%s: %v", c.name, err)
		}
		for _, part := range c.want {
			if !strings.Contains(out, part) {
				t.Errorf("%s: %q is not said:\n%s", c.name, part, out)
			}
		}
	}
}

func TestWhatUpstreamTeamsRegretIsSaidAndFailsWhereAsked(t *testing.T) {
	u := newTeam(t)
	u.apply(change{old: "in cents", new: "in euros"})
	out, err := u.check()
	if err != nil || !strings.Contains(out, settled+"3.avsc:5: warning UNIT_CHANGED\n    amount: its doc named cents, and names euros now") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, err := u.check("--warnings=error"); exitCode(err) != exitFailed {
		t.Errorf("with --warnings=error: %v", err)
	}
	if out, err := u.check("--warnings=off"); err != nil || strings.Contains(out, "UNIT_CHANGED") {
		t.Errorf("with --warnings=off: %v\n%s", err, out)
	}
}
