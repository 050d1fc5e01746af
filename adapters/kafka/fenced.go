package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
)

// askingTime bounds one question who is in the group.
const askingTime = 10 * time.Second

// awaitName returns when no member of the group has this one's name any more, or when ctx ends.
// To join again before that would shut the other out, and it this one in turn.
func (s *subscription) awaitName(ctx context.Context, cause error) {
	pause := backoff{least: joinPauseMost / 2, most: joinPauseMost}
	s.trouble("reading", cause)
	for pause.wait(ctx, nil) {
		taken, err := s.nameTaken(ctx)
		switch {
		case ctx.Err() != nil || err == nil && !taken:
			return
		case err != nil:
			s.trouble("asking who is in the group "+s.cfg.Group, err)
		default:
			s.trouble("reading", cause)
		}
	}
}

// nameTaken asks whether a member of the group has this one's name.
func (s *subscription) nameTaken(ctx context.Context) (taken bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askingTime)
	defer cancel()
	admin, err := sarama.NewClusterAdmin(s.cfg.Brokers, bind(ctx, clientConfig(s.cfg, administering)))
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	groups, err := admin.DescribeConsumerGroups([]string{s.cfg.Group})
	if err != nil {
		return false, err
	}
	name := instanceOf(s.cfg, s.topic)
	for _, g := range groups {
		if g.Err != sarama.ErrNoError && g.Err != sarama.ErrGroupIDNotFound {
			return false, fmt.Errorf("group %s: %w", g.GroupId, g.Err)
		}
		for _, m := range g.Members {
			taken = taken || m.GroupInstanceId != nil && *m.GroupInstanceId == name
		}
	}
	return taken, nil
}

// isFenced: another process has joined the group under this one's name.
func isFenced(err error) bool { return errors.Is(err, sarama.ErrFencedInstancedId) }

// fencedError says so, and what to do about it, in words that are not cut off where they are
// told of briefly.
func (s *subscription) fencedError(err error) error {
	return fmt.Errorf("kafka: %s: FENCED_INSTANCE_ID: another process is %q in group %s: give each a name of its own; this one waits until that is free: %w",
		s.topic, instanceOf(s.cfg, s.topic), s.cfg.Group, err)
}
