package cassandra

import (
	"cmp"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// Measured on two shared cores: a row of its own partition in a batch of 10 costs half of
// what it costs alone, and a tenth less still in one of 60, where the server's thresholds
// let it be that large; rows of one partition cost two thirds of that.
const (
	maxBatchRows      = 60
	maxPartitionRows  = 50
	maxPartitionBytes = 128 << 10
	rowOverhead       = 130 // bytes of a row as the server counts them, beside its long values
)

// partition is a partition key in two parts at most.
type partition struct{ a, b string }

func (p partition) compare(q partition) int {
	return cmp.Or(cmp.Compare(p.a, q.a), cmp.Compare(p.b, q.b))
}

// packer divides rows into batches, so that each is one partition's, or small enough for
// the server to take without a warning.
type packer struct {
	limits  limits
	batches []*rowBatch
	open    *rowBatch
}

type rowBatch struct {
	entries    []gocql.BatchEntry
	last       partition
	partitions int
	bytes      int
}

// table begins the rows of another table, whose partitions are others.
func (p *packer) table() { p.open = nil }

// add puts a row into the open batch, or into a new one. long is the size in bytes of its
// values that vary.
func (p *packer) add(of partition, long int, cql string, args ...any) {
	bytes := rowOverhead + len(of.a) + len(of.b) + long
	if p.open == nil || !p.takes(p.open, of, bytes) {
		p.open = &rowBatch{}
		p.batches = append(p.batches, p.open)
	}
	b := p.open
	if b.partitions == 0 || b.last != of {
		b.partitions++
		b.last = of
	}
	b.bytes += bytes
	b.entries = append(b.entries, gocql.BatchEntry{Stmt: cql, Args: args, Idempotent: true})
}

func (p *packer) takes(b *rowBatch, of partition, bytes int) bool {
	if b.partitions == 1 && b.last == of {
		return len(b.entries) < maxPartitionRows && b.bytes+bytes <= maxPartitionBytes
	}
	partitions := b.partitions
	if b.last != of {
		partitions++
	}
	return partitions <= p.limits.batchPartitions && len(b.entries) < maxBatchRows && b.bytes+bytes <= p.limits.batchBytes
}
