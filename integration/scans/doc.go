// Package scans lets machines scan at the real binary, on real servers: through a connection that
// is cut again and again, in a burst beside live orders, and as the documents say.
package scans
