package cassandra_test

import (
	"strings"
	"testing"
	"time"

	"inventory/ports"
)

func TestTheSentinelOutlivesEveryTrim(t *testing.T) {
	o := newOwner(t, open(t))
	a := admin(t, keyspace)
	for range 3 {
		o.append(5)
		o.trim(o.snapshot(o.head.Version, o.head.Version))
	}
	var rows, sentinel int64
	if err := a.Query(`SELECT count(*), min(version) FROM ledger WHERE ledger_id = ?`, string(o.id)).Scan(&rows, &sentinel); err != nil {
		t.Fatal(err)
	}
	if rows != 1 || sentinel != 0 {
		t.Errorf("%d rows are left from version %d on, want the sentinel alone", rows, sentinel)
	}
	o.commit(o.renewal()) // a condition on static columns alone
	o.append(1)
	o.wantHead()
}

// A row that a repair brought back, say, after its tombstone was purged.
func TestAnEntryThatComesBackToLifeIsIgnored(t *testing.T) {
	o := newOwner(t, open(t))
	o.append(6)
	o.trim(o.snapshot(4, 4))
	exec(t, admin(t, keyspace), `INSERT INTO ledger (ledger_id, version, commit_id, body) VALUES (?, 3, uuid(), 0x00) USING TIMESTAMP ?`,
		string(o.id), time.Now().Add(time.Hour).UnixMicro())
	got, err := o.versions(2, 6)
	o.wantError(err, ports.ErrPermanent)
	if got != "" {
		t.Errorf("got entries %s", got)
	}
	if got, err = o.versions(4, 6); got != "5 6" || err != nil {
		t.Errorf("got entries %s, %v", got, err)
	}
}

// In another data centre an entry may arrive before the one that it follows.
func TestAHoleEndsWhatIsReadAndIsAnErrorOnlyToAnOwner(t *testing.T) {
	o := newOwner(t, open(t))
	o.append(5)
	exec(t, admin(t, keyspace), `DELETE FROM ledger USING TIMESTAMP ? WHERE ledger_id = ? AND version = 3`,
		time.Now().Add(time.Hour).UnixMicro(), string(o.id))
	got, err := o.versions(0, 5)
	o.wantError(err, ports.ErrPermanent)
	if got != "1 2" {
		t.Errorf("got entries %s", got)
	}
	n := 0
	err = o.store.Entries(t.Context(), o.id, 0, 5, false, func(ports.Record) error { n++; return nil })
	if n != 2 || err != nil {
		t.Errorf("unsettled: got %d entries, %v", n, err)
	}
}

// An owner that slept through a take-over and a trim must learn that it is one no longer,
// although nobody can say any more whose entry was in.
func TestACommitOlderThanTheJournalIsAConflict(t *testing.T) {
	o := newOwner(t, open(t))
	c := o.next()
	o.commit(c)
	o.append(3)
	o.trim(o.snapshot(4, 2))
	err := o.store.Commit(t.Context(), o.id, c)
	o.wantError(err, ports.ErrConflict)
	if !strings.Contains(err.Error(), "entry 1 is trimmed") {
		t.Errorf("error %v does not say why", err)
	}
	o.wantHead()
}
