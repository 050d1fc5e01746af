package wire

import (
	"inventory/domain/ledger"
	"inventory/domain/reservation"
	"inventory/domain/stock"
)

// The flags of a line, fixed for ever. What callers ask for has no more than a name: what has
// become of a line follows where it is set.
const (
	lineNamed = 1 << iota
	lineLived
	lineFlags // the first that is not known
)

// lineSize is the fewest bytes that a line takes.
const lineSize = 4

func encodeLines(w *ledger.Writer, lines []reservation.Line) {
	w.Int(int64(len(lines)))
	for _, l := range lines {
		lived := l.Status != 0 || l.Picked != 0 || l.Short
		w.Byte(flag(l.Named, lineNamed) | flag(lived, lineLived))
		w.String(string(l.SKU))
		w.Int(l.Quantity)
		w.String(string(l.Warehouse))
		if lived {
			w.Byte(byte(l.Status))
			w.Int(l.Picked)
			w.Bool(l.Short)
		}
	}
}

func flag(set bool, bit byte) byte {
	if set {
		return bit
	}
	return 0
}

func decodeLines(r *ledger.Reader) []reservation.Line {
	n := r.Count(lineSize)
	if n == 0 {
		return nil
	}
	lines := make([]reservation.Line, 0, n)
	for range n {
		lines = append(lines, decodeLine(r))
	}
	return lines
}

func decodeLine(r *ledger.Reader) reservation.Line {
	flags := r.Byte()
	if flags >= lineFlags {
		r.Fail("flags %#x of a line", flags)
	}
	l := reservation.Line{
		SKU: stock.SKU(r.String()), Quantity: r.Int(), Warehouse: stock.WarehouseID(r.String()), Named: flags&lineNamed != 0,
	}
	if flags&lineLived != 0 {
		l.Status, l.Picked, l.Short = reservation.Status(r.Byte()), r.Int(), r.Bool()
	}
	return l
}
