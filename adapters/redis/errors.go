package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/rueidis"

	"inventory/ports"
)

// wants are how the errors begin that a person has to see to: who we are, or what we may.
var wants = []string{"NOAUTH", "WRONGPASS", "NOPERM", "READONLY", "ERR unknown command"}

// errorOf says what an error of the library means. What Redis itself refused is not done; what
// became of a call that got no answer is unknown.
func errorOf(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("redis: %w", err)
	}
	if said, ok := rueidis.IsRedisErr(err); ok {
		for _, beginning := range wants {
			if strings.HasPrefix(said.Error(), beginning) {
				return fmt.Errorf("%w: redis: %w", ports.ErrPermanent, err)
			}
		}
		return fmt.Errorf("%w: redis: %w", ports.ErrTransient, err)
	}
	return fmt.Errorf("%w: redis: %w", ports.ErrUnknown, err)
}
