package embedded

import (
	"fmt"
	"regexp"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxPartitions is how many a topic may have here: each may keep two files open.
const maxPartitions = 256

// topicName is what Kafka allows.
var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// guardTopics refuses new topics that Kafka would refuse, and kfake wouldn't. A request is
// carried out whole or not at all.
func guardTopics(cluster *kfake.Cluster) {
	cluster.ControlKey(int16(kmsg.CreateTopics), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		create, ok := req.(*kmsg.CreateTopicsRequest)
		if !ok {
			return nil, nil, false
		}
		for i := range create.Topics {
			if fault, why := topicFault(&create.Topics[i]); fault != nil {
				return refuseTopics(create, fault, why), nil, true
			}
		}
		return nil, nil, false
	})
}

func topicFault(topic *kmsg.CreateTopicsRequestTopic) (*kerr.Error, string) {
	if !topicName.MatchString(topic.Topic) || topic.Topic == "." || topic.Topic == ".." {
		return kerr.InvalidTopicException, fmt.Sprintf("topic %q: expected 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'", topic.Topic)
	}
	if n := max(int(topic.NumPartitions), len(topic.ReplicaAssignment)); n > maxPartitions {
		return kerr.InvalidPartitions, fmt.Sprintf("topic %s: %d partitions: expected at most %d", topic.Topic, n, maxPartitions)
	}
	return nil, ""
}

func refuseTopics(req *kmsg.CreateTopicsRequest, fault *kerr.Error, why string) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.CreateTopicsResponse)
	for _, topic := range req.Topics {
		answer := kmsg.NewCreateTopicsResponseTopic()
		answer.Topic, answer.ErrorCode, answer.ErrorMessage = topic.Topic, fault.Code, &why
		resp.Topics = append(resp.Topics, answer)
	}
	return resp
}
