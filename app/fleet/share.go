package fleet

import (
	"cmp"
	"hash/fnv"
	"slices"

	"inventory/domain/ledger"
	"inventory/ports"
)

// share says which member each ledger falls to: the one that both prefer (rendezvous hashing),
// but to each its even part of each kind of ledger. It depends on its arguments
// alone, so that all members who know of the same members come to the same; of a member that
// comes or goes few ledgers but its own notice. Members are told apart by name, so that one
// that starts again gets what it had.
func share(members []ports.Member, ids []ledger.ID) map[ledger.ID]string {
	shares := make(map[ledger.ID]string, len(ids))
	if len(members) == 0 {
		return shares
	}
	byKind := map[ledger.Kind][]ledger.ID{}
	for _, id := range ids {
		byKind[id.Kind()] = append(byKind[id.Kind()], id)
	}
	for _, of := range byKind {
		shareKind(shares, members, of)
	}
	return shares
}

// wish is how much a ledger and a member want each other.
type wish struct {
	weight uint64
	id     ledger.ID
	member ports.Member
}

func shareKind(shares map[ledger.ID]string, members []ports.Member, ids []ledger.ID) {
	wishes := make([]wish, 0, len(ids)*len(members))
	for _, id := range ids {
		for _, m := range members {
			wishes = append(wishes, wish{weightOf(m.Name, id), id, m})
		}
	}
	slices.SortFunc(wishes, func(a, b wish) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.id, b.id), cmp.Compare(a.member.ID, b.member.ID))
	})
	least, more := len(ids)/len(members), len(ids)%len(members) // so many get one more
	has := map[string]int{}
	for _, w := range wishes {
		switch n := has[w.member.ID]; {
		case shares[w.id] != "" || n > least || n == least && more == 0:
			continue
		case n == least:
			more--
		}
		shares[w.id] = w.member.ID
		has[w.member.ID]++
	}
}

// weightOf never changes: members of several versions of this program must agree.
func weightOf(name string, id ledger.ID) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	h.Write([]byte{0})
	h.Write([]byte(id))
	return mixed(h.Sum64())
}

// mixed spreads what differs in the last bytes alone over all bits (the finaliser of
// SplitMix64).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
