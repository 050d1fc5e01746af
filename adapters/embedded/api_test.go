package embedded

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEachFaultHasConfluentsCode(t *testing.T) {
	r := startRegistry(t, "")
	register(t, r, "orders-value", orderV1)
	register(t, r, "gone", orderV1)
	call(t, r, "DELETE", "/subjects/gone", "")
	register(t, r, "half", orderV1)
	register(t, r, "half", orderV2)
	call(t, r, "DELETE", "/subjects/half/versions/1", "")
	for _, c := range []struct {
		method, path, body string
		status, code       int
	}{
		{"GET", "/subjects/unknown/versions", "", 404, 40401},
		{"GET", "/subjects/unknown/versions/1", "", 404, 40401},
		{"GET", "/subjects/gone/versions/1", "", 404, 40401},
		{"POST", "/subjects/unknown", wrap(orderV1), 404, 40401},
		{"DELETE", "/subjects/unknown", "", 404, 40401},
		{"DELETE", "/config/orders-value", "", 404, 40401},
		{"GET", "/subjects/orders-value/versions/9", "", 404, 40402},
		{"DELETE", "/subjects/orders-value/versions/9", "", 404, 40402},
		{"POST", "/compatibility/subjects/orders-value/versions/9", wrap(orderV1), 404, 40402},
		{"POST", "/subjects/orders-value", wrap(orderV2), 404, 40403},
		{"GET", "/schemas/ids/99", "", 404, 40403},
		{"GET", "/schemas/ids/x", "", 404, 40403},
		{"DELETE", "/subjects/gone", "", 404, 40404},
		{"DELETE", "/subjects/orders-value?permanent=true", "", 404, 40405},
		{"DELETE", "/subjects/half/versions/1", "", 404, 40406},
		{"DELETE", "/subjects/orders-value/versions/1?permanent=true", "", 404, 40407},
		{"GET", "/config/orders-value", "", 404, 40408},
		{"POST", "/subjects/orders-value/versions", wrap(`{"type":"recor"}`), 422, 42201},
		{"POST", "/subjects/orders-value/versions", wrap(""), 422, 42201},
		{"POST", "/subjects/orders-value/versions", `{"schema":"message M {}","schemaType":"PROTOBUF"}`, 422, 42201},
		{"POST", "/subjects/orders-value/versions", `{"schema":"\"string\"","references":[{"name":"x","subject":"y","version":1}]}`, 422, 42201},
		{"GET", "/subjects/orders-value/versions/zero", "", 422, 42202},
		{"GET", "/subjects/orders-value/versions/0", "", 422, 42202},
		{"PUT", "/config", `{"compatibility":"SIDEWARDS"}`, 422, 42203},
		{"PUT", "/config/orders-value", `{}`, 422, 42203},
		{"PUT", "/mode", `{"mode":"IMPORT"}`, 422, 42204},
		{"POST", "/subjects/orders-value/versions", `{"schema":"\"string\"","id":7}`, 422, 42205},
		{"POST", "/subjects/orders-value/versions", wrap(withNeeded), 409, 409},
		{"POST", "/subjects/orders-value/versions", `{`, 400, 400},
		{"POST", "/subjects/orders-value/versions", wrap(strings.Repeat(" ", 1<<20) + orderV1), 413, 413},
		{"GET", "/nowhere", "", 404, 404},
		{"PATCH", "/subjects", "", 404, 404},
	} {
		status, body := call(t, r, c.method, c.path, c.body)
		var answer refusal
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != c.status || answer.Code != c.code || answer.Message == "" {
			t.Errorf("%s %s: %d %s, expected %d and %d", c.method, c.path, status, body, c.status, c.code)
		}
	}
}

