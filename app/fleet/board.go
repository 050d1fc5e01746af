package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"

	"inventory/app/wire"
	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports"
)

// board shows what can be promised in stock ledgers that other members own: some hundredths of
// a second old, and good to plan by. Only who plans, because reservation ledgers fall to it,
// follows them.
type board struct {
	f       *Fleet
	kicked  chan struct{} // has room for one sign
	mu      sync.RWMutex
	ledgers map[ledger.ID]*notice
}

// notice is what the board shows of one ledger.
type notice struct {
	epoch int64
	upto  int64
	units map[stock.SKU]int64
	fresh chan struct{} // closed when there is something
}

const (
	// boardPause is the least time between two questions about a ledger: so often it is brought
	// up to date, and so old it may be, beside the way.
	boardPause = 30 * time.Millisecond
	// boardTimeout bounds a question, which may wait for a change.
	boardTimeout = 3 * feedPatience
	// boardRetry is the time to the next question after one that nobody answered.
	boardRetry = 50 * time.Millisecond
)

func newBoard(f *Fleet) *board {
	return &board{f: f, kicked: make(chan struct{}, 1), ledgers: map[ledger.ID]*notice{}}
}

func (b *board) kick() { sign(b.kicked) }

// Available is what can be promised of a SKU in a ledger of another member, in units; 0 where
// nothing was heard of the ledger yet.
func (f *Fleet) Available(id ledger.ID, sku stock.SKU) int64 {
	f.board.mu.RLock()
	defer f.board.mu.RUnlock()
	if n := f.board.ledgers[id]; n != nil {
		return n.units[sku]
	}
	return 0
}

// AwaitLevels waits until something is known of all stock ledgers that have an owner, not for
// long: a plan by what is not known yet would miss what there is.
func (f *Fleet) AwaitLevels(ctx context.Context) error {
	if f.alone() {
		return nil
	}
	ids, err := f.world.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the ledgers: %w", err)
	}
	f.board.follow(ids)
	f.board.kick()
	ctx, cancel := context.WithTimeout(ctx, f.cfg.Owner.Lease/20)
	defer cancel()
	for _, id := range ids {
		if _, owned := f.ownerOf(id, false); !owned || id.Kind() != ledger.KindStock || f.host.Owns(id) {
			continue
		}
		f.board.mu.RLock()
		n := f.board.ledgers[id]
		f.board.mu.RUnlock()
		select {
		case <-n.fresh:
		case <-ctx.Done():
		}
	}
	return nil
}

// follow makes room for what is to be known of stock ledgers.
func (b *board) follow(ids []ledger.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if id.Kind() == ledger.KindStock && b.ledgers[id] == nil {
			b.ledgers[id] = &notice{fresh: make(chan struct{})}
		}
	}
}

// run follows what it should until ctx ends.
func (b *board) run(ctx context.Context) {
	if b.f.alone() {
		return
	}
	following := map[ledger.ID]bool{}
	var followers sync.WaitGroup
	defer followers.Wait()
	for ctx.Err() == nil {
		if ids, err := b.f.world.List(ctx); err == nil && b.f.plans.Load() {
			b.follow(ids)
			for _, id := range ids {
				if id.Kind() == ledger.KindStock && !following[id] {
					following[id] = true
					followers.Go(func() { b.keepUp(ctx, id) })
				}
			}
		}
		b.f.pause(ctx, b.kicked, b.f.cfg.Owner.Lease/4)
	}
}

// keepUp follows one ledger, whoever owns it.
func (b *board) keepUp(ctx context.Context, id ledger.ID) {
	for ctx.Err() == nil {
		news := b.f.routes.news()
		pause := boardPause
		if b.f.host.Owns(id) || !b.f.plans.Load() {
			b.f.pause(ctx, news, b.f.cfg.Owner.Lease/4)
			continue
		}
		if err := b.ask(ctx, id); err != nil {
			pause = boardRetry
		}
		_ = ports.Sleep(ctx, b.f.world.Clock, pause) // the loop sees the end of ctx
	}
}

// ask asks the owner once.
func (b *board) ask(ctx context.Context, id ledger.ID) error {
	m, ok := b.f.ownerOf(id, true)
	if !ok {
		return b.f.seek(ctx, id)
	}
	b.mu.RLock()
	n := *b.ledgers[id]
	b.mu.RUnlock()
	ctx, cancel := context.WithTimeout(ctx, boardTimeout)
	defer cancel()
	a, err := ask[wire.LevelsAnswer](ctx, b.f, m, wire.AskLevels{Ledger: id, Epoch: n.epoch, After: n.upto})
	if err != nil {
		return err
	}
	if !a.Owned {
		b.f.routes.drop(id, m.ID)
		return b.f.seek(ctx, id)
	}
	b.show(id, a)
	if b.f.world.Heard != nil && a.Upto != n.upto {
		b.f.world.Heard(id)
	}
	return nil
}

// show notes an answer.
func (b *board) show(id ledger.ID, a wire.LevelsAnswer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := b.ledgers[id]
	if a.Whole || n.units == nil {
		if n.units == nil {
			close(n.fresh)
		}
		n.units = make(map[stock.SKU]int64, len(a.SKUs))
	}
	for _, s := range a.SKUs {
		n.units[s.SKU] = s.Units
	}
	n.epoch, n.upto = a.Epoch, a.Upto
}
