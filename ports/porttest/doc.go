// Package porttest proves that an adapter keeps the contracts of package ports: one suite
// per port, run by the tests of every adapter. Beside the suites it has what tests of the
// application need to make time and failures happen: Clock, and Faults, whose decorators
// stand between the application and a store.
//
// Only tests import it.
package porttest
