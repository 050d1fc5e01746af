package owner

import (
	"context"
	"slices"
	"sync"

	"inventory/domain/ledger"
)

// request is a command on its way through a ledger.
type request struct {
	ctx      context.Context // of the caller
	cmd      ledger.Command
	wait     bool // the caller wants to see the effect, not only that it is certain
	recalled ledger.Recalled
	pin      ledger.UUID // looked up, and not to be forgotten until this is decided
	err      error       // the look-up failed
	reply    chan answer // has room for the one answer
}

type answer struct {
	outcome any
	err     error
}

// answer is called once; its caller may have gone.
func (r *request) answer(outcome any, err error) { r.reply <- answer{outcome, err} }

// letter is mail that arrived from another ledger.
type letter struct {
	from ledger.ID
	mail ledger.Mail
}

// work is what one turn of the loop takes from the mailbox.
type work struct {
	letters  []letter
	requests []*request
	acks     map[ledger.ID]int64 // by peer: mail up to here is in its journal
	resend   map[ledger.ID]bool  // peers that mail is to be sent to again
}

// mailbox is where everybody leaves work for a ledger's loop. Commands, mail and commands
// that come back from a look-up or a wait have room and shares of their own.
type mailbox struct {
	mu       sync.Mutex
	cfg      Config
	shutting bool // takes no new commands
	closed   bool
	commands []*request
	again    []*request
	letters  []letter
	acks     map[ledger.ID]int64
	resend   map[ledger.ID]bool // peers that have a new owner
	wake     chan struct{}      // has room for one sign
}

func newMailbox(cfg Config) *mailbox {
	return &mailbox{cfg: cfg, acks: map[ledger.ID]int64{}, wake: make(chan struct{}, 1)}
}

func (m *mailbox) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// offer leaves a new command, or refuses it at once.
func (m *mailbox) offer(r *request) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed || m.shutting:
		return ErrNotOwner
	case len(m.commands) >= m.cfg.Mailbox:
		return ErrOverloaded
	}
	m.commands = append(m.commands, r)
	m.signal()
	return nil
}

// giveBack leaves commands that had their place before, ahead of new ones.
func (m *mailbox) giveBack(rs ...*request) {
	m.mu.Lock()
	closed := m.closed
	if !closed {
		m.again = append(m.again, rs...)
	}
	m.mu.Unlock()
	if closed {
		answerAll(rs, ErrNotOwner)
		return
	}
	m.signal()
}

// receive leaves mail; what finds no room is dropped, since its sender sends it again.
func (m *mailbox) receive(from ledger.ID, mail []ledger.Mail) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	for _, one := range mail[:min(len(mail), max(0, m.cfg.MailRoom-len(m.letters)))] {
		m.letters = append(m.letters, letter{from, one})
	}
	m.signal()
}

// acknowledge notes that a peer's journal has the mail up to a number.
func (m *mailbox) acknowledge(peer ledger.ID, upto int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if upto > m.acks[peer] {
		m.acks[peer] = upto
		m.signal()
	}
}

// resendTo asks for mail to be sent again that a peer has not acknowledged.
func (m *mailbox) resendTo(peer ledger.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resend == nil {
		m.resend = map[ledger.ID]bool{}
	}
	m.resend[peer] = true
	m.signal()
}

// shut refuses new commands; what waits can still be taken.
func (m *mailbox) shut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shutting = true
}

// take removes what one turn may decide. More may be left: then the loop is signalled.
func (m *mailbox) take() work {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := work{acks: m.acks, resend: m.resend}
	m.acks, m.resend = map[ledger.ID]int64{}, nil
	w.letters, m.letters = cut(m.letters, m.cfg.Batch)
	again, rest := cut(m.again, m.cfg.Batch)
	fresh, waiting := cut(m.commands, m.cfg.Batch)
	m.again, m.commands = rest, waiting
	w.requests = slices.Concat(again, fresh)
	if len(m.letters)+len(m.again)+len(m.commands) > 0 {
		m.signal()
	}
	return w
}

// waiting is how much work there is.
func (m *mailbox) waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.commands) + len(m.again) + len(m.letters)
}

// putBack leaves mail that one turn had no room for, ahead of what came since.
func (m *mailbox) putBack(letters []letter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed && len(letters) > 0 {
		m.letters = append(letters, m.letters...)
		m.signal()
	}
}

// close refuses all further work and returns the requests that wait.
func (m *mailbox) close() []*request {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	left := slices.Concat(m.again, m.commands)
	m.again, m.commands, m.letters = nil, nil, nil
	return left
}

// cut splits off the first n at most.
func cut[T any](s []T, n int) (first, rest []T) {
	n = min(n, len(s))
	return s[:n:n], s[n:]
}

func answerAll(rs []*request, err error) {
	for _, r := range rs {
		r.answer(nil, err)
	}
}
