package main

import (
	"context"
	"errors"
	"fmt"

	"inventory/adapters/cassandra"
	"inventory/adapters/memory"
	"inventory/adapters/sqlite"
	"inventory/adapters/system"
	"inventory/app"
	"inventory/ports"
)

// store is all that a store does for the program.
type store interface {
	app.Store
	ports.GlobalTable
}

// opened is a store and how to let go of it.
type opened struct {
	store
	clock ports.StoreClock // nil: the machine's own
	close func() error
}

// openStore opens the store of the settings, and sees to it that it is fit for use.
func openStore(ctx context.Context, s *settings) (opened, error) {
	switch s.Store {
	case storeSQLite:
		return openSQLite(ctx, s.DataDir)
	case storeCassandra:
		return openCassandra(ctx, s.cassandra())
	case storeMemory:
		return opened{memory.New(), nil, func() error { return nil }}, nil
	}
	return opened{}, fmt.Errorf("%w: store %q", errUsage, s.Store)
}

// openSQLite locks the data directory before it touches anything in it.
func openSQLite(ctx context.Context, dir string) (opened, error) {
	unlock, err := sqlite.Lock(dir)
	if err != nil {
		return opened{}, err
	}
	store, err := unlockedSQLite(ctx, dir)
	if err != nil {
		return opened{}, errors.Join(err, unlock())
	}
	return opened{store, nil, func() error { return errors.Join(store.close(), unlock()) }}, nil
}

// unlockedSQLite opens a store in a directory that this process has locked.
func unlockedSQLite(ctx context.Context, dir string) (opened, error) {
	store, err := sqlite.Open(ctx, dir, sqlite.Options{Clock: system.Clock{}})
	if err != nil {
		return opened{}, err
	}
	return opened{store, nil, store.Close}, nil
}

func openCassandra(ctx context.Context, cfg cassandra.Config) (opened, error) {
	store, err := cassandra.Open(ctx, cfg)
	if errors.Is(err, ports.ErrTransient) {
		return opened{}, fmt.Errorf("%w\nIs Cassandra up, and is --cassandra-hosts right? --store=sqlite needs no server", err)
	}
	if err != nil {
		return opened{}, err
	}
	if err := store.Check(ctx); err != nil {
		store.Close()
		return opened{}, err
	}
	return opened{store, store, func() error { store.Close(); return nil }}, nil
}
