package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"inventory/adapters/memory"
	"inventory/app"
	"inventory/app/owner"
	"inventory/domain/reservation"
	"inventory/ports"
)

// letter is a consumption as a replay makes it; those of other numbers are other letters.
func letter(n int, e ports.OrderEvent) app.Consumption {
	return app.Consumption{Event: e, Topic: topicOf(e), Source: fmt.Sprint("letter/", n)}
}

// TestEachLetterHasItsVerdict has a letter rehearsed and acted on after some others, for each thing
// that it may find. Brought again, as after a crash, it has the same verdict.
func TestEachLetterHasItsVerdict(t *testing.T) {
	now := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a bubble's time begins
	order := func(units int64) ports.OrderEvent {
		e := created("o", units)
		e.OccurredAt = now
		return e
	}
	cancel, pick, pickNone, brief := cancelled(), picked(), picked(), created("o", 2)
	cancel.OccurredAt, pick.OccurredAt, pickNone.OccurredAt, brief.OccurredAt = now, now, now, now
	pickNone.Items = []ports.OrderItem{{SKU: "A", Quantity: 0}}
	pickOne, pickMany, nowhere, seconds := pick, pick, created("o", 2), int64(2)
	pickOne.Items, pickMany.Items = []ports.OrderItem{{SKU: "A", Quantity: 1}}, []ports.OrderItem{{SKU: "A", Quantity: 3}}
	nowhere.OccurredAt, nowhere.Items[0].WarehouseID = now, "MARS"
	brief.TTLSeconds = &seconds
	type events []ports.OrderEvent

	for name, c := range map[string]struct {
		before  events
		event   ports.OrderEvent
		verdict app.Verdict // empty: it fails
		says    string      // or the code
		moves   [4]int64    // on hand and held, before and after
	}{
		"created":                        {nil, order(2), app.Applied, "held in W1 until 2000-01-01T01:00:00Z", [4]int64{10, 0, 10, 2}},
		"created again":                  {events{order(2)}, order(2), app.Duplicate, "nothing to do: held in W1 before", [4]int64{}},
		"created otherwise":              {events{order(2)}, order(3), "", "ORDER_MISMATCH", [4]int64{}},
		"created, too little":            {nil, order(11), app.Applied, "rejected: INSUFFICIENT_STOCK", [4]int64{}},
		"created, too little, again":     {events{order(11)}, order(11), app.Duplicate, "nothing to do: rejected: INSUFFICIENT_STOCK before", [4]int64{}},
		"created, unknown warehouse":     {nil, nowhere, app.Applied, "rejected: INVALID_ORDER: unknown warehouse MARS", [4]int64{}},
		"created after cancelled":        {events{cancel}, order(2), app.Superseded, "rejected: ALREADY_CANCELLED", [4]int64{}},
		"created twice after cancelled":  {events{cancel, order(2)}, order(2), app.Superseded, "nothing to do: rejected: ALREADY_CANCELLED before", [4]int64{}},
		"created, held and cancelled":    {events{order(2), cancel}, order(2), app.Duplicate, "nothing to do: released: ORDER_CANCELLED before", [4]int64{}},
		"cancelled, never seen":          {nil, cancel, app.Applied, "released: ORDER_CANCELLED: it will hold nothing when it is created", [4]int64{}},
		"cancelled twice, never seen":    {events{cancel}, cancel, app.Duplicate, "nothing to do: released: ORDER_CANCELLED before", [4]int64{}},
		"cancelled":                      {events{order(2)}, cancel, app.Applied, "released: ORDER_CANCELLED", [4]int64{10, 2, 10, 0}},
		"cancelled twice":                {events{order(2), cancel}, cancel, app.Duplicate, "nothing to do: released: ORDER_CANCELLED before", [4]int64{}},
		"cancelled, created, cancelled":  {events{cancel, order(2)}, cancel, app.Duplicate, "nothing to do: rejected: ALREADY_CANCELLED before", [4]int64{}},
		"cancelled after picked":         {events{order(2), pick}, cancel, app.Superseded, "nothing to do: confirmed before", [4]int64{}},
		"cancelled after nothing picked": {events{order(2), pickNone}, cancel, app.Superseded, "nothing to do: released: SHORT_PICK before", [4]int64{}},
		"cancelled after rejected":       {events{order(11)}, cancel, app.Superseded, "nothing to do: rejected: INSUFFICIENT_STOCK before", [4]int64{}},
		"cancelled after expired":        {events{brief, sleep{}}, cancel, app.Superseded, "nothing to do: expired before", [4]int64{}},
		"picked, never seen":             {nil, pick, "", "UNKNOWN_ORDER", [4]int64{}},
		"picked":                         {events{order(2)}, pick, app.Applied, "confirmed", [4]int64{10, 2, 8, 0}},
		"picked twice":                   {events{order(2), pick}, pick, app.Duplicate, "nothing to do: confirmed before", [4]int64{}},
		"picked in part":                 {events{order(2)}, pickOne, app.Applied, "confirmed", [4]int64{10, 2, 9, 0}},
		"picked, nothing found":          {events{order(2)}, pickNone, app.Applied, "released: SHORT_PICK", [4]int64{10, 2, 10, 0}},
		"picked twice, nothing found":    {events{order(2), pickNone}, pickNone, app.Duplicate, "nothing to do: released: SHORT_PICK before", [4]int64{}},
		"nothing found, cancelled":       {events{order(2), cancel}, pickNone, app.Superseded, "nothing to do: released: ORDER_CANCELLED before", [4]int64{}},
		"picked, more than held":         {events{order(2)}, pickMany, "", "OVER_PICK", [4]int64{}},
		"picked, rejected":               {events{order(11)}, pick, "", "NOT_HELD", [4]int64{}},
		"picked, cancelled":              {events{order(2), cancel}, pick, app.Applied, "confirmed late", [4]int64{10, 0, 8, 0}},
		"picked, expired":                {events{brief, sleep{}}, pick, app.Applied, "confirmed late", [4]int64{10, 0, 8, 0}},
		"picked, the stock is gone":      {events{order(9), cancel, created("other", 9)}, pick, "", "SHORTAGE", [4]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := newUpstream(t)
				for i, e := range c.before {
					switch e := e.(type) {
					case sleep:
						<-time.After(5 * time.Second)
						continue
					case ports.OrderCreated:
						e.OccurredAt = now
						must(t)(u.in.Act(t.Context(), letter(i, e)))
					default:
						must(t)(u.in.Act(t.Context(), letter(i, e)))
					}
				}
				pass(200 * time.Millisecond)
				var moves []app.Move
				if c.moves != [4]int64{} {
					moves = []app.Move{{SKU: "A", WarehouseID: "W1", OnHandBefore: c.moves[0], HeldBefore: c.moves[1], OnHandAfter: c.moves[2], HeldAfter: c.moves[3]}}
				}
				would, err := u.in.NewRehearsal().Act(t.Context(), letter(100, c.event))
				expectEffect(t, "would", would, err, c.verdict, c.says)
				if !slices.Equal(would.Moves, moves) {
					t.Errorf("would move %v, expected %v", would.Moves, moves)
				}
				for _, what := range []string{"did", "did, brought again after a crash"} {
					did, err := u.in.Act(t.Context(), letter(100, c.event))
					expectEffect(t, what, did, err, c.verdict, c.says)
				}
			})
		})
	}
}

