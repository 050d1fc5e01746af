package ports

import (
	"context"
	"fmt"

	"inventory/domain/ledger"
)

// Head is what a journal says of its ledger beside the entries. The zero Head is of a
// ledger that never had an owner.
type Head struct {
	Version  int64  // of the newest entry, 0 before the first
	Epoch    int64  // raised by each taking over, 0 before the first
	Owner    string // id of the process start that owns it; empty: given up
	Lease    int64  // a counter that each commit and renewal moves
	Relayed  int64  // newest entry that is written to the tables, as far as commits have told
	Trimmed  int64  // entries up to here are gone or to be ignored
	Snapshot SnapshotRef
}

// SnapshotRef points to a snapshot: the state after the entry Version, written under
// Epoch in Chunks pieces whose concatenation has the CRC-32C Checksum. The zero ref is
// of none: the journal then starts at version 1.
type SnapshotRef struct {
	Version  int64
	Epoch    int64
	Chunks   int
	Checksum uint32
}

// Record is an encoded entry. Commit is the entry's commit id.
type Record struct {
	Version int64
	Commit  ledger.UUID
	Body    []byte
}

// Commit is one conditional write of an owner: it is applied if the ledger's epoch is
// Epoch, its newest entry is Version and its lease counter is not above Lease, or not at all:
// one that lands late moves neither Lease nor Relayed back.
type Commit struct {
	Epoch   int64
	Version int64   // of the newest entry before this write
	Lease   int64   // what the lease counter becomes; not below what it was
	Relayed int64   // what Relayed becomes
	Entry   *Record // the entry Version+1; nil: only Lease and Relayed move
	Resign  bool    // the owner gives the ledger up: Head.Owner becomes empty
}

// CheckEntry refuses (ErrPermanent) an entry that no journal could hold: one that is not
// the next, or whose body has more than most bytes.
func (c Commit) CheckEntry(most int) error {
	switch e := c.Entry; {
	case e == nil:
		return nil
	case e.Version != c.Version+1:
		return fmt.Errorf("%w: entry %d after version %d", ErrPermanent, e.Version, c.Version)
	case len(e.Body) > most:
		return fmt.Errorf("%w: entry %d has %d bytes, at most %d are taken", ErrPermanent, e.Version, len(e.Body), most)
	}
	return nil
}

// Trim is a conditional write of an owner: the pointer moves to Snapshot and entries up
// to Upto are removed. It is applied if the ledger's epoch is Epoch and neither the
// pointer's version nor Trimmed would go back, so that one that lands late can't bring
// back a snapshot that is dropped already.
type Trim struct {
	Epoch    int64
	Snapshot SnapshotRef // applied if its Version is not below Head.Snapshot's
	Upto     int64       // not above Snapshot.Version; applied if not below Head.Trimmed
}

// Journal keeps the entries of ledgers. Every write is atomic and durable when it
// returns nil.
//
// Writes return ErrConflict where the condition did not hold: the write is not in the
// journal and never will be (or its entry is trimmed by now, and nobody can tell).
// ErrTransient and ErrPermanent say that it is certainly not in the journal; ErrUnknown
// that nobody knows, and that it may even land later. An unknown write is settled by making
// it again.
type Journal interface {
	// Head reads the head of a ledger; the zero Head where there is none. It may be a
	// little old, and never disturbs the owner.
	Head(ctx context.Context, id ledger.ID) (Head, error)

	// TakeOver makes owner (an id that no other start of a process ever has) the ledger's
	// owner, if its epoch and its lease counter are still those of seen, a head that was read
	// before; it makes the ledger if seen is the zero Head. So an owner that was only believed
	// dead, and has moved its lease meanwhile, keeps its ledger, however long whoever takes
	// over was held up after looking. It returns the new head, whose epoch is above seen's;
	// nothing that was started under an older epoch can be applied after that. Made again with
	// the same arguments after an unknown outcome, it returns the head of the epoch that the
	// first call made. ErrConflict: another was first, or the owner lives.
	TakeOver(ctx context.Context, id ledger.ID, owner string, seen Head) (Head, error)

	// Commit makes a conditional write. It is idempotent: an entry with a commit id that is
	// in the journal at its version already gives nil, whatever the epoch now is.
	// ErrPermanent where the entry is larger than the store takes.
	Commit(ctx context.Context, id ledger.ID, c Commit) error

	// Trim makes a conditional write; it is idempotent.
	Trim(ctx context.Context, id ledger.ID, t Trim) error
}

// JournalReader reads entries back.
type JournalReader interface {
	// Entries calls take for each entry above after and up to upto, in order and without
	// gaps, and stops at the first error of take, which it returns. take may keep the record
	// and may call the store. ErrPermanent where an entry of the range is missing. With
	// settled, it sees all that was applied before the call (for an owner that has just
	// taken over); else it may stop short of what is newest, which is no error, and never
	// disturbs the owner.
	Entries(ctx context.Context, id ledger.ID, after, upto int64, settled bool, take func(Record) error) error
}

// Snapshots keeps snapshots in chunks.
type Snapshots interface {
	// WriteSnapshot stores the chunks of a snapshot; nothing points to it yet. Idempotent;
	// durable on nil.
	WriteSnapshot(ctx context.Context, id ledger.ID, ref SnapshotRef, chunks [][]byte) error
	// ReadSnapshot returns the concatenated chunks. ErrPermanent where a chunk is missing or
	// the checksum differs: the message says which.
	ReadSnapshot(ctx context.Context, id ledger.ID, ref SnapshotRef) ([]byte, error)
	// DropSnapshot removes a snapshot that nothing points to any more. Idempotent.
	DropSnapshot(ctx context.Context, id ledger.ID, ref SnapshotRef) error
}
