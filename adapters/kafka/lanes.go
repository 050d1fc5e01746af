package kafka

import (
	"context"
	"hash/maphash"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/ThreeDotsLabs/watermill/message"
)

// laneSeed makes lanes independent of how keys were spread over partitions: with the
// producers' own hash, all keys of a partition could fall in one lane.
var laneSeed = maphash.MakeSeed()

// nackGrowth is how much longer than at first a nacked message waits in the end.
const nackGrowth = 100

// partition hands the records of one claim to lanes, and knows what is done.
type partition struct {
	ctx    context.Context // of messages: ended when in-flight time is over
	cancel context.CancelFunc
	// stopping is closed when nothing new may begin.
	stopping chan struct{}

	pause time.Duration // before a nacked message comes again, at first

	out  chan<- *message.Message
	mark func(next int64) // says where to resume
	busy func(delta int)  // says how many lanes began or ended

	running sync.WaitGroup // lanes
	room    chan struct{}  // holds a token when the window may have room

	mu     sync.Mutex // guards what follows
	window window
	lanes  []lane // the last is of records without a key
}

// lane is a queue of records that are handled one after the other.
type lane struct {
	queue  []job
	active bool // a goroutine is at it
}

// job is a record in a lane.
type job struct {
	message *sarama.ConsumerMessage
	flight  *inFlight
}

func newPartition(ctx context.Context, c Config, out chan<- *message.Message, mark func(int64), busy func(int)) *partition {
	p := &partition{
		stopping: make(chan struct{}),
		pause:    c.NackPause,
		out:      out,
		mark:     mark,
		busy:     busy,
		room:     make(chan struct{}, 1),
		window:   window{mostRecords: c.Window, mostBytes: c.WindowBytes},
		lanes:    make([]lane, c.Lanes+1),
	}
	p.ctx, p.cancel = context.WithCancel(ctx)
	return p
}

// laneOf picks a lane by key; those without one share the last.
func (p *partition) laneOf(key []byte) int {
	keyed := len(p.lanes) - 1
	if len(key) == 0 {
		return keyed
	}
	return int(maphash.Bytes(laneSeed, key) % uint64(keyed))
}

// read takes records until end, or until there are no more.
func (p *partition) read(end <-chan struct{}, records <-chan *sarama.ConsumerMessage) {
	for {
		select {
		case <-end: // before all that is buffered
			return
		default:
		}
		select {
		case m, ok := <-records:
			if !ok || !p.take(end, m) {
				return
			}
		case <-end:
			return
		}
	}
}

// take puts a record into its lane as soon as the window has room. False: end came first.
func (p *partition) take(end <-chan struct{}, m *sarama.ConsumerMessage) bool {
	for !p.enqueue(m) {
		select {
		case <-p.room:
		case <-end:
			return false
		}
	}
	return true
}

// enqueue puts a record into its lane, and wakes the lane, unless the window is full.
func (p *partition) enqueue(m *sarama.ConsumerMessage) bool {
	bytes := size(m)
	at := p.laneOf(m.Key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window.full(bytes) {
		return false
	}
	l := &p.lanes[at]
	l.queue = append(l.queue, job{m, p.window.add(m.Offset, bytes)})
	if !l.active {
		l.active = true
		p.running.Go(func() { p.run(l) })
	}
	return true
}

// run handles what is in a lane, until it is empty or the partition stops.
func (p *partition) run(l *lane) {
	p.busy(1)
	defer p.busy(-1)
	for {
		j, ok := p.next(l)
		if !ok || !p.deliver(j.message) {
			return
		}
		p.finish(j.flight)
	}
}

// next takes a lane's first record. False: the lane has ended.
func (p *partition) next(l *lane) (job, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(l.queue) == 0 {
		l.queue = nil
		l.active = false
		return job{}, false
	}
	j := l.queue[0]
	l.queue[0] = job{}
	l.queue = l.queue[1:]
	return j, true
}

// finish marks what is done up to the first record that is not.
func (p *partition) finish(r *inFlight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if next, moved := p.window.finish(r); moved {
		p.mark(next)
	}
	select {
	case p.room <- struct{}{}:
	default:
	}
}

// deliver sends a record as a message, again and again until one is acked. False: the
// partition stopped before that.
func (p *partition) deliver(m *sarama.ConsumerMessage) bool {
	record := recordOf(m)
	pause := backoff{least: p.pause, most: p.pause * nackGrowth}
	for {
		acked, again := p.attempt(&record)
		if acked || !again {
			return acked
		}
		if !pause.wait(p.ctx, p.stopping) {
			return false
		}
	}
}

// attempt sends a record once and waits for what becomes of it.
func (p *partition) attempt(r *Record) (acked, again bool) {
	select {
	case <-p.stopping:
		return false, false
	default:
	}
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	m := newMessage(messageContext{ctx, r, p.stopping}, r)
	select {
	case p.out <- m:
	case <-p.stopping:
		return false, false
	case <-p.ctx.Done():
		return false, false
	}
	select {
	case <-m.Acked():
		return true, false
	case <-m.Nacked():
		return false, true
	case <-p.ctx.Done():
		return false, false
	}
}

// drain ends the partition: nothing new begins, messages in flight get a while to be acked,
// then their contexts end. Nothing is marked after it returns.
func (p *partition) drain(within time.Duration) {
	close(p.stopping)
	t := time.AfterFunc(within, p.cancel)
	defer t.Stop()
	p.running.Wait()
	p.cancel()
}