func TestAnswersAreConfluents(t *testing.T) {
	r := startRegistry(t, "")
	register(t, r, "orders-value", orderV1)
	register(t, r, "orders-value", orderV2)
	register(t, r, "a/b", orderV1)
	quoted, _ := json.Marshal(orderV1)
	for _, c := range []struct{ method, path, body, want string }{
		{"GET", "/", "", `{}`},
		{"GET", "/subjects", "", `["a/b","orders-value"]`},
		{"GET", "/subjects?subjectPrefix=ord", "", `["orders-value"]`},
		{"GET", "/subjects?subjectPrefix=%3A*%3A", "", `["a/b","orders-value"]`},
		{"GET", "/subjects/orders-value/versions", "", `[1,2]`},
		{"GET", "/subjects/a%2Fb/versions", "", `[1]`},
		{"GET", "/subjects/orders-value/versions/1", "", `{"subject":"orders-value","version":1,"id":1,"schema":` + string(quoted) + `}`},
		{"GET", "/subjects/orders-value/versions/1/schema", "", orderV1},
		{"GET", "/subjects/orders-value/versions/latest/schema", "", orderV2},
		{"GET", "/subjects/orders-value/versions/-1/schema", "", orderV2},
		{"POST", "/subjects/orders-value", wrap(orderV1), `{"subject":"orders-value","version":1,"id":1,"schema":` + string(quoted) + `}`},
		{"POST", "/subjects/orders-value/versions", wrap(orderV1), `{"id":1,"version":1}`},
		{"GET", "/schemas/ids/1", "", `{"schema":` + string(quoted) + `}`},
		{"GET", "/schemas/ids/1/schema", "", orderV1},
		{"GET", "/schemas/ids/1/subjects", "", `["a/b","orders-value"]`},
		{"GET", "/schemas/ids/2/versions", "", `[{"subject":"orders-value","version":2}]`},
		{"GET", "/schemas/types", "", `["AVRO"]`},
		{"GET", "/mode", "", `{"mode":"READWRITE"}`},
		{"GET", "/config", "", `{"compatibilityLevel":"BACKWARD"}`},
		{"GET", "/config/orders-value?defaultToGlobal=true", "", `{"compatibilityLevel":"BACKWARD"}`},
		{"PUT", "/config/orders-value", `{"compatibility":"FULL_TRANSITIVE"}`, `{"compatibility":"FULL_TRANSITIVE"}`},
		{"GET", "/config/orders-value", "", `{"compatibilityLevel":"FULL_TRANSITIVE"}`},
		{"DELETE", "/config/orders-value", "", `{"compatibilityLevel":"FULL_TRANSITIVE"}`},
		{"PUT", "/config", `{"compatibility":"FORWARD"}`, `{"compatibility":"FORWARD"}`},
		{"GET", "/config", "", `{"compatibilityLevel":"FORWARD"}`},
		{"DELETE", "/config", "", `{"compatibilityLevel":"FORWARD"}`},
		{"POST", "/compatibility/subjects/orders-value/versions/latest", wrap(withNeeded), `{"is_compatible":false}`},
		{"POST", "/compatibility/subjects/orders-value/versions/1", wrap(orderV3), `{"is_compatible":true}`},
		{"POST", "/compatibility/subjects/unknown/versions/latest", wrap(orderV3), `{"is_compatible":true}`},
		{"POST", "/compatibility/subjects/orders-value/versions", wrap(orderV3), `{"is_compatible":true}`},
		{"DELETE", "/subjects/orders-value/versions/latest", "", `2`},
		{"GET", "/subjects/orders-value/versions/latest/schema", "", orderV1},
		{"GET", "/subjects/orders-value/versions?deleted=true", "", `[1,2]`},
		{"GET", "/schemas/ids/2/subjects", "", `[]`},
		{"GET", "/schemas/ids/2/subjects?deleted=true", "", `["orders-value"]`},
		{"POST", "/subjects/orders-value/versions", wrap(orderV2), `{"id":2,"version":3}`},
		{"GET", "/subjects/orders-value/versions", "", `[1,3]`},
		{"DELETE", "/subjects/orders-value/versions/2?permanent=true", "", `2`},
		{"DELETE", "/subjects/orders-value", "", `[1,3]`},
		{"GET", "/subjects", "", `["a/b"]`},
		{"GET", "/subjects?deleted=true", "", `["a/b","orders-value"]`},
		{"DELETE", "/subjects/orders-value?permanent=true", "", `[1,3]`},
		{"GET", "/subjects?deleted=true", "", `["a/b"]`},
		{"GET", "/schemas/ids/2/schema", "", orderV2}, // records may still carry it
		{"POST", "/subjects/orders-value/versions", wrap(orderV2), `{"id":2,"version":1}`},
		{"POST", "/subjects/orders-value/versions", wrap(orderV3), `{"id":3,"version":2}`},
	} {
		if status, got := call(t, r, c.method, c.path, c.body); status != 200 || got != c.want {
			t.Errorf("%s %s: %d %s\nexpected %s", c.method, c.path, status, got, c.want)
		}
	}
}
