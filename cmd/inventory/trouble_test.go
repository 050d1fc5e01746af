package main

import (
	"errors"
	"fmt"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"inventory/adapters/httpapi"
	"inventory/app/owner"
	"inventory/ports"
)

func TestOnlyWhatSomebodyHasToSeeToIsLoggedAsAnError(t *testing.T) {
	for _, c := range []struct {
		err   error
		level zapcore.Level
	}{
		{fmt.Errorf("%w: %w", owner.ErrNotOwner, ports.ErrConflict), zapcore.WarnLevel}, // it was frozen, say
		{ports.ErrTransient, zapcore.WarnLevel},
		{fmt.Errorf("reading: %w", ports.ErrUnknown), zapcore.WarnLevel},
		{ports.ErrPermanent, zapcore.ErrorLevel},
		{errors.New("panic: at the disco"), zapcore.ErrorLevel},
	} {
		core, logged := observer.New(zapcore.DebugLevel)
		n := &node{log: zap.New(core)}
		n.apiTrouble(httpapi.Trouble{Route: "GET /", Err: c.err})
		if all := logged.All(); len(all) != 1 || all[0].Level != c.level {
			t.Errorf("%v: expected one line of level %s, found %v", c.err, c.level, all)
		}
	}
}
