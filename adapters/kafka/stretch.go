package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/IBM/sarama"
)

// What one request asks a broker for, at most. sarama's own consumer takes 100 ms and more
// until it reads a partition, and as long to let go of it; this one is for reading to an end.
const (
	fetchVersion    = 11
	fetchTogether   = 16      // partitions
	fetchMost       = 1 << 20 // bytes of a partition
	fetchLeast      = 32 << 10
	fetchEachRecord = 8 << 10 // bytes, where few are wanted
)

// errCutOff is of a log that can't be read on, since what comes next was deleted meanwhile.
var errCutOff = errors.New("what comes next was deleted meanwhile")

// stretch is what is to be read of a partition.
type stretch struct {
	partitionID
	next, end int64 // offsets; end is exclusive
	// alone: a broker may give nothing of a partition, for want of room, unless it is the only
	// one that is asked for.
	alone bool
	bytes int32 // asked for, where more than usual is needed
}

func (s *stretch) failed(err error) error {
	return fmt.Errorf("%s[%d]@%d: %w", s.topic, s.number, s.next, err)
}

func (s *stretch) size() int32 {
	usual := max(fetchLeast, min(fetchMost, (s.end-s.next)*fetchEachRecord))
	return max(s.bytes, int32(usual))
}

// fetchAll reads stretches to their ends, of several brokers at once. take may be called by
// several goroutines; the records of a stretch come in order.
func fetchAll(ctx context.Context, c sarama.Client, all []*stretch, take func(*sarama.ConsumerMessage) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	byBroker := map[*sarama.Broker][]*stretch{}
	for _, s := range all {
		if s.next >= s.end {
			continue
		}
		leader, err := c.Leader(s.topic, s.number)
		if err != nil {
			return s.failed(err)
		}
		byBroker[leader] = append(byBroker[leader], s)
	}
	var fetching sync.WaitGroup
	errs := make(chan error, len(byBroker))
	for leader, stretches := range byBroker {
		fetching.Go(func() {
			if err := fetchFrom(ctx, leader, stretches, take); err != nil {
				errs <- err
				stop()
			}
		})
	}
	fetching.Wait()
	select {
	case err := <-errs: // the first: others are of its stop
		return err
	default:
		return nil
	}
}

// fetchFrom reads stretches from one broker.
func fetchFrom(ctx context.Context, b *sarama.Broker, left []*stretch, take func(*sarama.ConsumerMessage) error) error {
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		some := together(left)
		response, err := b.Fetch(request(some))
		if err != nil {
			return some[0].failed(err)
		}
		for _, s := range some {
			if err := s.take(response.GetBlock(s.topic, s.number), take); err != nil {
				return err
			}
		}
		left = unfinished(left)
	}
	return nil
}

// together picks stretches for one request, no two of one partition.
func together(left []*stretch) []*stretch {
	if left[0].alone {
		return left[:1]
	}
	var some []*stretch
	asked := map[partitionID]bool{}
	for _, s := range left {
		if len(some) == fetchTogether {
			break
		}
		if !s.alone && !asked[s.partitionID] {
			asked[s.partitionID] = true
			some = append(some, s)
		}
	}
	return some
}

// unfinished gives what is left to read.
func unfinished(all []*stretch) []*stretch {
	var left []*stretch
	for _, s := range all {
		if s.next < s.end {
			left = append(left, s)
		}
	}
	return left
}

func request(some []*stretch) *sarama.FetchRequest {
	r := &sarama.FetchRequest{Version: fetchVersion, MinBytes: 1, Isolation: sarama.ReadCommitted, SessionEpoch: -1}
	for _, s := range some {
		r.AddBlock(s.topic, s.number, s.next, s.size(), -1)
		r.MaxBytes += s.size()
	}
	return r
}

// take hands over what came of a stretch, and moves on behind it.
func (s *stretch) take(b *sarama.FetchResponseBlock, take func(*sarama.ConsumerMessage) error) error {
	switch {
	case b == nil && !s.alone: // some brokers leave out what there is no room for
		s.alone = true
		return nil
	case b == nil:
		return s.failed(sarama.ErrIncompleteResponse)
	case errors.Is(b.Err, sarama.ErrOffsetOutOfRange):
		return s.failed(errCutOff)
	case !errors.Is(b.Err, sarama.ErrNoError):
		return s.failed(b.Err)
	}
	before := s.next
	aborted := abortions{left: b.AbortedTransactions, now: map[int64]bool{}}
	for _, records := range b.RecordsSet {
		batch := records.RecordBatch
		if batch == nil {
			return s.failed(errors.New("records of a format before Kafka 0.11"))
		}
		if batch.PartialTrailingRecord && len(batch.Records) == 0 {
			break
		}
		if aborted.hide(batch) {
			s.next = max(s.next, batch.LastOffset()+1)
			continue
		}
		if err := s.takeBatch(batch, take); err != nil {
			return err
		}
	}
	if s.next == before {
		return s.nothing(b)
	}
	s.alone, s.bytes = false, 0
	return nil
}

