package wire_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inventory/app"
	"inventory/app/owner"
	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
	"inventory/ports"
)

// notOfAsk are the errors of the packages below that no Ask answers, and why.
var notOfAsk = map[string]string{
	"ledger.ErrMailTaken":         "an owner's answer to itself, about mail",
	"ledger.ErrMailGap":           "an owner's answer to itself, about mail",
	"ports.ErrUnreadable":         "of an event, before it is a command",
	"ports.ErrUnknownSchema":      "of an event, before it is a command",
	"ports.ErrIncompatibleSchema": "of an event, before it is a command",
}

// A new error of the domain, of ports or of the owner either gets a number or a reason above.
func TestEveryErrorOfAnOwnerHasANumber(t *testing.T) {
	has := numbers(t)
	declared := map[string]bool{}
	for name, dir := range map[string]string{
		"stock": "../../domain/stock", "reservation": "../../domain/reservation", "ledger": "../../domain/ledger",
		"ports": "../../ports", "owner": "../owner", "wire": ".",
	} {
		for _, e := range declaredIn(t, dir, token.VAR) {
			declared[name+"."+e] = true
		}
	}
	if len(declared) < 28 {
		t.Fatalf("found %d errors: the sources are not where they were", len(declared))
	}
	for name := range declared {
		_, numbered := has[name]
		if _, excused := notOfAsk[name]; numbered == excused {
			t.Errorf("%s: has a number: %t; can't come out of Ask: %t", name, numbered, excused)
		}
	}
	for name := range has {
		if !declared[name] && !strings.HasPrefix(name, "context.") {
			t.Errorf("%s has a number, and was not found", name)
		}
	}
	for name := range notOfAsk {
		if !declared[name] {
			t.Errorf("%s is not there any more", name)
		}
	}
	if len(has) != len(wire.Sentinels(codec)) {
		t.Errorf("the sources have %d numbers, the codec has %d", len(has), len(wire.Sentinels(codec)))
	}
}

// An error with values of its own needs a kind beside valueInsufficient.
func TestEveryErrorWithValuesHasAKind(t *testing.T) {
	var all []string
	for _, dir := range []string{"../../domain/stock", "../../domain/reservation", "../../domain/ledger", "../../ports", "../owner"} {
		all = append(all, declaredIn(t, dir, token.TYPE)...)
	}
	if slices.Sort(all); !slices.Equal(all, []string{"InsufficientError", "OverPickError"}) {
		t.Errorf("got %q, want those that encodeValues knows", all)
	}
}

func TestTheNumbersOfErrorsAreFixedForEver(t *testing.T) {
	has := numbers(t)
	var all strings.Builder
	for _, name := range slices.SortedFunc(maps.Keys(has), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(has[a]), len(has[b])), cmp.Compare(has[a], has[b]))
	}) {
		fmt.Fprintln(&all, has[name], name)
	}
	golden(t, "sentinels.v1.txt", all.String())
}

// numbers reads the tables of sentinels in the sources: their names, with the package's.
func numbers(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for pkg, path := range map[string]string{"wire": "sentinel.go", "owner": "../owner/wire.go"} {
		ast.Inspect(parsed(t, path), func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok || lit.Type != nil || len(lit.Elts) < 2 {
				return true
			}
			number, err := lit.Elts[0].(*ast.KeyValueExpr), lit.Elts[1].(*ast.KeyValueExpr)
			all[nameOf(pkg, err.Value)] = number.Value.(*ast.BasicLit).Value
			return true
		})
	}
	return all
}

func nameOf(pkg string, e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.X.(*ast.Ident).Name + "." + s.Sel.Name
	}
	return pkg + "." + e.(*ast.Ident).Name
}

// declaredIn lists the exported errors of a package that are variables, or types.
func declaredIn(t *testing.T, dir string, tok token.Token) (names []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%s: %d files, %v", dir, len(paths), err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		for _, d := range parsed(t, path).Decls {
			if d, ok := d.(*ast.GenDecl); ok && d.Tok == tok {
				names = append(names, errorsOf(d)...)
			}
		}
	}
	return names
}

func errorsOf(d *ast.GenDecl) (names []string) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				if strings.HasPrefix(name.Name, "Err") {
					names = append(names, name.Name)
				}
			}
		case *ast.TypeSpec:
			if spec.Name.IsExported() && strings.HasSuffix(spec.Name.Name, "Error") {
				names = append(names, spec.Name.Name)
			}
		}
	}
	return names
}

