package registry_test

import (
	"context"
	"fmt"

	"inventory/ports"
)

// nobody is a registry that is down.
type nobody struct{}

var errDown = fmt.Errorf("%w: the registry is down", ports.ErrTransient)

func (nobody) ByID(context.Context, string, int) (string, error)     { return "", errDown }
func (nobody) IDOf(context.Context, string, string) (int, error)     { return 0, errDown }
func (nobody) Register(context.Context, string, string) (int, error) { return 0, errDown }
