package orders

import (
	"inventory/domain/reservation"
	"inventory/ports"
)

// fate is what an order's events say of it, and of each unit.
type fate struct {
	reserved int // how often
	rejected int
	asked    map[place]int64 // units that were reserved,
	left     map[place]int64 // those still held,
	picked   map[place]int64 // and those that left, in time or late
	ends     int64           // when the hold was to end
	warned   []int64         // the ends that were announced
	released []heard
	early    bool // something happened to it before it was reserved, or a hold before its end
}

// fate folds the events of an order. m.mu is held.
func (m *Market) fate(order string) fate {
	return fateOf(m.orders[order])
}

func fateOf(events []heard) fate {
	f := fate{asked: map[place]int64{}, left: map[place]int64{}, picked: map[place]int64{}}
	for _, h := range events {
		f.early = f.early || f.reserved == 0 && h.Topic != ports.ReservedTopic && h.Topic != ports.RejectedTopic
		switch h.Topic {
		case ports.ReservedTopic:
			f.reserved++
			f.ends = h.Value.TTLExpire
		case ports.RejectedTopic:
			f.rejected++
		case ports.ExpiringTopic:
			f.warned = append(f.warned, h.Value.TTLExpire)
			f.early = f.early || h.Value.OccurredAt >= h.Value.TTLExpire
		case ports.ReleasedTopic:
			f.released = append(f.released, h)
			f.early = f.early || h.Value.Reason == reservation.TTLExpired && h.Value.OccurredAt < f.ends
		}
		f.count(h)
	}
	return f
}

// count adds an event's units.
func (f *fate) count(h heard) {
	for _, it := range h.Value.Items {
		at := place{it.SKU, it.WarehouseID}
		switch h.Topic {
		case ports.ReservedTopic:
			f.asked[at] += it.Quantity
			f.left[at] += it.Quantity
		case ports.ReleasedTopic:
			f.left[at] -= it.Quantity
		case ports.ConfirmedTopic:
			f.picked[at] += it.Quantity
			if !h.Value.Late {
				f.left[at] -= it.Quantity
			}
		}
	}
}

// holds tells whether any unit is still held, or was given back twice.
func (f *fate) holds() bool {
	for _, units := range f.left {
		if units != 0 {
			return true
		}
	}
	return false
}

// took tells whether a picked item is what left, or ended without.
func (f *fate) took(it picked) bool {
	for at, units := range f.asked {
		if at.sku != it.sku || it.warehouse != "" && at.warehouse != it.warehouse {
			continue
		}
		if it.units == f.picked[at] || it.units == 0 && f.left[at] == 0 {
			return units >= it.units
		}
	}
	return false
}

// units are how many left in all.
func (f *fate) units() (units int64) {
	for _, n := range f.picked {
		units += n
	}
	return units
}

// lapsed tells whether the hold came to its end.
func (f *fate) lapsed() bool {
	n := len(f.released)
	return n > 0 && f.released[n-1].Value.Reason == reservation.TTLExpired
}

// status is what the order's last event leaves it at.
func (f *fate) status() string {
	switch {
	case f.rejected > 0:
		return reservation.Rejected.String()
	case f.units() > 0:
		return reservation.Confirmed.String()
	case f.holds():
		return reservation.Held.String()
	case f.lapsed():
		return reservation.Expired.String()
	}
	return reservation.Released.String()
}
