package registry_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inventory/ports"
)

// put registers a schema as another team would: by hand, and with whatever level there is.
func put(t *testing.T, url, subject, schema string, more map[string]any) {
	t.Helper()
	body := map[string]any{"schema": schema}
	for key, value := range more {
		body[key] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodPost, url+"/subjects/"+subject+"/versions", string(text))
}

const (
	first  = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}`
	second = `{"type": "record", "name": "R", "fields": [{"name": "b", "type": "int", "default": 0}]}`
	third  = `{"type": "record", "name": "R", "fields": [{"name": "b", "type": "int"}]}`
)

func TestSchemasGoToARegistryAndComeBack(t *testing.T) {
	registries(t, func(t *testing.T, url string) {
		dir := filepath.Join(t.TempDir(), "pulled")
		c := caller{flags: []string{"--registry=" + url, "--topic-prefix=" + prefix(t)}}
		says(t, c.ends(t, 0, "register", "--dry-run"), "12 versions would be registered, 0 are already; nothing was written")
		says(t, c.ends(t, 5, "diff"), "order.created.v1-value\n  version 1 is only here: schemas/avro/order.created.v1-value/1.avsc", "12 differences")
		c.ends(t, 0, "register")
		says(t, c.ends(t, 0, "register", "--dry-run"), "0 versions would be registered, 12 are already")
		says(t, c.ends(t, 0, "check", "--warnings=error"), "held against 12 versions", "0 errors, 0 warnings")
		says(t, c.ends(t, 0, "diff"), "12 versions in both", "0 differences")
		says(t, c.ends(t, 0, "pull", "--dir="+dir), "12 subjects: 12 written")
		says(t, c.ends(t, 0, "pull", "--dir="+dir), "12 subjects: 0 written, 12 already there")
		says(t, c.ends(t, 0, "diff", "--dir="+dir), "12 versions in both", "0 differences")
		c.ends(t, 0, "check", "--dir="+dir)
		changed := filepath.Join(dir, "order.created.v1-value", "1.avsc")
		if err := os.WriteFile(changed, []byte(first), 0o644); err != nil {
			t.Fatal(err)
		}
		says(t, c.ends(t, 5, "pull", "--dir="+dir, "order.created.v1-value"), "kept "+changed, "1 there with another schema")
		says(t, c.ends(t, 5, "diff", "--dir="+dir), "order.created.v1-value\n  version 1 is another schema in the registry: "+changed)
	})
}

func TestAWeakerLevelLetsPassWhatCheckFinds(t *testing.T) {
	registries(t, func(t *testing.T, url string) {
		p := prefix(t)
		put(t, url, p+"s-value", first, nil)
		send(t, http.MethodPut, url+"/config/"+p+"s-value", `{"compatibility": "BACKWARD"}`)
		put(t, url, p+"s-value", second, nil)
		dir := write(t, map[string]string{"s-value/1.avsc": first, "s-value/2.avsc": second, "s-value/3.avsc": third})
		c := caller{flags: []string{"--registry=" + url, "--topic-prefix=" + p, "--dir=" + dir}}
		said := c.ends(t, 1, "check")
		says(t, said, "held against 2 versions", "version 1 cannot read what version 2 writes", "the registry, at BACKWARD, does not find that",
			"version 3 cannot read what version 1 wrote", "warning REGISTRY_LEVEL_WEAKER")
		says(t, c.ends(t, 5, "diff"), "version 3 is only here", "2 versions in both", "1 difference")
		put(t, url, p+"s-value", third, nil) // it does take what was found
	})
}

func TestADryRunHasTheRegistrysOwnWord(t *testing.T) {
	registries(t, func(t *testing.T, url string) {
		p := prefix(t)
		put(t, url, p+"order.created.v1-value", first, nil)
		send(t, http.MethodPut, url+"/config/"+p+"order.created.v1-value", `{"compatibility": "BACKWARD"}`)
		// Ours can read it, and is not read by it: no matter for BACKWARD.
		needs := strings.Replace(newest(ports.OrderCancelledTopic), `"fields": [`, `"fields": [{"name": "must", "type": "string"},`, 1)
		put(t, url, p+"order.cancelled.v1-value", needs, nil)
		send(t, http.MethodPut, url+"/config/"+p+"order.cancelled.v1-value", `{"compatibility": "BACKWARD"}`)
		c := caller{flags: []string{"--registry=" + url, "--topic-prefix=" + p}}
		said := c.ends(t, 1, "register", "--dry-run")
		says(t, said, p+"order.created.v1-value, version 1: would be refused by the registry's own checker (level BACKWARD, as it says):\n    ",
			p+"order.cancelled.v1-value, version 1: would be registered; the subject's level, BACKWARD, would become FULL_TRANSITIVE",
			"must: version 1 (registry) cannot read what version 1 writes", "Our checker, FULL_TRANSITIVE:\norder.cancelled.v1-value\n", "would refuse 1 version, our checker finds")
		says(t, c.ends(t, 5, "diff"), "12 differences") // nothing was written
	})
}

func TestASchemaThatRefersToAnotherIsReadWithIt(t *testing.T) {
	url, p := server.RegistryURL(), prefix(t)
	address := `{"type": "record", "name": "Address", "namespace": "n", "fields": [{"name": "street", "type": "string"}]}`
	order := `{"type": "record", "name": "Order", "namespace": "n", "fields": [{"name": "to", "type": "n.Address"}]}`
	put(t, url, p+"address-value", address, nil)
	put(t, url, p+"order-value", order, map[string]any{"references": []map[string]any{{"name": "n.Address", "subject": p + "address-value", "version": 1}}})
	put(t, url, p+"json-value", `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}`, map[string]any{"schemaType": "JSON"})
	dir := write(t, map[string]string{
		"address-value/1.avsc": address,
		"order-value/2.avsc":   `{"type": "record", "name": "Order", "namespace": "n", "fields": [{"name": "to", "type": {"type": "record", "name": "Address", "fields": [{"name": "street", "type": "int"}]}}]}`,
	})
	c := caller{flags: []string{"--registry=" + url, "--topic-prefix=" + p}}
	says(t, c.ends(t, 1, "check", "--dir="+dir), "to.street: version 2 cannot read what version 1 (registry) wrote: the writer has string, the reader has int")
	says(t, c.ends(t, 5, "diff", "--dir="+dir), "not of Avro: json-value", "version 1 is only in the registry", "version 2 is only here")
	says(t, c.ends(t, 0, "pull", "--dir="+dir), "wrote "+dir+"/order-value/1.avsc", "left out version 1 of "+p+"json-value: it is of type JSON")
}
