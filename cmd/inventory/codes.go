package main

import (
	"errors"

	"inventory/adapters/registry"
	"inventory/app"
)

// The exit codes, as `inventory --help` documents them.
const (
	exitFailed      = 1   // could not start, or something is broken
	exitUsage       = 2   // the command line, or a value in it, is wrong
	exitRefused     = 3   // understood, and refused: not enough stock, unknown order, …
	exitRetry       = 4   // nobody could decide it now: the same command may succeed later
	exitDifferences = 5   // reconcile, doctor, or schemas diff or pull, found something
	exitSignal      = 130 // ended by a signal before it was done
)

var (
	errUsage       = errors.New("bad command")
	errDifferences = errors.New("the tables and the journals differ")
	errBreaks      = errors.New("schemas break")

	errSchemasDiffer = errors.New("schemas differ")
	errUnwell        = errors.New("not all is as it should be")
)

// codes are the errors of the command line itself.
var codes = []struct {
	err  error
	code string
	exit int
}{
	{errSignal, "ENDED", exitSignal},
	{errUsage, "BAD_COMMAND", exitUsage},
	{errDifferences, "DIFFERENCES", exitDifferences},
	{errSchemasDiffer, "SCHEMAS_DIFFER", exitDifferences},
	{errUnwell, "UNWELL", exitDifferences},
	{errBreaks, "BREAKS", exitFailed},
	{registry.ErrSettings, "REGISTRY_SETTINGS", exitUsage},
	{errUnreachable, "UNREACHABLE", exitRetry},
}

// codeOf finds an error's code, exit code and, where that is known, what to do.
func codeOf(err error) (code string, exit int, hint string) {
	for _, row := range codes {
		if errors.Is(err, row.err) {
			return row.code, row.exit, ""
		}
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.Code, r.exit(), r.Hint
	}
	f := app.FailureOf(err)
	return f.Code, exitOf(f.Kind), f.Hint
}

func exitOf(k app.FailureKind) int {
	switch k {
	case app.Malformed:
		return exitUsage
	case app.Missing, app.Conflicting, app.Unprocessable:
		return exitRefused
	case app.Retry:
		return exitRetry
	case app.Ended:
		return exitSignal
	case app.Broken:
	}
	return exitFailed
}

// exitCode is what the program ends with.
func exitCode(err error) int {
	if err == nil {
		return 0
	}
	_, exit, _ := codeOf(err)
	return exit
}
