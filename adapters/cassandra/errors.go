package cassandra

import (
	"context"
	"errors"
	"fmt"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

// writeError says what became of a write that the driver ended with err. Only what is
// listed as definite is: every other error may come from a write that was made, or that
// will still land.
func writeError(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case isContextError(err):
		return fmt.Errorf("%s: %w", op, err)
	case isPermanent(err):
		return fmt.Errorf("%s: %w: %w", op, ports.ErrPermanent, err)
	case isUnsent(err) || isUnavailable(err):
		return fmt.Errorf("%s: %w: %w", op, ports.ErrTransient, err)
	default:
		return unknown(op, err)
	}
}

// readError is the same for a read, which changes nothing and so is never unknown.
func readError(op string, err error) error {
	switch {
	case err == nil:
		return nil
	case isContextError(err):
		return fmt.Errorf("%s: %w", op, err)
	case isPermanent(err) || isUndecodable(err):
		return fmt.Errorf("%s: %w: %w", op, ports.ErrPermanent, err)
	default:
		return fmt.Errorf("%s: %w: %w", op, ports.ErrTransient, err)
	}
}

func unknown(op string, err error) error {
	if isContextError(err) {
		return fmt.Errorf("%s: %w", op, err)
	}
	return fmt.Errorf("%s: %w: %w", op, ports.ErrUnknown, err)
}

func isContextError(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// isPermanent: refused before anything was done, and would be again. Invalid is what
// Cassandra answers to a request that is too large, too.
func isPermanent(err error) bool {
	return is[*gocql.RequestErrInvalid](err) || is[*gocql.RequestErrSyntax](err) ||
		is[*gocql.RequestErrUnauthorized](err) || is[*gocql.RequestErrCredentials](err) ||
		is[*gocql.RequestErrConfig](err) || is[*gocql.RequestErrAlreadyExists](err) ||
		is[gocql.MarshalError](err) || errors.Is(err, gocql.ErrTooManyStmts)
}

// isUnsent: the driver never sent it.
func isUnsent(err error) bool {
	return errors.Is(err, gocql.ErrNoConnections) || errors.Is(err, gocql.ErrNoStreams) ||
		errors.Is(err, gocql.ErrSessionClosed)
}

// isUnavailable: the coordinator counted too few live replicas and did not begin.
// Overloaded looks alike and is not: it is also thrown when hints pile up, with the write
// on its way.
func isUnavailable(err error) bool { return is[*gocql.RequestErrUnavailable](err) }

// isUndecodable: the table does not have the columns that this program expects.
func isUndecodable(err error) bool { return is[gocql.UnmarshalError](err) }

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
