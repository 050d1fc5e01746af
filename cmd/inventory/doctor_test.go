package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"inventory/adapters/kafka"
)

func TestTheDoctorFindsNothingWrongWithWhatIsEmbedded(t *testing.T) {
	out, _, err := try(t, "doctor")
	if err != nil || !strings.Contains(out, "ok     kafka: the embedded broker") {
		t.Errorf("found %v and\n%s", err, out)
	}
}

func TestTheDoctorSaysOfEachThingThatIsAwayWhatIsWantedAndWhatMendsIt(t *testing.T) {
	out, _, err := try(t, "doctor", "--output=json", "--timeout=5s", "--store=cassandra", "--cassandra-hosts=127.0.0.1:1", "--cassandra-dc=dc1", "--brokers=127.0.0.1:1", "--registry-url=http://127.0.0.1:1")
	if exitCode(err) != exitDifferences {
		t.Errorf("exit code %d: %v", exitCode(err), err)
	}
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found := map[string]string{}
	for _, f := range d.Findings {
		found[f.Check] = f.State
		if f.State == wrong && (f.Found == "" || f.Wanted == "" || f.Fix == "") {
			t.Errorf("%+v", f)
		}
	}
	if want := "map[cassandra:wrong kafka:wrong registry:wrong settings:ok]"; fmt.Sprint(found) != want {
		t.Errorf("expected %s, found %v", want, found)
	}
}

func TestTheDoctorKnowsWhatIsWrongWithATopic(t *testing.T) {
	wanted := kafka.Topic{Name: "t", Partitions: 12}
	for _, c := range []struct {
		has   kafka.FoundTopic
		state string
		fix   string
	}{
		{kafka.FoundTopic{Topic: wanted}, wrong, "inventory topics create"},
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 12, HasReplication: 3, MinInSyncReplicas: 2}, well, ""},
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 12, HasReplication: 3}, well, ""}, // the brokers don't say
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 12, HasReplication: 3, MinInSyncReplicas: 1}, noted, "min.insync.replicas=2"},
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 12, HasReplication: 1, MinInSyncReplicas: 1}, noted, "fit for trying it"},
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 12, HasReplication: 1, MinInSyncReplicas: 2}, wrong, "nothing can be written"},
		{kafka.FoundTopic{Topic: wanted, HasPartitions: 3, HasReplication: 3, MinInSyncReplicas: 2}, noted, "keys would move"},
	} {
		if f := topicFinding(c.has); f.State != c.state || !strings.Contains(f.Fix, c.fix) {
			t.Errorf("%+v: expected %s and %q, found %+v", c.has, c.state, c.fix, f)
		}
	}
}
