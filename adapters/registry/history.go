package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/riferrei/srclient"

	"inventory/ports"
)

var (
	_ ports.SchemaHistory = (*Client)(nil)
	_ ports.SchemaRules   = (*Client)(nil)
)

// Subjects implements ports.SchemaHistory.
func (c *Client) Subjects(ctx context.Context) ([]string, error) {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	all, err := c.ask(within).GetSubjects()
	if err != nil {
		return nil, settle(c.explain(ctx, "list of subjects", err))
	}
	if i := slices.IndexFunc(all, func(name string) bool { return strings.ContainsFunc(name, unicode.IsControl) }); i >= 0 {
		return nil, settle(c.explain(ctx, "list of subjects", fmt.Errorf("%w: a subject is called %.60q", errNonsense, all[i])))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Versions implements ports.SchemaHistory.
func (c *Client) Versions(ctx context.Context, subject string) ([]int, error) {
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	all, err := c.ask(living(within)).GetSchemaVersions(subject)
	if r, ok := refusalOf(err); ok && r.unknown() {
		return nil, nil
	}
	if err != nil {
		return nil, settle(c.explain(ctx, "versions of "+subject, err))
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// Version implements ports.SchemaHistory.
func (c *Client) Version(ctx context.Context, subject string, version int) (ports.RegisteredSchema, error) {
	what := fmt.Sprintf("version %d of %s", version, subject)
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	found, err := c.ask(within).GetSchemaByVersion(subject, version)
	if err == nil && (found.Version() != version || found.Schema() == "") {
		err = fmt.Errorf("%w: it is of version %d, with %d bytes of schema", errNonsense, found.Version(), len(found.Schema()))
	}
	if err == nil {
		err = checkID(found.ID())
	}
	if err != nil {
		return ports.RegisteredSchema{}, settle(c.explain(ctx, what, err), ports.ErrUnknownSchema)
	}
	all := ports.RegisteredSchema{Subject: subject, Version: version, ID: found.ID(), Type: ports.SchemaTypeAvro, Text: found.Schema()}
	if t := found.SchemaType(); t != nil {
		all.Type = cmp.Or(c.secrets.mask(t.String()), all.Type)
	}
	for _, r := range found.References() {
		all.References = append(all.References, ports.SchemaReference{Subject: r.Subject, Version: r.Version})
	}
	return all, nil
}

// Level implements ports.SchemaRules. It is what the registry says: Apicurio says NONE where a rule of its configuration goes
// on holding new versions against the newest.
func (c *Client) Level(ctx context.Context, subject string) (string, error) {
	what := "compatibility level of " + subject
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	client := c.ask(within)
	level, err := client.GetCompatibilityLevel(subject, true)
	if r, ok := refusalOf(err); ok && (r.unknown() || r.code == codeNoLevel) {
		// Some registries look no further than the subject.
		level, err = client.GetGlobalCompatibilityLevel()
	}
	if err == nil && !slices.Contains(levels, *level) {
		err = fmt.Errorf("%w: expected one of %q, found %.40q", errNonsense, levels, *level)
	}
	if err != nil {
		return "", settle(c.explain(ctx, what, err))
	}
	return level.String(), nil
}

var levels = []srclient.CompatibilityLevel{
	srclient.None, srclient.Backward, srclient.BackwardTransitive, srclient.Forward, srclient.ForwardTransitive, srclient.Full, srclient.FullTransitive,
}

// Refusals implements ports.SchemaRules.
func (c *Client) Refusals(ctx context.Context, subject, schema string) ([]string, error) {
	what := "whether a schema of " + subject + " would be taken"
	within, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	said, err := c.test(within, subject, schema, "")
	if r, ok := refusalOf(err); ok && r.noRoute() {
		// Older registries hold it against one version only.
		said, err = c.test(within, subject, schema, "/latest")
	}
	r, refused := refusalOf(err)
	switch {
	case refused && r.unknown():
		return nil, nil // a new subject has nothing to break
	case refused && r.rejects():
		return nil, fmt.Errorf("%s: %w: %w", what, ports.ErrIncompatibleSchema, r)
	case err == nil && said.Compatible == nil:
		err = fmt.Errorf("%w: it has no is_compatible", errNonsense)
	}
	if err != nil {
		return nil, settle(c.explain(ctx, what, err))
	}
	if *said.Compatible {
		return nil, nil
	}
	for i, m := range said.Messages {
		said.Messages[i] = c.secrets.mask(m)
	}
	if len(said.Messages) == 0 {
		said.Messages = []string{"it does not say why"} // Apicurio, which does when a schema is to be registered
	}
	return said.Messages, nil
}

type verdict struct {
	Compatible *bool    `json:"is_compatible"`
	Messages   []string `json:"messages"`
}

// test asks by hand: srclient asks of one version, and not why.
func (c *Client) test(ctx context.Context, subject, schema, version string) (verdict, error) {
	var v verdict
	body := map[string]string{"schema": schema}
	err := c.post(ctx, "/compatibility/subjects/"+escape(subject)+"/versions"+version+"?verbose=true&normalize=true", body, &v)
	return v, err
}

// isLiving marks questions for versions that are not deleted.
type isLiving struct{}

func living(ctx context.Context) context.Context { return context.WithValue(ctx, isLiving{}, true) }

// ErrSettings is of failures that last until somebody sets something else: the registry lets the
// user in question not in, its certificate is not trusted, or what is at its URL is no registry.
// It comes beside ports.ErrTransient, since a service goes on and is mended meanwhile.
var ErrSettings = errors.New("asking again does not help")

// lasting tells that a refusal is no matter of the moment.
func (r *refusal) lasting() bool {
	switch {
	case r.status >= 500, r.status == http.StatusTooManyRequests, r.status == http.StatusRequestTimeout, r.unknown():
		return false
	case r.nonsense != "", r.status >= 300 && r.status < 400, r.noRoute():
		return true
	}
	return r.status == http.StatusUnauthorized || r.status == http.StatusForbidden || r.status == http.StatusBadRequest
}
