package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"inventory/ports"
)

// explain gives an error its class, and the words that a person needs. Where it isn't the
// registry that has spoken, the registry can't be asked: no record is given up for a proxy's
// page.
func (c *Client) explain(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("registry %s: %s: %w", c.url, what, ctx.Err())
	}
	r, refused := refusalOf(err)
	switch {
	case refused && r.unknown():
		return fmt.Errorf("registry: %s: %w: %w", what, ports.ErrUnknownSchema, r)
	case refused && r.lasting():
		return fmt.Errorf("registry: %s: %w: %w", what, lasting{ports.ErrTransient}, r)
	case refused:
		return fmt.Errorf("registry: %s: %w: %w", what, ports.ErrTransient, r)
	case errors.Is(err, errOtherSubject):
		return fmt.Errorf("registry %s: %s: %w: %w", c.url, what, ports.ErrUnknownSchema, err)
	case errors.Is(err, errNonsense), isShape(err):
		return fmt.Errorf("registry %s: %s: %w: %w", c.url, what, ports.ErrIncompatibleSchema, err)
	}
	if advice, ok := certificates(err); ok {
		return fmt.Errorf("registry %s: %s: %w: %s: %s", c.url, what, lasting{ports.ErrTransient}, c.network(err), advice)
	}
	return fmt.Errorf("registry %s: %s: %w: %s: is the registry up, and the URL right?", c.url, what, ports.ErrTransient, c.network(err))
}

// lasting is a class whose errors are ErrSettings too, without the words.
type lasting struct{ error }

// Unwrap gives both.
func (l lasting) Unwrap() []error { return []error{l.error, ErrSettings} }

// network says what went wrong on the way. It is no part of the error's chain: a time-out of
// this package would look like the caller's.
func (c *Client) network(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", c.timeout)
	}
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err.Error() // it names the URL, which is named already
	}
	return err.Error()
}

// settle gives what is none of a method's own answers the class of a registry that can't
// be asked: no schema of somebody else's is in question.
func settle(err error, answers ...error) error {
	for _, answer := range answers {
		if errors.Is(err, answer) {
			return err
		}
	}
	if errors.Is(err, ports.ErrIncompatibleSchema) || errors.Is(err, ports.ErrUnknownSchema) {
		return fmt.Errorf("%w: %s: check what answers at the registry's URL", ports.ErrTransient, err.Error())
	}
	return err
}

// isShape tells that JSON came, of another shape than asked for.
func isShape(err error) bool {
	var t *json.UnmarshalTypeError
	return errors.As(err, &t)
}