func expectEffect(t *testing.T, what string, e app.Effect, err error, verdict app.Verdict, says string) {
	t.Helper()
	if verdict == "" {
		if err == nil || app.FailureOf(err).Code != says {
			t.Errorf("%s: expected %s, found %v, %+v", what, says, err, e)
		}
		return
	}
	if err != nil || e.Verdict != verdict || e.Says != says {
		t.Errorf("%s: expected %s, %q; found %s, %q, %v", what, verdict, says, e.Verdict, e.Says, err)
	}
}

func TestWhatIsUnderWayIsNotRehearsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := beginIn(t, memory.New(), app.Outside{Carry: slowly})
		synctest.Wait()
		stockUp(t, in)
		e := created("o", 2)
		e.OccurredAt = time.Now()
		must(t)(nil, in.Consume(t.Context(), app.Consumption{Event: e, Topic: "orders"}))

		r := in.NewRehearsal()
		for _, prepared := range []bool{false, true} {
			if prepared {
				must(t)(nil, r.Prepare(t.Context(), []app.Consumption{letter(1, e)}))
			}
			if _, err := r.Act(t.Context(), letter(1, e)); !errors.Is(err, reservation.ErrBusy) {
				t.Errorf("expected that the plan is under way, found %v", err)
			}
		}
		pass(time.Second)
		would, err := r.Act(t.Context(), letter(1, e))
		expectEffect(t, "asked again", would, err, app.Duplicate, "nothing to do: held in W1 before")
	})
}

