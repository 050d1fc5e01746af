// Package wire is the language in which the members of a fleet speak with each other: commands
// for ledgers that another member owns, what became of them, mail between ledgers, levels and
// status, as bytes for ports.Wire.
//
// Members of different versions speak during a rolling upgrade. So every kind of message, of
// command, of outcome and of error has a number that is fixed for ever, bytes are guarded by
// golden files, and what a member does not know is an ErrUnknownMessage, never a guess. Something
// new gets a new number; what is framed can also be given fields at its end.
//
// It imports domain and ports. app/owner, and what is above it, speak it; it knows nothing of
// who owns what, of connections or of retries.
package wire
