// Package relay derives rows from journal entries and writes them to the tables: events,
// stock levels by week, reservations and adjustments. It reads entries alone, never an
// owner's state, which may be ahead. It decides nothing.
package relay
