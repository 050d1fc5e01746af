package owner

import (
	"testing"
	"time"

	"inventory/domain/ledger"
	"inventory/domain/stock"
	"inventory/ports/porttest"
)

func deciding(t *testing.T) (*tenure, *porttest.Clock) {
	t.Helper()
	clock := porttest.NewClock(time.Unix(1_800_000_000, 0))
	cfg := DefaultConfig()
	return &tenure{
		cfg: cfg, state: stock.New("stock/W1/0"), demand: &demand{clock: clock}, acked: map[ledger.ID]int64{},
	}, clock
}

func TestDeadlinesHaveAWholeBatchWhileNobodyWaits(t *testing.T) {
	d, clock := deciding(t)
	if n := d.deadlines(); n != d.cfg.Batch {
		t.Errorf("nobody ever asked, and deadlines have %d of a batch of %d", n, d.cfg.Batch)
	}
	d.demand.ask()
	if n := d.deadlines(); n != d.cfg.Batch/dueAtFirst {
		t.Errorf("callers wait, and deadlines have %d of a batch of %d", n, d.cfg.Batch)
	}
	clock.Advance(askedLately)
	if n := d.deadlines(); n != d.cfg.Batch {
		t.Errorf("nobody asks any more, and deadlines have %d of a batch of %d", n, d.cfg.Batch)
	}
}

func TestDeadlinesWaitForALedgerThatIsBehindButNeverStop(t *testing.T) {
	d, _ := deciding(t)
	d.demand.ask()
	const peer = ledger.ID("stock/W2/0")
	for n := range int64(10_000) {
		if err := d.state.Apply(ledger.MailSent{Mail: ledger.Mail{To: peer, Number: n + 1}}, ledger.Stamp{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.deadlines(); n != d.cfg.Batch/dueAtLeast {
		t.Errorf("10000 mails wait, and %d deadlines are decided", n)
	}
	d.acked[peer] = 9_990
	if n := d.deadlines(); n != d.cfg.Batch/dueAtFirst {
		t.Errorf("10 mails wait, and %d deadlines are decided", n)
	}
}

func TestDeadlinesTakeAsManyAsACommitOfFourTimesItsTimeHas(t *testing.T) {
	const batch = 512
	var s dueShare
	for range 200 {
		s.note(0, 2*time.Millisecond, batch)
	}
	run := func(cost time.Duration) {
		for range 100 {
			s.note(s.of(batch), 2*time.Millisecond+time.Duration(s.of(batch))*cost, batch)
		}
	}
	run(60 * time.Microsecond) // of a deadline
	if n := s.of(batch); n < 50 || n > 200 {
		t.Errorf("with 100 deadlines a commit takes four times as long, and it has %d", n)
	}
	run(time.Millisecond)
	if n := s.of(batch); n != batch/dueAtLeast {
		t.Errorf("with 6 deadlines a commit takes four times as long, and it has %d, expected the least share", n)
	}
	run(0)
	if n := s.of(batch); n != batch/dueAtMost {
		t.Errorf("deadlines cost nothing, and a commit has %d, expected the largest share", n)
	}
}

func TestNoSortOfWorkCrowdsAnotherOutOfAnEntry(t *testing.T) {
	d, _ := deciding(t)
	d.cfg.EntryBytes = 4000
	b := &batch{t: d, encoded: &ledger.Writer{}}
	for b.encoded.Len() < 2000 {
		b.encoded.Byte(0)
	}
	if !b.full(mailQuarters) || b.full(dueQuarters) {
		t.Errorf("half an entry: mail is to stop here, deadlines are not")
	}
	for b.encoded.Len() < 3000 {
		b.encoded.Byte(0)
	}
	if !b.full(dueQuarters) || b.full(allQuarters) {
		t.Errorf("three quarters of an entry: deadlines are to stop here, commands are not")
	}
}

func TestABacklogCountsByChangesNotByEntries(t *testing.T) {
	q := newRelayQueue(1000, 0, porttest.NewClock(time.Unix(0, 0)))
	small := &ledger.Entry{Changes: make([]ledger.Change, 1)}
	for range 600 { // of new orders, behind a large one
		q.add(small)
	}
	if q.full() {
		t.Error("600 changes fill a backlog of 1000")
	}
	large := &ledger.Entry{Changes: make([]ledger.Change, 400)}
	if q.add(large); !q.full() || !q.pressed() {
		t.Error("1000 changes don't fill a backlog of 1000")
	}
	q.published(q.unpublished())
	q.take()
	if q.wrote(62); q.behind != 1000-62 {
		t.Errorf("62 changes were published and written, and %d wait", q.behind)
	}
}
