package apptest

import (
	"context"
	"errors"
	"sync"
	"time"

	"inventory/app"
	"inventory/app/owner"
	"inventory/ports"
)

// command is something that a client asks until it has the answer.
type command struct {
	what string
	ask  func(context.Context, *app.Inventory) (any, error)
	// note checks an answer against all others and keeps it. The command was asked after
	// the moment asked of the history's own time.
	note func(asked int64, outcome any, err error)
	// undone is told that the command was refused without having been tried: it can have no
	// effect, and is not asked again. nil: it is asked again.
	undone func()
	// twice has two clients ask at the same time.
	twice bool
}

// moments count what happens in a history: of two answers the one that was asked for
// after the other was given can't be older.
type moments struct {
	clock ports.Clock // the store's
	mu    sync.Mutex  // guards times
	times []time.Time
}

func (m *moments) next() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times = append(m.times, m.clock.Now())
	return int64(len(m.times))
}

// time is when a moment was.
func (m *moments) time(moment int64) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.times[moment-1]
}

// carryOut asks a command until it is answered.
func (h *history) carryOut(ctx context.Context, cmd command) {
	if !cmd.twice {
		h.ask(ctx, cmd)
		return
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() { h.ask(ctx, cmd) })
	}
	both.Wait()
}

func (h *history) ask(ctx context.Context, cmd command) {
	for try := 1; !h.c.found.any(); try++ {
		asked, outcome, err := h.askOnce(ctx, cmd)
		switch {
		case ctx.Err() != nil:
			h.c.found.add("%s: no answer after %d tries: %v", cmd.what, try, err)
			return
		case errors.Is(err, owner.ErrOverloaded) && try == 1 && cmd.undone != nil && !cmd.twice:
			h.c.count("undone")
			cmd.undone()
			return
		case err == nil || !app.Retryable(err):
			cmd.note(asked, outcome, err)
			return
		}
		_ = h.c.pause(ctx, h.c.dice.upto(h.c.cfg.Lease/8)) // the loop sees the end of ctx
	}
}

// errNobody is of a process that is down, or was killed before it answered.
var errNobody = errors.Join(owner.ErrUnsettled, errors.New("the process is down"))

// askOnce asks one process, most often the one that answered last.
func (h *history) askOnce(ctx context.Context, cmd command) (asked int64, outcome any, err error) {
	s := h.likely.Load()
	if s == nil || h.c.dice.chance(0.2) {
		s = pick(h.c.dice, h.c.slots)
	}
	p := s.now()
	asked = h.moments.next()
	if p == nil {
		h.likely.CompareAndSwap(s, nil)
		return asked, nil, errNobody
	}
	ctx, cancel := context.WithTimeout(ctx, h.c.cfg.Patience)
	defer cancel()
	outcome, err = cmd.ask(ctx, p.in)
	if p.link.killed() || err != nil && ctx.Err() != nil && ports.ClassOf(err) == ports.Unknown {
		err = errNobody
	}
	if errors.Is(err, owner.ErrNotOwner) || errors.Is(err, errNobody) {
		h.likely.CompareAndSwap(s, nil)
	} else {
		h.likely.Store(s)
	}
	return asked, outcome, err
}
