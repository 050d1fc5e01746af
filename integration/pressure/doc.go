// Package pressure has tests of the real binary under more work than it can do: what waits is
// bounded, who comes beyond the bounds is told so at once, and nothing is lost.
package pressure
