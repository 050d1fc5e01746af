package cassandra

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"inventory/ports"
)

var testLimits = limits{entry: 1 << 20, batchBytes: 4500, batchPartitions: 10}

// pack adds one row per key and returns the numbers of rows of the batches.
func pack(p *packer, long int, keys ...string) []int {
	for _, k := range keys {
		p.add(partition{k, ""}, long, "INSERT", k)
	}
	var sizes []int
	for _, b := range p.batches {
		sizes = append(sizes, len(b.entries))
	}
	return sizes
}

func keys(n int, format string) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(format, i)
	}
	return all
}

func TestRowsOfManyPartitionsMakeSmallBatches(t *testing.T) {
	got := pack(&packer{limits: testLimits}, 50, keys(25, "k%02d")...)
	if fmt.Sprint(got) != "[10 10 5]" {
		t.Errorf("batches have %v rows, want 10, 10 and 5", got)
	}
}

// A SKU's events and its level are one mutation only if they are in one batch.
func TestEventsAndLevelOfASKUAreBesideEachOther(t *testing.T) {
	p := &packer{limits: limits{batchBytes: 1 << 20, batchPartitions: 2}}
	var events []ports.EventRow
	for _, sku := range []string{"B", "A", "C", "B", "A"} {
		events = append(events, ports.EventRow{SKU: sku, WarehouseID: "W"})
	}
	var levels []ports.LevelRow
	for _, sku := range []string{"D", "C", "B", "A"} {
		levels = append(levels, ports.LevelRow{SKU: sku, WarehouseID: "W"})
	}
	addStock(p, events, levels)
	var got []string
	for _, b := range p.batches {
		skus := ""
		for _, e := range b.entries {
			column := 1 // of the SKU in an event
			if e.Stmt == cqlWriteLevel {
				column = 0
			}
			skus += e.Args[column].(string)
		}
		got = append(got, skus)
	}
	if want := []string{"AAABBB", "CCD"}; !slices.Equal(got, want) {
		t.Errorf("batches have rows of the SKUs %q, want %q", got, want)
	}
}

func TestRowsOfOnePartitionMakeLargeBatches(t *testing.T) {
	got := pack(&packer{limits: testLimits}, 400, slices.Repeat([]string{"hot"}, 120)...)
	if fmt.Sprint(got) != "[50 50 20]" {
		t.Errorf("batches have %v rows, want 50, 50 and 20", got)
	}
}

func TestLongRowsMakeBatchesThatTheServerDoesNotWarnOf(t *testing.T) {
	got := pack(&packer{limits: testLimits}, 2000, keys(5, "k%d")...)
	if fmt.Sprint(got) != "[2 2 1]" {
		t.Errorf("batches have %v rows, want 2, 2 and 1", got)
	}
	got = pack(&packer{limits: testLimits}, 50_000, "a", "b")
	if fmt.Sprint(got) != "[1 1]" {
		t.Errorf("rows above the limit make batches of %v, want one each", got)
	}
}

func TestTablesDoNotShareBatches(t *testing.T) {
	p := &packer{limits: testLimits}
	pack(p, 10, "a")
	p.table()
	if got := pack(p, 10, "a"); fmt.Sprint(got) != "[1 1]" {
		t.Errorf("batches have %v rows, want one each", got)
	}
}

func TestEveryRowIsInOneBatchWithinItsLimits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := &packer{limits: testLimits}
	const rows = 5000
	last := ""
	for i := range rows {
		if last == "" || r.IntN(3) > 0 {
			last = fmt.Sprint(r.IntN(1000))
		}
		p.add(partition{last, ""}, r.IntN(1500), "INSERT", i)
	}
	next := 0
	for n, b := range p.batches {
		if b.partitions > 1 && (b.bytes > testLimits.batchBytes || b.partitions > testLimits.batchPartitions || len(b.entries) > maxBatchRows) {
			t.Errorf("batch %d has %d rows of %d partitions and %d bytes", n, len(b.entries), b.partitions, b.bytes)
		}
		for _, e := range b.entries {
			if e.Args[0] != next || !e.Idempotent {
				t.Fatalf("row %v comes where %d should, idempotent %t", e.Args[0], next, e.Idempotent)
			}
			next++
		}
	}
	if next != rows {
		t.Errorf("%d rows came out of %d", next, rows)
	}
}
