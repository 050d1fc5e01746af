package fleet

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"inventory/domain/ledger"
	"inventory/ports"
)

func members(names ...string) []ports.Member {
	var all []ports.Member
	for _, name := range names {
		all = append(all, ports.Member{ID: "start-of-" + name, Name: name})
	}
	return all
}

func ledgers(reservation, stock int) []ledger.ID {
	var ids []ledger.ID
	for n := range reservation {
		ids = append(ids, ledger.ReservationID("home", n))
	}
	for n := range stock {
		ids = append(ids, ledger.StockID(fmt.Sprintf("W%d", n), 0))
	}
	return ids
}

func TestLedgersAreSharedOutEvenlyByKind(t *testing.T) {
	for _, size := range []struct{ members, reservation, stock int }{{1, 4, 12}, {3, 4, 12}, {5, 4, 3}, {7, 16, 1000}} {
		var names []string
		for n := range size.members {
			names = append(names, fmt.Sprintf("inventory-%d", n))
		}
		count := map[ledger.Kind]map[string]int{ledger.KindReservation: {}, ledger.KindStock: {}}
		ids := ledgers(size.reservation, size.stock)
		shares := share(members(names...), ids)
		for _, id := range ids {
			count[id.Kind()][shares[id]]++
		}
		for kind, of := range map[ledger.Kind]int{ledger.KindReservation: size.reservation, ledger.KindStock: size.stock} {
			least := of / size.members
			for _, name := range names {
				if n := count[kind]["start-of-"+name]; n < least || n > least+1 {
					t.Errorf("%+v: %s has %d ledgers of kind %v, its part is %d or one more", size, name, n, kind, least)
				}
			}
		}
	}
}

func TestWhoeverSeesTheSameMembersSharesOutAlike(t *testing.T) {
	there := members("a", "b", "c", "d")
	ids := ledgers(4, 40)
	want := share(there, ids)
	slices.Reverse(there)
	slices.Reverse(ids)
	if got := share(there, ids); !maps.Equal(got, want) {
		t.Error("the order of members or ledgers changes who gets what")
	}
	for i := range there {
		there[i].ID = "another-" + there[i].ID
	}
	for id, member := range share(there, ids) {
		if member != "another-"+want[id] {
			t.Fatalf("%s fell to %s, and after a restart of all to %s", id, want[id], member)
		}
	}
}

// moved counts the ledgers that fall to another member who is in both.
func moved(before, after map[ledger.ID]string, in []ports.Member) (n int) {
	for id, member := range before {
		stays := slices.ContainsFunc(in, func(m ports.Member) bool { return m.ID == member })
		if stays && after[id] != member {
			n++
		}
	}
	return n
}

func TestFewLedgersMoveWhenAMemberComesOrGoes(t *testing.T) {
	ids := ledgers(32, 1000)
	there := members("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	for n := 2; n < len(there); n++ {
		fewer, more := share(there[:n], ids), share(there[:n+1], ids)
		// An even part has to move; bounded load moves some more.
		if part, found := len(ids)/(n+1), moved(fewer, more, there[:n]); found > 2*part {
			t.Errorf("the member %d comes: %d ledgers move, its part is %d", n+1, found, part)
		}
		if part, found := len(ids)/n, moved(more, fewer, there[:n]); found > part {
			t.Errorf("the member %d goes: %d ledgers of others move, its part was %d", n+1, found, part)
		}
	}
}

func TestNobodyGetsAnythingWhereThereIsNobody(t *testing.T) {
	if s := share(nil, ledgers(1, 1)); len(s) > 0 {
		t.Errorf("shared out among nobody: %v", s)
	}
}
