package porttest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"inventory/domain/letter"
	"inventory/ports"
)

// fetch gives what is fetched, by index.
func (t *lettersTest) fetch(places []letter.Place) (map[int]letter.Letter, error) {
	got := map[int]letter.Letter{}
	err := t.log.Fetch(t.ctx, places, func(i int, l letter.Letter) {
		if _, twice := got[i]; twice {
			t.Errorf("place %d is handed over twice", i)
		}
		got[i] = l
	})
	return got, err
}

func (t *lettersTest) expectFetched(from []letter.Letter, order []int) {
	t.Helper()
	var places []letter.Place
	for _, i := range order {
		places = append(places, from[i].Place)
	}
	got, err := t.fetch(places)
	if err != nil || len(got) != len(places) {
		t.Fatalf("Fetch: %d of %d letters, %v", len(got), len(places), err)
	}
	for n, i := range order {
		if !reflect.DeepEqual(got[n], from[i]) {
			t.Fatalf("place %d: got %+v, want %+v", n, got[n], from[i])
		}
	}
}

func lettersFetched(t *lettersTest) {
	t.append(t.many(300)...)
	all := t.read(t.log)
	var order []int
	for i := range all {
		order = append(order, (i*131)%len(all))
	}
	t.expectFetched(all, order)
	t.expectFetched(all, append(order, order[:40]...))
	t.expectFetched(all, []int{3, 3, 299, 3})
	t.expect(t.read(t.log), nil) // that has nothing to do with reading
}

func lettersFarApart(t *lettersTest) {
	var some []letter.Letter
	for range 2500 {
		l := t.make("the one order")
		l.Topic = ports.OrderCreatedTopic
		some = append(some, l)
	}
	t.append(some...)
	all := t.read(t.log)
	t.expectFetched(all, []int{2499, 0, 1250, 1251, 700, 830, 2000})
}

func lettersMissing(t *lettersTest) {
	t.append(t.many(100)...)
	all := t.read(t.log)
	behind := all[0].Place
	behind.Offset += 1_000_000
	nowhere := all[0].Place
	nowhere.Partition = 1000
	for _, missing := range []letter.Place{behind, nowhere} {
		got, err := t.fetch([]letter.Place{all[5].Place, missing, all[9].Place})
		where := fmt.Sprintf("%s.dlq[%d]@%d", missing.Topic, missing.Partition, missing.Offset)
		if !errors.Is(err, ports.ErrPermanent) || !strings.Contains(err.Error(), where) || len(got) != 2 {
			t.Errorf("%d letters, error %v, want the other two and a permanent one that names %s", len(got), err, where)
		}
	}
	last := slices.MaxFunc(all, func(a, b letter.Letter) int { return int(a.Offset - b.Offset) })
	if err := t.store.Forget(last.Place); err != nil {
		t.Fatal(err)
	}
	gone := last.Place
	gone.Offset--
	if got, err := t.fetch([]letter.Place{gone, last.Place}); !errors.Is(err, ports.ErrPermanent) || !reflect.DeepEqual(got, map[int]letter.Letter{1: last}) {
		t.Errorf("%d letters, %v, want one and a permanent error", len(got), err)
	}
}
