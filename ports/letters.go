package ports

import (
	"context"

	"inventory/domain/letter"
)

// LetterNotesTopic is the topic of what people and jobs did with dead letters, without the
// deployment's prefix. It has one partition, and is compacted.
const LetterNotesTopic = "inventory.letters.v1"

// LetterLog is the topics of dead letters: append-only logs.
type LetterLog interface {
	// Read hands over what came since the last call, or all there is the first time, up to what
	// the topics have when it is called; that includes all whose Append has returned. The
	// letters of a partition come in order, partitions in any. The letter is take's to keep,
	// but for its Value and Headers. After an error it may be called again and goes on where
	// it was. One call at a time. ErrTransient where the brokers can't be reached.
	Read(ctx context.Context, take func(letter.Letter)) error
	// Fetch reads letters again by their places, in any order, and hands each over with its
	// index in places, in any order; take may keep it. ErrTransient where the brokers can't be
	// reached, ErrPermanent that names the place where a letter is there no more.
	Fetch(ctx context.Context, places []letter.Place, take func(i int, l letter.Letter)) error
	// Append writes letters with their ids, key, value, headers and what Meta says of their death,
	// to their Topic's dead letters; their places are the log's to choose, by the key. Durable on
	// nil; after an error some may be there. ErrTransient, ErrPermanent (one is too large).
	Append(ctx context.Context, letters []letter.Letter) error
}

// LetterNotes is the log of notes: one order for all who read it.
type LetterNotes interface {
	// Read hands over the notes that came since the last call, or all that are kept the first
	// time, in the log's order, up to what it has when it is called; that includes all whose
	// Append has returned. A note that this version does not know is left out. After an error it
	// may be called again and goes on where it was. One call at a time. ErrTransient.
	Read(ctx context.Context, take func(letter.Note)) error
	// Append writes notes, in this order. Durable on nil; after an error some may be there, and
	// writing the same ones again is safe. ErrTransient.
	Append(ctx context.Context, notes []letter.Note) error
}

// OrderEventText turns the values of records of an order event topic into text and back.
type OrderEventText interface {
	// Text gives a value as JSON, one object, as its writer's schema has it. Errors: as of
	// OrderEventDecoder.Decode.
	Text(ctx context.Context, topic string, value []byte) ([]byte, error)
	// FromText makes a value of an object as Text gives it, with the newest schema of the
	// topic. Unknown fields and fields that are missing, of another type or out of bounds are
	// an ErrUnreadable that names each; ErrTransient where the registry has to be asked and
	// can't be.
	FromText(ctx context.Context, topic string, text []byte) ([]byte, error)
}
