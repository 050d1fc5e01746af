// Package letter knows dead letters: records that could not be handled, what has become of
// them since, and the jobs that replay them.
//
// Letters lie in logs that are never changed. What people and jobs do with them is in Notes, one
// log of its own, and a Book is the fold of both: everybody who reads the same has the same
// Book. It is pure: no clock, no I/O.
package letter
