package embedded

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/riferrei/srclient"
)

func TestAGoClientOfConfluentsRegistryWorks(t *testing.T) {
	r := startRegistry(t, "")
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := srclient.NewSchemaRegistryClient(r.URL(), srclient.WithClient(&http.Client{Timeout: 10 * time.Second, Transport: transport}))
	if _, err := client.ChangeSubjectCompatibilityLevel("orders-value", srclient.FullTransitive); err != nil {
		t.Fatal(err)
	}
	level, err := client.GetCompatibilityLevel("orders-value", true)
	if err != nil || *level != srclient.FullTransitive {
		t.Errorf("level %v, %v", level, err)
	}
	made, err := client.CreateSchema("orders-value", orderV1, srclient.Avro)
	if err != nil || made.ID() != 1 {
		t.Fatalf("%+v, %v", made, err)
	}
	if _, err := client.CreateSchema("orders-value", withNeeded, srclient.Avro); err == nil || !strings.Contains(err.Error(), "needed") {
		t.Errorf("%v, expected to hear of the field", err)
	}
	if ok, err := client.IsSchemaCompatible("orders-value", orderV2, "latest", srclient.Avro); err != nil || !ok {
		t.Errorf("%t, %v", ok, err)
	}
	byID, err := client.GetSchema(1)
	if err != nil || byID.Schema() != orderV1 {
		t.Errorf("%+v, %v", byID, err)
	}
	found, err := client.LookupSchema("orders-value", orderV1, srclient.Avro)
	if err != nil || found.ID() != 1 {
		t.Errorf("%+v, %v", found, err)
	}
	newest, err := client.GetLatestSchema("orders-value")
	if err != nil || newest.Version() != 1 {
		t.Errorf("%+v, %v", newest, err)
	}
	if subjects, err := client.GetSubjects(); err != nil || len(subjects) != 1 {
		t.Errorf("%v, %v", subjects, err)
	}
	for _, permanent := range []bool{false, true} {
		if err := client.DeleteSubject("orders-value", permanent); err != nil {
			t.Error(err)
		}
	}
}
