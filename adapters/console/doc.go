// Package console serves pages for people at /console: what there is, why it is so, and what can
// be done about it. Pages are whole HTML documents, made here of Go templates, that work without
// JavaScript; a little of it adds keys and keeps what changes fresh. Each page has an address of
// its own, so that one engineer can send another what they see.
//
// It decides nothing: a page calls use cases and shows their answers. It reads only, unless
// Options.Acts allows it to replay, discard and restore dead letters, which the desk of dead
// letters records with who and why, as it does of every way in.
//
// It drives the use cases rather than serving a port. Only cmd and tests import it.
package console
