package console

import (
	"context"
	"errors"
	"net/http"

	"inventory/app"
)

// refusal is what the console itself refuses.
type refusal struct {
	status int
	says   string
}

// Error implements error.
func (r *refusal) Error() string { return r.says }

// fault makes the page that says what went wrong, and what to do.
func (c *Console) fault(r *http.Request, err error) view {
	v := view{page: "fault", title: "That did not work", status: http.StatusInternalServerError}
	told := faultTold{Text: err.Error()}
	refused, ok := errors.AsType[*refusal](err)
	switch {
	case ok:
		v.status = refused.status
	case errors.Is(err, errBusy):
		v.status = http.StatusServiceUnavailable
	case errors.Is(err, context.DeadlineExceeded):
		v.status, told.Text = http.StatusGatewayTimeout, "it took too long: "+err.Error()
	default:
		f := app.FailureOf(err)
		v.status, told.Code, told.Hint = c.options.Status(f.Kind), f.Code, f.Hint
	}
	if v.status >= http.StatusInternalServerError {
		c.options.Log(r.Pattern, err)
	}
	if v.status == http.StatusNotFound {
		v.title = "Nothing there"
	}
	v.data = told
	return v
}

type faultTold struct{ Text, Code, Hint string }

// nothing is at any other path.
func (c *Console) nothing(r *http.Request) (view, error) {
	return view{}, &refusal{http.StatusNotFound, "the console has no page at " + r.URL.Path}
}
