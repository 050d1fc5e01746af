// Package contract holds Avro schemas against each other: whether what was written with one can be read with another, where
// not and why, and what of a change Avro allows and people regret.
//
// It follows Apache Avro's SchemaCompatibility, with all faults rather than some, and says what to do in words. It knows
// schemas as texts: it reads no files and encodes nothing. Anyone may import it.
package contract