// nothing says what to ask for next where nothing came.
func (s *stretch) nothing(b *sarama.FetchResponseBlock) error {
	switch {
	case !s.alone:
		s.alone = true
	case b.Partial || len(b.RecordsSet) > 0:
		if s.bytes = 2 * s.size(); s.bytes > sarama.MaxResponseSize {
			return s.failed(sarama.ErrMessageSizeTooLarge)
		}
	case s.next >= b.LastStableOffset:
		return s.failed(errors.New("the log ends here now"))
	default:
		s.next++ // within a batch of which compaction has left nothing
	}
	return nil
}

func (s *stretch) takeBatch(batch *sarama.RecordBatch, take func(*sarama.ConsumerMessage) error) error {
	for _, r := range batch.Records {
		offset := batch.FirstOffset + r.OffsetDelta
		switch {
		case offset < s.next:
			continue
		case offset >= s.end:
			s.next = s.end
			return nil
		}
		at := batch.FirstTimestamp.Add(r.TimestampDelta)
		if batch.LogAppendTime {
			at = batch.MaxTimestamp
		}
		if err := take(&sarama.ConsumerMessage{
			Topic: s.topic, Partition: s.number, Offset: offset, Timestamp: at, Key: r.Key, Value: r.Value, Headers: r.Headers,
		}); err != nil {
			return err
		}
		s.next = offset + 1
	}
	s.next = max(s.next, min(batch.LastOffset()+1, s.end))
	return nil
}

// abortions knows which transactions never happened.
type abortions struct {
	left []*sarama.AbortedTransaction // by their first offsets
	now  map[int64]bool               // by producer
}

// controlAbort is the type that the key of a control record has, behind two bytes of version,
// where a transaction was aborted.
const controlAbort = 0

// hide tells whether a batch is not for readers.
func (a *abortions) hide(batch *sarama.RecordBatch) bool {
	for len(a.left) > 0 && a.left[0].FirstOffset <= batch.LastOffset() {
		a.now[a.left[0].ProducerID] = true
		a.left = a.left[1:]
	}
	if !batch.Control {
		return batch.IsTransactional && a.now[batch.ProducerID]
	}
	for _, r := range batch.Records {
		if len(r.Key) >= 4 && r.Key[2] == 0 && r.Key[3] == controlAbort {
			delete(a.now, batch.ProducerID)
		}
	}
	return true
}

// bound is what a partition has: from oldest, up to end, exclusive.
type bound struct{ oldest, end int64 }

// boundsOf asks for what partitions have, each broker once for all of its partitions.
func boundsOf(c sarama.Client, all []partitionID) (map[partitionID]bound, error) {
	byBroker := map[*sarama.Broker][]partitionID{}
	for _, p := range all {
		leader, err := c.Leader(p.topic, p.number)
		if err != nil {
			return nil, fmt.Errorf("%s[%d]: %w", p.topic, p.number, err)
		}
		byBroker[leader] = append(byBroker[leader], p)
	}
	bounds := map[partitionID]bound{}
	for leader, partitions := range byBroker {
		oldest, err := offsetsOf(c, leader, partitions, sarama.OffsetOldest)
		if err != nil {
			return nil, err
		}
		ends, err := offsetsOf(c, leader, partitions, sarama.OffsetNewest)
		if err != nil {
			return nil, err
		}
		for i, p := range partitions {
			bounds[p] = bound{oldest[i], ends[i]}
		}
	}
	return bounds, nil
}

func offsetsOf(c sarama.Client, b *sarama.Broker, all []partitionID, which int64) ([]int64, error) {
	r := sarama.NewOffsetRequest(c.Config().Version)
	r.IsolationLevel = sarama.ReadCommitted
	for _, p := range all {
		r.AddBlock(p.topic, p.number, which, 1)
	}
	response, err := b.GetAvailableOffsets(r)
	if err != nil {
		return nil, err
	}
	var offsets []int64
	for _, p := range all {
		block := response.GetBlock(p.topic, p.number)
		switch {
		case block == nil:
			return nil, fmt.Errorf("%s[%d]: %w", p.topic, p.number, sarama.ErrIncompleteResponse)
		case !errors.Is(block.Err, sarama.ErrNoError):
			return nil, fmt.Errorf("%s[%d]: %w", p.topic, p.number, block.Err)
		}
		offsets = append(offsets, block.Offset)
	}
	return offsets, nil
}
