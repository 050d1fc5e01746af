package owner

import (
	"context"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Config sets how ledgers are run. Every bound is there so that a process under load
// refuses work instead of growing.
type Config struct {
	// Owner is the id of this start of the process: no other start ever has it.
	Owner string
	// Seize takes ledgers over without waiting for a lease to run out: for a store that
	// only one process can open.
	Seize bool
	// Lease is how long it takes at most until another process notices that one has died, and
	// takes its ledgers. Tests make it short.
	Lease time.Duration
	// MaxSkew is how far this process's clock may be off the store's. Beyond it the process
	// owns nothing.
	MaxSkew time.Duration
	// ClockCheck is how often the clock is compared with the store's.
	ClockCheck time.Duration
	// CommitTimeout bounds one attempt to write; the write is made again until its outcome
	// is known.
	CommitTimeout time.Duration
	// Mailbox bounds the commands that wait; beyond it callers are told ErrOverloaded.
	Mailbox int
	// MailRoom bounds the mail that waits; what finds no room is sent again later.
	MailRoom int
	// Batch bounds the commands, and as many mails, deadlines and records to forget, that
	// one entry decides.
	Batch int
	// EntryBytes is about how large an entry may be.
	EntryBytes int
	// RelayLag bounds the changes of entries that are committed and not yet written to the
	// tables; beyond it the ledger takes no more work. From half of it on rows are not spaced
	// out any more while callers wait.
	RelayLag int
	// RelayLinger is how long committed entries may gather before they are written.
	RelayLinger time.Duration
	// HoldBack is how long a busy ledger's relay may hold rows back that cost less when more
	// of them come, and all rows while deadlines wait. They are written at once when it is quiet.
	HoldBack time.Duration
	// SnapshotBytes is the least size of the journal's tail at which a snapshot is taken.
	SnapshotBytes int
	// Resend is how long mail may stay unacknowledged before it is sent again.
	Resend time.Duration
	// Idle is how long a ledger rests before it notes on its own what was relayed.
	Idle time.Duration
}

// DefaultConfig has the values for production; Owner is still to be set.
func DefaultConfig() Config {
	return Config{
		Lease: 10 * time.Second, MaxSkew: 2 * time.Second, ClockCheck: 10 * time.Second, CommitTimeout: 5 * time.Second,
		Mailbox: 8192, MailRoom: 16384, Batch: 512, EntryBytes: 256 << 10,
		RelayLag: 512 << 10, RelayLinger: 50 * time.Millisecond, HoldBack: 3 * time.Second, SnapshotBytes: 64 << 20,
		Resend: 500 * time.Millisecond, Idle: 200 * time.Millisecond,
	}
}

// Of a lease a quarter is for noticing that a process is silent, a half for watching its ledgers,
// which may be alive all the same, and the rest for the time between two looks.

// silence is how long a ledger must show no sign of its owner before another may take it.
func silence(lease time.Duration) time.Duration { return lease / 2 }

// certainty is how long an owner is certain that no other has the ledger: less than silence,
// and counted from before it sent what moved the lease.
func certainty(lease time.Duration) time.Duration { return lease * 9 / 20 }

// renewal is how long an owner that has nothing to write waits before it moves the lease.
func renewal(lease time.Duration) time.Duration { return lease / 6 }

// Kind makes the machines of one kind of ledger.
type Kind struct {
	New          func(ledger.ID) ledger.Machine
	DecodeState  func([]byte) (ledger.Machine, error)
	DecodeChange ledger.ChangeDecoder
}

// Relay publishes and writes what follows from the entries of one ledger, which come in
// order. Each call is made again, with the same entries, until it returns nil. Publish runs
// beside Write and Flush, ahead of them.
type Relay interface {
	// Publish tells the world of the entries, at once.
	Publish(ctx context.Context, entries []*ledger.Entry) error
	// Write writes the entries' rows. It may hold some back until Flush.
	Write(ctx context.Context, entries []*ledger.Entry) error
	// Flush writes what Write held back.
	Flush(ctx context.Context) error
}

// World is all that a Host needs of its surroundings.
type World struct {
	Journal   ports.Journal
	Reader    ports.JournalReader
	Snapshots ports.Snapshots
	Archive   ports.Archive
	Clock     ports.Clock
	// StoreClock is what the clock is compared with; nil where only processes on one machine
	// use the store.
	StoreClock ports.StoreClock
	Observer   ports.Observer
	// Relay makes the relay of one tenure of a ledger; sure tells, at any time, whether this
	// process is certain to own the ledger still, and spaced whether rows are to leave room at
	// the store for what callers wait for.
	Relay func(id ledger.ID, sure, spaced func() bool) Relay
	Kinds map[ledger.Kind]Kind
	// Learn, where set, is called after each taking over and before the ledger decides
	// anything: what else it decides by must be no older than its journal.
	Learn func(context.Context, ledger.ID) error
	// CommitID gives ids for attempts to write entries: no two are ever alike.
	CommitID func() ledger.UUID
	// Watch, where set, is told each entry that this process commits: once, when it is
	// durable, and never on replay. The ledger waits meanwhile.
	Watch func(ledger.ID, *ledger.Entry)
}
