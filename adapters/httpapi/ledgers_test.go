package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"inventory/adapters/memory"
	"inventory/app/fleet"
	"inventory/ports"
)

// wires reach the processes of a test by their addresses.
type wires struct {
	mu sync.Mutex
	at map[string]ports.WireHandler
}

// Call implements ports.Wire.
func (w *wires) Call(ctx context.Context, addr string, request []byte) ([]byte, error) {
	if to := w.to(addr); to != nil {
		return to.Answer(ctx, request), nil
	}
	return nil, fmt.Errorf("%w: connection refused", ports.ErrTransient)
}

// Tell implements ports.Wire.
func (w *wires) Tell(addr string, message []byte) {
	if to := w.to(addr); to != nil {
		to.Hear(message)
	}
}

func (w *wires) to(addr string) ports.WireHandler {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at[addr]
}

// plug has a process reached at an address, or nobody any more.
func (w *wires) plug(addr string, h ports.WireHandler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at[addr] = h
}

// told is a ledger as a client reads it; nil where the answer has no such member.
type told struct {
	Ledger, Owner                                 string
	OwnerAddr                                     *string `json:"owner_addr"`
	Epoch, Version, Relayed, Waiting, Mail, Holds *int64
	RelayLag                                      *int64 `json:"relay_lag"`
}

// numbers gives all members that a ledger without a known owner has not.
func (l told) numbers() []*int64 {
	return []*int64{l.Epoch, l.Version, l.Relayed, l.RelayLag, l.Waiting, l.Mail, l.Holds}
}

// ledgers reads the ledgers of a path.
func (c *client) ledgers(path string) (list map[string]told, unanswered []string) {
	c.t.Helper()
	var body struct {
		Ledgers    []told
		Unanswered []string
	}
	got := c.call("GET "+path, "").want(200)
	if err := json.Unmarshal(got.body, &body); err != nil {
		c.t.Fatal(err)
	}
	list = map[string]told{}
	var names []string
	for _, l := range body.Ledgers {
		list[l.Ledger] = l
		names = append(names, l.Ledger)
	}
	if !slices.IsSorted(names) || len(names) != len(list) {
		c.t.Errorf("not in order, or twice: %s", got.body)
	}
	return list, body.Unanswered
}

// ownersOf counts the ledgers of each owner.
func ownersOf(list map[string]told) map[string]int {
	owners := map[string]int{}
	for _, l := range list {
		owners[l.Owner]++
	}
	return owners
}

// pair runs two processes on one store, which share four reservation ledgers and two stock
// ledgers out.
func pair(t *testing.T) (w *wires, first, second *client) {
	t.Helper()
	store := memory.New()
	w = &wires{at: map[string]ports.WireHandler{}}
	var clients []*client
	for _, name := range []string{"a", "b"} {
		in := beginWith(t, store, w, fleet.Config{Name: name, Addr: name + ":7070"})
		w.plug(name+":7070", in.Wire())
		clients = append(clients, serve(t, in, Options{}))
	}
	first, second = clients[0], clients[1]
	first.call("PUT /inventory/warehouses/W1", `{"region":"south","rank":1,"ledgers":2}`).want(200)
	until(t, func() error {
		if list, _ := first.ledgers("/admin/ledgers"); ownersOf(list)["a"] != 3 || ownersOf(list)["b"] != 3 {
			return fmt.Errorf("shared out: %v", ownersOf(list))
		}
		return nil
	})
	return w, first, second
}

func TestAnyProcessListsTheLedgersOfAll(t *testing.T) {
	_, first, second := pair(t)
	first.receive("W1", "SKU-1", 10)
	for n := range 5 {
		body := fmt.Sprintf(`{"order_id":"o-%d","items":[{"sku":"SKU-1","quantity":1}]}`, n)
		until(t, func() error {
			if got := second.call("POST /inventory/reserve", body); got.status > 201 {
				return fmt.Errorf("%s", got.body)
			}
			return nil
		})
	}
	until(t, func() error {
		list, unanswered := second.ledgers("/admin/ledgers")
		var holds, orders int64
		for name, l := range list {
			if slices.Contains(l.numbers(), nil) || l.OwnerAddr == nil || *l.OwnerAddr != l.Owner+":7070" || *l.Epoch < 1 {
				return fmt.Errorf("%s: %+v", name, l)
			}
			if *l.Relayed != *l.Version || *l.RelayLag != 0 || *l.Waiting != 0 || *l.Mail != 0 {
				return fmt.Errorf("%s is still at work: %+v", name, l)
			}
			if strings.HasPrefix(name, "stock/") {
				holds += *l.Holds
			} else {
				orders += *l.Holds
			}
		}
		if len(list) != 6 || len(unanswered) != 0 || holds != 5 || orders != 5 {
			return fmt.Errorf("%d ledgers, %d holds, %d orders held, unanswered %v", len(list), holds, orders, unanswered)
		}
		return nil
	})
	for _, c := range []*client{first, second} {
		here, _ := c.ledgers("/admin/ledgers?here=true")
		if owners := ownersOf(here); len(owners) != 1 || len(here) != 3 {
			t.Errorf("of one process: %v", owners)
		}
		if all, _ := c.ledgers("/admin/ledgers?here=false"); len(all) != 6 {
			t.Errorf("%d of 6 ledgers", len(all))
		}
	}
}

func TestAMemberThatDoesNotAnswerIsNamed(t *testing.T) {
	w, first, _ := pair(t)
	w.plug("b:7070", nil)
	list, unanswered := first.ledgers("/admin/ledgers")
	if len(unanswered) != 1 || !strings.Contains(unanswered[0], "b at b:7070") || !strings.Contains(unanswered[0], "connection refused") {
		t.Errorf("unanswered: %q", unanswered)
	}
	if owners := ownersOf(list); owners["a"] != 3 || owners[""] != 3 {
		t.Errorf("owners: %v", owners)
	}
	for name, l := range list {
		known := slices.DeleteFunc(l.numbers(), func(n *int64) bool { return n == nil })
		if l.Owner == "" && (len(known) > 0 || l.OwnerAddr != nil) {
			t.Errorf("%s has no owner that is known, and yet %+v", name, l)
		}
	}
	if here, unanswered := first.ledgers("/admin/ledgers?here=true"); len(here) != 3 || unanswered != nil {
		t.Errorf("of one process: %v, unanswered %v", here, unanswered)
	}
}

// hasty notes how long the question to the other members may take.
type hasty struct {
	failing
	bound time.Duration
}

func (h *hasty) Everywhere(ctx context.Context) ([]fleet.Standing, error) {
	at, _ := ctx.Deadline()
	h.bound = time.Until(at).Round(time.Second)
	return []fleet.Standing{}, errors.New("b: silent\nc: silent")
}

func TestMembersThatAreSilentHoldTheListUpForAMomentOnly(t *testing.T) {
	asked := &hasty{}
	if _, unanswered := serve(t, asked, Options{}).ledgers("/admin/ledgers"); !slices.Equal(unanswered, []string{"b: silent", "c: silent"}) {
		t.Errorf("unanswered: %q", unanswered)
	}
	if asked.bound != 2*time.Second {
		t.Errorf("they may take %s", asked.bound)
	}
}
