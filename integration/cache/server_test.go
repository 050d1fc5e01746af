package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"inventory/adapters/redis"
	"inventory/integration/stack"
	"inventory/ports"
	"inventory/ports/porttest"
)

// server is a Redis of a test's own, which may be harmed.
type server struct {
	*testing.T
	st    *stack.Stack
	admin rueidis.Client
}

func newServer(t *testing.T) *server {
	st := suite.StartStack(t, stack.Redis)
	admin, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{st.Redis()}, DisableCache: true, ForceSingleClient: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(admin.Close)
	return &server{T: t, st: st, admin: admin}
}

// do runs a command.
func (s *server) do(words ...string) rueidis.RedisResult {
	s.Helper()
	r := s.admin.Do(context.Background(), s.admin.B().Arbitrary(words...).Build())
	if err := r.Error(); err != nil && !rueidis.IsRedisNil(err) {
		s.Fatalf("%v: %v", words, err)
	}
	return r
}

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// cache returns a cache in the server once it is connected.
func (s *server) cache() *redis.Cache {
	s.Helper()
	c, err := redis.New(redis.Config{Addrs: []string{s.st.Redis()}, Prefix: "test", TTL: time.Minute, Lease: time.Minute})
	s.must(err)
	s.Cleanup(c.Close)
	s.eventually("a cache answers", func() error {
		_, err := c.Get(s.Context(), []ports.LevelKey{{SKU: "A", WarehouseID: "W"}})
		return err
	})
	return c
}

// patience bounds each wait, far above what is normal.
const patience = 30 * time.Second

// eventually waits until something holds.
func (s *server) eventually(what string, holds func() error) {
	s.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for began := time.Now(); ; <-ticker.C {
		err := holds()
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			s.Fatalf("%s: not within %s: %v", what, patience, err)
		}
	}
}

func TestLevelCache(t *testing.T) {
	s := newServer(t)
	c := s.cache()
	porttest.LevelCache(t, func(_ *testing.T, times porttest.CacheTimes) ports.LevelCache {
		return c.Lasting(times.TTL, times.Lease)
	})
}

var (
	key   = ports.LevelKey{SKU: "A", WarehouseID: "W"}
	level = ports.CachedLevel{LevelKey: key, OnHand: 7, Version: 3, At: time.UnixMilli(1_800_000_000_000).UTC()}
)

// put has a level in the cache.
func (s *server) put(c ports.LevelCache, l ports.CachedLevel) {
	s.Helper()
	by := fmt.Sprint(time.Now().UnixNano())
	_, err := c.Claim(s.Context(), by, []ports.LevelKey{l.LevelKey})
	s.must(err)
	stored, err := c.Fill(s.Context(), by, []ports.CachedLevel{l})
	if err != nil || stored != 1 {
		s.Fatalf("filling in: stored %d, %v", stored, err)
	}
}

// found gives the version that the cache has, -1 where it has none.
func (s *server) found(c ports.LevelCache) int64 {
	s.Helper()
	all, err := c.Get(s.Context(), []ports.LevelKey{key})
	s.must(err)
	if !all[0].Found {
		return -1
	}
	return all[0].Level.Version
}

func (s *server) wantFound(c ports.LevelCache, version int64) {
	s.Helper()
	if is := s.found(c); is != version {
		s.Fatalf("found version %d, want %d", is, version)
	}
}

func TestALevelThatHasNoRoomAnyMoreIsGoneRatherThanOld(t *testing.T) {
	s := newServer(t)
	c := s.cache()
	s.put(c, level)
	s.do("CONFIG", "SET", "maxmemory", "1")
	newer := level
	newer.Version++
	s.must(c.Tell(t.Context(), []ports.CachedLevel{newer}))
	s.wantFound(c, -1)
	if _, err := c.Claim(t.Context(), "full", []ports.LevelKey{key}); !errors.Is(err, ports.ErrTransient) {
		t.Errorf("a claim in a full server: %v, want %v", err, ports.ErrTransient)
	}
	s.do("CONFIG", "SET", "maxmemory", "0")
	s.put(c, newer)
	s.wantFound(c, 4)
}

