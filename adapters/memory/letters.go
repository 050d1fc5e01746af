package memory

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"inventory/domain/letter"
	"inventory/ports"
)

// Letters keeps dead letters, for as long as the process lives. Readers share it.
type Letters struct {
	now        func() time.Time
	partitions int32

	mu   sync.Mutex
	logs map[lane]*letterLane
}

// lane names a partition of the dead letters of a topic.
type lane struct {
	topic     string
	partition int32
}

// letterLane is a partition: letters from the offset first on.
type letterLane struct {
	first int64
	all   []letter.Letter
}

func (l *letterLane) end() int64 { return l.first + int64(len(l.all)) }

// NewLetters makes a log with so many partitions a topic; now says when letters are buried.
func NewLetters(partitions int32, now func() time.Time) *Letters {
	return &Letters{now: now, partitions: partitions, logs: map[lane]*letterLane{}}
}

// Forget drops the letters of a partition before an offset, as a retention does.
func (l *Letters) Forget(before letter.Place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	log, ok := l.logs[lane{before.Topic, before.Partition}]
	if !ok {
		return
	}
	n := min(max(before.Offset-log.first, 0), int64(len(log.all)))
	log.first, log.all = log.first+n, log.all[n:]
}

// Reader returns a reader that begins with what is oldest.
func (l *Letters) Reader() *LetterLog { return &LetterLog{log: l, next: map[lane]int64{}} }

// LetterLog is a reader of Letters.
type LetterLog struct {
	log  *Letters
	next map[lane]int64
}

var _ ports.LetterLog = (*LetterLog)(nil)

// Read implements ports.LetterLog.
func (r *LetterLog) Read(ctx context.Context, take func(letter.Letter)) error {
	for _, l := range r.log.news(r.next) {
		if err := ctx.Err(); err != nil {
			return err
		}
		take(l)
		r.next[lane{l.Topic, l.Partition}] = l.Offset + 1
	}
	return ctx.Err()
}

// news gives what came behind some offsets.
func (l *Letters) news(next map[lane]int64) []letter.Letter {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []letter.Letter
	for at, log := range l.logs {
		from := max(next[at], log.first) - log.first
		for _, one := range log.all[from:] {
			all = append(all, clone(one))
		}
	}
	return all
}

// Fetch implements ports.LetterLog.
func (r *LetterLog) Fetch(ctx context.Context, places []letter.Place, take func(i int, l letter.Letter)) error {
	var missing []letter.Place
	for i, p := range places {
		if err := ctx.Err(); err != nil {
			return err
		}
		l, ok := r.log.at(p)
		if !ok {
			missing = append(missing, p)
			continue
		}
		take(i, l)
	}
	if len(missing) > 0 {
		first := missing[0]
		return fmt.Errorf("%w: memory: %s%s[%d]@%d: the letter is there no more (%d such places)",
			ports.ErrPermanent, first.Topic, ports.DeadLetterSuffix, first.Partition, first.Offset, len(missing))
	}
	return nil
}

func (l *Letters) at(p letter.Place) (letter.Letter, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	log, ok := l.logs[lane{p.Topic, p.Partition}]
	if !ok || p.Offset < log.first || p.Offset >= log.end() {
		return letter.Letter{}, false
	}
	return clone(log.all[p.Offset-log.first]), true
}

// Append implements ports.LetterLog.
func (r *LetterLog) Append(ctx context.Context, letters []letter.Letter) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, l := range letters {
		if !slices.Contains(ports.OrderEventTopics(), l.Topic) {
			return fmt.Errorf("%w: memory: letter %s is of topic %q: expected one of order events", ports.ErrPermanent, l.ID, l.Topic)
		}
	}
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	for _, l := range letters {
		r.log.append(clone(l))
	}
	return nil
}

// append chooses the place of a letter by its key. What follows from its bytes is told anew.
func (l *Letters) append(one letter.Letter) {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(one.Key)) // it never fails
	at := lane{one.Topic, int32(hash.Sum32() % uint32(l.partitions))}
	log, ok := l.logs[at]
	if !ok {
		log = new(letterLane)
		l.logs[at] = log
	}
	one.Place = letter.Place{Topic: at.topic, Partition: at.partition, Offset: log.end()}
	one.Code = cmp.Or(one.Code, "UNLABELLED")
	one.BuriedAt, one.Size, one.Schema = l.now(), len(one.Value), letter.NoSchema
	if len(one.Value) >= 5 && one.Value[0] == 0 {
		one.Schema = int64(binary.BigEndian.Uint32(one.Value[1:]))
	}
	log.all = append(log.all, one)
}

// clone gives a letter with bytes of its own.
func clone(l letter.Letter) letter.Letter {
	l.Value = slices.Clone(l.Value)
	l.Headers = slices.Clone(l.Headers)
	for i, h := range l.Headers {
		l.Headers[i].Value = slices.Clone(h.Value)
	}
	return l
}
