package porttest

import (
	"slices"
	"time"

	"inventory/domain/ledger"
	"inventory/ports"
)

var outboxTests = map[string]func(*tablesTest){
	"a row is read as it was written":           outboxRoundTrip,
	"rows come by their last entry, then first": outboxOrder,
	"no more than limit come, the oldest":       outboxLimit,
	"the same row again stays one row":          outboxTwice,
	"what is published is noted, and removed":   outboxNoted,
	"a row of an old owner replaces none":       outboxZombie,
	"a note may go back":                        outboxBack,
	"other ledgers are left out":                outboxOfOthers,
}

// outboxLedger returns a ledger that is new in the store.
func (t *tablesTest) outboxLedger() ledger.ID { return ledger.StockID(unique("W"), 0) }

// outbox returns a row of entries. Its times are long gone, as those of a real row are when
// it is removed.
func (t *tablesTest) outbox(id ledger.ID, first, last int64) ports.OutboxRow {
	at := func(version int64) time.Time { return time.UnixMilli(1_700_000_000_000 + version).UTC() }
	return ports.OutboxRow{
		Ledger: id, First: first, Last: last, Since: at(first), Until: at(last),
		Parts: []ports.OutboxPart{{SKU: t.sku, WarehouseID: "AMS-1"}, {SKU: "it's \"é\"", WarehouseID: "-"}},
	}
}

func (t *tablesTest) wantPending(id ledger.ID, above int64, limit int, want ...ports.OutboxRow) {
	t.Helper()
	var got []ports.OutboxRow
	must(t.T, "Pending", func() (err error) {
		got, err = t.reader.Pending(t.ctx, id, above, limit)
		return err
	})
	same := slices.EqualFunc(got, want, func(a, b ports.OutboxRow) bool {
		return a.Ledger == b.Ledger && a.First == b.First && a.Last == b.Last && a.Since.Equal(b.Since) && a.Until.Equal(b.Until) && slices.Equal(a.Parts, b.Parts)
	})
	if !same {
		t.Fatalf("pending above %d:\n %+v, want\n %+v", above, got, want)
	}
}

func (t *tablesTest) wantPublished(id ledger.ID, want int64) {
	t.Helper()
	var got int64
	must(t.T, "Published", func() (err error) {
		got, err = t.reader.Published(t.ctx, id)
		return err
	})
	if got != want {
		t.Fatalf("published up to %d, want %d", got, want)
	}
}

func (t *tablesTest) notePublished(id ledger.ID, version int64) {
	t.Helper()
	must(t.T, "NotePublished", func() error { return t.writer.NotePublished(t.ctx, id, version) })
}

func outboxRoundTrip(t *tablesTest) {
	id := t.outboxLedger()
	t.wantPublished(id, 0)
	t.wantPending(id, 0, 10)
	row := t.outbox(id, 3, 7)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{row}})
	t.wantPending(id, 0, 10, row)
	t.wantPublished(id, 0)
}

func outboxOrder(t *tablesTest) {
	id := t.outboxLedger()
	a, b, c, d := t.outbox(id, 1, 4), t.outbox(id, 3, 9), t.outbox(id, 5, 9), t.outbox(id, 10, 10)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{d, c, a, b}})
	t.wantPending(id, 0, 10, a, b, c, d)
	t.wantPending(id, 3, 10, a, b, c, d)
	t.wantPending(id, 4, 10, b, c, d)
	t.wantPending(id, 9, 10, d)
	t.wantPending(id, 10, 10)
}

func outboxLimit(t *tablesTest) {
	id := t.outboxLedger()
	a, b, c := t.outbox(id, 1, 1), t.outbox(id, 2, 2), t.outbox(id, 3, 3)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{c, b, a}})
	t.wantPending(id, 0, 2, a, b)
	t.wantPending(id, 1, 1, b)
}

func outboxTwice(t *tablesTest) {
	id := t.outboxLedger()
	row := t.outbox(id, 1, 2)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{row}})
	t.write(ports.Rows{Outbox: []ports.OutboxRow{row}})
	t.wantPending(id, 0, 10, row)
}

func outboxNoted(t *tablesTest) {
	id := t.outboxLedger()
	a, b := t.outbox(id, 1, 4), t.outbox(id, 5, 9)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{a, b}})
	t.notePublished(id, 4)
	t.wantPublished(id, 4)
	t.wantPending(id, 0, 10, b)
	t.notePublished(id, 7)
	t.wantPending(id, 0, 10, b)
	t.notePublished(id, 9)
	t.notePublished(id, 9)
	t.wantPending(id, 0, 10)
	t.wantPublished(id, 9)
}

// outboxZombie: an old owner may be late with what the present one wrote, and what was
// published of it since. It may come back, but not in place of a newer row.
func outboxZombie(t *tablesTest) {
	id := t.outboxLedger()
	old, now := t.outbox(id, 3, 4), t.outbox(id, 1, 4)
	now.Parts = now.Parts[:1]
	t.write(ports.Rows{Outbox: []ports.OutboxRow{now}})
	t.write(ports.Rows{Outbox: []ports.OutboxRow{old}})
	t.wantPending(id, 0, 10, now, old)
	t.notePublished(id, 4)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{old}})
	t.wantPending(id, 4, 10)
	t.wantPublished(id, 4)
}

func outboxBack(t *tablesTest) {
	id := t.outboxLedger()
	t.notePublished(id, 9)
	t.notePublished(id, 5)
	t.wantPublished(id, 5)
}

func outboxOfOthers(t *tablesTest) {
	mine, others := t.outboxLedger(), t.outboxLedger()
	row := t.outbox(others, 1, 2)
	t.write(ports.Rows{Outbox: []ports.OutboxRow{row}})
	t.notePublished(mine, 8)
	t.wantPending(mine, 0, 10)
	t.wantPublished(others, 0)
	t.wantPending(others, 0, 10, row)
}
