// Package schemas holds what the program shares with the world outside it: table
// definitions, and whatever else has to be the same for every version of the program.
//
// It has files, and the bounds of what others write of their kind. Adapters and commands read
// them.
package schemas

import "embed"

// CQL has the migrations of the Cassandra keyspace as cql/NNNN_name.cql. They are applied
// in the order of their numbers and name no keyspace: the session does. A file that has
// been released never changes.
//
//go:embed cql/*.cql
var CQL embed.FS
