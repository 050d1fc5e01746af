package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"inventory/ports"
)

// refusals are what a record, or this client, is refused for, as long as nobody changes
// anything.
var refusals = []error{
	sarama.ErrMessageSizeTooLarge, sarama.ErrMessageSetSizeTooLarge, sarama.ErrInvalidRecord,
	sarama.ErrInvalidTopic, sarama.ErrInvalidTimestamp, sarama.ErrPolicyViolation,
	sarama.ErrTopicAuthorizationFailed, sarama.ErrClusterAuthorizationFailed, sarama.ErrGroupAuthorizationFailed,
	sarama.ErrSASLAuthenticationFailed, sarama.ErrUnsupportedSASLMechanism, sarama.ErrUnsupportedVersion,
	sarama.ErrUnsupportedForMessageFormat,
}

// sendError says what became of records that the client ended with err. ErrTransient is not
// "certainly not done" here: a record may be published that is not known to be, and will be
// published again.
func sendError(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case isClassified(err):
		return fmt.Errorf("%s: %w", op, err)
	case isRefusal(err):
		return fmt.Errorf("%s: %w: %w", op, ports.ErrPermanent, err)
	case errors.Is(err, sarama.ErrUnknownTopicOrPartition):
		return fmt.Errorf("%s: %w: %w: does the topic exist? `inventory topics create` makes it", op, ports.ErrTransient, err)
	default:
		return fmt.Errorf("%s: %w: %w", op, ports.ErrTransient, err)
	}
}

func isClassified(err error) bool {
	return errors.Is(err, ports.ErrTransient) || errors.Is(err, ports.ErrPermanent) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func isRefusal(err error) bool {
	if _, ok := errors.AsType[sarama.ConfigurationError](err); ok {
		return true // how the client says that a record is too large for it
	}
	if _, ok := errors.AsType[sarama.PacketEncodingError](err); ok {
		return true
	}
	for _, refusal := range refusals {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

// isTooLarge: the client, or the broker, takes no record of that size.
func isTooLarge(err error) bool {
	_, byClient := errors.AsType[sarama.ConfigurationError](err)
	return byClient || errors.Is(err, sarama.ErrMessageSizeTooLarge) || errors.Is(err, sarama.ErrMessageSetSizeTooLarge)
}

// worst picks, of the errors of several records, a refusal if there is one, and says how many
// failed.
func worst(err error) error {
	all, ok := errors.AsType[sarama.ProducerErrors](err)
	if !ok || len(all) == 0 {
		return err
	}
	pick := all[0]
	for _, e := range all {
		if isRefusal(e.Err) {
			pick = e
			break
		}
	}
	return fmt.Errorf("%d records, one to %s: %w", len(all), pick.Msg.Topic, pick.Err)
}
