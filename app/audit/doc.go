// Package audit proves that the journals and all that is derived from them say the same: the
// owner's memory, the tables, the topic of stock levels, and the ledgers among each other. It
// follows each journal with a state of its own, reads the tables a share at a time, and
// tells a difference only when it was there each time that it looked. It corrects nothing,
// but for levels that the topic lacks, which it publishes again and tells.
//
// It is used by package app; what it needs of the ledgers it asks package owner for.
package audit
