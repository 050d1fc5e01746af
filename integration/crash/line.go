package crash

// line is a line of an order, as it is answered.
type line struct {
	SKU         string `json:"sku"`
	WarehouseID string `json:"warehouse_id"`
	Quantity    int64  `json:"quantity"`
	Status      string `json:"status"`
	Picked      int64  `json:"picked"`
}

// What a line, or an order, may be.
const (
	heldLine      = "HELD"
	confirmedLine = "CONFIRMED"
	releasedLine  = "RELEASED"
	expiredLine   = "EXPIRED"
)

func (l line) at() place { return place{l.SKU, l.WarehouseID} }

func hasLine(lines []line, status string) bool {
	for _, l := range lines {
		if l.Status == status {
			return true
		}
	}
	return false
}

// statusOfLines is what an order is whose lines are these; EXPIRED may stand for RELEASED where
// some of both are.
func statusOfLines(lines []line) string {
	for _, status := range []string{heldLine, confirmedLine, releasedLine} {
		if hasLine(lines, status) {
			return status
		}
	}
	return expiredLine
}

// mayBecome tells whether a line can have come to what it is now by a deed; the zero line
// is one of an order that was not held before.
func (l line) mayBecome(now line, d deed, fleeting bool) bool {
	if now.Picked > now.Quantity || (now.Picked > 0) != (now.Status == confirmedLine) {
		return false
	}
	live := l.Status == heldLine || l.Status == ""
	switch {
	case l.Status == now.Status:
		return l.Picked == now.Picked
	case now.Status == heldLine:
		return l.Status == "" && d.verb == reserves
	case now.Status == expiredLine:
		return live && fleeting
	case now.Status == releasedLine:
		return live && (d.verb == releases || d.covers(now) && d.items != nil)
	}
	return l.Status != "" && now.Status == confirmedLine && d.covers(now) && (d.items != nil || now.Picked == now.Quantity)
}

// covers tells whether a line is one of those that a confirm is about.
func (d deed) covers(l line) bool {
	switch {
	case d.verb != confirms, d.of != "" && d.of != l.WarehouseID:
		return false
	case d.items == nil:
		return true
	}
	for _, it := range d.items {
		if it.mayBeAt(l.at()) {
			return true
		}
	}
	return false
}

func (i item) mayBeAt(at place) bool {
	return i.SKU == at.sku && (i.WarehouseID == "" || i.WarehouseID == at.warehouse)
}

// spot is what an order has of a SKU in one warehouse: its lines there end together.
type spot struct {
	held   int64
	asked  int64
	picked int64
}

// spots adds up the lines that a confirm may be about.
func (d deed) spots(lines []line) map[place]spot {
	spots := map[place]spot{}
	for _, l := range lines {
		if d.of != "" && d.of != l.WarehouseID {
			continue
		}
		s := spots[l.at()]
		s.asked += l.Quantity
		s.picked += l.Picked
		if l.Status == heldLine {
			s.held += l.Quantity
		}
		spots[l.at()] = s
	}
	return spots
}

// showsIn tells whether an order shows what was picked: nothing that the pick is about is
// held any more, and what it names has left.
func (d deed) showsIn(lines []line) bool {
	spots := d.spots(lines)
	if d.items == nil {
		left := int64(0)
		for _, s := range spots {
			if left += s.picked; s.held > 0 {
				return false
			}
		}
		return left > 0
	}
	for _, it := range d.items {
		shown := false
		for at, s := range spots {
			shown = shown || it.mayBeAt(at) && s.held == 0 && s.picked == it.Quantity
		}
		if !shown {
			return false
		}
	}
	return true
}

// tooMuchFor tells whether a pick may be refused as one of more than is held, or as another
// one of what was picked before.
func (d deed) tooMuchFor(o *order) bool {
	spots := d.spots(o.lines)
	if d.items == nil { // of a warehouse that has no line, or found nothing of any
		for _, s := range spots {
			if s.held > 0 || s.picked > 0 {
				return false
			}
		}
		return d.of != ""
	}
	for _, it := range d.items {
		has := false
		for at, s := range spots {
			if !it.mayBeAt(at) {
				continue
			}
			has = true
			if it.Quantity > s.asked || s.held == 0 && s.picked != it.Quantity {
				return true
			}
		}
		if !has {
			return true
		}
	}
	return false
}

// ambiguousFor tells whether a picked item may be of several warehouses: where one alone
// still holds its SKU, it is that one's.
func (d deed) ambiguousFor(o *order) bool {
	for _, it := range d.items {
		may, held := 0, 0
		for at, s := range d.spots(o.lines) {
			if it.mayBeAt(at) {
				may++
				held += min(1, int(s.held))
			}
		}
		if may > 1 && (held != 1 || o.fleeting) {
			return true
		}
	}
	return false
}
