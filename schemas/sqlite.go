package schemas

import "embed"

// SQLite has the migrations of the SQLite database as sqlite/NNNN_name.sql, applied in
// the order of their numbers. Tables and columns have the names that they have in CQL, so
// that the same questions are asked of either. A file that has been released never
// changes.
//
//go:embed sqlite/*.sql
var SQLite embed.FS
