package kafkatest

import (
	"testing"
)

// Groups proves what a consumer group promises, against whatever speaks Kafka's protocol.
// rests says that a static member that is back within its session makes no new generation:
// Kafka's brokers see to that; the in-process one compares what the member says it owned,
// which a restart forgets, and makes one in which nothing moves.
func Groups(t *testing.T, brokers []string, rests bool) {
	for name, test := range map[string]func(*testing.T, *group){
		"members come and go while records flow":           comeAndGo,
		"a killed member's backlog is resumed":             killed,
		"a static member restarts":                         func(t *testing.T, g *group) { restarts(t, g, rests) },
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
