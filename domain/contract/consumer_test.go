package contract

import (
	"strings"
	"testing"
)

func versionsOf(t *testing.T, texts ...string) (all []Version) {
	t.Helper()
	for i, text := range texts {
		s, err := Parse(Source{File: VersionName(i + 1), Text: text})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, Version{Name: VersionName(i + 1), File: VersionName(i + 1), Schema: s, New: true})
	}
	return all
}

func reading(name string, paths ...string) Consumer {
	return Consumer{Name: name, Owner: "its team", File: name + ".json", Reads: map[string][]string{"s": paths}}
}

const basket = `{"type": "record", "name": "R", "fields": [
	{"name": "id", "type": "string"},
	{"name": "note", "type": ["null", "string"], "default": null},
	{"name": "items", "type": ["null", {"type": "array", "items": {"type": "record", "name": "I", "fields": [
		{"name": "sku", "type": "string"}, {"name": "quantity", "type": "int"}]}}], "default": null},
	{"name": "by", "type": {"type": "map", "values": "long"}},
	{"name": "either", "type": ["int", {"type": "record", "name": "E", "fields": [{"name": "x", "type": "int"}]}]}]}`

func TestABreakNamesTheConsumersThatReadTheField(t *testing.T) {
	changed := strings.Replace(basket, `"quantity", "type": "int"`, `"quantity", "type": "string"`, 1)
	found := Check("s", versionsOf(t, basket, changed),
		reading("counter", "items[].quantity"), reading("lister", "items"), reading("namer", "id", "items[].sku"))
	if len(found) == 0 {
		t.Fatal("nothing breaks")
	}
	for _, f := range found {
		if got := strings.Join(f.Consumers, ", "); got != "counter (its team), lister (its team)" || !strings.HasSuffix(f.Message, "; it hurts counter (its team) and lister (its team)") {
			t.Errorf("%s at %s hurts %q: %s", f.Rule, f.Path, got, f.Message)
		}
	}
}

// Avro lets an optional field go; whoever reads it finds nothing.
func TestAFieldThatIsReadDoesNotGo(t *testing.T) {
	gone := strings.Replace(basket, `{"name": "note", "type": ["null", "string"], "default": null},`, "", 1)
	found := Check("s", versionsOf(t, basket, gone), reading("writer", "note"), reading("namer", "id"))
	if len(found) != 1 || found[0].Rule != ConsumerFieldGone || found[0].Path != "note" || found[0].Severity != Error || len(found[0].Consumers) != 1 {
		t.Errorf("found %+v", found)
	}
	if found := Check("s", versionsOf(t, basket, gone), reading("namer", "id")); len(found) != 0 {
		t.Errorf("nobody reads it, and yet: %+v", found)
	}
}

func TestAConsumerReadsWhatThereIs(t *testing.T) {
	there := []string{"id", "note", "items", "items[].sku", "by", "by{}", "either", "either<int>", "either<E>.x"}
	if found := Check("s", versionsOf(t, basket), reading("all", there...)); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	for _, path := range []string{"ID", "note.x", "items.sku", "items[].price", "by[]", "either<E>.y", "either<long>", "items[]sku["} {
		found := Check("s", versionsOf(t, basket), reading("one", path))
		if len(found) != 1 || found[0].Rule != ConsumerFieldUnknown || found[0].File != "one.json" {
			t.Errorf("%s: found %+v", path, found)
		}
	}
	if found := Unheard([]Consumer{reading("one", "id")}, func(string) bool { return false }); len(found) != 1 || found[0].Rule != ConsumerSubjectUnknown {
		t.Errorf("found %+v", found)
	}
}

func TestAConsumersFileIsWhole(t *testing.T) {
	good := `{"consumer": "c", "owner": "o", "reads": {"s": ["a"]}}`
	if c, err := ParseConsumer("c.json", []byte(good)); err != nil || c.String() != "c (o)" || c.File != "c.json" {
		t.Errorf("%+v, %v", c, err)
	}
	for _, bad := range []string{"", "[]", good + good, `{"consumer": "c", "owner": "o"}`, `{"consumer": "c", "reads": {"s": ["a"]}}`, strings.Replace(good, "owner", "team", 1)} {
		if _, err := ParseConsumer("c.json", []byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "c.json: expected {") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
