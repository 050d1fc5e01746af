package redis

import (
	"fmt"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"inventory/ports"
)

const (
	// atOnce bounds the calls under way: those of a server that is silent wait in memory, and
	// the library's queue, which has room for twice as many, would block who comes beyond.
	atOnce = 512
	// again is how long after a connection could not be made it is tried again.
	again = time.Second
)

// link is the way to Redis. The library wants a server that answers before it makes a client, and
// looks for a new connection by itself from then on: so the client is made beside what
// needs it, and again until there is one.
type link struct {
	option rueidis.ClientOption
	room   chan struct{} // has an element for each call under way

	mu      sync.Mutex
	client  rueidis.Client // nil: there never was a connection
	err     error          // why
	tried   time.Time
	closed  bool
	working sync.WaitGroup
}

func newLink(option rueidis.ClientOption) *link {
	l := &link{option: option, room: make(chan struct{}, atOnce)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.connect()
	return l
}

// take gives the client for a call; done is to be called after it. Errors: ports.ErrTransient.
func (l *link) take() (client rueidis.Client, done func(), err error) {
	select {
	case l.room <- struct{}{}:
	default:
		return nil, nil, fmt.Errorf("%w: redis: %d calls are under way", ports.ErrTransient, atOnce)
	}
	if client, err = l.connected(); err != nil {
		<-l.room
		return nil, nil, err
	}
	return client, func() { <-l.room }, nil
}

func (l *link) connected() (rueidis.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return nil, fmt.Errorf("%w: redis: closed", ports.ErrPermanent)
	case l.client != nil:
		return l.client, nil
	case time.Since(l.tried) >= again:
		l.connect()
	}
	if l.err != nil {
		return nil, fmt.Errorf("%w: redis: no connection: %w", ports.ErrTransient, l.err)
	}
	return nil, fmt.Errorf("%w: redis: no connection yet", ports.ErrTransient)
}

// connect tries to connect, beside what its caller does; l.mu is held.
func (l *link) connect() {
	l.tried = time.Now().Add(time.Hour) // not again meanwhile
	l.working.Go(func() {
		client, err := rueidis.NewClient(l.option)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tried, l.err = time.Now(), err
		switch {
		case err != nil:
		case l.closed:
			client.Close()
		default:
			l.client = client
		}
	})
}

func (l *link) close() {
	l.mu.Lock()
	client := l.client
	l.client, l.closed = nil, true
	l.mu.Unlock()
	l.working.Wait()
	if client != nil {
		client.Close()
	}
}
