package grpcapi

import (
	"errors"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"inventory/app"
	"inventory/app/watch"
)

const (
	// domain is the ErrorInfo's: whose codes these are.
	domain = "inventory"
	// broken is all that a client is told of what somebody has to repair.
	broken = "something is broken here: those who run the service find it in its log"
	// comeAgain is when to ask again what may succeed later.
	comeAgain = time.Second
)

// codeOf is the one table from failures to gRPC's codes.
func codeOf(f app.Failure) connect.Code {
	switch f.Code {
	case "REVISION_OUT_OF_RANGE":
		return connect.CodeOutOfRange
	case "WATCH_BEHIND":
		return connect.CodeAborted
	case "UNKNOWN_WAREHOUSE":
		return connect.CodeNotFound
	case "TIMEOUT":
		return connect.CodeDeadlineExceeded
	}
	switch f.Kind {
	case app.Malformed:
		return connect.CodeInvalidArgument
	case app.Missing:
		return connect.CodeNotFound
	case app.Conflicting, app.Unprocessable:
		return connect.CodeFailedPrecondition
	case app.Retry:
		return connect.CodeUnavailable
	case app.Ended:
		return connect.CodeCanceled
	case app.Broken:
	}
	return connect.CodeInternal
}

// refuse makes an error what a client is told: its text, its code, and the revision to go on
// from, if that is known.
func (a *API) refuse(procedure string, err error, revision watch.Revision) error {
	f := app.FailureOf(err)
	text := err
	if f.Kind == app.Broken {
		a.options.Log(procedure, err)
		text = errors.New(broken)
	}
	told := connect.NewError(codeOf(f), text)
	info := &errdetails.ErrorInfo{Reason: f.Code, Domain: domain, Metadata: map[string]string{}}
	if f.Hint != "" {
		info.Metadata["hint"] = f.Hint
	}
	if revision != nil {
		info.Metadata["revision"] = revision.String()
	}
	if out, ok := errors.AsType[*watch.RangeError](err); ok {
		info.Metadata["oldest_revision"] = out.Oldest.String()
	}
	detail(told, info)
	if f.Kind == app.Retry {
		detail(told, &errdetails.RetryInfo{RetryDelay: durationpb.New(comeAgain)})
	}
	return told
}

// detail adds to what is told; what can't be written is left out.
func detail(told *connect.Error, m proto.Message) {
	if d, err := connect.NewErrorDetail(m); err == nil {
		told.AddDetail(d)
	}
}
