package cassandra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"inventory/ports"
)

// Every error that the driver can end a request with, and what it says of a write and of a
// read. Errors of sessions, hosts and metadata are made elsewhere and fall under the rest.
var driverErrors = []struct {
	err         error
	write, read ports.Class
}{
	// Definite, and the same again: refused before anything was done.
	{&gocql.RequestErrInvalid{}, ports.Permanent, ports.Permanent},
	{&gocql.RequestErrSyntax{}, ports.Permanent, ports.Permanent},
	{&gocql.RequestErrUnauthorized{}, ports.Permanent, ports.Permanent},
	{&gocql.RequestErrCredentials{}, ports.Permanent, ports.Permanent},
	{&gocql.RequestErrConfig{}, ports.Permanent, ports.Permanent},
	{&gocql.RequestErrAlreadyExists{}, ports.Permanent, ports.Permanent},
	{gocql.MarshalError("a value that does not fit"), ports.Permanent, ports.Permanent},
	{gocql.ErrTooManyStmts, ports.Permanent, ports.Permanent},

	// Definite for now: not begun, or not sent.
	{&gocql.RequestErrUnavailable{}, ports.Transient, ports.Transient},
	{gocql.ErrNoConnections, ports.Transient, ports.Transient},
	{gocql.ErrNoStreams, ports.Transient, ports.Transient},
	{gocql.ErrSessionClosed, ports.Transient, ports.Transient},

	// Unknown: sent, and perhaps made.
	{&gocql.RequestErrWriteTimeout{WriteType: "CAS"}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrWriteTimeout{WriteType: "SIMPLE"}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrWriteFailure{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrCASWriteUnknown{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrReadTimeout{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrReadFailure{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrCDCWriteFailure{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrOverloaded{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrBootstrapping{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrTruncate{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrFunctionFailure{}, ports.Unknown, ports.Transient},
	{&gocql.RequestErrUnprepared{}, ports.Unknown, ports.Transient},
	{gocql.ErrTimeoutNoResponse, ports.Unknown, ports.Transient},
	{gocql.ErrConnectionClosed, ports.Unknown, ports.Transient},
	{gocql.ErrFrameTooBig, ports.Unknown, ports.Transient},
	{gocql.ErrUnavailable, ports.Unknown, ports.Transient},
	{gocql.NewErrProtocol("a frame that makes no sense"), ports.Unknown, ports.Transient},
	{gocql.UnmarshalError("an answer of other types"), ports.Unknown, ports.Permanent},
	{errNotConditional, ports.Unknown, ports.Transient},
	{&net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}, ports.Unknown, ports.Transient},
	{io.EOF, ports.Unknown, ports.Transient},
	{io.ErrUnexpectedEOF, ports.Unknown, ports.Transient},
	{errors.New("gocql: heartbeat failed"), ports.Unknown, ports.Transient},

	// A caller that went away: as unknown as that, and it sees its own error.
	{context.Canceled, ports.Unknown, ports.Unknown},
	{context.DeadlineExceeded, ports.Unknown, ports.Unknown},
}

func TestEveryDriverErrorHasAClass(t *testing.T) {
	for _, c := range driverErrors {
		for _, err := range []error{c.err, fmt.Errorf("wrapped: %w", c.err)} {
			if got := ports.ClassOf(writeError("write", err)); got != c.write {
				t.Errorf("%T (%v) of a write: class %v, want %v", c.err, c.err, got, c.write)
			}
			if got := ports.ClassOf(readError("read", err)); got != c.read {
				t.Errorf("%T (%v) of a read: class %v, want %v", c.err, c.err, got, c.read)
			}
		}
	}
}

func TestAnErrorHasExactlyOneClassAndKeepsItsCause(t *testing.T) {
	sentinels := []error{ports.ErrConflict, ports.ErrTransient, ports.ErrPermanent, ports.ErrUnknown}
	for _, c := range driverErrors {
		for _, err := range []error{writeError("op", c.err), readError("op", c.err), unknown("op", c.err)} {
			n := 0
			for _, s := range sentinels {
				if errors.Is(err, s) {
					n++
				}
			}
			if want := 1; n != want && !isContextError(err) || n > want {
				t.Errorf("%v wraps %d classes, want %d", err, n, want)
			}
			if !errors.Is(err, c.err) {
				t.Errorf("%v does not wrap %T", err, c.err)
			}
		}
	}
}

func TestNoErrorIsNoError(t *testing.T) {
	if err := errors.Join(writeError("op", nil), readError("op", nil)); err != nil {
		t.Error(err)
	}
}