// TestACreatedIsToldHowItEnds has mail travel for long: what is told is the outcome, not the plan.
func TestACreatedIsToldHowItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := beginIn(t, memory.New(), app.Outside{Carry: slowly})
		synctest.Wait()
		stockUp(t, in)
		for n, c := range []struct {
			units int64
			says  string
		}{{2, "held in W1 until 2000-01-01T01:00:00Z"}, {11, "rejected: INSUFFICIENT_STOCK"}} {
			e := created(fmt.Sprint("o-", n), c.units)
			e.OccurredAt = time.Now()
			did, err := in.Act(t.Context(), letter(n, e))
			expectEffect(t, "did", did, err, app.Applied, c.says)
		}
	})
}

func TestAParkedPickIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := newUpstream(t)
		e := picked()
		e.OccurredAt = time.Now()
		did, err := u.in.Act(t.Context(), app.Consumption{Event: e, Topic: "picks", Letter: []byte("letter")})
		expectEffect(t, "did", did, err, app.Applied, "parked until its order is seen")
		_, err = u.in.NewRehearsal().Act(t.Context(), app.Consumption{Event: e, Topic: "picks", Letter: []byte("another letter")})
		if !errors.Is(err, reservation.ErrUnknownOrder) {
			t.Errorf("expected an unknown order, since no letter is parked in a rehearsal, found %v", err)
		}
	})
}

func TestWhatCanNotBeReadIsNotRehearsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, stop := beginUntil(t, memory.New(), app.Outside{})
		synctest.Wait()
		stockUp(t, in)
		stop()
		e := created("o", 2)
		e.OccurredAt = time.Now()
		r := in.NewRehearsal()
		must(t)(nil, r.Prepare(context.WithoutCancel(t.Context()), []app.Consumption{letter(1, e)}))
		if _, err := r.Act(context.WithoutCancel(t.Context()), letter(1, e)); !errors.Is(err, owner.ErrNotOwner) {
			t.Errorf("expected that nobody owns the ledger, found %v", err)
		}
	})
}

// TestARehearsalIsSilent has nobody hear of what did not happen.
func TestARehearsalIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := observed{t, nil, &told{}}
		o.Inventory = beginIn(t, memory.New(), app.Outside{Observer: o.told})
		synctest.Wait()
		stockUp(t, o.Inventory)
		o.told.take()
		e, x := created("o", 2), cancelled()
		e.OccurredAt, x.OccurredAt = time.Now(), time.Now()
		r := o.NewRehearsal()
		must(t)(r.Act(t.Context(), letter(1, e)))
		must(t)(r.Act(t.Context(), letter(2, x)))
		o.expect()
	})
}

// BenchmarkARehearsalOfManyLetters rehearses letters of as many orders, half of which are held.
func BenchmarkARehearsalOfManyLetters(b *testing.B) {
	const letters = 100_000
	in := liveOrders(b, memory.New(), letters/2)
	all := make([]app.Consumption, 0, letters)
	for i := range letters / 2 {
		held, fresh := picked(), created(fmt.Sprint("new-", i), 1)
		held.OrderID, held.OccurredAt = fmt.Sprint("o", i), time.Now()
		fresh.Items[0].SKU, fresh.OccurredAt = fmt.Sprint("S", i%1000), time.Now()
		all = append(all, letter(2*i, held), letter(2*i+1, fresh))
	}
	for b.Loop() {
		r := in.NewRehearsal()
		for some := range slices.Chunk(all, 1000) {
			if err := r.Prepare(b.Context(), some); err != nil {
				b.Fatal(err)
			}
			for _, c := range some {
				e, err := r.Act(b.Context(), c)
				if err != nil || e.Verdict != app.Applied || len(e.Moves) != 1 {
					b.Fatalf("%+v: %+v, %v", c, e, err)
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/letters, "ns/letter")
}
