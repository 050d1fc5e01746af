// Package cache proves that Redis is fast where it is there and nothing where it isn't: the cache of
// levels on a real server that is full, frozen, flushed and killed, beneath processes on real
// servers.
package cache
