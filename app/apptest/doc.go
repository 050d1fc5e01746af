// Package apptest proves that the inventory keeps its promises whatever happens below it:
// History drives random commands through several processes on one store, while calls to
// the store and mail fail, are lost, repeated or late and processes are killed, frozen
// and restarted at any call; then it compares what was answered, what the journals say
// and what the tables hold. EveryAwait does a short history once for each call of the
// owner. OneWinner has many callers race for one unit.
//
// Tests of any store use it; nothing else may. It imports no adapter: a store and a clock
// are given to it. With the machine's clock in a testing/synctest bubble no time is spent
// waiting.
package apptest
