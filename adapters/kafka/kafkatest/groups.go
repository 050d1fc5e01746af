package kafkatest

import (
	"testing"
)

// Groups proves what a consumer group promises, against whatever speaks Kafka's protocol.
func Groups(t *testing.T, brokers []string) {
	for name, test := range map[string]func(*testing.T, *group){
		"members come and go while records flow":           comeAndGo,
		"a killed member's backlog is resumed":             killed,
		"a static member restarts":                         restarts,
		"two processes have one name":                      oneName,
		"records that stay failing are given up":           failing,
		"a handler that hangs holds up no other's reading": hanging,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newGroup(t, brokers))
		})
	}
}
