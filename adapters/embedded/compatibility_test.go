package embedded

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestEachLevelRefusesWhatItMustAndSaysWhichFieldAndWhy(t *testing.T) {
	for _, c := range []struct {
		level     level
		versions  []string
		candidate string
		want      []string // in the message; none: it is compatible
	}{
		{levelNone, []string{orderV1}, other, nil},
		{levelBackward, []string{orderV1}, orderV2, nil},
		{levelBackward, []string{orderV1}, without, nil},
		{levelBackward, []string{orderV1}, withNeeded, []string{"BACKWARD", "cannot read what version 1 wrote", "needed", "no default"}},
		{levelBackward, []string{other, orderV2}, orderV1, nil},
		{levelBackwardTransitive, []string{other, orderV2}, orderV1, []string{"version 1 wrote"}},
		{levelBackwardTransitive, []string{orderV1, orderV2}, withNeeded, []string{"BACKWARD_TRANSITIVE", "version 1 wrote", "version 2 wrote"}},
		{levelForward, []string{orderV1}, withNeeded, nil},
		{levelForward, []string{orderV1}, without, []string{"FORWARD", "version 1 cannot read what the new schema writes", "id", "no default"}},
		{levelForward, []string{orderV1, without}, without, nil},
		{levelForwardTransitive, []string{orderV1, orderV2}, without, []string{"version 1 cannot", "version 2 cannot"}},
		{levelFull, []string{orderV1}, orderV2, nil},
		{levelFull, []string{orderV1}, without, []string{"FULL", "version 1 cannot read"}},
		{levelFull, []string{orderV1}, withNeeded, []string{"FULL", "new schema cannot read"}},
		{levelFull, []string{orderV1}, other, []string{"new schema cannot read", "version 1 cannot read", "id", "long", "string"}},
		{levelFullTransitive, []string{orderV1, orderV2}, orderV3, nil},
		{levelFullTransitive, []string{orderV1, orderV2}, without, []string{"version 1 cannot", "version 2 cannot"}},
	} {
		t.Run(string(c.level), func(t *testing.T) {
			r := startRegistry(t, "")
			call(t, r, "PUT", "/config/s", `{"compatibility":"NONE"}`)
			for _, v := range c.versions {
				register(t, r, "s", v)
			}
			call(t, r, "PUT", "/config/s", fmt.Sprintf(`{"compatibility":%q}`, c.level))
			_, tested := call(t, r, "POST", "/compatibility/subjects/s/versions?verbose=true", wrap(c.candidate))
			status, registered := call(t, r, "POST", "/subjects/s/versions", wrap(c.candidate))
			if (status == 200) != (len(c.want) == 0) {
				t.Errorf("%d %s", status, registered)
			}
			if want := fmt.Sprintf(`"is_compatible":%t`, len(c.want) == 0); !strings.Contains(tested, want) {
				t.Errorf("%s, expected %s", tested, want)
			}
			for _, part := range c.want {
				if !strings.Contains(registered, part) || !strings.Contains(tested, part) {
					t.Errorf("%q is missing in\n%s\nor %s", part, registered, tested)
				}
			}
		})
	}
}

func TestARefusalNamesEachFaultByItsFieldAndAvrosRule(t *testing.T) {
	r := startRegistry(t, "")
	call(t, r, "PUT", "/config/s", `{"compatibility":"FULL_TRANSITIVE"}`)
	record := func(fields string) string {
		return `{"type":"record","name":"R","fields":[{"name":"items","type":{"type":"array","items":{"type":"record","name":"I","fields":[` + fields + `]}}}]}`
	}
	register(t, r, "s", record(`{"name":"sku","type":"string"},{"name":"quantity","type":"int"}`))
	_, refused := call(t, r, "POST", "/subjects/s/versions", wrap(record(`{"name":"quantity","type":"long"}`)))
	for _, part := range []string{
		"version 1 cannot read what the new schema writes: READER_FIELD_MISSING_DEFAULT_VALUE at field items[].sku (/fields/0/type/items/fields/0)",
		"version 1 cannot read what the new schema writes: TYPE_MISMATCH at field items[].quantity (/fields/0/type/items/fields/1/type): the writer has long, the reader has int",
	} {
		if !strings.Contains(refused, part) {
			t.Errorf("%q is missing in\n%s", part, refused)
		}
	}
}

// A registry that holds what is refused by now starts, and holds nothing against it.
func TestWhatWasRegisteredBeforeARuleStays(t *testing.T) {
	const unsound = `{"type":"fixed","name":"F","size":"1"}`
	saved := savedSnapshot{registryFormat, 2, levelFull, nil, map[int]string{1: unsound}, map[string][]registered{"s": {{Version: 1, ID: 1}}}}
	s, err := saved.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := saveSnapshot(filepath.Join(dir, registryFile), s); err != nil {
		t.Fatal(err)
	}
	r := startRegistry(t, dir)
	if id := register(t, r, "s", orderV1); id != 2 {
		t.Errorf("registered as %d", id)
	}
	if status, answer := call(t, r, "POST", "/subjects/t/versions", wrap(unsound)); status != 422 || !strings.Contains(answer, "expected a ") {
		t.Errorf("%d %s", status, answer)
	}
}
