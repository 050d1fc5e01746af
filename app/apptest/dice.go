package apptest

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"inventory/domain/ledger"
)

// dice is a seeded source of chance for many goroutines.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func newDice(seed, stream uint64) *dice {
	return &dice{rng: rand.New(rand.NewPCG(seed, stream))}
}

// below gives 0 to n-1.
func (d *dice) below(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// chance is true with probability p.
func (d *dice) chance(p float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64() < p
}

// upto gives a duration from 0 to most.
func (d *dice) upto(most time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.rng.Int64N(int64(most) + 1))
}

// around gives a random duration whose mean is mean.
func (d *dice) around(mean time.Duration) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Duration(d.rng.ExpFloat64() * float64(mean))
}

// uuid gives an id that it has not given before.
func (d *dice) uuid() ledger.UUID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var u ledger.UUID
	binary.BigEndian.PutUint64(u[:8], d.rng.Uint64())
	binary.BigEndian.PutUint64(u[8:], d.rng.Uint64())
	return u
}

// pick gives one of the choices.
func pick[T any](d *dice, choices []T) T { return choices[d.below(len(choices))] }