func parsed(t *testing.T, path string) *ast.File {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAnErrorIsWhatItWas(t *testing.T) {
	all := wire.Sentinels(codec)
	for i, s := range all {
		sameError(t, s.Err, carried(t, wire.Refused{Err: s.Err}).Err)
		other := all[(i*7+3)%len(all)].Err
		several := fmt.Errorf("%w: text, %w", s.Err, errors.Join(errors.New("more"), other))
		sameError(t, several, carried(t, wire.Answer{Err: several}).Err)
	}
	short := &reservation.InsufficientError{Shortages: []stock.Shortage{{SKU: "A", Warehouse: "W1", Requested: 4, Available: 3}}}
	for _, err := range []error{
		short, fmt.Errorf("order o: %w: %w", reservation.ErrShortage, short), &reservation.InsufficientError{},
		&reservation.OverPickError{SKU: "A", Warehouse: "W1", Picked: 4, Held: 3, Before: 2},
		errors.Join(short, &reservation.OverPickError{Warehouse: "W1"}), errors.New("nobody foresaw it"), errors.New(""),
	} {
		sameError(t, err, carried(t, wire.Answer{Err: err}).Err)
	}
}

// It was the other member that ended, or the connection to it: here nobody did.
func TestThatAnotherMemberEndedIsNotThatWeDid(t *testing.T) {
	err := carried(t, wire.Answer{Err: fmt.Errorf("looking up: %w", context.Canceled)}).Err
	if errors.Is(err, context.Canceled) || ports.ClassOf(err) != ports.Unknown || app.FailureOf(err).Kind != app.Retry || !app.Retryable(err) {
		t.Errorf("got %v: %+v", err, app.FailureOf(err))
	}
	err = carried(t, wire.Answer{Err: fmt.Errorf("%w: %w", owner.ErrUnsettled, context.Canceled)}).Err
	if got := app.FailureOf(err).Code; got != "UNSETTLED" {
		t.Errorf("got %s", got)
	}
}

func TestTheTextOfAnErrorIsBoundedAndUTF8(t *testing.T) {
	for _, text := range []string{"a\xffb", strings.Repeat("ä", 10_000), strings.Repeat("x", 4097), strings.Repeat("\xff", 5000)} {
		a := wire.Answer{Err: fmt.Errorf("%w: %s", owner.ErrDefect, text)}
		if size := len(encoded(t, a)); size > 4200 {
			t.Errorf("%.20q goes as %d bytes", text, size)
		}
		got := carried(t, a).Err
		if len(got.Error()) > 4096 || strings.ToValidUTF8(got.Error(), "") != got.Error() || !errors.Is(got, owner.ErrDefect) {
			t.Errorf("%.20q becomes %d bytes: %.50q", text, len(got.Error()), got)
		}
		if len(text) > 8000 && len(got.Error()) < 4090 {
			t.Errorf("%.20q becomes %d bytes only", text, len(got.Error()))
		}
	}
	whole := strings.Repeat("x", 4096)
	if got := carried(t, wire.Answer{Err: errors.New(whole)}).Err.Error(); got != whole {
		t.Errorf("4096 bytes become %d", len(got))
	}
	var long ledger.Writer // what a member that bounds nothing would say
	long.Byte(63)
	long.String(strings.Repeat("\xff", 9000))
	long.Blob(nil)
	long.Int(0)
	if got := decoded(t, long.Bytes()).(wire.Refused).Err.Error(); len(got) > 4096 || strings.Contains(got, "\xff") {
		t.Errorf("got %d bytes", len(got))
	}
}

func TestAnErrorOfANewerVersionIsWhatIsKnownOfIt(t *testing.T) {
	refused := func(numbers []byte) error {
		var w ledger.Writer
		w.Byte(63)
		w.String("text")
		w.Blob(numbers)
		w.Int(1)
		w.Byte(99) // a value that is not known here
		w.Blob([]byte("value"))
		return decoded(t, w.Bytes()).(wire.Refused).Err
	}
	if err := refused([]byte{199}); !errors.Is(err, wire.ErrUnknownMessage) || err.Error() != "text" {
		t.Errorf("got %v, want ErrUnknownMessage", err)
	}
	if err := refused([]byte{199, 200}); errors.Is(err, wire.ErrUnknownMessage) || !errors.Is(err, owner.ErrNotOwner) {
		t.Errorf("got %v, want ErrNotOwner alone", err)
	}
	if err := refused(nil); errors.Is(err, wire.ErrUnknownMessage) {
		t.Errorf("got %v, want an error that nobody foresaw", err)
	}
}

func TestANumberHasOneMeaning(t *testing.T) {
	for name, s := range map[string]wire.Sentinel{
		"below the first own": {Number: 199, Err: errors.New("another")},
		"taken":               {Number: 200, Err: errors.New("another")},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			wire.NewCodec(wire.Sentinel{Number: 200, Err: owner.ErrNotOwner}, s)
		}()
	}
}