func TestTheScriptIsThereAgainAfterTheServerForgotIt(t *testing.T) {
	s := newServer(t)
	c := s.cache()
	s.put(c, level)
	s.do("SCRIPT", "FLUSH")
	level := level
	level.Version++
	s.must(c.Tell(t.Context(), []ports.CachedLevel{level}))
	s.wantFound(c, 4)
}

// What nobody of ours wrote is as good as nothing, and is written over.
func TestWhatIsNoLevelIsNone(t *testing.T) {
	s := newServer(t)
	c := s.cache()
	for _, text := range []string{"", "x", "1 2 3", "1 2 3 4 5", "1 2 3 x", "-1 2 3 4", "9999999999999999999 1 1 1"} {
		s.do("SET", "test:level1:W:A", text)
		s.wantFound(c, -1)
	}
	s.do("SET", "test:level1:W:A", "x")
	s.must(c.Tell(t.Context(), []ports.CachedLevel{level}))
	s.wantFound(c, 3)
}

func TestAServerThatIsSilentOrGoneCostsNoMoreThanIsAllowed(t *testing.T) {
	s := newServer(t)
	c := s.cache()
	s.put(c, level)
	for name, harm := range map[string]struct{ do, undo func() error }{
		"silent": {func() error { return s.st.Pause(stack.Redis) }, func() error { return s.st.Continue(stack.Redis) }},
		"gone":   {func() error { return s.st.Kill(stack.Redis) }, func() error { return s.st.Restart(context.Background(), stack.Redis) }},
	} {
		s.must(harm.do())
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			began := time.Now()
			_, err := c.Get(ctx, []ports.LevelKey{key})
			if took := time.Since(began); err == nil || took > 2*time.Second {
				t.Errorf("%s: after %s: %v, want an error at once", name, took, err)
			}
			cancel()
		}
		s.must(harm.undo())
		s.eventually("it answers again", func() error {
			_, err := c.Get(t.Context(), []ports.LevelKey{key})
			return err
		})
		s.put(c, ports.CachedLevel{LevelKey: ports.LevelKey{SKU: name, WarehouseID: "W"}, At: level.At})
	}
}

func TestACacheIsMadeWhileNoServerIsThereAndFindsItLater(t *testing.T) {
	s := newServer(t)
	s.must(s.st.Kill(stack.Redis))
	c, err := redis.New(redis.Config{Addrs: []string{s.st.Redis()}, Prefix: "test", TTL: time.Minute, Lease: time.Minute})
	s.must(err)
	defer c.Close()
	if _, err := c.Get(t.Context(), []ports.LevelKey{key}); !errors.Is(err, ports.ErrTransient) {
		t.Errorf("without a server: %v, want %v", err, ports.ErrTransient)
	}
	s.must(s.st.Restart(t.Context(), stack.Redis))
	s.eventually("it answers", func() error {
		_, err := c.Get(t.Context(), []ports.LevelKey{key})
		return err
	})
}

func TestAPasswordThatIsWrongIsNamed(t *testing.T) {
	s := newServer(t)
	s.do("ACL", "SETUSER", "inventory", "on", ">right", "~*", "+@all")
	for password, want := range map[string]ports.Class{"right": ports.None, "wrong": ports.Transient} {
		c, err := redis.New(redis.Config{
			Addrs: []string{s.st.Redis()}, Username: "inventory", Password: password, Prefix: "test", TTL: time.Minute, Lease: time.Minute,
		})
		s.must(err)
		s.eventually(password+" password", func() error {
			if _, err := c.Get(t.Context(), []ports.LevelKey{key}); ports.ClassOf(err) != want || err != nil && !containsAuth(err) {
				return fmt.Errorf("found %w", err)
			}
			return nil
		})
		c.Close()
	}
}

func containsAuth(err error) bool { return strings.Contains(err.Error(), "WRONGPASS") }
