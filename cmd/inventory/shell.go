package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
)

const standingBy = "standing by: another process owns the ledgers"

// maxLine bounds a line of the shell, in bytes.
const maxLine = 1 << 20

type shellCmd struct {
	Parallel int `default:"1" help:"Commands that may be under way at once; above 1, answers come in any order. Prefix a line with '#id ' to match them."`
}

// execute implements command: it runs the service until stdin ends, or ctx does. Then it
// finishes what was asked, gives the ledgers up and closes the store.
func (c *shellCmd) execute(ctx context.Context, p *program) (err error) {
	if c.Parallel < 1 || c.Parallel > 10_000 {
		return fmt.Errorf("%w: --parallel=%d: expected 1 to 10000", errUsage, c.Parallel)
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ctx, end := context.WithCancel(ctx)
	defer end()
	s.start(end)
	parser, err := newLineParser()
	if err != nil {
		return err
	}
	sh := &shell{p: p, s: s, parser: parser, human: isTerminal(p.stdin), slots: make(chan struct{}, c.Parallel), end: end}
	sh.greet()
	watched := make(chan struct{})
	known := make(chan struct{})
	go func() { defer close(watched); sh.watchOwner(ctx, known) }()
	select {
	case <-known:
	case <-ctx.Done():
	}
	err = sh.serve(ctx)
	end()
	<-watched
	return errors.Join(err, s.failure())
}

// shell takes commands, a line each, and answers each with a line.
type shell struct {
	p      *program
	s      *service
	parser *lineParser
	human  bool // somebody types
	slots  chan struct{}
	end    func()
	busy   sync.WaitGroup

	mu   sync.Mutex // guards stdout, stderr and deaf
	deaf error      // nobody hears us any more
}

// serve reads lines until there are no more or ctx ends, and waits for what is under way:
// all that was taken in is answered.
func (sh *shell) serve(ctx context.Context) error {
	lines, readErr := readLines(ctx, sh.p.stdin)
	for open := true; open && ctx.Err() == nil; {
		sh.prompt()
		select {
		case <-ctx.Done():
		case line, more := <-lines:
			if open = more; more {
				sh.take(ctx, line)
			}
		}
	}
	sh.busy.Wait()
	err := sh.deaf
	select {
	case fault := <-readErr:
		err = errors.Join(err, fault)
	default:
	}
	return err
}

// readLines reads in a goroutine that is not waited for: nothing can end a read of stdin
// that blocks.
func readLines(ctx context.Context, r io.Reader) (lines <-chan string, failed <-chan error) {
	out, errs := make(chan string), make(chan error, 1)
	go func() {
		defer close(out)
		scanner := bufio.NewScanner(r)
		scanner.Buffer(make([]byte, 4096), maxLine)
		for scanner.Scan() {
			select {
			case out <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
		if err := scanner.Err(); err != nil {
			errs <- fmt.Errorf("reading commands: %w", err)
		}
	}()
	return out, errs
}

// take runs a line when there is a slot; with one slot, lines are answered in order.
func (sh *shell) take(ctx context.Context, text string) {
	l, ok := sh.parser.parse(text)
	if !ok {
		return
	}
	sh.slots <- struct{}{}
	sh.busy.Add(1)
	done := func() { <-sh.slots; sh.busy.Done() }
	if cap(sh.slots) == 1 {
		defer done()
		sh.run(ctx, l)
		return
	}
	go func() { defer done(); sh.run(ctx, l) }()
}

// run answers a line. It is finished even if the shell is asked to end meanwhile.
func (sh *shell) run(ctx context.Context, l line) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sh.p.settings.Timeout)
	defer cancel()
	r := reply{ID: l.id}
	err := l.err
	if err == nil {
		r.Result, err = l.verb.run(ctx, sh.s)
	}
	if err != nil {
		r.Result, r.Error = nil, newFailure(err)
	}
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if err := writeLine(sh.p.stdout, r); err != nil {
		sh.deaf = fmt.Errorf("answering: %w", err)
		sh.end()
	}
	if help, ok := r.Result.(helpAnswer); ok && sh.human {
		help.text(sh.p.stderr)
	}
}

// reply is the answer to a line: a result or an error.
type reply struct {
	ID     string   `json:"id,omitempty"`
	Result answer   `json:"result,omitempty"`
	Error  *failure `json:"error,omitempty"`
}

// watchOwner tells people whether this process owns the ledgers, whenever that changes,
// until ctx ends. known is closed once it is clear.
func (sh *shell) watchOwner(ctx context.Context, known chan<- struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var told string
	for ctx.Err() == nil {
		if now := sh.standing(ctx, told); now != told {
			sh.say(now)
			if told == "" {
				close(known)
			}
			told = now
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// standing says how this process stands; as before where that is not clear: nobody else
// owns the ledgers, and this process not yet.
func (sh *shell) standing(ctx context.Context, before string) string {
	if sh.s.in.Ready(ctx) == nil {
		return fmt.Sprintf("ready: %d ledgers owned", len(sh.s.in.Status()))
	}
	if before == standingBy {
		return before // a standby may be one for days: it need not ask the store again
	}
	head, err := sh.s.leadHead(ctx)
	if err != nil || head.Owner == "" || head.Owner == sh.s.id {
		return before
	}
	return standingBy
}

func (sh *shell) say(text string) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	fmt.Fprintln(sh.p.stderr, text)
}

// prompt is for people, who give one command after the other.
func (sh *shell) prompt() {
	if sh.human && cap(sh.slots) == 1 {
		sh.mu.Lock()
		defer sh.mu.Unlock()
		fmt.Fprint(sh.p.stderr, "inventory> ")
	}
}

func (sh *shell) greet() {
	if sh.human {
		sh.say(strings.Join(banner, "\n"))
	}
}

var banner = []string{
	"A line is a command, and its answer a line of JSON. Ctrl-D ends. For a start:",
	"  warehouse put HCM south",
	"  adjust HCM SKU-1 RECEIPT 100 --reason 'first delivery'",
	"  reserve o-1 SKU-1=2 --ttl 10m",
	"  stock SKU-1",
	"  help",
}

func isTerminal(r io.Reader) bool {
	file, ok := r.(interface{ Fd() uintptr })
	return ok && isatty.IsTerminal(file.Fd())
}
